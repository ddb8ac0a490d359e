"""The list of all kinds of papers, and the functions that lead from the registers through a snapshot to a paper."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import UNSET

from registry.errors import DomainError
from registry.infra.i18n import lazy
from registry.infra.numbers import canonical_hundredths
from registry.paper_kinds import (
    annual,
    certificate,
    comparison,
    composing,
    contracts,
    corrections,
    debtors,
    extract,
    fees,
    indicators,
    journal_extract,
    participants,
    patents,
    premises,
    revenues,
    sample,
    snapshots,
    taxes,
)
from registry.paper_kinds.kind import Asked, PaperKind
from registry.paper_kinds.naming import scope_of
from registry.paper_kinds.snapshots import Snapshot
from registry.printing.layout import Paper
from registry.territories.queries import all_territories

KINDS: dict[str, PaperKind] = {
    kind.code: kind
    for kind in (
        extract.KIND,
        certificate.KIND,
        participants.KIND,
        contracts.KIND,
        premises.KIND,
        patents.KIND,
        revenues.KIND,
        taxes.KIND,
        indicators.KIND,
        annual.KIND,
        debtors.KIND,
        fees.KIND,
        comparison.KIND,
        corrections.KIND,
        journal_extract.KIND,
        sample.KIND,
    )
}
"""All kinds by code, in the order in which they are offered."""


def kind_of(code: str) -> PaperKind:
    """The kind with this code.

    :raises DomainError: when there is none.
    """
    if code not in KINDS:
        raise DomainError(
            lazy("There is no paper called %(kind)s; there are %(kinds)s.", kind=code, kinds=", ".join(KINDS)), "kind"
        )
    return KINDS[code]


def grouped(kinds: Iterable[PaperKind]) -> list[tuple[object, list[PaperKind]]]:
    """These kinds under their headings; kinds of one heading must stand next to each other."""
    found: list[tuple[object, list[PaperKind]]] = []
    for kind in kinds:
        if not found or found[-1][0] is not kind.group:
            found.append((kind.group, []))
        found[-1][1].append(kind)
    return found


def collect(kind: PaperKind, asked: Asked) -> Snapshot:
    """A snapshot of what a paper of ``kind`` says now.

    The registers are read with the rights of the registry itself and not of the person who asks, so that the same
    request gives everybody the same paper. The caller must have checked that this person may have it.

    :raises DomainError: when the kind needs something that was not asked for.
    :raises NotFound: when the paper is about an entry that is not in the register on its day.
    """
    body, coverage, demo = kind.collect(asked)
    return Snapshot(
        version=snapshots.VERSION,
        kind=kind.code,
        scope=scope_of(asked.territory),
        as_of=asked.period.as_of,
        year=asked.period.year,
        quarter=asked.period.quarter,
        # The letterhead and the officials are demo data too, whatever the paper tells of.
        demo=demo or any(row.is_demo for row in ([asked.territory] if asked.territory else all_territories())),
        coverage=coverage,
        body=body,
        known_at=asked.period.known_at or UNSET,
        copy=asked.copy or UNSET,
        without=asked.without or UNSET,
    )


def total(snapshot: Snapshot) -> str | None:
    """The total of a paper in tenge, as its offline token states it, such as ``1200.50``; None where it prints none."""
    kind = KINDS[snapshot.kind]
    tiyn = kind.total(snapshot.body) if kind.total is not None else None
    return canonical_hundredths(tiyn) if tiyn is not None else None


def rows(snapshot: Snapshot) -> int | None:
    """How many entries a paper says it lists; None where it prints no such number."""
    return snapshot.entries if KINDS[snapshot.kind].states_rows else None


def load(text: str) -> Snapshot:
    """Read a snapshot that :func:`registry.paper_kinds.snapshots.dump` wrote; see :func:`snapshots.read` for errors."""
    return snapshots.read(text, {code: kind.body for code, kind in KINDS.items()})


def compose(snapshot: Snapshot, language: str) -> Paper:
    """The paper in ``language`` (``kk``, ``ru`` or ``en``) that says what the snapshot says."""
    return composing.compose(KINDS[snapshot.kind], snapshot, language)
