"""What acts on the register mean for reports."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date, datetime

import sqlalchemy as sa

from registry.errors import Conflict
from registry.infra.access import Viewer
from registry.infra.clock import today
from registry.infra.db import db
from registry.infra.findings import Finding, Weight
from registry.infra.i18n import format_date, format_hundredths, format_integer, format_quarter, lazy
from registry.journal.acts import Consequence, Proposed
from registry.journal.rules import Action
from registry.reports import queries, report_lines, reporting_periods, rules, subjects
from registry.reports.models import Report, ReportingPeriod
from registry.reports.rules import Oddity, Section, Status
from registry.reports.totals import figures_count_outside, moved_years, sent_by
from registry.residents.models import Resident, StatusChange
from registry.residents.queries import bins_ever, entries_of
from registry.residents.rules import MOVES_PARTICIPATION, Change, excluded_on, participates_in


def _quarters(resident_id: int, *statuses: Status) -> list[tuple[int, int]]:
    """The quarters of which an entry has a report not taken back, of these statuses where any is given."""
    statement = (
        sa.select(ReportingPeriod.year, ReportingPeriod.quarter)
        .join(Report, Report.period_id == ReportingPeriod.id)
        .where(Report.resident_id == resident_id, queries.stands())
        .distinct()
        .order_by(ReportingPeriod.year, ReportingPeriod.quarter)
    )
    if statuses:
        statement = statement.where(Report.status.in_(statuses))
    return [(row.year, row.quarter) for row in db.session.execute(statement)]


def _in_words(quarters: list[tuple[int, int]]) -> str:
    return ", ".join(format_quarter(*quarter) for quarter in quarters)


def _reached(entry: Resident, since: date, until: date = date.max) -> list[tuple[int, int]]:
    """The accepted quarters of a company, under whichever entry, that end from one day on and before another.

    Those are left out in whose days from the first one on it takes part under another entry all the same.
    """
    quarters = [
        quarter for quarter in _accepted(entry.territory_id, entry.bin) if since <= rules.last_day(*quarter) < until
    ]
    if not quarters:
        return []
    others = _others(entry)
    return [
        quarter
        for quarter in quarters
        if not any(
            participates_in(*span, max(rules.first_day(*quarter), since), rules.last_day(*quarter)) for span in others
        )
    ]


def _others(entry: Resident) -> list[tuple[date, date | None]]:
    """When the company took part under its other entries."""
    return [
        (row.registered_on, excluded_on(changes))
        for row, changes in entries_of(entry.territory_id, entry.bin)
        if row.id != entry.id
    ]


def _accepted(territory_id: int, bin_: str) -> list[tuple[int, int]]:
    """The accepted quarters of a company, under whichever entry."""
    statement = (
        sa.select(ReportingPeriod.year, ReportingPeriod.quarter)
        .join(Report, Report.period_id == ReportingPeriod.id)
        .join(Resident, Report.resident_id == Resident.id)
        .where(
            Resident.territory_id == territory_id,
            Resident.bin == bin_,
            Report.status == Status.ACCEPTED,
            queries.stands(),
        )
        .distinct()
        .order_by(ReportingPeriod.year, ReportingPeriod.quarter)
    )
    return [(row.year, row.quarter) for row in db.session.execute(statement)]


def _counting_specialists(entry: Resident, quarters: Collection[tuple[int, int]]) -> list[tuple[int, int]]:
    """The quarters whose research specialists count by who is a participant on a day, not in a quarter."""
    stated = {(item.year, item.quarter) for item in sent_by(entry.territory_id, entry.bin) if item.research}
    return [quarter for quarter in quarters if quarter in stated]


def _moved(entry: Resident, since: date, quarters: Collection[tuple[int, int]]) -> list[tuple[int, int]]:
    """The quarters of which other figures count when the entry begins or ceases to take part on a day.

    Figures of a quarter count where the company took part in it on a single day; so it did where days of the entry
    before that one, or other entries, lie in the quarter.
    """
    spans = [*_others(entry), (entry.registered_on, since)]
    specialists = _counting_specialists(entry, quarters)
    return [
        quarter
        for quarter in quarters
        if quarter in specialists
        or not (
            any(participates_in(*span, rules.first_day(*quarter), rules.last_day(*quarter)) for span in spans)
            or figures_count_outside(entry.territory_id, *quarter)
        )
    ]


def _reaches(since: date, quarters: list[tuple[int, int]], moved: Collection[tuple[int, int]]) -> Iterator[Finding]:
    """Names the accepted quarters that end after the day of an act, and those whose figures it ``moved``."""
    changed = [quarter for quarter in quarters if quarter in moved]
    if changed:
        yield Finding(
            Weight.ASKS,
            lazy(
                "This act reaches quarters already accepted: %(quarters)s. It changes what counts of their figures.",
                quarters=_in_words(changed),
            ),
        )
    same = [quarter for quarter in quarters if quarter not in moved and since < rules.last_day(*quarter)]
    if same:
        yield Finding(
            Weight.ASKS,
            lazy(
                "This act reaches quarters already accepted: %(quarters)s. Their figures count as before.",
                quarters=_in_words(same),
            ),
        )


def _participation_moved(entry: Resident, since: date, quarters: list[tuple[int, int]]) -> Iterator[Finding]:
    if quarters:
        yield from _reaches(since, quarters, _moved(entry, since, quarters))


def _entry_annulled(proposed: Proposed) -> Iterator[Finding]:
    """An entry that has reported is not annulled; one that brings in others' reports asks."""
    entry = proposed.subject
    assert isinstance(entry, Resident)  # noqa: S101 - the act is one of entries
    found = _quarters(entry.id)
    if found:
        yield Finding(
            Weight.FORBIDS,
            lazy(
                "Reports rest on this entry (%(quarters)s). Exclude the participant instead.",
                quarters=_in_words(found),
            ),
        )
    else:
        yield from _participation_moved(entry, entry.registered_on, _reached(entry, entry.registered_on))


