"""Pages of import and export."""

from __future__ import annotations

import hashlib
import io
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from flask import Blueprint, abort, current_app, flash, g, redirect, render_template, request, send_file, url_for
from werkzeug.wrappers import Response

from registry.contracts.listing import CONTRACTS
from registry.errors import ImportRefused, Invalid
from registry.exchange import acts, dictionaries, forms, mappings, queries, services, taking_back
from registry.exchange.mappings import HeaderRefused
from registry.exchange.reading import column_letter
from registry.exchange.returned import returned_bytes
from registry.exchange.rules import LAYOUTS, Kind
from registry.infra import list_page, unsent
from registry.infra.access import Permission, requires
from registry.infra.act_page import Page, Unsettled, Words, changed, done, run
from registry.infra.clock import seems_ahead, today, utc_now
from registry.infra.db import Busy, transaction
from registry.infra.findings import Finding, Weight, first_of_each, noticing
from registry.infra.forms import Form, ReasonForm, parse_typed_date
from registry.infra.i18n import current_language, lazy, name_in, ngettext
from registry.infra.i18n import gettext as _
from registry.infra.sheets import CONTENT_TYPES, CSV, READING, XLSX
from registry.infra.storage import write_whole
from registry.infra.text import clean
from registry.journal import subjects
from registry.journal.acts import Opened
from registry.journal.presentation import changes_in_words
from registry.patents.listing import PATENTS
from registry.reference.models import DictionaryEntry
from registry.reference.services import ALWAYS, DICTIONARIES, row_of
from registry.reports.listing import REPORTS
from registry.residents import queries as residents
from registry.residents.listing import RESIDENTS
from registry.territories.dictionaries import KEPT, find, require_keeper
from registry.territories.views import DICTIONARY_TITLES

blueprint = Blueprint("exchange", __name__, url_prefix="/exchange")

MOST_SHOWN = 500
"""Changes a page shows; the command lists all."""

UPLOAD_LIFE = 24 * 60 * 60
"""Seconds a checked file waits for its import."""

_LISTINGS = {
    Kind.RESIDENTS: RESIDENTS, Kind.STATUS_CHANGES: RESIDENTS, Kind.CONTRACTS: CONTRACTS, Kind.ADDENDA: CONTRACTS,
    Kind.PATENTS: PATENTS, Kind.PATENT_EVENTS: PATENTS, Kind.REPORT_LINES: REPORTS,
}  # fmt: skip
"""The list where the records of each kind are seen, whose filters narrow the kind's file."""


@blueprint.get("")
@requires(Permission.IMPORT_FILES, Permission.EXPORT_FILES)
def index() -> Page:
    """Files in and out: the import form, templates, and the export form."""
    return _page(forms.ImportForm(), _export_form())


def _page(import_form: forms.ImportForm, export_form: forms.ExportForm) -> Page:
    importing = g.viewer.may(Permission.IMPORT_FILES)
    page = render_template(
        "exchange/index.html",
        import_form=import_form,
        export_form=export_form,
        layouts=LAYOUTS,
        imports=taking_back.imports_of(g.viewer) if importing else [],
    )
    return page, max(import_form.status, export_form.status)


# --- dictionaries ---


@blueprint.route("/dictionaries/<name>", methods=["GET", "POST"])
@requires(Permission.KEEP_SETTINGS)
def dictionary(name: str) -> Page:
    """Take in rows of a dictionary from a file: those that stand are changed, others added, none deleted."""
    if name not in DICTIONARIES:
        abort(404)
    require_keeper(g.viewer)
    form = forms.DictionaryForm()
    back = url_for("territories.dictionary", name=name)

    read: dictionaries.DictionaryFile | ImportRefused | None = None
    file, content = _dictionary_sent(form)
    if content is not None:
        # Nobody waits for a file to be read: that comes before the act's transaction.
        try:
            read = dictionaries.read_dictionary(g.viewer, name, content, file=file)
        except ImportRefused as error:
            read = error

    def take() -> dictionaries.DictionaryResult:
        try:
            if not isinstance(read, dictionaries.DictionaryFile):
                raise read or Invalid([("file", _("Choose a file."))])
            with noticing() as noticed:
                result = dictionaries.import_dictionary(g.viewer, read, now=utc_now())
        except ImportRefused as error:
            raise Invalid([("file", message) for message in error.errors[:MOST_SHOWN]]) from None
        if result.changes:
            message = lazy("Values of codes on record that change: %(count)s.", count=len(result.changes))
            noticed.insert(0, Finding(Weight.ASKS, message))
        if noticed and not form.confirms(noticed):
            form.preview = result
            form.findings = tuple(noticed)
            form.upload.data, form.name.data = _keep(content or b""), file
            raise Unsettled(_("Read what follows from this act and confirm it."))
        return result

    return run(
        form,
        acts.KEEP_CODES,
        take,
        then=lambda result: done(_dictionary_taken(result), back),
        back=back,
        lead=DICTIONARY_TITLES[name],
        link=(_("The dictionary as it is now, as CSV"), url_for(".dictionary_file", name=name)),
        crumbs=[(_("Settings"), url_for("territories.index")), (DICTIONARY_TITLES[name], back)],
        template="exchange/dictionary.html",
        most=MOST_SHOWN,
    )


