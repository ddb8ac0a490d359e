"""The list of acts is closed: every act is declared by one package, and its words stand in every language."""

from __future__ import annotations

from collections import Counter

from flask import Flask

from registry.app import ACTS, CONSEQUENCES, SUBJECTS
from registry.infra.db import Base
from registry.infra.i18n import LANGUAGES, speaking
from registry.journal import presentation
from registry.journal.rules import Action


def test_every_act_is_declared_by_one_package() -> None:
    declared = Counter(action for words in ACTS for action in words)
    assert set(declared.values()) == {1}
    assert set(Action) - set(declared) == {Action.PERSONAL_DATA_ERASED}, "the journal's own act"


def test_every_act_has_words(app: Flask) -> None:
    for language in LANGUAGES:
        with speaking(language):
            said = [presentation.action_label(action) for action in Action]
        assert all(said)
        assert language == "en" or not any(text.isascii() for text in said), language


def test_subjects_are_tables_and_consequences_follow_known_acts() -> None:
    kinds = [subject.kind for subject in SUBJECTS]
    assert len(kinds) == len(set(kinds))
    assert set(kinds) <= set(Base.metadata.tables)
    assert all(consequence.actions <= set(Action) for consequence in CONSEQUENCES)
