"""What may be done to the register, on SQLite and PostgreSQL."""

from datetime import date, timedelta

import pytest

from registry.errors import Conflict, DomainError, Invalid, NotAllowed, NotFound
from registry.infra.access import SYSTEM
from registry.infra.db import db, transaction
from registry.journal import queries as journal
from registry.residents import queries, services
from registry.residents.models import Resident
from registry.residents.rules import Change, Status
from registry.territories.queries import by_code
from tests import factories, people
from tests.factories import NOW, bin_number

DAY = date(2026, 10, 5)


def record_of(entry, **clocks):
    found = queries.records(SYSTEM, ids=[entry.id], **clocks)
    return found[0] if found else None


def test_an_entry_gets_the_next_number_and_is_in_the_journal(database):
    first = factories.resident(bin_number(1))
    second = factories.resident(bin_number(2))
    other = factories.resident(bin_number(3), territory="KURCHATOV", registered_on=date(2026, 2, 1))
    assert [row.register_no[:-2] for row in (first, second, other)] == ["NU-2025-0001", "NU-2025-0002", "KUR-2026-0001"]
    entries, total = journal.history(subjects=[("resident", first.id)])
    assert total == 1
    assert entries[0].effective_on == date(2025, 1, 10)
    assert entries[0].changes["bin"] == [None, bin_number(1)]
    assert journal.verify().problem is None


def test_a_number_is_never_given_twice_not_even_after_annulment(database):
    entry = factories.resident(bin_number(1))
    number = entry.register_no
    with transaction():
        services.annul_resident(SYSTEM, entry, reason="entered in error", now=NOW)
    again = factories.resident(bin_number(1))
    assert again.register_no != number
    with pytest.raises(Conflict) as refusal, transaction():
        services.register_resident(
            SYSTEM,
            territory=by_code("NU"),
            now=NOW,
            values=factories.resident_values(bin_number(2), register_no=number),
        )
    assert refusal.value.field == "register_no"


def test_a_number_from_outside_moves_the_series_on(database):
    taken = factories.resident(bin_number(1), register_no="NU-2025-0005-X")
    following = factories.resident(bin_number(2))
    assert taken.register_no == "NU-2025-0005-X"
    assert following.register_no.startswith("NU-2025-0006-")


def test_every_field_at_fault_is_named_and_nothing_is_written(database):
    with pytest.raises(Invalid) as refusal, transaction():
        services.register_resident(
            SYSTEM,
            territory=by_code("NU"),
            now=NOW,
            values=factories.resident_values("123", trl=12, oked="1", legal_form="club"),
        )
    assert [field for field, _message in refusal.value.problems] == ["bin", "legal_form", "oked", "trl"]
    assert db.session.query(Resident).count() == 0
    assert journal.head().count == 0


def test_one_company_may_be_in_two_territories_but_once_in_each(database):
    factories.resident(bin_number(1), territory="NU")
    factories.resident(bin_number(1), territory="YAFI")
    with pytest.raises(Conflict) as refusal:
        factories.resident(bin_number(1), territory="NU", registered_on=date(2026, 1, 1))
    assert refusal.value.field == "registered_on"


def test_a_company_that_returns_gets_a_new_entry(database):
    first = factories.resident(bin_number(1))
    factories.status_change(first, "excluded", date(2026, 3, 1))
    with pytest.raises(Conflict):
        factories.resident(bin_number(1), registered_on=date(2026, 2, 28))
    second = factories.resident(bin_number(1), registered_on=date(2026, 3, 1))
    assert second.register_no != first.register_no
    assert [row.id for row in queries.participants(SYSTEM, date(2026, 2, 28))] == [first.id]
    assert [row.id for row in queries.participants(SYSTEM, date(2026, 3, 1))] == [second.id]


def test_an_amendment_holds_from_its_day_on(database):
    entry = factories.resident(bin_number(1), name_ru="ТОО «Старое»")
    with transaction():
        services.amend_resident(
            SYSTEM, entry, values={"name_ru": "ТОО «Новое»"}, effective_on=date(2026, 6, 1), now=NOW
        )
    assert entry.name_ru == "ТОО «Новое»"
    assert record_of(entry, as_of=date(2026, 5, 31)).name_ru == "ТОО «Старое»"
    assert record_of(entry, as_of=date(2026, 6, 1)).name_ru == "ТОО «Новое»"


