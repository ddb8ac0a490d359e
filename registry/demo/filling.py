"""Demo data for a first look: fictional residents, marked as such, and what happens to them in eight quarters.

Names carry a marker, BINs the serials no real company has, and mail, telephones and people are invented by the rules of
``domain.md`` 8.2. The same moment gives the same data: the only thing taken from the clock is ``now``.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

import sqlalchemy as sa

from registry.accounts.permissions import Role
from registry.accounts.queries import viewer_for
from registry.accounts.services import add_user
from registry.contracts.models import Contract
from registry.contracts.services import add_addendum, conclude_contract, terminate_contract
from registry.demo.companies import (
    COUNTRIES,
    FORMS,
    HEADS,
    LISTED,
    OKED,
    RESIDENT_BIN,
    Company,
    companies,
    fictional_bin,
)
from registry.errors import Conflict
from registry.indicators.services import set_target
from registry.infra.access import SYSTEM, Permission, Viewer
from registry.infra.clock import ALMATY, local_date
from registry.infra.db import db
from registry.infra.i18n import lazy
from registry.journal.services import Basis
from registry.patents.services import record_patent
from registry.reference import queries as reference
from registry.reports import rules as report_rules
from registry.reports.models import Report, ReportingPeriod
from registry.reports.reporting_periods import find_period
from registry.reports.rules import Line, Section
from registry.reports.services import (
    accept,
    open_period,
    return_report,
    save_draft,
    start_correction,
    start_report,
    store_accepted,
    submit,
)
from registry.residents.models import Resident
from registry.residents.rules import Change
from registry.residents.services import amend_resident, change_status, register_resident
from registry.territories.models import Territory
from registry.territories.queries import all_territories, consolidating_body
from registry.territories.services import amend_body, amend_territory

FIRST_QUARTER, LAST_QUARTER = (2025, 1), (2026, 4)

_BILLION = 100_000_000_000
"""A thousand million tenge, in tiyn."""


@dataclass(frozen=True)
class DemoAccount:
    """An account to sign in with; the password is no secret and stands in the terminal."""

    login: str
    role: Role
    password: str


ACCOUNTS = (
    DemoAccount("admin", Role.ADMIN, "demo-admin-2026"),
    DemoAccount("staff", Role.STAFF, "demo-staff-2026"),
    DemoAccount("auditor", Role.AUDITOR, "demo-auditor-2026"),
    DemoAccount("resident", Role.RESIDENT, "demo-resident-2026"),
)


@dataclass(frozen=True)
class DemoDocument:
    """A paper to issue when the data stand: one of each kind."""

    kind: str
    language: str
    territory: str | None = None
    year: int | None = None
    quarter: int | None = None
    resident: str | None = None


def documents_to_issue(today: date) -> tuple[DemoDocument, ...]:
    """One paper of each kind over the demo data; registers are issued as of ``today``."""
    year, quarter = min(report_rules.last_ended(today), LAST_QUARTER)
    return (
        DemoDocument("participants", "kk"),
        DemoDocument("contracts", "ru", territory="YAFI"),
        DemoDocument("patents", "kk"),
        DemoDocument("revenues", "ru", territory="NU", year=year, quarter=quarter),
        DemoDocument("taxes", "kk", year=year, quarter=quarter),
        DemoDocument("indicators", "ru", year=year),
        DemoDocument("extract", "kk", resident=RESIDENT_BIN),
        DemoDocument("certificate", "ru", resident=RESIDENT_BIN),
    )


def fill(actor: Viewer, *, now: datetime) -> tuple[DemoAccount, ...]:
    """Fill an empty registry; returns the accounts to sign in with. Runs inside the caller's ``transaction()``.

    :raises NotAllowed: when the actor may not keep settings and registers.
    :raises Conflict: where residents or accounts exist.
    """
    actor.require_in(None, Permission.KEEP_SETTINGS)
    actor.require(Permission.KEEP_REGISTERS)
    if db.session.scalar(sa.select(sa.func.count()).select_from(Resident)):
        raise Conflict(lazy("the registry already holds participants; demo data go into an empty one only"))
    _Demo(now).run()
    return ACCOUNTS


@dataclass
class _Demo:
    """The filling under way."""

    now: datetime
    chance: random.Random = field(default_factory=lambda: random.Random(20260102))  # noqa: S311
    territories: dict[str, Territory] = field(default_factory=dict)
    companies: list[Company] = field(default_factory=companies)
    entries: dict[str, list[Resident]] = field(default_factory=dict)
    ended: dict[int, date] = field(default_factory=dict)
    staff: Viewer = SYSTEM
    resident: Viewer = SYSTEM

    @property
    def today(self) -> date:
        return local_date(self.now)

    def run(self) -> None:
        self.territories = {territory.code: territory for territory in all_territories()}
        self._accounts()
        self._requisites()
        self._register()
        self._contracts()
        self._patents()
        self._reports()
        self._plans()

    # --- who and where ---

    def _accounts(self) -> None:
        names = {
            Role.ADMIN: "Демо Әкімші",
            Role.STAFF: "Демо Маман",
            Role.AUDITOR: "Демо Аудитор",
            Role.RESIDENT: "Демо Резидент",
        }
        for account in ACCOUNTS:
            user = add_user(
                SYSTEM,
                login=account.login,
                role=account.role,
                password=account.password,
                name=names[account.role],
                company_bin=RESIDENT_BIN if account.role is Role.RESIDENT else None,
                now=self.now,
            )
            db.session.flush()
            if account.role is Role.STAFF:
                self.staff = viewer_for(user)
            if account.role is Role.RESIDENT:
                self.resident = viewer_for(user)

    def _requisites(self) -> None:
        words = {
            "YAFI": ("ЯФИ", "ИЯФ", "INP"),
            "NU": ("НУ", "НУ", "NU"),
            "KURCHATOV": ("Курчатов", "Курчатов", "Kurchatov"),
        }
        places = {
            "YAFI": ("Алматы қаласы", "город Алматы", "Almaty"),
            "NU": ("Астана қаласы", "город Астана", "Astana"),
            "KURCHATOV": ("Курчатов қаласы", "город Курчатов", "Kurchatov"),
        }
        for number, (code, territory) in enumerate(self.territories.items()):
            kk, ru, en = words[code]
            values = {
                "company_name_kk": f"«Демо басқарушы компания – {kk}» ЖШС",
                "company_name_ru": f"ТОО «Демо управляющая компания – {ru}»",
                "company_name_en": f'"Demo Management Company – {en}" LLP',
                "company_bin": fictional_bin(2025, 10 + number, 99901 + 7 * number),
                "company_address_kk": f"Демо көшесі, {number + 1}",
                "company_address_ru": f"ул. Демонстрационная, {number + 1}",
                "company_place_kk": places[code][0],
                "company_place_ru": places[code][1],
                "company_place_en": places[code][2],
                "company_iban": _iban(f"999DEMO{number + 1:09d}"),
                "company_kbe": "17",
                "company_head": HEADS[number],
                "company_head_position_kk": "Басқарма төрағасы",
                "company_head_position_ru": "Председатель правления",
                "company_accountant": HEADS[number + 3],
                "company_phone": f"+7 (7{number + 1}7) 000-00-0{number}",
                "rules_title_kk": "Тізілімді жүргізу қағидалары (демо)",
                "rules_title_ru": "Правила ведения реестра (демо)",
                "rules_no": f"Д-{number + 1}",
                "rules_date": date(2025, 12, 29),
            }
            amend_territory(SYSTEM, territory, values, now=self.now)
            territory.is_demo = True
        body = {
            "company_name_kk": "«Демо жиынтық есептілік» АҚ",
            "company_name_ru": "АО «Демо сводная отчетность»",
            "company_name_en": '"Demo Consolidated Reporting" JSC',
            "company_bin": fictional_bin(2025, 9, 99922),
            "company_address_kk": "Демо көшесі, 10",
            "company_address_ru": "ул. Демонстрационная, 10",
            "company_place_kk": "Астана қаласы",
            "company_place_ru": "город Астана",
            "company_place_en": "Astana",
            "company_head": HEADS[6],
            "company_head_position_kk": "Басқарма төрағасы",
            "company_head_position_ru": "Председатель правления",
            "company_accountant": HEADS[7],
            "company_phone": "+7 (747) 000-00-04",
        }
        amend_body(SYSTEM, consolidating_body(), body, now=self.now)

    def _register(self) -> None:
        for number, company in enumerate(self.companies):
            self._enter(number, company, company.registered_on)
        by_size = sorted(self.companies, key=lambda company: company.registered_on)
        generated = [company for company in by_size if company not in LISTED and company.bin != RESIDENT_BIN]
        leaving, returning, third, paused, resumed = (
            generated[0],
            generated[1],
            generated[5],
            generated[2],
            generated[3],
        )
        self._change(leaving, Change.EXCLUDED, date(2025, 11, 14), "own_request")
        self._change(returning, Change.SUSPENDED, date(2025, 3, 17), "non_reporting")
        self._change(returning, Change.EXCLUDED, date(2025, 6, 16), "breach")
        self._change(third, Change.EXCLUDED, date(2026, 5, 29), "agreement")
        self._change(paused, Change.SUSPENDED, date(2026, 8, 10), "accreditation_lost")
        self._change(resumed, Change.SUSPENDED, date(2025, 9, 1), "non_reporting")
        self._change(resumed, Change.RESUMED, date(2025, 10, 20), None)
        self._enter(len(self.companies), returning, date(2026, 3, 2))
        amended = self.entries[RESIDENT_BIN][0]
        amend_resident(
            self.staff,
            amended,
            values={"address_kk": "Демо даңғылы, 53", "address_ru": "пр. Демонстрационный, 53"},
            now=self.now,
            effective_on=min(date(2026, 1, 12), max(self.today, amended.registered_on)),
            basis=Basis("letter", "12-Д", date(2026, 1, 9)),
        )

    def _enter(self, number: int, company: Company, day: date) -> None:
        forms = FORMS[company.legal_form]
        decided = day - timedelta(days=3)
        directions = [row.code for row in reference.entries("priority_directions", self.today)]
        values: dict[str, Any] = {
            "bin": company.bin,
            "name_kk": forms[0].format(company.kk),
            "name_ru": forms[1].format(company.ru),
            "name_en": forms[2].format(company.en),
            "legal_form": company.legal_form,
            "participant_type": company.participant_type,
            "registered_on": day,
            "decision_no": f"{number + 1}-Д",
            "decision_date": decided,
            "oked": OKED[number % len(OKED)],
            "krp": "105" if company.weight < 3 else "140" if company.weight < 8 else "160",
            "kbe": company.kbe,
            "kato": self.territories[company.territory].kato,
            "address_kk": f"Демо көшесі, {number + 10}",
            "address_ru": f"ул. Демонстрационная, {number + 10}",
            "head": HEADS[number % len(HEADS)],
            "email": f"demo{number + 1:02d}@example.com",
            "phone": f"+7 (7{number % 90 + 10:02d}) 000-00-{number % 100:02d}",
            "priority_direction": directions[number % len(directions)] if directions else None,
            "trl": number % 9 + 1,
            "experimental_production": company.experimental,
        }
        if company.participant_type in {"research_org", "university"}:
            values["accreditation_no"] = f"ДЕМО-{number + 1:06d}"
            values["accreditation_until"] = date(2026 + number % 4, 12, 15)
        entry = register_resident(
            self.staff, territory=self.territories[company.territory], values=values, now=self.now, is_demo=True
        )
        self.entries.setdefault(company.bin, []).append(entry)

    def _change(self, company: Company, change: Change, day: date, ground: str | None) -> None:
        entry = self.entries[company.bin][0]
        change_status(
            self.staff,
            entry,
            change=change,
            effective_on=day,
            ground=ground,
            now=self.now,
            decision_no=f"{day.month}{day.day}-Д",
            decision_date=day - timedelta(days=2),
        )
        if change is Change.EXCLUDED:
            self.ended[entry.id] = day

    # --- contracts ---

    def _contracts(self) -> None:
        numbers: dict[tuple[str, int], int] = {}
        kinds = ("service", "rnd", "equipment", "land", "other")
        everyone = [(company, entry) for company in self.companies for entry in self.entries[company.bin]]
        for position, (company, entry) in enumerate(everyone):
            begin = entry.registered_on

            def conclude(
                kind: str,
                signed_on: date,
                ends_on: date | None,
                company: Company = company,
                entry: Resident = entry,
                **terms: Any,
            ) -> Contract:
                territory = self.territories[company.territory]
                serial = numbers[company.territory, signed_on.year] = (
                    numbers.get((company.territory, signed_on.year), 0) + 1
                )
                values = {
                    "kind": kind,
                    "number": f"{territory.prefix}-{signed_on.year}/{serial:03d}",
                    "signed_on": signed_on,
                    "starts_on": signed_on,
                    "ends_on": ends_on and max(ends_on, signed_on),
                    **terms,
                }
                return conclude_contract(self.staff, resident=entry, territory=territory, values=values, now=self.now)

            ending = self.today + timedelta(days=12 + 9 * (position % 8))
            participation = conclude(
                "participation",
                begin,
                ending if position % 6 == 1 else _years_later(begin, 5),
                subject_kk="Аумақта ғылыми-технологиялық қызметті жүзеге асыру (демо)",
                subject_ru="Осуществление научно-технологической деятельности на территории (демо)",
            )
            if self.ended.get(entry.id) and position % 2:
                terminate_contract(
                    self.staff,
                    participation,
                    terminated_on=self.ended[entry.id],
                    ground="Тізілімнен шығару / исключение из реестра",
                    now=self.now,
                )
            lease = conclude(
                "lease",
                begin + timedelta(days=7),
                _years_later(begin, 1),
                amount=100 * (350_000 + 25_000 * (position % 17)),
                area_m2=3550 + 475 * (position % 23),
                premises=f"{position % 4 + 1}-{101 + position}",
                subject_kk="Зертханалық үй-жай (демо)",
                subject_ru="Лабораторное помещение (демо)",
            )
            if position % 3 != 2 and _years_later(begin, 1) < self.today:
                self._prolong(lease, _years_later(begin, 1), position)
            if position % 4 == 0:
                conclude(
                    kinds[position // 4 % len(kinds)],
                    begin + timedelta(days=30),
                    self.today + timedelta(days=20 + position) if position % 8 == 0 else _years_later(begin, 3),
                    amount=100 * (1_200_000 + 310_000 * position) + 50,
                    subject_kk="Демо-жұмыстар мен қызметтер",
                    subject_ru="Демонстрационные работы и услуги",
                )

    def _prolong(self, lease: Contract, ended_on: date, position: int) -> None:
        first = ended_on - timedelta(days=10)
        add_addendum(
            self.staff,
            lease,
            now=self.now,
            values={"number": "1", "signed_on": first, "effective_on": first, "ends_on": _years_later(ended_on, 1)},
        )
        second = max(_years_later(lease.signed_on, 1), first) + timedelta(days=60)
        if position % 2 and second <= self.today:
            add_addendum(
                self.staff,
                lease,
                now=self.now,
                values={
                    "number": "2",
                    "signed_on": second,
                    "effective_on": second + timedelta(days=15),
                    "amount": 100 * (420_000 + 30_000 * (position % 13)),
                    "subject_ru": "Изменена арендная плата (демо)",
                    "subject_kk": "Жалдау ақысы өзгертілді (демо)",
                },
            )

    # --- patents ---

    def _patents(self) -> None:
        kinds = (
            "invention",
            "utility_model",
            "invention",
            "industrial_design",
            "utility_model",
            "invention",
            "software",
            "utility_model",
            "invention",
            "selection_achievement",
            "trademark",
            "invention",
            "know_how",
        )
        symbols = (
            "A61K 51/00;G21G 4/08",
            "G01T 1/20",
            "C12N 15/00 (2006.01)",
            "B25J 9/16",
            "H01M 10/0525",
            "C02F 1/44",
        )
        class_numbers = {"invention": 1, "utility_model": 2, "industrial_design": 3}
        holders = [company for company in self.companies if company.registered_on < date(2026, 9, 1)]
        self.chance.shuffle(holders)
        for number in range(52):
            kind = kinds[number % len(kinds)]
            company = holders[number % len(holders)]
            # Half of the filings have their anniversary in the coming three months, so that fees fall due.
            filed = self.today.replace(year=self.today.year - 2 - number % 3, day=min(self.today.day, 28))
            filed += timedelta(days=self.chance.randint(3, 88) if number % 2 else -self.chance.randint(20, 300))
            registered = date(2025 + number % 2, 1 + number * 5 % 12, 1 + number * 7 % 28)
            is_application = number % 7 == 6 or registered > self.today or registered <= filed
            office = "EA" if number % 9 == 4 and kind in {"invention", "industrial_design"} else "KZ"
            other = holders[(number + 11) % len(holders)]
            owners = {
                1: f"{company.bin}=60%;{other.bin}=40%",
                3: f"{company.bin};Demo Outside Holder Ltd",
                5: f"{company.bin}=50%;Demo Outside Holder Ltd=50%",
                6: "Demo Outside Holder Ltd",
            }.get(number % 8, company.bin)
            values: dict[str, Any] = {
                "office": office,
                "kind": kind,
                "title_no": None if is_application else f"ДЕМО-{900001 + number}",
                "application_no": f"{filed.year}/{9001 + number}.{class_numbers.get(kind, 9)}",
                "filed_on": filed,
                "registered_on": None if is_application else registered,
                "published_on": None if is_application else registered + timedelta(days=14),
                "bulletin": None if is_application else str(number % 48 + 1),
                "ipc": symbols[number % len(symbols)] if kind in {"invention", "utility_model"} else None,
                "name_kk": f"Демо тәсіл мен құрылғы № {number + 1}",
                "name_ru": f"Демонстрационные способ и устройство № {number + 1}",
                "name_en": f"Demo method and device No. {number + 1}",
                "holders": owners,
                "authors": ", ".join((HEADS[number % len(HEADS)], HEADS[(number + 3) % len(HEADS)])),
            }
            record_patent(self.staff, values=values, now=self.now)

    # --- reports ---

    def _reports(self) -> None:
        year, quarter = FIRST_QUARTER
        while (year, quarter) <= LAST_QUARTER and report_rules.first_day(year, quarter) <= self.today:
            for territory in self.territories.values():
                open_period(self.staff, territory=territory, year=year, quarter=quarter, now=self.now)
            if report_rules.ended_by(year, quarter, self.today):
                self._quarter(year, quarter)
            year, quarter = report_rules.following(year, quarter)

    def _quarter(self, year: int, quarter: int) -> None:
        first, last = report_rules.first_day(year, quarter), report_rules.last_day(year, quarter)
        taking_part = [
            (company, entry)
            for company in self.companies
            for entry in self.entries[company.bin]
            if entry.registered_on <= last and (entry.id not in self.ended or self.ended[entry.id] > first)
        ]
        whole = sum(company.weight for company, _entry in taking_part)
        latest = (year, quarter) == min(report_rules.last_ended(self.today), LAST_QUARTER)
        for position, (company, entry) in enumerate(taking_part):
            lines = self._lines(company, year, quarter, company.weight / whole, len(taking_part))
            if year == 2025 and company.bin != RESIDENT_BIN:
                if (position + quarter) % 19 == 0:
                    continue  # never sent
                store_accepted(
                    self.staff,
                    resident=entry,
                    year=year,
                    quarter=quarter,
                    lines=lines,
                    now=self.now,
                    basis=Basis("import", "demo"),
                )
                if (position + quarter) % 23 == 5:
                    store_accepted(
                        self.staff,
                        resident=entry,
                        year=year,
                        quarter=quarter,
                        lines=_corrected(lines),
                        now=self.now,
                        basis=Basis("import", "demo"),
                    )
                continue
            self._report(company, entry, year, quarter, lines, position, latest)

    def _report(
        self,
        company: Company,
        entry: Resident,
        year: int,
        quarter: int,
        lines: list[Line],
        position: int,
        latest: bool,
    ) -> None:
        period = find_period(entry.territory_id, year, quarter)
        # A period opens on a working day later than the quarter's end, perhaps only tomorrow.
        if period is None or period.opens_on > self.today:
            return
        own = company.bin == RESIDENT_BIN
        steps = (
            ("accept",)
            if not latest
            else (
                "draft",
                "accept",
                "submit",
                "accept",
                "accept",
                "return",
                "accept",
                "nothing",
                "accept",
                "resubmit",
                "accept",
                "submit",
            )
        )
        step = "draft" if own and latest else steps[position % len(steps)]
        if not latest and position % 17 == 9 and not own:
            step = "nothing" if quarter == 2 else "return" if quarter == 1 else "accept"
        if step == "nothing":
            return
        actor = self.resident if own else SYSTEM
        # A locked quarter takes nothing more from a resident: what was sent was sent before.
        sent = min(self.now, datetime.combine(period.locks_on, time(12), ALMATY))
        report = self._started(actor, entry, period, lines, sent)
        if step == "draft":
            return
        submit(actor, report, revision=report.revision, now=sent)
        if step in {"return", "resubmit"}:
            return_report(
                self.staff,
                report,
                now=self.now,
                reason="Салық жолына растайтын құжатты көрсетіңіз / укажите подтверждающий документ (демо)",
            )
        if step == "resubmit":
            report = save_draft(
                actor,
                report,
                lines=lines,
                none=_none(lines),
                explanation="Растайтын құжат жіберілді / подтверждающий документ направлен (демо)",
                revision=report.revision,
                now=sent,
            )
            report = submit(actor, report, revision=report.revision, now=sent)
        if step == "accept":
            accept(self.staff, report, now=self.now)
            if position % 13 == 4:
                correction = start_correction(
                    actor, report, reason="Жеке шоттан үзінді нақтыланды / уточнена выписка (демо)", now=self.now
                )
                save_draft(
                    actor,
                    correction,
                    lines=_corrected(lines),
                    none=_none(lines),
                    explanation=None,
                    revision=correction.revision,
                    now=self.now,
                )
                submit(actor, correction, revision=correction.revision, now=self.now)
                accept(self.staff, correction, now=self.now)

    def _started(
        self, actor: Viewer, entry: Resident, period: ReportingPeriod, lines: list[Line], now: datetime
    ) -> Report:
        report = start_report(actor, resident=entry, period=period, now=now)
        save_draft(actor, report, lines=lines, none=_none(lines), explanation=None, revision=report.revision, now=now)
        return report

    def _lines(self, company: Company, year: int, quarter: int, share: float, members: int) -> list[Line]:
        """A quarter's figures: the company's share of what all together should reach in the year."""
        last = report_rules.last_day(year, quarter)

        def part(billions: float) -> int:
            # Whole tenge times a hundred, and some odd tiyn so that every digit is seen.
            return int(billions / 4 * _BILLION * share * self.chance.uniform(0.85, 1.15)) + 1

        def line(section: Section, code: str, billions: float, document: str, number: str, **rest: Any) -> Line:
            return Line(
                section,
                code,
                amount=part(billions),
                document_kind=document,
                document_no=number,
                document_date=min(last - timedelta(days=self.chance.randint(1, 60)), local_date(self.now)),
                **rest,
            )

        sold = f"Д-{company.bin[-4:]}/{year}-{quarter}"
        lines = [
            line(Section.REVENUE, "rnd_works", 1.6, "contract", sold, country="KZ"),
            line(
                Section.REVENUE,
                "sci_tech_services",
                1.3,
                "contract",
                f"{sold}-2",
                country=self.chance.choice(COUNTRIES),
            ),
            line(
                Section.REVENUE,
                "science_intensive_product",
                1.3,
                "contract",
                f"{sold}-3",
                country=self.chance.choice(COUNTRIES),
            ),
            line(Section.REVENUE, "other", 0.7, "contract", f"{sold}-4", country="KZ"),
            line(Section.TAX, "101201", 0.6, "account_statement", f"ЖШ-{year}-{quarter}"),
            line(Section.TAX, "103101", 0.4, "account_statement", f"ЖШ-{year}-{quarter}"),
            line(Section.TAX, "105101", 0.8, "account_statement", f"ЖШ-{year}-{quarter}"),
            line(Section.TAX, "101111", 0.55, "account_statement", f"ЖШ-{year}-{quarter}"),
            line(Section.TAX, "902101", 0.2, "account_statement", f"ЖШ-{year}-{quarter}"),
        ]
        research = max(1, round(900 * share * self.chance.uniform(0.95, 1.05) * min(1, members / 40)))
        experimental = research // 2 if company.experimental else 0
        lines.append(Line(Section.STAFF, "research_specialists", count=research))
        if experimental:
            lines.append(Line(Section.STAFF, "experimental_production_staff", count=experimental))
        lines.append(Line(Section.STAFF, "total_staff", count=research + experimental + self.chance.randint(2, 25)))
        if company.weight > 5:
            source = ("private_domestic", "private_foreign", "venture")[company.weight % 3]
            lines.append(line(Section.INVESTMENT, source, 0.8, "agreement", f"И-{year}/{quarter}"))
        if company.weight > 9:
            lines.append(line(Section.INVESTMENT, "budget", 0.3, "agreement", f"Б-{year}/{quarter}"))
        return lines

    # --- plans ---

    def _plans(self) -> None:
        shares = {"YAFI": 40, "NU": 45, "KURCHATOV": 15}
        totals = {1: 235, 3: 900, 4: 65, 5: 400, 6: 10}
        for code, percent in shares.items():
            for indicator, total in totals.items():
                money = indicator in {1, 4, 5}
                # Hundredths of a thousand million tenge become tiyn; persons and patents become hundredths of one.
                value = total * percent // 100 * (_BILLION // 100) if money else round(total * percent / 100) * 100
                set_target(
                    self.staff,
                    indicator=indicator,
                    year=2026,
                    value=value,
                    territory=self.territories[code],
                    act_no="ДЕМО-1",
                    act_date=min(date(2026, 1, 15), self.today),
                    now=self.now,
                )


def _none(lines: list[Line]) -> frozenset[str]:
    filled = {line.section for line in lines}
    return frozenset(section for section in report_rules.NONE_FLAGS if section not in filled)


def _corrected(lines: list[Line]) -> list[Line]:
    """The same report with one figure put right."""
    first = lines[0]
    return [
        Line(
            first.section,
            first.code,
            amount=(first.amount or 0) + 123_456_78,
            country=first.country,
            document_kind=first.document_kind,
            document_no=first.document_no,
            document_date=first.document_date,
        ),
        *lines[1:],
    ]


def _years_later(day: date, years: int) -> date:
    """The last day of a term of whole years that begins on ``day``."""
    return day.replace(year=day.year + years, day=min(day.day, 28)) - timedelta(days=1)


def _iban(account: str) -> str:
    """A Kazakh account number with its check digits: 999 is no bank's code."""
    number = int("".join(str(int(character, 36)) for character in f"{account}KZ00"))
    return f"KZ{98 - number % 97:02d}{account}"


__all__ = ["ACCOUNTS", "DemoAccount", "DemoDocument", "documents_to_issue", "fill"]
