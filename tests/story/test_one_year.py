"""One resident's year, from registration to the issued indicator report, with a moving clock."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from registry.contracts import queries as contract_queries
from registry.contracts import services as contracts
from registry.errors import Conflict, DomainError
from registry.indicators.queries import counted_lines, indicators
from registry.infra.db import db, transaction
from registry.journal import queries as journal
from registry.papers import issuing, worker
from registry.papers.models import Document, DocumentRequest
from registry.papers.queries import get_bytes
from registry.patents import services as patents
from registry.reports import services as reports
from registry.reports import work_lists
from registry.reports.models import Report
from registry.reports.rules import Line, LinesRefused
from registry.residents import queries as residents
from registry.residents import services as register
from registry.residents.rules import Change
from registry.territories.queries import by_code
from registry.verification import checking
from tests import factories, people

COMPANY = people.COMPANY_BIN
YEAR = 2026


def at(day: str, hour: int = 10) -> datetime:
    """A moment of the story, told in Almaty's time."""
    return datetime.fromisoformat(f"{day}T{hour:02d}:00").replace(tzinfo=ZoneInfo("Asia/Almaty")).astimezone(UTC)


def figures(tax: int, research: int, *, total: int = 20) -> list[Line]:
    """A quarter's lines: revenue that counts and that does not, two taxes of which one counts, staff, investment."""
    paper = {"document_kind": "declaration", "document_no": "300.00", "document_date": date(2026, 3, 31)}
    return [
        Line("revenue", "rnd_works", amount=5_000_000_00, country="KZ", **paper),
        Line("revenue", "other", amount=1_000_000_00, country="KZ", **paper),
        Line("tax", "101110", amount=tax, **paper),
        Line("tax", "902101", amount=99_00, **paper),
        Line("staff", "research_specialists", count=research),
        Line("staff", "total_staff", count=total),
        Line("investment", "private_domestic", amount=300_000_00, **paper),
        Line("investment", "budget", amount=700_000_00, **paper),
    ]


def actual(number: int, day: str, **clocks) -> int | None:
    found = indicators(people.viewer("auditor"), year=YEAR, as_of=date.fromisoformat(day), **clocks)
    return found[number - 1].actual


def coverage(day: str) -> tuple[int, int] | None:
    return indicators(people.viewer("auditor"), year=YEAR, as_of=date.fromisoformat(day))[0].coverage


@pytest.fixture
def people_of_the_story(database):
    return people.viewer("staff"), people.viewer("resident"), people.viewer("auditor")


