"""Forms lose nothing, on every form of every role: an expired session, a lapsed token, a switch of language or
territory come back to the form with every value it had, and say of files that they have to be chosen again.

The gate tries each form as the first role that may open it, with some of the faults (:func:`sample`);
``TEST_FORMS=all`` in the environment as every role, with every fault.
"""

from __future__ import annotations

import hashlib
import io
import os
import random
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any
from xml.etree.ElementTree import Element

import pytest
import sqlalchemy as sa
from flask import Flask
from werkzeug.test import TestResponse

from registry.accounts import services as accounts
from registry.accounts.models import User
from registry.accounts.permissions import ROLE_PERMISSIONS, Role
from registry.contracts import services as contracts
from registry.contracts.models import Contract
from registry.exchange.rules import Kind
from registry.indicators import services as targets
from registry.infra.access import SYSTEM
from registry.infra.clock import today, utc_now
from registry.infra.db import db, transaction
from registry.notes import services as notes
from registry.papers.models import Document
from registry.patents import services as patents
from registry.patents.models import Patent
from registry.residents.models import Resident
from tests import people
from tests.factories import NOW
from tests.pages import Page, PageClient
from tests.reports import ready
from tests.test_territories import TITLE, World, take_in, world  # noqa: F401 — a fixture

COMPLETE = os.environ.get("TEST_FORMS") == "all"

MARK = "ТЕРІЛГЕН"

SAID = {
    "en": (
        "What you typed is here again and has not been sent yet.",
        "Choose the file once more.",
        "Type the password once more.",
    ),
    "ru": ("Введенное снова здесь и еще не отправлено.", "Выберите файл еще раз.", "Введите пароль еще раз."),
}
"""What the restored form says: that it was not sent, and what did not come back with it."""

ROLES = (Role.STAFF, Role.ADMIN, Role.AUDITOR, Role.RESIDENT)

