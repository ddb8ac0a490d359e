"""sign-ins, ended sessions and lookups of papers are noted; on SQLite they stand in a file of their own"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0017'
down_revision = '0016'


def upgrade() -> None:
    op.create_table('sign_in',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=True),
    sa.Column('what', sa.String(length=20), nullable=False),
    sa.Column('address', sa.String(length=60), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sign_in'))
    )
    op.create_index('ix_sign_in_user_id_at', 'sign_in', ['user_id', 'at'])
    op.create_index('ix_sign_in_at', 'sign_in', ['at'])
    op.create_table('ended_session',
    sa.Column('key', sa.String(length=64), nullable=False),
    sa.Column('until', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('key', name=op.f('pk_ended_session'))
    )
    op.create_table('paper_check',
    sa.Column('document_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('count', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('document_id', name=op.f('pk_paper_check'))
    )


def downgrade() -> None:
    op.drop_table('paper_check')
    op.drop_table('ended_session')
    op.drop_table('sign_in')