def test_one_year_of_a_resident(people_of_the_story):
    staff, company, auditor = people_of_the_story
    territory = by_code("NU")

    # January: entered in the register, contract concluded, a patent granted in February.
    with transaction():
        entry = register.register_resident(
            staff,
            territory=territory,
            now=at("2026-01-12"),
            values=factories.resident_values(COMPANY, registered_on=date(2026, 1, 12), decision_date=date(2026, 1, 9)),
        )
    with transaction():
        contract = contracts.conclude_contract(
            staff,
            resident=entry,
            territory=territory,
            now=at("2026-01-15"),
            values={
                "kind": "participation",
                "number": "2026/1",
                "signed_on": date(2026, 1, 15),
                "starts_on": date(2026, 1, 15),
                "ends_on": date(2026, 12, 31),
                "amount": 1_000_000_00,
            },
        )
    with transaction():
        patents.record_patent(
            staff,
            now=at("2026-02-20"),
            values={
                "office": "KZ",
                "kind": "invention",
                "title_no": "900001",
                "filed_on": date(2024, 5, 1),
                "registered_on": date(2026, 2, 15),
                "name_kk": "Тәсіл",
                "holders": f"{COMPANY}=60%;Outside Ltd=40%",
            },
        )
    assert actual(6, "2026-02-14") == 0
    assert actual(6, "2026-02-15") == 100

    # April: the first quarter is opened; the report is sent, returned with a reason, put right and accepted.
    with transaction():
        first = reports.open_period(staff, territory=territory, year=YEAR, quarter=1, now=at("2026-04-01"))
    assert coverage("2026-04-01") == (0, 1)
    with transaction():
        report = reports.start_report(company, resident=entry, period=first, now=at("2026-04-20"))
    with transaction():
        reports.save_draft(
            company,
            report,
            lines=figures(100_00, 25),
            none=(),
            explanation=None,
            revision=report.revision,
            now=at("2026-04-20", 11),
        )
    with pytest.raises(LinesRefused), transaction():
        reports.submit(company, report, revision=report.revision, now=at("2026-04-20", 12))
    with transaction():
        reports.save_draft(
            company,
            report,
            lines=figures(400_000_00, 12),
            none=(),
            explanation=None,
            revision=report.revision,
            now=at("2026-04-20", 13),
        )
    with transaction():
        reports.submit(company, report, revision=report.revision, now=at("2026-04-21"))
    with pytest.raises(DomainError), transaction():
        reports.return_report(staff, report, reason=" ", now=at("2026-04-22"))
    with transaction():
        reports.return_report(staff, report, reason="Салық сомасын салыстырыңыз", now=at("2026-04-22"))
    assert work_lists.my_duty(company, date(2026, 4, 22))[0].returned.decision_note == "Салық сомасын салыстырыңыз"
    with transaction():
        report = reports.save_draft(
            company,
            report,
            lines=figures(450_000_25, 12),
            none=(),
            explanation=None,
            revision=report.revision,
            now=at("2026-04-23"),
        )
    with transaction():
        reports.submit(company, report, revision=report.revision, now=at("2026-04-23", 11))
    assert actual(1, "2026-04-24") == 0
    with transaction():
        reports.accept(staff, report, now=at("2026-04-24"))
    assert actual(1, "2026-04-24") == 450_000_25
    assert [line.amount for line in counted_lines(auditor, number=1, year=YEAR, as_of=date(2026, 4, 24))] == [
        450_000_25
    ]
    with pytest.raises(Conflict), transaction():
        reports.accept(staff, report, now=at("2026-04-24", 11))

    # June: an addendum prolongs the contract from July on.
    with transaction():
        contracts.add_addendum(
            staff,
            contract,
            now=at("2026-06-20"),
            values={
                "number": "1",
                "signed_on": date(2026, 6, 20),
                "effective_on": date(2026, 7, 1),
                "ends_on": date(2028, 12, 31),
            },
        )
    told = contract_queries.records(auditor)[0]
    assert told.last_end_on(date(2026, 6, 30)) == date(2026, 12, 31)
    assert told.last_end_on(date(2026, 7, 1)) == date(2028, 12, 31)

    # July to October: second and third quarter; the first one is corrected in August.
    for quarter, tax, research, months in ((2, 500_000_00, 13, "07"), (3, 600_000_00, 14, "10")):
        with transaction():
            period = reports.open_period(
                staff, territory=territory, year=YEAR, quarter=quarter, now=at(f"2026-{months}-01")
            )
        with transaction():
            report = reports.start_report(company, resident=entry, period=period, now=at(f"2026-{months}-10"))
        with transaction():
            reports.save_draft(
                company,
                report,
                lines=figures(tax, research),
                none=(),
                explanation=None,
                revision=report.revision,
                now=at(f"2026-{months}-10", 11),
            )
        with transaction():
            reports.submit(company, report, revision=report.revision, now=at(f"2026-{months}-10", 12))
        with transaction():
            reports.accept(staff, report, now=at(f"2026-{months}-15"))
    accepted = db.session.scalars(
        sa.select(Report).where(Report.period_id == first.id, Report.status == "accepted")
    ).one()
    with transaction():
        correction = reports.start_correction(company, accepted, reason="Нақтыланған декларация", now=at("2026-10-20"))
    with pytest.raises(Conflict), transaction():
        reports.submit(company, correction, revision=correction.revision, now=at("2026-10-20", 11))
    with transaction():
        reports.save_draft(
            company,
            correction,
            lines=figures(350_000_00, 12),
            none=(),
            explanation=None,
            revision=correction.revision,
            now=at("2026-10-20", 12),
        )
    with transaction():
        reports.submit(company, correction, revision=correction.revision, now=at("2026-10-20", 13))
    assert actual(1, "2026-10-20") == 1_550_000_25
    with transaction():
        reports.accept(staff, correction, now=at("2026-10-21"))
    assert actual(1, "2026-10-21") == 1_450_000_00
    assert actual(1, "2026-10-21", known_at=at("2026-10-20", 20)) == 1_550_000_25
    assert actual(3, "2026-10-21") == 1400
    assert actual(4, "2026-10-21") == 900_000_00
    assert actual(5, "2026-10-21") == 15_000_000_00
    assert coverage("2026-10-21") == (3, 3)

    # November: suspended and resumed; a participant all the while.
    for change, day in ((Change.SUSPENDED, date(2026, 11, 2)), (Change.RESUMED, date(2026, 11, 16))):
        with transaction():
            register.change_status(
                staff,
                entry,
                change=change,
                effective_on=day,
                now=at(day.isoformat()),
                decision_no="7",
                decision_date=day,
                ground="own_request" if change is Change.SUSPENDED else None,
            )
    assert residents.records(auditor)[0].participates_on(date(2026, 11, 10))

    # December: the papers. The same request gives the same paper; the other language shares the number.
    # The auditor prepares the report, the staff approves it.
    def prepared(language: str, day: str) -> Document | DocumentRequest:
        return issuing.issue(
            auditor, "indicators", language=language, territory=territory, year=YEAR, quarter=3, now=at(day)
        )

    draft = prepared("kk", "2026-12-01")
    assert isinstance(draft, DocumentRequest)
    issued = worker.approve_and_issue(staff, draft, now=at("2026-12-01"))
    again = prepared("kk", "2026-12-02")
    assert isinstance(again, Document)
    draft = prepared("ru", "2026-12-02")
    assert isinstance(draft, DocumentRequest)
    russian = worker.approve_and_issue(staff, draft, now=at("2026-12-02"))
    assert again.id == issued.id
    assert russian.number == issued.number.removesuffix("-kk") + "-ru"
    certificate = issuing.issue(company, "certificate", language="kk", resident=COMPANY, now=at("2026-12-03"))
    content = get_bytes(certificate)
    assert checking.verify(content, today=date(2026, 12, 3)).valid

    # The year's end: excluded. The certificate is revoked, the indicators of the past stay.
    with transaction():
        register.change_status(
            staff,
            entry,
            change=Change.EXCLUDED,
            effective_on=date(2026, 12, 15),
            now=at("2026-12-15"),
            ground="agreement",
            decision_no="9",
            decision_date=date(2026, 12, 14),
        )
    assert not checking.verify(content, today=date(2026, 12, 15)).valid
    assert actual(1, "2026-12-31") == 1_450_000_00
    assert actual(3, "2026-12-31") == 0
    assert coverage("2026-12-31") == (3, 4)
    assert journal.verify().problem is None
