"""From a composed paper to the PDF handed out: laid out without a number, then stamped with number, code and QR."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cache

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from registry.config import ROOT
from registry.documents import terms
from registry.documents.layout import Paper
from registry.infra import pdf
from registry.infra.i18n import format_long_date

TEMPLATE_VERSION = 1
"""Version of the look of papers, kept with each one."""

PORTRAIT, LANDSCAPE = (210, 297), (297, 210)


@dataclass(frozen=True, slots=True)
class Body:
    """A rendered paper that has no number yet."""

    content: bytes
    pages: int


@dataclass(frozen=True, slots=True)
class Identity:
    """What is stamped onto a rendered paper: given by the act of issue, not by its content."""

    number: str
    code: str
    address: str
    issued_on: date
    chain_sequence: int
    chain_hash: str


@cache
def _templates() -> Environment:
    return Environment(
        loader=FileSystemLoader(ROOT / "templates" / "papers"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def render(paper: Paper, *, data_hash: str, as_of: date, on_page: Callable[[int], None] | None = None) -> Body:
    """Lay out a paper. The same paper gives the same bytes; ``data_hash`` makes the file's identifier."""
    environment = _templates()
    css = (ROOT / "templates" / "papers" / "paper.css").read_text(encoding="utf-8")
    html = environment.get_template("paper.html").render(
        paper=paper,
        css=Markup(css),  # noqa: S704 - our own file
        created=as_of.isoformat(),
        main_sections=sum(not section.annex for section in paper.sections),
    )
    identifier = f"{data_hash}-{paper.language}-{TEMPLATE_VERSION}".encode()
    content = pdf.render(html, identifier=identifier, on_page=on_page)
    return Body(content, pdf.page_count(content))


def stamp(body: Body, paper: Paper, identity: Identity) -> bytes:
    """Print number, page numbers, code and QR onto every page of a rendered paper; the journal's head on the first."""
    language = paper.language
    width, height = LANDSCAPE if paper.landscape else PORTRAIT
    html = (
        _templates()
        .get_template("stamp.html")
        .render(
            language=language,
            width=width,
            height=height,
            created=identity.issued_on.isoformat(),
            sheets=[terms.say("page", language, page=page, pages=body.pages) for page in range(1, body.pages + 1)],
            number=identity.number,
            number_word=terms.say("number", language),
            issued=format_long_date(identity.issued_on, language),
            code=identity.code,
            code_word=terms.say("code", language),
            check=terms.say("check", language),
            address=identity.address,
            journal=terms.say("journal", language, sequence=identity.chain_sequence, hash=identity.chain_hash),
            qr=Markup(_qr(identity.address)),  # noqa: S704 - drawn by the QR library
            demo=terms.say("demo", language) if paper.demo else "",
        )
    )
    overlay = pdf.render(html, identifier=identity.number.encode(), tagged=False)
    return pdf.stamp(body.content, overlay, identifier=identity.number)


def _qr(address: str) -> str:
    import segno

    return segno.make(address, error="q", micro=False).svg_inline(border=0, omitsize=True)


def versions() -> dict[str, str]:
    """What the look of a paper depends on, kept with it: programs, and the version of our templates."""
    import pikepdf
    import weasyprint

    return {
        "template": str(TEMPLATE_VERSION),
        "weasyprint": weasyprint.__version__,
        "pikepdf": pikepdf.__version__,
        "font": "Noto Sans",
    }
