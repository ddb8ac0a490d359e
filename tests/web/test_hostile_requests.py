"""Whatever is sent to whatever address by whoever: an answer of the program, never a fault of it.

A seeded walk over every rule and role, with addresses, queries and forms nobody types. The gate sends a sample
(:data:`REQUESTS`); ``TEST_REQUESTS=5000`` in the environment so many to each database. A failure names the request:
the same seed sends it again.
"""

from __future__ import annotations

import contextvars
import inspect
import io
import os
import random
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import quote, urlencode

import pytest
import sqlalchemy as sa
from flask import Flask, got_request_exception
from flask.testing import FlaskClient
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from registry.accounts.models import Membership, User
from registry.accounts.permissions import Role
from registry.infra.access import SYSTEM
from registry.infra.db import db, transaction
from registry.papers import issuing
from registry.residents.models import Resident
from tests import factories, people
from tests.factories import NOW
from tests.pages import Page, PageClient
from tests.reports import ready
from tests.test_access import methods, signed_in
from tests.test_territories import FILES, take_in

REQUESTS = int(os.environ.get("TEST_REQUESTS") or 250)
SEED = 20_261_128

NUMBERS = (
    "0", "1", "2", "007", "-1", "+1", "1.0", "2147483647", "2147483648", "9223372036854775807", "9223372036854775808",
    "9" * 30, "9" * 5000, "١٢", "²", "1e3", "0x10", " 1", "",
)  # fmt: skip
TEXTS = (
    "", "a", "\x00", "a\x00b", "\x01", "\x7f", "\x1b[31m", "\ufeff", "\uffff", "\u202e", "%", "_", "\\", "'", "\"",
    "<script>", "${7*7}", "{{7*7}}", "../../etc/passwd", "ә" * 300, "A" * 5000, "٣", "²", "e\u0301", "🧬", "9" * 5000,
    "31.12.2026", "2026-12-31", "0000-00-00", "99999-01-01", "2026-02-30", "1 234 567,89", "9" * 15, "-5", "NaN",
    "Infinity", "null", "xlsx", "csv", "residents", "participants", "extract", "NU", "KURCHATOV", "all",
    "-registered_on", people.COMPANY_BIN, "2026", "2026-09-30T12:00:00+05:00", "9999-12-31", "0001-01-01",
    "9999-12-31T23:59:59-23:59",
)  # fmt: skip
WORST = ("\x00", "a\x00b", "9" * 5000, "2147483648", "9223372036854775808", "²", "٣")
"""What databases and number readers stumble over, drawn most often."""

NAMES = (
    "search", "q", "status", "type", "kind", "office", "year", "quarter", "page", "sort", "territory", "as_of",
    "date", "known_at", "format", "language", "number", "resident", "holder", "code", "next", "endpoint", "_anchor",
    "_method", "_external", "_scheme", "values", "self", "ending", "from", "check", "ends_within", "role",
    "indicator", "version", "seen", "confirmed", "revision", "reason", "login", "password", "resident_id",
    "period_id", "section", "subject", "action", "actor", "since", "until", "q\x00", "²", "a" * 5000, "",
    "revenue-²-code", "revenue-0-code", f"revenue-{'9' * 5000}-code", "tax-0-amount", "tax--1-amount",
    "tax-1e9-amount", "holders-²-name", "holders-0-share", "company_bin",
)  # fmt: skip


