"""report versions: lines keep an identity from version to version, and what was sent is frozen

Lines of corrections take over the identity of the lines they correct. Where a returned report was changed since it was
sent, what was sent is put back from the journal, and the changes become a draft of the next version.
"""

from __future__ import annotations

import json
from collections import defaultdict, deque
from datetime import date

import sqlalchemy as sa
from alembic import op

revision = '0006'
down_revision = "0005"

FIELDS = (
    'section', 'code', 'amount', 'count', 'country', 'ip_title_no', 'document_kind', 'document_no', 'document_date',
)
FLAGS = ('none_revenue', 'none_tax', 'none_investment')
NOT_FIGURES = tuple(name for name in FIELDS if name not in ('amount', 'count'))

line_table = sa.table(
    'report_line', sa.column('report_id'), sa.column('position'), sa.column('line_id'),
    *(sa.column(name, sa.Date() if name == 'document_date' else None) for name in FIELDS),
)
report_table = sa.table(
    'report', sa.column('id'), sa.column('resident_id'), sa.column('period_id'), sa.column('version'),
    sa.column('status'), *(sa.column(name, sa.Boolean()) for name in FLAGS), sa.column('correction_reason'),
    sa.column('explanation'), sa.column('source'), sa.column('revision'),
    sa.column('updated_at', sa.DateTime(timezone=True)),
)
entry_table = sa.table(
    'journal_entry', sa.column('sequence'), sa.column('subject_type'), sa.column('subject_id'), sa.column('action'),
    sa.column('changes'),
)
OLD_OPEN, NEW_OPEN = "status <> 'accepted'", "status IN ('draft', 'submitted')"


def upgrade() -> None:
    drop_triggers()
    create_kept_totals()
    with op.batch_alter_table('report_line', schema=None) as batch_op:
        batch_op.add_column(sa.Column('line_id', sa.Integer(), nullable=True))
    op.execute(
        'UPDATE report_line SET line_id = numbered.number FROM (SELECT report_id, position,'
        ' ROW_NUMBER() OVER (ORDER BY report_id, position) AS number FROM report_line) AS numbered'
        ' WHERE numbered.report_id = report_line.report_id AND numbered.position = report_line.position'
    )
    carry_identities()
    replace_index(NEW_OPEN)
    put_back_what_was_sent()
    with op.batch_alter_table('report_line', schema=None) as batch_op:
        batch_op.alter_column('line_id', existing_type=sa.Integer(), nullable=False)
        batch_op.create_unique_constraint(batch_op.f('uq_report_line_line_id_report_id'), ['line_id', 'report_id'])
    op.execute(
        "INSERT INTO number_series (scope, last) SELECT 'report_line', COALESCE(MAX(line_id), 0) FROM report_line"
    )


