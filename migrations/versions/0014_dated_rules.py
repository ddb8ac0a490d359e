"""what a tax line is made of, dictionaries with both clocks, closed years; lines of before say nothing of their parts, and the codes
of before are known as they were always
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0014'
down_revision = '0013'

PARTS = ('paid', 'offset_in', 'offset_out', 'refunded')
NOW = 'recorded_to IS NULL AND territory_id IS'


def upgrade() -> None:
    with op.batch_alter_table('report_line') as table:
        for name in PARTS:
            table.add_column(sa.Column(name, sa.BigInteger(), nullable=True))
    with op.batch_alter_table('dictionary_entry') as table:
        table.drop_constraint('uq_dictionary_entry_dictionary_code_valid_from', type_='unique')
        table.add_column(sa.Column('territory_id', sa.Integer(), nullable=True))
        table.add_column(sa.Column('act_no', sa.String(), nullable=True))
        table.add_column(sa.Column('act_date', sa.Date(), nullable=True))
        table.add_column(sa.Column('extra', sa.String(), nullable=True))
        table.add_column(sa.Column('recorded_from', sa.DateTime(timezone=True), nullable=True))
        table.add_column(sa.Column('recorded_to', sa.DateTime(timezone=True), nullable=True))
        table.create_foreign_key('fk_dictionary_entry_territory_id_territory', 'territory', ['territory_id'], ['id'])
    for name, territory, null in (('everywhere', [], 'NULL'), ('territory', ['territory_id'], 'NOT NULL')):
        op.create_index(
            f'uq_dictionary_entry_{name}',
            'dictionary_entry',
            ['dictionary', 'code', *territory, 'valid_from'],
            unique=True,
            sqlite_where=sa.text(f'{NOW} {null}'),
            postgresql_where=sa.text(f'{NOW} {null}'),
        )


    op.create_table(
        'closed_year',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('territory_id', sa.Integer(), nullable=False),
        sa.Column('year', sa.Integer(), nullable=False),
        sa.Column('is_closed', sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ['territory_id'], ['territory.id'], name=op.f('fk_closed_year_territory_id_territory')
        ),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_closed_year')),
        sa.UniqueConstraint('territory_id', 'year', name=op.f('uq_closed_year_territory_id_year')),
    )


def downgrade() -> None:
    op.drop_table('closed_year')
    op.execute('DELETE FROM dictionary_entry WHERE recorded_to IS NOT NULL OR territory_id IS NOT NULL')
    for name in ('everywhere', 'territory'):
        op.drop_index(f'uq_dictionary_entry_{name}', 'dictionary_entry')
    with op.batch_alter_table('dictionary_entry') as table:
        table.drop_constraint('fk_dictionary_entry_territory_id_territory', type_='foreignkey')
        for name in ('recorded_to', 'recorded_from', 'extra', 'act_date', 'act_no', 'territory_id'):
            table.drop_column(name)
        table.create_unique_constraint(
            'uq_dictionary_entry_dictionary_code_valid_from', ['dictionary', 'code', 'valid_from']
        )
    with op.batch_alter_table('report_line') as table:
        for name in reversed(PARTS):
            table.drop_column(name)
