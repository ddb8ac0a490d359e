"""Signs that nobody sees, for whoever reads texts; the program that reads files from outside loads nothing else."""

from __future__ import annotations

import re

INVISIBLE = re.compile(
    "[\u0080-\u0084\u0086-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f"
    "\ufeff\uffa0\ufff0-\ufffc\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
"""Signs without a shape of their own (Unicode's Default_Ignorable_Code_Point, the interlinear marks, the place of an
object, and the control signs U+0080 to U+009F but U+0085): soft hyphens, zero-width signs, directions, tags."""

BLANK = "\u2800"
"""The Braille pattern without dots: a space to who reads it, none to a program."""


def is_seen(text: str) -> bool:
    """Whether a text holds more than spaces and signs that nobody sees."""
    return bool(INVISIBLE.sub("", text).replace(BLANK, " ").strip())
