"""The patent register's pages as each role meets them, in three languages."""

from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy import event

from registry.infra.access import SYSTEM
from registry.infra.clock import today
from registry.infra.db import db, transaction
from registry.patents import queries, services
from registry.patents.models import Patent
from registry.patents.rules import anniversary
from tests.factories import NOW, bin_number
from tests.patents.conftest import amended, applied, company, recorded
from tests.people import COMPANY_BIN
from tests.sampling import in_turn

OTHER = bin_number(7)
PERSON = "990231300000"


@pytest.fixture
def entry(app):
    return company(COMPANY_BIN, name="Қайың", registered_on="2021-01-10")


@pytest.fixture
def patent(entry):
    return recorded(
        filed_on="2020-03-01",
        registered_on="2022-02-01",
        published_on="2022-02-15",
        priority_no="10-2019",
        priority_date="2019-03-01",
        priority_country="DE",
        holders=f"{COMPANY_BIN}=60.5%;{PERSON}=30%;Outside Ltd=9.5%",
    )


def transferred(patent, holders=f"{OTHER}=50%;Outside Ltd=50%"):
    with transaction():
        services.record_transfer(SYSTEM, patent, event_on=date(2024, 5, 1), holders=holders, now=NOW, document_no="77")


PATHS = ["/patents", "/patents/{id}", "/patents/{id}/history", "/residents/{resident}/patents"]


@pytest.mark.parametrize(("path", "language"), in_turn(PATHS))
@pytest.mark.parametrize("role", ["admin", "staff", "auditor", "resident"])
def test_reading_in_every_language(client, entry, patent, language, path, role):
    client.sign_in(role)
    client.get(f"/language/{language}?next=/", expect=302)
    client.language = language
    assert "36123" in client.get(path.format(id=patent.id, resident=entry.id))


FORMS = ["/patents/new", "/patents/{id}/amend", "/patents/{application}/amend", "/patents/{application}/grant",
         "/patents/{id}/annul", "/patents/fees", "/patents/{id}/transfers/new",
         "/patents/{id}/transfers/2024-05-01/correct", "/patents/{id}/transfers/2024-05-01/annul"]  # fmt: skip


@pytest.mark.parametrize(("path", "language"), in_turn(FORMS))
def test_forms_in_every_language(client, patent, language, path):
    application = applied(application_no="2025/0001.1")
    transferred(patent)
    client.sign_in("staff")
    client.get(f"/language/{language}?next=/", expect=302)
    client.language = language
    client.get(path.format(id=patent.id, application=application.id))


@pytest.mark.parametrize("role", ["auditor", "resident"])
@pytest.mark.parametrize("path", ["/patents/new", "/patents/{id}/amend", "/patents/{id}/grant", "/patents/{id}/annul",
                                  "/patents/{id}/transfers/new", "/patents/{id}/transfers/2024-05-01/correct",
                                  "/patents/{id}/transfers/2024-05-01/annul"])  # fmt: skip
def test_readers_change_nothing(client, patent, role, path):
    transferred(patent)
    client.sign_in(role)
    client.get(path.format(id=patent.id), expect=403)
    client.post(path.format(id=patent.id), {"reason": "x"}, expect=403)
    assert "Amend" not in client.get(f"/patents/{patent.id}").links()
    assert "Record a patent" not in client.get("/patents").links()


def test_another_companys_patent_is_not_there(client, patent):
    strange = recorded(title_no="50000", application_no="2024/5000.1", holders=OTHER)
    neighbour = company(OTHER)
    client.sign_in("resident")
    for path in (
        f"/patents/{strange.id}",
        f"/patents/{strange.id}/history",
        f"/residents/{neighbour.id}/patents",
        "/patents/999999",
    ):
        client.get(path, expect=404)
    page = client.get("/patents")
    assert "36123" in page
    assert "50000" not in page


