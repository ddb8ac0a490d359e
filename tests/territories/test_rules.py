"""BIN, IIN, KATO, KBE and IBAN by the rules of ``domain.md`` 3."""

import pytest

from registry.territories import rules

VALID = [
    "260140991076",
    "250240991048",
    "251240991137",
    "260140990902",
    "260140990914",
    "260350991157",
    "000101399107",
    "000101399127",
]
INVALID = [
    ("260140991077", "fails the check digit"),
    ("26014099107", "not twelve digits"),
    ("2601409910760", "not twelve digits"),
    ("26014099107a", "not twelve digits"),
    ("٢٦٠١٤٠٩٩١٠٧٦", "not twelve digits"),
    ("123456789012", "no month"),
    ("001234567890", "no day"),
    ("001334567890", "no month"),
    ("260170991076", "neither a BIN nor an IIN"),
    ("260149991076", "6th digit"),
    ("000101799107", "7th digit"),
    ("000100399107", "5th and 6th"),
]


@pytest.mark.parametrize("number", VALID)
def test_valid_numbers_pass(number):
    assert rules.bin_problem(number) is None


@pytest.mark.parametrize(("number", "words"), INVALID)
def test_invalid_numbers_are_refused_with_a_reason(number, words):
    assert words in str(rules.bin_problem(number))


def test_every_other_last_digit_fails():
    for number in VALID:
        for digit in "0123456789":
            changed = number[:11] + digit
            assert (rules.bin_problem(changed) is None) == (changed == number)


def test_a_prefix_without_a_twelfth_digit_has_no_valid_number():
    assert rules.check_digit("26014090038") is None
    assert all(rules.bin_problem(f"26014090038{digit}") for digit in range(10))


def test_second_round_is_needed_by_about_one_number_in_eleven():
    prefixes = [f"2601409{serial:04d}" for serial in range(10_000)]
    second = sum(sum((i + 1) * int(d) for i, d in enumerate(prefix)) % 11 == 10 for prefix in prefixes)
    assert 800 < second < 1000
    assert sum(rules.check_digit(prefix) is None for prefix in prefixes) < 120


@pytest.mark.parametrize(
    ("number", "branch"), [("260341991148", True), ("260340991083", False), ("000101399107", False)]
)
def test_branches_are_told_by_the_sixth_digit(number, branch):
    assert rules.is_branch(number) is branch


def test_an_iin_is_masked_and_a_bin_is_not():
    assert rules.mask_iin("000101399107") == "0001******07"
    assert rules.mask_iin("260140991076") == "260140991076"


@pytest.mark.parametrize(
    "account",
    ["KZ86125KZT5004100100", "KZ98999DEMO000000001", "KZ71999DEMO000000002", "KZ44999DEMO000000003"],
)
def test_ibans_pass(account):
    assert rules.iban_problem(account) is None


@pytest.mark.parametrize("account", ["KZ86125KZT5004100101", "RU86125KZT5004100100", "KZ86", "kz98999demo000000001"])
def test_wrong_ibans_are_refused(account):
    assert rules.iban_problem(account)


@pytest.mark.parametrize(("code", "good"), [("17", True), ("29", True), ("10", False), ("37", False), ("7", False)])
def test_kbe(code, good):
    assert (rules.kbe_problem(code) is None) is good


@pytest.mark.parametrize(("code", "good"), [("101800000", True), ("10180000", False), ("10180000x", False)])
def test_kato(code, good):
    assert (rules.kato_problem(code) is None) is good
