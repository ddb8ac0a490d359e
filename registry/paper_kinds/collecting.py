"""Collecting what a paper says from the registers: the first step of its making.

Everything is read through the same queries as screens and exports, inside one reading transaction, and frozen into a
:class:`~registry.paper_kinds.snapshots.Snapshot`. Nothing here knows a language or a layout.
"""

from __future__ import annotations

from collections.abc import Callable

from registry.paper_kinds import snapshots as s
from registry.paper_kinds.collectors import annual, lists, registers
from registry.paper_kinds.collectors.naming import Collected, scope_of
from registry.paper_kinds.collectors.samples import collect_sample
from registry.paper_kinds.rules import Kind, Period
from registry.paper_kinds.sampling import Sampling
from registry.residents.models import Resident
from registry.territories.models import Territory


def collect(
    kind: Kind,
    period: Period,
    *,
    territory: Territory | None,
    resident: Resident | None,
    sampling: Sampling | None = None,
) -> s.Snapshot:
    """What a paper of ``kind`` says now about ``period``.

    ``resident`` is for the papers of one entry, ``sampling`` for a sample.

    It reads for the registry itself, not for whoever asks, so that the same request gives the same paper to everybody;
    the caller has checked that the asker may have it.
    """
    if sampling is not None:
        body, coverage, demo = collect_sample(period, territory, sampling)
    else:
        body, coverage, demo = _COLLECTORS[kind](period, territory, resident)
    return s.Snapshot(
        version=s.VERSION,
        kind=str(kind),
        scope=scope_of(territory),
        as_of=period.as_of,
        year=period.year,
        quarter=period.quarter,
        demo=demo or bool(territory and territory.is_demo),
        coverage=coverage,
        body=body,
    )


_COLLECTORS: dict[Kind, Callable[[Period, Territory | None, Resident | None], Collected]] = {
    Kind.PARTICIPANTS: registers.collect_participants,
    Kind.CONTRACTS: registers.collect_contracts,
    Kind.PATENTS: registers.collect_patents,
    Kind.REVENUES: registers.collect_revenues,
    Kind.TAXES: registers.collect_taxes,
    Kind.INDICATORS: registers.collect_indicators,
    Kind.EXTRACT: registers.collect_extract,
    Kind.CERTIFICATE: registers.collect_certificate,
    Kind.ANNUAL: annual.collect,
    Kind.DEBTORS: lists.collect_debtors,
    Kind.FEES: lists.collect_fees,
    Kind.PREMISES: lists.collect_premises,
    Kind.JOURNAL: lists.collect_journal,
    Kind.CORRECTIONS: lists.collect_corrections,
    Kind.COMPARISON: lists.collect_comparison,
}
