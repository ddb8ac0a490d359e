"""The register of corrections and exceptions: what of the change log is not the ordinary course."""

from __future__ import annotations

from registry.infra.i18n import lazy
from registry.journal import queries as journal
from registry.paper_kinds.journal_extract import Journal, JournalPaper, entries
from registry.paper_kinds.kind import CONTROL, Asked, Asks, PaperKind, Whose
from registry.paper_kinds.naming import Collected
from registry.paper_kinds.words import Words
from registry.printing.layout import Section

WORDS: Words = {
    "type.corrections": ("ТІЗІЛІМ", "РЕЕСТР", "REGISTER"),
    "title.corrections": (
        "Түзетулер мен ерекше жағдайлар тізілімі",
        "Реестр исправлений и особых случаев",
        "Register of corrections and exceptions",
    ),
    "note.corrections": (
        "Кезеңде жазылған мыналар енгізілген: жазбаларды түзету және күшін жою, қабылданған есептердің түзетілген "
        "нұсқалары, түсіндірмемен қабылданған есептер, дербес деректерді жою, құжаттарды ауыстыру, күшін жою және "
        "бекітпеу.",
        "Включены записанные за период: исправления и аннулирования записей, исправленные версии принятых отчетов, "
        "отчеты, принятые с пояснением, удаление персональных данных, замена, отзыв и неутверждение документов.",
        "Listed is what was recorded in the period: corrections and annulments of entries, corrected versions of "
        "accepted reports, reports accepted with an explanation, erasure of personal data, and papers replaced, "
        "revoked or not approved.",
    ),
}


def collect(asked: Asked) -> Collected:
    """Of the entries recorded in the period the corrections and exceptions (``design.md`` 10, task 9)."""
    return entries(asked.period, asked.territory, journal.is_exception())


class CorrectionsPaper(JournalPaper):
    """Corrections and exceptions among the entries of the change log."""

    words = WORDS

    def sections(self, body: Journal) -> list[Section]:
        self.notes += [self.say("note.corrections"), self.say("note.journal"), self.say("note.journal_hash")]
        facts = self.facts(
            (
                (self.say("journal.first"), self.day(body.first)),
                (self.say("journal.last"), self.day(body.last)),
            )
        )
        return [Section((facts,)), self.acts(body)]


KIND = PaperKind(
    code="corrections",
    number_code="COR",
    name=lazy("Register of corrections and exceptions"),
    group=CONTROL,
    whose=Whose.JOURNAL,
    asks=Asks.TWO_DAYS,
    sources=("journal",),
    of_a_moment=True,
    body=Journal,
    collect=collect,
    writer=CorrectionsPaper,
)
