"""The check, beside nginx's `return 200` of the same body and beside the gate of sources S1 and S3.

check.py [ROUNDS] [SECONDS]: 10,000 customers, 100 API keys, a token for each customer; 16, 64 and 256 connections.
"""

import concurrent.futures
import json
import os
import random
import socket
import subprocess
import sys
import urllib.request

sys.path.insert(0, str(__file__).rsplit("/", 1)[0] + "/load")
from peers import House, Peer, call, close, median_ratio, medians, round_of_load, write_requests  # noqa: E402

ROUNDS = int(sys.argv[1]) if len(sys.argv) > 1 else 5
SECONDS = float(sys.argv[2]) if len(sys.argv) > 2 else 2
CUSTOMERS, KEYS, SUBSCRIBED, REQUESTS = 10_000, 100, 200, 50_000
LOADS = [16, 64, 256]
CARD = b"number=4242424242424242&exp_month=12&exp_year=2040&cvc=123"
ISSUER = "https://issuer.example.com"
TOKEN_MAKER = """
const { generateKeyPairSync, sign } = require("node:crypto");
const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
const jwk = { ...publicKey.export({ format: "jwk" }), kid: "bench", alg: "ES256", use: "sig" };
const coded = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
const now = Math.floor(Date.now() / 1000);
const tokens = [];
for (let n = 0; n < Number(process.argv[1]); n++) {
  const text = coded({ alg: "ES256", typ: "JWT", kid: "bench" }) + "." +
    coded({ iss: process.argv[2], aud: "billhook", sub: `user_${n}`, org: `customer_${n}`, role: "owner", iat: now,
            exp: now + 86400 });
  const signature = sign("sha256", Buffer.from(text), { key: privateKey, dsaEncoding: "ieee-p1363" });
  tokens.push(text + "." + signature.toString("base64url"));
}
console.log(JSON.stringify({ jwks: { keys: [jwk] }, tokens }));
"""


def request_text(method, path, headers, body=""):
    lines = [f"{method} {path} HTTP/1.1", "Host: billing.example.com", "Accept: */*", "User-Agent: application/1.0",
             *headers] + ([f"Content-Length: {len(body)}", "Content-Type: application/json"] if body else [])
    return ("\r\n".join(lines) + "\r\n\r\n" + body).encode()


def by_key(keys, chance):
    customer = f"customer_{chance.randrange(CUSTOMERS)}"
    return [f"Authorization: Bearer {chance.choice(keys)}", f"Billhook-Customer: {customer}"]


def write_all_requests(folder, keys, tokens):
    """One file of requests for each way of asking."""
    chance = random.Random(1)
    get = "/api/v1/entitlements/clients"
    asked = json.dumps({"feature": "clients"})
    ways = {
        "key": lambda: request_text("GET", get, by_key(keys, chance)),
        "post": lambda: request_text("POST", "/api/v1/check", by_key(keys, chance), asked),
        "token": lambda: request_text("GET", get, [f"Authorization: Bearer {chance.choice(tokens)}"]),
    }
    for name, make in ways.items():
        write_requests(folder / name, [make() for _ in range(REQUESTS)])
    # Each customer and token once: memory has them all when the measurement begins.
    once = [request_text("GET", get, [f"Authorization: Bearer {keys[n % KEYS]}", f"Billhook-Customer: customer_{n}"])
            for n in range(CUSTOMERS)]
    return once + [request_text("GET", get, [f"Authorization: Bearer {token}"]) for token in tokens]


def fill(ready):
    """The keys. 10,000 customers are entered, some with a subscription."""
    base, operator = ready["http"], ready["key"]

    def enter(n):
        call("PUT", f"{base}/api/v1/customers/customer_{n}", operator, {"name": f"Customer {n}"})
        if n < SUBSCRIBED:
            wish = {"tier": "starter", "success_url": base + "/livez"}
            page = json.loads(call("POST", f"{base}/api/v1/tiers/purchase", operator, wish, f"customer_{n}"))["checkout_url"]
            urllib.request.urlopen(page, CARD, timeout=60).read()

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        list(pool.map(enter, range(CUSTOMERS)))
        return list(pool.map(lambda _: json.loads(call("POST", f"{base}/api/v1/keys", operator, {
            "name": "bench", "scopes": ["customer_read", "entitlement_check"]}))["key"], range(KEYS)))


def ask_each_once(address, requests):
    host, port = address.split(":")
    with socket.create_connection((host, int(port))) as connection:
        stream = connection.makefile("rb")
        for request in requests:
            connection.sendall(request)
            status, length = stream.readline(), 0
            if b" 200 " not in status:
                sys.exit(f"expected 200, got {status!r}")
            while (line := stream.readline()) != b"\r\n":
                if line.lower().startswith(b"content-length:"):
                    length = int(line.split(b":")[1])
            stream.read(length)


