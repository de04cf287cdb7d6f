"""The receipt of webhooks: durable before each is answered, beside the rate at which the disk takes single writes.

webhook.py [ROUNDS] [SECONDS]: signed events of 6 KB, each with an id of its own; 16, 64 and 256 connections.
"""

import os
import statistics
import sys
import time

sys.path.insert(0, str(__file__).rsplit("/", 1)[0] + "/load")
from peers import House, Peer, close, median_ratio, medians, round_of_load  # noqa: E402

ROUNDS = int(sys.argv[1]) if len(sys.argv) > 1 else 5
SECONDS = float(sys.argv[2]) if len(sys.argv) > 2 else 2
LOADS = [16, 64, 256]
SECRET = "whsec_bench"
EVENT = "src/gateway/stripe/testdata/event_6kb.json"
WRITE_BYTES = 4096


def sync_rate(folder):
    """Appends a page and waits until the disk has it, again and again: a receiver without group commit."""
    file = os.open(folder / "synced", os.O_CREAT | os.O_WRONLY | os.O_APPEND)
    page, count, begin = os.urandom(WRITE_BYTES), 0, time.monotonic()
    while (elapsed := time.monotonic() - begin) < SECONDS / 2:
        os.write(file, page)
        os.fdatasync(file)
        count += 1
    os.close(file)
    return {"requests_per_second": count / elapsed}


def main():
    os.environ["BILLHOOK_STRIPE_WEBHOOK_SECRETS"] = SECRET
    bounds = []
    with House() as house:
        process, ready = house.start_billhook()
        billhook = Peer("billhook", ready["http"].removeprefix("http://"), [process.pid])
        round_of_load(billhook, "events", 64, 0.5, 0, EVENT, SECRET)
        print(f"{'connections':>11} {'receipts/s':>10} {'µs CPU each':>11} {'fdatasync/s':>11} {'× fdatasync':>11}")
        for load in LOADS:
            rounds, syncs = [], []
            for turn in range(ROUNDS):
                rounds.append(round_of_load(billhook, "events", load, SECONDS, load * 100 + turn, EVENT, SECRET))
                syncs.append(sync_rate(house.folder))
            one, ratio = medians(rounds), median_ratio(rounds, syncs, "requests_per_second")
            sync = statistics.median(each["requests_per_second"] for each in syncs)
            print(f"{load:>11} {one['requests_per_second']:>10.0f} {one['microseconds_each']:>11.2f} {sync:>11.0f}"
                  f" {ratio:>11.2f}")
            if load == 64:
                bounds.append((f"{load} connections: {ratio:.2f} × the disk's fdatasync rate, at least 3", ratio >= 3))
    return close(bounds)


if __name__ == "__main__":
    sys.exit(main())
