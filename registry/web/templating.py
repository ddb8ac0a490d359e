"""What templates may use: filters, addresses, names of people and records."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode

from flask import Flask, current_app, g, request, url_for
from flask_login import current_user
from jinja2 import pass_context
from markupsafe import Markup, escape

from registry.accounts.queries import names as account_names
from registry.config import ROOT
from registry.infra import amounts, forms, i18n, record, unsent
from registry.infra.access import Viewer
from registry.infra.i18n import gettext as _
from registry.infra.text import left_out
from registry.journal import presentation, subjects
from registry.web.guard import page_address
from registry.web.shell import can_open, shown_navigation


def install_templates(app: Flask) -> None:
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters.update(
        date=i18n.format_date,
        long_date=i18n.format_long_date,
        moment=i18n.format_moment,
        month=i18n.format_month,
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
        current_user=current_user,  # a proxy: only a page that names the reader asks for the account
        can_open=can_open,
        url_with=url_with,
        filtered=filtered,
        here=_here,
        icon=_icon,
        chip=_chip,
        record_url=_record_url,
        shown_to=unsent.shown_to,
        amount_rules=amounts.RULES,
        amount_messages=forms.amount_messages,
        unread_days=forms.unread_days,
        left_out=left_out,
        long_word=_long_word,
        navigation=shown_navigation,
        languages=i18n.LANGUAGES,
        language_names=i18n.LANGUAGE_NAMES,
        language_short=i18n.LANGUAGE_SHORT,
        current_language=i18n.current_language,
        actor_names=_actor_names,
        subjects_of=_subjects_of,
        record_page=record.page_of,
        record_facts=record.facts,
    )
    app.jinja_env.globals.update(shared)
    app.jinja_env.filters.update(
        action_label=presentation.action_label,
        subject_label=subjects.label,
        field_label=presentation.label,
        field_value=presentation.value,
        cell=presentation.cell,
        visible_changes=presentation.visible_changes,
    )

    for name, function in list(app.jinja_env.filters.items()):
        if getattr(function, "__module__", "").startswith("registry."):
            app.jinja_env.filters[name] = _when_rendered(function)

    @app.context_processor
    def _viewer() -> dict[str, Any]:
        return {"viewer": g.get("viewer")}


def _actor_names(entries: Any) -> dict[int | None, str]:
    """The names of the people behind journal entries, in one statement; the built-in user by its own name."""
    found = account_names({entry.actor_id for entry in entries if entry.actor_id is not None})
    return {None: _("system (built-in user)"), **found}


def _subjects_of(entries: Any) -> dict[tuple[str, int], tuple[str, str | None]]:
    """The records journal entries are about that exist for the viewer, by (table, id): title, and address if open."""
    viewer: Viewer | None = g.get("viewer")
    keys = ((entry.subject_type, entry.subject_id) for entry in entries)
    return {
        key: (about.title, url_for(about.page[0], **about.page[1]) if about.page and can_open(about.page[0]) else None)
        for key, about in (subjects.about(keys, viewer) if viewer else {}).items()
    }


def _long_word(text: object) -> str:
    """The class of a cell whose text has a word longer than any of a language: broken, it does not widen the table."""
    return "long-word" if max(map(len, str(text).split()), default=0) > 30 else ""


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


def url_with(**changes: object) -> str:
    """The address of this page with some query values changed; None takes a value out."""
    return _with_query(request.path, changes)


def filtered(endpoint: str, **values: object) -> str:
    """The address of ``endpoint`` with the query of this page, in which ``values`` take the place of theirs.

    Whatever stands in the query stays there; ``url_for`` would take ``_anchor`` or its parameters for its own.
    """
    named = values.keys() & {name for rule in current_app.url_map.iter_rules(endpoint) for name in rule.arguments}
    parameters: dict[str, Any] = {name: values[name] for name in named}
    path = url_for(endpoint, **parameters)
    return _with_query(path, {name: value for name, value in values.items() if name not in named})


def _with_query(path: str, changes: Mapping[str, object]) -> str:
    query = [(name, value) for name, value in request.args.items(multi=True) if name not in changes]
    query += [(name, str(value)) for name, value in changes.items() if value is not None]
    return path + ("?" + urlencode(query) if query else "")


def _here(*without: str) -> str:
    """The path and query of this page, for links that come back to it, less the values named."""
    path, _mark, asked = (page_address() or "/").partition("?")  # not parsed as an address: //[ is a path, too
    query = [(name, value) for name, value in parse_qsl(asked, keep_blank_values=True) if name not in without]
    return path + ("?" + urlencode(query) if query else "")


def _icon(name: str) -> Markup:
    """A small picture beside a word, never instead of one, by its id in ``static/icons.svg``.

    Each is put together once a page, since each row of a list shows some.
    """
    known: dict[str, Markup] = g.setdefault("icons", {})
    if name not in known:
        known[name] = _ICON.format(url_for("static", filename="icons.svg"), name)
    return known[name]


_ICON = Markup('<svg class="icon" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>')
_PICTURES = {"good": "check", "wait": "clock", "warn": "warning", "bad": "cross", "info": "info", "quiet": "dash"}


def _chip(kind: str, text: object, picture: str | None = None) -> Markup:
    """A status with word and picture: one of :data:`_PICTURES`, with the kind's own picture or another."""
    icon = _icon(picture or _PICTURES.get(kind, "info"))
    return Markup(f'<span class="chip chip-{kind}">{icon}{escape(text)}</span>')  # noqa: S704 - the kind is our own word


def _record_url(endpoint: str, number: int) -> str:
    """The address of one of many records by the one number in it; worked out once a page, since each row shows some."""
    known: dict[str, tuple[str, str]] = g.setdefault("record_addresses", {})
    if endpoint not in known:
        (rule,) = current_app.url_map.iter_rules(endpoint)
        (name,) = rule.arguments
        values: dict[str, Any] = {name: 0}
        before, _zero, after = url_for(endpoint, **values).rpartition("0")
        known[endpoint] = before, after
    before, after = known[endpoint]
    return f"{before}{number:d}{after}"


def static_version(app: Flask) -> Callable[[str, dict[str, Any]], None]:
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