FORMS: dict[str, tuple[str, ...]] = {
    "accounts.sign_in": ("/sign-in", "/sign-in?next=%2Fcontracts"),
    "accounts.forgotten_password": ("/forgotten-password",),
    "accounts.accept_invitation": ("/invitations/{token}",),
    "accounts.profile": ("/profile",),
    "accounts.change_password": ("/profile/password",),
    "accounts.invite": ("/users/invite",),
    "accounts.change_role": ("/users/{user_id}/role",),
    "accounts.deactivate": ("/users/{user_id}/deactivate",),
    "accounts.reactivate": ("/users/{left}/reactivate",),
    "accounts.confirm_proposal": ("/proposals/{proposal}/confirm",),
    "accounts.refuse_proposal": ("/proposals/{proposal}/refuse",),
    "accounts.withdraw_proposal": ("/proposals/{proposal}/withdraw",),
    "accounts.name_own_deputy": ("/profile/deputy",),
    "accounts.name_deputy": ("/users/{staff_user}/deputy",),
    "accounts.end_deputy": ("/deputies/{deputy}/end",),
    "accounts.mail_link": ("/users/{company_user}/mail-link",),
    "accounts.renew_link": ("/users/{company_user}/link",),
    "attachments.of_record": ("/attachments/contract/{contract_id}", "/attachments/report/{draft}"),
    "attachments.of_act": ("/attachments/acts/1",),
    "attachments.withdraw": ("/attachments/files/{attachment_id}/withdraw",),
    "attachments.erase": ("/attachments/files/{attachment_id}/erase",),
    "contracts.new": ("/contracts/new", "/contracts/new?resident={own_resident}"),
    "contracts.amend": ("/contracts/{contract_id}/amend",),
    "contracts.annul": ("/contracts/{contract_id}/annul",),
    "contracts.same_as": ("/contracts/{contract_id}/same-as",),
    "contracts.terminate": ("/contracts/{contract_id}/terminate",),
    "contracts.correct_termination": ("/contracts/{own_contract}/termination/correct",),
    "contracts.annul_termination": ("/contracts/{own_contract}/termination/annul",),
    "contracts.add_addendum": ("/contracts/{contract_id}/addenda/new",),
    "contracts.correct_addendum": ("/contracts/{contract_id}/addenda/{addendum_id}/correct",),
    "contracts.annul_addendum": ("/contracts/{contract_id}/addenda/{addendum_id}/annul",),
    "documents.check": ("/check",),
    "documents.check_document": ("/v/{paper_code}",),
    "documents.issue_new": (
        "/documents/new?kind=participants", "/documents/new?kind=extract&resident={own_resident}",
        "/documents/new?kind=annual&territory=NU", "/documents/new?kind=sample", "/documents/new?kind=comparison",
    ),
    "documents.packs": ("/documents/evidence",),
    "documents.again": ("/documents/requests/{request_id}/again",),
    "documents.approve": ("/documents/requests/{request_id}/approve",),
    "documents.decline": ("/documents/requests/{request_id}/decline",),
    "documents.replace": ("/documents/{document_id}/replace",),
    "documents.revoke": ("/documents/{document_id}/revoke",),
    "exchange.check": ("/exchange",),
    "exchange.match_columns": ("/exchange/columns?kind=residents&name=a.csv&upload={upload}",),
    "exchange.dictionary": ("/exchange/dictionaries/tax_codes",),
    "exchange.dictionary_code": (
        "/exchange/dictionaries/tax_codes/code", "/exchange/dictionaries/tax_codes/code?code=101110",
        "/exchange/dictionaries/moved_days/code",
    ),
    "exchange.take_import_back": ("/exchange/imports/1/take-back",),
    "indicators.external": ("/indicators/external",),
    "indicators.plan": ("/indicators/plan?territory=", "/indicators/plan?territory=NU"),
    "lists.save": ("/lists/residents/save?status=active",),
    "notes.write": (
        "/notes/resident/{own_resident}/write", "/notes/contract/{own_contract}/write",
        "/notes/reporting_period/{period}/write",
    ),
    "notes.correct": ("/notes/{note}/correct",),
    "notes.withdraw": ("/notes/{note}/withdraw",),
    "notifications.choices": ("/notifications/choices",),
    "patents.new": ("/patents/new",),
    "patents.amend": ("/patents/{patent_id}/amend",),
    "patents.annul": ("/patents/{patent_id}/annul",),
    "patents.same_as": ("/patents/{patent_id}/same-as",),
    "patents.grant": ("/patents/{application}/grant",),
    "patents.transfer": ("/patents/{patent_id}/transfers/new",),
    "patents.correct_transfer": ("/patents/{sold}/transfers/{day}/correct",),
    "patents.annul_transfer": ("/patents/{sold}/transfers/{day}/annul",),
    "reports.open_period": ("/reports/periods/open",),
    "reports.edit": ("/reports/{draft}/edit",),
    "reports.submit": ("/reports/{draft}/submit",),
    "reports.discard": ("/reports/{draft}/discard",),
    "reports.correct": ("/reports/{accepted}/correct",),
    "reports.accept": ("/reports/{report_id}/accept",),
    "reports.return_report": ("/reports/{report_id}/return",),
    "reports.take_back": ("/reports/{returned}/take-back",),
    "residents.new": ("/residents/new",),
    "residents.amend": ("/residents/{resident_id}/amend",),
    "residents.annul": ("/residents/{resident_id}/annul",),
    "residents.annul_change": ("/residents/{resident_id}/changes/{change_id}/annul",),
    "residents.correct_change": ("/residents/{resident_id}/changes/{change_id}/correct",),
    "residents.change_status": (
        "/residents/{own_resident}/status/suspended", "/residents/{own_resident}/status/excluded",
    ),
    "residents.correct_bin": ("/residents/{resident_id}/bin",),
    "residents.correct_registration": ("/residents/{resident_id}/registered",),
    "residents.erase": ("/residents/{resident_id}/erase",),
    "territories.amend": ("/settings/territories/NU",),
    "territories.amend_body": ("/settings/consolidating-body",),
}  # fmt: skip
"""The pages of every endpoint that takes a form: a new one has to be added here on purpose."""

OF_ANOTHER_HEADER = "Нөмір,Атауы\n250240991048,Арка\n".encode()
UPLOAD = hashlib.sha256(OF_ANOTHER_HEADER).hexdigest()
"""A file whose columns have to be matched, and the name under which it waits."""

