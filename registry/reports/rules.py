"""Rules of the quarterly reports: calendar, workflow, lines and arithmetic. Plain Python, no database."""

from __future__ import annotations

import enum
import hashlib
import json
import re
from collections import Counter, deque
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import NamedTuple

from registry.errors import Invalid
from registry.infra.access import Permission
from registry.infra.i18n import format_date, lazy
from registry.infra.numbers import canonical_hundredths
from registry.infra.workflow import Workflow, steps
from registry.journal.rules import Action, canonical
from registry.reference.rules import COUNTRIES

FIRST_YEAR, LAST_YEAR = 2024, 2035
"""Years that can be reported on (``exchange.md`` 2)."""

QUARTERS = (1, 2, 3, 4)


class PeriodAsked(NamedTuple):
    """The year and the quarter read in a search, of which one may be missing, and the words that are left."""

    year: int | None
    quarter: int | None
    rest: str


_ROMAN = {"i": 1, "ii": 2, "iii": 3, "iv": 4}
_TOGETHER = re.compile(r"(?<![\w/-])(?:(20\d\d) ?[-/] ?([1-4])|([1-4]) ?[-/] ?(20\d\d))(?![\w/-])")
_WITH_WORD = re.compile(
    r"\b(?:q ?([1-4])|(iv|i{1,3}|[1-4])(?:-?(?:ші|інші|нші|й|ый|ой|st|nd|rd|th))?[ -]?"
    r"(?:тоқсан\w*|квартал\w*|кв\b\.?|quarter))"
)
_BARE_ROMAN = re.compile(r"(?<![\w/-])(iv|i{1,3})(?![\w/-])")
_YEAR = re.compile(r"(?<![\w/-])(20\d\d)(?![\w/-])(?: ?(?:жыл\w*|год\w*|г\b\.?))?")


def period_in(search: str) -> PeriodAsked | None:
    """The quarter or year that a search names: ``2026-3``, ``III тоқсан 2026``, ``3 кв. 2026``, ``Q3 2026``, ``2026``.

    None where it names none that can be reported on. A Roman number by itself is a quarter beside a year only.
    """
    # Kazakh has the same letter.
    text = " ".join(search.casefold().replace("і", "i").split())
    year = quarter = None
    if found := _TOGETHER.search(text):
        year, quarter = int(found[1] or found[4]), int(found[2] or found[3])
        text = text.replace(found[0], " ", 1)
    else:
        if found := _WITH_WORD.search(text):
            number = found[1] or found[2]
            quarter = _ROMAN[number] if number in _ROMAN else int(number)
            text = text.replace(found[0], " ", 1)
        if found := _YEAR.search(text):
            year = int(found[1])
            text = text.replace(found[0], " ", 1)
            if quarter is None and (found := _BARE_ROMAN.search(text)):
                quarter = _ROMAN[found[1]]
                text = text.replace(found[0], " ", 1)
    if (year is None and quarter is None) or (year is not None and not FIRST_YEAR <= year <= LAST_YEAR):
        return None
    return PeriodAsked(year, quarter, text.strip(" ,;:."))


WORKING_DAYS_TO_DECIDE = 10
TENFOLD = 10
YEARS_OF_EVIDENCE = 3
"""From how many years before its quarter a document is asked about."""
MAX_COUNT = 2_147_483_647
"""The largest number a draft keeps."""
MOST_AMOUNT = 10**17 - 1
"""What the amounts of a section add up to at most, in tiyn: as much as one amount of fifteen digits may say. Sums are
kept in 64 bits, which hold ninety companies' such sums of one code."""
MOST_PEOPLE = 200_000
"""What the people of one code add up to at most: more than any employer has. Sums of people are kept in 32 bits, which
hold those of ten thousand companies."""
MOST_LINES = 800
"""Lines of one report, by page and by file alike: as many as a page shows and sends back, taxes with their parts."""


class Section(enum.StrEnum):
    """The four sections of a report."""

    REVENUE = "revenue"
    TAX = "tax"
    STAFF = "staff"
    INVESTMENT = "investment"


DICTIONARIES = {
    Section.REVENUE: "revenue_categories",
    Section.TAX: "tax_codes",
    Section.INVESTMENT: "investment_sources",
}
"""The dated dictionary of each money section's codes."""

