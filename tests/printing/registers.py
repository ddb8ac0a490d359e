"""Long registers as snapshots, without a database."""

from __future__ import annotations

from datetime import date, timedelta

from registry.paper_kinds import snapshots as s
from registry.paper_kinds.participants import Participants


def snapshot(rows: int) -> s.Snapshot:
    """A register of participants with short and long Kazakh names."""
    entries = tuple(
        s.Entry(
            who=s.Who("NU", f"NU-2026-{number:04d}-7", f"{240140000000 + number * 11}", _name(number)),
            legal_form=s.Text("жауапкершілігі шектеулі серіктестік"),
            participant_type=s.Text("инновациялық компания", "инновационная компания"),
            registered_on=date(2025, 1, 1) + timedelta(days=number % 500),
            decision_no=f"{number}-Ш",
            decision_date=date(2025, 1, 1) + timedelta(days=number % 400),
            status="active",
            status_since=None,
            oked=f"{72000 + number % 999}",
            address=s.Text(f"Астана қаласы, Қабанбай батыр даңғылы, {number}-үй", "город Астана"),
        )
        for number in range(1, rows + 1)
    )
    territory = s.Territory("NU", "park", "resident", s.Text("«Назарбаев Университеті» ғылыми-технологиялық паркі"))
    return s.Snapshot(
        s.VERSION,
        "participants",
        s.Scope("NU", (territory,)),
        date(2026, 9, 30),
        None,
        None,
        False,
        None,
        Participants(entries),
    )


def _name(number: int) -> s.Text:
    return s.Text(f"«Ғылыми-өндірістік {'бірлестік ' * (number % 3)}№ {number}» ЖШС", f"ТОО «Пример {number}»")
