#!/usr/bin/env python3
"""What no well-behaved client does, done to a real server: each has its status and its problem detail, no request that
hides behind another is answered, the check goes on for everybody else, and memory stays within bounds."""

import http.client
import json
import os
import pathlib
import re
import select
import socket
import sys
import tempfile
import threading
import time
import unittest
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "scenario"))
from world import World, request  # noqa: E402

CONNECTIONS_MAX = 80
BODY_BYTES_MAX = 64 << 10
TIMEOUT_S = 2  # of a head, and of a body
WAIT_S = 30    # for what has to happen; far longer than it takes
# A sanitizer keeps several bytes for each of the program's: tests/prove/sanitizers.sh says how many.
RSS_GROWTH_MAX = (96 << 20) * int(os.environ.get("BILLHOOK_TEST_RSS_TIMES", "1"))

SMUGGLED = b"GET /readyz HTTP/1.1\r\nHost: a\r\n\r\n"
GET = b"GET /livez HTTP/1.1\r\nHost: a\r\n"
POST = b"POST /api/v1/check HTTP/1.1\r\nHost: a\r\n"

# What is said: the status and the code of the only answer.
MALFORMED = {
    "a length and a coding": (POST + b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400, "malformed_request"),
    "a coding and a length": (POST + b"Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n", 400, "malformed_request"),
    "two lengths that differ": (POST + b"Content-Length: 2\r\nContent-Length: 40\r\n\r\n{}", 400, "malformed_request"),
    "the same length twice": (POST + b"Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}", 400, "malformed_request"),
    "a list of lengths": (POST + b"Content-Length: 2, 2\r\n\r\n{}", 400, "malformed_request"),
    "a length with a sign": (POST + b"Content-Length: +2\r\n\r\n{}", 400, "malformed_request"),
    "a hexadecimal length": (POST + b"Content-Length: 0x2\r\n\r\n{}", 400, "malformed_request"),
    "a coding twice": (POST + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400, "malformed_request"),
    "a coding that nobody knows": (POST + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 501, "unsupported_transfer_coding"),
    "a coding with a tail": (POST + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", 501, "unsupported_transfer_coding"),
    "a coding behind a space": (POST + b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n", 400, "malformed_request"),
    "a chunk that lies": (POST + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}}\r\n0\r\n\r\n", 400, "malformed_request"),
    "a negative chunk": (POST + b"Transfer-Encoding: chunked\r\n\r\n-2\r\n{}\r\n0\r\n\r\n", 400, "malformed_request"),
    "a folded header": (GET + b"X: a\r\n b\r\n\r\n", 400, "malformed_request"),
    "bare line feeds": (b"GET /livez HTTP/1.1\nHost: a\n\n", 400, "malformed_request"),
    "one bare line feed": (GET + b"X: a\n\r\n", 400, "malformed_request"),
    "a bare carriage return": (GET + b"X: a\rY: b\r\n\r\n", 400, "malformed_request"),
    "a zero byte in a header": (GET + b"X: a\x00b\r\n\r\n", 400, "malformed_request"),
    "a zero byte in the target": (b"GET /livez\x00 HTTP/1.1\r\nHost: a\r\n\r\n", 400, "malformed_request"),
    "no host": (b"GET /livez HTTP/1.1\r\n\r\n", 400, "malformed_request"),
    "two hosts": (GET + b"Host: b\r\n\r\n", 400, "malformed_request"),
    "a space in the target": (b"GET /livez x HTTP/1.1\r\nHost: a\r\n\r\n", 400, "malformed_request"),
    "a byte beyond ASCII in the target": (b"GET /\xff HTTP/1.1\r\nHost: a\r\n\r\n", 400, "malformed_request"),
    "no host's name": (b"GET /livez HTTP/1.1\r\nHost: a b/c\r\n\r\n", 400, "malformed_request"),
    "another protocol": (b"GET /livez HTTP/2.0\r\nHost: a\r\n\r\n", 400, "malformed_request"),
    "a tunnel": (b"CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n", 400, "malformed_request"),
    "an address with a user": (b"GET http://u@a/livez HTTP/1.1\r\nHost: a\r\n\r\n", 400, "malformed_request"),
    "TLS": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 400, "malformed_request"),
    "an expectation": (POST + b"Content-Length: 2\r\nExpect: tea\r\n\r\n{}", 417, "expectation_failed"),
    "a long header": (GET + b"X: " + b"x" * (17 << 10) + b"\r\n\r\n", 431, "headers_too_large"),
    "a long target": (b"GET /" + b"x" * (17 << 10) + b" HTTP/1.1\r\nHost: a\r\n\r\n", 414, "uri_too_long"),
    "many headers": (GET + b"".join(b"X-%d: y\r\n" % i for i in range(200)) + b"\r\n", 431, "headers_too_large"),
    "headers without an end": (GET + b"X-Y: z\r\n" * 5000, 431, "headers_too_large"),
    "a long body, announced": (POST + b"Content-Length: 999999999\r\n\r\n", 413, "body_too_large"),
    "a long body, awaited": (POST + b"Content-Length: 999999999\r\nExpect: 100-continue\r\n\r\n", 413, "body_too_large"),
    "a long body in chunks": (POST + b"Transfer-Encoding: chunked\r\n\r\n" + b"4000\r\n" + b"x" * 0x4000 + b"\r\n"
                              + (b"4000\r\n" + b"x" * 0x4000 + b"\r\n") * 4, 413, "body_too_large"),
    "a chunk beyond all bounds": (POST + b"Transfer-Encoding: chunked\r\n\r\nfffffffffffffff0\r\n", 413, "body_too_large"),
}

