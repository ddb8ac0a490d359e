"""What the machine gives: how many processes work at once, and how much memory one may take."""

from __future__ import annotations

import os
import resource
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

MOST_PROCESSES = 4
"""Processes side by side by default at most, one for each core: each holds the program in memory."""


def cores() -> int:
    """How many processes can be at work at once, at most :data:`MOST_PROCESSES`."""
    return min(len(os.sched_getaffinity(0)), MOST_PROCESSES)


def bound(limit: int) -> None:
    """Let this process and those it starts take at most so many bytes of address space."""
    hard = resource.getrlimit(resource.RLIMIT_AS)[1]
    limit = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


def whole(own: Path = Path("/proc/self/cgroup"), groups: Path = Path("/sys/fs/cgroup")) -> int:
    """Bytes of memory that the machine has, or that a container or service may take of it (cgroups, version 2)."""
    found = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    for limit in _limits(own, groups):
        # "max" is none.
        with suppress(OSError, ValueError):
            found = min(found, int(limit.read_text(encoding="ascii")))
    return found


def _limits(own: Path, groups: Path) -> Iterator[Path]:
    """Where the limits of this process's group and of those around it stand."""
    with suppress(OSError):
        for line in own.read_text(encoding="utf-8").splitlines():
            _number, controllers, path = line.split(":", 2)
            if not controllers:
                group = groups / path.strip("/")
                yield from (each / "memory.max" for each in (group, *group.parents) if each.is_relative_to(groups))
