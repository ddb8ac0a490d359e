"""The extract from the change log: the entries recorded in a period."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

import sqlalchemy as sa
from msgspec import UNSET, UnsetType

from registry.contracts.models import Addendum, Contract
from registry.infra.access import SYSTEM
from registry.infra.clock import ALMATY
from registry.infra.db import db, in_parts
from registry.infra.i18n import format_quarter
from registry.journal import subjects
from registry.journal.models import JournalEntry
from registry.journal.rules import GENESIS, Action
from registry.paper_kinds import snapshots as s
from registry.paper_kinds.kind import CONTROL, Asked, Asks, PaperKind, Whose
from registry.paper_kinds.naming import Collected, Naming, reader_of
from registry.paper_kinds.rules import Period
from registry.paper_kinds.words import Words
from registry.paper_kinds.writer import Writer
from registry.patents.models import Patent
from registry.printing.layout import Cell, Section, row_of
from registry.reports.models import Report, ReportingPeriod
from registry.residents import queries as residents
from registry.territories.models import Territory

WORDS: Words = {
    "type.journal": ("ҮЗІНДІ КӨШІРМЕ", "ВЫПИСКА", "EXTRACT"),
    "title.journal": (
        "Өзгерістер журналынан үзінді көшірме",
        "Выписка из журнала изменений",
        "Extract from the change log",
    ),
    "part.chain": ("Хештер тізбегі", "Цепочка хешей", "Chain of hashes"),
    "part.acts": ("Журнал жазбалары", "Записи журнала", "Entries of the log"),
    "journal.first": ("Кезеңнің бірінші күні", "Первый день периода", "First day of the period"),
    "journal.last": ("Кезеңнің соңғы күні", "Последний день периода", "Last day of the period"),
    "journal.before": (
        "Бірінші жазбаның алдындағы хеш, SHA-256",
        "Хеш перед первой записью, SHA-256",
        "Hash before the first entry, SHA-256",
    ),
    "journal.after": (
        "Соңғы жазбаның хеші, SHA-256",
        "Хеш последней записи, SHA-256",
        "Hash of the last entry, SHA-256",
    ),
    "journal.program": ("бағдарлама", "программа", "program"),
    "journal.corrects": ("№ {number} жазбаны түзетеді", "исправляет запись № {number}", "corrects entry No. {number}"),
    "journal.annuls": (
        "№ {number} жазбаның күшін жояды",
        "аннулирует запись № {number}",
        "annuls entry No. {number}",
    ),
    "journal.version": (
        "қабылданған есептің түзетілген нұсқасы",
        "исправленная версия принятого отчета",
        "corrected version of an accepted report",
    ),
    "journal.explained": ("түсіндірмемен қабылданды", "принят с пояснением", "accepted with an explanation"),
    "journal.more": ("және тағы {n}", "и еще {n}", "and {n} more"),
    "basis.decision": ("шешім", "решение", "decision"),
    "basis.letter": ("хат", "письмо", "letter"),
    "basis.contract": ("шарт", "договор", "contract"),
    "basis.addendum": ("қосымша келісім", "дополнительное соглашение", "supplementary agreement"),
    "basis.termination": ("шартты бұзу", "расторжение договора", "termination"),
    "basis.import": ("файлдан енгізу", "загрузка из файла", "import of a file"),
    "col.sequence": ("Жазба №", "№ записи", "Entry No."),
    "col.recorded": ("Жазылған уақыты", "Время записи", "Recorded"),
    "col.act": ("Әрекет", "Действие", "Act"),
    "col.effective": ("Күшіне енген күні", "Дата вступления в силу", "Effective date"),
    "col.basis": ("Негіз, себеп", "Основание, причина", "Basis, reason"),
    "col.account": ("Тіркелгі №", "№ учетной записи", "Account No."),
    "col.hash": ("Хеш, SHA-256", "Хеш, SHA-256", "Hash, SHA-256"),
    "act.resident_registered": ("Тізілімге енгізілді", "Включение в реестр", "Entered in the register"),
    "act.resident_amended": ("Тізілімдегі жазба өзгертілді", "Запись реестра изменена", "Entry amended"),
    "act.resident_bin_corrected": ("БСН түзетілді", "БИН исправлен", "BIN corrected"),
    "act.resident_annulled": ("Тізілімдегі жазбаның күші жойылды", "Запись реестра аннулирована", "Entry annulled"),
    "act.status_suspended": ("Мәртебе тоқтатыла тұрды", "Статус приостановлен", "Status suspended"),
    "act.status_resumed": ("Мәртебе қайта басталды", "Статус возобновлен", "Status resumed"),
    "act.status_excluded": ("Тізілімнен шығарылды", "Исключение из реестра", "Excluded from the register"),
    "act.status_corrected": (
        "Мәртебе өзгерісі түзетілді",
        "Изменение статуса исправлено",
        "Change of status corrected",
    ),
    "act.status_annulled": (
        "Мәртебе өзгерісінің күші жойылды",
        "Изменение статуса аннулировано",
        "Change of status annulled",
    ),
    "act.contract_concluded": ("Шарт жасалды", "Договор заключен", "Contract concluded"),
    "act.contract_amended": ("Шарт деректері өзгертілді", "Данные договора изменены", "Contract amended"),
    "act.contract_terminated": ("Шарт бұзылды", "Договор расторгнут", "Contract terminated"),
    "act.contract_termination_annulled": (
        "Шартты бұзудың күші жойылды",
        "Расторжение аннулировано",
        "Termination annulled",
    ),
    "act.contract_annulled": ("Шарт жазбасының күші жойылды", "Запись о договоре аннулирована", "Contract annulled"),
    "act.addendum_concluded": (
        "Қосымша келісім жасалды",
        "Дополнительное соглашение заключено",
        "Supplementary agreement concluded",
    ),
    "act.addendum_corrected": (
        "Қосымша келісім түзетілді",
        "Дополнительное соглашение исправлено",
        "Supplementary agreement corrected",
    ),
    "act.addendum_annulled": (
        "Қосымша келісімнің күші жойылды",
        "Дополнительное соглашение аннулировано",
        "Supplementary agreement annulled",
    ),
    "act.patent_recorded": (
        "Зияткерлік меншік объектісі енгізілді",
        "Объект интеллектуальной собственности внесен",
        "Intellectual property recorded",
    ),
    "act.patent_granted": ("Патент берілді", "Патент выдан", "Patent granted"),
    "act.patent_amended": ("Патент деректері өзгертілді", "Данные патента изменены", "Patent amended"),
    "act.patent_annulled": (
        "Патент жазбасының күші жойылды",
        "Запись о патенте аннулирована",
        "Patent record annulled",
    ),
    "act.patent_event_recorded": (
        "Патентке қатысты оқиға енгізілді",
        "Событие по патенту внесено",
        "Event of a patent recorded",
    ),
    "act.patent_event_corrected": (
        "Патентке қатысты оқиға түзетілді",
        "Событие по патенту исправлено",
        "Event of a patent corrected",
    ),
    "act.patent_event_annulled": (
        "Патентке қатысты оқиғаның күші жойылды",
        "Событие по патенту аннулировано",
        "Event of a patent annulled",
    ),
    "act.period_opened": ("Есепті кезең ашылды", "Отчетный период открыт", "Reporting period opened"),
    "act.report_submitted": ("Есеп тапсырылды", "Отчет сдан", "Report submitted"),
    "act.report_return_taken_back": (
        "Есептің қайтарылуы кері алынды",
        "Возврат отчета отменен",
        "Return of a report taken back",
    ),
    "act.report_returned": ("Есеп пысықтауға қайтарылды", "Отчет возвращен на доработку", "Report returned"),
    "act.report_accepted": ("Есеп қабылданды", "Отчет принят", "Report accepted"),
    "act.dictionary_code_added": (
        "Анықтамалыққа код қосылды",
        "Код внесен в справочник",
        "Code added to a dictionary",
    ),
    "act.dictionary_code_changed": (
        "Анықтамалықтың коды өзгертілді",
        "Код справочника изменен",
        "Code of a dictionary changed",
    ),
    "act.year_closed": ("Жыл жабылды", "Год закрыт", "Year closed"),
    "act.year_reopened": ("Жыл қайта ашылды", "Год открыт повторно", "Year reopened"),
    "act.target_set": ("Нысаналы мән белгіленді", "Целевое значение установлено", "Target set"),
    "act.external_value_set": ("Сыртқы мән енгізілді", "Внешнее значение введено", "External value entered"),
    "act.territory_amended": (
        "Аумақ деректемелері өзгертілді",
        "Реквизиты территории изменены",
        "Requisites of the territory amended",
    ),
    "act.consolidating_body_amended": (
        "Жиынтық құжаттарды жасайтын органның деректемелері өзгертілді",
        "Реквизиты органа, составляющего сводные документы, изменены",
        "Requisites of the consolidating body amended",
    ),
    "act.document_prepared": ("Құжат дайындалды", "Документ подготовлен", "Document prepared"),
    "act.document_approved": ("Құжат бекітілді", "Документ утвержден", "Document approved"),
    "act.document_declined": ("Құжат бекітілмеді", "Документ не утвержден", "Document not approved"),
    "act.document_issued": ("Құжат берілді", "Документ выдан", "Document issued"),
    "act.document_replaced": ("Құжат ауыстырылды", "Документ заменен", "Document replaced"),
    "act.document_revoked": ("Құжаттың күші жойылды", "Документ отозван", "Document revoked"),
    "act.user_added": ("Пайдаланушы қосылды", "Пользователь добавлен", "User added"),
    "act.user_invited": ("Пайдаланушы шақырылды", "Пользователь приглашен", "User invited"),
    "act.user_changed": ("Пайдаланушы деректері өзгертілді", "Данные пользователя изменены", "User changed"),
    "act.user_deactivated": ("Пайдаланушы өшірілді", "Пользователь отключен", "User deactivated"),
    "act.user_reactivated": ("Пайдаланушы қайта қосылды", "Пользователь снова включен", "User reactivated"),
    "act.password_set": ("Құпиясөз орнатылды", "Пароль установлен", "Password set"),
    "act.proposal_made": (
        "Екінші адамның растауына ұсынылды",
        "Предложено на подтверждение второму лицу",
        "Act proposed to a second person",
    ),
    "act.proposal_confirmed": ("Ұсыныс расталды", "Предложение подтверждено", "Proposal confirmed"),
    "act.proposal_refused": ("Ұсыныс қабылданбады", "Предложение отклонено", "Proposal refused"),
    "act.proposal_withdrawn": ("Ұсыныс кері алынды", "Предложение отозвано", "Proposal withdrawn"),
    "act.note_shown": ("Компанияға көрсетілген ескертпе", "Заметка, показанная компании", "Note shown to the company"),
    "act.note_corrected": ("Ескертпе түзетілді", "Заметка исправлена", "Note corrected"),
    "act.note_withdrawn": ("Ескертпе кері алынды", "Заметка отозвана", "Note withdrawn"),
    "act.deputy_named": ("Орынбасар тағайындалды", "Назначен замещающий", "Deputy named"),
    "act.deputy_ended": ("Орынбасу аяқталды", "Замещение прекращено", "Deputy's time ended"),
    "act.attachment_added": ("Файл тіркелді", "Файл приложен", "File attached"),
    "act.attachment_withdrawn": ("Файл кері алынды", "Файл отозван", "File withdrawn"),
    "act.personal_data_erased": ("Дербес деректер жойылды", "Персональные данные удалены", "Personal data erased"),
    "subject.resident": ("Тізілімдегі жазба", "Запись в реестре", "Entry in the register"),
    "subject.status_change": ("Мәртебе өзгерісі", "Изменение статуса", "Change of status"),
    "subject.contract": ("Шарт", "Договор", "Contract"),
    "subject.addendum": ("Қосымша келісім", "Дополнительное соглашение", "Supplementary agreement"),
    "subject.patent": ("Патент", "Патент", "Patent"),
    "subject.patent_event": ("Патентке қатысты оқиға", "Событие по патенту", "Event of a patent"),
    "subject.reporting_period": ("Есепті кезең", "Отчетный период", "Reporting period"),
    "subject.report": ("Есеп", "Отчет", "Report"),
    "subject.indicator_target": ("Нысаналы мән", "Целевое значение", "Target"),
    "subject.external_value": ("Сыртқы мән", "Внешнее значение", "External value"),
    "subject.territory": ("Аумақ", "Территория", "Territory"),
    "subject.consolidating_body": (
        "Жиынтық құжаттарды жасайтын орган",
        "Орган, составляющий сводные документы",
        "Consolidating body",
    ),
    "subject.document": ("Құжат", "Документ", "Document"),
    "subject.document_act": ("Құжат", "Документ", "Document"),
    "subject.document_request": ("Дайындалып жатқан құжат", "Готовящийся документ", "Document being prepared"),
    "subject.user_account": ("Пайдаланушы", "Пользователь", "User"),
    "subject.dictionary_entry": ("Анықтамалықтың коды", "Код справочника", "Code of a dictionary"),
    "subject.closed_year": ("Есепті жыл", "Отчетный год", "Reporting year"),
    "subject.proposal": ("Ұсыныс", "Предложение", "Proposal"),
    "subject.deputy": ("Орынбасар", "Замещающий", "Deputy"),
    "subject.note": ("Жазба", "Заметка", "Note"),
    "subject.attachment": ("Файл", "Файл", "File"),
    "subject.invitation": ("Шақыру", "Приглашение", "Invitation"),
}


@dataclass(frozen=True, slots=True)
class Act:
    """An entry of the change log, without the values it changed: ``fields`` are the names of the fields.

    ``recorded_on`` and ``time`` are in Asia/Almaty. ``subject`` is the table and ``subject_id`` the row that the entry
    is about, ``number`` the number of that contract, patent or paper, and ``who`` the company; ``year`` and ``quarter``
    are those of a report or reporting period, which older snapshots lack. ``corrects`` and
    ``annuls`` are numbers of earlier entries. ``actor`` is the number of the account, None for the program itself.
    ``why`` says why an accepted report is an exception: ``version`` (it corrects an accepted one), ``explained`` (it
    was accepted with an explanation).
    """

    sequence: int
    recorded_on: date
    time: str
    action: str
    subject: str
    subject_id: int
    number: str
    who: s.Who | None
    effective_on: date
    basis: str
    basis_no: str
    basis_date: date | None
    reason: str
    corrects: int | None
    annuls: int | None
    actor: int | None
    fields: tuple[str, ...]
    hash: str
    why: tuple[str, ...] = ()
    year: int | UnsetType = UNSET
    quarter: int | UnsetType = UNSET


@dataclass(frozen=True, slots=True)
class Journal:
    """The entries recorded from ``first`` to ``last``, or the corrections and exceptions among them.

    ``before`` is the hash of the entry before the first of them in the chain of the journal.
    """

    first: date
    last: date
    before: str
    acts: tuple[Act, ...]


def collect(asked: Asked) -> Collected:
    """The entries of the change log recorded in the period.

    Of one territory, they are those about what exists in it (:mod:`registry.journal.subjects`), which are the ones that
    the journal's page shows to an account limited to it. Values are left out, so that no personal data are printed; the
    hashes prove them.
    """
    return entries(asked.period, asked.territory)


def entries(period: Period, territory: Territory | None, *wanted: sa.ColumnElement[bool]) -> Collected:
    """The entries recorded in the period that meet the conditions ``wanted``; see :func:`collect`."""
    naming = Naming(period, residents.records(SYSTEM, known_at=period.known_at))
    last = period.until
    conditions = [
        JournalEntry.recorded_at >= _midnight(period.first),
        JournalEntry.recorded_at < _midnight(last + timedelta(days=1)),
        *subjects.within(reader_of(territory)),
        *wanted,
    ]
    if period.known_at is not None:
        conditions.append(JournalEntry.recorded_at <= period.known_at)
    columns = (
        JournalEntry.sequence,
        JournalEntry.recorded_at,
        JournalEntry.actor_id,
        JournalEntry.action,
        JournalEntry.subject_type,
        JournalEntry.subject_id,
        JournalEntry.parent_type,
        JournalEntry.parent_id,
        JournalEntry.effective_on,
        JournalEntry.basis_kind,
        JournalEntry.basis_no,
        JournalEntry.basis_date,
        JournalEntry.reason,
        JournalEntry.changes,
        JournalEntry.corrects,
        JournalEntry.annuls,
        JournalEntry.hash,
        JournalEntry.prev_hash,
    )
    rows = db.session.execute(sa.select(*columns).where(*conditions).order_by(JournalEntry.sequence)).all()
    known = _Subjects(rows)
    body = Journal(
        first=period.first,
        last=last,
        before=rows[0].prev_hash if rows else GENESIS,
        acts=tuple(_act(row, naming, known) for row in rows),
    )
    return body, None, naming.demo


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), ALMATY)


_NUMBERS = ("number", "title_no", "application_no", "register_no")
"""Fields that identify a record for people; the first of them that an entry sets is printed."""


class _Subjects:
    """What records are named by that entries are about: numbers, and the quarters of reports, by table and id."""

    def __init__(self, rows: Sequence[Any]) -> None:
        wanted: dict[str, set[int]] = {}
        for row in rows:
            wanted.setdefault(row.subject_type, set()).add(row.subject_id)
        self.numbers: dict[tuple[str, int], str] = {}
        self.quarters: dict[tuple[str, int], tuple[int, int]] = {}
        for table in (Contract, Addendum, Patent):
            known = [getattr(table, name) for name in _NUMBERS if hasattr(table, name)]
            for key, *numbers in _read(sa.select(table.id, *known), table.id, wanted):
                self.numbers[table.__tablename__, key] = next((number for number in numbers if number), "")
        period = ReportingPeriod.year, ReportingPeriod.quarter
        reports = sa.select(Report.id, *period).join(ReportingPeriod, Report.period_id == ReportingPeriod.id)
        for table, statement in ((Report, reports), (ReportingPeriod, sa.select(ReportingPeriod.id, *period))):
            for key, year, quarter in _read(statement, table.id, wanted):
                self.quarters[table.__tablename__, key] = year, quarter


def _read(statement: Any, key: Any, wanted: dict[str, set[int]]) -> list[Any]:
    """The rows of a statement whose key is among those wanted of its table."""
    ids = sorted(wanted.get(key.class_.__tablename__, ()))
    return [row for some in in_parts(ids) for row in db.session.execute(statement.where(key.in_(some)))]


def _act(row: Any, naming: Naming, known: _Subjects) -> Act:
    changes = json.loads(row.changes)
    plain = {name: change[1] for name, change in changes.items() if isinstance(change, list)}
    about = next(
        (
            key
            for kind, key in ((row.subject_type, row.subject_id), (row.parent_type, row.parent_id))
            if kind == "resident" and key in naming.records
        ),
        None,
    )
    moment = row.recorded_at.astimezone(ALMATY)
    number = next((str(plain[name]) for name in _NUMBERS if plain.get(name)), "")
    subject = row.subject_type, row.subject_id
    number = number or known.numbers.get(subject, "")
    if row.subject_type == "territory":
        number = naming.territory(row.subject_id)
    year, quarter = known.quarters.get(subject, (UNSET, UNSET))
    return Act(
        sequence=row.sequence,
        recorded_on=moment.date(),
        time=f"{moment:%H:%M:%S}",
        action=row.action,
        subject=row.subject_type,
        subject_id=row.subject_id,
        number=number,
        who=naming.who(about) if about is not None else None,
        effective_on=row.effective_on,
        basis=row.basis_kind or "",
        basis_no=row.basis_no or "",
        basis_date=row.basis_date,
        reason=row.reason or "",
        corrects=row.corrects,
        annuls=row.annuls,
        actor=row.actor_id,
        fields=tuple(sorted(changes)),
        hash=row.hash,
        why=_why(row.action, plain, changes),
        year=year,
        quarter=quarter,
    )


def _why(action: str, plain: dict[str, Any], changes: dict[str, Any]) -> tuple[str, ...]:
    """Why an accepted report is an exception (``why`` of :class:`Act`); empty for other entries."""
    if action != Action.REPORT_ACCEPTED:
        return ()
    old_version = changes.get("version", [None])[0]
    return ("version",) * (old_version is not None) + ("explained",) * bool(plain.get("explanation"))


_NAMED = 5
"""How many changed fields are printed by name; of the others only the number is printed."""


class JournalPaper(Writer):
    """Writes the entries of the change log with their hashes and without values."""

    words = WORDS

    def sections(self, body: Journal) -> list[Section]:
        self.notes += [self.say("note.journal"), self.say("note.journal_hash")]
        facts = self.facts(
            (
                (self.say("journal.first"), self.day(body.first)),
                (self.say("journal.last"), self.day(body.last)),
                (self.say("journal.before"), " ".join(_groups(body.before))),
                (self.say("journal.after"), " ".join(_groups(body.acts[-1].hash)) if body.acts else ""),
            )
        )
        return [Section((facts,), heading=self.say("part.chain")), self.acts(body)]

    def acts(self, body: Journal) -> Section:
        """The entries as a table, in their order in the journal."""
        columns = [
            self.column("sequence", 15, "index"),
            self.column("recorded", 22, "date"),
            self.column("act", 38),
            self.column("about", 46),
            self.column("effective", 22, "date"),
            self.column("basis", 34),
            self.column("account", 24, "centre"),
            self.column("hash", 56, "code"),
        ]
        rows = [
            row_of(
                act.sequence,
                self.below(self.day(act.recorded_on), act.time),
                self._act(act),
                self._about(act),
                self.day(act.effective_on),
                self._basis(act),
                self.say("journal.program") if act.actor is None else act.actor,
                self.below(*_groups(act.hash)),
            )
            for act in body.acts
        ]
        return Section((self.table(columns, self.counted(rows, len(columns))),), heading=self.say("part.acts"))

    def _act(self, act: Act) -> Cell:
        """What was done, which entry it corrects or annuls, and for a change the names of the fields."""
        lines = [self.say(f"act.{act.action}") if self.knows(f"act.{act.action}") else act.action]
        if act.corrects is not None:
            lines.append(self.say("journal.corrects", number=act.corrects))
        if act.annuls is not None:
            lines.append(self.say("journal.annuls", number=act.annuls))
        lines += [self.say(f"journal.{reason}") for reason in act.why]
        if act.corrects is not None or act.action.endswith(("_amended", "_corrected", "_changed")):
            named = [self.field(name, act.subject) for name in act.fields]
            more = [self.say("journal.more", n=len(named) - _NAMED)] if len(named) > _NAMED else []
            lines.append("; ".join(named[:_NAMED] + more))
        return self.below(*lines)

    def _about(self, act: Act) -> Cell:
        kind = self.say(f"subject.{act.subject}") if self.knows(f"subject.{act.subject}") else act.subject
        number = act.number or str(act.subject_id)
        if act.who is not None and act.subject == "resident":
            number = act.who.register_no
        lines = [f"{kind} {number if act.subject == 'territory' else self.say('document.number', number=number)}"]
        if act.year is not UNSET and act.quarter is not UNSET:
            lines = [f"{kind}, {format_quarter(act.year, act.quarter, self.language)}"]
        if act.who is not None:
            lines.append(f"{self.text(act.who.name)}, {act.who.bin}")
        return self.below(*lines)

    def _basis(self, act: Act) -> Cell:
        basis = self.say(f"basis.{act.basis}") if self.knows(f"basis.{act.basis}") else act.basis
        document = " ".join(part for part in (basis, self.reference(act.basis_no, act.basis_date)) if part)
        return self.below(document, act.reason)


def _groups(digest: str) -> list[str]:
    """A hash in groups of 32 digits, so that it fits its column."""
    return [digest[start : start + 32] for start in range(0, len(digest), 32)]


KIND = PaperKind(
    code="journal",
    number_code="JRN",
    group=CONTROL,
    whose=Whose.JOURNAL,
    asks=Asks.TWO_DAYS,
    sources=("journal",),
    of_a_moment=True,
    reads=frozenset(),
    dictionaries=(),
    body=Journal,
    collect=collect,
    writer=JournalPaper,
)
