"""What the reference validators of PDF/A-3a (ISO 19005-3) and PDF/UA-1 (ISO 14289-1) look at, read with pikepdf.

The page-validation library of the gate looks at a file's dictionaries. Here every sign that is drawn is looked at too:
its glyph, its width, what it reads as, and the tag it stands under. Clauses are named as in the two standards.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import Any

import pikepdf
from fontTools.ttLib import TTFont

_SHOWS = frozenset({"Tj", "TJ", "'", '"'})
_PAINTS = frozenset({"S", "s", "f", "F", "f*", "B", "B*", "b", "b*", "sh", "Do", "EI", "INLINE IMAGE"}) | _SHOWS
_STANDARD = frozenset({
    "Document", "Part", "Art", "Sect", "Div", "BlockQuote", "Caption", "TOC", "TOCI", "Index", "NonStruct",
    "Private", "P", "H", "H1", "H2", "H3", "H4", "H5", "H6", "L", "LI", "Lbl", "LBody", "Table", "TR", "TH", "TD",
    "THead", "TBody", "TFoot", "Span", "Quote", "Note", "Reference", "BibEntry", "Code", "Link", "Annot", "Ruby",
    "RB", "RT", "RP", "Warichu", "WT", "WP", "Figure", "Formula", "Form",
})  # fmt: skip
_KIDS = {
    "Table": {"TR", "THead", "TBody", "TFoot", "Caption"}, "THead": {"TR"}, "TBody": {"TR"}, "TFoot": {"TR"},
    "TR": {"TH", "TD"}, "L": {"L", "LI", "Caption"}, "LI": {"Lbl", "LBody"}, "TOC": {"TOC", "TOCI", "Caption"},
    "TOCI": {"Lbl", "Reference", "NonStruct", "P", "TOC"},
}  # fmt: skip
_PARENTS = {
    "TR": {"Table", "THead", "TBody", "TFoot"}, "THead": {"Table"}, "TBody": {"Table"}, "TFoot": {"Table"},
    "TH": {"TR"}, "TD": {"TR"}, "LI": {"L"}, "LBody": {"LI"}, "TOCI": {"TOC"},
}  # fmt: skip


def faults(content: bytes) -> list[str]:
    """Everything in a file that the two standards forbid; empty for a good one."""
    found = list(_of_the_bytes(content))
    with pikepdf.open(io.BytesIO(content)) as document:
        found += document.check_pdf_syntax()
        found += _of_the_catalogue(document)
        found += _of_the_objects(document)
        found += _of_the_annotations(document)
        found += _of_the_structure(document)
        found += _of_the_content(document)
    return list(dict.fromkeys(found))


# --- the file ---


def _of_the_bytes(content: bytes) -> Iterator[str]:
    if not re.match(rb"%PDF-1\.[0-7]\n%[\x80-\xff]{4}", content):
        yield "6.1.2: header"
    if not re.search(rb"%%EOF\r?\n?$", content):
        yield "6.1.3: something follows the end of the file"
    if re.search(rb"[^\r]\r\nendstream", content):
        yield "6.1.7.1: a stream seems to be one byte shorter than it says"
    for match in re.finditer(rb"\r?\n(\d+ \d+ obj)[^\r\n]", content):
        if match[0][-1:] not in b"\r\n":
            yield f"6.1.9: no end of line after {match[1]!r}"


def _of_the_catalogue(document: pikepdf.Pdf) -> Iterator[str]:
    root, trailer = document.Root, document.trailer
    if "/ID" not in trailer or "/Encrypt" in trailer:
        yield "6.1.3: identifier of the file"
    for name in ("/OpenAction", "/AA", "/Requirements", "/OCProperties", "/Perms", "/NeedsRendering"):
        if name in root and not (name == "/Perms" and set(root.Perms.keys()) <= {"/DocMDP", "/UR3"}):
            yield f"catalogue: {name}"
    if not re.fullmatch(r"[a-zA-Z]{1,8}(-[a-zA-Z0-9]{1,8})*", str(root.get("/Lang", ""))):
        yield "7.2: language"
    if root.get("/MarkInfo", {}).get("/Marked") is not True or root.MarkInfo.get("/Suspects", False):
        yield "6.7.2: marked"
    if root.get("/ViewerPreferences", {}).get("/DisplayDocTitle") is not True:
        yield "7.1: the title is not shown"
    [intent] = root.OutputIntents
    if intent.S != pikepdf.Name.GTS_PDFA1 or intent.DestOutputProfile.read_bytes()[36:40] != b"acsp":
        yield "6.2.3: output intent"
    if root.Metadata.get("/Filter") is not None:
        yield "6.6.2.1: metadata are compressed"
    packet = root.Metadata.read_bytes()
    if re.search(rb"<\?xpacket begin=[^?]*(bytes|encoding)=", packet):
        yield "6.6.2.1: header of the metadata"
    with document.open_metadata() as metadata:
        told = (metadata.get("pdfaid:part"), metadata.get("pdfaid:conformance"), metadata.get("pdfuaid:part"))
        if told != ("3", "A", "1"):
            yield f"6.6.4: {told}"
        info = document.docinfo
        for key, name in (("/Title", "dc:title"), ("/Producer", "pdf:Producer")):
            if str(info[key]) != metadata.get(name):
                yield f"metadata differ: {key}"
        for key, name in (("/CreationDate", "xmp:CreateDate"), ("/ModDate", "xmp:ModifyDate")):
            if re.sub(r"\D", "", str(info[key])) != re.sub(r"\D", "", metadata.get(name, "")):
                yield f"metadata differ: {key}"
    for specification in root.get("/AF", ()):
        yield from _of_an_attachment(specification)
    embedded = list(root.get("/Names", {}).get("/EmbeddedFiles", {}).get("/Names", ()))[1::2]
    if {item.objgen for item in embedded} != {item.objgen for item in root.get("/AF", ())}:
        yield "6.8: a file is attached and not associated"


def _of_an_attachment(specification: Any) -> Iterator[str]:
    name = str(specification.get("/UF", ""))
    if not name or str(specification.get("/F", "")) != name or not str(specification.get("/Desc", "")):
        yield "6.8: names of an attachment"
    if specification.get("/AFRelationship") != pikepdf.Name.Data:
        yield f"6.8: relationship of {name}"
    file = specification.EF.F
    if not re.fullmatch(r"/[\w.+-]+/[\w.+-]+", str(file.get("/Subtype", ""))):
        yield f"6.8: media type of {name}"
    if int(file.Params.Size) != len(file.read_bytes()) or "/ModDate" not in file.Params:
        yield f"6.8: size or date of {name}"


def _of_the_objects(document: pikepdf.Pdf) -> Iterator[str]:
    for item in document.objects:
        if not isinstance(item, pikepdf.Dictionary | pikepdf.Stream):
            continue
        if isinstance(item, pikepdf.Stream):
            filters = item.get("/Filter", [])
            names = {str(name) for name in (filters if isinstance(filters, pikepdf.Array) else [filters])}
            if names & {"/LZWDecode", "/Crypt"} or "/F" in item:
                yield f"6.1.7: {names}"
        if item.get("/Subtype") == pikepdf.Name.Image and item.get("/Interpolate", False):
            yield "6.2.8: interpolated image"
        if item.get("/Subtype") == pikepdf.Name.Form and ("/PS" in item or "/Ref" in item or "/OPI" in item):
            yield "6.2.9: form"
        if item.get("/Type") == pikepdf.Name.ExtGState and ({"/TR", "/HTP"} & set(item.keys())):
            yield "6.2.5: graphics state"
        if item.get("/S") in (pikepdf.Name.JavaScript, pikepdf.Name.Launch, pikepdf.Name.ResetForm):
            yield "6.5: action"


def _of_the_annotations(document: pikepdf.Pdf) -> Iterator[str]:
    for number, sheet in enumerate(document.pages, start=1):
        annotations = list(sheet.obj.get("/Annots", ()))
        if annotations and sheet.obj.get("/Tabs") != pikepdf.Name.S:
            yield f"7.18.3: order of page {number}"
        for annotation in annotations:
            kind, flags = str(annotation.Subtype), int(annotation.get("/F", 0))
            if not flags & 4 or flags & (1 | 2 | 32 | 256):
                yield f"6.3.2: flags {flags} of {kind}"
            if "/A" in annotation or "/AA" in annotation:
                yield f"6.5: action of {kind}"
            if kind == "/Link":
                if not str(annotation.get("/Contents", "")).strip() or "/StructParent" not in annotation:
                    yield "7.18.5: link"
            elif kind == "/Widget":
                left, bottom, right, top = (float(value) for value in annotation.Rect)
                box = [float(value) for value in sheet.mediabox]
                hidden = right <= box[0] or left >= box[2] or top <= box[1] or bottom >= box[3]
                if not hidden:
                    yield "7.18.4: a field that is seen and not in the structure"
                if (right - left) * (top - bottom) and "/AP" not in annotation:
                    yield "6.3.3: field without appearance"
            else:
                yield f"6.3.1: {kind}"


# --- structure ---


def _of_the_structure(document: pikepdf.Pdf) -> Iterator[str]:
    root = document.Root.StructTreeRoot
    if [str(kid.S) for kid in root.K] != ["/Document"]:
        yield "7.1: more than one document"
    level, notes = 0, set()
    for element, parent in _elements(root.K[0], "StructTreeRoot"):
        tag = str(element.S)[1:]
        kids = [str(kid.S)[1:] for kid in _kids(element) if "/S" in kid]
        if tag not in _STANDARD:
            yield f"7.1: {tag} is no standard tag"
        if tag in _PARENTS and parent not in _PARENTS[tag]:
            yield f"7.2: {tag} in {parent}"
        if tag in _KIDS and not set(kids) <= _KIDS[tag]:
            yield f"7.2: {set(kids) - _KIDS[tag]} in {tag}"
        if re.fullmatch(r"H[1-6]", tag):
            if int(tag[1]) > level + 1:
                yield f"7.4.2: {tag} after H{level}"
            level = int(tag[1])
        if tag == "Figure" and (not str(element.get("/Alt", "")).strip() or "/BBox" not in element.get("/A", {})):
            yield "7.3: figure"
        if tag == "TH" and element.get("/A", {}).get("/Scope") not in (pikepdf.Name.Row, pikepdf.Name.Column):
            yield "7.5: header without scope"
        if tag == "Note":
            if str(element.get("/ID", "")) in notes | {""}:
                yield "7.9: note without an identifier of its own"
            notes.add(str(element.ID))
        if tag == "Link" and not any(kid.get("/Type") == pikepdf.Name.OBJR for kid in _kids(element)):
            yield "7.18.5: link without its annotation"
        if tag == "Table":
            yield from _of_a_table(element, kids)
        language = element.get("/Lang")
        if language is not None and not re.fullmatch(r"[a-z]{2,8}(-[A-Za-z0-9]{1,8})*", str(language)):
            yield f"7.2: language {language}"


def _kids(element: Any) -> list[Any]:
    kids = element.get("/K", ())
    return [kid for kid in (kids if isinstance(kids, pikepdf.Array) else [kids]) if isinstance(kid, pikepdf.Dictionary)]


def _elements(element: Any, parent: str) -> Iterator[tuple[Any, str]]:
    yield element, parent
    for kid in _kids(element):
        if "/S" in kid:
            if kid.P.objgen != element.objgen:
                raise AssertionError("an element names another parent than the one it stands in")
            yield from _elements(kid, str(element.S)[1:])


def _of_a_table(table: Any, kids: list[str]) -> Iterator[str]:
    """Rows have the same number of columns, and a heading has a body."""
    if kids.count("THead") > 1 or ("THead" in kids and "TBody" not in kids):
        yield f"7.2: parts of a table {kids}"
    rows = [row for row, _parent in _elements(table, "") if pikepdf.Name.TR == row.S]
    hanging: dict[int, int] = {}
    widths = set()
    for row in rows:
        below = {column: count - 1 for column, count in hanging.items() if count > 1}
        width = sum(1 for count in hanging.values() if count)
        column = 0
        for cell in _kids(row):
            place = cell.get("/A", {})
            span, deep = int(place.get("/ColSpan", 1)), int(place.get("/RowSpan", 1))
            while column in hanging:
                column += 1
            below |= {column + step: deep - 1 for step in range(span) if deep > 1}
            column += span
            width += span
        widths.add(width)
        hanging = {place: count for place, count in below.items() if count}
    if len(widths) > 1:
        yield f"7.2: rows of {sorted(widths)} columns"


# --- what is drawn ---


class _Font:
    """A font of the file, and which of its codes are shown."""

    def __init__(self, font: Any) -> None:
        self.font = font
        self.codes: set[int] = set()

    def faults(self) -> Iterator[str]:
        font, name = self.font, str(self.font.get("/BaseFont", ""))
        if font.Subtype != pikepdf.Name.Type0 or font.Encoding != pikepdf.Name("/Identity-H"):
            yield f"{name}: {font.Subtype}"
            return
        own = font.DescendantFonts[0]
        descriptor = own.FontDescriptor
        if own.Subtype == pikepdf.Name.CIDFontType2 and own.get("/CIDToGIDMap") != pikepdf.Name.Identity:
            yield f"6.2.11.3.2: {name}"
        if not (str(own.BaseFont) == name == str(descriptor.FontName)) or not re.match(r"/[A-Z]{6}\+", name):
            yield f"6.2.11.4: names {name}, {own.BaseFont}, {descriptor.FontName}"
        file = descriptor.get("/FontFile2", descriptor.get("/FontFile3"))
        if file is None:
            yield f"6.2.11.4.1: {name} is not embedded"
            return
        program: Any = TTFont(io.BytesIO(file.read_bytes()), lazy=True)
        order = program.getGlyphOrder()
        if "/CIDSet" in descriptor:
            bits = descriptor.CIDSet.read_bytes()
            listed = {at * 8 + bit for at, byte in enumerate(bits) for bit in range(8) if byte & (0x80 >> bit)}
            if listed != set(range(len(order))):
                yield f"6.2.11.4.2: set of {name}"
        scale = 1000 / program["head"].unitsPerEm
        metrics = program["hmtx"].metrics
        widths, usual = _widths(own.get("/W", ())), float(own.get("/DW", 1000))
        reads = to_unicode(font.ToUnicode.read_bytes())
        for code in sorted(self.codes):
            if code == 0:
                yield f"6.2.11.8: {name} shows .notdef"
                continue
            if code >= len(order):
                yield f"6.2.11.4.1: {name} has no glyph {code}"
                continue
            if abs(metrics[order[code]][0] * scale - widths.get(code, usual)) > 1:
                yield f"6.2.11.5: {name}, width of {code}"
            text = reads.get(code, "")
            if not text or set(text) & {"\0", "\ufeff", "\ufffe", "\ufffd"}:
                yield f"6.2.11.7.2: {name}, {code} reads as {text!r}"
            if any(0xE000 <= ord(sign) <= 0xF8FF or ord(sign) >= 0xF0000 for sign in text):
                yield f"6.2.11.7.3: {name}, {code} reads as {text!r}"


def _widths(items: Any) -> dict[int, float]:
    found: dict[int, float] = {}
    items = list(items)
    while items:
        first, second = int(items.pop(0)), items.pop(0)
        if isinstance(second, pikepdf.Array):
            found |= {first + step: float(width) for step, width in enumerate(second)}
        else:
            found |= dict.fromkeys(range(first, int(second) + 1), float(items.pop(0)))
    return found


def to_unicode(cmap: bytes) -> dict[int, str]:
    found: dict[int, str] = {}
    for block in re.findall(rb"beginbfchar(.*?)endbfchar", cmap, re.DOTALL):
        for code, text in re.findall(rb"<([0-9a-fA-F]+)>\s*<([0-9a-fA-F]*)>", block):
            found[int(code, 16)] = bytes.fromhex(text.decode()).decode("utf-16-be")
    for block in re.findall(rb"beginbfrange(.*?)endbfrange", cmap, re.DOTALL):
        for first, last, text in re.findall(rb"<([0-9a-fA-F]+)>\s*<([0-9a-fA-F]+)>\s*<([0-9a-fA-F]+)>", block):
            for step in range(int(last, 16) - int(first, 16) + 1):
                found[int(first, 16) + step] = chr(int(text, 16) + step)
    return found


def _of_the_content(document: pikepdf.Pdf) -> Iterator[str]:
    numbers = document.Root.StructTreeRoot.ParentTree.Nums
    tree = dict(zip(map(int, list(numbers)[::2]), list(numbers)[1::2], strict=True))
    fonts: dict[tuple[int, int], _Font] = {}
    for number, sheet in enumerate(document.pages, start=1):
        if "/Resources" not in sheet.obj:
            yield f"6.2.2: page {number} has no resources of its own"
        parents = tree.get(int(sheet.obj.get("/StructParents", -1)), ())
        yield from _of_a_stream(sheet.obj, sheet.obj.Resources, parents, fonts, f"page {number}", "")
    for key, value in tree.items():
        if not isinstance(value, pikepdf.Array) and "/S" not in value:
            yield f"7.1: entry {key} of the parent tree"
    for font in fonts.values():
        yield from font.faults()


def _of_a_stream(
    stream: Any, resources: Any, parents: Any, fonts: dict[tuple[int, int], _Font], where: str, tagged: str
) -> Iterator[str]:
    trail, saved, deepest = [tagged], 0, 0
    font: _Font | None = None
    kept: list[_Font | None] = []
    for operands, operator in pikepdf.parse_content_stream(stream):
        name = str(operator)
        if name in ("BDC", "BMC"):
            tag, inside = str(operands[0]), trail[-1]
            state = inside
            if tag == "/Artifact":
                state = "artifact"
                if inside == "real":
                    yield f"7.1: artifact inside a tag, {where}"
            elif name == "BDC" and isinstance(operands[1], pikepdf.Dictionary) and "/MCID" in operands[1]:
                state, mark = "real", int(operands[1].MCID)
                if inside == "artifact":
                    yield f"7.1: tag inside an artifact, {where}"
                if mark >= len(parents) or parents[mark] is None:
                    yield f"7.1: {tag} {mark} is not in the structure, {where}"
            trail.append(state)
        elif name == "EMC":
            trail.pop()
        elif name == "q":
            saved += 1
            deepest = max(deepest, saved)
            kept.append(font)
        elif name == "Q":
            saved -= 1
            font = kept.pop()
        elif name == "Tf":
            own = resources.Font[str(operands[0])]
            font = fonts.setdefault(own.objgen, _Font(own))
        if name in _PAINTS and not trail[-1]:
            yield f"7.1: {name} is neither content nor artifact, {where}"
        if name in _SHOWS and font is not None:
            texts = operands[-1] if isinstance(operands[-1], pikepdf.Array) else [operands[-1]]
            for text in texts:
                if isinstance(text, pikepdf.String):
                    codes = bytes(text)
                    font.codes.update(int.from_bytes(codes[at : at + 2], "big") for at in range(0, len(codes), 2))
        if name == "Do":
            form = resources.XObject[str(operands[0])]
            if form.Subtype == pikepdf.Name.Form:
                inner = form.get("/Resources", pikepdf.Dictionary())
                yield from _of_a_stream(form, inner, parents, fonts, where, trail[-1])
        if name in ("scn", "SCN") and operands and isinstance(operands[-1], pikepdf.Name):
            pattern = resources.Pattern[str(operands[-1])]
            if isinstance(pattern, pikepdf.Stream):
                yield from _of_a_stream(pattern, pattern.Resources, parents, fonts, where, trail[-1] or "artifact")
        if name in ("k", "K"):
            yield f"6.2.4.3: colours of print, {where}"
    if saved or len(trail) != 1:
        yield f"6.2.2: unbalanced, {where}"
    if deepest > 28:
        yield f"6.1.13: {deepest} states kept, {where}"
