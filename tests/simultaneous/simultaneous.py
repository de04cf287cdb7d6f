#!/usr/bin/env python3
"""Two at once: purchases, upgrades and schedule requests of one line, sent at the same moment, ROUNDS times on each
store. Afterwards Stripe (the sandbox) is asked: never two live subscriptions of a line, two charges for one change, or
two schedules.  simultaneous.py [ROUNDS]
"""

import concurrent.futures
import os
import pathlib
import sys
import threading
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "scenario"))
from verbs import GOOD_CARD, pay  # noqa: E402
from world import World  # noqa: E402

ROUNDS = int(os.environ.get("BILLHOOK_TEST_ROUNDS", "5"))
LIVE = {"active", "trialing", "past_due", "incomplete", "unpaid", "paused"}


class Simultaneous(unittest.TestCase):
    store = "sqlite"

    @classmethod
    def setUpClass(cls):
        cls.world = World(os.environ["BILLHOOK_TEST_PROGRAM"], cls.store, "2025-01-01T00:00:00Z")
        cls.world.story = {}
        cls.pool = concurrent.futures.ThreadPoolExecutor(2)

    @classmethod
    def tearDownClass(cls):
        cls.pool.shutdown()
        cls.world.close()

    def twice(self, call):
        """Both answers of the same request, sent by two threads that wait for each other."""
        together = threading.Barrier(2)

        def one():
            together.wait()
            return call()

        return [future.result() for future in [self.pool.submit(one), self.pool.submit(one)]]

    def post(self, path, body, customer):
        return lambda: self.world.call("POST", path, body, customer=customer)

    def stripe_id(self, customer):
        return self.world.call("GET", "/api/v1/customers/" + customer)[1]["stripe_customer_id"]

    def live_subscriptions(self, customer):
        found = self.world.stripe("GET", f"/v1/subscriptions?status=all&limit=100&customer={self.stripe_id(customer)}")
        return [each for each in found["data"] if each["status"] in LIVE]

    def paid_invoices(self, customer):
        found = self.world.stripe("GET", f"/v1/invoices?limit=100&customer={self.stripe_id(customer)}")
        return [each for each in found["data"] if each["status"] == "paid" and each["total"] > 0]

    def live_schedules(self, customer):
        found = self.world.stripe("GET", f"/v1/subscription_schedules?limit=100&customer={self.stripe_id(customer)}")
        return [each for each in found["data"] if each["status"] in ("active", "not_started")]

    def test_purchases(self):
        """Two clicks on "buy" and both pages paid, as far as they are open."""
        for number in range(ROUNDS):
            customer = f"buyer{number}"
            self.world.call("PUT", "/api/v1/customers/" + customer, {})
            answers = self.twice(self.post("/api/v1/checkout", {"plan": "starter"}, customer))
            pages = {body["checkout_url"] for status, body in answers if status == 201}
            self.assertTrue(pages, answers)
            for page in pages:
                try:
                    pay(self.world, page, GOOD_CARD)
                except RuntimeError:
                    pass  # the other click closed this page
            self.assertEqual(len(self.live_subscriptions(customer)), 1, answers)
            self.assertEqual(len(self.paid_invoices(customer)), 1, answers)
            customers = self.world.stripe("GET", "/v1/customers?limit=100")["data"]
            ours = [each for each in customers if each["metadata"].get("billhook_customer") == customer]
            self.assertLessEqual(len(ours), 1, "never a second Stripe customer")

    def buy(self, customer, plan):
        self.world.call("PUT", "/api/v1/customers/" + customer, {})
        status, body = self.world.call("POST", "/api/v1/checkout", {"plan": plan}, customer=customer)
        self.assertEqual(status, 201, body)
        self.assertEqual(pay(self.world, body["checkout_url"], GOOD_CARD), [])

    def test_upgrades(self):
        for number in range(ROUNDS):
            customer = f"climber{number}"
            self.buy(customer, "starter")
            answers = self.twice(self.post("/api/subscription/upgrade", {"plan": "enterprise"}, customer))
            self.assertIn(200, [status for status, _ in answers], answers)
            self.assertTrue(all(status in (200, 409) for status, _ in answers), answers)
            self.world.settle()
            self.assertEqual(len(self.paid_invoices(customer)), 2, "the purchase and one upgrade")
            self.assertEqual(len(self.live_subscriptions(customer)), 1)
            self.assertEqual(len(self.live_subscriptions(customer)[0]["items"]["data"]), 1)

    def test_schedules(self):
        for number in range(ROUNDS):
            customer = f"leaver{number}"
            self.buy(customer, "enterprise")
            answers = self.twice(self.post("/api/subscription/schedule-downgrade", {"plan": "starter"}, customer))
            self.assertIn(200, [status for status, _ in answers], answers)
            self.assertTrue(all(status in (200, 409) for status, _ in answers), answers)
            self.world.settle()
            self.assertEqual(len(self.live_schedules(customer)), 1)
            self.assertEqual(len(self.live_schedules(customer)[0]["phases"]), 2)


class SimultaneousOnPostgres(Simultaneous):
    store = "postgres"


if __name__ == "__main__":
    unittest.main(verbosity=2)
