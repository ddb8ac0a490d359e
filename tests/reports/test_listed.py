"""The table behind the list of reports: the newest version that was sent, in the order of the names."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import sqlalchemy as sa
from flask import Flask

from registry.infra.access import SYSTEM, Viewer
from registry.infra.db import db, transaction
from registry.reports import queries
from registry.reports.listed import LISTED
from registry.reports.models import ListedReport
from registry.residents.models import Resident
from registry.residents.services import amend_resident
from tests import factories, people
from tests.reports import ready
from tests.reports.ready import NOW

DAY = date(2026, 11, 10)


def ours(**values: str) -> Resident:
    return factories.resident(people.COMPANY_BIN, **values)


def listed() -> list[tuple[int, str]]:
    rows = db.session.execute(sa.select(ListedReport.report_id, ListedReport.status).order_by(ListedReport.report_id))
    return [tuple(row) for row in rows]


def test_the_newest_version_sent_is_listed(database: Flask) -> None:
    entry = ours()
    first = ready.draft(entry)
    assert listed() == []
    first = ready.send(first)
    assert listed() == [(first.id, "submitted")]
    back = ready.returned(ours(territory="YAFI"))
    assert listed()[1] == (back.id, "returned")
    ready.accept(first)
    second = ready.correction(first, [*ready.LINES[:-1], replace(ready.LINES[-1], amount=2_000_00)])
    assert listed()[0] == (first.id, "accepted"), "what is not sent yet is the company's own"
    ready.send(second)
    assert (second.id, "submitted") in listed()
    assert (first.id, "accepted") not in listed()
    assert list(LISTED.differences()) == []


def test_the_order_follows_the_names(database: Flask, staff: Viewer) -> None:
    entries = [ours(name_kk="Б"), ours(territory="YAFI", name_kk="В")]
    reports = [ready.submitted(entry) for entry in entries]
    ids = [report.id for report in reports]
    assert list(db.session.scalars(queries.list_statement(staff))) == ids
    with transaction():
        amend_resident(SYSTEM, db.session.get_one(Resident, entries[0].id), values={"name_kk": "Ғ"}, now=NOW)
    assert list(db.session.scalars(queries.list_statement(staff))) == ids[::-1]
    assert list(LISTED.differences()) == []


def test_what_was_changed_past_the_program_is_named_and_derived_anew(database: Flask) -> None:
    report = ready.submitted(ours())
    with transaction():
        db.session.execute(sa.update(ListedReport).values(status="accepted"))
    assert f"report {report.id}" in next(LISTED.differences())
    with transaction():
        db.session.execute(sa.delete(ListedReport))
    assert LISTED.is_missing()
    with transaction():
        assert LISTED.rebuild() == 1
    assert list(LISTED.differences()) == []
