"""What of the indicators takes two people: national targets."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from registry.accounts.two_people import Kind, Row, Territories
from registry.indicators import services
from registry.indicators.rules import INDICATORS, Unit
from registry.infra.access import Permission
from registry.infra.i18n import format_date, format_integer, format_money, lazy, ngettext
from registry.infra.i18n import gettext as _


def _title(values: Mapping[str, Any]) -> str:
    number = len(values["values"])
    return ngettext("National targets: %(num)s value", "National targets: %(num)s values", number)


def _rows(values: Mapping[str, Any]) -> list[Row]:
    def said(number: int, value: int | None) -> str:
        if value is None:
            return "—"
        return format_money(value) if INDICATORS[number].unit is Unit.KZT else format_integer(value // 100)

    act = f"№ {values['act_no']}, {format_date(date.fromisoformat(values['act_date']))}"
    return [
        Row(_("Approving act"), "—", act),
        *(
            Row(_("Indicator %(number)s, %(year)s", number=number, year=year), said(number, old), said(number, new))
            for number, year, old, new in values["values"]
        ),
    ]


KINDS = (
    Kind(
        services.NATIONAL_TARGETS,
        lazy("National targets"),
        Permission.KEEP_TARGETS,
        lambda _values: Territories(),
        _title,
        _rows,
        services.set_proposed_targets,
        lazy(
            "Nobody else may confirm this: an administrator has to add another member of the staff whose account is not"
            " limited to some territories."
        ),
    ),
)
"""Proposals about indicators."""
