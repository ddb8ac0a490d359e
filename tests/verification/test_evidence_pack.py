"""Evidence packs: what is in one, that its bytes follow from the journal's head, and that a browser checks it alone."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import shutil
import struct
import subprocess
import warnings
import zipfile
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask, current_app

from registry.config import ROOT
from registry.errors import NotAllowed, NotFound
from registry.exchange.rules import LAYOUTS
from registry.infra import jobs, storage
from registry.infra.access import SYSTEM, Viewer
from registry.infra.db import db, transaction
from registry.journal import queries as journal
from registry.journal.rules import GENESIS
from registry.papers import leftovers, queries, services, worker
from registry.papers.models import DocumentRequest
from registry.signing import keys
from registry.territories.queries import by_code
from registry.verification import evidence_pack, offline_page
from tests import people
from tests.commands import Command
from tests.pages import PageClient
from tests.papers import world
from tests.reports import ready as reports
from tests.signing.test_offline_token import CHROMIUM
from tests.test_cli_registers import SAMPLE

LATER = reports.NOW + timedelta(days=1)


def packed(year: int = 2026, quarter: int | None = None, territory: str | None = None) -> bytes:
    wanted = evidence_pack.wanted(SYSTEM, year, quarter, by_code(territory) if territory else None)
    target = io.BytesIO()
    evidence_pack.write(evidence_pack.collect(wanted), target)
    return target.getvalue()


def files_of(pack: bytes) -> dict[str, bytes]:
    """The files of a pack by their path in it."""
    with zipfile.ZipFile(io.BytesIO(pack)) as book:
        return {name.partition("/")[2]: book.read(name) for name in book.namelist()}


def zipped(files: dict[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as book:
        for name, content in files.items():
            book.writestr(f"pack/{name}", content)
    return target.getvalue()


@pytest.fixture
def papers(database: Flask) -> list[str]:
    """Papers about 2026, one of them revoked, and one about the year before; the numbers of the former."""
    world.build()
    about = [
        world.issued("taxes", year=2026, quarter=3, territory=by_code("NU"), now=LATER),
        world.issued("taxes", year=2026, quarter=3, territory=by_code("NU"), language="ru", now=LATER),
        world.issued("certificate", now=LATER),
        world.issued("premises", as_of=date(2026, 3, 1), now=LATER),
    ]
    world.issued("premises", as_of=date(2025, 12, 31), now=LATER)
    with transaction():
        services.revoke(SYSTEM, about[3].act, reason="Қате күн", now=LATER)
    return [paper.number for paper in about]


def test_a_pack_holds_what_the_period_rests_on(papers: list[str]) -> None:
    files = files_of(packed())
    manifest = json.loads(files["manifest.json"])
    assert [paper["number"] for paper in manifest["papers"]] == sorted(papers)
    for paper in manifest["papers"]:
        document = queries.by_number(SYSTEM, paper["number"])
        assert files[paper["file"]] == queries.get_bytes(document)
    revoked = next(paper for paper in manifest["papers"] if "PRM" in paper["number"])
    assert (revoked["state"], revoked["ended"]["note"]) == ("revoked", "Қате күн")
    assert {f"data/{kind}.csv" for kind in LAYOUTS} < files.keys()
    assert manifest["rows"]["data/residents.csv"] == files["data/residents.csv"].count(b"\n") - 1 == 4
    assert json.loads(files["data/indicators.json"])[0]["year"] == 2026
    assert keys.public_keys(current_app.config["SETTINGS"].keys_dir).keys() == {
        name.removeprefix("keys/").removesuffix(".pem") for name in files if name.startswith("keys/")
    }
    for line in files["SHA256SUMS"].decode().splitlines():
        digest, name = line.split("  ")
        assert hashlib.sha256(files[name]).hexdigest() == digest
    said = {name: about["sha256"] for name, about in manifest["files"].items()}
    assert said == {
        name: hashlib.sha256(content).hexdigest() for name, content in files.items() if not name.startswith("manifest.")
    }
    signature = bytes.fromhex(files["manifest.sig"].decode())
    signed = b"Tizilim pack 1\n" + hashlib.sha256(files["manifest.json"]).digest()
    assert keys.signer(current_app.config["SETTINGS"].keys_dir, signed, signature)


def test_the_journal_of_a_pack_is_its_chain(papers: list[str]) -> None:
    files = files_of(packed())
    about = json.loads(files["manifest.json"])["journal"]
    lines = files["journal/entries.txt"].decode().splitlines()
    assert (about["first"], about["before"], about["entries"]) == (1, GENESIS, len(lines))
    previous = GENESIS
    for number, line in enumerate(lines, start=1):
        digest, _space, text = line.partition(" ")
        columns = json.loads(text)
        assert hashlib.sha256(text.encode()).hexdigest() == digest
        assert (columns[0], columns[-1]) == (number, previous)
        previous = digest
    assert previous == about["last"] == journal.head().hash


def test_a_pack_of_a_territory_holds_others_entries_as_their_hash(papers: list[str]) -> None:
    whole = files_of(packed())["journal/entries.txt"].decode().splitlines()
    for code, marked in (("NU", people.COMPANY_BIN), ("KURCHATOV", None)):
        files = files_of(packed(territory=code))
        manifest = json.loads(files["manifest.json"])
        lines = files["journal/entries.txt"].decode().splitlines()
        assert manifest["format"] == "tizilim-pack/2"
        assert [line[:64] for line in lines] == [line[:64] for line in whole]
        assert all(line in (full, full[:64]) for line, full in zip(lines, whole, strict=True))
        assert any(len(line) == 64 for line in lines)
        shown = "".join(line for line in lines if len(line) > 64)
        assert (marked in shown) if marked else ('"resident"' not in shown)


def test_what_was_recorded_after_its_period_is_in_a_pack(papers: list[str]) -> None:
    """Everything about the year before was entered in 2026; of a year to come nothing is."""
    about = json.loads(files_of(packed(year=2025))["manifest.json"])["journal"]
    assert (about["first"], about["last"]) == (1, journal.head().hash)
    assert about["entries"] == journal.head().count
    manifest = json.loads(files_of(packed(year=2030))["manifest.json"])
    assert (manifest["papers"], manifest["journal"]["entries"]) == ([], 1)


def test_a_pack_of_a_quarter_and_a_territory_holds_less(papers: list[str]) -> None:
    about = {number for number in papers if number.startswith("NU-TAX") or "-CER-" in number}
    for pack in (packed(quarter=3), packed(quarter=3, territory="NU")):
        manifest = json.loads(files_of(pack)["manifest.json"])
        assert {paper["number"] for paper in manifest["papers"]} == about
    other = files_of(packed(territory="KURCHATOV"))
    assert json.loads(other["manifest.json"])["papers"] == []
    assert other["data/residents.csv"].count(b"\n") == 1


def test_the_same_head_gives_the_same_bytes(papers: list[str]) -> None:
    first = packed()
    assert packed() == first
    with transaction():
        services.revoke(SYSTEM, queries.act_by_number(SYSTEM, papers[2]), reason="Қате", now=LATER)
    assert packed() != first


def test_nothing_personal_leaves_in_a_pack(papers: list[str]) -> None:
    for name, content in files_of(packed()).items():
        assert world.PERSON.encode() not in content, name
        assert b"example.com" not in content, name
    assert b"0001******07" in files_of(packed())["data/residents.csv"]


def test_a_damaged_paper_stops_the_pack(papers: list[str]) -> None:
    paper = queries.by_number(SYSTEM, papers[0])
    path = storage.path_of(current_app.config["SETTINGS"].documents_dir, paper.sha256)
    path.chmod(0o600)
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(storage.StorageError):
        packed()


@pytest.mark.parametrize("role", ["resident", "staff", "auditor"])
def test_a_resident_gets_none(app: Flask, role: str) -> None:
    viewer: Viewer = people.viewer(role)
    if role == "resident":
        with pytest.raises(NotAllowed):
            evidence_pack.wanted(viewer, 2026, None, None)
    else:
        assert evidence_pack.wanted(viewer, 2026, 2, None).name == "tizilim-KZ-2026-Q2"


def test_the_command_writes_a_pack(sqlite_command: Command, tmp_path: Path) -> None:
    sqlite_command("init")
    sqlite_command("import", "residents", SAMPLE / "residents.csv")
    sqlite_command("document", "issue", "participants", "--as-of", "2026-09-30", "--lang", "kk", "-o", tmp_path / "a")
    (said,) = sqlite_command("evidence", "--year", 2026, "--quarter", 3, "-o", tmp_path / "pack.zip").out
    assert "1 papers" in said
    assert (tmp_path / "a").read_bytes() in files_of((tmp_path / "pack.zip").read_bytes()).values()
    sqlite_command("evidence", "--year", 2026, "--territory", "NOWHERE", "-o", tmp_path / "none.zip", status=1)
    assert not (tmp_path / "none.zip").exists()


# --- the page that checks it ---


@pytest.fixture
def checked(app: Flask, tmp_path: Path) -> Iterator[Callable[..., tuple[str, list[str]]]]:
    """Opens the page of the pack in a browser without a network and gives its verdict and the problems it names."""
    from playwright.sync_api import sync_playwright

    place = tmp_path / offline_page.FILE_NAME
    place.write_bytes(offline_page.page(keys.raw_public_keys(app.config["SETTINGS"].keys_dir)))
    with sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        page = chromium.new_context(locale="en-GB", offline=True).new_page()
        page.goto(place.as_uri())

        def check(pack: bytes | Path) -> tuple[str, list[str]]:
            if isinstance(pack, Path):
                page.set_input_files("#file", [])
                page.set_input_files("#folder", pack)
            else:
                page.set_input_files("#file", [{"name": "p.zip", "mimeType": "application/zip", "buffer": pack}])
            page.click("button")
            page.wait_for_selector("#answer [data-verdict]:not([data-verdict=working])")
            problems = page.locator("#problems li").all_inner_texts()
            return page.get_attribute("#answer [data-verdict]", "data-verdict"), problems

        check.page = page  # ty: ignore[unresolved-attribute]
        yield check
        chromium.close()


def signed_again(files: dict[str, bytes]) -> dict[str, bytes]:
    """A forgery by whoever holds the registry's key: list and signature follow what was changed."""
    manifest = json.loads(files["manifest.json"])
    for name in manifest["files"]:
        manifest["files"][name] = {"sha256": hashlib.sha256(files[name]).hexdigest(), "size": len(files[name])}
    content = json.dumps(manifest).encode()
    message = b"Tizilim pack 1\n" + hashlib.sha256(content).digest()
    signature = keys.sign(current_app.config["SETTINGS"].keys_dir, message).hex().encode()
    return files | {"manifest.json": content, "manifest.sig": signature}


