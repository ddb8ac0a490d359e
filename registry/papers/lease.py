"""One run of a request's job: what it puts on record, it does only while the request is still its own.

A run whose process was taken for dead, or that was given up, may come back to life. It then finds the request in other
hands and ends without a number, whatever it has made.
"""

from __future__ import annotations

from dataclasses import dataclass

from registry.infra.clock import utc_now
from registry.infra.db import db, transaction
from registry.papers import rules
from registry.papers.models import Document, DocumentRequest
from registry.papers.rules import Move, RequestStatus


class TakenOver(Exception):
    """The request is in other hands by now, or was given up."""


@dataclass(frozen=True, slots=True)
class Run:
    """A request, the process that works on it, which try this is, and the draft that was approved."""

    request_id: int
    worker: str
    attempt: int
    draft: str | None = None

    def request(self) -> DocumentRequest:
        """The request, while it is this run's; to be called inside a transaction.

        :raises TakenOver: when it is no longer.
        """
        found = db.session.get_one(DocumentRequest, self.request_id, populate_existing=True)
        if (found.status, found.worker, found.attempts) != (RequestStatus.RUNNING, self.worker, self.attempt):
            raise TakenOver
        return found

    def done(self, document: Document) -> None:
        """Say which paper came of it, inside the transaction that puts the paper on record.

        The draft's file is removed afterwards: a transaction that fails must not have removed it.
        """
        request = self.request()
        request.status, request.document_id = rules.after(request.status, Move.FINISH), document.id
        request.rows_done, request.finished_at = request.rows_total, utc_now()
        request.draft = request.snapshot = None

    def packed(self, sha256: str, sequence: int) -> None:
        """Say which evidence pack came of it, and on which entry of the journal it rests."""
        request = self.request()
        request.status = rules.after(request.status, Move.FINISH)
        request.draft, request.chain_sequence = sha256, sequence
        request.rows_done, request.finished_at = request.rows_total, utc_now()

    def failed(self, error: str) -> None:
        """Say why no paper came of it; nothing when it is not this run's to say."""
        db.session.rollback()
        with transaction():
            try:
                request = self.request()
            except TakenOver:
                return
            request.status = rules.after(request.status, Move.FAIL)
            request.error, request.finished_at = error, utc_now()

    def report(self, done: int, total: int) -> None:
        """Write how many rows are done.

        :raises TakenOver: when the request is no longer this run's: nobody needs the rest.
        """
        with transaction():
            request = self.request()
            request.rows_done, request.rows_total = max(0, done), total
