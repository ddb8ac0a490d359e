"""The papers that are kept: what is asked for, and what a file says, holds and looks like."""

from __future__ import annotations

import hashlib
import io
import json
import re
import subprocess
import zipfile
from typing import Any

import pikepdf

from tests.golden.kept import settled
from tests.golden.world import OURS

ASKED: dict[str, tuple[str, ...]] = {
    "participants": ("--as-of", "2026-09-30"),
    "contracts": ("--territory", "NU"),
    "patents": ("--as-of", "2026-11-30"),
    "revenues": ("--territory", "NU", "--year", "2026", "--quarter", "3"),
    "taxes": ("--territory", "YAFI", "--year", "2026", "--quarter", "1"),
    "indicators": ("--territory", "KURCHATOV", "--as-of", "2026-09-30"),
    "extract": ("--resident", OURS),
    "certificate": ("--resident", OURS, "--as-of", "2026-06-30"),
    "annual": ("--territory", "KURCHATOV", "--year", "2025"),
    "debtors": (),
    "fees": ("--year", "2026"),
    "premises": ("--territory", "NU"),
    "journal": ("--from", "2026-11-17"),
    "comparison": ("--from", "2026-03-31", "--as-of", "2026-11-30"),
    "sample": ("--year", "2026", "--of", "lines", "--size", "12", "--seed", "golden"),
    "corrections": ("--year", "2026"),
}
"""By kind: what it is asked for about."""

LANGUAGES = ("kk", "ru", "en")

USUAL = {kind: LANGUAGES[number % 3] for number, kind in enumerate(ASKED)}
"""By kind: the language in which each change is checked; the others are checked with all of them."""

_OWN = ("code", "address", "journal", "rules", "versions")
"""What ``paper.json`` says of the making of the paper, besides its data."""


def pages(content: bytes) -> list[str]:
    """What is printed, page by page, as it is laid out; wide gaps are made two spaces."""
    printed = subprocess.run(["pdftotext", "-layout", "-", "-"], input=content, capture_output=True, check=True).stdout
    lines = []
    for number, page in enumerate(printed.decode().removesuffix("\f").split("\f"), start=1):
        lines.append(f"--- page {number}")
        lines += [re.sub(r"\s{2,}", "  ", line.strip()) for line in page.splitlines() if line.strip()]
    return [settled(line) for line in lines]


def data(content: bytes) -> list[str]:
    """The files inside with their columns and the hashes of their data; of ``paper.json``, part by part."""
    lines = []
    with pikepdf.open(io.BytesIO(content)) as document:
        for name, attached in sorted(document.attachments.items()):
            held = attached.get_file().read_bytes()
            if name == "paper.json":
                lines += [f"{name} {key}: {_told(value)}" for key, value in _data_of(held).items()]
            else:
                rows = held.decode().splitlines()
                lines += [f"{name}: {len(rows)} lines, {_settled_hash(held)}", f"{name} columns: {rows[0]}"]
    return lines


def _data_of(paper_json: bytes) -> dict[str, Any]:
    told = json.loads(paper_json)
    return {key: value for key, value in told.items() if key not in _OWN}


def _told(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, sort_keys=True)
    return text if len(text) < 180 else f"{len(text)} signs, {_settled_hash(text.encode())}"


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _settled_hash(text: bytes) -> str:
    """The hash of a text whose own hashes and codes are taken out."""
    return _hash(settled(text.decode()).encode())


def looks(content: bytes) -> list[str]:
    """Hashes of what is drawn on each page, layer by layer, and of the whole file but for what names its makers.

    The names and versions of the programs, of our own sources among them, and the signature that covers them differ
    from one state of the sources to the next although the paper is the same.
    """
    with pikepdf.open(io.BytesIO(content)) as document:
        drawn = [[_hash(layer.read_bytes())[:16] for layer in _layers(page)] for page in document.pages]
        names = document.Root.Names.EmbeddedFiles.Names
        for name, file in zip(names[::2], names[1::2], strict=True):
            if str(name) == "paper.json":
                held = file.EF.F
                held.write(json.dumps(_data_of(held.read_bytes()), sort_keys=True).encode())
                del held.Params
        whole = io.BytesIO()
        document.save(
            whole,
            static_id=True,
            compress_streams=False,
            stream_decode_level=pikepdf.StreamDecodeLevel.generalized,
            object_stream_mode=pikepdf.ObjectStreamMode.disable,
        )
    return [
        f"file {_hash(whole.getvalue())}",
        *(f"page {n}: {' '.join(found)}" for n, found in enumerate(drawn, start=1)),
    ]


def _layers(page: pikepdf.Page) -> list[Any]:
    """What a page is drawn by: the print, and what is stamped on it, the head of the journal among it."""
    contents = page.obj.Contents
    return list(contents) if isinstance(contents, pikepdf.Array) else [contents]


def code_of(content: bytes) -> str:
    """The code by which anybody looks a paper up."""
    with pikepdf.open(io.BytesIO(content)) as document:
        return str(json.loads(document.attachments["paper.json"].get_file().read_bytes())["code"])


def packed(content: bytes) -> list[str]:
    """The files of an evidence pack, those of data with their hashes, and what its manifest says of the period."""
    lines = []
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for path in sorted(archive.namelist()):
            held = archive.read(path)
            is_data = path.partition("/")[2].startswith("data/")
            lines.append(f"{path}: {_hash(held)}" if is_data else path)
            if path.endswith("/manifest.json"):
                told = json.loads(held)
                lines += [
                    f"{key}: {_told(told[key])}" for key in sorted(told.keys() - {"files", "head", "papers", "journal"})
                ]
    return [re.sub(r"keys/[0-9a-f]{16}", "keys/‹key›", line) for line in lines]
