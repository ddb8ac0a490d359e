"""indexes of the lists and of searches: with what lists are narrowed by, without what is over"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0019'
down_revision = '0018'

KNOWN = 'recorded_to = 9223372036854775807'
CLOCKS = ('valid_to', 'valid_from', 'first')
RESIDENTS = tuple(
    (f'ix_resident_state_{name}', 'resident_state', (name, 'resident_id'),
     ('status', 'participant_type', 'territory_id'))
    for name in ('sort_kk', 'sort_ru', 'sort_en')
)  # fmt: skip
CONTRACTS = ('ix_contract_state_signed_on', 'contract_state', ('signed_on DESC', 'contract_id'),
             ('kind', 'status', 'territory_id'))  # fmt: skip
PATENTS = ('ix_patent_state_registered_on', 'patent_state', ('registered_on DESC', 'patent_id'),
           ('office', 'kind', 'status'))  # fmt: skip
PATENTS_LAST = ('ix_patent_state_registered_last', 'patent_state', ('registered_on DESC NULLS LAST', 'patent_id'),
                PATENTS[3])  # fmt: skip

SEARCHED = (('resident_state', 'resident_id'), ('contract_state', 'contract_id'), ('patent_state', 'patent_id'))


def upgrade() -> None:
    latest = PATENTS if op.get_bind().dialect.name == 'sqlite' else PATENTS_LAST
    for name, table, _order, _narrowed in (*RESIDENTS, CONTRACTS, PATENTS):
        op.drop_index(name, table_name=table)
    for name, table, order, narrowed in (*RESIDENTS, CONTRACTS, latest):
        _lay(name, table, (*order, *CLOCKS, *narrowed, 'recorded_to'))
    if op.get_bind().dialect.name == 'sqlite':
        for table, key in SEARCHED:
            op.drop_index(f'ix_{table}_search', table_name=table)
            op.create_index(
                f'ix_{table}_search', table, [*CLOCKS, key, 'search', 'recorded_to'],
                sqlite_where=sa.text(f"{KNOWN} AND search > ''"),
            )  # fmt: skip


def downgrade() -> None:
    latest = PATENTS if op.get_bind().dialect.name == 'sqlite' else PATENTS_LAST
    for name, table, _order, _narrowed in (*RESIDENTS, CONTRACTS, latest):
        op.drop_index(name, table_name=table)
    for name, table, order, _narrowed in (*RESIDENTS, CONTRACTS, PATENTS):
        _lay(name, table, (*order, *CLOCKS))
    if op.get_bind().dialect.name == 'sqlite':
        for table, key in SEARCHED:
            op.drop_index(f'ix_{table}_search', table_name=table)
            op.create_index(f'ix_{table}_search', table, ['search', key, *CLOCKS], sqlite_where=sa.text(KNOWN))


def _lay(name: str, table: str, columns: tuple[str, ...]) -> None:
    shown = [sa.text(column) if ' ' in column else column for column in columns]
    op.create_index(name, table, shown, sqlite_where=sa.text(KNOWN), postgresql_where=sa.text(KNOWN))
