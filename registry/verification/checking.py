"""Whether a paper is what it claims: printed again from its snapshot, or compared with the issued ones."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import date

from registry.infra.i18n import format_date, lazy
from registry.paper_kinds.kinds import KINDS
from registry.paper_kinds.rules import Period
from registry.papers import queries
from registry.papers.issuing import Draft, Given, identity_of, lay_out, settings, sign
from registry.papers.models import Document
from registry.papers.requests import Order
from registry.papers.rules import Validity
from registry.printing import embedded_data, rendering
from registry.printing.embedded_data import MadeWith
from registry.signing import keys, offline_token, signature


def compare(document: Document) -> object | None:
    """Print a paper again from its snapshot: None when the bytes are those stored, else in words what differs.

    The public address, the programs named inside and the key are those the paper was made with, not the present ones.

    :raises StorageError: when the stored file is missing or damaged.
    """
    stored = queries.get_bytes(document)
    act = document.act
    draft = Draft(act.snapshot, act.data_hash, act.chain_sequence, act.chain_hash)
    wanted = Order(
        KINDS[act.kind],
        document.language,
        Period(act.as_of, act.report_year, act.report_quarter, act.since),
        act.territory,
        None,
    )
    code, given = document.code, Given(act.number, act.issued_on)
    inside = queries.data_file(document, embedded_data.JSON_NAME).content
    made_with = MadeWith.read(inside)
    # The cache that the paper came from would say again what it said then.
    printed = lay_out(wanted, draft, None, embedded_data.signed(inside), afresh=True)
    signing = offline_token.repeating(stored, _signer, sign)
    identity = identity_of(wanted, given, draft, code, printed, signing)
    identity = replace(identity, address=embedded_data.address(inside))
    if signature.is_printed(stored, printed.stamp(identity, made_with, signing)):
        return None
    if made_with.look != str(rendering.LOOK):
        return lazy(
            "The stored file is whole. It was made with look %(then)s of papers; the program prints look %(now)s now, "
            "so the paper cannot be printed again byte for byte.",
            then=made_with.look,
            now=rendering.LOOK,
        )
    then, now = made_with.versions, rendering.versions()
    changed = [name for name in sorted({*then, *now} - {"look", "template"}) if then.get(name) != now.get(name)]
    if changed:
        programs = "; ".join(f"{name} {then.get(name)} → {now.get(name)}" for name in changed)
        return lazy("The bytes differ, as do the programs: %(programs)s.", programs=programs)
    return lazy("The bytes differ from the stored file.")


def _signer(message: bytes, made: bytes) -> str | None:
    return keys.signer(settings().keys_dir, message, made)


@dataclass(frozen=True)
class Verdict:
    """Whether bytes are an issued paper, unchanged and still valid; ``reason`` says in words why not."""

    valid: bool
    number: str | None
    status: str
    reason: object
    document: Document | None = None


def verify(data: bytes, today: date) -> Verdict:
    """Compare a file with the issued papers.

    ``status`` is ``valid``, ``replaced``, ``revoked`` or ``unknown``.
    """
    document = queries.by_hash(hashlib.sha256(data).hexdigest())
    if document is None:
        return Verdict(
            False, None, "unknown", lazy("This file is not a paper issued here, or it was changed after its issue.")
        )
    held = queries.validity(document, today)
    if not held.is_valid:
        return Verdict(False, document.number, str(held.state), why_revoked(held), document)
    return Verdict(True, document.number, str(held.state), lazy("This is the issued paper, unchanged."), document)


def why_revoked(held: Validity) -> object:
    """Why a paper does not hold, in words; nothing for one that does."""
    day = format_date(held.since)
    if held.reason == "replaced":
        return lazy(
            "The paper was replaced by № %(number)s on %(day)s. Reason: %(reason)s",
            number=held.replaced_by,
            day=day,
            reason=held.note,
        )
    if held.reason == "revoked":
        return lazy("The paper was revoked on %(day)s. Reason: %(reason)s", day=day, reason=held.note)
    if held.reason == "annulled":
        return lazy("The paper is revoked: the entry it is about was annulled as recorded in error.")
    if held.reason == "excluded":
        return lazy(
            "The certificate is revoked: its holder was excluded from the register on %(day)s.",
            day=day,
        )
    return ""
