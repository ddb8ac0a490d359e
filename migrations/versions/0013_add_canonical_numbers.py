"""canonical numbers of contracts, addenda and patents, in place of the numbers as typed

``registry init`` derives them, and anew the state tables with the search texts, which this empties.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0013'
down_revision = '0012'


COLUMNS = {
    'contract': ('number_key',),
    'addendum': ('number_key',),
    'patent': ('title_key', 'application_key'),
}

# name, table, columns before, columns now, condition
INDEXES = (
    ('uq_contract_number', 'contract', ['territory_id', 'number'], ['territory_id', 'number_key', 'twin'], 'annulled_at IS NULL'),
    ('uq_addendum_number', 'addendum', ['contract_id', 'number'], ['contract_id', 'number_key', 'twin'], 'annulled_at IS NULL'),
    ('uq_patent_title_no', 'patent', ['office', 'kind', 'title_no'], ['office', 'kind', 'title_key', 'twin'], 'annulled_at IS NULL AND title_no IS NOT NULL'),
)

APPLICATION = ('uq_patent_application_no', 'patent', ['office', 'kind', 'application_key', 'twin'])

STATES = ('resident_state', 'contract_state', 'patent_state', 'patent_holder_state')


def upgrade() -> None:
    for name, table, _before, _now, _condition in INDEXES:
        op.drop_index(name, table_name=table)
    for name, columns in COLUMNS.items():
        for column in columns:
            op.add_column(name, sa.Column(column, sa.String(), nullable=True))
        op.add_column(name, sa.Column('twin', sa.Integer(), server_default='0', nullable=False))
    for name, table, _before, columns, condition in INDEXES:
        _unique(name, table, columns, condition)
    _unique(*APPLICATION, 'annulled_at IS NULL AND application_no IS NOT NULL')
    for name in STATES:
        op.execute(f'DELETE FROM {name}')


def downgrade() -> None:
    for name, table, _before, _now, _condition in INDEXES:
        op.drop_index(name, table_name=table)
    op.drop_index(APPLICATION[0], table_name=APPLICATION[1])
    for name, columns in COLUMNS.items():
        op.drop_column(name, 'twin')
        for column in columns:
            op.drop_column(name, column)
    for name, table, columns, _now, condition in INDEXES:
        _unique(name, table, columns, condition)
    for name in STATES:
        op.execute(f'DELETE FROM {name}')


def _unique(name: str, table: str, columns: list[str], condition: str) -> None:
    where = sa.text(condition)
    op.create_index(name, table, columns, unique=True, sqlite_where=where, postgresql_where=where)