def _what_counts(item: StatusChange, quarters: list[tuple[int, int]]) -> object:
    """What becomes of the figures of quarters outside participation, by the dated rule of each."""
    resident = db.session.get_one(Resident, item.resident_id)
    counting = [quarter for quarter in quarters if figures_count_outside(resident.territory_id, *quarter)]
    if not counting:
        return lazy("their figures stay on record and count in no indicator.")
    if counting == quarters:
        return lazy("their figures count all the same, by the rule of counting then in force.")
    return lazy(
        "only the figures of %(quarters)s count all the same, by the rule of counting then in force.",
        quarters=_in_words(counting),
    )


def _excluded(proposed: Proposed) -> Iterator[Finding]:
    """Accepted quarters that begin on the day of exclusion or later count no more; one that it cuts may count less."""
    assert isinstance(proposed.subject, StatusChange)  # noqa: S101 - the act is a change of status
    entry = db.session.get_one(Resident, proposed.subject.resident_id)
    yield from _left_out(proposed.subject, entry, proposed.effective_on, _reached(entry, proposed.effective_on))


def _left_out(item: StatusChange, entry: Resident, day: date, quarters: list[tuple[int, int]]) -> Iterator[Finding]:
    """What an exclusion of a day means for the accepted quarters it reaches."""
    found = [quarter for quarter in quarters if rules.first_day(*quarter) >= day]
    if found:
        yield Finding(
            Weight.ASKS,
            lazy(
                "Reports already accepted lie after this day: %(quarters)s. The company then took no part in these"
                " quarters: %(what)s",
                quarters=_in_words(found),
                what=_what_counts(item, found),
            ),
        )
    yield from _participation_moved(entry, day, [quarter for quarter in quarters if quarter not in found])


def _registration_moved(proposed: Proposed) -> Iterator[Finding]:
    """Another day of the entry takes accepted quarters out of participation, or brings them into it."""
    if "registered_on" not in proposed.changes:
        return
    entry = proposed.subject
    assert isinstance(entry, Resident)  # noqa: S101 - the act is one of entries
    old, new = proposed.changes["registered_on"]
    found = _reached(entry, min(old, new), max(old, new))
    if new < old:
        yield from _participation_moved(entry, new, found)
    elif found:
        yield Finding(
            Weight.ASKS,
            lazy(
                "Reports already accepted lie before this day: %(quarters)s. The company then took no part in these"
                " quarters.",
                quarters=_in_words(found),
            ),
        )


def _sent(proposed: Proposed) -> Iterator[Finding]:
    """Codes reported in the quarter before and blank now, and figures ten times as large or as small."""
    report = proposed.subject
    assert isinstance(report, Report)  # noqa: S101 - the act is one of reports
    for item in report_lines.questions(report):
        figures = format_integer if item.section == Section.STAFF else format_hundredths
        what = f"{subjects.section_name(item.section)}, {subjects.code_name(item.section, item.code)}"
        if item.oddity is Oddity.BLANK:
            message = lazy(
                "%(what)s: %(old)s in the quarter before, and blank now. Was there none (then enter 0), or was it"
                " forgotten?",
                what=what,
                old=figures(item.before),
            )
        else:
            message = lazy(
                "%(what)s: %(old)s in the quarter before and %(new)s now, a tenfold difference or more. Is it right?",
                what=what,
                old=figures(item.before),
                new=figures(item.now),
            )
        yield Finding(Weight.ASKS, message)


def _change_taken_back(proposed: Proposed) -> Iterator[Finding]:
    """An exclusion taken back, or a change made one, moves what was accepted since into participation or out of it.

    Another day of an exclusion moves what was accepted between the two days.
    """
    item = proposed.subject
    assert isinstance(item, StatusChange)  # noqa: S101 - the act is one of changes of status
    changed = [str(value) for value in proposed.changes.get("change", (item.change, item.change))]
    if str(Change.EXCLUDED) not in changed:
        return
    entry = db.session.get_one(Resident, item.resident_id)
    old, new = proposed.changes.get("effective_on", (item.effective_on, item.effective_on))
    quarters = _reached(entry, min(old, new))
    if old != new and changed[0] == changed[1]:
        quarters = [quarter for quarter in quarters if rules.first_day(*quarter) < max(old, new)]
        if new < old:
            yield from _left_out(item, entry, new, quarters)
            return
    yield from _participation_moved(entry, min(old, new), quarters)


