"""What a file holds, found from its content: by its first bytes, then by reading it the way its kind is made.

Whatever is two kinds at once is refused, and so is all that a reader's program could run: pages, pictures with scripts,
programs, macros. Nothing is unpacked but into files of bounded size.
"""

from __future__ import annotations

import codecs
import re
import stat
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from itertools import pairwise
from pathlib import PurePosixPath
from typing import IO

import puremagic

# tsp adds kinds of content to those cms knows, and cms fixes what it knows at the first file: without them a process
# that has read a signature could ask for no time stamp any more.
from asn1crypto import cms, pem, tsp  # noqa: F401

from registry.attachments.rules import ENDINGS, KIND_NAMES, Kind, ending
from registry.errors import DomainError
from registry.infra.i18n import lazy
from registry.infra.storage import PART

MOST_ENTRIES = 1000
"""Files in an archive."""

EXPANDED = 200 << 20
"""Bytes that an archive may become when it is unpacked."""

LARGEST_CMS = 32 << 20
"""Bytes of a signature, which is read into memory."""

_HEAD = 4096
_TAIL = (1 << 16) + 22
"""As far before the end of a file may the record stand that ends an archive."""
_END_OF_ARCHIVE = b"PK\x05\x06"
_CONTENT_TYPES = "[Content_Types].xml"
_PARTS = {"word/document.xml": Kind.DOCX, "xl/workbook.xml": Kind.XLSX}
_ACTIVE = re.compile(r"(^|/)(vbaProject\.bin|vbaData\.xml|macrosheets/|activeX/)", re.IGNORECASE)
"""Parts of documents that hold programs."""
_MARKUP = re.compile(rb"<\s*(!doctype\s+html|html|head|body|script|svg|iframe|\?xml|\?php)\b", re.IGNORECASE)


class Refused(DomainError):
    """A file that is not taken; the message says why."""


def kind_of(file: IO[bytes], name: str) -> Kind:
    """The kind of a file whose name has been cleaned, read from its beginning.

    :raises Refused: for what is not taken, and where name and content say different things.
    """
    promised = ENDINGS.get(ending(name))
    if promised is None:
        raise Refused(
            lazy(
                "Files whose names end in “%(ending)s” are not taken. Taken are: %(allowed)s.",
                ending=f".{ending(name)}" if ending(name) else "",
                allowed=", ".join(ENDINGS),
            )
        )
    size = file.seek(0, 2)
    if not size:
        raise Refused(lazy("The file is empty."))
    found = _found(file, size, promised)
    if found is not promised:
        raise Refused(
            lazy(
                "The name ends in “%(ending)s”, but the content is %(found)s. Give the file its right name, or choose"
                " the right one.",
                ending=f".{ending(name)}",
                found=_called(file) if found is None else KIND_NAMES[found],
            )
        )
    return found


def _found(file: IO[bytes], size: int, promised: Kind) -> Kind | None:
    file.seek(0)
    head = file.read(_HEAD)
    if head.startswith((b"PK\x03\x04", _END_OF_ARCHIVE)):
        return _archive(file, size)
    if promised is Kind.CSV and not _is_binary(head):
        return _table(file)
    if head.startswith((b"0", b"-----BEGIN ")):
        return _signature(file, size)
    for begins, kind, is_whole in (
        (b"%PDF-", Kind.PDF, _is_pdf),
        (b"\xff\xd8\xff", Kind.JPEG, _is_jpeg),
        (b"\x89PNG\r\n\x1a\n", Kind.PNG, _is_png),
    ):
        if head.startswith(begins):
            _need_one_kind(file, size, head, begins)
            if not is_whole(file, size):
                raise Refused(
                    lazy("The file is damaged or not whole: it cannot be read as %(kind)s.", kind=kind.upper())
                )
            return kind
    return None


def _is_binary(head: bytes) -> bool:
    """Whether a file begins as one of the kinds that are no text."""
    return head.startswith((b"%PDF-", b"\xff\xd8\xff", b"\x89PNG", b"MZ", b"\x7fELF"))


def _called(file: IO[bytes]) -> object:
    """What a file that is of no kind we take seems to be."""
    file.seek(0)
    head = file.read(_HEAD)
    if head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<") or _MARKUP.search(head):
        return lazy("a web page, a picture with scripts or XML")
    try:
        likely = [match.extension for match in puremagic.magic_string(head) if match.extension]
    except puremagic.PureError:
        likely = []
    if not likely:
        return lazy("of no kind that is taken")
    return lazy("that of a file ending in “%(ending)s”", ending=likely[0])


