"""From a composed paper to the PDF that is handed out: chunks are laid out, joined and then stamped with the number."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from registry.config import ROOT
from registry.infra.i18n import format_long_date
from registry.printing import dimensions, embedded_data, fonts, formats, pagination, pdf, render_pool, table_layout
from registry.printing.embedded_data import Data, MadeWith
from registry.printing.fonts import Box, Code, Line
from registry.printing.layout import Column, Contents, Paper, Table
from registry.printing.pdf import About, Mark
from registry.printing.shaping import Shaper

LOOK = 10
"""The version of the look of papers, recorded with each paper.

Raise it whenever a stored snapshot would be printed differently: by other words, columns, sizes, rules for line and
page breaks, tags, stamps, or data inside. It empties the cache of laid out chunks, and tells why an older paper cannot
be printed again byte for byte. A change that draws the same needs no other number. ``tests/printing/test_look.py``
fails until the two agree.
"""

PROCESSES = 2
"""How many processes lay out chunks at once."""

NO_DAY = date(2025, 1, 1)
"""The date in the metadata of a file that shows no data."""

Rows = Callable[[int], None]
"""Is called with how many rows of the paper are laid out so far."""


@dataclass(frozen=True, slots=True)
class Body:
    """A rendered paper that has no number yet: its PDF, how many pages it has, and the data it shows, if any."""

    content: bytes
    pages: int
    data: Data | None = None

    @property
    def day(self) -> date:
        """The date in the metadata of the file."""
        return self.data.day if self.data is not None else NO_DAY


@dataclass(frozen=True, slots=True)
class Identity:
    """What is stamped onto a rendered paper; it comes from the act of issue and not from the paper's content.

    ``code`` is the verification code, ``address`` that of the paper's public page. ``chain_sequence`` and
    ``chain_hash`` are the head of the journal: the number and the hash of its last entry. ``token`` is the signed
    statement by which the paper is checked without a network; it follows the address in the QR code.
    """

    number: str
    code: str
    address: str
    issued_on: date
    chain_sequence: int
    chain_hash: str
    token: str = ""


# --- laying out ---


@cache
def _templates() -> Environment:
    return Environment(
        loader=FileSystemLoader(ROOT / "templates" / "papers"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@cache
def _style_sheet() -> str:
    return (ROOT / "templates" / "papers" / "paper.css").read_text(encoding="utf-8")


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the table of contents.

    ``here``: the heading is in the same chunk as the table of contents. Otherwise ``page`` is its page in the paper, 0
    while that is not known.
    """

    anchor: str
    title: str
    here: bool
    page: int = 0


def html_of(paper: Paper, chunk: pagination.Chunk, contents: Sequence[Entry] = ()) -> str:
    """The HTML that one chunk of a paper is laid out from."""
    css = Markup(dimensions.fill_in(_style_sheet()))  # noqa: S704 - our own
    template = _templates().get_template("paper.html")
    return template.render(
        paper=paper,
        chunk=chunk,
        css=css,
        sizes=dimensions.PAPER,
        short=pagination.SHORT,
        contents_entries=contents,
        long_date=format_long_date,
    )


def render(
    paper: Paper,
    *,
    data: Data | None = None,
    cache_dir: Path | None = None,
    on_rows: Rows | None = None,
) -> Body:
    """Lay out a paper; the same paper gives the same bytes, whatever the cache holds and however many processes work.

    ``data`` is what the paper was composed from; it is attached to the paper when that is stamped. Chunks laid out
    before are taken from the folder ``cache_dir``; what takes long is laid out by :data:`PROCESSES` processes at once.
    ``on_rows`` is called with how many rows are laid out so far.

    :raises LayoutError: when a chunk could not be laid out.
    """
    paper = formats.in_print(paper, paper.language)
    kept = render_pool.Cache(cache_dir) if cache_dir is not None else None
    layout_of = _TableLayouts(paper, kept)
    chunks = pagination.split(paper, lambda chunk, table: _fit(paper, chunk, table, kept, layout_of))
    laid_out = _lay_out(paper, chunks, kept, layout_of, on_rows or _silent)
    if len(chunks) > 1 and paper.has_contents:
        # The pages of headings in other chunks are known only now, so the table of contents is laid out again.
        laid_out = _lay_out(paper, chunks, kept, layout_of, _silent, _starts(laid_out))
    if kept is not None:
        kept.trim()
    joined = pdf.join(
        [pdf.Chunk(content, chunk.continued) for content, chunk in zip(laid_out, chunks, strict=True)],
        About(paper.heading, paper.language, data.day if data is not None else NO_DAY),
    )
    return Body(joined, pdf.page_count(joined), data)


