"""The list of participants that owe a report on a day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from registry.paper_kinds import discipline
from registry.paper_kinds import snapshots as s
from registry.paper_kinds.kind import CONTROL, Asked, PaperKind, Reads
from registry.paper_kinds.naming import Collected, Naming, id_of
from registry.paper_kinds.words import Words
from registry.paper_kinds.writer import ROMAN, Writer
from registry.printing.layout import Block, Section, row_of

WORDS: Words = {
    "col.quarter_owed": ("Жыл, тоқсан", "Год, квартал", "Year, quarter"),
    "col.due_on": ("Тапсыру мерзімі", "Срок сдачи", "Due date"),
    "col.days_overdue": ("Кешігу, күн", "Просрочка, дней", "Days overdue"),
    "col.debt_state": ("Жай-күйі", "Состояние", "State"),
    "debt.missing": ("тапсырылмаған", "не сдан", "not sent"),
    "debt.returned": ("пысықтауға қайтарылған", "возвращен на доработку", "returned for revision"),
    "total.debts": (
        "Барлығы: есептер – {count}, компаниялар – {companies}",
        "Итого: отчетов – {count}, компаний – {companies}",
        "Total: reports – {count}, companies – {companies}",
    ),
    "type.debtors": ("ТІЗБЕ", "ПЕРЕЧЕНЬ", "LIST"),
    "title.debtors": (
        "Есептілікті ұсынбаған қатысушылар",
        "Участники, не представившие отчетность",
        "Participants with overdue reports",
    ),
    "note.debtors": (
        "Осы күнге дейін мерзімі өткен және сол күні тапсырылмаған немесе пысықтауға қайтарылып, қайта тапсырылмаған "
        "тоқсандық есептер көрсетілген. Мәртебені тоқтата тұру есеп беру міндетін тоқтатпайды.",
        "Показаны квартальные отчеты, срок которых до этой даты истек и которые на эту дату не сданы либо возвращены "
        "на доработку и не сданы вновь. Приостановление статуса не освобождает от отчетности.",
        "Listed are quarterly reports due before the day that on the day were not sent, or were returned for revision "
        "and not sent again. Suspension of status does not end the duty to report.",
    ),
    "note.debtors_imported": (
        "Файлмен енгізілген қабылданған есептердің тапсырылған күні белгісіз, олар тапсырылған деп саналады.",
        "Дата сдачи принятых отчетов, внесенных файлом, неизвестна; они считаются сданными.",
        "The day of sending of accepted reports brought in by a file is unknown; they count as sent.",
    ),
}


@dataclass(frozen=True, slots=True)
class Debtors:
    """The reports owed on the paper's day."""

    debts: tuple[s.Debt, ...]


def collect(asked: Asked) -> Collected:
    """The reports that were due before the paper's day and had not been sent, or not again after a return, by then."""
    naming, day = Naming(asked.period), asked.period.as_of
    standing = discipline.standings(naming.records.values(), day, territory_id=id_of(asked.territory), by=day)
    return Debtors(discipline.debts(standing, day, naming)), None, naming.demo


class DebtorsPaper(Writer):
    """Writes the list of reports owed."""

    words = WORDS

    def sections(self, body: Debtors) -> list[Section]:
        self.notes += [self.say("note.debtors"), self.say("note.debtors_imported")]
        return [Section((self.debt_table(body.debts),))]

    def debt_table(self, found: Sequence[s.Debt], caption: str = "") -> Block:
        """The reports owed, one row each, in the order of the companies' names."""
        columns = [
            self.column("no", 11, "index"),
            self.territory_column(),
            self.column("name", 48),
            self.column("bin", 25, "code"),
            self.column("quarter_owed", 20, "centre"),
            self.column("due_on", 22, "date"),
            self.column("days_overdue", 19, "number"),
            self.column("debt_state", 27, "label"),
        ]
        rows = [
            row_of(
                number,
                *self.place(item.who),
                self.text(item.who.name),
                self.bin(item.who),
                f"{item.year}, {ROMAN[item.quarter]}",
                self.day(item.due_on),
                self.whole(item.days),
                self.say("debt.returned" if item.returned else "debt.missing"),
            )
            for number, item in enumerate(self.sorted_by_name(found, lambda item: item.who.name), start=1)
        ]
        if rows:
            companies = len({(item.who.territory, item.who.bin) for item in found})
            label = self.say("total.debts", count=self.whole(len(rows)), companies=self.whole(companies))
            rows.append(row_of(label, style="total", span=sum(column is not None for column in columns)))
        return self.table(columns, rows, caption)


KIND = PaperKind(
    code="debtors",
    number_code="DEB",
    group=CONTROL,
    sources=("register", "journal"),
    reads=frozenset({Reads.PARTICIPATION, Reads.REPORTING}),
    dictionaries=(),
    body=Debtors,
    collect=collect,
    writer=DebtorsPaper,
)
