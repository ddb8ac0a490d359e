"""Kinds are found from content; whatever is damaged, two things at once, or could be run is refused with its reason."""

from __future__ import annotations

import io
import stat
import subprocess
import sys
import zipfile

import pytest
from asn1crypto import pem

from registry.attachments import content
from registry.attachments.content import Refused, kind_of
from registry.attachments.rules import Kind, clean_name
from registry.config import ROOT
from tests.attachments import made


def found(file: bytes, name: str) -> Kind:
    return kind_of(io.BytesIO(file), name)


GOOD = {
    "a.pdf": (made.PDF, Kind.PDF),
    "a.jpg": (made.JPEG, Kind.JPEG),
    "a.jpeg": (made.JPEG, Kind.JPEG),
    "a.png": (made.PNG, Kind.PNG),
    "a.docx": (made.DOCX, Kind.DOCX),
    "a.xlsx": (made.XLSX, Kind.XLSX),
    "a.csv": (made.CSV, Kind.CSV),
    "b.csv": ("Код;Сумма\nӘ;1\n".encode("utf-16"), Kind.CSV),
    "c.csv": ("Код;Сумма\n".encode("cp1251"), Kind.CSV),
    "a.zip": (made.ZIP, Kind.ZIP),
    "b.zip": (made.packed({"a/": b"", "a/one.docx": made.DOCX}), Kind.ZIP),
    "a.cms": (made.signature(), Kind.CMS),
    "a.p7s": (pem.armor("CMS", made.signature()), Kind.CMS),
}


@pytest.mark.parametrize("name", GOOD)
def test_what_is_taken_is_known_by_its_content(name: str) -> None:
    file, kind = GOOD[name]
    assert found(file, name) is kind


def link(name: str = "link.pdf") -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        entry = zipfile.ZipInfo(name)
        entry.create_system, entry.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
        archive.writestr(entry, "/etc/passwd")
    return file.getvalue()


def locked() -> bytes:
    content = bytearray(made.ZIP)
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(mark) + place] |= 1
    return bytes(content)


def overlapping() -> bytes:
    """Both entries of the list at the end begin at the first one's bytes."""
    file = bytearray(made.ZIP)
    second = file.index(b"PK\x01\x02", file.index(b"PK\x01\x02") + 4)
    file[second + 42 : second + 46] = bytes(4)
    return bytes(file)