BUTTONS = {
    "accounts.sign_out", "exchange.take_in", "lists.remove", "notifications.read_all", "notifications.send_again",
    "reports.start", "shell.switch_language", "shell.switch_territory",
}  # fmt: skip
"""What is only pressed: there is nothing to type."""

WITHOUT_SIGN_IN = {
    "accounts.sign_in", "accounts.forgotten_password", "accounts.accept_invitation", "documents.check",
    "documents.check_document",
}  # fmt: skip


def test_every_form_is_listed(app: Flask) -> None:
    posted = {rule.endpoint for rule in app.url_map.iter_rules() if "POST" in (rule.methods or ())}
    assert posted == FORMS.keys() | BUTTONS
    assert not FORMS.keys() & BUTTONS
    opened = {rule.endpoint for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())}
    known = {"exchange.take_in", "shell.switch_language", "shell.switch_territory"}
    assert BUTTONS & opened == known, "what has a page is a form"


@dataclass
class Filled:
    """A form as a person leaves it: every field given another value than it had."""

    target: str
    values: dict[str, list[str]] = field(default_factory=dict)
    files: list[str] = field(default_factory=list)
    changed: set[str] = field(default_factory=set)

    def sent(self, **changes: str) -> dict[str, Any]:
        content = {name: (io.BytesIO(b"%PDF-"), "a.pdf") for name in self.files}
        return self.values | content | changes


def lists(values: Mapping[str, str | list[str]]) -> dict[str, list[str]]:
    return {name: list(value) if isinstance(value, list) else [value] for name, value in values.items()}


def kept(values: Mapping[str, str | list[str]]) -> dict[str, list[str]]:
    """What must come back of a form's values: all but the token, the signature, passwords, and the consent to what
    follows from an act, which is asked for again with what follows now."""
    return {
        name: sorted(value)
        for name, value in lists(values).items()
        if name not in {"csrf_token", "filled_by", "confirmed", "told"} and "password" not in name
    }


def main_form(page: Page) -> Element:
    (form,) = page.all("form", id="main-form")
    return form


def fill(page: Page, path: str) -> Filled:
    """Type into every field, choose another option of every list, turn every tick."""
    form = main_form(page)
    filled = Filled(form.get("action") or path, lists(page.fields(form)))
    for number, element in enumerate(form.iter()):
        name, kind = element.get("name") or "", element.get("type", "text")
        if element.tag == "textarea":
            filled.values[name] = [f"{MARK}-{number}\n<&\"'>"]
        elif element.tag == "select":
            options = [option.get("value", "") for option in element.iter("option")]
            if len(options) < 2:
                filled.values[name] = options
                continue
            filled.values[name] = [next(text for text in (*reversed(options), "") if [text] != filled.values[name])]
        elif element.tag != "input" or kind in {"hidden", "submit"}:
            continue
        elif kind == "file":
            filled.files.append(name)
            continue
        elif kind == "checkbox":
            values, value = filled.values.setdefault(name, []), element.get("value", "on")
            (values.remove if value in values else values.append)(value)
        elif kind == "radio":
            filled.values[name] = [element.get("value", "")]
        else:
            filled.values[name] = [f"{MARK}-{number} <&\"'>"]
        filled.changed.add(name)
    return filled


def losses(response: TestResponse, filled: Filled, *, told: bool) -> list[str]:
    """What a page that should show the form again lacks."""
    if response.status_code not in {200, 422} or b'id="main-form"' not in response.data:
        return [f"no form: {response.status_code} {response.headers.get('Location', '')}"]
    page = Page(response)
    form = main_form(page)
    problems = []
    now, then = kept(page.fields(form)), kept({name: value for name, value in filled.values.items() if value})
    if now != then:
        names = sorted(name for name in now.keys() | then.keys() if now.get(name) != then.get(name))
        problems += [f"{name}: {then.get(name)} came back as {now.get(name)}" for name in names]
    text = " ".join("".join(form.itertext()).split())
    has_passwords = any("password" in name for name in filled.changed)
    # A form without any field has nothing to bring back.
    back = told if then or filled.changed else SAID[page.language][0] in text
    for expected, sentence in zip((back, bool(filled.files), has_passwords), SAID[page.language], strict=True):
        if expected != (sentence in text):
            problems.append(f"{'not said' if expected else 'said without reason'}: {sentence}")
    return problems


