"""audit samples: how a sample is drawn"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0003'
down_revision = '0002'


def upgrade() -> None:
    for table in ('document_act', 'document_request'):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.add_column(sa.Column('sampling', sa.String(length=80), nullable=True))


def downgrade() -> None:
    for table in ('document_act', 'document_request'):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.drop_column('sampling')
