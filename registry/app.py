"""Putting the program together."""

from __future__ import annotations

import importlib
from typing import Any

from flask import Flask
from flask_babel import Babel
from flask_migrate import Migrate

from registry.config import ROOT, Settings
from registry.contracts import models as contracts
from registry.infra.db import db
from registry.journal.state import Derived
from registry.residents import models as residents
from registry.signing import keys

PACKAGES = (
    "journal", "accounts", "territories", "reference", "residents", "contracts", "patents", "reports", "indicators",
    "exchange", "demo", "paper_kinds", "papers", "verification", "home",
)  # fmt: skip
"""Every package of the business, lowest first: its models are loaded from here, its pages by :mod:`registry.web`."""

DERIVED: tuple[Derived, ...] = (*residents.DERIVED, *contracts.DERIVED)
"""All that is derived from the journal, lowest package first."""


def create_app(settings: Settings | None = None, *, pages: bool = True) -> Flask:
    """The Flask application; without ``pages`` only what commands and jobs need, which starts faster."""
    settings = settings or Settings.from_environment()
    app = Flask("registry", root_path=str(ROOT), template_folder="templates", static_folder="static")
    settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    app.config.update(
        SETTINGS=settings,
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        SQLALCHEMY_ENGINE_OPTIONS=_engine_options(settings),
        BABEL_TRANSLATION_DIRECTORIES=str(ROOT / "registry" / "translations"),
        BABEL_DEFAULT_LOCALE="en",
        TESTING=settings.testing,
    )
    for package in PACKAGES:
        if (ROOT / "registry" / package / "models.py").exists():
            importlib.import_module(f"registry.{package}.models")
    app.extensions["derived"] = DERIVED
    db.init_app(app)
    Migrate(app, db, directory=str(ROOT / "migrations"), render_as_batch=True, compare_type=True)
    if pages:
        from registry.web import pages as web

        app.config["SECRET_KEY"] = keys.session_secret(settings.keys_dir)
        web.install(app)
    else:
        Babel(app)
    return app


def _engine_options(settings: Settings) -> dict[str, Any]:
    if settings.is_sqlite:
        return {"connect_args": {"timeout": 60, "check_same_thread": False}}
    return {"pool_pre_ping": True, "isolation_level": "READ COMMITTED"}
