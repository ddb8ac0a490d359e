"""Drawing an audit sample: with the same population, size and seed anybody gets the same list, without this program.

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
"""How many items a sample may have at most."""

LONGEST_SEED = 40
"""How many letters a seed may have at most."""

Item = TypeVar("Item")


class Population(enum.StrEnum):
    """What a sample is drawn from."""

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
        """How the sample is drawn, in one line, as it is stored with the request: ``residents:25:spring``."""
        return f"{self.of}:{self.size}:{self.seed}"

    @classmethod
    def read(cls, text: str) -> Sampling:
        """The reverse of :attr:`text`.

        :raises ValueError: for a text that :attr:`text` did not make.
        """
        of, size, seed = text.split(":", 2)
        return cls(Population(of), int(size), seed)


def sampling(of: str | None, size: int | None, seed: str | None) -> Sampling:
    """Check what was asked for; runs of white space in the seed become one space.

    :raises DomainError: for an unknown population, a size outside 1 to :data:`LARGEST`, and a seed that is empty, has
        more than :data:`LONGEST_SEED` letters or has characters that cannot be printed.
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
    """The rank of an item: SHA-256 of seed, line feed and key, as 64 hexadecimal digits."""
    return hashlib.sha256(f"{seed}\n{key}".encode()).hexdigest()


def draw(items: Iterable[Item], key: Callable[[Item], str], asked: Sampling) -> list[tuple[str, Item]]:
    """The items drawn, each with its rank, in the order of their ranks; all of them where there are too few."""
    return sorted(((rank(asked.seed, key(item)), item) for item in items), key=lambda pair: pair[0])[: asked.size]


def fingerprint(keys: Iterable[str]) -> str:
    """SHA-256 of the keys in code-point order, one on each line.

    By it, anybody who draws again can tell whether the population is the same.
    """
    return hashlib.sha256("\n".join(sorted(keys)).encode()).hexdigest()
