#!/usr/bin/env python3
"""What a renewal costs with the engine at work: SUBSCRIPTIONS customers buy a monthly plan from `billhook serve --dev`,
then the sandbox's time is moved on by MONTHS, one at a time, and its signed webhooks go to the engine over HTTP.

The clock runs from the first month until the last webhook was acknowledged, which is what has to be within WITHIN_S, and
on until every event was worked off. Afterwards Billhook and the sandbox agree about every subscription.
BILLHOOK_TEST_SUBSCRIPTIONS=1000 BILLHOOK_TEST_MONTHS=24 BILLHOOK_TEST_WITHIN_S=30 renewals.py
"""

import collections
import concurrent.futures
import datetime
import os
import pathlib
import re
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "scenario"))
import world as scenario  # noqa: E402
from verbs import GOOD_CARD, fill_in  # noqa: E402
from world import World  # noqa: E402

SUBSCRIPTIONS = int(os.environ.get("BILLHOOK_TEST_SUBSCRIPTIONS", "20"))
MONTHS = int(os.environ.get("BILLHOOK_TEST_MONTHS", "2"))
WITHIN_S = float(os.environ.get("BILLHOOK_TEST_WITHIN_S", "300"))
START = datetime.datetime(2025, 1, 10, tzinfo=datetime.timezone.utc)
# The invoices of a month are final an hour after it begins.
AFTER_RENEWAL = datetime.timedelta(hours=6)
TICK_S = os.sysconf("SC_CLK_TCK")
# The threads of the program by what they do; the rest receives and answers requests.
WORK = {"sandbox time": "sandbox, renewing", "sandbox send": "sandbox, sending", "inbox": "engine, processing"}
SETTLED_WITHIN_S = scenario.SETTLED_WITHIN_S = 3600
PAUSE_S = 0.1


def month_after(months):
    year, month = divmod(START.month - 1 + months, 12)
    return START.replace(year=START.year + year, month=month + 1)


class Renewals(unittest.TestCase):
    def setUp(self):
        options = ["--log-level", "warn"]
        self.world = World(os.environ["BILLHOOK_TEST_PROGRAM"], "sqlite", START.strftime("%Y-%m-%dT%H:%M:%SZ"), options)
        self.addCleanup(self.world.close)

    def buy(self, number):
        customer = f"renewing{number}"
        self.world.call("PUT", "/api/v1/customers/" + customer, {})
        status, body = self.world.call("POST", "/api/v1/checkout", {"plan": "starter"}, customer=customer)
        self.assertEqual(status, 201, body)
        self.assertTrue(fill_in(self.world, body["checkout_url"], GOOD_CARD))

    def processor_seconds(self):
        spent = collections.Counter()
        for stat in pathlib.Path(f"/proc/{self.world.process.pid}/task").glob("*/stat"):
            name, fields = re.fullmatch(r"\d+ \((.*)\) (.*)", stat.read_text().strip()).groups()
            user, system = fields.split()[11:13]
            spent[WORK.get(name, "requests taken and answered")] += (int(user) + int(system)) / TICK_S
        return spent

    def requests_taken(self):
        _, _, text = scenario.request("GET", self.world.base + "/metrics", {"Authorization": "Bearer " + self.world.key})
        return int(float(re.search(r"^billhook_http_requests (\S+)", text, re.M).group(1)))

    def renew(self, month):
        to = (month_after(month) + AFTER_RENEWAL).timestamp()
        self.world.stripe("POST", "/v1/test_helpers/test_clocks/clock_sandbox/advance", {"frozen_time": int(to)})
        self.wait_for(self.all_are_delivered)

    def all_are_delivered(self):
        status = self.world.control("GET", "/_sandbox")
        return not status["is_advancing"] and status["webhooks_waiting"] == 0

    def wait_for(self, condition):
        """Asks seldom: whoever asks takes time from what is measured."""
        deadline = time.monotonic() + SETTLED_WITHIN_S
        while not condition():
            self.assertLess(time.monotonic(), deadline, self.world.log_tail())
            time.sleep(PAUSE_S)

    def test_renewals(self):
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            list(pool.map(self.buy, range(SUBSCRIPTIONS)))
        self.world.settle()
        spent, taken = self.processor_seconds(), self.requests_taken()
        began = time.monotonic()
        for month in range(1, MONTHS + 1):
            self.renew(month)
        delivered_s = time.monotonic() - began
        received = self.requests_taken() - taken - 1
        self.wait_for(self.world.is_settled)
        processed_s = time.monotonic() - began
        figures = {name: seconds - spent[name] for name, seconds in self.processor_seconds().items()}
        self.assert_all_are_renewed()
        print(f"figure: {SUBSCRIPTIONS} subscriptions x {MONTHS} months: {received} webhooks delivered and received in"
              f" {delivered_s:.1f} s, processed after {processed_s:.1f} s")
        print("figure: CPU: " + ", ".join(f"{name} {seconds:.1f} s" for name, seconds in sorted(figures.items())))
        self.assertLessEqual(delivered_s, WITHIN_S)

    def assert_all_are_renewed(self):
        """The invoices were paid, and Billhook knows the period that runs now."""
        end = month_after(MONTHS + 1).date().isoformat()
        for number in range(SUBSCRIPTIONS):
            customer = f"renewing{number}"
            _, body = self.world.call("GET", "/api/v1/subscriptions", customer=customer)
            self.assertEqual([(each["status"], each["current_period_end"][:10]) for each in body["data"]],
                             [("active", end)], customer)


if __name__ == "__main__":
    unittest.main(verbosity=2)
