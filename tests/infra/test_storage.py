"""Files stand under the hash of their bytes, whole, for ever."""

from __future__ import annotations

import hashlib
import os
import re
import stat

import pytest

from registry.config import ROOT
from registry.infra import storage


def test_what_was_stored_is_read(tmp_path):
    sha256 = storage.store(tmp_path / "documents", b"paper")
    assert sha256 == hashlib.sha256(b"paper").hexdigest()
    assert storage.read(tmp_path / "documents", sha256) == b"paper"


def test_storing_the_same_again_changes_nothing(tmp_path):
    sha256 = storage.store(tmp_path, b"paper")
    before = storage.path_of(tmp_path, sha256).stat()
    assert storage.store(tmp_path, b"paper") == sha256
    after = storage.path_of(tmp_path, sha256).stat()
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)


def test_a_missing_file_is_said_to_be_missing(tmp_path):
    with pytest.raises(storage.StorageError, match="missing"):
        storage.read(tmp_path, "0" * 64)


def test_what_stands_in_the_place_of_a_file_cannot_be_read(tmp_path):
    path = storage.path_of(tmp_path, storage.store(tmp_path, b"paper"))
    path.unlink()
    path.mkdir()
    with pytest.raises(storage.StorageError, match="cannot be read: Is a directory"):
        storage.read(tmp_path, path.name)
    path.rmdir()
    path.parent.rmdir()
    path.parent.write_bytes(b"")
    with pytest.raises(storage.StorageError, match="cannot be read: Not a directory"):
        storage.read(tmp_path, path.name)


def test_a_damaged_file_is_neither_given_nor_mended(tmp_path):
    sha256 = storage.store(tmp_path, b"paper")
    storage.path_of(tmp_path, sha256).write_bytes(b"pager")
    with pytest.raises(storage.StorageError, match="damaged"):
        storage.read(tmp_path, sha256)
    with pytest.raises(storage.StorageError, match="damaged"):
        storage.store(tmp_path, b"paper")
    assert storage.path_of(tmp_path, sha256).read_bytes() == b"pager"


def test_a_failed_write_leaves_nothing(tmp_path, monkeypatch):
    def full(_handle: int) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="no space"):
        storage.store(tmp_path, b"paper")
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_file_is_written_whole_or_not_at_all(tmp_path, monkeypatch):
    path = tmp_path / "note.json"
    storage.write_whole(path, b"old")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600

    def full(_handle):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(storage.os, "fsync", full)
        with pytest.raises(OSError, match="No space left"):
            storage.write_whole(path, b"new and longer")
    assert path.read_bytes() == b"old"
    with pytest.raises(FileExistsError):
        storage.write_whole(path, b"new", replace=False)
    assert path.read_bytes() == b"old"
    storage.write_whole(path, b"new")
    assert path.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [path]


def test_nothing_that_stays_is_written_in_halves():
    """What others read is written by :func:`storage.write_whole` or the like; these write what nobody reads yet."""
    own = {"infra/backup.py": 1, "exchange/files.py": 1}
    found = {}
    for path in sorted((ROOT / "registry").rglob("*.py")):
        writes = re.findall(r"\.write_(?:bytes|text)\(", path.read_text(encoding="utf-8"))
        if writes:
            found[str(path.relative_to(ROOT / "registry"))] = len(writes)
    assert found == own
