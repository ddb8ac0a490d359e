"""what could not be read in the cells of a draft; the triggers let a return be taken back

What is late is measured by the first sending: ``registry init`` derives the kept totals anew.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0016'
down_revision = '0015'


# Not in batch: SQLite would make the table anew, under triggers of other tables that look into it.
def upgrade() -> None:
    op.add_column('report', sa.Column('unread', sa.Text(), nullable=True))
    _forget_totals()


def downgrade() -> None:
    op.drop_column('report', 'unread')
    _forget_totals()


def _forget_totals() -> None:
    for table in ('kept_share', 'kept_step', 'kept_lines'):
        op.execute(f'DELETE FROM {table}')
