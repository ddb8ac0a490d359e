"""The report form in a real browser: amounts are read as the server reads them, and pasted cells are never joined."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page

from registry.infra.i18n import LANGUAGES
from tests.browser.test_forms import LOGINS, browser, installation, pytestmark, sign_in  # noqa: F401
from tests.browser.test_pages import problems
from tests.browser.test_walk import COMPLETE
from tests.infra.test_amounts import CASES


def paste(page: Page, selector: str, text: str) -> None:
    """As a person does it: from the clipboard, by the keyboard."""
    page.evaluate("text => navigator.clipboard.writeText(text)", text)
    page.locator(selector).focus()
    page.keyboard.press("Control+v")


def opened(browser, installation, login: str, path: str) -> Page:  # noqa: F811
    page = sign_in(browser, installation.url, LOGINS[login], script=True)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(installation.url + path)
    return page


def values(page: Page, pattern: str) -> list[str]:
    found = page.evaluate(
        "Array.from(document.querySelectorAll('main [name]')).map(field => [field.name, field.value])"
    )
    return [value for name, value in found if re.fullmatch(pattern, name)]


def test_the_browser_reads_every_case_as_the_server_does(browser, installation):  # noqa: F811
    page = opened(browser, installation, "resident", f"/reports/{installation.report}/edit")
    found = page.evaluate(
        """cases => cases.map(one => {
          const found = window.amounts.read(one[2], one[0], one[1] === "en");
          return found.why ? "!" + found.why : String(found.value);
        })""",
        [list(case) for case in CASES],
    )
    assert [(case, got) for case, got in zip(CASES, found, strict=True) if got != str(case[3])] == []
    page.context.close()


def test_a_pasted_column_spreads_down_and_is_never_joined(browser, installation):  # noqa: F811
    page = opened(browser, installation, "resident", f"/reports/{installation.report}/edit")
    column = "6 100 000\n520 000\n1 234,50\n12 млн\n"
    paste(page, "main [name=revenue-0-amount]", column)
    assert values(page, r"revenue-\d+-amount")[:4] == ["6 100 000", "520 000", "1 234,50", "12 млн"]
    assert page.locator("main [data-section=revenue] [data-total]").inner_text() == "6,621,234.50"
    assert page.locator("main [name=revenue-3-amount]").get_attribute("aria-invalid") == "true"
    assert "sum in tenge" in page.locator("#revenue-3-amount-read").inner_text()
    page.locator("main [data-section=revenue] .paste-note button").click()
    assert set(values(page, r"revenue-\d+-amount")) == {""}
    # A block: codes by digits or name, amounts, and two columns of the document.
    paste(page, "main [name=tax-0-code]", "101201\t20 000,50\tcontract\t7\t01.07.2026\r\n103101\t3\tinvoice\t8\t\r\n")
    assert values(page, r"tax-[01]-(code|amount|document_\w+)") == [
        *("101201", "20 000,50", "contract", "7", "01.07.2026"),
        *("103101", "3", "invoice", "8", ""),
    ]
    # Wider than the table, longer than the list, and a line break inside one cell.
    paste(page, "main [name=tax-0-document_date]", "01.07.2026\tsomething more\n")
    assert "Columns copied: 2" in page.locator("main [data-section=tax] .paste-note").inner_text()
    paste(page, "main [name=research_specialists]", "5\n2\n9\n")
    assert values(page, "research_specialists|with_degree|under_40|women|total_staff") == ["5", "2", "9", "", ""]
    paste(page, "main [name=total_staff]", "5\n2\n")
    assert "Rows copied: 2" in page.locator("main [data-section=staff] .paste-note").inner_text()
    assert page.locator("main [name=total_staff]").input_value() == ""
    paste(page, "main [name=tax-1-amount]", '"6 100\n000"\n')
    assert page.locator("main [name=tax-1-amount]").input_value() == "6 100 ⏎ 000"
    assert page.locator("main [name=tax-1-amount]").get_attribute("aria-invalid") == "true"
    page.context.close()


def test_several_cells_are_refused_where_a_field_takes_one_number(browser, installation):  # noqa: F811
    page = opened(browser, installation, "staff", "/contracts/new")
    for name, several, one in (("amount", "6 100 000\n520 000", "6 100 000 ₸\n"), ("area_m2", "12\t5", "120,5 м²")):
        paste(page, f"main [name={name}]", several)
        assert page.locator(f"main [name={name}]").input_value() == ""
        assert "several cells" in page.locator(f"#{name}-read").inner_text()
        paste(page, f"main [name={name}]", one)
        page.keyboard.press("Tab")
        assert page.locator(f"main [name={name}]").input_value().strip() == one.strip()
        assert page.locator(f"#{name}-read").count() == 0
    page.context.close()


CUT = """() => Array.from(document.querySelectorAll("main #main-form input, main #main-form select"))
  .filter(field => field.offsetParent && field.clientWidth > 3 && field.scrollWidth > field.clientWidth + 1)
  .map(field => field.name)"""

BELOW = """() => {
  const place = name => document.querySelector(`main [name=tax-0-${name}]`).getBoundingClientRect();
  return place("document_kind").top > place("amount").bottom;
}"""
"""Whether the document stands under the amount: a line is a card."""

LONGEST = {"amount": "123 456 789 012,00", "document_no": "Д-1048/2026-3-2", "document_date": "30.09.2026"}


@pytest.mark.parametrize("language", LANGUAGES if COMPLETE else ["ru"])
def test_nothing_is_cut_and_nothing_scrolls_sideways(browser, installation, language):  # noqa: F811
    """Columns where there is room for them; on a narrow screen each line is a card, its amount in full."""
    page = opened(browser, installation, "resident", f"/language/{language}?next=/reports/{installation.report}/edit")
    for section in ("revenue", "tax", "investment"):
        longest = page.evaluate(
            """section => Array.from(document.querySelector(`main [name=${section}-0-code]`).options)
              .reduce((one, other) => other.text.length > one.text.length ? other : one).value""",
            section,
        )
        page.locator(f"main [name={section}-0-code]").select_option(longest)
        for name, text in LONGEST.items():
            page.locator(f"main [name={section}-0-{name}]").fill(text)
        kinds = page.evaluate(
            "Array.from(document.querySelectorAll('#document-kinds option')).map(option => option.value)"
        )
        page.locator(f"main [name={section}-0-document_kind]").fill(max(kinds, key=len))
    for width in (1366, 1280, 1000, 768, 390, 360, 320):
        page.set_viewport_size({"width": width, "height": 768})
        assert page.evaluate(CUT) == [], width
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.evaluate(BELOW) == (width < 1280), width
    page.context.close()


def test_the_form_is_open_to_everybody(browser, installation):  # noqa: F811
    page = sign_in(browser, installation.url, LOGINS["resident"], script=True)
    assert problems(page, installation.url, f"/reports/{installation.report}/edit") == []
    page.context.close()
