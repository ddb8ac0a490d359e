"""Rules of the patent register: fields, holders, terms and fees, and what counts for indicator 6. Plain Python."""

from __future__ import annotations

import enum
import re
from calendar import monthrange
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any, Protocol

from registry.infra import fields
from registry.infra.fields import Changed, Problem, names
from registry.infra.i18n import lazy
from registry.infra.identifiers import (
    bins_in,
    canonical_application,
    canonical_bin,
    canonical_number,
    canonical_title,
    is_surrogate,
    mistyped_bin,
    with_bins_together,
    words_beside_bin,
)
from registry.infra.numbers import parse_hundredths, shortest_hundredths
from registry.infra.text import search_text, sort_key
from registry.journal.rules import Act, Action, State
from registry.patents.fields import PATENT, PATENT_EVENT
from registry.reference.rules import OFFICES
from registry.territories.rules import bin_problem, is_iin, lost_digits

FIELDS = names(PATENT)
"""What the journal keeps of a patent."""

KEY_FIELDS = names(PATENT, Changed.NEVER)
"""Never amended: a patent of another office or kind is another record, and a wrong one is annulled."""

GRANT_FIELDS = names(PATENT, Changed.LATER)
"""What the grant adds to an application."""

AMENDABLE = tuple(name for name in FIELDS if name not in KEY_FIELDS)

_IPC = re.compile(r"[A-H][0-9]{2}[A-Z]\s?[0-9]{1,4}/[0-9]{2,6}(?:\s?\([0-9]{4}\.[0-9]{2}\))?")
_WHOLE = 10_000
"""A whole in hundredths of a per cent."""


LATER_EVENTS = frozenset({"fee_paid", "lapsed", "restored", "licensed", "annulled"})
"""Events the exchange format names already and the register does not keep yet (``exchange.md`` 6)."""

EVENT_FIELDS = ("patent_id", *names(PATENT_EVENT))
"""What the journal keeps of an event."""


class Status(enum.StrEnum):
    """Where a patent stands on a day; derived from its dates, never stored."""

    FILED = "filed"
    GRANTED = "granted"
    IN_FORCE = "in_force"
    EXPIRED = "expired"
    ANNULLED = "annulled"


# --- holders ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Holder:
    """One holder: a company or person by ``bin``, or an outsider by ``name``.

    ``share`` is in hundredths of a per cent, None where it is not stated.
    """

    bin: str | None
    name: str | None
    share: int | None = None

    @property
    def label(self) -> str:
        return self.bin or self.name or ""


_NUMBER = 12
"""Digits of a BIN or IIN."""


def holder_named(label: str, share: int | None = None) -> Holder:
    """The holder kept as ``label``: twelve digits in it are read as a BIN or IIN, all else is an outsider's name.

    Digits alone are meant as a number however many they are; what is wrong with it is :func:`holder_problem`'s. A
    surrogate number stands for a participant without either.
    """
    if len(label) == _NUMBER and label.isascii() and label.isdigit():
        return Holder(label, None, share)  # as nearly all are written
    found = [whole] if is_surrogate(whole := canonical_bin(label)) else bins_in(label)
    number = found[0] if len(found) == 1 else label if label.isascii() and label.isdigit() else None
    return Holder(number, None if number else label, share)


def holder_typed(label: str, share: int | None = None) -> Holder:
    """The holder typed as ``label``, whose BIN may stand in groups with any signs between them.

    What is on record already was read by :func:`holder_named` alone and keeps the meaning it had.
    """
    return holder_named(label if lost_digits(label, _NUMBER) else with_bins_together(label), share)


def read_otherwise(text: str | None) -> list[tuple[str, str]]:
    """The parts of a list of holders read as a BIN that say more than it, each with the number."""
    try:
        holders = [(part.rpartition("=")[0] or part, typed_holders(part)) for part in (text or "").split(";")]
    except ValueError:
        return []
    return [
        (written.strip(), found[0].bin)
        for written, found in holders
        if found and found[0].bin and written.strip() != found[0].bin
    ]


