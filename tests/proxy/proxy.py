#!/usr/bin/env python3
"""A TCP proxy that fails on demand: it stands between two programs of a test and knows nothing of either.

    reset   the open connections end with RST            freeze  they stay open, and nothing passes any more
    delay   every piece waits so long                    cut     the next connection is reset after so many bytes
    refuse  new connections are reset at once            hold    new connections are taken, and nothing passes

In a test: `proxy = Proxy("127.0.0.1", port)`, then proxy.address, proxy.reset() …; Trouble does such things by itself at
moments that a seed decides. By hand: `proxy.py --to HOST:PORT [--listen HOST:PORT]`, then a command a line on standard
input (`delay 50`, `cut 1000`, `refuse on`, `show`); each is answered by a line of counts.
"""

import argparse
import asyncio
import json
import random
import socket
import struct
import sys
import threading

PIECE = 65536


class Connection:
    """One client, and the target's side of it."""

    def __init__(self, client, target, bytes_left):
        self.writers = (client, target)
        self.bytes_left = bytes_left  # None: no end
        self.passes = asyncio.Event()
        self.passes.set()

    def reset(self):
        for writer in self.writers:
            if writer is None:
                continue
            raw = writer.get_extra_info("socket")
            if raw is not None:
                try:  # no waiting for what was not sent: the other side sees RST
                    raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                except OSError:
                    pass
            writer.transport.abort()


class Proxy:
    def __init__(self, host, port, listen=("127.0.0.1", 0)):
        self.target = (host, port)
        self.connections = []
        self.delay_ms = 0
        self.cut_after = None  # bytes of the next connection
        self.refuses = False
        self.holds = False
        self.counts = {"connections": 0, "resets": 0, "frozen": 0, "cut": 0, "refused": 0, "bytes": 0}
        self.loop = asyncio.new_event_loop()
        is_ready = threading.Event()
        self.thread = threading.Thread(target=self._run, args=(listen, is_ready), daemon=True)
        self.thread.start()
        is_ready.wait()

    # What a test asks for; from any thread, and done when the call comes back.

    def reset(self, pick=None):
        """All open connections, or those that `pick` chooses of their list."""
        def work():
            chosen = pick(list(self.connections)) if pick else list(self.connections)
            for connection in chosen:
                self.counts["resets"] += 1
                connection.reset()
            return len(chosen)
        return self._do(work)

    def freeze(self, pick=None):
        def work():
            chosen = pick(list(self.connections)) if pick else list(self.connections)
            for connection in chosen:
                self.counts["frozen"] += connection.passes.is_set()
                connection.passes.clear()
            return len(chosen)
        return self._do(work)

    def thaw(self):
        self._do(lambda: [connection.passes.set() for connection in self.connections])

    def set(self, **members):
        """delay_ms, cut_after, refuses, holds"""
        self._do(lambda: [setattr(self, name, value) for name, value in members.items()])

    def heal(self):
        """New connections pass; those that were frozen end."""
        self.set(delay_ms=0, cut_after=None, refuses=False, holds=False)
        self.reset(lambda connections: [each for each in connections if not each.passes.is_set()])

    def show(self):
        return self._do(lambda: {**self.counts, "open": len(self.connections)})

    def close(self):
        self._do(lambda: [connection.reset() for connection in self.connections])
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()

    # Inside the loop.

    def _do(self, work):
        async def call():
            return work()
        return asyncio.run_coroutine_threadsafe(call(), self.loop).result()

    def _run(self, listen, is_ready):
        asyncio.set_event_loop(self.loop)
        server = self.loop.run_until_complete(asyncio.start_server(self._serve, *listen, limit=PIECE))
        self.address = "%s:%d" % server.sockets[0].getsockname()[:2]
        is_ready.set()
        self.loop.run_forever()
        server.close()
        for task in asyncio.all_tasks(self.loop):
            task.cancel()
        self.loop.run_until_complete(asyncio.sleep(0))
        self.loop.close()

    async def _serve(self, reader, writer):
        self.counts["connections"] += 1
        cut_after, self.cut_after = self.cut_after, None
        connection = Connection(writer, None, cut_after)
        if self.refuses:
            self.counts["refused"] += 1
            return connection.reset()
        if self.holds:
            self.counts["frozen"] += 1
            connection.passes.clear()
        try:
            there, target = await asyncio.open_connection(*self.target, limit=PIECE)
        except OSError:
            return connection.reset()
        connection.writers = (writer, target)
        self.connections.append(connection)
        try:
            await asyncio.gather(self._pump(connection, reader, target), self._pump(connection, there, writer))
        except (OSError, asyncio.CancelledError):
            connection.reset()
        finally:
            self.connections.remove(connection)
            for side in connection.writers:
                side.close()

    async def _pump(self, connection, reader, writer):
        while piece := await reader.read(PIECE):
            if self.delay_ms:
                await asyncio.sleep(self.delay_ms / 1000)
            await connection.passes.wait()
            if connection.bytes_left is not None:
                piece = piece[:connection.bytes_left]
                connection.bytes_left -= len(piece)
            self.counts["bytes"] += len(piece)
            writer.write(piece)
            await writer.drain()
            if connection.bytes_left == 0:
                self.counts["cut"] += 1
                return connection.reset()
        await connection.passes.wait()
        if writer.can_write_eof():
            writer.write_eof()


