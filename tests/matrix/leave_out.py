#!/usr/bin/env python3
"""leave_out.py WALL STORE OUT: the SQL of src/store with one wall left out, for a build that the matrix has to catch.

  customer_filter      no SELECT asks any more whose rows it wants
  row_level_security   the migrations leave PostgreSQL's tables open
"""
import pathlib
import re
import sys

STATEMENT = re.compile(r"(?=^-- (?:name|fragment): )", re.MULTILINE)


def without_customer_filter(name, text):
    def open_up(statement):
        sql = re.sub(r"^--.*\n", "", statement, flags=re.MULTILINE)
        if name.endswith("query") and sql.lstrip().startswith("SELECT"):
            return re.sub(r"\bcustomer_id = \$1", "(customer_id = $1 OR TRUE)", statement)
        return statement

    return "".join(open_up(each) for each in STATEMENT.split(text))


def without_row_level_security(name, text):
    if not name.endswith("migrations"):
        return text
    return re.sub(r"^.*(ENABLE|FORCE) ROW LEVEL SECURITY.*\n", "", text, flags=re.MULTILINE)


WALLS = {"customer_filter": without_customer_filter, "row_level_security": without_row_level_security}


def main(wall, store, out):
    changed = 0
    for folder in ("query", "migrations"):
        (pathlib.Path(out) / folder).mkdir(parents=True, exist_ok=True)
        for source in sorted((pathlib.Path(store) / folder).glob("*.sql")):
            text = source.read_text()
            left = WALLS[wall](folder, text)
            changed += left != text
            target = pathlib.Path(out) / folder / source.name
            if not target.exists() or target.read_text() != left:
                target.write_text(left)
    if changed == 0:
        sys.exit(f"there was no {wall} to leave out")


if __name__ == "__main__":
    if len(sys.argv) != 4 or sys.argv[1] not in WALLS:
        sys.exit(__doc__)
    main(*sys.argv[1:])
