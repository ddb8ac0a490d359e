"""Saved views of lists."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from registry.accounts.models import User
from registry.infra.db import Base, UtcDateTime


class SavedView(Base):
    """How somebody looks at a list: filters, columns and order as the query of its address, never rows.

    A shared one is offered to the accounts of its owner's role that have one of the owner's territories.
    """

    __tablename__ = "saved_view"
    __table_args__ = (sa.UniqueConstraint("user_id", "listing", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey(User.id))
    listing: Mapped[str] = mapped_column(sa.String(40))
    name: Mapped[str] = mapped_column(sa.String(60))
    query: Mapped[str] = mapped_column(sa.Text)
    is_shared: Mapped[bool] = mapped_column(default=False)
    saved_at: Mapped[datetime] = mapped_column(UtcDateTime)
