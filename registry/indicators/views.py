"""Pages of the six target indicators."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from flask import Blueprint, Response, abort, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from registry.accounts import two_people
from registry.accounts.models import Proposal
from registry.indicators import acts, forms, presentation, queries, rules, services
from registry.indicators.models import ExternalValue
from registry.indicators.rules import INDICATORS, YEARS
from registry.infra import act_page, sheets
from registry.infra.access import Permission, requires
from registry.infra.act_page import Page
from registry.infra.clock import parse_moment, today, utc_now
from registry.infra.forms import parse_typed_date
from registry.infra.i18n import format_date, name_in, ngettext
from registry.infra.i18n import gettext as _
from registry.infra.numbers import canonical_hundredths
from registry.infra.paging import page_number, page_of
from registry.journal import queries as journal
from registry.journal.rules import Action
from registry.reference import queries as reference
from registry.reports.rules import DICTIONARIES, PARTS, Section
from registry.territories import queries as territories
from registry.territories.models import Territory
from registry.territories.rules import mask_iin

blueprint = Blueprint("indicators", __name__, url_prefix="/indicators")

blueprint.add_app_template_filter(presentation.in_words, "indicator_value")
blueprint.add_app_template_filter(presentation.in_table, "indicator_figure")
blueprint.add_app_template_filter(presentation.in_short, "indicator_short")
blueprint.add_app_template_global(presentation.course_in_words, "indicator_steps")
blueprint.add_app_template_filter(presentation.exact, "indicator_exact")
blueprint.add_app_template_filter(presentation.unit_label, "indicator_unit")


@dataclass(frozen=True)
class Scope:
    """What the address asks for: a year, a territory and the two clocks of ``exchange.md`` 3."""

    year: int
    territory: Territory | None
    as_of: date
    known: str
    known_on: date | None
    known_at: datetime | None
    problem: str | None

    @property
    def territory_id(self) -> int | None:
        return self.territory.id if self.territory else None

    def arguments(self, **changes: Any) -> dict[str, Any]:
        """The same scope as arguments of an address."""
        values = {
            "year": self.year,
            "territory": self.territory.code if self.territory else "",
            "as_of": request.args.get("as_of") or None,
            "known": self.known or None,
        }
        return {name: value for name, value in {**values, **changes}.items() if value is not None}

    @property
    def as_of_paper(self) -> bool:
        """Whether the paper of these figures is that of a day, not of the whole year."""
        return bool(request.args.get("as_of")) and self.as_of.year == self.year

    @property
    def clocks(self) -> dict[str, Any]:
        return {"as_of": self.as_of, "known_at": self.known_at}


def _scope() -> Scope:
    args = request.args
    problem = None
    day = parse_typed_date(args.get("as_of"))
    if args.get("as_of", "").strip() and day is None:
        problem = _("Enter a date such as 31.12.2026.")
    known, known_at, typed = args.get("known", "").strip(), None, None
    if known:
        typed = parse_typed_date(known)
        try:
            known_at = parse_moment(typed.isoformat() if typed else known)
        except ValueError:
            problem = _("“As known by the end of”: enter a date such as 31.12.2026.")
    day = day or today()
    wanted = args.get("year", "")
    year = int(wanted) if wanted in map(str, YEARS) else min(max(day.year, YEARS[0]), YEARS[-1])
    territory = territories.get(g.territory_id) if g.territory_id else None
    return Scope(year, territory, day, known, typed, known_at, problem)


def _refused(scope: Scope, endpoint: str, **values: Any) -> BaseResponse | None:
    """Where a file is not made for what could not be read of its address: to the page that says so."""
    return redirect(url_for(endpoint, **values, **scope.arguments())) if scope.problem else None


def _indicator(number: int) -> rules.Indicator:
    if number not in INDICATORS:
        abort(404)
    return INDICATORS[number]


@blueprint.get("")
@requires(Permission.VIEW_INDICATORS)
def index() -> str:
    """Target, actual, percentage and coverage; by territory; and the course over the years with its charts."""
    scope = _scope()
    found = queries.overview(g.viewer, year=scope.year, territory_id=scope.territory_id, **scope.clocks)
    return render_template(
        "indicators/index.html",
        scope=scope,
        years=[(str(year), str(year)) for year in YEARS],
        territories=[(row.code, name_in(row)) for row in g.territories],
        values=found.by_territory[scope.territory_id],
        table=found.by_territory,
        course=found.by_year,
        has_data=rules.has_data,
        chart_text=presentation.chart_text,
        waiting=two_people.proposals(g.viewer, what=services.NATIONAL_TARGETS, waiting=True),
    )


@blueprint.get("/<int:number>/chart.svg")
@requires(Permission.VIEW_INDICATORS)
def chart(number: int) -> BaseResponse:
    """The chart of one indicator, a picture with an address of its own."""
    _indicator(number)
    scope = _scope()
    if refused := _refused(scope, ".index"):
        return refused
    course = queries.by_year(g.viewer, territory_id=scope.territory_id, **scope.clocks)
    response = Response(presentation.chart(number, course, scope.as_of), mimetype="image/svg+xml")
    # The drawing library writes style attributes; the picture opened by itself may use those and nothing else.
    response.headers["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'"
    return response


@blueprint.get("/<int:number>/lines")
@requires(Permission.VIEW_INDICATORS)
def lines(number: int) -> str:
    """What a value is made of: the accepted lines behind 1, 3, 4 and 5, the patents behind 6."""
    item = _indicator(number)
    if number == queries.EXTERNAL:
        abort(404)
    scope = _scope()
    common = {
        "item": item,
        "scope": scope,
        "years": [(str(year), str(year)) for year in YEARS],
        "territories": [(row.code, name_in(row)) for row in g.territories],
    }
    number_of_page = page_number(request.args.get("page"))
    if item.section is None:
        found = queries.counted_patents(g.viewer, year=scope.year, territory_id=scope.territory_id, **scope.clocks)
        return render_template("indicators/patents.html", page=page_of(found, number_of_page), **common)
    counted = queries.counted_lines(
        g.viewer, number=number, year=scope.year, territory_id=scope.territory_id, **scope.clocks
    )
    return render_template(
        "indicators/lines.html",
        page=page_of(counted, number_of_page),
        total=sum(map(queries.figure, counted)),
        **common,
    )


@blueprint.app_template_global()
def code_name(section: str, code: str) -> str:
    """What a line of a report is called."""
    dictionary = DICTIONARIES.get(Section(section))
    return reference.name(dictionary, code) if dictionary else _("research specialists")


_VALUE_COLUMNS = ("year", "as_of", "territory", "number", "name_kk", "name_ru", "name_en", "unit", "target", "actual",
                  "percent", "accepted", "expected", "source", "edition", "base")  # fmt: skip
_LINE_COLUMNS = ("territory", "bin", "name_kk", "name_ru", "year", "quarter", "section", "code", "amount", "count",
                 "country", "ip_title_no", "document_kind", "document_no", "document_date", *PARTS)  # fmt: skip
_PATENT_COLUMNS = ("office", "kind", "title_no", "registered_on", "name_kk", "name_ru", "name_en", "holders",
                   "participants")  # fmt: skip


@blueprint.get("/values.<any(csv, xlsx):ending>")
@requires(Permission.VIEW_INDICATORS)
def values_file(ending: str) -> BaseResponse:
    """The six indicators as a file: of the territory chosen, or of all together and of each."""
    scope = _scope()
    if refused := _refused(scope, ".index"):
        return refused
    found = queries.overview(g.viewer, year=scope.year, territory_id=scope.territory_id, **scope.clocks).by_territory
    places = [("", None)] if scope.territory is None else []
    places += [(row.code, row.id) for row in g.territories if scope.territory_id in (None, row.id)]
    rows = [_value_row(scope, code, value) for code, key in places for value in found[key]]
    return _file(["indicators", str(scope.year)], scope, _VALUE_COLUMNS, rows, ending)


def _value_row(scope: Scope, territory: str, value: rules.IndicatorValue) -> list[sheets.Value]:
    item = value.indicator
    accepted, expected = value.coverage or (None, None)
    return [
        scope.year,
        scope.as_of,
        territory,
        value.number,
        item.name_kk,
        item.name_ru,
        item.name_en,
        str(value.unit),
        _figure(value.unit, value.target),
        _figure(value.unit, value.actual),
        Decimal(value.percent) if value.percent else None,
        accepted,
        expected,
        value.source,
        value.edition,
        _figure(value.unit, value.base),
    ]


def _figure(unit: rules.Unit, value: int | None) -> sheets.Value:
    """A target or an actual as exchange files write it: tenge with two decimals, counts whole."""
    text = rules.canonical(unit, value)
    return None if text is None else Decimal(text) if unit is rules.Unit.KZT else int(text)


@blueprint.get("/<int:number>/lines.<any(csv, xlsx):ending>")
@requires(Permission.VIEW_INDICATORS)
def lines_file(number: int, ending: str) -> BaseResponse:
    """The same as a file, values as stored (``exchange.md`` 2)."""
    item = _indicator(number)
    if number == queries.EXTERNAL:
        abort(404)
    scope = _scope()
    if refused := _refused(scope, ".lines", number=number):
        return refused
    rows: Iterable[Sequence[sheets.Value]]
    if item.section is None:
        columns = _PATENT_COLUMNS
        rows = (
            [
                getattr(counted.patent, "registered_holders" if name == "holders" else name)
                for name in _PATENT_COLUMNS[:-1]
            ]
            + [";".join(f"{entry.territory_code} {entry.bin}" for entry in counted.because_of)]
            for counted in queries.counted_patents(
                g.viewer, year=scope.year, territory_id=scope.territory_id, **scope.clocks
            )
        )
    else:
        columns = _LINE_COLUMNS
        rows = (
            [line.territory_code]
            + [
                _amount(getattr(line, name)) if name in ("amount", *PARTS) else getattr(line, name)
                for name in _LINE_COLUMNS[1:]
            ]
            for line in queries.counted_lines(
                g.viewer, number=number, year=scope.year, territory_id=scope.territory_id, **scope.clocks
            )
        )
    return _file(["indicator", str(number), str(scope.year)], scope, columns, rows, ending)


def _amount(hundredths: int | None) -> Decimal | None:
    return None if hundredths is None else Decimal(canonical_hundredths(hundredths))


def _file(
    name: list[str], scope: Scope, columns: Sequence[str], rows: Iterable[Sequence[sheets.Value]], ending: str
) -> Response:
    """A table the browser saves, called after what it holds."""
    title = "-".join([*name, *([scope.territory.code] if scope.territory else [])])
    return Response(
        sheets.table_bytes(title, columns, rows, ending),
        mimetype=sheets.CONTENT_TYPES[ending].partition(";")[0],
        headers={"Content-Disposition": f'attachment; filename="{title}.{ending}"'},
    )


@blueprint.route("/plan", methods=["GET", "POST"])
@requires(Permission.KEEP_TARGETS)
def plan() -> Page:
    """The targets of a territory, or a revision of the national ones, by one approving act."""
    chosen = g.territory_id
    if chosen is None and not g.viewer.has_all_territories:
        chosen = g.territories[0].id  # national targets are not for this account
    territory = territories.get(chosen) if chosen else None
    territory_id = territory.id if territory else None
    # The rank is the country's: a territory has no plan of it.
    numbers = [number for number in INDICATORS if territory is None or number != queries.EXTERNAL]
    standing = queries.targets()
    cells = [(number, year) for number in numbers for year in YEARS]
    before = {cell: found.value if (found := standing.get((*cell, territory_id))) else None for cell in cells}
    present = {services.target_field(*cell): _as_typed(cell[0], value) for cell, value in before.items()}
    form = forms.plan_form(numbers)(data=present)

    def set_plan() -> int | Proposal | None:
        typed = {cell: _as_stored(cell[0], form[services.target_field(*cell)].data) for cell in cells}
        standing = queries.targets()
        before = {cell: found.value if (found := standing.get((*cell, territory_id))) else None for cell in cells}
        changed = {cell: value for cell, value in typed.items() if value != before[cell]}
        act: dict[str, Any] = {"act_no": form.act_no.data, "act_date": form.act_date.data, "now": utc_now()}
        if territory is None:
            return services.propose_targets(g.viewer, values=changed, **act)
        return services.set_plan(g.viewer, territory=territory, values=changed, **act)

    def is_set(done: int | Proposal | None) -> BaseResponse:
        if isinstance(done, Proposal):
            said = _("The change is proposed. Another person confirms it; until then the targets stay as they are.")
            return act_page.done(said, url_for("accounts.proposal", proposal_id=done.id))
        return act_page.changed(bool(done), ngettext("%(num)s target set.", "%(num)s targets set.", done or 0), to)

    to = url_for("indicators.index", territory=territory.code if territory else "")
    return act_page.run(
        form,
        acts.SET_PLAN,
        set_plan,
        then=is_set,
        back=to,
        opened=OpenedPlan(territory_id),
        template="indicators/plan.html",
        territory=territory,
        territories=[(row.code, name_in(row)) for row in g.territories],
        indicators=[INDICATORS[number] for number in numbers],
        years=YEARS,
        target_field=services.target_field,
        waiting=[] if territory else two_people.proposals(g.viewer, what=services.NATIONAL_TARGETS, waiting=True),
    )


@dataclass(frozen=True)
class OpenedPlan:
    """The plan a form was opened on: its version is the sequence of the last target set."""

    territory_id: int | None

    def version(self) -> int:
        found, _total = journal.history(actions=[Action.TARGET_SET], limit=1)
        return found[0].sequence if found else 0

    def before(self, version: int) -> dict[str, int | None]:
        """The targets of this plan set after ``version``, as they stood then."""
        found: dict[str, int | None] = {}
        for entry in journal.all_entries(actions=[Action.TARGET_SET], after=version):
            new = {name: change[1] for name, change in entry.changes.items()}
            if new.get("territory_id") == self.territory_id:
                old = _as_typed(new["indicator"], entry.changes["value"][0])
                found.setdefault(services.target_field(new["indicator"], new["year"]), old)
        return found

    def present(self, name: str) -> int | None:
        _word, number, year = name.split("_")
        standing = queries.targets().get((int(number), int(year), self.territory_id))
        return _as_typed(int(number), standing.value if standing else None)


def _as_typed(number: int, value: int | None) -> int | None:
    """A target as its field keeps it: tiyn for money, whole numbers for the rest."""
    if value is None or INDICATORS[number].unit is rules.Unit.KZT:
        return value
    return value // 100


def _as_stored(number: int, value: int | None) -> int | None:
    if value is None or INDICATORS[number].unit is rules.Unit.KZT:
        return value
    return 100 * value


@blueprint.route("/external", methods=["GET", "POST"])
@requires(Permission.KEEP_TARGETS)
def external() -> Page:
    """Indicator 2 by hand, with source and edition; and what was entered before."""
    g.viewer.require_in(None, Permission.KEEP_TARGETS)
    form = forms.ExternalForm(data={"year": _scope().year})

    def entered(row: ExternalValue | None) -> BaseResponse:
        to = url_for("indicators.index", year=form.year.data)
        return act_page.changed(row is not None, _("Indicator 2 for %(year)s entered.", year=form.year.data), to)

    return act_page.run(
        form,
        acts.ENTER_EXTERNAL,
        lambda: services.set_external_value(
            g.viewer,
            year=form.year.data,
            value=100 * form.value.data,
            source=form.source.data,
            edition=form.edition.data,
            effective_on=form.effective_on.data,
            now=utc_now(),
        ),
        then=entered,
        back=url_for("indicators.index"),
        lead=name_in(INDICATORS[queries.EXTERNAL]),
        crumbs=[(_("Target indicators"), url_for("indicators.index"))],
        template="indicators/external.html",
        item=INDICATORS[queries.EXTERNAL],
        entered=queries.external_values(),
    )


@blueprint.app_template_global()
def why_counted(counted: queries.CountedPatent) -> list[str]:
    """Why a patent counts, one sentence for each holder that took part."""
    return [
        _(
            "%(bin)s was a participant of %(territory)s on %(day)s, in the register since %(since)s.",
            bin=mask_iin(entry.bin),
            territory=entry.territory_code,
            day=format_date(counted.patent.registered_on),
            since=format_date(entry.registered_on),
        )
        for entry in counted.because_of
    ]
