"""Putting the program together."""

from __future__ import annotations

import importlib
from functools import partial
from typing import Any

from flask import Flask
from flask_babel import Babel
from flask_migrate import Migrate

from registry.accounts import acts as account_acts
from registry.accounts import by_two as accounts_by_two
from registry.accounts import checked as accounts_checked
from registry.accounts import consequences as accounts_consequences
from registry.accounts import forgotten, mailing, signing_in, two_people
from registry.accounts import listing as accounts_listing
from registry.accounts import queries as accounts
from registry.accounts import subjects as accounts_subjects
from registry.attachments import acts as attachment_acts
from registry.attachments import checked as attachments_checked
from registry.attachments import holders, kept
from registry.attachments import models as attachments
from registry.attachments import subjects as attachments_subjects
from registry.attachments.rules import KIND_NAMES
from registry.config import ROOT, Settings
from registry.contracts import acts as contract_acts
from registry.contracts import consequences as contracts_consequences
from registry.contracts import listing as contracts_listing
from registry.contracts import models as contracts
from registry.contracts import record as contracts_record
from registry.contracts import subjects as contracts_subjects
from registry.contracts.fields import ADDENDUM, CONTRACT
from registry.indicators import acts as indicator_acts
from registry.indicators import by_two as indicators_by_two
from registry.indicators import checked as indicators_checked
from registry.indicators import consequences as indicators_consequences
from registry.indicators import counted
from registry.indicators import subjects as indicators_subjects
from registry.infra import clock, unsent
from registry.infra import db as database
from registry.infra.db import db
from registry.infra.record import Part
from registry.infra.schedule import Periodic
from registry.installation import backups
from registry.installation import events as installation_events
from registry.journal import acts, checked, presentation, subjects
from registry.journal import listing as journal_listing
from registry.journal import queries as journal
from registry.journal import services as recording
from registry.journal.derived import Derived
from registry.journal.timeline import Chapter
from registry.lists import queries as saved_views
from registry.notes import acts as note_acts
from registry.notes import checked as notes_checked
from registry.notes import consequences as notes_consequences
from registry.notes import record as notes_record
from registry.notes import rules as notes
from registry.notes import subjects as notes_subjects
from registry.notifications import events, outbox
from registry.notifications import listing as notifications_listing
from registry.notifications import services as notifications
from registry.paper_kinds.kinds import KINDS
from registry.papers import acts as paper_acts
from registry.papers import beforehand, leftovers
from registry.papers import checked as papers_checked
from registry.papers import consequences as papers_consequences
from registry.papers import events as paper_events
from registry.papers import listing as papers_listing
from registry.papers import models as papers
from registry.papers import record as papers_record
from registry.papers import subjects as papers_subjects
from registry.patents import acts as patent_acts
from registry.patents import checked as patents_checked
from registry.patents import listing as patents_listing
from registry.patents import models as patents
from registry.patents import record as patents_record
from registry.patents import subjects as patents_subjects
from registry.patents.fields import PATENT, PATENT_EVENT
from registry.reference import queries as reference
from registry.reports import acts as report_acts
from registry.reports import attached, listed, reminders, sent_versions, totals
from registry.reports import consequences as reports_consequences
from registry.reports import events as report_events
from registry.reports import listing as reports_listing
from registry.reports import record as reports_record
from registry.reports import subjects as reports_subjects
from registry.residents import acts as resident_acts
from registry.residents import addresses as resident_addresses
from registry.residents import checked as residents_checked
from registry.residents import consequences as residents_consequences
from registry.residents import listing as residents_listing
from registry.residents import models as residents
from registry.residents import record as residents_record
from registry.residents import subjects as residents_subjects
from registry.residents.fields import RESIDENT, STATUS_CHANGE
from registry.signing import keys
from registry.territories import acts as territory_acts
from registry.territories import checked as territories_checked
from registry.territories import consequences as territories_consequences
from registry.territories import subjects as territories_subjects

PACKAGES = (
    "journal", "territories", "notifications", "accounts", "reference", "attachments", "lists", "residents", "notes",
    "contracts", "patents", "reports", "indicators", "exchange", "demo", "paper_kinds", "papers", "verification",
    "installation", "search", "home",
)  # fmt: skip
"""Every package of the business, lowest first: its models are loaded from here, its pages by :mod:`registry.web`."""

