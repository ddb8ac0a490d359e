"""The data of a snapshot as they are attached to its paper: the registers as tables, and the snapshot as JSON.

In the tables, money, areas and shares are decimal numbers of tenge, square metres and per cent; in the JSON they are
whole hundredths, as in the snapshot. The data hold no e-mail address, no phone number and no complete IIN.
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
"""Fields of a snapshot whose values are whole hundredths whatever they belong to."""

_FILES = {
    "entries": "residents", "entry": "residents", "changes": "status-changes", "lines": "report-lines",
    "accounts": "companies", "sums": "report-lines-by-code",
}  # fmt: skip
"""The file names of fields of a snapshot whose own names are not used (``exchange.md`` 2 for kinds that it has)."""


_PARTS = (s.Text, s.Who, s.Coverage, s.Territory, s.Holder)
"""Types whose values are columns of a line and never lines of their own."""


def data_of(snapshot: s.Snapshot) -> Data:
    """The data that are attached to a paper that shows this snapshot."""
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
    """The snapshot as JSON without the company's phone number, which is printed but not given to programs."""
    company = snapshot.scope.company
    if not company.phone:
        return text
    scope = dataclasses.replace(snapshot.scope, company=dataclasses.replace(company, phone=None))
    return s.dump(dataclasses.replace(snapshot, scope=scope))


def tables(snapshot: s.Snapshot) -> dict[str, list[dict[str, str]]]:
    """The registers of a snapshot by file name without extension: lists of rows, which map columns to texts."""
    found: dict[str, list[dict[str, str]]] = {}
    for path, key, item in _items(snapshot.body, (), {}):
        name = "-".join(_FILES.get(step, step.replace("_", "-")) for step in path)
        columns = _columns(item)
        if columns:  # an object that only groups others has no columns
            found.setdefault(name, []).append(key | columns)
    return {name: _even(rows) for name, rows in found.items()}


def _items(body: Any, path: tuple[str, ...], key: dict[str, str]) -> Iterator[tuple[tuple[str, ...], dict, Any]]:
    """Every line that a snapshot holds, at any depth: its path, its key columns and the line itself.

    The key columns name the line of the register to which this line belongs.
    """
    for name in s.names(type(body)):
        value = getattr(body, name)
        for item in value if isinstance(value, tuple) else (value,):
            if isinstance(item, _PARTS) or not s.names(type(item)):
                continue
            here = _path(path, name, item)
            yield here, key, item
            yield from _items(item, here, key | _key(item))


def _path(path: tuple[str, ...], name: str, item: Any) -> tuple[str, ...]:
    """The path of a field, of which the file name is made.

    Lists that belong to the lines of a register stand beside the register and not below it.
    """
    return (*path[:-1], name) if name in {"changes", "addenda", "sums"} else (*path, name)


def _key(item: Any) -> dict[str, str]:
    """The columns that name a line of a register in the lines that belong to it."""
    key: dict[str, str] = {}
    who = getattr(item, "who", None)
    if who is not None:
        key |= {"territory": who.territory, "bin": who.bin}
    if isinstance(item, s.Contract):
        key["contract_number"] = item.number
    return key


def _columns(item: Any) -> dict[str, str]:
    """The columns of a line itself, named as in ``exchange.md`` 2, with their values as texts."""
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
        return getattr(item, "indicator", 3) != 3  # the value of indicator 3 is a number of persons
    return name in ("actual", "target", "base") and hasattr(item, "unit")


def _even(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    """The rows with the same columns in each, in the order in which they first appear; missing values are empty."""
    columns = list(rows[0])
    if all(list(row) == columns for row in rows):
        return rows
    columns = list(dict.fromkeys(name for row in rows for name in row))
    return [{name: row.get(name, "") for name in columns} for row in rows]
