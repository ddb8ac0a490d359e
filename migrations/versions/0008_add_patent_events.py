"""patent events: transfers to other holders"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0008'
down_revision = '0007'


def upgrade() -> None:
    op.create_table('patent_event',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('patent_id', sa.Integer(), nullable=False),
    sa.Column('event', sa.String(length=20), nullable=False),
    sa.Column('event_on', sa.Date(), nullable=False),
    sa.Column('holders', sa.String(), nullable=True),
    sa.Column('document_no', sa.String(length=120), nullable=True),
    sa.Column('annulled_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['patent_id'], ['patent.id'], name=op.f('fk_patent_event_patent_id_patent')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_patent_event'))
    )
    with op.batch_alter_table('patent_event', schema=None) as batch_op:
        batch_op.create_index('uq_patent_event_day', ['patent_id', 'event', 'event_on'], unique=True, sqlite_where=sa.text('annulled_at IS NULL'), postgresql_where=sa.text('annulled_at IS NULL'))


def downgrade() -> None:
    with op.batch_alter_table('patent_event', schema=None) as batch_op:
        batch_op.drop_index('uq_patent_event_day', sqlite_where=sa.text('annulled_at IS NULL'), postgresql_where=sa.text('annulled_at IS NULL'))

    op.drop_table('patent_event')
