#!/usr/bin/env python3
"""The network fails between server, sandbox, PostgreSQL and client, while customers live through subscriptions: at
moments that a seed decides connections are reset, cut in the middle of a message, delayed, refused, or stay open and
silent. The server recovers by itself, /readyz tells the truth meanwhile, and nothing is lost or done twice."""

import concurrent.futures
import os
import pathlib
import sys
import time
import unittest

HERE = pathlib.Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent / "scenario"), str(HERE.parent / "proxy")]
from careful_buyer import CarefulBuyer  # noqa: E402
from proxied_world import DATABASE_PATIENCE_MS, STRIPE_TIMEOUT_S, ProxiedWorld  # noqa: E402
from proxy import Trouble  # noqa: E402

PROGRAM = os.environ.get("BILLHOOK_TEST_PROGRAM", "build/release/billhook")
SEED = int(os.environ.get("BILLHOOK_TEST_SEED", "1"))
ROUNDS = int(os.environ.get("BILLHOOK_TEST_ROUNDS", "1"))
BUYERS = 3
# What a person at a screen may have to wait while something is silent: two tries at Stripe or the database, and then some.
ANSWER_WITHIN_S = 60


class NetworkFaults(unittest.TestCase):
    store = "sqlite"

    @classmethod
    def setUpClass(cls):
        cls.world = ProxiedWorld(PROGRAM, cls.store)
        # Again and again, and soon: however long the troubles last, what is waited for afterwards comes within moments.
        cls.world.control("POST", "/_sandbox/settings", {"webhook_retry_ms": 200, "webhook_retry_factor": 1,
                                                         "webhook_retries_max": 100})
        cls.proxies = cls.world.proxies

    @classmethod
    def tearDownClass(cls):
        cls.world.close()

    def tearDown(self):
        self.world.heal()

    def wait_ready(self, status):
        self.world.wait_for(lambda: self.world.readiness() == status, f"/readyz to say {status}")

    def ask_within(self, buyer, method, path, body=None, operator=False):
        began = time.monotonic()
        answer = buyer.ask(method, path, body, operator)
        self.assertLess(time.monotonic() - began, ANSWER_WITHIN_S, answer)
        return answer

    def test_lives_go_on_through_all_troubles(self):
        for number in range(ROUNDS):
            seed = SEED + number
            buyers = [CarefulBuyer(self.world, f"life-{seed}-{each}", seed) for each in range(BUYERS)]
            with concurrent.futures.ThreadPoolExecutor(BUYERS) as pool:
                with Trouble(seed, self.proxies, 60) as trouble:
                    for done in [pool.submit(buyer.live) for buyer in buyers]:
                        done.result()
            self.wait_ready(200)
            self.world.settle()
            for buyer in buyers:
                buyer.refresh()
                self.assertEqual(buyer.mistakes(), [], trouble.done)
                buyer.end()
            self.world.settle()
            for buyer in buyers:
                self.assertEqual(buyer.mistakes(), [], trouble.done)
            print(f"{self.store} seed {seed}: {len(trouble.done)} troubles, "
                  f"{sum(buyer.presses for buyer in buyers)} presses", flush=True)

    def test_a_silent_stripe_is_not_waited_for_for_ever(self):
        buyer = CarefulBuyer(self.world, "silent-stripe")
        buyer.exist()
        buyer.buy()
        self.proxies["stripe"].set(holds=True)
        self.proxies["stripe"].freeze()
        status, body = self.ask_within(buyer, "POST", "/api/v1/subscriptions/tier/change", {"plan": "enterprise"})
        self.assertIn(status, (202, 503), body)
        status, body = self.ask_within(buyer, "POST", "/api/v1/check", {"feature": "clients"})
        self.assertEqual((status, body["allowed"]), (200, True), "a check needs no Stripe")
        self.assertEqual(self.world.readiness(), 200, "ready without Stripe")
        self.world.heal()
        buyer.upgrade()
        self.world.settle()
        self.assertEqual(buyer.mistakes(), [])
        buyer.end()

    def test_an_answer_cut_in_the_middle_is_asked_for_again(self):
        buyer = CarefulBuyer(self.world, "cut-answers")
        buyer.exist()
        buyer.buy()
        for number, size in enumerate(range(100, 4000, 390)):
            self.proxies["stripe"].reset()
            self.proxies["stripe"].set(cut_after=size)
            if number == 0:
                buyer.upgrade()
            elif number % 2:
                buyer.cancel()
            else:
                buyer.resume()
        self.assertGreater(self.proxies["stripe"].show()["cut"], 0)
        self.world.settle()
        self.assertEqual(buyer.mistakes(), [])
        buyer.end()

    def test_webhooks_that_are_cut_or_silent_come_again(self):
        buyer = CarefulBuyer(self.world, "cut-webhooks")
        buyer.exist()
        with Trouble(SEED, {"webhooks": self.proxies["webhooks"]}, 50, ("cut", "reset all", "freeze one", "refuse")):
            buyer.live()
        self.world.settle()
        self.assertEqual(buyer.mistakes(), [])
        dead = self.world.call("GET", "/api/v1/events?status=dead&limit=1")[1]["data"]
        self.assertEqual(dead, [])
        buyer.end()


class NetworkFaultsOnPostgres(NetworkFaults):
    store = "postgres"

    def test_readiness_tells_of_a_silent_database_and_of_its_return(self):
        buyer = CarefulBuyer(self.world, "silent-database")
        buyer.exist()
        self.wait_ready(200)
        self.proxies["database"].set(holds=True)
        self.proxies["database"].freeze()
        self.wait_ready(503)
        status, body = self.ask_within(buyer, "PUT", "/api/v1/customers/silent-database-2", {}, operator=True)
        self.assertEqual(status, 503, body)
        self.world.heal()
        self.wait_ready(200)
        buyer.buy()
        buyer.end()

    def test_connections_that_go_silent_one_after_the_other_leave_no_thread_behind(self):
        buyer = CarefulBuyer(self.world, "silent-connections")
        for number in range(5):
            self.proxies["database"].freeze()
            began = time.monotonic()
            buyer.exist()
            self.assertLess(time.monotonic() - began, 3 * DATABASE_PATIENCE_MS / 1000 + STRIPE_TIMEOUT_S + ANSWER_WITHIN_S)
        self.wait_ready(200)

    def test_a_database_that_resets_every_connection_is_back_at_once(self):
        buyer = CarefulBuyer(self.world, "reset-database")
        for number in range(20):
            self.proxies["database"].reset()
            status, body = buyer.ask("PUT", f"/api/v1/customers/reset-database-{number}", {}, operator=True)
            self.assertIn(status, (200, 201, 503), body)
        self.wait_ready(200)


if __name__ == "__main__":
    unittest.main(verbosity=1)
