"""What is done by files: what the pages say."""

from __future__ import annotations

from registry.infra.act_page import Words
from registry.infra.i18n import lazy

KEEP_CODE = Words(
    title=lazy("Enter a code or change one"),
    button=lazy("Save the code"),
    text=lazy(
        "A row of this code, territory and first day is changed, else one is added. A code that is no longer used is"
        " closed with its last day and never deleted; what holds from another day on has a row of its own."
    ),
)

KEEP_CODES = Words(
    title=lazy("Change a dictionary by a file"),
    button=lazy("Import the file"),
    text=lazy(
        "A code that is no longer used is closed with its last day and never deleted. Whether a code counts is read on"
        " the last day of the quarter, for patents on the day of registration: give another day a row of its own."
    ),
)