@pytest.mark.skipif(CHROMIUM is None, reason="Debian's chromium is not installed")
def test_a_browser_alone_tells_a_whole_pack_from_a_changed_one(
    app: Flask, checked: Callable[..., tuple[str, list[str]]], tmp_path: Path
) -> None:
    world.build()
    number = world.issued("taxes", year=2026, quarter=3, now=LATER).number
    pack = packed()
    files = files_of(pack)
    paper = f"papers/{number}.pdf"
    assert checked(pack) == ("pack_good", [])
    shown = checked.page.inner_text("#answer")  # ty: ignore[unresolved-attribute]
    assert by_code("NU").name_en in shown
    assert "2026-" not in shown.replace(number, "").replace("tizilim-", ""), "days are written as everywhere"
    with zipfile.ZipFile(io.BytesIO(pack)) as book:
        book.extractall(tmp_path / "unpacked")
    assert checked(tmp_path / "unpacked") == ("pack_good", [])

    for territory in ("NU", "YAFI"):
        part = packed(territory=territory)
        assert checked(part) == ("pack_good", [])
        own = files_of(part)
        lines = own["journal/entries.txt"].splitlines(keepends=True)
        hidden = max(number for number, line in enumerate(lines) if len(line) == 65)
        lines[hidden] = b"0" * 64 + b"\n"
        verdict, problems = checked(zipped(signed_again(own | {"journal/entries.txt": b"".join(lines)})))
        assert (verdict, problems) == ("pack_bad", [f"Journal entry edited: {hidden + 1}"])

    def changed(name: str, old: bytes, new: bytes) -> dict[str, bytes]:
        assert old in files[name]
        return files | {name: files[name].replace(old, new, 1)}

    assert checked(zipped(changed("data/residents.csv", b"NU", b"NV"))) == (
        "pack_bad",
        ["File changed: data/residents.csv"],
    )
    assert checked(zipped(changed(paper, b"endobj", b"endobk"))) == ("pack_bad", [f"File changed: {paper}"])
    missing = {name: content for name, content in files.items() if name != "data/patents.csv"}
    assert checked(zipped(missing)) == ("pack_bad", ["File missing: data/patents.csv"])
    assert checked(zipped(files | {"papers/more.pdf": b"%PDF-"})) == (
        "pack_bad",
        ["File that does not belong here: papers/more.pdf"],
    )
    assert checked(zipped(changed("manifest.json", b'"valid"', b'"vaLid"'))) == ("pack_unsigned", [])
    assert checked(zipped({"a.txt": b"?"})) == ("pack_none", [])
    assert checked(b"PK, but not a ZIP file") == ("pack_none", [])
    twice = stored(("pack/data/residents.csv", b"FORGED"), *((f"pack/{name}", files[name]) for name in files))
    assert checked(twice) == (
        "pack_bad",
        ["Name that stands twice in the ZIP: data/residents.csv", "File changed: data/residents.csv"],
    )
    assert checked(pack + b"more") == (
        "pack_bad",
        [f"The ZIP holds bytes besides the files of its list, at: {len(pack)}"],
    )

    # Even with the registry's own key neither the journal nor a paper can be changed without a trace.
    entry = changed("journal/entries.txt", b"document_issued", b"document_issueD")
    journal_lines = files["journal/entries.txt"].splitlines()
    issue = next(at for at, line in enumerate(journal_lines, start=1) if b"document_issued" in line)
    verdict, problems = checked(zipped(signed_again(entry)))
    assert verdict == "pack_bad"
    assert problems == [
        f"Journal entry edited: {issue}",
        f"The journal does not record the issue of this file: {number}",
    ]
    verdict, problems = checked(zipped(signed_again(changed(paper, b"endobj", b"endobk"))))
    assert (verdict, problems) == ("pack_bad", [f"The paper's signature does not agree: {number}"])