def test_what_fell_once(app: Flask, client: PageClient) -> None:
    """The requests that once were answered with 500."""
    client.sign_in("staff")
    for path, status in (
        ("/residents/2147483648", 404),
        ("/residents/9223372036854775808", 404),
        (f"/residents/{'9' * 5000}", 404),
        ("/residents/a%00b", 404),
        ("/territory/%00", 404),
        ("/v/%00", 404),
        ("/residents?search=a%00b", 422),
        ("/check?code=%00", 422),
        ("/sign-in?next=%00", 422),
        ("/residents?kind=x&endpoint=y&_anchor=z&_method=POST&_external=1&_scheme=ftp&format=q&self=1", 200),
        ("/contracts?kind=x&endpoint=y&_method=DELETE", 200),
        ("/patents?kind=x&_anchor=%23", 200),
        ("/reports?kind=x&endpoint=y", 200),
        ("/documents?ending=x&endpoint=y&_method=DELETE", 200),
        ("/journal?ending=x&endpoint=y&_method=DELETE", 200),
        (f"/documents/new?kind=annual&year={'9' * 5000}", 200),
        (f"/patents?year={'9' * 5000}&page={'9' * 5000}", 200),
        (f"/reports/board?year={'9' * 5000}", 200),
        (f"/contracts/new?resident={'9' * 5000}", 200),
        ("/contracts/new?resident=2147483647", 404),
        ("/indicators/1/lines?known=9999-12-31T23%3A59%3A59-23%3A59", 200),
        ("/indicators/1/lines?known=9999-12-31", 200),
    ):
        client.get_response(path, expect=status)


@pytest.mark.parametrize("word", ["a ", "24014 ", "a,", "24014,", "aj", "1-"])
def test_a_search_of_any_length_is_answered(database: Flask, word: str) -> None:
    """The list says what of it was not looked for."""
    client = PageClient(database)
    client.sign_in("staff")
    for path, name in (
        ("/residents", "search"), ("/contracts", "search"), ("/patents", "search"),
        ("/reports", "search"), ("/reports/board", "search"), ("/users", "q"),
    ):  # fmt: skip
        assert "Only the first 30 words" in client.get(path, query={name: word * 3000})
        assert "Only the first" not in client.get(path, query={name: word * 29})
    client.get("/documents", query={"number": word * 30_000})
    for kind in ("residents", "contracts", "patents", "report-lines"):
        client.get_response(f"/exchange/export?kind={kind}&format=csv&search={quote(word * 3000)}")


def test_a_list_keeps_its_query_in_its_links(client: PageClient) -> None:
    client.sign_in("staff")
    page = client.get("/residents?search=%D0%9D&kind=x&_anchor=z&endpoint=y&status=active&status=excluded")
    links = {text: address for text, address in page.links().items() if text in {"XLSX", "CSV"}}
    assert links == {} or links["XLSX"].startswith("/export?")


@pytest.mark.parametrize("language", ["en", "ru", "kk"])
def test_a_sign_that_cannot_be_kept_is_named_at_its_field(client: PageClient, language: str) -> None:
    """Nothing is written, the form comes back with the rest of what was typed."""
    client.sign_in("staff")
    client.get_response(f"/language/{language}", expect=302)
    page = client.get("accounts.profile")
    sent = client.submit(page, {"name": "Ая\x00на\x0b Серік"}, expect=422, containing="name")
    assert sent.fields(sent.form("name"))["name"] == "Аяна Серік"
    (told,) = [e for e in sent.all("a") if e.get("href") == "#name"]
    assert "U+0000" in sent
    assert told is not None
    assert "Аяна" not in client.get("accounts.profile").html
    saved = client.submit(sent, {}, containing="name", follow=True)
    assert saved.fields(saved.form("name"))["name"] == "Аяна Серік"


@pytest.mark.parametrize("sign", ["\x0b", "\x0c", "\x1c", "\x1f", "\u0085", "\u2028"])
def test_two_numbers_with_such_a_break_between_them_stay_two(client: PageClient, sign: str) -> None:
    factories.resident()
    client.sign_in("staff")
    page = client.get("contracts.new")
    typed = {"amount": f"6100000{sign}520000", "number": f"Ш{sign}1"}
    sent = client.submit(page, typed, containing="amount", expect=422)
    fields = sent.fields(sent.form("amount"))
    assert (fields["amount"], fields["number"]) == ("6100000 ⏎ 520000", "Ш 1")
    again = client.submit(sent, {}, containing="amount", expect=422)
    assert again.fields(again.form("amount"))["amount"] == "6100000 ⏎ 520000"