@blueprint.route("/dictionaries/<name>/code", methods=["GET", "POST"])
@requires(Permission.KEEP_SETTINGS)
def dictionary_code(name: str) -> Page:
    """Enter one code, change its row or close it; ``code``, ``territory`` and ``valid_from`` say which row stands."""
    if name not in DICTIONARIES:
        abort(404)
    require_keeper(g.viewer)
    places = {row.code: row for row in g.territories}
    entry = _entry_asked_for(name, {code: row.id for code, row in places.items()})
    opened = None if entry is None else _OpenedCode(name, entry, request.args.get("territory", ""))
    form = forms.code_form(name)(data=None if opened is None else opened.now())
    form.territory.choices = [(code, name_in(row)) for code, row in places.items()]
    back = url_for("territories.dictionary", name=name)
    flags = dictionaries.flags_of(name)

    def take() -> dictionaries.DictionaryResult:
        values: dict[str, Any] = {
            column: str(int(bool(value))) if column in flags else value if column in dictionaries.DATES else value or ""
            for column, value in form.values().items()
        }
        place = places[form.territory.data].id if form.territory.data else None
        try:
            result = dictionaries.import_dictionary(g.viewer, dictionaries.one_code(name, place, values), now=utc_now())
        except ImportRefused as error:
            raise Invalid([(found.field, found.message) for found in error.errors]) from None
        form.preview = result
        return result

    return run(
        form,
        acts.KEEP_CODE,
        take,
        then=lambda result: changed(bool(result.created + result.updated), _code_saved(result), back),
        back=back,
        lead=DICTIONARY_TITLES[name],
        crumbs=[(_("Settings"), url_for("territories.index")), (DICTIONARY_TITLES[name], back)],
        opened=opened,
        template="exchange/dictionary.html",
        most=MOST_SHOWN,
    )


@dataclass(frozen=True, slots=True)
class _OpenedCode:
    """The row of a dictionary a form was opened on, by the fields of the form."""

    dictionary: str
    entry: DictionaryEntry
    territory: str

    def now(self) -> dict[str, Any]:
        return self._typed(self.entry)

    def version(self) -> int:
        return Opened(self.entry).version()

    def before(self, version: int) -> dict[str, Any]:
        changed_since = Opened(self.entry).before(version)
        then = SimpleNamespace(**{column: getattr(self.entry, column) for column in KEPT} | changed_since)
        present = self.now()
        return {column: value for column, value in self._typed(then).items() if value != present[column]}

    def present(self, name: str) -> Any:
        return self.now()[name]

    def _typed(self, entry: Any) -> dict[str, Any]:
        """A row as the form shows it."""
        row: dict[str, Any] = {
            column: text or None for column, text in row_of(self.dictionary, entry, self.territory).items()
        }
        row |= {column: row[column] == "1" for column in dictionaries.flags_of(self.dictionary)}
        return row | {column: parse_typed_date(row[column]) for column in dictionaries.DATES}


def _entry_asked_for(name: str, places: Mapping[str, int]) -> DictionaryEntry | None:
    """The row that the address names; None for a new one."""
    code, place, since = (request.args.get(part, "") for part in ("code", "territory", "valid_from"))
    if not code:
        return None
    first = parse_typed_date(since) if since else ALWAYS
    if (place and place not in places) or first is None:
        abort(404)
    entry = find(name, (code, places.get(place), first))
    if entry is None:
        abort(404)
    return entry


