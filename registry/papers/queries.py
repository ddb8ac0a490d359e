"""Reading issued papers and the requests for them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import current_app

from registry.errors import Conflict, DomainError, NotFound
from registry.indicators import queries as indicators
from registry.indicators.queries import CountedPatent
from registry.infra import beside, storage
from registry.infra.access import SYSTEM, Permission, Viewer
from registry.infra.clock import local_date
from registry.infra.db import db, in_parts
from registry.infra.i18n import lazy
from registry.journal import queries as journal
from registry.paper_kinds import kinds
from registry.paper_kinds.kinds import KINDS
from registry.papers import rules
from registry.papers.models import Document, DocumentAct, DocumentEvent, DocumentRequest, PaperCheck
from registry.papers.rules import End, RequestStatus, Validity
from registry.printing import embedded_data, pdf, spreadsheet, trace_codes
from registry.printing.layout import Source
from registry.printing.trace_codes import TracedTotal
from registry.reports import accepted, totals
from registry.reports.accepted import LineRecord
from registry.reports.rules import Section
from registry.residents import queries as residents
from registry.residents.models import Resident, StatusChange
from registry.residents.rules import Change
from registry.territories.models import Territory


def visible(viewer: Viewer) -> list[sa.ColumnElement[bool]]:
    """Conditions that leave a viewer the papers it may see: a resident those about its own entries.

    Whoever is limited to some territories sees theirs; a paper of all territories is nobody's but who has all.
    """
    conditions = viewer.within(DocumentAct.territory_id)
    if viewer.company_bin is not None:
        own = sa.select(Resident.id).where(Resident.bin == viewer.company_bin)
        conditions.append(DocumentAct.resident_id.in_(own))
    return conditions


def list_statement(
    viewer: Viewer,
    *,
    kind: str = "",
    year: int | None = None,
    language: str = "",
    number: str = "",
    territory_id: int | None = None,
    resident_id: int | None = None,
) -> sa.Select[Document]:
    """The issued papers, the newest first; ``year`` is that of issue."""
    statement = sa.select(Document).join(DocumentAct, Document.act_id == DocumentAct.id).where(*visible(viewer))
    if kind:
        statement = statement.where(DocumentAct.kind == kind)
    if year is not None:
        statement = statement.where(DocumentAct.year == year)
    if language:
        statement = statement.where(Document.language == language)
    statement = statement.where(*_numbered(number))
    if territory_id is not None:
        statement = statement.where(DocumentAct.territory_id == territory_id)
    if resident_id is not None:
        statement = statement.where(DocumentAct.resident_id == resident_id)
    return statement.order_by(Document.issued_at.desc(), Document.id.desc())


def _numbered(typed: str) -> list[sa.ColumnElement[bool]]:
    """Conditions that leave the papers whose number holds what was typed: its pieces in any order, or as one word.

    A few digits are the whole of a part, leading zeros aside: ``ext 2026 12`` is the twelfth extract.
    """
    pieces = rules.pieces_of(typed)
    if pieces is None:
        return []
    plain = sa.func.upper(Document.number)
    together = sa.func.replace(plain, "-", "").contains("".join(pieces))
    parts = [
        sa.or_(*(("-" + plain + "-").contains(f"-{digits}-") for digits in {piece, piece.zfill(rules.SERIAL_DIGITS)}))
        if piece.isdecimal() and len(piece) < FEW_DIGITS
        else plain.contains(piece)
        for piece in pieces
    ]
    return [sa.or_(together, sa.and_(*parts))] if pieces else [sa.false()]


FEW_DIGITS = 4
"""From how many digits on a piece of a paper's number may stand anywhere in it."""


def ids_numbered(number: str) -> list[int]:
    """The papers of this number, that of an act with or without the language, whoever may see them."""
    pieces = rules.pieces_of(number)
    if not pieces:
        return []
    wanted = "".join(pieces)
    both = (sa.func.replace(sa.func.upper(column), "-", "") for column in (Document.number, DocumentAct.number))
    statement = sa.select(Document.id).join(DocumentAct, Document.act_id == DocumentAct.id)
    return list(db.session.scalars(statement.where(sa.or_(*(text == wanted for text in both)))))


