"""The queue of the day: what waits for the staff of a management company, and for how long."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import chain, zip_longest

from flask import url_for

from registry.accounts import two_people
from registry.accounts.models import Proposal
from registry.contracts.queries import EndingContracts
from registry.infra.clock import local_date
from registry.infra.i18n import format_date, format_quarter, name_in, ngettext
from registry.infra.i18n import gettext as _
from registry.papers import rules as papers
from registry.papers.models import DocumentRequest
from registry.patents.queries import FeesDue
from registry.reports.models import Report
from registry.reports.work_lists import LateReport

SHOWN = 11
"""Rows that fit beside the indicators without scrolling at 1366 × 768."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A row of the queue: its kind as a word with its picture, what it is, how long it waits, and what is done."""

    kind: str
    picture: str
    title: str
    note: str
    when: str
    url: str
    act: str
    is_urgent: bool = False


def _days_since(moment: datetime | None, today: date) -> str:
    days = (today - local_date(moment)).days if moment else 0
    return ngettext("%(num)s day", "%(num)s days", days) if days else _("today")


def _days_until(day: date, today: date) -> str:
    days = (day - today).days
    return ngettext("in %(num)s day", "in %(num)s days", days) if days else _("today")


def to_review(reports: Iterable[Report], today: date) -> Iterator[Waiting]:
    """Reports to decide on."""
    for report in reports:
        quarter = format_quarter(report.period.year, report.period.quarter)
        again = _("version %(number)s", number=report.version) if report.version > 1 else ""
        yield Waiting(
            _("report"),
            "report",
            name_in(report.resident),
            ", ".join(filter(None, (quarter, again))),
            _days_since(report.submitted_at, today),
            url_for("reports.show", report_id=report.id),
            _("Review"),
        )


def to_approve(requests: Iterable[DocumentRequest], today: date) -> Iterator[Waiting]:
    """Papers that others prepared."""
    for request in requests:
        yield Waiting(
            _("paper"),
            "document",
            str(papers.name_of(request.kind)),
            _("as of %(day)s, to approve", day=format_date(request.as_of)),
            _days_since(request.prepared_at, today),
            url_for("documents.index", _anchor="awaiting"),
            _("Open"),
        )


def to_confirm(proposals: Iterable[Proposal], today: date) -> Iterator[Waiting]:
    """What others proposed."""
    for proposal in proposals:
        yield Waiting(
            _("proposal"),
            "shield",
            two_people.kind_of(proposal).title(proposal.values),
            _("to confirm"),
            _days_since(proposal.proposed_at, today),
            url_for("accounts.proposal", proposal_id=proposal.id),
            _("Open"),
        )


def late(rows: Iterable[LateReport], today: date) -> Iterator[Waiting]:
    """Reports that were due and never sent."""
    for row in rows:
        days = (today - row.due_on).days
        yield Waiting(
            _("debt"),
            "warning",
            name_in(row),
            _("%(quarter)s, due %(day)s", quarter=format_quarter(row.year, row.quarter), day=format_date(row.due_on)),
            ngettext("%(num)s day", "%(num)s days", days),
            url_for("residents.show", resident_id=row.resident_id),
            _("Open"),
            is_urgent=True,
        )


def sent_back(reports: Iterable[Report], today: date) -> Iterator[Waiting]:
    """Reports sent back that have not come again."""
    for report in reports:
        yield Waiting(
            _("sent back"),
            "return",
            name_in(report.resident),
            format_quarter(report.period.year, report.period.quarter),
            _days_since(report.decided_at, today),
            url_for("reports.show", report_id=report.id),
            _("Open"),
            is_urgent=True,
        )


def ending(contracts: EndingContracts, today: date) -> Iterator[Waiting]:
    """Contracts that end soon."""
    for contract in contracts.first:
        if contract.term_ends_on is not None:
            yield Waiting(
                _("contract"),
                "contract",
                name_in(contract.resident),
                _("№ %(number)s, ends %(day)s", number=contract.number, day=format_date(contract.term_ends_on)),
                _days_until(contract.term_ends_on, today),
                url_for("contracts.show", contract_id=contract.contract_id),
                _("Open"),
            )


def fees(due: FeesDue, today: date) -> Iterator[Waiting]:
    """Fees of patents that fall due soon."""
    for fee in due.first:
        yield Waiting(
            _("fee"),
            "patent",
            name_in(fee.patent),
            _("patent № %(number)s by %(day)s", number=fee.patent.title_no, day=format_date(fee.due_on)),
            _days_until(fee.due_on, today),
            url_for("patents.show", patent_id=fee.patent.id),
            _("Open"),
        )


def queue(*kinds: Iterable[Waiting]) -> list[Waiting]:
    """The first rows of each kind, which stand in the order of the kinds, each the oldest or nearest first.

    Where there are more than fit, each kind has its turn before another one has its next, so that none is crowded out.
    """
    rows = [list(kind) for kind in kinds]
    turns = [row for turn in zip_longest(*rows) for row in turn if row is not None]
    chosen = set(map(id, turns[:SHOWN]))
    return [row for row in chain(*rows) if id(row) in chosen]
