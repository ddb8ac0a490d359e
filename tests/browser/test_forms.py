"""Forms lose nothing, in a real browser with and without JavaScript.

A form of each shape is filled, something goes wrong, and everything typed is there again. The gate tries a seeded
sample of form × fault × JavaScript; ``TEST_FORMS=all`` in the environment tries all.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Locator, Page

from tests.browser.test_walk import CHROMIUM, NOT_LOCKED_YET, PASSWORD, browser, run, served  # noqa: F401
from tests.factories import bin_number
from tests.web.test_every_form import COMPLETE, OF_A_RECORD

pytestmark = [
    pytest.mark.thorough,
    pytest.mark.skipif(CHROMIUM is None, reason="Debian's chromium is not installed"),
]

TRIED_IN_THE_GATE = 5


@dataclass(frozen=True)
class Shape:
    """A form to fill: who opens it, where, and what is done to it besides typing."""

    login: str
    path: str
    prepare: Callable[[Page], None] = lambda page: None


def add_rows(page: Page) -> None:
    """One more row of taxes and two of revenue, by the script or, without it, by the page itself."""
    for section in ("tax", "revenue", "revenue"):
        rows = page.locator(f"main #main-form [name^={section}-][name$=-code]")
        before = rows.count()
        page.locator(f"main [name=add_{section}]").click()
        # Without the script the page comes anew: what is unfolded or typed before that would be gone.
        rows.nth(before).wait_for(state="attached")
        page.wait_for_load_state()


SHAPES = {
    "contract": Shape("staff", "/contracts/new"),
    "contract amended": Shape("staff", "/contracts/1/amend"),
    "resident": Shape("staff", "/residents/new"),
    "patent": Shape("staff", "/patents/new"),
    "report": Shape("resident", "/reports/{report}/edit", add_rows),
    "invitation": Shape("staff", "/users/invite"),
    "paper": Shape("staff", "/documents/new?kind=participants"),
    "targets": Shape("staff", "/indicators/plan?territory=NU"),
}
FAULTS = ("lapsed token", "language", "territory", "expired session", "signed out in another tab")
CASES = [
    (shape, fault, script)
    for shape in SHAPES
    for fault in FAULTS
    for script in (True, False)
    if (shape, fault) != ("report", "territory")
]
"""A resident has no switch of territory."""

ALWAYS = [case for case in CASES if case[:2] == ("report", "expired session")]
CHOSEN = (
    CASES
    if COMPLETE
    else [
        *ALWAYS,
        *random.Random(7).sample([case for case in CASES if case not in ALWAYS], TRIED_IN_THE_GATE - len(ALWAYS)),
    ]
)


@dataclass(frozen=True)
class Installation:
    url: str
    report: str


COMPANY = "250240991048"
FILES = {
    "residents": f"""territory,bin,name_kk,name_ru,legal_form,participant_type,registered_on,decision_no,decision_date
NU,{COMPANY},«Үлгі» ЖШС,ТОО «Үлгі»,llp,innovation_company,2026-01-10,1,2026-01-09
""",
    "contracts": f"""territory,bin,kind,number,signed_on,starts_on,ends_on,amount,subject_kk,subject_ru
NU,{COMPANY},participation,1/1,2026-02-01,2026-02-01,2028-02-01,1000.00,Шарт,Договор
""",
}
MORE_FILES = {
    "status-changes": f"""territory,bin,change,effective_on,ground,decision_no,decision_date
NU,{COMPANY},suspended,2026-02-10,breach,5,2026-02-09
""",
    "addenda": """territory,contract_number,number,signed_on,effective_on,subject_kk,subject_ru
NU,1/1,1,2026-03-01,2026-03-01,Қосымша,Дополнение
""",
    "patents": f"""office,kind,title_no,application_no,filed_on,registered_on,published_on,name_kk,name_ru,holders
KZ,invention,900001,2025/0001.1,2025-01-10,2026-02-01,2026-02-02,Тәсіл,Способ,{COMPANY}
""",
    "patent-events": f"""office,kind,title_no,event,event_on,holders,document_no
KZ,invention,900001,transferred,2026-05-01,{COMPANY}=60%;Басқа=40%,7
""",
    "contracts": f"""territory,bin,kind,number,signed_on,starts_on,amount,subject_kk,subject_ru,terminated_on
