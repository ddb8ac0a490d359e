"""holders told with the registration supersede those of the application

What held of a patent was derived with amendments of its application, made before the grant was recorded, among the
transfers. ``init`` and ``restore`` derive anew what is missing.
"""

from __future__ import annotations

from alembic import op

revision = '0024'
down_revision = '0023'


def upgrade() -> None:
    op.execute('DELETE FROM patent_holder_state')
    op.execute('DELETE FROM patent_state')


def downgrade() -> None:
    pass
