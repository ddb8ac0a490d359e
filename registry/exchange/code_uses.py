"""Where the codes of dictionaries stand in records, and on which day each of them must hold there.

A used code is closed, never deleted (``exchange.md`` 5, rule 6). Closed before the day of a record, it would keep that
record's file from being taken in again beside the dictionary it was exported with.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa

from registry.contracts.models import Contract
from registry.infra.db import db
from registry.infra.i18n import format_date, lazy
from registry.journal import presentation
from registry.patents.models import Patent
from registry.reference import queries as reference
from registry.reports import rules as report_rules
from registry.reports.models import Report, ReportingPeriod, ReportLine
from registry.residents.models import Resident, StatusChange
from registry.territories.queries import all_territories


@dataclass(frozen=True, slots=True)
class Use:
    """Records of one kind, territory and day with one code: how many, and the number of one of them.

    ``mark`` is what the code's row must have among its attributes besides.
    """

    kind: str
    code: str
    territory_id: int | None
    day: date
    count: int
    number: str
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Kind:
    """Records whose declared fields hold codes, with the day and the territory by which files look them up."""

    model: Any
    name: object
    day: Any
    territory: Any
    number: Any
    mark: Any = None


KINDS = (
    Kind(Resident, lazy("entries in the register"), Resident.registered_on, Resident.territory_id,
         Resident.register_no),
    Kind(StatusChange, lazy("changes of status"), StatusChange.effective_on, Resident.territory_id,
         Resident.register_no, mark=StatusChange.change),
    Kind(Contract, lazy("contracts"), Contract.signed_on, Contract.territory_id, Contract.number),
    Kind(Patent, lazy("objects of intellectual property"), sa.func.coalesce(Patent.registered_on, Patent.filed_on),
         sa.null(), sa.func.coalesce(Patent.title_no, Patent.application_no)),
)  # fmt: skip

LINES = lazy("lines of reports")


def uses(dictionary: str) -> Iterator[Use]:
    """Every use of the codes of a dictionary, by records that stand and by reports sent or accepted."""
    for kind in KINDS:
        for field, of in presentation.dictionaries_of(kind.model.__tablename__).items():
            if of == dictionary:
                yield from _of_records(kind, getattr(kind.model, field))
    for section, of in report_rules.DICTIONARIES.items():
        if of == dictionary:
            yield from _of_lines(section)


def _of_records(kind: Kind, column: Any) -> Iterator[Use]:
    mark = sa.literal("") if kind.mark is None else kind.mark
    keys = (column, kind.territory, kind.day, mark)
    statement = sa.select(*keys, sa.func.count(), sa.func.min(kind.number)).select_from(kind.model)
    if kind.model is StatusChange:
        statement = statement.join(Resident, Resident.id == StatusChange.resident_id)
    statement = statement.where(kind.model.annulled_at.is_(None), column.is_not(None))
    # PostgreSQL groups by columns, not by constants.
    grouped = [key for key in keys if not isinstance(key, sa.Null | sa.BindParameter)]
    for code, territory_id, day, said, count, number in db.session.execute(statement.group_by(*grouped)):
        yield Use(str(kind.name), code, territory_id, day, count, number, said)


def _of_lines(section: report_rules.Section) -> Iterator[Use]:
    keys = (ReportLine.code, ReportingPeriod.territory_id, ReportingPeriod.year, ReportingPeriod.quarter)
    statement = (
        sa.select(*keys, sa.func.count(), sa.func.min(Resident.bin))
        .join(Report, Report.id == ReportLine.report_id)
        .join(ReportingPeriod, ReportingPeriod.id == Report.period_id)
        .join(Resident, Resident.id == Report.resident_id)
        .where(
            ReportLine.section == section,
            Report.status.in_([report_rules.Status.SUBMITTED, report_rules.Status.ACCEPTED]),
        )
        .group_by(*keys)
    )
    for code, territory_id, year, quarter, count, number in db.session.execute(statement):
        yield Use(str(LINES), code, territory_id, report_rules.last_day(year, quarter), count, number)


def held(dictionary: str) -> dict[Use, bool]:
    """The uses whose code is taken on their day, and whether a row of it is valid on that very day.

    Else it is taken as one of the nearest, the list holding no code at all of that day.
    """
    return {
        use: reference.holding(dictionary, use.code, use.day, territory_id=use.territory_id) is not None
        for use in uses(dictionary)
        if _is_taken(dictionary, use)
    }


def _is_taken(dictionary: str, use: Use) -> bool:
    if not reference.is_valid(dictionary, use.code, use.day, territory_id=use.territory_id):
        return False
    row = reference.entry(dictionary, use.code, use.day, territory_id=use.territory_id)
    return not use.mark or (row is not None and use.mark in row.attributes.split(";"))


@dataclass(frozen=True, slots=True)
class Lost:
    """A code that records use on days on which it is taken no more: where, in words, and whether it was valid there.

    ``field`` is the column of the dictionary that decides it.
    """

    code: str
    where: str
    was_valid: bool
    field: str


def lost(dictionary: str, before: Mapping[Use, bool]) -> list[Lost]:
    """What of the uses held before is taken no more, by code."""
    gone: dict[tuple[str, bool], list[Use]] = {}
    for use, was_valid in before.items():
        if not _is_taken(dictionary, use):
            gone.setdefault((use.code, was_valid), []).append(use)
    places = {row.id: row.code for row in all_territories()}
    found = []
    for (code, was_valid), own in sorted(gone.items()):
        marked = all(reference.is_valid(dictionary, use.code, use.day, territory_id=use.territory_id) for use in own)
        found.append(Lost(code, _in_words(own, places), was_valid, "applies_to" if marked else "valid_to"))
    return found


def _in_words(own: list[Use], places: Mapping[int, str]) -> str:
    """How many records of each kind, and the earliest of them."""
    said = []
    for kind in dict.fromkeys(use.kind for use in own):
        some = [use for use in own if use.kind == kind]
        first = min(some, key=lambda use: (use.day, use.number))
        place = f"{places[first.territory_id]} " if first.territory_id else ""
        message = lazy(
            "%(kind)s: %(count)s (the earliest: %(number)s, %(day)s)",
            kind=kind,
            count=sum(use.count for use in some),
            number=f"{place}{first.number}",
            day=format_date(first.day),
        )
        said.append(str(message))
    return "; ".join(said)
