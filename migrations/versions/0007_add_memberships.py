"""memberships: the territories an account is limited to; accounts of before keep all of them"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0007'
down_revision = "0006"


def upgrade() -> None:
    op.create_table('membership',
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('territory_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['territory_id'], ['territory.id'], name=op.f('fk_membership_territory_id_territory')),
    sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_membership_user_id_user_account')),
    sa.PrimaryKeyConstraint('user_id', 'territory_id', name=op.f('pk_membership'))
    )


def downgrade() -> None:
    op.drop_table('membership')