def years(viewer: Viewer) -> list[int]:
    """The years in which papers the viewer may see were issued, the latest first."""
    statement = sa.select(DocumentAct.year).where(*visible(viewer)).distinct().order_by(DocumentAct.year.desc())
    return list(db.session.scalars(statement))


def get_document(document_id: int, viewer: Viewer) -> Document:
    """:raises NotFound: when there is no such paper or it is about another company."""
    statement = sa.select(Document).join(DocumentAct, Document.act_id == DocumentAct.id)
    found = db.session.scalar(statement.where(Document.id == document_id, *visible(viewer)))
    if found is None:
        raise NotFound(lazy("There is no such paper."))
    return found


def by_number(viewer: Viewer, number: str) -> Document:
    """The paper with this printed number; the number of an act with one paper only will do as well.

    :raises NotFound: when there is no such paper or it is about another company.
    :raises DomainError: when the act has papers in several languages and the number names none.
    """
    viewer.require(Permission.VIEW_DOCUMENTS)
    wanted = number.strip().removeprefix("№").strip()
    statement = sa.select(Document).join(DocumentAct, Document.act_id == DocumentAct.id).where(*visible(viewer))
    found = db.session.scalar(statement.where(Document.number == wanted))
    if found is None:
        papers = db.session.scalars(statement.where(DocumentAct.number == wanted).order_by(Document.number)).all()
        if len(papers) > 1:
            raise DomainError(
                lazy("Name the language too: %(numbers)s.", numbers=", ".join(paper.number for paper in papers)),
                "number",
            )
        found = next(iter(papers), None)
    if found is None:
        raise NotFound(lazy("There is no paper with the number %(number)s.", number=wanted), "number")
    return found


def act_by_number(viewer: Viewer, number: str) -> DocumentAct:
    """The act with this number, or the one a paper with this printed number belongs to.

    :raises NotFound: when there is no such act or it is about another company.
    """
    viewer.require(Permission.VIEW_DOCUMENTS)
    wanted = number.strip().removeprefix("№").strip()
    found = db.session.scalar(
        sa.select(DocumentAct)
        .outerjoin(Document, Document.act_id == DocumentAct.id)
        .where(sa.or_(DocumentAct.number == wanted, Document.number == wanted), *visible(viewer))
        .limit(1)
    )
    if found is None:
        raise NotFound(lazy("There is no paper with the number %(number)s.", number=wanted), "number")
    return found


def by_code(code: str) -> Document | None:
    """The paper with this verification code, whoever asks."""
    return db.session.scalar(sa.select(Document).where(Document.code == rules.clean_code(code)))


def papers_numbered(number: str) -> list[Document]:
    """The paper with this printed number, or all papers of the act with this number, whoever asks."""
    statement = sa.select(Document).join(DocumentAct, Document.act_id == DocumentAct.id)
    named = sa.or_(Document.number == number, DocumentAct.number == number)
    return list(db.session.scalars(statement.where(named).order_by(Document.number)))


def by_hash(sha256: str) -> Document | None:
    """The paper whose bytes have this hash, whoever asks."""
    return db.session.scalar(sa.select(Document).where(Document.sha256 == sha256))


def get_bytes(document: Document) -> bytes:
    """The stored bytes of a paper.

    :raises StorageError: when they are missing or damaged.
    """
    return storage.read(current_app.config["SETTINGS"].documents_dir, document.sha256)


def data_of(document: Document) -> list[pdf.Attachment]:
    """The data inside a paper, as files by name, from its stored bytes.

    :raises StorageError: when they are missing or damaged.
    """
    return pdf.attached(get_bytes(document))


def data_names(document: Document) -> list[str]:
    """The names of the files inside a paper; none when its stored file cannot be read."""
    try:
        return [file.name for file in data_of(document)]
    except (storage.StorageError, ValueError):
        return []


def data_file(document: Document, name: str) -> pdf.Attachment:
    """:raises NotFound: when the paper holds no such file."""
    found = next((file for file in data_of(document) if file.name == name), None)
    if found is None:
        raise NotFound(lazy("There is no such file in this paper."))
    return found


