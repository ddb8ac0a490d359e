"""Every kind of paper against every kind of act dated before it.

The paper is issued, the act is made and the same paper asked for again: where its data differ, the issued one must name
the act, and whoever makes the act must have been told of the paper.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from registry.contracts import services as agreements
from registry.contracts.models import Addendum, Contract
from registry.indicators import services as indicators
from registry.infra.access import SYSTEM
from registry.infra.db import db, transaction
from registry.infra.findings import noticing
from registry.paper_kinds import kinds, snapshots
from registry.paper_kinds.kinds import KINDS
from registry.papers import aftermath, consequences, requests
from registry.papers.models import Document
from registry.patents import services as patents
from registry.patents.models import Patent
from registry.reference import queries as reference
from registry.reference.services import row_of
from registry.reports import services as reporting
from registry.reports.rules import Line
from registry.residents import services as residents
from registry.residents.models import Resident, StatusChange
from registry.residents.rules import Change
from registry.territories import dictionaries
from registry.territories.queries import by_code
from tests import factories
from tests.contracts import made as contracts
from tests.factories import NOW, bin_number
from tests.papers import world
from tests.people import COMPANY_BIN

LATER = NOW + timedelta(days=1)
BACK = date(2026, 3, 1)
"""A day before that of the papers from which the acts take effect."""

SPARE, GONE, FREE = bin_number(6), bin_number(8), bin_number(9)
"""A company about which nothing else is on record, one that was excluded, and a number that nobody has."""


def _of(model: type[Any], **values: Any) -> Any:
    return db.session.scalars(sa.select(model).filter_by(**values).order_by(model.id)).first()


def _entry(number: str = COMPANY_BIN) -> Resident:
    return _of(Resident, bin=number)


def _patent() -> Patent:
    return _of(Patent, kind="utility_model")


def _contract() -> Contract:
    return _of(Contract, number="Ш-1")


def amended(number: str = COMPANY_BIN, **values: Any) -> Callable[[], object]:
    return lambda: residents.amend_resident(SYSTEM, _entry(number), values=values, now=LATER, effective_on=BACK)


def status(change: Change, number: str = COMPANY_BIN) -> Callable[[], object]:
    return lambda: residents.change_status(
        SYSTEM, _entry(number), change=change, effective_on=BACK, ground="breach", decision_no="5", now=LATER
    )


def concluded(**values: Any) -> Callable[[], object]:
    given = {"kind": "service", "number": "Ш-9", "signed_on": BACK, "starts_on": BACK, "amount": 5_00} | values
    return lambda: agreements.conclude_contract(
        SYSTEM, resident=_entry(), territory=_entry().territory, values=given, now=LATER
    )


def recorded(holders: str = COMPANY_BIN) -> Callable[[], object]:
    values = {
        "office": "KZ", "kind": "invention", "title_no": "900777", "filed_on": date(2024, 5, 1), "registered_on": BACK,
        "name_kk": "Ә", "name_ru": "Б", "ipc": "A61K 51/00", "holders": holders,
    }  # fmt: skip
    return lambda: patents.record_patent(SYSTEM, values=values, now=LATER)


def reported(number: str, quarter: int, *lines: Line) -> Callable[[], object]:
    return lambda: reporting.store_accepted(
        SYSTEM, resident=_entry(number), year=2026, quarter=quarter, lines=lines, now=LATER
    )


def code(name: str, wanted: str, **values: str) -> Callable[[], object]:
    def keep() -> object:
        row = next(row for row in reference.current(name) if row.code == wanted)
        return dictionaries.keep_code(
            SYSTEM, name, dictionaries.key_of(row), row_of(name, row, "") | values, valid_to=row.valid_to,
            act_no="1", act_date=BACK, now=LATER,
        )  # fmt: skip

    return keep


def _targets() -> object:
    return indicators.set_target(
        SYSTEM, territory=_entry().territory, indicator=1, year=2026, value=7_00, act_no="5", act_date=BACK, now=LATER
    )


ACTS: dict[str, Callable[[], object]] = {
    "entry": lambda: residents.register_resident(
        SYSTEM, territory=by_code("NU"), values=factories.resident_values(FREE, registered_on=BACK), now=LATER
    ),
    "name": amended(name_kk="«Басқа» ЖШС", name_ru="ТОО «Другое»"),
    "name of the excluded": amended(GONE, name_kk="«Басқа» ЖШС", name_ru="ТОО «Другое»"),
    "name of the spare": amended(SPARE, name_kk="«Басқа» ЖШС", name_ru="ТОО «Другое»"),
    "name mistaken": lambda: residents.amend_resident(
        SYSTEM, _entry(), values={"name_ru": "ТОО «Другое»"}, now=LATER, mistake="Қате"
    ),
    "address": amended(address_ru="Другой адрес"),
    "head": amended(head="Демо Б."),
    "contacts": amended(email="a@b.kz", phone="7"),
    "experimental": amended(experimental_production=True),
    "registration": lambda: residents.correct_registration(
        SYSTEM, _entry(), registered_on=date(2026, 7, 5), reason="Қате", now=LATER
    ),
    "registration of the spare": lambda: residents.correct_registration(
        SYSTEM, _entry(SPARE), registered_on=date(2026, 7, 5), reason="Қате", now=LATER
    ),
    "number": lambda: residents.correct_bin(SYSTEM, _entry(), number=FREE, reason="Қате", now=LATER),
    "annulled": lambda: residents.annul_resident(SYSTEM, _entry(SPARE), reason="Қате", now=LATER),
    "suspended": status(Change.SUSPENDED),
    "excluded": status(Change.EXCLUDED),
    "exclusion annulled": lambda: residents.annul_status_change(SYSTEM, _of(StatusChange), reason="Қате", now=LATER),
    "contract": concluded(),
    "contract of premises": concluded(kind="lease", premises="7"),
    "contract amended": lambda: agreements.amend_contract(SYSTEM, _contract(), values={"premises": "9"}, now=LATER),
    "contract terminated": lambda: agreements.terminate_contract(
        SYSTEM, _contract(), terminated_on=BACK, ground="Келісім", now=LATER
    ),
    "contract annulled": lambda: agreements.annul_contract(SYSTEM, _of(Contract, number="Ш-2"), reason="Қ", now=LATER),
    "addendum": lambda: agreements.add_addendum(
        SYSTEM, _contract(), values={"number": "9", "signed_on": BACK, "effective_on": BACK, "amount": 7_00}, now=LATER
    ),
    "addendum corrected": lambda: agreements.correct_addendum(
        SYSTEM, _of(Addendum), values={"effective_on": date(2026, 10, 2)}, now=LATER
    ),
    "addendum annulled": lambda: agreements.annul_addendum(SYSTEM, _of(Addendum), reason="Қате", now=LATER),
    "patent": recorded(),
    "patent of others": recorded("Сыртқы иеленуші"),
    "patent amended": lambda: patents.amend_patent(
        SYSTEM, _patent(), values={"name_ru": "Иначе"}, now=LATER, effective_on=BACK
    ),
    "patent transferred": lambda: patents.record_transfer(
        SYSTEM, _patent(), event_on=BACK, holders=bin_number(1), now=LATER
    ),
    "patent transfer annulled": lambda: patents.annul_transfer(
        SYSTEM, _of(Patent, kind="industrial_design"), date(2026, 4, 1), reason="Қате", now=LATER
    ),
    "patent annulled": lambda: patents.annul_patent(SYSTEM, _patent(), reason="Қате", now=LATER),
    "report": reported(bin_number(2), 3, *world.LINES),
    "report of an owed quarter": reported(SPARE, 2, Line("tax", "101110", amount=5_00)),
    "report corrected": reported(COMPANY_BIN, 3, Line("tax", "101110", amount=5_00)),
    "target": _targets,
    "external value": lambda: indicators.set_external_value(
        SYSTEM, year=2026, value=30_00, source="GII", edition="2026", effective_on=BACK, now=LATER
    ),
    "tax code counts": code("tax_codes", "101110", counts_for_indicator_1="0"),
    "category counts": code("revenue_categories", "rnd_works", counts_for_indicator_5="0"),
    "source counts": code("investment_sources", "venture", counts_for_indicator_4="0"),
    "kind of patent counts": code("ip_kinds", "invention", counts_for_indicator_6="0"),
    "office counts": code("counted_offices", "KZ", counts_for_indicator_6="0"),
    "outside participation": code("counting_rules", "quarters_outside_participation", applies="1"),
    "sizes": code("krp", "105", size="large"),
    **{
        f"{name} {wanted}": code(name, wanted, ru="Другое", kk="Басқа")
        for name, wanted in (
            ("tax_codes", "101110"), ("revenue_categories", "rnd_works"), ("investment_sources", "venture"),
            ("ip_kinds", "utility_model"), ("legal_forms", "llp"), ("participant_types", "innovation_company"),
            ("contract_kinds", "lease"), ("priority_directions", "7"), ("status_grounds", "own_request"), ("trl", "7"),
        )
    },
}  # fmt: skip
"""Acts by what they are about, all of which take effect before the day of the papers."""

UNNAMED = {"report", "report of an owed quarter", "report corrected"}
"""Reports come in all the time, which is what papers state the coverage for."""

COARSE = {
    "addendum", "addendum annulled", "addendum corrected", "excluded", "exclusion annulled", "experimental", "head",
    "name of the excluded", "number", "patent", "patent amended", "patent annulled", "patent of others",
    "patent transfer annulled", "patent transferred", "registration", "report", "report corrected",
    "report of an owed quarter", "tax code counts", "category counts", "source counts", "kind of patent counts",
    "outside participation", "tax_codes 101110", "revenue_categories rnd_works", "investment_sources venture",
    "ip_kinds utility_model", "status_grounds own_request",
}  # fmt: skip
"""Acts that are named on papers whose data they might have changed, and here did not; all others on no such paper."""


def build() -> None:
    world.build()
    now = {"now": NOW}
    factories.resident(SPARE, registered_on=date(2026, 1, 10))
    gone = factories.resident(GONE, registered_on=date(2026, 1, 10), krp="105", priority_direction="7", trl=7)
    factories.status_change(gone, "excluded", date(2026, 5, 1))
    with transaction():
        residents.amend_resident(
            SYSTEM, _entry(), values={"krp": "105", "priority_direction": "7", "trl": 7}, effective_on=BACK, **now
        )
        invention = {"office": "KZ", "filed_on": date(2024, 3, 1), "registered_on": date(2026, 2, 1), "name_ru": "Б"}
        design = patents.record_patent(
            SYSTEM, values=invention | {"kind": "industrial_design", "title_no": "900003", "holders": COMPANY_BIN,
                                        "name_kk": "Ә"}, **now,
        )  # fmt: skip
        patents.record_transfer(SYSTEM, design, event_on=date(2026, 4, 1), holders=bin_number(1), **now)
    contracts.contract(_entry(), "Ш-2")
    contracts.addendum(_contract(), amount=9_00)


def issue() -> dict[str, Document]:
    """Each kind of paper that shows the registers, and some of all territories and of a quarter."""
    found = {}
    for kind in KINDS.values():
        if kind.of_the_journal:
            continue
        about: dict[str, Any] = {"since": date(2026, 2, 1)} if kind.code == "comparison" else {}
        found[f"{kind.code} NU"] = world.issued(kind.code, territory=by_code("NU"), **about)
        if kind.code in ("participants", "patents", "indicators"):
            found[f"{kind.code} KZ"] = world.issued(kind.code, **about)
        if kind.code in ("taxes", "revenues", "indicators"):
            found[f"{kind.code} of a quarter"] = world.issued(kind.code, territory=by_code("NU"), year=2026, quarter=1)
    return found


def data_of(paper: Document) -> str:
    act = paper.act
    kind = KINDS[act.kind]
    about: dict[str, Any] = {"as_of": act.as_of}
    period = kind.period(today=act.as_of, since=act.since, **about)
    if act.report_quarter is not None:
        period = kind.period(today=act.as_of, year=act.report_year, quarter=act.report_quarter)
    entry = db.session.get(Resident, act.resident_id) if act.resident_id else None
    asked = requests.Asked(period, act.territory, entry, world.sampling_of(act.kind))
    return snapshots.dump(kinds.collect(kind, asked))


@contextmanager
def undone() -> Iterator[None]:
    """Everything inside is taken back at its end."""

    class Back(Exception):
        pass

    with pytest.raises(Back), transaction():
        yield
        raise Back


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    world.print_quickly(monkeypatch)
    monkeypatch.setattr(consequences, "MOST_NAMED", 100)


@pytest.mark.thorough
def test_papers_whose_data_an_act_changes_name_it_and_are_named_beforehand(database: Flask) -> None:
    build()
    papers = issue()
    before = {name: data_of(paper) for name, paper in papers.items()}
    wrong: list[tuple[str, str, str]] = []
    needless: set[str] = set()
    for about, make in ACTS.items():
        with undone():
            with noticing() as noticed:
                make()
            for work in db.session.info.pop("before_commit", ()):
                work()
            told = " ".join(map(str, noticed))
            for name, paper in papers.items():
                changed = data_of(paper) != before[name]
                marked, named = bool(aftermath.later_acts(paper.act)), f"№ {paper.act.number}" in told
                if changed and not marked:
                    wrong.append((about, name, "unmarked"))
                if named is not (marked and about not in UNNAMED):
                    wrong.append((about, name, "named" if named else "unnamed"))
                if marked and not changed:
                    needless.add(about)
    assert wrong == []
    assert needless <= COARSE
