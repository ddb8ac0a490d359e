"""The structure tree of a PDF, by which screen readers read it aloud; it is written while WeasyPrint writes the PDF.

WeasyPrint's own tagging begins a table, its heading and each section anew on every page, and makes an element of each
line of text. Here, what goes on after a page break stays one element, a heading repeated on the next page is an
artifact, header cells state their scope, and text belongs directly to its paragraph or cell. This also makes long
registers smaller and faster. Only the HTML that the templates of papers use is supported.

The text that programs read for a glyph is also corrected: it is the letter that the font assigns to the glyph.
WeasyPrint takes the text where the glyph was drawn first. For a letter with combining marks that is no text at all, and
the letter would then be missing from the text wherever else it stands.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

_TAGS = {
    "section": "Sect", "h1": "H1", "h2": "H2", "h3": "H3", "h4": "H4", "p": "P", "ul": "L", "ol": "L", "li": "LI",
    "table": "Table", "caption": "Caption", "thead": "THead", "tbody": "TBody", "tfoot": "TFoot", "tr": "TR",
    "th": "TH", "td": "TD", "a": "Link", "figcaption": "P", "blockquote": "BlockQuote",
    "nav": "TOC",
}  # fmt: skip
_TABLE_PARTS = frozenset({"Table", "THead", "TBody", "TFoot", "TR", "TH", "TD"})
_GROUPING = frozenset(
    {"Document", "Sect", "Table", "THead", "TBody", "TFoot", "TR", "L", "LI", "TOC", "TOCI", "BlockQuote"}
)
"""Tags of elements that hold other elements and no text of their own."""

CONTINUED = "data-continued"
"""HTML attribute of a table that goes on from the chunk before, where its heading has already been read."""


@contextmanager
def our_tags() -> Generator[None]:
    """Let WeasyPrint write our structure tree and our text of glyphs while the ``with`` block runs."""
    import weasyprint.pdf

    tags, fonts = weasyprint.pdf.add_tags, weasyprint.pdf.build_fonts_dictionary

    def build_fonts(pdf: Any, used: Any, *options: Any) -> Any:
        for font in used.values():
            _correct_reading(font)
        return fonts(pdf, used, *options)

    weasyprint.pdf.add_tags = _add_tags  # ty: ignore[invalid-assignment]
    weasyprint.pdf.build_fonts_dictionary = build_fonts  # ty: ignore[invalid-assignment]
    try:
        yield
    finally:
        weasyprint.pdf.add_tags, weasyprint.pdf.build_fonts_dictionary = tags, fonts


def _correct_reading(font: Any) -> None:
    """Assign the letter to each glyph that stands for a single one, so that no glyph is without text."""
    doubtful = {glyph: text for glyph, text in font.to_unicode.items() if len(text) != 1}
    if not doubtful:
        return
    import io

    from fontTools.ttLib import TTFont

    program: Any = TTFont(io.BytesIO(font.file_content), fontNumber=font.index, lazy=True)
    letters: dict[int, list[str]] = {}
    for code, name in sorted(program.getBestCmap().items()):
        letters.setdefault(program.getGlyphID(name), []).append(chr(code))
    for glyph, text in doubtful.items():
        own = [letter for letter in letters.get(glyph, ()) if letter in text or not text]
        # A glyph without text is part of a letter whose other glyph has the text. It gets a word joiner, which is
        # invisible.
        font.to_unicode[glyph] = own[0] if own else text or "\u2060"


def _add_tags(pdf: Any, document: Any, _pdf_version: object, page_streams: list[Any]) -> None:
    """Write the structure tree, in the place of ``weasyprint.pdf.tags.add_tags``."""
    _Tagger(pdf, document, page_streams).write()


class _Node:
    """A structure element that is being filled; ``up`` is its parent, ``page`` the page it began on."""

    __slots__ = ("continued", "dictionary", "kids", "page", "tag", "up")

    def __init__(self, tag: str, dictionary: Any, page: int, up: _Node | None) -> None:
        self.tag = tag
        self.dictionary = dictionary
        self.kids: list[Any] = dictionary["K"]
        self.page = page
        self.up = up
        self.continued = False


class _Tagger:
    """Writes the structure tree of one document by walking the boxes of its pages."""

    def __init__(self, pdf: Any, document: Any, page_streams: list[Any]) -> None:
        import pydyf
        from weasyprint.formatting_structure import boxes
        from weasyprint.layout.absolute import AbsolutePlaceholder

        self.pydyf, self.boxes, self.placeholder = pydyf, boxes, AbsolutePlaceholder
        self.pdf, self.document, self.streams = pdf, document, page_streams
        self.page = 0
        self.pages = pdf.page_references
        self.open: dict[tuple[int, str], _Node] = {}
        """The tag of each HTML element and role: an element that goes on after a page break finds its tag here."""
        self.parents: dict[int, Any] = {}
        self.artifacts: set[int] = set()
        self.annotations: list[tuple[Any, Any]] = []
        self.headings: dict[int, int] = {}

    def write(self) -> None:
        pydyf, pdf = self.pydyf, self.pdf
        parent_tree = pydyf.Dictionary({})
        pdf.add_object(parent_tree)
        root = pydyf.Dictionary({"Type": "/StructTreeRoot", "ParentTree": parent_tree.reference})
        pdf.add_object(root)
        top = pydyf.Dictionary({"Type": "/StructElem", "S": "/Document", "K": pydyf.Array(), "P": root.reference})
        pdf.add_object(top)
        root["K"] = pydyf.Array([top.reference])
        numbers = pydyf.Array()
        for number, (page, stream) in enumerate(zip(self.document.pages, self.streams, strict=True)):
            self.page = number
            self.parents, self.artifacts = {}, set()
            self.marks = dict(stream._tags)
            self._walk(page._page_box, _Node("Document", top, self.page, None), None)
            self.artifacts.update(mark["mcid"] for mark in self.marks.values())
            _make_artifacts(stream, self.artifacts)
            stream._tags.clear()
            highest = max(self.parents, default=-1)
            numbers += [self.page, pydyf.Array([self.parents.get(number, "null") for number in range(highest + 1)])]
        for number, (reference, annotation) in enumerate(self.annotations, start=len(self.document.pages)):
            numbers += [number, reference]
            annotation["StructParent"] = number
        parent_tree["Nums"] = numbers
        pdf.catalog["StructTreeRoot"] = root.reference
        pdf.catalog["ViewerPreferences"] = pydyf.Dictionary({"DisplayDocTitle": "true"})
        pdf.catalog["MarkInfo"] = pydyf.Dictionary({"Marked": "true"})

    # --- walking the boxes ---

    def _walk(self, box: Any, parent: _Node, role: tuple[int, str] | None) -> None:
        if isinstance(box, self.placeholder):
            box = box._box
        boxes = self.boxes
        if isinstance(box, boxes.TextBox):
            mark = self.marks.pop(box, None)
            if mark is not None:
                self._text(mark["mcid"], parent, box)
            return
        if isinstance(box, boxes.MarginBox):
            return
        element, name = box.element, box.element_tag or ""
        own = None if element is None else (id(element), name)
        node = parent
        if own is not None and own != role:
            if name == "thead" and (parent.continued or self.headings.setdefault(id(element), self.page) != self.page):
                self._silence(box)
                return
            node = self._node(box, element, name, own, parent)
        if isinstance(box, boxes.ReplacedBox):
            mark = self.marks.pop(box, None)
            if mark is not None:
                self._figure(box, element, mark["mcid"], parent)
            return
        for child in getattr(box, "children", ()):
            self._walk(child, node, own)

    def _silence(self, box: Any) -> None:
        """Make everything in a repeated table heading an artifact, so that it is not read again."""
        for inner in box.descendants():
            mark = self.marks.pop(inner, None)
            if mark is not None:
                self.artifacts.add(mark["mcid"])

    def _node(self, box: Any, element: Any, name: str, own: tuple[int, str], parent: _Node) -> _Node:
        """The tag of a box's HTML element, or the parent's tag where the element means nothing to a listener."""
        if name.endswith("::marker"):
            return self._label(own, parent)
        tag = "TOCI" if name == "div" and parent.tag == "TOC" else _TAGS.get(name)
        attributes = element.attrib
        if tag == "Table" and attributes.get("role") == "presentation":
            return parent
        if tag in _TABLE_PARTS and tag != "Table" and parent.tag not in _TABLE_PARTS:
            return parent  # part of a table that only arranges things on the page
        language = attributes.get("lang") if name != "html" else None
        if tag is None:
            if language is None or "::" in name or name == "body":
                return parent
            tag = "Span" if name == "span" else "Div"
        if parent.tag == "LI" and tag != "L":
            parent = self._body(parent)
        elif parent.tag == "TOCI" and tag == "Link":
            parent = self._child("Reference", (id(element), "reference"), parent)
        node = self._child(tag, own, parent)
        if language:
            node.dictionary["Lang"] = self.pydyf.String(language)
        if tag == "Table" and CONTINUED in attributes:
            node.continued = True
        elif tag in ("TH", "TD"):
            self._cell(box, attributes, tag, node)
        elif tag == "L" and len(node.dictionary) == 5:
            numbering = "Decimal" if name == "ol" else "Disc"
            node.dictionary["A"] = self.pydyf.Dictionary({"O": "/List", "ListNumbering": f"/{numbering}"})
        elif tag == "Link" and box.link_annotation:
            self._link(box.link_annotation, element, node)
        return node

    def _label(self, own: tuple[int, str], parent: _Node) -> _Node:
        """The tag of a list item's number or bullet, put before the item's text."""
        item: _Node | None = parent
        while item is not None and item.tag != "LI":
            item = item.up
        if item is None:
            return parent
        node = self._child("Lbl", own, item)
        item.kids.remove(node.dictionary.reference)
        item.kids.insert(0, node.dictionary.reference)
        return node

    def _body(self, item: _Node) -> _Node:
        return self._child("LBody", (id(item.dictionary), "body"), item)

    def _child(self, tag: str, own: tuple[int, str], parent: _Node) -> _Node:
        found = self.open.get(own)
        if found is not None:
            return found
        pydyf = self.pydyf
        dictionary = pydyf.Dictionary(
            {
                "Type": "/StructElem",
                "S": f"/{tag}",
                "P": parent.dictionary.reference,
                "Pg": self.pages[self.page],
                "K": pydyf.Array(),
            }
        )
        self.pdf.add_object(dictionary)
        parent.kids.append(dictionary.reference)
        node = self.open[own] = _Node(tag, dictionary, self.page, parent)
        return node

    def _cell(self, box: Any, attributes: Any, tag: str, node: _Node) -> None:
        values: dict[str, object] = {"O": "/Table"}
        if tag == "TH":
            values["Scope"] = "/Row" if attributes.get("scope") in ("row", "rowgroup") else "/Column"
        if box.colspan != 1:
            values["ColSpan"] = box.colspan
        if box.rowspan != 1:
            values["RowSpan"] = box.rowspan
        if len(values) > 1:
            node.dictionary["A"] = self.pydyf.Dictionary(values)

    def _link(self, annotation: Any, element: Any, node: _Node) -> None:
        """Describe a link by its words, and connect it with its tag."""
        annotation["Contents"] = self.pydyf.String(" ".join("".join(element.itertext()).split()))
        if any(annotation is known for _reference, known in self.annotations):
            return
        reference = self.pydyf.Dictionary({"Type": "/OBJR", "Obj": annotation.reference, "Pg": self.pages[self.page]})
        node.kids.append(reference.data)
        self.annotations.append((node.dictionary.reference, annotation))

    # --- content ---

    def _text(self, mcid: int, parent: _Node, box: Any) -> None:
        if parent.tag == "LI":
            parent = self._body(parent)
        elif parent.tag in _GROUPING:
            parent = self._child("P", (id(box.element), "text"), parent)
        self._content(mcid, parent)

    def _content(self, mcid: int, node: _Node) -> None:
        if node.page == self.page:
            node.kids.append(mcid)
        else:
            node.kids.append(self.pydyf.Dictionary({"Type": "/MCR", "Pg": self.pages[self.page], "MCID": mcid}).data)
        self.parents[mcid] = node.dictionary.reference

    def _figure(self, box: Any, element: Any, mcid: int, parent: _Node) -> None:
        """Tag a picture with its description; without one it is decoration and becomes an artifact."""
        if element.tag == "{http://www.w3.org/2000/svg}svg":
            title = element.find("{http://www.w3.org/2000/svg}title")
            text = (title.text or "") if title is not None else element.attrib.get("aria-label", "")
        else:
            text = element.attrib.get("alt", "")
        if not text.strip():
            self.artifacts.add(mcid)
            return
        pydyf, height = self.pydyf, self.document.pages[self.page].height
        node = self._child("Figure", (id(box), "figure"), parent)
        left, top = box.content_box_x() * 0.75, (height - box.content_box_y()) * 0.75
        node.dictionary["Alt"] = pydyf.String(text)
        node.dictionary["A"] = pydyf.Dictionary(
            {
                "O": "/Layout",
                "Placement": "/Block",
                "BBox": pydyf.Array([left, top - box.height * 0.75, left + box.width * 0.75, top]),
            }
        )
        self._content(mcid, node)


def _make_artifacts(stream: Any, numbers: set[int]) -> None:
    """Turn the marked content with these numbers (MCID) into artifacts."""
    if not numbers:
        return
    operators = stream.stream
    for position, operator in enumerate(operators):
        if isinstance(operator, dict) and operator.get("MCID") in numbers:
            operators[position - 1] = "/Artifact"
            operators[position] = type(operator)({"Type": "/Pagination"})