def spreadsheet_of(document: Document) -> bytes:
    """The tables of a paper as XLSX, made from its snapshot and compared with the tables inside its stored bytes.

    :raises Conflict: when the program would print them differently today, so that they would not be the paper's.
    """
    paper = kinds.compose(kinds.load(document.act.snapshot), document.language)
    if json.loads(data_file(document, embedded_data.JSON_NAME).content)["printed"] != embedded_data.printed(paper):
        raise Conflict(
            lazy("The program has since changed how it prints these tables: take the data that is inside the paper.")
        )
    return spreadsheet.paper_xlsx(paper)


def languages_of(act: DocumentAct) -> list[Document]:
    """The papers of one act."""
    return list(db.session.scalars(sa.select(Document).where(Document.act_id == act.id).order_by(Document.language)))


def find_act(request_key: str, data_hash: str, *, besides: int | None = None) -> DocumentAct | None:
    """The act of issue that already answered this request with this data and was neither revoked nor replaced.

    ``besides`` is the act about to be replaced, which does not count either.
    """
    statement = (
        sa.select(DocumentAct)
        .where(DocumentAct.request_key == request_key, DocumentAct.data_hash == data_hash)
        .where(~sa.exists().where(DocumentEvent.act_id == DocumentAct.id))
        .order_by(DocumentAct.edition.desc())
        .limit(1)
    )
    return db.session.scalar(statement if besides is None else statement.where(DocumentAct.id != besides))


def act_issued_last(request_key: str, *, besides: int | None = None) -> DocumentAct | None:
    """The last act of issue that answers this request, with whatever data, and was neither revoked nor replaced."""
    statement = (
        sa.select(DocumentAct)
        .where(DocumentAct.request_key == request_key, DocumentAct.id.is_distinct_from(besides))
        .where(~sa.exists().where(DocumentEvent.act_id == DocumentAct.id))
        .order_by(DocumentAct.id.desc())
        .limit(1)
    )
    return db.session.scalar(statement)


def only_its_issue_since(act: DocumentAct) -> bool:
    """Whether all the journal tells of an act's territories since its data were read is how its papers came to be."""
    papers = sa.select(Document.id).where(Document.act_id == act.id)
    requests = sa.select(DocumentRequest.id).where(DocumentRequest.document_id.in_(papers))
    ended = sa.select(DocumentEvent.act_id).where(DocumentEvent.replaced_by_id == act.id)
    return not journal.recorded_besides(
        SYSTEM.limited_to(act.territory_id),
        act.chain_sequence,
        {Document.__tablename__: papers, DocumentRequest.__tablename__: requests, DocumentAct.__tablename__: ended},
    )


def last_edition(request_key: str, data_hash: str) -> int:
    """How many acts answered this request with this data, those included that were revoked or replaced."""
    statement = sa.select(sa.func.max(DocumentAct.edition)).where(
        DocumentAct.request_key == request_key, DocumentAct.data_hash == data_hash
    )
    return db.session.scalar(statement) or 0


def end_of(act: DocumentAct) -> DocumentEvent | None:
    """How an act was ended, if it was."""
    return db.session.scalar(sa.select(DocumentEvent).where(DocumentEvent.act_id == act.id))


def find_paper(act: DocumentAct, language: str) -> Document | None:
    """The act's paper in a language, if it was printed."""
    return db.session.scalar(sa.select(Document).where(Document.act_id == act.id, Document.language == language))


