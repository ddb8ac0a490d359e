"""PDF files: chunks laid out from HTML, joined into one archival and accessible file, and stamped at the end.

A finished file is PDF/A-3a and PDF/UA-1 at once: one structure tree, one set of bookmarks, uncompressed metadata, an
output intent, embedded fonts and attachments. WeasyPrint and pikepdf are loaded when something is rendered and not
before, so that web and commands stay light. The same input gives the same bytes: dates come from the caller, never
from the clock, and identifiers from the content.
"""

from __future__ import annotations

import base64
import gc
import io
import logging
import os
import re
import warnings
import zlib
from collections.abc import Callable, Generator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit
from xml.sax.saxutils import escape

from registry.config import ROOT
from registry.printing import fonts, tagging
from registry.printing.dimensions import MM

STATIC = ROOT / "static"
_EPOCH = "1735689600"
"""The moment written into subset fonts, in seconds (1 January 2025); any will do that never changes."""

CONTINUED = tagging.CONTINUED


@dataclass(frozen=True)
class Chunk:
    """The PDF of one part of a paper; ``continues`` if its first table goes on from the chunk before."""

    content: bytes
    continues: bool = False


@dataclass(frozen=True)
class About:
    """The metadata of a file. ``day`` is its date, ``identifier`` the paper's number, empty where it has none."""

    title: str
    language: str
    day: date
    identifier: str = ""


@dataclass(frozen=True)
class Attachment:
    """A file attached to the paper; ``name`` is its file name, ``media_type`` such as ``text/csv``."""

    name: str
    content: bytes
    media_type: str
    description: str


@dataclass(frozen=True)
class Mark:
    """Something stamped onto a page: an artifact, or with a ``tag`` (``P``, ``Figure``) part of what is read aloud.

    ``alternative`` is the description of a figure.
    """

    drawn: tuple[fonts.Drawn, ...]
    tag: str = ""
    alternative: str = ""
    box: tuple[float, float, float, float] | None = None
    """Left, lower, right and upper edge of a figure in millimetres from the sheet's lower left corner."""
    under: bool = False
    """Whether it lies under the page's text instead of over it."""


# --- laying out ---


def render(html: str, *, on_page: Callable[[int], None] | None = None) -> bytes:
    """Lay out ``html`` and return the PDF of one chunk.

    ``on_page`` is called with the number of each page as its layout begins. The HTML may load files of our own
    ``static`` folder and nothing else.
    """
    from weasyprint import HTML

    os.environ.setdefault("SOURCE_DATE_EPOCH", _EPOCH)
    fonts.use_our_fonts()
    with _no_collection(), _page_numbers(on_page), tagging.our_tags():
        content = HTML(string=html, base_url=STATIC.as_uri() + "/", url_fetcher=_fetcher()).write_pdf(
            pdf_variant="pdf/a-3a", pdf_tags=True, pdf_identifier=b"chunk", custom_metadata=False
        )
    return content or b""


def page_count(content: bytes) -> int:
    """How many pages a PDF has."""
    import pikepdf

    with pikepdf.open(io.BytesIO(content)) as pdf:
        return len(pdf.pages)


def anchors(content: bytes) -> tuple[int, dict[str, int]]:
    """How many pages a chunk has, and the page (from 1) of each named destination in it."""
    import pikepdf

    with pikepdf.open(io.BytesIO(content)) as pdf:
        pages = {page.obj.objgen: number for number, page in enumerate(pdf.pages, start=1)}
        names = list(pdf.Root.get("/Names", {}).get("/Dests", {}).get("/Names", ()))
        return len(pages), {
            str(name): pages[place[0].objgen] for name, place in zip(names[::2], names[1::2], strict=True)
        }


def _fetcher() -> Callable[..., object]:
    from weasyprint.urls import URLFetcher

    class StaticFetcher(URLFetcher):
        """Serves files of our ``static`` folder and refuses anything else, which the paper then lacks."""

        def fetch(self, url: str, headers: dict[str, str] | None = None) -> object:
            parts = urlsplit(url)
            path = Path(unquote(parts.path)).resolve()
            if parts.scheme != "file" or parts.netloc or not path.is_relative_to(STATIC):
                raise ValueError(f"a paper may not load {url}")
            return super().fetch(url, headers)

    return StaticFetcher(allowed_protocols=["file"], allow_redirects=False)


