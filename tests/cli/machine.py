"""The program as a shell would call it, and the long-running ones beside it. Ended by their process ids."""

import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

PROGRAM = os.environ["BILLHOOK_TEST_PROGRAM"]
STRIPE_KEY = "sk_test_0123456789abcdef"
WITHIN_S = 120

OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def request(method, url, body=None, headers=None):
    """(status, body as JSON or text); any status is an answer."""
    data = body.encode() if isinstance(body, str) else json.dumps(body).encode() if body is not None else None
    call = urllib.request.Request(url, data=data, method=method, headers=headers or {})
    try:
        with OPENER.open(call, timeout=60) as answer:
            status, text = answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            status, text = error.code, error.read().decode()
    return status, json.loads(text) if text.startswith(("{", "[")) else text


def wait_for(condition, what):
    deadline = time.monotonic() + WITHIN_S
    while time.monotonic() < deadline:
        found = condition()
        if found:
            return found
        time.sleep(0.05)
    raise AssertionError(f"waited {WITHIN_S} s for {what}")


class Ended:
    def __init__(self, done):
        self.code, self.out, self.err = done.returncode, done.stdout, done.stderr

    @property
    def json(self):
        return json.loads(self.out)

    def __repr__(self):
        return f"exit code {self.code}\n--- out\n{self.out}--- err\n{self.err}"


class Folder:
    """A folder of its own, in which commands run with nothing in their environment but what is given."""

    def __init__(self):
        self.path = pathlib.Path(tempfile.mkdtemp(prefix="billhook_cli."))

    def close(self):
        shutil.rmtree(self.path, ignore_errors=True)

    def write(self, name, text):
        (self.path / name).write_text(text)
        return str(self.path / name)

    def run(self, *arguments, env=None):
        return Ended(subprocess.run([PROGRAM, *arguments], cwd=self.path, env={"PATH": os.environ["PATH"], **(env or {})},
                                    stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120))


class Running:
    """`billhook serve` or `billhook sandbox` until it is closed."""

    def __init__(self, folder, *arguments, env=None):
        self.log_path = folder.path / (arguments[0] + ".log")
        self.log = open(self.log_path, "a")
        self.process = subprocess.Popen([PROGRAM, *arguments], cwd=folder.path, stdout=subprocess.PIPE, stderr=self.log,
                                        stdin=subprocess.DEVNULL, text=True, env={"PATH": os.environ["PATH"], **(env or {})})
        line = self.process.stdout.readline()
        if not line.startswith("ready "):
            self.close()
            raise AssertionError(f"{arguments} did not become ready: {line}{self.log_text()}")
        for word in line.split()[1:]:
            name, value = word.split("=", 1)
            setattr(self, name, value)

    def log_text(self):
        return self.log_path.read_text()

    def close(self):
        if self.process.poll() is None:
            self.process.terminate()
        code = self.process.wait(timeout=60)
        self.process.stdout.close()
        self.log.close()
        return code
