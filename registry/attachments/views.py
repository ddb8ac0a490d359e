"""Pages of attachments: the panel on a record's page, the files of a record or an act, a file itself."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from flask import Blueprint, Response, current_app, flash, g, redirect, render_template, request, url_for
from markupsafe import Markup
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response as BaseResponse

from registry.attachments import acts, forms, holders, kept, queries, services
from registry.attachments.models import Attachment
from registry.attachments.queries import File
from registry.attachments.rules import (
    CONTENT_TYPES,
    ENDINGS,
    KIND_NAMES,
    MEGABYTE,
    MOST_AT_ONCE,
    Key,
    Kind,
    clean_name,
)
from registry.attachments.subjects import page_of
from registry.config import Settings
from registry.errors import Conflict, DomainError, NotAllowed
from registry.infra import act_page
from registry.infra.access import Permission, requires
from registry.infra.act_page import Page
from registry.infra.clock import utc_now
from registry.infra.db import transaction
from registry.infra.forms import Form, ReasonForm
from registry.infra.i18n import format_decimal, format_integer, ngettext
from registry.infra.i18n import gettext as _
from registry.infra.numbers import whole_number
from registry.infra.storage import StorageError
from registry.journal import subjects
from registry.journal.queries import HistoryEntry

blueprint = Blueprint("attachments", __name__, url_prefix="/attachments")

_FORMS_OWN = MEGABYTE
"""Bytes that a form with files has besides them."""


def _settings() -> Settings:
    return current_app.config["SETTINGS"]


def _largest_request() -> int:
    """Bytes that a form with files may have: five of the largest ones, or more that are smaller."""
    return 5 * _settings().attachment_max_mb * MEGABYTE + _FORMS_OWN


# --- the panel on a record's page -------------------------------------------------------------------------------------


def files_shown(kind: str, ids: Collection[int], entries: Sequence[HistoryEntry] = ()) -> list[File]:
    """The files of records on a page, read in one statement with those of the acts in the page's history."""
    sequences = [entry.sequence for entry in entries]
    found = queries.files(g.viewer, kind, ids, sequences)
    _note_files_of_acts(found, sequences)
    return found


def _note_files_of_acts(found: Sequence[File], sequences: Sequence[int]) -> None:
    known: dict[int, list[File]] = g.setdefault("files_of_acts", {})
    for sequence in sequences:
        known[sequence] = [file for file in found if file.key.of_entry == sequence]


@blueprint.app_template_global()
def files_of_acts(entries: Sequence[HistoryEntry]) -> dict[int, list[File]]:
    """The files of acts by their entries; those that the page's panel has not read already, in one statement."""
    known: dict[int, list[File]] = g.setdefault("files_of_acts", {})
    unread = [entry.sequence for entry in entries if entry.sequence not in known]
    if unread:
        _note_files_of_acts(queries.files(g.viewer, "", (), unread), unread)
    return known


@blueprint.app_template_global()
def attachments_panel(
    kind: str,
    record_id: int,
    entries: Sequence[HistoryEntry] = (),
    *,
    files: Sequence[File] | None = None,
    adds: bool | None = None,
    lines: Mapping[int, str] | None = None,
) -> Markup:
    """The files of a record, and the form by which more are attached: one line in the template of its page.

    :param entries: the history on the same page.
    :param files: those of the record, where the page has read them.
    :param adds: whether the reader attaches more, where that depends on more than the role.
    :param lines: what the lines of a report are called, by their lasting numbers.
    """
    key = Key(kind, record_id)
    if files is None:
        files = files_shown(kind, [record_id], entries)
    if adds is None:
        adds = g.viewer.may(Permission.KEEP_REGISTERS)
    form = _form(key, lines or {}) if adds else None
    return Markup(  # noqa: S704 - a template of ours, which escapes
        render_template("attachments/_panel.html", **_shown(key, files, lines or {}), form=form)
    )


def _shown(key: Key, files: Sequence[File], lines: Mapping[int, str]) -> dict[str, Any]:
    settings = _settings()
    return {
        "key": key,
        "files": files,
        "lines": lines,
        "address": _address(key),
        "max_mb": settings.attachment_max_mb,
        "most_at_once": MOST_AT_ONCE,
        "accepted": ",".join(f".{ending}" for ending in ENDINGS),
    }


