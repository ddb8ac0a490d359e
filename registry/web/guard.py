"""The login wall: who asks, closed by default, headers of every answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from flask import Response, abort, current_app, g, has_request_context, redirect, request, session, url_for
from flask_login import current_user
from werkzeug.exceptions import MethodNotAllowed, NotFound
from werkzeug.routing import RequestRedirect
from werkzeug.wrappers import Response as BaseResponse

from registry.accounts.rules import safe_path
from registry.infra import i18n, members, unsent
from registry.infra.access import Permission, Viewer
from registry.journal import subjects
from registry.residents import queries as residents

SECURITY_HEADERS = {
    "Content-Security-Policy": "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
"""Sent with every answer. Bootstrap's own stylesheet holds icons as data: URLs; nothing else needs an exception."""


class TerritoryChoice(NamedTuple):
    """A territory as the header's switch needs it."""

    id: int
    code: str
    name_kk: str
    name_ru: str
    name_en: str
    participant_word: str


def identify() -> None:
    """Find out who is asking, and of which territory."""
    g.viewer = g.members = None
    g.territory_id = None
    g.territories = ()
    if request.endpoint in {"static", "bootstrap.static"}:
        return
    if current_app.config["SETTINGS"].unfinished_file.exists():
        # A restore is under way: what was open when the archive was made may still be open in it.
        abort(503)
    if current_user.is_authenticated:
        g.viewer = current_user.viewer
        if not g.viewer.is_company:
            g.territories = tuple(
                TerritoryChoice(row.id, row.code, row.name_kk, row.name_ru, row.name_en, row.participant_word)
                for row in current_user.territories
            )
            wanted = request.args.get("territory", session.get("territory"))
            g.territory_id = next((row.id for row in g.territories if row.code == wanted), None)
            if g.territory_id is None and len(g.viewer.territory_ids or ()) == 1:
                g.territory_id = g.territories[0].id
        members.call_members(_word_of_members)


_RECORDS = {
    "resident_id": "resident",
    "contract_id": "contract",
    "patent_id": "patent",
    "report_id": "report",
    "document_id": "document",
    "request_id": "document_request",
}
"""The tables of the records that addresses of pages name, by the name of the argument."""


def _word_of_members() -> str:
    """What the territory of the page's record calls its members, else the one asked about; several words are none.

    A company's account reads its own territory's word.
    """
    if g.viewer.is_company:
        words = residents.words_of_territories(g.viewer)
    else:
        words = {row.participant_word for row in g.territories}
        if len(words) > 1:
            about = _territory_of_record() or g.territory_id
            words = {row.participant_word for row in g.territories if about in {None, row.id}}
    return next(iter(words)) if len(words) == 1 else ""


def _territory_of_record() -> int | None:
    """The territory of the record that the page is about; None where it is about none, or about one of all."""
    named = request.view_args or {}
    keys = [(_RECORDS[name], key) for name, key in named.items() if name in _RECORDS]
    if "record_id" in named:
        keys.append((named["kind"], named["record_id"]))
    return next((found.territory_id for found in subjects.about(keys, g.viewer).values()), None)


def forget_reader() -> None:
    """Ask no more who is asking: the page that follows stands without a database."""
    g.viewer, g.territory_id, g.territories = None, None, ()
    g.members = None


def guard() -> BaseResponse | None:
    """The login wall: closed unless the endpoint says for whom it is open."""
    if request.endpoint is None:
        return None
    view = _view(request.endpoint)
    if getattr(view, "is_public", False):
        return None
    permissions: frozenset[Permission] | None = getattr(view, "required_permissions", None)
    if permissions is None:
        _logger().error("endpoint %s declares no permission and is refused", request.endpoint)
        abort(403)
    viewer: Viewer | None = g.viewer
    if viewer is None:
        place = page_address()
        if place is not None and request.method not in {"GET", "HEAD"}:
            unsent.keep(place)
        return redirect(url_for("accounts.sign_in", next=place if place != "/" else None))
    if not viewer.permissions & permissions:
        abort(403)
    return None


def protect(response: Response) -> Response:
    for name, value in SECURITY_HEADERS.items():
        response.headers.setdefault(name, value)
    if request.is_secure:
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    if request.endpoint not in {"static", "bootstrap.static"}:
        response.headers.setdefault("Cache-Control", "private, no-cache")
        response.headers.setdefault("Content-Language", i18n.current_language())
        response.vary.update(["Cookie", "Accept-Language"])
    return response


def choose_language() -> str | None:
    """What the person switched to, else the account's language, else the browser's, else Kazakh."""
    if not has_request_context():
        return None
    viewer: Viewer | None = g.get("viewer")
    for language in (session.get("language"), viewer.language if viewer else None):
        if language in i18n.LANGUAGES:
            return language
    return request.accept_languages.best_match(i18n.LANGUAGES) or "kk"


def _view(endpoint: str) -> Callable[..., Any]:
    return current_app.view_functions[endpoint]


def _logger() -> Any:
    return current_app.logger


def page_address() -> str | None:
    """Path and query of the page a person is on: this one, or the one whose form was sent, if it can be opened."""
    opens = unsent.opening_address()
    if opens is not None:
        return opens
    if request.url_rule is None or "GET" in (request.url_rule.methods or ()):
        return request.full_path.rstrip("?")
    referrer = urlsplit(request.referrer or "")
    place = safe_path(referrer._replace(scheme="", netloc="").geturl()) if referrer.netloc == request.host else None
    return place if place is not None and _can_be_opened(referrer.path) else None


def _can_be_opened(path: str) -> bool:
    """Whether a page of ours stands at a path: one that only takes what is sent to it shows nothing by itself."""
    try:
        current_app.url_map.bind(request.host).match(path, method="GET")
    except MethodNotAllowed:
        return False
    except (NotFound, RequestRedirect):
        pass
    return True
