import unittest

from sample_tree import SampleTree

SOURCE = 'void f() {\n    call();\n    crash_point("buy.called");\n    write();  // crash_point(x)\n}\n'


class CrashPoints(SampleTree):
    check = "check_crash_points"
    files = {
        "src/base/crash_point.h": "void crash_point(std::string_view name);\n",
        "src/base/crash_point.cc": "void crash_point(std::string_view) {}\n",
        "src/flow/buy.cc": SOURCE,
        "src/flow/pay.cc": SOURCE.replace("buy.", "pay_now."),
    }

    def test_good_tree_passes(self):
        self.assert_passes()

    # What pay.cc says instead of "pay_now.called", and the words of the complaint.
    REFUSED = [
        ('"buy.called"', "src/flow/pay.cc:3: 'buy.called' stands at src/flow/buy.cc:3 already"),
        ("name", "expected crash_point("),
        ('"called"', "expected crash_point("),
        ('"Pay.called"', "expected crash_point("),
        ('"pay." + step', "expected crash_point("),
    ]

    def test_bad_names_are_refused(self):
        for name, words in self.REFUSED:
            with self.subTest(name=name):
                self.write("src/flow/pay.cc", SOURCE.replace('"buy.called"', name))
                self.assert_refused(words)


if __name__ == "__main__":
    unittest.main()
