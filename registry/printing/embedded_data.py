"""The data inside a paper: what it prints, exact and unrounded, for programs.

Every paper carries its registers as CSV with the column names of ``exchange.md`` 2, and one JSON with the snapshot it
was printed from, the tables as they stand on the sheets, and what both rest on: versions, coverage, dates and the
head of the journal. Money, areas and shares are decimals in tenge, square metres and percent. There is no e-mail, no
phone and no whole IIN in it.
"""

from __future__ import annotations

import csv
import dataclasses
import io
import json
import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from registry.paper_kinds import snapshots as s
from registry.printing.layout import Facts, Paper, Table
from registry.printing.pdf import Attachment

if TYPE_CHECKING:
    from registry.printing.rendering import Identity

FORMAT = "tizilim-paper/1"
"""Name and version of the JSON's layout."""

JSON_NAME = "paper.json"
"""The file that holds all of a paper's data; the others are its registers one by one."""

_HUNDREDTHS = frozenset({
    "amount", "exported", "area", "area_m2", "revenue", "revenue_counted", "taxes_counted", "investment_counted",
    "share", "rent", "deposit",
})  # fmt: skip
"""Fields of a snapshot that are whole hundredths."""

_FILES = {
    "entries": "residents", "entry": "residents", "changes": "status-changes", "lines": "report-lines",
    "accounts": "companies", "sums": "report-lines-by-code",
}  # fmt: skip
"""What a part of a snapshot is called as a file, where ``exchange.md`` has a name for it."""


_PARTS = (s.Text, s.Who, s.Coverage, s.Territory, s.Holder)
"""What is part of a line, never a line of its own."""


def files(snapshot: s.Snapshot, paper: Paper, identity: Identity, versions: Mapping[str, str]) -> list[Attachment]:
    """The files attached to an issued paper, each with a fixed name and order."""
    found = [
        Attachment(JSON_NAME, _json(snapshot, paper, identity, versions), "application/json", f"{paper.title}: JSON")
    ]
    found += [
        Attachment(f"{name}.csv", _csv(rows), "text/csv", f"{paper.title}: {name}")
        for name, rows in sorted(tables(snapshot).items())
    ]
    return found


# --- CSV ---


def tables(snapshot: s.Snapshot) -> dict[str, list[dict[str, str]]]:
    """The registers of a snapshot as rows of texts by column, by file name."""
    found: dict[str, list[dict[str, str]]] = {}
    for path, key, item in _items(snapshot.body, (), {}):
        name = "-".join(_FILES.get(step, step.replace("_", "-")) for step in path)
        columns = _columns(item)
        if columns:  # what only holds others together has none
            found.setdefault(name, []).append(key | columns)
    return {name: _even(rows) for name, rows in found.items()}


def _items(body: Any, path: tuple[str, ...], key: dict[str, str]) -> Iterator[tuple[tuple[str, ...], dict, Any]]:
    """Everything a snapshot lists, with where it stands and what names the thing it belongs to."""
    for name in s.names(type(body)):
        value = getattr(body, name)
        for item in value if isinstance(value, tuple) else (value,):
            if isinstance(item, _PARTS) or not s.names(type(item)):
                continue
            here = _path(path, name, item)
            yield here, key, item
            yield from _items(item, here, key | _key(item))


def _path(path: tuple[str, ...], name: str, item: Any) -> tuple[str, ...]:
    """A file's name is that of the register; what belongs to a line of it has a file of its own."""
    return (*path[:-1], name) if name in {"changes", "addenda", "sums"} else (*path, name)


def _key(item: Any) -> dict[str, str]:
    """What a line of a register is called by in the lines that belong to it."""
    key: dict[str, str] = {}
    who = getattr(item, "who", None)
    if who is not None:
        key |= {"territory": who.territory, "bin": who.bin}
    if isinstance(item, s.Contract):
        key["contract_number"] = item.number
    return key


def _columns(item: Any) -> dict[str, str]:
    """A line's own values, named as in ``exchange.md``."""
    found: dict[str, str] = {}
    names = s.names(type(item))
    for name in names:
        value = getattr(item, name)
        if isinstance(value, s.Who):
            found |= {"territory": value.territory, "register_no": value.register_no, "bin": value.bin}
            found |= _text("resident_name" if "name" in names else "name", value.name)
        elif isinstance(value, s.Text):
            found |= _text(name, value)
        elif isinstance(value, s.Territory):
            found["territory"] = value.prefix
        elif isinstance(value, s.Coverage):
            found |= {"coverage_accepted": str(value.accepted), "coverage_expected": str(value.expected)}
        elif name == "holders":
            found[name] = ";".join(_holder(holder) for holder in value)
        elif isinstance(value, tuple) and not any(s.names(type(part)) for part in value):
            found[name] = ";".join(_plain(item, name, part) for part in value)
        elif not isinstance(value, tuple) and not s.names(type(value)):
            found[name] = _plain(item, name, value)
    return found


