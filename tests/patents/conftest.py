"""Companies of two territories and the values of a good patent."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from registry.infra.access import SYSTEM
from registry.infra.db import transaction
from registry.patents import services
from registry.patents.models import Patent
from registry.residents.models import Resident
from registry.residents.rules import Change
from registry.residents.services import change_status, register_resident
from registry.territories.queries import by_code
from tests.factories import NOW, bin_number
from tests.people import COMPANY_BIN

OUTSIDER = bin_number(9)


def company(bin_: str, *, territory: str = "YAFI", name: str = "Алма", registered_on: str = "2025-01-10") -> Resident:
    with transaction():
        return register_resident(
            SYSTEM,
            territory=by_code(territory),
            values={
                "bin": bin_,
                "name_kk": f"«{name}» ЖШС",
                "name_ru": f"ТОО «{name}»",
                "legal_form": "llp",
                "participant_type": "research_org",
                "registered_on": date.fromisoformat(registered_on),
            },
            now=NOW,
        )


def exclude(resident: Resident, on: str) -> None:
    with transaction():
        change_status(
            SYSTEM, resident, change=Change.EXCLUDED, effective_on=date.fromisoformat(on), now=NOW, ground="own_request"
        )


def patent_values(**changes: Any) -> dict[str, Any]:
    """The values of a good KZ invention held by :data:`COMPANY_BIN`; dates may be given as texts."""
    values: dict[str, Any] = {
        "office": "KZ",
        "kind": "invention",
        "title_no": "36123",
        "application_no": "2024/0123.1",
        "filed_on": "2024-03-01",
        "registered_on": "2026-02-01",
        "published_on": "2026-02-15",
        "bulletin": "7",
        "ipc": "A61K 51/00;G21G 4/08",
        "name_kk": "Изотоп алу тәсілі",
        "name_ru": "Способ получения изотопа",
        "holders": COMPANY_BIN,
        "authors": "Демо Ә. Қ.",
    } | changes
    return {
        name: date.fromisoformat(value)
        if isinstance(value, str) and name.endswith(("_on", "_date", "_from"))
        else value
        for name, value in values.items()
    }


def application_values(**changes: Any) -> dict[str, Any]:
    """The values of an application not yet granted."""
    return patent_values(**{"title_no": None, "registered_on": None, "published_on": None, "bulletin": None} | changes)


def recorded(now: datetime = NOW, **changes: Any) -> Patent:
    with transaction():
        return services.record_patent(SYSTEM, values=patent_values(**changes), now=now)


def applied(now: datetime = NOW, **changes: Any) -> Patent:
    with transaction():
        return services.record_patent(SYSTEM, values=application_values(**changes), now=now)


def amended(patent: Patent, *, now: datetime = NOW, effective_on: date | None = None, **changes: Any) -> bool:
    with transaction():
        return services.amend_patent(SYSTEM, patent, values=changes, now=now, effective_on=effective_on)


@pytest.fixture
def later() -> datetime:
    """A month after :data:`tests.factories.NOW`."""
    return datetime(2026, 11, 5, 6, 0, tzinfo=UTC)
