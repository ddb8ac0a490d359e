"""What papers, acts of issue and papers being prepared are called, and where they are shown."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date

import sqlalchemy as sa

from registry.infra.db import db
from registry.infra.i18n import format_date, lazy
from registry.journal.subjects import About, Subject
from registry.papers import rules
from registry.papers.models import Document, DocumentAct, DocumentRequest
from registry.residents.models import Resident


def _bins(resident_ids: Iterable[int | None]) -> dict[int | None, frozenset[str]]:
    wanted = {key for key in resident_ids if key is not None}
    rows = db.session.execute(sa.select(Resident.id, Resident.bin).where(Resident.id.in_(wanted)))
    return {key: frozenset({number}) for key, number in rows}


def _documents(ids: Collection[int]) -> dict[int, About]:
    rows = db.session.scalars(sa.select(Document).where(Document.id.in_(ids))).all()
    bins = _bins(row.act.resident_id for row in rows)
    return {
        row.id: About(
            f"№ {row.number}",
            ("documents.show", {"document_id": row.id}),
            row.act.territory_id,
            bins.get(row.act.resident_id, frozenset()),
        )
        for row in rows
    }


def _acts(ids: Collection[int]) -> dict[int, About]:
    first = dict(
        db.session.execute(
            sa.select(Document.act_id, sa.func.min(Document.id))
            .where(Document.act_id.in_(ids))
            .group_by(Document.act_id)
        ).all()
    )
    rows = db.session.scalars(sa.select(DocumentAct).where(DocumentAct.id.in_(ids))).all()
    bins = _bins(row.resident_id for row in rows)
    return {
        row.id: About(
            f"№ {row.number}",
            ("documents.show", {"document_id": first[row.id]}) if row.id in first else None,
            row.territory_id,
            bins.get(row.resident_id, frozenset()),
        )
        for row in rows
    }


def _requests(ids: Collection[int]) -> dict[int, About]:
    rows = db.session.execute(
        sa.select(
            DocumentRequest.id,
            DocumentRequest.kind,
            DocumentRequest.as_of,
            DocumentRequest.territory_id,
            DocumentRequest.resident_id,
        ).where(DocumentRequest.id.in_(ids))
    ).all()
    bins = _bins(row.resident_id for row in rows)
    return {
        row.id: About(
            _named(row.kind, row.as_of),
            ("documents.progress", {"request_id": row.id}),
            row.territory_id,
            bins.get(row.resident_id, frozenset()),
        )
        for row in rows
    }


def _named(kind: str, as_of: date) -> str:
    return f"{rules.name_of(kind)}, {format_date(as_of)}"


SUBJECTS = (
    Subject(
        Document.__tablename__,
        lazy("Document"),
        _documents,
        lambda viewer: (
            sa.select(Document.id)
            .join(DocumentAct, Document.act_id == DocumentAct.id)
            .where(*viewer.within(DocumentAct.territory_id))
        ),
    ),
    Subject(
        DocumentAct.__tablename__,
        lazy("Document"),
        _acts,
        lambda viewer: sa.select(DocumentAct.id).where(*viewer.within(DocumentAct.territory_id)),
    ),
    Subject(
        DocumentRequest.__tablename__,
        lazy("Document being prepared"),
        _requests,
        lambda viewer: sa.select(DocumentRequest.id).where(*viewer.within(DocumentRequest.territory_id)),
    ),
)
