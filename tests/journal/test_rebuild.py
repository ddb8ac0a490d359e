"""The tables of the registers, rebuilt from the journal, are equal to the tables (``architecture.md`` 4)."""

from datetime import date, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from registry.contracts import services as contracts
from registry.contracts.models import Addendum, Contract
from registry.infra.access import SYSTEM
from registry.infra.db import Base, db, transaction
from registry.journal import queries as journal
from registry.patents import services as patents
from registry.patents.models import Patent
from registry.reports import report_lines
from registry.reports.models import Report, ReportingPeriod
from registry.residents import services as residents
from registry.residents.models import Resident, StatusChange
from tests.exchange.made import take_path
from tests.factories import NOW

pytestmark = pytest.mark.thorough

SAMPLE = Path(__file__).parent.parent / "data" / "sample"
KINDS = ("residents", "status-changes", "contracts", "addenda", "patents", "report-lines")
DERIVED = {
    "annulled_at", "sort_kk", "sort_ru", "sort_en", "search", "decided_at", "decided_by", "submitted_at",
    "submitted_by", "updated_at", "revision", "decision_note", "number_key", "title_key", "application_key", "twin",
    "unread",
}  # fmt: skip
"""Columns that follow from others, or tell of the work on a report rather than of its content."""


def later(hours):
    return NOW + timedelta(hours=hours)


@pytest.fixture
def lived_in(database):
    """A registry filled from files and then worked on by people: amendments, corrections, annulments."""
    for kind in KINDS:
        take_path(kind, SAMPLE / f"{kind}.csv")
    entries = db.session.scalars(sa.select(Resident).order_by(Resident.id).limit(6)).all()
    with transaction():
        for number, entry in enumerate(entries):
            day = max(entry.registered_on, date(2026, 9, 30))
            residents.amend_resident(
                SYSTEM, entry, values={"name_ru": f"ТОО «Новое имя {number}»", "trl": 7}, effective_on=day, now=later(1)
            )
            residents.amend_resident(
                SYSTEM,
                entry,
                values={"name_ru": f"ТОО «Раньше {number}»"},
                effective_on=entry.registered_on,
                now=later(2),
            )
        residents.amend_resident(SYSTEM, entries[0], values={"decision_no": "77"}, now=later(3))
        residents.erase_contacts(SYSTEM, entries[1], reason="on request", now=later(3))
    change = db.session.scalars(sa.select(StatusChange).order_by(StatusChange.id)).first()
    with transaction():
        residents.annul_status_change(SYSTEM, change, reason="wrong company", now=later(4))
    contract = db.session.scalars(
        sa.select(Contract).where(Contract.id.not_in(sa.select(Addendum.contract_id))).order_by(Contract.id)
    ).first()
    with transaction():
        contracts.annul_contract(SYSTEM, contract, reason="entered twice", now=later(5))
        other = db.session.scalars(sa.select(Contract).where(Contract.annulled_at.is_(None)).limit(1)).one()
        contracts.terminate_contract(
            SYSTEM, other, terminated_on=other.starts_on + timedelta(days=9), ground="agreement", now=later(5)
        )
    patent = db.session.scalars(sa.select(Patent).order_by(Patent.id)).first()
    with transaction():
        patents.amend_patent(SYSTEM, patent, values={"holders": "Outside Holder Ltd=100%"}, now=later(6))
    return database


MODELS: tuple[type[Base], ...] = (Resident, StatusChange, Contract, Addendum, Patent, ReportingPeriod, Report)


def test_tables_equal_what_the_journal_tells(lived_in):
    for model in MODELS:
        told = journal.states(model)
        query = sa.select(model)
        if hasattr(model, "annulled_at"):
            query = query.where(model.annulled_at.is_(None))
        rows = {row.id: row for row in db.session.scalars(query)}
        assert rows
        assert set(told) == set(rows)
        names = [column.key for column in sa.inspect(model).columns if column.key not in DERIVED | {"id"}]
        for key, row in rows.items():
            values = told[key].values
            for name in names:
                stored = getattr(row, name)
                assert values.get(name, False if stored is False else None) == stored, (model.__name__, key, name)
    reports_told = journal.states(Report)
    for report in db.session.scalars(sa.select(Report)):
        kept = report_lines.kept_lines(report.id)
        told = reports_told[report.id].values
        assert (told["lines"], told["data_hash"]) == (len(kept), report_lines.content_hash(report, kept))
    result = journal.verify()
    assert result.problem is None
    assert result.entries > 400
