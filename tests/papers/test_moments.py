"""One snapshot for a paper in two languages, papers as they were known at a moment, and copies for information."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask

from registry.errors import DomainError, NotAllowed
from registry.infra import clock, jobs
from registry.infra.access import SYSTEM
from registry.infra.clock import today
from registry.infra.db import db, transaction
from registry.journal import queries as journal
from registry.paper_kinds import kinds
from registry.papers import issuing, queries, services, worker
from registry.papers.models import Document, DocumentRequest
from registry.residents import services as residents
from registry.territories.queries import by_code
from registry.verification import checking
from tests import factories, people
from tests.commands import Command
from tests.factories import bin_number
from tests.pages import PageClient
from tests.papers import world
from tests.people import COMPANY_BIN

pytestmark = pytest.mark.thorough

RECORDED = datetime(2026, 11, 20, 6, tzinfo=UTC)
"""When everything of the small register was recorded: no clock goes back behind what the journal holds already."""
LATER = RECORDED + timedelta(days=2)
WHOLE = {"since": date(2026, 1, 1), "as_of": date(2026, 11, 20)}
"""The days an extract of the journal is about, the day of the papers' own issue among them."""


@pytest.fixture
def entries(database: Flask) -> dict:
    found = world.build()
    assert journal.recorded_at(journal.head().count) == RECORDED
    return found


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    world.print_quickly(monkeypatch)


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("kind", ["journal", "corrections"])
def test_a_paper_of_the_journal_in_two_languages_has_one_number(entries: dict, kind: str) -> None:
    """The first one's own issue is recorded in the period it tells of, and is no other paper's data."""
    first = world.issued(kind, **WHOLE)
    assert journal.head().count > first.act.chain_sequence
    others = [world.issued(kind, language=language, **WHOLE) for language in ("ru", "en")]
    assert {paper.act_id for paper in others} == {first.act_id}
    assert world.issued(kind, **WHOLE).id == first.id, "the same request gives the same paper"
    factories.resident(bin_number(9), registered_on=date(2026, 3, 1))
    assert (world.issued(kind, **WHOLE).act_id == first.act_id) is (kind == "corrections"), (
        "an act of somebody is new data"
    )


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("kind", ["journal", "corrections"])
def test_what_others_do_gives_a_journal_of_one_territory_no_second_number(entries: dict, kind: str) -> None:
    about = WHOLE | {"territory": by_code("NU")}
    first = world.issued(kind, **about)
    factories.resident(bin_number(9), territory="YAFI", registered_on=date(2026, 3, 1))
    assert world.issued(kind, language="ru", **about).act_id == first.act_id
    factories.resident(bin_number(8), registered_on=date(2026, 3, 1))
    assert (world.issued(kind, language="en", **about).act_id == first.act_id) is (kind == "corrections")


@pytest.mark.usefixtures("quick")
def test_a_replaced_paper_of_the_journal_keeps_one_number_too(entries: dict) -> None:
    first = world.issued("journal", **WHOLE)
    world.issued("journal", language="ru", **WHOLE)
    made = issuing.replace(SYSTEM, first.act, reason="Қате күн", now=LATER)
    assert len({paper.act_id for paper in made if isinstance(paper, Document)}) == 1
    assert len(made) == 2


@pytest.mark.usefixtures("quick")
def test_languages_asked_for_together_print_one_snapshot(entries: dict) -> None:
    """Whatever is recorded between the two, in papers to be approved and in others."""
    with transaction():
        asked = [
            services.request_document(people.viewer(role), kind, language=language, now=factories.NOW, as_of=day).id
            for role, kind, day in (("auditor", "journal", WHOLE["as_of"]), ("staff", "participants", world.DAY))
            for language in ("kk", "ru")
        ]
    for number, request_id in enumerate(asked):
        worker._run(request_id)
        factories.resident(bin_number(20 + number), registered_on=date(2026, 3, 1))
    for request_id in asked[2:]:
        worker.approve_and_issue(
            people.viewer("admin"), db.session.get_one(DocumentRequest, request_id), now=factories.NOW
        )
    numbers = [
        queries.papers_made([db.session.get_one(DocumentRequest, request_id)]).popitem()[1].act.number
        for request_id in asked
    ]
    assert numbers == ["KZ-JRN-2026-000001"] * 2 + ["KZ-PAR-2026-000001"] * 2


