"""An auditor's tasks in a real browser, each within the clicks it may cost (``design.md`` 10).

The registry holds the demo data. Every task begins on the home page; what is typed or chosen from a calendar is no
click, every link, box and button is one. The worker's own time does not count as a click but is bounded.
"""

from __future__ import annotations

import hashlib
import io
import re
import subprocess
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import Page

from tests.browser.test_walk import CHROMIUM, COMPLETE, Person, browser, run, served  # noqa: F401

pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="Debian's chromium is not installed"),
    pytest.mark.skipif(not COMPLETE, reason="TEST_WALKS=all counts the auditor's clicks"),
]

GOAL_SECONDS = 10
"""A register of up to a thousand rows is prepared in this time."""


class Auditor(Person):
    """Counts the clicks of a task."""

    clicks = 0

    @contextmanager
    def task(self, clicks: int) -> Iterator[None]:
        """From the home page, with at most so many clicks."""
        self.open("/")
        self.clicks = 0
        yield
        assert self.clicks <= clicks, f"{self.clicks} clicks"
        assert not self.troubles, self.troubles

    def click(self, selector: str, *, leads: bool = True) -> None:
        self.clicks += 1
        target = self.page.locator(f"main {selector}").first
        if not leads:
            target.click()
            return
        with self.page.expect_navigation():
            target.click()

    def save(self, selector: str) -> bytes:
        self.clicks += 1
        with self.page.expect_download() as started:
            self.page.locator(f"main {selector}").first.click()
        return Path(started.value.path()).read_bytes()


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, dict[str, str], dict[str, str]]]:
    """The demo, served with its worker: its address, its environment, and the number of its paper of each kind."""
    with served(tmp_path_factory.mktemp("demo"), fill=("demo",)) as (address, env, said):
        numbers = re.findall(r"Issued (\S+)", said)
        yield address, env, {number.split("-")[1]: number for number in numbers}


def wait_for_record(page: Page) -> None:
    """The page of a paper being made leads to its record by itself."""
    page.wait_for_url(re.compile(r"/documents/\d+$"), timeout=60_000)


def text_of(content: bytes) -> str:
    result = subprocess.run(["pdftotext", "-layout", "-", "-"], input=content, capture_output=True, check=True)
    return result.stdout.decode()


def test_the_auditor_s_tasks_cost_no_more_clicks_than_they_may(browser, installation) -> None:  # noqa: F811
    address, env, numbers = installation
    auditor = Auditor(browser, address, "auditor", "ru", password="demo-auditor-2026")
    staff = Auditor(browser, address, "staff", "ru", password="demo-staff-2026")

    # 1. Print the register as of a date: date, languages, Prepare; another person approves.
    with auditor.task(clicks=3):
        auditor.click("a[href*='kind=participants']")
        auditor.fill(as_of="31.03.2026")
        auditor.click("input[name=language][value=kk]", leads=False)
        began = time.monotonic()
        auditor.click("form[method=post] button[type=submit]")
        auditor.page.locator("main a[href$='/draft']").nth(1).wait_for()
        assert time.monotonic() - began < GOAL_SECONDS
    for _language in ("kk", "ru"):
        with staff.task(clicks=2):
            staff.click("a[href$='#awaiting']")
            staff.click("form[action$='/approve'] button")
            staff.page.wait_for_selector("main a[href^='/documents/']:has-text('PAR')")
    with auditor.task(clicks=2):
        auditor.click("a:has-text('-PAR-')")
        paper = " ".join(text_of(auditor.save("a[href$='/file']")).split())
        assert auditor.page.locator("main h1").inner_text() in paper
        assert "по состоянию на 31 марта 2026 года" in paper or "2026 жылғы 31 наурыз күнгі жағдай бойынша" in paper

    # 3. Trace a total to its lines: the paper's number, then the code beside the total.
    with auditor.task(clicks=2):
        began = time.monotonic()
        auditor.fill(code=numbers["TAX"])
        auditor.click("form[action='/check'] button")
        auditor.fill(code="1A")
        auditor.click("form[action$='/totals'] button")
        lines = auditor.page.locator("main a[href*='/lines/tax/']")
        assert lines.count()
        assert time.monotonic() - began < 15

    # 4. Who accepted, when, what changed: one click from a line.
    auditor.clicks = 0
    auditor.click("a[href*='/lines/tax/']")
    assert auditor.clicks == 1
    assert "Отчет принят" in auditor.text
    assert auditor.page.locator("main tbody tr").count() >= 1

    # 5. Draw a sample: size and seed, the list, its print; the same seed and size give the same list.
    drawn = []
    for _time in range(2):
        with auditor.task(clicks=3):
            auditor.click("a[href*='kind=sample']")
            auditor.fill(size="12", seed="көктем")
            auditor.click("form[method=post] button[type=submit]")
            wait_for_record(auditor.page)
            drawn.append(auditor.save("a[href$='/file']"))
    assert drawn[0] == drawn[1]
    assert "көктем" in text_of(drawn[0])

    # 6. Compare two dates, down to the file.
    with auditor.task(clicks=3):
        auditor.click("a[href*='kind=comparison']")
        auditor.fill(since="31.12.2024", as_of="30.06.2026")
        auditor.click("form[method=post] button[type=submit]")
        wait_for_record(auditor.page)
        assert "СПРАВКА" in text_of(auditor.save("a[href$='/file']"))

    # 7. Take evidence away: the period, the pack.
    auditor.open("/documents/evidence")
    auditor.clicks = 0
    auditor.page.select_option("select[name=year]", "2026")
    auditor.click("form[method=post] button[type=submit]")
    auditor.page.wait_for_selector("main a[href$='/file']", timeout=60_000)
    with zipfile.ZipFile(io.BytesIO(auditor.save("a[href$='/file']"))) as pack:
        names = [name.partition("/")[2] for name in pack.namelist()]
    assert auditor.clicks == 2
    assert {f"papers/{numbers['TAX']}.pdf", "tizilim-check.html", "manifest.sig"} <= set(names)

    # 8. Nothing was altered.
    with auditor.task(clicks=1):
        auditor.click("a[href='/journal/verification']")
        assert auditor.page.locator("main .message-good").count() == 1

    # 9. Corrections and exceptions of a period, on the screen and on paper.
    with auditor.task(clicks=1):
        auditor.click("a[href*='only=corrections']")
        shown = auditor.page.locator("main li.history-entry").count()
        assert shown
    with auditor.task(clicks=3):
        auditor.click("a[href*='kind=corrections']")
        auditor.click("form[method=post] button[type=submit]")
        wait_for_record(auditor.page)
        assert auditor.clicks == 2
        assert f"Количество записей – {shown}" in " ".join(text_of(auditor.save("a[href$='/file']")).split())

    # 10. An old paper again by its number, the same bytes.
    with auditor.task(clicks=2):
        auditor.fill(code=numbers["IND"])
        auditor.click("form[action='/check'] button")
        content = auditor.save("a[href$='/file']")
        assert hashlib.sha256(content).hexdigest() in auditor.text
    again = Path(env["REGISTRY_DATA_DIR"]) / "again.pdf"
    run(env, "document", "get", numbers["IND"], "-o", str(again))
    assert again.read_bytes() == content

    # The same paper's tables, and what is inside it, are a click away.
    book = openpyxl.load_workbook(io.BytesIO(auditor.save("a[href$='/tables.xlsx']")))
    assert len(book.worksheets) > 1
    assert auditor.save("a[href$='/data/paper.json']").startswith(b"{")
    assert not staff.troubles
