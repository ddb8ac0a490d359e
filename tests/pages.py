"""A test client that reads every page it gets, as a careful person and a screen reader would."""

from __future__ import annotations

import contextvars
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any
from xml.etree.ElementTree import Element

import turbohtml
from flask import Flask, url_for
from turbohtml.treebuild import parse_into
from werkzeug.test import TestResponse

from registry.infra.db import db
from registry.infra.i18n import LANGUAGES
from tests import people

_LABELLED = {"input", "select", "textarea"}
_NEEDS_NO_LABEL = {"hidden", "submit", "button", "image", "reset"}
_REFERENCES = ("for", "aria-labelledby", "aria-describedby", "aria-controls", "aria-owns", "aria-errormessage", "list")
_LOADING = {"src", "srcset", "data", "poster", "action", "formaction"}
_LEFT_OVER = re.compile(r"%\(\w+\)[sd]|\{\{|\{%|&lt;Markup|LazyString")


_VOID = frozenset(
    ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"]
)
"""Elements that have no end tag."""


class _Tree:
    """Builds the tree a browser builds, as elements that keep their text."""

    def create_document(self) -> Element:
        return Element("")

    def create_doctype(self, name: str, public_id: str | None, system_id: str | None) -> None:
        return None

    def create_element(self, name: str, namespace: str, attrs: tuple[tuple[str, str | None], ...]) -> Element:
        return Element(name, {name: value or "" for name, value in attrs})

    def create_text(self, data: str) -> str:
        return data

    def create_comment(self, data: str) -> None:
        return None

    def create_pi(self, target: str, data: str) -> None:
        return None

    def append(self, parent: Element, child: Element | str | None) -> None:
        if isinstance(child, str):
            before = parent[-1] if len(parent) else None
            if before is None:
                parent.text = (parent.text or "") + child
            else:
                before.tail = (before.tail or "") + child
        elif child is not None:
            parent.append(child)


def read(html: str) -> tuple[Element, list[str]]:
    """The tree a browser makes of a page, and what is wrong with its markup.

    Beside what the standard calls errors of signs, every tag has to be closed in its place, and the tree that the tags
    write must be the tree that browsers build: none of the standard's repairs, which close, move and put in elements,
    may be needed.
    """
    problems = [f"line {error.line}: {error.code}" for error in turbohtml.parse(html).errors]
    if not html.lstrip().lower().startswith("<!doctype html>"):
        problems.append("no document type")
    root = parse_into(html, _Tree())[0]
    built = list(_nested(root, 0))
    written = []
    for tag, depth, line in _written(html):
        if depth < 0:
            problems.append(f"line {line}: </{tag}> closes nothing that is open there")
            break
        if len(written) == len(built) or built[len(written)] != (tag, depth):
            problems.append(f"line {line}: <{tag}> comes to stand elsewhere than it is written")
            break
        written.append(tag)
    if not problems and len(written) < len(built):
        problems.append(f"<{built[len(written)][0]}> is not written")
    return root, problems


def _nested(element: Element, depth: int) -> Iterator[tuple[str, int]]:
    yield element.tag.lower(), depth
    for child in element:
        yield from _nested(child, depth + 1)


def _written(html: str) -> Iterator[tuple[str, int, int]]:
    """Elements as the tags write them: name, depth and line; depth -1 for an end tag out of place."""
    is_open: list[str] = []
    for token in turbohtml.tokenize(html):
        if token.type is turbohtml.TokenType.START_TAG:
            yield token.tag, len(is_open), token.line
            if token.tag not in _VOID and not token.self_closing:
                is_open.append(token.tag)
        elif token.type is turbohtml.TokenType.END_TAG:
            if not is_open or is_open[-1] != token.tag:
                yield token.tag, -1, token.line
                return
            is_open.pop()
    for tag in is_open:
        yield tag, -1, 0


