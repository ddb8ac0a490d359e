"""patent events: transfers to other holders, and the state tables of patents"""

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

    op.create_table('patent_event_state',
    sa.Column('patent_event_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('valid_from', sa.Date(), nullable=False),
    sa.Column('valid_to', sa.Date(), nullable=False),
    sa.Column('recorded_from', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('recorded_to', sa.BigInteger(), nullable=False),
    sa.Column('first', sa.Boolean(), nullable=False),
    sa.Column('patent_id', sa.Integer(), nullable=False),
    sa.Column('event', sa.String(length=20), nullable=False),
    sa.Column('event_on', sa.Date(), nullable=False),
    sa.Column('holders', sa.String(), nullable=True),
    sa.Column('document_no', sa.String(length=120), nullable=True),
    sa.PrimaryKeyConstraint('patent_event_id', 'valid_from', 'recorded_from', name=op.f('pk_patent_event_state'))
    )
    with op.batch_alter_table('patent_event_state', schema=None) as batch_op:
        batch_op.create_index('ix_patent_event_state_patent_id', ['patent_id'], unique=False)

    op.create_table('patent_holder_state',
    sa.Column('patent_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('valid_from', sa.Date(), nullable=False),
    sa.Column('valid_to', sa.Date(), nullable=False),
    sa.Column('recorded_from', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('recorded_to', sa.BigInteger(), nullable=False),
    sa.Column('first', sa.Boolean(), nullable=False),
    sa.Column('position', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('bin', sa.String(length=12), nullable=True),
    sa.Column('name', sa.String(), nullable=True),
    sa.Column('share', sa.BigInteger(), nullable=True),
    sa.PrimaryKeyConstraint('patent_id', 'valid_from', 'recorded_from', 'position', name=op.f('pk_patent_holder_state'))
    )
    with op.batch_alter_table('patent_holder_state', schema=None) as batch_op:
        batch_op.create_index('ix_patent_holder_state_bin', ['bin', 'patent_id'], unique=False)

    op.create_table('patent_state',
    sa.Column('patent_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('valid_from', sa.Date(), nullable=False),
    sa.Column('valid_to', sa.Date(), nullable=False),
    sa.Column('recorded_from', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('recorded_to', sa.BigInteger(), nullable=False),
    sa.Column('first', sa.Boolean(), nullable=False),
    sa.Column('office', sa.String(length=2), nullable=False),
    sa.Column('kind', sa.String(length=40), nullable=False),
    sa.Column('title_no', sa.String().with_variant(sa.String(collation='C'), 'postgresql'), nullable=True),
    sa.Column('application_no', sa.String().with_variant(sa.String(collation='C'), 'postgresql'), nullable=True),
    sa.Column('filed_on', sa.Date(), nullable=False),
    sa.Column('registered_on', sa.Date(), nullable=True),
    sa.Column('published_on', sa.Date(), nullable=True),
    sa.Column('bulletin', sa.String(), nullable=True),
    sa.Column('ipc', sa.String(), nullable=True),
    sa.Column('name_kk', sa.String(), nullable=True),
    sa.Column('name_ru', sa.String(), nullable=True),
    sa.Column('name_en', sa.String(), nullable=True),
    sa.Column('holders', sa.String(), nullable=False),
    sa.Column('authors', sa.String(), nullable=True),
    sa.Column('effect_from', sa.Date(), nullable=True),
    sa.Column('priority_no', sa.String(), nullable=True),
    sa.Column('priority_date', sa.Date(), nullable=True),
    sa.Column('priority_country', sa.String(length=2), nullable=True),
    sa.Column('representative', sa.String(), nullable=True),
    sa.Column('registered_holders', sa.String(), nullable=False),
    sa.Column('amended_by', sa.BigInteger(), nullable=True),
    sa.Column('status', sa.String(length=20), nullable=False),
    sa.Column('expires_on', sa.Date(), nullable=True),
    sa.Column('first_fee_on', sa.Date(), nullable=True),
    sa.Column('fee_day', sa.Integer(), nullable=True),
    sa.Column('sort_kk', sa.String().with_variant(sa.String(collation='C'), 'postgresql'), nullable=False),
    sa.Column('sort_ru', sa.String().with_variant(sa.String(collation='C'), 'postgresql'), nullable=False),
    sa.Column('sort_en', sa.String().with_variant(sa.String(collation='C'), 'postgresql'), nullable=False),
    sa.Column('search', sa.String(), nullable=False),
    sa.PrimaryKeyConstraint('patent_id', 'valid_from', 'recorded_from', name=op.f('pk_patent_state'))
    )
    with op.batch_alter_table('patent_state', schema=None) as batch_op:
        batch_op.create_index('ix_patent_state_registered_on', [sa.literal_column('registered_on DESC'), 'patent_id', 'valid_to', 'valid_from', 'first'], unique=False, sqlite_where=sa.text('recorded_to = 9223372036854775807'), postgresql_where=sa.text('recorded_to = 9223372036854775807'))


def downgrade() -> None:
    with op.batch_alter_table('patent_state', schema=None) as batch_op:
        batch_op.drop_index('ix_patent_state_registered_on', sqlite_where=sa.text('recorded_to = 9223372036854775807'), postgresql_where=sa.text('recorded_to = 9223372036854775807'))

    op.drop_table('patent_state')
    with op.batch_alter_table('patent_holder_state', schema=None) as batch_op:
        batch_op.drop_index('ix_patent_holder_state_bin')

    op.drop_table('patent_holder_state')
    with op.batch_alter_table('patent_event_state', schema=None) as batch_op:
        batch_op.drop_index('ix_patent_event_state_patent_id')

    op.drop_table('patent_event_state')

    with op.batch_alter_table('patent_event', schema=None) as batch_op:
        batch_op.drop_index('uq_patent_event_day', sqlite_where=sa.text('annulled_at IS NULL'), postgresql_where=sa.text('annulled_at IS NULL'))

    op.drop_table('patent_event')
