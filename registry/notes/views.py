"""Pages of notes: those on a record, those of a company, and what is done to one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, abort, g, render_template, request, url_for

from registry.accounts import queries as accounts
from registry.infra import act_page
from registry.infra.access import Permission, requires
from registry.infra.act_page import Page
from registry.infra.clock import utc_now
from registry.infra.forms import ReasonForm
from registry.infra.i18n import gettext as _
from registry.infra.paging import page_number, paginate
from registry.journal import subjects
from registry.notes import acts, forms, queries, rules, services
from registry.notes.models import Note
from registry.residents import queries as residents

blueprint = Blueprint("notes", __name__)


@blueprint.app_template_global()
def may_write_notes(kind: str) -> bool:
    """Whether the reader may write a note on records of a table."""
    return rules.may_write(g.viewer, kind)


@blueprint.app_template_global()
def may_change_note(note: Note) -> bool:
    """Whether the reader may correct or withdraw a note."""
    return note.withdrawn_at is None and queries.may_change(g.viewer, note)


@blueprint.app_template_global()
def companies_read(kind: str) -> bool:
    """Whether companies see records of a table, so that notes on them can be shown to them."""
    known = rules.notable(kind)
    return known is not None and known.has_companies


@blueprint.app_template_global()
def note_authors(*groups: Sequence[Note]) -> dict[int | None, str]:
    """The names of everybody who wrote or withdrew one of these notes; the built-in user by its own name."""
    ids = {version.written_by for notes in groups for note in notes for version in note.versions}
    ids |= {note.withdrawn_by for notes in groups for note in notes if note.withdrawn_at is not None}
    return {None: _("system (built-in user)"), **accounts.names(ids)}


def _record(kind: str, record_id: int) -> Any:
    known = rules.notable(kind) or abort(404)
    return known.get(record_id, g.viewer)


def _about(kind: str, record_id: int) -> tuple[str, str]:
    """What a record is called, and the address of its page."""
    found = subjects.about([(kind, record_id)], g.viewer).get((kind, record_id)) or abort(404)
    endpoint, arguments = found.page or ("home.index", {})
    return found.title, url_for(endpoint, **arguments)


@blueprint.get("/notes/<kind>/<int:record_id>")
@requires(Permission.VIEW_REGISTERS)
def on_record(kind: str, record_id: int) -> str:
    """The notes on a record, with their earlier versions."""
    record = _record(kind, record_id)
    title, page = _about(kind, record_id)
    return render_template(
        "notes/index.html",
        record=record,
        title=title,
        record_page=page,
        page=paginate(queries.on_record(g.viewer, record), page_number(request.args.get("page"))),
        withdrawn=queries.some(queries.on_record(g.viewer, record, withdrawn=True), 50),
    )


@blueprint.get("/residents/<int:resident_id>/notes")
@requires(Permission.VIEW_REGISTERS)
def of_resident(resident_id: int) -> str:
    """The notes on an entry and on what belongs to it: a tab of the participant's record."""
    resident = residents.get_resident(resident_id, g.viewer)
    page = paginate(queries.of_entry(g.viewer, resident), page_number(request.args.get("page")))
    withdrawn = queries.some(queries.of_entry(g.viewer, resident, withdrawn=True), 50)
    keys = {(note.subject_type, note.subject_id) for note in (*page.items, *withdrawn)}
    return render_template(
        "notes/of_resident.html",
        resident=resident,
        page=page,
        withdrawn=withdrawn,
        records=subjects.about(keys, g.viewer),
    )


@blueprint.route("/notes/<kind>/<int:record_id>/write", methods=["GET", "POST"])
@requires(Permission.KEEP_REGISTERS, Permission.FILL_REPORTS)
def write(kind: str, record_id: int) -> Page:
    """Write a note on a record; a company's is read by both sides."""
    record = _record(kind, record_id)
    if not rules.may_write(g.viewer, kind):
        abort(403)
    title, page = _about(kind, record_id)
    form: Any = forms.NoteForm() if _asks(kind) else forms.TextForm()
    back = url_for(".on_record", kind=kind, record_id=record_id)
    return act_page.run(
        form,
        acts.ANSWER if g.viewer.is_company else acts.WRITE,
        lambda: services.write(
            g.viewer,
            record,
            text=form.text.data or "",
            is_shown=_asks(kind) and form.audience.data == forms.COMPANY,
            now=utc_now(),
        ),
        then=lambda note: act_page.done(
            _("The note is saved; the company sees it on its page.")
            if note.is_shown and not note.by_company
            else _("The note is saved."),
            f"{page}#notes",
        ),
        back=back,
        lead=title,
        crumbs=[(title, page), (_("Notes"), back)],
    )


def _asks(kind: str) -> bool:
    """Whether somebody chooses who reads a note: not a company, and not where no company sees the record."""
    return not g.viewer.is_company and companies_read(kind)


@blueprint.route("/notes/<int:note_id>/correct", methods=["GET", "POST"])
@requires(Permission.KEEP_REGISTERS, Permission.FILL_REPORTS)
def correct(note_id: int) -> Page:
    """Give a note another text; the old one is kept."""
    note = _own(note_id)
    form = forms.TextForm(data={"text": note.now.text})
    back, title = _back(note)
    return act_page.run(
        form,
        acts.CORRECT,
        lambda: services.correct(g.viewer, note, text=form.text.data or "", now=utc_now()),
        then=lambda is_changed: act_page.changed(
            is_changed, _("The note has been corrected. The old text stays among its versions."), back
        ),
        back=back,
        lead=title,
        crumbs=[(_("Notes"), back)],
        opened=queries.OpenedNote(note),
    )


@blueprint.route("/notes/<int:note_id>/withdraw", methods=["GET", "POST"])
@requires(Permission.KEEP_REGISTERS, Permission.FILL_REPORTS)
def withdraw(note_id: int) -> Page:
    """Take a note off its record's page, with a reason."""
    note = _own(note_id)
    form = ReasonForm()
    back, title = _back(note)
    return act_page.run(
        form,
        acts.WITHDRAW,
        lambda: services.withdraw(g.viewer, note, reason=form["reason"].data, now=utc_now()),
        then=lambda _done: act_page.done(_("The note has been withdrawn."), back),
        back=back,
        lead=title,
        crumbs=[(_("Notes"), back)],
    )


def _own(note_id: int) -> Note:
    """A note the reader may change; one that stands and is another side's is forbidden, one withdrawn not found."""
    note = queries.get_note(note_id, g.viewer)
    if not queries.may_change(g.viewer, note):
        abort(403)
    return note if note.withdrawn_at is None else abort(404)


def _back(note: Note) -> tuple[str, str]:
    title, _page = _about(note.subject_type, note.subject_id)
    return url_for(".on_record", kind=note.subject_type, record_id=note.subject_id), title
