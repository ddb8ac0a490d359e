"""The page of a record, and what packages put on it: tabs, what needs attention, panels beside the card.

A record's page belongs to the package that keeps the record. Any package adds to it by a declaration in its
``record.py``, listed once in :mod:`registry.app`; the templates of ``macros/record.html`` draw what is declared. What a
tab or a concern counts is the statement of the list it opens, so that no number opens a list of another length; all of
a page are counted in one statement, and rows are read only where there are some.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import sqlalchemy as sa
from flask import current_app, g
from jinja2 import Undefined

from registry.infra.access import Viewer
from registry.infra.paging import counts

Rows = Callable[[Viewer, Any], sa.Select | None]
"""The statement of the rows that are counted for a record; None where there can be none."""


@dataclass(frozen=True, kw_only=True)
class Tab:
    """A tab of the records of a table (``of``): a page of its own whose address names the record as ``argument``.

    ``place`` orders the tabs. ``rows`` are what the tab lists; without, it bears no number.
    """

    of: str
    endpoint: str
    argument: str
    label: object
    place: int
    rows: Rows | None = None


@dataclass(frozen=True, slots=True)
class Concern:
    """Something that needs attention: what, and in short why; ``url`` leads to where it is dealt with.

    ``act`` is what a button there is called; without one the text itself is the link.
    """

    text: str
    note: str = ""
    url: str | None = None
    act: str | None = None


@dataclass(frozen=True, kw_only=True)
class Attention:
    """What may need attention on the records of a table. ``tab`` is the endpoint of the tab that bears the mark.

    ``tell`` describes the first few rows that ``rows`` finds, whose statement it is given; it is asked only where there
    are some.
    """

    of: str
    tab: str
    rows: Rows
    tell: Callable[[Viewer, Any, sa.Select], Iterable[Concern]]


@dataclass(frozen=True, kw_only=True)
class Panel:
    """A part of the column beside the card: ``template`` is included with ``record`` and what ``read`` finds.

    ``read`` is asked only where ``rows`` finds some, and always where it names no statement; ``count`` says how many
    there are. ``shown_to`` leaves the panel out for others.
    """

    of: str
    template: str
    place: int
    rows: Rows | None = None
    read: Callable[[Viewer, Any], Mapping[str, Any]]
    shown_to: Callable[[Viewer, Any], bool] = lambda _viewer, _record: True


Part = Tab | Attention | Panel


@dataclass(frozen=True, slots=True)
class ShownTab:
    """A tab as it is drawn: how many rows it lists (None: it does not say), and how many of them need attention."""

    endpoint: str
    arguments: Mapping[str, int]
    label: str
    count: int | None
    marks: int


@dataclass(frozen=True, slots=True)
class ShownPanel:
    """A panel as it is drawn."""

    template: str
    count: int
    context: Mapping[str, Any]


class RecordPage:
    """What stands on the page of one record beside what its own package shows. Read when it is first asked for."""

    def __init__(self, viewer: Viewer, record: Any, parts: Sequence[Part]) -> None:
        self._viewer, self.record = viewer, record
        self.kind: str = record.__tablename__
        self._parts = [part for part in parts if part.of == self.kind]

    @cached_property
    def _statements(self) -> dict[Part, sa.Select]:
        return {
            part: statement
            for part in self._parts
            if part.rows is not None and (statement := part.rows(self._viewer, self.record)) is not None
        }

    @cached_property
    def _counts(self) -> dict[Part, int]:
        statements = self._statements
        if not statements:
            return {}
        return dict(zip(statements, counts(statements.values()), strict=True))

    @property
    def tabs(self) -> list[ShownTab]:
        """The tabs in their order."""
        declared = sorted((part for part in self._parts if isinstance(part, Tab)), key=lambda tab: tab.place)
        return [
            ShownTab(
                tab.endpoint,
                {tab.argument: self.record.id},
                str(tab.label),
                self._counts.get(tab) if tab.rows else None,
                sum(number for part, number in self._attention() if part.tab == tab.endpoint),
            )
            for tab in declared
        ]

    def _attention(self) -> list[tuple[Attention, int]]:
        return [(part, number) for part, number in self._counts.items() if isinstance(part, Attention) and number]

    @property
    def attention(self) -> int:
        """How much needs attention in all."""
        return sum(number for _part, number in self._attention())

    @cached_property
    def concerns(self) -> list[tuple[list[Concern], int, str]]:
        """What needs attention: the first few of each kind, how many more there are, and the tab that lists them."""
        found = []
        for part, number in self._attention():
            told = list(part.tell(self._viewer, self.record, self._statements[part]))
            found.append((told, max(number - len(told), 0), part.tab))
        return found

    @cached_property
    def panels(self) -> list[ShownPanel]:
        """The panels in their order, each with what it shows."""
        declared = [part for part in self._parts if isinstance(part, Panel)]
        found = []
        for panel in sorted(declared, key=lambda panel: panel.place):
            if panel.shown_to(self._viewer, self.record):
                count = self._counts.get(panel, 0)
                context = panel.read(self._viewer, self.record) if count or panel.rows is None else {}
                found.append(ShownPanel(panel.template, count, context))
        return found


def page_of(record: Any) -> RecordPage:
    """What stands on a record's page for the present reader; the same object for header and card of one page."""
    known: dict[tuple[str, int], RecordPage] = g.setdefault("record_pages", {})
    key = (record.__tablename__, record.id)
    if key not in known:
        known[key] = RecordPage(g.viewer, record, current_app.extensions["record_parts"])
    return known[key]


def facts(pairs: Iterable[tuple[object, Any]]) -> tuple[list[tuple[object, Any]], list[object]]:
    """Labels and values of a card: those that say something, and the labels of those that are empty."""
    shown, empty = [], []
    for label, value in pairs:
        if value is None or isinstance(value, Undefined) or not str(value).strip():
            empty.append(label)
        else:
            shown.append((label, value))
    return shown, empty
