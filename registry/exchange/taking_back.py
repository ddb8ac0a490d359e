"""Taking a wrong import back as one act: each of its acts is annulled, or what it changed is put back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from registry.contracts import services as contracts
from registry.contracts.models import Addendum, Contract
from registry.errors import Conflict, NotFound
from registry.exchange.models import FileImport
from registry.exchange.running import FileRead, ImportResult
from registry.infra.access import Permission, Viewer
from registry.infra.db import Base, db
from registry.infra.findings import Finding, Weight
from registry.infra.i18n import lazy
from registry.infra.workflow import need_reason
from registry.journal import queries as journal
from registry.journal import subjects
from registry.journal.presentation import action_label
from registry.journal.queries import HistoryEntry
from registry.journal.rules import Action
from registry.journal.services import Basis
from registry.patents import services as patents
from registry.patents.models import Patent, PatentEvent
from registry.reports import queries as reports
from registry.reports import report_lines
from registry.reports.models import Report
from registry.reports.rules import Line
from registry.reports.services import store_accepted
from registry.residents import services as residents
from registry.residents.models import Resident, StatusChange

MOST_SHOWN = 500

_BASIS = "import_taken_back"
"""What the acts of an undoing rest on, where they are not annulments with the reason given."""


# --- imports on record ------------------------------------------------------------------------------------------------


def put_on_record(actor: Viewer, read: FileRead, result: ImportResult, before: int, now: datetime) -> None:
    """Note which entries came by an import; one that changed nothing leaves no trace. Runs in its transaction."""
    last = journal.head().count
    if last == before:
        return
    db.session.add(
        FileImport(
            kind=str(result.kind),
            name=read.file[-200:],
            rows=result.rows,
            created=result.created,
            updated=result.updated,
            actor_id=actor.user_id,
            recorded_at=now,
            first_entry=before + 1,
            last_entry=last,
        )
    )


def imports_of(viewer: Viewer, *, limit: int = 20) -> list[FileImport]:
    """The newest imports; an account limited to territories sees its own."""
    statement = sa.select(FileImport).order_by(FileImport.id.desc()).limit(limit)
    if not viewer.has_all_territories:
        statement = statement.where(FileImport.actor_id == viewer.user_id)
    return list(db.session.scalars(statement))


def get_import(import_id: int, viewer: Viewer) -> FileImport:
    """:raises NotFound: for one that does not exist, or not for the viewer."""
    found = db.session.get(FileImport, import_id)
    if found is None or not (viewer.has_all_territories or found.actor_id == viewer.user_id):
        raise NotFound(lazy("This import is not on record."))
    return found


def entries_of(item: FileImport, viewer: Viewer) -> list[HistoryEntry]:
    """The acts of an import, the oldest first."""
    found = []
    for entry in journal.all_entries(viewer=viewer, after=item.first_entry - 1):
        if entry.sequence > item.last_entry:
            break
        found.append(entry)
    return found


# --- what becomes of each act -----------------------------------------------------------------------------------------

_MODELS: dict[str, type[Base]] = {
    model.__tablename__: model for model in (Resident, StatusChange, Contract, Addendum, Patent, PatentEvent, Report)
}


class _Undoing:
    """One act of the import, about to be annulled or put back."""

    def __init__(self, actor: Viewer, entry: HistoryEntry, reason: str, basis: Basis, now: datetime) -> None:
        self.actor, self.entry, self.reason, self.basis, self.now = actor, entry, reason, basis, now
        self.subject: Any = db.session.get_one(_MODELS[entry.subject_type], entry.subject_id)

    @property
    def old(self) -> dict[str, Any]:
        """The values from before the act that it changed. What was erased since stays erased."""
        dates = journal.date_fields(type(self.subject))
        return {
            name: date.fromisoformat(before) if name in dates and before is not None else before
            for name, (before, after) in self.entry.changes.items()
            if name not in self.entry.erased and before != after
        }

    @property
    def day(self) -> date | None:
        """From when the act held; a correction holds from its act's own day."""
        return None if self.entry.corrects else self.entry.effective_on

    def resident_amended(self) -> None:
        residents.amend_resident(
            self.actor, self.subject, values=self.old, now=self.now, effective_on=self.day, basis=self.basis
        )

    def contract_amended(self) -> None:
        values = self.old
        party = values.pop("resident_id", None)
        contracts.amend_contract(
            self.actor,
            self.subject,
            values=values,
            now=self.now,
            effective_on=self.day if self.entry.action == Action.CONTRACT_AMENDED else None,
            basis=self.basis,
            resident=None if party is None else db.session.get_one(Resident, party),
        )

    def patent_amended(self) -> None:
        patents.amend_patent(
            self.actor, self.subject, values=self.old, now=self.now, effective_on=self.day, basis=self.basis
        )

    def event_recorded(self) -> None:
        patent = db.session.get_one(Patent, self.subject.patent_id)
        patents.annul_transfer(self.actor, patent, self.subject.event_on, reason=self.reason, now=self.now)

    def event_corrected(self) -> None:
        event = self.subject
        if isinstance(event, Patent):  # an amendment of the application, which became a transfer by the grant
            patent, day = event, self.entry.effective_on
        else:
            patent, day = db.session.get_one(Patent, event.patent_id), event.event_on
        patents.correct_transfer(
            self.actor,
            patent,
            day,
            values=self.old,
            now=self.now,
            reason=self.reason,
            basis=self.basis,
        )

    def report_accepted(self) -> None:
        report = self.subject
        store_accepted(
            self.actor,
            resident=report.resident,
            year=report.period.year,
            quarter=report.period.quarter,
            lines=_accepted_before(report),
            now=self.now,
            basis=self.basis,
        )

    def annul(self, service: Callable[..., None]) -> None:
        service(self.actor, self.subject, reason=self.reason, now=self.now)

    def correct(self, service: Callable[..., Any]) -> None:
        service(self.actor, self.subject, values=self.old, now=self.now, reason=self.reason)


