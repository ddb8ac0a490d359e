"""What was typed into a form and could not be sent: kept for a while, and put into the form again.

The values wait as files in the data folder, named by the hash of a secret in the browser's session and of the page's
address, so that only the same browser finds them. A form says, signed, to whom it was shown: nobody else reads what
was typed into it. Passwords and files are never kept.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from flask import current_app, g, request, session
from itsdangerous import BadSignature, URLSafeSerializer
from werkzeug.datastructures import MultiDict

from registry.infra.clock import seems_ahead
from registry.infra.i18n import lazy
from registry.infra.numbers import whole_number
from registry.infra.schedule import Periodic, When, by_age
from registry.infra.storage import write_whole

LIFE = 2 * 60 * 60
"""Seconds after which what waits is removed."""

LIFE_OF_NOBODYS = 15 * 60
"""The same where the form did not say to whom it was shown: whoever signs in next in this browser sees it."""

LARGEST = 1024 * 1024
"""Characters of a form that is kept."""

MOST, MOST_OF_NOBODY = 1000, 200
"""How many forms may wait, and from how many on nothing more of people unknown is kept."""

SHOWN_TO = "filled_by"
"""The hidden field that says to whom a form was shown."""

_NOT_KEPT = {"csrf_token", SHOWN_TO}

BROWSER = "unsent"
"""What the session keeps: the browser's own secret."""


@dataclass(frozen=True, slots=True)
class Typed:
    """The values of a form; ``announced`` where the person is told that they are back.

    Files and passwords do not come back: ``files`` and ``passwords`` where there were some, so that the person is told
    to give them once more.
    """

    values: MultiDict[str, str]
    announced: bool
    files: bool
    passwords: bool


def opens_at(address: str) -> None:
    """Note where the page that answers what was sent can be opened: what is typed into its form comes back there."""
    g.opens_at = address


def opening_address() -> str | None:
    """What :func:`opens_at` noted of this request."""
    address: str | None = g.get("opens_at")
    return address


def shown_to() -> str:
    """Whom the page is shown to, signed for :data:`SHOWN_TO`; a page for nobody in particular says so, too."""
    viewer = g.get("viewer")
    return str(_signer().dumps(None if viewer is None else viewer.user_id))


def sent_by_us() -> bool:
    """Whether the form that was sent is not known to stand on a page of another site."""
    origin = request.headers.get("Origin") or request.referrer
    return not origin or urlsplit(origin).netloc == request.host


def typed() -> MultiDict[str, str]:
    """What was typed into the form that was sent; nothing where a page of another site sent it."""
    if not sent_by_us():
        return MultiDict()
    pairs = request.form.items(multi=True)
    return MultiDict((name, text) for name, text in pairs if name not in _NOT_KEPT and not _is_password(name))


def keep(address: str, *, announced: bool = True) -> None:
    """Keep what was typed into the form that was sent, for the page at ``address`` in this browser."""
    pairs, missing = list(typed().items(multi=True)), _missing()
    if not sent_by_us() or not (any(missing.values()) or any(text for _name, text in pairs)):
        return
    if sum(len(name) + len(text) for name, text in pairs) > LARGEST:
        return
    owner, folder = _owner(), _folder()
    folder.mkdir(mode=0o700, exist_ok=True)
    if sum(1 for _each in folder.iterdir()) >= (MOST_OF_NOBODY if owner is None else MOST):
        return
    if BROWSER not in session:
        session[BROWSER] = secrets.token_urlsafe(32)
    kept = {"owner": owner, "announced": announced, "values": pairs} | missing
    write_whole(_path(address), json.dumps(kept).encode())


def show_again(values: MultiDict[str, str]) -> None:
    """Let the page that is drawn now have these values in its form."""
    g.unsent = Typed(values, announced=True, **_missing())


def restored() -> Typed | None:
    """What waits for the form of this page. It is removed by being read, but stays the same for the whole request."""
    if "unsent" not in g:
        g.unsent = _take(request.full_path.rstrip("?")) if BROWSER in session else None
    return g.unsent


def _take(address: str) -> Typed | None:
    path = _path(address)
    try:
        age = time.time() - path.stat().st_mtime
        kept = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    viewer, owner = g.get("viewer"), kept["owner"]
    if owner is not None and (viewer is None or viewer.user_id != owner):
        return None
    is_old = age > (LIFE_OF_NOBODYS if owner is None else LIFE)
    if is_old and seems_ahead():
        return None  # it waits for the clock to be set right
    path.unlink(missing_ok=True)
    if is_old:
        return None
    return Typed(MultiDict(kept["values"]), kept["announced"], kept["files"], kept["passwords"])


@by_age
def remove_old() -> None:
    """Remove what has waited too long."""
    folder = _folder()
    for path in folder.iterdir() if folder.exists() else ():
        with suppress(FileNotFoundError):
            if path.stat().st_mtime < time.time() - LIFE:
                path.unlink()


PERIODIC = (
    Periodic(
        "unsent",
        lazy("Forms that could not be sent are removed when their time is over"),
        lambda _settings: When(timedelta(minutes=5)),
        remove_old,
    ),
)
"""What is done to them from time to time."""


def _is_password(name: str) -> bool:
    return "password" in name


def _missing() -> dict[str, bool]:
    """Whether the form that was sent had files and passwords, which do not come back."""
    return {
        "files": any(file.filename for file in request.files.values()),
        "passwords": any(text for name, text in request.form.items() if _is_password(name)),
    }


def _owner() -> int | None:
    """Whose the typed values are: the account the form was shown to, else the one the session names."""
    with suppress(BadSignature):
        owner: int | None = _signer().loads(request.form.get(SHOWN_TO, ""))
        return owner
    named = str(session.get("_user_id", "")).partition(":")[0]
    return whole_number(named)


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(str(current_app.secret_key), salt="filled-by")


def _folder() -> Path:
    folder: Path = current_app.config["SETTINGS"].unsent_dir
    return folder


def _path(address: str) -> Path:
    return _folder() / hashlib.sha256(f"{session[BROWSER]}\n{address}".encode()).hexdigest()
