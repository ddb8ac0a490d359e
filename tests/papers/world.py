"""A small register with everything papers print, and papers issued from it."""

from __future__ import annotations

import subprocess
from datetime import date, datetime
from typing import Any

import pytest
import sqlalchemy as sa

from registry.infra.access import SYSTEM, Viewer
from registry.infra.db import db, transaction
from registry.paper_kinds.kinds import KINDS
from registry.paper_kinds.sampling import Population, Sampling
from registry.papers import issuing, queries
from registry.papers.models import Document
from registry.patents import services as patents
from registry.printing import rendering
from registry.reports.rules import Line
from registry.residents import services as residents
from registry.residents.models import Resident
from tests import factories
from tests.contracts import made as contracts
from tests.factories import NOW, bin_number
from tests.people import COMPANY_BIN
from tests.reports import ready as reports
from tests.sampling import COMPLETE as COMPLETE
from tests.sampling import in_turn
from tests.scenes import set_scene


def papers(turn: int = 0) -> list[tuple[str, str]]:
    """Kinds with the languages to look at them in (:func:`tests.sampling.in_turn`)."""
    return in_turn(KINDS, turn)


def print_quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make papers of one line each, for tests of all but their look."""
    monkeypatch.setattr(rendering, "render", lambda paper, **_options: rendering.Body(b"%PDF-1.7 ", 1))
    monkeypatch.setattr(
        rendering,
        "stamp",
        lambda body, paper, identity, _programs: body.content + f"{identity.number} {identity.code}".encode(),
    )
    monkeypatch.setattr(
        rendering, "stamp_draft", lambda body, paper: body.content + paper.language.encode() + b" draft"
    )


DAY = date(2026, 9, 30)
"""The day papers show unless told another."""

TODAY = date(2026, 10, 5)
"""The day on which everything is recorded, which an extract of the journal shows unless told another."""

PERSON = "000101399107"
"""A fictional IIN (``domain.md`` 8.2)."""

COMPANIES = {
    COMPANY_BIN: ("«Іргетас» ЖШС", "ТОО «Іргетас»"),
    bin_number(1): ("«Ыстық көл» ЖШС", "ТОО «Иссык»"),
    bin_number(2): ("«Әліппе» ЖШС", "ТОО «Алфавит»"),
}
"""BIN to names in kk and ru; in Kazakh order: Әліппе, Ыстық көл, Іргетас."""

LINES = (
    Line("revenue", "rnd_works", amount=1_234_567_89, country="DE", document_kind="contract", document_no="7"),
    Line("revenue", "other", amount=100_00),
    Line("tax", "101110", amount=2_345_678_90, document_kind="statement", document_no="12"),
    Line("tax", "902101", amount=5_000_00),
    Line("staff", "research_specialists", count=5),
    Line("staff", "total_staff", count=8),
    Line("investment", "venture", amount=1_000_00, document_no="3"),
)


def build() -> dict[str, Resident]:
    """Three companies (the decision about one was corrected) and a sole entrepreneur in NU; by BIN.

    With them a contract, two patents and an accepted report.
    """
    set_scene("papers", _make)
    return {entry.bin: entry for entry in db.session.scalars(sa.select(Resident).order_by(Resident.id))}


def _make() -> None:
    entries = {
        number: factories.resident(number, name_kk=kk, name_ru=ru, registered_on=date(2026, 1, 10))
        for number, (kk, ru) in COMPANIES.items()
    }
    entries[PERSON] = factories.resident(
        PERSON, legal_form="sole_entrepreneur", name_kk="Демо А.А.", name_ru="Демо А.А.", registered_on=date(2026, 2, 1)
    )
    with transaction():
        residents.amend_resident(SYSTEM, entries[COMPANY_BIN], values={"decision_no": "12-Ш"}, now=NOW)
    contracts.contract(entries[COMPANY_BIN])
    reports.stored(entries[COMPANY_BIN], LINES)
    invention = {
        "office": "KZ", "title_no": "900001", "filed_on": date(2024, 3, 1), "registered_on": date(2026, 2, 1),
        "published_on": date(2026, 2, 16),
        "name_kk": "Изотоп алу тәсілі", "name_ru": "Способ получения изотопа", "ipc": "A61K 51/00;G21G 4/08",
        "authors": "Демо Ә. Қ.",
    }  # fmt: skip
    with transaction():
        patents.record_patent(
            SYSTEM, values=invention | {"kind": "invention", "holders": f"{COMPANY_BIN}=60%;Сыртқы иеленуші"}, now=NOW
        )
        patents.record_patent(SYSTEM, values=invention | {"kind": "utility_model", "holders": COMPANY_BIN}, now=NOW)


def sampling_of(kind: str) -> Sampling | None:
    """How a sample is drawn unless told otherwise: all there are."""
    return Sampling(Population.RESIDENTS, 10, "demo") if kind == "sample" else None


def issued(kind: str, *, language: str = "kk", actor: Viewer = SYSTEM, now: datetime = NOW, **about: Any) -> Document:
    """A paper as of :data:`DAY`, about NU, or about :data:`tests.people.COMPANY_BIN`."""
    about = dict(about)
    if not about.keys() & {"as_of", "year"}:
        about |= (
            {"year": 2026}
            if KINDS[kind].of_a_period and "quarter" in about
            else {"as_of": TODAY if KINDS[kind].of_the_journal else DAY}
        )
    about.setdefault("sampling", sampling_of(kind))
    if KINDS[kind].of_one_resident:
        about.setdefault("resident", COMPANY_BIN)
    return issuing.issue(actor, kind, language=language, now=now, **about)


def text_of(paper: Document) -> str:
    """What the paper says, laid out as printed."""
    result = subprocess.run(
        ["pdftotext", "-layout", "-", "-"], input=queries.get_bytes(paper), capture_output=True, check=True
    )
    return result.stdout.decode()


def words_of(text: str) -> str:
    """The text with all spaces made single, so that line breaks do not matter."""
    return " ".join(text.split())