def follow(client: PageClient, response: TestResponse) -> TestResponse:
    while response.status_code in {302, 303}:
        response = client._open("GET", response.headers["Location"], {})
    return response


def switch(page: Page, start: str) -> str:
    """The address of the button of the header that sends the form along."""
    addresses = [button.get("formaction", "") for button in page.all("button", form="main-form")]
    return next(address for address in addresses if address.startswith(start))


FAULTS = ("lapsed token", "language", "territory", "expired session")


def sample(path: str) -> tuple[str, ...]:
    """The faults the gate tries on a form: one of them, always the same."""
    return FAULTS if COMPLETE else (random.Random(path).choice(FAULTS),)


def faults(client: PageClient, path: str, role: Role | None) -> list[str]:
    """Fill the form at an address and let things go wrong in turn."""
    opened = client._open("GET", path, {})
    if opened.status_code != 200:
        return [f"{path} answers {opened.status_code}"]
    page = Page(opened)
    filled, problems = fill(page, path), []

    def post(target: str, **changes: str) -> TestResponse:
        data, origin = filled.sent(**changes), {"Referer": f"http://localhost{path}"}
        return client._open("POST", target, {}, data=data, headers=origin, content_type="multipart/form-data")

    def signed_in_again(role: Role) -> TestResponse:
        with client._client.session_transaction() as session:
            session.clear()
        wall = client.get(post(filled.target).headers["Location"])
        return client.submit(wall, {"login": role.value, "password": people.PASSWORD}, containing="password").response

    for fault in sample(path):
        if fault == "lapsed token":
            answer = post(filled.target, csrf_token="old")
        elif fault == "language":
            answer = post(switch(page, "/language/ru"))
        elif role is None or (fault == "territory" and not page.all("details", class_="territory-menu")):
            continue
        elif fault == "territory":
            answer = post(switch(page, "/territory/NU"))
        else:
            answer = signed_in_again(role)
        told = fault in {"lapsed token", "expired session"}
        problems += [f"{path}, {fault}: {each}" for each in losses(follow(client, answer), filled, told=told)]
        client._open("GET", "/language/en", {})
        client._open("GET", "/territory/all", {})
    return problems


