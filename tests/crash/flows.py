"""Each flow of the server: how it comes to pass its crash points, and how it should have ended when it was re-driven.

A flow has `points`; `first`, where another death must have gone before; `setup`, undisturbed; `drive`, in which the
process dies; `finish`, after it was started again, which does what a client would do and compares the end with Stripe's.
"""

import dataclasses
import itertools
import time
import typing

from house import PATIENCE_S

STARTER, ENTERPRISE, AI = "starter", "enterprise", "ai_basic"
CHANGE = "/api/v1/subscriptions/tier/change"
PREVIEW = "/api/v1/subscriptions/tier/preview"
CANCEL = "/api/v1/subscriptions/tier/cancel"


def nothing(house, who):
    pass


@dataclasses.dataclass
class Flow:
    name: str
    points: list
    drive: typing.Callable
    finish: typing.Callable
    setup: typing.Callable = nothing
    first: str = ""  # where the process died before, driven in the same way
    wait: int = 360  # seconds, until the leases of the dead have run out


def known(house, who):
    house.ask("PUT", "/api/v1/customers/" + who, {"name": who})


def checkout(house, who, plan=STARTER):
    return house.try_once("POST", "/api/v1/checkout", {"plan": plan}, customer=who, key=f"{who}-{plan}")


def page(house, who, plan=STARTER):
    """The address of the page; asked for as often as it takes."""
    status, body = house.until_done("POST", "/api/v1/checkout", {"plan": plan}, customer=who, key=f"{who}-{plan}")
    assert status == 201, (status, body)
    return body["checkout_url"]


def opened(house, who):
    known(house, who)
    house.pages[who] = page(house, who)


def pay(house, who):
    house.pay(house.pages[who])


def buy(house, who, plan=STARTER):
    known(house, who)
    house.pay(page(house, who, plan))
    house.agree(who, live=1, paid=1, plan=plan)


def buy_enterprise(house, who):
    buy(house, who, ENTERPRISE)


def pay_in_the_end(house, who):
    house.pay(page(house, who))
    house.agree(who, live=1, paid=1, plan=STARTER)


def paid(house, who):
    house.agree(who, live=1, paid=1, plan=STARTER)


def post(path, body=None, method="POST"):
    return lambda house, who: house.try_once(method, path.format(who=who), body, customer=who)


def in_the_end(path, body=None, method="POST", already="", **wanted):
    """Asks until there is an answer, then compares. `already` says what is refused where it has been done before."""

    def finish(house, who):
        status, answer = house.until_done(method, path.format(who=who), body, customer=who)
        assert status == 200 or answer["code"] == already, (status, answer)
        house.agree(who, **wanted)

    return finish


# The plan is above the one held: at once, with an invoice.
upgrade = post(CHANGE, {"plan": ENTERPRISE})
upgraded = in_the_end(CHANGE, {"plan": ENTERPRISE}, live=1, paid=2, plan=ENTERPRISE)
downgrade = post(CHANGE, {"plan": STARTER})
downgraded = in_the_end(CHANGE, {"plan": STARTER}, live=1, paid=1, plan=ENTERPRISE)


def with_downgrade(house, who):
    buy_enterprise(house, who)
    downgrade(house, who)
    house.agree(who, live=1, paid=1, plan=ENTERPRISE)


def with_cancellation(house, who):
    buy(house, who)
    post(CANCEL, {"at": "period_end"})(house, who)


def trial(house, who):
    known(house, who)
    return house.try_once("POST", "/api/v1/subscriptions", {"plan": "ai_pro"}, customer=who)


def on_trial(house, who):
    status, body = house.until_done("POST", "/api/v1/subscriptions", {"plan": "ai_pro"}, customer=who)
    assert status == 201 or body["code"] == "line_already_held", (status, body)
    house.agree(who, live=1, paid=0, plan="ai_pro")


def their_subscription(house, who):
    stripe_id = house.stripe_customer(who)[0]["id"]
    return house.stripe("GET", f"/v1/subscriptions?customer={stripe_id}")["data"][0]


def paused(house, who):
    """Its trial has ended without a card, and Stripe was told to wait for one."""
    trial(house, who)
    house.agree(who, live=1, paid=0)
    house.stripe("POST", "/v1/subscriptions/" + their_subscription(house, who)["id"],
                 {"trial_settings[end_behavior][missing_payment_method]": "pause"})
    house.kill()
    house.pass_time(15 * 24 * 3600)
    house.start()
    house.wait_for(lambda: their_subscription(house, who)["status"] == "paused", "the trial to end")
    use_card(house, who, "pm_card_visa")
    house.agree(who, live=1, paid=0)