# --- a ZIP that programs unpack differently ---


NODE = shutil.which("node")

BY_ITSELF = """
const fs = require("fs");
const [noble, script, KEYS, packs] = JSON.parse(fs.readFileSync(0, "utf8"));
const without = script.slice(0, script.indexOf("// --- the page ---"));
const check = new Function("KEYS", noble + without + `;
  return async pack => {
    const all = await unzip(new Blob([Buffer.from(pack, "base64")]));
    if (!all) return ["pack_none", [], []];
    const { verdict, pack: found } = await checkPack(all, () => null);
    return [verdict, found ? found.problems : [], found ? Array.from(found.wrong) : []];
  };`)(KEYS);
(async () => {
  const found = [];
  for (const pack of packs) found.push(await check(pack));
  console.log(JSON.stringify(found));
})();
"""


def checked_by_script(*packs: bytes) -> list[tuple[str, list[list[str]], list[str]]]:
    """What the page's script says of each pack, its problems and the papers it holds for wrong, without a browser."""
    scripts = [
        (ROOT / "templates" / "papers" / name).read_text(encoding="utf-8") for name in ("vendor/noble.js", "offline.js")
    ]
    known = keys.raw_public_keys(current_app.config["SETTINGS"].keys_dir)
    coded = [base64.b64encode(pack).decode() for pack in packs]
    given = json.dumps([*scripts, {name: raw.hex() for name, raw in known.items()}, coded])
    done = subprocess.run(["node", "-e", BY_ITSELF], input=given, text=True, capture_output=True, check=True)
    return [(verdict, problems, wrong) for verdict, problems, wrong in json.loads(done.stdout)]


