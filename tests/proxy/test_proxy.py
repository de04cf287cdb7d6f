"""The proxy itself: what each trouble looks like from both sides."""

import pathlib
import socket
import subprocess
import sys
import threading
import time
import unittest

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE))
from proxy import Proxy, Trouble  # noqa: E402


class Echo:
    """A target that sends back what it gets, until the other side ends."""

    def __init__(self):
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            threading.Thread(target=self.answer, args=(connection,), daemon=True).start()

    @staticmethod
    def answer(connection):
        with connection:
            try:
                while piece := connection.recv(65536):
                    connection.sendall(piece)
            except OSError:
                pass

    def close(self):
        self.socket.close()


class ProxyTest(unittest.TestCase):
    def setUp(self):
        self.echo = Echo()
        self.addCleanup(self.echo.close)
        self.proxy = Proxy("127.0.0.1", self.echo.port)
        self.addCleanup(self.proxy.close)

    def connect(self):
        host, port = self.proxy.address.split(":")
        client = socket.create_connection((host, int(port)), timeout=60)
        self.addCleanup(client.close)
        return client

    def say(self, client, words=b"hello"):
        client.sendall(words)
        heard = b""
        while len(heard) < len(words) and (piece := client.recv(65536)):
            heard += piece
        return heard

    def connected(self):
        client = self.connect()
        self.assertEqual(self.say(client), b"hello")
        return client

    def test_passes_everything_both_ways_and_the_end(self):
        client = self.connected()
        long = bytes(range(256)) * 4000
        threading.Thread(target=client.sendall, args=(long,), daemon=True).start()
        heard = b""
        while len(heard) < len(long):
            heard += client.recv(65536)
        self.assertEqual(heard, long)
        client.shutdown(socket.SHUT_WR)
        self.assertEqual(client.recv(1), b"")

    def test_resets(self):
        client = self.connected()
        self.assertEqual(self.proxy.reset(), 1)
        with self.assertRaises(ConnectionResetError):
            client.recv(1)
        self.connected()

    def test_freezes_and_stays_open(self):
        client = self.connected()
        self.proxy.freeze()
        client.sendall(b"anyone?")
        client.settimeout(0.2)
        with self.assertRaises(TimeoutError):
            client.recv(1)
        self.connected()
        self.proxy.thaw()
        client.settimeout(60)
        self.assertEqual(client.recv(7), b"anyone?")

    def test_holds_new_connections(self):
        self.proxy.set(holds=True)
        client = self.connect()
        client.sendall(b"anyone?")
        client.settimeout(0.2)
        with self.assertRaises(TimeoutError):
            client.recv(1)
        self.proxy.heal()
        client.settimeout(60)
        with self.assertRaises(ConnectionResetError):
            client.recv(1)
        self.connected()

    def test_cuts_after_so_many_bytes(self):
        self.proxy.set(cut_after=8)
        client = self.connect()
        client.sendall(b"five5")  # five there, and three of the answer
        with self.assertRaises(ConnectionResetError):
            while client.recv(1):
                pass
        self.assertEqual((self.proxy.show()["cut"], self.proxy.show()["bytes"]), (1, 8))
        self.connected()

    def test_refuses(self):
        self.proxy.set(refuses=True)
        with self.assertRaises((ConnectionResetError, BrokenPipeError)):
            client = self.connect()
            client.sendall(b"x")
            while client.recv(1):
                pass
            client.sendall(b"x")
        self.proxy.set(refuses=False)
        self.connected()

    def test_delays(self):
        client = self.connected()
        self.proxy.set(delay_ms=100)
        began = time.monotonic()
        self.assertEqual(self.say(client), b"hello")
        self.assertGreater(time.monotonic() - began, 0.2 - 0.01)  # there and back

    def test_trouble_repeats_from_its_seed(self):
        done = []
        for _ in range(2):
            trouble = Trouble(7, {"one": self.proxy}, pause_ms_max=1, actions=("reset all", "cut"))
            with trouble:
                while len(trouble.done) < 20:
                    time.sleep(0.001)
            done.append(trouble.done[:20])
        self.assertEqual(done[0], done[1])
        self.connected()

    def test_obeys_lines(self):
        child = subprocess.Popen([sys.executable, str(HERE / "proxy.py"), "--to", f"127.0.0.1:{self.echo.port}"],
                                 stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.addCleanup(child.wait)
        self.addCleanup(child.stdout.close)
        self.addCleanup(child.stdin.close)
        host, port = child.stdout.readline().removeprefix("ready proxy=").split(":")
        with socket.create_connection((host, int(port)), timeout=60) as client:
            self.assertEqual(self.say(client), b"hello")
            for line, expected in (("show", '"open": 1'), ("reset", '"resets": 1'), ("delay x", "error"), ("dance", "error")):
                child.stdin.write(line + "\n")
                child.stdin.flush()
                self.assertIn(expected, child.stdout.readline(), line)
            with self.assertRaises(ConnectionResetError):
                client.recv(1)


if __name__ == "__main__":
    unittest.main(verbosity=1)
