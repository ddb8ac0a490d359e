"""Contracts and addenda ready-made, through the services."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from registry.contracts import services
from registry.contracts.models import Addendum, Contract
from registry.infra.access import SYSTEM
from registry.infra.db import transaction
from registry.residents.models import Resident
from tests import factories
from tests.factories import NOW
from tests.people import COMPANY_BIN

FIRST = date(2026, 1, 15)
"""Signed and starting day of a contract unless told another."""


def resident(number: str = COMPANY_BIN, **values: Any) -> Resident:
    """An entry registered on 10 January 2026, of the resident account's company unless told another."""
    names: dict[str, Any] = {"name_kk": "«Арқа» ЖШС", "name_ru": "ТОО «Арка»", "registered_on": date(2026, 1, 10)}
    return factories.resident(number, **(names | values))


def contract(party: Resident, number: str = "Ш-1", *, now: datetime = NOW, **values: Any) -> Contract:
    """A lease signed and starting on :data:`FIRST`, ending on 31 December 2026, for 1 000 000 tenge."""
    given = {
        "kind": "lease",
        "number": number,
        "signed_on": FIRST,
        "starts_on": FIRST,
        "ends_on": date(2026, 12, 31),
        "amount": 100_000_000,
        "subject_kk": "Зертхана",
        "subject_ru": "Лаборатория",
        "premises": "Б корпусы, 12",
        "area_m2": 4550,
    } | values
    with transaction():
        return services.conclude_contract(SYSTEM, resident=party, territory=party.territory, values=given, now=now)


def addendum(
    agreed: Contract, number: str = "1", effective_on: date = date(2026, 6, 1), *, now: datetime = NOW, **values: Any
) -> Addendum:
    """An addendum signed on the day it takes effect."""
    given = {"number": number, "signed_on": effective_on, "effective_on": effective_on} | values
    with transaction():
        return services.add_addendum(SYSTEM, agreed, values=given, now=now)
