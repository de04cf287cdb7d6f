"""A server, a sandbox and on demand PostgreSQL as separate programs, with a proxy of ours on every way between them: to the
sandbox (stripe), to the server (webhooks from the sandbox, clients from the test), and to the database."""

import json
import os
import pathlib
import secrets
import shutil
import subprocess
import sys
import tempfile
import urllib.parse

HERE = pathlib.Path(__file__).parent
sys.path[:0] = [str(HERE.parent / "scenario"), str(HERE.parent / "proxy")]
from proxy import Proxy  # noqa: E402
from world import World, free_port, request  # noqa: E402

STRIPE_KEY = "sk_test_network_faults"
STRIPE_TIMEOUT_S = 2
DATABASE_PATIENCE_MS = 2000


class ProxiedWorld(World):
    def __init__(self, program, store):
        self.folder = tempfile.mkdtemp(prefix="billhook_network.")
        self.program = program
        self.database = None
        self.proxies = {}
        self.log = open(os.path.join(self.folder, "server.log"), "w+")
        self.stripe_process, self.sandbox = self.start(
            ["sandbox", "--listen", "127.0.0.1:0"], "sandbox")
        self.proxies["stripe"] = Proxy(*self.host_and_port(self.sandbox))
        port = free_port()
        self.server = f"http://127.0.0.1:{port}"
        for way in ("webhooks", "clients"):
            self.proxies[way] = Proxy("127.0.0.1", port)
        settings = ["--data", self.folder, "--catalog", "catalog/sample.yaml", "--stripe-api-key", STRIPE_KEY,
                    "--stripe-api-base", self.address("stripe"), "--public-url", self.address("webhooks"),
                    "--stripe-timeout", f"{STRIPE_TIMEOUT_S}s"]
        if store == "postgres":
            settings += ["--database", self.make_database()]
        self.settings = settings
        self.command("migrate")
        self.command("catalog", "apply")
        self.command("webhooks", "register")
        self.key = json.loads(self.command("keys", "create", "--name", "test", "--scopes", "operator", "--json"))["key"]
        self.process, _ = self.start(["serve", "--listen", f"127.0.0.1:{port}", *settings], "http")
        self.base = self.address("clients")

    def start(self, words, name):
        process = subprocess.Popen([self.program, *words], stdout=subprocess.PIPE, stderr=self.log, text=True,
                                   stdin=subprocess.DEVNULL)
        for line in process.stdout:
            if line.startswith("ready "):
                return process, dict(word.split("=", 1) for word in line.split()[1:])[name]
        raise RuntimeError(f"{words[0]} did not become ready:\n" + self.log_tail())

    def command(self, *words):
        done = subprocess.run([self.program, *words, *self.settings], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              text=True, timeout=120)
        if done.returncode != 0:
            raise RuntimeError(f"billhook {' '.join(words)}: exit {done.returncode}\n{done.stdout}{done.stderr}")
        return done.stdout

    def make_database(self):
        self.database = "network_" + secrets.token_hex(6)
        self.sql(f"CREATE DATABASE {self.database}")
        parts = urllib.parse.urlsplit(os.environ["BILLHOOK_TEST_POSTGRES"])
        self.proxies["database"] = Proxy(parts.hostname, parts.port)
        return urllib.parse.urlunsplit(parts._replace(
            netloc=f"{parts.username}@{self.proxies['database'].address}", path="/" + self.database,
            query=f"tcp_user_timeout={DATABASE_PATIENCE_MS}"))

    @staticmethod
    def host_and_port(url):
        parts = urllib.parse.urlsplit(url)
        return parts.hostname, parts.port

    def address(self, way):
        return "http://" + self.proxies[way].address

    def heal(self):
        for proxy in self.proxies.values():
            proxy.heal()

    def readiness(self):
        """The status of /readyz, asked directly."""
        return request("GET", self.server + "/readyz", {})[0]

    def close(self):
        self.heal()
        for process in (self.process, self.stripe_process):
            process.terminate()
            try:
                process.wait(timeout=30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            process.stdout.close()
        for proxy in self.proxies.values():
            proxy.close()
        self.log.close()
        if self.database:
            self.sql(f"DROP DATABASE IF EXISTS {self.database} WITH (FORCE)")
        shutil.rmtree(self.folder, ignore_errors=True)
