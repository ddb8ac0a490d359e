"""What the database itself refuses, whoever asks: changes to the journal, to reports once sent, to issued papers, and a
resident's account that belongs to no company.

The triggers are laid again after every migration, since a batch migration on SQLite drops a table's triggers silently.
On SQLite ``INSERT OR REPLACE`` and ``UPDATE OR REPLACE`` slip past DELETE triggers, so BEFORE INSERT and BEFORE UPDATE
triggers look for the row that would vanish.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from registry.journal.rules import OPEN


@dataclass(frozen=True)
class Refusal:
    """One trigger: refuse ``event`` on ``table`` when ``condition`` (SQL over OLD and NEW) holds."""

    table: str
    event: str
    condition: str
    message: str
    part: str = ""
    constraint: str = ""
    """On PostgreSQL a constraint with this definition stands in the trigger's place where it can be made."""

    @property
    def name(self) -> str:
        return "_".join(filter(None, ("refuse", self.event.lower().split()[0], self.table, self.part)))


def _same_key(table: str, *keys: str, where: str = "TRUE") -> str:
    matches = " OR ".join(
        "(" + " AND ".join(f"{table}.{column} = NEW.{column}" for column in key.split()) + ")" for key in keys
    )
    return f"EXISTS (SELECT 1 FROM {table} WHERE ({matches}) AND {where})"


def _sent(report: str) -> str:
    return f"EXISTS (SELECT 1 FROM report WHERE report.id = {report} AND report.status <> 'draft')"


def _changed(*columns: str) -> str:
    return " OR ".join(f"NEW.{column} IS DISTINCT FROM OLD.{column}" for column in columns)


def _overlaps(table: str, key: str) -> str:
    """A row that says something else of the same record, day and moment of knowledge than NEW."""
    return (
        f"EXISTS (SELECT 1 FROM {table} AS other WHERE other.{key} = NEW.{key}"
        " AND other.valid_from < NEW.valid_to AND NEW.valid_from < other.valid_to"
        " AND other.recorded_from < NEW.recorded_to AND NEW.recorded_from < other.recorded_to)"
    )


def _state(table: str, key: str) -> tuple[Refusal, ...]:
    """Of a state table: no two rows for one record, day and moment; a row is closed once and else stays as it is."""
    kept = ("valid_from", "valid_to", "recorded_from", "first")
    return (
        Refusal(
            table,
            "INSERT",
            _overlaps(table, key),
            _OVERLAP,
            constraint=f"EXCLUDE USING gist ({key} WITH =, daterange(valid_from, valid_to) WITH &&,"
            " int8range(recorded_from, recorded_to) WITH &&)",
        ),
        Refusal(
            table,
            "INSERT",
            "NEW.valid_from >= NEW.valid_to OR NEW.recorded_from >= NEW.recorded_to",
            "a period ends after it begins",
            "empty",
        ),
        Refusal(
            table,
            "UPDATE",
            " OR ".join(f"NEW.{column} <> OLD.{column}" for column in (key, *kept))
            + f" OR OLD.recorded_to <> {OPEN} OR NEW.recorded_to <= OLD.recorded_from",
            "a row of a state table can only be closed",
        ),
    )


_OVERLAP = "a state table says one thing of a record, a day and a moment"
_APPEND_ONLY = "the journal is append-only"
_SENT = "a report that was sent cannot be changed"
_ISSUED = "an issued document cannot be changed"
_COMPANY = "an account of a resident, and no other, belongs to a company"
_OF_NO_COMPANY = "(NEW.role = 'resident') <> (COALESCE(NEW.company_bin, '') <> '')"
_PROPOSED = "a proposal says what was proposed, and is decided on once"
_ATTACHED = "a file on record stays: it can be withdrawn or erased"
_NOTED = "a note is kept as it was written: another text is a new version"
_EVENTS = "a document ends once, and its end stays on record"