def test_the_card_carries_inid_codes_holders_and_the_reason_for_counting(client, entry, patent):
    client.sign_in("auditor")
    page = client.get(f"/patents/{patent.id}")
    text = page.text.replace("\u00a0", " ")
    for part in (
        "title of protection (11) 36123",
        "(21) 2024/0123.1",
        "(22) 1 Mar 2020",
        "(51) A61K 51/00; G21G 4/08",
        "(72) Демо Ә. Қ.",
        "(33) DE – Germany",
        "ТОО «Қайың» (60.5%)",
        "9902******00 (30%)",
        "Outside Ltd (9.5%)",
        "in force",
        "Last day of the term 1 Mar 2040",
        "Next maintenance fee due 1 Mar 20",
    ):
        assert part in text
    assert PERSON not in page.html
    assert page.links()["ТОО «Қайың»"] == f"/residents/{entry.id}"
    assert "Counts for indicator 6 in 2022" in page


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"kind": "utility_model"}, "only patents for inventions count"),
        ({"office": "EA"}, "patents of this office are not counted on that day"),
        ({"holders": OTHER}, "none of the holders was a participant"),
        ({"registered_on": "2021-01-09", "published_on": None}, "in 2021: none of the holders was a participant"),
        ({"registered_on": "2099-01-09", "published_on": None}, "is still to come"),
        ({"registered_on": None, "published_on": None, "title_no": None}, "an application counts only once"),
    ],
)
def test_why_a_patent_does_not_count(client, entry, changes, text):
    patent = recorded(**{"filed_on": "2020-03-01", "registered_on": "2022-02-01", "published_on": None} | changes)
    client.sign_in("auditor")
    page = client.get(f"/patents/{patent.id}")
    assert "Does not count for indicator 6" in page
    assert text in page


def test_the_term_of_a_utility_model_says_when_to_ask_for_more(client):
    patent = recorded(
        kind="utility_model", filed_on="2020-03-01", registered_on="2021-02-01", published_on="2021-02-15"
    )
    client.sign_in("staff")
    page = client.get(f"/patents/{patent.id}")
    assert "Extension to be asked for by 1 Mar 2025" in page.text.replace("\u00a0", " ")
    assert "Last day of the term 1 Mar 2028" in page.text.replace("\u00a0", " ")


def test_filters_stand_in_the_address(client, patent):
    recorded(title_no="50000", application_no=None, kind="utility_model", holders=OTHER, registered_on="2025-06-01")
    client.sign_in("staff")
    assert "50000" in client.get("/patents")
    for query in (
        "type=invention",
        "search=36123",
        "search=ҚАЙЫҢ",
        "search=a61k&year=2022",
        "office=KZ&year=2022",
        "territory=YAFI",
    ):
        page = client.get(f"/patents?{query}")
        assert "36123" in page, query
        assert "50000" not in page, query
    for query in ("status=expired", "year=1999", "office=EA", "search=nothing"):
        assert "No patent matches" in client.get(f"/patents?{query}&territory=all"), query
    client.get("/patents?year=99999999999999999999&sort=-nonsense&page=zero")


FORM = {
    "kind": "invention",
    "office": "KZ",
    "title_no": "36999",
    "registered_on": "01.02.2025",
    "published_on": "2025-02-15",
    "application_no": "2023/0999.1",
    "filed_on": "01.03.2023",
    "name_kk": "Тәсіл",
    "ipc": "A61K 51/00; G21G 4/08",
    "holders-0-holder": f"{COMPANY_BIN[:6]} {COMPANY_BIN[6:]}",
    "holders-0-share": "60,5",
    "holders-1-holder": "Outside Holder Ltd",
    "holders-1-share": "39,5",
    "authors": "Демо Ә. Қ.",
}


def test_staff_record_a_patent(client, entry):
    client.sign_in("staff")
    page = client.get(f"/patents/new?holder={COMPANY_BIN}")
    assert page.fields(page.form("title_no"))["holders-0-holder"] == COMPANY_BIN
    shown = client.submit(page, FORM, containing="title_no", follow=True)
    assert "Recorded under the number 36999" in shown
    (record,) = queries.records(SYSTEM)
    assert record.holders == f"{COMPANY_BIN}=60.5%;Outside Holder Ltd=39.5%"
    assert (record.filed_on, record.registered_on) == (date(2023, 3, 1), date(2025, 2, 1))
    assert (record.published_on, record.ipc) == (date(2025, 2, 15), "A61K 51/00;G21G 4/08")


def test_a_change_from_an_earlier_day_leaves_the_other_fields_of_that_day(client):
    old = f"{COMPANY_BIN}=60%;Outside Ltd=40%"
    patent = applied(name_ru="Старое", filed_on="2020-03-01", holders=old, authors=None)
    amended(patent, effective_on=date(2026, 6, 1), name_ru="Новое", holders=f"{OTHER}=60%;Outside Ltd=40%")
    client.sign_in("staff")
    page = client.get(f"/patents/{patent.id}/amend")
    changes = {"authors": "Демо Ә. Қ.", "effective_on": "01.03.2026"}
    client.submit(page, changes, containing="authors", follow=True)
    (then,) = queries.records(SYSTEM, as_of=date(2026, 4, 1))
    assert (then.name_ru, then.holders, then.authors) == ("Старое", old, "Демо Ә. Қ.")
    (now,) = queries.records(SYSTEM)
    assert (now.name_ru, now.authors) == ("Новое", "Демо Ә. Қ.")
    page = client.get(f"/patents/{patent.id}/amend")
    changes = {"holders-0-holder": COMPANY_BIN, "effective_on": "01.05.2026"}
    client.submit(page, changes, containing="authors", follow=True)
    (then,) = queries.records(SYSTEM, as_of=date(2026, 5, 2))
    assert (then.name_ru, then.holders) == ("Старое", old)