@pytest.fixture
def places(app: Flask, world: World) -> Iterator[dict[str, object]]:  # noqa: F811
    """Ids for :data:`FORMS`: records in every state that a form is about."""
    own = db.session.scalars(sa.select(Resident).where(Resident.bin == people.COMPANY_BIN)).one()
    contract = db.session.scalars(sa.select(Contract).where(Contract.number == "1/1")).one()
    with transaction():
        contracts.terminate_contract(SYSTEM, contract, terminated_on=date(2026, 6, 1), ground="by_agreement", now=NOW)
    header = "office,kind,title_no,application_no,filed_on,registered_on,published_on,name_kk,name_ru,holders,authors\n"
    take_in(SYSTEM, Kind.PATENTS, f"{header}KZ,invention,,2025/0001.1,2025-03-01,,,Өтінім,Заявка,{own.bin},\n")
    sold = db.session.scalars(sa.select(Patent).where(Patent.title_no == "900002")).one()
    day = date(2026, 5, 1)
    with transaction():
        patents.record_transfer(SYSTEM, sold, event_on=day, holders=f"{own.bin}", document_no="1", now=NOW)
        _user, token = accounts.invite(
            SYSTEM, login="new@example.kz", role="staff", name="Жаңа", language="en", now=utc_now()
        )
        left, _token = accounts.invite(SYSTEM, login="left@example.kz", role="staff", name="", now=utc_now())
        left.active = False
        proposal = targets.propose_targets(
            people.viewer("admin"), values={(6, 2027): 14_00}, act_no="1", act_date=date(2026, 1, 5), now=NOW
        )
        assert proposal is not None
        deputy = accounts.name_deputy(
            SYSTEM,
            db.session.get_one(User, people.IDS[Role.ADMIN]),
            db.session.get_one(User, people.IDS[Role.STAFF]),
            from_on=today() + timedelta(days=1),
            to_on=today() + timedelta(days=1),
            now=utc_now(),
        )
    settings = app.config["SETTINGS"]
    for role in (Role.ADMIN, Role.STAFF):
        folder = settings.data_dir / "uploads" / str(people.IDS[role])
        folder.mkdir(parents=True, exist_ok=True)
        (folder / UPLOAD).write_bytes(OF_ANOTHER_HEADER)
    app.config["SETTINGS"] = replace(settings, mail_url="smtp://127.0.0.1:9", mail_from="tizilim@example.kz")
    draft, accepted = ready.draft(own), ready.accepted(own, year=2026, quarter=2)
    returned = ready.returned(own, year=2025, quarter=4)
    with transaction():
        note = notes.write(people.viewer("staff"), own, text="Ескертпе", is_shown=True, now=NOW)
    application = db.session.scalars(sa.select(Patent).where(Patent.application_no == "2025/0001.1")).one()
    yield world.foreign | {
        "own_resident": own.id,
        "own_contract": contract.id,
        "period": draft.period_id,
        "note": note.id,
        "application": application.id,
        "sold": sold.id,
        "day": day,
        "company_user": people.IDS[Role.RESIDENT],
        "left": left.id,
        "proposal": proposal.id,
        "deputy": deputy.id,
        "staff_user": people.IDS[Role.STAFF],
        "draft": draft.id,
        "accepted": accepted.id,
        "returned": returned.id,
        "token": token,
        "upload": UPLOAD,
        "paper_code": db.session.get_one(Document, world.foreign["document_id"]).code,
    }
    app.config["SETTINGS"] = settings


NOT_THEIRS = {
    Role.STAFF: {"/attachments/report/{draft}"},
    Role.ADMIN: {"/attachments/report/{draft}"},
    Role.AUDITOR: {"/deputies/{deputy}/end", "/attachments/report/{draft}", "/attachments/contract/{contract_id}",
                   "/attachments/acts/1"},
    Role.RESIDENT: {
        "/notes/reporting_period/{period}/write", "/notes/{note}/correct", "/notes/{note}/withdraw",
        "/documents/new?kind=participants", "/documents/new?kind=annual&territory=NU", "/documents/new?kind=sample",
        "/documents/new?kind=comparison", "/documents/requests/{request_id}/again",
        "/attachments/contract/{contract_id}", "/attachments/acts/1", "/attachments/files/{attachment_id}/withdraw",
    },
}  # fmt: skip
"""Forms about what a role does not have, although it may do the same with what it has: others' deputies and papers,
files of records that it does not keep and of drafts that are not its own."""


def roles_of(app: Flask, endpoint: str) -> list[Role]:
    needed = getattr(app.view_functions[endpoint], "required_permissions", frozenset())
    found = [role for role in ROLES if ROLE_PERMISSIONS[role] & needed]
    return found if COMPLETE else found[:1]


@pytest.mark.parametrize("role", [None, *ROLES])
def test_a_form_comes_back_whole(app: Flask, client: PageClient, places: dict[str, object], role: Role | None) -> None:
    problems, tried = [], 0
    if role is not None:
        client.sign_in(role.value)
    for endpoint, paths in FORMS.items():
        public = endpoint in WITHOUT_SIGN_IN
        if public if role is not None else not public:
            continue
        if role is not None and role not in roles_of(app, endpoint):
            continue
        for path in paths:
            if role is not None and path in NOT_THEIRS.get(role, ()):
                continue
            tried += 1
            problems += faults(client, path.format(**places), role)
    assert problems == [], "\n".join(problems)
    assert tried or (role is Role.AUDITOR and not COMPLETE)


