"""The page on which an administrator sees what is done by schedule."""

from __future__ import annotations

import pytest
from flask import Flask

from registry.accounts import services
from registry.infra import schedule
from registry.infra.access import SYSTEM
from registry.infra.clock import today, utc_now
from registry.infra.db import transaction
from registry.infra.i18n import LANGUAGES, format_date, lazy, speaking
from registry.infra.schedule import Failed
from registry.infra.time_limit import limited
from registry.territories.queries import by_code
from tests import people
from tests.pages import PageClient, element_text


def rows(client: PageClient) -> dict[str, list[str]]:
    """What the page says of each entry, by its name."""
    page = client.get("installation.schedule")
    found = [[element_text(cell) for cell in row if cell.tag in ("th", "td")] for row in page.all("tr")]
    return {row[0]: row[1:] for row in found}


@pytest.mark.parametrize("role", ["staff", "auditor", "resident"])
def test_only_administrators_see_it(app: Flask, client: PageClient, role: str) -> None:
    client.sign_in(role)
    client.get("installation.schedule", expect=403)
    if role == "auditor":
        assert "/settings/schedule" not in client.get("territories.index").html


def test_an_administrator_of_some_territories_does_not(app: Flask, client: PageClient) -> None:
    with transaction():
        services.add_user(
            SYSTEM,
            login="only-nu",
            role="admin",
            password=people.PASSWORD,
            territories=[by_code("NU")],
            language="en",
            now=utc_now(),
        )
    client.sign_in("only-nu")
    client.get("installation.schedule", expect=403)
    assert "/settings/schedule" not in client.get("territories.index").html


def test_it_tells_the_last_run_its_result_and_the_next_run(
    app: Flask, client: PageClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.sign_in("admin")
    assert "/settings/schedule" in client.get("territories.index").html
    before = rows(client)
    journal = "The journal is checked every day at 02:00"
    assert before[journal][:2] == ["not run yet", "—"]
    while schedule.run_one(app, limited):
        pass
    after = rows(client)
    result, last, following = after[journal]
    assert result == "done Whole: 0 entries."
    assert last.startswith(" ".join(format_date(today(), "en").split()))
    assert following.endswith("02:00")
    assert "Sign-ins noted long ago are forgotten every 5 minutes" in after


def test_a_failure_is_told_in_the_language_of_the_reader(
    app: Flask, client: PageClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> None:
        raise Failed(lazy("Damage was found. First place: %(place)s.", place="entry 7"))

    entry = schedule.Periodic(
        "journal_check", lazy("The journal is checked"), lambda _settings: schedule.When(schedule.DAY), fail
    )
    others = tuple(other for other in app.extensions["schedule"] if other.key != entry.key)
    monkeypatch.setitem(app.extensions, "schedule", (entry, *others))
    assert schedule.run_one(app, limited)
    client.sign_in("admin")
    said = set()
    for language in LANGUAGES:
        client.get_response("shell.switch_language", code=language, expect=302)
        with speaking(language):
            expected = str(lazy("Damage was found. First place: %(place)s.", place="entry 7"))
        page = client.get("installation.schedule")
        assert expected in page
        said.add(expected)
    assert len(said) == 3
