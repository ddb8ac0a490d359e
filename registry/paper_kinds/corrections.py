"""The register of corrections and exceptions: the entries of the change log that an auditor looks at first."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

import sqlalchemy as sa
from msgspec import UNSET, UnsetType

from registry.contracts.fields import ADDENDUM, CONTRACT
from registry.contracts.models import Addendum, Contract
from registry.infra.db import db
from registry.infra.fields import Type
from registry.infra.i18n import format_quarter
from registry.journal import queries as journal
from registry.journal.models import JournalEntry
from registry.paper_kinds import snapshots as s
from registry.paper_kinds.journal_extract import Act, Journal, JournalPaper, entries
from registry.paper_kinds.kind import CONTROL, Asked, Asks, PaperKind, Whose
from registry.paper_kinds.naming import Collected, Naming
from registry.paper_kinds.words import Words
from registry.paper_kinds.writer import DASH
from registry.patents.fields import PATENT, PATENT_EVENT
from registry.patents.models import Patent, PatentEvent
from registry.printing.layout import PERSONS, SQUARE_METRES, TENGE, Block, Cell, Section, row_of
from registry.reports import report_lines
from registry.reports import rules as report_rules
from registry.reports.models import Report
from registry.residents.fields import RESIDENT
from registry.residents.models import Resident, StatusChange

WORDS: Words = {
    "type.corrections": ("ТІЗІЛІМ", "РЕЕСТР", "REGISTER"),
    "title.corrections": (
        "Түзетулер мен ерекше жағдайлар тізілімі",
        "Реестр исправлений и особых случаев",
        "Register of corrections and exceptions",
    ),
    "note.corrections": (
        "Кезеңде жазылған мыналар енгізілген: жазбаларды түзету және күшін жою, қабылданған есептердің түзетілген "
        "нұсқалары, түсіндірмемен қабылданған есептер, дербес деректерді жою, құжаттарды ауыстыру, күшін жою және "
        "бекітпеу.",
        "Включены записанные за период: исправления и аннулирования записей, исправленные версии принятых отчетов, "
        "отчеты, принятые с пояснением, удаление персональных данных, замена, отзыв и неутверждение документов.",
        "Listed is what was recorded in the period: corrections and annulments of entries, corrected versions of "
        "accepted reports, reports accepted with an explanation, erasure of personal data, and papers replaced, "
        "revoked or not approved.",
    ),
    "part.figures_corrected": ("Түзетілген мәндер", "Исправленные значения", "Values corrected"),
    "col.entry": ("Жазба №", "№ записи", "Entry No."),
    "col.what": ("Не түзетілді", "Что исправлено", "What was corrected"),
    "col.old": ("Бұрынғы мәні", "Прежнее значение", "Old value"),
    "col.new": ("Жаңа мәні", "Новое значение", "New value"),
    "col.difference": ("Айырмасы", "Разница", "Difference"),
    "col.reason": ("Себебі", "Причина", "Reason"),
    "corrections.days": ("{days} күн", "{days} дн.", "{days} days"),
    "note.corrected_figures": (
        "Түзетілген мәндер кестесінде жазбалардың сандары мен күндері және қабылданған есептердің көрсеткіштері "
        "келтірілген; сызықша мәннің болмағанын немесе жойылғанын білдіреді. Уақыт Алматы бойынша; дербес деректердің "
        "мәндері көрсетілмейді, пайдаланушылар тіркелгі нөмірімен берілген.",
        "В таблице исправленных значений приведены числа и даты записей и показатели принятых отчетов; прочерк "
        "означает, что значения не было или оно аннулировано. Время алматинское; значения персональных данных не "
        "приводятся, пользователи указаны номерами учетных записей.",
        "The table of values corrected gives the numbers and dates of records and the figures of accepted reports; a "
        "dash means that there was no value, or that it was annulled. Times are those of Almaty; personal data have no "
        "values here, users are given by the numbers of their accounts.",
    ),
}


_TYPES = {
    (model.__tablename__, field.name): field.type
    for model, declared in (
        (Resident, RESIDENT),
        (Contract, CONTRACT),
        (Addendum, ADDENDUM),
        (Patent, PATENT),
        (PatentEvent, PATENT_EVENT),
    )
    for field in declared
    if field.type in (Type.MONEY, Type.AREA, Type.WHOLE, Type.DATE)
} | {(StatusChange.__tablename__, name): Type.DATE for name in ("effective_on", "decision_date")}
"""The type of each field, by table and name, whose values are printed: numbers and days, which are no personal data."""

_UNITS = {Type.MONEY: TENGE, Type.AREA: SQUARE_METRES}


@dataclass(frozen=True, slots=True)
class Figure:
    """A value that an entry of the change log (``sequence``) changed: before and after.

    It is the value of a ``field`` of a record (``subject``, ``number``), or of a report: then ``field`` is the code of
    the line, ``line`` the name of that code, and ``year`` and ``quarter`` are set. Money and areas are in hundredths;
    ``unit`` is one of those in :mod:`registry.printing.layout`. Days stand in ``before_on`` and ``after_on``. None
    means that there was no value before, or that there is none any more.
    """

    sequence: int
    who: s.Who | None
    subject: str
    number: str
    field: str
    line: s.Text
    year: int | None
    quarter: int | None
    unit: str
    before: int | None
    after: int | None
    before_on: date | None
    after_on: date | None
    reason: str


@dataclass(frozen=True, slots=True)
class Corrections(Journal):
    """The corrections and exceptions of a period, and the values they changed, which older snapshots lack."""

    figures: tuple[Figure, ...] | UnsetType = UNSET

    @property
    def rows(self) -> int:
        """How many entries there are, but at least 1; the values they changed are not counted."""
        return len(self.acts) or 1


def collect(asked: Asked) -> Collected:
    """The corrections and exceptions among the entries recorded in the period (``design.md`` 10, task 9)."""
    found, coverage, demo = entries(asked.period, asked.territory, journal.is_exception())
    naming = Naming(asked.period, ())
    figures = tuple(figure for act in found.acts for figure in _figures(act, naming))
    known = {field.name: getattr(found, field.name) for field in fields(found)}
    return Corrections(**known, figures=figures), coverage, demo


def _figures(act: Act, naming: Naming) -> Iterator[Figure]:
    """The values that an entry changed; an annulment puts back the values of the entry it annuls."""
    if "version" in act.why:
        yield from _of_report(act, naming)
    elif act.corrects is not None:
        yield from _of_fields(act, _changes(act.sequence))
    elif act.annuls is not None:
        undone = _changes(act.annuls)
        yield from _of_fields(act, {name: [new, old] for name, (old, new) in undone.items()})


def _changes(sequence: int) -> dict[str, list[Any]]:
    """The old and the new value of each field that an entry changed, without personal fields."""
    text = db.session.scalar(sa.select(JournalEntry.changes).where(JournalEntry.sequence == sequence))
    return {name: value for name, value in json.loads(text or "{}").items() if isinstance(value, list)}


def _of_fields(act: Act, changes: Mapping[str, list[Any]]) -> Iterator[Figure]:
    for name, (old, new) in changes.items():
        kind = _TYPES.get((act.subject, name))
        if kind is None or old == new:
            continue
        days = kind is Type.DATE
        yield Figure(
            sequence=act.sequence,
            who=act.who,
            subject=act.subject,
            number=act.number or str(act.subject_id),
            field=name,
            line=s.NOTHING,
            year=None,
            quarter=None,
            unit=_UNITS.get(kind, ""),
            before=None if days else old,
            after=None if days else new,
            before_on=date.fromisoformat(old) if days and old else None,
            after_on=date.fromisoformat(new) if days and new else None,
            reason=act.reason,
        )


def _of_report(act: Act, naming: Naming) -> Iterator[Figure]:
    """The sums of a report that differ from those of the version accepted before it."""
    report = db.session.get_one(Report, act.subject_id)
    earlier = report_lines.accepted_before(report)
    if earlier is None:
        return
    period = report.period
    old, new = report_lines.lines_of(earlier.id), report_lines.lines_of(report.id)
    for item in report_rules.compare(old, new):
        staff = item.section == report_rules.Section.STAFF
        yield Figure(
            sequence=act.sequence,
            who=act.who,
            subject=act.subject,
            number=act.number,
            field=item.code,
            line=naming.reported(
                item.section, item.code, year=period.year, quarter=period.quarter, territory_id=period.territory_id
            ),
            year=period.year,
            quarter=period.quarter,
            unit=PERSONS if staff else TENGE,
            before=item.old,
            after=item.new,
            before_on=None,
            after_on=None,
            reason=report.correction_reason or act.reason,
        )


class CorrectionsPaper(JournalPaper):
    """Writes the register of corrections and exceptions."""

    words = WORDS

    def sections(self, body: Journal) -> list[Section]:
        figures = body.figures if isinstance(body, Corrections) else UNSET
        self.notes.append(self.say("note.corrections"))
        self.notes.append(self.say("note.journal" if figures is UNSET else "note.corrected_figures"))
        self.notes.append(self.say("note.journal_hash"))
        facts = self.facts(
            (
                (self.say("journal.first"), self.day(body.first)),
                (self.say("journal.last"), self.day(body.last)),
            )
        )
        return [
            Section((facts,)),
            *(
                [Section((self._values(figures),), heading=self.say("part.figures_corrected"))]
                if figures is not UNSET
                else []
            ),
            self.acts(body),
        ]

    def _values(self, found: tuple[Figure, ...]) -> Block:
        columns = [
            self.column("entry", 15, "index"),
            self.territory_column(),
            self.column("name_and_bin", 52),
            self.column("what", 58),
            self.column("old", 32, "number"),
            self.column("new", 32, "number"),
            self.column("difference", 32, "number"),
            self.column("reason", 38),
        ]
        rows = [
            row_of(
                item.sequence,
                *((item.who.territory if item.who else DASH,) if self.shows_territory else ()),
                self.named(item.who) if item.who else DASH,
                self._what(item),
                self._value(item, item.before, item.before_on),
                self._value(item, item.after, item.after_on),
                self._difference(item),
                item.reason or DASH,
            )
            for item in found
        ]
        return self.table(columns, self.counted(rows, sum(column is not None for column in columns)))

    def _what(self, item: Figure) -> Cell:
        if item.year is not None and item.quarter is not None:
            name = self.text(item.line) or self.say(f"staff.{item.field}")
            coded = f"{item.field} {name}" if item.field.isdecimal() else name
            return self.below(coded, format_quarter(item.year, item.quarter, self.language))
        kind = self.say(f"subject.{item.subject}")
        return self.below(
            self.field(item.field, item.subject), f"{kind} {self.say('document.number', number=item.number)}"
        )

    def _value(self, item: Figure, number: int | None, day: date | None) -> Cell:
        if day is not None or number is None:
            return self.day(day, DASH)
        if item.unit == TENGE:
            return self.money(number)
        return self.area(number) if item.unit == SQUARE_METRES else self.whole(number, item.unit)

    def _difference(self, item: Figure) -> Cell | str:
        if item.before_on is not None and item.after_on is not None:
            return self.say("corrections.days", days=self.whole((item.after_on - item.before_on).days))
        if item.before is None and item.after is None:
            return DASH
        return self._value(item, (item.after or 0) - (item.before or 0), None)


KIND = PaperKind(
    code="corrections",
    number_code="COR",
    group=CONTROL,
    whose=Whose.JOURNAL,
    asks=Asks.TWO_DAYS,
    sources=("journal",),
    of_a_moment=True,
    reads=frozenset(),
    dictionaries=(),
    body=Corrections,
    collect=collect,
    writer=CorrectionsPaper,
)