def test_what_a_file_takes_of_holders_the_page_takes_too(client):
    names = ["Ұзақ " * 80 + "атау", *(f"Holder {number} Ltd" for number in range(59))]
    patent = recorded(holders=";".join(names), registered_on="2025-02-01", published_on="2025-02-15", authors=None)
    client.sign_in("staff")
    client.submit(
        client.get(f"/patents/{patent.id}/amend"), {"authors": "Демо Ә. Қ."}, containing="authors", follow=True
    )
    (record,) = queries.records(SYSTEM)
    assert (record.authors, len(record.holders_list)) == ("Демо Ә. Қ.", 60)
    client.get(f"/patents/{patent.id}/transfers/new")


def test_an_unusual_number_is_only_worth_a_look(client, entry):
    client.sign_in("staff")
    page = client.get("/patents/new")
    shown = client.submit(page, FORM | {"application_no": "123"}, containing="title_no", follow=True)
    assert "123 is not of the usual form" in shown


@pytest.mark.parametrize("sign", [".", " - ", "/"])
def test_a_number_in_groups_is_the_company(client, entry, sign):
    client.sign_in("staff")
    grouped = sign.join(COMPANY_BIN[place : place + 3] for place in range(0, 12, 3))
    names = {"holders-0-holder": grouped, "holders-1-holder": ["TOO «Қайың».", "="]}
    shown = client.submit(client.get("/patents/new"), FORM | names, containing="title_no", follow=True)
    assert f"{grouped} is read as {COMPANY_BIN}" in shown
    assert f"TOO «Қайың». is the name of the participant {COMPANY_BIN}" in shown
    assert queries.records(SYSTEM)[0].holders == f"{COMPANY_BIN}=60.5%;TOO «Қайың».=39.5%"


def test_a_participant_named_without_its_number_is_worth_a_look(client, entry):
    client.sign_in("staff")
    names = {"holders-0-holder": f"ТОО «Қайың» (БИН {COMPANY_BIN})", "holders-1-holder": ["тоо Қайың", "="]}
    shown = client.submit(client.get("/patents/new"), FORM | names, containing="title_no", follow=True)
    assert f"ТОО «Қайың» (БИН {COMPANY_BIN}) is read as {COMPANY_BIN}" in shown
    assert f"тоо Қайың is the name of the participant {COMPANY_BIN}" in shown
    assert queries.records(SYSTEM)[0].holders == f"{COMPANY_BIN}=60.5%;тоо Қайың=39.5%"


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"holders-0-holder": "260140991077"}, "260140991077 fails the check digit"),
        ({"holders-0-holder": "2601409910"}, "is not twelve digits"),
        ({"holders-0-holder": ""}, "Name the holder of this share"),
        ({"holders-1-holder": "A;B"}, "cannot contain"),
        ({"holders-1-holder": f"{OTHER}, {COMPANY_BIN}"}, "several BINs stand in one holder"),
        ({"holders-1-holder": f"БИН {OTHER[:11]}"}, "is not twelve digits"),
        ({"holders-1-holder": f"{OTHER[:11]}O"}, f"{OTHER[:11]}O has letters among its digits"),
        ({"holders-1-holder": f"{OTHER} 39%"}, "the share 39% stands beside the BIN"),
        ({"title_no": "KZ B1 36123"}, "36123 of this office and kind is already recorded"),
        ({"title_no": "№ 0036 123 B"}, "36123 of this office and kind is already recorded"),
        ({"name_kk": "Т\ufffdсіл"}, "letters were lost"),
        ({"holders-1-share": "150"}, "at most 100%"),
        ({"holders-1-share": "30"}, "add up to 90.5%"),
        ({"holders-1-holder": COMPANY_BIN}, "is named twice"),
        ({"holders-0-holder": "", "holders-0-share": "", "holders-1-holder": "", "holders-1-share": ""}, "required"),
        ({"ipc": "A61K"}, "A61K is not an IPC symbol"),
        ({"registered_on": "01.02.2020"}, "cannot be earlier than the filing"),
        ({"filed_on": "soon"}, "Enter a date"),
        ({"name_kk": ""}, "give the name in Kazakh or in Russian"),
        ({"title_no": "", "application_no": ""}, "give the number"),
        ({"title_no": "36123"}, "already recorded"),
        ({"kind": "idea"}, "Choose one of the values"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_typed_is_lost(client, patent, changes, text):
    client.sign_in("staff")
    answer = client.submit(client.get("/patents/new"), FORM | changes, containing="title_no", expect=422)
    assert text in answer
    fields = answer.fields(answer.form("title_no"))
    typed = FORM | changes
    for name in ("authors", "holders-0-holder", "holders-1-share", "filed_on"):
        assert fields[name] == typed[name]
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Patent)) == 1


