"""Long tables set directly: pages full of rows are drawn without HTML, which is many times faster.

Only what a register needs is supported: cells that wrap at spaces or stay on one line, the heading and the row of
column numbers on each page, rules around every cell. Sizes are those of :mod:`registry.printing.dimensions`, as in the
style sheet, so that these pages look like the ones before and after them, which WeasyPrint lays out. Cells with
letters that need shaping (Arabic, emoji, combining marks) are laid out one by one with WeasyPrint
(:mod:`registry.printing.shaping`).
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from registry.printing import dimensions, fonts
from registry.printing.dimensions import MM
from registry.printing.layout import Cell, Row, Table
from registry.printing.shaping import Paragraph, Shaped, Shaper

ASCENT, DESCENT = 1.069, 0.293
"""Height above and depth below the baseline of Noto Sans, as multiples of the font size."""

_FONTS = {"regular": "SetRegular", "bold": "SetBold"}
"""The name of each style among the fonts of these pages; stamps use other names and fonts of their own."""

_ONE_LINE = frozenset({"code", "date", "number", "index"})
"""Styles of columns (:class:`registry.printing.layout.Column`) whose cells stay on one line."""
_TO_THE_RIGHT = frozenset({"number", "index"})
_CENTRED = frozenset({"date", "centre"})


def can_set(table: Table) -> bool:
    """Whether a table can be set directly: all letters of its headings are plain (:func:`fonts.plain_letters`)."""
    return all(fonts.all_printable(set(column.heading)) for column in table.columns)


@dataclass(frozen=True, slots=True)
class _Cell:
    lines: tuple[str, ...]
    column: int
    span: int
    indent: float = 0
    """How far a number ends to the left of its cell's right end, in multiples of the font size."""
    shaped: Shaped | None = None


@dataclass(frozen=True, slots=True)
class _Set:
    """A row broken into lines, with its height in points."""

    cells: tuple[_Cell, ...]
    bold: bool
    height: float


