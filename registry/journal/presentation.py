"""The journal in the reader's language: what acts, records and fields are called, and how values are written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from registry.infra.fields import Field, Type
from registry.infra.i18n import (
    format_date,
    format_hundredths,
    format_integer,
    format_money,
    gettext,
    lazy,
)
from registry.journal.queries import HistoryEntry
from registry.journal.rules import Action
from registry.reference import queries as reference

ACTIONS: dict[Action, object] = {
    Action.RESIDENT_REGISTERED: lazy("Entered in the register"),
    Action.RESIDENT_AMENDED: lazy("Entry amended"),
    Action.RESIDENT_BIN_CORRECTED: lazy("BIN corrected"),
    Action.RESIDENT_ANNULLED: lazy("Entry annulled"),
    Action.STATUS_SUSPENDED: lazy("Status suspended"),
    Action.STATUS_RESUMED: lazy("Status resumed"),
    Action.STATUS_EXCLUDED: lazy("Excluded from the register"),
    Action.STATUS_CORRECTED: lazy("Change of status corrected"),
    Action.STATUS_ANNULLED: lazy("Change of status annulled"),
    Action.PATENT_RECORDED: lazy("Intellectual property recorded"),
    Action.PATENT_GRANTED: lazy("Patent granted"),
    Action.PATENT_AMENDED: lazy("Patent amended"),
    Action.PATENT_ANNULLED: lazy("Patent record annulled"),
    Action.PATENT_EVENT_RECORDED: lazy("Event of a patent recorded"),
    Action.PATENT_EVENT_CORRECTED: lazy("Event of a patent corrected"),
    Action.PATENT_EVENT_ANNULLED: lazy("Event of a patent annulled"),
    Action.PERIOD_OPENED: lazy("Reporting period opened"),
    Action.REPORT_SUBMITTED: lazy("Report submitted"),
    Action.REPORT_RETURNED: lazy("Report returned"),
    Action.REPORT_ACCEPTED: lazy("Report accepted"),
    Action.TARGET_SET: lazy("Target set"),
    Action.EXTERNAL_VALUE_SET: lazy("External value entered"),
    Action.TERRITORY_AMENDED: lazy("Requisites of the territory amended"),
    Action.DOCUMENT_PREPARED: lazy("Document prepared"),
    Action.DOCUMENT_APPROVED: lazy("Document approved"),
    Action.DOCUMENT_DECLINED: lazy("Document not approved"),
    Action.DOCUMENT_ISSUED: lazy("Document issued"),
    Action.DOCUMENT_REPLACED: lazy("Document replaced"),
    Action.DOCUMENT_REVOKED: lazy("Document revoked"),
    Action.USER_ADDED: lazy("User added"),
    Action.USER_INVITED: lazy("User invited"),
    Action.USER_CHANGED: lazy("User changed"),
    Action.USER_DEACTIVATED: lazy("User deactivated"),
    Action.USER_REACTIVATED: lazy("User reactivated"),
    Action.PASSWORD_SET: lazy("Password set"),
    Action.PERSONAL_DATA_ERASED: lazy("Personal data erased"),
}

SUBJECTS: dict[str, object] = {
    "resident": lazy("Entry in the register"),
    "status_change": lazy("Change of status"),
    "contract": lazy("Contract"),
    "addendum": lazy("Supplementary agreement"),
    "patent": lazy("Patent"),
    "patent_event": lazy("Event of a patent"),
    "reporting_period": lazy("Reporting period"),
    "report": lazy("Report"),
    "indicator_target": lazy("Target"),
    "external_value": lazy("External value"),
    "territory": lazy("Territory"),
    "document": lazy("Document"),
    "document_act": lazy("Document"),
    "document_request": lazy("Document being prepared"),
    "user_account": lazy("User"),
    "invitation": lazy("Invitation"),
}

FIELDS: dict[str, object] = {
    "register_no": lazy("Register number"),
    "bin": lazy("BIN / IIN"),
    "name_kk": lazy("Name in Kazakh"),
    "name_ru": lazy("Name in Russian"),
    "name_en": lazy("Name in English"),
    "legal_form": lazy("Legal form"),
    "participant_type": lazy("Type of participant"),
    "registered_on": lazy("Date of registration"),
    "decision_no": lazy("Decision number"),
    "decision_date": lazy("Date of the decision"),
    "oked": lazy("Economic activity code (OKED)"),
    "krp": lazy("Enterprise size (KRP)"),
    "kbe": lazy("Beneficiary code (KBE)"),
    "kato": lazy("KATO code"),
    "address_kk": lazy("Address in Kazakh"),
    "address_ru": lazy("Address in Russian"),
    "head": lazy("Chief executive"),
    "email": lazy("E-mail"),
    "phone": lazy("Telephone"),
    "priority_direction": lazy("Priority direction"),
    "trl": lazy("Technology readiness level (TRL)"),
    "accreditation_no": lazy("Accreditation certificate number"),
    "accreditation_until": lazy("Accreditation valid until"),
    "experimental_production": lazy("Experimental production plant"),
    "change": lazy("Change of status"),
    "effective_on": lazy("Effective from"),
    "ground": lazy("Ground"),
    "kind": lazy("Kind"),
    "number": lazy("Number"),
    "amount": lazy("Amount, tenge"),
    "office": lazy("Patent office"),
    "title_no": lazy("Number of title of protection"),
    "application_no": lazy("Application number"),
    "filed_on": lazy("Filing date"),
    "published_on": lazy("Publication date"),
    "bulletin": lazy("Bulletin number"),
    "ipc": lazy("International Patent Classification (IPC)"),
    "holders": lazy("Patent holders"),
    "authors": lazy("Inventors"),
    "effect_from": lazy("Date from which the right has effect"),
    "priority_no": lazy("Priority number"),
    "priority_date": lazy("Priority date"),
    "priority_country": lazy("Priority country"),
    "representative": lazy("Representative"),
    "event": lazy("Event"),
    "event_on": lazy("Date of the event"),
    "document_no": lazy("Document number"),
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
    "act_no": lazy("Number of the act"),
    "act_date": lazy("Date of the act"),
    "login": lazy("Login"),
    "name": lazy("Full name"),
    "role": lazy("Role"),
    "company_bin": lazy("BIN of the company"),
    "territory_codes": lazy("Territories"),
    "language": lazy("Language"),
    "active": lazy("Active"),
    "annulled": lazy("Annulled"),
    "erased": lazy("Erased values"),
    "sha256": lazy("SHA-256"),
    "data_hash": lazy("Hash of the data"),
    "request": lazy("Request"),
    "replaced_by": lazy("Replaced by"),
    "participant_word": lazy("Word for the members"),
    "company_name_kk": lazy("Management company, name in Kazakh"),
    "company_name_ru": lazy("Management company, name in Russian"),
    "company_name_en": lazy("Management company, name in English"),
    "company_address_kk": lazy("Management company, address in Kazakh"),
    "company_address_ru": lazy("Management company, address in Russian"),
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
}
"""Fields that no package declares (:func:`declare`); a name means the same in every register."""

HIDDEN = frozenset(
    {"territory_id", "resident_id", "contract_id", "patent_id", "period_id", "is_demo", "submitted_by", "decided_by",
     "revision", "id", "recorded_at", "submitted_at", "decided_at", "updated_at", "session_epoch", "act_id", "user_id"}
)  # fmt: skip
"""Keys between tables, of no use to a reader."""

_DICTIONARIES = {
    "legal_form": "legal_forms",
    "participant_type": "participant_types",
    "priority_direction": "priority_directions",
    "krp": "krp",
    "ground": "status_grounds",
}
_KINDS = {"patent": "ip_kinds"}
_WORDS = {
    "suspended": lazy("suspended"),
    "resumed": lazy("resumed"),
    "excluded": lazy("excluded"),
    "transferred": lazy("transferred to other holders"),
    "draft": lazy("draft"),
    "submitted": lazy("submitted"),
    "returned": lazy("returned"),
    "accepted": lazy("accepted"),
    "resident": lazy("resident"),
    "participant": lazy("participant"),
    "page": lazy("filled in here"),
    "import": lazy("imported from a file"),
    "admin": lazy("administrator"),
    "staff": lazy("staff"),
    "auditor": lazy("auditor"),
}
_DOCUMENT_KINDS = {
    "contract": lazy("contract"),
    "declaration": lazy("declaration"),
    "account_statement": lazy("account statement"),
    "act": lazy("act of acceptance"),
    "invoice": lazy("invoice"),
    "agreement": lazy("agreement"),
}
"""Kinds of evidence that files name by a word of their own; any other text stands as it was written."""

_MONEY = frozenset({"amount"})
_HUNDREDTHS = frozenset({"value"})


_DECLARED: dict[str, dict[str, Field]] = {}
"""The fields that packages declare, by type of record and name."""


def declare_acts(words: Mapping[Action, object]) -> None:
    """Make known what a package calls its acts."""
    ACTIONS.update(words)


def declare(subject_type: str, fields: Iterable[Field]) -> None:
    """Make the declared fields of a type of record known: their labels and how their values are written."""
    _DECLARED[subject_type] = {field.name: field for field in fields}


def label(field: str, subject_type: str = "") -> str:
    """What a field is called; in every register the same where the record is not named."""
    known = _DECLARED.get(subject_type, {}).get(field)
    if known is None and field in FIELDS:
        return str(FIELDS[field])
    if known is None:
        known = next((fields[field] for fields in _DECLARED.values() if field in fields), None)
    return str(known.label) if known else field


def action_label(action: Action) -> str:
    return str(ACTIONS[action])


def subject_label(kind: str) -> str:
    return str(SUBJECTS.get(kind, kind))


def value(field: str, raw: Any, subject_type: str = "") -> str:
    """A stored value as people read it: dates and money in the language's form, codes by their names."""
    if raw is None or raw == "":
        return "—"
    if isinstance(raw, bool):
        return gettext("yes") if raw else gettext("no")
    known = _DECLARED.get(subject_type, {}).get(field)
    if known is not None:
        return declared_value(known, raw)
    if field in _MONEY:
        return format_money(raw)
    if field in _HUNDREDTHS:
        return format_hundredths(raw)
    if field == "kind" and subject_type in _KINDS:
        return reference.name(_KINDS[subject_type], raw)
    if field == "document_kind":
        return str(_DOCUMENT_KINDS.get(raw, raw))
    if field in _DICTIONARIES:
        return reference.name(_DICTIONARIES[field], raw)
    if isinstance(raw, str):
        if raw in _WORDS and field in {"change", "event", "status", "role", "participant_word", "source"}:
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


