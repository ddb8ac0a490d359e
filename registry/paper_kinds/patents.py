"""The register of intellectual property on a day."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from registry.indicators import queries as indicators
from registry.infra.i18n import NBSP
from registry.paper_kinds import snapshots as s
from registry.paper_kinds import words
from registry.paper_kinds.kind import REGISTERS, Asked, PaperKind, Reads
from registry.paper_kinds.naming import Collected, Naming, id_of, reader_of
from registry.paper_kinds.rules import Period
from registry.paper_kinds.words import Words
from registry.paper_kinds.writer import DASH, Writer
from registry.patents import queries as patents
from registry.patents.queries import PatentRecord
from registry.printing.layout import Block, Section, row_of
from registry.territories.models import Territory

WORDS: Words = {
    "type.patents": ("ТІЗІЛІМ", "РЕЕСТР", "REGISTER"),
    "title.patents": (
        "Қатысушылардың зияткерлік меншік объектілерінің тізілімі",
        "Реестр объектов интеллектуальной собственности участников",
        "Register of intellectual property of participants",
    ),
    "title.patents.all": (
        "Ғылымды шоғырландыру аумақтарына қатысушылардың зияткерлік меншік объектілерінің тізілімі",
        "Реестр объектов интеллектуальной собственности участников наукоемких территорий",
        "Register of intellectual property of participants of science-intensive territories",
    ),
    "col.application": (
        "Өтінімнің нөмірі (21), берілген күні (22)",
        "Номер заявки (21), дата подачи (22)",
        "Application No. (21), filing date (22)",
    ),
    "col.ipc": ("ХПС (51)", "МПК (51)", "IPC (51)"),
    "col.published": (
        "Жарияланған күні, бюллетень нөмірі (45)",
        "Дата публикации, номер бюллетеня (45)",
        "Publication date, bulletin (45)",
    ),
    "col.authors": ("Автор(лар) (72)", "Автор(ы) (72)", "Inventor(s) (72)"),
    "bulletin": (f"№{NBSP}{{number}}", f"№{NBSP}{{number}}", f"No.{NBSP}{{number}}"),
}


@dataclass(frozen=True, slots=True)
class Patents:
    """The patents registered by the paper's day; those that indicator 6 counts in ``year`` are marked."""

    year: int
    patents: tuple[s.Patent, ...]


def collect(asked: Asked) -> Collected:
    naming = Naming(asked.period, territory_id=id_of(asked.territory))
    year = asked.period.as_of.year
    counted = _counted_patents(year, asked.period, asked.territory)
    found = [
        patent_of(record, naming, counted)
        for record in patents.records(
            reader_of(asked.territory),
            territory_id=id_of(asked.territory),
            as_of=asked.period.as_of,
            known_at=asked.period.known_at,
        )
        if record.registered_on is not None and record.registered_on <= asked.period.as_of
    ]
    return Patents(year, tuple(found)), None, naming.demo


def patent_of(
    record: PatentRecord, naming: Naming, counted: frozenset[int], *, as_registered: bool = False
) -> s.Patent:
    """A patent with its holders on the paper's day, or with ``as_registered`` on the day of registration.

    Indicator 6 counts by the holders on the day of registration. ``counted`` are the ids of the patents it counts.
    """
    return s.Patent(
        office=record.office,
        kind=naming.term("ip_kinds", record.kind),
        title_no=record.title_no,
        application_no=record.application_no,
        filed_on=record.filed_on,
        registered_on=record.registered_on,
        published_on=record.published_on,
        bulletin=record.bulletin,
        ipc=record.ipc,
        name=s.Text(record.name_kk, record.name_ru, record.name_en),
        holders=tuple(
            naming.holder(row.bin, row.name, row.share, foreign=record.foreign.get(row.name or ""))
            for row in (record.registered_holders_list if as_registered else record.holders_list)
        ),
        authors=record.authors,
        counted=record.id in counted,
    )


def _counted_patents(year: int, period: Period, territory: Territory | None) -> frozenset[int]:
    """The ids of the patents that indicator 6 counts in a year."""
    found = indicators.counted_patents(
        reader_of(territory), year=year, territory_id=id_of(territory), as_of=period.as_of, known_at=period.known_at
    )
    return frozenset(item.patent.id for item in found)


class PatentsPaper(Writer):
    """Writes the register, and an annex of the inventions that indicator 6 counts."""

    words = WORDS

    def sections(self, body: Patents) -> list[Section]:
        self.notes += [self.say("note.inid"), self.say("note.counting", year=body.year)]
        found = sorted(body.patents, key=by_title)
        counted = [patent for patent in found if patent.counted]
        return [
            Section((self._patent_table(found, counting=True),)),
            Section(
                (self._patent_table(counted, counting=False),),
                heading=f"{self.say('annex.patents')}, {words.over(body.year, None, self.language)}",
                annex=self.say("annex", n=1),
            ),
        ]

    def _patent_table(self, found: Sequence[s.Patent], *, counting: bool, caption: str = "") -> Block:
        columns = [
            self.column("no", 11, "index"),
            self.column("title", 27, "label"),
            self.column("ip_kind", 27, "label"),
            self.column("ip_name", 46),
            self.column("ipc", 25, "label"),
            self.column("application", 27, "label"),
            self.column("published", 25, "date"),
            self.column("holders", 50),
            self.column("authors", 30),
            self.column("counted", 24, "centre") if counting else None,
        ]
        rows = []
        for number, patent in enumerate(found, start=1):
            bulletin = self.say("bulletin", number=patent.bulletin) if patent.bulletin else None
            rows.append(
                row_of(
                    number,
                    self.dated(patent.title_no, patent.registered_on),
                    f"{self.text(patent.kind)}, {patent.office}",
                    self.text(patent.name),
                    self.below(*_symbols(patent.ipc)),
                    self.dated(patent.application_no, patent.filed_on),
                    self.below(self.day(patent.published_on), bulletin),
                    self.below(*map(self.holder, patent.holders)),
                    patent.authors or DASH,
                    *((self.say("yes") if patent.counted else DASH,) if counting else ()),
                )
            )
        if rows:
            width = sum(column is not None for column in columns)
            label = self.say("total.count", count=self.whole(len(rows)))
            if counting:
                counted = sum(patent.counted for patent in found)
                rows.append(row_of(label, self.whole(counted), style="total", span=width - 1))
            else:
                rows.append(row_of(label, style="total", span=width))
        return self.table(columns, rows, caption)


def by_title(patent: s.Patent) -> tuple[str, list[tuple[int, int, str]]]:
    """The order of patents by office and number; digits are compared as numbers, so that 9 comes before 10."""
    parts = re.findall(r"\d+|\D+", patent.title_no or patent.application_no or "")
    return patent.office, [(0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts]


def _symbols(ipc: str | None) -> list[str]:
    """The IPC symbols one by one; a symbol can break only before a bracket."""
    return [
        part.strip().replace(" ", NBSP).replace(f"{NBSP}(", " (") for part in (ipc or "").split(";") if part.strip()
    ]


KIND = PaperKind(
    code="patents",
    number_code="PAT",
    group=REGISTERS,
    needs_approval=True,
    sources=("patents",),
    of_a_moment=True,
    reads=frozenset({Reads.PATENTS, Reads.COUNTED_PATENTS}),
    dictionaries=("ip_kinds", "counted_offices", "counting_rules"),
    body=Patents,
    collect=collect,
    writer=PatentsPaper,
)
