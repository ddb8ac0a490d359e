"""Which files are taken, how they are called, and how many: plain Python without a database."""

from __future__ import annotations

import enum
import re
import unicodedata
from typing import NamedTuple

from registry.infra.i18n import lazy
from registry.infra.text import unprintable

MEGABYTE = 1_000_000

MOST_OF_A_RECORD = 200
"""Files that one record holds, withdrawn ones counted."""

MOST_AT_ONCE = 20
"""Files that are sent at once."""

LONGEST_NAME = 120
"""Characters of a file's name, its ending included."""

NEARLY_FULL = 90
"""Per cent of the room of a territory from which on its administrator is warned."""


class Kind(enum.StrEnum):
    """The kinds of files that are taken, by what they hold."""

    PDF = "pdf"
    JPEG = "jpeg"
    PNG = "png"
    DOCX = "docx"
    XLSX = "xlsx"
    CSV = "csv"
    ZIP = "zip"
    CMS = "cms"


KIND_NAMES: dict[str, object] = {
    Kind.PDF: "PDF",
    Kind.JPEG: "JPEG",
    Kind.PNG: "PNG",
    Kind.DOCX: lazy("Word document (DOCX)"),
    Kind.XLSX: lazy("Excel workbook (XLSX)"),
    Kind.CSV: lazy("table (CSV)"),
    Kind.ZIP: lazy("archive (ZIP)"),
    Kind.CMS: lazy("electronic signature (CMS)"),
}
"""What people call them."""

ENDINGS = {
    "pdf": Kind.PDF,
    "jpg": Kind.JPEG,
    "jpeg": Kind.JPEG,
    "png": Kind.PNG,
    "docx": Kind.DOCX,
    "xlsx": Kind.XLSX,
    "csv": Kind.CSV,
    "zip": Kind.ZIP,
    "cms": Kind.CMS,
    "p7s": Kind.CMS,
    "p7m": Kind.CMS,
    "sig": Kind.CMS,
}
"""The kind that a name promises."""

CONTENT_TYPES = {
    Kind.PDF: "application/pdf",
    Kind.JPEG: "image/jpeg",
    Kind.PNG: "image/png",
    Kind.DOCX: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    Kind.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    Kind.CSV: "text/csv",
    Kind.ZIP: "application/zip",
    Kind.CMS: "application/pkcs7-mime",
}
"""What a browser is told a file is."""


class Key(NamedTuple):
    """The record that holds a file, by its table and id, with the line of a report or the act that it stands behind."""

    subject_type: str
    subject_id: int
    line_id: int | None = None
    of_entry: int | None = None


def ending(name: str) -> str:
    """What a name ends in, in small letters and without the point; empty where there is none."""
    return name.rpartition(".")[2].lower() if "." in name else ""


_RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?", re.IGNORECASE)
"""Names that mean devices on Windows."""


def clean_name(text: str) -> str:
    """A file's name as it is kept: without folders, invisible signs and signs that systems read in a way of their own.

    The ending stays, in small letters.
    """
    name = unicodedata.normalize("NFC", text).replace("\\", "/").rpartition("/")[2]
    # Signs that turn the direction of writing make an ending look like another one.
    name = "".join(sign for sign in name if unicodedata.category(sign)[0] != "C" and unprintable(sign) is None)
    name = re.sub(r'[<>:"|?*\s]+', lambda found: " " if found[0].isspace() else "_", name).strip().rstrip(" .")
    stem, point, last = name.rpartition(".")
    if not point:
        stem, last = name, ""
    stem = stem.strip(" .") or "file"
    if _RESERVED.fullmatch(stem):
        stem = f"_{stem}"
    last = last.strip().lower()
    if not last:
        return stem[:LONGEST_NAME]
    return f"{stem[: LONGEST_NAME - len(last) - 1].rstrip(' .')}.{last}" if len(last) < LONGEST_NAME else "file"


def is_nearly_full(used: int, quota_mb: int) -> bool:
    """Whether the files of a territory take so much of its room that it is time to see to it."""
    return used * 100 >= quota_mb * MEGABYTE * NEARLY_FULL
