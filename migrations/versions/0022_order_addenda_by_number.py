"""supplementary agreements of one day in the order of their numbers

What held of a contract was derived with the agreements of one day in the order in which their numbers were typed.
``init`` and ``restore`` derive anew what is missing.
"""

from __future__ import annotations

from alembic import op

revision = '0022'
down_revision = '0021'


def upgrade() -> None:
    op.execute('DELETE FROM contract_state')


def downgrade() -> None:
    pass
