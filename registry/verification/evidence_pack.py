"""The evidence pack of a period: everything somebody needs to check it far from the registry, in one ZIP file.

It holds the papers about the period byte for byte, the registers as CSV with the columns of ``exchange.md`` 2, the
indicators, the journal from the period's beginning on, the public keys, and the page that checks all of it in a browser
without a network. ``manifest.json`` names every file with its SHA-256 and is signed with the registry's own key.

The head of the journal fixes what is in it, so the same period packed at the same head gives the same bytes, whenever
and wherever: nothing is compressed, and nothing tells the day or the machine. There is no e-mail, no phone and no
whole IIN in it; the journal holds commitments instead of personal values anyway.

=========  ===========================================================================================
file       content
=========  ===========================================================================================
papers/    each paper under its number
data/      each register as CSV; ``indicators.json`` as the command writes it, for all and each territory;
           ``attachments.csv``: which file belongs to which report and line, with its SHA-256 and its entry
files/     each file attached to a report of the period that was sent, under its number
journal/   ``entries.txt``: one line an entry, its hash, a space, and the text whose SHA-256 it is; in the pack of
           one territory, entries about others are their hash alone
keys/      the public keys, PEM
signed     ``Tizilim pack 1`` LF and the SHA-256 of ``manifest.json``; ``manifest.sig`` is that in hex
=========  ===========================================================================================
"""

from __future__ import annotations

import hashlib
import json
import re
import zipfile
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from datetime import date, datetime, time
from typing import IO, Any

import sqlalchemy as sa
from flask import current_app

from registry.attachments import kept
from registry.attachments import queries as attachments
from registry.attachments.models import Attachment
from registry.attachments.rules import ending
from registry.config import Settings
from registry.exchange import queries as exchange
from registry.exchange.rules import LAYOUTS, cell_text
from registry.exchange.rules import Kind as Register
from registry.indicators import queries as indicators
from registry.infra import storage
from registry.infra.access import SYSTEM, Permission, Viewer
from registry.infra.clock import ALMATY, local_date
from registry.infra.db import db, one_look, transaction
from registry.infra.i18n import LANGUAGES, name_in
from registry.infra.sheets import csv_bytes
from registry.journal import queries as journal
from registry.journal.rules import GENESIS, encode, entry_text
from registry.paper_kinds import rules
from registry.paper_kinds.rules import ALL_TERRITORIES, Period
from registry.papers import queries
from registry.papers.lease import Run
from registry.papers.models import Document, DocumentAct, DocumentRequest
from registry.patents import queries as patents
from registry.patents.models import Patent
from registry.reports.models import Report, ReportingPeriod, ReportLine
from registry.reports.rules import Status
from registry.residents.models import Resident
from registry.signing import keys
from registry.territories.models import Territory
from registry.territories.queries import all_territories
from registry.territories.rules import mask_iin
from registry.verification import offline_page

FORMAT = "tizilim-pack/1"
"""Name and version of the manifest's layout."""

FORMAT_OF_A_TERRITORY = "tizilim-pack/2"
"""The same for a pack whose journal holds lines of a hash alone, which pages of before cannot read."""

_SIGNED = b"Tizilim pack 1\n"
_TWELVE_DIGITS = re.compile(r"(?<!\d)\d{12}(?!\d)")
_PRIVATE = frozenset({"email", "phone"})
"""Columns that stay empty in a pack: contacts are nobody's business outside."""

Progress = Callable[[int, int], None]
"""Hears papers done and papers in all."""


@dataclass(frozen=True)
class Wanted:
    """The period a pack is about: a year, or one of its quarters; of one territory, or of all."""

    year: int
    quarter: int | None
    scope: str = ALL_TERRITORIES
    territory_id: int | None = None
    territory: str | None = None
    """The territory's code."""

    @property
    def first(self) -> date:
        return Period(self.last, self.year, self.quarter).first

    @property
    def last(self) -> date:
        return rules.quarter_end(self.year, self.quarter or 4)

    @property
    def name(self) -> str:
        """What the pack is called: ``tizilim-NU-2026-Q3``."""
        return f"tizilim-{self.scope}-{self.year}" + (f"-Q{self.quarter}" if self.quarter else "")

    @property
    def file_name(self) -> str:
        return f"{self.name}.zip"

    @property
    def reader(self) -> Viewer:
        """Who reads for the pack: the registry itself, but for one territory as if there were no other."""
        return SYSTEM.limited_to(self.territory_id)


