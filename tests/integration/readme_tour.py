#!/usr/bin/env python3
"""Runs the README's own tour against a server of its own, line by line, and looks at what each line answers."""

import json
import os
import pathlib
import re
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "scenario"))
from world import World  # noqa: E402

README = pathlib.Path(__file__).parent.parent.parent / "README.md"


def blocks():
    return re.findall(r"```sh\n(.*?)```", README.read_text(), re.DOTALL)


class Tour(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.world = World(os.environ["BILLHOOK_TEST_PROGRAM"], "sqlite", "")

    @classmethod
    def tearDownClass(cls):
        cls.world.close()

    def test_the_commands_are_the_two_promised(self):
        self.assertEqual([block.strip() for block in blocks() if block.startswith("./dev")], ["./dev demo", "./dev test"])

    def test_the_tour_works_as_printed(self):
        tour = next(block for block in blocks() if "curl" in block)
        lines = [line for line in tour.splitlines() if line.strip()]
        self.assertLessEqual(len(lines) - 1, 12, "at most twelve lines, beside the shorthand")
        here = tour.replace("http://127.0.0.1:8080", self.world.base).replace("http://127.0.0.1:12111", self.world.sandbox)
        done = subprocess.run(["bash", "-eu", "-o", "pipefail"], input=here, text=True, capture_output=True, timeout=120,
                              env={**os.environ, "KEY": self.world.key})
        self.assertEqual(done.returncode, 0, done.stderr)
        answers = []
        decoder, text = json.JSONDecoder(), done.stdout.strip()
        while text:
            answer, end = decoder.raw_decode(text)
            answers.append(answer)
            text = text[end:].strip()
        pricing, customer, clients, change, upgraded, scheduled, withdrawn, clock, tier, cancelled = answers
        self.assertIn("starter", pricing["tiers"])
        self.assertEqual(customer["id"], "acme")
        self.assertTrue(clients["allowed"])
        self.assertEqual(clients["limit"], 9)
        self.assertEqual(change["relation"], "upgrade")
        self.assertEqual(upgraded["subscription"]["plan"], "enterprise")
        self.assertEqual(scheduled["scheduled_change"]["to"], "starter")
        self.assertIsNone(withdrawn["subscription"]["scheduled_change"])
        self.assertEqual(clock["id"], "clock_sandbox")
        self.assertEqual((tier["tier"], tier["status"]), ("enterprise", "active"))
        self.assertTrue(cancelled["cancel_at_period_end"])


if __name__ == "__main__":
    unittest.main()
