"""Closed by default: every endpoint says for whom it is open, and every role gets exactly what was declared."""

from __future__ import annotations

import contextvars

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from registry.accounts.permissions import INVITABLE, ROLE_PERMISSIONS, Role
from registry.infra.access import Permission
from registry.infra.db import db
from tests import people

PUBLIC_ENDPOINTS = {
    "static", "bootstrap.static", "accounts.sign_in", "accounts.accept_invitation", "accounts.forgotten_password",
    "shell.switch_language", "shell.switch_territory", "documents.check", "documents.check_document",
    "documents.public_keys", "documents.offline_page",
}  # fmt: skip
"""What is meant to be open to everybody: another public endpoint has to be added here on purpose."""

EXAMPLES = {
    "NumberConverter": 999_999,
    "UnicodeConverter": "none",
    "PathConverter": "none",
    "DateConverter": "2026-01-01",
}


def methods(rule: Rule) -> list[str]:
    return sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})


def address(app: Flask, rule: Rule) -> str:
    """An address of the rule whose record does not exist."""
    values: dict[str, object] = {}
    for name in rule.arguments:
        converter = rule._converters[name]
        items = getattr(converter, "items", None)
        values[name] = sorted(items)[0] if items else EXAMPLES.get(type(converter).__name__, "none")
    with app.test_request_context():
        built = app.url_map.bind("localhost").build(rule.endpoint, values, method=methods(rule)[0])
    return built.split("localhost", 1)[-1] if built.startswith("http") else built


def ask(client: FlaskClient, method: str, path: str) -> TestResponse:
    db.session.rollback()
    return contextvars.Context().run(client.open, path, method=method)


def signed_in(app: Flask, role: Role) -> FlaskClient:
    client = app.test_client()
    with client.session_transaction() as session:
        session["_user_id"] = f"{people.IDS[role]}:0"
        session["_fresh"] = True
    return client


def test_every_endpoint_declares_for_whom_it_is_open(app: Flask) -> None:
    undeclared = [
        endpoint
        for endpoint, view in app.view_functions.items()
        if not getattr(view, "is_public", False) and not getattr(view, "required_permissions", None)
    ]
    assert undeclared == []


def test_no_endpoint_is_public_and_restricted_at_once(app: Flask) -> None:
    for endpoint, view in app.view_functions.items():
        assert not (getattr(view, "is_public", False) and getattr(view, "required_permissions", None)), endpoint


def test_public_endpoints_are_known(app: Flask) -> None:
    public = {endpoint for endpoint, view in app.view_functions.items() if getattr(view, "is_public", False)}
    assert public <= PUBLIC_ENDPOINTS, public - PUBLIC_ENDPOINTS


@pytest.mark.parametrize("role", list(Role))
def test_each_role_gets_what_was_declared(app: Flask, role: Role) -> None:
    """A POST without CSRF token that is let through the wall ends at 400, so that the walk changes nothing."""
    client, problems = signed_in(app, role), []
    for rule in app.url_map.iter_rules():
        view = app.view_functions[rule.endpoint]
        permissions = getattr(view, "required_permissions", frozenset())
        allowed = getattr(view, "is_public", False) or bool(ROLE_PERMISSIONS[role] & permissions)
        for method in methods(rule):
            response = ask(client, method, address(app, rule))
            place = f"{role} {method} {rule} -> {response.status_code}"
            to_sign_in = response.headers.get("Location", "").startswith("/sign-in")
            if allowed:
                if response.status_code in {401, 403} or response.status_code >= 500 or to_sign_in:
                    problems.append(f"{place}, though allowed")
                if method != "GET" and response.status_code != 400:
                    problems.append(f"{place}, without CSRF token")
            elif response.status_code != 403:
                problems.append(f"{place}, though not allowed")
    assert problems == []


def test_signed_out_people_are_sent_to_sign_in(app: Flask) -> None:
    client, problems = app.test_client(), []
    for rule in app.url_map.iter_rules():
        if getattr(app.view_functions[rule.endpoint], "is_public", False):
            continue
        for method in methods(rule):
            response = ask(client, method, address(app, rule))
            if response.status_code != 302 or not response.headers["Location"].startswith("/sign-in"):
                problems.append(f"{method} {rule} -> {response.status_code}")
    assert problems == []


def test_an_endpoint_that_declares_nothing_is_refused(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.view_functions, "home.index", lambda: "secret")
    response = ask(signed_in(app, Role.ADMIN), "GET", "/")
    assert response.status_code == 403
    assert "secret" not in response.get_data(as_text=True)


@pytest.mark.parametrize(
    ("role", "may_not"),
    [
        (Role.AUDITOR, {Permission.KEEP_REGISTERS, Permission.REVIEW_REPORTS, Permission.FILL_REPORTS,
                        Permission.IMPORT_FILES, Permission.INVITE_USERS, Permission.MANAGE_USERS}),
        (Role.RESIDENT, {Permission.KEEP_REGISTERS, Permission.REVIEW_REPORTS, Permission.VIEW_JOURNAL,
                         Permission.ISSUE_REGISTERS, Permission.INVITE_USERS, Permission.MANAGE_USERS}),
        (Role.STAFF, {Permission.MANAGE_USERS, Permission.KEEP_SETTINGS, Permission.FILL_REPORTS,
                      Permission.ERASE_PERSONAL_DATA}),
        (Role.ADMIN, {Permission.FILL_REPORTS, Permission.ISSUE_OWN_PAPERS}),
    ],
)  # fmt: skip
def test_what_a_role_may_never_do(role: Role, may_not: set[Permission]) -> None:
    assert not ROLE_PERMISSIONS[role] & may_not


def test_staff_make_no_account_stronger_than_a_residents() -> None:
    assert INVITABLE[Role.STAFF] == {Role.RESIDENT}
    assert set(INVITABLE) == {Role.ADMIN, Role.STAFF}
