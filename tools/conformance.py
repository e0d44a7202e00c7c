#!/usr/bin/env python3
"""Writes the conformance table at the end of docs/protocol.md: which test proves which of its rows.

A test says what it proves in a comment right above it:

    // Proves: conversation.hold, promise 4
    TEST(Conversation, ...)

The rows are the page's own: the first cells of its tables of commands, events, failure codes, close
codes and HTTP requests with their statuses, and the numbered promises of section 5. Rows marked "(not yet)" need no proof. With
--check nothing is written: a row without a proof, a proof of no row, and a stale table are findings.
"""
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs/protocol.md"
BEGIN = "<!-- conformance: written by `make conformance` -->\n"
END = "<!-- end of conformance -->\n"
TEST = re.compile(r"^TEST(?:_F|_P)?\((\w+),\s*(\w+)\)")
NOT_YET = re.compile(r"(\| \*\*\(not yet\)|\*\*\(not yet used\))\*\* \|$")
# The tables that are checked: title of the first column, and what its rows are called here.
TABLES = {"Command": "command", "Name": "event", "Code": "failure", "Close code": "close",
          "Request": "http", "Status": "status"}
NUMBERED = ("close", "status")  # Their rows are called "close 4001", and so on.


def names_in(cell: str) -> list[str]:
    """`a.b`, `.c` -> a.b, a.c; close codes are plain numbers."""
    names: list[str] = []
    for text in re.findall(r"`([^`]+)`", cell) or re.findall(r"\d+", cell):
        if text.startswith("."):
            text = names[-1].rsplit(".", 1)[0] + text
        names.append(text)
    return [name.replace(".request.", ".") for name in names]


def rows_of(page: str) -> dict[str, str]:
    """Row -> its kind, in the order of the page."""
    rows: dict[str, str] = {}
    kind = ""
    for line in page.splitlines():
        cells = [cell.strip() for cell in line.split("|")]
        if len(cells) < 3 or not line.startswith("|"):
            kind = ""
        elif cells[1] in TABLES:
            kind = TABLES[cells[1]]
        elif kind and not cells[1].startswith("---") and not NOT_YET.search(line):
            prefix = kind + " " if kind in NUMBERED else ""
            rows |= {prefix + name: kind for name in names_in(cells[1])}
    promises = page.split("## 5.")[1].split("\n## ")[0]
    for number in re.findall(r"^(\d)\. ", promises, re.MULTILINE):
        rows["promise " + number] = "promise"
    return rows


def proofs() -> list[tuple[str, str, str]]:
    """(row, test, place) for each proof, in the order of files and lines."""
    found = []
    for path in sorted((ROOT / "test").rglob("*_test.cpp")):
        claimed: list[str] = []
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            place = f"{path.relative_to(ROOT)}:{number}"
            test = TEST.match(line)
            if line.startswith("// Proves: "):
                claimed += [(row.strip(), place) for row in line[len("// Proves: "):].split(",")]
            elif test:
                name = f"{test.group(1)}.{test.group(2)}"
                found += [(row, name, where) for row, where in claimed]
                claimed = []
            elif claimed and not line.startswith("//"):
                sys.exit(f"{place}: a proof must stand right above its test")
    return found


def table(rows: dict[str, str], proven: dict[str, list[str]]) -> str:
    lines = ["| What | | Proven by |", "|---|---|---|"]
    for row, kind in rows.items():
        tests = ", ".join(f"`{test}`" for test in proven.get(row, []))
        lines.append(f"| {row if kind in (*NUMBERED, 'promise') else f'`{row}`'} | {kind} | {tests} |")
    return "\n".join(lines) + "\n"


def main() -> int:
    page = PAGE.read_text(encoding="utf-8")
    rows = rows_of(page.split(BEGIN)[0])
    proven: dict[str, list[str]] = {}
    findings = []
    for row, test, place in proofs():
        if row not in rows:
            findings.append(f"{place}: \"{row}\" is no row of docs/protocol.md [conformance]")
        elif test not in proven.setdefault(row, []):
            proven[row].append(test)
    findings += [f"docs/protocol.md:1: no test proves \"{row}\" [conformance]"
                 for row in rows if row not in proven]
    head, rest = page.split(BEGIN)
    fresh = head + BEGIN + table(rows, proven) + END + rest.split(END)[1]
    if "--check" not in sys.argv:
        PAGE.write_text(fresh, encoding="utf-8")
    elif fresh != page:
        findings.append("docs/protocol.md:1: run `make conformance` [conformance]")
    print("\n".join(findings + [f"conformance: {len(rows)} rows, {len(findings)} findings"]))
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