class Trouble:
    """Does something to one of several proxies every now and then; which, what and when, a seed decides."""

    ACTIONS = ("reset one", "reset all", "freeze one", "cut", "delay", "refuse")

    def __init__(self, seed, proxies, pause_ms_max=200, actions=ACTIONS):
        self.random = random.Random(seed)
        self.proxies = proxies  # by name
        self.pause_ms_max = pause_ms_max
        self.actions = actions
        self.done = []
        self.stopping = threading.Event()
        self.thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *arguments):
        self.stopping.set()
        self.thread.join()
        for proxy in self.proxies.values():
            proxy.heal()

    def _run(self):
        while not self.stopping.wait(self.random.uniform(0, self.pause_ms_max) / 1000):
            name = self.random.choice(sorted(self.proxies))
            action = self.random.choice(self.actions)
            self._act(self.proxies[name], action)
            self.done.append(f"{name}: {action}")

    def _act(self, proxy, action):
        some = self.random.random()
        one = lambda connections: connections[int(some * len(connections)):][:1]  # noqa: E731
        if action == "reset one":
            proxy.reset(one)
        elif action == "reset all":
            proxy.reset()
        elif action == "freeze one":
            proxy.freeze(one)
        elif action == "cut":
            proxy.set(cut_after=1 + int(some * 3000))
        else:
            proxy.set(**{"delay": {"delay_ms": 1 + int(some * 50)}, "refuse": {"refuses": True}}[action])
            self.stopping.wait(0.05 + some * 0.2)
            proxy.set(delay_ms=0, refuses=False)


def command(proxy, line):
    word, _, rest = line.strip().partition(" ")
    if word in ("reset", "freeze", "thaw", "heal"):
        getattr(proxy, word)()
    elif word == "delay":
        proxy.set(delay_ms=int(rest))
    elif word == "cut":
        proxy.set(cut_after=int(rest))
    elif word in ("refuse", "hold"):
        proxy.set(**{word + "s": rest != "off"})
    elif word != "show":
        raise ValueError(f"'{word}' is none of reset, freeze, thaw, heal, delay, cut, refuse, hold, show")


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--to", required=True, metavar="HOST:PORT")
    options.add_argument("--listen", default="127.0.0.1:0", metavar="HOST:PORT")
    asked = options.parse_args()
    host, port = asked.to.rsplit(":", 1)
    own_host, own_port = asked.listen.rsplit(":", 1)
    proxy = Proxy(host, int(port), (own_host, int(own_port)))
    print("ready proxy=" + proxy.address, flush=True)
    for line in sys.stdin:
        try:
            command(proxy, line)
            print(json.dumps(proxy.show()), flush=True)
        except ValueError as error:
            print(json.dumps({"error": str(error)}), flush=True)
    proxy.close()


if __name__ == "__main__":
    main()