RESEARCH, EXPERIMENTAL, TOTAL = "research_specialists", "experimental_production_staff", "total_staff"
OF_RESEARCH = ("with_degree", "under_40", "women", "engineers", "foreign")
"""Optional lines that say who the research specialists are, each of them at most as many (``exchange.md`` 5, 19)."""
STAFF_CODES = (RESEARCH, EXPERIMENTAL, TOTAL, *OF_RESEARCH)

PARTS = ("paid", "offset_in", "offset_out", "refunded")
"""What a tax line may be made of: paid + offset_in − offset_out − refunded (``exchange.md`` 5, rule 5)."""

NONE_FLAGS = {
    Section.REVENUE: "none_revenue",
    Section.TAX: "none_tax",
    Section.INVESTMENT: "none_investment",
}
"""Sections that may be empty on purpose, and the report's column that says so; staff always has a total."""


class Status(enum.StrEnum):
    """Where a version of a report stands; that an accepted one was superseded is derived, not stored."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    ACCEPTED = "accepted"


class Move(enum.StrEnum):
    """What can be done with a version."""

    EDIT = "edit"
    SUBMIT = "submit"
    DISCARD = "discard"
    ACCEPT = "accept"
    RETURN = "return"
    TAKE_BACK = "take_back"
    CORRECT = "correct"


UNCHANGED = lazy(
    "Nothing has changed since this report was sent back. Put right what was asked, or say in the explanation why the"
    " figures stand."
)


def _refusal(status: str, move: str) -> object:
    """Why a move is not possible from a status."""
    if move == Move.DISCARD:
        return lazy("Only a draft that was never sent can be discarded.")
    if move == Move.CORRECT:
        return lazy("Only an accepted report needs a correction; this one can still be changed itself.")
    if move == Move.TAKE_BACK:
        return lazy(
            "Only the sending back of a report can be undone. What was accepted counts, and is changed by a correction."
        )
    if status == Status.ACCEPTED:
        return lazy("This report has already been accepted.")
    if status == Status.RETURNED and move == Move.SUBMIT:
        return UNCHANGED
    if move in (Move.EDIT, Move.SUBMIT):
        return lazy("This report has already been sent and waits for the management company's decision.")
    if status == Status.RETURNED:
        return lazy("This report has already been sent back to the participant.")
    return lazy("This report has not been sent yet.")


_FILL, _REVIEW = Permission.FILL_REPORTS, Permission.REVIEW_REPORTS

WORKFLOW = Workflow(
    [
        # What was sent stays as it was sent: the figures of a returned version are edited in the next one.
        *steps(Status.DRAFT, Move.EDIT, Status.DRAFT, _FILL),
        *steps(Status.RETURNED, Move.EDIT, Status.RETURNED, _FILL),
        *steps(Status.DRAFT, Move.SUBMIT, Status.SUBMITTED, _FILL, act=Action.REPORT_SUBMITTED),
        *steps(Status.DRAFT, Move.DISCARD, None, _FILL),
        *steps(Status.SUBMITTED, Move.ACCEPT, Status.ACCEPTED, _REVIEW, act=Action.REPORT_ACCEPTED),
        *steps(Status.SUBMITTED, Move.RETURN, Status.RETURNED, _REVIEW, act=Action.REPORT_RETURNED, needs_reason=True),
        # Nobody has relied on a return yet while the next version is not begun; what was accepted has counted.
        *steps(Status.RETURNED, Move.TAKE_BACK, Status.SUBMITTED, _REVIEW, act=Action.REPORT_RETURN_TAKEN_BACK),
        # The accepted version stays in force until the one that corrects it is accepted.
        *steps(Status.ACCEPTED, Move.CORRECT, Status.ACCEPTED, _FILL, needs_reason=True),
    ],
    _refusal,
)
"""The one table of moves: services, buttons and tests read it (``domain.md`` 5.2)."""

BOUND_BY_LOCK = frozenset({Move.EDIT, Move.SUBMIT})
"""What a resident no longer does once the quarter is locked; the company still decides on what was sent, and what was
accepted can be corrected until its year is closed (``exchange.md`` 5, rule 18)."""

BY_OTHER_EYES = frozenset({Move.ACCEPT, Move.RETURN})
"""What nobody does who could have sent the report as the company (:func:`registry.reports.services.whose_eyes`)."""

OPEN_YEAR_ONLY = frozenset({Move.EDIT, Move.SUBMIT, Move.ACCEPT, Move.CORRECT})
"""Moves that a closed year does not take; what was sent may still be returned, and a draft thrown away."""


def closed_problem(year: int) -> object:
    """Why a closed year takes nothing (``exchange.md`` 5, rule 18)."""
    return lazy("the year %(year)s is closed: it takes no reports or corrections until it is reopened", year=year)


def locked_problem(locks_on: date, day: date) -> object | None:
    """Why a resident saves and sends nothing in a quarter on a day; the last day itself is not locked yet."""
    if day <= locks_on:
        return None
    return lazy(
        "The quarter was locked on %(day)s: nothing more can be saved or sent here. Hand your figures to the management"
        " company; it can enter them from a file.",
        day=format_date(locks_on),
    )


EDITABLE = WORKFLOW.sources(Move.EDIT)
"""Statuses in which the resident may change the figures."""


class Standing(enum.StrEnum):
    """How a resident's quarter looks on the board: the state of its newest version, or that there is none."""

    NOT_EXPECTED = "not_expected"
    EXPECTED = "expected"
    DRAFT = "draft"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    ACCEPTED = "accepted"
    LATE = "late"


