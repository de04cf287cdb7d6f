"""One running Billhook with its sandbox, and the two HTTP clients that a story needs. Ended by its process id."""

import base64
import html.parser
import json
import os
import random
import secrets
import shutil
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request

SANDBOX_KEY = "sk_test_scenario"
# Far longer than it takes: what counts is that it comes to pass, on the slowest machine too.
READY_WITHIN_S = 120
SETTLED_WITHIN_S = 120


def free_port():
    """For a server that is started on it later, and again after its death: below those that the system hands out by
    itself, where another's connection could take it meanwhile."""
    while True:
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", random.randrange(20_000, 32_000)))
            except OSError:
                continue
            return probe.getsockname()[1]


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *arguments):
        return None


OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}), NoRedirect)


def request(method, url, headers, body=None):
    """(status, headers, text); any status is an answer."""
    call = urllib.request.Request(url, data=body, method=method, headers=headers)
    try:
        with OPENER.open(call, timeout=60) as answer:
            return answer.status, answer.headers, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers, error.read().decode()


class FormReader(html.parser.HTMLParser):
    """The forms of a page: action, and the fields with their given values."""

    def __init__(self):
        super().__init__()
        self.forms = []

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        if tag == "form":
            self.forms.append({"action": given.get("action", ""), "fields": {}, "buttons": []})
        elif tag == "button" and self.forms and given.get("name"):
            self.forms[-1]["buttons"].append((given["name"], given.get("value", "")))
        elif tag in ("input", "select") and self.forms and given.get("name"):
            if given.get("type") not in ("radio", "checkbox") or "checked" in given:
                self.forms[-1]["fields"].setdefault(given["name"], given.get("value", ""))


