#!/usr/bin/env python3
"""kill -9 at random moments, under webhooks and requests, on each store: what was acknowledged is there afterwards, no
effect is doubled, and the server is ready again by itself.

BILLHOOK_TEST_KILLS is how many per store, BILLHOOK_TEST_SEED decides the moments, BILLHOOK_TEST_STORES which stores.
Every tenth time one of PostgreSQL's own processes is killed instead, and with it all its connections.
"""

import hashlib
import hmac
import http.client
import json
import os
import random
import signal
import statistics
import subprocess
import threading
import time
import unittest

from house import BROKEN, House

KILLS = int(os.environ.get("BILLHOOK_TEST_KILLS", "10"))
SEED = int(os.environ.get("BILLHOOK_TEST_SEED", "1"))
STORES = os.environ.get("BILLHOOK_TEST_STORES", "sqlite postgres").split()
SECRET = "whsec_of_the_test_itself"
READY_WITHIN_S = 60  # how long it took is among the figures
SETTLED_WITHIN_S = 300  # all the events of all the kills
PACE_S = 0.005  # between two of one sender: as much as is looked for again after each kill
ANSWERS_WITHIN_S = 70  # longer than the server itself lets a request run
STARTS_AT_MOST_S = 0.15  # a kill may also hit a server that is not ready yet


class Lane:
    """One connection that is made again when it breaks. Answers None where nobody answered."""

    def __init__(self, house):
        self.house, self.connection, self.broken_by = house, None, None

    def ask(self, method, path, body=None, **headers):
        headers = {"Authorization": "Bearer " + self.house.key, "Content-Type": "application/json",
                   **{name.replace("_", "-"): value for name, value in headers.items()}}
        data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        try:
            if not self.connection:
                self.connection = http.client.HTTPConnection(self.house.base.split("//")[1], timeout=ANSWERS_WITHIN_S)
            self.connection.request(method, path, data, headers)
            answer = self.connection.getresponse()
            text = answer.read()
            return answer.status, json.loads(text) if text.startswith(b"{") else {}
        except BROKEN as error:
            self.broken_by = error
            self.close()
            return None

    def close(self):
        if self.connection:
            self.connection.close()
        self.connection = None


