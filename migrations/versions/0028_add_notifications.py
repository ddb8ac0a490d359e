"""what people are told, the letters that tell it, how they want to be told; asked-for links to new passwords"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0028'
down_revision = '0027'


def upgrade() -> None:
    op.create_table('letter',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=40), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('address', sa.String(length=254), nullable=True),
    sa.Column('message_id', sa.String(length=120), nullable=False),
    sa.Column('fate', sa.String(length=20), nullable=False),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('next_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('said', sa.Text(), nullable=True),
    sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_letter_user_id_user_account')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_letter')),
    sa.UniqueConstraint('message_id', name=op.f('uq_letter_message_id'))
    )
    with op.batch_alter_table('letter') as batch:
        batch.create_index('ix_letter_open', ['next_at'], sqlite_where=sa.text("fate IN ('waiting', 'sending')"), postgresql_where=sa.text("fate IN ('waiting', 'sending')"))
        batch.create_index('ix_letter_user_id', ['user_id'])
    op.create_table('notification',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('event', sa.String(length=40), nullable=False),
    sa.Column('subject_type', sa.String(length=40), nullable=False),
    sa.Column('subject_id', sa.Integer(), nullable=False),
    sa.Column('occasion', sa.String(length=60), nullable=False),
    sa.Column('details', sa.Text(), nullable=False),
    sa.Column('how', sa.String(length=20), nullable=False),
    sa.Column('told_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('read_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('letter_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['letter_id'], ['letter.id'], name=op.f('fk_notification_letter_id_letter')),
    sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_notification_user_id_user_account')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_notification')),
    sa.UniqueConstraint('user_id', 'event', 'subject_type', 'subject_id', 'occasion', name=op.f('uq_notification_user_id_event_subject_type_subject_id_occasion'))
    )
    with op.batch_alter_table('notification') as batch:
        batch.create_index('ix_notification_unread', ['user_id', 'how', 'letter_id'], sqlite_where=sa.text('read_at IS NULL'), postgresql_where=sa.text('read_at IS NULL'))
        batch.create_index('ix_notification_letter_id', ['letter_id'])
    op.create_table('mail_choice',
    sa.Column('user_id', sa.Integer(), nullable=False),
    sa.Column('topic', sa.String(length=20), nullable=False),
    sa.Column('how', sa.String(length=20), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_mail_choice_user_id_user_account')),
    sa.PrimaryKeyConstraint('user_id', 'topic', name=op.f('pk_mail_choice'))
    )
    op.create_table('forgotten_password',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('accounts', sa.Text(), nullable=False),
    sa.Column('asked_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_forgotten_password'))
    )


def downgrade() -> None:
    op.drop_table('forgotten_password')
    op.drop_table('mail_choice')
    op.drop_table('notification')
    op.drop_table('letter')
