"""The fonts of papers, and texts, ruled lines and QR codes drawn straight into a PDF to stamp finished pages.

Stamps use Noto Sans from the same font files that papers are laid out with. Drawing a stamp takes milliseconds; laying
it out as HTML would take seconds.

Papers use the fonts of ``fonts.conf`` and no others. A character that none of them has would be printed as an empty
box, which says nothing and which PDF/A forbids (ISO 19005-3, 6.2.11.8). Its code point is printed instead:
``[U+1F9EC]``.
"""

from __future__ import annotations

import io
import os
import re
import subprocess
import unicodedata
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from pathlib import Path
from typing import Any

from registry.printing.dimensions import MM

_REPERTOIRE = "".join(
    map(
        chr,
        [
            *range(0x20, 0x7F),
            0xA0,
            *range(0xAB, 0xAC),
            0xBB,
            *range(0x400, 0x460),
            0x492,
            0x493,
            0x49A,
            0x49B,
            0x4A2,
            0x4A3,
            0x4AE,
            0x4AF,
            0x4B0,
            0x4B1,
            0x4BA,
            0x4BB,
            0x4D8,
            0x4D9,
            0x4E8,
            0x4E9,
            0xB7,
            0x2013,
            0x2014,
            0x2026,
            0x2116,
        ],
    )
)
"""Letters that may be stamped: Latin, Russian, Kazakh, digits and signs."""

_FONTS = Path(__file__).with_name("fonts.conf")

MARKS = 4
"""How many combining marks in a row are printed on a letter: more would run into the lines around it."""


@dataclass(frozen=True)
class Face:
    """A font reduced to the letters that are used.

    ``file`` is the font file, ``glyphs`` the glyph number of each letter. ``widths`` (by glyph number), ``ascent``,
    ``descent`` and ``box`` are in thousandths of the font size.
    """

    name: str
    file: bytes
    glyphs: dict[str, int]
    widths: tuple[int, ...]
    ascent: int
    descent: int
    box: tuple[int, int, int, int]

    def width(self, text: str, size: float) -> float:
        """Width in points of ``text`` set at ``size`` points."""
        return sum([self.widths[self.glyphs[letter]] for letter in self._known(text)]) * size / 1000

    @cached_property
    def _codes(self) -> dict[str, bytes]:
        return {letter: b"%04x" % glyph for letter, glyph in self.glyphs.items()}

    def encode(self, text: str) -> bytes:
        """The glyph numbers of ``text``, four hexadecimal digits each, as a PDF string holds them between ``<>``."""
        codes = self._codes
        return b"".join([codes[letter] for letter in self._known(text)])

    def _known(self, text: str) -> str:
        if self.glyphs.keys() >= set(text):
            return text
        return "".join(letter if letter in self.glyphs else stand_in(letter) for letter in text)


def use_our_fonts() -> None:
    """Make fontconfig use the fonts of papers and no others, in this process and in those it starts."""
    os.environ["FONTCONFIG_FILE"] = str(_FONTS)


def _fontconfig(*command: str) -> str:
    use_our_fonts()
    return subprocess.run(command, capture_output=True, check=True, text=True).stdout  # noqa: S603 - our own words


@cache
def font_file(style: str) -> Path:
    """The file of Noto Sans in a style (``regular`` or ``bold``)."""
    return Path(_fontconfig("fc-match", "-f", "%{file}", f"Noto Sans:style={style.capitalize()}"))


@cache
def _widths(style: str) -> dict[str, float]:
    """The width of each plain letter, in thousandths of the font size."""
    from fontTools.ttLib import TTFont

    font: Any = TTFont(font_file(style), lazy=True)
    scale = 1000 / font["head"].unitsPerEm
    measures = font["hmtx"].metrics
    return {
        chr(code): measures[name][0] * scale for code, name in font.getBestCmap().items() if _stands_alone(chr(code))
    }


def _stands_alone(letter: str) -> bool:
    """Whether a character needs no shaping and joins no other: Latin, Greek and Cyrillic letters, digits, signs."""
    code = ord(letter)
    return (
        0x20 <= code < 0x250
        or 0x370 <= code < 0x530
        or 0x2010 <= code < 0x2028
        or 0x2030 <= code < 0x2060
        or 0x20A0 <= code < 0x20D0
        or 0x2100 <= code < 0x2190
    ) and unicodedata.category(letter) not in ("Mn", "Me", "Mc", "Cf", "Cc", "Zl", "Zp")


