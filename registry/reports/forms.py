"""Forms of periods and reports."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, Self

from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, Field, FieldList, FormField, HiddenField, IntegerField
from wtforms.widgets import HiddenInput

from registry.errors import Conflict, DomainError
from registry.infra.forms import (
    ChoiceField,
    CountryField,
    DateField,
    Form,
    MoneyField,
    StrippedString,
    StrippedText,
    WholeNumberField,
    length,
    required,
)
from registry.infra.i18n import gettext as _
from registry.infra.i18n import lazy
from registry.journal import presentation
from registry.journal.presentation import FIELDS
from registry.reports import rules
from registry.reports.models import Report
from registry.reports.rules import (
    LINE_FIELDS,
    NONE_FLAGS,
    OF_RESEARCH,
    PARTS,
    STAFF_CODES,
    Finding,
    Line,
    LinesRefused,
    Section,
    Severity,
    Unread,
)
from registry.reports.subjects import section_name

SPARE_ROWS = 2
"""Empty rows at the end of each section, for those without JavaScript."""

MONEY_SECTIONS = (Section.REVENUE, Section.TAX, Section.INVESTMENT)


class PeriodForm(Form):
    """A quarter to open; dates left empty are those proposed."""

    territory = ChoiceField(lazy("Territory"), [required()])
    year = ChoiceField(
        FIELDS["year"],
        [required()],
        coerce=int,
        choices=[(year, year) for year in range(rules.FIRST_YEAR, rules.LAST_YEAR + 1)],
    )
    quarter = ChoiceField(FIELDS["quarter"], [required()], coerce=int, choices=[(n, n) for n in rules.QUARTERS])
    opens_on = DateField(lazy("Opens on"))
    due_on = DateField(lazy("Participants report by"))
    locks_on = DateField(lazy("Quarter locks; the management company decides by"))


class _OnVersion(Form):
    """A form that says at which revision of a report it was filled in."""

    revision = IntegerField(widget=HiddenInput())
    report: Report

    @classmethod
    def on(cls, report: Report, **data: Any) -> Self:
        """The form as it opens on a report."""
        form = cls(obj=report, data=data)
        form.report = report
        return form

    @property
    def opened_on(self) -> int:
        """The revision the form was filled in at; a form that does not say is an old one.

        A field that was not sent keeps the report's own revision, so that only ``raw_data`` tells.
        """
        return self.revision.data if self.revision.raw_data and self.revision.data is not None else -1

    def add_error(self, error: DomainError) -> None:
        super().add_error(error)
        if isinstance(error, Conflict):
            # What stands now is shown beside the form; to send it once more is then a decision, not an accident.
            self.revision.data, self.revision.raw_data = self.report.revision, None


class DecisionForm(_OnVersion):
    """A decision on the version that was read."""


class SendForm(DecisionForm):
    """The sending of a version that was checked; what looks odd in it is confirmed, and what jumped explained."""

    explanation = StrippedText(FIELDS["explanation"], [length(4000)])

    findings_lead = lazy("Before you send, look once more:")
    confirm_label = lazy("I have checked this: the figures are right")


class ReturnForm(_OnVersion):
    """What the resident must put right."""

    reason = StrippedText(lazy("What to put right"), [required(), length(2000)])


class CorrectionForm(Form):
    """Why an accepted report is corrected."""

    reason = StrippedText(lazy("Reason for the correction"), [required(), length(1000)])


class DocumentKindField(StrippedString):
    """A kind of evidence, kept by the word files have for it, shown and typed by its name in the reader's language."""

    def process_formdata(self, valuelist: list[str]) -> None:
        super().process_formdata(valuelist)
        if self.data:
            self.data = presentation.document_kind_code(self.data)

    def _value(self) -> str:
        return presentation.value("document_kind", self.data) if self.data else ""