def test_an_older_amendment_recorded_later_does_not_hide_the_newer(database):
    entry = factories.resident(bin_number(1), name_ru="А")
    for name, day in (("В", date(2026, 6, 1)), ("Б", date(2026, 3, 1))):
        with transaction():
            services.amend_resident(SYSTEM, entry, values={"name_ru": name}, effective_on=day, now=NOW)
    assert entry.name_ru == "В"
    names = [record_of(entry, as_of=day).name_ru for day in (date(2026, 2, 1), date(2026, 3, 1), date(2026, 6, 1))]
    assert names == ["А", "Б", "В"]


def test_the_second_clock_tells_a_later_amendment_apart(database):
    entry = factories.resident(bin_number(1), name_ru="А", now=NOW)
    later = NOW + timedelta(days=2)
    with transaction():
        services.amend_resident(SYSTEM, entry, values={"name_ru": "Б"}, effective_on=date(2026, 1, 1), now=later)
    assert record_of(entry, as_of=DAY).name_ru == "Б"
    assert record_of(entry, as_of=DAY, known_at=NOW + timedelta(days=1)).name_ru == "А"


def test_the_decision_is_corrected_from_the_day_of_the_entry(database):
    entry = factories.resident(bin_number(1), decision_no="1")
    with transaction():
        services.amend_resident(SYSTEM, entry, values={"decision_no": "7"}, now=NOW + timedelta(days=1))
    assert record_of(entry, as_of=date(2025, 1, 10)).decision_no == "7"
    assert record_of(entry, as_of=date(2025, 1, 10), known_at=NOW).decision_no == "1"


def test_nothing_changed_leaves_no_entry_in_the_journal(database):
    entry = factories.resident(bin_number(1))
    before = journal.head().count
    with transaction():
        changed = services.amend_resident(
            SYSTEM, entry, values={"name_kk": entry.name_kk, "register_no": None}, now=NOW
        )
    assert changed is False
    assert journal.head().count == before


@pytest.mark.parametrize("day", [date(2025, 1, 9), date(2026, 10, 6)])
def test_an_amendment_stays_between_entry_and_today(app, day):
    entry = factories.resident(bin_number(1))
    with pytest.raises(DomainError) as refusal, transaction():
        services.amend_resident(SYSTEM, entry, values={"name_ru": "Б"}, effective_on=day, now=NOW)
    assert refusal.value.field == "effective_on"


def test_status_follows_dates_not_arrival(database):
    entry = factories.resident(bin_number(1))
    factories.status_change(entry, "suspended", date(2026, 3, 1))
    factories.status_change(entry, "excluded", date(2026, 9, 1))
    factories.status_change(entry, "resumed", date(2026, 5, 1))
    record = record_of(entry)
    assert [record.status_on(day) for day in (date(2026, 2, 1), date(2026, 4, 1), date(2026, 6, 1), DAY)] == [
        Status.ACTIVE,
        Status.SUSPENDED,
        Status.ACTIVE,
        Status.EXCLUDED,
    ]
    with pytest.raises(Invalid) as refusal:
        factories.status_change(entry, "suspended", date(2026, 9, 2))
    assert refusal.value.field == "change"


@pytest.mark.parametrize(
    ("change", "ground", "field"),
    [
        ("suspended", None, "ground"),
        ("suspended", "court", "ground"),
        ("excluded", "non_reporting", "ground"),
        ("excluded", "whim", "ground"),
    ],
)
def test_grounds_must_fit_the_change(app, change, ground, field):
    entry = factories.resident(bin_number(1))
    with pytest.raises(DomainError) as refusal:
        factories.status_change(entry, change, date(2026, 3, 1), ground=ground)
    assert refusal.value.field == field


def test_a_resumption_takes_no_ground(app):
    entry = factories.resident(bin_number(1))
    factories.status_change(entry, "suspended", date(2026, 3, 1))
    with pytest.raises(DomainError) as refusal, transaction():
        services.change_status(
            SYSTEM, entry, change=Change.RESUMED, effective_on=date(2026, 4, 1), ground="breach", now=NOW
        )
    assert refusal.value.field == "ground"


def test_a_change_of_status_is_corrected_from_its_own_day(database):
    entry = factories.resident(bin_number(1))
    item = factories.status_change(entry, "suspended", date(2026, 3, 1), ground="breach")
    with transaction():
        services.correct_status_change(
            SYSTEM, item, values={"ground": "accreditation_lost"}, now=NOW + timedelta(days=1)
        )
    assert record_of(entry, as_of=date(2026, 3, 1)).changes[0].ground == "accreditation_lost"
    assert record_of(entry, as_of=date(2026, 3, 1), known_at=NOW).changes[0].ground == "breach"


