"""Kept totals are what the acts fold to, after every act and whatever its date."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from registry.errors import DomainError
from registry.indicators import queries as indicators
from registry.infra.access import SYSTEM
from registry.infra.db import db, transaction
from registry.journal import derived
from registry.reports import services, totals
from registry.reports.models import KeptLines, KeptShare, KeptStep, Report
from registry.reports.rules import Line, Status
from registry.residents import services as residents
from registry.residents.models import Resident, StatusChange
from tests import factories, people
from tests.reports import ready
from tests.reports.ready import LINES, NOW

DAYS = (date(2026, 2, 14), date(2026, 6, 30), date(2026, 9, 29), date(2026, 10, 31), date(2027, 1, 15))
LATER = datetime(2030, 1, 1, tzinfo=UTC)


def values(day: date, known_at: datetime | None = None) -> list[Any]:
    found = indicators.overview(SYSTEM, year=2026, as_of=day, known_at=known_at)
    return [found.by_territory, found.by_year]


def told_alike() -> None:
    """The kept totals hold what the journal tells, and what is read from them is what a fold of all lines gives."""
    assert list(totals.KEPT.differences()) == []
    for day in DAYS:
        assert values(day) == values(day, LATER)
    for day in DAYS[1:4]:
        kept = totals.counted_reports(SYSTEM, year=2026, as_of=day)
        assert kept == totals.counted_reports(SYSTEM, year=2026, as_of=day, known_at=LATER)


def actual(number: int, day: date = date(2026, 12, 31), known_at: datetime | None = None) -> str | None:
    row = indicators.indicators(SYSTEM, year=2026, as_of=day, known_at=known_at)[number - 1].as_json()
    return row["actual"]


class Life:
    """Random acts on a few companies; an act the rules refuse changes nothing."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.now = NOW
        self.entries = [
            factories.resident(
                people.COMPANY_BIN if serial == 1 else factories.bin_number(serial),
                territory=territory,
                registered_on=date(2026, self.random.randrange(1, 9), 5),
            )
            for serial, territory in ((1, "NU"), (2, "NU"), (3, "YAFI"))
        ]

    def entry(self) -> Resident:
        return self.random.choice(self.entries)

    def lines(self) -> list[Line]:
        tax = Line("tax", "101201", amount=self.random.randrange(10**6))
        staff = [replace(line, count=self.random.randrange(5)) for line in LINES[2:4] if self.random.random() < 0.8]
        return [LINES[0], tax, *staff] if self.random.random() < 0.9 else [tax]

    def newest(self, *statuses: Status) -> Report:
        rows = db.session.scalars(sa.select(Report).where(Report.status.in_(statuses)).order_by(Report.id)).all()
        if not rows:
            raise DomainError("nothing to act on")
        return self.random.choice(rows)

    def store(self) -> None:
        services.store_accepted(
            SYSTEM,
            resident=self.entry(),
            year=2026,
            quarter=self.random.randrange(1, 5),
            lines=self.lines(),
            now=self.now,
        )

    def send(self) -> None:
        entry = self.entry()
        period = services.reporting_periods.find_period(entry.territory_id, 2026, self.random.randrange(1, 5))
        if period is None:
            raise DomainError("not opened")
        report = services.start_report(SYSTEM, resident=entry, period=period, now=self.now)
        report = services.save_draft(
            SYSTEM, report, lines=LINES, none=(), explanation=None, revision=report.revision, now=self.now
        )
        services.submit(SYSTEM, report, revision=report.revision, now=self.now)

    def accept(self) -> None:
        services.accept(SYSTEM, self.newest(Status.SUBMITTED), now=self.now)

    def give_back(self) -> None:
        services.return_report(SYSTEM, self.newest(Status.SUBMITTED), reason="Неге?", now=self.now)

    def send_again(self) -> None:
        report = self.newest(Status.RETURNED)
        services.submit(SYSTEM, report, revision=report.revision, now=self.now)

    def correct(self) -> None:
        report = services.start_correction(SYSTEM, self.newest(Status.ACCEPTED), reason="Қате", now=self.now)
        report = services.save_draft(
            SYSTEM,
            report,
            lines=[replace(LINES[0], amount=self.random.randrange(10**6)), *LINES[1:]],
            none=(),
            explanation=None,
            revision=report.revision,
            now=self.now,
        )
        services.submit(SYSTEM, report, revision=report.revision, now=self.now)

    def exclude(self) -> None:
        residents.change_status(
            SYSTEM,
            self.entry(),
            change=residents.Change.EXCLUDED,
            ground="own_request",
            now=self.now,
            effective_on=date(2026, self.random.randrange(1, 13), self.random.randrange(1, 28)),
        )

    def annul_change(self) -> None:
        rows = db.session.scalars(sa.select(StatusChange).order_by(StatusChange.id)).all()
        if not rows:
            raise DomainError("nothing to annul")
        residents.annul_status_change(SYSTEM, self.random.choice(rows), reason="Қате", now=self.now)

    def enter_again(self) -> None:
        entry = self.entry()
        values = {
            name: getattr(entry, name) for name in ("bin", "name_kk", "name_ru", "legal_form", "participant_type")
        }
        values |= {"registered_on": date(2026, self.random.randrange(1, 12), 20), "experimental_production": False}
        self.entries.append(residents.register_resident(SYSTEM, territory=entry.territory, values=values, now=self.now))

    def mark(self) -> None:
        entry = self.entry()
        residents.amend_resident(
            SYSTEM,
            entry,
            values={"experimental_production": self.random.random() < 0.6},
            now=self.now,
            effective_on=date(2026, self.random.randrange(1, 12), self.random.randrange(1, 28)),
        )

    def correct_number(self) -> None:
        residents.correct_bin(
            SYSTEM, self.entry(), number=factories.bin_number(self.random.randrange(1, 9)), reason="Қате", now=self.now
        )

    def annul_entry(self) -> None:
        residents.annul_resident(SYSTEM, self.entry(), reason="Қате", now=self.now)

    def act(self) -> str:
        acts: list[Callable[[], None]] = [
            self.store, self.store, self.store, self.send, self.send, self.accept, self.accept, self.give_back,
            self.send_again, self.correct, self.exclude, self.annul_change, self.enter_again, self.mark,
            self.correct_number, self.annul_entry,
        ]  # fmt: skip
        chosen = self.random.choice(acts)
        self.now += timedelta(hours=5)
        try:
            with transaction():
                chosen()
        except DomainError:
            return ""
        return chosen.__name__