def _form(key: Key, lines: Mapping[int, str]) -> forms.AttachForm:
    form = forms.AttachForm(data={"line": key.line_id})
    form.line.choices = list(lines.items())
    if not lines:
        del form.line
    if g.viewer.is_company:
        del form.staff_only
    return form


@blueprint.app_template_global()
def file_kind(kind: str) -> str:
    """What people call a kind of file."""
    return str(KIND_NAMES[Kind(kind)])


@blueprint.app_template_global()
def file_size(size: int) -> str:
    """A file's size in words."""
    if size < 1000:
        return _("%(size)s B", size=format_integer(size))
    if size < MEGABYTE:
        return _("%(size)s KB", size=format_integer(round(size / 1000)))
    return _("%(size)s MB", size=format_decimal(f"{size / MEGABYTE:.1f}"))


@blueprint.app_template_global()
def may_withdraw(file: File, adds: bool) -> bool:
    """Whether the reader withdraws a file: whoever keeps registers any on record, others what they may still attach."""
    return file.is_offered and (g.viewer.may(Permission.KEEP_REGISTERS) if file.is_recorded else adds)


def _address(key: Key) -> str:
    found = page_of(key)
    return url_for(found[0], **found[1]) if found else ""


# --- the page of a record's or an act's files -------------------------------------------------------------------------


@blueprint.route("/<any(resident, contract, patent, report):kind>/<int:record_id>", methods=["GET", "POST"])
@requires(Permission.USE_PROGRAM)
def of_record(kind: str, record_id: int) -> Page:
    """The files of a record; ``line`` in the address is the line of a report that new ones stand behind."""
    key = Key(kind, record_id, line_id=whole_number(request.args.get("line")))
    return _page(key, queries.open_records(g.viewer, key))


@blueprint.route("/acts/<int:sequence>", methods=["GET", "POST"])
@requires(Permission.USE_PROGRAM)
def of_act(sequence: int) -> Page:
    """The files of an act, by its entry in the journal."""
    return _page(queries.key_of_act(sequence, g.viewer), ())


of_record.largest_request = of_act.largest_request = _largest_request  # ty: ignore[missing-attribute]


def _page(key: Key, ids: Collection[int]) -> Page:
    record = Key(key.subject_type, key.subject_id, of_entry=key.of_entry)
    refusal = _refusal(record)
    lines = dict(holders.of(key.subject_type).lines(key.subject_id)) if key.of_entry is None else {}
    form = None if refusal else _form(key, lines)
    if request.method == "POST":
        if refusal:
            raise refusal
        if form is not None and form.validate():
            answer = _take(form, key)
            if answer is not None:
                return answer
    about = subjects.about([(key.subject_type, key.subject_id)], g.viewer)[key.subject_type, key.subject_id]
    files = queries.files(g.viewer, key.subject_type, ids, () if key.of_entry is None else [key.of_entry])
    page = render_template(
        "attachments/page.html",
        **_shown(record, files, lines),
        form=form,
        title=acts.ATTACH.title,
        refusal=None if refusal is None or isinstance(refusal, NotAllowed) else refusal,
        record=about.title,
        record_address=_address_of_record(about),
        label=subjects.label(key.subject_type),
    )
    return page, 200 if form is None else form.status


def _refusal(record: Key) -> DomainError | None:
    try:
        services.need_may_attach(g.viewer, record)
    except (NotAllowed, Conflict) as error:
        return error
    return None


def _address_of_record(about: subjects.About) -> str | None:
    return url_for(about.page[0], **about.page[1]) if about.page else None