def validities(documents: Iterable[Document], day: date) -> dict[int, Validity]:
    """Whether each of these papers still holds on ``day``, by their ids; three statements for every part of them."""
    documents = list(documents)
    ends: dict[int, End] = {}
    for some in in_parts(sorted({document.act_id for document in documents})):
        for event in db.session.scalars(
            sa.select(DocumentEvent).where(DocumentEvent.act_id.in_(some)).order_by(DocumentEvent.id)
        ):
            replaced_by = event.replaced_by.number if event.replaced_by else None
            ends[event.act_id] = End(event.effective_on, event.reason, replaced_by)
    annulled: dict[int, date | None] = {}
    excluded: dict[int, date] = {}
    entries = {document.act.resident_id for document in documents if document.act.resident_id is not None}
    for some in in_parts(sorted(entries)):
        for key, moment in db.session.execute(
            sa.select(Resident.id, Resident.annulled_at).where(Resident.id.in_(some)).order_by(Resident.id)
        ):
            annulled[key] = local_date(moment) if moment else None
        for key, effective_on in db.session.execute(
            sa.select(StatusChange.resident_id, StatusChange.effective_on)
            .where(
                StatusChange.resident_id.in_(some),
                StatusChange.change == Change.EXCLUDED,
                StatusChange.annulled_at.is_(None),
            )
            .order_by(StatusChange.id)
        ):
            excluded[key] = effective_on
    return {
        document.id: rules.validity(
            KINDS[document.act.kind],
            excluded_on=excluded.get(document.act.resident_id or 0),
            annulled_on=annulled.get(document.act.resident_id or 0),
            day=day,
            end=ends.get(document.act_id),
        )
        for document in documents
    }


def validity(document: Document, day: date) -> Validity:
    """Whether one paper still holds on ``day``."""
    return validities([document], day)[document.id]


def entry_for(viewer: Viewer, bin_: str, day: date, territory: Territory | None) -> Resident:
    """The entry of a company a paper is about: in ``territory``, or in the only one where it has entries.

    :raises NotFound: when the company is unknown, or another than the viewer's own.
    :raises DomainError: when it has entries in several territories and none was named.
    """
    if viewer.company_bin is not None and bin_ != viewer.company_bin:
        raise NotFound(lazy("There is no participant with the BIN %(bin)s.", bin=bin_), "resident")
    try:
        return residents.entry_for_paper(territory or residents.territory_of(viewer, bin_), bin_, day)
    except NotFound as error:
        raise NotFound(error.message, "resident") from None


# --- requests ---


def get_request(request_id: int, viewer: Viewer) -> DocumentRequest:
    """:raises NotFound: when there is no such request or it is another person's; staff see all of their territories."""
    found = db.session.scalar(sa.select(DocumentRequest).where(DocumentRequest.id == request_id, *_requests_of(viewer)))
    own = found is not None and found.requested_by == viewer.user_id
    if found is None or not (own or viewer.may(Permission.ISSUE_REGISTERS)):
        raise NotFound(lazy("There is no such request."))
    return found


def _requests_of(viewer: Viewer) -> list[sa.ColumnElement[bool]]:
    """Conditions that leave the requests for papers of territories that exist for a viewer."""
    return viewer.within(DocumentRequest.territory_id)


def open_requests(viewer: Viewer, *, since: date | None = None, limit: int = 10) -> list[DocumentRequest]:
    """The viewer's requests that are under way, failed or wait for approval, the newest first.

    With ``since``, of those that failed or were declined only the ones asked for from that day on.
    """
    conditions: list[sa.ColumnElement[bool]] = [
        DocumentRequest.requested_by == viewer.user_id,
        DocumentRequest.status != RequestStatus.DONE,
        *_requests_of(viewer),
    ]
    statement = sa.select(DocumentRequest).where(*conditions).order_by(DocumentRequest.id.desc()).limit(limit)
    found = list(db.session.scalars(statement))
    waiting = RequestStatus.PREPARED
    return (
        found
        if since is None
        else [row for row in found if row.status == waiting or local_date(row.requested_at) >= since]
    )


def same_pack(request: DocumentRequest) -> DocumentRequest | None:
    """A pack made of what this request asks for since when nothing was recorded, if it is still kept."""
    compared = ("territory_id", "report_year", "report_quarter")
    found = db.session.scalars(
        sa.select(DocumentRequest)
        .where(
            *(getattr(DocumentRequest, name).is_not_distinct_from(getattr(request, name)) for name in compared),
            DocumentRequest.chain_sequence == journal.head().count,
            *_KEPT_PACK,
        )
        .order_by(DocumentRequest.id.desc())
    )
    return next((row for row in found if _file_of_pack(row) is not None), None)


_KEPT_PACK = (
    DocumentRequest.kind == rules.EVIDENCE,
    DocumentRequest.status == RequestStatus.DONE,
    DocumentRequest.draft.is_not(None),
)


