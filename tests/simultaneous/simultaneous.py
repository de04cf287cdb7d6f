#!/usr/bin/env python3
"""Two at once: purchases, upgrades and schedule requests of one line, sent at the same moment, ROUNDS times on each
store. Each round is a new customer of the same server, and Stripe (the sandbox) is asked after it: never two live
subscriptions of a line, two charges for one change, or two schedules. At the end of all rounds, once every event has
been worked off, Billhook says the same.  BILLHOOK_TEST_ROUNDS=200 simultaneous.py
"""

import concurrent.futures
import os
import pathlib
import sys
import threading
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "scenario"))
from verbs import GOOD_CARD, fill_in  # noqa: E402
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
        """Two clicks on "buy", and the page that both lead to is paid."""
        for number in range(ROUNDS):
            customer = f"buyer{number}"
            self.world.call("PUT", "/api/v1/customers/" + customer, {})
            answers = self.twice(self.post("/api/v1/checkout", {"plan": "starter"}, customer))
            self.assertEqual([status for status, _ in answers], [201, 201], answers)
            pages = {body["checkout_url"] for _, body in answers}
            self.assertEqual(len(pages), 1, "both clicks lead to one page")
            self.assertTrue(fill_in(self.world, pages.pop(), GOOD_CARD))
            self.assertEqual(len(self.live_subscriptions(customer)), 1, answers)
            self.assertEqual(len(self.paid_invoices(customer)), 1, answers)
            customers = self.world.stripe("GET", "/v1/customers?limit=100")["data"]
            ours = [each for each in customers if each["metadata"].get("billhook_customer") == customer]
            self.assertLessEqual(len(ours), 1, "never a second Stripe customer")
        self.assert_all_hold("buyer", "starter")

    def held_plan(self, customer):
        _, body = self.world.call("GET", "/api/v1/subscriptions", customer=customer)
        return [each["plan"] for each in body["data"]]

    def buy(self, customer, plan):
        self.world.call("PUT", "/api/v1/customers/" + customer, {})
        status, body = self.world.call("POST", "/api/v1/checkout", {"plan": plan}, customer=customer)
        self.assertEqual(status, 201, body)
        self.assertTrue(fill_in(self.world, body["checkout_url"], GOOD_CARD))
        self.world.wait_for(lambda: self.held_plan(customer) == [plan], f"{customer} to hold {plan}")

    def assert_all_hold(self, name, plan):
        self.world.settle()
        for number in range(ROUNDS):
            self.assertEqual(self.held_plan(f"{name}{number}"), [plan])

    def test_upgrades(self):
        for number in range(ROUNDS):
            customer = f"climber{number}"
            self.buy(customer, "starter")
            answers = self.twice(self.post("/api/subscription/upgrade", {"plan": "enterprise"}, customer))
            self.assertEqual([status for status, _ in answers], [200, 200], "who comes second gets what the first did")
            self.assertEqual(len(self.paid_invoices(customer)), 2, "the purchase and one upgrade")
            live = self.live_subscriptions(customer)
            self.assertEqual([len(each["items"]["data"]) for each in live], [1])
        self.assert_all_hold("climber", "enterprise")

    def test_schedules(self):
        for number in range(ROUNDS):
            customer = f"leaver{number}"
            self.buy(customer, "enterprise")
            answers = self.twice(self.post("/api/subscription/schedule-downgrade", {"plan": "starter"}, customer))
            self.assertEqual([status for status, _ in answers], [200, 200], "who comes second gets what the first did")
            self.assertEqual([len(each["phases"]) for each in self.live_schedules(customer)], [2])
        self.assert_all_hold("leaver", "enterprise")


class SimultaneousOnPostgres(Simultaneous):
    store = "postgres"


if __name__ == "__main__":
    unittest.main(verbosity=2)
