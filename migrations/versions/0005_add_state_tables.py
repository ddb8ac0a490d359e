"""state tables: what the journal tells of residents and contracts by both clocks"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0005'
down_revision = '0004'


def upgrade() -> None:
    op.create_table('addendum_state',
    sa.Column('addendum_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('valid_from', sa.Date(), nullable=False),
    sa.Column('valid_to', sa.Date(), nullable=False),
    sa.Column('recorded_from', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('recorded_to', sa.BigInteger(), nullable=False),
    sa.Column('first', sa.Boolean(), nullable=False),
    sa.Column('contract_id', sa.Integer(), nullable=False),
    sa.Column('number', sa.String().with_variant(sa.String(collation='C'), 'postgresql'), nullable=False),
    sa.Column('signed_on', sa.Date(), nullable=False),
    sa.Column('effective_on', sa.Date(), nullable=False),
    sa.Column('ends_on', sa.Date(), nullable=True),
    sa.Column('amount', sa.BigInteger(), nullable=True),
    sa.Column('subject_kk', sa.String(), nullable=True),
    sa.Column('subject_ru', sa.String(), nullable=True),
    sa.PrimaryKeyConstraint('addendum_id', 'valid_from', 'recorded_from', name=op.f('pk_addendum_state'))
    )
    with op.batch_alter_table('addendum_state', schema=None) as batch_op:
        batch_op.create_index('ix_addendum_state_contract_id', ['contract_id'], unique=False)

    op.create_table('contract_state',
    sa.Column('contract_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('valid_from', sa.Date(), nullable=False),
    sa.Column('valid_to', sa.Date(), nullable=False),
    sa.Column('recorded_from', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('recorded_to', sa.BigInteger(), nullable=False),
    sa.Column('first', sa.Boolean(), nullable=False),
    sa.Column('territory_id', sa.Integer(), nullable=False),
    sa.Column('resident_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=40), nullable=False),
    sa.Column('number', sa.String().with_variant(sa.String(collation='C'), 'postgresql'), nullable=False),
    sa.Column('signed_on', sa.Date(), nullable=False),
    sa.Column('starts_on', sa.Date(), nullable=False),
    sa.Column('ends_on', sa.Date(), nullable=True),
    sa.Column('amount', sa.BigInteger(), nullable=True),
    sa.Column('subject_kk', sa.String(), nullable=True),
    sa.Column('subject_ru', sa.String(), nullable=True),
    sa.Column('premises', sa.String(), nullable=True),
    sa.Column('area_m2', sa.BigInteger(), nullable=True),
    sa.Column('terminated_on', sa.Date(), nullable=True),
    sa.Column('termination_ground', sa.String(), nullable=True),
    sa.Column('status', sa.String(length=20), nullable=False),
    sa.Column('term_ends_on', sa.Date(), nullable=True),
    sa.Column('term_amount', sa.BigInteger(), nullable=True),
    sa.Column('term_subject_kk', sa.String(), nullable=True),
    sa.Column('term_subject_ru', sa.String(), nullable=True),
    sa.Column('search', sa.String(), nullable=False),
    sa.PrimaryKeyConstraint('contract_id', 'valid_from', 'recorded_from', name=op.f('pk_contract_state'))
    )
    with op.batch_alter_table('contract_state', schema=None) as batch_op:
        batch_op.create_index('ix_contract_state_resident_id', ['resident_id'], unique=False)
        batch_op.create_index('ix_contract_state_signed_on', [sa.text('signed_on DESC'), 'contract_id', 'valid_to', 'valid_from', 'first'], unique=False, sqlite_where=sa.text('recorded_to = 9223372036854775807'), postgresql_where=sa.text('recorded_to = 9223372036854775807'))
        batch_op.create_index('ix_contract_state_in_force', ['valid_to', 'valid_from'], unique=False, sqlite_where=sa.text("recorded_to = 9223372036854775807 AND status = 'in_force'"), postgresql_where=sa.text("recorded_to = 9223372036854775807 AND status = 'in_force'"))

    op.create_table('resident_state',
    sa.Column('resident_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('valid_from', sa.Date(), nullable=False),
    sa.Column('valid_to', sa.Date(), nullable=False),
    sa.Column('recorded_from', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('recorded_to', sa.BigInteger(), nullable=False),
    sa.Column('first', sa.Boolean(), nullable=False),
    sa.Column('territory_id', sa.Integer(), nullable=False),
    sa.Column('register_no', sa.String(length=40), nullable=False),
    sa.Column('bin', sa.String(length=12), nullable=True),
    sa.Column('name_kk', sa.String(), nullable=True),
    sa.Column('name_ru', sa.String(), nullable=True),
    sa.Column('name_en', sa.String(), nullable=True),
    sa.Column('legal_form', sa.String(length=40), nullable=False),
    sa.Column('participant_type', sa.String(length=40), nullable=False),
    sa.Column('registered_on', sa.Date(), nullable=False),
    sa.Column('decision_no', sa.String(), nullable=True),
    sa.Column('decision_date', sa.Date(), nullable=True),
    sa.Column('oked', sa.String(length=5), nullable=True),
    sa.Column('krp', sa.String(length=3), nullable=True),
    sa.Column('kbe', sa.String(length=2), nullable=True),
    sa.Column('kato', sa.String(length=9), nullable=True),
    sa.Column('address_kk', sa.String(), nullable=True),
    sa.Column('address_ru', sa.String(), nullable=True),
    sa.Column('head', sa.String(), nullable=True),
    sa.Column('email', sa.String(), nullable=True),
    sa.Column('phone', sa.String(), nullable=True),
    sa.Column('priority_direction', sa.String(length=40), nullable=True),
    sa.Column('trl', sa.Integer(), nullable=True),
    sa.Column('accreditation_no', sa.String(), nullable=True),
    sa.Column('accreditation_until', sa.Date(), nullable=True),
    sa.Column('experimental_production', sa.Boolean(), nullable=False),
    sa.Column('is_demo', sa.Boolean(), nullable=False),
    sa.Column('status', sa.String(length=20), nullable=False),
    sa.Column('excluded_on', sa.Date(), nullable=True),
    sa.Column('sort_kk', sa.String().with_variant(sa.String(collation='C'), 'postgresql'), nullable=False),
    sa.Column('sort_ru', sa.String().with_variant(sa.String(collation='C'), 'postgresql'), nullable=False),
    sa.Column('sort_en', sa.String().with_variant(sa.String(collation='C'), 'postgresql'), nullable=False),
    sa.Column('search', sa.String(), nullable=False),
    sa.PrimaryKeyConstraint('resident_id', 'valid_from', 'recorded_from', name=op.f('pk_resident_state'))
    )
    with op.batch_alter_table('resident_state', schema=None) as batch_op:
        batch_op.create_index('ix_resident_state_bin', ['bin'], unique=False)
        batch_op.create_index('ix_resident_state_sort_en', ['sort_en', 'resident_id', 'valid_to', 'valid_from', 'first'], unique=False, sqlite_where=sa.text('recorded_to = 9223372036854775807'), postgresql_where=sa.text('recorded_to = 9223372036854775807'))
        batch_op.create_index('ix_resident_state_sort_kk', ['sort_kk', 'resident_id', 'valid_to', 'valid_from', 'first'], unique=False, sqlite_where=sa.text('recorded_to = 9223372036854775807'), postgresql_where=sa.text('recorded_to = 9223372036854775807'))
        batch_op.create_index('ix_resident_state_sort_ru', ['sort_ru', 'resident_id', 'valid_to', 'valid_from', 'first'], unique=False, sqlite_where=sa.text('recorded_to = 9223372036854775807'), postgresql_where=sa.text('recorded_to = 9223372036854775807'))

    op.create_table('status_change_state',
    sa.Column('status_change_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('valid_from', sa.Date(), nullable=False),
    sa.Column('valid_to', sa.Date(), nullable=False),
    sa.Column('recorded_from', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('recorded_to', sa.BigInteger(), nullable=False),
    sa.Column('first', sa.Boolean(), nullable=False),
    sa.Column('resident_id', sa.Integer(), nullable=False),
    sa.Column('change', sa.String(length=20), nullable=False),
    sa.Column('effective_on', sa.Date(), nullable=False),
    sa.Column('ground', sa.String(length=40), nullable=True),
    sa.Column('decision_no', sa.String(), nullable=True),
    sa.Column('decision_date', sa.Date(), nullable=True),
    sa.PrimaryKeyConstraint('status_change_id', 'valid_from', 'recorded_from', name=op.f('pk_status_change_state'))
    )
    with op.batch_alter_table('status_change_state', schema=None) as batch_op:
        batch_op.create_index('ix_status_change_state_resident_id', ['resident_id'], unique=False)



def downgrade() -> None:
    with op.batch_alter_table('status_change_state', schema=None) as batch_op:
        batch_op.drop_index('ix_status_change_state_resident_id')

    op.drop_table('status_change_state')
    with op.batch_alter_table('resident_state', schema=None) as batch_op:
        batch_op.drop_index('ix_resident_state_sort_ru', sqlite_where=sa.text('recorded_to = 9223372036854775807'), postgresql_where=sa.text('recorded_to = 9223372036854775807'))
        batch_op.drop_index('ix_resident_state_sort_kk', sqlite_where=sa.text('recorded_to = 9223372036854775807'), postgresql_where=sa.text('recorded_to = 9223372036854775807'))
        batch_op.drop_index('ix_resident_state_sort_en', sqlite_where=sa.text('recorded_to = 9223372036854775807'), postgresql_where=sa.text('recorded_to = 9223372036854775807'))
        batch_op.drop_index('ix_resident_state_bin')

    op.drop_table('resident_state')
    with op.batch_alter_table('contract_state', schema=None) as batch_op:
        batch_op.drop_index('ix_contract_state_signed_on', sqlite_where=sa.text('recorded_to = 9223372036854775807'), postgresql_where=sa.text('recorded_to = 9223372036854775807'))
        batch_op.drop_index('ix_contract_state_in_force', sqlite_where=sa.text("recorded_to = 9223372036854775807 AND status = 'in_force'"), postgresql_where=sa.text("recorded_to = 9223372036854775807 AND status = 'in_force'"))
        batch_op.drop_index('ix_contract_state_resident_id')

    op.drop_table('contract_state')
    with op.batch_alter_table('addendum_state', schema=None) as batch_op:
        batch_op.drop_index('ix_addendum_state_contract_id')

    op.drop_table('addendum_state')