REFUSALS: tuple[Refusal, ...] = (
    Refusal("journal_entry", "UPDATE", "TRUE", _APPEND_ONLY),
    Refusal("journal_entry", "DELETE", "TRUE", _APPEND_ONLY),
    Refusal(
        "journal_entry",
        "INSERT",
        "NEW.sequence <> COALESCE((SELECT MAX(sequence) FROM journal_entry), 0) + 1"
        " OR EXISTS (SELECT 1 FROM journal_entry WHERE hash = NEW.hash OR prev_hash = NEW.prev_hash)",
        _APPEND_ONLY,
    ),
    Refusal(
        "journal_personal",
        "UPDATE",
        "NEW.sequence <> OLD.sequence OR NEW.field <> OLD.field OR NEW.salt IS NOT NULL OR NEW.value IS NOT NULL",
        "a personal value can only be erased",
    ),
    Refusal("journal_personal", "DELETE", "TRUE", _APPEND_ONLY),
    Refusal("journal_personal", "INSERT", _same_key("journal_personal", "sequence field"), _APPEND_ONLY),
    Refusal("journal_head", "UPDATE", "NEW.id <> OLD.id OR NEW.count <> OLD.count + 1", _APPEND_ONLY),
    Refusal("journal_head", "DELETE", "TRUE", _APPEND_ONLY),
    Refusal("journal_head", "INSERT", "EXISTS (SELECT 1 FROM journal_head)", _APPEND_ONLY),
    Refusal("user_account", "INSERT", _OF_NO_COMPANY, _COMPANY),
    Refusal(
        "user_account",
        "UPDATE",
        f"{_OF_NO_COMPANY} AND (NEW.role <> OLD.role OR COALESCE(NEW.company_bin, '') <> COALESCE(OLD.company_bin, ''))",
        _COMPANY,
    ),
    Refusal(
        "report",
        "UPDATE",
        "OLD.status = 'accepted' OR OLD.status = 'returned' AND NEW.status <> 'submitted'"
        " OR OLD.status IN ('submitted', 'returned') AND (NEW.status = 'draft' OR "
        + _changed(
            "id",
            "resident_id",
            "period_id",
            "version",
            "none_revenue",
            "none_tax",
            "none_investment",
            "correction_reason",
            "explanation",
            "submitted_at",
            "submitted_by",
            "source",
        )
        + ")",
        _SENT,
    ),
    Refusal(
        "report",
        "UPDATE",
        _same_key("report", "id", "resident_id period_id version", where="report.status <> 'draft'")
        + f" AND ({_changed('id', 'resident_id', 'period_id', 'version')})",
        _SENT,
        "replace",
    ),
    Refusal("report", "DELETE", "OLD.status <> 'draft'", _SENT),
    Refusal(
        "report",
        "INSERT",
        _same_key("report", "id", "resident_id period_id version", where="report.status <> 'draft'"),
        _SENT,
    ),
    Refusal("report_line", "UPDATE", f"{_sent('OLD.report_id')} OR {_sent('NEW.report_id')}", _SENT),
    Refusal("report_line", "DELETE", _sent("OLD.report_id"), _SENT),
    Refusal("report_line", "INSERT", _sent("NEW.report_id"), _SENT),
    Refusal(
        "reporting_period",
        "UPDATE",
        "NEW.id <> OLD.id OR NEW.territory_id <> OLD.territory_id OR NEW.year <> OLD.year OR NEW.quarter <> OLD.quarter",
        "a reporting period keeps its territory, year and quarter",
    ),
    Refusal(
        "reporting_period",
        "DELETE",
        "EXISTS (SELECT 1 FROM report WHERE report.period_id = OLD.id)",
        "a reporting period with reports stays",
    ),
    Refusal(
        "reporting_period",
        "INSERT",
        _same_key("reporting_period", "id", "territory_id year quarter"),
        "a reporting period is opened once",
    ),
    Refusal("document_act", "UPDATE", "TRUE", _ISSUED),
    Refusal("document_act", "DELETE", "TRUE", _ISSUED),
    Refusal(
        "document_act",
        "INSERT",
        _same_key("document_act", "id", "number", "scope kind year serial", "request_key data_hash edition"),
        _ISSUED,
    ),
    Refusal("document_event", "UPDATE", "TRUE", _EVENTS),
    Refusal("document_event", "DELETE", "TRUE", _EVENTS),
    Refusal(
        "document_event",
        "INSERT",
        _same_key("document_event", "id", "act_id") + " OR NEW.replaced_by_id = NEW.act_id"
        " OR (NEW.kind = 'replaced') <> (NEW.replaced_by_id IS NOT NULL)",
        _EVENTS,
    ),
    Refusal(
        "document",
        "UPDATE",
        " OR ".join(
            f"NEW.{column} <> OLD.{column}"
            for column in (
                "id",
                "act_id",
                "language",
                "number",
                "code",
                "sha256",
                "size",
                "pages",
                "versions",
                "issued_at",
            )
        )
        + " OR COALESCE(NEW.issued_by, 0) <> COALESCE(OLD.issued_by, 0) OR NEW.checks < OLD.checks",
        _ISSUED,
    ),
    Refusal("document", "DELETE", "TRUE", _ISSUED),
    Refusal("document", "INSERT", _same_key("document", "id", "number", "code", "sha256", "act_id language"), _ISSUED),
    Refusal(
        "note",
        "UPDATE",
        _changed("id", "subject_type", "subject_id", "resident_id", "territory_id", "is_shown", "by_company")
        + " OR OLD.withdrawn_at IS NOT NULL AND ("
        + _changed("withdrawn_at", "withdrawn_by", "reason")
        + ")",
        _NOTED,
    ),
    Refusal("note", "DELETE", "TRUE", _NOTED),
    Refusal("note", "INSERT", _same_key("note", "id"), _NOTED),
    Refusal(
        "note_version",
        "UPDATE",
        _changed("note_id", "version", "written_at", "written_by")
        + " OR NEW.text IS NOT NULL AND ("
        + _changed("text")
        + ")",
        _NOTED,
    ),
    Refusal("note_version", "DELETE", "TRUE", _NOTED),
    Refusal("note_version", "INSERT", _same_key("note_version", "note_id version"), _NOTED),
    Refusal(
        "proposal",
        "UPDATE",
        "OLD.status <> 'waiting' OR " + _changed("id", "what", "content", "proposers", "proposed_by"),
        _PROPOSED,
    ),
    Refusal("proposal", "DELETE", "TRUE", _PROPOSED),
    Refusal("proposal", "INSERT", _same_key("proposal", "id"), _PROPOSED),
    Refusal(
        "attachment",
        "UPDATE",
        "OLD.recorded_in IS NOT NULL AND ("
        + _changed(
            "id",
            "subject_type",
            "subject_id",
            "line_id",
            "of_entry",
            "territory_id",
            "kind",
            "size",
            "sha256",
            "staff_only",
            "added_by",
            "added_at",
            "recorded_in",
        )
        + " OR (NEW.file_name IS NOT NULL AND NEW.file_name IS DISTINCT FROM OLD.file_name)"
        " OR (OLD.withdrawn_at IS NOT NULL AND (" + _changed("withdrawn_at", "withdrawn_by", "withdrawn_why") + ")))",
        _ATTACHED,
    ),
    Refusal("attachment", "DELETE", "OLD.recorded_in IS NOT NULL", _ATTACHED),
    Refusal("attachment", "INSERT", _same_key("attachment", "id"), _ATTACHED),
    *_state("resident_state", "resident_id"),
    *_state("status_change_state", "status_change_id"),
    *_state("contract_state", "contract_id"),
    *_state("addendum_state", "addendum_id"),
    *_state("patent_state", "patent_id"),
    *_state("patent_event_state", "patent_event_id"),
)

