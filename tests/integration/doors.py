#!/usr/bin/env python3
"""The doors of a real server: proxies that are believed and those that are not, guessing of keys, who asks
without any, customers who enter by their first token, TLS whose files are replaced while it runs."""

import concurrent.futures
import hashlib
import http.client
import json
import os
import pathlib
import signal
import socket
import ssl
import subprocess
import sys
import unittest
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "scenario"))
from token_signer import TokenSigner  # noqa: E402
from world import World, request  # noqa: E402

PROGRAM = os.environ["BILLHOOK_TEST_PROGRAM"]
FAILURES = 5
REQUESTS = 6
WRONG = "bh_" + "y" * 43
# 127.0.0.0/8 is all this machine: a client may be whom it likes.
PROXY, STRANGER = "127.0.0.7", "127.0.0.8"


class Doors(unittest.TestCase):
    def start(self, *options):
        world = World(PROGRAM, "sqlite", "", options)
        self.addCleanup(world.close)
        self.port = urllib.parse.urlsplit(world.base).port
        return world

    def ask(self, *place, **who):
        """(status, headers, problem or body), as the client `peer`."""
        status, headers, text = self.text_of(*place, **who)
        return status, headers, json.loads(text)

    def text_of(self, path="/api/v1/keys", credential=None, peer="127.0.0.1", method="GET", **headers):
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if credential:
            sent["Authorization"] = "Bearer " + credential
        host = "127.0.0.1" if peer.startswith("127.") else peer
        connection = http.client.HTTPConnection(host, self.port, timeout=30, source_address=(peer, 0))
        try:
            connection.request(method, path, headers=sent)
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read()
        finally:
            connection.close()

    def status_of(self, *place, **who):
        return self.text_of(*place, **who)[0]

    def guess(self, times, **who):
        return [self.ask(credential=WRONG, **who)[0] for _ in range(times)]

    def test_guessing_comes_to_an_end_and_the_rest_of_the_house_goes_on(self):
        world = self.start("--key-failures-per-minute", str(FAILURES))
        self.assertEqual(self.guess(FAILURES), [401] * FAILURES)
        status, headers, problem = self.ask(credential=WRONG)
        self.assertEqual((status, problem["code"]), (429, "too_many_key_failures"))
        self.assertTrue(1 <= int(headers["Retry-After"]) <= 60)
        # No more is said of a token that is none; a key in use comes in, and so does who wants a door without one.
        self.assertEqual(self.ask(credential="a.b.c")[0], 429)
        self.assertEqual(self.ask(credential=world.key)[0], 200)
        self.assertEqual(self.ask("/api/v1/public/pricing", credential=WRONG)[0], 200)
        self.assertEqual(self.ask(path="/api/v1/keys")[0], 401, "no credential is no guess")
        # Others have their own count, and the minute ends.
        self.assertEqual(self.guess(FAILURES + 1, peer=STRANGER), [401] * FAILURES + [429])
        world.advance_to(world.now() + 61)
        self.assertEqual(self.guess(1), [401])

    def test_doors_that_need_no_credential_are_limited_by_address(self):
        world = self.start("--anonymous-requests-per-minute", str(REQUESTS))
        doors = ["/api/v1/public/pricing", "/", "/openapi.yaml", "/problems/busy"]
        self.assertEqual([self.status_of(doors[i % len(doors)]) for i in range(REQUESTS)], [200] * REQUESTS)
        for door in doors:
            self.assertEqual(self.status_of(door), 429, door)
        status, headers, problem = self.ask(doors[0])
        self.assertEqual((status, problem["code"]), (429, "too_many_requests"))
        self.assertTrue(1 <= int(headers["Retry-After"]) <= 60)
        # Who has a valid key is not anonymous; one that is made up changes nothing.
        self.assertEqual([self.status_of(doors[0], world.key) for _ in range(REQUESTS + 1)], [200] * (REQUESTS + 1))
        self.assertEqual(self.status_of(doors[0], WRONG), 429)
        # Who watches the server is never turned away, nor is Stripe: what the sandbox tells comes from this address.
        for door in ("/livez", "/readyz", "/metrics"):
            self.assertEqual([self.status_of(door) for _ in range(REQUESTS + 1)], [200] * (REQUESTS + 1), door)
        before = len(world.call("GET", "/api/v1/events?limit=100")[1]["data"])
        for i in range(REQUESTS + 1):
            world.stripe("POST", "/v1/customers", {"description": str(i)})
        world.wait_for(lambda: len(world.call("GET", "/api/v1/events?limit=100")[1]["data"]) > before + REQUESTS, "their events")
        # Others have their own count, and the minute ends.
        self.assertEqual(self.status_of(doors[0], peer=STRANGER), 200)
        world.advance_to(world.now() + 61)
        self.assertEqual(self.status_of(doors[0]), 200)

    def test_a_valid_token_comes_in_beside_a_guesser(self):
        signer = TokenSigner()
        world = self.start(*signer.options(), "--key-failures-per-minute", str(FAILURES))
        world.call("PUT", "/api/v1/customers/acme", {})
        door = "/api/v1/entitlements"
        # What its issuer gave out for another time or another reader is no guess.
        stale = {"token_expired": signer.token(exp=1000), "wrong_audience": signer.token(aud="mail"),
                 "token_not_yet_valid": signer.token(nbf=world.now() + 600), "missing_customer_claim": signer.token(customer_id=7)}
        for _ in range(FAILURES):
            for code, token in stale.items():
                self.assertEqual(self.ask(door, token)[2]["code"], code)
        forged = [signer.token(sub=str(i))[:-6] + "AAAAAA" for i in range(FAILURES + 1)]
        self.assertEqual([self.ask(door, token)[0] for token in forged], [401] * FAILURES + [429])
        self.assertEqual(self.ask(door, signer.token(sub="a newcomer"))[0], 200)
        self.assertEqual(self.ask(door, stale["token_expired"])[2]["code"], "token_expired")
        self.assertEqual(self.guess(1), [429])

    def test_a_subject_that_is_named_like_a_key_has_answers_of_its_own(self):
        signer = TokenSigner()
        world = self.start(*signer.options())
        world.call("PUT", "/api/v1/customers/acme", {})
        made = world.call("POST", "/api/v1/keys", {"name": "app", "scopes": ["application"], "customer": "acme"})[1]
        token = signer.token(customer_id="acme", sub=made["id"])

        def leave(credential):
            return self.ask("/api/v1/subscriptions/tier/cancel", credential, method="POST", Idempotency_Key="one")

        for credential in (made["key"], token):
            status, headers, problem = leave(credential)
            self.assertEqual((status, problem["code"]), (409, "no_subscription"))
            self.assertIsNone(headers["Idempotent-Replayed"])
            self.assertEqual(leave(credential)[1]["Idempotent-Replayed"], "true")

    def test_only_a_named_proxy_says_who_asks(self):
        self.start("--key-failures-per-minute", str(FAILURES), "--trusted-proxies", PROXY + ",10.0.0.0/8")
        for client in ("203.0.113.1", "203.0.113.2"):
            self.assertEqual(self.guess(FAILURES + 1, peer=PROXY, X_Forwarded_For=client), [401] * FAILURES + [429], client)
        # What the client wrote itself stands to the left of what the proxies added.
        self.assertEqual(self.guess(1, peer=PROXY, X_Forwarded_For="198.51.100.1, 203.0.113.2, 10.0.0.3"), [429])
        self.assertEqual(self.guess(1, peer=PROXY, X_Forwarded_For="203.0.113.2, 203.0.113.3"), [401])
        # A stranger that says it speaks for many is one.
        said = [self.ask(credential=WRONG, peer=STRANGER, X_Forwarded_For=f"192.0.2.{i}")[0] for i in range(FAILURES + 1)]
        self.assertEqual(said, [401] * FAILURES + [429])

    def test_off_loopback_a_credential_comes_through_the_named_proxies(self):
        world = self.start("--listen", "0.0.0.0:0", "--trusted-proxies", PROXY)
        for scheme, status in (("https", 200), ("http", 403), ("https, http", 403)):
            answered, _, body = self.ask(credential=world.key, peer=PROXY, X_Forwarded_Proto=scheme)
            self.assertEqual(answered, status, body)
        self.assertEqual(body["code"], "plain_http_refused")
        self.assertEqual(self.ask(credential=world.key, peer=PROXY)[0], 200)
        own = address_of_this_machine()
        self.assertEqual(self.ask(credential=world.key, peer=own)[2]["code"], "plain_http_refused")
        self.assertEqual(self.ask(credential=world.key, peer=own, X_Forwarded_Proto="https")[0], 403, "a stranger says so")
        self.assertEqual(self.ask("/livez", peer=own)[0], 200)

    def test_a_customer_enters_by_its_first_valid_token_where_the_setting_allows(self):
        signer = TokenSigner()
        world = self.start(*signer.options(), "--customers-by-token")
        self.assertEqual(self.ask("/api/v1/entitlements", signer.token(customer_id="forged")[:-6] + "AAAAAA")[0], 401)
        token = signer.token(customer_id="newcomer", role="member")
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda _: self.ask("/api/v1/entitlements", token), range(16)))
        self.assertEqual({(status, body["customer"], body["status"]) for status, _, body in answers}, {(200, "newcomer", "free")})
        listed = world.call("GET", "/api/v1/customers")[1]["data"]
        self.assertEqual([each["id"] for each in listed], ["newcomer"])
        # A key names customers that are there.
        status, _, problem = self.ask("/api/v1/entitlements", world.key, Billhook_Customer="nobody")
        self.assertEqual((status, problem["code"]), (404, "unknown_customer"))

    def test_otherwise_the_application_brings_the_customer(self):
        signer = TokenSigner()
        world = self.start(*signer.options())
        token = signer.token(customer_id="newcomer")
        for path in ("/api/v1/entitlements", "/api/v1/subscriptions", "/api/v1/customer"):
            status, _, problem = self.ask(path, token)
            self.assertEqual((status, problem["code"]), (404, "unknown_customer"), path)
        world.call("PUT", "/api/v1/customers/newcomer", {})
        self.assertEqual(self.ask("/api/v1/entitlements", token)[0], 200)


