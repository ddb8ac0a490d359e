"""The journal in the reader's language: what acts, records and fields are called, and how values are written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import cache
from typing import Any

from registry.infra.access import SYSTEM, Viewer
from registry.infra.fields import Field, Type
from registry.infra.i18n import (
    LANGUAGE_NAMES,
    LANGUAGES,
    format_date,
    format_hundredths,
    format_integer,
    format_money,
    gettext,
    lazy,
    speaking,
)
from registry.journal.queries import HistoryEntry
from registry.journal.rules import Action
from registry.journal.subjects import about
from registry.reference import queries as reference

ACTIONS: dict[Action, object] = {Action.PERSONAL_DATA_ERASED: lazy("Personal data erased")}
"""What acts are called: the journal's own, and those that packages declare (:func:`declare_acts`)."""

FIELDS: dict[str, object] = {
    "bin": lazy("BIN / IIN"),
    "kato": lazy("KATO code"),
    "effective_on": lazy("Effective from"),
    "kind": lazy("Kind"),
    "number": lazy("Number"),
    "amount": lazy("Amount, tenge"),
    "year": lazy("Year"),
    "quarter": lazy("Quarter"),
    "opens_on": lazy("Opens"),
    "due_on": lazy("Due"),
    "locks_on": lazy("Locks"),
    "status": lazy("Status"),
    "version": lazy("Version"),
    "lines": lazy("Lines of the report"),
    "correction_reason": lazy("Reason for the correction"),
    "explanation": lazy("Explanation"),
    "decision_note": lazy("Note on the decision"),
    "none_revenue": lazy("No revenue this period"),
    "none_tax": lazy("No taxes paid this period"),
    "none_investment": lazy("No investment this period"),
    "source": lazy("Source"),
    "edition": lazy("Edition"),
    "indicator": lazy("Indicator"),
    "value": lazy("Value"),
    "dictionary": lazy("Dictionary"),
    "code": lazy("Code"),
    "valid_from": lazy("Valid from"),
    "valid_to": lazy("Valid to"),
    "counts": lazy("Counts for the indicator"),
    "attributes": lazy("Further marks"),
    "extra": lazy("Further columns"),
    "is_closed": lazy("Closed"),
    "act_no": lazy("Number of the act"),
    "act_date": lazy("Date of the act"),
    "login": lazy("Login"),
    "name": lazy("Full name"),
    "role": lazy("Role"),
    "company_bin": lazy("BIN of the company"),
    "territory_codes": lazy("Territories"),
    "language": lazy("Language"),
    "active": lazy("Active"),
    "for_account_in_use": lazy("Link to an account in use"),
    "mailed": lazy("Link mailed to the address on record"),
    "forgotten": lazy("Asked for because the password was forgotten"),
    "annulled": lazy("Annulled"),
    "same_as": lazy("The same as"),
    "erased": lazy("Erased values"),
    "sha256": lazy("SHA-256"),
    "file_name": lazy("File"),
    "size": lazy("Size, bytes"),
    "staff_only": lazy("For staff only"),
    "of_entry": lazy("To the act of entry"),
    "withdrawn": lazy("Withdrawn"),
    "data_hash": lazy("Hash of the data"),
    "request": lazy("Request"),
    "replaced_by": lazy("Replaced by"),
    "participant_word": lazy("Word for the members"),
    "company_name_kk": lazy("Management company, name in Kazakh"),
    "company_name_ru": lazy("Management company, name in Russian"),
    "company_name_en": lazy("Management company, name in English"),
    "company_address_kk": lazy("Management company, address in Kazakh"),
    "company_address_ru": lazy("Management company, address in Russian"),
    "company_place_kk": lazy("Place where papers are made, in Kazakh"),
    "company_place_ru": lazy("Place where papers are made, in Russian"),
    "company_place_en": lazy("Place where papers are made, in English"),
    "company_iban": lazy("Bank account (IBAN)"),
    "company_kbe": lazy("Beneficiary code (KBE)"),
    "company_head": lazy("Head of the management company"),
    "company_head_position_kk": lazy("Position of the head, in Kazakh"),
    "company_head_position_ru": lazy("Position of the head, in Russian"),
    "company_accountant": lazy("Chief accountant"),
    "company_phone": lazy("Telephone"),
    "status_act_no": lazy("Act on the territory's status, number"),
    "status_act_date": lazy("Act on the territory's status, date"),
    "rules_title_kk": lazy("Rules of the register, title in Kazakh"),
    "rules_title_ru": lazy("Rules of the register, title in Russian"),
    "rules_no": lazy("Rules of the register, number"),
    "rules_date": lazy("Rules of the register, date"),
    "from_on": lazy("From"),
    "to_on": lazy("To, that day included"),
    "resident_id": lazy("Participant"),
    "text": lazy("Text of the note"),
}
"""Fields that no package declares (:func:`declare`); a name means the same in every register."""