class Load:
    """What is sent while the server dies, and what of it was acknowledged."""

    def __init__(self, house):
        self.house = house
        self.lock = threading.Lock()
        self.events, self.names, self.allocations, self.trials = set(), {}, set(), set()
        self.open_allocations, self.open_trials = [], []
        self.open_max = 8
        self.stop = threading.Event()
        self.number = 0
        self.threads = [threading.Thread(target=self.run, args=(send,), daemon=True)
                        for send in (self.send_event, self.send_event, self.rename, self.allocate, self.try_out)]
        for thread in self.threads:
            thread.start()

    def run(self, send):
        lane = Lane(self.house)
        while not self.stop.is_set():
            with self.lock:
                self.number += 1
                number = self.number
            send(lane, number)
            time.sleep(PACE_S)
        lane.close()

    def end(self):
        self.stop.set()
        for thread in self.threads:
            thread.join()

    def note(self, known, item):
        with self.lock:
            known.add(item)

    def send_event(self, lane, number):
        stamp = int(time.time())
        body = json.dumps({"id": f"evt_{number}", "object": "event", "type": "customer.updated", "created": stamp,
                           "api_version": "2026-10-28.endive", "livemode": False, "pending_webhooks": 1,
                           "request": {"id": None, "idempotency_key": None},
                           "data": {"object": {"id": f"cus_unknown{number % 7}", "object": "customer"}}}).encode()
        signature = hmac.new(SECRET.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
        answer = lane.ask("POST", "/api/v1/webhooks/stripe", body, Stripe_Signature=f"t={stamp},v1={signature}")
        if answer and answer[0] == 200:
            self.note(self.events, f"evt_{number}")
        return answer

    def rename(self, lane, number):
        customer = f"c{number % 40}"
        answer = lane.ask("PUT", "/api/v1/customers/" + customer, {"name": f"Name {number:09}"})
        if answer and answer[0] == 200:
            with self.lock:
                self.names[customer] = f"Name {number:09}"
        return answer

    def allocate(self, lane, number):
        """Under a name, which is asked for until it is answered."""
        name = self.next_of(self.open_allocations, f"client{number:09}")
        answer = lane.ask("POST", "/api/v1/gauges/clients/allocate", {"amount": 1, "id": name},
                          Billhook_Customer="holder")
        if answer and answer[0] == 200:
            self.put_away(self.open_allocations, self.allocations, name)
        return answer

    def try_out(self, lane, number):
        """A subscription at Stripe: its customer, its trial, the projection. Asked for until it is there."""
        customer = self.next_of(self.open_trials, f"t{number:09}")
        lane.ask("PUT", "/api/v1/customers/" + customer, {})
        answer = lane.ask("POST", "/api/v1/subscriptions", {"plan": "ai_pro"}, Billhook_Customer=customer)
        if answer and (answer[0] == 201 or answer[1].get("code") == "line_already_held"):
            self.put_away(self.open_trials, self.trials, customer)
        return answer

    def next_of(self, open_ones, fresh):
        """A fresh one, or one of those that nobody answered yet where they have become many."""
        with self.lock:
            if len(open_ones) < self.open_max:
                open_ones.append(fresh)
                return fresh
            open_ones.append(open_ones.pop(0))
            return open_ones[-1]

    def put_away(self, open_ones, acknowledged, name):
        with self.lock:
            if name in open_ones:
                open_ones.remove(name)
            acknowledged.add(name)


class Kills:
    def setUp(self):
        self.house = House(os.environ["BILLHOOK_TEST_PROGRAM"], self.store,
                           {"BILLHOOK_STRIPE_WEBHOOK_SECRETS": SECRET, "BILLHOOK_LOG_LEVEL": "warn"})
        self.addCleanup(self.house.close)
        self.house.furnish()
        self.house.start()
        self.lane = Lane(self.house)
        self.addCleanup(self.lane.close)
        self.lane.ask("PUT", "/api/v1/customers/holder", {})
        page = self.lane.ask("POST", "/api/v1/checkout", {"plan": "enterprise"}, Billhook_Customer="holder")[1]
        self.house.pay(page["checkout_url"])
        self.house.agree("holder", live=1, paid=1)
        self.random = random.Random(SEED)
        self.ready_s = []

    def until_ready(self, since):
        while not (answer := self.lane.ask("GET", "/readyz")) or answer[0] != 200:
            self.assertLess(time.monotonic() - since, READY_WITHIN_S, self.house.log_tail())
            time.sleep(0.002)
        self.ready_s.append(time.monotonic() - since)

    def kill_server(self):
        self.house.kill()
        began = time.monotonic()
        if self.random.random() < 0.2:  # and once more, while it starts
            self.house.spawn()
            time.sleep(self.random.uniform(0, STARTS_AT_MOST_S))
            self.house.kill()
            began = time.monotonic()
        self.house.start()
        self.until_ready(began)

    def backends(self):
        """The processes of PostgreSQL that serve us; None while it serves nobody."""
        done = subprocess.run(["psql", "-qXAt", "-c", "SELECT pid FROM pg_stat_activity WHERE datname = "
                               f"'{self.house.database}' AND application_name = 'billhook'",
                               os.environ["BILLHOOK_TEST_POSTGRES"]], capture_output=True, text=True, check=False)
        return None if done.returncode else {int(pid) for pid in done.stdout.split()}

    def kill_postgres(self):
        """One of its processes: all its connections are lost, and it recovers from its log."""
        before = self.backends()
        os.kill(min(before), signal.SIGKILL)
        began = time.monotonic()
        while (now := self.backends()) is None or now & before:
            self.assertLess(time.monotonic() - began, READY_WITHIN_S, "PostgreSQL did not come back")
        while not (answer := self.lane.ask("PUT", "/api/v1/customers/after", {"name": "after"})) or answer[0] != 200:
            self.assertLess(time.monotonic() - began, READY_WITHIN_S, self.house.log_tail())
            time.sleep(0.01)
        self.until_ready(began)

    def read(self, path, **headers):
        """Of a server that is ready every question gets an answer."""
        began = time.monotonic()
        answer = self.lane.ask("GET", path, **headers)
        code = self.house.process.poll()
        process = "is alive" if code is None else f"ended with {code}"
        self.assertIsNotNone(answer, f"GET {path}: {self.lane.broken_by!r} after {time.monotonic() - began:.2f} s; the "
                             f"process {process}\n" + self.house.log_tail())
        return answer

    def has_all(self, events, names, allocations, trials):
        """What was acknowledged before the kill; more may have come since."""
        for event in events:
            self.assertEqual(self.read("/api/v1/events/" + event)[0], 200, f"{event} was answered 200")
        for customer, name in names.items():
            self.assertGreaterEqual(self.read("/api/v1/customers/" + customer)[1]["name"], name)
        used = self.read("/api/v1/gauges/clients", Billhook_Customer="holder")[1]["used"]
        self.assertGreaterEqual(used, len(allocations))
        for customer in trials:
            held = self.read("/api/v1/subscriptions", Billhook_Customer=customer)[1]["data"]
            self.assertEqual([each["plan"] for each in held], ["ai_pro"], customer)

    def ends_well(self, load):
        """The leases of the dead run out, what was not answered is asked again; then each thing is there once."""
        self.house.kill()
        self.lane.close()
        self.house.program = os.environ["BILLHOOK_TEST_CRASHING_PROGRAM"]  # the same, with a time that can be moved
        self.house.pass_time(360)
        self.house.start()
        self.until_ready(time.monotonic())
        deadline = time.monotonic() + SETTLED_WITHIN_S
        while load.open_allocations or load.open_trials:
            self.assertLess(time.monotonic(), deadline, (load.open_trials, load.open_allocations))
            load.open_max = 0  # nothing fresh any more
            for open_ones, ask_again in ((load.open_allocations, load.allocate), (load.open_trials, load.try_out)):
                if open_ones:
                    ask_again(self.lane, 0)
        used = self.read("/api/v1/gauges/clients", Billhook_Customer="holder")[1]["used"]
        self.assertEqual(used, len(load.allocations), "each allocation counts once")
        deadline = time.monotonic() + SETTLED_WITHIN_S
        while not self.house.is_settled():
            self.assertLess(time.monotonic(), deadline, "events wait")
            time.sleep(0.05)
        at_stripe = {}
        for each in self.subscriptions_at_stripe():
            at_stripe.setdefault(each["metadata"].get("billhook_customer"), []).append(each)
        for customer in load.trials:
            self.assertEqual(len(at_stripe.get(customer, [])), 1, f"{customer} has one subscription at Stripe")
            ours = self.read("/api/v1/subscriptions", Billhook_Customer=customer)[1]["data"]
            self.assertEqual([(each["status"], each["pending_intent"]) for each in ours], [("trialing", None)])
        self.assertEqual(set(at_stripe), load.trials | {"holder"}, "nobody has a subscription without knowing")
        self.has_all(load.events, load.names, load.allocations, [])

    def subscriptions_at_stripe(self):
        after = ""
        while True:
            page = self.house.stripe("GET", "/v1/subscriptions?status=all&limit=100" + after)
            yield from page["data"]
            if not page["has_more"]:
                return
            after = "&starting_after=" + page["data"][-1]["id"]

    def test_kills(self):
        load = Load(self.house)
        self.addCleanup(load.end)
        began = time.monotonic()
        seen, of_postgres = [set(), set(), set()], 0
        for number in range(KILLS):
            time.sleep(self.random.uniform(0.02, 0.4))
            with load.lock:
                had = [set(load.events), dict(load.names), set(load.allocations), set(load.trials)]
            if self.store == "postgres" and number % 10 == 9:
                self.kill_postgres()
                of_postgres += 1
            else:
                self.kill_server()
            self.has_all(had[0] - seen[0], had[1], had[2], had[3] - seen[2])
            seen = [had[0], None, had[3]]
        took = time.monotonic() - began
        load.end()
        self.ends_well(load)
        print(f"\nfigure: {self.store}, seed {SEED}: {KILLS} x kill -9 ({of_postgres} of PostgreSQL) in {took:.0f} s; "
              f"{len(load.events)} webhooks, {len(load.allocations)} allocations and {len(load.trials)} subscriptions "
              f"acknowledged, none lost, none doubled; ready again after {statistics.median(self.ready_s):.2f} s, at "
              f"most {max(self.ready_s):.2f} s", flush=True)


class KillsOnSqlite(Kills, unittest.TestCase):
    store = "sqlite"


class KillsOnPostgres(Kills, unittest.TestCase):
    store = "postgres"


if __name__ == "__main__":
    unittest.main(verbosity=2, defaultTest=["KillsOn" + store.capitalize() for store in STORES])