class TableLayout:
    """Sets the rows of one table on portrait or landscape sheets.

    ``most_columns`` is how many columns the paper's widest table has; the font size depends on it. All lengths kept
    here are in points, heights from the lower edge of the sheet.
    """

    def __init__(self, table: Table, shaper: Shaper, *, landscape: bool, most_columns: int = 0) -> None:
        self.table = table
        self.shaper = shaper
        sizes, sheet = dimensions.PAPER.table, dimensions.PAPER.sheet
        width, height = sheet.size(landscape=landscape)
        self.width, self.height = width * MM, height * MM
        self.top = self.height - sheet.top.points - sizes.rule.points / 2
        """The height of the middle of the ruled line above the heading."""
        self.ink, self.rule_ink = dimensions.PAPER.letters.ink.level, sizes.rule_ink.level
        self.line, self.head_line = sizes.line, sizes.head_line
        self.pad_x, self.pad_y = sizes.pad_x.points, sizes.pad_y.points
        self.number_pad, self.rule = sizes.number_pad.points, sizes.rule.points
        self.code_spacing = sizes.code_spacing.points
        self.widths = [width * MM for width in table.widths(sheet.text_width(landscape=landscape))]
        self.edges = [sheet.left.points + self.rule / 2]
        """The middles of the ruled lines before, between and after the columns; the first line begins at the margin."""
        for width in self.widths:
            self.edges.append(self.edges[-1] + width)
        self.size, self.head_size = sizes.sizes(max(most_columns, len(table.columns)))
        self.number_size = sizes.number_size.points
        self.heading = [
            wrap(column.heading, width - 2 * self.pad_x - self.rule, "bold", self.head_size)
            for column, width in zip(table.columns, self.widths, strict=True)
        ]
        lines = max(len(found) for found in self.heading)
        self.head_height = lines * self.head_line * self.head_size + 2 * self.pad_y + self.rule
        self.numbers_height = self.head_line * self.number_size + 2 * self.number_pad + self.rule
        self._broken: dict[int, tuple[Row, _Set]] = {}
        self.room = self.top - sheet.bottom.points - self.head_height - self.numbers_height - self.rule / 2

    # --- breaking into lines and pages ---

    def prepare(self, rows: Sequence[Row]) -> None:
        """Shape all cells of the rows whose letters need it, together, since each layout takes time."""
        self.shaper.prepare(
            self._paragraph(row, place, cell) for row in rows for place, cell in row.places if not _is_plain(cell)
        )

    def _paragraph(self, row: Row, place: int, cell: Cell) -> Paragraph:
        style = self._style(row, place)
        return Paragraph(
            cell.text,
            round(self._room(row, place), 3),
            self.size,
            bold=bool(row.style),
            align="right" if style in _TO_THE_RIGHT else "center" if style in _CENTRED else "left",
            wraps=style not in _ONE_LINE,
            spacing=self.code_spacing if style == "code" and "\n" not in cell.text else 0,
        )

    def _style(self, row: Row, place: int) -> str:
        """The style of a cell: its column's, but the first cell of a total or group heading is always text."""
        return "text" if row.style and place == 0 else self.table.columns[place].style

    def _room(self, row: Row, place: int) -> float:
        """The width of a cell between its paddings, in points."""
        span = row.span if place == 0 else 1
        return sum(self.widths[place : place + span]) - 2 * self.pad_x - self.rule

    def break_row(self, row: Row) -> _Set:
        """The row broken into lines; remembered, since it is needed to count the pages and again to draw them."""
        known = self._broken.get(id(row))
        if known is None or known[0] is not row:
            known = self._broken[id(row)] = (row, self._break(row))
        return known[1]

    def _break(self, row: Row) -> _Set:
        cells, most = [], 1
        style = "bold" if row.style else "regular"
        for place, cell in row.places:
            span = row.span if place == 0 else 1
            if not _is_plain(cell):
                shaped = self.shaper[self._paragraph(row, place, cell)]
                cells.append(_Cell((), place, span, shaped=shaped))
                most = max(most, len(shaped.lines))
                continue
            one_line = self._style(row, place) in _ONE_LINE
            lines: tuple[str, ...] = (
                tuple(cell.text.split("\n")) if one_line else wrap(cell.text, self._room(row, place), style, self.size)
            )
            cells.append(_Cell(lines, place, span, cell.indent))
            most = max(most, len(lines))
        return _Set(tuple(cells), bool(row.style), most * self.line * self.size + 2 * self.pad_y + self.rule)

    def full_pages(self, rows: Sequence[Row], *, to_the_end: bool = False) -> list[list[_Set]]:
        """The pages that the rows fill completely; with ``to_the_end`` also the last page, which they may not fill.

        An empty list when a row is taller than a page: such a table cannot be set directly.
        """
        pages: list[list[_Set]] = []
        page: list[_Set] = []
        used = 0.0
        for number, row in enumerate(rows):
            item = self.break_row(row)
            if item.height > self.room:
                return []
            if page and used + item.height > self.room:
                carried = [page.pop()] if self._belongs_below(rows, number) and len(page) > 1 else []
                pages.append(page)
                page, used = carried, sum(found.height for found in carried)
            page.append(item)
            used += item.height
        if page and to_the_end:
            pages.append(page)
        return pages

    def _belongs_below(self, rows: Sequence[Row], number: int) -> bool:
        """Whether row ``number`` needs the row before it on its page: that is a group heading, or this is a total."""
        return rows[number - 1].style == "group" or rows[number].style == "total"

    # --- drawing ---

    def write(self, pages: Sequence[Sequence[_Set]]) -> bytes:
        """The PDF of a chunk with these pages, whose table goes on from the chunk before."""
        import pikepdf
        from pikepdf import Array, Dictionary, Name

        letters = {style: self._letters(pages, style == "bold") for style in ("bold", "regular")}
        faces = {style: fonts.face(style, "".join(sorted(found))) for style, found in letters.items()}
        sheets = {cell.shaped.sheet for page in pages for row in page for cell in row.cells if cell.shaped}
        with ExitStack() as opened, pikepdf.new() as out:
            named = Dictionary({f"/{_FONTS[style]}": fonts.embed(out, own) for style, own in faces.items()})
            for name, font in self.shaper.fonts(out, sheets, opened).items():
                named[name] = font
            resources = out.make_indirect(Dictionary(Font=out.make_indirect(named)))
            element = _elements(out)
            top, section, table, body = (element(name, None) for name in ("Document", "Sect", "Table", "TBody"))
            for parent, kid in ((top, section), (section, table), (table, body)):
                kid.P = parent
                parent.K = Array([kid])
            rows, numbers = [], Array()
            furniture = self._furniture(faces)
            for number, page in enumerate(pages):
                out.add_blank_page(page_size=(self.width, self.height))
                sheet = out.pages[-1].obj
                sheet.Resources, sheet.StructParents, sheet.Tabs = resources, number, Name.S
                parents: list[Any] = []
                content = [furniture]
                ys = [self.top - self.head_height - self.numbers_height]
                for row in page:
                    found = element("TR", body)
                    kids = []
                    for cell in row.cells:
                        kid = element("TD", found)
                        if cell.span > 1:
                            kid.A = Dictionary(O=Name.Table, ColSpan=cell.span)
                        if cell.shaped or any(cell.lines):
                            kid.Pg, kid.K = sheet, len(parents)
                            content.append(b"/TD <</MCID %d>> BDC\n" % len(parents))
                            content.append(self._cell(cell, row.bold, ys[-1], faces))
                            content.append(b"EMC\n")
                            parents.append(kid)
                        kids.append(kid)
                    found.K = Array(kids)
                    rows.append(found)
                    ys.append(ys[-1] - row.height)
                content.append(self._rules(page, ys))
                sheet.Contents = out.make_indirect(pikepdf.Stream(out, b"".join(content)))
                numbers.append(number)
                numbers.append(Array(parents))
            body.K = Array(rows)
            tree = out.make_indirect(Dictionary(Nums=numbers))
            root = out.make_indirect(Dictionary(Type=Name.StructTreeRoot, K=Array([top]), ParentTree=tree))
            top.P = root
            out.Root.StructTreeRoot = root
            target = io.BytesIO()
            out.save(target, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.generate)
        return target.getvalue()

    def _letters(self, pages: Sequence[Sequence[_Set]], bold: bool) -> set[str]:
        found = set("0123456789 ")
        for page in pages:
            for row in page:
                if row.bold is bold:
                    for cell in row.cells:
                        found.update(*cell.lines)
        if bold:
            for lines in self.heading:
                found.update(*lines)
        return found

    def _furniture(self, faces: dict[str, fonts.Face]) -> bytes:
        """The heading and the column numbers of a page.

        They are artifacts here: the heading is read aloud once, where the table begins.
        """
        found = [b"/Artifact <</Type /Pagination /Subtype /Header>> BDC\nBT\n%.2f g\n" % self.ink]
        top = self.top
        for number, lines in enumerate(self.heading):
            middle = (self.edges[number] + self.edges[number + 1]) / 2
            block = len(lines) * self.head_line * self.head_size
            y = top - (self.head_height - block) / 2
            for line in lines:
                width = faces["bold"].width(line, self.head_size)
                base = y - _base(self.head_size, self.head_line)
                found.append(_show(faces["bold"], "bold", line, self.head_size, middle - width / 2, base))
                y -= self.head_line * self.head_size
            text = str(number + 1)
            width = faces["regular"].width(text, self.number_size)
            base = top - self.head_height - self.number_pad - self.rule / 2 - _base(self.number_size, self.head_line)
            found.append(_show(faces["regular"], "regular", text, self.number_size, middle - width / 2, base))
        found.append(b"ET\nEMC\n")
        return b"".join(found)

    def _cell(self, cell: _Cell, bold: bool, top: float, faces: dict[str, fonts.Face]) -> bytes:
        style = "bold" if bold else "regular"
        own = faces[style]
        kind = "text" if bold and cell.column == 0 else self.table.columns[cell.column].style
        left, right = self.edges[cell.column], self.edges[cell.column + cell.span]
        spaced = kind == "code" and len(cell.lines) == 1
        found = [b"BT\n%.2f g\n" % self.ink, b"%.2f Tc\n" % self.code_spacing if spaced else b""]
        base = top - self.pad_y - self.rule / 2 - _base(self.size, self.line)
        for shaped in cell.shaped.lines if cell.shaped else ():
            found.append(shaped.draw(left + self.pad_x + self.rule / 2, base))
            base -= self.line * self.size
        for line in cell.lines:
            if kind in _TO_THE_RIGHT:
                x = right - self.pad_x - self.rule / 2 - cell.indent * self.size - own.width(line, self.size)
            elif kind in _CENTRED:
                x = (left + right - own.width(line, self.size)) / 2
            else:
                x = left + self.pad_x + self.rule / 2
            found.append(_show(own, style, line, self.size, x, base))
            base -= self.line * self.size
        found.append(b"0 Tc\nET\n" if spaced else b"ET\n")
        return b"".join(found)

    def _rules(self, page: Sequence[_Set], ys: Sequence[float]) -> bytes:
        """The ruled lines around all cells; there are none inside a cell that spans columns."""
        top = self.top
        first, last = self.edges[0], self.edges[-1]
        head = (top, top - self.head_height, *ys)
        found = [b"/Artifact <</Type /Layout>> BDC\nq %.2f G %.2f w\n" % (self.rule_ink, self.rule)]
        found += [b"%.2f %.2f m %.2f %.2f l\n" % (first - self.rule / 2, y, last + self.rule / 2, y) for y in head]
        spans = [
            (row, ys[number], ys[number + 1]) for number, row in enumerate(page) if any(c.span > 1 for c in row.cells)
        ]
        for number, x in enumerate(self.edges):
            begin = top
            for row, upper, lower in spans:
                if any(cell.column < number < cell.column + cell.span for cell in row.cells):
                    if begin > upper:
                        found.append(b"%.2f %.2f m %.2f %.2f l\n" % (x, begin, x, upper))
                    begin = lower
            if begin > ys[-1]:
                found.append(b"%.2f %.2f m %.2f %.2f l\n" % (x, begin, x, ys[-1]))
        found.append(b"S Q\nEMC\n")
        return b"".join(found)