# Bodies of POST /api/v1/check: the status, and the code.
BODIES = {
    "nesting": (b"[" * 60_000, 400, "invalid_json"),
    "nesting of objects": (b'{"a":' * 10_000, 400, "invalid_json"),
    "a key twice": (b'{"feature":"analytics","feature":"clients"}', 400, "invalid_json"),
    "a key twice, escaped": (b'{"feature":"analytics","f\\u0065ature":"clients"}', 400, "invalid_json"),
    "a number beyond double": (b'{"feature":"analytics","amount":1e999}', 400, "invalid_json"),
    "a number beyond 64 bits": (b'{"feature":"analytics","amount":18446744073709551616}', 400, "invalid_json"),
    "a number beyond 63 bits": (b'{"feature":"analytics","amount":9223372036854775808}', 422, "invalid_value"),
    "a thousand digits": (b'{"feature":"analytics","amount":' + b"9" * 1000 + b"}", 400, "invalid_json"),
    "a broken number": (b'{"feature":"analytics","amount":01}', 400, "invalid_json"),
    "no number": (b'{"feature":"analytics","amount":NaN}', 400, "invalid_json"),
    "half a character": (b'{"feature":"\xc3"}', 400, "invalid_json"),
    "an overlong character": (b'{"feature":"\xc0\xaf"}', 400, "invalid_json"),
    "half a surrogate pair": (b'{"feature":"\\ud800"}', 400, "invalid_json"),
    "a zero byte": (b'{"feature":"a\x00b"}', 400, "invalid_json"),
    "a zero byte, escaped": (b'{"feature":"a\\u0000b"}', 422, "invalid_value"),
    "a zero byte in a key": (b'{"feature\\u0000":"a"}', 422, "missing_field"),
    "a byte order mark": (b'\xef\xbb\xbf{"feature":"analytics"}', 400, "invalid_json"),
    "more than one value": (b'{"feature":"analytics"}{}', 400, "invalid_json"),
    "a list": (b'["analytics"]', 400, "invalid_json"),
    "a comment": (b'{"feature":"analytics"/**/}', 400, "invalid_json"),
    "a trailing comma": (b'{"feature":"analytics",}', 400, "invalid_json"),
    "a form": (b"feature=analytics", 400, "invalid_json"),
    "half of it": (b'{"feature":"anal', 400, "invalid_json"),
    "nothing": (b"", 422, "missing_field"),
    "a million blanks less": (b" " * 60_000 + b'{"feature":"analytics"}', 200, None),
}

