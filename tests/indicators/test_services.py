from datetime import UTC, date, datetime

import pytest
import sqlalchemy as sa

from registry.errors import Invalid, NotAllowed
from registry.indicators import queries, services
from registry.indicators.models import ExternalValue, IndicatorTarget
from registry.infra.access import SYSTEM
from registry.infra.db import db, transaction
from registry.journal import queries as journal
from registry.journal.rules import Action
from registry.territories.queries import by_code
from tests.factories import NOW


def plan(
    value, *, actor=SYSTEM, territory="NU", indicator=1, year=2026, act_date=date(2026, 2, 1), now=NOW, act_no="5"
):
    with transaction():
        return services.set_target(
            actor,
            territory=by_code(territory) if territory else None,
            indicator=indicator,
            year=year,
            value=value,
            act_no=act_no,
            act_date=act_date,
            now=now,
        )


def rank(value, *, actor=SYSTEM, year=2026, source="WIPO", edition="GII 2026", now=NOW, effective_on=None):
    with transaction():
        return services.set_external_value(
            actor, year=year, value=value, source=source, edition=edition, now=now, effective_on=effective_on
        )


def target(*, territory="NU", number=1, as_of=date(2026, 10, 5), known_at=None):
    territory_id = by_code(territory).id if territory else None
    found = queries.indicators(SYSTEM, year=2026, territory_id=territory_id, as_of=as_of, known_at=known_at)
    return found[number - 1].as_json()["target"]


def test_a_territorys_plan_is_its_own_and_the_latest_revision_holds(database, staff):
    assert plan(100_00, actor=staff) is not None
    assert target() == "100.00"
    assert target(territory="YAFI") is None
    assert target(territory=None) == "2350000000.00"
    assert plan(150_00, act_date=date(2026, 6, 1), act_no="6") is not None
    assert target() == "150.00"
    assert target(as_of=date(2026, 5, 31)) == "100.00"
    assert target(as_of=date(2026, 1, 31)) is None
    assert plan(150_00, act_date=date(2026, 6, 1), act_no="6") is None
    # A wrong figure is set right by a row of the same act, told apart by the second clock.
    later = datetime(2026, 10, 6, tzinfo=UTC)
    plan(155_00, act_date=date(2026, 6, 1), act_no="6", now=later)
    assert target() == "155.00"
    assert target(known_at=NOW) == "150.00"
    assert plan(None, act_date=date(2026, 10, 5), act_no="7", now=later) is not None
    assert target() is None


def test_a_national_target_can_be_revised(database):
    plan(240_000_000_000, territory=None)
    assert target(territory=None) == "2400000000.00"
    assert target(territory=None, as_of=date(2026, 1, 31)) == "2350000000.00"
    assert target(territory="NU") is None


def test_rows_are_added_and_the_journal_says_who_and_by_which_act(database, staff):
    row = plan(100_00, actor=staff)
    again = plan(120_00, actor=staff, act_no="6")
    assert row.id != again.id
    assert db.session.scalar(sa.select(IndicatorTarget.value).where(IndicatorTarget.id == row.id)) == 100_00
    entries, _total = journal.history(actions=[Action.TARGET_SET])
    latest = entries[0]
    assert (latest.subject_type, latest.subject_id, latest.actor_id) == ("indicator_target", again.id, staff.user_id)
    assert (latest.effective_on, latest.basis_no, latest.basis_date) == (date(2026, 2, 1), "6", date(2026, 2, 1))
    assert latest.changes["value"] == [100_00, 120_00]
    assert latest.recorded_at == again.recorded_at
    assert journal.verify().problem is None


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"value": 0}, "value"),
        ({"value": 150, "indicator": 6}, "value"),
        ({"value": 100, "year": 2036}, "year"),
        ({"value": 100, "act_no": ""}, "act_no"),
        ({"value": 100, "act_date": None}, "act_date"),
        ({"value": 100, "act_date": date(2026, 10, 6)}, "act_date"),
    ],
)
def test_targets_refused(app, values, field):
    with pytest.raises(Invalid) as refused:
        plan(**values)
    assert [name for name, _message in refused.value.problems] == [field]
    assert target() is None


def test_the_rank_is_entered_with_source_and_edition(database, staff):
    row = rank(29_00, actor=staff)
    found = queries.indicators(SYSTEM, year=2026, as_of=date(2026, 10, 5))[1]
    assert found.as_json() == {
        "number": 2,
        "unit": "rank",
        "actual": "29",
        "target": "30",
        "base": None,
        "percent": "103.4",
        "coverage": None,
    }
    assert (found.source, found.edition) == ("WIPO", "GII 2026")
    assert queries.indicators(SYSTEM, year=2025, as_of=date(2026, 10, 5))[1].actual is None
    assert rank(29_00) is None
    assert rank(31_00).id != row.id
    assert queries.external_values(as_of=date(2026, 10, 5))[2026].value == 31_00
    entries, _total = journal.history(actions=[Action.EXTERNAL_VALUE_SET])
    assert entries[0].changes["value"] == [29_00, 31_00]


def test_the_rank_holds_from_the_day_its_edition_came_out(database):
    rank(31_00, year=2025, effective_on=date(2025, 9, 16))
    assert queries.external_values(as_of=date(2025, 9, 16))[2025].value == 31_00
    assert queries.external_values(as_of=date(2025, 9, 15)) == {}
    assert queries.external_values(as_of=date(2026, 9, 15), known_at=datetime(2026, 1, 1, tzinfo=UTC)) == {}


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"value": 0}, "value"),
        ({"value": 201_00}, "value"),
        ({"value": 30_50}, "value"),
        ({"value": 30_00, "source": " "}, "source"),
        ({"value": 30_00, "edition": None}, "edition"),
        ({"value": 30_00, "year": 2024}, "year"),
        ({"value": 30_00, "effective_on": date(2026, 10, 6)}, "effective_on"),
    ],
)
def test_ranks_refused(app, values, field):
    with pytest.raises(Invalid) as refused:
        rank(**values)
    assert [name for name, _message in refused.value.problems] == [field]
    assert db.session.scalar(sa.select(sa.func.count()).select_from(ExternalValue)) == 0


def test_auditors_and_residents_set_nothing(app, auditor, resident_viewer):
    for actor in (auditor, resident_viewer):
        with pytest.raises(NotAllowed):
            plan(100, actor=actor)
        with pytest.raises(NotAllowed):
            rank(30_00, actor=actor)
