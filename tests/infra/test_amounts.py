"""Amounts as people type them: server and browser read each case of one file alike."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from registry.config import ROOT
from registry.infra import amounts
from registry.infra.amounts import Unit
from registry.infra.i18n import LANGUAGES, format_hundredths, format_integer, format_money, format_percent, speaking
from registry.infra.numbers import percent_half_up

FILE = Path(__file__).parents[1] / "data" / "amounts.json"
CASES = [
    (unit, language, typed, expected)
    for unit, languages, typed, expected in json.loads(FILE.read_text(encoding="utf-8"))
    for language in (LANGUAGES if languages == "*" else [languages])
]
"""(unit, reader's language, what was typed, hundredths or ``!`` and why it is refused); ``*`` is every language."""


def read(unit: str, language: str, typed: str) -> int | str:
    try:
        return amounts.read(typed, Unit(unit), english=language == "en")
    except amounts.Refused as refused:
        return f"!{refused.why}"


def test_there_are_enough_cases() -> None:
    assert len({case[2] for case in CASES}) >= 200


def test_the_server_reads_every_case() -> None:
    wrong = [(case, read(*case[:3])) for case in CASES if read(*case[:3]) != case[3]]
    assert wrong == []


SCRIPT = """
const fs = require("fs");
const [script, rules, cases] = JSON.parse(fs.readFileSync(0, "utf8"));
global.window = {};
global.document = {
  currentScript: { dataset: { rules: rules, messages: "{}" } },
  documentElement: { lang: "kk" },
  addEventListener: function () {},
};
eval(script);
console.log(JSON.stringify(cases.map(function (one) {
  const found = window.amounts.read(one[2], one[0], one[1] === "en");
  return found.why ? "!" + found.why : String(found.value);
})));
"""


@pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed; the browser's own test tries the same")
def test_the_script_reads_every_case_as_the_server_does() -> None:
    script = (ROOT / "static" / "js" / "amounts.js").read_text(encoding="utf-8")
    given = json.dumps([script, json.dumps(amounts.RULES), CASES])
    done = subprocess.run(["node", "-e", SCRIPT], input=given, text=True, capture_output=True, check=True)
    found = json.loads(done.stdout)
    assert [(case, value) for case, value in zip(CASES, found, strict=True) if value != str(case[3])] == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("value", [0, 5, 123_45, 1_250_000_050, 99_999_999_999_999_999, 123_456_700])
def test_what_the_program_prints_is_read(app: object, language: str, value: int) -> None:
    with speaking(language):
        assert amounts.read(format_money(value), Unit.TENGE, english=language == "en") == value
        assert amounts.read(format_hundredths(value), Unit.TENGE, english=language == "en") == value
        assert amounts.read(format_integer(value // 100), Unit.WHOLE, english=language == "en") == value // 100 * 100
        assert amounts.read(format_percent("60.5"), Unit.PERCENT, english=language == "en") == 6050


@pytest.mark.parametrize(("language", "expected"), [("kk", "−0,5 %"), ("ru", "−0,5 %"), ("en", "−0.5%")])
def test_a_number_between_minus_one_and_zero_keeps_its_minus(app: object, language: str, expected: str) -> None:
    assert format_percent(percent_half_up(-5, 1000), language).replace("\u00a0", " ") == expected
    assert format_percent("-12.5", "en") == "−12.5%"
    assert format_percent(percent_half_up(-1, 1000_000), "en") == "0.0%"
    assert format_percent("-0.0", "en") == "0.0%"


def test_both_readings_of_an_ambiguous_amount_are_told() -> None:
    with pytest.raises(amounts.Refused) as refused:
        amounts.read("12.345", Unit.TENGE)
    assert (refused.value.grouped, refused.value.decimal) == ("12 345", "12,345")