# Targets of GET with an application's key that is bound to `own`: the status.
TARGETS = {
    "/api/v1/customers/own": 200,
    "/api/v1/customers/%6fwn": 200,  # the same name, written otherwise
    "/api/v1/customers/other": 404,
    "/api/v1/customers/own%2f..%2fother": 422,
    "/api/v1/customers/own/../other": 404,
    "/api/v1/customers/..": 404,
    "/api/v1/customers/%2e%2e/customers/other": 404,
    "/api/v1/customers/own%00": 404,
    "/api/v1/customers/own%0d%0aSet-Cookie:%20a=b": 404,
    "/api/v1/customers/%c3%28": 404,
    "/api/v1/customers/%ff": 404,
    "/api/v1/intents/%FF": 404,
    "/api/v1/intents/%7f": 404,
    "/api/v1/customers?%ff=1&%ff=2": 422,
    "/api/v1/customers?limit=%ff": 422,
    "/api/v1/customers/own%": 422,
    "/api/v1/customers/" + "x" * 200: 422,
    "/api/v1/customers//own": 404,
    "/api/v1/customers/own/": 404,
    "//api/v1/customers/own": 404,
    "/API/v1/customers/own": 404,
    "/%61pi/v1/customers/own": 404,
    "/api/v1/customers/own;x=y": 422,
    "/api/v1/customers?limit=1&limit=2": 422,
    "/api/v1/customers?limit[]=1": 422,
    "/api/v1/customers?limit[a][b]=1": 422,
    "/api/v1/customers?limit=%00": 422,
    "/api/v1/customers?%6cimit=1": 200,
    "/api/v1/customers?" + "a" + "[b]" * 200 + "=1": 422,
    "/api/v1/customers?" + "&".join(f"a{i}=1" for i in range(2100)): 422,
    "/problems/%0d%0aX-Evil:%20yes": 404,
}


def read_answers(connection):
    """All that the server says until it closes: [(status, headers, body)]."""
    connection.settimeout(WAIT_S)
    data = b""
    try:
        while chunk := connection.recv(65536):
            data += chunk
    except ConnectionResetError:
        pass
    answers = []
    while data:
        head, _, rest = data.partition(b"\r\n\r\n")
        status = int(head.split()[1])
        headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n")[1:])
        length = int(headers.get("Content-Length", 0))
        answers.append((status, headers, rest[:length]))
        data = rest[length:]
    return answers


