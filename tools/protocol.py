#!/usr/bin/env python3
"""Compares the tables of docs/protocol.md with protocol/, the description of the same protocol.

Commands, events, their data, states, causes, failure codes and close codes must be the same on both
sides: no name more, none less. What the page only says in sentences is not compared.

test/unit/wire/description_test.cpp does the same for the server, by what it prints and reads. One thing
a test cannot see from outside: that the server reads a member which is described nowhere. Therefore the
names that src/wire asks a request for are compared here. Prints findings, exits 1 on any.
"""
import json
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = "docs/protocol.md"
FOLDER = ROOT / "protocol"

findings: list[str] = []


def load(name: str) -> dict:
    return json.loads((FOLDER / name).read_text(encoding="utf-8"))


SCHEMAS = {name: load(f"schemas/{name}")["definitions"]
           for name in ("names.json", "objects.json", "messages.json")}
COMMANDS = load("commands.json")["messages"]
EVENTS = load("events.json")["messages"]


def words(name: str) -> list[str]:
    return [str(word) for word in SCHEMAS["names.json"][name]["enum"]]


def compare(what: str, page: object, description: object) -> None:
    """Findings for what only one side has."""
    ours, theirs = set(page), set(description)
    for name in sorted(ours - theirs):
        findings.append(f"{PAGE}:1: {what}: {name} is not in protocol/ [protocol]")
    for name in sorted(theirs - ours):
        findings.append(f"{PAGE}:1: {what}: {name} of protocol/ is not on the page [protocol]")


# --- The description ------------------------------------------------------------------------------

def resolved(schema: dict, home: str) -> tuple[dict, str]:
    """What a schema's $ref points to, and the file that is in."""
    if "$ref" not in schema:
        return schema, home
    where, _, name = schema["$ref"].partition("#/definitions/")
    target = where.rsplit("/", 1)[-1] or home
    return resolved(SCHEMAS[target][name], target)


def members(schema: dict, home: str = "") -> set[str]:
    """The names of all members at any depth; "?" behind those that may be left out."""
    schema, home = resolved(schema, home)
    found: set[str] = set()
    for part in schema.get("anyOf", []) + schema.get("oneOf", []):
        found |= members(part, home)
    if "items" in schema:
        found |= members(schema["items"], home)
    for name, value in schema.get("properties", {}).items():
        found.add(name if name in schema.get("required", []) else name + "?")
        found |= members(value, home)
    return found


def data_of(message: dict) -> dict:
    return message["payload"]["properties"].get("data", {})


# --- The page -------------------------------------------------------------------------------------

def tables(page: str, title: str) -> list[list[str]]:
    """The rows of all tables whose first column has this title, cell by cell."""
    rows, is_ours = [], False
    for line in page.splitlines():
        cells = [cell.strip() for cell in line.split("|")[1:-1]]
        if not line.startswith("|"):
            is_ours = False
        elif cells[0] == title:
            is_ours = True
        elif is_ours and not cells[0].startswith("---"):
            rows.append(cells)
    return rows


def names_in(cell: str) -> list[str]:
    """`a.b.c`, `.d` -> a.b.c, a.b.d"""
    names: list[str] = []
    for text in re.findall(r"`([^`]+)`", cell):
        names.append(names[-1].rsplit(".", 1)[0] + text if text.startswith(".") else text)
    return names


def members_in(cell: str) -> set[str]:
    """The members that a cell's notation names: `{"reason"?:{"code"}}` -> reason?, code. Texts
    after a colon and in lists are values."""
    found: set[str] = set()
    for text in re.findall(r"`(\{[^`]*\})`", cell):
        text = re.sub(r':\s*"[^"]*"( or "[^"]*")*', "", text)
        text = re.sub(r'\["[^\]{]*\]', "[]", text)
        found |= {name + mark for name, mark in re.findall(r'"([\w-]+)"(\??)', text)}
    return found


def check_commands(page: str) -> None:
    listed = {name: cells for cells in tables(page, "Command") for name in names_in(cells[0])}
    compare("commands", listed, COMMANDS)
    for name, cells in listed.items():
        cell = cells[2] if len(cells) == 4 else cells[1]
        if cell == "as for a channel":
            model = "channel." + name.rsplit(".", 1)[1].removesuffix("all")
            cell = listed[model][1]
        if name in COMMANDS:
            compare(f"data of {name}", members_in(cell), members(data_of(COMMANDS[name])))
    states = re.search(r"`state`: ([A-Z_]+.*), of the telephony", listed["session.request.directory"][3])
    compare("presences", re.findall(r"\b[A-Z_]{3,}\b", states.group(1)), words("presence"))


