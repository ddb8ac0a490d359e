"""Notes: who writes and reads them, what is kept, and what leaves the registry."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.exc import DBAPIError

from registry.errors import Conflict, DomainError, NotAllowed
from registry.infra.access import SYSTEM, Viewer
from registry.infra.db import db, transaction
from registry.journal import checked
from registry.journal import queries as journal
from registry.journal.models import JournalEntry, JournalPersonal
from registry.journal.rules import Action
from registry.notes import queries, services
from registry.notes.checked import CHECKED
from registry.notes.models import Note, NoteVersion
from registry.reports.models import ReportingPeriod
from registry.residents import services as residents
from registry.residents.models import Resident
from tests import factories, people
from tests.factories import NOW, bin_number
from tests.pages import PageClient, element_text
from tests.patents.conftest import amended, recorded
from tests.people import COMPANY_BIN
from tests.reports import ready

STAFF_ONLY = "Бухгалтер демалыста, 23-іне дейін"
SHOWN = "Екінші үй-жай көктемнен бастап"


@pytest.fixture
def entry(app: Flask) -> Resident:
    return factories.resident(bin=COMPANY_BIN)


def written(entry: Resident, text: str = STAFF_ONLY, *, role: str = "staff", is_shown: bool = False) -> Note:
    with transaction():
        return services.write(people.viewer(role), entry, text=text, is_shown=is_shown, now=NOW)


def read(entry: Resident, role: str) -> list[str | None]:
    return [note.now.text for note in queries.some(queries.on_record(people.viewer(role), entry), 50)]


def acts() -> list[str]:
    return list(
        db.session.scalars(
            sa.select(JournalEntry.action)
            .where(JournalEntry.subject_type == Note.__tablename__)
            .order_by(JournalEntry.sequence)
        )
    )


def test_each_side_reads_what_it_may(entry: Resident) -> None:
    written(entry)
    written(entry, SHOWN, is_shown=True)
    written(entry, "Жауап", role="resident")
    assert read(entry, "staff") == ["Жауап", SHOWN, STAFF_ONLY]
    assert read(entry, "admin") == ["Жауап", SHOWN, STAFF_ONLY]
    assert read(entry, "resident") == ["Жауап", SHOWN]
    assert read(entry, "auditor") == ["Жауап", SHOWN]


def test_what_the_company_is_shown_is_an_act_and_what_staff_note_is_none(entry: Resident) -> None:
    before = journal.head().count
    written(entry)
    assert journal.head().count == before
    written(entry, SHOWN, is_shown=True)
    assert acts() == [Action.NOTE_SHOWN]
    told = db.session.scalars(sa.select(JournalEntry).order_by(JournalEntry.sequence.desc()).limit(1)).one()
    # The text is a commitment in the chain: a pack has no more of it.
    assert SHOWN not in told.changes
    assert (told.parent_type, told.parent_id) == ("resident", entry.id)


def test_a_correction_keeps_the_old_text(entry: Resident) -> None:
    for is_shown in (False, True):
        note = written(entry, is_shown=is_shown)
        with transaction():
            assert services.correct(people.viewer("admin"), note, text=" Түзетілді ", now=NOW)
            assert not services.correct(people.viewer("admin"), note, text="Түзетілді", now=NOW)
        assert [version.text for version in note.versions] == [STAFF_ONLY, "Түзетілді"]
        assert note.now.written_by == people.IDS["admin"]
    assert acts() == [Action.NOTE_SHOWN, Action.NOTE_CORRECTED]
    assert checked.first_of_each(CHECKED) == []


def test_a_withdrawn_note_leaves_the_page_and_is_kept(entry: Resident) -> None:
    note = written(entry, SHOWN, is_shown=True)
    staff = people.viewer("staff")
    with pytest.raises(DomainError), transaction():
        services.withdraw(staff, note, reason=" ", now=NOW)
    with transaction():
        services.withdraw(staff, note, reason="Қате жазба", now=NOW + timedelta(hours=1))
    assert read(entry, "resident") == []
    withdrawn = queries.some(queries.on_record(people.viewer("resident"), entry, withdrawn=True))
    assert [(each.reason, each.now.text) for each in withdrawn] == [("Қате жазба", SHOWN)]
    assert acts() == [Action.NOTE_SHOWN, Action.NOTE_WITHDRAWN]
    assert checked.first_of_each(CHECKED) == []
    with pytest.raises(Conflict), transaction():
        services.correct(staff, note, text="Тағы", now=NOW)


@pytest.mark.parametrize(("role", "author"), [("resident", "staff"), ("staff", "resident"), ("auditor", "staff")])
def test_nobody_changes_the_other_side_s_note(entry: Resident, role: str, author: str) -> None:
    note = written(entry, role=author, is_shown=True)
    with pytest.raises(NotAllowed), transaction():
        services.correct(people.viewer(role), note, text="Басқа", now=NOW)
    with pytest.raises(NotAllowed), transaction():
        services.withdraw(people.viewer(role), note, reason="Басқа", now=NOW)


def test_an_auditor_writes_none(entry: Resident) -> None:
    with pytest.raises(NotAllowed), transaction():
        services.write(people.viewer("auditor"), entry, text="Жоқ", is_shown=False, now=NOW)


@pytest.mark.parametrize("text", ["", "  \n", "а" * 4001, "а\x00б"])
def test_texts_that_cannot_be_kept_are_refused(entry: Resident, text: str) -> None:
    with pytest.raises(DomainError) as refused, transaction():
        services.write(people.viewer("staff"), entry, text=text, is_shown=False, now=NOW)
    assert refused.value.field == "text"


def test_a_period_s_notes_stay_among_the_staff(app: Flask, client: PageClient, entry: Resident) -> None:
    ready.submitted(entry)
    period = db.session.scalars(sa.select(ReportingPeriod)).first()
    assert period is not None
    with pytest.raises(DomainError) as refused, transaction():
        services.write(people.viewer("staff"), period, text=SHOWN, is_shown=True, now=NOW)
    assert refused.value.field == "is_shown"
    client.sign_in("staff")
    page = client.get("notes.write", kind="reporting_period", record_id=period.id)
    assert "audience" not in page.fields()
    client.submit(page, {"text": "Мерзімі ұзартылды"})
    assert "Мерзімі ұзартылды" in client.get("notes.on_record", kind="reporting_period", record_id=period.id)


def test_the_database_keeps_notes_as_they_were_written(entry: Resident) -> None:
    note = written(entry, SHOWN, is_shown=True)
    for statement in (
        sa.update(NoteVersion).where(NoteVersion.note_id == note.id).values(text="Басқа"),
        sa.update(Note).where(Note.id == note.id).values(is_shown=False),
        sa.delete(NoteVersion).where(NoteVersion.note_id == note.id),
        sa.delete(Note).where(Note.id == note.id),
    ):
        with pytest.raises(DBAPIError), transaction() as session:
            session.execute(statement)


def test_erased_values_leave_notes_too(app: Flask) -> None:
    entry = factories.resident(bin=COMPANY_BIN, phone="+7 701 000 11 22", head="Үлгіев Ү.Ү.")
    written(entry, "Қоңырау шалу: +7 701 000 11 22")
    written(entry, "Үлгіев Ү.Ү. келеді", is_shown=True)
    kept = written(entry)
    with transaction():
        residents.erase_contacts(SYSTEM, entry, reason="Өтініш бойынша", now=NOW)
    assert read(entry, "staff") == [STAFF_ONLY, None, None]
    assert kept.now.text == STAFF_ONLY
    assert journal.verify().problem is None
    assert checked.first_of_each(CHECKED) == []
    values = db.session.scalars(sa.select(JournalPersonal.value).where(JournalPersonal.value.is_not(None)))
    assert not any("Үлгіев" in value for value in values)


def test_notes_of_another_territory_do_not_exist(app: Flask, entry: Resident) -> None:
    note = written(entry, SHOWN, is_shown=True)
    stranger: Viewer = replace(people.viewer("staff"), territory_ids=frozenset({entry.territory_id + 1}))
    assert db.session.scalars(sa.select(Note.id).where(*queries.visible(stranger))).all() == []
    entries, total = journal.history(viewer=stranger, subjects=[("note", note.id)])
    assert (entries, total) == ([], 0)


def test_a_patent_of_two_companies_has_the_notes_of_each(app: Flask, client: PageClient, entry: Resident) -> None:
    other = factories.resident(bin_number(7), territory="YAFI")
    patent = recorded(holders=f"{COMPANY_BIN};{other.bin}")
    ours: Viewer = people.viewer("resident")
    theirs = replace(ours, company_bin=other.bin)
    with transaction():
        note = services.write(theirs, patent, text=SHOWN, is_shown=True, now=NOW)
    # Both read it; only the company that wrote it corrects or withdraws it, and it stands with its own entry.
    assert note.resident_id == other.id
    assert queries.get_note(note.id, ours) is note
    for change in (
        lambda: services.correct(ours, note, text="Басқа", now=NOW),
        lambda: services.withdraw(ours, note, reason="Басқа", now=NOW),
    ):
        with pytest.raises(NotAllowed), transaction():
            change()
    client.sign_in("resident")
    page = client.get("notes.on_record", kind="patent", record_id=patent.id)
    assert SHOWN in page
    assert not page.all("a", href=f"/notes/{note.id}/correct")
    client.get("notes.correct", note_id=note.id, expect=403)
    client.get("notes.withdraw", note_id=note.id, expect=403)
    with transaction():
        assert services.correct(theirs, note, text="Түзетілді", now=NOW)


def test_staff_read_what_they_wrote_on_a_patent_held_in_two_territories(app: Flask, entry: Resident) -> None:
    other = factories.resident(bin_number(7), territory="YAFI")
    patent = recorded(holders=f"{COMPANY_BIN};{other.bin}")
    there = replace(people.viewer("staff"), territory_ids=frozenset({other.territory_id}))
    with transaction():
        note = services.write(there, patent, text=STAFF_ONLY, is_shown=False, now=NOW)
    assert queries.some(queries.on_record(there, patent)) == [note]
    # Once it is sold to the other territory, notes are still kept with the company that held it here.
    amended(patent, holders=COMPANY_BIN)
    with transaction():
        later = services.write(there, patent, text=STAFF_ONLY, is_shown=False, now=NOW)
    assert (later.resident_id, later.territory_id) == (other.id, other.territory_id)
    here = replace(there, territory_ids=frozenset({entry.territory_id}))
    assert queries.some(queries.on_record(here, patent)) == []


def test_a_short_name_that_is_erased_takes_no_other_notes_with_it(app: Flask) -> None:
    entry = factories.resident(bin=COMPANY_BIN, head="Ли")
    kept = written(entry, "Если договор продлят, сәуірде келісім")
    named = written(entry, "Ли: келеді")
    with transaction():
        residents.erase_contacts(SYSTEM, entry, reason="Өтініш бойынша", now=NOW)
    assert (kept.now.text, named.now.text) == ("Если договор продлят, сәуірде келісім", None)


def test_erasure_stays_within_the_territories_of_whoever_erases(app: Flask) -> None:
    entry = factories.resident(bin=COMPANY_BIN, head="Үлгіев Ү.Ү.")
    foreign = written(factories.resident(bin_number(7), territory="YAFI"), "Үлгіев Ү.Ү. келеді", is_shown=True)
    own = written(entry, "Үлгіев Ү.Ү. келеді", is_shown=True)
    admin = replace(people.viewer("admin"), territory_ids=frozenset({entry.territory_id}))
    with transaction():
        residents.erase_contacts(admin, entry, reason="Өтініш бойынша", now=NOW)
    assert (own.now.text, foreign.now.text) == (None, "Үлгіев Ү.Ү. келеді")


# --- pages ---


def test_a_text_is_shown_as_that_of_whoever_wrote_it(client: PageClient, entry: Resident) -> None:
    note = written(entry)
    with transaction():
        services.correct(people.viewer("admin"), note, text="Түзетілді & толықтырылды", now=NOW + timedelta(days=1))
    client.sign_in("staff")
    for target, values in (
        ("notes.on_record", {"kind": "resident", "record_id": entry.id}),
        ("residents.show", {"resident_id": entry.id}),
    ):
        page = client.get(target, **values)
        (by,) = [element_text(each) for each in page.all("p", class_="note-by") if "Admin" in element_text(each)]
        assert by.startswith("Staff, ")
        assert "; corrected: Admin, " in by


def test_staff_write_beside_the_card_and_the_company_answers(client: PageClient, entry: Resident) -> None:
    client.sign_in("staff")
    page = client.get("residents.show", resident_id=entry.id)
    client.submit(page, {"text": STAFF_ONLY}, action=f"/notes/resident/{entry.id}/write")
    page = client.get("residents.show", resident_id=entry.id)
    assert STAFF_ONLY in page
    page = client.get("notes.write", kind="resident", record_id=entry.id)
    client.submit(page, {"text": SHOWN, "audience": "company"})
    client.sign_out()
    client.sign_in("resident")
    page = client.get("residents.show", resident_id=entry.id)
    assert SHOWN in page
    assert STAFF_ONLY not in page.html
    client.submit(page, {"text": "Рақмет"}, action=f"/notes/resident/{entry.id}/write")
    page = client.get("notes.of_resident", resident_id=entry.id)
    assert "Рақмет" in page
    assert STAFF_ONLY not in page.html
    # The history across registers has what was shown, and nothing of the others.
    page = client.get("residents.history", resident_id=entry.id)
    assert SHOWN in page
    assert STAFF_ONLY not in page.html
    client.sign_out()
    client.sign_in("auditor")
    for address in ("residents.show", "residents.history", "notes.of_resident"):
        page = client.get(address, resident_id=entry.id)
        assert STAFF_ONLY not in page.html


def test_an_empty_note_comes_back_with_its_reason(client: PageClient, entry: Resident) -> None:
    client.sign_in("staff")
    page = client.get("notes.write", kind="resident", record_id=entry.id)
    answer = client.submit(page, {"text": " ", "audience": "company"}, expect=422)
    assert answer.fields()["audience"] == "company"
    assert answer.all("div", class_="field-error")


def test_foreign_notes_and_records_are_not_found(client: PageClient, entry: Resident) -> None:
    other = factories.resident()
    foreign = written(other, SHOWN, is_shown=True)
    secret = written(entry)
    client.sign_in("resident")
    client.get("notes.on_record", kind="resident", record_id=other.id, expect=404)
    client.get("notes.write", kind="resident", record_id=other.id, expect=404)
    client.get("notes.of_resident", resident_id=other.id, expect=404)
    for note in (foreign, secret):
        client.get("notes.correct", note_id=note.id, expect=404)
        client.get("notes.withdraw", note_id=note.id, expect=404)
    client.get("notes.on_record", kind="user_account", record_id=1, expect=404)


def test_versions_and_withdrawn_notes_stand_on_the_page_of_the_notes(client: PageClient, entry: Resident) -> None:
    note = written(entry)
    client.sign_in("staff")
    page = client.get("notes.correct", note_id=note.id)
    client.submit(page, {"text": "Жаңа мәтін"})
    page = client.get("notes.on_record", kind="resident", record_id=entry.id)
    assert "Жаңа мәтін" in page
    assert STAFF_ONLY in page
    client.submit(client.get("notes.withdraw", note_id=note.id), {"reason": "Қате"})
    page = client.get("notes.on_record", kind="resident", record_id=entry.id)
    assert any("1 note withdrawn" in element_text(each) for each in page.all("summary"))
    client.get("notes.correct", note_id=note.id, expect=404)
