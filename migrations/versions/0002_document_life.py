"""life of papers: revoked, replaced, prepared by one person and approved by another"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0002'
down_revision = '0001'


def upgrade() -> None:
    with op.batch_alter_table('document_act', schema=None) as batch_op:
        batch_op.add_column(sa.Column('since', sa.Date(), nullable=True))
        batch_op.add_column(sa.Column('edition', sa.Integer(), nullable=False, server_default='1'))
        batch_op.drop_constraint(batch_op.f('uq_document_act_request_key_data_hash'), type_='unique')
        batch_op.create_unique_constraint(batch_op.f('uq_document_act_request_key_data_hash_edition'), ['request_key', 'data_hash', 'edition'])
    with op.batch_alter_table('document_act', schema=None) as batch_op:
        batch_op.alter_column('edition', existing_type=sa.Integer(), existing_nullable=False, server_default=None)

    op.create_table('document_event',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('act_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=20), nullable=False),
    sa.Column('effective_on', sa.Date(), nullable=False),
    sa.Column('reason', sa.String(), nullable=False),
    sa.Column('recorded_by', sa.Integer(), nullable=True),
    sa.Column('replaced_by_id', sa.Integer(), nullable=True),
    sa.Column('recorded_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['act_id'], ['document_act.id'], name=op.f('fk_document_event_act_id_document_act')),
    sa.ForeignKeyConstraint(['replaced_by_id'], ['document_act.id'], name=op.f('fk_document_event_replaced_by_id_document_act')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_document_event')),
    sa.UniqueConstraint('act_id', name=op.f('uq_document_event_act_id'))
    )

    with op.batch_alter_table('document_request', schema=None) as batch_op:
        batch_op.add_column(sa.Column('since', sa.Date(), nullable=True))
        batch_op.add_column(sa.Column('replaces_id', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('reason', sa.String(), nullable=True))
        batch_op.add_column(sa.Column('snapshot', sa.Text(), nullable=True))
        batch_op.add_column(sa.Column('data_hash', sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column('chain_sequence', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('chain_hash', sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column('draft', sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column('prepared_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('approved_by', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('approved_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.create_foreign_key(batch_op.f('fk_document_request_replaces_id_document_act'), 'document_act', ['replaces_id'], ['id'])


def downgrade() -> None:
    with op.batch_alter_table('document_request', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('fk_document_request_replaces_id_document_act'), type_='foreignkey')
        for name in ('approved_at', 'approved_by', 'prepared_at', 'draft', 'chain_hash', 'chain_sequence', 'data_hash', 'snapshot', 'reason', 'replaces_id', 'since'):
            batch_op.drop_column(name)

    op.drop_table('document_event')

    with op.batch_alter_table('document_act', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('uq_document_act_request_key_data_hash_edition'), type_='unique')
        batch_op.create_unique_constraint(batch_op.f('uq_document_act_request_key_data_hash'), ['request_key', 'data_hash'])
        batch_op.drop_column('edition')
        batch_op.drop_column('since')
