#!/usr/bin/env python3
"""Embeds the store's SQL in the program, so that a name that does not exist does not compile.

  embed_queries.py queries FILE.sql OUT.h        named statements -> billhook::store::query::FILE::NAME
  embed_queries.py migrations FOLDER OUT.h       NNNN_name.sql    -> billhook::store::migrations
  embed_queries.py statements FILE.sql OUT.h NAMESPACE   the same for another room's SQLite file: plain texts

A query file holds statements under `-- name: find_by_customer`; `-- name: claim [postgres]` right beneath is the same
statement for one database alone. `-- fragment: columns` names a text that `{columns}` inserts. A migration's lines
after `-- [postgres]`, `-- [sqlite]` or `-- [both]` are for that database. Parameters are $1, $2 …
"""
import hashlib
import pathlib
import re
import sys

DATABASES = ("sqlite", "postgres")
MARK = re.compile(r"^-- (name|fragment): (\w+)(?: \[(\w+)\])?\s*$")
SECTION = re.compile(r"^-- \[(\w+)\]\s*$")
CPP_KEYWORDS = {"delete", "new", "export", "default", "operator", "register", "return", "union", "namespace"}


def fail(path, line, message):
    sys.exit(f"{path}:{line}: {message}")


def read_statements(path):
    """{name: {database: sql}} in the order of the file."""
    statements, fragments, texts = {}, {}, []
    target = None
    for number, line in enumerate(path.read_text().splitlines(), 1):
        mark = MARK.match(line)
        if mark:
            kind, name, database = mark.groups()
            if name in CPP_KEYWORDS:
                fail(path, number, f"'{name}' is a word of C++; choose another name")
            if database and (database not in DATABASES or kind == "fragment"):
                fail(path, number, f"[{database}]: expected [sqlite] or [postgres] after a name")
            target = {"kind": kind, "name": name, "database": database, "lines": [], "number": number}
            texts.append(target)
        elif line.startswith("-- name") or line.startswith("-- fragment"):
            fail(path, number, "expected '-- name: words_with_underscores' or '-- fragment: word'")
        elif line.startswith("--") or not line.strip():
            continue
        elif target is None:
            fail(path, number, "SQL before the first '-- name:' line")
        else:
            target["lines"].append(line.rstrip())

    for text in texts:
        sql = "\n".join(text["lines"]).rstrip(";")
        if not sql:
            fail(path, text["number"], f"'{text['name']}' is empty")
        missing = [name for name in re.findall(r"\{(\w+)\}", sql) if name not in fragments]
        if missing:
            fail(path, text["number"], f"no fragment '{missing[0]}' above")
        sql = re.sub(r"\{(\w+)\}", lambda match: fragments[match.group(1)], sql)
        if text["kind"] == "fragment":
            fragments[text["name"]] = sql
            continue
        variants = statements.setdefault(text["name"], {})
        for database in [text["database"]] if text["database"] else DATABASES:
            if database in variants and not text["database"]:
                fail(path, text["number"], f"'{text['name']}' is there already")
            variants[database] = sql
    return statements


def read_migration(path):
    texts = {database: [] for database in DATABASES}
    source = path.read_text()
    if not source.startswith("-- "):
        fail(path, 1, "a migration opens with a line on why")
    current = DATABASES
    for number, line in enumerate(source.splitlines(), 1):
        section = SECTION.match(line)
        if section:
            word = section.group(1)
            if word != "both" and word not in DATABASES:
                fail(path, number, f"[{word}]: expected [sqlite], [postgres] or [both]")
            current = DATABASES if word == "both" else (word,)
        elif not line.startswith("--"):
            for database in current:
                texts[database].append(line.rstrip())
    return {database: "\n".join(lines).strip() for database, lines in texts.items()}, source


def for_sqlite(sql):
    # SQLite numbers $1 by first appearance; ?1 is a number.
    return re.sub(r"\$(\d+)", r"?\1", sql)


def literal(sql):
    # Compilers bound the length of one literal; neighbours join by themselves.
    parts = [sql[start : start + 8000] for start in range(0, len(sql), 8000)] or [""]
    return " ".join(f'R"sql({part})sql"' for part in parts)


def write(path, text):
    path = pathlib.Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def embed_queries(source, out):
    path = pathlib.Path(source)
    lines = ["#pragma once", f"// Generated from {path.name}.", "", '#include "store/statement.h"', "",
             f"namespace billhook::store::query::{path.stem} {{", ""]
    for name, variants in read_statements(path).items():
        sqlite, postgres = for_sqlite(variants.get("sqlite", "")), variants.get("postgres", "")
        lines.append(f'inline constexpr Statement {name}{{"{path.stem}.{name}", {literal(sqlite)},\n    {literal(postgres)}}};\n')
    lines.append(f"}}  // namespace billhook::store::query::{path.stem}\n")
    write(out, "\n".join(lines))


def embed_migrations(folder, out):
    lines = ["#pragma once", "// Generated from the migrations.", "", '#include "store/migration.h"', "",
             "namespace billhook::store {", "", "inline constexpr Migration migrations[] = {"]
    for expected, path in enumerate(sorted(pathlib.Path(folder).glob("*.sql")), 1):
        match = re.fullmatch(r"(\d{4})_([a-z0-9_]+)", path.stem)
        if not match or int(match.group(1)) != expected:
            fail(path, 1, f"expected the name {expected:04}_words.sql: migrations are numbered without gaps")
        texts, source = read_migration(path)
        checksum = hashlib.sha256(source.encode()).hexdigest()
        lines.append(f'    {{{expected}, "{match.group(2)}", "{checksum}",\n     {literal(texts["sqlite"])},\n     {literal(texts["postgres"])}}},')
    lines += ["};", "", "}  // namespace billhook::store", ""]
    write(out, "\n".join(lines))


def embed_statements(source, out, namespace):
    path = pathlib.Path(source)
    lines = ["#pragma once", f"// Generated from {path.name}.", "", f"namespace {namespace} {{", ""]
    for name, variants in read_statements(path).items():
        lines.append(f"inline constexpr char const* {name} = {literal(for_sqlite(variants['sqlite']))};\n")
    lines.append(f"}}  // namespace {namespace}\n")
    write(out, "\n".join(lines))


if __name__ == "__main__":
    actions = {"queries": embed_queries, "migrations": embed_migrations, "statements": embed_statements}
    if len(sys.argv) < 3 or sys.argv[1] not in actions:
        sys.exit(__doc__)
    actions[sys.argv[1]](*sys.argv[2:])
