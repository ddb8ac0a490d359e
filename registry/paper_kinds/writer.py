"""What the writers of all kinds share: words and values in the paper's language, and tables."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar

from msgspec import UNSET

from registry.infra import members
from registry.infra.fields import Type
from registry.infra.i18n import NBSP, speaking
from registry.infra.numbers import percent_half_up
from registry.infra.text import sort_key
from registry.journal import presentation
from registry.paper_kinds import snapshots as s
from registry.paper_kinds.words import SHARED, Words, say
from registry.printing import formats
from registry.printing.layout import (
    SQUARE_METRES,
    TENGE,
    Block,
    Cell,
    CellKind,
    Column,
    Facts,
    Paragraph,
    Row,
    Section,
    Table,
    row_of,
)

DASH = "–"
"""Printed where there is no value."""
ROMAN = ("", "I", "II", "III", "IV")
"""Quarters as they are printed, by number (1 to 4)."""


class Writer:
    """Writes one paper. Subclasses, one for each kind, write the sections of that kind.

    A writer knows the shared phrases (:data:`registry.paper_kinds.words.SHARED`), its own ``words`` and those of the
    writers it extends.
    """

    words: ClassVar[Words] = {}
    vocabulary: ClassVar[Words] = SHARED

    def __init_subclass__(cls) -> None:
        cls.vocabulary = SHARED | {
            key: texts for base in reversed(cls.__mro__) for key, texts in vars(base).get("words", {}).items()
        }

    def __init__(self, snapshot: s.Snapshot, language: str) -> None:
        self.snapshot = snapshot
        self.language = language
        territory = snapshot.scope.territory
        self.word = territory.word if territory else ""
        self.notes: list[str] = []

    def sections(self, body: Any) -> list[Section]:
        """The paper's parts in their order. Writing them also adds to ``notes``, the notes that end the paper."""
        raise NotImplementedError

    # --- words and values ---

    def say(self, key: str, **values: object) -> str:
        """A phrase in the paper's language, with the territory's own word for its members.

        Values that are cells are written as they would be in a table; names and other values stay as they are.

        :raises KeyError: for a phrase that does not exist.
        """
        texts = {name: self.written(value) if isinstance(value, Cell) else value for name, value in values.items()}
        phrase = members.called(say(self.vocabulary, key, self.language), self.language, self.word)
        return phrase.format(**texts) if texts else phrase

    def knows(self, key: str) -> bool:
        """Whether there is a phrase with this key."""
        return key in self.vocabulary

    def written(self, cell: Cell) -> str:
        """The text of a cell, for use within a phrase."""
        return formats.text(cell, self.language)

    def field(self, name: str, subject_type: str = "") -> str:
        """The name of a field: the phrase ``field.<name>`` if there is one, else the label in its declaration."""
        if self.knows(f"field.{name}"):
            return self.say(f"field.{name}")
        with speaking(self.language):
            return members.called(presentation.label(name, subject_type), self.language, self.word)

    def text(self, text: s.Text) -> str:
        return text.speak(self.language)

    def day(self, day: date | None, absent: str = "") -> Cell:
        """A day, or the text ``absent`` where there is none."""
        return Cell(absent) if day is None else Cell(day, CellKind.DATE)

    def money(self, tiyn: int | None) -> Cell:
        """An amount in tiyn, printed in tenge; a dash for None."""
        return Cell(DASH) if tiyn is None else Cell(tiyn, CellKind.MONEY, TENGE)

    def area(self, hundredths: int | None) -> Cell:
        """An area in hundredths of a square metre; a dash for None."""
        return Cell(DASH) if hundredths is None else Cell(hundredths, CellKind.DECIMAL, SQUARE_METRES)

    def whole(self, number: int | None, unit: str = "") -> Cell:
        """A whole number; a dash for None."""
        return Cell(DASH) if number is None else Cell(number, CellKind.INTEGER, unit)

    def percent(self, part: int, whole: int) -> Cell:
        """The share of ``part`` in ``whole`` in per cent (:func:`registry.infra.numbers.percent_half_up`)."""
        return self.per_cent(percent_half_up(part, whole))

    def per_cent(self, known: str | None) -> Cell:
        """A percentage that is known already, as a decimal number; a dash for None."""
        return Cell(DASH) if known is None else Cell(Decimal(known), CellKind.PERCENT)

    def bin(self, who: s.Who) -> Cell:
        return Cell(who.bin, CellKind.BIN)

    def below(self, *values: Cell | str | None) -> Cell:
        """Those of the values that are not empty, one below the other; a dash where all are empty."""
        found = [Cell(value) if isinstance(value, str) else value for value in values if value]
        lines = tuple(cell for cell in found if cell.value != "")
        if len(lines) > 1:
            return Cell(lines, CellKind.LINES)
        return lines[0] if lines else Cell(DASH)

    def reference(self, number: str | None, day: date | None) -> str:
        """A reference to a document by number and date, whichever of them is known; empty where neither is."""
        return self.referred(number, self.written(self.day(day)))

    def referred(self, number: str | None, day: str) -> str:
        """Like :meth:`reference`, with the day or days as a text."""
        if number and day:
            return self.say("document.of", number=number, day=day)
        return self.say("document.number", number=number) if number else day

    def evidence_kind(self, kind: str | None) -> str:
        """The name of a known kind of document; any other kind as it was entered."""
        return self.say(f"evidence.{kind}") if self.knows(f"evidence.{kind}") else kind or ""

    def evidence(self, line: s.Documented) -> str:
        """An evidence document by kind, number and date."""
        reference = self.reference(line.document_no, line.document_date)
        return " ".join(part for part in (self.evidence_kind(line.document_kind), reference) if part)

    def sorted_by_name(self, items: Iterable, name: Callable[..., s.Text]) -> list:
        """The items in the alphabetical order of the names printed; those with equal names stay in their order."""
        return sorted(items, key=lambda item: sort_key(self.text(name(item))))

    def facts(self, rows: Iterable[tuple[str, Cell | str]]) -> Facts:
        """Labels with their values; a dash where there is none."""
        found = [(label, value if isinstance(value, Cell) else Cell(value)) for label, value in rows]
        return Facts(tuple((label, Cell(DASH) if cell.value == "" else cell) for label, cell in found))

    def column(self, key: str, width: float, style: str = "text") -> Column:
        return Column(self.say(f"col.{key}"), width, style)

    def table(self, columns: Sequence[Column | None], rows: Iterable[Row], caption: str = "") -> Block:
        """A table without the columns that are None; without rows, a sentence that there is nothing to show."""
        rows = tuple(rows)
        if not rows:
            return Paragraph(f"{caption}. {self.say('nothing')}" if caption else self.say("nothing"))
        present = [column for column in columns if column is not None]
        return Table(formats.with_room(present, rows, self.language), rows, caption)

    @property
    def shows_territory(self) -> bool:
        """Whether lines name their territory: in papers that cover several."""
        return len(self.snapshot.scope.territories) > 1

    def territory_column(self) -> Column | None:
        return self.column("territory", 20, "code") if self.shows_territory else None

    def place(self, who: s.Who) -> tuple[str, ...]:
        """The cell that belongs to :meth:`territory_column`, if the paper has that column."""
        return (who.territory,) if self.shows_territory else ()

    def status(self, entry: s.Entry) -> str:
        if entry.status == "suspended" and entry.status_since:
            return self.say("status.suspended_since", day=self.day(entry.status_since))
        return self.say(f"status.{entry.status}")

    def counted(self, rows: list[Row], width: int) -> list[Row]:
        """The rows, followed by one that says how many they are; ``width`` is the number of columns."""
        return [*rows, self.count_row(len(rows), width)] if rows else rows

    def count_row(self, count: int, width: int) -> Row:
        return row_of(self.say("total.count", count=self.whole(count)), style="total", span=width)

    def contract_subject(self, contract: s.Contract) -> Cell:
        kind, subject = self.text(contract.kind), self.text(contract.subject)
        text = f"{kind}: {subject}" if subject else kind
        premises = self.say("premises", number=contract.premises) if contract.premises else None
        return self.below(text, premises, *map(self.fact, contract.further or ()))

    def addenda(self, contract: s.Contract) -> Cell:
        """The supplementary agreements by number and date, each with its subject, if it names one."""
        lines = []
        for item in contract.addenda:
            subject = "" if item.subject is UNSET else self.text(item.subject)
            lines.append(self.reference(item.number, item.signed_on) + (f": {subject}" if subject else ""))
        return self.below(*lines)

    def fact(self, fact: s.Fact) -> str:
        """A further field of a record: its label and its value. The label names the unit."""
        number = {Type.MONEY: self.money, Type.AREA: self.area}.get(Type(fact.type), self.whole)
        value = self.text(fact.text) if fact.number is None else self.written(number(fact.number))
        return f"{self.text(fact.label)}: {value if fact.day is None else self.written(self.day(fact.day))}"

    def dated(self, number: str | None, day: date | None) -> Cell:
        """A number with its day on the line below."""
        return self.below(number, self.day(day))

    def term(self, contract: s.Contract) -> Cell:
        """The first and the last day of a contract on two lines; the last is the day of termination, if any."""
        first = f"{self.written(self.day(contract.starts_on))}{NBSP}{DASH}"
        return self.below(first, self.day(contract.terminated_on or contract.ends_on, self.say("no_end")))

    def holder(self, holder: s.Holder) -> str:
        """A holder of a patent by name and BIN, with the share in per cent where it is known."""
        text = ", ".join(part for part in (self.text(holder.name), holder.bin) if part)
        if holder.share is None:
            return text
        whole, rest = divmod(holder.share, 100)
        share = self.written(Cell(holder.share, CellKind.DECIMAL) if rest else self.whole(whole))
        return f"{text}{NBSP}({share}{'' if self.language == 'en' else NBSP}%)"

    def named(self, who: s.Who) -> Cell:
        """A company with its BIN on the line below."""
        return self.below(self.text(who.name), self.bin(who))

    def entered(self, who: s.Who) -> Cell:
        """An entry's number in the register with the company's BIN on the line below."""
        return self.below(who.register_no, self.bin(who))

    # --- tables several papers print ---
