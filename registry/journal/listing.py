"""The list of acts: the journal, newest first."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime, time
from typing import Any

from registry.infra import listing
from registry.infra.clock import ALMATY, end_of_day
from registry.infra.i18n import gettext as _
from registry.infra.i18n import lazy
from registry.infra.listing import Asked, Cell, Column, Filter, Found, Listing
from registry.infra.paging import PAGE_SIZE, Page
from registry.journal import presentation, queries, subjects
from registry.journal.queries import HistoryEntry
from registry.journal.rules import Action

About = Mapping[tuple[str, int], subjects.About]
"""The records behind the entries shown."""


def filters_of(asked: Asked) -> queries.Filters:
    """What is asked for, as :func:`queries.history` takes it."""
    filters = asked.filters
    since, until = filters.get("since"), filters.get("until")
    return {
        "viewer": asked.viewer,
        "actions": [filters["action"]] if "action" in filters else None,
        "since": datetime.combine(since, time.min, ALMATY) if since else None,
        "until": end_of_day(until) if until else None,
        "corrections_only": filters.get("only") == "corrections",
    }


def _find(asked: Asked) -> Found:
    filters = filters_of(asked)

    def page(number: int) -> Page[HistoryEntry]:
        entries, total = queries.history(**filters, limit=PAGE_SIZE, offset=(number - 1) * PAGE_SIZE)
        return Page(entries, number, total)

    def every(ids: Collection[int] | None) -> Iterator[HistoryEntry]:
        entries = queries.all_entries(newest_first=True, **filters)
        return (entry for entry in entries if ids is None or entry.sequence in ids)

    return Found(
        page,
        lambda size: Page(page(1).items[:size], 1, page(1).total, size),
        every,
        lambda ids: {entry.sequence for entry in every(ids)},
    )


def _around(asked: Asked, entries: Sequence[Any]) -> About:
    return subjects.about({(entry.subject_type, entry.subject_id) for entry in entries}, asked.viewer)


def _record(entry: HistoryEntry, about: About) -> Cell:
    found = about.get((entry.subject_type, entry.subject_id))
    return listing.text(f"{subjects.label(entry.subject_type)} {found.title if found else entry.subject_id}")


def _actions() -> list[tuple[str, str]]:
    return sorted(((str(action), presentation.action_label(action)) for action in Action), key=lambda pair: pair[1])


def _text(name: str, label: object) -> Column:
    return Column(name=name, label=label, cell=lambda entry, _about: listing.text(getattr(entry, name)))


def _number(name: str, label: object) -> Column:
    return Column(
        name=name, label=label, cell=lambda entry, _about: listing.whole(getattr(entry, name)), is_number=True
    )


JOURNAL = Listing(
    name="journal",
    title=lambda: _("Journal"),
    endpoint="journal.index",
    columns=(
        _number("sequence", lazy("Entry")),
        Column(
            name="recorded_at", label=lazy("Recorded"), cell=lambda entry, _about: listing.moment(entry.recorded_at)
        ),
        Column(
            name="action",
            label=lazy("Act"),
            cell=lambda entry, _about: listing.text(presentation.action_label(entry.action)),
        ),
        Column(name="record", label=lazy("Record concerned"), cell=_record, is_wide=True),
        Column(
            name="effective_on",
            label=lazy("Effective from"),
            cell=lambda entry, _about: listing.day(entry.effective_on),
        ),
        _text("basis_no", lazy("Document")),
        _text("reason", lazy("Reason")),
        Column(
            name="changes",
            label=lazy("What changed"),
            cell=lambda entry, _about: listing.text(presentation.changes_in_words(entry)),
            is_wide=True,
        ),
        _number("corrects", lazy("Corrects entry")),
        _number("annuls", lazy("Annuls entry")),
        _text("hash", "SHA-256"),
    ),
    filters=(
        Filter(name="action", label=lazy("Act"), choices=_actions),
        Filter(
            name="only",
            label=lazy("Show"),
            choices=lambda: [("corrections", _("corrections and exceptions only"))],
            blank=lazy("all acts"),
        ),
        Filter(name="since", label=lazy("Recorded from"), is_day=True),
        Filter(name="until", label=lazy("Recorded to"), is_day=True),
    ),
    sort="",
    is_table=False,
    find=_find,
    key=lambda entry: entry.sequence,
    around=_around,
    nothing=lazy("No acts match. Every registration, contract, report and document appears here as it happens."),
    unmatched=lazy("No acts match. Every registration, contract, report and document appears here as it happens."),
)