class Severity(enum.StrEnum):
    """Errors keep a report from being sent; warnings are shown and do not."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Line:
    """One figure: ``amount`` in tiyn or, for staff, ``count``, with the document it rests on."""

    section: str
    code: str
    amount: int | None = None
    count: int | None = None
    country: str | None = None
    ip_title_no: str | None = None
    document_kind: str | None = None
    document_no: str | None = None
    document_date: date | None = None
    paid: int | None = None
    offset_in: int | None = None
    offset_out: int | None = None
    refunded: int | None = None

    @property
    def parts(self) -> tuple[int | None, ...]:
        """What the amount of a tax line is made of, in the order of :data:`PARTS`."""
        return self.paid, self.offset_in, self.offset_out, self.refunded

    @property
    def figure(self) -> int | None:
        return self.count if self.section == Section.STAFF else self.amount

    @property
    def has_document(self) -> bool:
        return bool(self.document_no or self.document_kind)

    @property
    def key(self) -> tuple[object, ...]:
        """All but the figures: two lines of one report may not share it (``exchange.md`` 2)."""
        return (
            self.section,
            self.code,
            self.country,
            self.ip_title_no,
            self.document_kind,
            self.document_no,
            self.document_date,
        )


LINE_FIELDS = ("section", "code", "amount", "count", "country", "ip_title_no", "document_kind", "document_no",
               "document_date", *PARTS)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule has to say about a report: at the line ``position`` (from 1), or about a section as a whole.

    ``field`` is the exchange column, the ``none_*`` flag, or a staff code that is missing.
    """

    position: int | None
    section: str | None
    field: str
    message: object
    severity: Severity = Severity.ERROR


@dataclass(frozen=True, slots=True)
class Unread:
    """A cell of a draft as it was typed, where it cannot be read: at the line ``position`` (from 1), else a field of
    the whole report.
    """

    position: int | None
    field: str
    text: str


def unread_cells(kept: str | None) -> list[Unread]:
    """The cells that a draft keeps as they were typed."""
    return [Unread(*item) for item in json.loads(kept or "[]")]


def keep_unread(cells: Iterable[Unread]) -> str | None:
    """The same as the draft keeps them; None where everything was read."""
    found = [[cell.position, cell.field, cell.text] for cell in cells]
    return json.dumps(found, ensure_ascii=True) if found else None


class LinesRefused(Invalid):
    """The rules refuse a report; ``findings`` say what and at which line."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        super().__init__([(finding.field, finding.message) for finding in findings])
        self.findings = tuple(findings)


# --- the calendar -----------------------------------------------------------------------------------------------------


@lru_cache
def first_day(year: int, quarter: int) -> date:
    """The quarter's first day."""
    return date(year, 3 * quarter - 2, 1)


@lru_cache
def last_day(year: int, quarter: int) -> date:
    """The quarter's last day."""
    return date(year, 3 * quarter, 31 if quarter in (1, 4) else 30)


def following(year: int, quarter: int) -> tuple[int, int]:
    """The next quarter."""
    return (year + 1, 1) if quarter == 4 else (year, quarter + 1)


def preceding(year: int, quarter: int) -> tuple[int, int]:
    """The quarter before."""
    return (year - 1, 4) if quarter == 1 else (year, quarter - 1)