def _is_plain(cell: Cell) -> bool:
    """Whether a cell has plain letters only (:func:`fonts.plain_letters`) and needs no shaping."""
    return fonts.all_printable(set(cell.text))


def _elements(out: Any) -> Any:
    """A function that makes structure elements in ``out`` from a tag and a parent; the tags' names are made once."""
    from pikepdf import Dictionary, Name

    names = {name: Name("/" + name) for name in ("Document", "Sect", "Table", "TBody", "TR", "TD")}

    def element(name: str, parent: Any) -> Any:
        if parent is None:
            return out.make_indirect(Dictionary(Type=Name.StructElem, S=names[name]))
        return out.make_indirect(Dictionary(Type=Name.StructElem, S=names[name], P=parent))

    return element


def _show(own: fonts.Face, style: str, text: str, size: float, x: float, y: float) -> bytes:
    """The operators that draw a text from ``x`` on, with its baseline at ``y`` (points)."""
    name = _FONTS[style].encode()
    return b"/%s %.2f Tf 1 0 0 1 %.2f %.2f Tm <%s> Tj\n" % (name, size, x, y, own.encode(text))


def _base(size: float, line: float) -> float:
    """How far the baseline lies below the top of a line, in points; ``line`` is the line height in font sizes."""
    return ((line - ASCENT - DESCENT) / 2 + ASCENT) * size


