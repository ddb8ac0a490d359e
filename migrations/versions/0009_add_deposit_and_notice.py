"""deposit and notice of termination of a contract; contracts of before have neither"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0009'
down_revision = '0008'


TABLES = ('contract', 'contract_state')


def upgrade() -> None:
    for name in TABLES:
        with op.batch_alter_table(name) as table:
            table.add_column(sa.Column('deposit', sa.BigInteger(), nullable=True))
            table.add_column(sa.Column('notice_days', sa.Integer(), nullable=True))


def downgrade() -> None:
    for name in TABLES:
        with op.batch_alter_table(name) as table:
            table.drop_column('notice_days')
            table.drop_column('deposit')
