"""The comparison of the register of participants on two days."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from registry.paper_kinds import snapshots as s
from registry.paper_kinds.entries import entry_of
from registry.paper_kinds.kind import CONTROL, Asked, Asks, PaperKind, Reads
from registry.paper_kinds.naming import Collected, Naming, id_of
from registry.paper_kinds.rules import Period
from registry.paper_kinds.words import Words
from registry.paper_kinds.writer import DASH, Writer
from registry.printing.layout import Block, Cell, Section, row_of
from registry.residents.queries import ResidentRecord
from registry.territories.models import Territory
from registry.territories.rules import mask_iin

WORDS: Words = {
    "type.comparison": ("АНЫҚТАМА", "СПРАВКА", "STATEMENT"),
    "title.comparison": (
        "Қатысушылар тізілімін екі күн бойынша салыстыру",
        "Сравнение реестра участников на две даты",
        "Comparison of the register of participants on two dates",
    ),
    "comparison.days": (
        "Салыстырылатын күндер: {since} және {day}",
        "Сравниваемые даты: {since} и {day}",
        "Dates compared: {since} and {day}",
    ),
    "comparison.before": ("Қатысушылар саны, {day}", "Количество участников, {day}", "Participants, {day}"),
    "comparison.after": ("Қатысушылар саны, {day}", "Количество участников, {day}", "Participants, {day}"),
    "comparison.added": ("Қосылғандар", "Добавлены", "Added"),
    "comparison.removed": ("Шығарылғандар", "Выбыли", "Removed"),
    "comparison.changed": ("Деректері өзгергендер", "Изменены", "Changed"),
    "col.field": ("Өзгерген дерек", "Что изменено", "What changed"),
    "col.before": ("Бұрынғы мәні", "Было", "Before"),
    "col.after": ("Жаңа мәні", "Стало", "After"),
    "note.comparison": (
        "Екі күнгі қатысушылар салыстырылған; байланыс деректері салыстырылмайды.",
        "Сравнены участники на две даты; контактные данные не сравниваются.",
        "The participants on the two dates are compared; contacts are not.",
    ),
}


@dataclass(frozen=True, slots=True)
class Difference:
    """A field of an entry whose value differs between the two days.

    Dates (ISO 8601), statuses and flags (``yes``, ``no``) are codes, which stand in ``kk`` of the texts.
    """

    who: s.Who
    field: str
    before: s.Text
    after: s.Text


@dataclass(frozen=True, slots=True)
class Comparison:
    """The participants on two days: who was added, who left, and what changed in entries that participate on both.

    ``before`` and ``after`` are how many participants there were on each day.
    """

    since: date
    before: int
    after: int
    added: tuple[s.Entry, ...]
    removed: tuple[s.Entry, ...]
    changed: tuple[Difference, ...]


_COMPARED = (
    "register_no", "bin", "name_kk", "name_ru", "name_en", "legal_form", "participant_type", "registered_on",
    "decision_no", "decision_date", "status", "oked", "krp", "kbe", "kato", "address_kk", "address_ru", "head",
    "priority_direction", "trl", "accreditation_no", "accreditation_until", "experimental_production",
)  # fmt: skip
"""Fields of an entry that are compared, in the order they are printed; not contacts, which are personal data."""


_DICTIONARIES = {
    "legal_form": "legal_forms",
    "participant_type": "participant_types",
    "priority_direction": "priority_directions",
}


def collect(asked: Asked) -> Collected:
    """Compare the participants on the earlier day with those on the paper's day."""
    earlier = Period(asked.period.first, known_at=asked.period.known_at)
    old_naming, naming = Naming(earlier), Naming(asked.period)
    before = {row.id: row for row in _participants(old_naming, earlier.as_of, asked.territory)}
    after = {row.id: row for row in _participants(naming, asked.period.as_of, asked.territory)}
    body = Comparison(
        since=earlier.as_of,
        before=len(before),
        after=len(after),
        added=tuple(entry_of(row, naming, asked.period, full=False) for key, row in after.items() if key not in before),
        removed=tuple(
            # As it is on the paper's day, since the status of that day says why the entry is no longer there.
            entry_of(naming.records.get(key, row), naming, asked.period, full=True)
            for key, row in before.items()
            if key not in after
        ),
        changed=tuple(
            Difference(naming.who(key), field, old, new)
            for key, row in after.items()
            if key in before
            for field in _COMPARED
            if (old := _value(before[key], field, earlier.as_of, naming))
            != (new := _value(row, field, asked.period.as_of, naming))
        ),
    )
    return body, None, naming.demo or old_naming.demo


def _participants(naming: Naming, day: date, territory: Territory | None) -> list[ResidentRecord]:
    return [
        record
        for record in naming.records.values()
        if record.participates_on(day) and id_of(territory) in (None, record.territory_id)
    ]


