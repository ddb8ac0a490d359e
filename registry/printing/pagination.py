"""Chunks of a paper that are made each for itself and joined afterwards.

The rows of a long table that fill whole pages are a chunk of their own, set directly; what stands before and after them
is laid out as HTML. A long table that cannot be set directly is cut between rows, and each cut ends its page. A chunk
carries nothing that changes without its own words changing: no number, no page numbers, no dates of issue. Those are
stamped after the chunks are joined.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from registry.printing.layout import Block, Paper, Row, Section, Table

ROWS = 200
"""Rows of a table a laid out chunk holds: few for one changed row to cost little, enough for few pages to end early."""

LONG = 100
"""A table with more rows than this is set directly."""

TRIALS = 25, 60
"""Rows laid out to see how many fill the page a table begins on: few first, and more where few do not show it."""


BEYOND = 8
"""Rows that must stand behind the page's end for a trial to show it."""

SHORT = 8
"""A table with at most so many rows is not parted, where a page has room for it."""

APART = 12
"""After a table with at most so many rows, notes and signatures may begin a page."""


@dataclass(frozen=True, slots=True)
class Part:
    """A section, or what of it stands in this chunk.

    ``continued``: its heading stands in an earlier chunk, and its first block is a table that goes on. ``ending``: the
    notes and signatures follow it.
    """

    section: Section
    blocks: tuple[Block, ...]
    continued: bool = False
    ending: bool = False

    def ends_apart(self, paper: Paper) -> bool:
        """Whether notes and signatures may begin a page without the rows of a table before them.

        After a short table they may, if there are notes or sources to stand above the signatures: else much of the
        table would go with them and leave a page half empty. Of a long one the last rows go with them.
        """
        tables = [block for block in self.blocks if isinstance(block, Table)]
        return bool(tables) and len(tables[-1].rows) <= APART and bool(paper.notes or paper.sources)


@dataclass(frozen=True, slots=True)
class Chunk:
    """Parts that are laid out together, or ``table``: rows that fill whole pages and are set directly.

    ``rows`` of tables in it: what progress is reckoned by.
    """

    parts: tuple[Part, ...]
    first: bool
    rows: int
    table: Table | None = None

    @property
    def continued(self) -> bool:
        """Whether it begins in the middle of a table."""
        return self.table is not None or (bool(self.parts) and self.parts[0].continued)


Fit = Callable[[Chunk, Table], tuple[int, int] | None]
"""How many rows of a table belong to the chunk it begins in, and how many after them fill whole pages.

It is given the chunk with as many of the table's first rows as :data:`TRIALS` says, and the table; None when so few do
not show it.
"""


def split(paper: Paper, fit: Fit | None = None) -> list[Chunk]:
    """Cut a paper into chunks: one for a short paper. ``fit`` says what of a long table is set directly, if any."""
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
    """Parts of about :data:`ROWS` rows.

    A heading is not parted from what follows it, nor a total from what it sums up.
    """
    start = 0
    while len(rows) - start > ROWS * 1.25:
        end = start + ROWS
        while end > start + 1 and (rows[end - 1].style == "group" or rows[end].style == "total"):
            end -= 1
        yield rows[start:end]
        start = end
    yield rows[start:]
