"""Who is asking, what they may do and where, and the declaration every endpoint must carry.

Which role holds which permission stands on one page, :mod:`registry.accounts.permissions`. What an account limited to
some territories sees and does of the others is decided here and nowhere else: nothing (``exchange.md`` 5, rule 13).
Queries take their conditions from :meth:`Viewer.within`, services ask :meth:`Viewer.require_in`.
"""

from __future__ import annotations

import enum
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

import sqlalchemy as sa

from registry.errors import NotAllowed, NotFound
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
    HAVE_DEPUTY = "have_deputy"
    MANAGE_USERS = "manage_users"
    KEEP_SETTINGS = "keep_settings"
    ERASE_PERSONAL_DATA = "erase_personal_data"


@dataclass(frozen=True)
class Viewer:
    """The person (or the built-in system user, ``user_id`` None) on whose behalf something is read or done.

    ``company_bin`` limits a resident's account to the entries of that BIN; None means no limit of that kind.
    ``territory_ids`` limits an account to these territories: it does its role there, and everything else does not exist
    for it; None means all of them, and what belongs to all together. ``stands_for`` are the accounts whose deputy it is
    today; role and territories are then theirs as well.
    """

    user_id: int | None
    login: str
    role: str
    permissions: frozenset[Permission] = field(repr=False)
    company_bin: str | None = None
    language: str = "en"
    territory_ids: frozenset[int] | None = None
    stands_for: frozenset[int] = frozenset()

    @property
    def persons(self) -> frozenset[int]:
        """Everybody whose own work this actor's is: of two people none may be among the other's."""
        return self.stands_for if self.user_id is None else self.stands_for | {self.user_id}

    def may(self, permission: Permission) -> bool:
        return permission in self.permissions

    def require(self, permission: Permission) -> None:
        """:raises NotAllowed: when this viewer's role lacks ``permission``."""
        if permission not in self.permissions:
            raise NotAllowed(lazy("Your role does not permit this."))

    @property
    def is_company(self) -> bool:
        """Whether this is a resident's account, limited to its own company."""
        return self.company_bin is not None

    @property
    def has_all_territories(self) -> bool:
        return self.territory_ids is None

    @property
    def looks_after_the_installation(self) -> bool:
        """Whether what concerns the program as a whole, its backups and schedule, is this viewer's to see."""
        return self.may(Permission.KEEP_SETTINGS) and self.has_all_territories

    def sees_territory(self, territory_id: int | None) -> bool:
        """Whether a territory exists for this viewer; None stands for what belongs to all territories together."""
        return self.territory_ids is None or territory_id in self.territory_ids

    def sees_only(self, territory_id: int | None) -> bool:
        """Whether to look at this territory only (None: at all together) leaves out nothing this viewer sees."""
        return territory_id is None or self.territory_ids == {territory_id}

    def require_territory(self, territory_id: int | None) -> None:
        """Refuse what is done in a territory that does not exist for this viewer; None stands for all together.

        :raises NotFound: for such a territory.
        :raises NotAllowed: for all together, when this account is limited to some.
        """
        if self.sees_territory(territory_id):
            return
        if territory_id is None:
            raise NotAllowed(
                lazy("This concerns all territories and needs an account that is not limited to some."), "territory"
            )
        raise NotFound(lazy("There is no such territory."), "territory")

    def require_in(self, territory_id: int | None, permission: Permission) -> None:
        """Refuse what this viewer may not do at all, or not there: :meth:`require`, :meth:`require_territory`."""
        self.require(permission)
        self.require_territory(territory_id)

    def within(self, column: Any) -> list[sa.ColumnElement[bool]]:
        """Conditions that leave the rows whose territory, the id in ``column``, exists for this viewer."""
        return [] if self.territory_ids is None else [column.in_(sorted(self.territory_ids))]

    def limited_to(self, territory_id: int | None) -> Viewer:
        """The same viewer looking at one territory only; at no other than before with None."""
        return self if territory_id is None else replace(self, territory_ids=frozenset({territory_id}))


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
