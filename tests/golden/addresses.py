"""The pages and files that are kept. ``{name}`` stands for the id of a record of :mod:`tests.golden.world`."""

from __future__ import annotations

from tests.golden.world import OWN


def _listed(name: str) -> list[str]:
    return (OWN / f"{name}.txt").read_text(encoding="utf-8").split()


PAGES = _listed("pages")
"""What each account opens."""

PUBLIC = _listed("public")
"""What somebody opens who is not signed in."""

FILES = _listed("files")
"""Files that staff and a resident take away."""