NU,{COMPANY},participation,1/2,2026-02-01,2026-02-01,1000.00,Шарт,Договор,2026-06-01
""",
}
"""What only some forms of :data:`RECORDS` are about (:data:`OF_MORE`)."""

LOGINS = {"staff": "forms-staff", "resident": "forms-resident", "admin": "forms-admin"}


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[Installation]:  # noqa: F811
    """A company with a contract, whose report is begun."""
    folder = tmp_path_factory.mktemp("forms")
    with served(folder) as (url, env, _said):
        for kind, text in (*FILES.items(), *(MORE_FILES.items() if COMPLETE else ())):
            (folder / f"{kind}.csv").write_text(text, encoding="utf-8")
            run(env, "import", kind, str(folder / f"{kind}.csv"))
        people = {"staff": ("staff",), "resident": ("resident", "--resident", COMPANY)}
        more = {"admin": ("admin",), "kept": ("resident", "--resident", COMPANY)}
        for name, role in (people | more if COMPLETE else people).items():
            run(env, "users", "add", f"forms-{name}", "--role", *role, "--password-stdin", text=PASSWORD + "\n")
        page = sign_in(browser, url, LOGINS["staff"], script=False)
        page.goto(f"{url}/reports/periods/open?territory=NU&year=2026&quarter=3")
        page.locator("main [name=locks_on]").fill(NOT_LOCKED_YET)
        page.locator("main #main-form .form-buttons button").click()
        page.goto(f"{url}/notes/resident/1/write")
        page.locator("main [name=text]").fill("Ескертпе")
        page.locator("main #main-form .form-buttons button").click()
        page.context.close()
        page = sign_in(browser, url, LOGINS["resident"], script=False)
        page.locator("main form[action$='/reports/start'] button").first.click()
        found = re.search(r"/reports/(\d+)/edit", page.url)
        assert found, page.url
        page.context.close()
        yield Installation(url, found[1])


def sign_in(browser: Browser, url: str, login: str, *, script: bool, password: str = PASSWORD) -> Page:  # noqa: F811
    context = browser.new_context(locale="en-GB", viewport={"width": 1366, "height": 768}, java_script_enabled=script)
    page = context.new_page()
    page.set_default_timeout(15_000)
    page.goto(f"{url}/language/en?next=/sign-in")
    enter(page, login, password)
    page.wait_for_url(lambda address: "/sign-in" not in address)
    return page


def enter(page: Page, login: str, password: str = PASSWORD) -> None:
    page.locator("main [name=login]").fill(login)
    page.locator("main [name=password]").fill(password)
    page.locator("main [name=password]").press("Enter")


CONTROLS = "main #main-form [name]:not([type=hidden]):not(button)"


def unfold(page: Page) -> None:
    folded = page.locator("main #main-form details:not([open]) > summary:visible")
    while folded.count():
        folded.first.click()


def described(page: Page) -> list[dict]:
    """Every control of the form in one look: what it is and what it holds."""
    return page.locator(CONTROLS).evaluate_all(
        """found => found.map(one => ({
            kind: one.getAttribute("type") || one.tagName.toLowerCase(),
            name: one.name, value: one.value, given: one.getAttribute("value"), checked: one.checked,
            options: one.options ? Array.from(one.options, option => option.value) : [],
        }))"""
    )


def type_all(page: Page) -> None:
    """Another value for every field, as a person would give it."""
    unfold(page)
    for number, (found, control) in enumerate(zip(described(page), page.locator(CONTROLS).all(), strict=True)):
        kind = found["kind"]
        if kind == "checkbox":
            # By the keyboard: marks that appear beside fields just left would move it away from the mouse.
            control.press("Space")
        elif kind == "radio":
            control.set_checked(True)
        elif kind == "select":
            now = found["value"]
            control.select_option(next((text for text in reversed(found["options"]) if text != now), now))
        elif kind != "file":
            control.fill(f"Терілген {number} <&>")


def state(page: Page) -> dict[str, object]:
    """Every value as the page holds it."""
    return {
        (f"{one['name']}={one['given']}" if choice else one["name"]): one["checked"] if choice else one["value"]
        for one in described(page)
        for choice in [one["kind"] in {"checkbox", "radio"}]
    }


def go_wrong(page: Page, fault: str, url: str, login: str) -> None:
    """Send the form while something stands against it, and come to the page that answers."""
    context = page.context
    if fault == "language":
        page.locator("header button[lang=ru]").click()
        return
    if fault == "territory":
        page.locator("header .territory-menu > summary").click()
        page.locator("header .territory-menu button").last.click()
        return
    if fault == "lapsed token":
        # The session begins anew in another tab: the token of this page is of the one before.
        other = context.new_page()
        other.goto(url)
        other.locator("header .user-menu > summary").click()
        other.locator("header form[action='/sign-out'] button").click()
        enter(other, login)
        other.wait_for_url(lambda address: "/sign-in" not in address)
        other.close()
    elif fault == "expired session":
        context.clear_cookies()
    else:
        other = context.new_page()
        other.goto(url)
        other.locator("header .user-menu > summary").click()
        other.locator("header form[action='/sign-out'] button").click()
        other.wait_for_url("**/sign-in**")
        other.close()
    page.locator("main #main-form button[type=submit]:not([name^=add]):visible").last.click()
    if fault != "lapsed token":
        page.wait_for_url("**/sign-in?next=**")
        enter(page, login)
        page.wait_for_url(lambda address: "/sign-in" not in address)


@pytest.mark.parametrize(("shape", "fault", "script"), CHOSEN)
def test_what_was_typed_comes_back(browser, installation, shape, fault, script):  # noqa: F811
    form = SHAPES[shape]
    login = LOGINS[form.login]
    page = sign_in(browser, installation.url, login, script=script)
    page.on("dialog", lambda dialog: dialog.accept())
    path = form.path.format(report=installation.report)
    assert page.goto(installation.url + path).status == 200
    form.prepare(page)
    type_all(page)
    typed = state(page)
    assert len(typed) > 3
    go_wrong(page, fault, installation.url, login)
    page.wait_for_selector("main #main-form")
    unfold(page)
    assert state(page) == typed
    notice = page.locator("main #main-form > .message-warn").first
    assert bool(notice.count() and notice.is_visible()) == (fault not in {"language", "territory"})
    page.context.close()


@dataclass(frozen=True)
class Record:
    """The form of an existing record: who opens it and where, and the field that both tabs change.

    ``values`` are what the other tab and this one write, with JavaScript and then without; ``fills`` are the other
    fields that have to be given each time.
    """

    login: str
    path: str
    field: str
    values: tuple[str, str, str, str]
    fills: tuple[tuple[str, str], ...] = ()


DAY = ("effective_on", "20.11.2026")
NAMES = ("Бірінші", "Екінші", "Үшінші", "Төртінші")
REASON = ("reason", "Қате терілген")
RECORDS = {
    "contracts.amend": Record("staff", "/contracts/1/amend", "subject_kk", NAMES, (DAY,)),
    "contracts.correct_addendum": Record(
        "staff", "/contracts/1/addenda/1/correct", "subject_kk", NAMES, (REASON,)
    ),
    "contracts.correct_termination": Record(
        "staff", "/contracts/2/termination/correct", "terminated_on",
        ("02.06.2026", "03.06.2026", "04.06.2026", "05.06.2026"), (REASON, ("termination_ground", "by_agreement")),
    ),
    "notes.correct": Record("staff", "/notes/1/correct", "text", NAMES),
    "residents.amend": Record("staff", "/residents/1/amend", "name_kk", NAMES, (DAY,)),
    "residents.correct_registration": Record(
        "staff", "/residents/1/registered", "registered_on",
        ("11.01.2026", "12.01.2026", "13.01.2026", "14.01.2026"), (REASON,),
    ),
    "residents.correct_change": Record(
        "staff", "/residents/1/changes/1/correct", "decision_no", ("81", "82", "83", "84"), (REASON,)
    ),
    "patents.amend": Record("staff", "/patents/1/amend", "name_kk", NAMES, (DAY,)),
    "patents.correct_transfer": Record(
        "staff", "/patents/1/transfers/2026-05-01/correct", "document_no", ("81", "82", "83", "84"), (REASON,)
    ),
    "territories.amend": Record("admin", "/settings/territories/NU", "company_name_kk", NAMES),
    "indicators.plan": Record(
        "staff", "/indicators/plan?territory=NU", "target_3_2027", ("12", "13", "14", "15"),
        (("act_no", "1"), ("act_date", "20.11.2026")),
    ),
    # A role that opens more waits for a second administrator; another company does not.
    "accounts.change_role": Record("admin", "/users/4/role", "company_bin", tuple(map(bin_number, range(21, 25)))),
    "accounts.profile": Record("staff", "/profile", "name", NAMES),
    "exchange.dictionary_code": Record("admin", "/exchange/dictionaries/tax_codes/code?code=101110", "kk", NAMES),
    "reports.edit": Record("resident", "/reports/{report}/edit", "total_staff", ("31", "32", "33", "34")),
}  # fmt: skip
"""Every form of an existing record (``test_the_form_of_a_record_says_at_which_version_it_was_opened``)."""

OF_MORE = {
    "accounts.change_role", "contracts.correct_addendum", "contracts.correct_termination", "exchange.dictionary_code",
    "patents.amend", "patents.correct_transfer", "residents.correct_change", "territories.amend",
}  # fmt: skip
TWO_TABS = [(name, script) for name in RECORDS for script in (True, False) if COMPLETE or name not in OF_MORE]
TWO_TABS_TRIED = (
    TWO_TABS
    if COMPLETE
    else random.Random(5).sample([case for case in TWO_TABS if case[1]], 1)
    + random.Random(6).sample([case for case in TWO_TABS if not case[1]], 1)
)


def give(page: Page, name: str, value: str) -> None:
    control = page.locator(f"main #main-form [name={name}]")
    if control.evaluate("element => element.tagName") == "SELECT":
        control.select_option(value)
    else:
        control.fill(value)


def send(page: Page) -> None:
    """Press the button that does what the form is for; a report is saved as a draft."""
    save = page.locator("main .form-buttons button[name=save]")
    (save if save.count() else page.locator("main #main-form .form-buttons button").first).click()
    page.wait_for_load_state()


@pytest.mark.parametrize(("name", "script"), TWO_TABS_TRIED)
def test_two_tabs_on_one_record_show_both_values(browser, installation, name, script):  # noqa: F811
    record = RECORDS[name]
    theirs, mine = record.values[:2] if script else record.values[2:]
    page = sign_in(browser, installation.url, LOGINS[record.login], script=script)
    address = installation.url + record.path.format(report=installation.report)
    other = page.context.new_page()
    for tab in (page, other):
        assert tab.goto(address).status == 200
        unfold(tab)
    for tab, value in ((other, theirs), (page, mine)):
        for field, text in ((record.field, value), *record.fills):
            give(tab, field, text)
        send(tab)
    assert page.locator("main .error-summary").is_visible(), page.locator("main").inner_text()
    unfold(page)
    typed = page.locator(f"main #main-form [name={record.field}]")
    assert typed.input_value() == mine
    choice = page.locator(f"#keep-{record.field}")
    if name == "reports.edit":
        assert {mine, theirs} <= set(page.locator("main #main-form table").first.inner_text().split())
    else:
        assert [label.split(": ")[1] for label in choice.locator("label").all_inner_texts()] == [
            words_of(typed, theirs), words_of(typed, mine)
        ]  # fmt: skip
        page.locator(f"#keep-{record.field}-mine").check()
    send(page)
    assert page.goto(address).status == 200
    unfold(page)
    assert page.locator(f"main #main-form [name={record.field}]").input_value() == mine
    page.context.close()


def words_of(control: Locator, value: str) -> str:
    """A value as the page speaks of it: one of a list by its name."""
    option = control.locator(f"option[value='{value}']")
    return option.inner_text() if option.count() else value


def test_every_form_of_a_record_is_tried() -> None:
    assert RECORDS.keys() == OF_A_RECORD


@pytest.mark.parametrize("script", [True, False])
def test_enter_sends_the_form_and_switches_nothing(browser, installation, script):  # noqa: F811
    """The buttons of the header belong to the form, and come before its own."""
    page = sign_in(browser, installation.url, LOGINS["staff"], script=script)
    page.goto(f"{installation.url}/contracts/new")
    page.locator("main [name=number]").fill("Терілген")
    page.locator("main [name=number]").press("Enter")
    page.wait_for_selector("main .error-summary")
    assert page.url.endswith("/contracts/new")
    assert page.get_attribute("html", "lang") == "en"
    assert page.locator("main [name=number]").input_value() == "Терілген"
    page.context.close()
    page = sign_in(browser, installation.url, LOGINS["resident"], script=script)
    page.goto(f"{installation.url}/reports/{installation.report}/edit")
    rows = page.locator("main [data-section=tax] [data-row]").count()
    page.locator("main [name=explanation]").fill("")
    page.locator("main [name=total_staff]").fill("20")
    page.locator("main [name=total_staff]").press("Enter")
    page.wait_for_selector("main .message-good")
    assert page.url.endswith(f"/reports/{installation.report}/edit")  # a draft is saved, nothing is sent
    assert page.locator("main [name=total_staff]").input_value() == "20"
    assert page.locator("main [data-section=tax] [data-row]").count() <= rows
    page.context.close()


def test_leaving_what_was_typed_is_asked_about_and_saving_is_not(browser, installation):  # noqa: F811
    page = sign_in(browser, installation.url, LOGINS["resident"], script=True)
    asked: list[str] = []

    def answer(dialog) -> None:
        asked.append(dialog.type)
        dialog.accept()

    page.on("dialog", answer)
    page.goto(f"{installation.url}/reports/{installation.report}/edit")
    page.goto(f"{installation.url}/profile")
    assert asked == []
    page.goto(f"{installation.url}/reports/{installation.report}/edit")
    page.locator("main [name=total_staff]").click()
    page.keyboard.type("21")
    page.locator("main .form-buttons [name=save]").click()
    page.wait_for_selector("main .message-good")
    page.goto(f"{installation.url}/profile")
    assert asked == []
    page.locator("main [name=name]").click()
    page.keyboard.type("x")
    page.locator("header .brand").click()
    page.wait_for_url(installation.url + "/")
    assert asked == ["beforeunload"]
    page.context.close()