def parse_holders(text: str | None, *, named: Callable[[str, int | None], Holder] = holder_named) -> tuple[Holder, ...]:
    """Read ``BIN=60%;Name`` in the order given (``exchange.md`` 2), as it is on record.

    :raises ValueError: with a message, for a share that cannot be read; numbers and sums are :func:`holders_problem`'s.
    """
    holders = []
    for part in (text or "").split(";"):
        label, equals, share = (piece.strip() for piece in part.rpartition("="))
        if not equals:
            label, share = share, ""
        if not label and not share:
            continue
        hundredths = None
        if equals:
            number = share.removesuffix("%").rstrip()
            try:
                hundredths = parse_hundredths(number if share.endswith("%") else "")
            except ValueError:
                raise ValueError(
                    lazy("%(share)s is not a share; write it as 60%% or 33.33%%", share=share or label)
                ) from None
        if not label:
            raise ValueError(lazy("a share of %(share)s%% stands without a holder", share=share.removesuffix("%")))
        holders.append(named(label, hundredths))
    return tuple(holders)


def typed_holders(text: str | None) -> tuple[Holder, ...]:
    """The same of a list as somebody typed it.

    :raises ValueError: besides, for a share beside a BIN without the sign for it, which would be lost.
    """

    def named(label: str, share: int | None) -> Holder:
        holder = holder_typed(label, share)
        if problem := share_beside(label, holder):
            raise ValueError(problem)
        return holder

    return parse_holders(text, named=named)


_BETWEEN_NAMES = re.compile(r"[,\n+&/]|\s(?:и|және|мен|пен|бен|and)\s", re.IGNORECASE)


def names_in(text: str | None) -> list[tuple[str, str | None, bool]]:
    """The names that stand in a list of holders as typed, and may be those of participants.

    Each with the BIN its part is read as, where it is, and whether it is the whole part: several may stand in one.
    Empty for a list that cannot be read.
    """
    found: list[tuple[str, str | None, bool]] = []

    def named(label: str, share: int | None) -> Holder:
        holder = holder_typed(label, share)
        words = words_beside_bin(label) if holder.bin else label
        pieces = [piece.strip() for piece in _BETWEEN_NAMES.split(words)]
        names = dict.fromkeys([words, *pieces] if len(pieces) > 1 else [words])
        found.extend((name, holder.bin, holder.bin is None and name == label) for name in names if name)
        return holder

    try:
        parse_holders(text, named=named)
    except ValueError:
        return []
    return found


def has_words_beside(label: str) -> bool:
    """Whether a part that is read as a BIN alone says more than the number."""
    return any(sign.isalpha() for sign in words_beside_bin(label))


_SHARE_BESIDE = re.compile(r"[0-9]+(?:[.,][0-9]+)?\s*%")


def share_beside(label: str, holder: Holder) -> object | None:
    """What is wrong with a label that is read as a BIN alone and names a share too."""
    beside = _SHARE_BESIDE.search(words_beside_bin(label)) if holder.bin else None
    if beside is None:
        return None
    return lazy(
        "%(typed)s: the share %(share)s stands beside the BIN and would be lost; enter the share as one, in a file as"
        " %(bin)s=60%%",
        typed=label,
        share=beside[0],
        bin=holder.bin,
    )


def print_holders(holders: Iterable[Holder]) -> str:
    """The one way holders are written: in their order, separated by ``;``, shares without trailing zeros."""
    return ";".join(
        holder.label + ("" if holder.share is None else f"={shortest_hundredths(holder.share)}%") for holder in holders
    )


def canonical_holders(text: str | None) -> str | None:
    """``text`` as typed written the one way, or as it is where it cannot be read."""
    try:
        return print_holders(typed_holders(text)) or None
    except ValueError:
        return text


def holder_problem(holder: Holder) -> object | None:
    """What is wrong with one holder: its number, or a share that is nothing or more than the whole."""
    problem = bin_problem(holder.bin) if holder.bin else _name_problem(holder.label)
    if problem is None and holder.share is not None and not 0 < holder.share <= _WHOLE:
        return lazy("the share of %(holder)s must be more than 0%% and at most 100%%", holder=holder.label)
    return problem


