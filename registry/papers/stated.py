"""What an issued paper states, for whoever compares it with the sheet in hand: read from its own snapshot."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from registry.infra.db import db
from registry.paper_kinds import kinds, words
from registry.paper_kinds import snapshots as s
from registry.paper_kinds.kind import PaperKind
from registry.papers.models import DocumentAct


@dataclass(frozen=True, slots=True)
class Stated:
    """What a paper prints of its kind and scope, the number of entries and the sum of money (in tiyn) it states.

    ``territory`` is None where it is about all. ``word`` is what the territory calls its members; empty for a paper of
    all. ``holder`` is whom a paper about one entry is about; a person's IIN is masked in it. None for all others.
    """

    kind: PaperKind
    territory: s.Text | None
    word: str
    holder: s.Who | None
    rows: int | None
    total: int | None

    def title(self, language: str) -> str:
        """The title of the paper in a language."""
        return self.kind.title(language, of_all=self.territory is None, word=self.word)

    def scope(self, language: str) -> str:
        """The territory as the paper in a language calls it, or all of them."""
        if self.territory is None:
            return words.say(words.SHARED, "all_territories", language)
        return self.territory.speak(language)


def stated(act: DocumentAct) -> Stated:
    """What the papers of an act state, whatever their language."""
    return _stated(act.id, act.data_hash)


@lru_cache(maxsize=256)
def _stated(act_id: int, _data_hash: str) -> Stated:
    """Kept, since a snapshot never changes and the public page of a long register would read it all each time."""
    snapshot = kinds.load(db.session.get_one(DocumentAct, act_id).snapshot)
    kind = kinds.KINDS[snapshot.kind]
    territory = snapshot.scope.territory
    entry = getattr(snapshot.body, "entry", None)
    return Stated(
        kind=kind,
        territory=territory.name if territory else None,
        word=territory.word if territory else "",
        holder=entry.who if kind.of_one_resident and entry is not None else None,
        rows=kinds.rows(snapshot),
        total=kind.total(snapshot.body) if kind.total is not None else None,
    )