def check_events(page: str) -> None:
    listed = {name: cells for cells in tables(page, "Name") for name in names_in(cells[0])}
    compare("events", listed, EVENTS)
    kinds = {"group": "channelgroup"}
    for name, (_, targets, data) in listed.items():
        if name not in EVENTS:
            continue
        on_page = [kinds.get(kind, kind) for kind in re.split(r", | or ", targets)]
        compare(f"targets of {name}", on_page, EVENTS[name]["x-target"])
        said = members_in(data)
        if name == "state.updated":
            said |= {flag for cells in tables(page, "Object") for flag in flags_in(cells[2])}
        compare(f"data of {name}", said, members(data_of(EVENTS[name])))
    compare("reasons of session.ended", names_in(listed["session.ended"][2])[1:], words("sessionEnd"))
    modes = listed["channel.infochanged"][2].rpartition("`mode`:")[2]
    compare("modes", names_in(modes), words("monitorMode"))
    media = re.search(r"`media`: ([A-Z, ]+)\.", listed["channel.infochanged"][2])
    compare("media", re.findall(r"[A-Z]+", media.group(1)), words("mediaState"))
    floor = re.search(r"`session`: ([A-Z_, ]+)\.", listed["floor.updated"][2])
    compare("sessions on the floor", re.findall(r"[A-Z_]+", floor.group(1)), words("floorSession"))
    capabilities = re.search(r'"capabilities":\[([^\]]*)\]', listed["session.initialized"][2])
    compare("capabilities", re.findall(r'"([^"]+)"', capabilities.group(1)), words("capability"))
    permissions = re.search(r'"permissions":\[([^\]]*)\]', listed["session.initialized"][2])
    compare("permissions", re.findall(r'"([^"]+)"', permissions.group(1)), words("permission"))


def flags_in(cell: str) -> set[str]:
    """`agentState`: ...; `reason`, `pending` if there are any -> agentState, reason?, pending?"""
    sure, _, maybe = cell.partition(";")
    return set(names_in(sure)) | {name + "?" for name in names_in(maybe)}


def check_states(page: str) -> None:
    for cells in tables(page, "Object"):
        kind = cells[0]
        compare(f"states of a {kind}", re.findall(r"\b[A-Z_]{3,}\b", cells[1]), words(f"{kind}State"))
        also = {"channel": "agentState", "interaction": "recordingState"}.get(kind)
        if also:
            compare(also, re.findall(r"\b[A-Z_]{3,}\b", cells[2]), words(also))
    paragraphs = {"`cause`: ": "cause", "`type` of a channel or an interaction: ": "mediaType",
                  "`direction`: ": "direction", "`type` of a conversation: ": "conversationType",
                  "`role`: ": "memberRole"}
    for opening, name in paragraphs.items():
        found = re.search(re.escape(opening) + r"(.*?)\.(?:\s|$)", page, re.DOTALL)
        text = found.group(1) if found else ""
        compare(name, re.findall(r"`([^`]+)`", text), words(name))


def check_codes(page: str) -> None:
    compare("failure codes", [name for cells in tables(page, "Code") for name in names_in(cells[0])],
            words("failureCode"))
    compare("close codes", [code for cells in tables(page, "Close code")
                            for code in re.findall(r"\d+", cells[0])], words("closeCode"))
    known = set(re.findall(r"`([a-z]+\.[a-z]+)`", page))
    compare("reasons of the server's", known & set(words("serverReason")), words("serverReason"))


READ = re.compile(r'\b(?:text|required_text|required_count|count|flag|objects?|text_in|read_id|find|'
                  r'if_contains)\(\s*(?:\w+, )?"([\w-]+)"(?:,\s*"([\w-]+)")?')


def check_reading() -> None:
    """What src/wire asks a request for is what the description has."""
    names: set[str] = set()
    for file in ("read_command.cpp", "request.cpp", "members.cpp"):
        source = (ROOT / "src/wire" / file).read_text(encoding="utf-8")
        names |= {name for pair in READ.findall(source) for name in pair if name}
    described = members(SCHEMAS["messages.json"]["request"], "messages.json")
    for message in COMMANDS.values():
        described |= members(data_of(message))
    for name in sorted(names ^ {name.rstrip("?") for name in described}):
        findings.append(f"src/wire/read_command.cpp:1: {name} is read or in protocol/, not both "
                        f"[protocol]")


def main() -> int:
    page = (ROOT / PAGE).read_text(encoding="utf-8").split("<!-- conformance:")[0]
    check_commands(page)
    check_events(page)
    check_states(page)
    check_codes(page)
    check_reading()
    print("\n".join(findings + [f"protocol: {len(COMMANDS)} commands, {len(EVENTS)} events, "
                                f"{len(findings)} findings"]))
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
