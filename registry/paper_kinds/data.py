"""The data of a snapshot as they are put inside its paper: the registers as tables, and the snapshot as JSON.

Money, areas and shares are decimals in tenge, square metres and percent. There is no e-mail, no phone and no whole IIN
in it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from datetime import date
from typing import Any

from registry.infra.numbers import canonical_hundredths
from registry.paper_kinds import snapshots as s
from registry.printing.embedded_data import Data
from registry.printing.layout import SQUARE_METRES, TENGE

_HUNDREDTHS = frozenset({
    "amount", "exported", "area", "area_m2", "revenue", "revenue_counted", "taxes_counted", "investment_counted",
    "share",
})  # fmt: skip
"""Fields of a snapshot that are whole hundredths."""

_FILES = {
    "entries": "residents", "entry": "residents", "changes": "status-changes", "lines": "report-lines",
    "accounts": "companies", "sums": "report-lines-by-code",
}  # fmt: skip
"""What a part of a snapshot is called as a file, where ``exchange.md`` has a name for it."""


_PARTS = (s.Text, s.Who, s.Coverage, s.Territory, s.Holder)
"""What is part of a line, never a line of its own."""


def data_of(snapshot: s.Snapshot) -> Data:
    """What a paper that shows this snapshot holds for programs."""
    text = s.dump(snapshot)
    return Data(
        day=snapshot.as_of,
        about={
            "kind": snapshot.kind,
            "scope": snapshot.scope.prefix,
            "as_of": snapshot.as_of.isoformat(),
            "year": snapshot.year,
            "quarter": snapshot.quarter,
            "coverage": dataclasses.asdict(snapshot.coverage) if snapshot.coverage else None,
            "demo": snapshot.demo,
        },
        version=snapshot.version,
        data_hash=s.data_hash(text),
        snapshot=_without_phone(snapshot, text),
        tables=tables(snapshot),
    )


def _without_phone(snapshot: s.Snapshot, text: str) -> str:
    """The snapshot as text; the company's telephone is printed, and is not for programs."""
    company = snapshot.scope.company
    if not company.phone:
        return text
    scope = dataclasses.replace(snapshot.scope, company=dataclasses.replace(company, phone=None))
    return s.dump(dataclasses.replace(snapshot, scope=scope))


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
    names = s.held(item)
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
    return name if holder.share is None else f"{name}={canonical_hundredths(holder.share)}%"


def _plain(item: Any, name: str, value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, int) and _in_hundredths(item, name):
        return canonical_hundredths(value)
    return str(value)


def _in_hundredths(item: Any, name: str) -> bool:
    if name in _HUNDREDTHS:
        return True
    if name in ("before", "after"):
        return getattr(item, "unit", "") in (TENGE, SQUARE_METRES)
    if name == "value":
        return getattr(item, "indicator", 3) != 3  # of indicator 3 it is persons
    return name in ("actual", "target", "base") and hasattr(item, "unit")


def _even(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    """The same columns in each row, in the order they first appear."""
    columns = list(rows[0])
    if all(list(row) == columns for row in rows):
        return rows
    columns = list(dict.fromkeys(name for row in rows for name in row))
    return [{name: row.get(name, "") for name in columns} for row in rows]
