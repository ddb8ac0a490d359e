"""What papers about money share: the accepted report lines of a section, added up by company and code."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from registry.infra.access import SYSTEM
from registry.infra.i18n import country_name
from registry.paper_kinds import snapshots as s
from registry.paper_kinds.naming import Collected, Naming, id_of
from registry.paper_kinds.rules import Period
from registry.paper_kinds.writer import DASH, ROMAN, Writer
from registry.printing.layout import Row, Section, Source, row_of
from registry.reports import accepted, totals
from registry.reports import rules as report_rules
from registry.reports.rules import DICTIONARIES
from registry.territories.models import Territory


@dataclass(frozen=True, slots=True)
class Code:
    """A code that report lines state: a revenue category, a budget classification code or an investment source.

    ``budget`` is set for taxes only: ``republican`` or ``local``, or empty where the dictionary names none.
    """

    code: str
    name: s.Text
    budget: str = ""


@dataclass(frozen=True, slots=True)
class Sum:
    """What one company reported under one code, in tiyn: the whole ``amount``, and ``exported``, the part from abroad.

    ``counts`` says whether the indicator counts it. Where that changes within a year, there are two sums.
    """

    code: str
    counts: bool
    amount: int
    exported: int = 0


@dataclass(frozen=True, slots=True)
class Account:
    """A company with its sums by code."""

    who: s.Who
    sums: tuple[Sum, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """An accepted report line with its evidence document; ``amount`` is in tiyn, ``counts`` as in :class:`Sum`."""

    who: s.Who
    quarter: int
    code: str
    counts: bool
    amount: int
    country: str | None
    ip_title_no: str | None
    document_kind: str | None
    document_no: str | None
    document_date: date | None


@dataclass(frozen=True, slots=True)
class Accounts:
    """Revenues, taxes or investment of a period by company and code, with the ``lines`` behind them in a register."""

    codes: tuple[Code, ...]
    accounts: tuple[Account, ...]
    lines: tuple[Line, ...] = ()


def accounts_of(
    section: report_rules.Section, period: Period, territory: Territory | None, *, with_lines: bool = False
) -> Collected:
    """The accepted lines of a section in a period, added up by company and code; ``with_lines`` also lists each line.

    Without a territory they are those of all territories. What counts is told by
    :func:`registry.reports.totals.line_counts`.
    """
    naming = Naming(period, territory_id=id_of(territory))
    lines: list[Line] = []
    dictionary = DICTIONARIES[section]
    sums: dict[int, dict[tuple[str, bool], list[int]]] = {}
    line_counts = totals.line_counts(SYSTEM, as_of=period.as_of, known_at=period.known_at)
    for line in accepted.accepted_lines(
        SYSTEM,
        territory_id=id_of(territory),
        year=period.reporting_year,
        quarter=period.quarter,
        section=section,
        as_of=period.as_of,
        known_at=period.known_at,
    ):
        counts = line_counts(line)
        pair = sums.setdefault(line.resident_id, {}).setdefault((line.code, counts), [0, 0])
        pair[0] += line.amount or 0
        if line.country not in (None, "KZ"):
            pair[1] += line.amount or 0
        if with_lines:
            lines.append(
                Line(
                    naming.who(line.resident_id),
                    line.quarter,
                    line.code,
                    counts,
                    line.amount or 0,
                    line.country,
                    line.ip_title_no,
                    line.document_kind,
                    line.document_no,
                    line.document_date,
                )
            )
    used = {code for found in sums.values() for code, _counts in found}
    known = naming.codes(dictionary)
    # All categories or sources in force are shown, also those without a line; of the many tax codes only those in use.
    shown = known if section is not report_rules.Section.TAX else [code for code in known if code in used]
    codes = [*shown, *sorted(used - set(shown))]
    accounts = tuple(
        Account(
            naming.who(resident_id),
            tuple(
                Sum(code, counts, amount, exported)
                for (code, counts), (amount, exported) in sorted(found.items(), key=lambda item: item[0])
            ),
        )
        for resident_id, found in sums.items()
    )
    return (
        Accounts(tuple(_code(naming, dictionary, code) for code in codes), accounts, tuple(lines)),
        coverage_of(period, territory),
        naming.demo,
    )


def _code(naming: Naming, dictionary: str, code: str) -> Code:
    found = naming.code(dictionary, code)
    return Code(code, naming.term(dictionary, code), found.attributes if found and dictionary == "tax_codes" else "")


def coverage_of(period: Period, territory: Territory | None) -> s.Coverage:
    """How many reports are accepted of those expected in a year, or in one quarter of it."""
    found = totals.coverage(
        SYSTEM,
        year=period.reporting_year,
        quarter=period.quarter,
        territory_id=id_of(territory),
        as_of=period.as_of,
        known_at=period.known_at,
    )
    return s.Coverage(found.accepted, found.expected)


class AccountsWriter(Writer):
    """Writes papers about money; ``section`` is the section of the reports that a paper is about."""

    section: ClassVar[report_rules.Section]

    def accounts(self, body: Accounts) -> list[Account]:
        """The companies in the alphabetical order of their names."""
        return self.sorted_by_name(body.accounts, lambda account: account.who.name)

    def country(self, code: str | None) -> str:
        """The name of a country in the paper's language; a dash for none."""
        return country_name(code, self.language) if code else DASH

    def lines_annex(self, body: Accounts, title: str) -> Section:
        """An annex of every accepted line behind the sums, with its evidence document: lines that count come first."""
        taxes = self.section is report_rules.Section.TAX
        names = {code.code: self.text(code.name) for code in body.codes}
        columns = [
            self.column("no", 11, "index"),
            self.territory_column(),
            self.column("name", 52),
            self.column("bin", 25, "code"),
            self.column("quarter", 17, "centre"),
            self.column("bcc", 20, "code") if taxes else self.column("category", 46),
            None if taxes else self.column("country", 24, "label"),
            self.column("document", 48),
            self.column("paid" if taxes else "amount", 30, "number"),
        ]
        width = sum(column is not None for column in columns)
        rows: list[Row] = []
        printed = 0
        for counts in (True, False):
            found = [line for line in body.lines if line.counts is counts]
            if not found:
                continue
            rows.append(
                row_of(self.say("subtotal.counted" if counts else "subtotal.not_counted"), style="group", span=width)
            )
            for number, line in enumerate(self.sorted_by_name(found, lambda line: line.who.name), start=printed + 1):
                rows.append(
                    row_of(
                        number,
                        *self.place(line.who),
                        self.text(line.who.name),
                        self.bin(line.who),
                        ROMAN[line.quarter],
                        *((line.code,) if taxes else (names[line.code], self.country(line.country))),
                        self.evidence(line) or DASH,
                        self.money(line.amount),
                    )
                )
            printed += len(found)
            amount = self.money(sum(line.amount for line in found))
            rows.append(
                row_of(
                    self.say("total"),
                    amount,
                    style="total",
                    span=width - 1,
                    source=Source(str(self.section), counts),
                )
            )
        return Section((self.table(columns, rows),), heading=self.say(title), annex=self.say("annex", n=1))