@pytest.mark.parametrize("address", ["http://[", "http://[::1", "http://a]b/", "http://\u2100.kz/"])
def test_a_header_with_an_address_that_cannot_be_parsed_is_none(client: PageClient, address: str) -> None:
    said = address.encode().decode("latin-1")
    for target in ("/sign-in", "/sign-out", "/reports/start", "/exchange/check", "/profile", "/contracts/new", "/no"):
        for sent in ({"Referer": said}, {"Origin": said}, {"Referer": said, "Origin": said}):
            for base in ("http://localhost", "https://localhost"):
                answer = client._client.post(target, data={"login": "x"}, headers=sent, base_url=base)
                assert answer.status_code < 500, (target, sent, base)
    assert client._client.get("/", environ_overrides={"PATH_INFO": "//["}).status_code == 404


def test_a_button_with_such_a_sign_does_nothing(client: PageClient) -> None:
    client.sign_in("resident")
    page = client.get("accounts.profile")
    answer = client.post(
        "/reports/start", {"csrf_token": page.fields()["csrf_token"], "resident_id": "1\x00"}, expect=422
    )
    assert "U+0000" in answer


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "multipart/form-data"])
def test_a_form_has_so_many_fields_at_most(client: PageClient, kind: str) -> None:
    client.sign_in("resident")
    page = client.get("accounts.profile")
    fields = {name: str(value) for name, value in page.fields(page.form("name")).items()}

    def send(more: int) -> TestResponse:
        data = fields | {f"revenue-{number}-code": "1" for number in range(more)}
        return client._open("POST", "/profile", {}, data=data, content_type=kind)

    assert send(9_900).status_code == 302
    answer = send(10_001)
    assert answer.status_code == 413
    assert "at most 16 MB and 10 000 fields" in Page(answer)


@dataclass
class Sent:
    """A request, so that a failure can be told."""

    method: str
    path: str
    data: dict[str, Any] | None

    def __str__(self) -> str:
        shown = f"{self.method} {self.path[:300]} {self.data}"
        return shown if len(shown) < 900 else shown[:900] + "…"


def asked_by(view: Callable[..., object]) -> list[str]:
    """The names of the query that the pages of the view's module look for."""
    source = inspect.getsource(inspect.getmodule(inspect.unwrap(view)) or inspect)
    return sorted(set(re.findall(r"""(?:args\.get\(|request\.args\[|request\.form\.get\()"(\w+)""", source)))


class Walk:
    """Requests of one role, drawn from a seed."""

    def __init__(self, app: Flask, seed: str, role: Role | None) -> None:
        self.chance = random.Random(seed)
        self.client = signed_in(app, role) if role else app.test_client()
        self.rules = sorted(app.url_map.iter_rules(), key=str)
        self.views = app.view_functions

    def value(self, name: str) -> str:
        draw = self.chance.random()
        if draw < 0.25:
            return self.chance.choice(WORST)
        draw = self.chance.random()
        numeric = name.endswith("_id") or name in {
            "year",
            "page",
            "quarter",
            "number",
            "resident",
            "version",
            "revision",
        }
        if numeric and draw < 0.8:
            return self.chance.choice(NUMBERS)
        return self.chance.choice(TEXTS if draw < 0.9 else NUMBERS)

    def path(self, rule: Rule) -> str:
        text = rule.rule
        for name in rule.arguments:
            choices = re.search(rf"<any\(([^)]*)\):{name}>", text)
            if choices and self.chance.random() < 0.8:
                value = self.chance.choice(choices.group(1).split(",")).strip(" '")
            elif rule._converters[name].__class__.__name__ == "NumberConverter" and self.chance.random() < 0.5:
                value = str(self.chance.randint(1, 4))
            else:
                value = self.value(name if not name.endswith("_id") else "page")
            text = re.sub(rf"<[^<>]*\b{name}>", lambda _match, value=value: quote(value, safe=""), text)
        return text

    def pairs(self, most: int, asked: Sequence[str] = ()) -> list[tuple[str, str]]:
        """Names and values, most of them names that the page asks for."""
        names = [
            self.chance.choice(asked if asked and self.chance.random() < 0.7 else NAMES)
            for _each in range(self.chance.randint(0, most))
        ]
        return [(name, self.value(name)) for name in names]

    def form(self, path: str) -> dict[str, Any]:
        """The fields of the page's own form, some of them turned into something else."""
        opened = ask(self.client, "GET", path)
        data: dict[str, Any] = dict(self.pairs(3))
        if opened.status_code == 200 and b'id="main-form"' in opened.data:
            fields = Page(opened).fields(Page(opened).form())
            for name, value in fields.items():
                draw = self.chance.random()
                if draw < 0.8:
                    data[name] = self.value(name) if draw < 0.4 else value
            for element in Page(opened).form().iter("input"):
                if element.get("type") == "file" and self.chance.random() < 0.8:
                    content = self.chance.choice(
                        (b"", b"\x00", b"%PDF-", b"PK\x03\x04", b"a,b\n\x00,1\n", b"\xff\xfe\x00")
                    )
                    data[element.get("name") or "file"] = (
                        io.BytesIO(content),
                        self.chance.choice(("a.csv", "a\x00.pdf", "", "a.xlsx")),
                    )
        return data

    def requests(self, number: int) -> Iterator[Sent]:
        for turn in range(number):
            rule = self.rules[turn % len(self.rules)] if turn < len(self.rules) else self.chance.choice(self.rules)
            method = self.chance.choice(methods(rule))
            path = self.path(rule)
            pairs = self.pairs(3, asked_by(self.views[rule.endpoint]))
            query = "?" + urlencode(pairs) if pairs else ""
            yield Sent(method, path + query, self.form(path) if method == "POST" else None)


