#!/usr/bin/env python3
"""Checks what a compiler does not: who may include whom, sizes, and the rules of purity.

The table of rooms is the one of docs/ARCHITECTURE.md. Prints FILE:LINE: message, exits 1 on any.
"""
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

# Room -> rooms whose headers it may include (its own is always allowed).
ROOMS = {
    "base": set(),
    "core": {"base"},
    "routing": {"core", "base"},
    "wire": {"core", "base"},
    "journal": {"base"},
    "sip": {"base"},
    "media": {"base"},
    "net": {"base"},
    "drivers": {"core", "base"},
    "drivers/sip": {"drivers", "sip", "media", "net", "core", "base"},
    "drivers/sim": {"drivers", "core", "base"},
    "runtime": {"core", "routing", "journal", "drivers", "base"},
    "history": {"wire", "runtime", "journal", "core", "base"},
    "front": {"wire", "net", "runtime", "history", "core", "base"},
}
PURE = {"core", "routing", "wire", "sip"}
IMPURE = re.compile(r"<(thread|mutex|condition_variable|fstream|iostream|random|filesystem|"
                    r"sys/socket\.h|unistd\.h|ctime)>|\b(system_clock|steady_clock|"
                    r"random_device|getenv)\b|\bstd::rand\b")
BOOST = re.compile(r"#include <boost/")
LINES_MAX = 600
COLUMNS_MAX = 100
FUNCTION_LINES_MAX = 70
PARAMETERS_MAX = 5

# Files that may break a size rule, each with its reason. This list only shrinks.
EXCEPTIONS: dict[tuple[str, str], str] = {}

failures: list[str] = []


def fail(path: Path, line: int, rule: str, message: str) -> None:
    name = path.relative_to(ROOT).as_posix()
    if (name, rule) not in EXCEPTIONS:
        failures.append(f"{name}:{line}: {message} [{rule}]")


def room_of(path: str) -> str | None:
    parts = path.split("/")
    two = "/".join(parts[:2])
    if two in ROOMS:
        return two
    return parts[0] if parts[0] in ROOMS else None


def check_includes(path: Path, lines: list[str], room: str) -> None:
    for number, text in enumerate(lines, 1):
        found = re.match(r'\s*#include "([^"]+)"', text)
        if found:
            target = room_of(found.group(1))
            if target is None:
                fail(path, number, "include", f'"{found.group(1)}" is not a path from src/')
            elif target != room and target not in ROOMS[room]:
                fail(path, number, "include", f"{room} may not include {target}")
        if room in PURE and IMPURE.search(text.split("//")[0]):
            fail(path, number, "pure", f"{room} reads no clock, socket, file or random source")
        if path.suffix == ".hpp" and BOOST.match(text) and "detail" not in path.parts:
            fail(path, number, "boost", "Boost stays out of headers")


def check_sizes(path: Path, lines: list[str]) -> None:
    if len(lines) > LINES_MAX:
        fail(path, len(lines), "file", f"{len(lines)} lines; at most {LINES_MAX}")
    for number, text in enumerate(lines, 1):
        is_text_table = 'R"' in text and path.is_relative_to(ROOT / "test")
        if len(text) > COLUMNS_MAX and not is_text_table:
            fail(path, number, "columns", f"{len(text)} columns; at most {COLUMNS_MAX}")
    if path.suffix == ".hpp" and "#pragma once" not in "\n".join(lines):
        fail(path, 1, "pragma", "no #pragma once")


FUNCTION_HEAD = re.compile(r"^(?!\s*(namespace|class|struct|enum|union|using|extern|TEST|RC_))"
                           r"[^;={}#]*\)\s*(const)?\s*(noexcept)?\s*(override)?(\s*:.*)?\s*\{$")


def strip_strings(text: str) -> str:
    return re.sub(r'"(\\.|[^"\\])*"|\'(\\.|[^\'\\])*\'', '""', text.split("//")[0])


def check_functions(path: Path, lines: list[str]) -> None:
    """Free and member functions, found by their opening line as clang-format leaves it."""
    head = ""
    for number, raw in enumerate(lines, 1):
        text = strip_strings(raw)
        indent = len(raw) - len(raw.lstrip())
        if indent <= 2 and text.strip() and not text.strip().startswith(("#", "}")):
            head = text
            start = number
        elif head and not head.rstrip().endswith(("{", ";", "}")):
            head += " " + text.strip()
        if not (head and FUNCTION_HEAD.match(head.strip()) and text.rstrip().endswith("{")):
            continue
        check_one_function(path, lines, head, start, number)
        head = ""


def check_one_function(path: Path, lines: list[str], head: str, start: int, opened: int) -> None:
    depth = 0
    for number in range(opened, len(lines) + 1):
        text = strip_strings(lines[number - 1])
        depth += text.count("{") - text.count("}")
        if depth <= 0:
            if number - start + 1 > FUNCTION_LINES_MAX:
                fail(path, start, "function", f"{number - start + 1} lines; at most "
                                              f"{FUNCTION_LINES_MAX}")
            break
    parameters = re.search(r"\((.*?)\)\s*(const|noexcept|override|:|\{)", head)
    if parameters and parameters.group(1).strip():
        nested = re.sub(r"<[^<>]*(<[^<>]*>[^<>]*)*>|\([^()]*\)|\{[^{}]*\}", "", parameters.group(1))
        count = nested.count(",") + 1
        if count > PARAMETERS_MAX:
            fail(path, start, "parameters", f"{count} parameters; at most {PARAMETERS_MAX}")