def start_gate(house, keys):
    redis, redis_url = house.start_redis()
    postgres = os.environ["BILLHOOK_TEST_POSTGRES"]
    folder = subprocess.run(["psql", "-AtXc", "SHOW data_directory", postgres], check=True, capture_output=True,
                            text=True).stdout.strip()
    postmaster = int(open(folder + "/postmaster.pid").readline())
    subprocess.run(["taskset", "-acp", "0", str(postmaster)], check=True, stdout=subprocess.DEVNULL)
    environment = {**os.environ, "DATABASE_URL": postgres, "REDIS_URL": redis_url, "GATE_KEYS": json.dumps(keys),
                   "GATE_CUSTOMERS": str(CUSTOMERS), "NODE_ENV": "production"}
    node = house.start("gate", "node", "gate.js", cwd="bench/baseline", env=environment, stdout=subprocess.PIPE)
    line = node.stdout.readline()
    if not line.startswith("ready "):
        sys.exit("the gate did not start:\n" + (house.folder / "gate.log").read_text()[-2000:])
    return Peer("gate", "127.0.0.1:" + line.split()[1], [node.pid, redis.pid, postmaster])


def start_all(house):
    """[(name, peer, file of requests)]."""
    made = json.loads(subprocess.run(["node", "-e", TOKEN_MAKER, str(CUSTOMERS), ISSUER], check=True,
                                     capture_output=True, text=True).stdout)
    issuers = [{"issuer": ISSUER, "audience": "billhook", "customer_claim": "org", "role_claim": "role",
                "jwks": json.dumps(made["jwks"])}]
    os.environ["BILLHOOK_JWT_ISSUERS"] = json.dumps(issuers)
    process, ready = house.start_billhook()
    keys = fill(ready)
    address = ready["http"].removeprefix("http://")
    once = write_all_requests(house.folder, keys, made["tokens"])
    ask_each_once(address, once)
    body = call("GET", f"{ready['http']}/api/v1/entitlements/clients", keys[0], customer="customer_0")
    billhook = Peer("billhook", address, [process.pid])
    gate = start_gate(house, keys)
    ask_each_once(gate.address, once[:CUSTOMERS])
    return [("nginx, return 200", house.start_nginx(body), "key"), ("billhook, API key", billhook, "key"),
            ("billhook, token", billhook, "token"), ("billhook, POST, key", billhook, "post"), ("gate", gate, "key")]


def measure(house, doors):
    """{load: {name: [round, …]}}."""
    found = {load: {name: [] for name, _, _ in doors} for load in LOADS}
    for load in LOADS:
        for turn in range(ROUNDS):
            for name, peer, file in doors:
                found[load][name].append(round_of_load(peer, "requests", load, SECONDS, turn + 1, house.folder / file))
    return found


def report(found):
    nginx, key, token, gate = "nginx, return 200", "billhook, API key", "billhook, token", "gate"
    bounds = []
    print(f"{'connections':>11}  {'server':20} {'requests/s':>10} {'µs CPU each':>11} {'× nginx':>8}"
          f" {'CPU × nginx':>11}")
    for load, rounds in found.items():
        for name, each in rounds.items():
            one = medians(each)
            print(f"{load:>11}  {name:20} {one['requests_per_second']:>10.0f} {one['microseconds_each']:>11.2f}"
                  f" {median_ratio(each, rounds[nginx], 'requests_per_second'):>8.2f}"
                  f" {median_ratio(each, rounds[nginx], 'microseconds_each'):>11.2f}")
        rate = median_ratio(rounds[key], rounds[nginx], "requests_per_second")
        cpu = median_ratio(rounds[key], rounds[nginx], "microseconds_each")
        times = median_ratio(rounds[key], rounds[gate], "requests_per_second")
        warm = median_ratio(rounds[token], rounds[key], "requests_per_second")
        bounds += [(f"{load} connections: {rate:.2f} × nginx's rate, at least 1.00", rate >= 1.0),
                   (f"{load} connections: {cpu:.2f} × nginx's processor time, at most 1.05", cpu <= 1.05),
                   (f"{load} connections: {times:.0f} × the gate's rate, at least 20", times >= 20),
                   (f"{load} connections: a token's check {warm:.2f} × an API key's, at least 0.95", warm >= 0.95)]
    return close(bounds)


def main():
    with House() as house:
        return report(measure(house, start_all(house)))


if __name__ == "__main__":
    sys.exit(main())