def _name_problem(name: str) -> object | None:
    numbers = bins_in(name)
    if len(numbers) > 1:
        return lazy("several BINs stand in one holder (%(bins)s); name each by itself", bins=", ".join(numbers))
    if problem := lost_digits(name, _NUMBER):
        return problem
    if mistyped := mistyped_bin(name):
        return lazy("%(number)s has letters among its digits; type the BIN anew, in digits alone", number=mistyped)
    number = canonical_bin(name)
    return bin_problem(number) if number.isascii() and number.isdigit() else None


def holders_problem(text: str | None) -> object | None:
    """What is wrong with a list of holders: numbers, shares, their sum, or the same holder twice."""
    try:
        holders = typed_holders(text)
    except ValueError as error:
        return error.args[0]
    if not holders:
        return lazy("this field is required")
    for holder in holders:
        problem = holder_problem(holder)
        if problem:
            return problem
    seen = set()
    for holder in holders:
        if holder.label.casefold() in seen:
            return lazy("%(holder)s is named twice", holder=holder.label)
        seen.add(holder.label.casefold())
    shares = [holder.share for holder in holders if holder.share is not None]
    total = sum(shares)
    # Thirds and sixths written with two decimals miss the whole by half a hundredth each.
    rounding = len(shares) // 2
    if total > _WHOLE + rounding:
        return lazy("the shares add up to %(total)s%%, more than 100%%", total=shortest_hundredths(total))
    if len(shares) == len(holders) and total < _WHOLE - rounding:
        return lazy("the shares add up to %(total)s%% and not to 100%%", total=shortest_hundredths(total))
    return None


# --- holders over time ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Transfer:
    """The complete list of holders from ``event_on`` on.

    ``event_id`` is None for an amendment of the record itself that holds after its registration: so holders were
    changed before transfers were acts of their own; ``sequence`` is that act's.
    """

    event_on: date
    holders: str
    document_no: str | None = None
    event_id: int | None = None
    sequence: int | None = None


@dataclass(frozen=True, slots=True)
class HoldersOverTime:
    """Who holds a patent: ``registered`` from its registration (an application: now), then by each transfer in turn."""

    registered: str
    transfers: tuple[Transfer, ...] = ()

    def on(self, day: date) -> str:
        """The holders on a day; before the registration those of it."""
        return self._last(transfer for transfer in self.transfers if transfer.event_on <= day)

    @property
    def latest(self) -> str:
        return self._last(self.transfers)

    def transfer_of(self, day: date) -> Transfer | None:
        """What changed the holders from exactly this day on."""
        return next((transfer for transfer in self.transfers if transfer.event_on == day), None)

    def is_idle(self, transfer: Transfer) -> bool:
        """Whether the transfer leaves the holders as they were."""
        earlier = self._last(other for other in self.transfers if other.event_on < transfer.event_on)
        return same_holders(earlier, transfer.holders)

    def bins(self) -> frozenset[str]:
        """The numbers of all who hold or held the patent."""
        texts = [self.registered, *(transfer.holders for transfer in self.transfers)]
        return frozenset(holder.bin for text in texts for holder in parse_holders(text) if holder.bin)

    def written(self, write: Callable[[str], str]) -> HoldersOverTime:
        """The same with every list of holders written another way."""
        transfers = tuple(replace(transfer, holders=write(transfer.holders)) for transfer in self.transfers)
        return HoldersOverTime(write(self.registered), transfers)

    def _last(self, transfers: Iterable[Transfer]) -> str:
        text = self.registered
        for transfer in transfers:
            text = transfer.holders
        return text


