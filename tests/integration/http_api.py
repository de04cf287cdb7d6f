#!/usr/bin/env python3
"""The public API's manners: credentials, problem details, idempotency keys, limits, tokens. One running server."""

import contextlib
import http.client
import json
import os
import pathlib
import sqlite3
import sys
import time
import unittest
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "scenario"))
from token_signer import TokenSigner  # noqa: E402
from world import World, request  # noqa: E402


class Api(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.signer = TokenSigner()
        cls.world = World(os.environ["BILLHOOK_TEST_PROGRAM"], "sqlite", "",
                          cls.signer.options() + ["--idempotency-retention", "2h"])
        cls.world.call("PUT", "/api/v1/customers/acme", {})
        cls.world.call("PUT", "/api/v1/customers/other", {})

    @classmethod
    def tearDownClass(cls):
        cls.world.close()

    def ask(self, method, path, body=None, credential=None, **headers):
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if credential:
            sent["Authorization"] = "Bearer " + credential
        data = body if isinstance(body, bytes) else json.dumps(body).encode() if body is not None else None
        status, answered, text = request(method, self.world.base + path, {"Content-Type": "application/json", **sent}, data)
        return status, answered, json.loads(text) if text.startswith("{") else text

    def refused(self, expected, code, *arguments, **more):
        status, headers, body = self.ask(*arguments, **more)
        self.assertEqual((status, body.get("code")), (expected, code), body)
        self.assertEqual(headers["Content-Type"], "application/problem+json")
        self.assertEqual((body["type"], body["status"]), ("/problems/" + code, expected))
        self.assertTrue(body["detail"])
        return body

    def test_credentials(self):
        self.refused(401, "missing_credential", "GET", "/api/v1/entitlements")
        self.refused(401, "unknown_key", "GET", "/api/v1/entitlements", credential="bh_" + "x" * 43)
        self.refused(422, "missing_field", "GET", "/api/v1/entitlements", credential=self.world.key)
        self.refused(422, "invalid_value", "GET", "/api/v1/entitlements", credential=self.world.key, Billhook_Customer="a b")

    def test_a_header_that_decides_is_said_once(self):
        place = urllib.parse.urlsplit(self.world.base)
        own = [("Authorization", "Bearer " + self.world.key), ("Billhook-Customer", "acme"), ("Idempotency-Key", "once"),
               ("Stripe-Signature", "t=1,v1=00")]
        for method, path in (("POST", "/api/v1/check"), ("GET", "/api/v1/customer"), ("POST", "/api/v1/webhooks/stripe"),
                             ("GET", "/api/v1/public/pricing")):
            for name, _ in own:
                connection = http.client.HTTPConnection(place.hostname, place.port, timeout=30)
                connection.putrequest(method, path)
                body = b'{"feature":"analytics"}' if method == "POST" else b""
                for header, value in [*own, (name.lower(), "other"), ("Content-Length", str(len(body)))]:
                    connection.putheader(header, value)
                connection.endheaders(body)
                answer = connection.getresponse()
                problem = json.loads(answer.read())
                connection.close()
                self.assertEqual((answer.status, problem.get("code"), problem.get("field")), (400, "malformed_request", name), path)

    def test_paths_and_methods(self):
        self.refused(404, "unknown_path", "GET", "/api/v1/nothing")
        status, headers, body = self.ask("DELETE", "/api/v1/check")
        self.assertEqual((status, body["code"], headers["Allow"]), (405, "method_not_allowed", "POST"))
        self.refused(404, "unknown_customer", "GET", "/api/v1/customers/nobody", credential=self.world.key)

    def test_every_mistake_of_a_body_is_named(self):
        body = self.refused(422, "missing_field", "POST", "/api/v1/check", {"amount": "much", "featur": 1},
                            credential=self.world.key, Billhook_Customer="acme")
        self.assertEqual({each["field"] for each in body["errors"]}, {"feature", "amount", "featur"})
        for text in (b"{", b'{"a":1,"a":2}', b"[" * 100, b"nul"):
            self.refused(400, "invalid_json", "POST", "/api/v1/check", text, credential=self.world.key, Billhook_Customer="acme")

    def test_a_body_that_is_too_long(self):
        status, _, body = self.ask("POST", "/api/v1/check", b'"' + b"x" * (2 << 20) + b'"', credential=self.world.key)
        self.assertEqual((status, body["code"]), (413, "body_too_large"))

    def test_idempotency_keys(self):
        path, who = "/api/v1/gauges/clients/allocate", {"credential": self.world.key, "Billhook_Customer": "acme"}
        self.world.call("POST", "/api/v1/checkout", {"plan": "starter"}, customer="acme")
        first = self.ask("PUT", "/api/v1/customers/acme", {"name": "One"}, credential=self.world.key, Idempotency_Key="k1")
        again = self.ask("PUT", "/api/v1/customers/acme", {"name": "One"}, credential=self.world.key, Idempotency_Key="k1")
        self.assertEqual(first[2], again[2])
        self.assertIsNone(first[1]["Idempotent-Replayed"])
        self.assertEqual(again[1]["Idempotent-Replayed"], "true")
        self.refused(422, "idempotency_key_reused", "PUT", "/api/v1/customers/acme", {"name": "Two"},
                     credential=self.world.key, Idempotency_Key="k1")
        self.refused(422, "invalid_value", "POST", path, {}, Idempotency_Key="x" * 256, **who)

    def test_an_idempotency_key_is_remembered_as_long_as_the_operator_says(self):
        self.ask("PUT", "/api/v1/customers/acme", {}, credential=self.world.key, Idempotency_Key="for_a_while")
        with contextlib.closing(sqlite3.connect(pathlib.Path(self.world.folder, "billhook.db"))) as database:
            kept = database.execute("SELECT expires_at - created_at FROM idempotency_record"
                                    " WHERE idempotency_key = 'for_a_while'").fetchall()
        self.assertEqual(kept, [(2 * 3600 * 1000,)])

    def test_a_secret_is_told_once_and_kept_nowhere(self):
        again = {"credential": self.world.key, "Idempotency_Key": "one-key"}
        wish = {"name": "told once", "scopes": ["entitlement_check"]}
        status, _, first = self.ask("POST", "/api/v1/keys", wish, **again)
        self.assertEqual(status, 201)
        status, headers, second = self.ask("POST", "/api/v1/keys", wish, **again)
        self.assertEqual((status, headers["Idempotent-Replayed"]), (201, "true"))
        self.assertEqual(second, {**first, "key": None})
        kept = b"".join(path.read_bytes() for path in pathlib.Path(self.world.folder).glob("*.db*"))
        self.assertIn(first["id"].encode(), kept)
        self.assertNotIn(first["key"].encode(), kept)
        self.assertNotIn(first["key"][3:].encode(), kept)

    def test_return_addresses_stay_within_the_origins(self):
        for address in ("https://evil.example/", "http://127.0.0.1.evil.example/", self.world.base + "@evil.example", "//x"):
            status, _, body = self.ask("POST", "/api/v1/checkout", {"plan": "starter", "success_url": address},
                                       credential=self.world.key, Billhook_Customer="other")
            self.assertEqual((status, body["field"]), (422, "success_url"), address)

    def test_keys_reach_as_far_as_their_scopes(self):
        status, _, made = self.ask("POST", "/api/v1/keys", {"name": "gate", "scopes": ["entitlement_check"], "customer": "acme"},
                                   credential=self.world.key)
        self.assertEqual(status, 201)
        gate = made["key"]
        self.assertEqual(self.ask("POST", "/api/v1/check", {"feature": "analytics"}, credential=gate)[0], 200)
        self.refused(404, "unknown_customer", "POST", "/api/v1/check", {"feature": "analytics"}, credential=gate,
                     Billhook_Customer="other")
        for method, path in (("GET", "/api/v1/keys"), ("GET", "/api/v1/events"), ("GET", "/api/v1/customers"),
                             ("GET", "/api/v1/entitlements"), ("POST", "/api/v1/subscriptions/tier/cancel")):
            self.refused(403, "insufficient_scope", method, path, credential=gate)
        listed = self.ask("GET", "/api/v1/keys", credential=self.world.key)[2]["data"]
        self.assertFalse(any("key" in each for each in listed), "the secret is told once")
        self.assertEqual(self.ask("DELETE", "/api/v1/keys/" + made["id"], credential=self.world.key)[0], 200)
        self.refused(401, "unknown_key", "POST", "/api/v1/check", {"feature": "analytics"}, credential=gate)

    def test_a_key_says_when_it_was_last_used(self):
        made = self.ask("POST", "/api/v1/keys", {"name": "seldom", "scopes": ["entitlement_check"], "customer": "acme"},
                        credential=self.world.key)[2]

        def last_used():
            listed = self.ask("GET", "/api/v1/keys", credential=self.world.key)[2]["data"]
            return next(each["last_used_at"] for each in listed if each["id"] == made["id"])

        self.assertIsNone(last_used())
        self.assertEqual(self.ask("POST", "/api/v1/check", {"feature": "analytics"}, credential=made["key"])[0], 200)
        self.world.wait_for(lambda: last_used() is not None, "the use to be written down")
        first = last_used()
        self.assertEqual(self.ask("POST", "/api/v1/check", {"feature": "analytics"}, credential=made["key"])[0], 200)
        self.assertEqual(last_used(), first, "to the minute: the second use writes nothing")

    def test_tokens_name_their_customer(self):
        for key in ("ed", "rsa"):
            status, _, body = self.ask("GET", "/api/v1/entitlements", credential=self.signer.token(key), Billhook_Customer="other")
            self.assertEqual((status, body["customer"]), (200, "acme"), "nothing in the request changes the customer")
        good = self.signer.token()
        self.refused(401, "bad_signature", "GET", "/api/v1/entitlements", credential=good[:-6] + "AAAAAA")
        self.refused(401, "token_expired", "GET", "/api/v1/entitlements", credential=self.signer.token(exp=1000))
        self.refused(401, "wrong_issuer", "GET", "/api/v1/entitlements", credential=self.signer.token(iss="https://x.example"))
        self.refused(401, "wrong_audience", "GET", "/api/v1/entitlements", credential=self.signer.token(aud="mail"))
        self.refused(401, "missing_customer_claim", "GET", "/api/v1/entitlements", credential=self.signer.token(customer_id=7))
        self.refused(403, "insufficient_scope", "GET", "/api/v1/events", credential=good)
        self.refused(403, "application_only", "GET", "/api/v1/customers", credential=good)

    def test_of_a_customers_members_only_owner_and_admin_buy(self):
        member = self.signer.token(role="member")
        self.assertEqual(self.ask("GET", "/api/v1/subscriptions", credential=member)[0], 200)
        self.refused(403, "insufficient_role", "POST", "/api/v1/checkout", {"plan": "starter"}, credential=member)
        self.refused(403, "insufficient_role", "GET", "/api/v1/invoices", credential=member)
        self.assertEqual(self.ask("GET", "/api/v1/invoices", credential=self.signer.token(role="admin"))[0], 200)

    def test_webhooks_want_a_signature(self):
        for path in ("/webhooks/stripe", "/api/v1/webhooks/stripe"):
            for signature in ("", "t=1,v1=00", "t=%d,v1=%s" % (time.time(), "0" * 64)):
                status, _, _ = self.ask("POST", path, {"id": "evt_x"}, Stripe_Signature=signature)
                self.assertEqual(status, 400, signature)

    def test_prices_answer_if_none_match(self):
        status, headers, body = self.ask("GET", "/api/v1/public/pricing?currency=jpy")
        self.assertEqual((status, body["tiers"]["starter"]["currency"]), (200, "jpy"))
        tag = headers["ETag"]
        for known in (tag, "W/" + tag, f'"a,b", W/{tag}', f'{tag}, "other"', "*"):
            self.assertEqual(self.ask("GET", "/api/v1/public/pricing?currency=jpy", If_None_Match=known)[0], 304, known)
        for other in ('"other"', tag.strip('"'), 'W/"other"', '"', ""):
            self.assertEqual(self.ask("GET", "/api/v1/public/pricing?currency=jpy", If_None_Match=other)[0], 200, other)
        self.refused(422, "invalid_value", "GET", "/api/v1/public/pricing?currency=gbp")

    def test_a_page_after_what_is_no_place_is_refused(self):
        who = {"credential": self.world.key, "Billhook_Customer": "acme"}
        for path in ("/api/v1/events", "/api/v1/invoices", "/api/v1/subscriptions/tier/history"):
            for after in ("evt_1", "17.", ".evt_1", "x.evt_1", "99999999999999999999.evt_1"):
                problem = self.refused(422, "invalid_value", "GET", f"{path}?starting_after={after}&limit=0", **who)
                self.assertEqual({each["field"] for each in problem["errors"]}, {"limit", "starting_after"}, path)
        problem = self.refused(422, "invalid_value", "GET", "/api/v1/customers?starting_after=a%20b", credential=self.world.key)
        self.assertEqual(problem["field"], "starting_after")

    def test_pages_of_customers_come_to_an_end(self):
        bound = self.world.call("POST", "/api/v1/keys", {"name": "bound", "scopes": ["customer_read"], "customer": "acme"})[1]["key"]
        for key in (bound, self.world.key):
            seen, after = [], ""
            while page := self.ask("GET", "/api/v1/customers?limit=1" + after, credential=key)[2]["data"]:
                seen += [each["id"] for each in page]
                self.assertEqual(sorted(set(seen)), seen)
                after = "&starting_after=" + seen[-1]
            self.assertIn("acme", seen)

    def test_what_describes_the_server(self):
        self.assertEqual(self.ask("GET", "/livez")[0], 200)
        self.assertEqual(self.ask("GET", "/readyz")[0], 200)
        self.assertIn("billhook_stripe_requests_total", self.ask("GET", "/metrics")[2])
        self.assertTrue(self.ask("GET", "/openapi.yaml")[2].startswith("openapi: 3.1"))
        self.assertIn("meaning", self.ask("GET", "/problems/line_already_held")[2])


if __name__ == "__main__":
    unittest.main()