def declared_value(field: Field, raw: Any) -> str:
    """A value of a declared field as people read it, with its unit where it is money."""
    return format_money(raw) if field.type is Type.MONEY else cell(field, raw)


def cell(field: Field, raw: Any) -> str:
    """A value of a declared field as a table shows it: its unit stands in the column's head."""
    if raw is None or raw == "":
        return ""
    if field.dictionary:
        return reference.name(field.dictionary, str(raw))
    if field.type in {Type.MONEY, Type.AREA}:
        return format_hundredths(raw)
    if field.type is Type.DATE:
        return format_date(raw if isinstance(raw, date) else date.fromisoformat(raw))
    if field.type is Type.FLAG:
        return gettext("yes") if raw else gettext("no")
    return format_integer(raw) if field.type is Type.WHOLE else str(raw)


def facts(
    subject_type: str, fields: Iterable[Field], values: Mapping[str, Any], **said: str
) -> list[tuple[str, str | None]]:
    """Labels and values for a card; ``said`` gives the words of single fields, None stands where nothing is known."""
    return [
        (
            str(field.short or field.label),
            said.get(field.name)
            or (None if values[field.name] in (None, "") else value(field.name, values[field.name], subject_type)),
        )
        for field in fields
    ]


def changes_in_words(entry: HistoryEntry) -> str:
    """What an act changed, field by field: ``Start: 01.01.2026 → 01.02.2026``."""
    lines = []
    for name, (old, new) in entry.changes.items():
        if name in HIDDEN:
            continue
        if name in entry.erased:
            lines.append(f"{label(name, entry.subject_type)}: {gettext('personal data erased')}")
        else:
            old_value, new_value = (value(name, side, entry.subject_type) for side in (old, new))
            lines.append(f"{label(name, entry.subject_type)}: {old_value} → {new_value}")
    return "\n".join(lines)
