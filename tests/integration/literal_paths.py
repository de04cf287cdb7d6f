#!/usr/bin/env python3
"""The literal paths of S0 (plan changes) and S3 (tiers and AI): every row's members, types and statuses as their table
says, walked by a customer with a token and by an application's key that names the customer in its header."""

import json
import os
import pathlib
import re
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "scenario"))
from token_signer import TokenSigner  # noqa: E402
from verbs import GOOD_CARD, card, pay  # noqa: E402
from world import World, request  # noqa: E402


def word(pattern):
    return lambda value: isinstance(value, str) and re.fullmatch(pattern, value) is not None


def one_of(*words):
    return lambda value: value in words


def nullable(shape):
    return lambda value: value is None or not mistakes(value, shape)


def list_of(shape):
    return lambda value: isinstance(value, list) and not any(mistakes(each, shape) for each in value)


def map_of(shape):
    return lambda value: isinstance(value, dict) and not any(mistakes(each, shape) for each in value.values())


def integer(value):
    return isinstance(value, int) and not isinstance(value, bool)


def boolean(value):
    return isinstance(value, bool)


text = word(r"(?s).+")
moment = word(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
currency = word(r"[a-z]{3}")
address = word(r"https?://\S+")

PLAN = {"code": text, "name": text, "line": text, "rank": integer, "interval": one_of("month", "year"),
        "amount": nullable(integer), "currency": currency}
EXCESS = {"feature": text, "used": integer, "limit": integer, "policy": text}
CHANGE = {"relation": one_of("new", "same", "upgrade", "downgrade", "interval", "quantity"), "current": nullable(PLAN),
          "target": PLAN, "effective": one_of("now", "period_end"), "effective_at": moment, "amount_due_now": integer,
          "credit": integer, "currency": currency, "next_invoice": nullable({"amount": integer, "at": moment}),
          "gains": list_of(text), "losses": list_of(text), "exceeds": list_of(EXCESS),
          "devices_to_release": list_of({}), "blocked": nullable({"code": text, "detail": text})}
SUBSCRIPTION = {"id": text, "line": text, "plan": text, "interval": one_of("month", "year"), "status": text,
                "current_period_end": moment, "cancel_at_period_end": boolean, "scheduled_change": nullable({"id": text})}
SCHEDULED = {"id": text, "from": text, "to": text, "effective_at": moment, "losses": list_of(text),
             "exceeds": list_of(EXCESS), "devices_to_release": list_of({})}
CHECKOUT = {"checkout_url": address, "session_id": text}
CURRENT = {"tier": nullable(text), "status": text, "interval": nullable(one_of("month", "year")),
           "current_period_end": nullable(moment), "cancel_at_period_end": boolean, "trial_ends_at": nullable(moment),
           "grace_ends_at": nullable(moment), "scheduled_change": nullable({"id": text, "to": text}),
           "features": map_of(boolean), "limits": map_of(nullable(integer)), "usage": map_of({"used": integer, "limit": nullable(integer), "percentage": nullable(integer)})}
PRICED = {"amount": nullable(integer), "currency": currency, "interval": nullable(one_of("month", "year")), "name": text,
          "features": map_of(boolean), "limits": map_of(nullable(integer)), "trial_days": integer,
          "prices": list_of({"interval": one_of("month", "year"), "amount": integer, "currency": currency})}
PRICING = {"tiers": map_of(PRICED), "ai": map_of(PRICED), "lines": map_of(map_of(PRICED)), "addons": map_of(lambda _: True)}
ENTITLED = {"type": one_of("flag", "limit", "metered"), "allowed": boolean, "reason": text, "limit": nullable(integer),
            "used": nullable(integer), "remaining": nullable(integer), "resets_at": nullable(moment)}
ENTITLEMENTS = {"customer": text, "status": text,
                "plans": map_of({"plan": text, "status": text, "period_end": moment}), "features": map_of(ENTITLED),
                "as_of": moment, "stale": boolean}
PROBLEM = {"type": text, "title": text, "status": integer, "detail": text, "code": text}
SUCCESS = one_of(True)


def mistakes(value, shape, where=""):
    """Where a value is not of its shape. Members may be added to an answer, never removed."""
    if callable(shape):
        return [] if shape(value) else [f"{where or 'the answer'} is {value!r}"]
    if not isinstance(value, dict):
        return [f"{where or 'the answer'} is no object: {value!r}"]
    found = [f"{where}{name} is missing" for name in shape if name not in value]
    for name in shape.keys() & value.keys():
        found += mistakes(value[name], shape[name], f"{where}{name}.")
    return found


class Walk:
    """One customer's way through all rows; the classes below say with which credential."""

    @classmethod
    def setUpClass(cls):
        cls.signer = TokenSigner()
        cls.world = World(os.environ["BILLHOOK_TEST_PROGRAM"], "sqlite", "", cls.signer.options())
        cls.world.story = {}
        for name in ("acme", "poor"):
            cls.world.call("PUT", "/api/v1/customers/" + name, {})

    @classmethod
    def tearDownClass(cls):
        cls.world.close()

    def send(self, method, path, body=None, headers=None):
        status, answered, sent = request(method, self.world.base + path, {"Content-Type": "application/json", **(headers or {})},
                                         json.dumps(body).encode() if body is not None else None)
        return status, json.loads(sent) if sent else {}, answered

    def ask(self, status, shape, method, path, body=None, customer="acme"):
        """One row: the status and the members. Nobody gets there without a credential."""
        nobody = self.send(method, path, body)
        self.assertEqual((nobody[0], mistakes(nobody[1], PROBLEM)), (401, []), path)
        answered, answer, _ = self.send(method, path, body, self.credential(customer))
        self.assertEqual(answered, status, (method, path, body, answer))
        self.assertEqual(mistakes(answer, shape), [], (method, path, answer))
        self.world.settle()
        return answer

    def refuse(self, status, method, path, body=None, customer="acme"):
        return self.ask(status, PROBLEM, method, path, body, customer)

    def buy(self, path, body, customer="acme"):
        session = self.ask(201, CHECKOUT, "POST", path, body, customer)
        self.assertEqual(pay(self.world, session["checkout_url"], GOOD_CARD), [])

    def price_of(self, plan, interval):
        status, body, _ = self.send("GET", "/api/v1/subscriptions/tier", None, self.credential("acme"))
        prices = self.world.stripe("GET", "/v1/prices?limit=100")["data"]
        known = next(each for each in prices if each["id"] == body["items"][0]["price"])
        wanted = known["lookup_key"].replace(body["plan"], plan).replace(body["interval"], interval)
        return next(each["id"] for each in prices if each["lookup_key"] == wanted)

    def test_1_pricing_is_for_everybody(self):
        status, answer, headers = self.send("GET", "/api/v1/public/pricing?currency=usd")
        self.assertEqual((status, mistakes(answer, PRICING)), (200, []))
        self.assertEqual(answer["tiers"]["starter"]["currency"], "usd")
        self.assertEqual(answer["lines"]["tier"], answer["tiers"])
        self.assertEqual(self.send("GET", "/api/v1/public/pricing?currency=usd", None, {"If-None-Match": headers["ETag"]})[0], 304)

    def test_2_before_anything_is_bought(self):
        current = self.ask(200, CURRENT, "GET", "/api/v1/tiers/current")
        self.assertEqual((current["status"], current["current_period_end"]), ("free", None))
        entitlements = self.ask(200, ENTITLEMENTS, "GET", "/api/v1/entitlements")
        self.assertEqual((entitlements["customer"], entitlements["plans"]), ("acme", {}))
        change = self.ask(200, CHANGE, "GET", "/api/subscription/check-upgrade?plan=starter")
        self.assertEqual((change["relation"], change["current"]), ("new", None))
        self.refuse(404, "GET", "/api/subscription/check-upgrade?plan=nothing")
        self.refuse(404, "GET", "/api/subscription/check-upgrade?plan=starter&line=nothing")
        self.refuse(404, "DELETE", "/api/subscription/schedule-downgrade?line=nothing")
        self.refuse(409, "POST", "/api/v1/ai/cancel")

    def test_3_buying(self):
        self.refuse(404, "POST", "/api/v1/tiers/purchase", {"tier": "nothing"})
        self.refuse(422, "POST", "/api/v1/tiers/purchase", {"tier": "ai_basic"})
        self.buy("/api/v1/tiers/purchase", {"tier": "starter", "interval": "month", "success_url": self.world.base + "/yes",
                                            "cancel_url": self.world.base + "/no"})
        self.refuse(409, "POST", "/api/v1/tiers/purchase", {"tier": "professional"})
        current = self.ask(200, CURRENT, "GET", "/api/v1/tiers/current")
        self.assertEqual((current["tier"], current["status"], current["interval"]), ("starter", "active", "month"))
        self.assertEqual(current["limits"]["clients"], 9)
        self.assertEqual(current["usage"]["clients"], {"used": 0, "limit": 9, "percentage": 0})
        same = self.refuse(409, "POST", "/api/subscription/upgrade", {"plan": "starter"})
        self.assertEqual(same["code"], "same_plan")
        so = self.ask(200, {"subscription": SUBSCRIPTION, "change": CHANGE}, "POST", "/api/v1/tiers/upgrade", {"tier": "starter"})
        self.assertEqual((so["change"]["relation"], so["change"]["amount_due_now"]), ("same", 0))
        so = self.ask(200, CHANGE, "GET", "/api/subscription/check-upgrade?plan=starter")
        self.assertEqual((so["relation"], so["amount_due_now"], so["blocked"]["code"]), ("same", 0, "same_plan"))
        self.buy("/api/v1/ai/subscribe", {"plan": "ai_basic"})
        self.refuse(409, "POST", "/api/v1/ai/subscribe", {"plan": "ai_basic"})

    def test_4_going_up(self):
        change = self.ask(200, CHANGE, "GET", "/api/subscription/check-upgrade?plan=professional&interval=month&line=tier")
        self.assertEqual((change["relation"], change["effective"], change["current"]["code"]), ("upgrade", "now", "starter"))
        self.assertIn("analytics", change["gains"])
        upgraded = self.ask(200, {"success": SUCCESS, "subscription": SUBSCRIPTION, "change": CHANGE}, "POST",
                            "/api/subscription/upgrade", {"plan": "professional", "at": "now"})
        self.assertEqual((upgraded["subscription"]["plan"], upgraded["change"]["relation"]), ("professional", "upgrade"))
        again = self.ask(200, {"success": SUCCESS, "subscription": SUBSCRIPTION}, "POST", "/api/subscription/upgrade",
                         {"plan": "professional"})
        self.assertEqual(again["subscription"]["plan"], "professional", "the same wish at once: the present state")
        lower = self.refuse(409, "POST", "/api/subscription/upgrade", {"plan": "starter"})
        self.assertIn("schedule-downgrade", lower["detail"], "says which endpoint")
        self.refuse(404, "POST", "/api/subscription/upgrade", {"priceId": "price_nothing"})
        upgraded = self.ask(200, {"success": SUCCESS, "subscription": SUBSCRIPTION, "change": CHANGE}, "POST",
                            "/api/subscription/upgrade", {"priceId": self.price_of("enterprise", "month")})
        self.assertEqual(upgraded["subscription"]["plan"], "enterprise")

    def test_5_going_down_and_not_after_all(self):
        self.refuse(409, "POST", "/api/subscription/schedule-downgrade", {"plan": "enterprise"})
        answer = self.ask(200, {"success": SUCCESS, "scheduled_change": SCHEDULED}, "POST",
                          "/api/subscription/schedule-downgrade", {"plan": "starter"})
        self.assertEqual((answer["scheduled_change"]["from"], answer["scheduled_change"]["to"]), ("enterprise", "starter"))
        self.assertIn("analytics", answer["scheduled_change"]["losses"])
        current = self.ask(200, CURRENT, "GET", "/api/v1/tiers/current")
        self.assertEqual((current["tier"], current["scheduled_change"]["to"]), ("enterprise", "starter"))
        for _ in range(2):  # what is already so answers with the present state
            answer = self.ask(200, {"success": SUCCESS, "subscription": SUBSCRIPTION}, "DELETE",
                              "/api/subscription/schedule-downgrade?line=tier")
            self.assertIsNone(answer["subscription"]["scheduled_change"])

    def test_6_tiers_up_and_down(self):
        lowered = self.ask(200, {"subscription": SUBSCRIPTION, "change": CHANGE}, "POST", "/api/v1/tiers/upgrade",
                           {"tier": "professional"})
        self.assertEqual((lowered["change"]["effective"], lowered["subscription"]["plan"]), ("period_end", "enterprise"))
        self.assertEqual(lowered["subscription"]["scheduled_change"]["to"], "professional")
        self.ask(200, {"success": SUCCESS}, "DELETE", "/api/subscription/schedule-downgrade")
        self.refuse(404, "POST", "/api/v1/tiers/upgrade", {"tier": "nothing"})

    def test_7_leaving_ai_and_keeping_the_tier(self):
        tier = self.ask(200, CURRENT, "GET", "/api/v1/tiers/current")
        for _ in range(2):
            left = self.ask(200, {"success": SUCCESS, "access_until": moment}, "POST", "/api/v1/ai/cancel")
        self.assertEqual(self.ask(200, CURRENT, "GET", "/api/v1/tiers/current"), tier)
        entitlements = self.ask(200, ENTITLEMENTS, "GET", "/api/v1/entitlements")
        self.assertTrue(entitlements["features"]["ai_assistant"]["allowed"])
        self.assertEqual(entitlements["plans"]["ai"]["period_end"], left["access_until"])

    def test_8_portal_and_entitlements(self):
        self.ask(200, {"url": address}, "POST", "/api/v1/billing/portal", {"return_url": self.world.base + "/back"})
        self.ask(200, {"url": address}, "POST", "/api/v1/billing/portal", {"flow": "payment_method_update"})
        self.ask(200, {"url": address}, "POST", "/api/v1/billing/portal", {"flow": "subscription_cancel", "line": "ai"})
        self.refuse(422, "POST", "/api/v1/billing/portal", {"flow": "subscription_cancel"})
        self.refuse(404, "POST", "/api/v1/billing/portal", {"flow": "subscription_cancel", "line": "nothing"})
        self.ask(200, {"url": address}, "POST", "/api/v1/billing/portal")
        _, _, headers = self.send("GET", "/api/v1/entitlements", None, self.credential("acme"))
        again = self.send("GET", "/api/v1/entitlements", None, {**self.credential("acme"), "If-None-Match": headers["ETag"]})
        self.assertEqual((again[0], again[1]), (304, {}))

    def test_9_a_payment_that_fails_leaves_the_old_plan(self):
        self.buy("/api/v1/tiers/purchase", {"tier": "starter"}, customer="poor")
        card(self.world, ["poor", "pm_card_chargeCustomerFail"])
        refused = self.ask(402, {**PROBLEM, "action_url": address}, "POST", "/api/subscription/upgrade",
                           {"plan": "professional"}, customer="poor")
        self.assertEqual(refused["status"], 402)
        self.assertEqual(self.ask(200, CURRENT, "GET", "/api/v1/tiers/current", customer="poor")["tier"], "starter")

    def test_stripe_speaks_with_a_signature(self):
        for path in ("/webhooks/stripe", "/api/v1/webhooks/stripe"):
            status, answer, _ = self.send("POST", path, {"id": "evt_1"}, {"Stripe-Signature": "t=1,v1=00"})
            self.assertEqual((status, mistakes(answer, PROBLEM)), (400, []))


class WithAToken(Walk, unittest.TestCase):
    def credential(self, customer):
        return {"Authorization": "Bearer " + self.signer.token(customer_id=customer)}


class WithAKey(Walk, unittest.TestCase):
    def credential(self, customer):
        return {"Authorization": "Bearer " + self.world.key, "Billhook-Customer": customer}


if __name__ == "__main__":
    unittest.main()