def quarter_of(day: date) -> tuple[int, int]:
    """Year and quarter of a day."""
    return day.year, (day.month + 2) // 3


def ended_by(year: int, quarter: int, day: date) -> bool:
    """Whether the quarter has ended by ``day``: its last day counts as ended (``exchange.md`` 3)."""
    return last_day(year, quarter) <= day


def last_ended(day: date) -> tuple[int, int]:
    """The latest quarter that has ended by ``day``."""
    current = quarter_of(day)
    return current if ended_by(*current, day) else preceding(*current)


def next_working_day(day: date, holidays: Collection[date] = (), worked: Collection[date] = ()) -> date:
    """``day`` itself when people work on it, else the first day after it when they do.

    ``holidays`` are days without work besides Saturdays and Sundays, ``worked`` the Saturdays and Sundays with work.
    """
    while day not in worked and (day.weekday() >= 5 or day in holidays):
        day += timedelta(days=1)
    return day


def after_working_days(day: date, number: int, holidays: Collection[date] = (), worked: Collection[date] = ()) -> date:
    """The day ``number`` working days after ``day``."""
    for _ in range(number):
        day = next_working_day(day + timedelta(days=1), holidays, worked)
    return day


def working_days_left(day: date, until: date, holidays: Collection[date] = (), worked: Collection[date] = ()) -> int:
    """How many working days come after ``day`` up to ``until``, which counts if it is one."""
    left = 0
    while (day := next_working_day(day + timedelta(days=1), holidays, worked)) <= until:
        left += 1
    return left


@dataclass(frozen=True, slots=True)
class Dates:
    """The three dates of a period: from when it may be filled, until when it is due, by when the company decides."""

    opens_on: date
    due_on: date
    locks_on: date


def proposed_dates(year: int, quarter: int, holidays: Collection[date] = (), worked: Collection[date] = ()) -> Dates:
    """The default calendar (``domain.md`` 5.2): due on the 25th of the second month, decided 10 working days later.

    The fourth quarter is due on 25 February and decided by 5 March. ``holidays`` and ``worked`` are those of
    :func:`next_working_day`.
    """
    opens_on = first_day(*following(year, quarter))
    due_on = next_working_day(date(opens_on.year, opens_on.month + 1, 25), holidays, worked)
    if quarter == 4:
        return Dates(opens_on, due_on, next_working_day(date(opens_on.year, 3, 5), holidays, worked))
    return Dates(opens_on, due_on, after_working_days(due_on, WORKING_DAYS_TO_DECIDE, holidays, worked))


def period_problems(year: int, quarter: int) -> list[tuple[str, object]]:
    """What makes this no quarter to report on."""
    found: list[tuple[str, object]] = []
    if not FIRST_YEAR <= year <= LAST_YEAR:
        found.append(
            ("year", lazy("reports are kept for the years %(first)s to %(last)s", first=FIRST_YEAR, last=LAST_YEAR))
        )
    if quarter not in QUARTERS:
        found.append(("quarter", lazy("a quarter is a number from 1 to 4")))
    return found


def dates_problems(dates: Dates, year: int, quarter: int) -> list[tuple[str, object]]:
    """What is out of order in a period's dates."""
    found: list[tuple[str, object]] = []
    if dates.opens_on <= first_day(year, quarter):
        found.append(("opens_on", lazy("a period opens after the first day of its quarter")))
    if dates.due_on < max(dates.opens_on, last_day(year, quarter)):
        found.append(("due_on", lazy("a report cannot be due before its period opens and its quarter ends")))
    if dates.locks_on < dates.due_on:
        found.append(("locks_on", lazy("the management company cannot decide before the report is due")))
    return found


# --- where a quarter stands -------------------------------------------------------------------------------------------


def standing(expected: bool, status: str | None, ended: bool, due_on: date | None, today: date) -> Standing:
    """How a resident's quarter stands today; ``status`` is that of the newest version, None without one.

    A quarter is late once its due day has passed and nothing was ever sent: lateness is measured by the first sending,
    and a report returned or being corrected is no late one. One not opened has no ``due_on`` and is never late. A
    correction under way does not take back what was accepted, so ``status`` of such a quarter is ``accepted``.
    """
    if status is not None and status != Status.DRAFT:
        return Standing(str(status))
    if not expected and status is None:
        return Standing.NOT_EXPECTED
    if expected and due_on is not None and today > due_on:
        return Standing.LATE
    if status is not None:
        return Standing(str(status))
    return Standing.EXPECTED if ended else Standing.NOT_EXPECTED