class _Row(Form):
    """One line of a money section; ``country`` and ``ip_title_no`` pass through where the section shows them not."""

    code = ChoiceField(lazy("Code"), blank="")
    amount = MoneyField(FIELDS["amount"])
    country = HiddenField()
    ip_title_no = HiddenField()
    document_kind = DocumentKindField(lazy("Document"), [length(80)])
    document_no = StrippedString(lazy("Document number"), [length(80)])
    document_date = DateField(lazy("Document date"))

    def cell(self, name: str) -> Any:
        """The field of a column, or the code where the section does not show that column."""
        field = self._fields.get(name)
        return self["code"] if isinstance(field, HiddenField) else field


class RevenueRow(_Row):
    code = ChoiceField(lazy("Kind of revenue"), blank="")
    country = CountryField(lazy("Country"))
    ip_title_no = StrippedString(lazy("Title of protection number"), [length(80)])


class TaxRow(_Row):
    """A tax; its amount may be told by what it is made of, and is then negative where more came back than was paid."""

    code = ChoiceField(lazy("Budget classification code"), blank="")
    amount = MoneyField(FIELDS["amount"], negative=True)
    paid = MoneyField(lazy("Paid"))
    offset_in = MoneyField(lazy("Offset in"))
    offset_out = MoneyField(lazy("Offset out"))
    refunded = MoneyField(lazy("Refunded"))


class InvestmentRow(_Row):
    code = ChoiceField(lazy("Source of investment"), blank="")
    country = CountryField(lazy("Country"))


