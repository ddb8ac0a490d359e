"""Reports and patents for the definitions of the indicators, through the services."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from registry.infra.access import SYSTEM
from registry.infra.db import transaction
from registry.patents import services as patents
from registry.patents.models import Patent
from registry.reports import services as reports
from registry.reports.models import Report
from registry.reports.rules import Line
from registry.residents.models import Resident
from tests.factories import NOW

COUNTED_TAX, UNCOUNTED_TAX = "101110", "902101"


def tax(amount: int, code: str = COUNTED_TAX, **values: Any) -> Line:
    return Line("tax", code, amount=amount, **values)


def revenue(amount: int, code: str = "rnd_works", **values: Any) -> Line:
    return Line("revenue", code, amount=amount, **values)


def investment(amount: int, code: str = "venture", **values: Any) -> Line:
    return Line("investment", code, amount=amount, **values)


def staff(count: int, code: str = "research_specialists", **values: Any) -> Line:
    return Line("staff", code, count=count, **values)


def report(entry: Resident, year: int, quarter: int, *lines: Line, now: datetime = NOW) -> Report | None:
    """An accepted report; one more of the same quarter is a correcting version."""
    with transaction():
        return reports.store_accepted(SYSTEM, resident=entry, year=year, quarter=quarter, lines=lines, now=now)


def patent(title_no: str, holders: str, *, now: datetime = NOW, **values: Any) -> Patent:
    """A patent for an invention registered on 3 March 2026 unless said otherwise."""
    fields = {
        "office": "KZ", "kind": "invention", "title_no": title_no, "filed_on": date(2024, 1, 10),
        "registered_on": date(2026, 3, 3), "name_kk": "Тәсіл", "name_ru": "Способ", "holders": holders, **values,
    }  # fmt: skip
    with transaction():
        return patents.record_patent(SYSTEM, values=fields, now=now)