# --- lines ------------------------------------------------------------------------------------------------------------


def too_many(lines: Sequence[Line]) -> list[Finding]:
    """What is said of the first line too many of a report; nothing where it has no more than :data:`MOST_LINES`."""
    if len(lines) <= MOST_LINES:
        return []
    message = lazy(
        "a report has at most %(most)s lines, this one has %(count)s; put the lines of one code together, and name in"
        " their document the list they are taken from",
        most=MOST_LINES,
        count=len(lines),
    )
    return [Finding(MOST_LINES + 1, lines[MOST_LINES].section, "code", message)]


def line_problems(
    lines: Sequence[Line], quarter_ends: date, is_valid: Callable[[str, str, date], bool]
) -> list[Finding]:
    """Everything the register refuses in a report's lines, in their order (``exchange.md`` 2).

    Codes must be valid on ``quarter_ends``, the quarter's last day.
    ``is_valid(dictionary, code, day)`` asks the dictionaries.
    """
    found = too_many(lines)
    if found:
        return found
    seen: set[tuple[object, ...]] = set()
    for position, line in enumerate(lines, start=1):

        def refuse(field: str, message: object, position: int = position, line: Line = line) -> None:
            found.append(Finding(position, line.section, field, message))

        try:
            section = Section(line.section)
        except ValueError:
            refuse("section", lazy("%(section)s is not one of revenue, tax, investment, staff", section=line.section))
            continue
        _check_code(section, line.code, quarter_ends, is_valid, refuse)
        _check_figure(section, line, refuse)
        if line.country and line.country not in COUNTRIES:
            refuse(
                "country",
                lazy("%(code)s is not a country code; choose a country from the list, such as KZ", code=line.country),
            )
        if line.key in seen:
            refuse("code", lazy("this line repeats another one; put them together or name different documents"))
        seen.add(line.key)
    found += _too_much(lines)
    staff = staff_counts(lines)
    if TOTAL in staff and RESEARCH in staff and staff[RESEARCH] > staff[TOTAL]:
        position = next(number for number, line in enumerate(lines, start=1) if _is_staff(line, RESEARCH))
        found.append(
            Finding(
                position,
                Section.STAFF,
                "count",
                lazy(
                    "there cannot be more research specialists (%(research)s) than staff in total (%(total)s)",
                    research=staff[RESEARCH],
                    total=staff[TOTAL],
                ),
            )
        )
    for position, line in enumerate(lines, start=1):
        if (
            line.section == Section.STAFF
            and line.code in OF_RESEARCH
            and staff.get(line.code, 0) > staff.get(RESEARCH, 0)
        ):
            found.append(
                Finding(
                    position,
                    Section.STAFF,
                    "count",
                    lazy(
                        "these are part of the research specialists and cannot be more than all of them (%(research)s)",
                        research=staff.get(RESEARCH, 0),
                    ),
                )
            )
    return found


def _too_much(lines: Sequence[Line]) -> list[Finding]:
    """What is said of each line with which the sums become larger than the register keeps."""
    found: list[Finding] = []
    sums: Counter[str] = Counter()
    for position, line in enumerate(lines, start=1):
        is_staff = line.section == Section.STAFF
        place, most = (line.code, MOST_PEOPLE) if is_staff else (line.section, MOST_AMOUNT)
        sums[place] += abs(line.figure or 0)
        if sums[place] > most:
            message = lazy(
                "with this line the figures add up to more than %(most)s; check whether several numbers ran together",
                most=most if is_staff else canonical_hundredths(most),
            )
            found.append(Finding(position, line.section, "count" if is_staff else "amount", message))
            sums[place] -= abs(line.figure or 0)
    return found


