"""Logins, passwords, roles and waiting times, as tables of cases."""

from __future__ import annotations

from datetime import timedelta

import pytest

from registry.accounts.permissions import Role
from registry.accounts.rules import (
    FREE_FAILURES,
    LONGEST_WAIT,
    failure_key,
    invitable_roles,
    login_problem,
    password_problem,
    plain_login,
    role_problem,
    safe_path,
    waiting_time,
)


@pytest.mark.parametrize(
    ("typed", "kept"), [(" Aigul@Example.KZ ", "aigul@example.kz"), ("ӘСЕЛ", "әсел"), ("staff", "staff")]
)
def test_a_login_is_kept_in_lower_case(typed: str, kept: str) -> None:
    assert plain_login(typed) == kept


@pytest.mark.parametrize(
    ("login", "good"), [("aigul@example.kz", True), ("әсел", True), ("a", False), ("two words", False), ("a/b", False)]
)
def test_logins(login: str, good: bool) -> None:
    assert (login_problem(login) is None) is good


@pytest.mark.parametrize(
    ("password", "good"),
    [
        ("Алма-ағашы-7", True),
        ("ten letter", True),
        ("ninechars", False),
        ("x" * 201, False),
        ("Тау-өзен-шамшырақ-терезе!" * 8, True),
        ("Тау-өзен-шамшырақ-терезе!" * 8 + "e", False),
        ("Aigul@Example.kz", False),
        ("aaaaaaaaaaaa", False),
        ("121212121212", False),
    ],
)
def test_passwords(password: str, good: bool) -> None:
    assert (password_problem(password, "aigul@example.kz") is None) is good


@pytest.mark.parametrize(
    ("role", "company_bin", "field"),
    [
        ("resident", "250240991048", None),
        ("resident", None, "company_bin"),
        ("resident", "25024099104", "company_bin"),
        ("resident", "25024099104٨", "company_bin"),
        ("resident", "990140000123", "company_bin"),
        ("resident", "S00000000010", None),
        ("resident", "S00000000011", "company_bin"),
        ("staff", None, None),
        ("staff", "250240991048", "company_bin"),
        ("admin", None, None),
        ("auditor", None, None),
        ("owner", None, "role"),
    ],
)
def test_only_a_residents_account_has_a_bin(role: str, company_bin: str | None, field: str | None) -> None:
    problem = role_problem(role, company_bin)
    assert (problem[0] if problem else None) == field


@pytest.mark.parametrize(
    ("failures", "seconds"),
    [(0, 0), (FREE_FAILURES - 1, 0), (FREE_FAILURES, 2), (FREE_FAILURES + 1, 4), (FREE_FAILURES + 2, 8)],
)
def test_the_wait_doubles(failures: int, seconds: int) -> None:
    assert waiting_time(failures) == timedelta(seconds=seconds)


def test_the_wait_has_an_end() -> None:
    assert waiting_time(14) == LONGEST_WAIT == waiting_time(10_000) == timedelta(minutes=15)


def test_a_failure_is_remembered_without_what_was_typed() -> None:
    assert len(failure_key("login", "aigul")) == 64
    assert failure_key("login", "aigul") != failure_key("address", "aigul")


@pytest.mark.parametrize(
    ("target", "safe"),
    [
        ("/residents?page=2", True),
        ("/", True),
        ("", False),
        (None, False),
        ("https://example.com/", False),
        ("//example.com/", False),
        ("/\\example.com", False),
        ("residents", False),
        ("/a\r\nSet-Cookie: x", False),
        ("/\t/example.com", False),
    ],
)
def test_nobody_is_sent_to_another_site(target: str | None, safe: bool) -> None:
    assert safe_path(target) == (target if safe else None)


def test_who_may_give_which_role() -> None:
    assert invitable_roles("system") == invitable_roles("admin") == frozenset(Role)
    assert invitable_roles("staff") == {Role.RESIDENT}
    assert invitable_roles("auditor") == invitable_roles("resident") == frozenset()


@pytest.mark.parametrize(
    "password",
    ["password123", "Password123", "1234567890", "qwertyuiop", "йцукенгшщз", "зфыыцщкв123", "пароль12345",
     "Қазақстан2026", "tizilim2026", "2026-11-28", "aygul.serikova", "P@ssw0rd123", "aaaaabbbbb"],
)  # fmt: skip
def test_a_password_that_is_guessed_first_is_refused(password: str) -> None:
    assert password_problem(password, "aygul.serikova@example.kz") is not None


@pytest.mark.parametrize(
    "password", ["құпия сөзім 2026", "тау-өзен-шамшырақ", "demo-staff-2026", "x" * 20 + "Ұзын құпиясөз" * 10]
)
def test_other_passwords_are_taken(password: str) -> None:
    assert password_problem(password, "aygul") is None