@lru_cache(maxsize=8192)
def wrap(text: str, room: float, style: str, size: float) -> tuple[str, ...]:
    """Break a text into lines of at most ``room`` points: where :func:`fonts.parts` allows it, else inside a word."""
    lines: list[str] = []
    for paragraph in text.split("\n"):
        line, used = "", 0.0
        for part in fonts.parts(paragraph):
            width = fonts.width(style, part.rstrip(" "), size)
            if line and used + width > room:
                lines.append(line.rstrip(" "))
                line, used = "", 0.0
            while width > room and len(part) > 1:
                cut = next(
                    count
                    for count in range(len(part), 0, -1)
                    if count == 1 or fonts.width(style, part[:count], size) <= room
                )
                lines.append(part[:cut])
                part = part[cut:]
                width = fonts.width(style, part.rstrip(" "), size)
            line += part
            used += fonts.width(style, part, size)
        lines.append(line.rstrip(" "))
    return tuple(lines)


def rows_by_page(content: bytes) -> list[int]:
    """How many rows of its last table a laid out chunk has on each of its pages, from the first page on."""
    import pikepdf

    with pikepdf.open(io.BytesIO(content)) as chunk:
        order = {page.obj.objgen: number for number, page in enumerate(chunk.pages)}
        found = [0] * len(order)
        table = chunk.Root.StructTreeRoot.K[0].K[-1].K[-1]
        for body in table.K:
            if pikepdf.Name.TBody == body.S:
                for row in body.K:
                    found[order[row.Pg.objgen]] += 1
        return found
