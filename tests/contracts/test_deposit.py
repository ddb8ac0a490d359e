"""Deposit and notice of a contract stand wherever a declared field does: form, list, card, file, journal, paper."""

from __future__ import annotations

from datetime import date

import pytest
from flask import Flask

from registry.contracts import queries, rules
from registry.contracts.models import Contract
from registry.exchange.queries import export_values
from registry.infra.access import SYSTEM
from registry.infra.i18n import speaking
from registry.journal import presentation
from registry.journal import queries as journal
from registry.paper_kinds import contracts, kinds, snapshots
from registry.paper_kinds.kind import Asked
from registry.paper_kinds.rules import Period
from registry.territories.queries import by_code
from tests.contracts import made
from tests.exchange.made import BIN, row, take
from tests.pages import PageClient


@pytest.fixture
def contract(app: Flask) -> Contract:
    return made.contract(made.resident(), deposit=50_000_000, notice_days=30)


@pytest.mark.parametrize("name", ["deposit", "notice_days"])
@pytest.mark.parametrize(("value", "refused"), [(-1, True), (0, False)])
def test_neither_is_negative(name: str, value: int, refused: bool) -> None:
    values = {"kind": "lease", "number": "1", "signed_on": made.FIRST, "starts_on": made.FIRST, name: value}
    found = rules.problems(values, made.FIRST, lambda *_code: True)
    assert [field for field, _message in found] == ([name] if refused else [])


def test_form_list_card_and_history(client: PageClient, contract: Contract) -> None:
    client.sign_in("staff")
    page = client.get("contracts.amend", contract_id=contract.id)
    assert page.fields()["deposit"].replace("\u00a0", " ") == "500 000,00"  # type: ignore[union-attr]
    shown = client.submit(page, {"deposit": "750 000", "notice_days": "60"}, containing="number", follow=True)
    assert "Deposit KZT 750,000.00" in shown
    assert "Notice of termination, days 60" in shown
    assert "Deposit, tenge" in shown, "the history names the field"
    listed = client.get("contracts.index", query={"sort": "-deposit", "column": "deposit"})
    assert "Deposit, tenge" in listed
    assert "750,000.00" in listed
    answer = client.submit(page, {"notice_days": "-1"}, containing="number", expect=422)
    assert "Notice of termination, days: Enter zero or more" in answer


def test_files_carry_both_as_the_last_columns(app: Flask) -> None:
    made.resident(BIN)
    assert take("contracts", row("contracts", deposit="1234.50", notice_days="14")).created == 1
    assert take("contracts", row("contracts", deposit="1234.50", notice_days="14")).unchanged == 1
    (values,) = export_values(SYSTEM, "contracts")
    assert list(values)[-2:] == ["deposit", "notice_days"]
    assert (values["deposit"], values["notice_days"]) == (123_450, 14)
    assert take("contracts", row("contracts", deposit="", notice_days="7")).updated == 1
    (record,) = queries.records(SYSTEM)
    assert (record.deposit, record.notice_days) == (None, 7)


@pytest.mark.parametrize(
    ("language", "label"), [("kk", "Кепіл сомасы, теңге"), ("ru", "Гарантийный взнос, тенге"), ("en", "Deposit, tenge")]
)
def test_words_in_every_language(contract: Contract, language: str, label: str) -> None:
    entry = journal.history(subjects=[("contract", contract.id)])[0][0]
    with speaking(language):
        assert f"{label}: — → " in presentation.changes_in_words(entry)


def test_papers_print_both(contract: Contract) -> None:
    snapshot = kinds.collect(contracts.KIND, Asked(Period(date(2026, 6, 30)), by_code("NU")))
    assert kinds.load(snapshots.dump(snapshot)) == snapshot
    printed = repr(kinds.compose(snapshot, "ru")).replace("\\xa0", " ")
    assert "Гарантийный взнос, тенге: 500 000,00" in printed
    assert "Срок предупреждения о расторжении, дней: 30" in printed
