"""Every page of every role as axe and a narrow screen see it, over the demo's data.

A page of each shape is looked at in the dark theme on a desk and in the light one on a phone. ``TEST_WALKS=all`` in the
environment walks them all; the gate looks at those of the report form (``test_report_form.py``).
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator
from urllib.parse import parse_qsl, urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.browser.test_forms import sign_in
from tests.browser.test_walk import CHROMIUM, COMPLETE, browser, served  # noqa: F401

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="Debian's chromium is not installed")

LARGEST = 150_000
"""Bytes of a page as the reader's browser gets it, with styles and scripts and without fonts."""

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


def problems(page: Page, url: str, path: str) -> list[str]:
    """What axe finds on a page in both themes and at two widths, what is wider than the screen, and its weight."""
    found = []
    for scheme, width in (("dark", 1366), ("light", 360)):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        page.set_viewport_size({"width": width, "height": 768})
        page.goto(url + path)
        for violation in Axe().run(page, options=RULES).response["violations"]:
            where = [node["target"] for node in violation["nodes"]][:3]
            found.append(f"{path}, {scheme}, {width}: {violation['id']} at {where}")
        wide = page.evaluate("document.documentElement.scrollWidth")
        if wide > width:
            found.append(f"{path}: {wide} pixels wide on a screen of {width}")
    weights = page.evaluate(
        """performance.getEntriesByType("resource").concat(performance.getEntriesByType("navigation"))
          .filter(one => !one.name.endsWith(".woff2")).map(one => one.encodedBodySize)"""
    )
    if sum(weights) > LARGEST:
        found.append(f"{path}: {sum(weights)} bytes")
    return found


def shape(address: str) -> str:
    """What addresses of one page with other data have in common."""
    parts = urlsplit(address)
    kinds = [value for name, value in parse_qsl(parts.query) if name == "kind"]
    path = re.sub(r"/lines/\w+/\w+", "/lines/X", re.sub(r"/\d+(?=/|$)", "/N", parts.path))
    return "?".join([re.sub(r"^(/v/|/documents/[A-Z]+-).*", r"\1", path), *kinds])


def pages(page: Page, url: str) -> Iterator[str]:
    """One address of each shape that can be reached by links from the home page."""
    seen, waiting = {"/"}, deque(["/"])
    while waiting:
        address = waiting.popleft()
        answer = page.goto(url + address)
        if answer is None or "html" not in answer.headers.get("content-type", ""):
            continue
        yield address
        for link in page.eval_on_selector_all(
            "main a[href], nav a[href]", "all => all.map(one => one.pathname + one.search)"
        ):
            is_file = re.search(r"^/(language|territory)/|\.\w+(\?|$)|/(file|draft|export|data)\b|format=", link)
            if not is_file and shape(link) not in seen:
                seen.add(shape(link))
                waiting.append(link)


@pytest.mark.skipif(not COMPLETE, reason="TEST_WALKS=all walks every page")
@pytest.mark.parametrize("login", ["staff", "resident", "auditor", "admin"])
def test_every_page_is_open_to_everybody(browser: Browser, demo: str, login: str) -> None:  # noqa: F811
    page = sign_in(browser, demo, login, script=True, password=f"demo-{login}-2026")
    addresses = list(pages(page, demo))
    assert len(addresses) > 20
    found = [each for address in addresses for each in problems(page, demo, address)]
    assert not found, "\n".join(found)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """An installation with the demo's data and accounts."""
    with served(tmp_path_factory.mktemp("demo"), ("demo",)) as (url, _env, _said):
        yield url