DERIVED: tuple[Derived, ...] = (
    *residents.DERIVED,
    *contracts.DERIVED,
    *patents.DERIVED,
    patents_checked.HOLDERS,
    sent_versions.SENT,
    totals.KEPT,
    listed.LISTED,
    counted.COUNTED,
)
"""All that is derived from the journal, lowest package first."""

CHECKED: tuple[checked.Checked, ...] = (
    *checked.CHECKED,
    *territories_checked.CHECKED,
    *accounts_checked.CHECKED,
    *attachments_checked.CHECKED,
    *residents_checked.CHECKED,
    *notes_checked.CHECKED,
    *sent_versions.CHECKED,
    *indicators_checked.CHECKED,
    *papers_checked.CHECKED,
)
"""All that is held to the journal and cannot be derived from it, lowest package first."""


DECLARED = {
    residents.Resident.__tablename__: RESIDENT,
    residents.StatusChange.__tablename__: STATUS_CHANGE,
    contracts.Contract.__tablename__: CONTRACT,
    contracts.Addendum.__tablename__: ADDENDUM,
    patents.Patent.__tablename__: PATENT,
    patents.PatentEvent.__tablename__: PATENT_EVENT,
}
"""The fields that packages declare, by type of record."""

ACTS = (
    territory_acts.ACTS,
    account_acts.ACTS,
    attachment_acts.ACTS,
    resident_acts.ACTS,
    note_acts.ACTS,
    contract_acts.ACTS,
    patent_acts.ACTS,
    report_acts.ACTS,
    indicator_acts.ACTS,
    paper_acts.ACTS,
)
"""What every package calls its acts."""

SUBJECTS = (
    *territories_subjects.SUBJECTS,
    *accounts_subjects.SUBJECTS,
    *attachments_subjects.SUBJECTS,
    *residents_subjects.SUBJECTS,
    *notes_subjects.SUBJECTS,
    *contracts_subjects.SUBJECTS,
    *patents_subjects.SUBJECTS,
    *reports_subjects.SUBJECTS,
    *indicators_subjects.SUBJECTS,
    *papers_subjects.SUBJECTS,
)
"""The records acts may be about, by package."""

SCHEDULE: tuple[Periodic, ...] = (
    *unsent.PERIODIC,
    *recording.PERIODIC,
    *notifications.PERIODIC,
    *signing_in.PERIODIC,
    *kept.PERIODIC,
    *reminders.PERIODIC,
    *leftovers.PERIODIC,
    *backups.PERIODIC,
    *installation_events.PERIODIC,
)
"""What the worker does again and again, lowest package first."""

CHECKED_FILES: tuple[checked.Checked, ...] = (*attachments_checked.FILES, *papers_checked.FILES)
"""What is looked at besides when all stored files are asked for."""

HOLDERS = (attached.ReportFiles(),)
"""The records that hold files in a way of their own."""

FORGETTING = (reference.forget, beforehand.forget)
"""What is kept of the database for the length of a request, and read afresh once it is its turn to write."""

JOBS = (outbox.send_letter, forgotten.answer)
"""What is worked off in the background besides papers: named here, so that every worker knows it."""

SUSPICIONS = (journal.rests_for_years,)
"""What speaks for a clock that runs ahead."""

PROPOSALS = (*accounts_by_two.KINDS, *indicators_by_two.KINDS)
"""What takes two people, by package."""

EVENTS = (*report_events.EVENTS, *paper_events.EVENTS, *installation_events.EVENTS)
"""What people are told of, by package."""

CONSEQUENCES = (
    *territories_consequences.CONSEQUENCES,
    *accounts_consequences.CONSEQUENCES,
    *residents_consequences.CONSEQUENCES,
    *notes_consequences.CONSEQUENCES,
    *contracts_consequences.CONSEQUENCES,
    *reports_consequences.CONSEQUENCES,
    *indicators_consequences.CONSEQUENCES,
    *papers_consequences.CONSEQUENCES,
)
"""What acts mean for each package, the lowest first."""

LISTS = (
    journal_listing.JOURNAL, notifications_listing.LETTERS, accounts_listing.USERS,
    residents_listing.RESIDENTS, contracts_listing.CONTRACTS, patents_listing.PATENTS,
    reports_listing.REPORTS, papers_listing.PAPERS,
)  # fmt: skip
"""The lists of every package, lowest package first."""

