"""What stands on a paper and what is attached to it say the same: cell by cell, number by number, to the last byte.

The text is read from the glyphs that are drawn, as a listener's program reads them; the data from the files inside.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask

from registry.paper_kinds import kinds
from registry.paper_kinds.data import data_of
from registry.papers import queries
from registry.papers.models import Document
from registry.printing import rendering
from registry.verification import checking
from tests.pages import Page, PageClient
from tests.papers import world
from tests.printing import registers
from tests.printing.reading import Reading, machine
from tests.printing.test_archive import IDENTITY, attached

pytestmark = pytest.mark.thorough

_SCALES = (1, 100, 10**6, 10**9, 10**11)
"""What the data count in and papers print: units, hundredths, millions, thousand millions, those of hundredths."""


def plain(text: str) -> str:
    return re.sub(r"\s", "", text)


def rows_of(files: dict[str, bytes]) -> Iterator[tuple[str, dict[str, str]]]:
    for name, content in files.items():
        if name.endswith(".csv"):
            for row in csv.DictReader(io.StringIO(content.decode())):
                yield name, row


def numbers_in(value: Any) -> Iterator[Decimal]:
    """Every number a chunk of JSON holds and how far what was reached is from its plan, whole ones also as the
    hundredths they may be."""
    if isinstance(value, dict):
        for inner in value.values():
            yield from numbers_in(inner)
        actual, target = value.get("actual"), value.get("target")
        if isinstance(actual, int) and isinstance(target, int):
            yield from numbers_in(abs(actual - target))
    elif isinstance(value, list):
        for inner in value:
            yield from numbers_in(inner)
    elif isinstance(value, int) and not isinstance(value, bool):
        for scale in _SCALES:
            yield Decimal(value) / scale
    elif isinstance(value, str):
        yield from map(Decimal, re.findall(r"\d+(?:\.\d+)?", value))


def exact(files: dict[str, bytes]) -> set[Decimal]:
    """The numbers of the data, and the sums of their amounts: in all, by company and by code."""
    about = json.loads(files["paper.json"])
    del about["printed"]
    found = set(numbers_in(about))
    sums: dict[tuple[str, ...], Decimal] = defaultdict(Decimal)
    for name, row in rows_of(files):
        for column, value in row.items():
            found.update(map(Decimal, re.findall(r"\d+(?:\.\d+)?", value)))
            if re.fullmatch(r"-?\d+\.\d\d", value):
                for key in ("", "bin", "code", "category", "territory", "quarter"):
                    sums[name, column, key, row.get(key, "")] += Decimal(value)
    return found | set(sums.values())


def is_among(number: Decimal, known: set[Decimal]) -> bool:
    """As it is, or rounded as it is printed."""
    if number in known:
        return True
    half = Decimal(1).scaleb(int(number.as_tuple().exponent)) / 2
    return any(abs(other - number) <= half for other in known)


@pytest.mark.parametrize(("kind", "language"), world.papers(1))
def test_what_is_printed_is_in_the_data_and_what_is_in_the_data_is_printed(
    app: Flask, kind: str, language: str
) -> None:
    world.build()
    content = queries.get_bytes(world.issued(kind, language=language))
    files, read = attached(content), Reading(content)
    printed = json.loads(files["paper.json"])["printed"]
    compare(read, printed, language)
    known = exact(files)
    for table, about in zip(read.tables, printed, strict=True):
        for ordinal, row in enumerate(table[2:] if about["columns"] else table, start=1):
            for cell in row:
                number = machine(cell.strip(), language)
                if re.fullmatch(r"-?\d+(\.\d+)?", number) and number != str(ordinal):
                    assert is_among(abs(Decimal(number)), known), (cell, row)
    said = plain("".join([*read.cells, *read.prose]))
    for _name, row in rows_of(files):
        if row.get("bin"):
            assert row["bin"] in said
    for total in totals(kind, files):
        assert any(machine(cell.strip(), language) == total for cell in read.cells), total


def compare(read: Reading, printed: list[dict[str, Any]], language: str) -> None:
    """The tables of the text are those of the data, in all their cells."""
    assert len(read.tables) == len(printed)
    for table, about in zip(read.tables, printed, strict=True):
        columns = about["columns"]
        heading = [columns, [str(number + 1) for number in range(len(columns))]] if columns else []
        expected = [[plain(cell) for cell in row] for row in [*heading, *about["rows"]]]
        if columns:
            assert [[plain(machine(cell.strip(), language)) for cell in row] for row in table] == expected
        else:
            assert [[plain(cell) for cell in row] for row in table] == expected


def totals(kind: str, files: dict[str, bytes]) -> list[str]:
    """What the lines of a paper's money add up to; of payments to the budget, only those that are taxes."""
    if kind not in ("taxes", "revenues", "annual"):
        return []
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for name, row in rows_of(files):
        if name.endswith("report-lines-by-code.csv") and row["counts"] == "1":
            sums[name] += Decimal(row["amount"])
    assert len(sums) == (3 if kind == "annual" else 1)
    return [str(total) for total in sums.values()]