def _silent(_rows: int) -> None:
    """Report no progress."""


def _has_contents(chunk: pagination.Chunk) -> bool:
    return any(isinstance(block, Contents) for part in chunk.parts for block in part.blocks)


def _starts(laid_out: list[bytes]) -> dict[str, int]:
    """The page (from 1) of the joined paper on which each heading stands, by its anchor."""
    found: dict[str, int] = {}
    before = 0
    for content in laid_out:
        pages, anchors = pdf.anchors(content)
        found |= {name: before + page for name, page in anchors.items()}
        before += pages
    return found


def _contents(paper: Paper, chunk: pagination.Chunk, starts: Mapping[str, int]) -> list[Entry]:
    if not _has_contents(chunk):
        return []
    here = [part.section for part in chunk.parts if not part.continued]
    return [
        Entry(
            paper.anchor(section),
            section.bookmark,
            any(section is own for own in here),
            starts.get(paper.anchor(section), 0),
        )
        for section in paper.sections
        if section.heading
    ]


def _fit(
    paper: Paper, chunk: pagination.Chunk, table: Table, kept: render_pool.Cache | None, layout_of: _TableLayouts
) -> tuple[int, int] | None:
    """The :data:`pagination.Fit` of a paper.

    The chunk is laid out to see how many rows fill the first page of the table; the table layout then tells how many
    rows fill the pages after it. (0, 0) when the table cannot be set directly.
    """
    if not table_layout.can_set(table):
        return 0, 0
    source = html_of(paper, chunk, _contents(paper, chunk, {}))
    content = _cached(source, kept)
    if content is None:
        content = pdf.render(source)
        if kept is not None:
            kept.put(_key(source), content)
    found = table_layout.rows_by_page(content)
    lead = next((count for count in found if count), 0)
    # The last row is kept with the row before it, which may move the page break. Only rows well beyond the end of the
    # page rule that out.
    if sum(found) - lead < pagination.BEYOND:
        return None
    if not lead:
        return 0, 0
    pages = layout_of(table).full_pages(table.rows[lead:])
    return lead, sum(len(page) for page in pages)


class _TableLayouts:
    """The table layouts of a paper, one for each set of columns; a layout remembers how rows were broken into lines."""

    def __init__(self, paper: Paper, kept: render_pool.Cache | None) -> None:
        self.paper = paper
        self.kept = kept
        self.shaper = Shaper(paper.language, self._shape)
        self.known: dict[tuple[Column, ...], table_layout.TableLayout] = {}

    def __call__(self, table: Table) -> table_layout.TableLayout:
        if table.columns not in self.known:
            self.known[table.columns] = table_layout.TableLayout(
                table, self.shaper, landscape=self.paper.landscape, most_columns=self.paper.most_columns
            )
        layout = self.known[table.columns]
        layout.prepare(table.rows)
        return layout

    def _shape(self, sources: Sequence[str]) -> list[bytes]:
        """Lay out sheets of cells to be shaped: a single one in this process, several in processes of their own."""
        found = {number: _cached(source, self.kept) for number, source in enumerate(sources)}
        new = {number: sources[number] for number, content in found.items() if content is None}
        made = render_pool.spread(new, processes=PROCESSES) if len(new) > 1 else _here(new)
        for number, content in made:
            found[number] = content
            if self.kept is not None:
                self.kept.put(_key(sources[number]), content)
        return [content for _number, content in sorted(found.items()) if content is not None]


def _cached(source: str, kept: render_pool.Cache | None) -> bytes | None:
    return kept.get(_key(source)) if kept is not None else None


def _here(sources: Mapping[int, str]) -> Iterator[tuple[int, bytes]]:
    """Lay out in this process."""
    for number, source in sources.items():
        yield number, pdf.render(source)


