"""What pages and files say, as lines of plain text."""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import Any

import openpyxl
from lxml import html
from werkzeug.test import TestResponse

from tests.golden.kept import settled

_UNSEEN = {"script", "style", "svg", "template", "datalist"}
_OWN_LINE = {
    "address", "article", "blockquote", "details", "div", "dl", "fieldset", "figcaption", "figure", "form",
    "h1", "h2", "h3", "h4", "h5", "h6", "header", "legend", "li", "main", "nav", "ol", "p", "pre", "section", "summary",
    "table", "tr", "ul",
}  # fmt: skip
_CELLS = {"td", "th"}
_BEFORE = {"td": "\t", "th": "\t", "dd": ": ", "br": " "}

LONGEST_CELL = 160
"""Signs of a cell of a file that are kept; of the rest, its hash."""


def page_lines(content: bytes, part: str = "//main | //body[not(.//main)]") -> list[str]:
    """The text of a part of a page, a line for each block and each row; of fields, their names and values."""
    root = html.fromstring(content.decode())
    for skipped in root.xpath("//*[@hidden]"):
        skipped.drop_tree()
    text = "".join(piece for found in root.xpath(part) for piece in _pieces(found, in_cell=False))
    lines = (" | ".join(" ".join(cell.split()) for cell in line.split("\t")) for line in text.split("\n"))
    return [settled(line.strip(" |").replace(" : ", ": ")) for line in lines if line.strip(" |")]


def _pieces(element: Any, *, in_cell: bool) -> Iterator[str]:
    if not isinstance(element.tag, str) or element.tag in _UNSEEN:
        return
    if element.tag in ("input", "select", "textarea"):
        yield f" {_field(element)} "
        return
    if element.tag == "img" and element.get("alt"):
        yield f" [{element.get('alt')}] "
    end = " " if in_cell else "\n"
    yield end if element.tag in _OWN_LINE | {"dt"} else _BEFORE.get(element.tag, "")
    inside = in_cell or element.tag in _CELLS
    yield _one_line(element.text)
    for child in element:
        yield from _pieces(child, in_cell=inside)
        yield _one_line(child.tail)
    yield end if element.tag in _OWN_LINE | {"dd"} else ""


def _one_line(text: str | None) -> str:
    return re.sub(r"\s+", " ", text or "")


def _field(element: Any) -> str:
    """What a field is called and holds; of a choice, also how much there is to choose from."""
    name, kind = element.get("name"), element.get("type", "text")
    if name is None or kind == "hidden":
        return ""
    if element.tag == "select":
        options = list(element.iter("option"))
        chosen = [o for o in options if o.get("selected") is not None] or options[:1]
        texts = [" ".join(option.text_content().split()) for option in options]
        names = hashlib.sha256("\n".join(texts).encode()).hexdigest()[:8]
        value = ", ".join(" ".join(option.text_content().split()) for option in chosen)
        return f"[{name}: {value} of {len(texts)} {names}]"
    if kind in ("checkbox", "radio"):
        return f"[{name}={element.get('value', 'on')}{' x' if element.get('checked') is not None else ''}]"
    value = element.text if element.tag == "textarea" else element.get("value")
    return f"[{name}: {value or ''}]"


# --- files ---


def file_lines(answer: TestResponse) -> list[str]:
    """The rows of a table that was sent; of a page, or any other file, its text."""
    if answer.mimetype == "text/html":
        return page_lines(answer.data)
    if answer.mimetype == "text/csv":
        rows = csv_rows(answer.text)
    elif "spreadsheet" in answer.mimetype:
        rows = workbook_rows(answer.data)
    else:
        rows = [[line] for line in answer.text.splitlines()]
    return [" | ".join(_short(" ".join(cell.split())) for cell in row) for row in rows]


def csv_rows(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline="")))


def csv_text(rows: Iterable[list[str]]) -> str:
    """Rows as exchange files write them."""
    target = io.StringIO(newline="")
    csv.writer(target, lineterminator="\n").writerows(rows)
    return target.getvalue()


def _short(cell: str) -> str:
    if len(cell) <= LONGEST_CELL:
        return settled(cell)
    rest = hashlib.sha256(settled(cell).encode()).hexdigest()[:8]
    return f"{settled(cell)[:LONGEST_CELL]}…{rest}"


def workbook_rows(content: bytes) -> list[list[str]]:
    """The cells of a workbook's sheets as exchange files write them; the name of each sheet stands before its rows."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    return [
        row
        for sheet in book.worksheets
        for row in ([f"sheet {sheet.title}"], *([_written(cell.value) for cell in row] for row in sheet.iter_rows()))
    ]


def workbook_kinds(content: bytes) -> list[str]:
    """By column of the first sheet: its heading, the kinds of values in it, and how they are shown."""
    sheet = openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]
    found = []
    for heading, *cells in sheet.iter_cols():
        kinds = sorted({f"{type(c.value).__name__} {c.number_format}" for c in cells if c.value is not None})
        found.append(f"{heading.value}: {', '.join(kinds) or 'empty'}")
    return found


def _written(value: Any) -> str:
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == datetime.min.time() else value.isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return "" if value is None else str(value)