def renamed(entries: dict) -> datetime:
    """A moment after a change of a name that was recorded two days later than all else."""
    with transaction():
        residents.amend_resident(
            SYSTEM,
            entries[COMPANY_BIN],
            values={"name_ru": "ТОО «Переименованное»"},
            now=LATER,
            effective_on=world.DAY,
        )
    return LATER + timedelta(hours=1)


OF_A_MOMENT = sorted(code for code, kind in kinds.KINDS.items() if kind.of_a_moment)


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("kind", OF_A_MOMENT if world.COMPLETE else OF_A_MOMENT[::2])
def test_every_paper_of_a_moment_leaves_out_what_was_recorded_later(entries: dict, kind: str) -> None:
    before = RECORDED + timedelta(hours=1)
    past = world.issued(kind, language="ru", now=LATER, known_at=before, **of(kind)).act
    moment = renamed(entries)
    again = world.issued(kind, language="kk", now=LATER, known_at=before, **of(kind)).act
    assert again.id == past.id, "what was recorded since changes nothing"
    now = world.issued(kind, language="ru", now=LATER, known_at=moment, **of(kind)).act
    assert now.id != past.id
    assert "Переименованное" not in past.snapshot
    names = {"kk": "Іргетас", "ru": "ТОО"}
    if kind not in ("corrections",):
        assert all(name in past.snapshot for name in names.values()), "what was recorded before is there"
        assert "Переименованное" in now.snapshot


def of(kind: str) -> dict:
    return WHOLE if kinds.KINDS[kind].of_the_journal else {}


@pytest.mark.usefixtures("quick")
def test_any_day_in_reason_gives_a_paper_or_a_refusal(entries: dict) -> None:
    first, last = date(clock.FIRST_YEAR, 1, 1), date(clock.LAST_YEAR, 12, 31)
    for kind in kinds.KINDS.values():
        for day in (first, last):
            for about in ({"as_of": day}, {"as_of": last, "since": day}):
                with suppress(DomainError):
                    assert world.issued(kind.code, **about).act.as_of == about["as_of"]


def test_a_paper_of_a_moment_says_so_and_is_printed_again(entries: dict) -> None:
    paper = world.issued("participants", language="ru", now=LATER, known_at=datetime(2026, 11, 21, 12, tzinfo=UTC))
    assert "по сведениям, записанным до 21.11.2026, 17:00:00" in world.words_of(world.text_of(paper))
    assert checking.compare(paper) is None
    traced = queries.total_of(paper, "1A")
    assert traced is not None


def test_a_moment_that_is_not_over_or_means_nothing_is_refused(entries: dict) -> None:
    for kind, known_at in (("participants", datetime(2100, 1, 1, tzinfo=UTC)), ("certificate", factories.NOW)):
        with pytest.raises(DomainError) as refused:
            world.issued(kind, known_at=known_at)
        assert refused.value.field == "known_at"
    with pytest.raises(DomainError) as refused:
        world.issued("journal", copy=True)
    assert refused.value.field == "copy"


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_an_auditor_finishes_a_copy_alone(entries: dict, language: str) -> None:
    auditor = people.viewer("auditor")
    paper = world.issued("taxes", language=language, actor=auditor, year=2026, quarter=3, copy=True)
    assert isinstance(paper, Document)
    said = world.words_of(world.text_of(paper))
    mark = {"kk": "АҚПАРАТТЫҚ КӨШІРМЕ", "ru": "ИНФОРМАЦИОННАЯ КОПИЯ", "en": "INFORMATION COPY"}[language]
    assert said.count(mark) == paper.pages
    for absent in ("БЕКІТЕМІН", "УТВЕРЖДАЮ", "APPROVED BY", "М.О.", "М.П."):
        assert absent not in said
    entries_about = [entry.action for entry in journal.history(limit=5)[0] if entry.subject_type == "document"]
    assert entries_about == ["document_issued"], "nobody approved it"
    official = world.issued("taxes", language=language, year=2026, quarter=3)
    assert official.act.id != paper.act.id
    assert checking.compare(paper) is None
    with pytest.raises(NotAllowed):
        world.issued("taxes", actor=people.viewer("resident"), year=2026, quarter=3, copy=True)


