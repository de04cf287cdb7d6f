"""clang-tidy and clang-format as `./dev check` calls them, over a repository of two files."""
import json
import pathlib
import shutil
import subprocess
import tempfile
import unittest

from sample_tree import PROJECT

GOOD = "#include <string>\n\nstd::string take(std::string text) { return text; }\n"
BAD = """#include <string>
#include <utility>

std::string twice(std::string text) {
    std::string const taken = std::move(text);
    return taken + text;
}
"""


class TidyAndFormat(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="billhook_check_")
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name).resolve()
        for name in (".clang-tidy", ".clang-format"):
            shutil.copy(PROJECT / name, self.root)
        (self.root / "src").mkdir()
        (self.root / "build/dev").mkdir(parents=True)
        (self.root / ".gitignore").write_text("/build/\n")
        (self.root / "build/dev/compile_commands.json").write_text(json.dumps([
            {"directory": str(self.root), "file": str(self.root / f"src/{name}.cc"),
             "command": f"c++ -std=c++23 -Wno-restrict -c src/{name}.cc"} for name in ("old", "new")]))
        self.run_in_tree("git", "init", "-q", "-b", "work")

    def run_in_tree(self, *words):
        done = subprocess.run(words, cwd=self.root, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout + done.stderr

    def commit(self, name, text):
        (self.root / f"src/{name}.cc").write_text(text)
        self.run_in_tree("git", "add", "-A")
        status, output = self.run_in_tree("git", "-c", "user.name=a", "-c", "user.email=a@b.c", "commit", "-qm", name)
        self.assertEqual(status, 0, output)

    def tidy(self, *words):
        return self.run_in_tree(PROJECT / "scripts/check_tidy", *words)

    def test_only_changed_files_are_read(self):
        self.commit("old", BAD)
        self.commit("new", GOOD)
        status, output = self.tidy()
        self.assertEqual(status, 0, output)
        self.assertIn("read 1 of 1 sources", output)
        status, output = self.tidy("--all-files")
        self.assertEqual(status, 1, output)
        self.assertIn("bugprone-use-after-move", output)

    def test_a_change_not_yet_committed_is_refused(self):
        self.commit("old", GOOD)
        self.commit("new", GOOD)
        (self.root / "src/old.cc").write_text(BAD)
        status, output = self.tidy()
        self.assertEqual(status, 1, output)
        self.assertIn("src/old.cc: complaints", output)

    def test_when_the_time_is_up_it_says_what_was_not_read(self):
        self.commit("old", GOOD)
        self.commit("new", GOOD)
        status, output = self.tidy("--seconds", "-1")
        self.assertEqual(status, 0, output)
        self.assertIn("1 of 1 sources not read: src/new.cc", output)

    def test_format_refuses_what_it_would_write_otherwise(self):
        self.commit("old", GOOD)
        check = f". {PROJECT}/scripts/dev/library/checks.sh; check_format"
        self.assertNotEqual(self.run_in_tree("bash", "-euo", "pipefail", "-c", check)[0], 0)
        self.run_in_tree("clang-format-19", "-i", "src/old.cc")
        self.assertEqual(self.run_in_tree("bash", "-euo", "pipefail", "-c", check)[0], 0)


if __name__ == "__main__":
    unittest.main()
