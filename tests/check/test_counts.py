"""The closing line that CI reads counts what ran, and never calls a dead program passed."""
import pathlib
import subprocess
import tempfile
import unittest
from xml.sax.saxutils import escape

from sample_tree import PROJECT

GTEST = "[==========] 5 tests from 2 test suites ran. (3 ms total)\n[  PASSED  ] 4 tests.\n"
CASES = [
    # what a program printed, whether ctest calls it passed, the closing line, the exit status
    (GTEST, True, "4 passed, 0 failed", 0),
    (GTEST + "[  FAILED  ] 1 test, listed below:\n", False, "4 passed, 1 failed", 1),
    (GTEST + "[  SKIPPED ] 1 test, listed below:\n", True, "4 passed, 0 failed, 1 skipped", 0),
    (GTEST + "then it died", False, "4 passed, 1 failed", 1),
    ("# tests 7\n# pass 7\n# fail 0\n", True, "7 passed, 0 failed", 0),
    ("ℹ tests 7\nℹ pass 5\nℹ fail 2\n", False, "5 passed, 2 failed", 1),
    ("Ran 6 tests in 0.100s\n\nOK\n", True, "6 passed, 0 failed", 0),
    ("Ran 6 tests in 0.100s\n\nFAILED (failures=1, errors=2)\n", False, "3 passed, 3 failed", 1),
    ("12 passed, 0 failed\n", True, "12 passed, 0 failed", 0),
    ("12 passed, 0 failed\n", False, "12 passed, 1 failed", 1),
    ("anything else", True, "1 passed, 0 failed", 0),
    ("anything else", False, "0 passed, 1 failed", 1),
]


class Counts(unittest.TestCase):
    def count(self, content):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "results.xml"
            path.write_text(content)
            done = subprocess.run([PROJECT / "scripts/count_tests", path], capture_output=True, text=True, check=False)
        return done.stdout.splitlines()[-1], done.returncode

    def test_each_runner(self):
        for output, has_passed, line, status in CASES:
            with self.subTest(output=output):
                case = f'<testcase name="a" status="{"run" if has_passed else "fail"}">' \
                       f'<system-out>{escape(output)}</system-out></testcase>'
                self.assertEqual(self.count(f"<testsuite>{case}</testsuite>"), (line, status))

    def test_no_results_are_a_failure(self):
        self.assertEqual(self.count("ctest was killed"), ("0 passed, 1 failed", 1))
        self.assertEqual(self.count("<testsuite/>"), ("0 passed, 0 failed", 1))


if __name__ == "__main__":
    unittest.main()