class Page:
    """A page that was read: its text, its elements, and the checks it passed."""

    def __init__(self, response: TestResponse) -> None:
        self.response = response
        self.html = response.get_data(as_text=True)
        self.root, self.parse_errors = read(self.html)
        self.elements = list(self.root.iter())

    def __contains__(self, text: str) -> bool:
        return text in self.text

    @property
    def text(self) -> str:
        """What the page says, spaces made single."""
        return " ".join("".join(self.root.find("body").itertext()).split())  # type: ignore[union-attr]

    @property
    def title(self) -> str:
        return " ".join("".join(element_text(e) for e in self.all("title")).split())

    @property
    def heading(self) -> str:
        return element_text(self.all("h1")[0])

    @property
    def language(self) -> str:
        return self.root.get("lang", "")

    def all(self, tag: str, **attributes: str) -> list[Element]:
        """Every ``tag`` whose attributes have these values (``class_`` looks for one class among others)."""
        return [e for e in self.elements if e.tag == tag and _matches(e, attributes)]

    def links(self) -> dict[str, str]:
        """Text of each link to its address."""
        return {element_text(e): e.get("href", "") for e in self.all("a")}

    def fields(self, form: Element | None = None) -> dict[str, str | list[str]]:
        """What the browser would send for the form: names and present values, the CSRF token among them."""
        values: dict[str, list[str]] = {}
        for element in (form if form is not None else self.root).iter():
            name = element.get("name")
            if not name or element.get("disabled") is not None:
                continue
            if element.tag == "input":
                kind = element.get("type", "text")
                if kind in {"submit", "button", "image", "reset", "file"}:
                    continue
                if kind in {"checkbox", "radio"} and element.get("checked") is None:
                    continue
                values.setdefault(name, []).append(element.get("value", "on" if kind == "checkbox" else ""))
            elif element.tag == "textarea":
                values.setdefault(name, []).append("".join(element.itertext()))
            elif element.tag == "select":
                options = list(element.iter("option"))
                chosen = [o for o in options if o.get("selected") is not None]
                if not chosen and element.get("multiple") is None:
                    chosen = options[:1]
                values.setdefault(name, []).extend(o.get("value", element_text(o)) for o in chosen)
        return {name: found[0] if len(found) == 1 else found for name, found in values.items()}

    def form(self, containing: str | None = None, action: str | None = None) -> Element:
        """The page's form that posts, or the one with a field named ``containing`` or with that ``action``."""
        forms = [f for f in self.all("form") if f.get("method", "get").lower() == "post"]
        if containing:
            forms = [f for f in forms if any(e.get("name") == containing for e in f.iter())]
        if action:
            forms = [f for f in forms if f.get("action", "").split("?")[0].endswith(action)]
        if not (containing or action) and len(forms) > 1:
            inside = [f for main in self.all("main") for f in main.iter("form") if f in forms]
            forms = inside or forms
        assert forms, f"no such form on {self.response.request.path}"
        return forms[0]

    def check(self, language: str | None = None) -> None:
        """Assert what every page must be: valid, titled, labelled, in its language, free of inline code."""
        problems = list(self.parse_errors)
        if len(self.all("h1")) != 1:
            problems.append(f"{len(self.all('h1'))} h1 instead of one")
        elif not self.heading:
            problems.append("an empty h1")
        if not self.title:
            problems.append("no title")
        if self.language not in LANGUAGES:
            problems.append(f"lang is {self.language!r}")
        elif language and self.language != language:
            problems.append(f"lang is {self.language!r}, not {language!r}")
        ids = Counter(e.get("id") for e in self.elements if e.get("id") is not None)
        problems += [f"id {name!r} stands {count} times" for name, count in ids.items() if count > 1 or not name]
        for element in self.elements:
            problems += self._element_problems(element, set(ids))
        body = self.root.find("body")
        left_over = _LEFT_OVER.search("".join(body.itertext()) if body is not None else "")
        if left_over:
            problems.append(f"left over in the text: {left_over.group()}")
        assert not problems, f"{self.response.request.path}: " + "; ".join(problems)

    def _element_problems(self, element: Element, ids: set[str | None]) -> list[str]:
        problems = []
        for attribute in _REFERENCES:
            for name in (element.get(attribute) or "").split():
                if name not in ids:
                    problems.append(f"{element.tag} {attribute}={name!r} points nowhere")
        for attribute, value in element.attrib.items():
            if attribute == "style" or attribute.startswith("on"):
                problems.append(f"inline {attribute} on {element.tag}")
            if attribute in _LOADING and re.match(r"(https?:)?//", value):
                problems.append(f"{element.tag} asks a third party: {value}")
        if element.tag == "style" or (element.tag == "script" and element.get("src") is None and not _is_data(element)):
            problems.append(f"inline {element.tag}")
        if element.tag == "link" and re.match(r"(https?:)?//", element.get("href", "")):
            problems.append(f"link asks a third party: {element.get('href')}")
        if element.tag == "img" and element.get("alt") is None:
            problems.append(f"img without alt: {element.get('src')}")
        if element.tag in {"a", "button"} and not _accessible_name(element):
            problems.append(f"{element.tag} without a name: {element.attrib}")
        if (
            element.tag in _LABELLED
            and element.get("type") not in _NEEDS_NO_LABEL
            and not (element.get("aria-label") or element.get("aria-labelledby"))
            and not self._has_label(element)
        ):
            problems.append(f"{element.tag} {element.get('name')!r} has no label")
        return problems

    def _has_label(self, element: Element) -> bool:
        for label in self.all("label"):
            if element.get("id") and label.get("for") == element.get("id"):
                return bool(element_text(label))
            if any(inner is element for inner in label.iter()):
                return bool(element_text(label))
        return False