def stored(*entries: tuple[str, bytes]) -> bytes:
    """A ZIP of these entries in this order, whatever their names."""
    target = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(target, "w") as book:
        warnings.simplefilter("ignore", UserWarning)  # of a name that stands twice
        for name, content in entries:
            book.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), content)
    return target.getvalue()


def places(pack: bytes) -> tuple[list[int], list[int], int]:
    """Where the entries of a ZIP's list begin, where it says their files begin, and where its end record stands."""
    end = pack.rindex(b"PK\5\6")
    at, listed, files = struct.unpack_from("<I", pack, end + 16)[0], [], []
    while at < end:
        listed.append(at)
        files.append(struct.unpack_from("<I", pack, at + 42)[0])
        at += 46 + sum(struct.unpack_from("<3H", pack, at + 28))
    return listed, files, end


def with_bytes_at(pack: bytes, at: int, more: bytes) -> bytes:
    """The ZIP with bytes put in before its list, which knows where everything stands now."""
    changed, (listed, files, end) = bytearray(pack), places(pack)
    for entry, offset in zip(listed, files, strict=True):
        struct.pack_into("<I", changed, entry + 42, offset + len(more) * (offset >= at))
    struct.pack_into("<I", changed, end + 16, listed[0] + len(more))
    return bytes(changed[:at] + more + changed[at:])


