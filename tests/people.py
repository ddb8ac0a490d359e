"""The accounts every test database holds: one per role, the login is the role's name."""

from __future__ import annotations

from datetime import UTC, datetime

from argon2 import PasswordHasher

from registry.accounts.models import User
from registry.accounts.permissions import ROLE_PERMISSIONS, Role
from registry.infra.access import Viewer
from registry.infra.db import db

COMPANY_BIN = "250240991048"
"""The BIN whose entries the resident's account sees (``domain.md`` 8.2)."""

PASSWORD = "Сынақ-құпиясөз-2026"
"""Password of every account."""

QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
"""Hashes for tests: what protects a password against guessing takes a tenth of a second each time."""

IDS: dict[str, int] = {role: number for number, role in enumerate(Role, start=1)}


def add_all() -> None:
    """Add one account per role to an empty database, with :data:`IDS` as their ids."""
    password_hash = QUICK.hash(PASSWORD)
    for role in Role:
        db.session.add(
            User(
                login=role.value,
                name=role.value.capitalize(),
                role=role.value,
                company_bin=COMPANY_BIN if role is Role.RESIDENT else None,
                password_hash=password_hash,
                language="en",
                active=True,
                session_epoch=0,
                created_at=datetime(2025, 1, 1, tzinfo=UTC),
            )
        )
        db.session.flush()


def viewer(role: str) -> Viewer:
    """The reader and actor behind the account of ``role``."""
    return Viewer(
        user_id=IDS[Role(role)],
        login=role,
        role=role,
        permissions=ROLE_PERMISSIONS[Role(role)],
        company_bin=COMPANY_BIN if role == Role.RESIDENT else None,
        language="en",
    )