def _is_data(script: Element) -> bool:
    return script.get("type", "") in {"application/json", "application/ld+json"}


def _accessible_name(element: Element) -> bool:
    if element.get("aria-label") or element.get("aria-labelledby") or element_text(element):
        return True
    return any(e.get("alt") or e.get("aria-label") or e.tag == "title" for e in element.iter())


def _matches(element: Element, attributes: Mapping[str, str]) -> bool:
    for name, value in attributes.items():
        if name == "class_":
            if value not in (element.get("class") or "").split():
                return False
        elif element.get(name.rstrip("_").replace("_", "-")) != value:
            return False
    return True


def element_text(element: Element) -> str:
    """The text of an element and all in it, spaces made single."""
    return " ".join("".join(element.itertext()).split())


class PageClient:
    """A browser without JavaScript. ``get``, ``post`` and ``submit`` return a :class:`Page` for HTML answers.

    Requests run outside the test's application context, as real ones do, and what the test's session had read is
    forgotten before each, so that a test sees what the request wrote.
    """

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.language: str | None = None
        """The language pages must be in from now on; None accepts any of the three."""
        self._client = app.test_client()
        self._token: str | None = None

    def get(self, target: str, *, expect: int = 200, query: Mapping[str, Any] | None = None, **values: Any) -> Page:
        """Read a page by path (``/…``) or endpoint (with its ``values``); redirects count as answers."""
        return self._page(self._open("GET", target, values, query_string=query), expect)

    def get_response(self, target: str, *, expect: int = 200, **values: Any) -> TestResponse:
        """Read something that need not be a page: a file, a redirect."""
        response = self._open("GET", target, values)
        assert response.status_code == expect, _unexpected(response, expect)
        return response

    def answer(self, path: str) -> TestResponse:
        """Whatever an address answers in the end, redirects followed."""
        return self._open("GET", path, {}, follow_redirects=True)

    def post(
        self,
        target: str,
        data: Mapping[str, Any] | None = None,
        *,
        expect: int = 302,
        follow: bool = False,
        token: bool = True,
        **values: Any,
    ) -> Page:
        """Send a form with the CSRF token of the last page that had one. ``follow`` reads the page redirected to."""
        sent = dict(data or {})
        if token and self._token and "csrf_token" not in sent:
            sent["csrf_token"] = self._token
        response = self._open("POST", target, values, data=sent)
        if follow:
            assert response.status_code == 302, _unexpected(response, 302)
            return self.get(response.headers["Location"])
        return self._page(response, expect)

    def submit(
        self,
        page: Page,
        data: Mapping[str, Any] | None = None,
        *,
        containing: str | None = None,
        action: str | None = None,
        expect: int = 302,
        follow: bool = False,
    ) -> Page:
        """Fill a form of a page that was read and send it: its present values, changed by ``data``."""
        form = page.form(containing, action)
        sent = {name: value for name, value in (page.fields(form) | dict(data or {})).items() if value is not None}
        target = form.get("action") or page.response.request.full_path.rstrip("?")
        return self.post(target, sent, expect=expect, follow=follow)

    def sign_in(self, login: str, password: str = people.PASSWORD) -> str:
        """Sign in through the sign-in page; the address it leads to. Each role's account is named after it."""
        page = self.get("accounts.sign_in")
        answer = self.submit(page, {"login": login, "password": password}, containing="password")
        return answer.response.headers["Location"]

    def sign_out(self) -> None:
        """Forget the cookies, as closing a private window does."""
        self._client = self.app.test_client()
        self._token = None

    def _open(self, method: str, target: str, values: Mapping[str, Any], **options: Any) -> TestResponse:
        if target.startswith(("/", "http:")):
            path = target
        else:
            with self.app.test_request_context():
                path = url_for(target, **values)
        db.session.rollback()
        # A browser set to English: what a page says to a stranger depends on it.
        options["headers"] = {"Accept-Language": "en", **options.get("headers", {})}
        return contextvars.Context().run(self._client.open, path, method=method, **options)

    def _page(self, response: TestResponse, expect: int) -> Page:
        assert response.status_code == expect, _unexpected(response, expect)
        page = Page(response)
        if response.mimetype == "text/html" and not 300 <= response.status_code < 400:
            page.check(self.language)
            for field in page.all("input", name="csrf_token"):
                self._token = field.get("value")
        return page


def _unexpected(response: TestResponse, expect: int) -> str:
    where = response.headers.get("Location", "")
    text = "" if where or response.mimetype != "text/html" else Page(response).text[:1500]
    return f"{response.request.path} answered {response.status_code} instead of {expect} {where} {text}"
