"""runs of papers: which process makes a requested paper, and how often it was begun"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0004'
down_revision = '0003'


def upgrade() -> None:
    with op.batch_alter_table('document_request', schema=None) as batch_op:
        batch_op.add_column(sa.Column('worker', sa.String(length=32), nullable=True))
        batch_op.add_column(sa.Column('attempts', sa.Integer(), nullable=False, server_default='0'))
    with op.batch_alter_table('document_request', schema=None) as batch_op:
        batch_op.alter_column('attempts', existing_type=sa.Integer(), existing_nullable=False, server_default=None)


def downgrade() -> None:
    with op.batch_alter_table('document_request', schema=None) as batch_op:
        batch_op.drop_column('attempts')
        batch_op.drop_column('worker')