def wanted(actor: Viewer, year: int, quarter: int | None, territory: Territory | None) -> Wanted:
    """Check what was asked for.

    :raises NotAllowed: when the actor's role may not have registers, or the actor not those of all territories.
    :raises NotFound: for another territory than the actor's.
    :raises DomainError: for a year or a quarter there is not.
    """
    actor.require_in(territory.id if territory else None, Permission.ISSUE_REGISTERS)
    rules.check_year(year, quarter)
    if territory is None:
        return Wanted(year, quarter)
    return Wanted(year, quarter, territory.prefix, territory.id, territory.code)


@dataclass(frozen=True)
class Head:
    """The last entry of the journal when the pack was made; ``day`` is the day of that entry in Asia/Almaty."""

    sequence: int
    hash: str
    recorded_at: datetime

    @property
    def day(self) -> date:
        return local_date(self.recorded_at)


@dataclass(frozen=True)
class Packed:
    """A pack that was written: how many papers and files, and the journal's entry it rests on."""

    papers: int
    files: int
    sequence: int


@dataclass(frozen=True)
class Contents:
    """What goes into a pack, read at one moment: files by path, and what the manifest says besides."""

    wanted: Wanted
    head: Head
    papers: list[dict[str, Any]]
    files: dict[str, bytes]
    attached: list[tuple[str, str]]
    """Path and SHA-256 of each file attached to a report."""
    about: dict[str, Any]


def asked(request: DocumentRequest) -> Wanted:
    """The pack a request asks for."""
    if request.report_year is None:
        raise ValueError("a pack is about a year")
    territory = db.session.get(Territory, request.territory_id) if request.territory_id else None
    return wanted(SYSTEM, request.report_year, request.report_quarter, territory)


def make(run: Run, progress: Progress) -> None:
    """The worker's part: make the pack a request asks for, and keep it for a few days."""
    contents = collect(asked(db.session.get_one(DocumentRequest, run.request_id)))
    folder = _settings().drafts_dir
    sha256, packed = storage.store_written(folder, lambda file: write(contents, file, progress=progress))
    with transaction():
        run.packed(sha256, packed.sequence)


def collect(wanted: Wanted) -> Contents:
    """Read all a pack says in one look at the database. It reads for the registry itself: the caller checks the right.

    Not to be called inside a transaction: it ends the session's.
    """
    db.session.rollback()
    with one_look():
        last = journal.head()
        at = Head(last.count, last.hash, last.recorded_at)
        papers = _papers(wanted)
        as_of = min(wanted.last, at.day)
        files, rows = {}, {}
        for kind in LAYOUTS:
            rows[f"data/{kind}.csv"], files[f"data/{kind}.csv"] = _register(wanted, kind, as_of)
        files["data/indicators.json"] = _indicators(wanted, as_of)
        attached = _attached(wanted)
        rows["data/attachments.csv"], files["data/attachments.csv"] = len(attached), _table_of(attached)
        files["journal/entries.txt"], segment = _segment(wanted, papers, at)
        scope = [row for row in all_territories() if wanted.territory_id in (None, row.id)]
        about = {
            "territories": [row.prefix for row in scope],
            "territory_names": {
                row.prefix: {language: name_in(row, language) for language in LANGUAGES} for row in scope
            },
            "as_of": as_of.isoformat(),
            "rows": rows,
            "journal": segment,
        }
        return Contents(
            wanted, at, _about(papers, at), files, [(_path_of(row), row.sha256) for row, *_of in attached], about
        )


def write(contents: Contents, target: IO[bytes], *, progress: Progress | None = None) -> Packed:
    """Write a pack to ``target``.

    :raises StorageError: when the stored file of a paper or an attachment is missing or damaged; then there is no pack.
    """
    # Compression would differ with the library's version; stored files are readable by the simplest program.
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        return _fill(contents, _Book(archive, contents.wanted.name), progress or _silent)


def _fill(contents: Contents, book: _Book, progress: Progress) -> Packed:
    wanted, at, settings = contents.wanted, contents.head, _settings()
    for done, paper in enumerate(contents.papers):
        progress(done, len(contents.papers))
        book.add(paper["file"], storage.read(settings.documents_dir, paper["sha256"]))
    for path, content in contents.files.items():
        book.add(path, content)
    for path, sha256 in contents.attached:
        book.add_parts(path, kept.store().parts(sha256), sha256)
    for name, text in keys.public_keys(settings.keys_dir).items():
        book.add(f"keys/{name}.pem", text.encode())
    book.add(offline_page.FILE_NAME, offline_page.page(keys.raw_public_keys(settings.keys_dir)))
    book.add("README.txt", offline_page.read_me().encode())
    sums = "".join(f"{about['sha256']}  {path}\n" for path, about in sorted(book.files.items()))
    book.add("SHA256SUMS", sums.encode())
    manifest = contents.about | {
        "format": FORMAT if wanted.territory_id is None else FORMAT_OF_A_TERRITORY,
        "scope": wanted.scope,
        "year": wanted.year,
        "quarter": wanted.quarter,
        "head": {"sequence": at.sequence, "hash": at.hash, "recorded_at": at.recorded_at.isoformat()},
        "papers": contents.papers,
        "files": dict(book.files),
    }
    content = json.dumps(manifest, ensure_ascii=False, sort_keys=True, indent=1, default=encode).encode()
    signature = keys.sign(settings.keys_dir, _SIGNED + hashlib.sha256(content).digest())
    book.add("manifest.json", content)
    book.add("manifest.sig", signature.hex().encode() + b"\n")
    progress(len(contents.papers), len(contents.papers))
    return Packed(len(contents.papers), len(book.files), at.sequence)