class World:
    def __init__(self, program, store, start, options=()):
        self.folder = tempfile.mkdtemp(prefix="billhook_scenario.")
        self.database = None
        self.arguments = ["--data", self.folder, "--sandbox-listen", "127.0.0.1:0", *options]
        if "--listen" not in options:
            self.arguments += ["--listen", "127.0.0.1:0"]
        if start:
            self.arguments += ["--dev-clock", start]
        if store == "postgres":
            self.database = "scenario_" + secrets.token_hex(6)
            self.sql(f"CREATE DATABASE {self.database}")
            self.arguments += ["--database", self.postgres_url(self.database)]
        self.log = open(os.path.join(self.folder, "server.log"), "w+")
        self.run(program)

    def run(self, program):
        """Starts the program on the data that there is. What an earlier run left stays."""
        self.process = subprocess.Popen([program, "serve", "--dev", *self.arguments], stdout=subprocess.PIPE,
                                        stderr=self.log, text=True, stdin=subprocess.DEVNULL)
        self.base, self.sandbox, self.key = self.wait_until_ready()

    def wait_until_ready(self):
        deadline = time.monotonic() + READY_WITHIN_S
        while time.monotonic() < deadline:
            line = self.process.stdout.readline()
            if line.startswith("ready "):
                found = dict(word.split("=", 1) for word in line.split()[1:])
                return found["http"], found["sandbox"], found["key"]
            if not line:
                break
        raise RuntimeError("the server did not become ready:\n" + self.log_tail())

    def log_tail(self):
        self.log.flush()
        with open(self.log.name) as log:
            return "".join(log.readlines()[-40:])

    @staticmethod
    def postgres_url(database):
        parts = urllib.parse.urlsplit(os.environ["BILLHOOK_TEST_POSTGRES"])
        return urllib.parse.urlunsplit(parts._replace(path="/" + database))

    @staticmethod
    def sql(statement):
        subprocess.run(["psql", "-qX", "-v", "ON_ERROR_STOP=1", "-c", statement, os.environ["BILLHOOK_TEST_POSTGRES"]],
                       check=True, stdout=subprocess.DEVNULL)

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()

    def close(self):
        self.stop()
        self.log.close()
        if self.database:
            self.sql(f"DROP DATABASE IF EXISTS {self.database} WITH (FORCE)")
        shutil.rmtree(self.folder, ignore_errors=True)

    def call(self, method, path, body=None, customer=None):
        """Billhook's own API, by the application's key: (status, body)."""
        headers = {"Authorization": "Bearer " + self.key, "Content-Type": "application/json"}
        if customer:
            headers["Billhook-Customer"] = customer
        data = json.dumps(body).encode() if body is not None else None
        status, _, text = request(method, self.base + path, headers, data)
        return status, json.loads(text) if text else {}

    def stripe(self, method, path, fields=None):
        """The sandbox, as Stripe's API: the body; any error ends the story."""
        credential = base64.b64encode((SANDBOX_KEY + ":").encode()).decode()
        headers = {"Authorization": "Basic " + credential, "Content-Type": "application/x-www-form-urlencoded"}
        data = urllib.parse.urlencode(fields).encode() if fields else None
        status, _, text = request(method, self.sandbox + path, headers, data)
        if status >= 400:
            raise RuntimeError(f"sandbox {method} {path}: {status} {text}")
        return json.loads(text)

    def control(self, method, path, body=None):
        """The sandbox's own API: the body; any error ends the story."""
        data = json.dumps(body).encode() if body is not None else None
        status, _, text = request(method, self.sandbox + path, {"Content-Type": "application/json"}, data)
        if status >= 400:
            raise RuntimeError(f"sandbox {method} {path}: {status} {text}")
        return json.loads(text) if text else {}

    def submit_page(self, url, values, press=None):
        """Opens a page of the sandbox, fills its first form and sends it: (status, location, text)."""
        status, _, text = request("GET", url, {"Accept": "text/html"})
        reader = FormReader()
        reader.feed(text)
        if status != 200 or not reader.forms:
            raise RuntimeError(f"no form at {url}: {status} {text[:300]}")
        form = reader.forms[0]
        fields = {**form["fields"], **values}
        if press:
            fields.update(button for button in form["buttons"] if button[1] == press)
        target = urllib.parse.urljoin(url, form["action"] or url)
        status, headers, text = request("POST", target, {"Content-Type": "application/x-www-form-urlencoded"},
                                        urllib.parse.urlencode(fields).encode())
        location = headers.get("Location")
        return status, urllib.parse.urljoin(target, location) if location else None, text

    def now(self):
        return self.stripe("GET", "/v1/test_helpers/test_clocks/clock_sandbox")["frozen_time"]

    def advance_to(self, seconds):
        self.stripe("POST", "/v1/test_helpers/test_clocks/clock_sandbox/advance", {"frozen_time": int(seconds)})
        self.wait_for(lambda: self.stripe("GET", "/v1/test_helpers/test_clocks/clock_sandbox")["status"] == "ready",
                      "the clock to arrive")
        self.settle()

    def settle(self):
        """Until every event was delivered and worked off. A delivery on its way stands in neither queue, so the quiet
        has to be seen several times in a row."""
        quiet = 0

        def has_been_quiet():
            nonlocal quiet
            quiet = quiet + 1 if self.is_settled() else 0
            return quiet >= 6

        self.wait_for(has_been_quiet, "events to be worked off")

    def is_settled(self):
        if self.control("GET", "/_sandbox")["webhooks_waiting"] > 0:
            return False
        for word in ("pending", "processing", "failed"):
            status, page = self.call("GET", f"/api/v1/events?status={word}&limit=1")
            if status != 200 or page["data"]:
                return False
        return True

    def wait_for(self, condition, what):
        deadline = time.monotonic() + SETTLED_WITHIN_S
        while time.monotonic() < deadline:
            if condition():
                return
            time.sleep(0.02)
        raise RuntimeError(f"waited {SETTLED_WITHIN_S} s for {what}:\n" + self.log_tail())
