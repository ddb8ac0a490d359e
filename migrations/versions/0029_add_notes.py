"""notes on records, with their texts from version to version"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0029'
down_revision = '0028'


def upgrade() -> None:
    op.create_table('note',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('subject_type', sa.String(length=40), nullable=False),
    sa.Column('subject_id', sa.Integer(), nullable=False),
    sa.Column('resident_id', sa.Integer(), nullable=True),
    sa.Column('territory_id', sa.Integer(), nullable=True),
    sa.Column('is_shown', sa.Boolean(), nullable=False),
    sa.Column('by_company', sa.Boolean(), nullable=False),
    sa.Column('withdrawn_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('withdrawn_by', sa.Integer(), nullable=True),
    sa.Column('reason', sa.Text(), nullable=True),
    sa.ForeignKeyConstraint(['resident_id'], ['resident.id'], name=op.f('fk_note_resident_id_resident')),
    sa.ForeignKeyConstraint(['territory_id'], ['territory.id'], name=op.f('fk_note_territory_id_territory')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_note'))
    )
    op.create_index('ix_note_subject', 'note', ['subject_type', 'subject_id'])
    op.create_index('ix_note_resident_id', 'note', ['resident_id'])
    op.create_table('note_version',
    sa.Column('note_id', sa.Integer(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('text', sa.Text(), nullable=True),
    sa.Column('written_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('written_by', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['note_id'], ['note.id'], name=op.f('fk_note_version_note_id_note')),
    sa.PrimaryKeyConstraint('note_id', 'version', name=op.f('pk_note_version'))
    )


def downgrade() -> None:
    op.drop_table('note_version')
    op.drop_table('note')
