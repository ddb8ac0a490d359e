"""Collecting an audit sample: the population as it stands, and the items drawn from it (``sampling.py``)."""

from __future__ import annotations

from registry.infra.access import SYSTEM
from registry.paper_kinds import snapshots as s
from registry.paper_kinds.collectors.naming import Collected, Naming, id_of, term
from registry.paper_kinds.collectors.registers import coverage_of, entry_of
from registry.paper_kinds.rules import Period
from registry.paper_kinds.sampling import Population, Sampling, draw, fingerprint
from registry.reports import accepted
from registry.reports.accepted import LineRecord
from registry.reports.rules import DICTIONARIES, Section
from registry.residents import queries as residents
from registry.territories.models import Territory


def collect_sample(period: Period, territory: Territory | None, asked: Sampling) -> Collected:
    """The participants on the day, or the accepted report lines of the period, as many of them as were asked for."""
    if asked.of is Population.LINES:
        return _lines(period, territory, asked)
    found = residents.participants(SYSTEM, period.as_of, territory_id=id_of(territory))
    naming = Naming(period, found)
    keys = {record.id: _entry_key(naming.who(record.id)) for record in found}
    drawn = tuple(
        s.DrawnEntry(rank, keys[record.id], entry_of(record, naming, period, full=False))
        for rank, record in draw(found, lambda record: keys[record.id], asked)
    )
    return _sample(asked, list(keys.values()), drawn, ()), None, naming.demo


def _lines(period: Period, territory: Territory | None, asked: Sampling) -> Collected:
    naming = Naming(period)
    found = accepted.accepted_lines(
        SYSTEM, territory_id=id_of(territory), year=period.reporting_year, quarter=period.quarter, as_of=period.as_of
    )

    def key(line: LineRecord) -> str:
        who = _entry_key(naming.who(line.resident_id))
        return f"{who};{line.year};{line.quarter};{line.version};{line.position}"

    drawn = tuple(s.DrawnLine(rank, key(line), _drawn(line, naming)) for rank, line in draw(found, key, asked))
    body = _sample(asked, [key(line) for line in found], (), drawn)
    return body, coverage_of(period, territory), naming.demo


def _entry_key(who: s.Who) -> str:
    return f"{who.territory};{who.register_no}"


def _sample(
    asked: Sampling, keys: list[str], entries: tuple[s.DrawnEntry, ...], lines: tuple[s.DrawnLine, ...]
) -> s.Sample:
    return s.Sample(
        of=str(asked.of), size=asked.size, seed=asked.seed, population=len(keys), population_hash=fingerprint(keys),
        entries=entries, lines=lines,
    )  # fmt: skip


def _drawn(line: LineRecord, naming: Naming) -> s.Figure:
    section = Section(line.section)
    return s.Figure(
        who=naming.who(line.resident_id), quarter=line.quarter, section=str(section), code=line.code,
        name=s.NOTHING if section is Section.STAFF else term(DICTIONARIES[section], line.code),
        amount=line.amount, count=line.count, document_kind=line.document_kind, document_no=line.document_no,
        document_date=line.document_date,
    )  # fmt: skip
