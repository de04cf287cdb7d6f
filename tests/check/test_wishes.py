"""Each cell of docs/decisions/0010-pending-change-table.md is told by a story, and the story says what the cell says."""

import pathlib
import unittest

ROOT = pathlib.Path(__file__).parent.parent.parent
TABLE = ROOT / "docs/decisions/0010-pending-change-table.md"
STORIES = ROOT / "tests/scenario/stories"
# The story of each row, and the row that decides where its own cell has no opinion.
ROWS = {
    "free": ("wishes_when_free", None),
    "active": ("wishes_when_active", None),
    "in_trial": ("wishes_in_trial", None),
    "past_due": ("wishes_when_past_due", None),
    "unpaid": ("wishes_when_unpaid", None),
    "paused": ("wishes_when_paused", None),
    "incomplete": ("wishes_when_incomplete", None),
    "change_in_flight": ("wishes_while_a_change_is_under_way", "active"),
    "checkout_open": ("wishes_with_an_open_checkout", "free"),
    "awaiting_payment": ("wishes_while_a_payment_is_awaited", "active"),
    "change_scheduled": ("wishes_with_a_scheduled_change", "active"),
    "cancel_scheduled": ("wishes_with_a_cancellation", "active"),
}


def read_table():
    """{situation: {request: cell}}"""
    rows = [[cell.strip() for cell in line.strip().strip("|").split("|")]
            for line in TABLE.read_text().splitlines() if line.startswith("|")]
    requests = [name.replace(" ", "_") for name in rows[0][1:]]
    return {row[0]: dict(zip(requests, row[1:])) for row in rows[2:] if not row[0].startswith("**")}


def read_story(name):
    """{request: what the customer saw}, of the story's `wishes`."""
    lines = (STORIES / f"{name}.scenario").read_text().splitlines()
    told = {}
    for line in lines[lines.index("wishes") + 1:]:
        if not line.startswith("---- "):
            break
        request, seen = line.removeprefix("---- ").split(": ", 1)
        told[request] = seen
    return told


class Wishes(unittest.TestCase):
    def test_every_row_has_its_story(self):
        self.assertEqual(set(read_table()), set(ROWS))

    def test_every_cell_is_told(self):
        table = read_table()
        for situation, (name, base) in ROWS.items():
            told = read_story(name)
            self.assertEqual(set(told), set(table[situation]), name)
            for request, cell in table[situation].items():
                with self.subTest(situation=situation, request=request):
                    decided = table[base][request] if cell == "-" else cell
                    if decided.startswith("409 "):
                        self.assertEqual(told[request], "refused " + decided)
                    else:
                        self.assertNotIn("refused", told[request])


if __name__ == "__main__":
    unittest.main()
