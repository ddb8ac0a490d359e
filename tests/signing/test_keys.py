"""Key files are whole: half of one is never read as a key, and what can be made again is."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from registry.infra import storage
from registry.signing import keys


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    keys.create(tmp_path)
    return tmp_path


def public_file(folder: Path) -> Path:
    return folder / keys.PUBLIC_KEYS / f"{keys.present(folder)}.pem"


def test_half_a_public_key_is_written_anew_and_breaks_no_check(folder: Path) -> None:
    name, signature = keys.present(folder), keys.sign(folder, b"message")
    whole = public_file(folder).read_bytes()
    other = folder / "other"
    keys.create(other)
    for content in (b"", whole[:40], whole[:-30], b"\xff\xfe", public_file(other).read_bytes()):
        public_file(folder).write_bytes(content)
        assert keys.signer(folder, b"message", signature) is None
        assert keys.damaged(folder) == [public_file(folder)]
        keys.create(folder)
        assert public_file(folder).read_bytes() == whole
        assert keys.signer(folder, b"message", signature) == name
        assert keys.damaged(folder) == []


def test_half_of_an_old_key_hinders_no_check_by_the_others(folder: Path) -> None:
    old, damaged = keys.present(folder), public_file(folder)
    keys.rotate_signing(folder)
    damaged.write_bytes(b"")
    assert keys.signer(folder, b"message", keys.sign(folder, b"message")) == keys.present(folder)
    assert old not in keys.public_keys(folder)
    assert keys.damaged(folder) == [damaged]


def test_half_a_session_secret_is_none(folder: Path) -> None:
    whole = keys.session_secret(folder)
    assert keys.session_secret(folder) == whole
    for content in ("", whole[:20]):
        (folder / keys.SESSION_SECRET).write_text(content)
        made = keys.session_secret(folder)
        assert len(made) == 64
        assert made != whole
        assert keys.session_secret(folder) == made


def test_a_machine_that_stops_leaves_no_half_of_a_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing stands under its name before all of it is on the disk."""

    def stops(_handle: int) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(storage.os, "fsync", stops)
        with pytest.raises(KeyboardInterrupt):
            keys.create(tmp_path)
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == []
    keys.create(tmp_path)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    assert len(before) == 3
    with monkeypatch.context() as patched:
        patched.setattr(storage.os, "fsync", stops)
        for rotate in (keys.rotate_session, keys.rotate_signing):
            with pytest.raises(KeyboardInterrupt):
                rotate(tmp_path)
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before
    assert all(stat.S_IMODE(path.stat().st_mode) == 0o600 for path in before)


def test_the_second_of_two_that_make_keys_takes_those_of_the_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = keys.write_whole

    def overtaken(path: Path, content: bytes, *, replace: bool = True) -> None:
        with monkeypatch.context() as patched:
            patched.setattr(keys, "write_whole", first)
            keys.create(tmp_path)
        first(path, content, replace=replace)

    monkeypatch.setattr(keys, "write_whole", overtaken)
    secret = keys.session_secret(tmp_path)
    monkeypatch.undo()
    assert keys.session_secret(tmp_path) == secret
    assert keys.public_keys(tmp_path).keys() == {keys.present(tmp_path)}
