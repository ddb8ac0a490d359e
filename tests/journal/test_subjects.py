"""The records acts are about: every table is known, titles speak for themselves, strangers' records stay unnamed."""

from __future__ import annotations

from datetime import date

import pytest
import sqlalchemy as sa
from flask import Flask

from registry.infra.access import Viewer
from registry.infra.db import db
from registry.journal import queries, subjects
from registry.journal.models import JournalEntry
from registry.residents.models import Resident
from tests import factories
from tests.contracts import made
from tests.pages import PageClient
from tests.reports import ready


def build() -> None:
    entry = made.resident()
    made.addendum(made.contract(entry))
    factories.status_change(entry, "suspended", date(2026, 3, 1))
    ready.accepted(entry)


def test_every_record_acts_were_done_to_has_a_title_and_its_company(app: Flask, resident_viewer: Viewer) -> None:
    build()
    keys = {tuple(row) for row in db.session.execute(sa.select(JournalEntry.subject_type, JournalEntry.subject_id))}
    found = subjects.about(keys)
    assert set(found) == keys
    titles = {kind: about.title for (kind, _key), about in found.items()}
    assert titles["contract"] == "№ Ш-1, ТОО «Арка»"
    assert titles["addendum"] == "№ 1 to contract № Ш-1"
    assert titles["resident"] == titles["status_change"] == "ТОО «Арка»"
    assert titles["report"] == "ТОО «Арка», Q3\u00a02026"
    own = {kind for kind, _key in subjects.about(keys, resident_viewer)}
    assert own == {"resident", "status_change", "contract", "addendum", "report"}


@pytest.mark.thorough
def test_as_many_records_as_a_file_brought_may_be_described(database: Flask) -> None:
    """More than the 65 535 parameters a statement may have on PostgreSQL."""
    entry = made.resident()
    keys = [("resident", entry.id + number) for number in range(70_000)]
    assert list(subjects.about(keys)) == [("resident", entry.id)]
    assert list(queries.states(Resident, ids=[key for _kind, key in keys])) == [entry.id]


@pytest.mark.parametrize("endpoint", ["journal.index", "residents.history"])
def test_histories_name_records_and_lead_to_them(client: PageClient, endpoint: str) -> None:
    build()
    client.sign_in("staff")
    page = client.get(endpoint, **({"resident_id": 1} if endpoint == "residents.history" else {}))
    assert page.links()["№ Ш-1, ТОО «Арка»"] == "/contracts/1"
