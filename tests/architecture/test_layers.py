"""The house keeps its order: layers, the one commit point, what services may touch, what templates may contain."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from registry.app import PACKAGES
from registry.config import ROOT
from registry.infra.i18n import LANGUAGE_NAMES

SOURCES = sorted((ROOT / "registry").rglob("*.py"))
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
PAGES = [path for path in TEMPLATES if path.parent.name != "papers"]
"""Templates of pages we serve; those of papers are files handed out, with all they need inside."""

MECHANISMS = {"cli", "infra", "printing", "signing", "web"}
"""Packages without business words."""

UNTRANSLATED = {"Tizilim", "PDF", "CSV", "XLSX", "SHA", *LANGUAGE_NAMES.values()}
"""Words that are the same in every language."""


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def names_in(path: Path) -> Iterator[tuple[int, str]]:
    """Every dotted name a module uses, with its line."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Name | ast.Attribute):
            yield node.lineno, ast.unparse(node)


def test_imports_point_one_way():
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize("path", [path for path in SOURCES if path.parent.name not in {"cli", "registry"}], ids=name_of)
def test_no_import_of_ours_hides_in_a_function(path):
    """Such an import would stand outside the contract's sight of what a package leans on when it is loaded."""
    hidden = [
        f"line {node.lineno}: {ast.unparse(node)}"
        for function in ast.walk(ast.parse(path.read_text()))
        if isinstance(function, ast.FunctionDef)
        for node in ast.walk(function)
        if (isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "registry")
        or (isinstance(node, ast.Import) and any(alias.name.split(".")[0] == "registry" for alias in node.names))
    ]
    assert hidden == []


def test_every_package_is_known_to_the_application():
    found = {path.parent.name for path in (ROOT / "registry").glob("*/__init__.py")} - MECHANISMS
    assert found == set(PACKAGES)


def test_the_only_commit_stands_in_transaction():
    places = [
        f"{name_of(path)}:{line} {name}"
        for path in SOURCES
        for line, name in names_in(path)
        if re.search(r"session(\(\))?\.commit$", name) and path.name != "db.py"
    ]
    assert places == []


@pytest.mark.parametrize(
    "path", [path for path in SOURCES if path.name in {"services.py", "queries.py", "rules.py"}], ids=name_of
)
def test_services_queries_and_rules_know_no_request(path):
    forbidden = {"request", "session", "current_user"}
    tree = ast.parse(path.read_text())
    imported = {
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module in {"flask", "flask_login"}
        for alias in node.names
    }
    assert imported & forbidden == set()
    if path.name == "rules.py":
        modules = {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        assert not any(module.startswith(("sqlalchemy", "flask")) or module.endswith(".models") for module in modules)


@pytest.mark.parametrize("path", TEMPLATES, ids=name_of)
def test_a_template_says_nothing_outside_the_catalogues(path):
    """Words between tags, and in attributes people hear or read, go through ``_()``."""
    text = path.read_text()
    # What stands in {% trans %} is in the catalogues, what {{ … }} prints is data or comes from them.
    text = re.sub(r"\{%-?\s*(trans|raw)\b.*?end\1\s*-?%\}|<style.*?</style>", " ", text, flags=re.S)
    text = re.sub(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}|<!--.*?-->", " ", text, flags=re.S)
    parts = re.findall(r"\b(?:alt|title|placeholder|aria-label)=\"([^\"]*)\"", text)
    parts.append(re.sub(r"&\w+;", " ", re.sub(r"<[^>]*>", " ", text)))
    words = [word for part in parts for word in re.findall(r"[^\W\d_]{2,}", part) if word not in UNTRANSLATED]
    assert words == []


@pytest.mark.parametrize("path", PAGES, ids=name_of)
def test_a_page_holds_no_inline_code_and_trusts_no_text(path):
    text = re.sub(r"\{#.*?#\}", " ", path.read_text(), flags=re.S)
    assert not re.search(r"\|\s*safe\b|\bautoescape\s+false|\bstyle=|<style\b|\son\w+=\"|javascript:", text)
    assert not re.search(r"<script(?![^>]*\bsrc=)(?![^>]*application/json)", text)
    assert not re.search(r"(src|href|action)=\"(https?:)?//", text)
