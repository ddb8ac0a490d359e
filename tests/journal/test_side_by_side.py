"""The check of the journal by several processes finds what one finds, on both databases."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa

from registry.app import create_app
from registry.config import ROOT, Settings
from registry.infra.clock import utc_now
from registry.infra.db import db
from registry.journal import guards, services

SAMPLE = Path(__file__).parent.parent / "data" / "sample"

CHECK = """
import os, sys
from registry.app import create_app
from registry.config import Settings
from registry.infra.clock import utc_now
from registry.journal import checked, services
{before}
with create_app(Settings.from_environment(), pages=False).app_context():
    result = services.check_anew(utc_now(), int(sys.argv[1]))
    print(result.entries, result.head, *result.found, sep="\\n")
"""

KILLED = """
own, find = os.getpid(), checked.first_of_each
checked.first_of_each = lambda items: os._exit(9) if os.getpid() != own else find(items)
"""


@pytest.fixture
def registry(command):
    command("init")
    for kind in ("residents", "contracts", "addenda", "patents", "report-lines"):
        command("import", kind, SAMPLE / f"{kind}.csv")
    return command


@contextmanager
def opened(command):
    with command._settings():
        app = create_app(Settings.from_environment(), pages=False)
    with app.app_context():
        yield
        db.session.remove()
        db.engine.dispose()


def checked_by(command, processes, before=""):
    """What so many processes find, line by line: they are copies of a process without threads, unlike this one."""
    environ = {**os.environ, "REGISTRY_DATA_DIR": str(command.data_dir), "DATABASE_URL": command.database_url}
    words = [sys.executable, "-c", CHECK.format(before=before), str(processes)]
    done = subprocess.run(words, cwd=ROOT, env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def damage(command, *statements):
    with opened(command):
        for statement in statements:
            db.session.execute(sa.text(statement))
        db.session.commit()


def found_here(command):
    with opened(command):
        result = services.check(utc_now())
    return [str(result.entries), result.head, *result.found]


def test_several_processes_find_what_one_finds(registry):
    assert checked_by(registry, 2) == found_here(registry)
    assert len(found_here(registry)) == 2
    damage(
        registry,
        "DELETE FROM contract_state WHERE contract_id = 3",
        "UPDATE territory SET name_kk = 'x' WHERE id = 1",
        "UPDATE kept_step SET value = value + 1",
        "UPDATE resident SET search = 'x' WHERE id = 5",
    )
    here = found_here(registry)
    assert {line.split(": ")[1].split()[0] for line in here[2:]} >= {"contract_state", "kept", "resident", "territory"}
    assert checked_by(registry, 2) == here
    assert checked_by(registry, 3) == here


def test_a_broken_chain_and_a_database_that_cannot_be_read_are_told_by_themselves(registry):
    (guard,) = [each for each in guards.REFUSALS if each.name == "refuse_delete_journal_head"]
    drop = f"DROP TRIGGER {guard.name}" + (f" ON {guard.table}" if registry.database_url else "")
    damage(registry, drop, "DELETE FROM journal_head", "DELETE FROM contract_state WHERE contract_id = 3")
    told = checked_by(registry, 2)
    assert told == found_here(registry)
    assert told[2] == "the journal is damaged: the journal's head is missing"
    assert [guard.name in line for line in told[3:]] == [True]
    damage(registry, "DROP TABLE kept_step")
    assert checked_by(registry, 2) == found_here(registry)


def test_where_a_process_is_killed_the_first_goes_on_alone(registry):
    assert checked_by(registry, 2, KILLED) == found_here(registry)