def use_card(house, who, card):
    stripe_id = house.stripe_customer(who)[0]["id"]
    method = house.stripe("POST", f"/v1/payment_methods/{card}/attach", {"customer": stripe_id})
    house.stripe("POST", f"/v1/customers/{stripe_id}", {"invoice_settings[default_payment_method]": method["id"]})
    house.stripe("POST", "/v1/subscriptions/" + their_subscription(house, who)["id"],
                 {"default_payment_method": method["id"]})


def with_unpaid_upgrade(house, who):
    buy(house, who)
    use_card(house, who, "pm_card_chargeCustomerFail")
    status, body = house.ask("POST", CHANGE, {"plan": ENTERPRISE}, customer=who)
    assert status == 402, body
    house.agree(who, live=1, paid=1, plan=STARTER, open_intent=True)


def lose_webhooks(house):
    house.faults(webhooks={"lose_permille": 1000})


def enterprise_instead(house, who):
    house.pay(page(house, who, ENTERPRISE))
    house.agree(who, live=1, paid=1, plan=ENTERPRISE)
    stripe_id = house.stripe_customer(who)[0]["id"]
    sessions = house.stripe("GET", f"/v1/checkout/sessions?customer={stripe_id}")["data"]
    assert sorted(each["status"] for each in sessions) == ["complete", "expired"], sessions


def bought_unheard(house, who):
    opened(house, who)
    lose_webhooks(house)
    house.pay(house.pages[who])
    house.no_faults()


def held_after_all(house, who):
    status, body = house.until_done("POST", "/api/v1/checkout", {"plan": ENTERPRISE}, customer=who)
    assert (status, body["code"]) == (409, "line_already_held"), body
    house.agree(who, live=1, paid=1, plan=STARTER)


def bought_long_ago_unheard(house, who):
    bought_unheard(house, who)
    house.kill()
    house.pass_time(360)


def start_again(house, who):
    house.start()


def sell(house, is_sold):
    """Whether Stripe sells the AI plan; what it says of that is lost, so we go on offering it."""
    lose_webhooks(house)
    price = house.stripe("GET", f"/v1/prices?lookup_keys[0]=ai_{AI}_month")["data"][0]["id"]
    house.stripe("POST", "/v1/prices/" + price, {"active": "true" if is_sold else "false"})
    house.no_faults()


def no_longer_sold(house, who):
    known(house, who)
    sell(house, False)


def sold_again(house, who):
    status, body = house.until_done("POST", "/api/v1/checkout", {"plan": AI}, customer=who)
    assert (status, body["code"]) == (409, "stripe_refused"), (status, body)
    sell(house, True)
    house.pay(page(house, who, AI))
    house.agree(who, live=1, paid=1, plan=AI)


def stripe_fails(operation):
    return lambda house: house.faults(requests=[{"operation": operation, "fault": "server_error"}])


def without_customers_at_stripe(house, who):
    known(house, who)
    stripe_fails("POST /v1/customers")(house)


def paid_after_the_outage(house, who):
    house.no_faults()
    pay_in_the_end(house, who)


def opened_before_the_outage(house, who):
    opened(house, who)
    stripe_fails("GET /v1/subscriptions")(house)


def heard_after_the_outage(house, who):
    house.no_faults()
    paid(house, who)


def renamed(house, who):
    status, _ = house.until_done("PUT", "/api/v1/customers/" + who, {"name": "Renamed"})
    assert status == 200
    house.wait_for(lambda: house.stripe_customer(who)[0]["name"] == "Renamed", "Stripe to learn the name")
    house.agree(who, live=1, paid=1)


def portal_opened(house, who):
    status, body = house.until_done("POST", "/api/v1/portal", {}, customer=who)
    assert status == 200 and body["url"], body
    paid(house, who)


def asked_for_a_card_page(house, who):
    status, body = house.until_done("POST", "/api/v1/setup-payment", {}, customer=who)
    assert status == 201 and body["checkout_url"], body
    paid(house, who)


def card_page_opened(house, who):
    buy(house, who)
    house.pages[who] = house.ask("POST", "/api/v1/setup-payment", {}, customer=who)[1]["checkout_url"]


def card_in_use(house, who):
    """The card that was left is the customer's default, and the subscription's, which had one of its own."""
    payer = house.stripe_customer(who)[0]["id"]
    left = house.stripe("GET", f"/v1/customers/{payer}/payment_methods")["data"][0]["id"]

    def is_default():
        known = house.stripe("GET", "/v1/customers/" + payer)["invoice_settings"]["default_payment_method"]
        return known == left == their_subscription(house, who)["default_payment_method"]

    house.wait_for(is_default, "the card to be the default")
    paid(house, who)