TRUNCATE_REFUSED = (
    "journal_entry",
    "journal_personal",
    "journal_head",
    "report",
    "report_line",
    "document_act",
    "document",
    "document_event",
    "proposal",
    "attachment",
)
"""Tables PostgreSQL may not truncate (SQLite has no TRUNCATE)."""


@dataclass(frozen=True)
class _Trigger:
    """A trigger as it is laid; on PostgreSQL with the body of its function, which bears its name."""

    name: str
    table: str
    text: str
    body: str = ""

    @property
    def statements(self) -> list[str]:
        if not self.body:
            return [f"DROP TRIGGER IF EXISTS {self.name}", self.text]
        return [
            f"CREATE OR REPLACE FUNCTION {self.name}() RETURNS trigger LANGUAGE plpgsql AS $${self.body}$$",
            f"DROP TRIGGER IF EXISTS {self.name} ON {self.table}",
            self.text,
        ]


def _trigger(refusal: Refusal, dialect: str) -> _Trigger:
    name, table = refusal.name, refusal.table
    begins = f"CREATE TRIGGER {name} BEFORE {refusal.event} ON {table}"
    if dialect == "sqlite":
        refuses = f"BEGIN SELECT RAISE(ABORT, '{refusal.message}'); END"
        return _Trigger(name, table, f"{begins} WHEN {refusal.condition} {refuses}")
    result = "OLD" if refusal.event == "DELETE" else "NEW"
    body = (
        f" BEGIN IF {refusal.condition} THEN RAISE EXCEPTION '{refusal.message}'"
        f" USING ERRCODE = 'integrity_constraint_violation'; END IF; RETURN {result}; END "
    )
    return _Trigger(name, table, f"{begins} FOR EACH ROW EXECUTE FUNCTION {name}()", body)