class ReportForm(_OnVersion):
    """A whole report on one page: rows of three sections, three numbers of staff, and what the resident explains."""

    none_revenue = BooleanField(lazy("None this period"))
    revenue = FieldList(FormField(RevenueRow))
    none_tax = BooleanField(lazy("None this period"))
    tax = FieldList(FormField(TaxRow))
    research_specialists = WholeNumberField(lazy("Research specialists"))
    with_degree = WholeNumberField(lazy("Of them with a degree"))
    under_40 = WholeNumberField(lazy("Of them under 40"))
    women = WholeNumberField(lazy("Of them women"))
    engineers = WholeNumberField(lazy("Of them engineers and designers"))
    foreign = WholeNumberField(lazy("Of them foreigners"))
    experimental_production_staff = WholeNumberField(lazy("Experimental-production staff"))
    total_staff = WholeNumberField(lazy("Staff in total"))
    none_investment = BooleanField(lazy("None this period"))
    investment = FieldList(FormField(InvestmentRow))
    explanation = StrippedText(FIELDS["explanation"], [length(4000)])

    @classmethod
    def on_lines(
        cls,
        report: Report,
        stored: Sequence[Line],
        codes: Mapping[str, list[tuple[str, str]]],
        offered: Collection[tuple[str, str]],
    ) -> Self:
        """The form of a report that holds the ``stored`` lines.

        It offers each section's ``codes``, and rows for those reported in the quarter before (``offered``).
        """
        form = cls.on(report, **report_data(stored))
        form._prepare(stored, codes, offered)
        return form

    def _prepare(
        self, stored: Sequence[Line], codes: Mapping[str, list[tuple[str, str]]], offered: Collection[tuple[str, str]]
    ) -> None:
        self.stored = stored
        self._unreadable: set[str] = set()
        self._returned: list[tuple[Any, Field]] = []
        # A code that is no longer offered would come back as a line that nobody typed.
        known = {(str(section), code) for section in MONEY_SECTIONS for code, _name in codes[section]}
        offered = [item for item in offered if item in known]
        self.offered = frozenset(offered)
        self.changed_meanwhile: list[rules.Comparison] | None = None
        # A draft may be saved without it, but nothing is sent without the total, so it is not called optional.
        setattr(self.total_staff.flags, "required", True)  # noqa: B010 - flags take any name
        self.warnings: dict[str, list[str]] = {}
        if not self.is_filled_in:
            self._put_back(rules.unread_cells(self.report.unread))
            for section in MONEY_SECTIONS:
                present = {row["code"].data for row in self.rows(section)}
                for code in (code for part, code in offered if part == section and code not in present):
                    self[section].append_entry({"code": code})
                for _spare in range(SPARE_ROWS):
                    self[section].append_entry()
        for section in MONEY_SECTIONS:
            if not self[section].entries:
                self[section].append_entry()
            for row in self.rows(section):
                row["code"].choices = codes[section]
        self._mark(self._returned)

    def _put_back(self, cells: Sequence[Unread]) -> None:
        """Put cells that could not be read into the fields they were typed in, to be read once more."""
        rows: list[_Row | None] = []
        taken: Counter[str] = Counter()
        for line in self.stored:
            rows.append(None if line.section == Section.STAFF else self.rows(line.section)[taken[line.section]])
            taken[line.section] += 1
        for cell in cells:
            form: Any = self if cell.position is None else rows[cell.position - 1]
            if form is not None and cell.field in form:
                field = form[cell.field]
                field.process(MultiDict({field.name: cell.text}))
                self._returned.append((form, field))

    def _mark(self, fields: Iterable[tuple[Any, Field]]) -> None:
        """Say of every field that cannot be read why; it then holds nothing but what was typed."""
        for form, field in fields:
            if not field.validate(form) and field.raw_data and str(field.raw_data[0]).strip():
                self._unreadable.add(field.id)

    def validate(self, extra_validators: Any = None) -> bool:
        """A draft is kept whatever stands in its cells: what cannot be read is marked and stays as it was typed."""
        super().validate(extra_validators)
        cells = [field for section in MONEY_SECTIONS for row in self.rows(section) for field in row]
        cells += [self[name] for name in (*STAFF_CODES, "explanation")]
        self._unreadable = {
            field.id for field in cells if field.errors and field.raw_data and str(field.raw_data[0]).strip()
        }
        return True

    @property
    def has_unreadable(self) -> bool:
        """Whether a cell holds what cannot be read."""
        return bool(self._unreadable)

    def saved(self, report: Report) -> None:
        """The form goes on from what it has just saved."""
        self.revision.data, self.revision.raw_data = report.revision, None

    def value(self, field: Field) -> Any:
        """What a field holds, nothing where it cannot be read."""
        return None if field.id in self._unreadable else field.data

    def rows(self, section: str) -> list[_Row]:
        """The rows of a money section, filled or not."""
        return [entry.form for entry in self[section].entries]

    def add_row(self, section: str) -> None:
        """One more empty row at the end of a section."""
        choices = self.rows(section)[0]["code"].choices
        self[section].append_entry()
        self.rows(section)[-1]["code"].choices = choices

    def _holds_line(self, section: str, row: _Row) -> bool:
        """Whether a row says anything: a code alone, offered from the quarter before, does not."""
        typed = [
            row[name].data
            for name in (
                "amount", "country", "ip_title_no", "document_kind", "document_no", "document_date", *PARTS,
            )
            if name in row
        ]  # fmt: skip
        code = row["code"].data
        if any(field.id in self._unreadable for field in row):
            return True
        return any(value not in (None, "") for value in typed) or bool(code and (section, code) not in self.offered)

    def _filled(self) -> Iterator[tuple[str, _Row | Field]]:
        """(section, row or staff field) of every line, in the order of the page."""
        for section in (Section.REVENUE, Section.TAX):
            yield from ((section, row) for row in self.rows(section) if self._holds_line(section, row))
        yield from ((Section.STAFF, self[code]) for code in STAFF_CODES if self._staff(code) is not None)
        section = Section.INVESTMENT
        yield from ((section, row) for row in self.rows(section) if self._holds_line(section, row))

    def _staff(self, code: str) -> int | None:
        """The people typed for a code; what a form without such a field does not speak of stays as stored."""
        field = self[code]
        if code in OF_RESEARCH and self.is_submitted() and not field.raw_data:
            return rules.staff_counts(self.stored).get(code)
        return self.value(field)

    def add_error(self, error: DomainError) -> None:
        if isinstance(error, LinesRefused):
            self.show(error.findings, self.lines())
            return
        super().add_error(error)
        if isinstance(error, Conflict):
            self.changed_meanwhile = rules.compare(self.stored, self.lines())

    def lines(self) -> list[Line]:
        """The lines as typed; stored staff lines whose sum did not change stay as they are, with their documents."""
        return self._read()[0]

    def unread(self) -> list[Unread]:
        """The cells that cannot be read, as they were typed; positions are those of :meth:`lines`."""
        found = self._read()[1]
        for name in (*STAFF_CODES, "explanation"):
            if self[name].id in self._unreadable:
                found.append(Unread(None, name, self[name].raw_data[0]))
        return found

    def _read(self) -> tuple[list[Line], list[Unread]]:
        found: list[Line] = []
        unread: list[Unread] = []
        before = self.stored
        stored = rules.staff_counts(before)
        for section, item in self._filled():
            if isinstance(item, Field):
                same = [line for line in before if line.section == section and line.code == item.name]
                if same and stored.get(item.name) == self._staff(item.name):
                    found += same
                else:
                    found.append(Line(section, item.name, count=item.data))
                continue
            values: dict[str, Any] = {
                name: self.value(item[name]) or None
                for name in LINE_FIELDS
                if name in item and name not in ("amount", *PARTS)
            }
            values |= {name: self.value(item[name]) for name in PARTS if name in item}
            amount, parts = self.value(item["amount"]), [values[name] for name in PARTS if values.get(name) is not None]
            if amount is None and len(parts) == len(PARTS):
                amount = rules.net(*parts)
            values["code"] = values["code"] or ""
            found.append(Line(section, amount=amount, **values))
            unread += [
                Unread(len(found), name, item[name].raw_data[0])
                for name in LINE_FIELDS
                if name in item and item[name].id in self._unreadable
            ]
        return found, unread

    def none(self) -> frozenset[str]:
        """The sections marked as empty on purpose."""
        return frozenset(section for section, flag in NONE_FLAGS.items() if self[flag].data)

    def show(self, findings: Sequence[Finding], lines: Sequence[Line]) -> None:
        """Put what the rules found at the cells it is about; ``findings`` count the lines given."""
        places: list[tuple[str, _Row | Field]] = []
        for section, item in self._filled():
            repeats = 1
            if isinstance(item, Field):
                repeats = sum(line.section == section and line.code == item.name for line in lines)
            places += [(section, item)] * repeats
        for finding in findings:
            field: Any = None
            if finding.position is None:
                field = self._fields.get(finding.field)
            elif finding.position <= len(places):
                _section, item = places[finding.position - 1]
                field = item if isinstance(item, Field) else item.cell(finding.field)
            if finding.severity is Severity.WARNING:
                if field is not None:
                    self.warnings.setdefault(field.id, []).append(str(finding.message))
            elif field is None:
                self.form_errors.append(str(finding.message))
            elif field.id not in self._unreadable:  # which says so itself
                _refuse(field, str(finding.message))

    def summary(self) -> list[tuple[str | None, str | None, str]]:
        """As every form's, but a cell is told by its section and row."""
        places: dict[str, str] = {}
        for section in MONEY_SECTIONS:
            for number, row in enumerate(self.rows(section), start=1):
                for field in row:
                    places[field.id] = _(
                        "%(section)s, row %(number)s, %(column)s",
                        section=section_name(section),
                        number=number,
                        column=field.label.text,
                    )
            places[NONE_FLAGS[section]] = section_name(section)
        return [(id_, places.get(id_ or "", label), message) for id_, label, message in super().summary()]


def _refuse(field: Any, message: str) -> None:
    field.errors = [*field.errors, message]


def report_data(lines: Sequence[Line]) -> dict[str, Any]:
    """The lines of a report as the form's data."""
    data: dict[str, Any] = {
        str(section): [{name: getattr(line, name) for name in LINE_FIELDS} for line in lines if line.section == section]
        for section in MONEY_SECTIONS
    }
    return data | rules.staff_counts(lines)
