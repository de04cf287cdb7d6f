"""A small project tree in a temporary folder, on which one of scripts/check_* is run."""
import pathlib
import subprocess
import tempfile
import unittest

PROJECT = pathlib.Path(__file__).resolve().parent.parent.parent


class SampleTree(unittest.TestCase):
    check = None  # the name of the script
    files = {}  # what a good tree holds

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="billhook_check_")
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        for path, text in self.files.items():
            self.write(path, text)

    def write(self, path, text):
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)

    def run_check(self):
        script = PROJECT / "scripts" / self.check
        done = subprocess.run([script, "--root", self.root], capture_output=True, text=True, check=False)
        return done.returncode, done.stdout + done.stderr

    def assert_passes(self):
        status, output = self.run_check()
        self.assertEqual(status, 0, output)

    def assert_refused(self, *words):
        """Fails the check, and the complaint holds all these words."""
        status, output = self.run_check()
        self.assertEqual(status, 1, output)
        for word in words:
            self.assertIn(word, output)
