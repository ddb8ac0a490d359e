"""The main job from end to end in a real browser, as each role would do it, in each language.

The program runs as it does in production: ``registry init``, ``users add``, ``serve`` with its worker. The walk uses
names of fields and addresses, never words, so that it is the same in every language; the words are checked for being
translated by looking at the page's language.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, sync_playwright

from tests.commands import Command

CHROMIUM = shutil.which("chromium")
PASSWORD = "browser-walk-2026"
COMPANIES = {"kk": ("NU", "250240991048"), "ru": ("YAFI", "230540991015"), "en": ("KURCHATOV", "260340991083")}
"""Each language walks with a company of its own in a territory of its own (``domain.md`` 8.2)."""

NOT_LOCKED_YET = f"{date.today() + timedelta(days=30):%d.%m.%Y}"
"""When a quarter locks that residents report in today, whatever day it is."""

COMPLETE = os.environ.get("TEST_WALKS") == "all"
"""Whether every language walks; the gate walks in the first one."""

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="Debian's chromium is not installed")


def run(env: dict[str, str], *arguments: str, text: str = "") -> str:
    """What a command of the installation says; in this process, since to start one takes longer than most commands."""
    return "\n".join(Command(Path(env["REGISTRY_DATA_DIR"]))(*arguments, typed=text).out)


@contextmanager
def served(folder: Path, fill: tuple[str, ...] = ()) -> Iterator[tuple[str, dict[str, str], str]]:
    """A whole installation, filled by a command and served with its worker.

    Gives the address of its pages, its environment, and what the command said.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    env = {**os.environ, "REGISTRY_DATA_DIR": str(folder), "PORT": str(port)}
    env["REGISTRY_BACKUP_FOLDER"] = "off"  # the worker has papers to make
    env.pop("DATABASE_URL", None)
    env.pop("REGISTRY_PUBLIC_URL", None)
    run(env, "init")
    said = run(env, *fill) if fill else ""
    with (folder / "serve.log").open("w") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "registry", "serve", "--port", str(port), "--processes", "1"],
            env=env,
            stdout=log,
            stderr=log,
        )
    url = f"http://localhost:{port}"
    try:
        for _attempt in range(150):
            try:
                urllib.request.urlopen(f"{url}/sign-in", timeout=2)
                break
            except OSError:
                assert server.poll() is None, (folder / "serve.log").read_text()
                time.sleep(0.2)
        yield url, env, said
    finally:
        server.terminate()
        server.wait(timeout=60)


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """An installation with an account of each role; the address of its pages."""
    with served(tmp_path_factory.mktemp("installation")) as (url, env, _said):
        accounts = [(role, role, ()) for role in ("admin", "staff", "auditor")]
        accounts += [
            (f"resident-{code}", "resident", ("--resident", number)) for code, (_place, number) in COMPANIES.items()
        ]
        for login, role, company in accounts:
            run(env, "users", "add", login, "--role", role, *company, "--password-stdin", text=PASSWORD + "\n")
        yield url


class Person:
    """Somebody at a browser: one signed-in session in one language."""

    def __init__(self, browser, url: str, login: str, language: str, password: str = PASSWORD) -> None:
        self.url = url
        self.language = language
        self.troubles: list[str] = []
        self.page: Page = browser.new_context(locale="en-GB", viewport={"width": 1280, "height": 900}).new_page()
        self.page.set_default_timeout(15_000)
        self.page.on("console", lambda said: self.troubles.append(said.text) if said.type == "error" else None)
        self.page.on("pageerror", lambda error: self.troubles.append(str(error)))
        self.page.on("request", lambda asked: self._only_ours(asked.url))
        self.open(f"/language/{language}?next=/sign-in")
        self.fill(login=login, password=password)
        self.send()
        self.open("/")

    def _only_ours(self, asked: str) -> None:
        if not asked.startswith((self.url, "data:", "blob:")):
            self.troubles.append(f"asked {asked}")

    def open(self, path: str) -> None:
        answer = self.page.goto(self.url + path)
        assert answer is not None and answer.status < 400, (path, answer and answer.status)
        assert self.page.get_attribute("html", "lang") == self.language

    def fill(self, **values: str) -> None:
        for name, value in values.items():
            field = self.page.locator(f"main [name='{name}']").first
            if not field.is_visible():
                self.page.evaluate("document.querySelectorAll('main details').forEach(each => each.open = true)")
            if field.evaluate("element => element.tagName") == "SELECT":
                field.select_option(value)
            else:
                field.fill(value)

    def send(self, selector: str = "main form[method=post] button[type=submit]:not([name^=add])") -> None:
        with self.page.expect_navigation():
            self.page.locator(selector).last.click()
        assert not self.page.locator(".error-summary").count(), self.page.locator(".error-summary").inner_text()
        assert not self.troubles, self.troubles

    @property
    def text(self) -> str:
        return self.page.locator("main").inner_text()

    @property
    def number_in_path(self) -> str:
        found = re.search(r"/(\d+)(?:/|$|\?)", self.page.url.removeprefix(self.url))
        assert found, self.page.url
        return found[1]


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as driver:
        chromium = driver.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        )
        yield chromium
        chromium.close()


def register(staff: Person, territory: str, number: str) -> str:
    """Enter the company in the register and give its record's id."""
    staff.open("/residents/new")
    staff.fill(
        territory=territory,
        bin=number,
        registered_on="10.01.2026",
        name_kk="«Үлгі-Био» ЖШС",
        name_ru="ТОО «Үлгі-Био»",
        legal_form="llp",
        participant_type="innovation_company",
        decision_no="1-Ш",
        decision_date="09.01.2026",
    )
    staff.send()
    assert number in staff.text
    return staff.number_in_path