def _accepted_before(report: Report) -> list[Line]:
    """The lines accepted before a version; none where it was the first, or the one before took the report back."""
    versions = reports.of_company(report.resident, report.period)
    return report_lines.accepted_lines([known for known in versions if known.version < report.version])


_UNDO: dict[Action, Callable[[_Undoing], None]] = {
    Action.RESIDENT_REGISTERED: lambda act: act.annul(residents.annul_resident),
    Action.RESIDENT_AMENDED: _Undoing.resident_amended,
    Action.STATUS_SUSPENDED: lambda act: act.annul(residents.annul_status_change),
    Action.STATUS_RESUMED: lambda act: act.annul(residents.annul_status_change),
    Action.STATUS_EXCLUDED: lambda act: act.annul(residents.annul_status_change),
    Action.STATUS_CORRECTED: lambda act: act.correct(residents.correct_status_change),
    Action.CONTRACT_CONCLUDED: lambda act: act.annul(contracts.annul_contract),
    Action.CONTRACT_AMENDED: _Undoing.contract_amended,
    Action.CONTRACT_TERMINATED: _Undoing.contract_amended,
    Action.CONTRACT_TERMINATION_ANNULLED: _Undoing.contract_amended,
    Action.ADDENDUM_CONCLUDED: lambda act: act.annul(contracts.annul_addendum),
    Action.ADDENDUM_CORRECTED: lambda act: act.correct(contracts.correct_addendum),
    Action.PATENT_RECORDED: lambda act: act.annul(patents.annul_patent),
    Action.PATENT_AMENDED: _Undoing.patent_amended,
    Action.PATENT_EVENT_RECORDED: _Undoing.event_recorded,
    Action.PATENT_EVENT_CORRECTED: _Undoing.event_corrected,
    Action.REPORT_ACCEPTED: _Undoing.report_accepted,
}
_STAYS = frozenset({Action.PERIOD_OPENED})
"""What harms nobody where it stays: a quarter that was opened."""

_CREATING = frozenset(
    {Action.RESIDENT_REGISTERED, Action.CONTRACT_CONCLUDED, Action.ADDENDUM_CONCLUDED, Action.PATENT_RECORDED,
     Action.STATUS_SUSPENDED, Action.STATUS_RESUMED, Action.STATUS_EXCLUDED, Action.PATENT_EVENT_RECORDED}
)  # fmt: skip