def test_the_page_asks_for_a_moment_and_a_copy(app: Flask, client: PageClient) -> None:
    world.build()
    client.sign_in("auditor")
    form = client.get("documents.issue_new", query={"kind": "participants"})
    page = client.submit(form, {"known_at": today().isoformat(), "language": ["en"]}, expect=422)
    assert "This moment is not over yet" in page
    client.submit(form, {"as_of": "30.09.2026", "known_at": "21.11.2026", "copy": "y", "language": ["en", "kk"]})
    assert jobs.work_off() == 2
    record = client.get("documents.show", document_id=1)
    assert "none: a copy for information" in record
    assert "As known at" in record
    assert ", 23:59" in record.text
    assert "known_at" not in client.get("documents.issue_new", query={"kind": "annual"}).html


def test_the_command_takes_a_moment(sqlite_command: Command, tmp_path: Path) -> None:
    sample = Path("tests/data/sample")
    sqlite_command("init")
    sqlite_command("import", "residents", sample / "residents.csv")
    issue = ("document", "issue", "participants", "--as-of", "2026-09-30", "--lang", "kk", "-o", tmp_path / "a.pdf")
    (first,) = sqlite_command(*issue, "--known-at", "2020-01-01").out
    (second,) = sqlite_command(*issue).out
    assert first.split()[0].endswith("-000001-kk")
    assert second.split()[0].endswith("-000002-kk")
    refused = sqlite_command(*issue, "--known-at", "2100-01-01", status=1)
    assert "not over yet" in "".join(refused.errors)
    for language in ("kk", "ru"):
        extract = ("journal", "--from", "2026-01-01", "--lang", language, "-o", tmp_path / "j.pdf")
        (said,) = sqlite_command("document", "issue", *extract).out
        assert said.split()[0].endswith(f"-000001-{language}")


def test_commands_refuse_days_out_of_reason(command: Command, tmp_path: Path) -> None:
    """Whatever the command: near the ends of the calendar nothing can be reckoned."""
    command("init")
    made = tmp_path / "a.pdf"
    for day in ("0001-01-01", "9999-12-31"):
        asked = [
            ("document", "issue", kind, *given, "--lang", "kk", "-o", made)
            for kind in ("comparison", "annual", "journal", "indicators")
            for given in (("--as-of", day), ("--as-of", "2026-09-30", "--from", day))
        ]
        asked += [("export", kind, "--as-of", day, "-o", made) for kind in ("residents", "contracts", "report-lines")]
        for arguments in (*asked, ("indicators", "--year", "2026", "--as-of", day, "--json")):
            refused = command(*arguments, status=1)
            assert "out of reason; enter a day from 1900 to 2200" in "".join(refused.errors)
            assert not made.exists()


@pytest.mark.parametrize(
    ("language", "shown"),
    [
        ("kk", ["Орындаушы: Staff", "Тізілімде бекіткен: Admin, 2026 жылғы 5 қазан"]),
        ("ru", ["Исполнитель: Staff", "Утвердил в реестре: Admin, 5 октября 2026 г."]),
        ("en", ["Prepared by: Staff", "Approved in the registry by: Admin, 5 October 2026"]),
    ],
)
def test_a_paper_names_who_made_and_approved_it(app: Flask, language: str, shown: list[str]) -> None:
    world.build()
    request = world.issued("contracts", actor=people.viewer("staff"), language=language)
    assert isinstance(request, DocumentRequest)
    paper = worker.approve_and_issue(people.viewer("admin"), request, now=factories.NOW)
    said = world.words_of(world.text_of(paper))
    for text in shown:
        assert text in said, text
    assert said.count(shown[1].partition(", ")[2]) >= 2, "the block of approval carries the day too"
    assert checking.compare(paper) is None, "printed again with the names it was issued with"
    own = world.issued("extract", actor=people.viewer("resident"), language=language)
    label = shown[0].partition(":")[0]
    assert f"{label}: {'tel.' if language == 'en' else 'тел.'}" in world.words_of(world.text_of(own)), (
        "a company's own account stands for nobody here"
    )
    assert checking.compare(own) is None