_NAMED = {"resident_id": "resident"}
"""Keys of records that a reader knows by their titles, and the types of these records. Where an act gives a record
another one, as a contract its successor, its history tells both.
"""

HIDDEN = frozenset(
    {"territory_id", "resident_id", "contract_id", "patent_id", "period_id", "is_demo", "submitted_by", "decided_by",
     "revision", "id", "recorded_at", "submitted_at", "decided_at", "updated_at", "session_epoch", "act_id", "user_id",
     "record", "link", "credential", "what", "content", "proposers", "deputy_id", "ended",
     "subject_type", "subject_id", "line_id", "by_company"}
)  # fmt: skip
"""Keys between tables and hashes for the check of the journal, of no use to a reader."""

_WORDS = {
    "draft": lazy("draft"),
    "submitted": lazy("submitted"),
    "returned": lazy("sent back"),
    "accepted": lazy("accepted"),
    "waiting": lazy("waiting for a second person"),
    "confirmed": lazy("confirmed"),
    "refused": lazy("refused"),
    "withdrawn": lazy("withdrawn"),
    "resident": lazy("resident"),
    "participant": lazy("participant"),
    "page": lazy("filled in here"),
    "import": lazy("imported from a file"),
    "admin": lazy("administrator"),
    "staff": lazy("staff"),
    "auditor": lazy("auditor"),
}
DOCUMENT_KINDS = {
    "contract": lazy("contract"),
    "agreement": lazy("agreement"),
    "act": lazy("act"),
    "invoice": lazy("invoice"),
    "account_statement": lazy("account statement"),
    "statement": lazy("statement"),
    "declaration": lazy("declaration"),
    "payment_order": lazy("payment order"),
    "order": lazy("order"),
    "staff_list": lazy("staff list"),
}
"""Kinds of evidence with a word of their own in files; any other text stands as it was written."""

_MONEY = frozenset({"amount"})
_HUNDREDTHS = frozenset({"value"})


_DECLARED: dict[str, dict[str, Field]] = {}
"""The fields that packages declare, by type of record and name."""

_CODES: dict[tuple[str, str], Mapping[str, object]] = {}
"""What codes are called in fields that nobody declares, by type of record and name."""


def declare_acts(words: Mapping[Action, object]) -> None:
    """Make known what a package calls its acts."""
    ACTIONS.update(words)


def declare(subject_type: str, fields: Iterable[Field]) -> None:
    """Make the declared fields of a type of record known: their labels and how their values are written."""
    _DECLARED[subject_type] = {field.name: field for field in fields}


def declare_words(subject_type: str, field: str, words: Mapping[str, object]) -> None:
    """Make known what the codes in a field of a type of record are called."""
    _CODES[subject_type, field] = words


def label(field: str, subject_type: str = "") -> str:
    """What a field is called; in every register the same where the record is not named."""
    known = _declared(field, subject_type)
    return str(known.label if known else FIELDS.get(field, field))


def dictionaries_of(subject_type: str) -> dict[str, str]:
    """The dictionary of each coded field of a type of record."""
    return {name: field.dictionary for name, field in _DECLARED.get(subject_type, {}).items() if field.dictionary}


def _declared(field: str, subject_type: str) -> Field | None:
    """The declaration of a record's field; of the first record that has one where no record is named."""
    kinds = [_DECLARED.get(subject_type, {})] if subject_type else _DECLARED.values()
    return next((fields[field] for fields in kinds if field in fields), None)


def action_label(action: Action) -> str:
    return str(ACTIONS[action])