def _silent(_done: int, _total: int) -> None:
    """Nobody wants to know."""


def _settings() -> Settings:
    return current_app.config["SETTINGS"]


class _Book:
    """A ZIP file whose bytes follow from what is put in, and the hashes of what was."""

    def __init__(self, archive: zipfile.ZipFile, name: str) -> None:
        self._zip = archive
        self._name = name
        self.files: dict[str, dict[str, Any]] = {}

    def add(self, path: str, content: bytes) -> None:
        self._zip.writestr(self._entry(path), content)
        self.files[path] = {"sha256": hashlib.sha256(content).hexdigest(), "size": len(content)}

    def add_parts(self, path: str, parts: Iterable[bytes], sha256: str) -> None:
        """Add a stored file, never all of it in memory.

        :raises StorageError: when its bytes are not those of its hash.
        """
        found, size = hashlib.sha256(), 0
        with self._zip.open(self._entry(path), "w") as file:
            for part in parts:
                file.write(part)
                found.update(part)
                size += len(part)
        if found.hexdigest() != sha256:
            raise storage.StorageError(f"the stored file {sha256} is damaged")
        self.files[path] = {"sha256": sha256, "size": size}

    def _entry(self, path: str) -> zipfile.ZipInfo:
        entry = zipfile.ZipInfo(f"{self._name}/{path}", (1980, 1, 1, 0, 0, 0))
        entry.create_system, entry.external_attr = 3, 0o644 << 16
        return entry


# --- papers ---


def _papers(wanted: Wanted) -> list[Document]:
    """The papers issued about the period, whatever became of them, by number.

    Those of a period are about it when they name it; those of a day, when their day lies in it.
    """
    quarters = DocumentAct.report_quarter == wanted.quarter if wanted.quarter else sa.true()
    about = sa.or_(
        sa.and_(DocumentAct.report_year == wanted.year, quarters),
        sa.and_(DocumentAct.report_year.is_(None), DocumentAct.as_of.between(wanted.first, wanted.last)),
    )
    statement = (
        sa.select(Document).join(DocumentAct, Document.act_id == DocumentAct.id).where(about).order_by(Document.number)
    )
    if wanted.territory_id is not None:
        statement = statement.where(DocumentAct.territory_id == wanted.territory_id)
    return list(db.session.scalars(statement))


def _file_of(paper: Document) -> str:
    return f"papers/{paper.number}.pdf"


def _about(papers: list[Document], at: Head) -> list[dict[str, Any]]:
    """What the registry says of each paper, as of the day of the journal's last entry."""
    standing = queries.validities(papers, at.day)
    found = []
    for paper in papers:
        act, held = paper.act, standing[paper.id]
        found.append(
            {
                "number": paper.number,
                "kind": act.kind,
                "language": paper.language,
                "file": _file_of(paper),
                "sha256": paper.sha256,
                "code": paper.code,
                "issued_on": act.issued_on.isoformat(),
                "as_of": act.as_of.isoformat(),
                "data_hash": act.data_hash,
                "chain": {"sequence": act.chain_sequence, "hash": act.chain_hash},
                "state": str(held.state),
                "ended": {name: value for name, value in asdict(held).items() if name != "state" and value},
            }
        )
    return found


# --- data ---


def _register(wanted: Wanted, kind: Register, as_of: date) -> tuple[int, bytes]:
    """How many rows a register has, and the register itself as CSV, as of the period's end."""
    layout = exchange.layout_of(kind)
    rows = exchange.export_values(wanted.reader, kind, territory=wanted.territory, as_of=as_of)
    content = csv_bytes(
        layout.names,
        (
            [
                "" if column.name in _PRIVATE else _masked(cell_text(column, row.get(column.name)))
                for column in layout.columns
            ]
            for row in rows
        ),
    )
    return len(rows), content


_ATTACHED = (
    "number", "file", "bin", "year", "quarter", "version", "line", "section", "code", "name", "size", "sha256", "entry",
    "withdrawn_on",
)  # fmt: skip
"""The columns of ``attachments.csv``."""


