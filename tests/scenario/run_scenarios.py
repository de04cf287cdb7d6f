#!/usr/bin/env python3
"""Plays the stories of tests/scenario/stories against a real server, on SQLite and on PostgreSQL.

A story is a title line (#), a `clock DATE`, and one verb a line. Lines that begin with ---- say what the verb before
them shows; a verb without any must show nothing.  run_scenarios.py [--store sqlite|postgres] [--write] [STORY…]
"""

import argparse
import concurrent.futures
import os
import pathlib
import sys
import time
import traceback

from verbs import VERBS
from world import World

FOLDER = pathlib.Path(__file__).parent
STORIES = FOLDER / "stories"


def parse(text):
    """(start, [(line number, verb line, [expected lines])])."""
    start, steps = "2025-01-01", []
    for number, line in enumerate(text.splitlines(), 1):
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        if line.startswith("----"):
            steps[-1][2].append(line[4:].strip())
        elif line.startswith("clock "):
            start = line.split()[1]
        else:
            steps.append((number, line, []))
    return start, steps


def play(path, store, program):
    """The mistakes of one story; none when it went as told."""
    start, steps = parse(path.read_text())
    world = World(program, store, start if "T" in start else start + "T00:00:00Z")
    world.story = {}
    try:
        for number, line, expected in steps:
            words = line.split()
            if words[0] not in VERBS:
                return [f"{path.name}:{number}: there is no verb '{words[0]}'"]
            shown = VERBS[words[0]](world, words[1:])
            if shown != expected:
                return [f"{path.name}:{number} on {store}: {line}", *(f"  expected ---- {each}" for each in expected),
                        *(f"  shown    ---- {each}" for each in shown), world.log_tail()]
        return []
    except Exception:
        return [f"{path.name}:{number} on {store}: {line}", traceback.format_exc(), world.log_tail()]
    finally:
        world.close()


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--store", choices=["sqlite", "postgres"], action="append")
    arguments.add_argument("stories", nargs="*")
    chosen = arguments.parse_args()
    program = os.environ["BILLHOOK_TEST_PROGRAM"]
    paths = sorted(path for path in STORIES.glob("*.scenario") if not chosen.stories or path.stem in chosen.stories)
    runs = [(path, store) for store in chosen.store or ["sqlite", "postgres"] for path in paths]
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        begun = time.monotonic()
        for (path, store), mistakes in zip(runs, pool.map(lambda run: play(*run, program), runs)):
            print(f"{'FAILED' if mistakes else 'ok'} {store} {path.stem}", *mistakes, sep="\n", flush=True)
            failed += bool(mistakes)
    print(f"{len(runs)} stories told in {time.monotonic() - begun:.0f} s")
    print(f"{len(runs) - failed} passed, {failed} failed")
    return 1 if failed or not runs else 0


if __name__ == "__main__":
    sys.exit(main())
