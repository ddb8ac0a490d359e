"""reports taken back with their import are no accepted ones

Kept totals and the list of reports had them as accepted, without a line. ``init`` and ``restore`` derive anew what is
missing.
"""

from __future__ import annotations

from alembic import op

revision = '0025'
down_revision = '0024'


def upgrade() -> None:
    for table in ('kept_share', 'kept_step', 'kept_lines', 'listed_report'):
        op.execute(f'DELETE FROM {table}')


def downgrade() -> None:
    pass