def _need_one_kind(file: IO[bytes], size: int, head: bytes, begins: bytes) -> None:
    """:raises Refused: for a file that other programs could take for an archive, a paper or a page as well."""
    file.seek(max(0, size - _TAIL))
    is_archive = _END_OF_ARCHIVE in file.read(_TAIL)
    is_paper = begins != b"%PDF-" and b"%PDF-" in head[:1024]
    if is_archive or is_paper or re.search(rb"<\s*(html|script|svg|!doctype)\b", head[:1024], re.IGNORECASE):
        raise Refused(lazy("The file is of two kinds at once, which programs read in different ways. Save it anew."))


def _is_pdf(file: IO[bytes], size: int) -> bool:
    file.seek(max(0, size - 2048))
    _before, mark, after = file.read(2048).rpartition(b"%%EOF")
    return bool(mark) and not after.strip(b"\r\n\t\f \x00")


def _is_jpeg(file: IO[bytes], size: int) -> bool:
    """Whether segments follow each other up to the picture, and an end of a picture stands somewhere behind."""
    file.seek(2)
    while True:
        mark = file.read(2)
        if len(mark) < 2 or mark[0] != 0xFF:
            return False
        if mark[1] == 0xFF:  # a byte that only fills
            file.seek(-1, 1)
            continue
        length = int.from_bytes(file.read(2), "big")
        if length < 2 or file.tell() + length - 2 > size:
            return False
        file.seek(length - 2, 1)
        if mark[1] == 0xDA:
            return _holds(file, b"\xff\xd9")


def _holds(file: IO[bytes], wanted: bytes) -> bool:
    before = b""
    while part := file.read(PART):
        if wanted in before + part:
            return True
        before = part[-len(wanted) + 1 :]
    return False


def _is_png(file: IO[bytes], size: int) -> bool:
    """Whether chunks follow each other, each with its own check sum, up to the last one and nothing behind."""
    file.seek(8)
    while True:
        head = file.read(8)
        if len(head) < 8:
            return False
        left, found = int.from_bytes(head[:4], "big"), zlib.crc32(head[4:])
        if file.tell() + left + 4 > size:
            return False
        while left:
            part = file.read(min(left, PART))
            if not part:
                return False
            found, left = zlib.crc32(part, found), left - len(part)
        if int.from_bytes(file.read(4), "big") != found:
            return False
        if head[4:] == b"IEND":
            return file.tell() == size


def _table(file: IO[bytes]) -> Kind | None:
    """A text of columns in a coding that can be read; None for a page or another markup."""
    file.seek(0)
    head = file.read(_HEAD)
    if head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<") or _MARKUP.search(head):
        return None
    for coding in ("utf-16",) if head.startswith((b"\xff\xfe", b"\xfe\xff")) else ("utf-8-sig", "cp1251"):
        try:
            is_text = _is_text(file, coding)
        except UnicodeError:
            continue
        if is_text:
            return Kind.CSV
        break
    raise Refused(lazy("The table cannot be read as text. Save it as CSV in UTF-8."))


def _is_text(file: IO[bytes], coding: str) -> bool:
    """Whether a file holds no sign but letters and the like, and something that divides columns or rows."""
    file.seek(0)
    decoder, divided = codecs.getincrementaldecoder(coding)(), False
    while part := file.read(PART):
        text = decoder.decode(part)
        if re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", text):
            return False
        divided = divided or bool(re.search(r"[,;\t\n]", text))
    decoder.decode(b"", final=True)
    return divided


def _signature(file: IO[bytes], size: int) -> Kind | None:
    """A CMS signature, in DER or PEM, that names at least one signer."""
    if size > LARGEST_CMS:
        raise Refused(lazy("A signature has at most %(most)s MB. Sign without putting the content in.", most=32))
    file.seek(0)
    content = file.read()
    try:
        if pem.detect(content):
            _name, _headers, content = pem.unarmor(content)
        info = cms.ContentInfo.load(content, strict=True)
        if info["content_type"].native != "signed_data":
            return None
        return Kind.CMS if len(info["content"]["signer_infos"]) else None
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError):
        return None


# --- archives ---


