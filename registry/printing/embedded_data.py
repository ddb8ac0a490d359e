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
    """The data a paper shows: the ``snapshot`` as JSON, and its registers, ``tables``, by file name without extension.

    Each register is a list of rows, and each row maps column names to texts. ``day`` is the day whose data are shown.
    ``about`` holds what the attached JSON says besides: kind, scope, dates and coverage. ``version`` is the version of
    the snapshot's layout, ``data_hash`` the SHA-256 of the snapshot as the journal records it.
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
    """What a paper is made with: versions by name (:func:`registry.printing.rendering.versions`).

    ``registry`` is the version of the registry itself, empty when it is not installed as a package.
    """

    versions: Mapping[str, str]
    registry: str = field(default_factory=_program)

    @property
    def look(self) -> str:
        """The version of the look; for older papers, which have one, the version of their template."""
        return self.versions.get("template", self.versions["look"])

    @classmethod
    def read(cls, attached: bytes) -> MadeWith:
        """The programs that made an issued paper, from ``attached``, the JSON inside it."""
        about = json.loads(attached)
        return cls(about["versions"], about["rules"]["registry"])


def address(attached: bytes) -> str:
    """The address of its public page that an issued paper prints, from ``attached``, the JSON inside it.

    The paper keeps this address even when the registry moves to another one.
    """
    return str(json.loads(attached)["address"])


def signed(attached: bytes) -> Signed:
    """Who made and approved an issued paper, from ``attached``, the JSON inside it; empty where it names nobody."""
    found = json.loads(attached).get("signed") or {}
    day = found.get("approved_on")
    return Signed(found.get("executor", ""), found.get("approver", ""), date.fromisoformat(day) if day else None)


def files(data: Data, paper: Paper, identity: Identity, made_with: MadeWith) -> list[Attachment]:
    """The files attached to an issued paper: ``paper.json``, then a CSV for each register, ordered by name."""
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
    # The snapshot is JSON already and goes in unchanged. No text can be mistaken for the empty placeholder: inside a
    # text, the quotation marks would have backslashes before them.
    around = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return around.replace('"snapshot":""', f'"snapshot":{data.snapshot}', 1).encode()


def printed(paper: Paper) -> list[dict[str, Any]]:
    """The tables and facts of a paper cell by cell: ``section``, ``columns`` (headings) and ``rows`` (texts) of each.

    Numbers have a decimal point, no spaces between thousands, and as many decimals as are printed.
    """
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
