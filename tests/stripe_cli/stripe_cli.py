#!/usr/bin/env python3
"""Stripe's own command line, unmodified, against the sandbox, with a running server behind a webhook endpoint that wants
every event: each `stripe trigger` of the families that Billhook lives on ends well, and the server takes the signed event
of that type in. README.md says which families, and what the CLI calls beyond the published API."""

import hashlib
import hmac
import http.server
import json
import os
import pathlib
import platform
import re
import socket
import subprocess
import sys
import tempfile
import threading
import unittest

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "scenario"))
from world import World  # noqa: E402

PROGRAM = os.environ.get("BILLHOOK_TEST_PROGRAM", "build/release/billhook")

# Show 4 of the promise, as patterns over what `stripe trigger --help` lists.
PROMISED = (r"customer\.(created|updated|deleted)", r"product\..*", r"price\..*",
            r"customer\.subscription\.(created|updated|deleted|trial_will_end)", r"subscription_schedule\..*",
            r"invoice\.(?!payment_action_required).*", r"invoiceitem\..*", r"checkout\.session\.(completed|expired)",
            r"payment_intent\.(succeeded|payment_failed)", r"payment_method\..*", r"test_helpers\.test_clock\..*")
# What else of the CLI's fixtures the sandbox knows.
BESIDE = (r"customer\.source\..*", r"invoice\.payment_action_required",
          r"billing_portal\.(configuration|session)\..*", r"coupon\..*", r"credit_note\..*", r"promotion_code\..*",
          r"tax_rate\..*", r"charge\.(succeeded|failed|refunded|captured|refund\.updated|dispute\..*)",
          r"payment_intent\.(created|canceled|requires_action|amount_capturable_updated)", r"plan\..*",
          r"customer\.discount\..*", r"customer\.subscription\.paused",
          r"setup_intent\.(created|canceled|requires_action|setup_failed|succeeded)")


def binary():
    """The program in the package of this machine's platform; the wrapper only starts it."""
    machine = {"x86_64": "x64", "aarch64": "arm64"}[platform.machine()]
    return HERE / "node_modules" / "@stripe" / f"cli-linux-{machine}" / "bin" / "stripe"


class StripeCli:
    """The CLI with a key, an empty home, and no way to anything but this machine."""

    def __init__(self, sandbox):
        self.sandbox = sandbox
        self.home = tempfile.TemporaryDirectory(prefix="billhook_stripe_cli.")
        self.nowhere = socket.socket()  # bound and never listening: whoever connects is refused at once
        self.nowhere.bind(("127.0.0.1", 0))
        self.environment = {
            "HOME": self.home.name, "XDG_CONFIG_HOME": self.home.name, "PATH": os.environ["PATH"],
            "STRIPE_API_KEY": "sk_test_" + "0123456789abcdef" * 2, "STRIPE_CLI_TELEMETRY_OPTOUT": "1",
            "HTTPS_PROXY": f"http://127.0.0.1:{self.nowhere.getsockname()[1]}", "NO_PROXY": ""}

    def run(self, *words, program=None):
        return subprocess.run([*(program or [str(binary())]), *words, "--api-base", self.sandbox], env=self.environment,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              timeout=120)

    def answer(self, *words):
        """The JSON that a command prints."""
        done = self.run(*words)
        if done.returncode != 0:
            raise AssertionError(f"stripe {' '.join(words)}: exit {done.returncode}\n{done.stdout}")
        return json.loads(done.stdout[done.stdout.index("{"):])

    def close(self):
        self.nowhere.close()
        self.home.cleanup()


def known_events():
    page = subprocess.run([str(binary()), "trigger", "--help"], stdout=subprocess.PIPE, text=True, check=True,
                          env={"HOME": "/nonexistent", "XDG_CONFIG_HOME": tempfile.gettempdir()}, timeout=120).stdout
    return re.findall(r"^  ([a-z0-9_]+(?:\.[a-z0-9_]+)+)$", page.split("Usage:")[0], re.MULTILINE)


def of_families(events, families):
    return [event for event in events if any(re.fullmatch(family, event) for family in families)]


class Listener:
    """A webhook endpoint of the test's own, that keeps what it is sent."""

    def __init__(self):
        kept = self.kept = []
        self.arrived = threading.Condition()
        arrived = self.arrived

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()
                with arrived:
                    kept.append((self.headers["Stripe-Signature"], body))
                    arrived.notify_all()

            def log_message(self, *arguments):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/hook"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def wait_for(self, count):
        with self.arrived:
            if not self.arrived.wait_for(lambda: len(self.kept) >= count, timeout=120):
                raise AssertionError(f"{len(self.kept)} deliveries came, {count} were expected")
            return list(self.kept)

    def close(self):
        self.server.shutdown()
        self.server.server_close()


