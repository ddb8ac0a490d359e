"""The page of an act: a form, what the act will do, and where to go after it.

Every form that changes a record is processed by :func:`run` and drawn by the macro ``form_start``, so that what is
owed to whoever fills one in is kept in one place: invalid input comes back with 422 and what was typed; the form of an
existing record says at which version it was opened, and where others changed the record meanwhile it shows both values
and asks; what would follow from the act is listed, asked about, or forbids it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from flask import flash, redirect, render_template, request
from werkzeug.wrappers import Response

from registry.errors import Conflict, DomainError, NotAllowed
from registry.infra.db import transaction
from registry.infra.findings import Finding, noticing
from registry.infra.forms import Difference, Form
from registry.infra.i18n import gettext as _
from registry.infra.numbers import whole_number

Result = TypeVar("Result")

Page = Response | tuple[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What the page of an act says: its heading, its button, and what will follow, in one paragraph and ``more``.

    An act that is ``serious`` cannot simply be taken back: its button and its text warn.
    """

    title: object
    button: object = None
    text: object = None
    more: object = None
    serious: bool = False


class Opened(Protocol):
    """The record a form was opened on, and what became of it since."""

    def version(self) -> int:
        """What changes with every act on the record."""
        ...

    def before(self, version: int) -> Mapping[str, Any]:
        """The fields changed since that version, each with the value it had then."""
        ...

    def present(self, name: str) -> Any:
        """The value a field has now."""
        ...


class Unsettled(Conflict):
    """The record has changed since the form was opened, or a finding waits for an answer."""


def run(
    form: Form,
    words: Words,
    act: Callable[[], Result],
    *,
    then: Callable[[Result], Response | None],
    back: str,
    lead: object = None,
    text: object = None,
    link: tuple[object, str] | None = None,
    crumbs: Sequence[tuple[object, str]] = (),
    opened: Opened | None = None,
    follows: Callable[[], Sequence[Finding]] | None = None,
    sends: bool = True,
    template: str = "act.html",
    **context: Any,
) -> Page:
    """Show the page of an act, or make the act and go on to what ``then`` answers; None stays on the page.

    ``act`` is made in a transaction of its own; what it refuses comes back at the fields named. ``lead`` says what the
    act is about, ``text`` replaces the words' own, ``link`` is (label, address) of another way, and ``back`` where
    "Cancel" leads. ``follows`` tells what would follow from the act as the form describes it; it is asked inside the
    transaction too. ``sends`` is False where the button pressed only changes the form (one more row).
    """
    if form.is_submitted():
        if sends and form.validate():
            try:
                with transaction():
                    if opened is not None:
                        _settle(form, opened)
                    if follows is not None:
                        form.findings = tuple(follows())
                        _need_answers(form)
                    with noticing() as noticed:
                        result = act()
                    _need_answer_to(form, noticed)
            except DomainError as error:
                if isinstance(error, NotAllowed) and error.field is None:
                    raise  # nothing in the form can be put right
                form.add_error(error)
            else:
                _tell(form, noticed)
                answer = then(result)
                for label, doubt in form.doubts():
                    flash(_("Worth a look: %(message)s.", message=f"{label}: {doubt}"), "warning")
                if answer is not None:
                    return answer
        form.opened_at = request.form.get("version")
    elif form.restored is not None:
        # What would follow is asked when the form is sent: what was typed need not be readable yet.
        form.opened_at = form.restored.values.get("version")
    elif follows is not None:
        form.findings = tuple(follows())
    if opened is not None and form.opened_at is None:
        form.opened_at = str(opened.version())
    page = render_template(
        template,
        form=form,
        words=words,
        back=back,
        lead=lead,
        text=text or words.text,
        link=link,
        steps=crumbs,
        **context,
    )
    return page, form.status


def done(message: str, to: str) -> Response:
    """Say that the act is made, and go on."""
    flash(message, "success")
    return redirect(to)


def changed(is_changed: bool, message: str, to: str) -> Response:
    """The same for an act that may turn out to change nothing."""
    if is_changed:
        return done(message, to)
    flash(_("Nothing was changed."), "info")
    return redirect(to)


def _settle(form: Form, opened: Opened) -> None:
    """Bring together what was typed and what others changed since the form was opened.

    A field nobody touched here takes the others' value. For a field changed on both sides the person chooses; until
    then nothing is written. A form that names no version is taken as it is.

    :raises Unsettled: with both values of every field that waits for a choice.
    """
    typed = whole_number(request.form.get("version"))
    if typed is None:
        return
    current = opened.version()
    if typed == current:
        return
    asked: list[Difference] = []
    chosen = request.form if request.form.get("seen") == str(current) else {}
    for name, before in opened.before(typed).items():
        if name not in form:
            continue
        theirs, mine = opened.present(name), form.typed(name)
        if theirs == mine:
            continue
        choice = chosen.get(f"keep-{name}")
        if mine == before or choice == "theirs":
            form.take(name, theirs)
        elif choice != "mine":
            asked.append(form.difference(name, theirs))
    if asked:
        form.differences, form.seen = tuple(asked), str(current)
        raise Unsettled(
            _("Somebody changed this record while the form was open. Choose which values hold, then save again.")
        )


def _need_answers(form: Form) -> None:
    """:raises Unsettled: where a finding asks and was not confirmed as it stands now."""
    if any(finding.forbids for finding in form.findings):
        raise Unsettled(_("This cannot be done as things stand: see what stands against it."))
    if any(finding.asks for finding in form.findings) and not form.confirms(form.findings):
        raise Unsettled(_("Read what follows from this act and confirm it."))


def _need_answer_to(form: Form, noticed: Sequence[Finding]) -> None:
    """Ask about what the act itself turned out to have as a consequence; unanswered, nothing of it is written.

    :raises Unsettled: where such a finding asks and was not confirmed.
    """
    if not any(finding.asks for finding in noticed) or form.confirms(noticed):
        return
    form.findings = tuple({str(finding): finding for finding in (*form.findings, *noticed)}.values())
    raise Unsettled(_("Read what follows from this act and confirm it."))


def _tell(form: Form, noticed: Sequence[Finding]) -> None:
    """Tell what followed, as far as the page has not told it before."""
    for message in dict.fromkeys(map(str, noticed)):
        if message not in {str(finding) for finding in form.findings}:
            flash(message, "warning")
