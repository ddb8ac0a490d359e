"""listed reports: the newest version of each, in the order of the list; ``registry init`` fills the table"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0011'
down_revision = '0010'


def upgrade() -> None:
    code_points = sa.String().with_variant(sa.String(collation='C'), 'postgresql')
    op.create_table('listed_report',
    sa.Column('resident_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('period_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('report_id', sa.Integer(), nullable=False),
    sa.Column('territory_id', sa.Integer(), nullable=False),
    sa.Column('year', sa.Integer(), nullable=False),
    sa.Column('quarter', sa.Integer(), nullable=False),
    sa.Column('place', sa.Integer(), nullable=False),
    sa.Column('status', sa.String(length=20), nullable=False),
    sa.Column('sort', code_points, nullable=False),
    sa.PrimaryKeyConstraint('resident_id', 'period_id', name=op.f('pk_listed_report'))
    )
    op.create_index('ix_listed_report_order', 'listed_report', [
        'place', 'sort', 'report_id', 'territory_id', 'status', 'resident_id', 'period_id',
    ])
    op.create_index('ix_listed_report_status', 'listed_report', ['status', 'report_id'])


def downgrade() -> None:
    op.drop_table('listed_report')