class ServerAndCli(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.world = World(PROGRAM, "sqlite", "")
        cls.cli = StripeCli(cls.world.sandbox)

    @classmethod
    def tearDownClass(cls):
        cls.cli.close()
        cls.world.close()

    def newest_event(self, event_type):
        data = self.world.stripe("GET", f"/v1/events?limit=1&type={event_type}")["data"]
        return data[0]["id"] if data else None

    def inbox(self, *options):
        done = subprocess.run([PROGRAM, "events", "list", "--json", "--data", self.world.folder, *options],
                              stdout=subprocess.PIPE, text=True, check=True, timeout=120)
        return json.loads(done.stdout)["data"]


class Trigger(ServerAndCli):
    """One test for each event, added below."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # The server registered its endpoint for the events that it handles; the CLI widens it.
        endpoint = cls.cli.answer("webhook_endpoints", "list")["data"][0]
        widened = cls.cli.answer("webhook_endpoints", "update", endpoint["id"], "--enabled-events", "*")
        assert widened["enabled_events"] == ["*"], widened

    @classmethod
    def tearDownClass(cls):
        try:
            cls.world.settle()
            status, page = cls.world.call("GET", "/api/v1/events?status=dead&limit=1")
            assert status == 200 and page["data"] == [], f"a dead letter: {page}"
        finally:
            super().tearDownClass()

    def trigger(self, event_type):
        before = self.newest_event(event_type)
        done = self.cli.run("trigger", event_type)
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertIn("Trigger succeeded!", done.stdout)
        # Only a test clock goes on after the last answer.
        self.world.wait_for(lambda: self.newest_event(event_type) != before, f"the sandbox to tell of {event_type}")
        sent = self.newest_event(event_type)
        self.world.wait_for(
            lambda: any(event["id"] == sent and event["status"] == "done"
                        for event in self.inbox("--type", event_type)),
            f"{sent} ({event_type}) to be worked off")


def add_trigger_tests():
    events = known_events()
    promised, beside = of_families(events, PROMISED), of_families(events, BESIDE)
    print(f"triggers: {len(promised)} promised, {len(beside)} beside them, of {len(events)} that the CLI knows", flush=True)
    for event in promised + beside:
        setattr(Trigger, "test_" + event.replace(".", "_"), lambda self, event=event: self.trigger(event))


class Families(unittest.TestCase):
    def test_each_promised_family_is_known_to_the_cli(self):
        events = known_events()
        for family in PROMISED:
            self.assertTrue(of_families(events, (family,)), family)


class Commands(ServerAndCli):
    def test_the_wrapper_of_the_package_starts_the_program(self):
        done = self.cli.run("get", "/v1/account", program=["node", str(HERE / "node_modules/@stripe/cli/bin/shim.js")])
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertEqual(json.loads(done.stdout[done.stdout.index("{"):])["object"], "account")

    def test_objects_are_made_read_changed_listed_and_deleted(self):
        made = self.cli.answer("customers", "create", "--name", "Ada", "-d", "metadata[team]=engine")
        self.assertEqual((made["object"], made["name"], made["metadata"]), ("customer", "Ada", {"team": "engine"}))
        path = "/v1/customers/" + made["id"]
        self.assertEqual(self.cli.answer("get", made["id"])["id"], made["id"])  # by its id alone
        self.assertEqual(self.cli.answer("post", path, "-d", "name=Ada L.")["name"], "Ada L.")
        self.assertIn(made["id"], [each["id"] for each in self.cli.answer("customers", "list", "--limit", "100")["data"]])
        self.assertTrue(self.cli.answer("delete", path, "--confirm")["deleted"])

    def test_a_key_makes_a_thing_once(self):
        words = ("customers", "create", "--name", "Once", "--idempotency", "stripe-cli-once")
        self.assertEqual(self.cli.answer(*words)["id"], self.cli.answer(*words)["id"])

    def test_a_refusal_is_shown(self):
        answer = self.cli.run("post", "/v1/prices", "-d", "currency=usd", "-d", "nonsense=1")
        self.assertIn("parameter_unknown", answer.stdout)

    def test_a_subscription_is_bought_and_ended(self):
        price = self.cli.answer("prices", "create", "--currency", "usd", "--unit-amount", "700",
                                "-d", "recurring[interval]=month", "-d", "product_data[name]=Plan")
        payer = self.cli.answer("customers", "create", "--source", "tok_visa")
        self.assertTrue(payer["default_source"].startswith("card_"), payer["default_source"])
        bought = self.cli.answer("subscriptions", "create", "--customer", payer["id"], "-d", f"items[0][price]={price['id']}")
        self.assertEqual(bought["status"], "active")
        invoice = self.cli.answer("invoices", "retrieve", bought["latest_invoice"])
        self.assertEqual((invoice["status"], invoice["amount_paid"]), ("paid", 700))
        self.assertEqual(self.cli.answer("subscriptions", "cancel", bought["id"], "--confirm")["status"], "canceled")

    def test_an_event_is_resent_to_the_endpoint_that_is_named(self):
        listener = Listener()
        self.addCleanup(listener.close)
        endpoint = self.cli.answer("webhook_endpoints", "create", "--url", listener.url, "--enabled-events",
                                   "customer.created")
        self.cli.answer("customers", "create", "--name", "Told twice")
        (signature, body), = listener.wait_for(1)
        event = json.loads(body)
        resent = self.cli.answer("events", "resend", event["id"], "--webhook-endpoint", endpoint["id"])
        self.assertEqual((resent["id"], resent["type"]), (event["id"], "customer.created"))
        for signature, body in listener.wait_for(2):
            parts = dict(part.split("=", 1) for part in signature.split(","))
            expected = hmac.new(endpoint["secret"].encode(), parts["t"].encode() + b"." + body, hashlib.sha256)
            self.assertEqual(parts["v1"], expected.hexdigest())
            self.assertEqual(json.loads(body)["id"], event["id"])
        self.world.settle()
        self.assertEqual([each["id"] for each in self.inbox("--type", "customer.created")].count(event["id"]), 1)

    def test_listening_is_refused_and_says_so(self):
        self.assertIn("The sandbox does not answer this operation", self.cli.run("listen").stdout)


add_trigger_tests()

if __name__ == "__main__":
    unittest.main(verbosity=1)