def obstacles(item: FileImport, viewer: Viewer) -> list[Finding]:
    """What stands against taking an import back, and what of it cannot be undone, naming the records."""
    found: list[Finding] = []
    entries = entries_of(item, viewer)
    titles = subjects.about({(entry.subject_type, entry.subject_id) for entry in entries}, viewer)
    gone = _taken_back_after(item)
    hidden = item.last_entry - item.first_entry + 1 - len(entries)
    if hidden:
        found.append(Finding(Weight.FORBIDS, lazy("%(count)s acts of this import are not yours to undo", count=hidden)))
    for entry in entries:
        about = titles.get((entry.subject_type, entry.subject_id))
        title = about.title if about else subjects.label(entry.subject_type)
        if entry.action == Action.PATENT_GRANTED:
            message = lazy("the grant of %(record)s cannot be undone; correct the patent by hand", record=title)
            found.append(Finding(Weight.FORBIDS, message))
            continue
        if entry.action not in _UNDO:
            if entry.action not in _STAYS:
                words = {"act": action_label(entry.action), "record": title}
                found.append(Finding(Weight.TELLS, lazy("this stays as it is: %(act)s, %(record)s", **words)))
            continue
        later = _later(entry, item.last_entry, gone)
        if later is not None:
            found.append(
                Finding(
                    Weight.FORBIDS,
                    lazy(
                        "%(record)s was changed after the import (journal entry %(entry)s); undo that first, or correct"
                        " it by hand",
                        record=title,
                        entry=later,
                    ),
                )
            )
        elif entry.action == Action.REPORT_ACCEPTED and not _accepted_before(
            db.session.get_one(Report, entry.subject_id)
        ):
            message = lazy("%(record)s counts as never reported then; send the right figures by file", record=title)
            found.append(Finding(Weight.ASKS, message))
    return list(dict.fromkeys(found))


def _taken_back_after(item: FileImport) -> list[FileImport]:
    """The later imports that were taken back: they left nothing that could be overridden."""
    return list(
        db.session.scalars(
            sa.select(FileImport).where(FileImport.first_entry > item.last_entry, FileImport.taken_back_at.is_not(None))
        )
    )


def _is_of(item: FileImport, entry: HistoryEntry) -> bool:
    """Whether an act is one of an import that was taken back, or of its undoing."""
    if item.first_entry <= entry.sequence <= item.last_entry:
        return True
    return (entry.recorded_at, entry.actor_id) == (item.taken_back_at, item.taken_back_by) and (
        (entry.basis_kind, entry.basis_no) == (_BASIS, item.name) or entry.reason == item.taken_back_reason
    )


def _later(entry: HistoryEntry, last: int, gone: Sequence[FileImport]) -> int | None:
    """The first act after the import that the undoing of one of its acts would override.

    What came by the imports in ``gone`` and went with them is none.
    """
    subject: Any = db.session.get(_MODELS[entry.subject_type], entry.subject_id)
    if subject is None:
        return None
    about = journal.entries_about(subject, after=last)
    if isinstance(subject, Report):
        versions = reports.of_company(subject.resident, subject.period)
        about += [act for known in versions if known.version > subject.version for act in journal.entries_about(known)]
    elif entry.action not in _CREATING:
        about = [other for other in about if other.changes.keys() & entry.changes.keys()]
    return min((act.sequence for act in about if not any(_is_of(item, act) for item in gone)), default=None)


def take_back(actor: Viewer, item: FileImport, *, reason: str, now: datetime) -> int:
    """Undo all acts of an import, the last first, or none; returns how many.

    Every undoing is an act of its own with the rules it has on its page. Runs inside ``transaction()``.

    :raises DomainError: for an empty reason, and where a rule stands against one of them.
    :raises Conflict: for an import taken back already, or one whose records were changed since.
    """
    actor.require(Permission.IMPORT_FILES)
    reason = need_reason(reason)
    if item.taken_back_at is not None:
        raise Conflict(lazy("This import has been taken back already."))
    standing = [finding for finding in obstacles(item, actor) if finding.forbids]
    if standing:
        raise Conflict("\n".join(map(str, standing)))
    basis = Basis(_BASIS, item.name)
    undone: Sequence[HistoryEntry] = [entry for entry in entries_of(item, actor) if entry.action in _UNDO]
    for entry in reversed(undone):
        _UNDO[entry.action](_Undoing(actor, entry, reason, basis, now))
        db.session.flush()
    item.taken_back_at, item.taken_back_by, item.taken_back_reason = now, actor.user_id, reason
    return len(undone)