def test_a_row_of_holders_added_by_the_page_is_read(client, entry):
    client.sign_in("staff")
    more = {"holders-5-holder": OTHER, "holders-5-share": "", "holders-0-share": "", "holders-1-share": ""}
    client.submit(client.get("/patents/new"), FORM | more, containing="title_no", follow=True)
    assert queries.records(SYSTEM)[0].holders == f"{COMPANY_BIN};Outside Holder Ltd;{OTHER}"


def test_staff_amend_from_a_day_on(client, patent):
    client.sign_in("staff")
    page = client.get(f"/patents/{patent.id}/amend")
    fields = page.fields(page.form("effective_on"))
    assert (fields["holders-0-holder"], fields["holders-0-share"]) == (COMPANY_BIN, "60,5")
    assert [name for name in fields if name.endswith("-holder")][-1] == "holders-5-holder"
    unchanged = client.submit(page, {}, containing="effective_on", follow=True)
    assert "Nothing was changed" in unchanged
    changes = {"effective_on": "01.05.2024", "name_en": "A method", "holders-1-holder": OTHER}
    shown = client.submit(page, changes, containing="effective_on", follow=True)
    assert "has been amended" in shown
    assert "A method" in shown
    before, after = (queries.records(SYSTEM, as_of=day)[0] for day in (date(2024, 4, 30), date(2024, 5, 1)))
    assert (before.name_en, after.name_en) == (None, "A method")
    assert after.holders == f"{COMPANY_BIN}=60.5%;{OTHER}=30%;Outside Ltd=9.5%"
    refused = client.submit(page, changes | {"effective_on": "01.05.2020"}, containing="effective_on", expect=422)
    assert "before the patent itself" in refused
    assert "A method" in client.get(f"/patents/{patent.id}/history")


def test_staff_record_the_grant_of_an_application(client, entry):
    application = applied(filed_on="2021-03-01")
    client.sign_in("staff")
    card = client.get(f"/patents/{application.id}")
    assert "application filed" in card
    page = client.get(card.links()["Record the grant"])
    refused = client.submit(page, {"title_no": "36999"}, containing="title_no", expect=422)
    assert "Fill in this field" in refused
    data = {"title_no": "36999", "registered_on": "01.02.2024", "published_on": "15.02.2024"}
    shown = client.submit(page, data, containing="title_no", follow=True)
    assert "registered under the number 36999" in shown
    assert "Counts for indicator 6 in 2024" in shown
    assert "Record the grant" not in shown.links()
    again = client.submit(page, data, containing="title_no", expect=422)
    assert "registered already" in again


def test_staff_annul_with_a_reason(client, patent):
    client.sign_in("staff")
    page = client.get(f"/patents/{patent.id}/annul")
    assert "Fill in this field" in client.submit(page, {"reason": " "}, containing="reason", expect=422)
    shown = client.submit(page, {"reason": "екі рет енгізілген"}, containing="reason", follow=True)
    assert "36123" not in shown
    card = client.get(f"/patents/{patent.id}")
    assert "annulled" in card
    assert "Amend" not in card.links()
    assert "екі рет енгізілген" in client.get(f"/patents/{patent.id}/history")
    again = client.submit(page, {"reason": "тағы"}, containing="reason", expect=422)
    assert "has been annulled and cannot be changed" in again


def test_the_tab_of_a_participant(client, entry, patent):
    client.sign_in("staff")
    page = client.get(f"/residents/{entry.id}/patents")
    assert page.heading == "ТОО «Қайың»"
    assert page.links()["Record a patent"] == f"/patents/new?holder={COMPANY_BIN}"
    amended(patent, holders=OTHER)
    assert "holds no patents" in client.get(f"/residents/{entry.id}/patents")


