"""Who is asking, what they may do, and the declaration every endpoint must carry.

Which role holds which permission stands on one page, :mod:`registry.accounts.permissions`.
"""

from __future__ import annotations

import enum
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from registry.errors import NotAllowed
from registry.infra.i18n import lazy


class Permission(enum.StrEnum):
    """One thing a role may or may not do."""

    USE_PROGRAM = "use_program"
    VIEW_REGISTERS = "view_registers"
    KEEP_REGISTERS = "keep_registers"
    VIEW_REPORTS = "view_reports"
    FILL_REPORTS = "fill_reports"
    REVIEW_REPORTS = "review_reports"
    OPEN_PERIODS = "open_periods"
    VIEW_INDICATORS = "view_indicators"
    KEEP_TARGETS = "keep_targets"
    VIEW_DOCUMENTS = "view_documents"
    ISSUE_REGISTERS = "issue_registers"
    ISSUE_OWN_PAPERS = "issue_own_papers"
    APPROVE_DOCUMENTS = "approve_documents"
    IMPORT_FILES = "import_files"
    EXPORT_FILES = "export_files"
    VIEW_JOURNAL = "view_journal"
    INVITE_USERS = "invite_users"
    MANAGE_USERS = "manage_users"
    KEEP_SETTINGS = "keep_settings"
    ERASE_PERSONAL_DATA = "erase_personal_data"


@dataclass(frozen=True)
class Viewer:
    """The person (or the built-in system user, ``user_id`` None) on whose behalf something is read or done.

    ``company_bin`` limits a resident's account to the entries of that BIN; None means no limit of that kind.
    """

    user_id: int | None
    login: str
    role: str
    permissions: frozenset[Permission] = field(repr=False)
    company_bin: str | None = None
    language: str = "en"

    def may(self, permission: Permission) -> bool:
        return permission in self.permissions

    def require(self, permission: Permission) -> None:
        """:raises NotAllowed: when this viewer's role lacks ``permission``."""
        if permission not in self.permissions:
            raise NotAllowed(lazy("Your role does not permit this."))

    @property
    def sees_everything(self) -> bool:
        return self.company_bin is None


SYSTEM = Viewer(None, "system", "system", frozenset(Permission))
"""The built-in system user: commands act for it unless ``--actor`` names somebody."""

View = TypeVar("View", bound=Callable[..., object])


def requires(*permissions: Permission) -> Callable[[View], View]:
    """Declare that an endpoint is open to whoever holds any of ``permissions``."""

    def declare(view: View) -> View:
        view.required_permissions = frozenset(permissions)  # ty: ignore[missing-attribute]
        return view

    return declare


def public(view: View) -> View:
    """Declare that an endpoint is open to everybody, signed in or not."""
    view.is_public = True  # ty: ignore[missing-attribute]
    return view