def packs(viewer: Viewer, *, limit: int = 20) -> list[DocumentRequest]:
    """The evidence packs that can be downloaded, the newest first; they belong to all who may have registers."""
    viewer.require(Permission.ISSUE_REGISTERS)
    statement = sa.select(DocumentRequest).where(*_KEPT_PACK, *_requests_of(viewer))
    return list(db.session.scalars(statement.order_by(DocumentRequest.id.desc()).limit(limit)))


def get_pack(request_id: int, viewer: Viewer) -> tuple[DocumentRequest, Path]:
    """An evidence pack and its file.

    :raises NotFound: when there is no such pack, or it is no longer kept.
    """
    viewer.require(Permission.ISSUE_REGISTERS)
    found = db.session.scalar(
        sa.select(DocumentRequest).where(DocumentRequest.id == request_id, *_KEPT_PACK, *_requests_of(viewer))
    )
    path = _file_of_pack(found) if found is not None else None
    if found is None or path is None:
        raise NotFound(lazy("This evidence pack is no longer kept: make it again."))
    return found, path


def _file_of_pack(request: DocumentRequest) -> Path | None:
    path = storage.path_of(current_app.config["SETTINGS"].drafts_dir, request.draft or "")
    return path if path.exists() else None


def _awaiting(viewer: Viewer) -> list[sa.ColumnElement[bool]]:
    return [
        DocumentRequest.status == RequestStatus.PREPARED,
        DocumentRequest.requested_by.is_distinct_from(viewer.user_id),
        *_requests_of(viewer),
    ]


def awaiting_approval(viewer: Viewer, *, limit: int = 50) -> list[DocumentRequest]:
    """What others prepared and this viewer may approve, the oldest first."""
    if not viewer.may(Permission.APPROVE_DOCUMENTS):
        return []
    statement = sa.select(DocumentRequest).where(*_awaiting(viewer))
    return list(db.session.scalars(statement.order_by(DocumentRequest.prepared_at, DocumentRequest.id).limit(limit)))


def count_awaiting_approval(viewer: Viewer) -> int:
    """How many papers others prepared wait for this viewer's approval."""
    if not viewer.may(Permission.APPROVE_DOCUMENTS):
        return 0
    return db.session.scalar(sa.select(sa.func.count()).select_from(DocumentRequest).where(*_awaiting(viewer))) or 0


def latest_requests(viewer: Viewer, *, limit: int = 5) -> list[DocumentRequest]:
    """What the viewer asked for last, whatever became of it."""
    statement = sa.select(DocumentRequest).where(DocumentRequest.requested_by == viewer.user_id, *_requests_of(viewer))
    return list(db.session.scalars(statement.order_by(DocumentRequest.id.desc()).limit(limit)))


def get_draft(request: DocumentRequest) -> bytes:
    """The watermarked print of a prepared paper.

    :raises NotFound: when it was decided on, or was not prepared yet.
    """
    if request.draft is None or request.kind == rules.EVIDENCE:
        raise NotFound(lazy("There is no draft of this paper."))
    try:
        return storage.read(current_app.config["SETTINGS"].drafts_dir, request.draft)
    except storage.StorageError:
        raise NotFound(lazy("The draft's file is no longer kept: ask for the paper again.")) from None


def total_of(document: Document, code: str) -> TracedTotal | None:
    """The total of a paper with this code and the lines behind it, as the paper prints them."""
    return trace_codes.find(kinds.compose(kinds.load(document.act.snapshot), document.language), code)


def lines_behind(viewer: Viewer, document: Document, source: Source) -> list[LineRecord]:
    """The accepted report lines a paper's figure adds up, as they were known when the paper was made."""
    act = document.act
    known = _scope_of(act)
    if source.indicator is not None:
        return indicators.counted_lines(viewer, number=source.indicator, year=_year(act), **known)
    section = Section(source.section)
    found = accepted.accepted_lines(viewer, year=_year(act), quarter=act.report_quarter, section=section, **known)
    if source.counts is None:
        return found
    counts = totals.line_counts(viewer, as_of=act.as_of, known_at=known["known_at"])
    return [line for line in found if counts(line) is source.counts]