@pytest.mark.parametrize("count", [120, 137, 158])
def test_no_row_of_a_long_register_is_lost(count: int) -> None:
    """Whether pages are set directly or laid out as HTML, and wherever the last of them ends."""
    data = registers.snapshot(count)
    paper = kinds.compose(data, "ru")
    content = rendering.stamp(rendering.render(paper, data=data_of(data)), paper, IDENTITY)
    compare(Reading(content), json.loads(attached(content)["paper.json"])["printed"], "ru")


# --- every byte counts ---


def positions(content: bytes) -> dict[str, int]:
    """Places in a paper where nobody would see one changed bit."""
    line = content.rindex(b"%Tizilim ")
    found = {f"{part} of 40": len(content) * part // 40 for part in range(40)}
    found |= {"first": 0, "last": len(content) - 1, "token": line + 20, "signature": content.index(b"\n", line) - 5}
    for number, match in enumerate(re.finditer(rb"/EmbeddedFile.*?stream\r?\n", content, re.DOTALL)):
        found[f"attachment {number}"] = match.end() + 12
    return found


def issued_bytes(kind: str = "participants") -> tuple[Document, bytes]:
    world.build()
    paper = world.issued(kind)
    return paper, queries.get_bytes(paper)


def test_any_changed_byte_is_noticed_by_the_check_of_a_file(app: Flask) -> None:
    _paper, content = issued_bytes()
    assert checking.verify(content, world.DAY).valid
    places = positions(content)
    assert sum(name.startswith("attachment") for name in places) >= 2
    for name, position in places.items():
        damaged = bytearray(content)
        damaged[position] ^= 1
        assert checking.verify(bytes(damaged), world.DAY).status == "unknown", name
    assert not checking.verify(content + b"\n", world.DAY).valid
    assert not checking.verify(content[:-1], world.DAY).valid


def test_any_changed_byte_is_noticed_by_the_public_page(app: Flask, client: PageClient) -> None:
    client.get_response("shell.switch_language", code="en", expect=302)
    paper, content = issued_bytes("certificate")
    pages = client.get(f"/v/{paper.code}"), client.get("/check")
    for page in pages:
        assert "This is the issued paper, unchanged." in upload(client, page, content)
    for name, position in positions(content).items():
        damaged = bytearray(content)
        damaged[position] ^= 1
        page = pages[position % 2]
        answer = upload(client, page, bytes(damaged), expect=422 if position < len("%PDF-") else 200)
        expected = (
            "This is not a PDF file. Choose the PDF" if position < len("%PDF-") else "it was changed after its issue"
        )
        assert expected in answer, name
        assert "This is the issued paper" not in answer, name


def upload(client: PageClient, page: Page, content: bytes, *, expect: int = 200) -> Page:
    return client.submit(page, {"file": (io.BytesIO(content), "paper.pdf")}, containing="csrf_token", expect=expect)
