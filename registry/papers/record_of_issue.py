"""Acts in a paper's life, put on record: in the journal, and where one ends a paper, beside it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from registry.errors import Conflict
from registry.infra.access import Viewer
from registry.infra.clock import local_date
from registry.infra.db import Base, db
from registry.infra.i18n import lazy
from registry.journal import acts
from registry.journal.rules import Action, canonical
from registry.papers import beforehand, queries
from registry.papers.models import Document, DocumentAct, DocumentEvent, DocumentRequest
from registry.papers.requests import Order
from registry.residents.models import Resident


def record_act(
    actor: Viewer,
    action: Action,
    subject: Base,
    fields: dict[str, str],
    now: datetime,
    *,
    parent: Resident | None = None,
    reason: str | None = None,
) -> None:
    """One act in a paper's life, on the day it is done."""
    changes = {name: (None, value) for name, value in fields.items()}
    acts.act(actor, action, subject, changes, now=now, effective_on=local_date(now), parent=parent, reason=reason)


_LEFT_OUT = frozenset({"snapshot", "checks"})
"""What the record of an issue does not hold: the hash of the data stands for the snapshot, and checks are counted."""

PREPARED = (
    "kind", "language", "territory_id", "resident_id", "as_of", "report_year", "report_quarter", "since", "sampling",
    "known_at", "copy", "without",
    "requested_by", "replaces_id", "reason", "data_hash", "chain_sequence", "chain_hash",
)  # fmt: skip
"""What stands fast once a paper is prepared: somebody approves just this."""


def record_hash(*rows: Mapping[str, Any]) -> str:
    """SHA-256 over the columns of the rows in which an issue stands, as the journal keeps it.

    Empty columns are left out, so that one added later, and empty for what was issued before, changes no record.
    """
    return hashlib.sha256(
        canonical(
            [
                {name: value for name, value in row.items() if value is not None and name not in _LEFT_OUT}
                for row in rows
            ]
        ).encode()
    ).hexdigest()


def issue_hash(document: Document, act: DocumentAct) -> str:
    """The hash of a paper just issued and of its act."""
    return record_hash(
        *(
            {column.name: getattr(row, column.name) for column in row.__table__.columns if column.name not in _LEFT_OUT}
            for row in (document, act)
        )
    )


def prepared_hash(request: DocumentRequest) -> str:
    """The hash of a paper just prepared."""
    return record_hash({name: getattr(request, name) for name in PREPARED})


def mark_replaced(actor: Viewer, wanted: Order, successor: DocumentAct, now: datetime) -> None:
    """Put the end of the act that ``wanted`` replaces on record, once for all languages."""
    act = db.session.get_one(DocumentAct, wanted.replaces)
    end = queries.end_of(act)
    if end is not None and end.replaced_by_id == successor.id:
        return
    check_not_ended(act)
    end_act(actor, act, "replaced", reason=wanted.reason, now=now, replaced_by=successor)


def end_act(
    actor: Viewer, act: DocumentAct, kind: str, *, reason: str, now: datetime, replaced_by: DocumentAct | None
) -> None:
    """Put the end of an act on record: ``kind`` is revoked or replaced."""
    db.session.add(
        DocumentEvent(
            act_id=act.id,
            kind=kind,
            effective_on=local_date(now),
            reason=reason,
            recorded_by=actor.user_id,
            replaced_by_id=replaced_by.id if replaced_by else None,
            recorded_at=now,
        )
    )
    db.session.flush()
    beforehand.forget()
    resident = db.session.get(Resident, act.resident_id) if act.resident_id else None
    about = {"number": act.number}
    if replaced_by is not None:
        about["replaced_by"] = replaced_by.number
    action = Action.DOCUMENT_REVOKED if replaced_by is None else Action.DOCUMENT_REPLACED
    record_act(actor, action, act, about, now, parent=resident, reason=reason)


def check_not_ended(act: DocumentAct) -> None:
    """:raises Conflict: when it was revoked or replaced before."""
    end = queries.end_of(act)
    if end is None:
        return
    if end.replaced_by is not None:
        raise Conflict(lazy("This paper was replaced by № %(number)s already.", number=end.replaced_by.number))
    raise Conflict(lazy("This paper was revoked already."))
