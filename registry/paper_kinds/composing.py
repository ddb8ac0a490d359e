"""Composing: from a snapshot to a paper in one language, with the words and the place of everything. No database."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from msgspec import UNSET

from registry.infra.clock import ALMATY
from registry.paper_kinds import snapshots as s
from registry.paper_kinds import words
from registry.paper_kinds.kind import PaperKind
from registry.printing import dimensions, trace_codes
from registry.printing.layout import Approval, Block, Paper, Requisite, Signature, Table

WIDE = 8
"""A paper with a table of more columns than this is in landscape (``design.md`` 5)."""

TIGHT = 35
"""How many millimetres wider than a portrait sheet's text a table may be; its columns of flowing text then shrink."""

_PRINTING = (
    "place", "approval", "approval.signature", "approval.date", "approval.position", "signature.sign", "signature.name",
    "seal", "executor", "approver", "phone", "notes", "sources", "demo", "copy", "number", "code", "page", "check",
    "journal", "qr", "draft", "draft.note", "xlsx.about",
)  # fmt: skip
"""Keys of the phrases that are printed around the parts of a paper (``words`` of the composed paper)."""


def compose(kind: PaperKind, snapshot: s.Snapshot, language: str) -> Paper:
    """The paper in ``language`` that says what a snapshot of this kind says, with trace codes at its totals."""
    composer = _Composer(kind, snapshot, language)
    return trace_codes.with_codes(composer.paper(), composer.writer.say("note.cells"))


class _Composer:
    """Puts the requisites that all papers share around the parts a kind's writer makes."""

    def __init__(self, kind: PaperKind, snapshot: s.Snapshot, language: str) -> None:
        self.kind = kind
        self.snapshot = snapshot
        self.language = language
        self.writer = kind.writer(snapshot, language)

    def paper(self) -> Paper:
        snapshot, scope = self.snapshot, self.snapshot.scope
        sections = self.writer.sections(self.snapshot.body)
        territory = scope.territory
        return Paper(
            kind=self.kind.code,
            language=self.language,
            landscape=any(_is_wide(block) for part in sections for block in part.blocks),
            document_type=self.writer.say(f"type.{self.kind.code}"),
            title=self._title(),
            place=self.writer.text(territory.name) if territory else self.writer.say("all_territories"),
            dated=self._dated(),
            data_status=self._data_status(),
            company=self._requisites(),
            sections=tuple(sections),
            signatures=self._signatures(),
            notes=tuple(self._notes()),
            sources=self._sources(),
            approval=self._approval() if self.kind.needs_approval and self.snapshot.copy is not True else None,
            made_at="" if scope.company.place is UNSET else self.writer.text(scope.company.place),
            executor_phone=scope.company.phone or "",
            demo=snapshot.demo,
            copy=snapshot.copy is True,
            words={key: self.writer.say(key) for key in _PRINTING},
        )

    def _title(self) -> str:
        return self.kind.title(self.language, of_all=self.snapshot.scope.territory is None, word=self.writer.word)

    def _dated(self) -> str:
        as_of = words.as_of(self.snapshot.as_of, self.language)
        if isinstance(self.snapshot.known_at, datetime):
            moment = self.snapshot.known_at.astimezone(ALMATY)
            as_of += ", " + self.writer.say("known_at", day=self.writer.day(moment.date()), time=f"{moment:%H:%M:%S}")
        if not self.kind.of_a_period or self.snapshot.year is None:
            return as_of
        return f"{words.over(self.snapshot.year, self.snapshot.quarter, self.language)}, {as_of}"

    def _data_status(self) -> str:
        say, whole, coverage = self.writer.say, self.writer.whole, self.snapshot.coverage
        if coverage is not None:
            return say("coverage", accepted=whole(coverage.accepted), expected=whole(coverage.expected))
        if self.kind.of_one_resident:
            return ""
        return say("entries", count=whole(self.snapshot.entries))

    def _requisites(self) -> tuple[Requisite, ...]:
        """Two names of the company, its BIN and address; empty where they are not entered yet.

        They are those in Kazakh and Russian, the paper's language first; in English its own before the Kazakh one.
        """
        company = self.snapshot.scope.company
        names = [company.name.kk, company.name.ru]
        if self.language == "ru":
            names.reverse()
        elif self.language == "en" and company.name.en:
            names = [company.name.en, company.name.kk or company.name.ru]
        label = "company" if self.snapshot.scope.territory else "consolidating_body"
        found = [Requisite(self.writer.say(label), names[0] or "")]
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
        if self.snapshot.copy is True:
            return ()
        if self.kind.of_one_resident:
            position = self.writer.text(company.head_position) or self.writer.say("signature.head")
            return (Signature(position, company.head or ""),)
        found = [Signature(self.writer.say("signature.officer"))]
        if self.kind.of_money:
            found.append(Signature(self.writer.say("signature.accountant"), company.accountant or ""))
        return tuple(found)

    def _notes(self) -> list[str]:
        territories = self.snapshot.scope.territories
        notes = list(self.writer.notes)
        if len(territories) > 1 and self.kind.names_territories:
            names = "; ".join(f"{row.prefix} – {self.writer.text(row.name)}" for row in territories)
            notes.append(self.writer.say("note.territories", list=names))
        if any("*" in who.bin for who in _named(self.snapshot.body)):
            notes.append(self.writer.say("note.masked"))
        if self.snapshot.copy is True:
            notes.append(self.writer.say("copy.note"))
        if self.language == "en":
            notes.append(self.writer.say("copy_note"))
        if self.snapshot.demo:
            notes.append(self.writer.say("demo.note"))
        return notes

    def _sources(self) -> tuple[str, ...]:
        return tuple(self.writer.say(f"source.{key}") for key in self.kind.sources)


def _is_wide(block: Block) -> bool:
    room = dimensions.PAPER.sheet.text_width(landscape=False)
    return isinstance(block, Table) and (len(block.columns) > WIDE or block.width > room + TIGHT)


def _named(body: Any) -> Iterable[s.Who]:
    """The companies that the lines of a paper name."""
    for field in dataclasses.fields(body):
        value = getattr(body, field.name)
        for item in value if isinstance(value, tuple) else (value,):
            for named in (item, getattr(item, "entry", None), getattr(item, "line", None)):
                who = getattr(named, "who", None)
                if isinstance(who, s.Who):
                    yield who
