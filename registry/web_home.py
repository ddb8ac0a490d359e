"""The home page: what needs whom (``design.md`` 3)."""

from __future__ import annotations

from flask import Blueprint, render_template

from registry.infra.access import Permission, requires

blueprint = Blueprint("home", __name__)


@blueprint.get("/")
@requires(Permission.USE_PROGRAM)
def index() -> str:
    return render_template("home.html")
