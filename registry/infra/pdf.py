"""PDF files: from HTML by WeasyPrint, and stamped afterwards with what is known only when a paper is issued.

WeasyPrint and pikepdf are loaded when something is rendered and not before, so that web and commands stay light. The
same HTML gives the same bytes: dates and identifiers come from the caller, never from the clock.
"""

from __future__ import annotations

import gc
import io
import logging
import os
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import unquote, urlsplit

from registry.config import ROOT

STATIC = ROOT / "static"
_EPOCH = "1735689600"
"""Moment written into subset fonts (1 January 2025): any fixed one serves."""


def render(html: str, *, identifier: bytes, tagged: bool = True, on_page: Callable[[int], None] | None = None) -> bytes:
    """Lay out ``html`` and return the PDF: tagged and PDF/UA-1, or plain for overlays.

    ``identifier`` becomes the file's identifier. ``on_page`` hears the number of each page as its layout begins. The
    page may load files of our own ``static`` folder and nothing else.
    """
    from weasyprint import HTML

    os.environ.setdefault("SOURCE_DATE_EPOCH", _EPOCH)
    with _no_collection(), _page_numbers(on_page):
        document = HTML(string=html, base_url=STATIC.as_uri() + "/", url_fetcher=_fetcher())
        content = document.write_pdf(
            pdf_variant="pdf/ua-1" if tagged else None,
            pdf_tags=tagged,
            pdf_identifier=identifier,
            custom_metadata=False,
        )
    return content or b""


def page_count(content: bytes) -> int:
    """How many pages a PDF has."""
    import pikepdf

    with pikepdf.open(io.BytesIO(content)) as pdf:
        return len(pdf.pages)


def stamp(content: bytes, overlay: bytes, *, identifier: str) -> bytes:
    """Lay each page of ``overlay`` over the page of ``content`` with the same number.

    What is laid on is marked as an artifact: it belongs to the sheet, not to the text that is read aloud.
    ``identifier`` is written into the metadata as ``dc:identifier``.
    """
    import pikepdf
    from pikepdf import Name

    result = io.BytesIO()
    with pikepdf.open(io.BytesIO(content)) as pdf, pikepdf.open(io.BytesIO(overlay)) as stamps:
        for number, (page, mark) in enumerate(zip(pdf.pages, stamps.pages, strict=True), start=1):
            form = pdf.copy_foreign(stamps.make_indirect(mark.as_form_xobject()))
            # Pages share one dictionary of resources, so each stamp needs a name of its own.
            name = page.add_resource(form, Name.XObject, name=Name(f"/Stamp{number}"))
            page.contents_add(b"q\n", prepend=True)
            page.contents_add(f"\nQ\nq\n/Artifact <</Type /Pagination>> BDC\n{name} Do\nEMC\nQ\n".encode())
        with pdf.open_metadata(set_pikepdf_as_editor=False, update_docinfo=False) as metadata:
            metadata["dc:identifier"] = identifier
        pdf.save(result, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    return result.getvalue()


def _fetcher() -> Callable[..., object]:
    from weasyprint.urls import URLFetcher

    class StaticFetcher(URLFetcher):
        """Serves files of our ``static`` folder; anything else is refused, and the paper goes without it."""

        def fetch(self, url: str, headers: dict[str, str] | None = None) -> object:
            parts = urlsplit(url)
            path = Path(unquote(parts.path)).resolve()
            if parts.scheme != "file" or parts.netloc or not path.is_relative_to(STATIC):
                raise ValueError(f"a paper may not load {url}")
            return super().fetch(url, headers)

    return StaticFetcher(allowed_protocols=["file"], allow_redirects=False)


@contextmanager
def _no_collection() -> Generator[None]:
    """Layout makes millions of objects that live to its end: looking for garbage among them takes a third longer."""
    running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if running:
            gc.enable()
            gc.collect()


@contextmanager
def _page_numbers(on_page: Callable[[int], None] | None) -> Generator[None]:
    """Hear from WeasyPrint's progress log which page is being laid out."""
    if on_page is None:
        yield
        return

    class Listener(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if "Creating layout" in record.msg and isinstance(record.args, tuple) and record.args:
                number = record.args[0]
                if isinstance(number, int):
                    on_page(number)

    log = logging.getLogger("weasyprint.progress")
    listener, level, propagate = Listener(), log.level, log.propagate
    log.addHandler(listener)
    log.setLevel(logging.INFO)
    log.propagate = False
    try:
        yield
    finally:
        log.removeHandler(listener)
        log.setLevel(level)
        log.propagate = propagate
