#!/usr/bin/env python3
"""Stops the process at every named crash point, in a flow that passes it, starts it again, and compares the end with
Stripe's: nothing that was acknowledged is lost, no effect is doubled, nothing is left open.

BILLHOOK_TEST_CRASH_STORES says on which stores; BILLHOOK_TEST_CRASH_POINTS which points, by how their names begin.
"""

import os
import subprocess
import time
import unittest

from commands import COMMANDS
from flows import FLOWS
from house import House

STORES = os.environ.get("BILLHOOK_TEST_CRASH_STORES", "sqlite").split()
CHOSEN = tuple(os.environ.get("BILLHOOK_TEST_CRASH_POINTS", "").split())


def named_points():
    listed = subprocess.run(["scripts/check_crash_points", "--list"], capture_output=True, text=True, check=True)
    return set(listed.stdout.split())


def chosen(points):
    return [point for point in points if not CHOSEN or point.startswith(CHOSEN)]


class CrashPoints(unittest.TestCase):
    def test_every_point_has_a_flow(self):
        driven = [point for flow in FLOWS + COMMANDS for point in flow.points]
        self.assertEqual(len(driven), len(set(driven)), "each point has one flow")
        self.assertEqual(named_points(), set(driven))

    def test_requests_events_and_workers(self):
        for store in STORES:
            house = House(os.environ["BILLHOOK_TEST_CRASHING_PROGRAM"], store)
            self.addCleanup(house.close)
            house.pages = {}
            house.furnish()
            house.start()
            began, count = time.monotonic(), 0
            for flow in FLOWS:
                for point in chosen(flow.points):
                    count += 1
                    with self.subTest(point=point, flow=flow.name, store=store):
                        self.drive(house, flow, point, f"{point.replace('.', '-').replace('_', '-')}")
                    if house.process.poll() is not None:
                        house.start()
                    house.no_faults()
            print(f"\nfigure: {store}: {count} crash points in {len(FLOWS)} flows of requests, events and workers, "
                  f"{time.monotonic() - began:.0f} s", flush=True)

    def drive(self, house, flow, point, who):
        flow.setup(house, who)
        if flow.first:
            house.arm(flow.first)
            flow.drive(house, who)
            house.await_death(flow.first)
            house.pass_time(flow.wait)
            house.arm(point)
            house.start()  # and what is left undone is taken up by itself
        else:
            house.arm(point)
            flow.drive(house, who)
        house.await_death(point)
        house.pass_time(360)
        self.assertTrue(house.start())
        flow.finish(house, who)

    def test_commands(self):
        """Those that an operator types; each on a sandbox and a database of its own."""
        for store in STORES:
            began, count = time.monotonic(), 0
            for flow in COMMANDS:
                for point in chosen(flow.points):
                    count += 1
                    with self.subTest(point=point, flow=flow.name, store=store):
                        self.drive_command(store, flow, point)
            print(f"\nfigure: {store}: {count} crash points in {len(COMMANDS)} commands, {time.monotonic() - began:.0f} s",
                  flush=True)

    def drive_command(self, store, flow, point):
        house = House(os.environ["BILLHOOK_TEST_CRASHING_PROGRAM"], store)
        try:
            house.must("migrate")
            flow.setup(house)
            house.arm(point)
            code, _ = house.run(*flow.words, crash_at=house.crash_at)
            os.unlink(house.crash_at)
            self.assertEqual(code, 137, f"{point} was not passed: {house.log_tail()}")
            flow.finish(house)
        finally:
            house.close()


if __name__ == "__main__":
    unittest.main(verbosity=2)
