"""The page on which an administrator sees what the installation does by itself."""

from __future__ import annotations

from flask import Blueprint, current_app, g, render_template

from registry.infra import schedule as periodic
from registry.infra.access import Permission, requires
from registry.infra.clock import utc_now
from registry.installation import backups

blueprint = Blueprint("installation", __name__, url_prefix="/settings")


@blueprint.get("/schedule")
@requires(Permission.KEEP_SETTINGS)
def schedule() -> str:
    """What is done by schedule: when it last ran, what came of it, when it runs next."""
    g.viewer.require_in(None, Permission.KEEP_SETTINGS)
    settings, now = current_app.config["SETTINGS"], utc_now()
    return render_template(
        "installation/schedule.html",
        states=periodic.states(now),
        backups=backups.standing(now),
        alarm=backups.alarm(now),
        archives=backups.made_here(settings),
        on_one_disk=backups.is_on_one_disk(settings),
    )