def test_the_list_of_fees_due(client, entry):
    client.sign_in("resident")
    assert "No maintenance fee falls due soon" in client.get("/patents/fees")
    soon = anniversary(today() + timedelta(days=20), -4)
    with transaction():
        services.record_patent(
            SYSTEM,
            now=NOW,
            values={
                "office": "KZ",
                "kind": "invention",
                "title_no": "36777",
                "filed_on": soon,
                "name_kk": "Тәсіл",
                "registered_on": anniversary(soon, 2),
                "published_on": anniversary(soon, 2),
                "holders": COMPANY_BIN,
            },
        )
    assert "36777" in client.get("/patents/fees")


def test_the_list_takes_the_same_statements_for_few_rows_and_many(client, entry):
    def statements():
        seen = []

        def count(*args):
            seen.append(args[2])

        event.listen(db.engine, "before_cursor_execute", count)
        try:
            client.get("/patents")
            listed = len(seen)
            client.get(f"/residents/{entry.id}/patents")
        finally:
            event.remove(db.engine, "before_cursor_execute", count)
        return listed, len(seen) - listed

    client.sign_in("staff")
    recorded()
    client.get("/patents")
    few = statements()
    for number in range(30):
        recorded(title_no=f"5{number:04d}", application_no=None, holders=f"{COMPANY_BIN};Outside {number}")
    client.get("/patents")  # offices and years are read anew after an act, and kept
    assert statements() == few


def test_staff_record_correct_and_annul_a_transfer(client, patent):
    client.sign_in("staff")
    card = client.get(f"/patents/{patent.id}")
    page = client.get(card.links()["Record a transfer"])
    fields = page.fields(page.form("event_on"))
    assert (fields["holders-0-holder"], fields["holders-0-share"]) == (COMPANY_BIN, "60,5")
    empty = {f"holders-{row}-{name}": "" for row in range(6) for name in ("holder", "share")}
    typed = {"event_on": "01.05.2024", "document_no": "77", "holders-0-holder": OTHER, "holders-0-share": "70"}
    half = client.post(f"/patents/{patent.id}/transfers/new", {**empty, **typed}, expect=422)
    assert "the shares add up to 70% and not to 100%" in half
    assert half.fields(half.form("event_on"))["document_no"] == "77"
    early = client.post(
        f"/patents/{patent.id}/transfers/new",
        {**empty, **typed, "holders-0-share": "100", "event_on": "01.02.2022"},
        expect=422,
    )
    assert "a transfer is later than the registration" in early
    client.post(f"/patents/{patent.id}/transfers/new", {**empty, **typed, "holders-0-share": "100"}, expect=302)
    card = client.get(f"/patents/{patent.id}")
    assert "The transfer is recorded from" in card
    assert "№ 77" in card
    assert "transferred to other holders" in client.get(f"/patents/{patent.id}/history")

    address = f"/patents/{patent.id}/transfers/2024-05-01"
    page = client.get(f"{address}/correct")
    assert page.fields(page.form("reason"))["document_no"] == "77"
    missing = client.post(f"{address}/correct", {**empty, "document_no": "78", "holders-0-holder": OTHER}, expect=422)
    assert "Please correct the following" in missing
    typed = {"document_no": "78", "holders-0-holder": "Outside Ltd", "reason": "typed wrong"}
    client.post(f"{address}/correct", {**empty, **typed}, expect=302)
    (item,) = queries.records(SYSTEM)[0].over_time.transfers
    assert (item.holders, item.document_no) == ("Outside Ltd", "78")
    client.post(f"{address}/annul", {"reason": ""}, expect=422)
    client.post(f"{address}/annul", {"reason": "another patent"}, expect=302)
    assert queries.records(SYSTEM)[0].over_time.transfers == ()
    for day in ("2024-05-01", "yesterday"):
        client.get(f"/patents/{patent.id}/transfers/{day}/correct", expect=404)


def test_a_company_sees_a_patent_it_has_sold_and_its_reason_for_counting(client, entry, patent):
    transferred(patent, "Outside Ltd")
    client.sign_in("resident")
    assert "36123" in client.get("/patents")
    card = client.get(f"/patents/{patent.id}")
    assert "Counts for indicator 6 in 2022" in card
    assert "Holders over time" in card
    assert "Record a transfer" not in card.links()
    assert "36123" not in client.get(f"/residents/{entry.id}/patents")