def _set(layout: table_layout.TableLayout, table: Table) -> bytes:
    """The chunk of a table that is set directly.

    :raises LayoutError: when a row is taller than a page.
    """
    pages = layout.full_pages(table.rows, to_the_end=True)
    if sum(map(len, pages)) != len(table.rows):
        raise render_pool.LayoutError("rows of a table found no page")
    return layout.write(pages)


def _lay_out(
    paper: Paper,
    chunks: list[pagination.Chunk],
    kept: render_pool.Cache | None,
    layout_of: _TableLayouts,
    on_rows: Rows,
    starts: Mapping[str, int] | None = None,
) -> list[bytes]:
    found: dict[int, bytes] = {}
    sources: dict[int, str] = {}
    done = 0
    on_rows(done)

    def finished(number: int, content: bytes) -> None:
        nonlocal done
        found[number] = content
        done += chunks[number].rows
        on_rows(done)

    for number, chunk in enumerate(chunks):
        if chunk.table is not None:
            finished(number, _set(layout_of(chunk.table), chunk.table))
            continue
        source = html_of(paper, chunk, _contents(paper, chunk, starts or {}))
        content = _cached(source, kept)
        if content is not None:
            finished(number, content)
        else:
            sources[number] = source
    # Processes of their own are worth starting only for many rows, not for the short chunks around a table.
    if sum(chunks[number].rows for number in sources) > pagination.ROWS:
        made = render_pool.spread(sources, processes=PROCESSES)
    else:
        made = _here(sources)
    for number, content in made:
        finished(number, content)
        if kept is not None:
            kept.put(_key(sources[number]), content)
    return [found[number] for number in range(len(chunks))]


def _key(source: str) -> str:
    """The key of a chunk in the cache: a hash over its HTML and the versions of what lays it out."""
    marks = "|".join(f"{name} {version}" for name, version in sorted(versions().items()))
    return hashlib.sha256(f"{marks}\n{source}".encode()).hexdigest()


# --- stamping ---


def stamp(body: Body, paper: Paper, identity: Identity, made_with: MadeWith | None = None) -> bytes:
    """Stamp number, page numbers, verification code and QR code onto a rendered paper, and attach the data it shows.

    The first page also gets the date of issue, the address for checking and the head of the journal. ``made_with`` is
    what the attached data say the paper was made with: the present programs, unless given.
    """
    words = paper.words
    width, height = dimensions.PAPER.sheet.size(landscape=paper.landscape)
    number = f"{words['number']} {identity.number}"
    code = f"{words['code']}: {formats.grouped_code(identity.code)}"
    marks = [
        [
            *(_first_page(identity, paper, number, width, height) if page == 1 else ()),
            _foot(number, words["page"].format(page=page, pages=body.pages), code, width),
            *_labels(paper, width, height),
        ]
        for page in range(1, body.pages + 1)
    ]
    about = About(paper.heading, paper.language, body.day, identity.number)
    files = embedded_data.files(body.data, paper, identity, made_with or MadeWith(versions())) if body.data else ()
    return pdf.stamp(body.content, marks, about, attachments=files)


def stamp_draft(body: Body, paper: Paper) -> bytes:
    """Stamp a rendered paper as a draft: without number and code, and with a watermark across each page."""
    width, height = dimensions.PAPER.sheet.size(landscape=paper.landscape)
    sizes = dimensions.PAPER.stamps
    turn, low = (0 if paper.landscape else 50), height / 2 - 18
    across = Line(
        paper.words["draft"], width / 2, low, sizes.draft_size.points, "bold", "centre", turn, sizes.draft_ink.level
    )
    return _stamp_unnumbered(body, paper, Mark((across,), under=True))


def stamp_copy(body: Body, paper: Paper) -> bytes:
    """Stamp what is no paper of the registry at all, such as a printed list: page numbers, and what it is."""
    return _stamp_unnumbered(body, paper)


def _stamp_unnumbered(body: Body, paper: Paper, *under: Mark) -> bytes:
    """Stamp pages without number and code, above ``under``; the first page says that it is in force for nothing."""
    words = paper.words
    width, height = dimensions.PAPER.sheet.size(landscape=paper.landscape)
    marks = [
        [
            *under,
            *([_registration(words["draft.note"], height, "left", width)] if page == 1 and paper.has_head else []),
            _foot(words["draft.note"], words["page"].format(page=page, pages=body.pages), "", width),
            *_labels(paper, width, height),
        ]
        for page in range(1, body.pages + 1)
    ]
    return pdf.stamp(body.content, marks, About(paper.heading, paper.language, body.day))


