"""What the machine gives: how many processes work at once, and how much memory one may take."""

from __future__ import annotations

import os
import resource

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
