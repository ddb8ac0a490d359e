"""What many tests begin with is made once in a process, and laid under the others as a copy of the database file."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from flask import current_app

from registry.infra.db import db


class Scenes:
    """Copies of the SQLite database of tests and of the head of its journal, by what made them."""

    def __init__(self, data_dir: Path, live: Path) -> None:
        self._head = data_dir / "journal-head.json"
        self._live = live
        self._wal = live.with_name(f"{live.name}-wal")
        self._folder = data_dir / "scenes"
        self._folder.mkdir()
        self._fresh = 0

    def begin(self) -> None:
        """The database has just been laid anew."""
        self._fresh = self._live.stat().st_mtime_ns

    def set(self, name: str, make: Callable[[], object]) -> None:
        """Make the scene, or lay down what it made before; where the test has written already it is made."""
        if self._wal.exists() or self._live.stat().st_mtime_ns != self._fresh or self._head.exists():
            make()
            return
        kept = self._folder / name
        pairs = ((self._live, kept.with_suffix(".db")), (self._head, kept.with_suffix(".json")))
        if not pairs[0][1].exists():
            make()
            db.session.remove()
            with db.engine.connect() as connection:
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
            for live, copy in pairs:
                shutil.copyfile(live, copy)
        db.session.remove()
        db.engine.dispose()
        for live, copy in pairs:
            shutil.copyfile(copy, live)


def set_scene(name: str, make: Callable[[], object]) -> None:
    """Bring the test's database into the state that ``make`` leaves a fresh one in; ``name`` is the state's own."""
    scenes: Scenes | None = current_app.extensions.get("scenes")
    if scenes is None:
        make()
    else:
        scenes.set(name, make)