TEST_NAME = re.compile(r"^TEST(?:_F|_P)?\(\s*(\w+),\s*(\w+)\)", re.MULTILINE)


def check_named_tests(page: Path) -> None:
    """Each `Suite.Test` in the page's tables is one."""
    known = {".".join(found) for path in tracked("test/**/*_test.cpp")
             for found in TEST_NAME.findall(path.read_text(encoding="utf-8"))}
    lines = page.read_text(encoding="utf-8").splitlines()
    for number, text in enumerate(lines, 1):
        proofs = re.findall(r"`(\w+\.\w+)`", text.rsplit("|", 2)[-2]) if text.count("|") > 4 else []
        for name in proofs:
            if name not in known:
                fail(page, number, "proof", f"there is no test {name}")
        is_head = number < len(lines) and lines[number].startswith("|---")
        is_row = text.startswith("|") and "---" not in text and not is_head
        if is_row and not proofs:
            fail(page, number, "proof", "a row without a test")


# A data member of a header, `Duration wait_max = ...;`. Constants and parameters are none.
MEMBER = re.compile(r"^\s+(?!.*\b(?:constexpr|static|return)\b)[\w:<>]+ (\w+_max)\s*(?:=|;|\{|$)")


def members_of(patterns: tuple[str, ...]) -> dict[str, tuple[Path, int]]:
    """FILE:MEMBER, from src/, of each bound that is a member of a struct."""
    found = {}
    for path in tracked(*patterns):
        name = path.relative_to(ROOT).as_posix().removeprefix("src/")
        for number, text in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            member = MEMBER.match(text.split("//")[0].rstrip())
            if member:
                found.setdefault(f"{name}:{member.group(1)}", (path, number))
    return found


def check_bounds(page: Path) -> None:
    """Each bound is in one of the page's two tables, and nothing else is; a kind in the first names
    its member."""
    members = members_of(("src/**/*.hpp", "apps/cordboard/*.hpp"))
    listed = set()
    for number, text in enumerate(page.read_text(encoding="utf-8").splitlines(), 1):
        places = re.findall(r"`([\w/]+\.hpp:\w+_max)`", text) if text.startswith("|") else []
        listed.update(places)
        for place in places:
            if place not in members:
                fail(page, number, "bound", f"{place} is no member of that file")
        kinds = re.findall(r"^\| `\w+\.(\w+_max)`", text)
        if kinds and places and places[0].split(":")[1] != kinds[0]:
            fail(page, number, "bound", f"{kinds[0]} is shown, {places[0]} is declared")
    for place, (path, line) in members.items():
        if place not in listed:
            fail(path, line, "bound", f"{place} is in no table of {page.relative_to(ROOT)}, Bounds")


METRIC = re.compile(r"cord_[a-z_]+[a-z]")


def check_metrics(page: Path) -> None:
    """Each metric that the page names is made somewhere. (A scenario test asks the other way.)"""
    sources = "".join(path.read_text(encoding="utf-8")
                      for path in tracked("src/**/*.cpp", "apps/cordboard/*.cpp"))
    for number, text in enumerate(page.read_text(encoding="utf-8").splitlines(), 1):
        for name in METRIC.findall(text):
            parts = re.fullmatch(r"cord_net_(?:web|admin)(_\w+)?", name)
            if parts and not parts.group(1):
                continue  # "cord_net_admin_..."
            if f'"{parts.group(1) if parts else name}"' not in sources:
                fail(page, number, "metric", f"there is no {name}")


KEY = re.compile(r"\b(?:text|texts|integer|duration|boolean|choice<[\w:]+>|tables?|"
                 r"required_text|name_of|word_of)\(\s*(?:table, )?\"([a-z-]+)\"")


def check_keys(page: Path) -> None:
    """Each key that the configuration knows is in the page's table of them."""
    known = page.read_text(encoding="utf-8").split("## Configuration")[1].split("\n## ")[0]
    for path in tracked("apps/cordboard/config*.cpp"):
        for key in set(KEY.findall(path.read_text(encoding="utf-8"))):
            if f"`{key}`" not in known and f"[{key}]" not in known:
                fail(page, 1, "key", f"{key} of {path.name} is not in the table of keys")


def tracked(*patterns: str) -> list[Path]:
    out = subprocess.run(["git", "ls-files", "-co", "--exclude-standard", *patterns], cwd=ROOT,
                         check=True, capture_output=True, text=True).stdout
    return [ROOT / name for name in out.splitlines() if (ROOT / name).exists()]


def main() -> int:
    files = tracked("*.hpp", "*.cpp")
    for path in files:
        lines = path.read_text(encoding="utf-8").splitlines()
        name = path.relative_to(ROOT).as_posix()
        if name.startswith("src/"):
            check_includes(path, lines, room_of(name.removeprefix("src/")) or "")
        check_sizes(path, lines)
        if not name.startswith("test/"):
            check_functions(path, lines)
    scripts = tracked("web/*.ts", "web/*.mjs")
    for path in scripts:
        check_sizes(path, path.read_text(encoding="utf-8").splitlines())
    for page in ("docs/security.md", "docs/interop.md"):
        check_named_tests(ROOT / page)
    operations = ROOT / "docs/operations.md"
    check_bounds(operations)
    check_metrics(operations)
    check_keys(operations)
    for failure in failures:
        print(failure)
    print(f"lint: {len(files) + len(scripts)} files, {len(failures)} findings")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
