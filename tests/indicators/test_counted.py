"""Which patents count for indicator 6 is kept, and is after every act what the registers fold to."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
import sqlalchemy as sa
from flask import Flask

from registry.errors import Conflict
from registry.indicators import queries as indicators
from registry.indicators.counted import COUNTED
from registry.indicators.models import PatentCount
from registry.infra.access import SYSTEM
from registry.infra.db import db, transaction
from registry.patents.models import Patent
from registry.patents.services import annul_patent
from registry.reference import queries as reference
from registry.reference.models import DictionaryEntry
from registry.reports.services import close_year, reopen_year
from registry.residents.queries import status_changes
from registry.residents.services import annul_status_change, correct_bin
from registry.territories.queries import by_code
from tests.exchange import made
from tests.factories import NOW, bin_number
from tests.patents.conftest import amended, company, exclude, recorded
from tests.people import COMPANY_BIN

DAYS = (date(2026, 1, 31), date(2026, 2, 1), date(2026, 12, 31), date(2028, 1, 1))
LATER = datetime(2030, 1, 1, tzinfo=UTC)


def counted(year: int = 2026) -> dict[str | None, int]:
    """The patents of a year by territory, on its last day; what is kept is first held against the fold."""
    assert list(COUNTED.differences()) == []
    for day in DAYS:
        kept, folded = (
            indicators.overview(SYSTEM, year=year, as_of=day, known_at=known_at) for known_at in (None, LATER)
        )
        for scope, values in kept.by_territory.items():
            assert values[5] == folded.by_territory[scope][5], (day, scope)
    found = indicators.by_territory(SYSTEM, year=year, as_of=date(year, 12, 31))
    return {scope: (values[5].actual or 0) // 100 for scope, values in found.items() if values[5].actual}


def test_a_patent_counts_for_every_territory_of_its_holders_and_once_for_all(database: Flask) -> None:
    here, there = company(COMPANY_BIN), company(bin_number(2), territory="NU", name="Барыс")
    recorded(holders=f"{COMPANY_BIN}=50%;{bin_number(2)}=50%")
    assert counted() == {None: 1, here.territory_id: 1, there.territory_id: 1}


def test_acts_on_companies_and_patents_move_it(database: Flask) -> None:
    entry = company(COMPANY_BIN)
    patent = recorded()
    assert counted() == {None: 1, entry.territory_id: 1}
    exclude(entry, "2026-01-15")
    assert counted() == {}
    with transaction():
        annul_status_change(SYSTEM, status_changes(entry)[0], reason="қате", now=NOW)
    assert counted() == {None: 1, entry.territory_id: 1}
    with transaction():
        correct_bin(SYSTEM, entry, number=bin_number(3), reason="қате", now=NOW)
    assert counted() == {}
    amended(patent, holders=bin_number(3), effective_on=date(2026, 2, 1))
    assert counted() == {None: 1, entry.territory_id: 1}
    amended(patent, holders=bin_number(4), effective_on=date(2026, 6, 1))
    assert counted() == {None: 1, entry.territory_id: 1}, "a patent sold later counts for who held it when registered"
    amended(patent, registered_on=date(2025, 2, 1), published_on=date(2025, 2, 15))
    assert counted() == {}
    assert counted(2025) == {None: 1, entry.territory_id: 1}
    with transaction():
        annul_patent(SYSTEM, patent, reason="қате", now=NOW)
    assert counted(2025) == {}


def test_a_company_entered_later_is_found_by_the_patents_it_held(database: Flask) -> None:
    recorded()
    assert counted() == {}
    entry = company(COMPANY_BIN)
    assert counted() == {None: 1, entry.territory_id: 1}


def test_damage_and_another_dictionary_are_named_and_derived_anew(database: Flask) -> None:
    company(COMPANY_BIN)
    patent = recorded()
    with transaction():
        db.session.execute(sa.delete(PatentCount))
    assert f"patent {patent.id}" in next(COUNTED.differences())
    assert COUNTED.is_missing()
    with transaction():
        assert COUNTED.rebuild() == 1
    assert not COUNTED.is_missing()
    with transaction():
        kinds = DictionaryEntry.dictionary == "ip_kinds", DictionaryEntry.code == "invention"
        db.session.execute(sa.update(DictionaryEntry).where(*kinds).values(counts=False))
    reference.forget()
    assert COUNTED.is_missing(), "init derives anew what the dictionary of kinds has changed"
    with transaction():
        assert COUNTED.rebuild() == 0


def close(territory: str) -> None:
    with transaction():
        close_year(SYSTEM, territory=by_code(territory), year=2026, reason="бекітілді", now=NOW)


def annul(patent: Patent) -> None:
    with transaction():
        annul_patent(SYSTEM, patent, reason="қате", now=NOW)


def test_a_closed_year_keeps_its_patents(database: Flask) -> None:
    """R18: neither a patent nor an act on its holder moves what a closed year counted."""
    entry = company(COMPANY_BIN)
    code = entry.territory.code
    patent = recorded()
    close(code)
    acts: list[Callable[[], object]] = [
        lambda: recorded(title_no="900002", application_no="2024/9002.1"),
        lambda: amended(patent, registered_on=date(2025, 12, 1)),
        lambda: amended(patent, holders="Бөтен ұйым", effective_on=patent.registered_on),
        lambda: exclude(entry, "2026-01-15"),
        lambda: annul(patent),
    ]
    for act in acts:
        with pytest.raises(Conflict, match="the year 2026 is closed") as refused:
            act()
        assert refused.value.field == "year"
        assert counted() == {None: 1, entry.territory_id: 1}
    # What moves no figure of the year is taken: another year, another owner later, a holder who takes no part.
    recorded(title_no="900003", application_no="2024/9003.1", registered_on=date(2025, 6, 1))
    recorded(title_no="900004", application_no="2024/9004.1", holders="Бөтен ұйым")
    amended(patent, holders=bin_number(3), effective_on=date(2026, 3, 1))
    with transaction():
        reopen_year(SYSTEM, territory=by_code(code), year=2026, reason="қате", now=NOW)
    annul(patent)
    assert counted() == {}


def test_a_file_that_dates_a_patent_into_a_closed_year_is_refused(database: Flask) -> None:
    entry = company(COMPANY_BIN)
    close(entry.territory.code)
    rows = [
        made.row("patents", holders=COMPANY_BIN, registered_on="2025-06-02"),
        made.row("patents", holders=COMPANY_BIN, title_no="900005", application_no="2024/9005.1"),
    ]
    ((row, _column, message),) = made.refused("patents", *rows)
    assert (row, message) == (3, "the year 2026 is closed: it takes no reports or corrections until it is reopened")
