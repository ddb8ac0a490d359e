"""Audit samples: repeatable by anybody, from the whole population, with how they were drawn on the paper."""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from registry.errors import DomainError
from registry.infra import jobs
from registry.infra.db import db
from registry.paper_kinds import kinds, sampling
from registry.paper_kinds.sample import Sample
from registry.paper_kinds.sampling import Population, Sampling
from registry.papers.models import Document
from registry.residents.queries import participants
from registry.verification import checking
from tests import factories
from tests.commands import Command
from tests.pages import PageClient
from tests.papers import world
from tests.reports import ready as reports
from tests.test_cli_registers import SAMPLE

pytestmark = pytest.mark.thorough


def drawn(paper: Document) -> Sample:
    body = kinds.load(paper.act.snapshot).body
    assert isinstance(body, Sample)
    return body


@given(st.sets(st.text(min_size=1), max_size=30), st.integers(1, 40), st.text(min_size=1, max_size=9))
def test_a_larger_sample_begins_with_the_smaller(keys: set[str], size: int, seed: str) -> None:
    def taken(count: int) -> list[str]:
        asked = Sampling(Population.LINES, count, seed)
        return [item for _rank, item in sampling.draw(sorted(keys, reverse=count % 2 == 0), str, asked)]

    assert taken(size + 1)[:size] == taken(size)
    assert len(taken(size)) == len(set(taken(size))) == min(size, len(keys))


def test_every_item_has_the_same_chance() -> None:
    counts = dict.fromkeys(range(10), 0)
    for seed in range(2000):
        for _rank, item in sampling.draw(counts, str, Sampling(Population.LINES, 3, str(seed))):
            counts[item] += 1
    assert all(500 < count < 700 for count in counts.values()), counts


def test_the_same_seed_gives_the_same_list_that_anybody_can_draw_again(app: Flask) -> None:
    world.build()
    first = drawn(world.issued("sample", sampling=Sampling(Population.RESIDENTS, 2, "көктем 7")))
    keys = [f"NU;{record.register_no}" for record in participants(factories.SYSTEM, world.DAY)]
    ranks = sorted((hashlib.sha256(f"көктем 7\n{key}".encode()).hexdigest(), key) for key in keys)
    assert [(item.rank, item.key) for item in first.entries] == ranks[:2]
    assert (first.population, first.size) == (4, 2)
    assert first.population_hash == hashlib.sha256("\n".join(sorted(keys)).encode()).hexdigest()
    other = drawn(world.issued("sample", sampling=Sampling(Population.RESIDENTS, 4, "8")))
    assert [item.key for item in other.entries] != [key for _rank, key in ranks]


def test_a_sample_of_lines_is_drawn_from_all_accepted_lines(app: Flask) -> None:
    world.build()
    paper = world.issued(
        "sample", sampling=Sampling(Population.LINES, 5, "x"), year=2026, now=reports.NOW, language="ru"
    )
    body = drawn(paper)
    assert (body.population, len(body.lines), body.entries) == (len(world.LINES), 5, ())
    assert {item.key.rsplit(";", 1)[1] for item in body.lines} <= {"1", "2", "3", "4", "5", "6", "7"}
    text = world.text_of(paper)
    assert "Начальное значение" in text
    for item in body.lines:
        assert item.rank[:16] in text
    assert checking.compare(paper) is None


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_the_paper_tells_seed_method_and_population(app: Flask, language: str) -> None:
    world.build()
    text = world.words_of(world.text_of(world.issued("sample", language=language)))
    assert "demo" in text
    assert "SHA-256" in text
    assert "***" in text or world.PERSON not in text


@pytest.mark.parametrize(
    ("of", "size", "seed", "field"),
    [
        ("patents", 5, "x", "of"),
        ("residents", 0, "x", "size"),
        ("residents", 10_001, "x", "size"),
        ("residents", None, "x", "size"),
        ("lines", 5, " ", "seed"),
        ("lines", 5, "x" * 41, "seed"),
        ("lines", 5, "a\x07b", "seed"),
    ],
)
def test_what_cannot_be_drawn_is_refused(of: str, size: int | None, seed: str, field: str) -> None:
    with pytest.raises(DomainError) as refused:
        sampling.sampling(of, size, seed)
    assert refused.value.field == field


def test_only_a_sample_is_drawn(app: Flask) -> None:
    world.build()
    with pytest.raises(DomainError):
        world.issued("participants", sampling=Sampling(Population.RESIDENTS, 1, "x"))
    with pytest.raises(DomainError):
        world.issued("sample", sampling=None)


def test_an_auditor_draws_a_sample_on_the_web(app: Flask, client: PageClient) -> None:
    world.build()
    client.sign_in("auditor")
    form = client.get("documents.issue_new", query={"kind": "sample", "year": "2026"})
    fields = {"of": "lines", "size": "3", "seed": "наурыз", "language": ["en"]}
    assert "40" in client.submit(form, fields | {"seed": "x" * 41}, containing="seed", expect=422)
    client.submit(form, fields, containing="seed", follow=True)
    assert jobs.work_off() == 1
    paper = db.session.scalars(sa.select(Document)).one()
    assert paper.act.sampling == "lines:3:наурыз"
    assert len(drawn(paper).lines) == 3


def test_the_command_draws_too(sqlite_command: Command, tmp_path: Path) -> None:
    sqlite_command("init")
    sqlite_command("import", "residents", SAMPLE / "residents.csv")
    target = tmp_path / "sample.pdf"
    asked = ["document", "issue", "sample", "--size", 7, "--year", 2026, "--lang", "en", "-o", target]
    (first,) = sqlite_command(*asked, "--seed", "7").out
    assert first.startswith("KZ-SMP-")
    assert sqlite_command(*asked, "--seed", "7").out == [first], "the paper already issued"
    assert sqlite_command(*asked, "--seed", "8").out != [first]
    (refused,) = sqlite_command(*asked, status=1).errors
    assert "seed" in refused


def test_a_sample_is_kept_with_its_request(app: Flask) -> None:
    world.build()
    paper = world.issued("sample")
    assert paper.act.sampling == "residents:10:demo"
    assert Sampling.read("lines:5:a:b") == Sampling(Population.LINES, 5, "a:b")
    assert json.loads(paper.act.snapshot)["body"]["seed"] == "demo"
    later = world.issued("sample", now=factories.NOW + timedelta(days=1))
    assert later.number == paper.number
