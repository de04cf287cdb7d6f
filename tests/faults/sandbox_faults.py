#!/usr/bin/env python3
"""The sandbox fails on demand, in each way that it can, and a customer lives through a subscription all the same: in the
end the server's state is the sandbox's, nothing was lost and nothing done twice. sandbox_faults.py [SEED]"""

import os
import pathlib
import sys
import unittest

HERE = pathlib.Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent / "scenario")]
from careful_buyer import CarefulBuyer  # noqa: E402
from world import World  # noqa: E402

PROGRAM = os.environ.get("BILLHOOK_TEST_PROGRAM", "build/release/billhook")
SEED = int(os.environ.get("BILLHOOK_TEST_SEED", "1"))
SHARE = 200  # of a thousand


def request(fault, **more):
    return {"requests": [{"fault": fault, "permille": SHARE, **more}]}


# The wait that a 429 asks for is kept short, and a late answer comes while the caller still waits.
PLANS = {
    "rate_limit": request("rate_limit"),
    "rate_limit_that_says_when": request("rate_limit", retry_after=1, should_retry=True),
    "rate_limit_that_says_nothing": request("rate_limit", should_retry=None),
    "lock_timeout": request("lock_timeout"),
    "server_error": request("server_error"),
    "lost_request": request("lose_request"),
    "lost_answer": request("lose_answer"),
    "late_answer": request("late_answer", delay_ms=400),
    "error_after_the_work": request("error_answer"),
    "webhooks_dropped_doubled_shuffled_delayed": {"webhooks": {
        "drop_permille": SHARE, "duplicate_permille": SHARE, "reorder_permille": SHARE, "delay_ms": 300}},
    "webhooks_lost": {"webhooks": {"lose_permille": SHARE}},
}
EVERYTHING = {
    "requests": [{"fault": fault, "permille": 100} for fault in
                 ("rate_limit", "lock_timeout", "server_error", "lose_request", "lose_answer")],
    "webhooks": {"drop_permille": SHARE, "lose_permille": SHARE, "duplicate_permille": SHARE, "reorder_permille": SHARE,
                 "delay_ms": 100}}


class SandboxFaults(unittest.TestCase):
    store = "sqlite"
    plans = {**PLANS, "everything": EVERYTHING}

    @classmethod
    def setUpClass(cls):
        cls.world = World(PROGRAM, cls.store, "")
        cls.world.control("POST", "/_sandbox/settings", {"webhook_retry_ms": 200, "webhook_retry_factor": 2})

    @classmethod
    def tearDownClass(cls):
        cls.world.close()

    def survive(self, name):
        plan = {**self.plans[name], "seed": SEED}
        buyer = CarefulBuyer(self.world, name.replace("_", "-"), SEED)
        self.world.control("POST", "/_sandbox/faults", plan)
        try:
            buyer.live()
            faults = self.world.control("GET", "/_sandbox/faults")
        finally:
            self.world.control("DELETE", "/_sandbox/faults")
        injected = sum(rule["injected"] for rule in faults["requests"]) + sum(faults["webhooks"]["injected"].values())
        self.assertGreater(injected, 0, "nothing went wrong, so nothing was shown")
        self.world.settle()
        buyer.refresh()
        self.assertEqual(buyer.mistakes(), [])
        buyer.end()
        self.world.settle()
        self.assertEqual(buyer.mistakes(), [])
        print(f"{self.store} {name}: {injected} faults, {buyer.presses} presses", flush=True)


class SandboxFaultsOnPostgres(SandboxFaults):
    store = "postgres"
    plans = {"everything": EVERYTHING}


def add_tests(to):
    for name in {**PLANS, "everything": EVERYTHING}:
        test = (lambda self, name=name: self.survive(name)) if name in to.plans else None
        setattr(to, "test_" + name, test)


add_tests(SandboxFaults)
add_tests(SandboxFaultsOnPostgres)

if __name__ == "__main__":
    unittest.main(verbosity=1)
