"""papers as known at a moment, and copies for information; papers of before are neither"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0015'
down_revision = '0014'


TABLES = ('document_act', 'document_request')


def upgrade() -> None:
    for name in TABLES:
        with op.batch_alter_table(name) as table:
            table.add_column(sa.Column('known_at', sa.DateTime(timezone=True), nullable=True))
            table.add_column(sa.Column('copy', sa.Boolean(), server_default=sa.false(), nullable=False))


def downgrade() -> None:
    for name in TABLES:
        with op.batch_alter_table(name) as table:
            table.drop_column('copy')
            table.drop_column('known_at')
