"""what could not be read in the cells of a draft; the triggers let a return be taken back"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0019'
down_revision = '0017'


# Not in batch: SQLite would make the table anew, under triggers of other tables that look into it.
def upgrade() -> None:
    op.add_column('report', sa.Column('unread', sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column('report', 'unread')