def _truncate_trigger(table: str) -> _Trigger:
    name = f"refuse_truncate_{table}"
    body = (
        f" BEGIN RAISE EXCEPTION 'table {table} cannot be truncated'"
        " USING ERRCODE = 'integrity_constraint_violation'; END "
    )
    text = f"CREATE TRIGGER {name} BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION {name}()"
    return _Trigger(name, table, text, body)


def laid(dialect: str, there: Collection[tuple[str, str, str]]) -> dict[tuple[str, str, str], str]:
    """The refusals as :mod:`registry.journal.schema` finds them in a database that has ``there``."""
    triggers, found = [], {}
    for refusal in REFUSALS:
        constraint, trigger = (("constraint", refusal.table, refusal.name), ("trigger", refusal.table, refusal.name))
        may_be_either = dialect == "postgresql" and bool(refusal.constraint)
        if may_be_either and (constraint in there or trigger not in there):
            found[constraint] = re.sub(r"[()]", " ", refusal.constraint)
        if not may_be_either or trigger in there:
            triggers.append(_trigger(refusal, dialect))
    if dialect == "postgresql":
        triggers += [_truncate_trigger(table) for table in TRUNCATE_REFUSED]
    for each in triggers:
        said = each.text
        if each.body:
            said += f" O {hashlib.md5(each.body.encode(), usedforsecurity=False).hexdigest()}"
        found["trigger", each.table, each.name] = said
    return found


def install(connection: sa.Connection) -> None:
    """Lay every refusal whose table and columns exist (a migration half-way up the history has fewer)."""
    inspector = sa.inspect(connection)
    tables = set(inspector.get_table_names())
    columns = {table: {column["name"] for column in inspector.get_columns(table)} for table in tables}
    known = [
        refusal
        for refusal in REFUSALS
        if {refusal.table, *_needed(refusal)} <= tables and _mentioned(refusal) <= columns[refusal.table]
    ]
    dialect = connection.dialect.name
    constrained = dialect == "postgresql" and _can_exclude(connection)
    texts = []
    for refusal in known:
        if constrained and refusal.constraint:
            texts += _constraint(refusal, connection)
        else:
            texts += _trigger(refusal, dialect).statements
    if dialect == "postgresql":
        texts += [text for table in TRUNCATE_REFUSED if table in tables for text in _truncate_trigger(table).statements]
    for text in texts:
        connection.exec_driver_sql(text)


def _constraint(refusal: Refusal, connection: sa.Connection) -> list[str]:
    """The constraint where it is missing, in the place of the trigger."""
    name, table = refusal.name, refusal.table
    texts = [f"DROP TRIGGER IF EXISTS {name} ON {table}"]
    if name not in _constraints(connection):
        texts.append(f"ALTER TABLE {table} ADD CONSTRAINT {name} {refusal.constraint}")
    return texts


def _constraints(connection: sa.Connection) -> set[str]:
    query = "SELECT conname FROM pg_constraint WHERE contype = 'x' AND connamespace = current_schema()::regnamespace"
    return set(connection.exec_driver_sql(query).scalars())


def _can_exclude(connection: sa.Connection) -> bool:
    """Whether PostgreSQL compares whole numbers in an exclusion constraint: its extension is there or can be made."""
    try:
        with connection.begin_nested():
            connection.exec_driver_sql("CREATE EXTENSION IF NOT EXISTS btree_gist")
    except DBAPIError:
        return False
    return True


def lacks_constraints(connection: sa.Connection) -> bool:
    """Whether triggers refuse what exclusion constraints should: on PostgreSQL without ``btree_gist``."""
    if connection.dialect.name != "postgresql":
        return False
    return not {refusal.name for refusal in REFUSALS if refusal.constraint} <= _constraints(connection)


def _mentioned(refusal: Refusal) -> set[str]:
    return set(re.findall(r"\b(?:NEW|OLD)\.(\w+)", refusal.condition))


def _needed(refusal: Refusal) -> set[str]:
    return {"report"} if "FROM report " in refusal.condition else set()
