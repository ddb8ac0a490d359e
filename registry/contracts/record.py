"""What contracts put on the pages of records: their own and that of their participant."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import sqlalchemy as sa
from flask import url_for

from registry.contracts import queries, rules
from registry.contracts.models import Addendum, Contract, ContractState
from registry.infra.access import Permission, Viewer
from registry.infra.clock import today
from registry.infra.db import db
from registry.infra.i18n import format_date, lazy, ngettext
from registry.infra.i18n import gettext as _
from registry.infra.record import Attention, Concern, Part, Tab
from registry.journal.timeline import Chapter, belonging, on
from registry.notes.rules import Notable
from registry.reference import queries as reference
from registry.residents.models import Resident

SHOWN = 3


def listed(viewer: Viewer, resident: Resident) -> sa.Select:
    """The contracts that the tab of a participant lists."""
    return queries.list_statement(viewer, day=today(), language="kk", resident_id=resident.id)


def _ending(viewer: Viewer, resident: Resident) -> sa.Select:
    return queries.list_statement(
        viewer,
        day=today(),
        language="kk",
        resident_id=resident.id,
        ends_within=max(rules.ENDING_DAYS),
        sort="ends_on",
        descending=False,
    )


def _tell_ending(viewer: Viewer, _record: Any, ending: sa.Select) -> Iterator[Concern]:
    for row in db.session.execute(ending.limit(SHOWN)):
        contract: ContractState = row.ContractState
        yield concern_of(viewer, contract.contract_id, contract.kind, contract.number, contract.term_ends_on)


def concern_of(viewer: Viewer, contract_id: int, kind: str, number: str, ends_on: date | None) -> Concern:
    """A contract that ends soon, with the way to prolong it."""
    days = (ends_on - today()).days if ends_on else 0
    when = ngettext("in %(num)s day", "in %(num)s days", days) if days else _("today")
    may_prolong = viewer.may(Permission.KEEP_REGISTERS)
    endpoint = "contracts.add_addendum" if may_prolong else "contracts.show"
    return Concern(
        _("Contract № %(number)s ends on %(day)s", number=number, day=format_date(ends_on)),
        f"{when}, {reference.name('contract_kinds', kind)}",
        url_for(endpoint, contract_id=contract_id),
        _("Prolong") if may_prolong else _("Open"),
    )


def _without(_viewer: Viewer, resident: Resident) -> sa.Select | None:
    """The entry, where it takes part without a contract of participation in force."""
    if resident.annulled_at is not None:
        return None
    return queries.without_participation(resident.id, today())


def _tell_without(viewer: Viewer, resident: Resident, _rows: sa.Select) -> Iterator[Concern]:
    may_act = viewer.may(Permission.KEEP_REGISTERS)
    yield Concern(
        str(queries.NO_PARTICIPATION),
        "",
        url_for("contracts.new", resident=resident.id) if may_act else None,
        _("Conclude") if may_act else None,
    )


def _ends_soon(viewer: Viewer, contract: Contract) -> sa.Select | None:
    if contract.annulled_at is not None:
        return None
    return _ending(viewer, contract.resident).where(ContractState.contract_id == contract.id)


def _acts(_viewer: Viewer, resident: Resident) -> tuple[sa.ColumnElement[bool], ...]:
    """Those on contracts and on their addenda."""
    addenda = (
        sa.select(Addendum.id)
        .join(Contract, Addendum.contract_id == Contract.id)
        .where(Contract.resident_id == resident.id)
    )
    return belonging(resident, Contract.__tablename__), on(Addendum.__tablename__, addenda)


PARTS: tuple[Part, ...] = (
    Tab(
        of=Resident.__tablename__,
        endpoint="contracts.of_resident",
        argument="resident_id",
        label=lazy("Contracts"),
        place=20,
        rows=listed,
    ),
    Attention(of=Resident.__tablename__, tab="contracts.of_resident", rows=_without, tell=_tell_without),
    Attention(of=Resident.__tablename__, tab="contracts.of_resident", rows=_ending, tell=_tell_ending),
    Attention(of=Contract.__tablename__, tab="contracts.show", rows=_ends_soon, tell=_tell_ending),
)

CHAPTERS = (Chapter(of=Resident.__tablename__, name="contracts", label=lazy("Contracts"), acts=_acts),)

NOTABLE = (
    Notable(kind=Contract.__tablename__, get=queries.get_contract, entry=lambda contract, _viewer: contract.resident),
)