def _entered(proposed: Proposed) -> Iterator[Finding]:
    """A new entry brings accepted quarters in which the company took no part so far into participation."""
    entry = proposed.subject
    assert isinstance(entry, Resident)  # noqa: S101 - the act is one of entries
    yield from _participation_moved(entry, entry.registered_on, _reached(entry, entry.registered_on))


def _amended(proposed: Proposed) -> Iterator[Finding]:
    """Whether it is an experimental production plant decides about the specialists of what was accepted since."""
    entry = proposed.subject
    assert isinstance(entry, Resident)  # noqa: S101 - the act is one of entries
    if "experimental_production" in proposed.changes:
        quarters = _reached(entry, proposed.effective_on)
        yield from _reaches(proposed.effective_on, quarters, _counting_specialists(entry, quarters))


def _number_corrected(proposed: Proposed) -> Iterator[Finding]:
    """An entry under another number joins the entries and reports of one company, or leaves those of another."""
    entry = proposed.subject
    assert isinstance(entry, Resident)  # noqa: S101 - the act is one of entries
    old, new = proposed.changes["bin"]
    others = [row for number in (old, new) for row, _changes in entries_of(entry.territory_id, number)]
    if all(row.id == entry.id for row in others):
        return
    own, theirs = _quarters(entry.id, Status.ACCEPTED), _accepted(entry.territory_id, new)
    both = [quarter for quarter in own if quarter in theirs]
    if both:
        yield Finding(
            Weight.ASKS,
            lazy(
                "The company with this number has accepted reports of the same quarters: %(quarters)s. Of two reports"
                " of a quarter only the one accepted last counts.",
                quarters=_in_words(both),
            ),
        )
    rest = {*_accepted(entry.territory_id, old), *theirs} - {*both}
    if rest:
        yield Finding(
            Weight.ASKS,
            lazy(
                "This joins the entry with others of its company, or parts it from them. What counts of the figures"
                " already accepted may change: %(quarters)s.",
                quarters=_in_words(sorted(rest)),
            ),
        )


_MOVES = frozenset({"registered_on", "experimental_production"})
"""The fields of an entry that decide what counts of accepted figures."""


def _keep_closed_years(_actor: Viewer, proposed: Proposed, _now: datetime) -> None:
    """Refuse an act that moves accepted figures of a closed year (``exchange.md`` 5, rule 18).

    It is asked once the act is on record, since only then the registers tell what counts; the refusal takes it back.

    :raises Conflict: naming the year.
    """
    if proposed.action == Action.RESIDENT_AMENDED and not _MOVES & proposed.changes.keys():
        return
    closed = reporting_periods.closed_years()
    if not closed:
        return
    subject = proposed.subject
    entry = db.session.get_one(Resident, subject.resident_id) if isinstance(subject, StatusChange) else subject
    assert isinstance(entry, Resident)  # noqa: S101 - the acts are of entries and their changes of status
    companies = {(entry.territory_id, number) for number in bins_ever([entry.id])}
    years = sorted(year for _territory, year in moved_years(companies) & closed)
    if years:
        raise Conflict(rules.closed_problem(years[0]), "year")


def _returned(proposed: Proposed) -> Iterator[Finding]:
    """A resident cannot send again what is returned once the quarter is locked."""
    report = proposed.subject
    assert isinstance(report, Report)  # noqa: S101 - the act is one of reports
    if rules.locked_problem(report.period.locks_on, today()) is not None and not queries.corrects_accepted(report):
        yield Finding(
            Weight.ASKS,
            lazy(
                "The quarter was locked on %(day)s: the participant cannot send this report again. The figures can then"
                " be entered from a file only.",
                day=format_date(report.period.locks_on),
            ),
        )


CONSEQUENCES = (
    Consequence(frozenset({Action.RESIDENT_AMENDED}), what_follows=_registration_moved),
    Consequence(frozenset({Action.REPORT_SUBMITTED}), what_follows=_sent),
    Consequence(frozenset({Action.REPORT_RETURNED}), what_follows=_returned),
    Consequence(frozenset({Action.STATUS_ANNULLED, Action.STATUS_CORRECTED}), what_follows=_change_taken_back),
    Consequence(frozenset({Action.RESIDENT_REGISTERED}), what_follows=_entered),
    Consequence(frozenset({Action.RESIDENT_AMENDED}), what_follows=_amended),
    Consequence(frozenset({Action.RESIDENT_ANNULLED}), what_follows=_entry_annulled),
    Consequence(frozenset({Action.STATUS_EXCLUDED}), what_follows=_excluded),
    Consequence(frozenset({Action.RESIDENT_BIN_CORRECTED}), what_follows=_number_corrected),
    Consequence(
        MOVES_PARTICIPATION,
        follow=_keep_closed_years,
    ),
)
