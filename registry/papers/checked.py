"""Issued papers, their files and what became of them, held to the journal and to what the papers say of themselves.

A stored paper carries its claim (number, kind, data, the journal's head of its moment) under the registry's signature.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import current_app

from registry.config import Settings
from registry.infra import storage
from registry.infra.db import db
from registry.journal import seal
from registry.journal.checked import Checked, ToldTable, Values, difference, moment, rows_of, told_of
from registry.journal.rules import Action
from registry.paper_kinds.kinds import KINDS
from registry.papers import rules
from registry.papers.models import Document, DocumentAct, DocumentEvent, DocumentRequest
from registry.papers.record_of_issue import PREPARED, record_hash
from registry.reports.models import ReportLine
from registry.residents.models import Resident
from registry.residents.rules import number_series
from registry.signing import keys, offline_token
from registry.territories.models import NumberSeries, Territory


def _settings() -> Settings:
    return current_app.config["SETTINGS"]


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _acts() -> dict[int, dict[str, Any]]:
    """The acts of issue without their snapshots, by id."""
    columns = [column for column in DocumentAct.__table__.columns if column.name != "snapshot"]
    return {row["id"]: dict(row) for row in db.session.execute(sa.select(*columns)).mappings()}


class IssuedPapers:
    """The rows of issued papers and their acts."""

    name = "issued papers"

    def differences(self) -> Iterator[str]:
        acts, told = _acts(), {key: found for *found, key in self._told()}
        papers = {row["id"]: row for row in rows_of(Document)}
        for key in sorted(papers.keys() | told.keys()):
            paper = papers.get(key)
            number = paper["number"] if paper else key
            if paper is None or key not in told:
                yield f"{self.name}: paper {number}: {difference(paper, None)}"
                continue
            problem = self._problem(paper, acts.get(paper["act_id"]), *told[key])
            if problem:
                yield f"{self.name}: paper {number}: {problem}"
        yield from self._without_papers(acts, papers)

    def _told(self) -> Iterator[tuple[Any, Values, int]]:
        for entry, action, key, values in told_of(Document):
            if action == Action.DOCUMENT_ISSUED:
                yield entry, values, key

    def _problem(self, paper: Values, act: Values | None, entry: Any, values: Values) -> str | None:
        wanted = {name: values[name] for name in ("language", "number", "sha256")}
        wanted |= {"issued_by": entry.actor_id, "issued_at": moment(paper["issued_at"], entry)}
        problem = difference(paper, wanted)
        if problem or act is None:
            return problem or f"its act {paper['act_id']} is missing"
        kind = KINDS[values["kind"]]
        number = rules.act_number(act["scope"], kind, act["year"], act["serial"])
        problem = difference(act, {"kind": kind.code, "number": number}) or difference(
            paper, {"number": rules.printed_number(number, paper["language"])}
        )
        if problem is None and values.get("record", record_hash(paper, act)) != record_hash(paper, act):
            return "it is not on record as it was issued"
        return problem

    def _without_papers(self, acts: dict[int, dict[str, Any]], papers: dict[int, Values]) -> Iterator[str]:
        used = {row["act_id"] for row in papers.values()}
        for key, act in acts.items():
            if key not in used:
                yield f"{self.name}: act {act['number']}: it has no paper"
        for key, snapshot in db.session.execute(sa.select(DocumentAct.id, DocumentAct.snapshot)).yield_per(20):
            act = acts[key]
            if _hash(snapshot) != act["data_hash"]:
                yield f"{self.name}: act {act['number']}: its data are not those of its hash"


class ChainPositions:
    """The places in the journal that are printed on papers, and those that prepared papers will name."""

    name = "chain positions of papers"

    def differences(self) -> Iterator[str]:
        places = [(f"paper {act['number']}", act["chain_sequence"], act["chain_hash"]) for act in _acts().values()]
        columns = (DocumentRequest.id, DocumentRequest.chain_sequence, DocumentRequest.chain_hash)
        for key, sequence, head in db.session.execute(
            sa.select(*columns).where(DocumentRequest.chain_hash.is_not(None))
        ):
            places.append((f"request {key}", sequence, head))
        for who, sequence, head in places:
            problem = seal.missing(sequence, head, who)
            if problem is None and len(head) != len(hashlib.sha256().hexdigest()):
                problem = f"{who}: {head!r} is no hash"
            if problem:
                yield f"{self.name}: {problem}"


class StoredPapers:
    """The files of issued papers: whole, and saying of themselves what stands on record."""

    name = "stored papers"

    def differences(self) -> Iterator[str]:
        acts, signer = _acts(), _signer()
        for paper in sorted(rows_of(Document), key=lambda paper: paper["id"]):
            act = acts.get(paper["act_id"])
            problem = None if act is None else self._problem(paper, act, signer)
            if problem:
                yield f"{self.name}: paper {paper['number']}: {problem}"

    def _problem(self, paper: Values, act: Values, signer: offline_token.Signer) -> str | None:
        try:
            content = storage.read(_settings().documents_dir, paper["sha256"])
        except storage.StorageError as error:
            return str(error)
        if len(content) != paper["size"]:
            return f"size is {paper['size']}, the file has {len(content)} bytes"
        try:
            claim = offline_token.check_file(content, signer).claim
        except offline_token.TokenError as error:
            return f"the file {paper['sha256']}: {error}"
        claimed = {
            "number": claim.number,
            "issued_on": claim.issued_on,
            "kind": claim.kind,
            "data_hash": claim.data_hash,
            "chain_sequence": claim.chain_sequence,
            "chain_hash": claim.chain_head,
        }
        stands = {**act, "number": paper["number"], "chain_hash": act["chain_hash"][: len(claim.chain_head)]}
        return difference(stands, claimed, "the paper")


def _signer() -> offline_token.Signer:
    return partial(keys.signer, _settings().keys_dir)


def _ends() -> dict[int, Values]:
    """What ended acts of issue, by act."""
    numbers = {act["number"]: key for key, act in _acts().items()}
    kept = {row["act_id"]: row["recorded_at"] for row in rows_of(DocumentEvent)}
    told: dict[int, Values] = {}
    for entry, action, key, values in told_of(DocumentAct):
        if action in (Action.DOCUMENT_REVOKED, Action.DOCUMENT_REPLACED):
            told[key] = {
                "kind": "revoked" if action == Action.DOCUMENT_REVOKED else "replaced",
                "effective_on": entry.effective_on,
                "reason": entry.reason,
                "recorded_by": entry.actor_id,
                "replaced_by_id": numbers.get(values.get("replaced_by")),
                "recorded_at": moment(kept.get(key), entry),
            }
    return told


class PreparedPapers:
    """What was prepared is what is approved, by whom the journal says."""

    name = "prepared papers"

    def differences(self) -> Iterator[str]:
        last: dict[int, dict[str, tuple[Any, Values]]] = {}
        for entry, action, key, values in told_of(DocumentRequest):
            last.setdefault(key, {})[action] = (entry, values)
        rows = {row["id"]: row for row in rows_of(DocumentRequest)}
        for key in sorted(rows.keys() | last.keys()):
            row, told = rows.get(key), last.get(key, {})
            problem = "the row is missing" if row is None else self._problem(row, told)
            if problem:
                yield f"{self.name}: request {key}: {problem}"

    def _problem(self, row: Values, told: dict[str, tuple[Any, Values]]) -> str | None:
        wanted: dict[str, Any] = dict.fromkeys(("approved_by", "approved_at"))
        if Action.DOCUMENT_PREPARED in told:
            entry, values = told[Action.DOCUMENT_PREPARED]
            wanted |= {"requested_by": entry.actor_id, "prepared_at": moment(row["prepared_at"], entry)}
            wanted |= {name: values[name] for name in ("kind", "language", "data_hash")}
            if values.get("record", record := record_hash({name: row[name] for name in PREPARED})) != record:
                return difference(row, wanted) or "it does not stand as it was prepared"
        else:
            wanted |= {"prepared_at": None, "data_hash": None}
        if Action.DOCUMENT_APPROVED in told:
            entry, _values = told[Action.DOCUMENT_APPROVED]
            wanted |= {"approved_by": entry.actor_id, "approved_at": moment(row["approved_at"], entry)}
        if Action.DOCUMENT_DECLINED in told:
            entry, _values = told[Action.DOCUMENT_DECLINED]
            wanted |= {"status": "declined", "error": entry.reason}
        elif row["status"] in (rules.RequestStatus.PREPARED, rules.RequestStatus.DECLINED):
            wanted["status"] = "prepared"
        problem = difference(row, wanted)
        snapshot = row["snapshot"]
        if problem is None and snapshot is not None and _hash(snapshot) != row["data_hash"]:
            return "its data are not those of its hash"
        return problem


class Series:
    """The last numbers given: papers run without gaps, and no number is given twice."""

    name = NumberSeries.__tablename__

    def differences(self) -> Iterator[str]:
        given: dict[str, list[int]] = {}
        for act in _acts().values():
            kind = KINDS[act["kind"]]
            given.setdefault(rules.series(act["scope"], kind, act["year"]), []).append(act["serial"])
        last = {row["scope"]: row["last"] for row in rows_of(NumberSeries)}
        for scope in sorted(given.keys() | {scope for scope in last if scope.startswith("document:")}):
            serials = sorted(given.get(scope, ()))
            if serials != list(range(1, len(serials) + 1)):
                yield f"{self.name}: {scope}: the numbers of its papers have a gap"
            if last.get(scope) != len(serials):
                yield f"{self.name}: {scope}: last is {last.get(scope)}, {len(serials)} papers were issued"
        for scope, number in sorted(self._taken().items()):
            if last.get(scope, 0) < number:
                yield f"{self.name}: {scope}: last is {last.get(scope)}, number {number} was given"

    def _taken(self) -> dict[str, int]:
        """The highest number that stands somewhere, by series."""
        taken = {"report_line": db.session.scalar(sa.select(sa.func.max(ReportLine.line_id))) or 0}
        numbers = sa.select(Territory.prefix, Resident.register_no).join(
            Territory, Territory.id == Resident.territory_id
        )
        for prefix, register_no in db.session.execute(numbers):
            own = number_series(prefix, register_no)
            if own:
                scope = f"register:{prefix}:{own[0]}"
                taken[scope] = max(taken.get(scope, 0), own[1])
        return taken


CHECKED: tuple[Checked, ...] = (
    IssuedPapers(),
    ChainPositions(),
    StoredPapers(),
    ToldTable(DocumentEvent, _ends, key=("act_id",)),
    PreparedPapers(),
    Series(),
)
"""What of the papers is held to the journal."""


_HASH = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class StoredFiles:
    """Every file in the store of papers, whether a paper names it or not.

    A paper whose issue failed may have left its file. It still tells which head of the journal it saw: where papers and
    entries were taken away together, their files contradict the journal.
    """

    name: str = "stored files"

    def differences(self) -> Iterator[str]:
        named = set(db.session.scalars(sa.select(Document.sha256)))
        for path in _files(_settings().documents_dir):
            problem = self._problem(path, named)
            if problem:
                yield f"{self.name}: {path}: {problem}"

    def _problem(self, path: Path, named: set[str]) -> str | None:
        if not _HASH.fullmatch(path.name) or path.parent.name != path.name[:2]:
            return "it does not belong there"
        try:
            content = path.read_bytes()
        except OSError as error:
            return f"it cannot be read: {error.strerror}"
        if hashlib.sha256(content).hexdigest() != path.name:
            return "it is damaged"
        if path.name in named:
            return None
        try:
            claim = offline_token.check_file(content, _signer()).claim
        except offline_token.TokenError:
            return None
        return seal.missing(claim.chain_sequence, claim.chain_head, f"paper {claim.number}, which no row names,")


def _files(folder: Path) -> Iterator[Path]:
    """Every finished file below ``folder``; a name with a leading point is a write under way."""
    yield from (path for path in sorted(folder.rglob("*")) if path.is_file() and not path.name.startswith("."))


class Drafts:
    """The drafts of prepared papers that wait for approval."""

    name = "drafts"

    def differences(self) -> Iterator[str]:
        drafts = sa.select(DocumentRequest.id, DocumentRequest.draft).where(
            DocumentRequest.status == str(rules.RequestStatus.PREPARED)
        )
        for key, draft in db.session.execute(drafts):
            try:
                storage.read(_settings().drafts_dir, draft or "")
            except storage.StorageError as error:
                yield f"{self.name}: the draft of request {key}: {error}"


FILES: tuple[Checked, ...] = (StoredFiles(), Drafts())
"""What is looked at besides when all stored files are asked for."""
