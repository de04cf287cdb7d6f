"""A server and a sandbox as two processes: the server may die at any moment and is started again, where it was."""

import http.client
import json
import os
import pathlib
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "scenario"))
from world import World, free_port, request  # noqa: E402

STRIPE_KEY = "sk_test_crash"
GOOD_CARD = {"number": "4242424242424242", "exp_month": "12", "exp_year": "2040", "cvc": "123", "name": "A. Buyer"}
# What a connection says when the other side has died.
BROKEN = (urllib.error.URLError, http.client.HTTPException, ConnectionError, TimeoutError)
PATIENCE_S = 120


class House(World):
    def __init__(self, program, store, more=None):
        self.program = program
        self.folder = tempfile.mkdtemp(prefix="billhook_crash.")
        self.database = self.process = None
        self.ahead = 0  # how many seconds the server's and the sandbox's time are ahead of ours
        self.crash_at = os.path.join(self.folder, "crash_at")
        self.log = open(os.path.join(self.folder, "server.log"), "w+")
        self.base = f"http://127.0.0.1:{free_port()}"
        self.sandbox_process = subprocess.Popen(
            [program, "sandbox", "--listen", "127.0.0.1:0"], stdout=subprocess.PIPE, stderr=self.log, text=True,
            stdin=subprocess.DEVNULL)
        self.sandbox = self.sandbox_process.stdout.readline().split("sandbox=")[1].strip()
        self.control("POST", "/_sandbox/settings", {"webhook_retry_ms": 50, "webhook_retry_factor": 1,
                                                    "webhook_retries_max": 100})
        self.settings = {"BILLHOOK_DATA": self.folder, "BILLHOOK_LISTEN": self.base.split("//")[1],
                         "BILLHOOK_PUBLIC_URL": self.base, "BILLHOOK_CATALOG": "catalog/sample.yaml",
                         "BILLHOOK_STRIPE_API_BASE": self.sandbox, "STRIPE_SECRET_KEY": STRIPE_KEY,
                         "BILLHOOK_ALLOWED_ORIGINS": self.base, **(more or {})}
        if store == "postgres":
            self.database = "crash_" + secrets.token_hex(6)
            self.sql(f"CREATE DATABASE {self.database}")
            # What was committed survives also a PostgreSQL that is killed.
            self.sql(f"ALTER DATABASE {self.database} SET synchronous_commit = on")
            self.settings["BILLHOOK_DATABASE"] = self.postgres_url(self.database)

    def environment(self, crash_at=None):
        found = {**os.environ, **self.settings, "CRASH_AHEAD": str(self.ahead)}
        if crash_at:
            found["CRASH_AT"] = crash_at
        return found

    def run(self, *words, crash_at=None):
        """A command of the program: (exit code, output)."""
        done = subprocess.run([self.program, *words], env=self.environment(crash_at), stdout=subprocess.PIPE,
                              stderr=self.log, stdin=subprocess.DEVNULL, text=True, timeout=PATIENCE_S, check=False)
        return done.returncode, done.stdout

    def must(self, *words):
        code, output = self.run(*words)
        if code:
            raise RuntimeError(f"billhook {' '.join(words)} ended with {code}:\n{self.log_tail()}")
        return output

    def furnish(self):
        """Everything that a server needs before its first start."""
        for words in (["migrate"], ["catalog", "apply"], ["webhooks", "register"]):
            self.must(*words)
        self.key = json.loads(self.must("keys", "create", "--name", "test", "--scopes", "operator", "--json"))["key"]

    def spawn(self):
        self.process = subprocess.Popen([self.program, "serve"], env=self.environment(self.crash_at), text=True,
                                        stdout=subprocess.PIPE, stderr=self.log, stdin=subprocess.DEVNULL)

    def start(self):
        """False where it died before it was ready."""
        self.spawn()
        line = self.process.stdout.readline()
        if line.startswith("ready "):
            return True
        if self.process.wait(timeout=PATIENCE_S) == 137:
            return False
        raise RuntimeError("the server did not start:\n" + self.log_tail())

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(timeout=PATIENCE_S)
        self.process.stdout.close()

    def arm(self, point):
        with open(self.crash_at + ".new", "w") as file:
            file.write(point)
        os.rename(self.crash_at + ".new", self.crash_at)

    def await_death(self, point):
        """At the armed point, which is then disarmed."""
        try:
            code = self.process.wait(timeout=PATIENCE_S)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"{point} was not passed:\n{self.log_tail()}") from None
        self.process.stdout.close()
        os.unlink(self.crash_at)
        if code != 137:
            raise AssertionError(f"the server ended with {code} instead of at {point}:\n{self.log_tail()}")

    def pass_time(self, seconds):
        """While the server is down: the leases of the dead run out."""
        path = "/v1/test_helpers/test_clocks/clock_sandbox"
        target = self.control("GET", "/_sandbox")["now"] + seconds
        self.stripe("POST", path + "/advance", {"frozen_time": int(target)})
        # It advances by itself, and takes no other wish meanwhile.
        self.wait_for(lambda: self.stripe("GET", path)["status"] == "ready", "the sandbox's clock to arrive")
        self.ahead += seconds

    def ask(self, method, path, body=None, customer=None, key=None):
        headers = {"Authorization": "Bearer " + self.key, "Content-Type": "application/json"}
        if customer:
            headers["Billhook-Customer"] = customer
        if key:
            headers["Idempotency-Key"] = key
        data = json.dumps(body).encode() if body is not None else None
        status, _, text = request(method, self.base + path, headers, data)
        return status, json.loads(text) if text else {}

    def try_once(self, *call, **more):
        try:
            return self.ask(*call, **more)
        except BROKEN:
            return None

    def until_done(self, *call, **more):
        """As a client does that wants an answer: again while nobody answers or another request is in the way."""
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            answer = self.try_once(*call, **more)
            passing = {"idempotency_key_in_use", "change_in_progress", "not_confirmed_yet"}
            if answer and answer[0] != 503 and answer[1].get("code") not in passing:
                return answer
            time.sleep(0.05)
        raise AssertionError(f"no answer to {call}, last {answer}:\n{self.log_tail()}")

    def pay(self, url):
        """On the hosted page. The events that follow are not waited for."""
        status, location, text = self.submit_page(url, GOOD_CARD)
        if status not in (302, 303) or not location:
            raise AssertionError(f"the page did not take the payment: {status} {text[:300]}")

    def faults(self, **wanted):
        self.control("POST", "/_sandbox/faults", wanted)

    def no_faults(self):
        self.control("DELETE", "/_sandbox/faults")

    def close(self):
        for process in (self.process, self.sandbox_process):
            if process and process.poll() is None:
                process.kill()
                process.wait()
            if process:
                process.stdout.close()
        self.log.close()
        if self.database:
            self.sql(f"DROP DATABASE IF EXISTS {self.database} WITH (FORCE)")
        shutil.rmtree(self.folder, ignore_errors=True)

    # What Stripe says and what we say.

    def stripe_customer(self, customer):
        found = self.stripe("GET", "/v1/customers/search?" + urllib.parse.urlencode(
            {"query": f"metadata['billhook_customer']:'{customer}'"}))["data"]
        return found

    def differences(self, customer, live, paid, plan=None, refunds=0, open_intent=False):
        """Between what should be and what is at Stripe, and between Stripe and us; empty: all is well."""
        found = []

        def expect(what, is_so, wanted):
            if is_so != wanted:
                found.append(f"{what}: {is_so} instead of {wanted}")

        known = self.stripe_customer(customer)
        expect("customers at Stripe", len(known), 1)
        if not known:
            return found
        stripe_id = known[0]["id"]
        expect("our customer", self.ask("GET", "/api/v1/customers/" + customer)[1].get("stripe_customer_id"), stripe_id)
        theirs = self.stripe("GET", f"/v1/subscriptions?status=all&limit=100&customer={stripe_id}")["data"]
        theirs = [each for each in theirs if each["status"] not in ("canceled", "incomplete_expired")]
        expect("live subscriptions", len(theirs), live)
        ours = self.ask("GET", "/api/v1/subscriptions", customer=customer)[1]["data"]
        held = [each for each in ours if each["ended_at"] is None]
        expect("subscriptions held", len(held), live)
        for their, our in zip(theirs, held):
            expect("status", our["status"], their["status"])
            expect("cancels", our["cancel_at_period_end"], bool(their["cancel_at_period_end"]))
            expect("prices", [each["price"] for each in our["items"]],
                   [each["price"]["id"] for each in their["items"]["data"]])
            expect("scheduled change", our["scheduled_change"] is not None, their["schedule"] is not None)
            expect("pending intent", our["pending_intent"] is not None, open_intent)
            if plan:
                expect("plan", our["plan"], plan)
        schedules = self.stripe("GET", f"/v1/subscription_schedules?limit=100&customer={stripe_id}")["data"]
        expect("schedules", len([each for each in schedules if each["status"] == "active"]),
               len([each for each in held if each["scheduled_change"]]))
        invoices = self.stripe("GET", f"/v1/invoices?limit=100&customer={stripe_id}")["data"]
        expect("invoices paid", len([each for each in invoices if each["status"] == "paid" and each["total"] > 0]), paid)
        charges = self.stripe("GET", f"/v1/charges?limit=100&customer={stripe_id}")["data"]
        expect("charges", len([each for each in charges if each["paid"]]), paid)
        expect("refunds", len([each for each in charges if each["amount_refunded"] > 0]), refunds)
        return found

    def agree(self, customer, **wanted):
        """In the end, when all events have been worked off."""
        deadline = time.monotonic() + PATIENCE_S
        found = ["nothing was looked at"]
        while found and time.monotonic() < deadline:
            found = self.differences(customer, **wanted) if self.is_settled() else ["events wait"]
            if found:
                time.sleep(0.05)
        if found:
            raise AssertionError(f"{customer}: " + "; ".join(found) + "\n" + self.log_tail())
