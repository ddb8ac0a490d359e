"""A print of a paper is read by a machine: every BIN of a register is found on a scan of 200 dots per inch."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from registry.infra.db import db
from registry.paper_kinds import kinds
from registry.papers import queries
from registry.printing import rendering
from registry.territories.models import Territory
from tests.exchange.made import take_path
from tests.papers import world
from tests.printing import registers
from tests.printing.test_archive import IDENTITY, attached, page_text
from tests.printing.test_printed_data import rows_of
from tests.test_cli_registers import SAMPLE

pytestmark = [
    pytest.mark.thorough,
    pytest.mark.skipif(shutil.which("tesseract") is None, reason="tesseract is not installed"),
]


def scanned(content: bytes, folder: Path, language: str, pages: Sequence[int] = ()) -> str:
    """What tesseract reads on a grey print; ``pages`` names the first and the last."""
    some = ["-f", str(pages[0]), "-l", str(pages[1])] if pages else []
    subprocess.run(["pdftoppm", "-r", "200", "-gray", *some, "-", folder / "page"], input=content, check=True)

    def read(sheet: Path) -> str:
        return subprocess.run(
            ["tesseract", sheet, "-", "--psm", "3", "-l", language],
            capture_output=True,
            text=True,
            check=True,
            env=os.environ | {"OMP_THREAD_LIMIT": "1"},
        ).stdout

    with ThreadPoolExecutor(2) as readers:
        return "\n".join(readers.map(read, sorted(folder.glob("page*.pgm"))))


READINGS = [("kk", "kaz", "YAFI"), ("kk", "eng", None), ("ru", "eng", "YAFI")]
"""Languages of a register and of its reader, and the territory; the gate reads the first."""


@pytest.mark.parametrize(("language", "reader", "prefix"), READINGS if world.COMPLETE else READINGS[:1])
def test_every_bin_of_the_register_is_found_on_its_print(
    app: Flask, tmp_path: Path, language: str, reader: str, prefix: str | None
) -> None:
    take_path("residents", SAMPLE / "residents.csv")
    park = db.session.scalars(sa.select(Territory).where(Territory.prefix == prefix)).one_or_none()
    content = queries.get_bytes(world.issued("participants", language=language, territory=park))
    wanted = [row["bin"] for name, row in rows_of(attached(content)) if name == "residents.csv"]
    assert len(wanted) > 10
    text = scanned(content, tmp_path, reader)
    assert [number for number in wanted if number not in text] == []


def test_pages_set_directly_are_read_too(tmp_path: Path) -> None:
    data = registers.snapshot(120)
    paper = kinds.compose(data, "kk")
    content = rendering.stamp(rendering.render(paper), paper, IDENTITY)
    text = scanned(content, tmp_path, "eng", (2, 2))
    wanted = re.findall(r"\b24014\d{7}\b", page_text(content)[1])
    assert len(wanted) > 10
    assert [number for number in wanted if number not in text] == []
