"""The kinds of papers there are, and the way from the registers through a snapshot to a paper."""

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
"""By code, in the order in which they are offered."""


def kind_of(code: str) -> PaperKind:
    """:raises DomainError: for a kind there is not."""
    if code not in KINDS:
        raise DomainError(
            lazy("There is no paper called %(kind)s; there are %(kinds)s.", kind=code, kinds=", ".join(KINDS)), "kind"
        )
    return KINDS[code]


def grouped(kinds: Iterable[PaperKind]) -> list[tuple[object, list[PaperKind]]]:
    """These kinds under the headings they are offered by."""
    found: list[tuple[object, list[PaperKind]]] = []
    for kind in kinds:
        if not found or found[-1][0] is not kind.group:
            found.append((kind.group, []))
        found[-1][1].append(kind)
    return found


def collect(kind: PaperKind, asked: Asked) -> Snapshot:
    """What a paper of ``kind`` says now.

    It reads for the registry itself, not for whoever asks, so that the same request gives the same paper to everybody;
    the caller has checked that the asker may have it.
    """
    body, coverage, demo = kind.collect(asked)
    return Snapshot(
        version=snapshots.VERSION,
        kind=kind.code,
        scope=scope_of(asked.territory),
        as_of=asked.period.as_of,
        year=asked.period.year,
        quarter=asked.period.quarter,
        demo=demo or bool(asked.territory and asked.territory.is_demo),
        coverage=coverage,
        body=body,
        known_at=asked.period.known_at or UNSET,
        copy=asked.copy or UNSET,
        without=asked.without or UNSET,
    )


def total(snapshot: Snapshot) -> str | None:
    """The sum a paper adds up to, in tenge, as its offline token states it; None for a paper that prints none."""
    kind = KINDS[snapshot.kind]
    tiyn = kind.total(snapshot.body) if kind.total is not None else None
    return canonical_hundredths(tiyn) if tiyn is not None else None


def load(text: str) -> Snapshot:
    """Read back a snapshot as :func:`registry.paper_kinds.snapshots.dump` wrote it."""
    return snapshots.read(text, {code: kind.body for code, kind in KINDS.items()})


def compose(snapshot: Snapshot, language: str) -> Paper:
    """Lay out what the snapshot says as a paper in ``language``."""
    return composing.compose(KINDS[snapshot.kind], snapshot, language)