@cache
def plain_letters() -> frozenset[str]:
    """Characters that need no shaping and that Noto Sans has in both styles: they are set one after the other."""
    return frozenset(_widths("regular")) & frozenset(_widths("bold"))


# --- what can be printed ---


def stand_in(sign: str) -> str:
    """What is printed for a character that no font has: its code point, ``[U+1F9EC]``."""
    return f"[U+{ord(sign):04X}]"


_SPACES = frozenset("\t\r\v\f\x85\u2028\u2029")
_SELECTORS = re.compile("[\ufe00-\ufe0f\ufeff\U000e0100-\U000e01ef]")
"""Variation selectors and the byte order mark. They show nothing themselves and are left out."""
_JOINERS = frozenset("\u200c\u200d")
"""The invisible characters that keep letters apart (ZWNJ) or join them (ZWJ)."""
_JOINED = range(0x600, 0x1CFF)
"""Code points from Arabic to the scripts of India, in which a joiner changes the shape of the letters around it."""


@cache
def _in_our_fonts() -> frozenset[str]:
    """Every character that some font of papers has, without control, format, private-use and unassigned characters."""
    found: set[int] = set()
    for line in _fontconfig("fc-list", "-f", "%{charset}\n").splitlines():
        for part in line.split():
            first, _dash, last = part.partition("-")
            found.update(range(int(first, 16), int(last or first, 16) + 1))
    return frozenset(
        sign
        for sign in map(chr, found)
        if unicodedata.category(sign) not in ("Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp") and sign != "\ufffd"
    )


@cache
def _settled() -> frozenset[str]:
    """Characters that are printed unchanged: plain letters and the line feed."""
    return plain_letters() | {"\n"}


def all_printable(letters: set[str]) -> bool:
    """Whether these are plain letters and line feeds alone: such a text is printed unchanged and needs no shaping."""
    return letters <= _settled()


@lru_cache(maxsize=4096)
def printable(text: str) -> str:
    """The text as it can be printed.

    Printed as their code points (:func:`stand_in`) are characters that no font has, invisible ones that would change
    the order of others, and combining marks after the first :data:`MARKS` in a row. Tabs and other
    characters that move or end a line become a space, except line feeds, which stay. Variation selectors, and joiners
    where they change no letter, are left out.
    """
    if all_printable(set(text)):
        return text
    known, found, marks = _in_our_fonts(), [], 0
    text = _SELECTORS.sub("", text)
    for place, sign in enumerate(text):
        marks = marks + 1 if unicodedata.category(sign) in ("Mn", "Me") else 0
        if sign in _SPACES:
            found.append(" ")
        elif sign in _JOINERS:
            # Outside these scripts a joiner only combines emoji into one picture, so it may be left out.
            around = text[max(0, place - 1) : place] + text[place + 1 : place + 2]
            found.append(sign if len(around) == 2 and all(ord(other) in _JOINED for other in around) else "")
        elif sign == "\n" or (sign in known and marks <= MARKS):
            found.append(sign)
        else:
            found.append(stand_in(sign))
    return "".join(found)


@lru_cache(maxsize=1)
def _breaks() -> Any:
    import re

    return re.compile(r"(?<= )(?! )|(?<=[^\W\d_]-)(?=[^\W\d_])|(?<=\w[–/])(?=[^\W\d_])")


def parts(text: str) -> list[str]:
    """Split a line where it may be broken: after a space, and before a letter that follows a hyphen, dash or slash.

    Each part keeps the space behind it.
    """
    return [part for part in _breaks().split(text) if part]


def width(style: str, text: str, size: float) -> float:
    """Width in points of a text set at ``size`` points; ``style`` is ``regular`` or ``bold``.

    :raises KeyError: for a character that is no plain letter (:func:`plain_letters`).
    """
    widths = _widths(style)
    return sum([widths[letter] for letter in text]) * size / 1000