def _edges(width: float) -> tuple[float, float]:
    """Where text begins and ends on a sheet of this width; both in millimetres, the result from the left edge."""
    sheet = dimensions.PAPER.sheet
    return sheet.left.mm, width - sheet.right.mm


def _registration(text: str, height: float, align: str, width: float) -> Mark:
    """Date or number in the line below the requisites."""
    sizes = dimensions.PAPER
    left, right = _edges(width)
    base = height - sizes.sheet.top.mm - sizes.head.height.mm - sizes.head.registration_base.mm
    size = sizes.stamps.registration_size.points
    return Mark((Line(text, right if align == "right" else left, base, size, "bold", align),), "P")


def _first_page(identity: Identity, paper: Paper, number: str, width: float, height: float) -> list[Mark]:
    words, sizes = paper.words, dimensions.PAPER
    left, _right = _edges(width)
    side = sizes.head.qr.mm
    bottom = height - sizes.sheet.top.mm - side
    head = words["journal"].format(sequence=identity.chain_sequence, hash=identity.chain_hash)
    small = sizes.stamps.check_size.points
    return [
        Mark(
            (Code(_qr(identity), left, bottom, side),),
            "Figure",
            words["qr"].format(address=identity.address),
            (left, bottom, left + side, bottom + side),
        ),
        _registration(format_long_date(identity.issued_on, paper.language), height, "left", width),
        _registration(number, height, "right", width),
        Mark((Line(f"{words['check']}: {identity.address}", left, sizes.stamps.check_base.mm, small),), "P"),
        Mark((Line(head, left, sizes.stamps.journal_base.mm, small),), "P"),
    ]


def _foot(number: str, page: str, code: str, width: float) -> Mark:
    sizes = dimensions.PAPER.stamps
    left, right = _edges(width)
    base, size = sizes.foot_base.mm, sizes.foot_size.points
    return Mark(
        (
            Box(left, sizes.foot_rule_base.mm, right - left, sizes.foot_rule.mm),
            Line(number, left, base, size, "bold"),
            Line(page, (left + right) / 2, base, size, "regular", "centre"),
            Line(code, right, base, size, "regular", "right"),
        )
    )


def _labels(paper: Paper, width: float, height: float) -> list[Mark]:
    """The marks of demo data and of copies, in boxes at the top of a page, from the right edge leftwards."""
    size = dimensions.PAPER.stamps.demo_size.points
    marks, right = [], _edges(width)[1]
    for word in [paper.words["demo"]] * paper.demo + [paper.words["copy"]] * paper.copy:
        length = fonts.face("bold").width(word, size) / dimensions.MM
        left = right - length - 5
        marks.append(
            Mark((Box(left, height - 14.5, length + 5, 5, 1), Line(word, left + 2.5, height - 13, size, "bold")))
        )
        right = left - 3
    return marks


def _qr(identity: Identity) -> tuple[bytes, ...]:
    """The modules of the QR code: the address, and behind it the token in the mode that takes least room for digits."""
    import segno
    from segno import consts

    if not identity.token:
        return _squares(segno.make(identity.address, error="q", micro=False))
    mode = consts.MODE_NUMERIC if identity.token.isdigit() else None
    parts: Any = ((f"{identity.address}#", consts.MODE_BYTE), (identity.token, mode))
    return _squares(segno.make(parts, error="m", micro=False, boost_error=True))


def _squares(code: Any) -> tuple[bytes, ...]:
    return tuple(bytes(row) for row in code.matrix)


@cache
def versions() -> dict[str, str]:
    """Versions of all that the bytes of a paper depend on, by name: the look, programs, and fonts with their hashes."""
    from importlib.metadata import version

    return {
        "look": str(LOOK),
        **{name: version(name) for name in ("weasyprint", "pydyf", "pyphen", "pikepdf", "fonttools", "segno", "babel")},
        **fonts.libraries(),
        **{f"Noto Sans {style}": fonts.font_version(style) for style in ("regular", "bold")},
    }
