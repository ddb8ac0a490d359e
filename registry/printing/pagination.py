"""How a paper is cut into chunks, which are laid out separately and joined afterwards.

The rows of a long table that fill whole pages are a chunk of their own, set directly
(:mod:`registry.printing.table_layout`); what stands before and after them is laid out as HTML. A long table that cannot
be set directly is cut between rows, and each cut ends a page. Chunks are kept in a cache, so a chunk holds nothing that
can change while its own words stay the same: the paper's number, page numbers and the date of issue are stamped after
the chunks are joined.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from registry.printing.layout import Block, Paper, Row, Section, Table

ROWS = 200
"""About how many rows of a table a chunk laid out as HTML holds.

Fewer rows make it cheaper to lay out a paper again after one row changed; more rows leave fewer pages partly empty.
"""

LONG = 100
"""A table with more rows than this is set directly if it can be."""

TRIALS = 25, 60
"""How many rows are laid out to find how many of them fit on the page a table begins on.

The second number is tried where the first is too small to tell.
"""


BEYOND = 8
"""How many rows must lie beyond the end of the page before a trial is trusted to show where the page ends."""

SHORT = 8
"""A table with at most this many rows is not split between pages, if it fits on one."""

APART = 12
"""After a table with at most this many rows, notes and signatures may begin a new page (:meth:`Part.ends_apart`)."""


@dataclass(frozen=True, slots=True)
class Part:
    """A section, or the blocks of it that belong to this chunk.

    ``continued``: its heading is in an earlier chunk, and its first block is the rest of a table that began there.
    ``ending``: the paper's notes and signatures follow it.
    """

    section: Section
    blocks: tuple[Block, ...]
    continued: bool = False
    ending: bool = False

    def ends_apart(self, paper: Paper) -> bool:
        """Whether notes and signatures may begin a page without the rows of a table before them.

        They may after a short table, provided that notes or sources stand above the signatures: taking rows along would
        move much of the table and leave a page half empty. The last rows of a long table move with them instead.
        """
        tables = [block for block in self.blocks if isinstance(block, Table)]
        return bool(tables) and len(tables[-1].rows) <= APART and bool(paper.notes or paper.sources)


@dataclass(frozen=True, slots=True)
class Chunk:
    """Parts that are laid out together as HTML, or a ``table`` whose rows fill whole pages and are set directly.

    ``first``: the chunk begins the paper. ``rows`` is how many table rows it holds, by which progress is measured.
    """

    parts: tuple[Part, ...]
    first: bool
    rows: int
    table: Table | None = None

    @property
    def continued(self) -> bool:
        """Whether the chunk begins in the middle of a table."""
        return self.table is not None or (bool(self.parts) and self.parts[0].continued)


Fit = Callable[[Chunk, Table], tuple[int, int] | None]
"""Finds how many rows of a table belong to the chunk it begins in, and how many rows after them fill whole pages.

Its arguments are that chunk, with as many of the first rows as one of :data:`TRIALS` says, and the whole table. It
returns None when that many rows are too few to tell.
"""


def split(paper: Paper, fit: Fit | None = None) -> list[Chunk]:
    """Cut a paper into chunks; a short paper is one chunk.

    ``fit`` decides which rows of a long table are set directly; without it none are.
    """
    last = max((number for number, section in enumerate(paper.sections) if not section.annex), default=-1)
    chunks: list[Chunk] = []
    parts: list[Part] = []

    def chunk() -> Chunk:
        return Chunk(tuple(parts), not chunks, sum(_rows(part.blocks) for part in parts))

    def close() -> None:
        chunks.append(chunk())
        parts.clear()

    for number, section in enumerate(paper.sections):
        if section.annex and sum(_rows(part.blocks) for part in parts) + _rows(section.blocks) > ROWS:
            close()
        blocks: list[Block] = []
        continued = False
        for block in section.blocks:
            rest = block
            if fit is not None and isinstance(block, Table) and len(block.rows) > LONG:
                lead = whole = 0
                for trial in TRIALS:
                    parts.append(Part(section, (*blocks, replace(block, rows=block.rows[:trial])), continued))
                    found = fit(chunk(), block)
                    parts.pop()
                    if found is not None:
                        lead, whole = found
                        break
                if whole:
                    parts.append(Part(section, (*blocks, replace(block, rows=block.rows[:lead])), continued))
                    close()
                    middle = replace(block, rows=block.rows[lead : lead + whole], caption="")
                    chunks.append(Chunk((), False, whole, middle))
                    rest = replace(block, rows=block.rows[lead + whole :], caption="")
                    blocks, continued = [], True
            slices = _slices(rest)
            for part in slices[:-1]:
                blocks.append(part)
                parts.append(Part(section, tuple(blocks), continued))
                close()
                blocks, continued = [], True
            blocks.append(slices[-1])
        parts.append(Part(section, tuple(blocks), continued, number == last))
    if parts or not chunks:
        close()
    return chunks


def _rows(blocks: tuple[Block, ...]) -> int:
    return sum(len(block.rows) for block in blocks if isinstance(block, Table))


def _slices(block: Block) -> list[Block]:
    if not isinstance(block, Table) or len(block.rows) <= ROWS * 1.25:
        return [block]
    return [
        replace(block, rows=rows, caption="" if number else block.caption)
        for number, rows in enumerate(_runs(block.rows))
    ]


def _runs(rows: tuple[Row, ...]) -> Iterator[tuple[Row, ...]]:
    """Runs of about :data:`ROWS` rows.

    A group heading stays with the row after it, and a total with the row before it.
    """
    start = 0
    while len(rows) - start > ROWS * 1.25:
        end = start + ROWS
        while end > start + 1 and (rows[end - 1].style == "group" or rows[end].style == "total"):
            end -= 1
        yield rows[start:end]
        start = end
    yield rows[start:]
