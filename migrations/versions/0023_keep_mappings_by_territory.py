"""matched columns by the territories of who kept them

Those kept before stay for accounts without a limit to some territories: they see everything as it is. Whose constants
the rows hold cannot be told from who kept them last.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0023'
down_revision = '0022'


def upgrade() -> None:
    with op.batch_alter_table('column_mapping') as table:
        table.add_column(sa.Column('scope', sa.Text(), nullable=False, server_default=''))
        table.drop_constraint('pk_column_mapping', type_='primary')
        table.create_primary_key('pk_column_mapping', ['kind', 'header_hash', 'scope'])
    with op.batch_alter_table('column_mapping') as table:
        table.alter_column('scope', server_default=None)


def downgrade() -> None:
    op.execute("DELETE FROM column_mapping WHERE scope <> ''")
    with op.batch_alter_table('column_mapping') as table:
        table.drop_constraint('pk_column_mapping', type_='primary')
        table.create_primary_key('pk_column_mapping', ['kind', 'header_hash'])
        table.drop_column('scope')