def _check_code(
    section: Section,
    code: str,
    quarter_ends: date,
    is_valid: Callable[[str, str, date], bool],
    refuse: Callable[[str, object], None],
) -> None:
    if not code:
        refuse("code", lazy("this field is required"))
    elif section is Section.STAFF:
        if code not in STAFF_CODES:
            refuse("code", lazy("%(code)s is not one of %(codes)s", code=code, codes=", ".join(STAFF_CODES)))
    elif not is_valid(DICTIONARIES[section], code, quarter_ends):
        if section is Section.TAX and len(code) == 6 and code.isascii() and code.isdecimal() and code[0] == "1":
            refuse(
                "code",
                lazy(
                    "%(code)s is not in the list of budget classification codes on the quarter's last day; if it is a"
                    " tax, have the administrator add it to the dictionary tax_codes",
                    code=code,
                ),
            )
        elif section is Section.TAX:
            refuse(
                "code",
                lazy(
                    "%(code)s is not a budget classification code of the quarter's last day; choose one from the list",
                    code=code,
                ),
            )
        else:
            refuse("code", lazy("%(code)s is not a valid code; choose one from the list", code=code))


def _check_figure(section: Section, line: Line, refuse: Callable[[str, object], None]) -> None:
    if section is Section.STAFF:
        if line.count is None:
            refuse("count", lazy("this field is required"))
        elif line.count < 0:
            refuse("count", lazy("a number of people cannot be negative"))
        if line.amount is not None:
            refuse("amount", lazy("a staff line has a count and no amount"))
    else:
        if line.amount is None:
            refuse("amount", lazy("this field is required"))
        elif line.amount < 0 and not (section is Section.TAX and any(part is not None for part in line.parts)):
            refuse("amount", lazy("an amount cannot be negative"))
        if line.count is not None:
            refuse("count", lazy("only a staff line has a count"))
    _check_parts(section, line, refuse)


def net(paid: int, offset_in: int, offset_out: int, refunded: int) -> int:
    """What the budget received: paid, and what offsets brought, less what they took and what was refunded."""
    return paid + offset_in - offset_out - refunded


def _check_parts(section: Section, line: Line, refuse: Callable[[str, object], None]) -> None:
    given = {name: part for name, part in zip(PARTS, line.parts, strict=True) if part is not None}
    if given and section is not Section.TAX:
        refuse(next(iter(given)), lazy("only a tax line is made of payments, offsets and refunds"))
        return
    for name, part in given.items():
        if part < 0:
            refuse(name, lazy("an amount cannot be negative"))
    if given and len(given) < len(PARTS):
        for name in PARTS:
            if name not in given:
                refuse(
                    name, lazy("give all four of paid, offset_in, offset_out and refunded, or none; 0 where nothing")
                )
    elif given and line.amount is not None and line.amount != net(**given):
        refuse(
            "amount",
            lazy(
                "the amount must equal paid + offset_in − offset_out − refunded, which is %(net)s",
                net=canonical_hundredths(net(**given)),
            ),
        )


def _is_staff(line: Line, code: str) -> bool:
    return line.section == Section.STAFF and line.code == code


def staff_counts(lines: Iterable[Line]) -> dict[str, int]:
    """People by staff code; a code without a figure is absent, since blank is not zero."""
    counts: Counter[str] = Counter()
    for line in lines:
        if line.section == Section.STAFF and line.count is not None:
            counts[line.code] += line.count
    return dict(counts)


Totals = Mapping[tuple[str, str], int]
"""Sum of the figures of each (section, code)."""


def totals(lines: Iterable[Line]) -> dict[tuple[str, str], int]:
    """Sum of the figures of each (section, code), in the order of the lines."""
    found: dict[tuple[str, str], int] = {}
    for line in lines:
        if line.figure is not None:
            key = (line.section, line.code)
            found[key] = found.get(key, 0) + line.figure
    return found


def section_totals(lines: Iterable[Line], is_tax: Callable[[str], bool]) -> dict[str, int]:
    """The sum of each money section, and the total of staff where it is given.

    The taxes are those that are taxes: :func:`no_taxes` has the other payments of the section.
    """
    found: dict[str, int] = {}
    for (section, code), figure in totals(lines).items():
        if section == Section.TAX and not is_tax(code):
            found.setdefault(section, 0)
        elif section != Section.STAFF or code == TOTAL:
            found[section] = found.get(section, 0) + figure
    return found


def no_taxes(lines: Iterable[Line], is_tax: Callable[[str], bool]) -> int | None:
    """What the tax section holds of payments that are no tax (social contributions); None where there are none."""
    found = [figure for (section, code), figure in totals(lines).items() if section == Section.TAX and not is_tax(code)]
    return sum(found) if found else None