def _text(name: str, text: s.Text) -> dict[str, str]:
    return {f"{name}_{language}": getattr(text, language) or "" for language in ("kk", "ru", "en")}


def _holder(holder: s.Holder) -> str:
    name = holder.bin or holder.name.speak("ru")
    return name if holder.share is None else f"{name}={_decimal(holder.share)}%"


def _plain(item: Any, name: str, value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, int) and _in_hundredths(item, name):
        return _decimal(value)
    return str(value)


def _in_hundredths(item: Any, name: str) -> bool:
    if name in _HUNDREDTHS:
        return True
    if isinstance(item, s.CountedLine):
        return name == "value" and item.indicator != 3
    return name in ("actual", "target") and hasattr(item, "unit")


def _decimal(hundredths: int) -> str:
    sign, number = ("-", -hundredths) if hundredths < 0 else ("", hundredths)
    return f"{sign}{number // 100}.{number % 100:02d}"


def _even(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    """The same columns in each row, in the order they first appear."""
    columns = list(rows[0])
    if all(list(row) == columns for row in rows):
        return rows
    columns = list(dict.fromkeys(name for row in rows for name in row))
    return [{name: row.get(name, "") for name in columns} for row in rows]


def _csv(rows: list[dict[str, str]]) -> bytes:
    target = io.StringIO(newline="")
    writer = csv.DictWriter(target, list(rows[0]), lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return target.getvalue().encode()


# --- JSON ---


def _json(snapshot: s.Snapshot, paper: Paper, identity: Identity, versions: Mapping[str, str]) -> bytes:
    text = s.dump(snapshot)
    content = {
        "format": FORMAT,
        "number": identity.number,
        "code": identity.code,
        "address": identity.address,
        "kind": snapshot.kind,
        "language": paper.language,
        "title": paper.heading,
        "scope": snapshot.scope.prefix,
        "issued_on": identity.issued_on.isoformat(),
        "as_of": snapshot.as_of.isoformat(),
        "known_at": _known_at(snapshot, identity),
        "year": snapshot.year,
        "quarter": snapshot.quarter,
        "coverage": dataclasses.asdict(snapshot.coverage) if snapshot.coverage else None,
        "demo": snapshot.demo,
        "rules": {"snapshot": snapshot.version, "template": versions["template"], "registry": _program()},
        "versions": dict(versions),
        "journal": {"sequence": identity.chain_sequence, "hash": identity.chain_hash},
        "data_hash": s.data_hash(text),
        "snapshot": "",
        "printed": printed(paper),
    }
    # What is JSON already is put in as it is; inside a text these quotation marks would have backslashes before them.
    around = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return around.replace('"snapshot":""', f'"snapshot":{_without_phone(snapshot, text)}', 1).encode()


def _without_phone(snapshot: s.Snapshot, text: str) -> str:
    """The snapshot as text; the company's telephone is printed, and is not for programs."""
    company = snapshot.scope.company
    if not company.phone:
        return text
    scope = dataclasses.replace(snapshot.scope, company=dataclasses.replace(company, phone=None))
    return s.dump(dataclasses.replace(snapshot, scope=scope))


def _known_at(snapshot: s.Snapshot, identity: Identity) -> str:
    """What was recorded until when is in the paper: a moment, or the entry the journal ended with."""
    moment = getattr(snapshot, "known_at", None)
    return moment.isoformat() if moment is not None else f"journal entry {identity.chain_sequence}"


def _program() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("tizilim")
    except PackageNotFoundError:
        return ""


def printed(paper: Paper) -> list[dict[str, Any]]:
    """The tables of a paper cell by cell; numbers without spaces and with a decimal point, as precise as printed."""
    found: list[dict[str, Any]] = []
    for section in paper.sections:
        for block in section.blocks:
            if isinstance(block, Table):
                found.append({
                    "section": section.heading or paper.title,
                    "columns": [column.heading for column in block.columns],
                    "rows": [[machine(cell, paper.language) for cell in row.cells] for row in block.rows],
                })  # fmt: skip
            elif isinstance(block, Facts):
                rows = [list(row) for row in block.rows]
                found.append({"section": section.heading or paper.title, "columns": [], "rows": rows})
    return found


_NUMBER = {
    "en": re.compile(r"-?\d{1,3}(,\d{3})*(\.\d+)?"),
    "ru": re.compile(r"-?\d{1,3}([\u00a0\u202f ]\d{3})*(,\d+)?"),
    "kk": re.compile(r"-?\d{1,3}([\u00a0\u202f ]\d{3})*(,\d+)?"),
}


def machine(text: str, language: str) -> str:
    """A printed number as programs write it; any other text as it is."""
    if not _NUMBER[language].fullmatch(text):
        return text
    if language == "en":
        return text.replace(",", "")
    return re.sub(r"[\u00a0\u202f ]", "", text).replace(",", ".")