def _take(form: forms.AttachForm, key: Key) -> BaseResponse | None:
    """Attach what was chosen, each file by itself: what is fine is kept, what is not comes back with its reason."""
    line_id = form.line.data if form.line else None
    key = key._replace(line_id=line_id)
    staff_only = bool(form.staff_only.data) if form.staff_only else False
    sent, refused, count = _sent(form), [], 0
    if len(sent) > MOST_AT_ONCE:
        form.add_error(DomainError(_("Send at most %(most)s files at once.", most=MOST_AT_ONCE), "files"))
        return None
    for file in sent:
        try:
            with services.received(file.stream, file.filename or "") as found, transaction():
                services.attach(g.viewer, key, found, now=utc_now(), staff_only=staff_only)
            count += 1
        except (DomainError, StorageError) as error:
            refused.append(f"{clean_name(file.filename or '')}: {error}")
    if count:
        flash(ngettext("%(num)s file attached.", "%(num)s files attached.", count), "success")
    for problem in refused:
        form.add_error(DomainError(problem, "files"))
    if refused:
        return None
    about = subjects.about([(key.subject_type, key.subject_id)], g.viewer)[key.subject_type, key.subject_id]
    if request.form.get("from") == "record" and about.page:
        return redirect(url_for(about.page[0], **about.page[1], _anchor="attachments"))
    return redirect(_address(key))


def _sent(form: forms.AttachForm) -> list[FileStorage]:
    return [file for file in form.files.data or () if isinstance(file, FileStorage) and file.filename]


# --- one file ---------------------------------------------------------------------------------------------------------


@blueprint.get("/files/<int:attachment_id>")
@requires(Permission.USE_PROGRAM)
def file(attachment_id: int) -> Response:
    """The bytes of a file, always to be saved and never shown: whatever is in it runs nowhere near the registry."""
    row = queries.get(attachment_id, g.viewer)
    if row.file_name is None:
        raise Conflict(_("The file was erased: its content is gone."))
    try:
        parts = kept.store().parts(row.sha256)
    except StorageError as error:
        current_app.logger.error("attachment %s: %s", row.id, error)
        raise Conflict(_("The stored file is missing. Tell the administrator.")) from None
    response = Response(_streamed(parts), mimetype=CONTENT_TYPES[Kind(row.kind)])
    response.content_length = row.size
    plain = unicodedata.normalize("NFKD", row.file_name).encode("ascii", "ignore").decode() or f"file.{row.kind}"
    response.headers.set(
        "Content-Disposition", "attachment", filename=plain, **{"filename*": f"UTF-8''{quote(row.file_name, safe='')}"}
    )
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "private, no-store, no-transform"
    return response


def _streamed(parts: Iterator[bytes]) -> Iterator[bytes]:
    yield from parts


@blueprint.route("/files/<int:attachment_id>/withdraw", methods=["GET", "POST"])
@requires(Permission.KEEP_REGISTERS, Permission.FILL_REPORTS)
def withdraw(attachment_id: int) -> Page:
    """Mark a file as withdrawn; one of a draft is removed."""
    row = queries.get(attachment_id, g.viewer)
    services.need_may_withdraw(g.viewer, row)
    back = _back(row)
    if row.recorded_in is None:
        return act_page.run(
            Form(),
            acts.REMOVE,
            lambda: services.withdraw(g.viewer, row, reason="", now=utc_now()),
            then=lambda _none: act_page.done(_("The file is removed."), back),
            back=back,
            lead=row.file_name,
        )
    form = ReasonForm()
    return act_page.run(
        form,
        acts.WITHDRAW,
        lambda: services.withdraw(g.viewer, row, reason=form["reason"].data, now=utc_now()),
        then=lambda _none: act_page.done(_("The file is withdrawn."), back),
        back=back,
        lead=row.file_name,
    )


@blueprint.route("/files/<int:attachment_id>/erase", methods=["GET", "POST"])
@requires(Permission.ERASE_PERSONAL_DATA)
def erase(attachment_id: int) -> Page:
    """Erase name and content of a file on the demand of the person they tell of."""
    row = queries.get(attachment_id, g.viewer)
    back, form = _back(row), ReasonForm()

    def told(others: int) -> BaseResponse:
        if others:
            text = ngettext(
                "The same content is attached at %(num)s other place and stays there: erase it there too.",
                "The same content is attached at %(num)s other places and stays there: erase it there too.",
                others,
            )
            flash(text, "warning")
        return act_page.done(_("The file is erased."), back)

    return act_page.run(
        form,
        acts.ERASE,
        lambda: services.erase(g.viewer, row, reason=form["reason"].data, now=utc_now()),
        then=told,
        back=back,
        lead=row.file_name,
    )


def _back(row: Attachment) -> str:
    found = page_of(row.key._replace(line_id=None))
    return url_for(found[0], **found[1]) if found else url_for("home.index")