def holders_over_time(
    registered_on: date | None, acts: Sequence[Act], transfers: Iterable[Transfer]
) -> HoldersOverTime:
    """Put the acts on a record and its events together.

    ``acts`` are those on the record in the order of the fold. Of the holders they set, the ones effective by the
    registration are those of its day; later ones are transfers, unless they change nothing. On one day an event counts
    and not an amendment. Where the day of registration was told with the holders of it, what stands before that in the
    journal was of the application, whatever its day.
    """
    superseded = _superseded(acts) if registered_on else ()
    registered, amended = "", {}
    for number, act in enumerate(acts):
        if "holders" not in act.values or act.sequence in superseded:
            continue
        # Holders that name a person may have been erased from the journal; the record stays, without them.
        text = act.values["holders"] or ""
        if number == 0 or registered_on is None or act.effective_on <= registered_on:
            registered = text
        else:
            amended[act.effective_on] = Transfer(act.effective_on, text, sequence=act.sequence)
    found: list[Transfer] = []
    by_day = amended | {transfer.event_on: transfer for transfer in transfers}
    for _day, transfer in sorted(by_day.items()):
        before = found[-1].holders if found else registered
        if transfer.event_id is not None or not same_holders(before, transfer.holders):
            found.append(transfer)
    return HoldersOverTime(registered, tuple(found))


def registered_anew(registered_on: date, acts: Sequence[Act]) -> HoldersOverTime:
    """What becomes of the holders of an application that is registered, by the acts on it alone.

    One that was registered before, which was taken back, keeps the holders of that registration.
    """
    creator = acts[0]
    dated = [replace(act, effective_on=registered_on) if "registered_on" in act.values else act for act in acts]
    dated.sort(key=lambda act: (act.sequence != creator.sequence, act.effective_on, act.sequence))
    return holders_over_time(registered_on, dated, ())


def _superseded(acts: Sequence[Act]) -> Collection[int]:
    """The acts whose holders were those of an application, by sequence: told before the day of registration was told
    together with the holders of that day. One that somebody corrected as the transfer it was shown as stays one.
    """
    registration = next((act for act in acts if "registered_on" in act.values), None)
    if registration is None:
        return ()
    together = [item.sequence for item in registration.told if {"registered_on", "holders"} <= item.fields]
    return {
        act.sequence
        for act in acts
        if act is not registration
        and act.sequence < max(together, default=0)
        and not any(item.action == Action.PATENT_EVENT_CORRECTED for item in act.told)
    }


def same_holders(one: str | None, other: str | None) -> bool:
    """Whether two lists name the same holders with the same shares, in whatever order."""
    try:
        return frozenset(parse_holders(one)) == frozenset(parse_holders(other))
    except ValueError:
        return one == other


class Titled(Protocol):
    """A patent as a transfer sees it."""

    @property
    def title_no(self) -> str | None: ...
    @property
    def registered_on(self) -> date | None: ...


def untitled() -> object:
    """Why a patent without a title number cannot be transferred: files name the transfer by it."""
    return lazy("this patent has no number of the title of protection; enter it first, then the transfer")


def transfer_problems(patent: Titled, event_on: date | None, holders: str | None) -> list[Problem]:
    """Everything the register refuses in a transfer, in the order of the fields."""
    registered_on = patent.registered_on
    found: list[Problem] = []
    if registered_on is None:
        found.append(
            ("title_no", lazy("this patent has no date of registration; amend the holders of the application"))
        )
    elif not patent.title_no:
        found.append(("title_no", untitled()))
    if registered_on and event_on and event_on <= registered_on:
        found.append(
            ("event_on", lazy("a transfer is later than the registration; holders of that day stand in the record"))
        )
    if event_on is None:
        found.append(("event_on", lazy("this field is required")))
    problem = holders_problem(holders)
    return [*found, ("holders", problem)] if problem else found


# --- the state tables -------------------------------------------------------------------------------------------------


def number_keys(values: Mapping[str, Any]) -> dict[str, str | None]:
    """The key columns of a patent: its numbers in the canonical form."""
    office, title, application = (values.get(name) for name in ("office", "title_no", "application_no"))
    return {
        "title_key": canonical_title(title, office or "") if title else None,
        "application_key": canonical_application(application, office or "") if application else None,
    }