def report_problems(lines: Sequence[Line], none: Collection[str]) -> list[Finding]:
    """What keeps a whole report from being sent: blank is not zero, and the parts must fit the total.

    ``none`` holds the sections marked as empty on purpose.
    """
    found: list[Finding] = []
    filled = {line.section for line in lines}
    for section, flag in NONE_FLAGS.items():
        if section in none and section in filled:
            found.append(
                Finding(
                    None, section, flag, lazy("the section is marked as empty, but it has lines; keep one or the other")
                )
            )
        elif section not in none and section not in filled:
            found.append(
                Finding(None, section, flag, lazy("fill in the section, or mark that there was nothing in this period"))
            )
    staff = staff_counts(lines)
    if TOTAL not in staff:
        found.append(
            Finding(None, Section.STAFF, TOTAL, lazy("state the total number of staff, 0 if there was nobody"))
        )
    elif staff.get(RESEARCH, 0) <= staff[TOTAL] < staff.get(RESEARCH, 0) + staff.get(EXPERIMENTAL, 0):
        position = next(number for number, line in enumerate(lines, start=1) if _is_staff(line, TOTAL))
        found.append(
            Finding(
                position,
                Section.STAFF,
                "count",
                lazy(
                    "research specialists and experimental-production staff (%(parts)s together) are more than"
                    " the total",
                    parts=staff.get(RESEARCH, 0) + staff[EXPERIMENTAL],
                ),
            )
        )
    return found


NEEDS_EVIDENCE = lazy("this revenue counts for indicator 5; name the title of protection or the document")


def evidence_missing(lines: Sequence[Line], counts: Callable[[str, str], bool], severity: Severity) -> list[Finding]:
    """Revenue that counts for indicator 5 and names neither a document nor a title of protection.

    An error on the page, a warning in a file (``exchange.md`` 5, rule 19).
    """
    return [
        Finding(position, line.section, "document_no", NEEDS_EVIDENCE, severity)
        for position, line in enumerate(lines, start=1)
        if lacks_evidence(line) and counts(*_key(line))
    ]


def lacks_evidence(line: Line) -> bool:
    """Whether a line of revenue names neither a document nor a title of protection."""
    return line.section == Section.REVENUE and not line.has_document and not line.ip_title_no


def warnings(
    lines: Sequence[Line], counts: Callable[[str, str], bool], previous: Totals | None = None
) -> list[Finding]:
    """What may be sent but is worth a look (``domain.md`` 9).

    ``counts(section, code)`` says whether a code counts for its indicator; ``previous`` are the totals of the quarter
    before, None when that was never accepted. :func:`evidence_missing` stands apart.
    """
    found: list[Finding] = []
    now = totals(lines)
    compared: set[tuple[str, str]] = set()
    for position, line in enumerate(lines, start=1):

        def warn(field: str, message: object, position: int = position, line: Line = line) -> None:
            found.append(Finding(position, line.section, field, message, Severity.WARNING))

        counted_without = lacks_evidence(line) and counts(*_key(line))
        if not counted_without and line.section in (Section.REVENUE, Section.TAX) and not line.has_document:
            warn("document_no", lazy("there is no evidence document for this line"))
        if line.section == Section.TAX and line.code and not counts(*_key(line)):
            warn("code", lazy("payments with this code do not count for indicator 1"))
        if line.country and line.section in (Section.TAX, Section.STAFF):
            warn("country", lazy("a country means nothing on this line; leave it empty"))
        key = _key(line)
        if previous and key not in compared and key in now and changed_much(previous.get(key), now[key]):
            field = "count" if line.section == Section.STAFF else "amount"
            warn(field, lazy("this differs by more than 50 percent from the quarter before; check it once more"))
        compared.add(key)
    return found


def document_dates(lines: Sequence[Line], quarter_begins: date, today: date) -> list[Finding]:
    """Evidence documents whose date is likely mistyped: after today, or years before the quarter."""
    found: list[Finding] = []
    earliest = quarter_begins.replace(year=quarter_begins.year - YEARS_OF_EVIDENCE)
    for position, line in enumerate(lines, start=1):
        day = line.document_date
        if day is not None and day > today:
            message = lazy("the document is dated after today; enter the date that stands on it")
            found.append(Finding(position, line.section, "document_date", message))
        elif day is not None and day < earliest:
            message = lazy(
                "the document is dated more than %(years)s years before the quarter; check the year",
                years=YEARS_OF_EVIDENCE,
            )
            found.append(Finding(position, line.section, "document_date", message, Severity.WARNING))
    return found


