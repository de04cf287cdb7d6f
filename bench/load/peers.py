"""The servers that a measurement compares, and rounds of load on them in turn.

Every server has the first core to itself, with one event loop or worker, and the load has the second. One server runs
at a time; rounds are interleaved, so that what else the machine does meets all of them alike.
"""

import json
import os
import pathlib
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
PROGRAM = ROOT / "build/release/billhook"
LOAD = ROOT / "build/release/bench/bench_load"
SERVER_CORE, LOAD_CORE = "0", "1"
READY_WITHIN_S = 60


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for_port(port, process):
    deadline = time.monotonic() + READY_WITHIN_S
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"{process.args} ended with {process.returncode}")
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise RuntimeError(f"nobody listens on {port}")


class House:
    """Everything that a measurement started; leaving the block ends it."""

    def __enter__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="billhook_bench."))
        self.processes = []
        return self

    def __exit__(self, *failure):
        for process in reversed(self.processes):
            process.terminate()
        for process in self.processes:
            try:
                process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def start(self, name, *words, **settings):
        log = open(self.folder / f"{name}.log", "w")
        process = subprocess.Popen(["taskset", "-c", SERVER_CORE, *map(str, words)], stdin=subprocess.DEVNULL,
                                   stderr=log, text=True, **{"stdout": log, **settings})
        self.processes.append(process)
        return process

    def start_billhook(self, *settings):
        """(process, what its ready line says)."""
        process = self.start("billhook", PROGRAM, "serve", "--dev", "--data", self.folder / "billhook", "--listen",
                             "127.0.0.1:0", "--sandbox-listen", "127.0.0.1:0", "--threads", "1", "--log-level", "warn",
                             *settings, stdout=subprocess.PIPE)
        line = process.stdout.readline()
        if not line.startswith("ready "):
            raise RuntimeError("billhook did not become ready:\n" + (self.folder / "billhook.log").read_text()[-2000:])
        return process, dict(word.split("=", 1) for word in line.split()[1:])

    def start_nginx(self, body):
        """nginx that answers everything with `body`."""
        port = free_port()
        home = self.folder / "nginx"
        home.mkdir()
        (home / "nginx.conf").write_text(
            f"daemon off; worker_processes 1; pid {home}/pid; error_log {home}/error.log;\n"
            "events { worker_connections 2048; }\n"
            "http { access_log off; keepalive_requests 1000000000; default_type application/json;\n"
            f"server {{ listen 127.0.0.1:{port}; location / {{ return 200 '{body}'; }} }} }}\n")
        process = self.start("nginx", "nginx", "-p", home, "-c", home / "nginx.conf")
        wait_for_port(port, process)
        return Peer("nginx", f"127.0.0.1:{port}", [process.pid])

    def start_redis(self):
        port = free_port()
        process = self.start("redis", "redis-server", "--port", port, "--bind", "127.0.0.1", "--save", "", "--dir",
                             self.folder)
        wait_for_port(port, process)
        return process, f"redis://127.0.0.1:{port}"


class Peer:
    def __init__(self, name, address, processes):
        self.name, self.address, self.processes = name, address, processes


def round_of_load(peer, kind, connections, seconds, seed, *arguments):
    """{requests_per_second, microseconds_each} of one round."""
    words = ["taskset", "-c", LOAD_CORE, LOAD, kind, peer.address, connections, seconds, seed,
             ",".join(map(str, peer.processes)), *arguments]
    done = subprocess.run(list(map(str, words)), stdout=subprocess.PIPE, text=True)
    if done.returncode != 0:
        sys.exit(f"the load on {peer.name} failed")
    return json.loads(done.stdout)


def medians(rounds):
    return {key: statistics.median(each[key] for each in rounds) for key in rounds[0]}


def median_ratio(rounds, others, key):
    """The median of the ratios of rounds that ran side by side, which is steadier than the ratio of the medians."""
    return statistics.median(one[key] / other[key] for one, other in zip(rounds, others))


def write_requests(path, requests):
    with open(path, "wb") as file:
        for request in requests:
            file.write(f"{len(request)}\n".encode() + request)


def call(method, url, key, body=None, customer=None):
    headers = {"Authorization": "Bearer " + key, "Content-Type": "application/json"}
    if customer:
        headers["Billhook-Customer"] = customer
    data = json.dumps(body).encode() if body is not None else None
    with urllib.request.urlopen(urllib.request.Request(url, data, headers, method=method), timeout=60) as answer:
        return answer.read().decode()


def close(bounds):
    """Says of each (sentence, is held) whether it held; the exit status of the measurement."""
    for sentence, is_held in bounds:
        print(f"{'held  ' if is_held else 'MISSED'}  {sentence}")
    return 0 if all(is_held for _, is_held in bounds) else 1