def buy_once_more(house, who):
    """At Stripe itself, past us: a second subscription of the line."""
    first = their_subscription(house, who)
    house.stripe("POST", "/v1/subscriptions", {
        "customer": first["customer"], "items[0][price]": first["items"]["data"][0]["price"]["id"],
        "default_payment_method": first["default_payment_method"] or "", "metadata[billhook_customer]": who,
        "metadata[billhook_line]": "tier", "metadata[billhook_subscription]": "bsub_second_" + who})


def one_is_paid_back(house, who):
    house.agree(who, live=1, paid=2, refunds=1)


def sleep_a_day(house, who):
    """Awake again, the server finds that yesterday's idempotency keys have expired."""
    house.kill()
    house.pass_time(25 * 3600)
    house.start()


def given_up(house, who):
    """Stripe was away for longer than it remembers our keys: the wish is over, and may be made anew."""
    house.no_faults()
    # Who asks while it is being given up is told so, or that there is one already, and asks anew.
    passing = {"not_done_within_a_day", "checkout_already_open"}
    deadline = time.monotonic() + PATIENCE_S
    for attempt in itertools.count():
        status, body = house.until_done("POST", "/api/v1/checkout", {"plan": STARTER}, customer=who,
                                        key=f"{who}-anew-{attempt}")
        if status == 201:
            break
        assert status == 409 and body["code"] in passing and time.monotonic() < deadline, (status, body)
        time.sleep(0.05)
    house.pay(body["checkout_url"])
    paid(house, who)


def allocate(house, who, until=None):
    """One more of a gauge, by number alone: only the key tells that it is the same wish."""
    ask = until or house.try_once
    return ask("POST", "/api/v1/gauges/clients/allocate", {"amount": 1}, customer=who, key=who + "-one-more")


def counted_once(house, who):
    status, body = allocate(house, who, house.until_done)
    assert (status, body["used"]) == (200, 1), (status, body)
    assert house.ask("GET", "/api/v1/gauges/clients", customer=who)[1]["used"] == 1


def name_under_a_key(house, who, until=None):
    ask = until or house.try_once
    return ask("PUT", "/api/v1/customers/" + who, {"name": "First"}, key=who + "-first")


def not_named_back(house, who):
    """What another asked for since then stays, whoever repeats the older wish."""
    assert house.until_done("PUT", "/api/v1/customers/" + who, {"name": "Second"})[0] == 200
    status, body = name_under_a_key(house, who, house.until_done)
    assert (status, body["name"]) == (200, "First"), (status, body)
    assert house.ask("GET", "/api/v1/customers/" + who)[1]["name"] == "Second"


def make_key(house, who, until=None):
    ask = until or house.try_once
    return ask("POST", "/api/v1/keys", {"name": who, "scopes": ["entitlement_check"]}, key=who + "-key")


def one_key_made(house, who):
    status, _ = make_key(house, who, house.until_done)
    assert status == 201, status
    made = [each for each in house.ask("GET", "/api/v1/keys")[1]["data"] if each["name"] == who]
    assert len(made) == 1, made


def stripe_is_away(house, who):
    known(house, who)
    house.faults(requests=[{"operation": "POST /v1/checkout/sessions", "fault": "server_error"}])


