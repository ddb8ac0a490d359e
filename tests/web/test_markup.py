"""What :func:`tests.pages.read` finds in the markup of a page, so that a page with such a fault fails its test."""

from __future__ import annotations

import pytest

from tests.pages import read

PAGE = "<!DOCTYPE html><html lang=en><head><title>x</title></head><body>{}</body></html>"


@pytest.mark.parametrize(
    "text",
    [
        "<p>a</p><br>b<input>",
        "<table><tbody><tr><td>x</td></tr></tbody></table>",
        "<svg viewBox='0 0 1 1'><title>a</title><use href='#a'/><linearGradient></linearGradient></svg>",
        "<script type='application/json'>\"<p>\"</script><textarea><p></textarea>",
    ],
)
def test_sound_markup(text: str) -> None:
    assert read(PAGE.format(text))[1] == []


@pytest.mark.parametrize(
    "text",
    [
        "<p>a",
        "<div><p>a</div>",
        "</div>",
        "<div",
        "<table><tr><td>x</td></tr></table>",
        "<table><div></div></table>",
        "<p><div></div></p>",
        "<a><a></a></a>",
        "<b><p></b></p>",
        "<form><form></form></form>",
        "<p id=a id=b></p>",
        "<p>&ampx;</p>",
    ],
)
def test_faults(text: str) -> None:
    assert read(PAGE.format(text))[1]


def test_a_page_without_document_type() -> None:
    assert read("<html><head></head><body></body></html>")[1] == ["no document type"]