def _code_saved(result: dictionaries.DictionaryResult) -> str:
    for warning in result.warnings:
        flash(str(warning.message), "warning")
    return _("The code has been saved.")


def _dictionary_sent(form: forms.DictionaryForm) -> tuple[str, bytes | None]:
    """The name and content of the file chosen, or of the one that was looked through and waits."""
    chosen, waiting = form.file.data, form.upload.data or ""
    if chosen is not None:
        form.upload.data = None
        return _name(chosen.filename), chosen.read()
    path = _uploads() / waiting
    if not re.fullmatch("[0-9a-f]{64}", waiting) or not path.exists():
        form.upload.data = None
        return "", None
    return (form.name.data or "")[:200], path.read_bytes()


def _dictionary_taken(result: dictionaries.DictionaryResult) -> str:
    shown, more = first_of_each(result.warnings)
    for warning in shown:
        flash(str(warning), "warning")
    for count, last in more:
        told = ngettext(
            "%(num)s more like “%(message)s”", "%(num)s more like “%(message)s”", count, message=last.message
        )
        flash(told, "warning")
    return _(
        "%(rows)s rows: %(created)s added, %(updated)s changed, %(unchanged)s unchanged.",
        rows=result.rows,
        created=result.created,
        updated=result.updated,
        unchanged=result.unchanged,
    )


@blueprint.get("/dictionaries/<name>.csv")
@requires(Permission.KEEP_SETTINGS, Permission.EXPORT_FILES)
def dictionary_file(name: str) -> Response:
    """Every row of a dictionary, to be changed and taken in again."""
    if name not in DICTIONARIES:
        abort(404)
    content = dictionaries.export_dictionary(g.viewer, name)
    return send_file(io.BytesIO(content), mimetype=CONTENT_TYPES[CSV], as_attachment=True, download_name=f"{name}.csv")


# --- in ---------------------------------------------------------------------------------------------------------------


@blueprint.post("/check")
@requires(Permission.IMPORT_FILES)
def check() -> Page:
    """Check a file by importing it and taking everything back; what it would do and all its errors are shown."""
    form = forms.ImportForm()
    if not form.validate_on_submit():
        return _page(form, _export_form())
    return _run(Kind(form.kind.data), _name(form.file.data.filename), form.file.data.read(), dry_run=True)


def _name(sent: str | None) -> str:
    """What a file is called, as pages can show it: the name proper, since some browsers send a path."""
    return clean(re.split(r"[\\/]", sent or "")[-1])[:200]


@blueprint.route("/import", methods=["GET", "POST"])
@requires(Permission.IMPORT_FILES)
def take_in() -> Page:
    """Import a file that was checked; it is checked once more, since the registers may have changed meanwhile.

    Opened, it is only checked: there the button leads where the session or the token has ended meanwhile.
    """
    kept = _sent_again()
    if isinstance(kept, Response):
        return kept
    if request.method == "GET" and unsent.restored() is not None:
        flash(
            _("Nothing was done: the page was open too long. Look at it once more and press the button again."),
            "warning",
        )
    return _run(*kept, dry_run=request.method == "GET")


@blueprint.route("/columns", methods=["GET", "POST"])
@requires(Permission.IMPORT_FILES)
def match_columns() -> Page:
    """Keep how the columns of another spreadsheet are matched with ours, and check the file once more.

    Opened, the file that waits is checked, and what was chosen and could not be sent stands in the form.
    """
    kept = _sent_again()
    if isinstance(kept, Response):
        return kept
    kind, name, content = kept
    if request.method == "GET":
        return _run(kind, name, content, dry_run=True)
    header = services.header_of(g.viewer, kind, content, name=name)
    columns = {
        column: int(place)
        for column in LAYOUTS[kind].names
        if (place := request.form.get(f"column-{column}", "")) in map(str, range(len(header)))
    }
    constants = {
        column: text[:200]
        for column in LAYOUTS[kind].names
        if column not in columns and (text := request.form.get(f"value-{column}", "").strip())
    }
    with transaction():
        mappings.keep(g.viewer, kind, header, columns, constants, now=utc_now())
    return _run(kind, name, content, dry_run=True)


