"""The web shell: extensions, the login wall, headers, error pages, navigation, languages and the territory switch.

Pages belong to the packages; each ``registry/<package>/views.py`` holds a ``blueprint``, and its list is ``index``.
"""

from __future__ import annotations

import functools
import importlib
from collections.abc import Callable
from datetime import timedelta
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlencode, urlsplit

from flask import (
    Blueprint,
    Flask,
    Response,
    abort,
    current_app,
    g,
    has_request_context,
    make_response,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask_babel import Babel
from flask_bootstrap import Bootstrap5
from flask_compress import Compress
from flask_login import LoginManager, current_user
from flask_wtf.csrf import CSRFError, CSRFProtect
from jinja2 import pass_context
from werkzeug.exceptions import HTTPException
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.wrappers import Response as BaseResponse

from registry.accounts.rules import safe_path
from registry.accounts.views import signed_in
from registry.config import ROOT, Settings
from registry.errors import DomainError, NotAllowed, NotFound
from registry.infra import i18n
from registry.infra.access import Permission, Viewer, public
from registry.infra.db import db
from registry.infra.i18n import gettext as _
from registry.infra.i18n import lazy
from registry.journal import presentation
from registry.territories.queries import all_territories

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

MAX_UPLOAD = 16 * 1024 * 1024


class NavigationItem(NamedTuple):
    """A line of the left navigation; shown when its endpoint exists and is open to the viewer."""

    endpoint: str
    label: object
    icon: str
    own_label: object = None
    """What a resident reads instead, being limited to its own company."""


NAVIGATION = (
    (
        NavigationItem("home.index", lazy("Home"), "house"),
        NavigationItem("residents.index", lazy("Residents"), "people", lazy("My company")),
        NavigationItem("contracts.index", lazy("Contracts"), "contract"),
        NavigationItem("patents.index", lazy("Patents"), "patent"),
        NavigationItem("reports.index", lazy("Reports"), "report"),
        NavigationItem("indicators.index", lazy("Indicators"), "indicator"),
        NavigationItem("documents.index", lazy("Documents"), "document"),
    ),
    (
        NavigationItem("exchange.index", lazy("Import and export"), "import", lazy("Export")),
        NavigationItem("journal.index", lazy("Journal"), "journal"),
        NavigationItem("accounts.index", lazy("Users"), "user"),
        NavigationItem("territories.index", lazy("Settings"), "gear"),
    ),
)


class TerritoryChoice(NamedTuple):
    """A territory as the header's switch needs it."""

    id: int
    code: str
    name_kk: str
    name_ru: str
    name_en: str


def install(app: Flask) -> None:
    """Give ``app`` its pages and everything that stands between them and the reader."""
    settings: Settings = app.config["SETTINGS"]
    app.config.update(
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.secure_cookies,
        SESSION_COOKIE_NAME="__Host-session" if settings.secure_cookies else "session",
        PERMANENT_SESSION_LIFETIME=timedelta(hours=12),
        MAX_CONTENT_LENGTH=MAX_UPLOAD,
        MAX_FORM_MEMORY_SIZE=MAX_UPLOAD,
        MAX_FORM_PARTS=50_000,
        SEND_FILE_MAX_AGE_DEFAULT=timedelta(days=365),
        WTF_CSRF_TIME_LIMIT=None,  # a form may lie open as long as its session lives
        BOOTSTRAP_SERVE_LOCAL=True,
    )
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    # Our hooks come first: a signed-out person is sent to sign in before the CSRF token is looked at.
    app.before_request(_identify)
    app.before_request(_guard)
    app.after_request(_protect)
    Babel(app, locale_selector=_choose_language)
    Bootstrap5(app)
    Compress(app)
    CSRFProtect(app)
    login = LoginManager(app)
    _register_pages(app, login)
    for endpoint in ("static", "bootstrap.static"):
        view = app.view_functions[endpoint]
        opened: Any = functools.update_wrapper(functools.partial(view), view)
        app.view_functions[endpoint] = public(opened)
    app.url_defaults(_static_version(app))
    _install_templates(app)
    _install_errors(app)


def _register_pages(app: Flask, login: LoginManager) -> None:
    app.register_blueprint(shell)
    for path in sorted(ROOT.glob("registry/*/views.py")):
        app.register_blueprint(importlib.import_module(f"registry.{path.parent.name}.views").blueprint)
    login.user_loader(signed_in)


# --- before and after each request ---


def _identify() -> None:
    """Find out who is asking, and of which territory."""
    g.viewer = None
    g.territory_id = None
    g.territories = ()
    if request.endpoint in {"static", "bootstrap.static"}:
        return
    if current_user.is_authenticated:
        g.viewer = current_user.viewer
        if g.viewer.sees_everything:
            g.territories = tuple(
                TerritoryChoice(row.id, row.code, row.name_kk, row.name_ru, row.name_en) for row in all_territories()
            )
            wanted = request.args.get("territory", session.get("territory"))
            g.territory_id = next((row.id for row in g.territories if row.code == wanted), None)


def _guard() -> BaseResponse | None:
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
        return redirect(url_for("accounts.sign_in", next=_place_to_return_to()))
    if not viewer.permissions & permissions:
        abort(403)
    return None


def _protect(response: Response) -> Response:
    for name, value in SECURITY_HEADERS.items():
        response.headers.setdefault(name, value)
    if request.is_secure:
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    if request.endpoint not in {"static", "bootstrap.static"}:
        response.headers.setdefault("Cache-Control", "private, no-cache")
        response.headers.setdefault("Content-Language", i18n.current_language())
        response.vary.update(["Cookie", "Accept-Language"])
    return response


def _choose_language() -> str | None:
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


def _place_to_return_to() -> str | None:
    """The page to come back to after signing in: this one, or the page whose form was sent."""
    if request.method in {"GET", "HEAD"}:
        place = request.full_path.rstrip("?")
        return place if place != "/" else None
    referrer = urlsplit(request.referrer or "")
    return safe_path(referrer.path) if referrer.netloc == request.host else None


# --- the shell's own endpoints ---

shell = Blueprint("shell", __name__)


@shell.get("/language/<any(kk, ru, en):code>")
@public
def switch_language(code: str) -> BaseResponse:
    """Speak another language from now on, on the same page."""
    session["language"] = code
    return redirect(safe_path(request.args.get("next")) or "/")


@shell.get("/territory/<code>")
@public
def switch_territory(code: str) -> BaseResponse:
    """Show one territory's data from now on (``all`` for every one), on the same page."""
    if code in {row.code for row in g.territories}:
        session["territory"] = code
    else:
        session.pop("territory", None)
    return redirect(safe_path(request.args.get("next")) or "/")


# --- templates ---


def _install_templates(app: Flask) -> None:
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters.update(
        date=i18n.format_date,
        long_date=i18n.format_long_date,
        moment=i18n.format_moment,
        integer=i18n.format_integer,
        money=i18n.format_money,
        hundredths=i18n.format_hundredths,
        billions=i18n.format_billions,
        decimal=i18n.format_decimal,
        percent=i18n.format_percent,
        quarter=_quarter,
        name=i18n.name_in,
    )
    shared: dict[str, Any] = dict(  # noqa: C408
        can_open=can_open,
        url_with=url_with,
        here=_here,
        navigation=_navigation,
        languages=i18n.LANGUAGES,
        language_names=i18n.LANGUAGE_NAMES,
        language_short=i18n.LANGUAGE_SHORT,
        current_language=i18n.current_language,
        actor_names=_actor_names,
        subject_url=_subject_url,
    )
    app.jinja_env.globals.update(shared)
    app.jinja_env.filters.update(
        action_label=presentation.action_label,
        subject_label=presentation.subject_label,
        field_label=presentation.label,
        field_value=presentation.value,
        cell=presentation.cell,
        visible_changes=lambda changes: [item for item in changes.items() if item[0] not in presentation.HIDDEN],
    )

    for name, function in list(app.jinja_env.filters.items()):
        if getattr(function, "__module__", "").startswith("registry."):
            app.jinja_env.filters[name] = _when_rendered(function)

    @app.context_processor
    def _viewer() -> dict[str, Any]:
        return {"viewer": g.get("viewer")}


_SUBJECT_PAGES = {
    "resident": ("residents.show", "resident_id"),
    "contract": ("contracts.show", "contract_id"),
    "patent": ("patents.show", "patent_id"),
    "report": ("reports.show", "report_id"),
    "document": ("documents.show", "document_id"),
    "document_request": ("documents.progress", "request_id"),
}


def _actor_names(entries: Any) -> dict[int | None, str]:
    """The names of the people behind journal entries, in one statement; the built-in user by its own name."""
    from registry.accounts.queries import names

    found = names({entry.actor_id for entry in entries if entry.actor_id is not None})
    return {None: _("system (built-in user)"), **found}


def _subject_url(entry: Any) -> str | None:
    """The page of the record a journal entry is about, if the viewer may open it."""
    page = _SUBJECT_PAGES.get(entry.subject_type)
    return url_for(page[0], **{page[1]: entry.subject_id}) if page and can_open(page[0]) else None


def _when_rendered(function: Callable[..., Any]) -> Callable[..., Any]:
    """A filter that Jinja does not work out when it compiles a template, in the language of whoever came first."""

    @pass_context
    def spoken(_context: object, *values: Any, **options: Any) -> Any:
        return function(*values, **options)

    return spoken


def _quarter(period: Any, language: str | None = None) -> str:
    """A ``(year, quarter)`` pair, or anything with these two attributes, in words."""
    year, quarter = period if isinstance(period, tuple) else (period.year, period.quarter)
    return i18n.format_quarter(year, quarter, language)


def can_open(endpoint: str) -> bool:
    """Whether ``endpoint`` exists and the present viewer's role may open it: what buttons and links are shown by."""
    view = current_app.view_functions.get(endpoint)
    if view is None:
        return False
    viewer: Viewer | None = g.get("viewer")
    permissions = getattr(view, "required_permissions", frozenset())
    return getattr(view, "is_public", False) or bool(viewer and viewer.permissions & permissions)


def url_with(**changes: object) -> str:
    """The address of this page with some query values changed; None takes a value out."""
    query = [(name, value) for name, value in request.args.items(multi=True) if name not in changes]
    query += [(name, str(value)) for name, value in changes.items() if value is not None]
    return request.path + ("?" + urlencode(query) if query else "")


def _here(*without: str) -> str:
    """The path and query of this page, for links that come back to it, less the values named."""
    query = [(name, value) for name, value in parse_qsl(request.query_string.decode()) if name not in without]
    return request.path + ("?" + urlencode(query) if query else "")


def _navigation() -> list[list[tuple[NavigationItem, object]]]:
    viewer: Viewer | None = g.get("viewer")
    if viewer is None:
        return []
    groups = []
    for group in NAVIGATION:
        shown = [
            (item, item.own_label if item.own_label and not viewer.sees_everything else item.label)
            for item in group
            if can_open(item.endpoint)
        ]
        if shown:
            groups.append(shown)
    return groups


def _static_version(app: Flask) -> Callable[[str, dict[str, Any]], None]:
    """Stylesheets and scripts may be kept for a year: their address changes when they do."""

    @functools.cache
    def version(endpoint: str, filename: str) -> str | None:
        folder = app.static_folder if endpoint == "static" else app.blueprints["bootstrap"].static_folder
        try:
            return format(int((ROOT / (folder or "") / filename).stat().st_mtime), "x")
        except OSError:
            return None

    def add(endpoint: str, values: dict[str, Any]) -> None:
        if endpoint in {"static", "bootstrap.static"} and "v" not in values:
            values["v"] = version(endpoint, values["filename"])

    return add


# --- errors ---

_ERRORS: dict[int, tuple[object, object]] = {
    400: (
        lazy("The page could not be understood"),
        lazy("Go back, reload the page and send it again."),
    ),
    403: (
        lazy("This page is not open to you"),
        lazy("Your role does not permit this. If you need it for your work, ask the administrator."),
    ),
    404: (
        lazy("There is no such page"),
        lazy("Check the address, or find what you need through the navigation."),
    ),
    405: (
        lazy("This address cannot be used this way"),
        lazy("Open it from the page where the button or the form stands."),
    ),
    409: (
        lazy("This cannot be done as things stand"),
        lazy("Go back and look at the record again: it may have changed in the meantime."),
    ),
    413: (
        lazy("The file is too large"),
        lazy("Send at most 16 MB at once: split the file or make it smaller."),
    ),
    500: (
        lazy("Something went wrong on our side"),
        lazy("Nothing you sent was kept. Try again in a few minutes; if it fails again, tell the administrator."),
    ),
}


def error_page(code: int, text: object = None, *, plain: bool = False) -> BaseResponse:
    """The page of an error in the reader's language; ``plain`` asks neither database nor session."""
    title, usual = _ERRORS.get(code, _ERRORS[400 if code < 500 else 500])
    page = render_template("errors/error.html", code=code, title=title, text=text or usual, plain=plain)
    return make_response(page, code)


def _install_errors(app: Flask) -> None:
    @app.errorhandler(HTTPException)
    def _http(error: HTTPException) -> BaseResponse:
        code = error.code or 500
        if code < 400:
            return error.get_response()  # type: ignore[return-value]
        if code >= 500:
            return _failed()
        response = error_page(code)
        valid = getattr(error, "valid_methods", None)
        if valid:
            response.headers["Allow"] = ", ".join(valid)
        return response

    @app.errorhandler(CSRFError)
    def _csrf(error: CSRFError) -> BaseResponse:
        app.logger.info("CSRF check failed on %s: %s", request.path, error.description)
        return error_page(
            400,
            _("The form was open too long or was not sent from this site. Go back, reload the page and send it again."),
        )

    @app.errorhandler(NotFound)
    def _not_found(error: NotFound) -> BaseResponse:
        return error_page(404, str(error))

    @app.errorhandler(NotAllowed)
    def _not_allowed(error: NotAllowed) -> BaseResponse:
        return error_page(403, str(error))

    @app.errorhandler(DomainError)
    def _refused(error: DomainError) -> BaseResponse:
        return error_page(409, str(error))

    @app.errorhandler(500)
    def _broken(_error: Exception) -> BaseResponse:
        return _failed()

    def _failed() -> BaseResponse:
        db.session.rollback()
        return error_page(500, plain=True)