def with_field(pack: bytes, at: int, form: str, value: int) -> bytes:
    changed = bytearray(pack)
    struct.pack_into(form, changed, at, value)
    return bytes(changed)


@pytest.mark.skipif(NODE is None, reason="node is not installed; the browser's own test tries two of them")
def test_a_zip_that_programs_unpack_differently_is_no_whole_pack(app: Flask) -> None:
    world.build()
    number = world.issued("taxes", year=2026, quarter=3, now=LATER).number
    pack = packed()
    paper, table = f"papers/{number}.pdf", "data/residents.csv"
    with zipfile.ZipFile(io.BytesIO(pack)) as book:
        root = book.namelist()[0].partition("/")[0]
        genuine = [(name, book.read(name)) for name in book.namelist()]
    listed, files, end = places(pack)
    where = [name for name, _content in genuine].index(f"{root}/{table}")
    entry, file = listed[where], files[where]
    forged = stored((f"{root}/{table}", b"FORGED"))
    hidden = forged[: places(forged)[0][0]]

    def with_first(name: str) -> bytes:
        return stored((name, b"FORGED"), *genuine)

    def with_extra(pack: bytes) -> bytes:
        """The last entry of the list with an extra field, which some programs read a name or other places from."""
        extra = struct.pack("<HH4s", 0x7075, 4, b"PK\6\7")
        longer = with_field(pack, listed[-1] + 30, "<H", len(extra))
        longer = with_field(longer, end + 12, "<I", end - listed[0] + len(extra))
        return longer[:end] + extra + longer[end:]

    def listing_fewer(pack: bytes) -> bytes:
        listed, _files, end = places(pack)
        return with_field(with_field(pack, end + 8, "<H", len(listed) - 1), end + 10, "<H", len(listed) - 1)

    more = stored(*genuine, (f"{root}/more", b"FORGED"))
    odd, changed = [["pack_header", table]], ["pack_changed", table]
    tried: list[tuple[bytes, list[list[str]]]] = [
        (pack, []),
        (stored(*genuine), []),
        (stored((f"{root}/", b""), (f"{root}/data/", b""), *genuine), []),
        # Of two files of one name some programs keep the first, others the last.
        (with_first(f"{root}/{table}"), [["pack_twice", table], changed]),
        (stored(*genuine, (f"{root}/{table}", b"FORGED")), [["pack_twice", table]]),
        (with_first(f"{root}/{paper}"), [["pack_twice", paper], ["pack_changed", paper]]),
        (stored(*genuine, (f"{root}/{paper}", b"FORGED")), [["pack_twice", paper]]),
        *(
            (with_first(name), [["pack_twice", said], ["pack_twice", table], ["pack_extra", said]])
            for name, said in (
                (f"{root}/data/Residents.csv", "data/Residents.csv"),
                (f"{root}/./{table}", f"./{table}"),
                (f"{root}/data\\residents.csv", "data\\residents.csv"),
                (f"{root}/{table}.", f"{table}."),
            )
        ),
        (with_first(f"{root}/constructor"), [["pack_extra", "constructor"]]),
        (with_first(f"{root}/data/more/"), [["pack_header", "data/more/"], ["pack_extra", "data/more/"]]),
        # Some go by the headers in front of the files instead of by the list.
        (with_bytes_at(pack, 0, hidden), [["pack_gap", "0"]]),
        (with_bytes_at(pack, files[1], hidden), [["pack_gap", str(files[1])]]),
        (with_bytes_at(pack, listed[0], hidden), [["pack_gap", str(listed[0])]]),
        (listing_fewer(more), [["pack_gap", str(places(more)[1][-1])]]),
        (with_field(pack, entry + 42, "<I", files[where - 1]), [*odd, ["pack_gap", str(files[where - 1])], changed]),
        (pack + hidden, [["pack_gap", str(len(pack))]]),
        (with_field(pack, end + 20, "<H", 4) + b"more", [["pack_gap", str(len(pack))]]),
        (with_field(pack, end + 20, "<H", 4), [["pack_gap", str(len(pack))]]),
        (with_field(pack, end + 12, "<I", end - listed[0] + 1), [["pack_gap", str(end)]]),
        (with_field(pack, file + 22, "<I", 3), odd),
        (with_field(pack, file + 18, "<I", 3), odd),
        (with_field(pack, file + 26, "<H", 3), odd),
        (with_field(pack, file + 28, "<H", 3), odd),
        (with_field(pack, file + 30, "<B", ord("P")), odd),
        (with_field(pack, file + 8, "<H", 8), odd),
        (with_field(with_field(pack, file + 6, "<H", 8), entry + 8, "<H", 8), odd),
        (with_field(pack, entry + 38, "<I", 0o120777 << 16), odd),
        (with_field(pack, entry + 34, "<H", 1), odd),
        (with_extra(pack), [["pack_header", "manifest.sig"]]),
    ]
    found = checked_by_script(*(pack for pack, _problems in tried))
    for case, ((_pack, expected), (verdict, problems, _wrong)) in enumerate(zip(tried, found, strict=True)):
        assert (case, verdict, problems) == (case, "pack_bad" if expected else "pack_good", expected)
    assert [wrong for _verdict, _problems, wrong in found if wrong] == [[number]] * 2, "the paper that stands twice"
    assert checked_by_script(with_first(f"{root}/manifest.json")) == [("pack_unsigned", [], [])]


