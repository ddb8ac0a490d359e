"""Acts on the patent register, on both databases: what they store, when it takes effect, what they refuse."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
import sqlalchemy as sa

from registry.errors import Conflict, DomainError, Invalid, NotAllowed, NotFound
from registry.infra.access import SYSTEM
from registry.infra.db import db, transaction
from registry.journal import queries as journal
from registry.journal.derived import derived
from registry.journal.models import JournalPersonal
from registry.journal.rules import Action
from registry.journal.services import record, replay
from registry.patents import queries, rules, services
from registry.patents.models import Patent, PatentEventState, PatentHolder, PatentHolderState, PatentState
from tests.factories import NOW, bin_number
from tests.patents.conftest import amended, application_values, applied, patent_values, recorded
from tests.people import COMPANY_BIN

PERSON = "990231300000"


def history(patent):
    return list(reversed(journal.history(subjects=[("patent", patent.id)])[0]))


def holder_rows(patent):
    rows = db.session.execute(
        sa.select(PatentHolder.position, PatentHolder.bin, PatentHolder.name, PatentHolder.share)
        .where(PatentHolder.patent_id == patent.id)
        .order_by(PatentHolder.position)
    )
    return [tuple(row) for row in rows]


def agrees_with_journal(patent):
    db.session.refresh(patent)
    told = journal.state_of(patent)
    assert told is not None
    assert {name: told.values.get(name) for name in rules.FIELDS} == {
        name: getattr(patent, name) for name in rules.FIELDS
    }
    assert rules.print_holders(rules.Holder(*row[1:]) for row in holder_rows(patent)) == on(None, patent).holders
    assert journal.verify().problem is None
    assert [found for item in derived() for found in item.differences()] == []
    return True


def on(day, patent):
    found = queries.records(SYSTEM, as_of=day and date.fromisoformat(day), ids=[patent.id])
    return found[0] if found else None


def test_a_patent_is_recorded_from_its_registration_on(database):
    patent = recorded(holders=f" {COMPANY_BIN} = 60.0% ; Outside Holder Ltd", ipc="A61K 51/00 ; G21G 4/08")
    assert (patent.holders, patent.ipc) == (f"{COMPANY_BIN}=60%;Outside Holder Ltd", "A61K 51/00;G21G 4/08")
    assert holder_rows(patent) == [(1, COMPANY_BIN, None, 6000), (2, None, "Outside Holder Ltd", None)]
    (act,) = history(patent)
    assert (act.action, act.effective_on) == (Action.PATENT_RECORDED, date(2026, 2, 1))
    assert on("2026-01-31", patent) is None
    assert on("2026-02-01", patent).title_no == "36123"
    assert agrees_with_journal(patent)


def test_an_application_is_recorded_from_its_filing_on(database):
    patent = applied()
    assert history(patent)[0].effective_on == date(2024, 3, 1)
    assert on("2024-02-29", patent) is None
    assert on("2024-03-01", patent).registered_on is None


def test_a_grant_takes_effect_on_the_day_of_registration(database):
    patent = applied()
    with transaction():
        services.grant_patent(
            SYSTEM,
            patent,
            now=NOW,
            values={"title_no": "36123", "registered_on": date(2026, 2, 1), "published_on": date(2026, 2, 15)},
        )
    act = history(patent)[-1]
    assert (act.action, act.effective_on) == (Action.PATENT_GRANTED, date(2026, 2, 1))
    assert act.changes["title_no"] == [None, "36123"]
    assert on("2026-01-31", patent).title_no is None
    assert on("2026-02-01", patent).title_no == "36123"
    assert agrees_with_journal(patent)
    with pytest.raises(Conflict, match="registered already"), transaction():
        services.grant_patent(SYSTEM, patent, now=NOW, values={"registered_on": date(2026, 3, 1)})


def test_a_grant_needs_its_date(database):
    patent = applied()
    with pytest.raises(Invalid) as refused, transaction():
        services.grant_patent(SYSTEM, patent, now=NOW, values={"title_no": "36123"})
    assert refused.value.field == "registered_on"


def test_a_first_registration_by_amendment_is_the_grant_with_all_it_says(database):
    other = bin_number(5)
    patent = applied()
    assert amended(patent, **patent_values(holders=other, name_kk="Жаңа атау", filed_on="2024-03-02"))
    assert [act.action for act in history(patent)] == [
        Action.PATENT_RECORDED,
        Action.PATENT_AMENDED,
        Action.PATENT_GRANTED,
    ]
    assert on("2024-03-01", patent) is None  # the filing date was corrected
    assert (on("2026-01-31", patent).holders, on("2026-02-01", patent).holders) == (COMPANY_BIN, other)
    assert agrees_with_journal(patent)


def test_a_grant_older_than_an_amendment_does_not_lose_what_it_says(database, later):
    patent = applied()
    assert amended(patent, name_kk="Аралық атау")
    assert amended(patent, now=later, name_kk="Соңғы атау", registered_on=date(2026, 2, 1), title_no="36123")
    assert patent.name_kk == "Соңғы атау"
    assert on("2026-02-01", patent).name_kk == "Соңғы атау"
    assert agrees_with_journal(patent)


def test_an_amendment_takes_effect_the_day_it_is_made(database):
    patent = recorded()
    assert amended(patent, holders=f"{COMPANY_BIN}=50%;{bin_number(5)}=50%", name_en="Method")
    acts = history(patent)[1:]
    assert [act.action for act in acts] == [Action.PATENT_AMENDED, Action.PATENT_EVENT_RECORDED]
    assert {act.effective_on for act in acts} == {date(2026, 10, 5)}
    assert on("2026-10-04", patent).holders == COMPANY_BIN
    assert on("2026-10-05", patent).name_en == "Method"
    assert holder_rows(patent) == [(1, COMPANY_BIN, None, 5000), (2, bin_number(5), None, 5000)]
    assert amended(patent, holders=bin_number(5))
    assert holder_rows(patent) == [(1, bin_number(5), None, None)]
    assert agrees_with_journal(patent)


def test_an_amendment_may_name_an_earlier_day(database):
    patent = recorded()
    assert amended(patent, effective_on=date(2026, 5, 1), holders=bin_number(5))
    assert (on("2026-04-30", patent).holders, on("2026-05-01", patent).holders) == (COMPANY_BIN, bin_number(5))
    assert agrees_with_journal(patent)
    for day, word in ((date(2026, 1, 31), "before the patent"), (date(2026, 10, 6), "after today")):
        with pytest.raises(DomainError, match=word) as refused:
            amended(patent, effective_on=day, holders=bin_number(6))
        assert refused.value.field == "effective_on"


def test_the_same_values_leave_no_trace(database):
    patent = recorded(holders=f"{COMPANY_BIN}=60%;Outside")
    same = patent_values(holders=f"{COMPANY_BIN} = 60.00% ; Outside", ipc="A61K 51/00; G21G 4/08", name_en="")
    assert not amended(patent, **same)
    assert len(history(patent)) == 1


@pytest.mark.parametrize("registered_on", [date(2025, 12, 1), date(2026, 9, 1), date(2026, 12, 1)])
def test_another_registration_date_corrects_the_act_that_set_it(database, registered_on):
    patent = recorded(published_on=None)
    assert amended(patent, registered_on=registered_on)
    first, act = history(patent)
    assert (act.corrects, act.effective_on) == (first.sequence, registered_on)
    assert on(registered_on.isoformat(), patent).registered_on == registered_on
    assert on("2026-02-01", patent) is None or registered_on < date(2026, 2, 1)
    assert agrees_with_journal(patent)


@pytest.mark.parametrize("registered_on", [date(2025, 12, 1), date(2026, 9, 1), date(2026, 12, 1)])
def test_another_date_of_a_grant_corrects_the_grant(database, registered_on):
    patent = applied()
    amended(patent, registered_on=date(2026, 2, 1), title_no="36123")
    amended(patent, title_no="36124")
    assert amended(patent, registered_on=registered_on)
    assert (patent.registered_on, patent.title_no) == (registered_on, "36124")
    correction = next(act for act in history(patent) if act.corrects)
    assert (correction.corrects, correction.effective_on) == (history(patent)[1].sequence, registered_on)
    assert on("2024-03-01", patent).registered_on is None
    assert on(registered_on.isoformat(), patent).registered_on == registered_on
    assert agrees_with_journal(patent)


def test_a_registration_taken_back_and_given_again(database):
    patent = applied()
    amended(patent, registered_on=date(2026, 2, 1))
    amended(patent, registered_on=None)
    assert patent.registered_on is None
    assert on("2026-03-01", patent).registered_on is None
    amended(patent, registered_on=date(2025, 12, 1))
    assert on("2025-12-01", patent).registered_on == date(2025, 12, 1)
    assert agrees_with_journal(patent)
    second = recorded(title_no=None, published_on=None, application_no="2024/0999.1")
    amended(second, registered_on=None)
    assert on("2024-03-01", second).registered_on is None
    amended(second, registered_on=date(2026, 3, 1))
    assert on("2026-02-28", second) is None
    assert agrees_with_journal(second)


def test_another_filing_date_of_an_application_corrects_its_record(database):
    patent = applied()
    assert amended(patent, filed_on=date(2024, 6, 1))
    assert on("2024-05-31", patent) is None
    assert on("2024-06-01", patent).filed_on == date(2024, 6, 1)
    assert agrees_with_journal(patent)


def test_an_amendment_of_a_patent_registered_ahead_is_not_lost(database):
    patent = applied()
    amended(patent, registered_on=date(2026, 12, 1), title_no="36123")
    amended(patent, title_no="36124")
    assert patent.title_no == "36124"
    assert agrees_with_journal(patent)
    ahead = recorded(title_no="40000", application_no=None, registered_on="2026-12-01", published_on=None)
    amended(ahead, name_en="Method")
    assert on("2026-12-01", ahead).name_en == "Method"


def test_both_clocks(database, later):
    patent = recorded()
    before = datetime(2026, 10, 6, tzinfo=UTC)
    amended(patent, now=later, registered_on=date(2026, 1, 15))
    (then,) = queries.records(SYSTEM, known_at=before)
    (now,) = queries.records(SYSTEM)
    assert (then.registered_on, now.registered_on) == (date(2026, 2, 1), date(2026, 1, 15))
    assert queries.records(SYSTEM, known_at=datetime(2026, 10, 1, tzinfo=UTC)) == []


def test_a_file_about_the_application_does_not_take_the_title_away(database):
    patent = recorded()
    assert not amended(patent, **application_values())
    assert amended(patent, **application_values(name_en="Method"))
    assert (patent.title_no, patent.registered_on, patent.name_en) == ("36123", date(2026, 2, 1), "Method")


def test_office_and_kind_are_not_amended(database):
    patent = recorded()
    assert not amended(patent, **patent_values(office="EA", kind="utility_model"))
    assert (patent.office, patent.kind) == ("KZ", "invention")


def test_an_annulled_patent_leaves_its_number_free(database):
    patent = recorded()
    for reason in ("", "  "):
        with pytest.raises(DomainError) as refused, transaction():
            services.annul_patent(SYSTEM, patent, reason=reason, now=NOW)
        assert refused.value.field == "reason"
    with transaction():
        services.annul_patent(SYSTEM, patent, reason="екі рет енгізілген", now=NOW)
    assert patent.annulled_at == NOW
    assert (history(patent)[-1].action, history(patent)[-1].reason) == (Action.PATENT_ANNULLED, "екі рет енгізілген")
    assert queries.records(SYSTEM) == []
    assert queries.find_patent("KZ", "invention", "36123", "2024/0123.1") is None
    with pytest.raises(Conflict, match="annulled"):
        amended(patent, name_en="Method")
    with pytest.raises(Conflict, match="annulled"), transaction():
        services.annul_patent(SYSTEM, patent, reason="тағы", now=NOW)
    assert recorded().id != patent.id


@pytest.mark.parametrize(
    ("first", "second", "field"),
    [
        ({}, {"application_no": "2024/0124.1"}, "title_no"),
        ({}, {"title_no": "36124"}, "application_no"),  # an application leads to one title
        ({}, {"office": "EA"}, None),
        ({}, {"kind": "utility_model"}, None),
        ({}, {"title_no": None, "registered_on": None, "published_on": None}, "application_no"),
        ({"title_no": None, "registered_on": None, "published_on": None}, {}, "application_no"),
        (
            {"title_no": None, "registered_on": None, "published_on": None},
            {"title_no": None, "registered_on": None, "published_on": None},
            "application_no",
        ),
        ({"application_no": None}, {"application_no": None, "title_no": "36124"}, None),
    ],
)
def test_numbers_stand_once(app, first, second, field):
    recorded(**first)
    if field is None:
        recorded(**second)
        assert len(queries.records(SYSTEM)) == 2
    else:
        with pytest.raises(Conflict) as refused:
            recorded(**second)
        assert refused.value.field == field


def test_an_amendment_cannot_take_another_patents_number(app):
    recorded()
    other = recorded(title_no="36124", application_no="2024/0124.1")
    application = applied(application_no="2024/0125.1")
    cases: list[tuple[Patent, dict[str, Any], str]] = [
        (other, {"title_no": "36123"}, "title_no"),
        (other, {"application_no": "2024/0125.1"}, "application_no"),
        (application, {"application_no": "2024/0124.1"}, "application_no"),
        (application, {"title_no": "36124", "registered_on": date(2026, 3, 1)}, "title_no"),
    ]
    for patent, changes, field in cases:
        with pytest.raises(Conflict) as refused:
            amended(patent, **changes)
        assert refused.value.field == field


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"holders": "260140991077"}, "holders"),
        ({"ipc": "X"}, "ipc"),
        ({"kind": "idea"}, "kind"),
        ({"registered_on": "2024-02-01"}, "registered_on"),
        ({"filed_on": None}, "filed_on"),
    ],
)
def test_refusals_name_the_field(app, changes, field):
    with pytest.raises(Invalid) as refused:
        recorded(**changes)
    assert [name for name, _message in refused.value.problems] == [field]
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Patent)) == 0
    patent = recorded()
    if field != "kind":
        with pytest.raises(Invalid) as refused:
            amended(patent, **{name: patent_values(**changes)[name] for name in changes})
        assert refused.value.field == field


def test_persons_stand_in_the_journal_as_commitments(database):
    def personal(patent):
        return {
            (row.sequence - history(patent)[0].sequence, row.field)
            for row in db.session.scalars(sa.select(JournalPersonal))
        }

    patent = recorded()
    assert personal(patent) == {(0, "authors")}
    amended(patent, holders=f"{COMPANY_BIN};{PERSON}")
    amended(patent, holders=COMPANY_BIN)
    assert personal(patent) == {(0, "authors"), (1, "holders"), (2, "holders")}
    assert agrees_with_journal(patent)


@pytest.mark.parametrize("role", ["auditor", "resident_viewer"])
def test_who_may_not(app, role, request):
    actor = request.getfixturevalue(role)
    patent = recorded()
    for act in (
        lambda: services.record_patent(actor, values=patent_values(), now=NOW),
        lambda: services.amend_patent(actor, patent, values={}, now=NOW),
        lambda: services.grant_patent(actor, patent, values={}, now=NOW),
        lambda: services.annul_patent(actor, patent, reason="x", now=NOW),
    ):
        with pytest.raises(NotAllowed), transaction():
            act()


# --- holders over time ------------------------------------------------------------------------------------------------

OTHER, THIRD = bin_number(5), bin_number(6)


def transferred(patent, day, holders=OTHER, *, now=NOW, document_no=None):
    with transaction():
        return services.record_transfer(
            SYSTEM, patent, event_on=date.fromisoformat(day), holders=holders, document_no=document_no, now=now
        )


def corrected(patent, day, **values):
    with transaction():
        return services.correct_transfer(
            SYSTEM, patent, date.fromisoformat(day), values=values, now=NOW, reason="typed wrong"
        )


def annulled(patent, day, reason="wrong patent"):
    with transaction():
        services.annul_transfer(SYSTEM, patent, date.fromisoformat(day), reason=reason, now=NOW)


def over_time(patent):
    found = queries.record_of(patent).over_time
    return [found.registered, *((item.event_on.isoformat(), item.holders) for item in found.transfers)]


def old_amendment(patent, day, now=NOW, **values):
    """An amendment of the record as it was made before transfers were acts of their own."""
    changes = {name: (getattr(patent, name), value) for name, value in values.items()}
    with transaction():
        record(SYSTEM, Action.PATENT_AMENDED, patent, changes, now=now, effective_on=date.fromisoformat(day))
        replay(patent)
        patent.holder_rows = [
            PatentHolder(position=number, bin=holder.bin, name=holder.name, share=holder.share)
            for number, holder in enumerate(rules.parse_holders(patent.holders), start=1)
        ]


def test_a_transfer_holds_from_its_day_on_and_leaves_the_registration_as_it_is(database):
    patent = recorded()
    event = transferred(patent, "2026-06-01", f"{OTHER} = 60.0% ; Outside Holder Ltd = 40%", document_no="77")
    assert (event.holders, event.document_no) == (f"{OTHER}=60%;Outside Holder Ltd=40%", "77")
    act = history(patent)[-1]
    assert (act.action, act.effective_on, act.subject_type) == (
        Action.PATENT_EVENT_RECORDED,
        date(2026, 6, 1),
        "patent_event",
    )
    before, after = on("2026-05-31", patent), on("2026-06-01", patent)
    assert (before.holders, after.holders) == (COMPANY_BIN, f"{OTHER}=60%;Outside Holder Ltd=40%")
    assert before.registered_holders == after.registered_holders == patent.holders == COMPANY_BIN
    transferred(patent, "2026-04-01", THIRD)
    assert over_time(patent) == [COMPANY_BIN, ("2026-04-01", THIRD), ("2026-06-01", event.holders)]
    assert agrees_with_journal(patent)


def test_what_a_transfer_needs(database):
    patent, application = recorded(), applied(application_no="2025/0001.1")
    for row, day, holders, field, words in (
        (patent, "2026-02-01", OTHER, "event_on", "later than the registration"),
        (patent, "2026-03-01", "", "holders", "required"),
        (patent, "2026-03-01", f"{OTHER}=60%;{THIRD}=60%", "holders", "more than 100"),
        (application, "2026-03-01", OTHER, "title_no", "no date of registration"),
    ):
        with pytest.raises(Invalid, match=words) as refused:
            transferred(row, day, holders)
        assert refused.value.field == field
    transferred(patent, "2026-03-01")
    with pytest.raises(Conflict) as conflict:
        transferred(patent, "2026-03-01", THIRD)
    assert conflict.value.field == "event_on"
    assert over_time(patent) == [COMPANY_BIN, ("2026-03-01", OTHER)]


def test_a_transfer_is_corrected_and_annulled(database, later):
    patent = recorded()
    transferred(patent, "2026-06-01", document_no="77")
    assert corrected(patent, "2026-06-01", holders=THIRD, document_no="78")
    act = history(patent)[-1]
    assert (act.action, act.effective_on, act.reason) == (
        Action.PATENT_EVENT_CORRECTED,
        date(2026, 6, 1),
        "typed wrong",
    )
    assert over_time(patent) == [COMPANY_BIN, ("2026-06-01", THIRD)]
    assert not corrected(patent, "2026-06-01", holders=f" {THIRD} ", document_no="78")
    assert agrees_with_journal(patent)
    with pytest.raises(DomainError) as refused:
        annulled(patent, "2026-06-01", " ")
    assert refused.value.field == "reason"
    annulled(patent, "2026-06-01")
    assert over_time(patent) == [COMPANY_BIN]
    assert agrees_with_journal(patent)
    for act_on in (annulled, corrected):
        with pytest.raises(NotFound):
            act_on(patent, "2026-06-01")
    transferred(patent, "2026-06-01", OTHER, now=later)
    assert over_time(patent) == [COMPANY_BIN, ("2026-06-01", OTHER)]
    assert queries.records(SYSTEM, known_at=datetime(2026, 10, 10, tzinfo=UTC))[0].holders == COMPANY_BIN


def test_holders_amended_from_the_day_of_registration_correct_it(database):
    patent = recorded()
    transferred(patent, "2026-06-01")
    assert amended(patent, effective_on=date(2026, 2, 1), holders=THIRD)
    assert over_time(patent) == [THIRD, ("2026-06-01", OTHER)]
    # The holders of today are what a form shows, and no change of another day.
    assert not amended(patent, effective_on=date(2026, 2, 1), holders=OTHER)
    assert amended(patent, registered_on=date(2026, 1, 15))
    assert over_time(patent) == [THIRD, ("2026-06-01", OTHER)]
    assert amended(patent, effective_on=date(2026, 6, 1), holders=COMPANY_BIN)
    assert over_time(patent) == [THIRD, ("2026-06-01", COMPANY_BIN)]
    assert agrees_with_journal(patent)


def test_holders_of_a_granted_application_are_corrected_from_the_grant_on(database):
    patent = applied()
    amended(patent, registered_on=date(2026, 2, 1), title_no="36123")
    assert amended(patent, effective_on=date(2026, 2, 1), holders=OTHER)
    assert over_time(patent) == [OTHER]
    assert (on("2026-01-31", patent).holders, on("2026-02-01", patent).holders) == (COMPANY_BIN, OTHER)
    assert agrees_with_journal(patent)


def test_a_patent_never_loses_its_holders(database):
    patent = recorded()
    with pytest.raises(Invalid) as refused:
        amended(patent, holders=None)
    assert refused.value.field == "holders"


@pytest.mark.parametrize("registered_on", [None, date(2026, 6, 1)])
def test_the_registration_stays_before_the_transfers(database, registered_on):
    patent = recorded(published_on=None)
    transferred(patent, "2026-06-01")
    with pytest.raises(Invalid, match="2026-06-01") as refused:
        amended(patent, registered_on=registered_on)
    assert refused.value.field == "registered_on"


def test_amendments_of_holders_made_before_there_were_transfers_count_as_such(database):
    patent = recorded()
    old_amendment(patent, "2026-05-01", holders=OTHER)
    old_amendment(patent, "2026-06-01", holders=OTHER, name_en="Method")
    old_amendment(patent, "2026-07-01", holders=THIRD, name_en="Way")
    assert over_time(patent) == [COMPANY_BIN, ("2026-05-01", OTHER), ("2026-07-01", THIRD)]
    assert agrees_with_journal(patent)
    transferred(patent, "2026-06-15", COMPANY_BIN)
    assert over_time(patent)[1:] == [("2026-05-01", OTHER), ("2026-06-15", COMPANY_BIN), ("2026-07-01", THIRD)]
    # Corrected and annulled like any transfer, so long as the act says nothing else.
    assert corrected(patent, "2026-05-01", holders=f"{OTHER}=50%;{THIRD}=50%")
    assert over_time(patent)[1] == ("2026-05-01", f"{OTHER}=50%;{THIRD}=50%")
    with pytest.raises(Conflict) as refused:
        corrected(patent, "2026-05-01", document_no="1")
    assert refused.value.field == "document_no"
    with pytest.raises(Conflict, match="other fields"):
        annulled(patent, "2026-07-01")
    annulled(patent, "2026-05-01")
    assert on("2026-05-31", patent).holders == COMPANY_BIN
    assert agrees_with_journal(patent)
    # By the registration it is the registration's; what an application was amended to later is a transfer.
    granted = applied(application_no="2025/1")
    old_amendment(granted, "2026-03-01", holders=OTHER)
    amended(granted, registered_on=date(2026, 2, 1), title_no="500")
    assert over_time(granted) == [COMPANY_BIN, ("2026-03-01", OTHER)]


def old_grant(patent, day, **values):
    """A grant as it was recorded before the day was always told with its holders."""
    changes = {"registered_on": (None, date.fromisoformat(day)), "title_no": (None, "500")}
    changes |= {name: (getattr(patent, name), value) for name, value in values.items()}
    with transaction():
        record(SYSTEM, Action.PATENT_GRANTED, patent, changes, now=NOW, effective_on=date.fromisoformat(day))
        replay(patent)


def test_a_day_of_registration_told_before_without_its_holders_is_corrected(database):
    patent = applied()
    old_amendment(patent, "2026-01-05", holders=OTHER)
    old_amendment(patent, "2026-01-10", holders=THIRD)
    old_amendment(patent, "2026-03-01", holders=OTHER)
    old_grant(patent, "2026-02-01")
    assert over_time(patent) == [THIRD, ("2026-03-01", OTHER)]
    # What was of the application stays so, what was a transfer is one.
    for day in ("2026-01-01", "2026-02-20", "2025-12-01"):
        assert amended(patent, registered_on=date.fromisoformat(day))
        assert over_time(patent) == [THIRD, ("2026-03-01", OTHER)]
        assert agrees_with_journal(patent)
    annulled(patent, "2026-03-01")
    assert over_time(patent) == [THIRD]
    assert agrees_with_journal(patent)


def test_amendments_of_an_application_told_before_its_grant_with_holders_are_no_transfers(database):
    patent = applied()
    old_amendment(patent, "2026-03-01", holders=OTHER)
    old_amendment(patent, "2026-04-01", holders=THIRD)
    record_of_transfer = journal.state_of(patent).acts[-1]
    old_grant(patent, "2026-02-01", holders=OTHER)
    assert over_time(patent) == [OTHER]
    transferred(patent, "2026-02-10", COMPANY_BIN)
    assert over_time(patent) == [OTHER, ("2026-02-10", COMPANY_BIN)]
    # One that somebody corrected as the transfer it was shown as is kept as one.
    with transaction():
        changes = {"holders": (THIRD, f"{THIRD};{OTHER}")}
        details = {"now": NOW, "effective_on": date(2026, 4, 1), "corrects": record_of_transfer.sequence}
        record(SYSTEM, Action.PATENT_EVENT_CORRECTED, patent, changes, **details)
        replay(patent)
    assert over_time(patent)[1:] == [("2026-02-10", COMPANY_BIN), ("2026-04-01", f"{THIRD};{OTHER}")]


def test_a_registration_given_again_has_the_holders_it_had(database):
    patent = applied()
    amended(patent, registered_on=date(2026, 2, 1), title_no="500", holders=OTHER)
    amended(patent, registered_on=None)
    amended(patent, registered_on=date(2026, 1, 15))
    assert over_time(patent) == [OTHER]
    amended(patent, registered_on=None)
    amended(patent, registered_on=date(2026, 1, 10), holders=THIRD)
    assert over_time(patent) == [THIRD]
    assert agrees_with_journal(patent)


def test_a_registry_of_a_release_before_the_state_tables_gets_them(database):
    patent = recorded(holders=f"{COMPANY_BIN}=60%;Outside Holder Ltd=40%")
    old_amendment(patent, "2026-05-01", holders=OTHER)
    transferred(patent, "2026-06-01", THIRD)
    corrected(patent, "2026-06-01", holders=COMPANY_BIN)
    before = queries.records(SYSTEM, as_of=date(2026, 5, 1))
    with transaction() as session:
        for table in (PatentState, PatentHolderState, PatentEventState):
            session.execute(sa.delete(table))
        assert [item.name for item in derived() if item.is_missing()] == [
            "patent_state",
            "patent_holder_state",
            "patent_event_state",
            "patent_holder",
        ]
        for item in derived():
            item.rebuild()
    assert queries.records(SYSTEM, as_of=date(2026, 5, 1)) == before
    assert over_time(patent) == [
        f"{COMPANY_BIN}=60%;Outside Holder Ltd=40%",
        ("2026-05-01", OTHER),
        ("2026-06-01", COMPANY_BIN),
    ]
    assert agrees_with_journal(patent)