@lru_cache(maxsize=16)
def face(style: str, letters: str = _REPERTOIRE) -> Face:
    """Noto Sans in a style (``regular`` or ``bold``), reduced to ``letters`` for embedding."""
    from fontTools.subset import Options, Subsetter
    from fontTools.ttLib import TTFont

    font: Any = TTFont(font_file(style), recalcTimestamp=False)
    for table in ("GPOS", "GSUB", "GDEF", "DSIG", "MVAR", "STAT", "meta"):
        # Deleted before the subsetter runs: it would spend most of its time on the rules for joining letters.
        if table in font:
            del font[table]
    options = Options(hinting=False, layout_features=[], notdef_outline=True, glyph_names=False, name_IDs=[])
    subsetter = Subsetter(options)
    subsetter.populate(text=letters)
    subsetter.subset(font)
    target = io.BytesIO()
    font.save(target, reorderTables=False)
    scale = 1000 / font["head"].unitsPerEm
    order = font.getGlyphOrder()
    numbers = {name: number for number, name in enumerate(order)}
    cmap = font.getBestCmap()
    head, hhea = font["head"], font["hhea"]
    return Face(
        name=f"TIZLIM+NotoSans-{style.capitalize()}",
        file=target.getvalue(),
        glyphs={letter: numbers[cmap[ord(letter)]] for letter in letters if ord(letter) in cmap},
        widths=tuple(round(font["hmtx"][name][0] * scale) for name in order),
        ascent=round(hhea.ascent * scale),
        descent=round(hhea.descent * scale),
        box=tuple(round(value * scale) for value in (head.xMin, head.yMin, head.xMax, head.yMax)),  # type: ignore[arg-type]
    )


def embed(pdf: Any, own: Face) -> Any:
    """Embed a face in ``pdf`` and return its font dictionary, with the map that lets programs read its letters."""
    from pikepdf import Array, Dictionary, Name, Stream, String

    file = Stream(pdf, own.file)
    file.Length1 = len(own.file)
    letters = {}
    for letter, glyph in own.glyphs.items():
        letters.setdefault(glyph, letter)
    rows = [f"<{glyph:04x}> <{letter.encode('utf-16-be').hex()}>" for glyph, letter in sorted(letters.items())]
    blocks = [rows[start : start + 100] for start in range(0, len(rows), 100)]
    to_unicode = "\n".join(
        [
            "/CIDInit /ProcSet findresource begin 12 dict begin begincmap",
            "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def",
            "/CMapName /Adobe-Identity-UCS def /CMapType 2 def",
            "1 begincodespacerange <0000> <ffff> endcodespacerange",
            *(f"{len(block)} beginbfchar\n" + "\n".join(block) + "\nendbfchar" for block in blocks),
            "endcmap CMapName currentdict /CMap defineresource pop end end",
        ]
    )
    descriptor = Dictionary(
        Type=Name.FontDescriptor,
        FontName=Name("/" + own.name),
        Flags=4,
        FontBBox=Array(list(own.box)),
        ItalicAngle=0,
        Ascent=own.ascent,
        Descent=own.descent,
        CapHeight=own.ascent,
        StemV=80,
        FontFile2=pdf.make_indirect(file),
    )
    descendant = Dictionary(
        Type=Name.Font,
        Subtype=Name.CIDFontType2,
        BaseFont=Name("/" + own.name),
        CIDToGIDMap=Name.Identity,
        CIDSystemInfo=Dictionary(Registry=String("Adobe"), Ordering=String("Identity"), Supplement=0),
        FontDescriptor=pdf.make_indirect(descriptor),
        DW=0,
        W=Array([0, Array(list(own.widths))]),
    )
    return pdf.make_indirect(
        Dictionary(
            Type=Name.Font,
            Subtype=Name.Type0,
            BaseFont=Name("/" + own.name),
            Encoding=Name("/Identity-H"),
            DescendantFonts=Array([pdf.make_indirect(descendant)]),
            ToUnicode=pdf.make_indirect(Stream(pdf, to_unicode.encode())),
        )
    )


FONT_NAMES = {"regular": "StampRegular", "bold": "StampBold"}
"""The name of each style among the fonts of a page."""