PAYING_BACK = {"at": "now", "refund": "prorated"}
FLOWS = [
    Flow("buy", ["idempotent_write.claimed", "command.asked", "command.intent_saved", "stripe_customer.missing",
                 "stripe_customer.not_found", "stripe_customer.made", "stripe_customer.projected", "customer.saved",
                 "customer.told", "customer.message_finished", "checkout.begun", "checkout.session_created",
                 "checkout.session_projected", "command.carried_out", "command.finished", "idempotent_write.answered",
                 "idempotent_write.kept"], checkout, pay_in_the_end, setup=known),
    Flow("buy and find out", ["resume_intent.found_out", "outbox.called", "outbox.closed", "find_out.checkout_found",
                              "find_out.checkout_projected"],
         checkout, pay_in_the_end, setup=known, first="checkout.session_created"),
    Flow("buy while Stripe is away for a day", ["give_up.begun", "give_up.saved"], checkout, given_up,
         setup=stripe_is_away, first="checkout.begun", wait=24 * 3600),
    Flow("hear of a purchase", ["webhook.verified", "webhook.stored", "queue.claimed", "inbox.looked", "inbox.applied"], pay, paid,
         setup=opened),
    Flow("hear while Stripe fails", ["queue.failed", "queue.given_back"], pay, heard_after_the_outage,
         setup=opened_before_the_outage),
    Flow("buy while Stripe fails", ["idempotent_write.failed", "idempotent_write.forgotten"], checkout,
         paid_after_the_outage, setup=without_customers_at_stripe),
    Flow("try", ["trial.begun", "trial.subscription_created"], trial, on_trial),
    Flow("upgrade", ["change_plan.quoted", "update_plan.begun", "update_plan.updated", "answer.received",
                     "answer.projected"], upgrade, upgraded, setup=buy),
    Flow("preview", ["preview_change.quoted"], post(PREVIEW, {"plan": ENTERPRISE}),
         in_the_end(PREVIEW, {"plan": ENTERPRISE}, live=1, paid=1, plan=STARTER), setup=buy),
    Flow("follow up", ["follow_up.claimed"], start_again, paid, setup=bought_long_ago_unheard),
    Flow("downgrade", ["schedule_plan.subscription_read", "schedule_plan.schedule_attached",
                       "schedule_plan.phases_updated", "look.read", "look.projected"], downgrade, downgraded,
         setup=buy_enterprise),
    Flow("withdraw", ["release_schedule.begun", "release_schedule.released"],
         post("/api/v1/subscriptions/tier/scheduled-change", method="DELETE"),
         in_the_end("/api/v1/subscriptions/tier/scheduled-change", method="DELETE", live=1, paid=1, plan=ENTERPRISE),
         setup=with_downgrade),
    Flow("cancel", ["cancel_at_period_end.begun", "cancel_at_period_end.updated"], post(CANCEL, {"at": "period_end"}),
         in_the_end(CANCEL, {"at": "period_end"}, live=1, paid=1), setup=buy),
    Flow("cancel now", ["cancel_now.begun", "cancel_now.canceled"], post(CANCEL, {"at": "now"}),
         in_the_end(CANCEL, {"at": "now"}, already="no_subscription", live=0, paid=1), setup=buy),
    Flow("cancel now and pay back", ["cancel_now.unused_amount_read", "cancel_now.refund_amount_kept",
                                     "cancel_now.refunded", "cancel_now.refund_kept"],
         post(CANCEL, PAYING_BACK), in_the_end(CANCEL, PAYING_BACK, already="no_subscription", live=0, paid=1, refunds=1),
         setup=buy),
    Flow("buy another", ["undo.checkout_begun", "undo.checkout_expired", "undo.checkout_projected"],
         lambda house, who: checkout(house, who, ENTERPRISE), enterprise_instead, setup=opened),
    Flow("buy another after all", ["undo.purchase_projected"],
         lambda house, who: checkout(house, who, ENTERPRISE), held_after_all, setup=bought_unheard),
    Flow("cancel an unpaid upgrade", ["undo.withdrawal_kept", "undo.invoice_voided"], post(CANCEL, {"at": "period_end"}),
         in_the_end(CANCEL, {"at": "period_end"}, live=1, paid=1, plan=STARTER), setup=with_unpaid_upgrade),
    Flow("buy what Stripe no longer sells", ["carry_out.refused", "carry_out.refusal_saved"],
         lambda house, who: checkout(house, who, AI), sold_again, setup=no_longer_sold),
    Flow("rename", [], post("/api/v1/customers/{who}", {"name": "Renamed"}, "PUT"), renamed, setup=buy),
    Flow("refresh", ["refresh.read", "refresh.projected"], post("/api/v1/customers/{who}/refresh", {}),
         in_the_end("/api/v1/customers/{who}/refresh", {}, live=1, paid=1), setup=buy),
    Flow("portal", ["portal.begun", "portal.session_created"], post("/api/v1/portal", {}), portal_opened, setup=buy),
    Flow("ask for the page for cards", ["set_up.begun", "set_up.session_created"], post("/api/v1/setup-payment", {}),
         asked_for_a_card_page, setup=buy),
    Flow("leave a card", ["use_payment_method.of_customer", "use_payment_method.of_subscription"], pay, card_in_use,
         setup=card_page_opened),
    Flow("buy twice past us", ["duplicate.canceled", "duplicate.refunded", "duplicate.read", "duplicate.projected",
                               "refund.begun", "refund.created"], buy_once_more, one_is_paid_back, setup=buy),
    Flow("count", ["gauge.changed"], allocate, counted_once, setup=buy_enterprise),
    Flow("name", ["customer.put"], name_under_a_key, not_named_back),
    Flow("make a key", ["api_key.made"], make_key, one_key_made),
    Flow("tidy up", ["retention.purged"], sleep_a_day, paid, setup=buy),
    Flow("resume what is paused", ["resume_paused.begun", "resume_paused.resumed"],
         post("/api/v1/subscriptions/ai/resume"),
         in_the_end("/api/v1/subscriptions/ai/resume", live=1, paid=1, plan="ai_pro"), setup=paused),
]