def conclude(staff: Person, company: str) -> None:
    staff.open(f"/contracts/new?resident={company}")
    staff.fill(
        kind="participation",
        number="2026/1",
        signed_on="12.01.2026",
        starts_on="12.01.2026",
        ends_on="31.12.2029",
        amount="1 250 000,50",
        subject_kk="Қызметті жүзеге асыру",
        subject_ru="Осуществление деятельности",
    )
    staff.send()
    assert "2026/1" in staff.text


def record_patent(staff: Person, number: str) -> None:
    staff.open(f"/patents/new?holder={number}")
    staff.fill(
        office="KZ",
        kind="invention",
        title_no=f"9{number[-5:]}",
        application_no=f"2025/{number[-4:]}.1",
        filed_on="01.02.2025",
        registered_on="15.02.2026",
        name_kk="Тәсіл",
        name_ru="Способ",
        ipc="A61K 51/00",
    )
    staff.send()
    assert f"9{number[-5:]}" in staff.text


def open_quarter(staff: Person, territory: str) -> None:
    staff.open("/reports/periods/open")
    staff.fill(territory=territory, year="2026", quarter="1", locks_on=NOT_LOCKED_YET)
    staff.send()


def report(resident: Person, amount: str) -> str:
    """Fill the report that is due from the home page and send it; give its id."""
    resident.open("/")
    resident.send("main form[action$='/reports/start'] button")
    resident.fill(
        **{
            "revenue-0-code": "rnd_works",
            "revenue-0-amount": "5 000 000,00",
            "revenue-0-country": "KZ",
            "revenue-0-document_kind": "contract",
            "revenue-0-document_no": "7",
            "revenue-0-document_date": "31.03.2026",
            "tax-0-code": "101110",
            "tax-0-amount": amount,
            "tax-0-document_kind": "declaration",
            "tax-0-document_no": "100.00-1",
            "tax-0-document_date": "31.03.2026",
            "research_specialists": "12",
            "total_staff": "20",
        }
    )
    resident.page.locator("main [name=none_investment]").check()
    return submit(resident)


def submit(resident: Person) -> str:
    resident.send("main form[method=post] button[name=check]")
    resident.send()
    return resident.number_in_path


def actual_of(person: Person, territory: str, number: int) -> str:
    """The row of an indicator of a territory as the indicators' page shows it."""
    person.open(f"/indicators?year=2026&territory={territory}")
    return person.page.locator(f"#indicator-{number}").inner_text()


def issue(auditor: Person, approver: Person, path: str) -> str:
    """Prepare a paper and wait for its draft; let another person approve it; wait until it is printed, download it,
    and give its text."""
    auditor.open(path)
    auditor.send("main form[method=post] button[type=submit]")
    auditor.page.wait_for_selector("a[href$='/draft']", timeout=60_000)
    request = auditor.number_in_path
    approver.open(f"/documents/requests/{request}")
    approver.send(f"main form[action$='/requests/{request}/approve'] button")
    auditor.open(f"/documents/requests/{request}")
    auditor.page.wait_for_selector("a[href$='.pdf'], a[href*='/file'], a[download]", timeout=60_000)
    with auditor.page.expect_download() as started:
        auditor.page.locator("a[href$='.pdf'], a[href*='/file'], a[download]").first.click()
    paper = Path(started.value.path())
    content = paper.read_bytes()
    assert content.startswith(b"%PDF-")
    text = subprocess.run(
        ["pdftotext", "-layout", "-enc", "UTF-8", str(paper), "-"], capture_output=True, text=True, check=True
    ).stdout
    found = re.search(r"/v/([A-Z2-7]{28})", "".join(text.split()))
    assert found, "the paper does not print the address behind its QR code"
    code = found[1]
    stranger = auditor.page.context.browser.new_context().new_page()
    answer = stranger.goto(f"{auditor.url}/v/{code}")
    assert answer.status == 200
    assert hashlib.sha256(content).hexdigest() in stranger.content().replace("\u200b", "").replace("<wbr>", "")
    stranger.context.close()
    return text


@pytest.mark.parametrize("language", sorted(COMPANIES) if COMPLETE else ["kk"])
def test_the_main_job_from_registration_to_a_verified_paper(browser, address, language):
    territory, bin_number = COMPANIES[language]
    staff = Person(browser, address, "staff", language)
    company = register(staff, territory, bin_number)
    conclude(staff, company)
    record_patent(staff, bin_number)
    open_quarter(staff, territory)
    before = actual_of(staff, territory, 1)
    resident = Person(browser, address, f"resident-{language}", language)
    number = report(resident, "700 000,00")
    staff.open("/reports?status=submitted")
    assert staff.page.locator(f"main a[href$='/reports/{number}']").count()
    staff.open(f"/reports/{number}/return")
    staff.fill(reason="Соманы жеке шот үзіндісімен салыстырыңыз")
    staff.send()
    resident.open("/")
    assert "Соманы жеке шот" in resident.text
    resident.open(f"/reports/{number}/edit")
    resident.fill(**{"tax-0-amount": "750 000,25"})
    number = submit(resident)  # what was returned stays as it was sent: this is the next version
    assert actual_of(staff, territory, 1) == before
    staff.open(f"/reports/{number}")
    staff.send(f"main form[action$='/reports/{number}/accept'] button")
    after = actual_of(staff, territory, 1)
    assert "750" in after
    assert "750" not in before
    auditor = Person(browser, address, "auditor", language)
    assert bin_number in issue(auditor, staff, f"/documents/new?kind=participants&territory={territory}")
    issue(auditor, staff, f"/documents/new?kind=indicators&territory={territory}")
    admin = Person(browser, address, "admin", language)
    admin.open("/users")
    assert f"resident-{language}" in admin.text
