"""Drawing an audit sample: the same size and seed give the same list to everybody, with a pocket of arithmetic only.

Each item of the population has a key. The rank of an item is the SHA-256 of the seed, a line feed and the key; the
items with the lowest ranks are drawn, in the order of their ranks. Whoever asks for a larger sample with the same seed
therefore gets the smaller one first. Keys hold no personal data: register numbers, not IINs. No database, no clock.
"""

from __future__ import annotations

import enum
import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

from registry.errors import DomainError
from registry.infra.i18n import lazy

LARGEST = 10_000
"""Items a sample may have at most."""

LONGEST_SEED = 40
"""Letters of a seed at most."""

Item = TypeVar("Item")


class Population(enum.StrEnum):
    """What is drawn from."""

    RESIDENTS = "residents"
    LINES = "lines"


POPULATION_NAMES: dict[str, object] = {
    Population.RESIDENTS: lazy("Participants on the paper's day"),
    Population.LINES: lazy("Lines of accepted reports of the period"),
}


@dataclass(frozen=True, slots=True)
class Sampling:
    """How a sample is drawn: from what, how many items, with which seed."""

    of: Population
    size: int
    seed: str

    @property
    def text(self) -> str:
        """The whole of it in one line, as it is kept with the request: ``residents:25:spring``."""
        return f"{self.of}:{self.size}:{self.seed}"

    @classmethod
    def read(cls, text: str) -> Sampling:
        """What :attr:`text` wrote."""
        of, size, seed = text.split(":", 2)
        return cls(Population(of), int(size), seed)


def sampling(of: str | None, size: int | None, seed: str | None) -> Sampling:
    """Check how a sample is asked for.

    :raises DomainError: for a population there is not, a size outside 1–10 000, and a seed that is empty, longer than
        40 letters or holds what cannot be read from paper.
    """
    try:
        population = Population(of or "")
    except ValueError:
        raise DomainError(lazy("A sample is drawn from participants or from lines."), "of") from None
    if size is None or not 1 <= size <= LARGEST:
        raise DomainError(lazy("The size of a sample is a number from 1 to %(most)s.", most=LARGEST), "size")
    seed = " ".join((seed or "").split())
    if not 1 <= len(seed) <= LONGEST_SEED or not seed.isprintable():
        raise DomainError(
            lazy("A seed is a word or number of at most %(most)s letters; it is printed.", most=LONGEST_SEED), "seed"
        )
    return Sampling(population, size, seed)


def rank(seed: str, key: str) -> str:
    """The rank of an item: SHA-256 in hexadecimal digits."""
    return hashlib.sha256(f"{seed}\n{key}".encode()).hexdigest()


def draw(items: Iterable[Item], key: Callable[[Item], str], asked: Sampling) -> list[tuple[str, Item]]:
    """The items drawn, each with its rank, in the order of their ranks; all of them where there are fewer."""
    return sorted(((rank(asked.seed, key(item)), item) for item in items), key=lambda pair: pair[0])[: asked.size]


def fingerprint(keys: Iterable[str]) -> str:
    """SHA-256 of the keys in code-point order, one a line: whoever draws again can tell the population is the same."""
    return hashlib.sha256("\n".join(sorted(keys)).encode()).hexdigest()
