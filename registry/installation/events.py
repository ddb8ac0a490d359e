"""What administrators are told of the installation."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from registry.accounts import queries as accounts
from registry.config import Settings
from registry.infra.access import Permission, Viewer
from registry.infra.clock import seems_ahead, utc_now
from registry.infra.db import transaction
from registry.infra.i18n import format_moment, lazy
from registry.infra.i18n import gettext as _
from registry.infra.schedule import Periodic, When
from registry.installation import backups
from registry.notifications import services as notifications
from registry.notifications.events import Event, Page, Values
from registry.notifications.models import Notification
from registry.notifications.rules import Group

AGAIN = timedelta(days=7)
"""How often administrators are told while nothing is done about it."""


def _text(values: Values) -> str:
    if not values["last"]:
        return _("There is no good backup of the registry yet. Look what stands against it.")
    last = format_moment(datetime.fromisoformat(values["last"]))
    return _("The next backup is late or has failed. The last good one is from %(moment)s.", moment=last)


def _page(_notification: Notification, _viewer: Viewer) -> Page:
    values: Mapping[str, Any] = {"_anchor": "backups"}
    return "installation.schedule", values


BACKUP_LATE = Event(
    key="backup_late",
    name=lazy("backup late"),
    group=Group.INSTALLATION,
    needs=Permission.KEEP_SETTINGS,
    subject=lambda _values: _("Tizilim: the backup is late"),
    text=_text,
    page=_page,
    holds=lambda _notification, _viewer: bool(backups.alarm(utc_now())),
)

EVENTS = (BACKUP_LATE,)


def watch() -> None:
    """Tell administrators where the backup failed or is late, and once a week again while it stays so."""
    now = utc_now()
    if seems_ahead() or not backups.alarm(now):
        return
    last = backups.standing(now).last_good
    weeks = (now - last) // AGAIN if last else now.isocalendar().week
    with transaction():
        people = accounts.people_who_may(Permission.KEEP_SETTINGS)
        notifications.tell(
            BACKUP_LATE,
            [user.id for user, viewer in people if viewer.looks_after_the_installation],
            occasion=f"{last.isoformat() if last else 'none'} {weeks}",
            values={"last": last.isoformat() if last else None},
            now=now,
        )


def _when(_settings: Settings) -> When:
    return When(timedelta(hours=1))


PERIODIC = (Periodic("backup_watch", lazy("Administrators are told where the backup is late"), _when, watch),)
"""What is done about the backups besides making them."""
