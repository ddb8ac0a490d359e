"""Putting the program together."""

from __future__ import annotations

import importlib
from typing import Any

from flask import Flask
from flask_babel import Babel
from flask_migrate import Migrate

from registry.config import ROOT, Settings
from registry.contracts import acts as contract_acts
from registry.contracts import services as contract_services
from registry.contracts.fields import ADDENDUM, CONTRACT
from registry.contracts.models import Addendum, Contract
from registry.infra.db import db
from registry.journal import acts, presentation
from registry.journal.derived import Derived
from registry.reports import sent_versions, totals
from registry.signing import keys

PACKAGES = (
    "journal", "territories", "accounts", "reference", "residents", "contracts", "patents", "reports", "indicators",
    "exchange", "demo", "paper_kinds", "papers", "verification", "home",
)  # fmt: skip
"""Every package of the business, lowest first: its models are loaded from here, its pages by :mod:`registry.web`."""


DECLARED = {
    Contract.__tablename__: CONTRACT,
    Addendum.__tablename__: ADDENDUM,
}
"""The fields that packages declare, by type of record."""

ACTS = (contract_acts.ACTS,)
"""What every package calls its acts."""

DERIVED: tuple[Derived, ...] = (sent_versions.SENT, totals.KEPT)
"""What is kept beside the journal and follows from it, the lowest package first."""

CONSEQUENCES = (*contract_services.CONSEQUENCES,)
"""What acts mean for each package, the lowest first."""


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
    for subject_type, fields in DECLARED.items():
        presentation.declare(subject_type, fields)
    for words in ACTS:
        presentation.declare_acts(words)
    acts.install(CONSEQUENCES)
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
