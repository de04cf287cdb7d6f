#!/usr/bin/env python3
"""What `./dev demo` shows to somebody new: sample customers, a page at the address, and an end in good order."""

import os
import pathlib
import subprocess
import sys
import unittest
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "scenario"))
from world import FormReader, World, request  # noqa: E402

SCRIPT = "scripts/sample_customers.sh"
EXPECTED = """\
bakery    starter, by the month, active
gym       enterprise, by the year, active
yoga      professional, by the month, trialing
newcomer  nothing yet
"""


class SampleCustomers(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.world = World(os.environ["BILLHOOK_TEST_PROGRAM"], "sqlite", "")

    @classmethod
    def tearDownClass(cls):
        cls.world.close()

    def make(self):
        done = subprocess.run([SCRIPT, self.world.base, self.world.key], capture_output=True, text=True, timeout=600)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def test_they_are_made_once(self):
        self.assertEqual(self.make(), EXPECTED)
        self.world.settle()
        subscriptions = self.world.stripe("GET", "/v1/subscriptions?status=all")["data"]
        self.assertEqual(self.make(), EXPECTED)
        self.assertEqual(self.world.stripe("GET", "/v1/subscriptions?status=all")["data"], subscriptions)
        self.assertEqual(len(subscriptions), 3)
        status, clients = self.world.call("GET", "/api/v1/entitlements/clients", customer="bakery")
        self.assertEqual((status, clients["allowed"], clients["limit"]), (200, True, 9))

    def test_the_addresses_show_pages_with_links_that_lead_somewhere(self):
        for address in (self.world.base, self.world.sandbox):
            status, headers, text = request("GET", address + "/", {"Accept": "text/html"})
            self.assertEqual((status, headers["Content-Type"]), (200, "text/html; charset=utf-8"))
            links = Links()
            links.feed(text)
            self.assertGreaterEqual(len(links.found), 3)
            for link in links.found:
                self.assertEqual(request("GET", urllib.parse.urljoin(address + "/", link), {})[0], 200, link)


class Links(FormReader):
    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attributes):
        if tag == "a":
            self.found.append(dict(attributes)["href"])


if __name__ == "__main__":
    unittest.main()