def keys_of(number: str) -> tuple[str, str]:
    """The canonical forms that a number has as a title's and as an application's, by the office it names or ours."""
    bare = canonical_number(number)
    office = bare[:2] if bare[:2] in OFFICES else "KZ"
    return canonical_title(number, office), canonical_application(number, office)


_WHOLE_NUMBER = re.compile(r"[0-9]{4,6}|[0-9]{9}|[0-9]{4}/[0-9]+(?:\.[0-9]+)?")


def searched(search: str) -> str:
    """What to look for: a search for one number with an office's prefix or a kind code means the number alone."""
    bare = canonical_number(search)
    if re.fullmatch(r"[0-9/.]*", bare):
        return search
    return next((form for form in keys_of(search) if _WHOLE_NUMBER.fullmatch(form)), search)


SEARCHED = ("name_kk", "name_ru", "name_en", "title_no", "application_no", "ipc", "holders")
"""What a search looks into; of holders the names, since not every reader may see each BIN."""


def search_columns(values: Mapping[str, Any]) -> dict[str, str]:
    """Keys that stand beside the names: SQLite's LIKE and every database's default order fail Kazakh."""
    any_name = values.get("name_ru") or values.get("name_kk") or ""
    return {
        "sort_kk": sort_key(values.get("name_kk") or any_name),
        "sort_ru": sort_key(any_name),
        "sort_en": sort_key(values.get("name_en") or any_name),
        "search": search_text(
            *(values.get(name) for name in SEARCHED if name != "holders"), *_outsiders(values.get("holders"))
        ),
    }


def _outsiders(holders: str | None) -> list[str]:
    try:
        return [holder.name for holder in parse_holders(holders) if holder.name]
    except ValueError:
        return []


def state_on(own: State, parts: Mapping[str, Sequence[Mapping[str, Any]]], day: date) -> dict[str, Any]:
    """A row of the state table: fields, holders, status and fees of a day, and what lists need.

    ``amended_by`` is the act on the record itself that brought the holders, where it was no event.
    """
    events = [
        Transfer(item["event_on"], item["holders"] or "", item.get("document_no"), item["id"])
        for item in parts["patent_event"]
    ]
    over_time = holders_over_time(own.values.get("registered_on"), own.acts, events)
    last = over_time.transfers[-1] if over_time.transfers else None
    fields: dict[str, Any] = {**{name: own.values.get(name) for name in FIELDS}, "holders": over_time.latest}
    patent = SimpleNamespace(**fields)
    return {
        **fields,
        **search_columns(fields),
        "registered_holders": over_time.registered,
        "amended_by": last.sequence if last else None,
        "status": str(status_on(patent, day)),
        "expires_on": expires_on(patent),
        **_fee_columns(patent),
    }


def turning_days(values: Mapping[str, Any]) -> list[date | None]:
    """The days on which a patent's status changes by itself: registered, published, its term over."""
    last: date | None = values["expires_on"]
    return [values["registered_on"], values["published_on"], last and last + timedelta(days=1)]


def event_on(own: State, _parts: Mapping[str, Sequence[Mapping[str, Any]]], _day: date) -> dict[str, Any]:
    """A row of the events' state table."""
    return {name: own.values.get(name) for name in EVENT_FIELDS}


