"""The data inside a paper: what it prints, exact and unrounded, for programs.

Every paper carries its registers as CSV with the column names of ``exchange.md`` 2, and one JSON with the snapshot it
was printed from, the tables as they stand on the sheets, and what both rest on: versions, coverage, dates and the
head of the journal.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from registry.printing import formats
from registry.printing.layout import Facts, Paper, Signed, Table
from registry.printing.pdf import Attachment

if TYPE_CHECKING:
    from registry.printing.rendering import Identity

FORMAT = "tizilim-paper/1"
"""Name and version of the JSON's layout."""

JSON_NAME = "paper.json"
"""The file that holds all of a paper's data; the others are its registers one by one."""


@dataclass(frozen=True, slots=True)
class Data:
    """What a paper shows, as its maker read it: ``snapshot`` as JSON, ``tables`` as rows of texts by file name.

    ``about`` is what the JSON says of it besides: kind, scope, dates and coverage. ``version`` is that of the
    snapshot's layout, ``data_hash`` the hash by which the journal knows it.
    """

    day: date
    about: Mapping[str, Any]
    version: int
    data_hash: str
    snapshot: str
    tables: Mapping[str, list[dict[str, str]]]


def _program() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("tizilim")
    except PackageNotFoundError:
        return ""


@dataclass(frozen=True, slots=True)
class MadeWith:
    """The programs a paper is made with: what its bytes depend on by name, and the version of the registry itself."""

    versions: Mapping[str, str]
    registry: str = field(default_factory=_program)

    @property
    def look(self) -> str:
        """The version of the look of papers; papers made before there was one name that of their template."""
        return self.versions.get("template", self.versions["look"])

    @classmethod
    def read(cls, attached: bytes) -> MadeWith:
        """What the JSON inside an issued paper says of the programs that made it."""
        about = json.loads(attached)
        return cls(about["versions"], about["rules"]["registry"])


def address(attached: bytes) -> str:
    """The address of its public page that an issued paper prints, by the JSON inside it: it stays the paper's own."""
    return str(json.loads(attached)["address"])


def signed(attached: bytes) -> Signed:
    """Who made and approved an issued paper, by the JSON inside it; papers of before name nobody."""
    found = json.loads(attached).get("signed") or {}
    day = found.get("approved_on")
    return Signed(found.get("executor", ""), found.get("approver", ""), date.fromisoformat(day) if day else None)


def files(data: Data, paper: Paper, identity: Identity, made_with: MadeWith) -> list[Attachment]:
    """The files attached to an issued paper, each with a fixed name and order."""
    found = [Attachment(JSON_NAME, _json(data, paper, identity, made_with), "application/json", f"{paper.title}: JSON")]
    found += [
        Attachment(f"{name}.csv", _csv(rows), "text/csv", f"{paper.title}: {name}")
        for name, rows in sorted(data.tables.items())
    ]
    return found


def _csv(rows: list[dict[str, str]]) -> bytes:
    target = io.StringIO(newline="")
    writer = csv.DictWriter(target, list(rows[0]), lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return target.getvalue().encode()


def _json(data: Data, paper: Paper, identity: Identity, made_with: MadeWith) -> bytes:
    content = {
        **data.about,
        "format": FORMAT,
        "number": identity.number,
        "code": identity.code,
        "address": identity.address,
        "language": paper.language,
        "title": paper.heading,
        "issued_on": identity.issued_on.isoformat(),
        "known_at": f"journal entry {identity.chain_sequence}",
        "rules": {
            "snapshot": data.version,
            "template": made_with.look,
            "registry": made_with.registry,
        },
        "versions": dict(made_with.versions),
        "journal": {"sequence": identity.chain_sequence, "hash": identity.chain_hash},
        "data_hash": data.data_hash,
        "snapshot": "",
        "printed": printed(paper),
    }
    if paper.signed != Signed():
        signed = paper.signed
        content["signed"] = {
            "executor": signed.executor,
            "approver": signed.approver,
            "approved_on": signed.approved_on.isoformat() if signed.approved_on else None,
        }
    # What is JSON already is put in as it is; inside a text these quotation marks would have backslashes before them.
    around = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return around.replace('"snapshot":""', f'"snapshot":{data.snapshot}', 1).encode()


def printed(paper: Paper) -> list[dict[str, Any]]:
    """The tables of a paper cell by cell; numbers without spaces and with a decimal point, as precise as printed."""
    found: list[dict[str, Any]] = []
    for section in paper.sections:
        for block in section.blocks:
            if isinstance(block, Table):
                found.append(
                    {
                        "section": section.heading or paper.title,
                        "columns": [column.heading for column in block.columns],
                        "rows": [[formats.machine(cell, paper.language) for cell in row.cells] for row in block.rows],
                    }
                )
            elif isinstance(block, Facts):
                rows = [[label, formats.text(value, paper.language)] for label, value in block.rows]
                found.append({"section": section.heading or paper.title, "columns": [], "rows": rows})
    return found
