"""A paper as a program reads it aloud: the texts of its structure, from the glyphs that are drawn."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import Any

import pikepdf

from tests.printing.conformance import to_unicode

_NUMBER = {
    "en": re.compile(r"−?\d{1,3}(,\d{3})*(\.\d+)?"),
    "ru": re.compile(r"−?\d{1,3}([\u00a0\u202f ]\d{3})*(,\d+)?"),
    "kk": re.compile(r"−?\d{1,3}([\u00a0\u202f ]\d{3})*(,\d+)?"),
}


def machine(text: str, language: str) -> str:
    """A printed number as programs write it; any other text as it is."""
    if not _NUMBER[language].fullmatch(text):
        return text
    text = text.replace("−", "-")
    if language == "en":
        return text.replace(",", "")
    return re.sub(r"[\u00a0\u202f ]", "", text).replace(",", ".")


class Reading:
    """What stands in the elements of a paper; ``tables`` row by row, ``prose`` everything that is in none."""

    def __init__(self, content: bytes) -> None:
        self.tables: list[list[list[str]]] = []
        self.prose: list[str] = []
        self._fonts: dict[tuple[int, int], dict[int, str]] = {}
        with pikepdf.open(io.BytesIO(content)) as document:
            self._marked = {sheet.obj.objgen: dict(self._texts(sheet)) for sheet in document.pages}
            self._walk(document.Root.StructTreeRoot.K[0], None)

    @property
    def cells(self) -> list[str]:
        return [cell for table in self.tables for row in table for cell in row]

    def _texts(self, sheet: Any) -> Iterator[tuple[int, str]]:
        trail: list[int | None] = []
        said: dict[int, list[str]] = {}
        reads: dict[int, str] = {}
        for operands, operator in pikepdf.parse_content_stream(sheet):
            name = str(operator)
            if name in ("BDC", "BMC"):
                about = operands[1] if len(operands) > 1 else None
                marked = isinstance(about, pikepdf.Dictionary) and "/MCID" in about
                trail.append(int(about.MCID) if marked else None)  # type: ignore[union-attr]
            elif name == "EMC":
                trail.pop()
            elif name == "Tf":
                font = sheet.obj.Resources.Font[str(operands[0])]
                reads = self._fonts.setdefault(font.objgen, {}) or to_unicode(font.ToUnicode.read_bytes())
                self._fonts[font.objgen] = reads
            elif name in ("Tj", "TJ") and trail and trail[-1] is not None:
                parts = operands[0] if isinstance(operands[0], pikepdf.Array) else [operands[0]]
                for part in parts:
                    if isinstance(part, pikepdf.String):
                        codes = bytes(part)
                        said.setdefault(trail[-1], []).extend(
                            reads[int.from_bytes(codes[at : at + 2], "big")] for at in range(0, len(codes), 2)
                        )
        for mark, letters in said.items():
            yield mark, "".join(letters)

    def _walk(self, element: Any, table: list[list[str]] | None) -> None:
        tag = str(element.S)[1:]
        if tag == "Table":
            table = []
            self.tables.append(table)
        elif tag == "TR" and table is not None:
            table.append([])
        elif tag in ("TH", "TD") and table is not None:
            table[-1].append(self._said(element))
            return
        elif table is None:
            text = self._said(element, deep=False)
            if text:
                self.prose.append(text)
        for kid in element.get("/K", ()):
            if isinstance(kid, pikepdf.Dictionary) and "/S" in kid:
                self._walk(kid, table)

    def _said(self, element: Any, *, deep: bool = True) -> str:
        found = []
        for kid in element.get("/K", ()) if isinstance(element.get("/K"), pikepdf.Array) else [element.get("/K")]:
            if isinstance(kid, int):
                found.append(self._marked[element.Pg.objgen].get(kid, ""))
            elif isinstance(kid, pikepdf.Dictionary) and "/MCID" in kid:
                found.append(self._marked[kid.Pg.objgen].get(int(kid.MCID), ""))
            elif deep and isinstance(kid, pikepdf.Dictionary) and "/S" in kid:
                found.append(self._said(kid))
        return " ".join(part for part in found if part)
