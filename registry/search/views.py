"""The search of the header, what fields offer while something is looked for, and the page of the keys."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, g, redirect, render_template, request
from werkzeug.wrappers import Response

from registry.infra import finder, picking
from registry.infra.access import Permission, requires
from registry.infra.finder import Group
from registry.infra.identifiers import canonical_number

blueprint = Blueprint("search", __name__)

WHILE_TYPING = 3
"""How many records of a register are offered while something is typed."""

SHORTEST = 2
"""From how many characters on something is looked for while it is typed."""

OPENS = 6
"""From how many characters on a number opens its record at once."""


@blueprint.get("/search")
@requires(Permission.USE_PROGRAM)
def index() -> str | Response:
    """What is found in all registers, by register; the one record whose number was typed opens at once."""
    words = request.args.get("q", "").strip()
    groups = _groups(words, finder.MOST) if words else []
    only = None if request.args.get("all") else _meant(words, groups)
    if only:
        return redirect(only)
    return render_template(
        "search/index.html", words=words, groups=groups, count=finder.said_count(groups), place=_place()
    )


@blueprint.get("/search/hits")
@requires(Permission.USE_PROGRAM)
def hits() -> str:
    """The first of what is found, as options under the field of the header."""
    words = request.args.get("q", "").strip()
    groups = _groups(words, WHILE_TYPING) if len(words) >= SHORTEST else []
    return render_template("search/_hits.html", words=words, groups=groups, count=finder.said_count(groups))


@blueprint.get("/search/pick/<name>")
@requires(Permission.VIEW_REGISTERS)
def pick(name: str) -> str:
    """The records that a field offers for what is typed into it."""
    picker = picking.picker(name) or abort(404)
    words = request.args.get("q", "").strip()
    found = picker.find(g.viewer, words) if len(words) >= SHORTEST else []
    return render_template("search/_choices.html", found=found)


@blueprint.get("/shortcuts")
@requires(Permission.USE_PROGRAM)
def keys() -> str:
    """What keys do; the dialog that ``?`` opens shows the same."""
    return render_template("search/keys.html")


def _groups(words: str, most: int) -> list[Group]:
    return [group for each in finder.finders() if (group := each.find(words, most)).hits]


def _meant(words: str, groups: list[Group]) -> str | None:
    """The page of the one record meant by a number: nobody who types all of a BIN wants to read a list of one line.

    The text must be the whole number of a single record over all registers. That others are found by it as well, such
    as the contracts of a company with this BIN, leaves no doubt: they are reached from its page. A short number is as
    likely a piece of another one, and a company with two entries, or a contract that has a patent's number, is a
    question: both stay on the page of the search.
    """
    exact = [group for group in groups if group.exact]
    if len(canonical_number(words)) < OPENS or sum(group.exact for group in exact) != 1:
        return None
    return exact[0].hits[0].url or None


def _place() -> Any:
    """The one territory that was searched, where the reader has others besides."""
    if g.territory_id is None or len(g.territories) < 2:
        return None
    return next(row for row in g.territories if row.id == g.territory_id)