FINDERS = (
    residents_listing.FINDER, contracts_listing.FINDER, patents_listing.FINDER, reports_listing.FINDER,
    papers_listing.FINDER, accounts_listing.FINDER,
)  # fmt: skip
"""What the search of the header finds, in the order it is shown: registers, lowest package first, then people."""

PICKERS = (residents_listing.COMPANY,)
"""What fields can be given by a piece of a name, lowest package first."""


PARTS: tuple[Part, ...] = (
    *residents_record.PARTS,
    *notes_record.PARTS,
    *contracts_record.PARTS,
    *patents_record.PARTS,
    *reports_record.PARTS,
    *papers_record.PARTS,
)
"""What packages put on the pages of records: tabs, what needs attention, panels."""

CHAPTERS: tuple[Chapter, ...] = (
    *residents_record.CHAPTERS,
    *contracts_record.CHAPTERS,
    *patents_record.CHAPTERS,
    *reports_record.CHAPTERS,
    *papers_record.CHAPTERS,
    *notes_record.CHAPTERS,
)
"""The kinds of acts in the course of a record across registers, in the order they are offered."""

NOTABLE = (
    *notes_record.NOTABLE,
    *contracts_record.NOTABLE,
    *patents_record.NOTABLE,
    *reports_record.NOTABLE,
    *papers_record.NOTABLE,
)
"""The types of records that notes can be written on."""


def create_app(settings: Settings | None = None, *, pages: bool = True) -> Flask:
    """The Flask application; without ``pages`` only what commands and jobs need, which starts faster."""
    settings = settings or Settings.from_environment()
    app = Flask("registry", root_path=str(ROOT), template_folder="templates", static_folder="static")
    settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    app.config.update(
        SETTINGS=settings,
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        SQLALCHEMY_ENGINE_OPTIONS=_engine_options(settings),
        BABEL_TRANSLATION_DIRECTORIES=str(ROOT / "registry" / "translations"),
        BABEL_DEFAULT_LOCALE="en",
        TESTING=settings.testing,
    )
    for package in PACKAGES:
        if (ROOT / "registry" / package / "models.py").exists():
            importlib.import_module(f"registry.{package}.models")
    for subject_type, fields in DECLARED.items():
        presentation.declare(subject_type, fields)
    for words in ACTS:
        presentation.declare_acts(words)
    for table in (papers.DocumentAct, papers.Document, papers.DocumentRequest):
        presentation.declare_words(table.__tablename__, "kind", {code: kind.name for code, kind in KINDS.items()})
    presentation.declare_words(attachments.Attachment.__tablename__, "kind", KIND_NAMES)
    holders.install(HOLDERS)
    database.install(FORGETTING)
    clock.install(SUSPICIONS)
    subjects.install(SUBJECTS)
    acts.install(CONSEQUENCES)
    two_people.install(PROPOSALS)
    notes.install(NOTABLE)
    mailing.install(resident_addresses.of_company, resident_addresses.with_address)
    events.install(EVENTS, mailing.LINKS, mailing.people, accounts.names)
    app.extensions["lists"] = {listing.name: listing for listing in LISTS}
    app.extensions["finders"] = FINDERS
    app.extensions["pickers"] = {picker.name: picker for picker in PICKERS}
    app.extensions["list_views"] = saved_views.views
    app.extensions["record_parts"] = PARTS
    app.extensions["chapters"] = CHAPTERS
    app.extensions["derived"] = DERIVED
    app.extensions["checked"] = CHECKED
    app.extensions["checked_files"] = CHECKED_FILES
    app.extensions["schedule"] = SCHEDULE
    app.extensions["opening"] = partial(create_app, pages=False)
    db.init_app(app)
    Migrate(app, db, directory=str(ROOT / "migrations"), render_as_batch=True, compare_type=True)
    if pages:
        from registry.web import pages as web

        app.config["SECRET_KEY"] = keys.session_secret(settings.keys_dir)
        web.install(app)
    else:
        Babel(app)
    return app


def _engine_options(settings: Settings) -> dict[str, Any]:
    if settings.is_sqlite:
        return database.NO_VALUES | {"connect_args": {"timeout": 60, "check_same_thread": False}}
    # Each thread of a web process may hold one connection for what it reads and one for what it notes beside.
    pool = {"pool_pre_ping": True, "pool_size": 8, "max_overflow": 16}
    return database.NO_VALUES | pool | {"isolation_level": "READ COMMITTED"}
