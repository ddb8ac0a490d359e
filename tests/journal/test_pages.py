"""The journal's pages."""

from datetime import date

import pytest

from tests import factories
from tests.factories import bin_number


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_the_journal_reads_in_every_language(client, language):
    entry = factories.resident(bin_number(1))
    factories.status_change(entry, "suspended", date(2026, 3, 1))
    client.sign_in("auditor")
    client.get(f"/language/{language}?next=/", expect=302)
    client.language = language
    page = client.get("/journal")
    assert len(page.all("li", class_="history-entry")) == 2
    client.get("/journal/verification")


def test_filters_by_act_and_by_the_time_of_recording(client):
    factories.resident(bin_number(1))
    factories.status_change(factories.resident(bin_number(2)), "suspended", date(2026, 3, 1))
    client.sign_in("auditor")
    assert len(client.get("/journal?action=resident_registered").all("li", class_="history-entry")) == 2
    assert len(client.get("/journal?until=04.10.2026").all("li", class_="history-entry")) == 0
    assert len(client.get("/journal?since=05.10.2026&until=05.10.2026").all("li", class_="history-entry")) == 3
    assert len(client.get("/journal?action=nonsense&since=x").all("li", class_="history-entry")) == 3


def test_residents_do_not_read_the_journal(client):
    client.sign_in("resident")
    client.get("/journal", expect=403)
    client.get("/journal/verification", expect=403)