def create_kept_totals() -> None:
    """Empty; they are derived after the migration."""
    op.create_table('kept_lines',
    sa.Column('territory_id', sa.Integer(), nullable=False),
    sa.Column('year', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('quarter', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('section', sa.String(length=20), nullable=False),
    sa.Column('code', sa.String(length=40), nullable=False),
    sa.Column('outside', sa.Boolean(), nullable=False),
    sa.Column('amount', sa.BigInteger(), nullable=False),
    sa.Column('count', sa.BigInteger(), nullable=False),
    sa.Column('lines', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['territory_id'], ['territory.id'], name=op.f('fk_kept_lines_territory_id_territory')),
    sa.PrimaryKeyConstraint('territory_id', 'year', 'quarter', 'section', 'code', 'outside', name=op.f('pk_kept_lines'))
    )
    op.create_table('kept_step',
    sa.Column('territory_id', sa.Integer(), nullable=False),
    sa.Column('measure', sa.String(length=10), nullable=False),
    sa.Column('year', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('value', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['territory_id'], ['territory.id'], name=op.f('fk_kept_step_territory_id_territory')),
    sa.PrimaryKeyConstraint('territory_id', 'measure', 'year', 'day', name=op.f('pk_kept_step'))
    )
    op.create_table('kept_share',
    sa.Column('territory_id', sa.Integer(), nullable=False),
    sa.Column('bin', sa.String(length=12), nullable=False),
    sa.Column('measure', sa.String(length=10), nullable=False),
    sa.Column('year', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('value', sa.Integer(), nullable=False),
    sa.Column('report_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['report_id'], ['report.id'], name=op.f('fk_kept_share_report_id_report')),
    sa.ForeignKeyConstraint(['territory_id'], ['territory.id'], name=op.f('fk_kept_share_territory_id_territory')),
    sa.PrimaryKeyConstraint('territory_id', 'bin', 'measure', 'year', 'day', name=op.f('pk_kept_share'))
    )


def downgrade() -> None:
    drop_triggers()
    for table in ('kept_share', 'kept_step', 'kept_lines'):
        op.drop_table(table)
    replace_index(OLD_OPEN)
    op.execute("DELETE FROM number_series WHERE scope = 'report_line'")
    with op.batch_alter_table('report_line', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('uq_report_line_line_id_report_id'), type_='unique')
        batch_op.drop_column('line_id')


def replace_index(condition: str) -> None:
    op.drop_index('uq_report_open', table_name='report')
    op.create_index(
        'uq_report_open', 'report', ['resident_id', 'period_id'], unique=True, sqlite_where=sa.text(condition),
        postgresql_where=sa.text(condition),
    )


def drop_triggers() -> None:
    """Let this migration write to reports; the triggers are laid again after it."""
    for table in ('report', 'report_line'):
        for name in ('insert', 'update', 'delete', 'update_replace'):
            event, _, part = name.partition('_')
            trigger = '_'.join(filter(None, ('refuse', event, table, part)))
            on_table = f' ON {table}' if op.get_bind().dialect.name == 'postgresql' else ''
            op.execute(f'DROP TRIGGER IF EXISTS {trigger}{on_table}')


def lines_of(report_id: int) -> list[dict]:
    query = sa.select(line_table).where(line_table.c.report_id == report_id).order_by(line_table.c.position)
    return [dict(row) for row in op.get_bind().execute(query).mappings()]


def matched(before: list[dict], after: list[dict]) -> list[int | None]:
    """The identity each line of ``after`` has among ``before``: of an equal line, of one with the same documents, or
    of one with the same code."""
    found: list[int | None] = [None] * len(after)
    for names in (FIELDS, NOT_FIGURES, ('section', 'code')):
        waiting, taken = defaultdict(deque), set(found)
        for line in before:
            if line['line_id'] not in taken:
                waiting[tuple(line[name] for name in names)].append(line['line_id'])
        for position, line in enumerate(after):
            same = waiting.get(tuple(line[name] for name in names))
            if found[position] is None and same:
                found[position] = same.popleft()
    return found


def carry_identities() -> None:
    earlier = report_table.alias('earlier')
    pairs = op.get_bind().execute(
        sa.select(earlier.c.id, report_table.c.id)
        .where(
            earlier.c.resident_id == report_table.c.resident_id,
            earlier.c.period_id == report_table.c.period_id,
            earlier.c.version == report_table.c.version - 1,
        )
        .order_by(report_table.c.version)
    )
    for before_id, after_id in pairs.fetchall():
        after = lines_of(after_id)
        for line, number in zip(after, matched(lines_of(before_id), after)):
            if number is not None:
                op.execute(
                    line_table.update()
                    .where(line_table.c.report_id == after_id, line_table.c.position == line['position'])
                    .values(line_id=number)
                )


def put_back_what_was_sent() -> None:
    connection = op.get_bind()
    query = sa.select(report_table).where(report_table.c.status == 'returned').order_by(report_table.c.id)
    for report in connection.execute(query).mappings().fetchall():
        sent = what_was_sent(report['id'])
        if sent is None:
            continue
        lines, values = sent
        present = lines_of(report['id'])
        same = [[line[name] for name in FIELDS] for line in present] == [[line[name] for name in FIELDS] for line in lines]
        if same and all(report[name] == value for name, value in values.items()):
            continue
        copied = {name: report[name] for name in report if name not in ('id', 'version', 'status')}
        connection.execute(
            report_table.insert().values(**copied, version=report['version'] + 1, status='draft')
        )
        following = connection.execute(
            sa.select(report_table.c.id).where(
                report_table.c.resident_id == report['resident_id'], report_table.c.period_id == report['period_id'],
                report_table.c.version == report['version'] + 1,
            )
        ).scalar_one()
        connection.execute(
            line_table.update().where(line_table.c.report_id == report['id']).values(report_id=following)
        )
        connection.execute(report_table.update().where(report_table.c.id == report['id']).values(**values))
        next_id = connection.execute(sa.select(sa.func.max(line_table.c.line_id))).scalar() or 0
        for position, (line, number) in enumerate(zip(lines, matched(present, lines)), start=1):
            if number is None:
                number = next_id = next_id + 1
            connection.execute(
                line_table.insert().values(report_id=report['id'], position=position, line_id=number, **line)
            )


def what_was_sent(report_id: int) -> tuple[list[dict], dict] | None:
    """The lines and the rest of what was last sent, as the journal tells it."""
    entries = op.get_bind().execute(
        sa.select(entry_table.c.changes)
        .where(
            entry_table.c.subject_type == 'report', entry_table.c.subject_id == report_id,
            entry_table.c.action == 'report_submitted',
        )
        .order_by(entry_table.c.sequence)
    ).scalars()
    lines, values = None, {}
    for text in entries:
        changes = json.loads(text)
        values = {name: bool(changes.get(name, (None, False))[1]) for name in FLAGS}
        values['explanation'] = changes.get('explanation', (None, None))[1]
        lines = changes['lines'][1] if 'lines' in changes else lines
    if lines is None:
        return None
    found = [{name: line.get(name) for name in FIELDS} for line in lines]
    for line in found:
        line['document_date'] = date.fromisoformat(line['document_date']) if line['document_date'] else None
    return found, values
