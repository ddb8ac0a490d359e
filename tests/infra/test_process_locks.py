"""Which processes are alive: known at once, however they end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from registry.infra import process_locks

LIVING = (
    "import sys, time; from pathlib import Path; from registry.infra import process_locks\n"
    "print(process_locks.own_name(Path(sys.argv[1])), flush=True); time.sleep(60)"
)


def test_a_process_is_known_to_be_alive_until_it_is_killed(tmp_path: Path) -> None:
    process = subprocess.Popen([sys.executable, "-c", LIVING, tmp_path], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    name = process.stdout.readline().strip()
    try:
        assert not process_locks.is_gone(tmp_path, name)
        process_locks.forget_gone(tmp_path)
        assert (tmp_path / name).exists()
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        assert (tmp_path / name).exists()
        assert process_locks.is_gone(tmp_path, name)
        assert not (tmp_path / name).exists()
    finally:
        process.kill()
        process.communicate()


def test_a_process_knows_its_own_name_and_leaves_no_file(tmp_path: Path) -> None:
    name = process_locks.own_name(tmp_path)
    assert process_locks.own_name(tmp_path) == name
    assert not process_locks.is_gone(tmp_path, name)
    process_locks.leave(tmp_path)
    assert process_locks.is_gone(tmp_path, name)
    assert not list(tmp_path.iterdir())


def test_the_files_of_the_dead_are_cleared_away(tmp_path: Path) -> None:
    (tmp_path / "dead").touch()
    own = process_locks.own_name(tmp_path)
    process_locks.forget_gone(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [own]
    process_locks.leave(tmp_path)
    process_locks.forget_gone(tmp_path / "nowhere")
