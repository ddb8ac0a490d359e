"""Records with files, and settings that end with the test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask

from registry.contracts.models import Contract
from registry.residents.models import Resident
from tests.contracts import made as contracts


@pytest.fixture(autouse=True)
def settings(request: pytest.FixtureRequest) -> Iterator[None]:
    """Put the application's settings back."""
    name = next((name for name in ("app", "database") if name in request.fixturenames), None)
    if name is None:
        yield
        return
    app: Flask = request.getfixturevalue(name)
    kept = app.config["SETTINGS"]
    yield
    app.config["SETTINGS"] = kept


@pytest.fixture
def entry(app: Flask) -> Resident:
    """The entry of the resident account's company."""
    return contracts.resident()


@pytest.fixture
def contract(entry: Resident) -> Contract:
    return contracts.contract(entry)
