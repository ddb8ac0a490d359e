"""What the ``collect`` functions of all kinds share: names of companies, territories and codes as papers print them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date
from typing import Any

from msgspec import UNSET

from registry.infra.access import SYSTEM, Viewer
from registry.infra.fields import Field, Recorded, Shown, shown
from registry.infra.i18n import LANGUAGES, lazy, speaking
from registry.paper_kinds import snapshots as s
from registry.paper_kinds.rules import ALL_TERRITORIES, Period, quarter_end
from registry.reference import queries as reference
from registry.reference.models import DictionaryEntry
from registry.reports.accepted import LineRecord
from registry.reports.rules import DICTIONARIES, Section
from registry.residents import queries as residents
from registry.residents.queries import ResidentRecord
from registry.territories.models import ConsolidatingBody, Territory
from registry.territories.queries import all_territories, consolidating_body
from registry.territories.rules import mask_iin

Collected = tuple[Any, s.Coverage | None, bool]
"""The body of a snapshot, the coverage of the reports it rests on, if any, and whether it holds any demo data."""


def scope_of(territory: Territory | None) -> s.Scope:
    """The scope of a paper: a territory with its company, or (None) all territories with the consolidating body."""
    if territory is None:
        body = _company(consolidating_body())
        return s.Scope(ALL_TERRITORIES, tuple(territory_of(row) for row in all_territories()), body)
    company = replace(
        _company(territory),
        rules=s.Text(territory.rules_title_kk, territory.rules_title_ru),
        rules_no=territory.rules_no,
        rules_date=territory.rules_date,
    )
    return s.Scope(territory.prefix, (territory_of(territory),), company)


def _company(row: Territory | ConsolidatingBody) -> s.Company:
    place = s.Text(row.company_place_kk, row.company_place_ru, row.company_place_en)
    return s.Company(
        name=s.Text(row.company_name_kk, row.company_name_ru, row.company_name_en),
        bin=row.company_bin,
        address=s.Text(row.company_address_kk, row.company_address_ru),
        head=row.company_head,
        head_position=s.Text(row.company_head_position_kk, row.company_head_position_ru),
        accountant=row.company_accountant,
        phone=row.company_phone,
        place=UNSET if place == s.NOTHING else place,
    )


def territory_of(row: Territory) -> s.Territory:
    """A territory as snapshots hold it."""
    return s.Territory(row.prefix, row.kind, row.participant_word, s.Text(row.name_kk, row.name_ru, row.name_en))


def id_of(territory: Territory | None) -> int | None:
    """The id to limit a query to; None for all territories."""
    return territory.id if territory else None


def reader_of(territory: Territory | None) -> Viewer:
    """With whose rights a paper reads: the registry's own, limited to the territory if the paper is about one."""
    return SYSTEM.limited_to(id_of(territory))


def facts(fields: Iterable[Field], record: Recorded, naming: Naming) -> tuple[s.Fact, ...]:
    """The values of those fields of a record that its declaration adds to papers (``Shown.PAPER``)."""
    found = []
    for field in shown(fields, Shown.PAPER):
        value = getattr(record, field.name)
        if value is None:
            continue
        label = s.Text(*map(_in(field.label), LANGUAGES))
        if isinstance(value, bool):
            text = s.Text(*map(_in(lazy("yes") if value else lazy("no")), LANGUAGES))
            found.append(s.Fact(label, field.type, text=text))
        elif isinstance(value, int):
            found.append(s.Fact(label, field.type, number=value))
        elif isinstance(value, date):
            found.append(s.Fact(label, field.type, day=value))
        else:
            territory_id = getattr(record, "territory_id", None)
            known = naming.term(field.dictionary, value, territory_id=territory_id) if field.dictionary else None
            found.append(s.Fact(label, field.type, text=known or s.Text(value, value, value)))
    return tuple(found)


def _in(message: object) -> Callable[[str], str]:
    """A function that gives a translatable text in a language."""

    def spoken(language: str) -> str:
        with speaking(language):
            return str(message)

    return spoken


