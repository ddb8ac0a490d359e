"""From a snapshot to a paper in one language: what is written where. Plain data in, plain data out."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable

from registry.paper_kinds import snapshots as s
from registry.paper_kinds import terms
from registry.paper_kinds.composers.annual import Annual
from registry.paper_kinds.composers.entries import Entries
from registry.paper_kinds.composers.indicators import Indicators
from registry.paper_kinds.composers.lists import Lists
from registry.paper_kinds.composers.registers import Registers
from registry.paper_kinds.composers.samples import Samples
from registry.paper_kinds.composers.writer import Writer
from registry.paper_kinds.rules import NEEDS_APPROVAL, OF_A_PERIOD, OF_ONE_RESIDENT, Kind
from registry.printing import trace_codes
from registry.printing.layout import PORTRAIT_TEXT, Approval, Block, Paper, Requisite, Signature, Table

WIDE = 8
"""More columns than this need a sheet on its side (``design.md`` 5)."""

MONEY_PAPERS = frozenset({Kind.REVENUES, Kind.TAXES, Kind.INDICATORS, Kind.ANNUAL})
"""Papers the chief accountant signs too (``domain.md`` 6.1)."""

TIGHT = 35
"""Millimetres by which a table on an upright sheet may squeeze its flowing columns."""

_WRITERS: dict[Kind, type[Writer]] = {
    Kind.PARTICIPANTS: Registers,
    Kind.CONTRACTS: Registers,
    Kind.PATENTS: Registers,
    Kind.REVENUES: Registers,
    Kind.TAXES: Registers,
    Kind.INDICATORS: Indicators,
    Kind.EXTRACT: Entries,
    Kind.CERTIFICATE: Entries,
    Kind.ANNUAL: Annual,
    Kind.DEBTORS: Lists,
    Kind.FEES: Lists,
    Kind.PREMISES: Lists,
    Kind.JOURNAL: Lists,
    Kind.CORRECTIONS: Lists,
    Kind.COMPARISON: Lists,
    Kind.SAMPLE: Samples,
}

_SOURCES: dict[Kind, tuple[str, ...]] = {
    Kind.PARTICIPANTS: ("register",),
    Kind.CONTRACTS: ("contracts",),
    Kind.PATENTS: ("patents",),
    Kind.REVENUES: ("reports",),
    Kind.TAXES: ("reports",),
    Kind.INDICATORS: ("register", "reports", "patents"),
    Kind.EXTRACT: ("register", "contracts", "patents", "reports"),
    Kind.CERTIFICATE: (),
    Kind.ANNUAL: ("register", "contracts", "patents", "reports"),
    Kind.DEBTORS: ("register", "journal"),
    Kind.FEES: ("patents",),
    Kind.PREMISES: ("contracts",),
    Kind.JOURNAL: ("journal",),
    Kind.CORRECTIONS: ("journal",),
    Kind.COMPARISON: ("register",),
    Kind.SAMPLE: ("register", "reports"),
}


_PRINTING = (
    "approval", "approval.signature", "approval.date", "approval.position", "signature.sign", "signature.name", "seal",
    "executor", "phone", "notes", "sources", "demo", "number", "code", "page", "check", "journal", "qr", "draft",
    "draft.note", "xlsx.about",
)  # fmt: skip
"""What is printed around the parts of a paper: the phrases that its printing is given."""


def compose(snapshot: s.Snapshot, language: str) -> Paper:
    """Lay out what the snapshot says as a paper in ``language``."""
    return trace_codes.marked(_Composer(snapshot, language).paper(), terms.say("note.cells", language))


class _Composer:
    """Puts the requisites that all papers share around the parts a kind's writer makes."""

    def __init__(self, snapshot: s.Snapshot, language: str) -> None:
        self.snapshot = snapshot
        self.language = language
        self.kind = Kind(snapshot.kind)
        self.writer = _WRITERS[self.kind](snapshot, language)

    def paper(self) -> Paper:
        snapshot, scope = self.snapshot, self.snapshot.scope
        sections = self.writer.sections(self.snapshot.body)
        territory = scope.territory
        return Paper(
            kind=self.kind,
            language=self.language,
            landscape=any(_is_wide(block) for part in sections for block in part.blocks),
            document_type=self.writer.say(f"type.{self.kind}"),
            title=self._title(),
            place=self.writer.text(territory.name) if territory else self.writer.say("all_territories"),
            dated=self._dated(),
            data_status=self._data_status(),
            company=self._requisites(),
            sections=tuple(sections),
            signatures=self._signatures(),
            notes=tuple(self._notes()),
            sources=self._sources(),
            approval=self._approval() if self.kind in NEEDS_APPROVAL else None,
            executor_phone=scope.company.phone or "",
            demo=snapshot.demo,
            words={key: self.writer.say(key) for key in _PRINTING},
        )

    def _title(self) -> str:
        key = f"title.{self.kind}"
        return self.writer.say(key if terms.knows(key) else f"{key}.{self.writer.word}")

    def _dated(self) -> str:
        as_of = terms.as_of(self.snapshot.as_of, self.language)
        if self.kind not in OF_A_PERIOD or self.snapshot.year is None:
            return as_of
        return f"{terms.over(self.snapshot.year, self.snapshot.quarter, self.language)}, {as_of}"

    def _data_status(self) -> str:
        say, whole, coverage = self.writer.say, self.writer.whole, self.snapshot.coverage
        if coverage is not None:
            return say("coverage", accepted=whole(coverage.accepted), expected=whole(coverage.expected))
        if self.kind in OF_ONE_RESIDENT:
            return ""
        return say("entries", count=whole(self.snapshot.rows if _has_rows(self.snapshot) else 0))

    def _requisites(self) -> tuple[Requisite, ...]:
        """Name in kk and ru as they are registered, BIN and address; blank where not yet entered."""
        company = self.snapshot.scope.company
        names = [company.name.kk, company.name.ru]
        if self.language == "ru":
            names.reverse()
        found = [Requisite(self.writer.say("company"), names[0] or "")]
        if names[1]:
            found.append(Requisite("", names[1]))
        found.append(Requisite(self.writer.say("company.bin"), company.bin or ""))
        found.append(Requisite(self.writer.say("company.address"), self.writer.text(company.address)))
        return tuple(found)

    def _approval(self) -> Approval:
        company = self.snapshot.scope.company
        return Approval(self.writer.text(company.head_position), company.head or "")

    def _signatures(self) -> tuple[Signature, ...]:
        company = self.snapshot.scope.company
        if self.kind in OF_ONE_RESIDENT:
            position = self.writer.text(company.head_position) or self.writer.say("signature.head")
            return (Signature(position, company.head or ""),)
        found = [Signature(self.writer.say("signature.officer"))]
        if self.kind in MONEY_PAPERS:
            found.append(Signature(self.writer.say("signature.accountant"), company.accountant or ""))
        return tuple(found)

    def _notes(self) -> list[str]:
        territories = self.snapshot.scope.territories
        notes = list(self.writer.notes)
        if len(territories) > 1 and self.kind is not Kind.INDICATORS:
            names = "; ".join(f"{row.prefix} – {self.writer.text(row.name)}" for row in territories)
            notes.append(self.writer.say("note.territories", list=names))
        if any("*" in who.bin for who in _named(self.snapshot.body)):
            notes.append(self.writer.say("note.masked"))
        if self.language == "en":
            notes.append(self.writer.say("copy_note"))
        if self.snapshot.demo:
            notes.append(self.writer.say("demo.note"))
        return notes

    def _sources(self) -> tuple[str, ...]:
        return tuple(self.writer.say(f"source.{key}") for key in _SOURCES[self.kind])


def _is_wide(block: Block) -> bool:
    return isinstance(block, Table) and (len(block.columns) > WIDE or block.width > PORTRAIT_TEXT + TIGHT)


def _has_rows(snapshot: s.Snapshot) -> bool:
    fields = (getattr(snapshot.body, field.name) for field in dataclasses.fields(snapshot.body))
    return any(isinstance(value, tuple) and value for value in fields)


def _named(body: s.Body) -> Iterable[s.Who]:
    """The companies a paper's lines are about."""
    for field in dataclasses.fields(body):
        value = getattr(body, field.name)
        for item in value if isinstance(value, tuple) else (value,):
            for named in (item, getattr(item, "entry", None), getattr(item, "line", None)):
                who = getattr(named, "who", None)
                if isinstance(who, s.Who):
                    yield who
