#!/usr/bin/python3
"""make_payloads.py: writes the sample events beside it, one file an API version, one event a line.

All ids, names and amounts are invented. Each version tells the same facts in its own shape, so that a test can compare
what is read from each. What may not survive redaction bears the word SECRET or PERSON.
"""
import json
import pathlib

VERSIONS = ["2023-10-16", "2025-03-31.basil", "2026-10-28.endive"]
START, END, NOW = 1_790_000_000, 1_792_592_000, 1_790_500_000
METADATA = {"billhook_customer": "acme", "billhook_line": "tier", "note": "PERSON asked by phone"}


class Shapes:
    def __init__(self, version):
        self.version = version
        self.is_old = version < "2025-03-31"      # before basil
        self.is_new = version >= "2025-09-30"     # since clover

    def price(self, key="tier_professional_month", price_id="price_pro", **over):
        return {"id": price_id, "object": "price", "active": True, "billing_scheme": "per_unit", "created": START,
                "currency": "usd", "livemode": False, "lookup_key": key, "metadata": {"billhook_plan": "professional"},
                "nickname": None, "product": "prod_pro",
                "recurring": {"interval": "month", "interval_count": 1, "trial_period_days": None,
                              "usage_type": "licensed", **({"aggregate_usage": None} if self.is_old else {"meter": None})},
                "type": "recurring", "unit_amount": 2900, "unit_amount_decimal": "2900", **over}

    def product(self, **over):
        return {"id": "prod_pro", "object": "product", "active": True, "created": START, "default_price": "price_pro",
                "description": "For teams", "images": [], "livemode": False, "metadata": {"billhook_line": "tier"},
                "name": "Professional", "unit_label": None, "updated": NOW, **over}

    def item(self):
        period = {} if self.is_old else {"current_period_start": START, "current_period_end": END}
        plan = {"id": "price_pro", "object": "plan", "active": True, "amount": 2900, "currency": "usd",
                "interval": "month", "interval_count": 1, "product": "prod_pro", "usage_type": "licensed"}
        return {"id": "si_base", "object": "subscription_item", "created": START, **period, "metadata": {},
                "plan": plan, "price": self.price(), "quantity": 1, "subscription": "sub_acme", "tax_rates": []}

    def discount(self):
        coupon = {"id": "SPRING", "object": "coupon", "duration": "once", "name": "Spring", "percent_off": 10}
        shape = {"source": {"type": "coupon", "coupon": "SPRING"}} if self.is_new else {"coupon": coupon}
        return {"id": "di_spring", "object": "discount", "customer": "cus_acme", "start": START, "end": None,
                "promotion_code": None, "subscription": "sub_acme", **shape}

    def subscription(self, **over):
        period = {"current_period_start": START, "current_period_end": END} if self.is_old else {}
        mode = {"billing_mode": {"type": "flexible", "flexible": {"proration_discounts": "included"}}} if self.is_new else {}
        return {"id": "sub_acme", "object": "subscription", "application": None, "automatic_tax": {"enabled": False},
                "billing_cycle_anchor": START, **mode, "cancel_at": None, "cancel_at_period_end": False,
                "canceled_at": None,
                "cancellation_details": {"comment": None, "feedback": None, "reason": None},
                "collection_method": "charge_automatically", "created": START, "currency": "usd",
                "customer": "cus_acme", "default_payment_method": "pm_card",
                **({"discount": self.discount()} if self.is_old else {"discounts": [self.discount()]}),
                "description": "PERSON's subscription", "ended_at": None,
                "items": {"object": "list", "data": [self.item()], "has_more": False, "total_count": 1,
                          "url": "/v1/subscription_items?subscription=sub_acme"},
                "latest_invoice": "in_first", "livemode": False, "metadata": METADATA, "pause_collection": None,
                "pending_setup_intent": None, "pending_update": None, **period, "schedule": None,
                "start_date": START, "status": "active", "test_clock": None, "trial_end": None,
                "trial_settings": {"end_behavior": {"missing_payment_method": "cancel"}}, "trial_start": None, **over}

    def schedule(self, **over):
        def phase(start, end, price):
            return {"items": [{"metadata": {}, "plan": price, "price": price, "quantity": 1, "discounts": []}],
                    "start_date": start, "end_date": end, "currency": "usd", "discounts": [], "metadata": {},
                    "proration_behavior": "none", "trial_end": None}
        return {"id": "sub_sched_down", "object": "subscription_schedule", "canceled_at": None, "completed_at": None,
                "created": NOW, "current_phase": {"start_date": START, "end_date": END}, "customer": "cus_acme",
                "end_behavior": "release", "livemode": False, "metadata": METADATA,
                "phases": [phase(START, END, "price_pro"), phase(END, END + 2_592_000, "price_starter")],
                "released_at": None, "released_subscription": None, "status": "active", "subscription": "sub_acme",
                "test_clock": None, **over}

    def line(self):
        base = {"id": "il_base", "object": "line_item", "amount": 2900, "currency": "usd",
                "description": "1 × Professional (at $29.00 / month)", "discount_amounts": [], "discountable": True,
                "livemode": False, "metadata": {}, "period": {"start": START, "end": END}, "quantity": 1}
        if self.is_old:
            return {**base, "type": "subscription", "proration": False, "price": self.price(),
                    "subscription": "sub_acme", "subscription_item": "si_base", "tax_amounts": []}
        return {**base, "invoice": "in_first", "taxes": [],
                "parent": {"type": "subscription_item_details", "invoice_item_details": None,
                           "subscription_item_details": {"invoice_item": None, "proration": False,
                                                         "subscription": "sub_acme", "subscription_item": "si_base"}},
                "pricing": {"type": "price_details", "unit_amount_decimal": "2900",
                            "price_details": {"price": "price_pro", "product": "prod_pro"}}}

    def invoice(self, status="open", **over):
        is_paid = status == "paid"
        shape = {"subscription": "sub_acme", "subscription_details": {"metadata": METADATA}, "paid": is_paid,
                 "payment_intent": "pi_first", "charge": "ch_first" if is_paid else None, "tax": None,
                 "total_tax_amounts": []}
        if not self.is_old:
            shape = {"parent": {"type": "subscription_details", "quote_details": None,
                                "subscription_details": {"subscription": "sub_acme", "metadata": METADATA}},
                     "total_taxes": []}
        transitions = {"finalized_at": None if status == "draft" else NOW, "marked_uncollectible_at": None,
                       "paid_at": NOW if is_paid else None, "voided_at": NOW if status == "void" else None}
        return {"id": "in_first", "object": "invoice", "account_name": "Shop", "amount_due": 2900,
                "amount_paid": 2900 if is_paid else 0, "amount_remaining": 0 if is_paid else 2900,
                "attempt_count": 1 if is_paid else 0, "attempted": is_paid, "billing_reason": "subscription_cycle",
                "collection_method": "charge_automatically", "created": NOW, "currency": "usd", "customer": "cus_acme",
                "customer_address": {"line1": "PERSON Street 1", "city": "PERSON Town", "country": "US"},
                "customer_email": "PERSON@acme.test", "customer_name": "PERSON", "customer_phone": None,
                "customer_tax_ids": [{"type": "eu_vat", "value": "PERSON"}], "due_date": None,
                "hosted_invoice_url": "https://pay.test/SECRET", "invoice_pdf": "https://pay.test/SECRET.pdf",
                "lines": {"object": "list", "data": [self.line()], "has_more": False, "url": "/v1/invoices/in_first/lines"},
                "livemode": False, "metadata": {}, "next_payment_attempt": None,
                "number": None if status == "draft" else "ACME-0001", "period_start": START - 2_592_000,
                "period_end": START, **shape, "starting_balance": 0, "ending_balance": 0, "status": status,
                "status_transitions": transitions, "subtotal": 2900, "total": 2900, "total_discount_amounts": [], **over}

    def session(self, **over):
        return {"id": "cs_test_buy", "object": "checkout.session", "amount_total": 2900, "cancel_url": "https://app.test/no",
                "client_reference_id": "acme", "created": NOW, "currency": "usd", "customer": "cus_acme",
                "customer_details": {"email": "PERSON@acme.test", "name": "PERSON", "phone": None, "tax_exempt": "none",
                                     "address": {"city": "PERSON Town", "line1": "PERSON Street 1"}},
                "customer_email": None, "expires_at": NOW + 86_400, "invoice": "in_first", "livemode": False,
                "metadata": {"billhook_intent": "int_buy", "billhook_customer": "acme"}, "mode": "subscription",
                "payment_status": "paid", "setup_intent": None, "status": "complete", "subscription": "sub_acme",
                "success_url": "https://app.test/ok", "url": None, **over}

    def customer(self, **over):
        return {"id": "cus_acme", "object": "customer", "address": {"line1": "PERSON Street 1", "postal_code": "PERSON"},
                "balance": 0, "created": START, "currency": "usd", "default_source": None, "delinquent": False,
                "description": "PERSON of Acme", "email": "PERSON@acme.test", "invoice_prefix": "ACME",
                "invoice_settings": {"custom_fields": None, "default_payment_method": "pm_card", "footer": None},
                "livemode": False, "metadata": METADATA, "name": "PERSON", "phone": "PERSON",
                "shipping": {"name": "PERSON", "phone": None, "address": {"line1": "PERSON Street 1"}},
                "tax_exempt": "none", "test_clock": None, **over}

    def pending_update(self):
        return {"billing_cycle_anchor": None, "expires_at": NOW + 82_800, "trial_end": None, "trial_from_plan": None,
                "subscription_items": [self.item()]}

    def past_period(self):
        period = {"current_period_start": START - 2_592_000, "current_period_end": START}
        if self.is_old:
            return period
        return {"items": {"data": [{**self.item(), **period}]}}

    def events(self):
        subscription, schedule, invoice, session = self.subscription, self.schedule, self.invoice, self.session
        yield "checkout.session.completed", session(), None
        yield "checkout.session.async_payment_succeeded", session(), None
        yield "checkout.session.async_payment_failed", session(payment_status="unpaid"), None
        yield "checkout.session.expired", session(status="expired", payment_status="unpaid", subscription=None, invoice=None), None
        yield "customer.subscription.created", subscription(status="incomplete"), None
        yield "customer.subscription.updated", subscription(), {**self.past_period(), "latest_invoice": "in_before"}
        yield "customer.subscription.deleted", subscription(
            status="canceled", canceled_at=NOW, ended_at=NOW,
            cancellation_details={"comment": "PERSON left", "feedback": "unused", "reason": "cancellation_requested"}), None
        yield "customer.subscription.paused", subscription(status="paused"), None
        yield "customer.subscription.resumed", subscription(), None
        yield "customer.subscription.pending_update_applied", subscription(), None
        yield "customer.subscription.pending_update_expired", subscription(pending_update=self.pending_update()), None
        yield "customer.subscription.trial_will_end", subscription(status="trialing", trial_start=START, trial_end=END), None
        yield "subscription_schedule.created", schedule(), None
        yield "subscription_schedule.updated", schedule(), {"phases": []}
        yield "subscription_schedule.released", schedule(
            status="released", released_at=NOW, subscription=None, released_subscription="sub_acme", current_phase=None), None
        yield "subscription_schedule.completed", schedule(status="completed", completed_at=NOW, current_phase=None), None
        yield "subscription_schedule.canceled", schedule(status="canceled", canceled_at=NOW, current_phase=None), None
        yield "subscription_schedule.aborted", schedule(status="canceled", canceled_at=NOW, current_phase=None), None
        yield "subscription_schedule.expiring", schedule(), None
        yield "invoice.created", invoice("draft"), None
        yield "invoice.finalized", invoice(), None
        yield "invoice.paid", invoice("paid"), None
        yield "invoice.payment_succeeded", invoice("paid"), None
        yield "invoice.payment_failed", invoice(attempted=True, attempt_count=1, next_payment_attempt=NOW + 86_400), None
        yield "invoice.payment_action_required", invoice(attempted=True), None
        upcoming = invoice("draft", billing_reason="upcoming")
        del upcoming["id"]
        yield "invoice.upcoming", upcoming, None
        yield "invoice.voided", invoice("void"), None
        yield "invoice.marked_uncollectible", invoice("uncollectible"), None
        yield "customer.created", self.customer(), None
        yield "customer.updated", self.customer(), {"email": "PERSON@old.test", "address": {"city": "PERSON Town"}}
        yield "customer.deleted", self.customer(), None
        yield "price.created", self.price(), None
        yield "price.updated", self.price(active=False), {"active": True}
        yield "price.deleted", self.price(active=False), None
        yield "product.created", self.product(), None
        yield "product.updated", self.product(), {"name": "Pro"}
        yield "product.deleted", self.product(active=False), None


def main():
    for version in VERSIONS:
        lines = []
        for number, (event_type, subject, previous) in enumerate(Shapes(version).events()):
            data = {"object": subject, **({} if previous is None else {"previous_attributes": previous})}
            lines.append(json.dumps(
                {"id": f"evt_{number:04}", "object": "event", "api_version": version, "created": NOW, "data": data,
                 "livemode": False, "pending_webhooks": 1, "request": {"id": None, "idempotency_key": None},
                 "type": event_type}, ensure_ascii=False, separators=(",", ":")))
        pathlib.Path(__file__).with_name(f"events_{version}.jsonl").write_text("\n".join(lines) + "\n")


main()