def patents_behind(viewer: Viewer, document: Document) -> list[CountedPatent]:
    """The patents indicator 6 counted, as they were known when the paper was made."""
    act = document.act
    return indicators.counted_patents(viewer, year=_year(act), **_scope_of(act))


def _year(act: DocumentAct) -> int:
    return act.report_year or act.as_of.year


def _scope_of(act: DocumentAct) -> dict[str, Any]:
    return {
        "territory_id": act.territory_id,
        "as_of": act.as_of,
        "known_at": act.known_at or journal.recorded_at(act.chain_sequence),
    }


def entries_by_bin(viewer: Viewer, bins: Iterable[str]) -> dict[str, int]:
    """The latest entry of each of these companies that the viewer may see."""
    found: dict[str, int] = {}
    for some in in_parts(sorted(set(bins))):
        statement = (
            sa.select(Resident.bin, Resident.id)
            .where(Resident.bin.in_(some), Resident.annulled_at.is_(None), *residents.visible(viewer))
            .order_by(Resident.registered_on, Resident.id)
        )
        found |= {row.bin: row.id for row in db.session.execute(statement)}
    return found


def request_of(document: Document) -> DocumentRequest | None:
    """The request that was prepared by one person and approved by another for this paper, if there was one."""
    return db.session.scalar(
        sa.select(DocumentRequest)
        .where(DocumentRequest.document_id == document.id, DocumentRequest.approved_at.is_not(None))
        .order_by(DocumentRequest.id)
        .limit(1)
    )


def same_request(request: DocumentRequest) -> DocumentRequest | None:
    """A request of the same person for the same paper that is still under way."""
    return db.session.scalar(
        sa.select(DocumentRequest)
        .where(
            DocumentRequest.status.in_([RequestStatus.QUEUED, RequestStatus.RUNNING]),
            DocumentRequest.language == request.language,
            *_alike(request),
        )
        .order_by(DocumentRequest.id)
        .limit(1)
    )


def _alike(request: DocumentRequest) -> list[sa.ColumnElement[bool]]:
    """Conditions that leave the requests of the same person for the same paper, in whatever language."""
    compared = (
        "kind",
        "territory_id",
        "resident_id",
        "as_of",
        "report_year",
        "report_quarter",
        "since",
        "sampling",
        "known_at",
        "copy",
        "without",
        "requested_by",
        "replaces_id",
    )
    return [getattr(DocumentRequest, name).is_not_distinct_from(getattr(request, name)) for name in compared]


def asked_in_another_language(request_id: int) -> DocumentRequest | None:
    """A request put in with this one, for the same paper in another language, whose data are frozen by now."""
    request = db.session.get_one(DocumentRequest, request_id)
    frozen = sa.or_(DocumentRequest.snapshot.is_not(None), DocumentRequest.document_id.is_not(None))
    return db.session.scalar(
        sa.select(DocumentRequest)
        .where(
            DocumentRequest.id != request_id,
            DocumentRequest.requested_at == request.requested_at,
            frozen,
            *_alike(request),
        )
        .order_by(DocumentRequest.id)
        .limit(1)
    )


def asked_together(request: DocumentRequest) -> list[DocumentRequest]:
    """The requests put in with one click: the same paper in several languages."""
    return list(
        db.session.scalars(
            sa.select(DocumentRequest)
            .where(
                DocumentRequest.requested_by.is_not_distinct_from(request.requested_by),
                DocumentRequest.requested_at == request.requested_at,
                DocumentRequest.kind == request.kind,
            )
            .order_by(DocumentRequest.id)
        )
    )


def papers_made(requests: Iterable[DocumentRequest]) -> dict[int, Document]:
    """The papers these requests led to, by their ids."""
    ids = [row.document_id for row in requests if row.document_id is not None]
    return {paper.id: paper for paper in db.session.scalars(sa.select(Document).where(Document.id.in_(ids)))}


def checks(paper: Document) -> int:
    """How often a paper was looked up by its code."""
    with beside.noted() as connection:
        noted = connection.scalar(sa.select(PaperCheck.count).where(PaperCheck.document_id == paper.id))
    return paper.checks + (noted or 0)