def ask(client: FlaskClient, method: str, path: str, **options: Any) -> TestResponse:
    db.session.rollback()
    return contextvars.Context().run(client.open, path, method=method, **options)


def fill() -> None:
    """Records of every kind, so that half of the addresses lead to something."""
    for kind, text in FILES.items():
        take_in(SYSTEM, kind, text)
    own = db.session.scalars(sa.select(Resident).where(Resident.bin == people.COMPANY_BIN)).one()
    ready.draft(own)
    ready.accepted(own, year=2026, quarter=2)
    issuing.issue(SYSTEM, "extract", language="ru", now=NOW, resident=own.bin, as_of=date(2026, 9, 30))


def let_in_again() -> None:
    """A request may have ended the session of its own account, or closed it."""
    db.session.rollback()
    with transaction():
        for role, number in people.IDS.items():
            company = people.COMPANY_BIN if role == Role.RESIDENT else None
            values = {"active": True, "session_epoch": 0, "role": role, "company_bin": company}
            db.session.execute(sa.update(User).where(User.id == number).values(**values))
            db.session.execute(sa.delete(Membership).where(Membership.user_id == number))


def test_no_request_ends_in_a_fault(database: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(database.config, "WTF_CSRF_ENABLED", False)
    monkeypatch.setitem(database.config, "PROPAGATE_EXCEPTIONS", False)
    fill()
    faults: list[str] = []
    answers: dict[int, int] = {}

    def note(_sender: Flask, exception: BaseException, **_more: object) -> None:
        faults.append(f"    {type(exception).__name__}: {str(exception)[:300]}")

    with got_request_exception.connected_to(note, database):
        each = max(1, REQUESTS // (len(Role) + 1))
        for role in (*Role, None):
            walk = Walk(database, f"{SEED} {role}", role)
            for sent in walk.requests(each):
                if sent.path.startswith("/sign-out"):
                    continue
                answer = ask(walk.client, sent.method, sent.path, data=sent.data)
                if role and answer.headers.get("Location", "").startswith("/sign-in"):
                    let_in_again()
                    answer = ask(walk.client, sent.method, sent.path, data=sent.data)
                answers[answer.status_code] = answers.get(answer.status_code, 0) + 1
                if answer.status_code >= 500:
                    faults.append(f"{role}: {sent} -> {answer.status_code}")
    assert faults == [], "\n".join(faults)
    assert answers.keys() >= {200, 302, 404, 422}, answers
    assert sum(answers.values()) > each * 4
