"""The registry whose exports, figures, pages and papers are kept: built only by files, pages and the command.

Its clock stands still at each step and its chances fall the same way every time, so that it is always the same one.
"""

from __future__ import annotations

import random
import re
import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest import mock
from zoneinfo import ZoneInfo

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from registry.app import create_app
from registry.config import Settings
from registry.infra import clock
from registry.infra.db import db
from registry.journal import services as recording
from tests.commands import Command
from tests.factories import bin_number
from tests.pages import Page, PageClient
from tests.people import PASSWORD

SAMPLE = Path(__file__).parents[1] / "data" / "sample"
OWN = Path(__file__).parent / "data"

KINDS = ("residents", "status-changes", "contracts", "addenda", "patents", "report-lines")
"""The kinds of exchange files in the order they are imported in."""

TODAY = "2026-12-01T12:00"
"""The moment at which everything is looked at."""

SAMPLE_KNOWN = "2026-11-16"
"""The day by whose end the sample was taken in, and nothing else."""

PUBLIC_URL = "http://localhost:8000"

OURS = "220740996765"
"""The company of the account ``resident``: four patents, reports of every quarter but one."""

SECOND = "110440993132"
"""The company of the account ``second``, which owes two reports."""

LEFT = "100440995464"
"""A company that is excluded and enters anew."""

PERSON = "000101399107"
"""A fictional IIN (``domain.md`` 8.2)."""

ROLES = ("staff", "auditor", "resident", "admin")
"""The accounts whose pages are kept; each has the role of its name."""


