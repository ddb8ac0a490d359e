"""Giving the application its pages: extensions, the packages' blueprints, and what stands before and after them.

Pages belong to the packages; each ``registry/<package>/views.py`` holds a ``blueprint``, and its list is ``index``.
"""

from __future__ import annotations

import functools
import importlib
from datetime import timedelta
from typing import Any

from flask import Flask
from flask_babel import Babel
from flask_bootstrap import Bootstrap5
from flask_compress import Compress
from flask_login import LoginManager
from flask_wtf.csrf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from registry.accounts.rules import SESSION_IDLE
from registry.accounts.views import signed_in
from registry.config import ROOT, Settings
from registry.infra.access import public
from registry.infra.i18n import translated, translated_number
from registry.web.error_pages import install_errors
from registry.web.guard import choose_language, guard, identify, protect
from registry.web.reading import MOST_FIELDS, NumberConverter, read, read_headers, refuse
from registry.web.shell import shell
from registry.web.templating import install_templates, static_version

MAX_UPLOAD = 16 * 1024 * 1024

LARGEST_FORM = 4 * 1024 * 1024
"""Bytes of what is typed into a form, files apart: a report of the most lines takes a quarter of it."""


def install(app: Flask) -> None:
    """Give ``app`` its pages and everything that stands between them and the reader."""
    settings: Settings = app.config["SETTINGS"]
    app.url_map.converters["int"] = NumberConverter
    app.config.update(
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.secure_cookies,
        SESSION_COOKIE_NAME="__Host-session" if settings.secure_cookies else "session",
        PERMANENT_SESSION_LIFETIME=SESSION_IDLE,
        MAX_CONTENT_LENGTH=MAX_UPLOAD,
        MAX_FORM_MEMORY_SIZE=LARGEST_FORM,
        MAX_FORM_PARTS=MOST_FIELDS,
        SEND_FILE_MAX_AGE_DEFAULT=timedelta(days=365),
        WTF_CSRF_TIME_LIMIT=None,  # a form may lie open as long as its session lives
        BOOTSTRAP_SERVE_LOCAL=True,
    )
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    # Our hooks come first: a signed-out person is sent to sign in before the CSRF token is looked at.
    app.before_request(read_headers)
    app.before_request(identify)
    app.before_request(read)
    app.before_request(guard)
    app.after_request(protect)
    Babel(app, locale_selector=choose_language)
    environment: Any = app.jinja_env
    environment.install_gettext_callables(gettext=translated, ngettext=translated_number, newstyle=True)
    Bootstrap5(app)
    Compress(app)
    CSRFProtect(app)
    app.before_request(refuse)
    login = LoginManager(app, add_context_processor=False)
    _register_pages(app, login)
    for endpoint in ("static", "bootstrap.static"):
        view = app.view_functions[endpoint]
        opened: Any = functools.update_wrapper(functools.partial(view), view)
        app.view_functions[endpoint] = public(opened)
    app.url_defaults(static_version(app))
    install_templates(app)
    install_errors(app)


def _register_pages(app: Flask, login: LoginManager) -> None:
    app.register_blueprint(shell)
    for path in sorted(ROOT.glob("registry/*/views.py")):
        app.register_blueprint(importlib.import_module(f"registry.{path.parent.name}.views").blueprint)
    login.user_loader(signed_in)
