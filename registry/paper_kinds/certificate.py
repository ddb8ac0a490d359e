"""The certificate of entry in the register."""

from __future__ import annotations

from dataclasses import dataclass, replace

from registry.paper_kinds import snapshots as s
from registry.paper_kinds.entries import EntryWriter, entry_of, own_record
from registry.paper_kinds.kind import ONE_PARTICIPANT, Asked, PaperKind, Reads, Whose
from registry.paper_kinds.naming import Collected, Naming
from registry.paper_kinds.words import Words
from registry.printing.layout import Paragraph, Section

WORDS: Words = {
    "type.certificate": ("КУӘЛІК", "СВИДЕТЕЛЬСТВО", "CERTIFICATE"),
    "title.certificate": (
        "Қатысушы ретінде тізілімге енгізілгені туралы куәлік",
        "Свидетельство о включении в реестр в качестве участника",
        "Certificate of entry in the register as a participant",
    ),
    "certificate.text": (
        "Осы куәлік төменде көрсетілген тұлғаның тізілімге енгізілгенін және осы құжатта көрсетілген күні тиісті "
        "мәртебеге ие екенін растайды.",
        "Настоящее свидетельство подтверждает, что указанное ниже лицо включено в реестр и обладает соответствующим "
        "статусом на дату, указанную в настоящем документе.",
        "This is to certify that the person named below is entered in the register and holds the corresponding status "
        "on the date stated in this paper.",
    ),
    "certificate.member": ("Қатысушы", "Участник", "Participant"),
    "certificate.role": ("Мәртебесі", "Статус", "Capacity"),
    "certificate.end": (
        "Тізілімнен шығарылған кезде куәліктің күші жойылады. Куәліктің қолданыстағы жай-күйі бірінші беттегі QR-код "
        "бойынша тексеріледі.",
        "При исключении из реестра свидетельство утрачивает силу. Действительность свидетельства проверяется по "
        "QR-коду на первой странице.",
        "The certificate ceases to be valid on exclusion from the register. Its present status is checked by the QR "
        "code on page 1.",
    ),
}


@dataclass(frozen=True, slots=True)
class Certificate:
    """The entry that is certified, without the history of its status."""

    entry: s.Entry


def collect(asked: Asked) -> Collected:
    """The entry that was asked for.

    :raises NotFound: when the company has no entry on the paper's day.
    """
    record = own_record(asked)
    naming = Naming(asked.period, [record])
    return Certificate(replace(entry_of(record, naming, asked.period, full=False), changes=())), None, record.is_demo


class CertificatePaper(EntryWriter):
    """Writes the certificate that somebody is a participant or resident."""

    words = WORDS

    def sections(self, body: Certificate) -> list[Section]:
        name, *facts = self.entry_facts(body.entry, full=False)
        role = (self.say("certificate.role"), self.say("certificate.member"))
        return [
            Section(
                (
                    Paragraph(self.say("certificate.text")),
                    self.facts([name, role, *facts]),
                    Paragraph(self.say("certificate.end")),
                )
            )
        ]


KIND = PaperKind(
    code="certificate",
    number_code="CER",
    group=ONE_PARTICIPANT,
    whose=Whose.RESIDENT,
    needs_participation=True,
    states_rows=False,
    reads=frozenset({Reads.ENTRIES}),
    dictionaries=("legal_forms", "participant_types"),
    body=Certificate,
    collect=collect,
    writer=CertificatePaper,
)