# --- on the web ---


def test_an_auditor_takes_a_pack_away(app: Flask, client: PageClient) -> None:
    world.build()
    world.issued("taxes", year=2026, quarter=3, now=LATER)
    client.sign_in("auditor")
    form = client.get("documents.packs")
    progress = client.submit(form, {"year": "2026", "quarter": "3", "territory": ""}, containing="year", follow=True)
    assert progress.response.headers["Refresh"] == "1"
    assert "Evidence pack" in client.get("documents.index"), "it can be found again while it is being made"
    assert jobs.work_off() == 1
    made = client.get("documents.packs")
    assert "tizilim-KZ-2026-Q3.zip" in made
    answer = client.get_response("documents.pack_file", request_id=1)
    assert answer.data == packed(quarter=3)
    assert hashlib.sha256(answer.data).hexdigest() in made.html
    assert "tizilim-KZ-2026-Q3.zip" in answer.headers["Content-Disposition"]
    client.submit(form, {"year": "2026", "quarter": "3", "territory": ""}, containing="year")
    jobs.work_off()
    (request,) = db.session.scalars(sa.select(DocumentRequest))
    assert request.attempts == 1, "nothing was recorded since: the pack there is is given again"
    client.get("documents.draft", request_id=1, expect=404)
    client.sign_out()
    client.sign_in("resident")
    client.get("documents.packs", expect=403)
    client.get("documents.pack_file", request_id=1, expect=403)