def holder_rows(values: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The holders a row of the state table names, as rows of their own."""
    return [
        {"position": number, "bin": holder.bin, "name": holder.name, "share": holder.share}
        for number, holder in enumerate(parse_holders(values["holders"]), start=1)
    ]


def _fee_columns(patent: Dated) -> dict[str, Any]:
    """What :func:`next_fee_on` rests on, for a database: the first payment, and the yearly day as month and day."""
    pair, published = (patent.office, patent.kind), patent.published_on
    paid = patent.registered_on is not None and published is not None
    yearly = paid and pair in _FEES_AFTER_PUBLICATION | _FEES_ON_ANNIVERSARIES
    return {
        "first_fee_on": _two_months_after(published)
        if published and yearly and pair in _FEES_AFTER_PUBLICATION
        else None,
        "fee_day": 100 * patent.filed_on.month + patent.filed_on.day if yearly else None,
    }


# --- IPC -------------------------------------------------------------------------------------------------------------


def ipc_symbols(text: str | None) -> tuple[str, ...]:
    """The symbols of a list separated by ``;``; the first is the main one."""
    return tuple(symbol for part in (text or "").split(";") if (symbol := part.strip()))


def ipc_problem(text: str | None) -> object | None:
    """The first symbol not of the form in ``domain.md`` 3.7."""
    for symbol in ipc_symbols(text):
        if not _IPC.fullmatch(symbol):
            return lazy("%(symbol)s is not an IPC symbol such as A61K 51/00", symbol=symbol)
    return None


# --- the whole record ------------------------------------------------------------------------------------------------


def normalised(values: Mapping[str, Any]) -> dict[str, Any]:
    """``values`` with holders and symbols written the one way, and empty texts as None."""
    clean = {name: (value or None) if isinstance(value, str) else value for name, value in values.items()}
    if clean.get("holders"):
        clean["holders"] = canonical_holders(clean["holders"])
    if clean.get("ipc"):
        clean["ipc"] = ";".join(ipc_symbols(clean["ipc"])) or None
    return clean


def problems(
    values: Mapping[str, Any],
    on: date,
    is_valid: Callable[[str, str, date], bool],
    *,
    check_kind: bool = True,
) -> list[Problem]:
    """Everything the register refuses in a patent's fields, in the order of the fields.

    ``on`` is the day the kind must be valid; ``is_valid(dictionary, code, day)`` asks the dictionaries.
    ``check_kind`` is False for an amendment, which does not stumble over an old kind it keeps.
    """
    found = fields.problems(PATENT, values, on, is_valid, check_codes=None if check_kind else ())
    office = values.get("office")
    if office and office not in OFFICES:
        found.append(("office", lazy("%(code)s is not a code of a patent office such as KZ, EA or WO", code=office)))
    if not values.get("title_no") and not values.get("application_no"):
        found.append(("application_no", lazy("give the number of the title of protection or of the application")))
    found += _dates_problems(values)
    if values.get("ipc"):
        problem = ipc_problem(values["ipc"])
        if problem:
            found.append(("ipc", problem))
    if not values.get("name_kk") and not values.get("name_ru"):
        found.append(("name_kk", lazy("give the name in Kazakh or in Russian")))
    if values.get("holders"):
        problem = holders_problem(values["holders"])
        if problem:
            found.append(("holders", problem))
    country = values.get("priority_country")
    if country and country not in OFFICES:
        found.append(("priority_country", lazy("%(code)s is not a code of a country such as KZ", code=country)))
    return fields.in_order(PATENT, found)


def _dates_problems(values: Mapping[str, Any]) -> list[Problem]:
    found: list[Problem] = []
    filed, registered, published = (values.get(name) for name in ("filed_on", "registered_on", "published_on"))
    if filed and registered and registered < filed:
        found.append(("registered_on", lazy("the registration cannot be earlier than the filing")))
    if published and registered and published < registered:
        found.append(("published_on", lazy("the publication cannot be earlier than the registration")))
    elif published and filed and published < filed:
        found.append(("published_on", lazy("the publication cannot be earlier than the filing")))
    priority = values.get("priority_date")
    if priority and filed and filed < priority:
        found.append(("filed_on", lazy("the filing cannot be earlier than the priority date")))
    return found


_NUMBER_FORMS: dict[tuple[str, str], tuple[str, str]] = {
    ("KZ", "application_no"): (r"[0-9]{4}/[0-9]{4}\.[123]", "2024/0123.1"),
    ("KZ", "title_no"): (r"[0-9]{4,6}", "36123"),
    ("EA", "application_no"): (r"(?:EA\s?)?[0-9]{9}", "EA 202490014"),
    ("EA", "title_no"): (r"(?:EA\s?)?[0-9]{6}(?:\s?B[12])?", "045123"),
    ("WO", "application_no"): (r"PCT/[A-Z]{2}[0-9]{4}/[0-9]{6}", "PCT/KZ2024/000012"),
}
"""Usual forms of numbers by office (``domain.md`` 3.8): not confirmed by an act, so another form is only a warning."""

_NUMBERED_KINDS = frozenset({"invention", "utility_model", "industrial_design"})


def warnings(values: Mapping[str, Any]) -> list[Problem]:
    """What is allowed but worth a look (``domain.md`` 3.8)."""
    found: list[Problem] = []
    if values.get("kind") in _NUMBERED_KINDS:
        for name in ("title_no", "application_no"):
            number = values.get(name)
            form = _NUMBER_FORMS.get((values.get("office") or "", name))
            if number and form and not re.fullmatch(form[0], number):
                found.append(
                    (name, lazy("%(number)s is not of the usual form %(example)s", number=number, example=form[1]))
                )
    if values.get("title_no") and not values.get("registered_on"):
        found.append(("registered_on", lazy("a title of protection without a date of registration")))
    if values.get("registered_on") and not values.get("title_no"):
        found.append(("title_no", lazy("a registration without the number of the title of protection")))
    if values.get("office") == "WO" and values.get("registered_on"):
        found.append(("registered_on", lazy("an international (PCT) application is never registered as a patent")))
    return found


def personal_fields(*holders: str | None) -> frozenset[str]:
    """Which fields are a person's data: authors always, the holders when one of them (in any version) is a person."""
    for text in holders:
        try:
            parsed = parse_holders(text)
        except ValueError:
            continue
        if any(holder.bin and len(holder.bin) == 12 and is_iin(holder.bin) for holder in parsed):
            return frozenset({"authors", "holders"})
    return frozenset({"authors"})


# --- terms and fees --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Term:
    """How long a title lasts from filing: ``years``, of which the last ``extension`` need the holder's request."""

    years: int
    extension: int = 0


TERMS: dict[tuple[str, str], Term] = {
    ("KZ", "invention"): Term(20),  # domain.md 3.8, S58
    ("KZ", "utility_model"): Term(8, extension=3),  # domain.md 3.8, S59: 5 years and 3 more on request
    ("KZ", "selection_achievement"): Term(25),  # domain.md 3.8; 30 for some species
    ("EA", "invention"): Term(20),  # domain.md 3.8
}
"""Terms by office and kind; a pair not named has no fixed term known (designs are extended again and again)."""

UNPUBLISHED_KINDS = frozenset({"software", "know_how"})
"""Kinds whose registration alone puts them in force: no grant is published."""

_FEES_AFTER_PUBLICATION = frozenset({("KZ", kind) for kind in _NUMBERED_KINDS})
_FEES_ON_ANNIVERSARIES = frozenset({("EA", kind) for kind in ("invention", "industrial_design")})
"""EA titles pay for Kazakhstan by the national tariff, on the anniversaries of filing (``domain.md`` 3.8, S62)."""


class Dated(Protocol):
    """A patent as terms and fees see it: a row and a record alike."""

    @property
    def office(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def filed_on(self) -> date: ...
    @property
    def registered_on(self) -> date | None: ...
    @property
    def published_on(self) -> date | None: ...


def anniversary(day: date, years: int) -> date:
    """The same day ``years`` later; 28 February where the year has no 29th."""
    if day.month == 2 and day.day == 29:
        return date(day.year + years, 2, monthrange(day.year + years, 2)[1])
    return day.replace(year=day.year + years)


def expires_on(patent: Dated) -> date | None:
    """The last day of the longest term, or None for an application and where no fixed term is known."""
    term = TERMS.get((patent.office, patent.kind))
    if term is None or patent.registered_on is None:
        return None
    return anniversary(patent.filed_on, term.years)


def extension_due(patent: Dated) -> date | None:
    """The day by which the holder must ask for the last years of the term, where the term has such years."""
    term = TERMS.get((patent.office, patent.kind))
    if term is None or not term.extension or patent.registered_on is None:
        return None
    return anniversary(patent.filed_on, term.years - term.extension)


def needs_publication(kind: str) -> bool:
    """Whether a title of this kind comes into force by the publication of its grant."""
    return kind not in UNPUBLISHED_KINDS


def status_on(patent: Dated, day: date, *, annulled: bool = False) -> Status:
    """The status at the end of ``day``, derived from the dates."""
    if annulled:
        return Status.ANNULLED
    if patent.registered_on is None or patent.registered_on > day:
        return Status.FILED
    last = expires_on(patent)
    if last and last < day:
        return Status.EXPIRED
    if needs_publication(patent.kind) and (patent.published_on is None or patent.published_on > day):
        return Status.GRANTED
    return Status.IN_FORCE


def next_fee_on(patent: Dated, day: date) -> date | None:
    """The next day, from ``day`` on, by which maintenance is to be paid (``domain.md`` 3.8); None where none is due.

    Paid yearly on the anniversary of filing. A KZ title's first payment, within two months of the publication of the
    grant, covers every year whose anniversary falls before or on that day.
    """
    pair = (patent.office, patent.kind)
    published, last = patent.published_on, expires_on(patent)
    if patent.registered_on is None or published is None:
        return None
    if pair not in _FEES_AFTER_PUBLICATION | _FEES_ON_ANNIVERSARIES:
        return None
    first = _two_months_after(published) if pair in _FEES_AFTER_PUBLICATION else None
    covered = first or published
    due = [first] if first else []
    for years in range(max(1, max(day, covered).year - patent.filed_on.year), 101):
        candidate = anniversary(patent.filed_on, years)
        if candidate > covered and candidate >= day:
            due.append(candidate)
            break
    coming = [candidate for candidate in due if candidate >= day and (last is None or candidate < last)]
    return min(coming, default=None)


def _two_months_after(day: date) -> date:
    year, month = (day.year, day.month + 2) if day.month <= 10 else (day.year + 1, day.month - 10)
    return date(year, month, min(day.day, monthrange(year, month)[1]))


# --- indicator 6 -----------------------------------------------------------------------------------------------------


class NotCounted(enum.StrEnum):
    """Why a patent does not count for indicator 6, in the order in which the rule asks."""

    KIND = "kind"
    OFFICE = "office"
    NOT_REGISTERED = "not_registered"
    OTHER_YEAR = "other_year"
    NOT_YET = "not_yet"
    NO_PARTICIPANT = "no_participant"
    NO_PROOF = "no_proof"


class Counting(Protocol):
    """What the dictionaries say on the day of registration: kinds and offices that count, and whether proof of the
    grant is needed.
    """

    def kinds(self, day: date) -> Collection[str]: ...
    def offices(self, day: date) -> Collection[str]: ...
    def needs_proof(self, day: date) -> bool: ...


def why_not_counted(
    *,
    office: str,
    kind: str,
    registered_on: date | None,
    holders: Sequence[Holder],
    year: int,
    as_of: date,
    counting: Counting,
    is_participant_on: Callable[[str, date], bool],
    bulletin: str | None = None,
) -> NotCounted | None:
    """The first condition of indicator 6 (``exchange.md`` 3) the patent misses in ``year``, or None: it counts.

    ``holders`` are those of the day of registration. ``counting`` is asked for the day of registration.
    ``is_participant_on(bin, day)`` answers for the territory in question, or for all; a patent counts once however
    many of its holders take part.
    """
    day = registered_on or as_of
    if kind not in counting.kinds(day):
        return NotCounted.KIND
    if office not in counting.offices(day):
        return NotCounted.OFFICE
    if registered_on is None:
        return NotCounted.NOT_REGISTERED
    if registered_on.year != year:
        return NotCounted.OTHER_YEAR
    if registered_on > as_of:
        return NotCounted.NOT_YET
    if not any(holder.bin and is_participant_on(holder.bin, registered_on) for holder in holders):
        return NotCounted.NO_PARTICIPANT
    if not bulletin and counting.needs_proof(day):
        return NotCounted.NO_PROOF
    return None