def _attached(wanted: Wanted) -> list[tuple[Attachment, Any]]:
    """The files of the period's reports that were sent, each with its report (BIN, year, quarter, version) and line."""
    quarters = ReportingPeriod.quarter == wanted.quarter if wanted.quarter else sa.true()
    reports = {
        row.id: row
        for row in db.session.execute(
            sa.select(Report.id, Resident.bin, ReportingPeriod.year, ReportingPeriod.quarter, Report.version)
            .join(Resident, Report.resident_id == Resident.id)
            .join(ReportingPeriod, Report.period_id == ReportingPeriod.id)
            .where(
                ReportingPeriod.year == wanted.year,
                quarters,
                Report.status != Status.DRAFT,
                *wanted.reader.within(ReportingPeriod.territory_id),
            )
        )
    }
    found = [row for row in attachments.of_reports() if row.subject_id in reports]
    return [(row, reports[row.subject_id]) for row in found]


def _path_of(row: Attachment) -> str:
    return f"files/{row.id}.{ending(row.file_name or '')}"


def _table_of(attached: list[tuple[Attachment, Any]]) -> bytes:
    lines = {
        (line.report_id, line.line_id): (line.section, line.code)
        for line in db.session.execute(
            sa.select(ReportLine.report_id, ReportLine.line_id, ReportLine.section, ReportLine.code).where(
                ReportLine.line_id.in_(sorted({row.line_id for row, _of in attached if row.line_id is not None}))
            )
        )
    }
    return csv_bytes(
        _ATTACHED,
        (
            [
                str(row.id),
                _path_of(row),
                _masked(of.bin),
                str(of.year),
                str(of.quarter),
                str(of.version),
                "" if row.line_id is None else str(row.line_id),
                *lines.get((row.subject_id, row.line_id), ("", "")),
                _masked(row.file_name or ""),
                str(row.size),
                row.sha256,
                str(row.recorded_in),
                "" if row.withdrawn_at is None else local_date(row.withdrawn_at).isoformat(),
            ]
            for row, of in attached
        ),
    )


def _masked(text: str) -> str:
    """A text with every IIN in it masked."""
    return _TWELVE_DIGITS.sub(lambda found: mask_iin(found[0]), text)


def _indicators(wanted: Wanted, as_of: date) -> bytes:
    """The year's indicators, for all territories (or the pack's own) and for each."""
    found = indicators.by_territory(SYSTEM, year=wanted.year, as_of=as_of)
    codes = {row.id: row.code for row in all_territories()}
    content = [
        {
            "year": wanted.year,
            "territory": codes.get(key) if key else None,
            "as_of": as_of.isoformat(),
            "indicators": [value.as_json() for value in values],
        }
        for key, values in found.items()
        if wanted.territory_id in (None, key)
    ]
    return json.dumps(content, ensure_ascii=False, indent=1).encode()


# --- the journal ---


def _segment(wanted: Wanted, papers: list[Document], at: Head) -> tuple[bytes, dict[str, Any]]:
    """From the first entry recorded in the period, or earlier where a paper was made at an earlier head, to the last.

    Of a pack of one territory, entries about others are their hash alone, so that the chain is whole all the same.
    To the very last, since what happened in the period may be recorded, corrected or printed long after it.
    """
    begin = datetime.combine(wanted.first, time(), ALMATY)
    first = max(1, min([journal.first_recorded(begin) or at.sequence, *(row.act.chain_sequence for row in papers)]))
    visible = None if wanted.territory_id is None else _visible(wanted.reader, first, at.sequence)
    lines, before = [], GENESIS
    for entry in journal.entries(first, at.sequence):
        before = before if lines else entry["prev_hash"]
        shown = visible is None or entry["sequence"] in visible
        lines.append(f"{entry['hash']} {entry_text(entry)}\n" if shown else f"{entry['hash']}\n")
    about = {"file": "journal/entries.txt", "first": first, "entries": len(lines), "before": before, "last": at.hash}
    return "".join(lines).encode(), about


def _visible(reader: Viewer, first: int, last: int) -> frozenset[int]:
    """The entries that say nothing of other territories, by their sequence.

    An entry cannot be covered in part, since its hash is that of its whole text: one about a common patent that names a
    holder of another territory by BIN is none of them.
    """
    bins = {
        sequence: frozenset(_TWELVE_DIGITS.findall(changes)) if subject == Patent.__tablename__ else frozenset()
        for sequence, subject, changes in journal.existing(reader, first, last)
    }
    foreign = patents.foreign_holders(reader, frozenset().union(*bins.values())).keys()
    return frozenset(sequence for sequence, named in bins.items() if named.isdisjoint(foreign))