REFUSED = {
    "empty": (b"", "a.pdf", "empty"),
    "ending": (made.PDF, "a.exe", "“.exe” are not taken"),
    "no ending": (made.PDF, "a", "are not taken"),
    "svg": (b"<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>", "a.png", "a web page"),
    "page as table": (b"<!DOCTYPE html><html><body>a,b</body></html>", "a.csv", "a web page"),
    "markup in a table": (b"a,b\n1,<script>alert(1)</script>\n", "a.csv", "a web page"),
    "program": (b"MZ\x90\x00" + bytes(200), "a.pdf", "“.pdf”, but the content is"),
    "picture as paper": (made.PNG, "a.pdf", "“.pdf”, but the content is PNG"),
    "paper as table": (made.PDF, "a.csv", "“.csv”, but the content is PDF"),
    "table as archive": (made.CSV, "a.zip", "of no kind that is taken"),
    "workbook as document": (made.XLSX, "a.docx", "“.docx”, but the content is Excel"),
    "cut paper": (made.PDF[:-7], "a.pdf", "damaged or not whole"),
    "more behind a paper": (made.PDF + b"more", "a.pdf", "damaged or not whole"),
    "cut picture": (made.PNG[:-5], "a.png", "damaged or not whole"),
    "more behind a picture": (made.PNG + b"x", "a.png", "damaged or not whole"),
    "wrong check sum": (made.PNG[:20] + b"\x09" + made.PNG[21:], "a.png", "damaged or not whole"),
    "cut photo": (made.JPEG[:-1], "a.jpg", "damaged or not whole"),
    "photo and archive": (made.JPEG + made.ZIP, "a.jpg", "of two kinds at once"),
    "paper and archive": (made.PDF + made.ZIP, "a.pdf", "of two kinds at once"),
    "photo and page": (made.JPEG[:4] + b"\x00\x30<html><script>" + made.JPEG[6:], "a.jpg", "of two kinds at once"),
    "binary table": (b"a,b\n\x00\x01\n", "a.csv", "cannot be read as text"),
    "text without columns": ("слово".encode(), "a.csv", "cannot be read as text"),
    "nothing signed": (made.signature(signers=0), "a.cms", "of no kind that is taken"),
    "other CMS": (made.signature(content_type="data"), "a.cms", "of no kind that is taken"),
    "more behind a signature": (made.signature() + b"x", "a.cms", "of no kind that is taken"),
    "macros": (made.document("word/document.xml", **{"word/vbaProject.bin": b"x"}), "a.docx", "holds macros"),
    "macros by their type": (
        made.document(
            "xl/workbook.xml", types=b"<Override ContentType='application/vnd.ms-excel.sheet.macroEnabled'/>"
        ),
        "a.xlsx",
        "holds macros",
    ),
    "archive in an archive": (made.packed({"b.zip": made.ZIP}), "a.zip", "holds another archive: b.zip"),
    "archive in an archive under another name": (made.packed({"b.pdf": made.ZIP}), "a.zip", "In the archive, b.pdf"),
    "program in an archive": (made.packed({"b.exe": b"MZ"}), "a.zip", "In the archive, b.exe"),
    "way out": (made.packed({"../b.pdf": made.PDF}), "a.zip", "leads out of its folder"),
    "from the root": (made.packed({"/b.pdf": made.PDF}), "a.zip", "leads out of its folder"),
    "of another system": (made.packed({"c:b.pdf": made.PDF}), "a.zip", "leads out of its folder"),
    "link": (link(), "a.zip", "leads out of its folder"),
    "locked": (locked(), "a.zip", "locked with a password"),
    "two of one name": (made.packed({"b.pdf": made.PDF, "B.PDF": made.PDF}), "a.zip", "read differently"),
    "overlap": (overlapping(), "a.zip", "read differently"),
    "more behind an archive": (made.ZIP + b"x", "a.zip", "read differently"),
    "no file": (made.packed({}), "a.zip", "holds no file"),
    "cut archive": (made.ZIP[:-30], "a.zip", "damaged or not whole"),
    "another container": (made.packed({"mimetype": b"x", "content.xml": b"<x/>"}), "a.zip", "archive of its own kind"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_not_taken_is_refused_with_its_reason(case: str) -> None:
    file, name, reason = REFUSED[case]
    with pytest.raises(Refused) as refused:
        found(file, name)
    assert reason in str(refused.value)


def test_an_archive_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(content, "MOST_ENTRIES", 1)
    with pytest.raises(Refused, match="holds too much"):
        found(made.ZIP, "a.zip")
    monkeypatch.undo()
    monkeypatch.setattr(content, "EXPANDED", 100)
    with pytest.raises(Refused, match="holds too much"):
        found(made.ZIP, "a.zip")


def test_an_entry_that_becomes_more_than_it_says_is_damage() -> None:
    """A bomb says that it is small."""
    file = bytearray(made.packed({"b.csv": b"a,b\n" * 100_000}))
    for mark, place in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        start = file.index(mark) + place
        file[start : start + 4] = (8).to_bytes(4, "little")
    with pytest.raises(Refused, match="damaged"):
        found(bytes(file), "a.zip")


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Шарт № 5.PDF", "Шарт № 5.pdf"),
        ("C:\\Users\\a\\шот.pdf", "шот.pdf"),
        ("../../etc/passwd", "passwd"),
        ("a\u202efdp.exe", "afdp.exe"),
        ('a<b>:"c"|?*.pdf', "a_b_c_.pdf"),
        ("  ..hidden .pdf", "hidden.pdf"),
        ("con.pdf", "_con.pdf"),
        ("й.csv", "й.csv"),
        (".pdf", "file.pdf"),
        ("", "file"),
        ("x" * 300 + ".docx", "x" * 115 + ".docx"),
    ],
)
def test_names_are_cleaned(typed: str, kept: str) -> None:
    assert clean_name(typed) == kept


def test_whoever_has_read_a_signature_can_still_be_given_time_stamps() -> None:
    """In a process of its own, in which nothing else has loaded what time stamps need."""
    program = """
from registry.attachments import content
content.cms.ContentType("signed_data").dump()
from asn1crypto import tsp
content.cms.ContentType("tst_info").dump()
"""
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
