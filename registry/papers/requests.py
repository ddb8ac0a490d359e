"""What paper somebody may have: an order, checked against the registers and against what the asker may."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TypedDict

from registry.contracts import queries as contracts
from registry.errors import DomainError, NotFound
from registry.infra.access import SYSTEM, Permission, Viewer
from registry.infra.clock import utc_now
from registry.infra.db import db
from registry.infra.i18n import LANGUAGES, lazy
from registry.journal import acts
from registry.paper_kinds.kind import Asked, PaperKind
from registry.paper_kinds.kinds import KINDS, kind_of
from registry.paper_kinds.rules import ALL_TERRITORIES, Period
from registry.paper_kinds.sampling import Sampling
from registry.papers import queries, rules
from registry.papers.models import DocumentRequest
from registry.papers.rules import RequestStatus
from registry.residents.models import Resident
from registry.residents.queries import records as resident_records
from registry.territories.models import Territory


class About(TypedDict, total=False):
    """What a paper is asked for about: all of it may be left out. Without a territory it covers all of them.

    ``resident`` is an entry or a BIN; then the territory follows from it. With ``known_at`` only what was recorded by
    that moment is used. A ``copy`` is for information: it needs no approval, has none, and says so. ``without`` are
    the codes of annexes to leave out.
    """

    territory: Territory | None
    resident: Resident | str | None
    as_of: date | None
    year: int | None
    quarter: int | None
    since: date | None
    sampling: Sampling | None
    known_at: datetime | None
    copy: bool
    without: Iterable[str]


@dataclass(frozen=True)
class Order:
    """A paper somebody may have: what, about whom, for when, in which language.

    ``replaces`` is the id of the act it is to replace, for ``reason``.
    """

    kind: PaperKind
    language: str
    period: Period
    territory: Territory | None
    resident: Resident | None
    replaces: int | None = None
    reason: str = ""
    sampling: Sampling | None = None
    copy: bool = False
    without: tuple[str, ...] = ()

    @property
    def needs_approval(self) -> bool:
        return self.kind.needs_approval and not self.copy

    @property
    def scope(self) -> str:
        return self.territory.prefix if self.territory else ALL_TERRITORIES

    @property
    def asked(self) -> Asked:
        """What the paper is to say."""
        return Asked(self.period, self.territory, self.resident, self.sampling, self.copy, self.without)

    @property
    def key(self) -> str:
        resident_id = self.resident.id if self.resident else None
        sampling = self.sampling.text if self.sampling else None
        return rules.request_key(
            self.kind, self.scope, resident_id, self.period, sampling, copy=self.copy, without=self.without
        )


def order(
    actor: Viewer,
    kind: str,
    *,
    language: str,
    today: date,
    territory: Territory | None = None,
    resident: Resident | str | None = None,
    as_of: date | None = None,
    year: int | None = None,
    quarter: int | None = None,
    since: date | None = None,
    sampling: Sampling | None = None,
    known_at: datetime | None = None,
    copy: bool = False,
    without: Iterable[str] = (),
) -> Order:
    """Check what was asked for. ``resident`` is an entry or a BIN; then the territory follows from it.

    :raises NotAllowed: when the actor's role may not have this kind, or only somebody who has all territories.
    :raises NotFound: for an unknown company, or one not the actor's own; for another territory than the actor's.
    :raises DomainError: for a kind, language or dates that do not exist or fit, for a sample without size and seed, for
        a copy of what needs no approval, for an annex the kind does not have, and for a certificate of a company that
        is not a participant.
    """
    wanted = kind_of(kind)
    if language not in LANGUAGES:
        raise DomainError(lazy("A paper is printed in kk, ru or en."), "language")
    if not wanted.of_one_resident or not actor.may(Permission.ISSUE_OWN_PAPERS):
        actor.require(Permission.ISSUE_REGISTERS)
    period = wanted.period(as_of=as_of, year=year, quarter=quarter, today=today, since=since)
    if known_at is not None:
        _check_moment(wanted, known_at)
        period = replace(period, known_at=known_at)
    if copy and not wanted.needs_approval:
        raise DomainError(lazy("This paper needs no approval: ask for the paper itself."), "copy")
    left_out = wanted.left_out(without)
    if not wanted.of_one_resident:
        actor.require_territory(territory.id if territory else None)
        if resident is not None:
            raise DomainError(lazy("This paper is about a whole register: name no company."), "resident")
        if (sampling is not None) is not wanted.draws:
            raise DomainError(
                lazy("“Drawn from”, “Size of the sample” and “Seed” belong to an audit sample, which needs all three."),
                "size",
            )
        return Order(wanted, language, period, territory, None, sampling=sampling, copy=copy, without=left_out)
    if resident is None:
        raise DomainError(lazy("Name the company this paper is about."), "resident")
    if isinstance(resident, str):
        resident = queries.entry_for(actor, resident, period.as_of, territory)
    elif actor.company_bin is not None and resident.bin != actor.company_bin:
        raise NotFound(lazy("There is no such participant."), "resident")
    actor.require_territory(resident.territory_id)
    if resident.annulled_at is not None:
        raise NotFound(lazy("This entry was annulled; no paper can be issued about it."), "resident")
    _check_entry(wanted, resident, period, today)
    return Order(wanted, language, period, resident.territory, resident)


def _check_moment(kind: PaperKind, known_at: datetime) -> None:
    """A paper as known at a moment needs a moment that is over: later the same words would mean other data."""
    if not kind.of_a_moment:
        raise DomainError(lazy("This paper says what is known now: name no moment of the past."), "known_at")
    if known_at > utc_now():
        raise DomainError(lazy("This moment is not over yet: name a day before today, or an earlier time."), "known_at")


def _check_entry(kind: PaperKind, resident: Resident, period: Period, today: date) -> None:
    """An extract needs an entry that had begun, a certificate a participant, on the day and today."""
    found = resident_records(SYSTEM, as_of=period.as_of, known_at=period.known_at, ids=[resident.id])
    if not found:
        raise DomainError(
            lazy("%(bin)s had not yet been entered in the register on that day.", bin=resident.bin), "as_of"
        )
    if not kind.needs_participation:
        return
    if not found[0].participates_on(period.as_of):
        raise DomainError(
            lazy("%(bin)s is not a participant on that day: a certificate cannot be issued.", bin=resident.bin),
            "resident",
        )
    if not found[0].decision_no:
        raise DomainError(
            lazy(
                "%(bin)s has no number of the decision about its entry: enter it, then issue the certificate.",
                bin=resident.bin,
            ),
            "resident",
        )
    if not contracts.has_participation(resident.id, period.as_of):
        acts.tell([("resident", contracts.NO_PARTICIPATION)])
    now = resident_records(SYSTEM, ids=[resident.id])[0]
    if now.excluded_on is not None and now.excluded_on <= today:
        raise DomainError(
            lazy("%(bin)s was excluded from the register: a certificate cannot be issued.", bin=resident.bin),
            "resident",
        )


def order_of(request: DocumentRequest) -> Order:
    """What a request asks for, as it was checked when it was made."""
    return Order(
        KINDS[request.kind],
        request.language,
        Period(request.as_of, request.report_year, request.report_quarter, request.since, request.known_at),
        db.session.get(Territory, request.territory_id) if request.territory_id else None,
        db.session.get(Resident, request.resident_id) if request.resident_id else None,
        request.replaces_id,
        request.reason or "",
        Sampling.read(request.sampling) if request.sampling else None,
        request.copy,
        rules.codes(request.without),
    )


def new_request(actor: Viewer, wanted: Order, now: datetime) -> DocumentRequest:
    """The row of a request that has not been taken up yet."""
    return DocumentRequest(
        kind=wanted.kind.code,
        language=wanted.language,
        territory_id=wanted.territory.id if wanted.territory else None,
        resident_id=wanted.resident.id if wanted.resident else None,
        as_of=wanted.period.as_of,
        report_year=wanted.period.year,
        report_quarter=wanted.period.quarter,
        since=wanted.period.since,
        sampling=wanted.sampling.text if wanted.sampling else None,
        known_at=wanted.period.known_at,
        copy=wanted.copy,
        without=",".join(wanted.without) or None,
        requested_by=actor.user_id,
        requested_at=now,
        status=str(RequestStatus.QUEUED),
        replaces_id=wanted.replaces,
        reason=wanted.reason or None,
    )