@contextmanager
def _no_collection() -> Generator[None]:
    """Keep Python from collecting garbage during a layout, and collect it afterwards.

    A layout makes millions of objects that live to its end, and searching them for garbage again and again makes it a
    third slower. Objects that existed before are frozen, so that the collection afterwards skips them.
    """
    running, freezing = gc.isenabled(), not gc.get_freeze_count()
    gc.disable()
    if freezing:
        gc.freeze()
    try:
        yield
    finally:
        if running:
            gc.enable()
            gc.collect()
        if freezing:
            gc.unfreeze()


@contextmanager
def _page_numbers(on_page: Callable[[int], None] | None) -> Generator[None]:
    """Call ``on_page`` with each page number that WeasyPrint's progress log names."""
    if on_page is None:
        yield
        return

    class Listener(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if "Creating layout" in record.msg and isinstance(record.args, tuple) and record.args:
                number = record.args[0]
                if isinstance(number, int):
                    on_page(number)

    log = logging.getLogger("weasyprint.progress")
    listener, level, propagate = Listener(), log.level, log.propagate
    log.addHandler(listener)
    log.setLevel(logging.INFO)
    log.propagate = False
    try:
        yield
    finally:
        log.removeHandler(listener)
        log.setLevel(level)
        log.propagate = propagate


# --- joining ---


def join(chunks: Sequence[Chunk], about: About) -> bytes:
    """Put laid out chunks one after the other into one file with one structure tree and one set of bookmarks."""
    import pikepdf

    with ExitStack() as opened, pikepdf.new() as pdf:
        sources = [opened.enter_context(pikepdf.open(io.BytesIO(chunk.content))) for chunk in chunks]
        joined = _Joined(pdf)
        for chunk, source in zip(chunks, sources, strict=True):
            joined.add(source, continues=chunk.continues)
        joined.finish()
        root = pdf.Root
        root.OutputIntents = pdf.copy_foreign(sources[0].make_indirect(sources[0].Root.OutputIntents))
        root.Lang = pikepdf.String(about.language)
        root.MarkInfo = pikepdf.Dictionary(Marked=True)
        root.ViewerPreferences = pikepdf.Dictionary(DisplayDocTitle=True)
        _describe(pdf, about)
        return _written(pdf)


class _Joined:
    """The file while chunks are added to it: pages, structure tree, bookmarks and named destinations."""

    def __init__(self, pdf: Any) -> None:
        from pikepdf import Array, Dictionary, Name

        self.pdf = pdf
        self.top = pdf.make_indirect(Dictionary(Type=Name.StructElem, S=Name.Document, K=Array()))
        self.numbers: list[tuple[int, Any]] = []
        self.next = 0
        self.outline: list[tuple[int, Any, Any]] = []
        self.places: dict[str, Any] = {}

    def add(self, source: Any, *, continues: bool) -> None:
        from pikepdf import Array

        pdf, first = self.pdf, len(self.pdf.pages)
        count = len(source.pages)
        # Pages are copied before the structure, so that references to pages in it lead to the copies.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # named destinations are copied below
            pdf.pages.extend(source.pages)
        root = pdf.copy_foreign(source.Root.StructTreeRoot)
        numbers = list(root.ParentTree.Nums)
        for key, value in zip(numbers[::2], numbers[1::2], strict=True):
            self.numbers.append((int(key) + self.next, value))
        wanted: set[str] = set()
        for page in list(pdf.pages)[first : first + count]:
            page.obj.StructParents = int(page.obj.StructParents) + self.next
            for annotation in page.obj.get("/Annots", ()):
                if "/StructParent" in annotation:
                    annotation.StructParent = int(annotation.StructParent) + self.next
                if "/Dest" in annotation:
                    wanted.add(str(annotation.Dest))
        self.next += len(numbers) // 2
        document = root.K[0]
        kids = list(document.K)
        if continues and kids:
            self._continue(kids.pop(0))
        _adopt(self.top, kids)
        self._bookmarks(source)
        places = source.Root.get("/Names", {}).get("/Dests", {}).get("/Names", ())
        for name, place in zip(list(places)[::2], list(places)[1::2], strict=True):
            if str(name) in wanted:
                self.places.setdefault(str(name), pdf.copy_foreign(source.make_indirect(Array(place))))

    def _continue(self, section: Any) -> None:
        """Add the rows of the first table of ``section`` to the last table of the file, and the rest to its section."""
        kids = list(section.K)
        last = self.top.K[-1]
        table = kids.pop(0)
        _adopt(last.K[-1], list(table.K))
        _adopt(last, kids)

    def _bookmarks(self, source: Any) -> None:
        from pikepdf import Array

        def walk(item: Any, level: int) -> None:
            while item is not None:
                place = self.pdf.copy_foreign(source.make_indirect(Array(item.Dest)))
                self.outline.append((level, item.Title, place))
                if "/First" in item:
                    walk(item.First, level + 1)
                item = item.get("/Next")

        if "/Outlines" in source.Root:
            # Only the first chunk has the title of the paper as a bookmark; those of later chunks belong under it.
            walk(source.Root.Outlines.get("/First"), 1 if self.outline else 0)

    def finish(self) -> None:
        from pikepdf import Array, Dictionary, Name, String

        pdf = self.pdf
        flat = Array()
        for key, value in sorted(self.numbers, key=lambda item: item[0]):
            flat.append(key)
            flat.append(value)
        tree = pdf.make_indirect(Dictionary(Nums=flat))
        root = pdf.make_indirect(
            Dictionary(Type=Name.StructTreeRoot, K=Array([self.top]), ParentTree=tree, ParentTreeNextKey=self.next)
        )
        self.top.P = root
        pdf.Root.StructTreeRoot = root
        if self.outline:
            pdf.Root.Outlines = _outline(pdf, self.outline)
            pdf.Root.PageMode = Name.UseOutlines
        if self.places:
            names = Array()
            for name in sorted(self.places):
                names.append(String(name))
                names.append(self.places[name])
            pdf.Root.Names = Dictionary(Dests=pdf.make_indirect(Dictionary(Names=names)))


def _adopt(parent: Any, kids: Sequence[Any]) -> None:
    for kid in kids:
        kid.P = parent
        parent.K.append(kid)


def _outline(pdf: Any, entries: Sequence[tuple[int, Any, Any]]) -> Any:
    """The tree of bookmarks from (level, title, destination) in reading order.

    A bookmark whose level skips one is put one level below the bookmark before it.
    """
    from pikepdf import Dictionary, Name

    root = pdf.make_indirect(Dictionary(Type=Name.Outlines))
    trail: list[Any] = [root]
    for level, title, place in entries:
        trail = trail[: min(level, len(trail) - 1) + 1]
        parent = trail[-1]
        item = pdf.make_indirect(Dictionary(Title=title, Dest=place, Parent=parent))
        if "/Last" in parent:
            item.Prev = parent.Last
            parent.Last.Next = item
        else:
            parent.First = item
        parent.Last = item
        trail.append(item)
    _count(root)
    return root


def _count(item: Any) -> int:
    """Set the number of bookmarks below an item, all of them open, and return it."""
    total, kid = 0, item.get("/First")
    while kid is not None:
        total += 1 + _count(kid)
        kid = kid.get("/Next")
    if total:
        item.Count = total
    return total


# --- what a file says about itself ---


def _describe(pdf: Any, about: About) -> None:
    from pikepdf import Name, Stream, String

    stamp = f"{about.day:%Y%m%d}"
    pdf.docinfo["/Title"] = String(about.title)
    pdf.docinfo["/Producer"] = String(_producer())
    pdf.docinfo["/CreationDate"] = String(f"D:{stamp}000000Z")
    pdf.docinfo["/ModDate"] = String(f"D:{stamp}000000Z")
    metadata = Stream(pdf, _xmp(about).encode())
    metadata.Type, metadata.Subtype = Name.Metadata, Name.XML
    pdf.Root.Metadata = pdf.make_indirect(metadata)


def _producer() -> str:
    from weasyprint import __version__

    return f"WeasyPrint {__version__}"


def _xmp(about: About) -> str:
    """The XMP metadata. PDF/A demands that they also describe the schema of the PDF/UA mark, which it does not know."""
    moment = f"{about.day.isoformat()}T00:00:00Z"
    identifier = f"<dc:identifier>{escape(about.identifier)}</dc:identifier>" if about.identifier else ""
    return f"""<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/"><pdfaid:part>3</pdfaid:part>\
<pdfaid:conformance>A</pdfaid:conformance></rdf:Description>
<rdf:Description rdf:about="" xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/"><pdfuaid:part>1</pdfuaid:part>\
</rdf:Description>
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:format>application/pdf</dc:format>\
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{escape(about.title)}</rdf:li></rdf:Alt></dc:title>\
<dc:language><rdf:Bag><rdf:li>{about.language}</rdf:li></rdf:Bag></dc:language>{identifier}</rdf:Description>
<rdf:Description rdf:about="" xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:pdf="http://ns.adobe.com/pdf/1.3/">\
<xmp:CreateDate>{moment}</xmp:CreateDate><xmp:ModifyDate>{moment}</xmp:ModifyDate>\
<pdf:Producer>{escape(_producer())}</pdf:Producer></rdf:Description>
<rdf:Description rdf:about="" xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/" \
xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#" xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">\
<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">\
<pdfaSchema:schema>PDF/UA Universal Accessibility Schema</pdfaSchema:schema>\
<pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>\
<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix><pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">\
<pdfaProperty:name>part</pdfaProperty:name><pdfaProperty:valueType>Integer</pdfaProperty:valueType>\
<pdfaProperty:category>internal</pdfaProperty:category>\
<pdfaProperty:description>Part of ISO 14289 the file conforms to</pdfaProperty:description>\
</rdf:li></rdf:Seq></pdfaSchema:property></rdf:li></rdf:Bag></pdfaExtension:schemas></rdf:Description>
</rdf:RDF></x:xmpmeta>
<?xpacket end="r"?>"""


def _attach(pdf: Any, files: Sequence[Attachment], day: date) -> None:
    """Attach files as the data that the paper shows (PDF/A-3, relationship ``Data``), in the order of their names."""
    from hashlib import md5

    from pikepdf import Array, Dictionary, Name, Stream, String

    moment = String(f"D:{day:%Y%m%d}000000Z")
    names, all_files = Array(), Array()
    for file in sorted(files, key=lambda item: item.name):
        embedded = Stream(pdf, file.content)
        embedded.Type, embedded.Subtype = Name.EmbeddedFile, Name("/" + file.media_type)
        embedded.Params = Dictionary(
            Size=len(file.content),
            CreationDate=moment,
            ModDate=moment,
            CheckSum=String(md5(file.content, usedforsecurity=False).digest()),
        )
        stream = pdf.make_indirect(embedded)
        specification = pdf.make_indirect(
            Dictionary(
                Type=Name.Filespec,
                F=String(file.name),
                UF=String(file.name),
                Desc=String(file.description),
                AFRelationship=Name.Data,
                EF=Dictionary(F=stream, UF=stream),
            )
        )
        names.append(String(file.name))
        names.append(specification)
        all_files.append(specification)
    if "/Names" not in pdf.Root:
        pdf.Root.Names = Dictionary()
    pdf.Root.Names.EmbeddedFiles = pdf.make_indirect(Dictionary(Names=names))
    pdf.Root.AF = all_files


def attached(content: bytes) -> list[Attachment]:
    """The files attached to a PDF, ordered by name.

    :raises ValueError: when ``content`` is no PDF.
    """
    import pikepdf

    try:
        with pikepdf.open(io.BytesIO(content)) as pdf:
            found = [(name, inside.get_file(), inside.description) for name, inside in pdf.attachments.items()]
            return [
                Attachment(name, file.read_bytes(), file.mime_type, description)
                for name, file, description in sorted(found, key=lambda item: item[0])
            ]
    except pikepdf.PdfError as error:
        raise ValueError("this is not a PDF file") from error


def _written(pdf: Any) -> bytes:
    """The bytes of the file. Its identifier is made from the content, so that the same content gives the same bytes."""
    import pikepdf

    target = io.BytesIO()
    pdf.save(target, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.generate, min_version="1.7")
    return target.getvalue()


_END = b"\nendstream"


def _with_plain_ends(content: bytes) -> bytes:
    """Correct the ends of streams whose last byte is a carriage return.

    That byte and the line feed before ``endstream`` would be read as one end of line, so that the stream seems to be a
    byte shorter than its stated length (ISO 19005-3, 6.1.7.1). With one more carriage return, the data are followed by
    an end of line of their own. All objects behind move, so the cross-reference stream is written anew.
    """
    if b"\r" + _END not in content:
        return content
    start = int(content[content.rindex(b"startxref") + 9 :].split()[0])
    table = _Table.read(content[start:])
    offsets = sorted(value for kind, value, _more in table.rows if kind == 1)
    ends = [*offsets[1:], len(content)]
    parts: list[bytes] = []
    for begin, end in zip(offsets, ends, strict=True):
        body = content[begin:end]
        if begin != start:
            position = body.rfind(_END)
            if (
                position > 0
                and body[position - 1 : position] == b"\r"
                and body[position:].strip() == b"endstream\nendobj"
            ):
                body = body[:position] + b"\r" + body[position:]
            parts.append(body)
    moved: dict[int, int] = {}
    place = offsets[0]
    for begin, body in zip([offset for offset in offsets if offset != start], parts, strict=True):
        moved[begin] = place
        place += len(body)
    moved[start] = place
    number = content[start:].split(b" ", 1)[0]
    rows = [(kind, moved.get(value, value) if kind == 1 else value, more) for kind, value, more in table.rows]
    return b"".join(
        [
            content[: offsets[0]],
            *parts,
            number,
            b" 0 obj\n",
            table.write(rows),
            b"\nendobj\n\nstartxref\n",
            str(place).encode(),
            b"\n%%EOF\n",
        ]
    )


@dataclass(frozen=True)
class _Table:
    """A cross-reference stream: its dictionary, its rows, and how many bytes each of the three columns takes.

    The dictionary lacks the keys that say how the rows are stored; they are written anew.
    """

    dictionary: bytes
    rows: list[tuple[int, int, int]]
    widths: tuple[int, int, int]

    @classmethod
    def read(cls, content: bytes) -> _Table:
        head, rest = content.split(b"stream\n", 1)
        dictionary = head[head.index(b"<<") + 2 : head.rindex(b">>")]
        length = int(_found(rb"/Length (\d+)", dictionary))
        one, two, three = (int(width) for width in _found(rb"/W \[ (\d+ \d+ \d+) \]", dictionary).split())
        data = zlib.decompress(rest[:length])
        columns = one + two + three
        above = bytes(columns)
        rows = []
        for position in range(0, len(data), columns + 1):
            line = data[position + 1 : position + 1 + columns]
            if data[position] == 2:  # PNG predictor "up", which qpdf uses: each byte is the difference to the one above
                line = bytes((value + before) & 255 for value, before in zip(line, above, strict=True))
            above = line
            rows.append(
                (
                    int.from_bytes(line[:one], "big"),
                    int.from_bytes(line[one : one + two], "big"),
                    int.from_bytes(line[one + two :], "big"),
                )
            )
        for key in (rb"/Length \d+", rb"/Filter /FlateDecode", rb"/DecodeParms << [^>]*>>", rb"/W \[[^]]*\]"):
            dictionary = re.sub(key, b"", dictionary)
        return cls(b" ".join(dictionary.split()), rows, (one, two, three))

    def write(self, rows: list[tuple[int, int, int]]) -> bytes:
        one, _two, three = self.widths
        two = max(value for _kind, value, _more in rows).bit_length() // 8 + 1
        data = b"".join(
            kind.to_bytes(one, "big") + value.to_bytes(two, "big") + more.to_bytes(three, "big")
            for kind, value, more in rows
        )
        packed = base64.a85encode(zlib.compress(data, 9)) + b"~>"
        return b"<< %s /W [ %d %d %d ] /Filter [ /ASCII85Decode /FlateDecode ] /Length %d >>\nstream\n%s\nendstream" % (
            self.dictionary,
            one,
            two,
            three,
            len(packed),
            packed,
        )


def _found(pattern: bytes, text: bytes) -> bytes:
    found = re.search(pattern, text)
    if found is None:
        raise ValueError("this is not the cross-reference stream that was written")
    return found[1]


# --- stamping ---


def stamp(
    content: bytes, marks: Sequence[Sequence[Mark]], about: About, *, attachments: Sequence[Attachment] = ()
) -> bytes:
    """Draw marks onto the pages of a joined file (one sequence for each page), attach files and set the metadata.

    Marks with a tag come first in the order of reading, as they are listed; marks without one are artifacts, which are
    not read aloud.

    :raises ValueError: when there are more or fewer sequences of marks than pages.
    """
    import pikepdf

    with pikepdf.open(io.BytesIO(content)) as pdf:
        embedded = {
            style: fonts.embed(pdf, fonts.face(style))
            for style in sorted({line.style for page in marks for mark in page for line in _lines(mark)})
        }
        spoken: list[Any] = []
        shared: set[tuple[int, int]] = set()
        for page, on_page in zip(pdf.pages, marks, strict=True):
            _add_fonts(pdf, page, embedded, shared)
            spoken += _draw(pdf, page, on_page)
        top = pdf.Root.StructTreeRoot.K[0]
        for element in spoken:
            element.P = top
        top.K = pikepdf.Array([*spoken, *top.K])
        if attachments:
            _attach(pdf, attachments, about.day)
        _describe(pdf, about)
        return _with_plain_ends(_written(pdf))


def _lines(mark: Mark) -> list[fonts.Line]:
    return [drawn for drawn in mark.drawn if isinstance(drawn, fonts.Line)]


def _add_fonts(pdf: Any, page: Any, embedded: dict[str, Any], shared: set[tuple[int, int]]) -> None:
    """Add the stamps' fonts to the page's resources, once where several pages of a chunk share them (``shared``)."""
    from pikepdf import Dictionary

    resources = page.obj.Resources
    if "/Font" not in resources:
        resources.Font = Dictionary()
    if resources.objgen in shared and resources.objgen != (0, 0):
        return
    shared.add(resources.objgen)
    for style, font in embedded.items():
        resources.Font["/" + fonts.FONT_NAMES[style]] = font


def _draw(pdf: Any, page: Any, marks: Sequence[Mark]) -> list[Any]:
    """Draw marks onto a page and return the structure elements of those with a tag."""
    from pikepdf import Array, Dictionary, Name, String

    elements: list[Any] = []
    drawn, under = [b"\nQ\n"], []
    parents = _parents(pdf, page) if any(mark.tag for mark in marks) else None
    for mark in marks:
        content = b"".join(part.draw() for part in mark.drawn)
        if not mark.tag or parents is None:
            place = under if mark.under else drawn
            place.append(b"/Artifact <</Type /Pagination>> BDC\nq\n%sQ\nEMC\n" % content)
            continue
        number = len(parents)
        drawn.append(b"/%s <</MCID %d>> BDC\nq\n%sQ\nEMC\n" % (mark.tag.encode(), number, content))
        element = pdf.make_indirect(
            Dictionary(Type=Name.StructElem, S=Name("/" + mark.tag), Pg=page.obj, K=Array([number]))
        )
        if mark.alternative:
            element.Alt = String(mark.alternative)
        if mark.box:
            element.A = Dictionary(
                O=Name.Layout, Placement=Name.Block, BBox=Array([round(value * MM, 3) for value in mark.box])
            )
        parents.append(element)
        elements.append(element)
    page.contents_add(b"".join(under) + b"q\n", prepend=True)
    page.contents_add(b"".join(drawn))
    return elements


def _parents(pdf: Any, page: Any) -> Any:
    """The list of the structure elements of a page, by the number of the marked content (MCID) they hold."""
    numbers = pdf.Root.StructTreeRoot.ParentTree.Nums
    wanted = int(page.obj.StructParents)
    for position in range(0, len(numbers), 2):
        if int(numbers[position]) == wanted:
            return numbers[position + 1]
    raise ValueError("the page has no structure")