class Hostile(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.world = World(os.environ["BILLHOOK_TEST_PROGRAM"], "sqlite", "", [
            "--anonymous-requests-per-minute", "100000",  # what is asked here has no credential
            "--connections-max", str(CONNECTIONS_MAX), "--request-body-bytes-max", str(BODY_BYTES_MAX),
            "--request-timeout", f"{TIMEOUT_S}s"])
        place = urllib.parse.urlsplit(cls.world.base)
        cls.address = (place.hostname, place.port)
        for name in ("own", "other"):
            cls.world.call("PUT", "/api/v1/customers/" + name, {})
        cls.bound = cls.world.call("POST", "/api/v1/keys", {"name": "bound", "scopes": ["application"], "customer": "own"})[1]["key"]
        cls.check_goes_on()
        cls.rss = cls.memory()

    @classmethod
    def tearDownClass(cls):
        cls.world.close()

    def tearDown(self):
        self.check_goes_on()
        self.assertLess(self.memory() - self.rss, RSS_GROWTH_MAX, "memory stays within bounds")

    @classmethod
    def memory(cls):
        with open(f"/proc/{cls.world.process.pid}/status") as status:
            return int(re.search(r"VmRSS:\s+(\d+)", status.read()).group(1)) << 10

    @classmethod
    def check_goes_on(cls):
        status, body = cls.world.call("POST", "/api/v1/check", {"feature": "analytics"}, customer="own")
        if status != 200:
            raise AssertionError(f"the check answers {status} {body}")

    def connect(self):
        return socket.create_connection(self.address, timeout=WAIT_S)

    def assert_problem(self, answer, status, code):
        self.assertEqual((answer[0], answer[1]["Content-Type"]), (status, "application/problem+json"), answer)
        problem = json.loads(answer[2])
        self.assertEqual((problem["code"], problem["status"], problem["type"]), (code, status, "/problems/" + code))
        self.assertTrue(problem["detail"])

    def test_what_can_be_read_in_two_ways_is_refused_and_nothing_behind_it_is_answered(self):
        for name, (text, status, code) in MALFORMED.items():
            with self.subTest(name), self.connect() as connection:
                try:
                    connection.sendall(text + SMUGGLED)
                except OSError:
                    pass  # refused and closed before all was said
                answers = read_answers(connection)
                self.assertEqual(len(answers), 1, answers)
                self.assert_problem(answers[0], status, code)
                self.assertEqual(answers[0][1]["Connection"], "close")

    def test_bodies_that_are_no_json_or_too_much_of_it(self):
        headers = {"Authorization": "Bearer " + self.world.key, "Billhook-Customer": "own", "Content-Type": "application/json"}
        for name, (body, status, code) in BODIES.items():
            with self.subTest(name):
                answered, sent, text = request("POST", self.world.base + "/api/v1/check", headers, body)
                self.assertEqual((answered, json.loads(text).get("code")), (status, code), text[:300])

    def test_targets_name_what_they_name_however_they_are_written(self):
        headers = {"Authorization": "Bearer " + self.bound}
        for target, status in TARGETS.items():
            with self.subTest(target[:80]), self.connect() as connection:
                connection.sendall(f"GET {target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n"
                                   f"Authorization: {headers['Authorization']}\r\n\r\n".encode())
                [(answered, sent, body)] = read_answers(connection)
                self.assertEqual(answered, status, body[:300])
                self.assertNotIn("X-Evil", sent)
                self.assertNotIn("Set-Cookie", sent)
                if status == 200:
                    self.assertNotIn(b'"other"', body)
                else:
                    json.loads(body)

    def test_methods_and_forms_of_targets(self):
        with self.connect() as connection:
            connection.sendall(b"HEAD /livez HTTP/1.1\r\nHost: a\r\n\r\n" + b"OPTIONS /livez HTTP/1.1\r\nHost: a\r\n\r\n"
                               + b"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n" + b"BREW /livez HTTP/1.1\r\nHost: a\r\n\r\n"
                               + b"GET http://elsewhere.example/livez HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            data = b""
            while chunk := connection.recv(65536):
                data += chunk
        statuses = re.findall(rb"HTTP/1.1 (\d+)", data)
        self.assertEqual(statuses, [b"200", b"405", b"404", b"405", b"200"], data)
        self.assertEqual(len(re.findall(rb"\r\nAllow: GET, HEAD\r\n", data)), 2)
        self.assertEqual(data.count(b'"status":"live"'), 1, "HEAD has no body")

    def test_a_body_that_waits_for_leave(self):
        with self.connect() as connection:
            head = POST + b"Authorization: Bearer %s\r\nBillhook-Customer: own\r\n" % self.world.key.encode()
            connection.sendall(head + b"Content-Length: 23\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n")
            self.assertEqual(connection.recv(100), b"HTTP/1.1 100 Continue\r\n\r\n")
            connection.sendall(b'{"feature":"analytics"}')
            [(status, _, body)] = read_answers(connection)
            self.assertEqual((status, json.loads(body)["feature"]), (200, "analytics"))

    def test_pipelined_requests_are_answered_in_their_order(self):
        count = 300
        with self.connect() as connection:
            text = b"".join(b"GET /problems/p%d HTTP/1.1\r\nHost: a\r\n\r\n" % i for i in range(count))
            threading.Thread(target=lambda: connection.sendall(text + GET + b"Connection: close\r\n\r\n")).start()
            answers = read_answers(connection)
        self.assertEqual([json.loads(body)["type"] for _, _, body in answers[:-1]], [f"/problems/p{i}" for i in range(count)])

    def drip(self, text, connection):
        """A byte now and then, until the server has had enough."""
        try:
            for byte in text:
                connection.sendall(bytes([byte]))
                time.sleep(0.05)
        except OSError:
            pass

    def test_slow_clients_come_to_an_end_and_hold_up_nobody(self):
        heads = [GET + b"X: " + b"x" * 600] * 10
        bodies = [POST + b"Content-Length: 600\r\n\r\n" + b" " * 600] * 10
        connections, threads = [], []
        begun = time.monotonic()
        for text in heads + bodies:
            connection = self.connect()
            # Not left to the thread, which may begin late: who has said nothing in time is let go without an answer.
            fast = text.find(b"\r\n\r\n") + 4 if b"\r\n\r\n" in text else len(b"GET ")
            connection.sendall(text[:fast])
            thread = threading.Thread(target=self.drip, args=(text[fast:], connection))
            thread.start()
            connections.append(connection)
            threads.append(thread)
        for _ in range(20):
            self.check_goes_on()
        for connection in connections:
            with connection:
                [answer] = read_answers(connection)
                self.assert_problem(answer, 408, "request_timeout")
        for thread in threads:
            thread.join()
        self.assertLess(time.monotonic() - begun, WAIT_S)

    def test_clients_that_never_speak_are_let_go(self):
        with self.connect() as connection:
            self.assertEqual(read_answers(connection), [])

    def test_clients_that_do_not_read_do_not_fill_the_memory(self):
        before = self.memory()
        connections = []
        for _ in range(20):
            connection = self.connect()
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            connection.setblocking(False)
            try:
                while connection.send(b"GET /openapi.yaml HTTP/1.1\r\nHost: a\r\n\r\n" * 100):
                    pass
            except BlockingIOError:
                pass
            connections.append(connection)
        for _ in range(10):
            self.check_goes_on()
        self.assertLess(self.memory() - before, 64 << 20)
        for connection in connections:
            connection.close()

    def test_a_flood_of_connections_is_answered_at_the_door(self):
        # Who was inside before stays served.
        with self.connect() as inside:
            inside.sendall(GET + b"\r\n")
            self.assertIn(b"200 OK", inside.recv(4096))
            crowd = [self.connect() for _ in range(3 * CONNECTIONS_MAX)]
            # Nobody of the crowd says a word before those for whom there is no room have been told so.
            told, deadline = set(), time.monotonic() + WAIT_S
            while len(told) < 2 * CONNECTIONS_MAX and time.monotonic() < deadline:
                told |= set(select.select([each for each in crowd if each not in told], [], [], 1)[0])
            for _ in range(10):
                inside.sendall(GET + b"\r\n")
                self.assertIn(b"200 OK", inside.recv(4096))
            refused = 0
            for connection in crowd:
                with connection:
                    try:
                        connection.sendall(GET + b"Connection: close\r\n\r\n")
                    except OSError:
                        pass  # refused, or let go because it did not speak
                    answers = read_answers(connection)
                if answers and answers[0][0] == 503:
                    self.assert_problem(answers[0], 503, "too_many_connections")
                    self.assertEqual(answers[0][1]["Retry-After"], "1")
                    refused += 1
        self.assertGreater(refused, CONNECTIONS_MAX)
        # And once the crowd has gone there is room again.
        deadline = time.monotonic() + WAIT_S
        while self.world.call("POST", "/api/v1/check", {"feature": "analytics"}, customer="own")[0] == 503:
            self.assertLess(time.monotonic(), deadline)


class FewDescriptors(unittest.TestCase):
    """A system that allows hardly any: idle connections must not take those that the store and new guests need."""

    def test_idle_connections_leave_the_server_working(self):
        soft, hard = 200, 600
        with tempfile.TemporaryDirectory() as folder:
            program = pathlib.Path(folder, "billhook")
            program.write_text(f"#!/bin/sh\nulimit -Sn {soft}; ulimit -Hn {hard}\n"
                               f'exec "{os.environ["BILLHOOK_TEST_PROGRAM"]}" "$@"\n')
            program.chmod(0o755)
            world = World(str(program), "sqlite", "")
            self.addCleanup(world.close)
            place = urllib.parse.urlsplit(world.base)
        with open(world.log.name) as log:
            self.assertRegex(log.read(), rf"connections_max=10000 connections={hard - 256} descriptors={hard}\n")
        inside = http.client.HTTPConnection(place.hostname, place.port, timeout=WAIT_S)
        self.addCleanup(inside.close)
        inside.connect()
        for _ in range(hard):
            connection = socket.create_connection((place.hostname, place.port), timeout=WAIT_S)
            self.addCleanup(connection.close)
        connection.settimeout(WAIT_S)
        self.assertIn(b" 503 ", connection.recv(4096))  # at once, and not when somebody has gone
        inside.request("PUT", "/api/v1/customers/written", "{}", {"Authorization": "Bearer " + world.key})
        self.assertIn(inside.getresponse().status, (200, 201))


if __name__ == "__main__":
    unittest.main()
