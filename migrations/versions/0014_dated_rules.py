"""what a tax line is made of; lines of before say nothing of it"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0014'
down_revision = '0013'

PARTS = ('paid', 'offset_in', 'offset_out', 'refunded')


def upgrade() -> None:
    with op.batch_alter_table('report_line') as table:
        for name in PARTS:
            table.add_column(sa.Column(name, sa.BigInteger(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table('report_line') as table:
        for name in reversed(PARTS):
            table.drop_column(name)
