"""annexes a paper was asked for without, the place where papers are made, and who consolidates the territories"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0020'
down_revision = '0019'


TABLES = ('document_act', 'document_request')
PLACES = ('company_place_kk', 'company_place_ru', 'company_place_en')


def upgrade() -> None:
    for name in TABLES:
        with op.batch_alter_table(name) as table:
            table.add_column(sa.Column('without', sa.String(length=80), nullable=True))
    with op.batch_alter_table('territory') as table:
        for place in PLACES:
            table.add_column(sa.Column(place, sa.String(), nullable=True))
    op.create_table('consolidating_body',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('company_name_kk', sa.String(), nullable=True),
    sa.Column('company_name_ru', sa.String(), nullable=True),
    sa.Column('company_name_en', sa.String(), nullable=True),
    sa.Column('company_bin', sa.String(length=12), nullable=True),
    sa.Column('company_address_kk', sa.String(), nullable=True),
    sa.Column('company_address_ru', sa.String(), nullable=True),
    sa.Column('company_place_kk', sa.String(), nullable=True),
    sa.Column('company_place_ru', sa.String(), nullable=True),
    sa.Column('company_place_en', sa.String(), nullable=True),
    sa.Column('company_head', sa.String(), nullable=True),
    sa.Column('company_head_position_kk', sa.String(), nullable=True),
    sa.Column('company_head_position_ru', sa.String(), nullable=True),
    sa.Column('company_accountant', sa.String(), nullable=True),
    sa.Column('company_phone', sa.String(), nullable=True),
    sa.PrimaryKeyConstraint('id')
    )
    op.execute("INSERT INTO consolidating_body (id) VALUES (1)")


def downgrade() -> None:
    op.drop_table('consolidating_body')
    with op.batch_alter_table('territory') as table:
        for place in PLACES:
            table.drop_column(place)
    for name in TABLES:
        with op.batch_alter_table(name) as table:
            table.drop_column('without')
