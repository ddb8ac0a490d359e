"""Loading and keeping territories, and giving numbers."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from registry.errors import DomainError
from registry.infra.access import Permission, Viewer
from registry.infra.clock import local_date
from registry.infra.db import db, held
from registry.infra.i18n import lazy
from registry.journal import acts
from registry.journal.rules import Action
from registry.journal.services import differences
from registry.reference.services import read_rows
from registry.territories import rules
from registry.territories.models import ConsolidatingBody, NumberSeries, Territory

PREFIXES = {"YAFI": "YAFI", "NU": "NU", "KURCHATOV": "KUR"}
"""What numbers of a territory begin with."""

REQUISITES = (
    "company_name_kk", "company_name_ru", "company_name_en", "company_bin", "company_address_kk", "company_address_ru",
    "company_place_kk", "company_place_ru", "company_place_en", "company_iban", "company_kbe", "company_head",
    "company_head_position_kk", "company_head_position_ru",
    "company_accountant", "company_phone", "status_act_no", "status_act_date", "rules_title_kk", "rules_title_ru",
    "rules_no", "rules_date", "participant_word", "kato",
)  # fmt: skip
OF_BODY = (
    "company_name_kk", "company_name_ru", "company_name_en", "company_bin", "company_address_kk", "company_address_ru",
    "company_place_kk", "company_place_ru", "company_place_en", "company_head", "company_head_position_kk",
    "company_head_position_ru", "company_accountant", "company_phone",
)  # fmt: skip
"""The requisites of the consolidating body."""

PERSONAL = ("company_head", "company_accountant", "company_phone")


def shipped_territories() -> Iterator[dict[str, str]]:
    """The territories of the Concept as they are added, in the order of the file."""
    for row in read_rows("territories"):
        yield {
            "code": row["code"],
            "prefix": PREFIXES[row["code"]],
            "kind": row["kind"],
            "participant_word": row["participant_word"],
            "kato": row["kato"],
            "name_kk": row["kk"],
            "name_ru": row["ru"],
            "name_en": row["en"],
        }


def load_territories() -> int:
    """Add the three territories of the Concept where they are missing. Returns how many were added."""
    known = set(db.session.scalars(sa.select(Territory.code)))
    added = 0
    for columns in shipped_territories():
        if columns["code"] not in known:
            db.session.add(Territory(**columns))
            db.session.flush()
            added += 1
    return added


def amend_territory(actor: Viewer, territory: Territory, values: Mapping[str, Any], *, now: datetime) -> bool:
    """Set the management company's requisites and the territory's own settings; False when nothing differs.

    :raises DomainError: for a BIN, IBAN, KBE or KATO that breaks its rule (``domain.md`` 3.1, 3.4, 3.5).
    """
    actor.require_in(territory.id, Permission.KEEP_SETTINGS)
    return _amend(actor, Action.TERRITORY_AMENDED, territory, REQUISITES, values, now)


def amend_body(actor: Viewer, body: ConsolidatingBody, values: Mapping[str, Any], *, now: datetime) -> bool:
    """Set the requisites of whoever makes papers of all territories; False when nothing differs.

    :raises NotAllowed: for an account that may not keep settings, or has not all territories.
    :raises DomainError: for a BIN that breaks its rule.
    """
    actor.require_in(None, Permission.KEEP_SETTINGS)
    return _amend(actor, Action.CONSOLIDATING_BODY_AMENDED, body, OF_BODY, values, now)


def _amend(
    actor: Viewer,
    action: Action,
    record: Territory | ConsolidatingBody,
    known: Collection[str],
    values: Mapping[str, Any],
    now: datetime,
) -> bool:
    unknown = set(values) - set(known)
    if unknown:
        raise DomainError(lazy("These fields of a territory cannot be changed."), sorted(unknown)[0])
    for field, check in (
        ("company_bin", rules.bin_problem),
        ("company_iban", rules.iban_problem),
        ("company_kbe", rules.kbe_problem),
        ("kato", rules.kato_problem),
    ):
        problem = check(values[field]) if values.get(field) else None
        if problem:
            raise DomainError(problem, field)
    changes = differences({name: getattr(record, name) for name in values}, values)
    if not changes:
        return False

    def amend(_entry: object) -> None:
        for name, (_old, new) in changes.items():
            setattr(record, name, new)

    acts.act(
        actor,
        action,
        record,
        changes,
        now=now,
        effective_on=local_date(now),
        then=amend,
        personal=PERSONAL,
    )
    return True


def next_number(scope: str) -> int:
    """Give the next number of a series; inside the transaction that uses it, so that no number is lost."""
    return next_numbers(scope, 1)[0]


def next_numbers(scope: str, count: int) -> range:
    """Give the next ``count`` numbers of a series, as :func:`next_number` gives one."""
    series = held(NumberSeries, scope)
    if series is None:
        series = NumberSeries(scope=scope, last=0)
        db.session.add(series)
        db.session.flush()
    first = series.last + 1
    series.last += count
    return range(first, series.last + 1)


def reserve_number(scope: str, number: int) -> None:
    """Note that ``number`` was taken from outside (an import), so that the series never gives it again."""
    series = db.session.get(NumberSeries, scope)
    if series is None:
        db.session.add(NumberSeries(scope=scope, last=number))
    elif series.last < number:
        series.last = number
    db.session.flush()
