"""How much memory a process may take."""

from __future__ import annotations

import resource


def bound(limit: int) -> None:
    """Let this process and those it starts take at most so many bytes of address space."""
    hard = resource.getrlimit(resource.RLIMIT_AS)[1]
    limit = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