class Naming:
    """Names companies by register number, BIN and the names in force on the paper's day, and codes as known for it.

    ``records`` are the entries to name companies from; without them, all entries on the day are read. Codes have the
    names of the last day the paper tells of, as they were known at the paper's moment, by the rows of the dictionary
    that hold in the territory of what they belong to (``exchange.md`` 5, rule 6); of what belongs to none, in that of
    the paper, ``territory_id``.
    """

    def __init__(
        self, period: Period, records: Iterable[ResidentRecord] | None = None, *, territory_id: int | None = None
    ) -> None:
        self._day, self._known_at, self._territory_id = period.until, period.known_at, territory_id
        self._prefixes = {row.id: row.prefix for row in all_territories()}
        if records is None:
            records = residents.records(SYSTEM, as_of=period.as_of, known_at=period.known_at)
        self.records = {record.id: record for record in records}
        self.by_bin = {record.bin: record for record in self.records.values()}
        self.demo = False
        """Whether any company named so far is demo data."""

    def record(self, resident_id: int) -> ResidentRecord:
        """The entry with this id."""
        found = self.records.get(resident_id)
        if found is None:
            # A contract may be signed before its entry begins. The company then has the names it has in the entry now,
            # or had when the paper's moment knew it.
            rows = residents.records(SYSTEM, ids=[resident_id], known_at=self._known_at)
            found = self.records[resident_id] = (rows or residents.records(SYSTEM, ids=[resident_id]))[0]
        self.demo = self.demo or found.is_demo
        return found

    def code(
        self, dictionary: str, code: str, *, territory_id: int | None = None, on: date | None = None
    ) -> DictionaryEntry | None:
        """A code of a dictionary, as it is on the paper's last day unless told another."""
        return reference.entry(
            dictionary,
            code,
            on or self._day,
            territory_id=territory_id or self._territory_id,
            known_at=self._known_at,
        )

    def codes(self, dictionary: str) -> list[str]:
        """The codes that hold on the paper's last day, in the dictionary's order."""
        found = reference.entries(dictionary, self._day, territory_id=self._territory_id, known_at=self._known_at)
        return [row.code for row in found]

    def term(
        self, dictionary: str, code: str | None, *, territory_id: int | None = None, on: date | None = None
    ) -> s.Text:
        """The names of a code; the code itself where the dictionary does not have it, and no text for None."""
        if code is None:
            return s.NOTHING
        found = self.code(dictionary, code, territory_id=territory_id, on=on)
        return s.Text(found.name_kk, found.name_ru, found.name_en) if found else s.Text(code, code, code)

    def reported(self, section: str, code: str, *, year: int, quarter: int, territory_id: int) -> s.Text:
        """The names of the code of a report line on the last day of its quarter; no text for staff."""
        if section == Section.STAFF:
            return s.NOTHING
        return self.term(DICTIONARIES[Section(section)], code, territory_id=territory_id, on=quarter_end(year, quarter))

    def line(self, line: LineRecord) -> s.Text:
        """The names of the code of an accepted report line (:meth:`reported`)."""
        return self.reported(
            line.section, line.code, year=line.year, quarter=line.quarter, territory_id=line.territory_id
        )

    def territory(self, territory_id: int) -> str:
        """The short name (prefix) of a territory."""
        return self._prefixes[territory_id]

    def who(self, resident_id: int) -> s.Who:
        """The company of an entry as papers name it; an IIN is masked."""
        record = self.record(resident_id)
        return s.Who(self._prefixes[record.territory_id], record.register_no, mask_iin(record.bin), names(record))

    def holder(self, bin_: str | None, name: str | None, share: int | None, *, foreign: str | None = None) -> s.Holder:
        """A holder of a patent by BIN and name; ``share`` is in hundredths of a per cent.

        ``foreign`` is the BIN of a holder of another territory. It serves to find the names of the holder and is not
        printed.
        """
        found = self.by_bin.get(bin_ or foreign or "")
        if found is not None:
            self.demo = self.demo or found.is_demo
            return s.Holder(None if foreign else mask_iin(found.bin), names(found), share)
        return s.Holder(mask_iin(bin_) if bin_ else None, s.Text(name, name, name) if name else s.NOTHING, share)


def names(record: ResidentRecord) -> s.Text:
    """The names of a company in the three languages."""
    return s.Text(record.name_kk, record.name_ru, record.name_en)
