"""Texts call the members of a territory by its own word; what is put into a text stays."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from flask import Flask

from registry.infra import members
from registry.infra.db import db, transaction
from registry.infra.i18n import gettext, lazy, ngettext, speaking
from registry.territories.models import Territory
from tests import factories
from tests.pages import PageClient
from tests.people import COMPANY_BIN

CATALOGUES = Path(members.__file__).parent.parent / "translations"


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("en", "Participants report by", "Residents report by"),
        ("en", "no participation contract of a participant", "no participation contract of a resident"),
        ("ru", "Участники сдают отчеты участниками участника", "Резиденты сдают отчеты резидентами резидента"),
        ("ru", "участников, участнику, об участнике", "резидентов, резиденту, о резиденте"),
        ("kk", "Қатысушының есебі қатысушыларға", "Резиденттің есебі резиденттерге"),
        ("kk", "қатысушыны, қатысушыға, қатысушылардан", "резидентті, резидентке, резиденттерден"),
        ("kk", "аумақ қатысушылары", "аумақ резиденттері"),
    ],
)
def test_the_other_word_stands_in_the_same_form(language: str, text: str, expected: str) -> None:
    assert members.as_residents(text, language) == expected


@pytest.mark.parametrize("language", ["kk", "ru"])
def test_every_form_of_the_catalogues_is_known(language: str) -> None:
    with (CATALOGUES / language / "LC_MESSAGES" / "messages.po").open("rb") as file:
        texts = [form for message in read_po(file) for form in _forms(message.string)]
    named = [text for text in texts if re.search("частник|атысушы", text)]
    assert len(named) > 20
    left = [text for text in named if re.search("частник|атысушы", members.as_residents(text, language))]
    assert left == []


def _forms(text: str | tuple[str, ...] | list[str]) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else tuple(text)


def test_values_and_the_word_itself_stay(app: Flask) -> None:
    with app.test_request_context(headers={"Accept-Language": "en"}):
        members.call_members(lambda: "resident")
        sent_back = "Report of %(name)s sent back. The participant reads the reason and sends it again."
        assert gettext(sent_back, name="ТОО «Участник»") == (
            "Report of ТОО «Участник» sent back. The resident reads the reason and sends it again."
        )
        assert gettext("participant") == "participant"
        text = lazy("Participants")
        assert str(text) == "Residents"
        with speaking("ru"):
            assert str(text) == "Участники", "a paper has its own words"
        assert str(text) == "Residents"
        assert ngettext("%(num)s participant", "%(num)s participants", 2) == "2 residents"
        members.call_members(lambda: "")
        assert gettext("Participants") == "Participants"


def test_a_page_uses_the_word_of_its_territory(app: Flask, client: PageClient) -> None:
    client.sign_in("staff")
    assert "Enter a participant in the register" in client.get("residents.index").text
    for code, word in (("NU", "resident"), ("KURCHATOV", "participant")):
        page = client.get("residents.index", query={"territory": code})
        assert f"Enter a {word} in the register" in page.text


def test_a_company_reads_the_word_of_its_own_territory(app: Flask, client: PageClient) -> None:
    factories.resident(COMPANY_BIN)
    client.sign_in("resident")
    assert "Register of residents" in client.get("/").text
    with transaction():
        nu = db.session.query(Territory).filter_by(code="NU").one()
        nu.participant_word = "participant"
    assert "Register of participants" in client.get("/").text


def test_a_record_s_page_uses_the_word_of_its_own_territory(app: Flask, client: PageClient) -> None:
    """Whichever territory is chosen above, of all of them too."""
    park = factories.resident(COMPANY_BIN)
    city = factories.resident(factories.bin_number(7), territory="KURCHATOV")
    client.sign_in("staff")
    for chosen in ("", "NU", "KURCHATOV"):
        for entry, label in ((park, "Type of resident"), (city, "Type of participant")):
            page = client.get("residents.show", resident_id=entry.id, query={"territory": chosen})
            assert label in page.text, (chosen, label)