def value(field: str, raw: Any, subject_type: str = "", *, territory_id: int | None = None) -> str:
    """A stored value as people read it: dates and money in the language's form, codes by their names.

    ``territory_id`` is that of the record: its own name of a code stands before the general one.
    """
    if raw is None or raw == "":
        return "—"
    if isinstance(raw, bool):
        return gettext("yes") if raw else gettext("no")
    known = _declared(field, subject_type)
    if known is not None:
        return declared_value(known, raw, territory_id)
    if (subject_type, field) in _CODES:
        return str(_CODES[subject_type, field].get(raw, raw))
    if field == "language":
        return LANGUAGE_NAMES.get(raw, str(raw))
    if field in _MONEY:
        return format_money(raw)
    if field in _HUNDREDTHS:
        return format_hundredths(raw)
    if field == "document_kind":
        return str(DOCUMENT_KINDS.get(document_kind_code(raw), raw))
    if isinstance(raw, str):
        if raw in _WORDS and field in {"status", "role", "participant_word", "source"}:
            return str(_WORDS[raw])
        if len(raw) == 10 and raw[4:5] == raw[7:8] == "-":
            try:
                return format_date(date.fromisoformat(raw))
            except ValueError:
                return raw
        return raw
    if isinstance(raw, list):
        return format_integer(len(raw))
    return str(raw)


def document_kind_code(text: str) -> str:
    """The word that files have for a kind of evidence, named in any of the languages; any other text as it is."""
    return _document_kinds().get(text.casefold(), text)


@cache
def _document_kinds() -> dict[str, str]:
    """The words of files by the names in all languages, in small letters."""
    found = {code: code for code in DOCUMENT_KINDS}
    for language in LANGUAGES:
        with speaking(language):
            found |= {str(name).casefold(): code for code, name in DOCUMENT_KINDS.items()}
    return found


def declared_value(field: Field, raw: Any, territory_id: int | None = None) -> str:
    """A value of a declared field as people read it, with its unit where it is money."""
    return format_money(raw) if field.type is Type.MONEY else cell(field, raw, territory_id)


def cell(field: Field, raw: Any, territory_id: int | None = None) -> str:
    """A value of a declared field as a table shows it: its unit stands in the column's head."""
    if raw is None or raw == "":
        return ""
    if field.dictionary:
        return reference.name(field.dictionary, str(raw), territory_id=territory_id)
    if field.words:
        return str(field.words.get(raw, raw))
    if field.type in {Type.MONEY, Type.AREA}:
        return format_hundredths(raw)
    if field.type is Type.DATE:
        return format_date(raw if isinstance(raw, date) else date.fromisoformat(raw))
    if field.type is Type.FLAG:
        return gettext("yes") if raw else gettext("no")
    return format_integer(raw) if field.type is Type.WHOLE else str(raw)


def facts(
    subject_type: str, fields: Iterable[Field], values: Mapping[str, Any], territory_id: int | None = None, **said: str
) -> list[tuple[str, str | None]]:
    """Labels and values for a card; ``said`` gives the words of single fields, None stands where nothing is known."""
    return [
        (
            str(field.short or field.label),
            said.get(field.name)
            or (
                None
                if values[field.name] in (None, "")
                else value(field.name, values[field.name], subject_type, territory_id=territory_id)
            ),
        )
        for field in fields
    ]


def visible_changes(entry: HistoryEntry, viewer: Viewer = SYSTEM) -> list[tuple[str, str, str]]:
    """(field, old, new) of an act in words, in the order of the forms, without what reads the same before and after.

    Erased values are there: they are told apart by ``entry.erased``. Records that do not exist for ``viewer`` have no
    title.
    """
    order = dict.fromkeys([*_DECLARED.get(entry.subject_type, {}), *FIELDS])
    places = {name: place for place, name in enumerate(order)}
    found = []
    for name in sorted(entry.changes, key=lambda name: places.get(name, len(places))):
        if name in _NAMED and None not in entry.changes[name]:
            old, new = _titles(_NAMED[name], entry.changes[name], viewer)
        elif name in HIDDEN:
            continue
        else:
            old, new = (value(name, side, entry.subject_type) for side in entry.changes[name])
        if old != new or name in entry.erased:
            found.append((name, old, new))
    return found


def _titles(kind: str, keys: Sequence[int], viewer: Viewer) -> Iterator[str]:
    known = about([(kind, key) for key in keys], viewer)
    return (known[kind, key].title if (kind, key) in known else gettext("another participant") for key in keys)


def changes_in_words(entry: HistoryEntry) -> str:
    """What an act changed, field by field: ``Start: 01.01.2026 → 01.02.2026``."""
    lines = []
    for name, old, new in visible_changes(entry):
        if name in entry.erased:
            lines.append(f"{label(name, entry.subject_type)}: {gettext('personal data erased')}")
        else:
            lines.append(f"{label(name, entry.subject_type)}: {old} → {new}")
    return "\n".join(lines)