@pytest.mark.thorough
@pytest.mark.parametrize("seed", range(3))
def test_random_acts_keep_the_totals_what_the_journal_tells(database: Flask, seed: int) -> None:
    life = Life(seed)
    done = set()
    for number in range(1, 91):
        done.add(life.act())
        if number % 15 == 0:
            told_alike()
    assert len(done) > 8


def test_an_exclusion_before_accepted_quarters_takes_their_figures_out_and_its_annulment_puts_them_back(
    database: Flask,
) -> None:
    entry = factories.resident(people.COMPANY_BIN)
    for quarter in (1, 2, 3):
        ready.stored(entry, quarter=quarter)
    assert (actual(1), actual(3)) == ("60001.50", "5")
    change = factories.status_change(entry, "excluded", date(2026, 4, 1))
    assert (actual(1), actual(3)) == ("20000.50", "0")
    assert actual(3, date(2026, 3, 31)) == "5"
    assert [line.quarter for line in indicators.counted_lines(SYSTEM, number=1, year=2026)] == [1]
    outside = db.session.scalars(sa.select(KeptLines.lines).where(KeptLines.outside, KeptLines.section == "tax")).all()
    assert sum(outside) == 2
    told_alike()
    with transaction():
        residents.annul_status_change(SYSTEM, change, reason="Қате", now=NOW + timedelta(days=1))
    assert (actual(1), actual(3)) == ("60001.50", "5")
    told_alike()


def test_specialists_go_on_with_the_company_under_its_next_entry(app: Flask) -> None:
    entry = factories.resident(people.COMPANY_BIN)
    ready.stored(entry, quarter=1)
    factories.status_change(entry, "excluded", date(2026, 5, 4))
    assert actual(3) == "0"
    factories.resident(people.COMPANY_BIN, registered_on=date(2026, 6, 1))
    assert (actual(3, date(2026, 5, 31)), actual(3, date(2026, 6, 1))) == ("0", "5")
    assert [line.count for line in indicators.counted_lines(SYSTEM, number=3, year=2026)] == [5]
    told_alike()


def test_totals_are_rebuilt_and_damage_is_named(app: Flask) -> None:
    ready.stored(factories.resident(people.COMPANY_BIN))
    before = values(DAYS[3])
    with transaction():
        db.session.execute(sa.update(KeptStep).values(value=KeptStep.value + 1))
        db.session.execute(sa.delete(KeptLines).where(KeptLines.section == "tax"))
    found = list(totals.KEPT.differences())
    assert any("step" in problem for problem in found)
    assert any("tax" in problem for problem in found)
    with transaction():
        assert totals.KEPT.rebuild() > 0
    assert list(totals.KEPT.differences()) == []
    assert values(DAYS[3]) == before
    with transaction():
        for table in (KeptShare, KeptStep, KeptLines):
            db.session.execute(sa.delete(table))
        derived.rebuild(missing_only=True)
    assert values(DAYS[3]) == before
