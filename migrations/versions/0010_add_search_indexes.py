"""indexes to search the state tables by; on SQLite only (``journal.models.index_of_search``)"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0010'
down_revision = '0009'


TABLES = (('resident_state', 'resident_id'), ('contract_state', 'contract_id'), ('patent_state', 'patent_id'))


def upgrade() -> None:
    if op.get_bind().dialect.name != 'sqlite':
        return
    for name, key in TABLES:
        op.create_index(
            f'ix_{name}_search', name, ['search', key, 'valid_to', 'valid_from', 'first'],
            sqlite_where=sa.text('recorded_to = 9223372036854775807'),
        )  # fmt: skip


def downgrade() -> None:
    if op.get_bind().dialect.name != 'sqlite':
        return
    for name, _key in TABLES:
        op.drop_index(f'ix_{name}_search', table_name=name)