def test_a_pack_goes_after_a_week(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    auditor = people.viewer("auditor")
    with transaction():
        asked = services.request_pack(auditor, year=2026, quarter=None, territory=None, now=worker.utc_now()).id
    jobs.enqueue(worker.run_request, asked)
    assert jobs.work_off() == 1
    _made, path = queries.get_pack(asked, auditor)
    leftovers.remove_leftovers()
    assert path.exists()
    late = worker.utc_now() + timedelta(days=8)
    monkeypatch.setattr(leftovers, "utc_now", lambda: late)
    leftovers.remove_leftovers()
    assert not path.exists()
    with pytest.raises(NotFound):
        queries.get_pack(asked, auditor)


def test_a_pack_that_fails_says_so_and_can_be_tried_again(app: Flask, client: PageClient) -> None:
    world.build()
    paper = world.issued("taxes", year=2026, quarter=3, now=LATER)
    path = storage.path_of(current_app.config["SETTINGS"].documents_dir, paper.sha256)
    content = path.read_bytes()
    path.write_bytes(b"%PDF-")
    client.sign_in("auditor")
    client.submit(client.get("documents.packs"), {"year": "2026"}, containing="year", follow=True)
    jobs.work_off()
    failed = client.get("documents.progress", request_id=1)
    assert "failed" in failed
    assert list(current_app.config["SETTINGS"].drafts_dir.glob("*/*")) == [], "nothing half-written is left"
    path.write_bytes(content)
    client.submit(failed, action="/documents/requests/1/again")
    assert jobs.work_off() == 1
    assert "tizilim-KZ-2026.zip" in client.get("documents.packs")


@pytest.mark.skipif(CHROMIUM is None, reason="Debian's chromium is not installed")
def test_the_page_names_what_was_edited_and_no_more(
    app: Flask, checked: Callable[..., tuple[str, list[str]]], papers_of_two: list[str]
) -> None:
    files = files_of(packed())
    lines = files["journal/entries.txt"].splitlines()
    where = next(at for at, line in enumerate(lines) if b'"resident_registered"' in line and b"KZ" not in line)
    broken = b"no entry at all"
    for edit in (lines[where].replace(b"resident_registered", b"resident_amended"), lines[where][:65] + broken):
        edited = b"".join(line + b"\n" for line in [*lines[:where], edit, *lines[where + 1 :]])
        journal_file = files | {"journal/entries.txt": edited}
        assert checked(zipped(journal_file)) == (
            "pack_bad",
            ["File changed: journal/entries.txt", f"Journal entry edited: {where + 1}"],
        )
    text = lines[where][65:].replace(b"resident_registered", b"resident_amended")
    rehashed = [*lines[:where], hashlib.sha256(text).hexdigest().encode() + b" " + text, *lines[where + 1 :]]
    forged = signed_again(files | {"journal/entries.txt": b"".join(line + b"\n" for line in rehashed)})
    assert checked(zipped(forged)) == ("pack_bad", [f"Journal entry edited: {where + 1}"])

    for gone in (where, len(lines) - 1):
        left = b"".join(line + b"\n" for line in lines[:gone] + lines[gone + 1 :])
        verdict, problems = checked(zipped(signed_again(files | {"journal/entries.txt": left})))
        broken_at = gone + 1 if gone == where else gone
        assert (verdict, problems[0]) == ("pack_bad", f"The chain breaks at entry: {broken_at}")

    first, second = papers_of_two
    swapped = files | {
        f"papers/{first}.pdf": files[f"papers/{second}.pdf"],
        f"papers/{second}.pdf": files[f"papers/{first}.pdf"],
    }
    for pack in (swapped, signed_again(swapped)):
        verdict, problems = checked(zipped(pack))
        assert (verdict, sorted(problems)) == (
            "pack_bad",
            sorted(
                f"Another paper stands in the place of this one: {own} ← {other}"
                for own, other in ((first, second), (second, first))
            ),
        )
        assert states(checked) == {first: "its file does not agree", second: "its file does not agree"}
    assert checked(packed()) == ("pack_good", [])
    assert set(states(checked).values()) == {"valid"}


@pytest.fixture
def papers_of_two(app: Flask) -> list[str]:
    """The numbers of two papers about 2026, none of them ended."""
    world.build()
    return [world.issued(kind, now=LATER).number for kind in ("certificate", "extract")]


def states(checked: Any) -> dict[str, str]:
    """What the page says of each paper of the pack it checked last."""
    rows = checked.page.locator("#answer table tr").all()[1:]
    cells = [row.locator("td").all_inner_texts() for row in rows]
    return {row[0]: row[-1] for row in cells}
