"""The list of acts is closed: every act is declared by one package, and its words stand in every language."""

from __future__ import annotations

import ast
from collections import Counter
from pathlib import Path

from flask import Flask

import registry
from registry.app import ACTS, CONSEQUENCES, SUBJECTS
from registry.infra.db import Base
from registry.infra.i18n import LANGUAGES, speaking
from registry.journal import presentation
from registry.journal.rules import Action

PACKAGE = Path(registry.__file__).parent


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


def test_acts_are_put_on_record_in_one_place() -> None:
    """Whoever writes to the journal past ``journal/acts.py`` skips what forbids an act and what follows from it."""
    found = [
        str(path)
        for path in sorted(PACKAGE.rglob("*.py"))
        if path.parent.name != "journal"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and node.module == "registry.journal.services"
        if any(name.name == "record" for name in node.names)
    ]
    assert found == []


def test_statuses_change_by_the_table_of_moves() -> None:
    """No status of a workflow is assigned by name: the step that leads to it says what it becomes."""
    found = []
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Assign):
                continue
            targets = [part for target in node.targets for part in ast.walk(target)]
            named = {part.value.id for part in ast.walk(node.value) if _is_member(part)}
            if any(isinstance(part, ast.Attribute) and part.attr == "status" for part in targets):
                found += [f"{path}:{node.lineno}"] * bool(named & {"Status", "RequestStatus"})
    assert found == []


def _is_member(node: ast.AST) -> bool:
    return isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