def _value(record: ResidentRecord, field: str, day: date, naming: Naming) -> s.Text:
    """A value on a day; a code with its names of the paper's day, so that another name alone is no difference."""
    value = record.status_on(day) if field == "status" else getattr(record, field)
    if field in _DICTIONARIES:
        return naming.term(_DICTIONARIES[field], value, territory_id=record.territory_id)
    if value is None or value == "":
        return s.NOTHING
    if isinstance(value, bool):
        return s.Text("yes" if value else "no")
    return s.Text(mask_iin(value) if field == "bin" else str(value))


_DATES = frozenset({"registered_on", "decision_date", "accreditation_until"})


class ComparisonPaper(Writer):
    """Writes the comparison: who was added, who left, and what changed."""

    words = WORDS

    def sections(self, body: Comparison) -> list[Section]:
        self.notes += [self.say("note.comparison")]
        days = self.say("comparison.days", since=self.day(body.since), day=self.day(self.snapshot.as_of))
        movement = self.facts(
            (
                (self.say("comparison.before", day=self.day(body.since)), self.whole(body.before)),
                (self.say("comparison.added"), self.whole(len(body.added))),
                (self.say("comparison.removed"), self.whole(len(body.removed))),
                (self.say("comparison.changed"), self.whole(len({item.who for item in body.changed}))),
                (self.say("comparison.after", day=self.day(self.snapshot.as_of)), self.whole(body.after)),
            )
        )
        return [
            Section((movement,), heading=days),
            Section((self._entries(body.added),), heading=self.say("comparison.added")),
            Section((self._removed(body.removed),), heading=self.say("comparison.removed")),
            Section((self._changed(body.changed),), heading=self.say("comparison.changed")),
        ]

    def _entries(self, found: Sequence[s.Entry]) -> Block:
        columns = [
            self.column("no", 11, "index"),
            self.territory_column(),
            self.column("register_no_and_bin", 34, "code"),
            self.column("name", 50),
            self.column("type", 42),
            self.column("registered_on", 22, "date"),
        ]
        rows = [
            row_of(
                number,
                *self.place(entry.who),
                self.entered(entry.who),
                self.text(entry.who.name),
                self.text(entry.participant_type),
                self.day(entry.registered_on),
            )
            for number, entry in enumerate(self.sorted_by_name(found, lambda entry: entry.who.name), start=1)
        ]
        return self.table(columns, self.counted(rows, sum(column is not None for column in columns)))

    def _removed(self, found: Sequence[s.Entry]) -> Block:
        columns = [
            self.column("no", 11, "index"),
            self.territory_column(),
            self.column("register_no_and_bin", 34, "code"),
            self.column("name", 50),
            self.column("excluded_on", 22, "date"),
            self.column("ground", 42),
        ]
        rows = []
        for number, entry in enumerate(self.sorted_by_name(found, lambda entry: entry.who.name), start=1):
            last = entry.changes[-1] if entry.changes else None
            rows.append(
                row_of(
                    number,
                    *self.place(entry.who),
                    self.entered(entry.who),
                    self.text(entry.who.name),
                    self.day(last.effective_on) if last else DASH,
                    (self.text(last.ground) if last else "") or DASH,
                )
            )
        return self.table(columns, self.counted(rows, sum(column is not None for column in columns)))

    def _changed(self, found: Sequence[Difference]) -> Block:
        columns = [
            self.column("no", 11, "index"),
            self.territory_column(),
            self.column("bin", 25, "code"),
            self.column("name", 36),
            self.column("field", 32),
            self.column("before", 36),
            self.column("after", 36),
        ]
        rows = [
            row_of(
                number,
                *self.place(item.who),
                self.bin(item.who),
                self.text(item.who.name),
                self.field(item.field),
                self._side(item.field, item.before),
                self._side(item.field, item.after),
            )
            for number, item in enumerate(self.sorted_by_name(found, lambda item: item.who.name), start=1)
        ]
        return self.table(columns, self.counted(rows, sum(column is not None for column in columns)))

    def _side(self, field: str, value: s.Text) -> Cell | str:
        if value == s.NOTHING:
            return DASH
        if field in _DATES:
            return self.day(date.fromisoformat(value.kk or ""))
        if field == "status":
            return self.say(f"status.{value.kk}")
        if field == "experimental_production":
            return self.say(value.kk or "no")
        return self.text(value)


KIND = PaperKind(
    code="comparison",
    number_code="CMP",
    group=CONTROL,
    asks=Asks.TWO_DAYS,
    sources=("register",),
    of_a_moment=True,
    reads=frozenset({Reads.ENTRIES, Reads.DETAILS}),
    dictionaries=("legal_forms", "participant_types", "priority_directions", "status_grounds"),
    body=Comparison,
    collect=collect,
    writer=ComparisonPaper,
)
