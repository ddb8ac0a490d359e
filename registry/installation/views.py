"""The page on which an administrator sees what the installation does by itself."""

from __future__ import annotations

from flask import Blueprint, g, render_template

from registry.infra import schedule as periodic
from registry.infra.access import Permission, requires
from registry.infra.clock import utc_now

blueprint = Blueprint("installation", __name__, url_prefix="/settings")


@blueprint.get("/schedule")
@requires(Permission.KEEP_SETTINGS)
def schedule() -> str:
    """What is done by schedule: when it last ran, what came of it, when it runs next."""
    g.viewer.require_in(None, Permission.KEEP_SETTINGS)
    return render_template("installation/schedule.html", states=periodic.states(utc_now()))
