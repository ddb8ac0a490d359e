"""The annual report of a management company: its parts and two annexes (``domain.md`` 5.4).

The first page sums up the year. The only causes of deviations it names are those that companies gave in their reports.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import Any
from xml.sax.saxutils import escape

from msgspec import UNSET

from registry.infra.charts import actual_against_target
from registry.infra.i18n import format_quarter, lazy
from registry.paper_kinds import snapshots as s
from registry.paper_kinds.annual_data import (
    EVIDENCE,
    Annual,
    Course,
    Evidence,
    Movement,
    Passport,
    charted_years,
    collect,
)
from registry.paper_kinds.annual_words import WORDS
from registry.paper_kinds.debtors import DebtorsPaper
from registry.paper_kinds.indicators import Indicator, IndicatorsPaper
from registry.paper_kinds.kind import ALL_COUNTING, REPORTS, Annex, Asks, PaperKind, Reads
from registry.paper_kinds.patents import by_title
from registry.paper_kinds.premises import PremisesPaper
from registry.paper_kinds.revenues import RevenuesPaper
from registry.paper_kinds.taxes import TaxesPaper
from registry.paper_kinds.writer import DASH, ROMAN
from registry.printing.layout import (
    Block,
    Cell,
    Chart,
    Column,
    Contents,
    Facts,
    Notes,
    Paragraph,
    Row,
    Section,
    Source,
    row_of,
)

_BILLION = 100_000_000_000
"""Tiyn in a billion tenge."""


class AnnualPaper(TaxesPaper, RevenuesPaper, IndicatorsPaper, PremisesPaper, DebtorsPaper):
    """Writes the annual report, with tables that it shares with the papers it extends."""

    words = WORDS

    def sections(self, body: Any) -> list[Section]:
        parts: list[tuple[str, Sequence[Block]]] = [
            ("summary", self._summary(body)),
            (
                "passports" if len(body.passports) > 1 else "passport",
                [self._passport(row, body) for row in body.passports],
            ),
            ("indicators", self._achieved(body)),
            ("deviations", self._deviations(body)),
            ("movement", self._movement(body)),
            ("taxes", self._tax_parts(body)),
            ("revenues", self._revenue_parts(body)),
            ("patents", self._patent_parts(body)),
            ("staff", self._staff(body)),
            ("investment", self._investment(body)),
            ("projects", self._projects(body)),
            ("contracts", self._contract_parts(body)),
            ("discipline", self._discipline(body)),
            ("plan", (Paragraph(self.say("annual.no_plan")),)),
        ]
        found = [
            Section(tuple(blocks), heading=f"{number}. {self.say(f'annual.{key}')}")
            for number, (key, blocks) in enumerate(parts, start=1)
        ]
        found.insert(1, Section((Contents(self.say("contents")),), new_page=True))
        listed = {"register": self._register, EVIDENCE: self._evidence}
        left_out = () if self.snapshot.without is UNSET else self.snapshot.without
        annexes = [code for code in listed if code not in left_out]
        return found + [
            Section((listed[code](body),), heading=self.say(f"annual.annex.{code}"), annex=self.say("annex", n=number))
            for number, code in enumerate(annexes, start=1)
        ]

    def quarter(self, number: int) -> str:
        """The heading of a column for a quarter (1 to 4)."""
        return self.say("col.quarter_of", n=number if self.language == "en" else ROMAN[number])

    def counts(self, values: Sequence[int]) -> tuple[Cell, ...]:
        """A cell for each of these whole numbers."""
        return tuple(self.whole(value) for value in values)

    def _summary(self, body: Annual) -> list[Block]:
        """The six indicators, and paragraphs that say which plans were met."""
        coverage, closed_on = self.snapshot.coverage, body.closed_on
        found: list[Block] = [
            self.facts(
                [
                    (self.say("annual.closed_on"), self.day(closed_on)),
                    (self.say("annual.participants"), self.whole(len(body.entries))),
                ]
            ),
            self.indicator_table(body.indicators),
        ]
        groups: dict[str, list[str]] = {}
        for item in body.indicators.indicators:
            if isinstance(item.base, int):
                continue
            number = str(item.number)
            if item.actual is None:
                key = "unknown"
            elif item.percent is None:
                key = "unplanned"
            else:
                key = "missed" if _is_missed(item) else "reached"
                number = self.say("annual.one_of", number=number, percent=self.per_cent(item.percent))
            groups.setdefault(key, []).append(number)
        words = [
            self.say(f"annual.{key}" if len(groups[key]) > 1 else f"annual.{key}.one", list=", ".join(groups[key]))
            for key in ("reached", "missed", "unknown", "unplanned")
            if key in groups
        ]
        if coverage is not None:
            expected, accepted = self.whole(coverage.expected), self.whole(coverage.accepted)
            words.append(self.say("annual.based_on", expected=expected, accepted=accepted))
        if closed_on < date(self.snapshot.reporting_year, 12, 31):
            words.append(self.say("annual.interim"))
        return [*found, *map(Paragraph, words)]

    def _deviations(self, body: Annual) -> list[Block]:
        """The indicators that missed their plan, and the explanations that companies gave in their reports."""
        missed = [item for item in body.indicators.indicators if _is_missed(item)]
        columns = [
            self.column("no", 11, "centre"),
            self.column("indicator", 68),
            self.column("unit", 19, "centre"),
            self.column("target", 20, "number"),
            self.column("actual", 20, "number"),
            self.column("deviation", 22, "number"),
            self.column("percent", 22, "number"),
        ]
        rows = [
            row_of(
                item.number,
                self.text(item.title),
                self.say(f"unit.{item.unit}"),
                self.value(item.unit, item.target),
                self.value(item.unit, item.actual),
                self.value(item.unit, (item.actual or 0) - (item.target or 0)),
                self.per_cent(item.percent),
            )
            for item in missed
        ]
        found: list[Block] = [Paragraph(self.say("annual.no_deviations"))]
        if rows:
            found = [self.table(columns, rows, self.say("annual.below_plan"))]
        given = () if body.explanations is UNSET else body.explanations
        if not given:
            return [*found, Paragraph(self.say("annual.no_causes"))] if missed else found
        causes = [
            self.column("no", 11, "index"),
            self.territory_column(),
            self.column("name_and_bin", 50),
            self.column("quarter", 17, "centre"),
            self.column("explanation", 96),
        ]
        told = [
            row_of(number, *self.place(item.who), self.named(item.who), ROMAN[item.quarter], item.text)
            for number, item in enumerate(self.sorted_by_name(given, lambda item: item.who.name), start=1)
        ]
        return [*found, self.table(causes, told, self.say("annual.causes"))]

    def _passport(self, row: Passport, body: Annual) -> Facts:
        """What the registry knows about a territory; lines without a value are left out."""
        rules = ", ".join(part for part in (self.text(row.rules), self.reference(row.rules_no, row.rules_date)) if part)
        known = {name: value for name in ("bin", "address", "head", "head_position")
                 if (value := getattr(row, name)) is not UNSET}  # fmt: skip
        position = self.text(known["head_position"]) if "head_position" in known else ""
        prefix = row.territory.prefix
        area = sum(item.area_m2 or 0 for item in body.premises if item.who.territory == prefix)
        rows: list[tuple[str, Cell | str]] = [
            (self.say("territory"), self.text(row.territory.name)),
            (self.say("annual.kind"), self.say(f"kind.{row.territory.kind}")),
            (self.say("annual.status_act"), self.reference(row.status_act_no, row.status_act_date)),
            (self.say("label.kato"), row.kato),
            (self.say("company"), self.text(row.company)),
            (self.say("company.bin"), known.get("bin", "")),
            (self.say("company.address"), self.text(known["address"]) if "address" in known else ""),
            (self.say("annual.head"), ", ".join(part for part in (known.get("head", ""), position) if part)),
            (self.say("label.rules"), rules),
            (self.say("annual.participants"), self.whole(sum(entry.who.territory == prefix for entry in body.entries))),
            (self.say("annual.let_area"), self.area(area) if area else ""),
        ]
        return self.facts((label, value) for label, value in rows if value != "")

    def _achieved(self, body: Annual) -> list[Block]:
        found: list[Block] = [Notes(self.indicator_notes(body.indicators))]
        if body.indicators.parts:
            found.append(self.by_territory(body.indicators, caption=self.say("annex.territories")))
        titles = {item.number: self.text(item.title) for item in body.indicators.indicators}
        for course in body.courses:
            found += self._course(course, titles.get(course.number, ""))
        return found

    def _course(self, course: Course, title: str) -> list[Block]:
        """The chart of an indicator by year with a table of the same numbers, or a note that there are no data."""
        unit, divisor = self.say(f"unit.{course.unit}"), _BILLION if course.unit == "KZT" else 100
        caption = f"{self.say('annual.chart', n=course.number)}. {title}, {unit}"
        base = course.base if isinstance(course.base, int) else None
        based = (base, *(None for _year in course.years[1:])) if base is not None else ()
        if all(value is None for value in (*course.actual, *course.target, *based)):
            return [Paragraph(f"{caption}: {self.say('annual.no_data')}.")]

        def listed(values: Sequence[int | None]) -> str:
            known = [
                f"{year} {DASH} {self.written(self.value(course.unit, value))}"
                for year, value in zip(course.years, values, strict=True)
                if value is not None
            ]
            return "; ".join(known) or self.say("annual.no_data")

        day = self.snapshot.as_of
        running = day.year if day < date(day.year, 12, 31) and day.year in course.years else None
        svg = actual_against_target(
            course.years,
            tuple(None if value is None else value / divisor for value in course.actual),
            tuple(None if value is None else value / divisor for value in course.target),
            actual_label=self.say("col.actual"),
            target_label=self.say("col.target"),
            base=tuple(None if value is None else value / divisor for value in based),
            base_label=self.say("base"),
            unit=unit,
            language=self.language,
            running=running,
            running_label=self.say("annual.running"),
        )
        alternative = (
            f"{caption}. {self.say('col.actual')}: {listed(course.actual)}. "
            f"{self.say('col.target')}: {listed(course.target)}."
        )
        if based:
            alternative += f" {self.say('base').capitalize()}: {listed(based)}."
        columns = [
            Column(self.say("col.indicator_no_year"), 35, "label"),
            *(Column(str(year), 140 / len(course.years), "number") for year in course.years),
        ]
        rows = [
            row_of(self.say(f"col.{key}"), *values)
            for key, values in (
                ("target", self._targets(course.unit, course.target, base)),
                ("actual", [self.value(course.unit, value) for value in course.actual]),
            )
        ]
        if running is not None:
            alternative += f" {running}: {self.say('annual.running')}."
        lower = [Paragraph(self.say("annual.lower_is_better"))] if course.unit == "rank" else []
        return [Chart(_described(svg, alternative), caption), *lower, self.table(columns, rows)]

    def _targets(self, unit: str, target: Sequence[int | None], base: int | None) -> list[Cell | str]:
        """The targets by year; where there is a base, it stands in the place of the first target."""
        found: list[Cell | str] = [self.value(unit, value) for value in target]
        return found if base is None else [self.base(unit, base), *found[1:]]

    def _movement(self, body: Annual) -> list[Block]:
        entered = [
            row_of(
                number,
                *self.place(entry.who),
                self.entered(entry.who),
                self.text(entry.who.name),
                self.day(entry.registered_on),
                self.reference(entry.decision_no, entry.decision_date) or DASH,
            )
            for number, entry in enumerate(self.sorted_by_name(body.entered, lambda entry: entry.who.name), start=1)
        ]
        excluded = [
            row_of(
                number,
                *self.place(item.who),
                self.entered(item.who),
                self.text(item.who.name),
                self.day(item.change.effective_on),
                self.text(item.change.ground) or DASH,
                self.reference(item.change.decision_no, item.change.decision_date) or DASH,
            )
            for number, item in enumerate(self.sorted_by_name(body.excluded, lambda item: item.who.name), start=1)
        ]
        who = [
            self.column("no", 11, "index"),
            self.territory_column(),
            self.column("register_no_and_bin", 34, "code"),
            self.column("name", 50),
        ]
        return [
            self._movement_table(body, body.by_type, "col.type", self.say("annual.by_type")),
            self._movement_table(body, body.by_size, "col.size", self.say("annual.by_size")),
            self.table(
                [*who, self.column("registered_on", 24, "date"), self.column("decision", 30)],
                self.counted(entered, len([column for column in who if column]) + 2),
                self.say("annual.entered"),
            ),
            self.table(
                [
                    *who,
                    self.column("excluded_on", 22, "date"),
                    self.column("ground", 34),
                    self.column("decision", 30),
                ],
                self.counted(excluded, len([column for column in who if column]) + 3),
                self.say("annual.excluded"),
            ),
            Notes((self.say("note.movement"),)),
        ]

    def _movement_table(self, body: Annual, found: Sequence[Movement], key: str, caption: str) -> Block:
        columns = [
            self.column("no", 11, "index"),
            Column(self.say(key), 60),
            Column(self.say("col.opening", day=self.day(body.opened_on)), 26, "number"),
            self.column("entered", 26, "number"),
            self.column("excluded", 26, "number"),
            Column(self.say("col.closing", day=self.day(body.closed_on)), 26, "number"),
        ]
        rows = [
            row_of(
                number,
                self.text(row.name) or self.say(f"size.{row.code}"),
                *self.counts((row.opening, row.entered, row.excluded, row.closing)),
            )
            for number, row in enumerate(found, start=1)
        ]
        if rows:
            sums = [sum(getattr(row, name) for row in found) for name in ("opening", "entered", "excluded", "closing")]
            rows.append(row_of(self.say("total"), *self.counts(sums), style="total", span=2))
        return self.table(columns, rows, caption)

    def _tax_parts(self, body: Annual) -> list[Block]:
        budgets = {code.code: code.budget for code in body.taxes.codes}
        counted = [item for account in body.taxes.accounts for item in account.sums if item.counts]
        columns = [
            self.column("no", 11, "index"),
            self.column("budget", 60),
            self.column("paid", 52, "number"),
            self.column("share", 52, "number"),
        ]
        total = sum(item.amount for item in counted)
        rows = []
        for number, budget in enumerate(("republican", "local"), start=1):
            amount = sum(item.amount for item in counted if budgets[item.code] == budget)
            rows.append(row_of(number, self.say(f"budget.{budget}"), self.money(amount), self.percent(amount, total)))
        rows.append(
            row_of(
                self.say("total"),
                self.money(total),
                self.percent(total, total),
                style="total",
                span=2,
                source=Source("tax", True),
            )
        )
        everything = [item for account in body.taxes.accounts for item in account.sums]
        return [
            self.table(columns, rows, self.say("annual.by_budget")),
            self.by_code(body.taxes, everything, caption=self.say("annual.by_code")),
            Notes((self.say("note.taxes"),)),
        ]

    def _revenue_parts(self, body: Annual) -> list[Block]:
        everything = [item for account in body.revenues.accounts for item in account.sums]
        return [self.by_category(body.revenues.codes, everything), Notes((self.say("note.export"),))]

    def _patent_parts(self, body: Annual) -> list[Block]:
        columns = [
            self.column("no", 11, "index"),
            self.column("title", 28, "label"),
            self.column("ip_kind", 26, "label"),
            self.column("ip_name", 37),
            self.column("filed_on", 22, "date"),
            self.column("holders", 37),
            self.column("counted", 21, "centre"),
        ]
        rows = [
            row_of(
                number,
                self.dated(patent.title_no, patent.registered_on),
                f"{self.text(patent.kind)}, {patent.office}",
                self.text(patent.name),
                self.day(patent.filed_on),
                self.below(*map(self.holder, patent.holders)),
                self.say("yes") if patent.counted else DASH,
            )
            for number, patent in enumerate(sorted(body.patents, key=by_title), start=1)
        ]
        if rows:
            label = self.say("total.count", count=self.whole(len(rows)))
            counted = self.whole(sum(patent.counted for patent in body.patents))
            rows.append(row_of(label, counted, style="total", span=len(columns) - 1))
        year = self.snapshot.reporting_year
        return [
            self.counted_patents(body.indicators.patents, caption=self.say("annex.patents")),
            self.table(columns, rows, self.say("annual.all_patents")),
            Notes((self.say("note.inid"), self.say("note.counting", year=year))),
        ]

    def _staff(self, body: Annual) -> list[Block]:
        columns = [
            self.column("no", 11, "index"),
            self.column("staff", 64),
            *(Column(self.quarter(quarter), 25, "number") for quarter in (1, 2, 3, 4)),
        ]
        rows = [
            row_of(number, self.say(f"staff.{row.code}"), *(self.whole(count) for count in row.quarters))
            for number, row in enumerate(body.staff, start=1)
        ]
        return [self.table(columns, rows), Notes((self.say("note.staff"),))]

    def _investment(self, body: Annual) -> list[Block]:
        everything = [item for account in body.investment.accounts for item in account.sums]
        columns = [
            self.column("no", 11, "index"),
            self.column("investment_source", 80),
            self.column("investment_amount", 46, "number"),
            self.column("share", 38, "number"),
        ]
        whole = sum(item.amount for item in everything)
        names = {code.code: self.text(code.name) for code in body.investment.codes}
        rows: list[Row] = []
        number = 0
        for counts in (True, False):
            part = [item for item in everything if item.counts is counts]
            if not part:
                continue
            rows.append(
                row_of(self.say("subtotal.counted" if counts else "subtotal.not_counted"), style="group", span=4)
            )
            for code, name in names.items():
                sums = [item.amount for item in part if item.code == code]
                if sums:
                    number += 1
                    rows.append(row_of(number, name, self.money(sum(sums)), self.percent(sum(sums), whole)))
            amount = sum(item.amount for item in part)
            cells = self.say("subtotal"), self.money(amount), self.percent(amount, whole)
            rows.append(row_of(*cells, style="total", span=2, source=Source("investment", counts)))
        if rows:
            cells = self.say("total"), self.money(whole), self.percent(whole, whole)
            rows.append(row_of(*cells, style="total", span=2, source=Source("investment")))
        return [self.table(columns, rows)]

    def _projects(self, body: Annual) -> list[Block]:
        columns = [
            self.column("no", 11, "index"),
            self.territory_column(),
            self.column("name", 44),
            self.column("bin", 25, "code"),
            self.column("direction", 52),
            self.column("trl_at_entry", 24, "centre"),
            self.column("trl", 24, "centre"),
        ]
        rows = [
            row_of(
                number,
                *self.place(item.who),
                self.text(item.who.name),
                self.bin(item.who),
                self.text(item.direction) or DASH,
                item.trl_at_entry or DASH,
                item.trl or DASH,
            )
            for number, item in enumerate(self.sorted_by_name(body.projects, lambda item: item.who.name), start=1)
        ]
        width = sum(column is not None for column in columns)
        return [self.table(columns, self.counted(rows, width)), Notes((self.say("note.projects"),))]

    def _contract_parts(self, body: Annual) -> list[Block]:
        columns = [
            self.column("no", 11, "index"),
            self.column("kind", 48),
            self.column("in_force", 22, "number"),
            self.column("concluded", 22, "number"),
            self.column("terminated", 22, "number"),
            self.column("area", 22, "number"),
            self.column("amount", 32, "number"),
        ]
        rows = [
            row_of(
                number,
                self.text(row.kind),
                *self.counts((row.in_force, row.concluded, row.terminated)),
                self.area(row.area or None),
                self.money(None if row.rent is True else row.amount),
            )
            for number, row in enumerate(body.contracts, start=1)
        ]
        if rows:
            found = body.contracts
            totals = self.counts(
                [
                    sum(row.in_force for row in found),
                    sum(row.concluded for row in found),
                    sum(row.terminated for row in found),
                ]
            )
            area = sum(row.area for row in found)
            amount = sum(row.amount for row in found) if any(row.rent is not True for row in found) else None
            rows.append(
                row_of(self.say("total"), *totals, self.area(area or None), self.money(amount), style="total", span=2)
            )
        rents = any(row.rent is True for row in body.contracts)
        return [
            self.table(columns, rows, self.say("part.contracts_by_kind")),
            *([Notes((self.say("note.rent"),))] if rents else []),
            self.premises_table(body.premises, self.say("annual.premises")),
        ]

    def _discipline(self, body: Annual) -> list[Block]:
        measures = ("expected", "accepted", "on_time", "late", "imported", "waiting", "owed", "not_due")
        columns = [
            self.column("no", 11, "index"),
            self.column("discipline", 64),
            *(Column(self.quarter(row.quarter), 20, "number") for row in body.discipline),
            Column(self.say("total"), 20, "number"),
        ]
        rows = []
        for number, measure in enumerate(measures, start=1):
            values = [getattr(row, measure) for row in body.discipline]
            rows.append(row_of(number, self.say(f"discipline.{measure}"), *self.counts([*values, sum(values)])))
        year = self.snapshot.reporting_year
        dues = "; ".join(
            f"{format_quarter(year, row.quarter, self.language)} {DASH} {self.written(self.day(row.due_on))}"
            for row in body.discipline
            if row.due_on
        )
        found: list[Block] = [self.table(columns, rows if body.discipline else [])]
        if dues:
            found.append(Notes((self.say("note.dues", list=dues),)))
        return [*found, self.debt_table(body.debts, self.say("annual.debts"))]

    def _register(self, body: Annual) -> Block:
        columns = [
            self.column("no", 11, "index"),
            self.territory_column(),
            self.column("register_no_and_bin", 34, "code"),
            self.column("name", 46),
            self.column("type", 40),
            self.column("registered_on", 22, "date"),
            self.column("status", 25, "label"),
        ]
        rows = [
            row_of(
                number,
                *self.place(entry.who),
                self.entered(entry.who),
                self.text(entry.who.name),
                self.text(entry.participant_type),
                self.day(entry.registered_on),
                self.status(entry),
            )
            for number, entry in enumerate(self.sorted_by_name(body.entries, lambda entry: entry.who.name), start=1)
        ]
        return self.table(columns, self.counted(rows, sum(column is not None for column in columns)))

    def _evidence(self, body: Annual) -> Block:
        """The documents behind the taxes that count, with one row for each company."""
        columns = [
            self.column("no", 11, "index"),
            self.territory_column(),
            self.column("name_and_bin", 44),
            self.column("document", 90),
            self.column("lines", 14, "number"),
            self.column("amount", 28, "number"),
        ]
        companies: dict[s.Who, list[Evidence]] = {}
        for item in body.evidence:
            companies.setdefault(item.who, []).append(item)
        rows = [
            row_of(
                number,
                *self.place(who),
                self.named(who),
                self.below(*self._documents(companies[who])),
                self.whole(sum(item.lines for item in companies[who])),
                self.money(sum(item.amount for item in companies[who])),
            )
            for number, who in enumerate(self.sorted_by_name(companies, lambda who: who.name), start=1)
        ]
        if rows:
            lines, amount = sum(item.lines for item in body.evidence), sum(item.amount for item in body.evidence)
            span = sum(column is not None for column in columns) - 2
            rows.append(row_of(self.say("total"), self.whole(lines), self.money(amount), style="total", span=span))
        return self.table(columns, rows)

    def _documents(self, found: Sequence[Evidence]) -> Iterator[str]:
        """The documents of a company, one line for each quarter.

        Each kind of document is named once, and each number once with all its days.
        """
        for quarter, of_quarter in groupby(sorted(found, key=lambda item: item.quarter), lambda item: item.quarter):
            kinds: dict[str, dict[str, list[date]]] = {}
            for item in of_quarter:
                days = kinds.setdefault(item.document_kind or "", {}).setdefault(item.document_no or "", [])
                if item.document_date is not None:
                    days.append(item.document_date)
            told = [
                " ".join(part for part in (self.evidence_kind(kind), self._dated(numbers)) if part)
                for kind, numbers in kinds.items()
            ]
            yield f"{self.quarter(quarter)}: {'; '.join(part for part in told if part) or DASH}"

    def _dated(self, numbers: Mapping[str, Sequence[date]]) -> str:
        """The numbers of documents, each followed by its days."""
        return "; ".join(
            self.referred(number, ", ".join(self.written(self.day(day)) for day in sorted(days)))
            for number, days in numbers.items()
        )


def _is_missed(item: Indicator) -> bool:
    """Whether an indicator missed its plan. A percentage below 100 also means that for ranks, where lower is better."""
    return item.percent is not None and Decimal(item.percent) < 100 and not isinstance(item.base, int)


def _described(svg: bytes, words: str) -> str:
    """The ``<svg>`` element alone, without what stands before it in a file, with ``words`` as its title."""
    text = svg.decode()
    head, rest = text[text.index("<svg") :].split(">", 1)
    return f"{head}><title>{escape(words)}</title>{rest.strip()}"


KIND = PaperKind(
    code="annual",
    number_code="ANN",
    group=REPORTS,
    asks=Asks.YEAR,
    needs_approval=True,
    of_money=True,
    sources=("register", "contracts", "patents", "reports"),
    annexes=(
        Annex("register", lazy("Register of participants")),
        Annex(EVIDENCE, lazy("Documents behind the data on tax receipts")),
    ),
    states_rows=False,
    reads=frozenset(Reads),
    dictionaries=(
        "legal_forms",
        "participant_types",
        "status_grounds",
        "priority_directions",
        "contract_kinds",
        "krp",
        *ALL_COUNTING,
    ),
    years=charted_years,
    body=Annual,
    collect=collect,
    writer=AnnualPaper,
)