@dataclass(frozen=True)
class Line:
    """A line of text. ``x`` and ``y`` in millimetres from the sheet's left and lower edge, ``size`` in points.

    ``style`` is ``regular`` or ``bold``. ``align``: a ``left`` line begins at ``x``, a ``right`` one ends there, and a
    ``centre`` one has its middle there. ``turn`` is in degrees, counter-clockwise; ``grey`` goes from 0 (black) to 1
    (white).
    """

    text: str
    x: float
    y: float
    size: float
    style: str = "regular"
    align: str = "left"
    turn: float = 0
    grey: float = 0

    def draw(self) -> bytes:
        """The operators that draw the line in a content stream."""
        from math import cos, radians, sin

        own = face(self.style)
        left, width = self.x * MM, own.width(self.text, self.size)
        angle = radians(self.turn)
        shift = {"left": 0.0, "right": width, "centre": width / 2}[self.align]
        x, y = left - shift * cos(angle), self.y * MM - shift * sin(angle)
        colour = b"%.2f %.2f %.2f rg\n" % (self.grey, self.grey, self.grey)
        matrix = b"%.5f %.5f %.5f %.5f %.3f %.3f Tm" % (cos(angle), sin(angle), -sin(angle), cos(angle), x, y)
        name = FONT_NAMES[self.style].encode()
        return b"BT %s/%s %.2f Tf %s <%s> Tj ET\n" % (colour, name, self.size, matrix, own.encode(self.text))


@dataclass(frozen=True)
class Box:
    """A filled rectangle, or only its outline where ``line``, the width of the outline in points, is given.

    ``x`` and ``y`` are its lower left corner; all lengths are in millimetres, from the lower left corner of the sheet.
    """

    x: float
    y: float
    width: float
    height: float
    line: float = 0

    def draw(self) -> bytes:
        """The operators that draw the rectangle in a content stream."""
        place = b"%.3f %.3f %.3f %.3f re" % (self.x * MM, self.y * MM, self.width * MM, self.height * MM)
        if self.line:
            return b"0 0 0 RG %.2f w %s S\n" % (self.line, place)
        return b"0 0 0 rg %s f\n" % place


@dataclass(frozen=True)
class Code:
    """A QR code without its quiet zone: its lower left corner ``x``, ``y`` and its ``side`` in millimetres.

    ``rows`` are the modules from top to bottom, one byte each: 1 is black.
    """

    rows: tuple[bytes, ...]
    x: float
    y: float
    side: float

    def draw(self) -> bytes:
        """The operators that draw the code in a content stream."""
        count = len(self.rows)
        step = self.side / count * MM
        found = [b"0 0 0 rg\n"]
        for number, row in enumerate(self.rows):
            bottom = self.y * MM + (count - 1 - number) * step
            start = 0
            while start < count:
                if not row[start]:
                    start += 1
                    continue
                end = start
                while end < count and row[end]:
                    end += 1
                found.append(
                    b"%.3f %.3f %.3f %.3f re\n"
                    % (self.x * MM + start * step, bottom, (end - start) * step, step + 0.01)
                )
                start = end
        found.append(b"f\n")
        return b"".join(found)


Drawn = Line | Box | Code


def font_version(style: str) -> str:
    """The version that the font file of a style states, and the first 16 digits of its SHA-256."""
    import hashlib

    from fontTools.ttLib import TTFont

    path = font_file(style)
    stated = (TTFont(path, lazy=True)["name"].getDebugName(5) or "").split(";")[0].removeprefix("Version ")
    return f"{stated} {hashlib.sha256(path.read_bytes()).hexdigest()[:16]}"


def libraries() -> dict[str, str]:
    """The version of ``pango``, which shapes letters and breaks lines, and a hash over ``fonts.conf`` and its fonts."""
    import hashlib

    from weasyprint.text.ffi import pango

    version = pango.pango_version()
    fonts = sorted(_fontconfig("fc-list", "-f", "%{family} %{style} %{fontversion}\n").splitlines())
    rules = _FONTS.read_text(encoding="utf-8")
    return {
        "pango": f"{version // 10000}.{version // 100 % 100}.{version % 100}",
        "fonts": hashlib.sha256("\n".join([rules, *fonts]).encode()).hexdigest()[:16],
    }