def wrong(page: Page, path: str) -> Filled:
    """The form with every text emptied, and a word where a number or a day belongs."""
    form = main_form(page)
    filled = Filled(form.get("action") or path, lists(page.fields(form)))
    for element in form.iter():
        name, kind = element.get("name") or "", element.get("type", "text")
        if element.tag == "textarea" or (element.tag == "input" and kind in {"text", "password", "search", "email"}):
            typed = element.get("data-date") is not None or element.get("data-amount") is not None
            filled.values[name] = [MARK if typed else ""]
            filled.changed.add(name)
        elif element.tag == "select":
            filled.values[name] = [""]
    return filled


NOTHING_TO_REFUSE = {
    "accounts.confirm_proposal", "accounts.deactivate", "accounts.end_deputy", "accounts.mail_link",
    "accounts.profile", "accounts.reactivate", "accounts.renew_link", "accounts.withdraw_proposal", "documents.again",
    "documents.approve", "exchange.match_columns", "reports.accept", "reports.discard", "reports.submit",
    "reports.take_back", "territories.amend_body",
}  # fmt: skip
"""Forms that ask for nothing, or for nothing that has to be given; what is wrong with a file stands in a table."""


def opened_forms(app: Flask, client: PageClient, places: dict[str, object]) -> Iterator[tuple[str, str, Page]]:
    """(endpoint, address, page) of every form, each as the first role that may open it."""
    now: Role | None = None
    for endpoint, paths in sorted(
        FORMS.items(), key=lambda item: str(item[0] in WITHOUT_SIGN_IN or roles_of(app, item[0])[0])
    ):
        role = None if endpoint in WITHOUT_SIGN_IN else roles_of(app, endpoint)[0]
        if role is not now:
            client.sign_out()
            if role is not None:
                client.sign_in(role.value)
            now = role
        for path in paths:
            opened = client._open("GET", address := path.format(**places), {})
            if opened.status_code == 200:
                yield endpoint, address, Page(opened)


def test_what_is_refused_answers_422(app: Flask, client: PageClient, places: dict[str, object]) -> None:
    """A form with mistakes comes back as what it is, never as a page that is well (200)."""
    answers, tried = {}, set()
    for endpoint, address, page in opened_forms(app, client, places):
        if endpoint in NOTHING_TO_REFUSE:
            continue
        filled = wrong(page, address)
        answer = client._open("POST", filled.target, {}, data=filled.values, content_type="multipart/form-data")
        tried.add(endpoint)
        if answer.status_code != 422 or not re.search(rb"message-bad|error-summary", answer.data):
            answers[address] = answer.status_code
    assert answers == {}
    assert tried == FORMS.keys() - NOTHING_TO_REFUSE


OF_NO_RECORD = {
    "accounts.accept_invitation", "accounts.invite", "contracts.add_addendum", "contracts.new", "contracts.terminate",
    "documents.issue_new", "documents.packs", "exchange.match_columns", "indicators.external", "notes.write",
    "notifications.choices", "patents.new", "patents.transfer", "residents.change_status", "residents.new",
}  # fmt: skip
"""Forms that record something new, or a choice of one's own; what stands in them at first is a proposal."""

OF_A_RECORD = {
    "accounts.change_role", "accounts.profile", "contracts.amend", "contracts.correct_addendum",
    "contracts.correct_termination", "exchange.dictionary_code", "indicators.plan", "notes.correct",
    "patents.amend", "patents.correct_transfer", "reports.edit", "residents.amend", "residents.correct_change",
    "residents.correct_registration", "territories.amend",
}  # fmt: skip
"""Forms that show values of a record; ``tests/browser/test_forms.py`` opens each in two tabs."""


def test_the_form_of_a_record_says_at_which_version_it_was_opened(
    app: Flask, client: PageClient, places: dict[str, object]
) -> None:
    """A form that shows values of a record cannot write over what others changed meanwhile."""
    versioned, without = set(), set()
    for endpoint, _address, page in opened_forms(app, client, places):
        values = page.fields(main_form(page))
        shown = {name for name, value in values.items() if value} - {"csrf_token", "filled_by", "told"}
        if shown - {"version", "revision"}:
            (versioned if shown & {"version", "revision"} else without).add(endpoint)
    assert without == OF_NO_RECORD
    assert versioned == OF_A_RECORD
