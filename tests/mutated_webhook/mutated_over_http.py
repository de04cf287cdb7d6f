#!/usr/bin/env python3
"""Webhooks that Stripe did not send, over HTTP against the whole program: each is answered 400, nothing of them is kept;
those that it did send are answered 200. HTTP_MUTATIONS is how many (1,000).
"""

import hashlib
import hmac
import http.client
import json
import os
import pathlib
import random
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "scenario"))
from world import World  # noqa: E402

MUTATIONS = int(os.environ.get("HTTP_MUTATIONS", "1000"))
SEED = 20261121
SECRET = "whsec_mutated_over_http"
UNSPOILT_EVERY = 50


def signature(secret, stamp, body):
    return hmac.new(secret.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()


def sign(body, secret=SECRET, at=None):
    stamp = int(at if at is not None else time.time())
    return [("Stripe-Signature", f"t={stamp},v1={signature(secret, stamp, body)}")]


def flip(data, chance):
    changed = bytearray(data)
    changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
    return bytes(changed)


def spoil_header(body, headers, chance):
    name, value = headers[0]
    at = chance.randrange(len(value))
    # Only what may stand in a header: anything else the server refuses before it looks at the signature.
    other = chance.choice([c for c in "0123456789abcdef=,vt;" if c != value[at]])
    return body, [(name, value[:at] + other + value[at + 1:])]


def whitespace(body, headers, chance):
    at = chance.randrange(len(body) + 1)
    return body[:at] + chance.choice([b" ", b"\n", b"\t", b"\r\n"]) + body[at:], headers


def first_one_wrong(body, headers, chance):
    """The right header comes second: the first counts."""
    return body, sign(body, "whsec_other") + headers


def cut_into_two(body, headers, chance):
    """One header in two fields: neither is whole."""
    stamp, value = headers[0][1].split(",")
    return body, [("Stripe-Signature", stamp), ("Stripe-Signature", value)]


MUTATION_TABLE = [
    ("a bit of the body", lambda body, headers, chance: (flip(body, chance), headers)),
    ("a character of the header", spoil_header),
    ("body truncated", lambda body, headers, chance: (body[:chance.randrange(len(body))], headers)),
    ("white space in the body", whitespace),
    ("header missing", lambda body, headers, chance: (body, [])),
    ("another name", lambda body, headers, chance: (body, [("Stripe-Signatures", headers[0][1])])),
    ("another secret", lambda body, headers, chance: (body, sign(body, "whsec_" + str(chance.random())))),
    ("scheme v0", lambda body, headers, chance: (body, [(headers[0][0], headers[0][1].replace("v1=", "v0="))])),
    ("too old", lambda body, headers, chance: (body, sign(body, at=time.time() - 400 - chance.randrange(10**6)))),
    ("ahead of time", lambda body, headers, chance: (body, sign(body, at=time.time() + 400 + chance.randrange(10**6)))),
    ("the header of another", lambda body, headers, chance: (body, sign(body + b" "))),
    ("body written again", lambda body, headers, chance: (json.dumps(json.loads(body), indent=3).encode(), headers)),
    ("two fields, the first wrong", first_one_wrong),
    ("one header in two fields", cut_into_two),
    ("body doubled", lambda body, headers, chance: (body + body, headers)),
    ("empty body", lambda body, headers, chance: (b"", headers)),
]


class MutatedOverHttp(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        os.environ["BILLHOOK_STRIPE_WEBHOOK_SECRETS"] = SECRET
        cls.world = World(os.environ["BILLHOOK_TEST_PROGRAM"], "sqlite", None)
        cls.connection = http.client.HTTPConnection(cls.world.base.removeprefix("http://"), timeout=60)
        folder = pathlib.Path("src/gateway/stripe/testdata")
        cls.samples = [line for path in sorted(folder.glob("*.jsonl")) for line in path.read_text().splitlines()]

    @classmethod
    def tearDownClass(cls):
        cls.connection.close()
        cls.world.close()

    def deliver(self, body, headers):
        """(status, body) of the answer."""
        self.connection.putrequest("POST", "/api/v1/webhooks/stripe", skip_accept_encoding=True)
        self.connection.putheader("Content-Type", "application/json")
        self.connection.putheader("Content-Length", str(len(body)))
        for name, value in headers:
            self.connection.putheader(name, value)
        self.connection.endheaders(body)
        answer = self.connection.getresponse()
        return answer.status, json.loads(answer.read())

    def events_kept(self, event_id):
        return self.world.call("GET", "/api/v1/events/" + event_id)[0] == 200

    def next_event(self, chance):
        event = json.loads(chance.choice(self.samples))
        # Of a type that nobody handles: what is shown here is the receipt.
        event.update(id=f"evt_{chance.getrandbits(96):024x}", type="mutated." + event["type"])
        return event["id"], json.dumps(event).encode()

    def test_none_is_accepted_and_all_unspoilt_are(self):
        chance = random.Random(SEED)
        refused, accepted = 0, 0
        for turn in range(MUTATIONS):
            name, spoil = MUTATION_TABLE[turn % len(MUTATION_TABLE)]
            event_id, body = self.next_event(chance)
            headers = sign(body)
            spoilt = spoil(body, headers, chance)
            self.assertNotEqual(spoilt, (body, headers), name)
            status, answer = self.deliver(*spoilt)
            self.assertEqual(status, 400, (name, answer, spoilt))
            # Before any signature is looked at: which of two would count, is nothing to guess.
            is_said_twice = (answer["code"], answer.get("field")) == ("malformed_request", "Stripe-Signature")
            self.assertTrue(is_said_twice or answer["code"].startswith("signature_"), (name, answer))
            refused += 1
            if turn % UNSPOILT_EVERY == 0:
                self.assertFalse(self.events_kept(event_id), name)
                status, answer = self.deliver(body, headers)
                self.assertEqual((status, answer), (200, {"received": True}))
                self.assertTrue(self.events_kept(event_id))
                accepted += 1
        print(f"{refused} spoilt webhooks refused, {accepted} unspoilt ones between them accepted", file=sys.stderr)


if __name__ == "__main__":
    unittest.main()