class Tls(unittest.TestCase):
    """The world's own clients speak plain HTTP, so this one only starts and stops it."""

    def setUp(self):
        self.folder = pathlib.Path(subprocess.run(["mktemp", "-d"], capture_output=True, text=True, check=True).stdout.strip())
        self.addCleanup(lambda: subprocess.run(["rm", "-r", str(self.folder)], check=True))
        self.make("first")
        self.install("first")
        self.world = World(PROGRAM, "sqlite", "", ["--tls-certificate", str(self.folder / "live.pem"),
                                                   "--tls-key", str(self.folder / "live.key")])
        self.addCleanup(self.world.close)
        place = urllib.parse.urlsplit(self.world.base)
        self.address = (place.hostname, place.port)

    def make(self, name):
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                        "-days", "2", "-subj", "/CN=" + name, "-keyout", str(self.folder / (name + ".key")), "-out",
                        str(self.folder / (name + ".pem"))], check=True, capture_output=True)

    def install(self, name):
        for end in ("pem", "key"):
            os.replace(self.copy(name, end), self.folder / ("live." + end))

    def copy(self, name, end):
        target = self.folder / ("next." + end)
        target.write_bytes((self.folder / f"{name}.{end}").read_bytes())
        return target

    def connect(self):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        return context.wrap_socket(socket.create_connection(self.address, timeout=30))

    def shown(self):
        """The certificate that a new connection sees, by its digest."""
        with self.connect() as connection:
            return hashlib.sha256(connection.getpeercert(binary_form=True)).hexdigest()

    def digest(self, name):
        return hashlib.sha256(ssl.PEM_cert_to_DER_cert((self.folder / (name + ".pem")).read_text())).hexdigest()

    @staticmethod
    def get(connection):
        connection.sendall(b"GET /livez HTTP/1.1\r\nHost: a\r\n\r\n")
        return connection.recv(4096).split(b"\r\n")[0]

    def hang_up(self):
        self.world.process.send_signal(signal.SIGHUP)

    def test_certificates_are_replaced_while_it_runs(self):
        self.assertTrue(self.world.base.startswith("https://"))
        self.assertEqual(self.shown(), self.digest("first"))
        with self.connect() as old:
            self.assertEqual(self.get(old), b"HTTP/1.1 200 OK")
            self.make("second")
            self.install("second")
            self.assertEqual(self.shown(), self.digest("first"), "not before it is told")
            self.hang_up()
            self.world.wait_for(lambda: self.shown() == self.digest("second"), "the second certificate")
            self.assertEqual(self.get(old), b"HTTP/1.1 200 OK", "who was connected stays so")
        # What cannot be used changes nothing, and the log says so.
        (self.folder / "live.pem").write_text("no certificate")
        self.hang_up()
        self.world.wait_for(lambda: "the TLS files were not reloaded" in self.world.log_tail(), "a line in the log")
        self.assertEqual(self.shown(), self.digest("second"))
        self.install("first")
        self.hang_up()
        self.world.wait_for(lambda: self.shown() == self.digest("first"), "the first certificate again")

    def test_plain_http_is_told_where_it_is(self):
        base = self.world.base.replace("https://", "http://")
        status, headers, text = request("GET", base + "/livez", {})
        problem = json.loads(text)
        self.assertEqual((status, problem["code"], headers["Content-Type"]), (400, "https_expected", "application/problem+json"))
        self.assertIn("https://", problem["detail"])

    def test_old_protocols_are_refused(self):
        for version in (ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1):
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            context.set_ciphers("ALL:@SECLEVEL=0")
            context.minimum_version = context.maximum_version = version
            with self.assertRaises((ssl.SSLError, ConnectionError)):
                context.wrap_socket(socket.create_connection(self.address, timeout=30))


def address_of_this_machine():
    """One that is not loopback: a datagram socket says it without sending anything."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(("192.0.2.1", 9))
        return probe.getsockname()[0]


if __name__ == "__main__":
    unittest.main()