def _key(line: Line) -> tuple[str, str]:
    return line.section, line.code


def changed_much(before: int | None, after: int) -> bool:
    """Whether a figure moved by more than half of what it was; a figure that was absent or 0 tells nothing."""
    return bool(before) and 2 * abs(after - before) > abs(before)  # type: ignore[operator, arg-type]


class Oddity(enum.StrEnum):
    """What is asked about before a report is sent."""

    BLANK = "blank"
    TENFOLD = "tenfold"


@dataclass(frozen=True, slots=True)
class Question:
    """A code whose figure is asked about: blank where the quarter before had one, or ten times as large or small."""

    section: str
    code: str
    oddity: Oddity
    before: int
    now: int | None


def questions(lines: Iterable[Line], none: Collection[str], previous: Totals) -> list[Question]:
    """What must be confirmed before a report is sent, against the totals of the quarter before.

    A section marked as empty on purpose, and a code reported with 0, answer themselves.
    """
    found: list[Question] = []
    now = totals(lines)
    for (section, code), before in previous.items():
        if not before:
            continue
        figure = now.get((section, code))
        if figure is None:
            if section not in none:
                found.append(Question(section, code, Oddity.BLANK, before, None))
        elif figure and (abs(figure) >= TENFOLD * abs(before) or TENFOLD * abs(figure) <= abs(before)):
            found.append(Question(section, code, Oddity.TENFOLD, before, figure))
    return found


def same_lines(left: Iterable[Line], right: Iterable[Line]) -> bool:
    """Whether two reports hold the same lines, in whatever order."""
    return Counter(left) == Counter(right)


KeptLine = tuple[int, Line]
"""A line with its identity, which is the same from version to version."""

_ALIKE: tuple[Callable[[Line], object], ...] = (
    lambda line: line,
    lambda line: line.key,
    lambda line: (line.section, line.code),
)
"""What two lines must share to be one, the surest sign first."""


def carried(before: Sequence[KeptLine], after: Sequence[Line]) -> list[int | None]:
    """The identity of each line of ``after`` that was there before; None for a new line.

    A line goes on from an equal one, else from one with the same documents, else from one with the same code, in the
    order of both.
    """
    found: list[int | None] = [None] * len(after)
    for alike in _ALIKE:
        waiting: dict[object, deque[int]] = {}
        taken = set(found)
        for number, line in before:
            if number not in taken:
                waiting.setdefault(alike(line), deque()).append(number)
        for position, line in enumerate(after):
            if found[position] is None and (same := waiting.get(alike(line))):
                found[position] = same.popleft()
    return found


def line_values(line: Line) -> dict[str, object]:
    """The columns of a line that are set, as JSON keeps them."""
    return {
        name: value.isoformat() if isinstance(value, date) else value
        for name in LINE_FIELDS
        if (value := getattr(line, name)) is not None
    }


def content_hash(lines: Iterable[KeptLine], none: Collection[str], explanation: str | None, reason: str | None) -> str:
    """SHA-256 over all that a version says: its lines with their identities, its empty sections, and the resident's
    explanation and reason for a correction.
    """
    return values_hash([(number, line_values(line)) for number, line in lines], none, explanation, reason)


def values_hash(
    lines: Iterable[tuple[int, Mapping[str, object]]],
    none: Collection[str],
    explanation: str | None,
    reason: str | None,
) -> str:
    """The same, of lines told by the columns that are set (:func:`line_values`)."""
    content = [[[number, values] for number, values in lines], sorted(none), explanation, reason]
    return hashlib.sha256(canonical(content).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Comparison:
    """What became of one (section, code) between two reports; None where a report has no such line."""

    section: str
    code: str
    old: int | None
    new: int | None


def compare(old: Iterable[Line], new: Iterable[Line]) -> list[Comparison]:
    """The sums that differ between two reports, in the order of the sections and the lines."""
    before, after = totals(old), totals(new)
    order = list(Section)
    keys = sorted({**before, **after}, key=lambda key: order.index(Section(key[0])))
    return [
        Comparison(section, code, before.get((section, code)), after.get((section, code)))
        for section, code in keys
        if before.get((section, code)) != after.get((section, code))
    ]