def _sent_again() -> tuple[Kind, str, bytes] | Response:
    """The file that was checked before and waits, or the way back where it is no longer kept.

    The address names it as the form does; one made before that is known by what was sent and could not be taken.
    """
    typed = unsent.restored() if request.method == "GET" else None
    given = {**request.args, **(request.form if typed is None else typed.values)}
    kind, name, upload = (given.get(field, "") for field in ("kind", "name", "upload"))
    is_named = kind in list(Kind) and re.fullmatch("[0-9a-f]{64}", upload)
    if not is_named and request.method == "POST":
        abort(400)
    path = _uploads() / upload
    if not is_named or not path.exists():
        flash(_("The checked file is no longer kept. Choose it once more."), "warning")
        return redirect(url_for(".index"))
    return Kind(kind), _name(name), path.read_bytes()


def _run(kind: Kind, name: str, content: bytes, *, dry_run: bool) -> Page:
    refusal = result = upload = matched = None
    try:
        read = services.read_bytes(g.viewer, kind, content, name=name)
        with transaction():
            result = services.import_rows(g.viewer, read, now=utc_now(), dry_run=dry_run)
        matched = read.matched
    except ImportRefused as error:
        refusal = error
        if isinstance(error, HeaderRefused):
            matched, upload = error.matched, _keep(content)
    except Busy as error:
        flash(str(error), "warning")
        return redirect(url_for(".index"))
    else:
        if dry_run:
            upload = _keep(content)
        else:
            (_uploads() / hashlib.sha256(content).hexdigest()).unlink(missing_ok=True)
            flash(_imported(result), "success")
            return redirect(url_for(_LISTINGS[kind].endpoint))
    if upload is not None:
        unsent.opens_at(url_for(".match_columns", kind=kind, name=name, upload=upload))
    page = render_template(
        "exchange/checked.html",
        form=Form(),
        layout=LAYOUTS[kind],
        name=name,
        result=result,
        upload=upload,
        errors=refusal.errors if refusal else (),
        warnings=refusal.warnings if refusal else result.warnings if result else (),
        first_of_each=first_of_each,
        matched=matched,
        letter=column_letter,
        returned=_returned(kind, name, content, refusal or result),
        most=MOST_SHOWN,
    )
    return page, 422 if refusal and request.method == "POST" else 200


def _returned(kind: Kind, name: str, content: bytes, found: ImportRefused | services.ImportResult | None) -> str | None:
    """The address of a file with the rows that were found fault with, kept as long as the checked file is."""
    errors = found.errors if isinstance(found, ImportRefused) else ()
    warnings = found.warnings if found else ()
    if not errors and not warnings:
        return None
    rows = returned_bytes(kind, content, XLSX, errors=errors, warnings=warnings)
    return url_for(".returned", upload=_keep(rows), name=f"{Path(name).stem or kind}-{_('errors')}.xlsx")


@blueprint.get("/returned/<upload>.xlsx")
@requires(Permission.IMPORT_FILES)
def returned(upload: str) -> Response:
    """The rows of a file this person had checked, with what was found; ``name`` is what to save them as."""
    path = _uploads() / upload if re.fullmatch("[0-9a-f]{64}", upload) else None
    if path is None or not path.exists():
        abort(404)
    name = re.sub(r"[^\w .()-]", "_", request.args.get("name", ""))[:200]
    return _file(path.read_bytes(), name or "errors.xlsx", XLSX)


def _imported(result: services.ImportResult) -> str:
    rows = ngettext("%(num)s row imported", "%(num)s rows imported", result.rows)
    return _(
        "%(rows)s: %(created)s created, %(updated)s updated, %(unchanged)s unchanged.",
        rows=rows,
        created=result.created,
        updated=result.updated,
        unchanged=result.unchanged,
    )


def _uploads() -> Path:
    """Where this person's checked files wait, and for a day only."""
    folder: Path = current_app.config["SETTINGS"].data_dir / "uploads" / str(g.viewer.user_id)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    old = [path for path in folder.iterdir() if path.stat().st_mtime < time.time() - UPLOAD_LIFE]
    for path in () if old and seems_ahead() else old:
        path.unlink(missing_ok=True)
    return folder


def _keep(content: bytes) -> str:
    upload = hashlib.sha256(content).hexdigest()
    write_whole(_uploads() / upload, content)
    return upload


