"""Our own form fields: what they read, what they show back, and what they say."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from flask import Flask
from werkzeug.datastructures import MultiDict
from wtforms import FieldList, FormField

from registry.errors import DomainError, ImportRefused, RowError
from registry.infra.forms import (
    AreaField,
    ChoiceField,
    DateField,
    Form,
    MoneyField,
    StrippedString,
    WholeNumberField,
    length,
    parse_typed_date,
    required,
)

NBSP = "\u00a0"


class LineForm(Form):
    amount = MoneyField("Amount", [required()])


class ExampleForm(Form):
    name = StrippedString("Name", [length(10)])
    reason = StrippedString("Reason", [required()])
    kind = ChoiceField("Kind", choices=[("a", "First"), ("b", "Second")])
    amount = MoneyField("Amount")
    correction = MoneyField("Correction", negative=True)
    area = AreaField("Area")
    people = WholeNumberField("People")
    day = DateField("Day")
    lines = FieldList(FormField(LineForm))


def sent(app: Flask, **values: Any) -> ExampleForm:
    form = ExampleForm(formdata=MultiDict(values))
    form.validate()
    return form


@pytest.fixture(autouse=True)
def request_context(app: Flask) -> Any:
    with app.test_request_context(headers={"Accept-Language": "en"}):
        yield


@pytest.mark.parametrize("shown", ["А ⏎Б", "А Б", "АБ"])
def test_a_line_break_on_record_stays_where_nobody_changed_the_text(shown: str) -> None:
    typed = shown.replace("⏎", "\r\n")
    form = ExampleForm(formdata=MultiDict({"name": typed}), data={"name": "А\nБ"})
    assert (form["name"].data, form["name"]._value()) == ("А\nБ", "А Б")
    changed = ExampleForm(formdata=MultiDict({"name": f"{typed}В"}), data={"name": "А\nБ"})
    assert "\n" not in changed["name"].data


@pytest.mark.parametrize(
    ("typed", "tiyn", "shown"),
    [
        ("1 234 567,89", 123456789, f"1{NBSP}234{NBSP}567,89"),
        (f"1{NBSP}234\u202f567.5", 123456750, f"1{NBSP}234{NBSP}567,50"),
        (" 1000000 ", 100000000, f"1{NBSP}000{NBSP}000,00"),
        ("0", 0, "0,00"),
        ("", None, ""),
        ("1,234", None, "1,234"),
        ("twelve", None, "twelve"),
        ("-5", None, "-5"),
        ("1 234 567,891", None, "1 234 567,891"),
    ],
)
def test_money(app: Flask, typed: str, tiyn: int | None, shown: str) -> None:
    form = sent(app, amount=typed)
    assert form.amount.data == tiyn
    assert form.amount._value() == shown
    assert bool(form.amount.errors) is (tiyn is None and typed != "")


@pytest.mark.parametrize(
    ("typed", "kept"), [("'5-Ш", "5-Ш"), ('="5-Ш"', "5-Ш"), ("'", None), ("'5' Ш", "'5' Ш"), ("О'Нил", "О'Нил")]
)
def test_a_text_copied_with_a_spreadsheets_mark(app: Flask, typed: str, kept: str | None) -> None:
    """A file would drop the mark as well: what a page keeps comes in again unchanged."""
    assert sent(app, name=typed).name.data == kept


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("6 100 000\r\n520 000", "These are several cells or lines. This field takes one number: copy one cell."),
        ("6100000\t520000", "These are several cells or lines. This field takes one number: copy one cell."),
        (
            "12,345",
            "This can be read as 12,345 or as 12.345. Leave out the separator, or give at most two decimals.",
        ),
        (
            "1 23",
            "The digits are grouped unevenly. Group them by three, such as 12,345,678, or write them without"
            " separators.",
        ),
        ("12,3456", "There are more than two decimals. Round the number to two, such as 1,234.57."),
        ("12 млн", "Enter a sum in tenge with at most two decimals, such as 1,234,567.89."),
        ("-5", "Enter zero or more."),
    ],
)
def test_what_cannot_be_read_as_a_sum_says_what_to_do(app: Flask, typed: str, told: str) -> None:
    form = sent(app, amount=typed)
    assert (form.amount.data, form.amount.errors) == (None, [told])
    shown = form.amount._value()
    assert "\n" not in shown
    assert sent(app, amount=shown).amount.data is None
    assert shown == typed or "⏎" in shown


def test_lines_pasted_into_one_line_of_text_do_not_run_together(app: Flask) -> None:
    assert sent(app, name="12\r\n13\t14").name.data == "12 13 14"


def test_money_shown_can_be_sent_again(app: Flask) -> None:
    form = sent(app, amount=ExampleForm(formdata=None, data={"amount": 123456789}).amount._value())
    assert form.amount.data == 123456789


def test_sums_below_zero_only_where_they_make_sense(app: Flask) -> None:
    assert sent(app, correction="−1 000,50").correction.data == -100050
    assert sent(app, correction="-1000,5").correction._value() == f"-1{NBSP}000,50"


@pytest.mark.parametrize(("typed", "data", "shown"), [("120,5", 12050, "120,5"), ("1200", 120000, f"1{NBSP}200")])
def test_areas(app: Flask, typed: str, data: int, shown: str) -> None:
    form = sent(app, area=typed)
    assert (form.area.data, form.area._value()) == (data, shown)


@pytest.mark.parametrize(("typed", "data"), [("12", 12), ("1 200", 1200), ("", None), ("1,5", None), ("-1", None)])
def test_whole_numbers(app: Flask, typed: str, data: int | None) -> None:
    form = sent(app, people=typed)
    assert form.people.data == data
    assert bool(form.people.errors) is (data is None and typed != "")


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("31.12.2026", date(2026, 12, 31)),
        ("1.2.2026", date(2026, 2, 1)),
        ("2026-12-31", date(2026, 12, 31)),
        (" 31/12/2026 ", date(2026, 12, 31)),
        ("31.02.2026", None),
        ("12/31/2026", None),
        ("31.12.26", None),
        ("31.12.0026", None),
        ("tomorrow", None),
    ],
)
def test_dates(app: Flask, typed: str, day: date | None) -> None:
    assert parse_typed_date(typed) == day
    form = sent(app, day=typed)
    assert form.day.data == day
    assert form.day._value() == (f"{day:%d.%m.%Y}" if day else typed)
    assert bool(form.day.errors) is (day is None)


def test_text_is_stripped_and_nothing_is_none(app: Flask) -> None:
    form = sent(app, name="  Әсел  ", reason="   ")
    assert form.name.data == "Әсел"
    assert form.reason.data is None
    assert form.reason.errors == ["Fill in this field."]
    assert sent(app, name="").name.errors == []
    assert sent(app, name="12345678901").name.errors == ["Enter at most 10 characters."]


def test_a_choice_outside_the_list_is_refused(app: Flask) -> None:
    assert sent(app, kind="b").kind.data == "b"
    assert sent(app, kind="b").kind.chosen_label == "Second"
    assert sent(app, kind="").kind.data is None
    assert sent(app, kind="c").kind.errors == ["Choose one of the values offered."]


def test_a_value_the_record_has_is_kept_though_no_longer_offered(app: Flask) -> None:
    form = ExampleForm(formdata=MultiDict({"kind": "old", "reason": "x"}), data={"kind": "old"})
    assert form.validate()
    assert form.kind.data == "old"
    assert 'selected value="old"' in str(form.kind())


def test_a_refusal_stands_at_the_field_it_names(app: Flask) -> None:
    form = sent(app, reason="x")
    form.add_error(DomainError("Too late.", "day"))
    form.add_error(DomainError("Not now."))
    form.add_error(DomainError("No such field.", "bin"))
    form.add_error(ImportRefused([RowError("f.csv", 7, "bin", "wrong")]))
    assert form.day.errors == ["Too late."]
    assert form.summary() == [
        (None, None, "Not now."),
        (None, None, "No such field."),
        (None, None, "f.csv, row 7, column bin: wrong"),
        ("day", "Day", "Too late."),
    ]


def test_errors_of_lines_are_in_the_summary(app: Flask) -> None:
    form = sent(app, reason="x", **{"lines-0-amount": "1", "lines-1-amount": "none"})
    ids = [field_id for field_id, _label, _message in form.summary()]
    assert ids == ["lines-1-amount"]
