"""What contracts and supplementary agreements are called, and where they are shown."""

from __future__ import annotations

from collections.abc import Collection

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from registry.contracts.models import Addendum, Contract
from registry.infra.db import db
from registry.infra.i18n import gettext as _
from registry.infra.i18n import lazy, name_in
from registry.journal.subjects import About, Subject
from registry.residents.subjects import about_entry


def _contracts(ids: Collection[int]) -> dict[int, About]:
    rows = db.session.scalars(sa.select(Contract).where(Contract.id.in_(ids)))
    return {
        row.id: about_entry(
            row.resident,
            _("№ %(number)s, %(name)s", number=row.number, name=name_in(row.resident)),
            ("contracts.show", {"contract_id": row.id}),
        )
        for row in rows
    }


def _addenda(ids: Collection[int]) -> dict[int, About]:
    # Joined from the inside: SQLite would put together all contracts and companies to join them from the outside.
    with_contract = joinedload(Addendum.contract, innerjoin=True)
    rows = db.session.scalars(sa.select(Addendum).where(Addendum.id.in_(ids)).options(with_contract))
    return {
        row.id: about_entry(
            row.contract.resident,
            _("№ %(addendum)s to contract № %(number)s", addendum=row.number, number=row.contract.number),
            ("contracts.show", {"contract_id": row.contract_id}),
        )
        for row in rows
    }


SUBJECTS = (
    Subject(
        Contract.__tablename__,
        lazy("Contract"),
        _contracts,
        lambda viewer: sa.select(Contract.id).where(*viewer.within(Contract.territory_id)),
    ),
    Subject(
        Addendum.__tablename__,
        lazy("Supplementary agreement"),
        _addenda,
        lambda viewer: (
            sa.select(Addendum.id)
            .join(Contract, Addendum.contract_id == Contract.id)
            .where(*viewer.within(Contract.territory_id))
        ),
    ),
)
