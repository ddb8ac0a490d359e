"""patent counts: which patents count for indicator 6; ``registry init`` fills the table"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0012'
down_revision = '0011'


def upgrade() -> None:
    op.create_table('patent_count',
    sa.Column('patent_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('territory_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('registered_on', sa.Date(), nullable=False),
    sa.PrimaryKeyConstraint('patent_id', 'territory_id', name=op.f('pk_patent_count'))
    )
    op.create_index('ix_patent_count_read', 'patent_count', ['registered_on', 'territory_id', 'patent_id'])


def downgrade() -> None:
    op.drop_table('patent_count')