def test_an_annulled_change_never_was_but_is_remembered(database):
    entry = factories.resident(bin_number(1))
    item = factories.status_change(entry, "excluded", date(2026, 3, 1))
    with transaction():
        services.annul_status_change(SYSTEM, item, reason="wrong company", now=NOW + timedelta(days=1))
    assert record_of(entry).status_on(DAY) is Status.ACTIVE
    assert record_of(entry, known_at=NOW).status_on(DAY) is Status.EXCLUDED
    assert journal.verify().problem is None


def test_an_annulment_may_not_leave_later_changes_in_the_air(app):
    entry = factories.resident(bin_number(1))
    first = factories.status_change(entry, "suspended", date(2026, 3, 1))
    factories.status_change(entry, "resumed", date(2026, 4, 1))
    with pytest.raises(Conflict), transaction():
        services.annul_status_change(SYSTEM, first, reason="x", now=NOW)


def test_an_entry_others_rest_on_is_not_annulled(app):
    entry = factories.resident(bin_number(1))
    factories.status_change(entry, "suspended", date(2026, 3, 1))
    with pytest.raises(Conflict), transaction():
        services.annul_resident(SYSTEM, entry, reason="x", now=NOW)


def test_a_wrong_number_is_corrected_from_the_day_of_the_entry(database):
    entry = factories.resident(bin_number(1))
    with transaction():
        services.correct_bin(SYSTEM, entry, number=bin_number(2), reason="mistyped", now=NOW + timedelta(days=1))
    assert entry.bin == bin_number(2)
    assert record_of(entry, as_of=date(2025, 1, 10)).bin == bin_number(2)
    assert record_of(entry, as_of=date(2025, 1, 10), known_at=NOW).bin == bin_number(1)
    factories.resident(bin_number(3))
    with pytest.raises(Conflict), transaction():
        services.correct_bin(SYSTEM, entry, number=bin_number(3), reason="mistyped", now=NOW)


def test_personal_data_is_erased_everywhere_and_the_chain_holds(database):
    entry = factories.resident(bin_number(1), head="Демо А.А.", email="a@example.com")
    with transaction():
        services.amend_resident(SYSTEM, entry, values={"email": "b@example.com"}, now=NOW)
    with transaction():
        erased = services.erase_contacts(SYSTEM, entry, reason="on request", now=NOW)
    assert erased == 3
    record = record_of(entry)
    assert (record.head, record.email, entry.email) == (None, None, None)
    stored = db.session.execute(db.text("SELECT changes FROM journal_entry")).scalars().all()
    assert not any("example.com" in text or "Демо А" in text for text in stored)
    assert journal.verify().problem is None


def test_a_sole_entrepreneurs_iin_is_not_in_the_journals_text(app):
    factories.resident("000101399107", legal_form="sole_entrepreneur")
    stored = db.session.execute(db.text("SELECT changes FROM journal_entry")).scalar_one()
    assert "000101399107" not in stored
    assert queries.records(SYSTEM)[0].bin == "000101399107"


@pytest.mark.parametrize("role", ["resident", "auditor"])
def test_who_does_not_keep_the_register_cannot_change_it(app, role):
    with pytest.raises(NotAllowed):
        factories.resident(bin_number(1), actor=people.viewer(role))


def test_a_resident_sees_its_own_entries_only(database, resident_viewer):
    own = factories.resident(people.COMPANY_BIN, registered_on=date(2025, 3, 1))
    other = factories.resident(bin_number(2))
    assert [row.id for row in queries.records(resident_viewer)] == [own.id]
    assert queries.get_resident(own.id, resident_viewer).id == own.id
    with pytest.raises(NotFound):
        queries.get_resident(other.id, resident_viewer)


def test_an_annulled_change_of_status_cannot_be_corrected(database):
    item = factories.status_change(factories.resident(), "suspended", date(2026, 3, 1))
    with transaction():
        services.annul_status_change(SYSTEM, item, reason="wrong company", now=NOW)
    with pytest.raises(Conflict, match="already been annulled"), transaction():
        services.correct_status_change(SYSTEM, item, values={"decision_no": "9"}, now=NOW)