@contextmanager
def at(moment: str, *, chance: str = "") -> Iterator[None]:
    """Let the registry's clock stand at a moment of Almaty; what it draws follows from the moment and ``chance``."""
    now = datetime.fromisoformat(moment).replace(tzinfo=ZoneInfo("Asia/Almaty")).astimezone(UTC)
    drawn = random.Random(f"{moment} {chance}")

    class Standing(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> datetime:
            return now.astimezone(tz)

    def choice(items: Any) -> Any:
        return items[int.from_bytes(drawn.randbytes(8), "big") % len(items)]

    with (
        mock.patch.object(clock, "datetime", Standing),
        # From step to step this clock jumps by months, on purpose.
        mock.patch.object(recording, "jumped", timedelta),
        mock.patch.multiple(
            secrets,
            token_bytes=drawn.randbytes,
            token_hex=lambda size: drawn.randbytes(size).hex(),
            choice=choice,
            token_urlsafe=lambda size: drawn.randbytes(size).hex(),
        ),
        # The journal keeps a hash of the hash of a password, and its salt with it.
        mock.patch("argon2._password_hasher.os", SimpleNamespace(urandom=drawn.randbytes)),
    ):
        yield


@dataclass
class Registry:
    """An installation in a folder of its own, and what its records are called in addresses, by their names here."""

    folder: Path
    ids: dict[str, Any] = field(default_factory=dict)

    @property
    def command(self) -> Command:
        return Command(self.folder, environment={"REGISTRY_PUBLIC_URL": PUBLIC_URL})

    def copy(self, folder: Path) -> Registry:
        """The same installation elsewhere; no process works there yet, and nothing is laid out before."""
        shutil.copytree(self.folder, folder, ignore=shutil.ignore_patterns("workers", "cache", "*-shm"))
        return Registry(folder, dict(self.ids))

    @contextmanager
    def opened(self) -> Iterator[Callable[[str | None], PageClient]]:
        """Open the pages; what is given makes a browser in which somebody, or nobody, is signed in."""
        app = create_app(
            Settings(
                data_dir=self.folder,
                database_url=f"sqlite:///{self.folder / 'registry.db'}",
                public_url=PUBLIC_URL,
                testing=True,
            )
        )

        def browser(login: str | None) -> PageClient:
            client = PageClient(app)
            if login is not None:
                client.sign_in(login)
            return client

        with app.app_context():
            yield browser
            db.session.remove()
            db.engine.dispose()


def build(folder: Path) -> Registry:
    """An installation with the sample and with acts of every kind, but without a single paper."""
    registry = Registry(folder)
    _make_keys(folder / "keys")
    with at("2026-10-12T09:00"):
        registry.command("init")
        for login, role, *company in (
            ("admin", "admin"),
            ("staff", "staff"),
            ("auditor", "auditor"),
            ("resident", "resident", OURS),
            ("second", "resident", SECOND),
            ("colleague", "staff"),
            ("former", "auditor"),
        ):
            about = ["--resident", *company] if company else []
            registry.command("users", "add", login, "--role", role, *about, "--password-stdin", typed=PASSWORD)
    with at("2026-10-12T10:00"):
        for kind in KINDS[:-1]:
            registry.command("import", kind, SAMPLE / f"{kind}.csv")
    with registry.opened() as browser, at("2026-11-13T10:00"):
        staff = _Desk(browser("staff"))
        # Quarters that residents are still to report on: their usual calendars, which a file opens, are over.
        for place in ("territory=NU&year=2025&quarter=2", "territory=YAFI&year=2025&quarter=2",
                      "territory=YAFI&year=2026&quarter=1"):  # fmt: skip
            staff.act(f"/reports/periods/open?{place}", locks_on="31.12.2026")
    with at("2026-11-16T10:00"):
        registry.command("import", "report-lines", SAMPLE / "report-lines.csv")
    with registry.opened() as browser:
        _Story(browser, registry.ids).tell()
    with at("2026-11-27T10:00"):
        for kind in KINDS:
            registry.command("import", kind, OWN / f"{kind}.csv")
    return registry


def with_papers(registers: Registry, folder: Path) -> Registry:
    """The same installation with papers that hold, are revoked, replaced, approved, wait for it and were declined."""
    registry = registers.copy(folder)
    made = Path(f"{folder}.pdf")

    def issue(name: str, moment: str, *about: str) -> str:
        with at(moment):
            answer = registry.command("document", "issue", *about, "-o", made).out[0]
        found = re.search(r"request (\d+)", answer)
        if found:
            registry.ids[name] = int(found[1])
        return answer.split()[0]

    ours = ("--resident", OURS)
    numbers = {
        "certificate": issue("certificate", "2026-11-30T09:00", "certificate", *ours, "--lang", "kk"),
        "revoked": issue("revoked", "2026-11-30T09:05", "extract", *ours, "--lang", "ru", "--actor", "resident"),
        "sample": issue(
            "sample",
            "2026-11-30T09:10",
            "sample",
            "--territory",
            "NU",
            "--year",
            "2026",
            "--of",
            "lines",
            "--size",
            "5",
            "--seed",
            "golden",
            "--lang",
            "en",
            "--actor",
            "auditor",
        ),
        "replaced": issue("replaced", "2026-11-30T09:15", "premises", "--territory", "NU", "--lang", "ru"),
    }
    participants = ("participants", "--territory", "NU", "--as-of", "2026-09-30", "--actor", "staff")
    for name, day, language in (("approved", "09:20", "kk"), ("awaiting", "09:25", "en"), ("declined", "09:30", "ru")):
        issue(name, f"2026-11-30T{day}", *participants, "--lang", language)
    with at("2026-11-30T10:00"):
        approved = registry.command("document", "approve", registry.ids["approved"], "--actor", "admin").out[0]
    with at("2026-11-30T10:05"):
        registry.command("document", "revoke", numbers["revoked"], "--reason", "Қате деректер", "--actor", "admin")
    with at("2026-11-30T10:10"):
        registry.command("document", "replace", numbers["replaced"], "--reason", "Аудан өзгерді", "--actor", "admin")
    with registry.opened() as browser, at("2026-11-30T10:15"):
        admin = _Desk(browser("admin"))
        admin.act(f"/documents/requests/{registry.ids['declined']}/decline", reason="Керек емес")
        numbers["participants"] = approved.split()[0]
        for name, number in numbers.items():
            registry.ids[name] = admin.find(f"/documents?number={number}")
            links = admin.client.get(f"/documents/{registry.ids[name]}").all("a")
            codes = [e.get("href", "").removeprefix("/v/") for e in links if e.get("href", "").startswith("/v/")]
            registry.ids[f"code_of_{name}"] = codes[0]
    return registry


def _make_keys(folder: Path) -> None:
    """Lay down the secrets an installation otherwise draws for itself."""
    key = Ed25519PrivateKey.from_private_bytes(sha256(b"golden").digest())
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    folder.mkdir(parents=True)
    (folder / "signing.pem").write_bytes(pem)
    (folder / "session.key").write_text("golden")


class _Desk:
    """Somebody at the pages: finds records by what stands in the lists, and sends their forms."""

    def __init__(self, client: PageClient) -> None:
        self.client = client

    def find(self, address: str, number: int = 0) -> int:
        """The id of a record in a list: the first, or another by its place."""
        place = address.partition("?")[0]
        found = [re.fullmatch(rf"{place}/(\d+)", e.get("href", "")) for e in self.client.get(address).all("a")]
        ids = list(dict.fromkeys(int(match[1]) for match in found if match))
        assert ids, f"nothing on {address}"
        return ids[number]

    def act(self, address: str, *, action: str | None = None, containing: str | None = None, **values: Any) -> Page:
        """Open a form, fill it in and send it."""
        page = self.client.get(address)
        fields = {element.get("name") for element in page.form(containing, action).iter()}
        unknown = values.keys() - fields
        assert not unknown, f"{address} has no {unknown}"
        if "confirmed" in fields:
            values["confirmed"] = "1"
        return self.client.submit(page, values, action=action, containing=containing)


class _Story:
    """What people did with the sample's data, in the order of their days."""

    def __init__(self, browser: Callable[[str | None], PageClient], ids: dict[str, Any]) -> None:
        self.ids = ids
        self.browser = browser

    def tell(self) -> None:
        """Day by day; a session ends with its day, so that everybody signs in anew."""
        days: tuple[tuple[str, Callable[[], None]], ...] = (
            ("2026-11-17T09:00", self.plan),
            ("2026-11-18T09:00", self.register),
            ("2026-11-19T09:00", self.conclude),
            ("2026-11-20T09:00", self.invent),
            ("2026-11-23T09:00", self.report),
            ("2026-11-24T09:00", self.decide),
            ("2026-11-25T09:00", self.end),
            ("2026-11-26T09:00", self.administer),
        )
        for moment, what_is_done in days:
            with at(moment):
                self.admin, self.staff, self.resident, self.second = (
                    _Desk(self.browser(login)) for login in ("admin", "staff", "resident", "second")
                )
                what_is_done()

    def plan(self) -> None:
        """Requisites and plan of a territory, a new national target, ranks entered by hand, the next quarter opened."""
        self.admin.act(
            "/settings/territories/NU",
            participant_word="participant",
            kato="711210000",
            company_name_kk="«Астана технопаркі» ЖШС",
            company_name_ru="ТОО «Технопарк Астана»",
            company_bin=bin_number(40),
            company_address_kk="Астана, Қабанбай батыр 53",
            company_iban="KZ86125KZT5004100100",
            company_head="Демо Б. А.",
            company_head_position_kk="Бас директор",
            status_act_no="100",
            status_act_date="01.02.2024",
            rules_title_kk="Қағидалар",
            rules_no="7",
            rules_date="02.02.2024",
        )
        self.admin.act(
            "/indicators/plan?territory=NU",
            target_1_2026="700 000 000",
            target_3_2026="350",
            target_6_2026="2",
            act_no="15-Б",
            act_date="10.11.2026",
        )
        self.admin.act("/indicators/plan?territory=", target_6_2027="14", act_no="99", act_date="12.11.2026")
        self.staff.act("/proposals/1/confirm")
        for year, value in ((2025, 81), (2026, 74)):
            self.admin.act(
                "/indicators/external",
                year=year,
                value=value,
                source="GII",
                edition=f"GII {year}",
                effective_on=f"27.09.{year}",
            )
        self.staff.act("/reports/periods/open?territory=NU&year=2026&quarter=4", due_on="20.02.2027")

    def register(self) -> None:
        """Entries new and annulled, amended from an earlier day, with numbers corrected and changes annulled."""
        ids, staff = self.ids, self.staff
        ids["ours"] = staff.find(f"/residents?search={OURS}")
        ids["left"] = staff.find(f"/residents?search={LEFT}")
        ids["suspended"] = staff.find("/residents?search=220540991478")
        staff.act(
            f"/residents/{ids['ours']}/amend",
            name_ru="ТОО «Үйлесім Биотехнологии»",
            address_kk="Астана, Тұран 1",
            trl="6",
            accreditation_no="А-17",
            accreditation_until="31.12.2026",
            effective_on="01.03.2026",
        )
        staff.act(f"/residents/{ids['ours']}/amend", decision_no="6-Ш/1")
        staff.act(
            f"/residents/{staff.find('/residents?search=181040992849')}/bin", bin=bin_number(41), reason="Цифр қатесі"
        )
        entry = {"name_kk": "Демо Ә. Қ.", "name_ru": "Демо А. К.", "legal_form": "sole_entrepreneur",
                 "participant_type": "other", "decision_no": "70-Ш", "decision_date": "10.11.2026",
                 "head": "Демо Ә. Қ.", "email": "demo@example.com", "phone": "+7 700 000-00-70"}  # fmt: skip
        staff.act("/residents/new", **entry, territory="KURCHATOV", bin=PERSON, registered_on="12.11.2026")
        ids["person"] = staff.find(f"/residents?search={PERSON}")
        entry |= {"name_kk": "«Қате» ЖШС", "name_ru": "ТОО «Ошибка»", "legal_form": "llp"}
        staff.act("/residents/new", **entry, territory="YAFI", bin=bin_number(42), registered_on="16.11.2026")
        mistaken = staff.find(f"/residents?search={bin_number(42)}")
        staff.act(f"/residents/{mistaken}/annul", reason="Басқа компания")
        twice = staff.find("/residents?search=121240995116")
        for change, day in (("suspended", "02.11.2026"), ("resumed", "12.11.2026")):
            ground = {"ground": "own_request"} if change == "suspended" else {}
            staff.act(
                f"/residents/{twice}/status/{change}", **ground, effective_on=day, decision_no="71-Ш", decision_date=day
            )
        ids["spared"] = staff.find("/residents?search=230940998750")
        staff.act(
            f"/residents/{ids['spared']}/status/suspended",
            ground="breach",
            effective_on="10.11.2026",
            decision_no="72-Ш",
            decision_date="10.11.2026",
        )
        staff.act(f"/residents/{ids['spared']}/changes/{self._change(ids['spared'])}/annul", reason="Шешім жойылды")
        ids["change"] = self._change(ids["suspended"])

    def _change(self, resident: int) -> int:
        """The first change of status on an entry's card that can be annulled."""
        links = self.staff.client.get(f"/residents/{resident}").all("a")
        found = [re.search(r"/changes/(\d+)/annul$", link.get("href", "")) for link in links]
        return next(int(match[1]) for match in found if match)

    def conclude(self) -> None:
        """Contracts new, amended, annulled, terminated; terminations and addenda corrected and annulled."""
        ids, staff = self.ids, self.staff
        for name, number in (("contract", "NU-6/0"), ("ended", "NU-52/0"), ("going_on", "NU-52/1")):
            ids[name] = staff.find(f"/contracts?search={number}")
        staff.act(
            f"/contracts/new?resident={ids['ours']}",
            kind="lease",
            number="NU-6/9",
            signed_on="12.11.2026",
            starts_on="01.12.2026",
            ends_on="30.11.2027",
            amount="1 200 000,50",
            subject_kk="Зертхана жалдау",
            premises="9-101",
            area_m2="40,5",
        )
        ids["rented"] = staff.find("/contracts?search=NU-6/9")
        staff.act(
            f"/contracts/{ids['contract']}/amend",
            amount="5 000 000",
            premises="9-207",
            area_m2="75",
            effective_on="01.07.2026",
        )
        for number, day, amount in (("1", "10.10.2026", "6 000 000"), ("2", "12.11.2026", "7 000 000")):
            staff.act(
                f"/contracts/{ids['contract']}/addenda/new",
                number=number,
                signed_on=day,
                effective_on=day,
                amount=amount,
                ends_on="31.12.2028",
            )
        first, second = self._addenda(ids["contract"])
        ids["addendum"] = first
        staff.act(f"/contracts/{ids['contract']}/addenda/{first}/correct", amount="6 100 000", reason="Сома қатесі")
        staff.act(f"/contracts/{ids['contract']}/addenda/{second}/annul", reason="Қол қойылмаған")
        ending = {"terminated_on": "15.11.2026", "termination_ground": "тараптардың келісімі"}
        staff.act(f"/contracts/{ids['ended']}/terminate", **ending, document_no="5", document_date="14.11.2026")
        staff.act(f"/contracts/{ids['ended']}/termination/correct", terminated_on="14.11.2026", reason="Күн қатесі")
        staff.act(f"/contracts/{ids['going_on']}/terminate", **ending)
        staff.act(f"/contracts/{ids['going_on']}/termination/annul", reason="Келісім бұзылды")
        staff.act(f"/contracts/{staff.find('/contracts?search=NU-52/2')}/annul", reason="Екі рет енгізілген")

    def _addenda(self, contract: int) -> list[int]:
        page = self.staff.client.get(f"/contracts/{contract}")
        found = [re.search(r"/addenda/(\d+)/correct$", e.get("href", "")) for e in page.all("a")]
        return sorted({int(match[1]) for match in found if match})

    def invent(self) -> None:
        """Applications filed and granted, patents amended with shares, annulled, and held by a person."""
        ids, staff = self.ids, self.staff
        details = {"filed_on": "10.03.2025", "name_kk": "Жаңа тәсіл", "name_ru": "Новый способ", "ipc": "C12N 15/00"}
        for number, holder in (("2025/0201.1", OURS), ("2025/0202.1", PERSON), ("2025/0203.1", SECOND)):
            staff.act(
                "/patents/new",
                office="KZ",
                kind="invention",
                application_no=number,
                **details,
                **{"holders-0-holder": holder, "authors": "Демо Ә. Қ."},
            )
        ids["application"] = staff.find("/patents?search=2025/0202.1")
        granted = staff.find("/patents?search=2025/0201.1")
        staff.act(
            f"/patents/{granted}/grant",
            title_no="900101",
            registered_on="02.11.2026",
            published_on="16.11.2026",
            bulletin="46",
        )
        staff.act(
            f"/patents/{granted}/amend",
            effective_on="10.11.2026",
            **{"holders-0-share": "60", "holders-1-holder": "Outside Holder Ltd", "holders-1-share": "40"},
        )
        ids["patent"] = granted
        staff.act(f"/patents/{staff.find('/patents?search=2025/0203.1')}/annul", reason="Қайта енгізілген")

    _FILLED = {
        "revenue-0-code": "rnd_works", "revenue-0-amount": "12 345 678,90", "revenue-0-country": "DE",
        "revenue-0-document_kind": "contract", "revenue-0-document_no": "7", "revenue-0-document_date": "01.04.2025",
        "tax-0-code": "101201", "tax-0-amount": "2 000 000,50", "tax-0-document_kind": "declaration",
        "tax-0-document_no": "300.00", "research_specialists": "5", "total_staff": "9", "none_investment": "y",
    }  # fmt: skip

    def report(self) -> None:
        """A draft, two reports sent, and two corrections of what was accepted."""
        ids = self.ids
        ids["draft"] = self._filled(self.resident, save="1")
        for name in ("submitted", "returned"):
            ids[name] = self._filled(self.second, explanation="Бірінші жеткізілім", check="1")
            self._send(self.second, ids[name])
        for name, quarter, none in (("accepted", 3, {}), ("corrected", 2, {"none_investment": "y"})):
            found = self.resident.find(f"/reports?year=2026&quarter={quarter}")
            page = self.resident.act(f"/reports/{found}/correct", reason="Нақтыланған декларация")
            corrected = ids[name] = self._report_of(page)
            self._fill(self.resident, corrected, **{"revenue-0-amount": "99 000 000"}, **none, check="1")
            self._send(self.resident, corrected)

    def _filled(self, desk: _Desk, **values: str) -> int:
        """Start the first report that is due and fill it in."""
        report = self._report_of(desk.act("/reports", action="/reports/start"))
        self._fill(desk, report, **self._FILLED, **values)
        return report

    @staticmethod
    def _fill(desk: _Desk, report: int, **values: str) -> None:
        """Type into a report's form; one to be sent must pass its check."""
        answer = desk.act(f"/reports/{report}/edit", **values).response
        assert answer.headers["Location"].endswith("/submit" if "check" in values else "/edit")

    @staticmethod
    def _send(desk: _Desk, report: int) -> None:
        """Send a report, with a yes and an explanation where the page asks for one."""
        address = f"/reports/{report}/submit"
        page = desk.client.get(address)
        given = {"confirmed": "1"} if page.all("input", name="confirmed") else {}
        if page.all("textarea", name="explanation"):
            given["explanation"] = "Бірінші жеткізілім"
        desk.act(address, **given)

    @staticmethod
    def _report_of(page: Page) -> int:
        found = re.search(r"/reports/(\d+)/edit", page.response.headers["Location"])
        assert found
        return int(found[1])

    def decide(self) -> None:
        """One report returned, one correction accepted; the other two wait."""
        self.staff.act(f"/reports/{self.ids['returned']}/return", reason="Салық сомасын салыстырыңыз")
        self.staff.act(f"/reports/{self.ids['accepted']}", action="/accept")

    def end(self) -> None:
        """An exclusion, and the company's new entry."""
        staff = self.staff
        staff.act(
            f"/residents/{self.ids['left']}/status/excluded",
            ground="own_request",
            effective_on="20.11.2026",
            decision_no="73-Ш",
            decision_date="19.11.2026",
        )
        staff.act(
            "/residents/new",
            territory="NU",
            bin=LEFT,
            registered_on="24.11.2026",
            name_kk="«Іскер-56» ЖШС",
            name_ru="ТОО «Іскер-56»",
            legal_form="llp",
            participant_type="project_group",
            decision_no="74-Ш",
            decision_date="23.11.2026",
        )

    def administer(self) -> None:
        """Contacts erased, an account deactivated, one given another role, one invited."""
        self.admin.act(f"/residents/{self.ids['person']}/erase", reason="Иесінің өтініші")
        self.ids["colleague"], self.ids["former"] = (self._account(login) for login in ("colleague", "former"))
        self.admin.act(f"/users/{self.ids['former']}", action="/deactivate")
        self.admin.act(f"/users/{self.ids['colleague']}/role", role="auditor")
        self.admin.act("/users/invite", login="invited", name="Демо Шақырылған", role="staff", language="ru")

    def _account(self, login: str) -> int:
        for number in range(20):
            found = self.admin.find("/users", number)
            if login in self.admin.client.get(f"/users/{found}"):
                return found
        raise LookupError(login)