def _archive(file: IO[bytes], size: int) -> Kind:
    """A document of Word or Excel, or an archive of files that are taken themselves.

    :raises Refused: saying what of it is not as it should be.
    """
    damaged = Refused(lazy("The file is damaged or not whole: it cannot be read as %(kind)s.", kind="ZIP"))
    try:
        file.seek(0)
        with zipfile.ZipFile(file) as archive:
            entries = archive.infolist()
            _need_plain(file, size, archive, entries)
            names = {entry.filename for entry in entries}
            document = next((kind for part, kind in _PARTS.items() if part in names), None)
            if document is not None and _CONTENT_TYPES in names:
                _need_no_programs(archive, names)
                return document
            if names & {"mimetype", "META-INF/MANIFEST.MF", "AndroidManifest.xml", _CONTENT_TYPES}:
                raise Refused(
                    lazy(
                        "This is a document or a program in an archive of its own kind, which is not taken: %(kinds)s.",
                        kinds=", ".join(ENDINGS),
                    )
                )
            for entry in entries:
                if not entry.is_dir():
                    _need_taken(archive, entry)
            return Kind.ZIP
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError, ValueError):
        raise damaged from None


def _need_plain(file: IO[bytes], size: int, archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo]) -> None:
    """:raises Refused: for an archive that programs would unpack differently, somewhere else, or without end."""
    if not entries:
        raise Refused(lazy("The archive holds no file."))
    if len(entries) > MOST_ENTRIES or sum(entry.file_size for entry in entries) > EXPANDED:
        raise Refused(
            lazy(
                "The archive holds too much: at most %(files)s files and %(size)s MB when it is unpacked.",
                files=MOST_ENTRIES,
                size=EXPANDED >> 20,
            )
        )
    file.seek(max(0, size - _TAIL))
    tail = file.read(_TAIL)
    ends = size - len(tail) + tail.rfind(_END_OF_ARCHIVE) + 22 + len(archive.comment)
    places = sorted((entry.header_offset, entry.compress_size) for entry in entries)
    # Several entries that share their bytes become more than any archive of this size could hold.
    overlap = any(place + length > after for (place, length), (after, _length) in pairwise(places))
    names = [entry.filename.rstrip("/").casefold() for entry in entries]
    if places[0][0] != 0 or ends != size or overlap or len(set(names)) < len(names):
        raise Refused(lazy("The archive is made in a way that programs read differently. Pack the files anew."))
    for entry in entries:
        if entry.flag_bits & 0x1:
            raise Refused(lazy("The archive is locked with a password. Pack the files without one."))
        if not _is_safe(entry):
            raise Refused(lazy("The archive has a name that leads out of its folder. Pack the files anew."))


def _is_safe(entry: zipfile.ZipInfo) -> bool:
    name, path = entry.orig_filename, PurePosixPath(entry.filename)
    mode = entry.external_attr >> 16
    return not (
        path.is_absolute()
        or ".." in path.parts
        or re.search(r"[\\:\x00-\x1f]", name)
        or (mode and not (stat.S_ISREG(mode) or stat.S_ISDIR(mode) or not stat.S_IFMT(mode)))
    )


def _need_no_programs(archive: zipfile.ZipFile, names: set[str]) -> None:
    """:raises Refused: for a document with macros or other programs in it."""
    entry = archive.getinfo(_CONTENT_TYPES)
    types = b"".join(_unpacked(archive, entry, PART)) if entry.file_size <= PART else b"macroEnabled"
    if any(_ACTIVE.search(name) for name in names) or re.search(rb"macroEnabled|vbaProject|activeX", types, re.I):
        raise Refused(lazy("The document holds macros. Save it without them, as DOCX or XLSX."))


def _need_taken(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> None:
    """:raises Refused: for a file in an archive that would not be taken by itself, and for an archive in it."""
    name = PurePosixPath(entry.filename).name
    if ENDINGS.get(ending(name)) is Kind.ZIP:
        raise Refused(lazy("The archive holds another archive: %(name)s. Attach its files by themselves.", name=name))
    with tempfile.TemporaryFile() as file:
        for part in _unpacked(archive, entry, EXPANDED):
            file.write(part)
        try:
            kind_of(file, name)
        except Refused as error:
            raise Refused(
                lazy("In the archive, %(name)s: %(reason)s", name=entry.filename, reason=error.message)
            ) from None


def _unpacked(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, most: int) -> Iterator[bytes]:
    """The bytes of an entry.

    :raises BadZipFile: when they are more than it says, or more than ``most``, or not those of its check sum.
    """
    left = min(entry.file_size, most)
    with archive.open(entry) as content:
        while part := content.read(PART):
            left -= len(part)
            if left < 0:
                raise zipfile.BadZipFile
            yield part
