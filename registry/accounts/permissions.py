"""The one page that says which role may do what."""

from __future__ import annotations

import enum

from registry.infra.access import Permission as P  # noqa: N817


class Role(enum.StrEnum):
    """The four roles of people who sign in."""

    ADMIN = "admin"
    STAFF = "staff"
    RESIDENT = "resident"
    AUDITOR = "auditor"


_READING = {P.VIEW_REGISTERS, P.VIEW_REPORTS, P.VIEW_INDICATORS, P.VIEW_DOCUMENTS, P.EXPORT_FILES, P.VIEW_JOURNAL}
_STAFF = _READING | {
    P.HAVE_DEPUTY,
    P.KEEP_REGISTERS,
    P.REVIEW_REPORTS,
    P.OPEN_PERIODS,
    P.KEEP_TARGETS,
    P.ISSUE_REGISTERS,
    P.APPROVE_DOCUMENTS,
    P.IMPORT_FILES,
    P.INVITE_USERS,
}

# A resident reads registers and reports too, but its queries are limited to the entries of its own BIN.
_RESIDENT = {
    P.VIEW_REGISTERS, P.VIEW_REPORTS, P.FILL_REPORTS, P.VIEW_DOCUMENTS, P.ISSUE_OWN_PAPERS, P.EXPORT_FILES,
}  # fmt: skip

ROLE_PERMISSIONS: dict[Role, frozenset[P]] = {
    Role.ADMIN: frozenset({P.USE_PROGRAM} | _STAFF | {P.MANAGE_USERS, P.KEEP_SETTINGS, P.ERASE_PERSONAL_DATA}),
    Role.STAFF: frozenset({P.USE_PROGRAM} | _STAFF),
    Role.RESIDENT: frozenset({P.USE_PROGRAM} | _RESIDENT),
    Role.AUDITOR: frozenset({P.USE_PROGRAM, P.HAVE_DEPUTY, P.ISSUE_REGISTERS} | _READING),
}

INVITABLE: dict[Role, frozenset[Role]] = {
    Role.ADMIN: frozenset(Role),
    Role.STAFF: frozenset({Role.RESIDENT}),
}
"""Whom each role may invite: staff cannot make an account stronger than a resident's."""