@blueprint.get(f"/templates/<any({','.join(map(repr, map(str, Kind)))}):kind>.xlsx")
@requires(Permission.IMPORT_FILES)
def template(kind: str) -> Response:
    """An empty XLSX file with the columns' names, and their labels in the reader's language under them."""
    return _file(queries.template_bytes(kind), f"{kind}.xlsx", XLSX)


# --- taking back ---

TAKE_BACK = Words(
    title=lazy("Take an import back"),
    button=lazy("Take the import back"),
    text=lazy("Every act of this import is annulled, or the values from before are put back: all of it, or nothing."),
    serious=True,
)


@blueprint.route("/imports/<int:import_id>/take-back", methods=["GET", "POST"])
@requires(Permission.IMPORT_FILES)
def take_import_back(import_id: int) -> Page:
    """Show every act of an import and what stands against undoing it, and undo all of them."""
    item = taking_back.get_import(import_id, g.viewer)
    if item.taken_back_at is not None:
        abort(409)
    form = ReasonForm()
    entries = taking_back.entries_of(item, g.viewer)
    return run(
        form,
        TAKE_BACK,
        lambda: taking_back.take_back(g.viewer, item, reason=form["reason"].data, now=utc_now()),
        then=lambda count: done(
            ngettext("%(num)s act was undone.", "%(num)s acts were undone.", count), url_for(".index")
        ),
        back=url_for(".index"),
        lead=f"{LAYOUTS[Kind(item.kind)].label}: {item.name}",
        follows=lambda: taking_back.obstacles(item, g.viewer),
        template="exchange/take_back.html",
        crumbs=[(_("Import and export"), url_for(".index"))],
        entries=entries[: taking_back.MOST_SHOWN],
        total=len(entries),
        about=subjects.about({(entry.subject_type, entry.subject_id) for entry in entries}, g.viewer),
        in_words=changes_in_words,
    )


# --- out --------------------------------------------------------------------------------------------------------------


@blueprint.get("/export")
@requires(Permission.EXPORT_FILES)
def export() -> Page:
    """A register as a file.

    ``kind``, ``format``, ``territory`` (code), ``as_of`` and ``known_at`` say what. Without these two the filters and
    clocks of the kind's list hold, so that a list's own links export what it shows; with ``as_of`` only ``search``
    does.
    """
    form = _export_form()
    if not form.validate():
        return _page(forms.ImportForm(formdata=None), form)
    kind, as_of, moment = Kind(form.kind.data), form.as_of.data, form.moment
    ids = None
    if as_of is None and moment is None:
        listing = _LISTINGS[kind]
        wanted = list_page.asked(listing)
        if instead := list_page.said_instead(listing, wanted):
            return instead
        ids = list_page.keys_shown(listing, wanted)
        as_of, moment = wanted.day if wanted.has_clocks else None, wanted.known_at
    elif as_of is not None and kind is Kind.RESIDENTS and request.args.get("search"):
        found = residents.participants(
            g.viewer, as_of, territory_id=g.territory_id, known_at=moment, search=request.args["search"]
        )
        ids = {record.id for record in found}
    chosen = None if g.viewer.sees_only(g.territory_id) else g.territory_id
    territory = next((row.code for row in g.territories if row.id == chosen), None)
    options = queries.ExportOptions(territory=territory, as_of=as_of, known_at=moment, ids=ids)
    if form.format.data == READING:
        content = queries.list_bytes(g.viewer, kind, decimal_comma=current_language() != "en", **options)
        return _file(content, f"{kind}-{(as_of or today()).isoformat()}-list.csv", CSV)
    content = queries.export_bytes(g.viewer, kind, form.format.data, **options)
    return _file(content, f"{kind}-{(as_of or today()).isoformat()}.{form.format.data}", form.format.data)


def _export_form() -> forms.ExportForm:
    form = forms.ExportForm(formdata=request.args)
    if g.viewer.is_company:
        del form.territory
        return form
    form.territory.choices = [(row.code, name_in(row)) for row in g.territories]
    if "territory" not in request.args:
        form.territory.data = next((row.code for row in g.territories if row.id == g.territory_id), None)
    return form


def _file(content: bytes, name: str, ending: str) -> Response:
    return send_file(
        io.BytesIO(content), mimetype=CONTENT_TYPES[ending], as_attachment=True, download_name=name, max_age=0
    )
