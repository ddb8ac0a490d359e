"""Checking without a network: the token in the QR code, the signature in the file, and the page that reads both."""

from __future__ import annotations

import hashlib
import io
import json
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from flask import Flask, current_app

from registry.papers import queries
from registry.signing import keys, offline_token
from registry.verification import offline_page
from tests.pages import PageClient
from tests.papers import world

CLAIM = offline_token.Claim(
    "KURCHATOV-TAX-2026-000123-kk",
    date(2026, 10, 5),
    "taxes",
    2000,
    "1234567890.12",
    hashlib.sha256(b"data").hexdigest(),
    123_456,
    "00112233445566778899aabbccddeeff",
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Keys of an installation."""
    keys.create(tmp_path)
    return tmp_path


def issued(folder: Path, claim: offline_token.Claim = CLAIM) -> str:
    return offline_token.issue(claim, lambda message: keys.sign(folder, message))


def read(folder: Path, text: str) -> offline_token.Claim:
    return offline_token.read(text, lambda message, signature: keys.signer(folder, message, signature))


def test_a_token_says_what_was_signed(folder: Path) -> None:
    text = issued(folder)
    assert text.isdecimal()
    assert text == issued(folder), "the same claim gives the same token"
    assert len(text) < 480
    assert read(folder, text) == CLAIM
    for claim in (replace(CLAIM, total=None), replace(CLAIM, rows=0), replace(CLAIM, chain_sequence=2**33)):
        assert read(folder, issued(folder, claim)) == claim


FIXED_KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
FIXED_TOKEN = (
    "71264419613905653619373472527811741291947716195517264913029010581930909658818612017165721636001652371551657342"
    "00356603020376816134336392371045289377550516343240070781097663027106151424544571151592867653888405653403348512"
    "82023959751541862646161438118058057042867060861043732997441597548603697138166950757771584126669860021287087638"
    "272842786521990661574054382424263927617713149811725132948240008055608975329813511126640255488687119"
)


def test_the_bytes_of_a_token_never_change() -> None:
    """Papers printed years ago carry these bytes: the same claim signed with the same key gives the same digits."""

    def signer(message: bytes, signature: bytes) -> str | None:
        FIXED_KEY.public_key().verify(signature, message)
        return "fixed"

    assert offline_token.issue(CLAIM, FIXED_KEY.sign) == FIXED_TOKEN
    assert offline_token.read(FIXED_TOKEN, signer) == CLAIM


def test_a_changed_or_foreign_token_is_refused(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    text = issued(folder)
    for position in range(0, len(text), 7):
        changed = text[:position] + str((int(text[position]) + 1) % 10) + text[position + 1 :]
        with pytest.raises(offline_token.TokenError):
            read(folder, changed)
    for broken in ("", "x", text[:-1], text + "0", "0" + text):
        with pytest.raises(offline_token.TokenError):
            read(folder, broken)
    stranger = tmp_path_factory.mktemp("stranger")
    keys.create(stranger)
    with pytest.raises(offline_token.TokenError):
        read(folder, issued(stranger))


def test_a_past_key_stays_good(folder: Path) -> None:
    text = issued(folder)
    (folder / keys.SIGNING_KEY).unlink()
    keys.create(folder)
    assert issued(folder) != text
    assert read(folder, text) == CLAIM
    assert len(keys.raw_public_keys(folder)) == 2


FILE = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\nstartxref\n9\n%%EOF\n"


def proved(folder: Path, content: bytes = FILE) -> bytes:
    return offline_token.prove(content, issued(folder), lambda message: keys.sign(folder, message))


def proof_of(folder: Path, content: bytes) -> offline_token.Proof:
    return offline_token.check_file(content, lambda message, signature: keys.signer(folder, message, signature))


def test_any_flipped_bit_of_a_file_is_noticed(folder: Path) -> None:
    content = proved(folder)
    assert proof_of(folder, content) == offline_token.Proof(CLAIM, 0)
    for position in range(len(content) - 1):
        changed = bytearray(content)
        changed[position] ^= 1
        with pytest.raises(offline_token.TokenError):
            proof_of(folder, bytes(changed))
    with pytest.raises(offline_token.TokenError):
        proof_of(folder, FILE)


def test_what_stands_behind_is_told(folder: Path) -> None:
    assert proof_of(folder, proved(folder) + b"seal").added == 4


# --- on paper ---


def printed(content: bytes, dpi: int) -> io.BytesIO:
    """The first page as a printer and a mediocre scanner leave it: grey, slanted, blurred, as a poor JPEG."""
    from PIL import Image, ImageFilter

    made = subprocess.run(
        ["pdftoppm", "-r", str(dpi), "-f", "1", "-l", "1", "-gray", "-png", "-"],
        input=content,
        capture_output=True,
        check=True,
    )
    image = Image.open(io.BytesIO(made.stdout)).rotate(1.3, fillcolor=255, resample=Image.Resampling.BICUBIC)
    target = io.BytesIO()
    image.filter(ImageFilter.GaussianBlur(0.6)).save(target, "JPEG", quality=55)
    return target


def test_the_qr_code_is_read_from_a_print_and_the_file_proves_itself(app: Flask) -> None:
    zxingcpp = pytest.importorskip("zxingcpp")
    from PIL import Image

    world.build()
    folder = current_app.config["SETTINGS"].keys_dir
    for kind in ("taxes", "certificate"):
        paper = world.issued(kind)
        content = queries.get_bytes(paper)
        for dpi in (150, 200):
            found = zxingcpp.read_barcodes(Image.open(printed(content, dpi)))
            assert [code.text.partition("#")[0] for code in found] == [f"http://localhost:8000/v/{paper.code}"], dpi
        claim = read(folder, found[0].text.partition("#")[2])
        assert (claim.number, claim.issued_on, claim.kind) == (paper.number, paper.act.issued_on, kind)
        assert claim.data_hash == paper.act.data_hash
        assert paper.act.chain_hash.startswith(claim.chain_head)
        assert claim.total == ("2345678.90" if kind == "taxes" else None)
        assert proof_of(folder, content) == offline_token.Proof(claim, 0)


# --- the page ---


def test_the_page_is_one_file_that_asks_nobody(app: Flask, client: PageClient) -> None:
    client.sign_in("auditor")
    answer = client.get_response("documents.offline_page")
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{offline_page.FILE_NAME}"'
    text = answer.get_data(as_text=True)
    assert "http://" not in text.replace("http-equiv", "")
    assert "https://" not in text
    assert "src=" not in text.replace("-src ", " ")
    for raw in keys.raw_public_keys(current_app.config["SETTINGS"].keys_dir).values():
        assert raw.hex() in text
    assert offline_page.page({"k": b"\1" * 32}) == offline_page.page({"k": b"\1" * 32})
    assert '"kind.annual.KZ": "Сводный годовой отчет управляющих компаний"' in text


CHROMIUM = shutil.which("chromium")


@pytest.fixture
def page(app: Flask, folder: Path) -> Iterator:
    """The checker, opened from the disk in a browser without a network."""
    from playwright.sync_api import sync_playwright

    place = folder / offline_page.FILE_NAME
    place.write_bytes(offline_page.page(keys.raw_public_keys(folder)))
    with sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        context = chromium.new_context(locale="en-GB", offline=True)
        shown = context.new_page()
        troubles: list[str] = []
        shown.on("pageerror", lambda error: troubles.append(str(error)))
        shown.goto(place.as_uri())
        yield shown
        chromium.close()
        assert troubles == []


def verdict(page, *, file: bytes | None = None, code: str = "") -> str:
    files = [{"name": "a.pdf", "mimeType": "application/pdf", "buffer": file}] if file is not None else []
    page.set_input_files("#file", files)
    page.fill("#code", code)
    page.click("button")
    page.wait_for_selector("#answer [data-verdict]:not([data-verdict=working])")
    return page.get_attribute("#answer [data-verdict]", "data-verdict")


@pytest.mark.skipif(CHROMIUM is None, reason="Debian's chromium is not installed")
def test_the_page_checks_tokens_and_files(page, folder: Path) -> None:
    text, content = issued(folder), proved(folder, FILE.replace(b"<<>>", b"x" * 300_000))
    assert verdict(page, code=f"https://tizilim.example.kz/v/ABC#{text}") == "token_good"
    shown = page.inner_text("#answer")
    for value in (CLAIM.number, "5\u00a0October 2026", "1,234,567,890.12", CLAIM.data_hash, CLAIM.chain_head):
        assert value in shown
    assert "Register of tax receipts" in shown
    assert "Number of entries" not in shown, "the paper of taxes prints no such number"
    page.select_option("#language", "ru")
    assert "1\u00a0234\u00a0567\u00a0890,12" in page.inner_text("#answer")
    page.select_option("#language", "en")
    assert verdict(page, code=text[:-1] + str((int(text[-1]) + 1) % 10)) == "token_bad"
    assert verdict(page, code="nonsense") == "token_bad"
    assert verdict(page, file=content) == "file_good"
    assert verdict(page, file=content, code=text) == "file_good"
    assert (
        verdict(page, file=content, code=issued(folder, replace(CLAIM, number="NU-TAX-2026-000001-kk"))) == "token_bad"
    )
    assert verdict(page, file=content + b"more") == "file_added"
    changed = bytearray(content)
    changed[len(changed) // 2] ^= 1
    assert verdict(page, file=bytes(changed)) == "file_bad"
    assert verdict(page, file=FILE) == "file_none"
    page.select_option("#language", "kk")
    assert "Файлда тізілімнің қолтаңбасы жоқ." in page.inner_text("#answer")


@pytest.mark.skipif(CHROMIUM is None, reason="Debian's chromium is not installed")
def test_the_page_reckons_as_others_do(page, folder: Path) -> None:
    """Its hashes and signatures against those of Python, at the lengths where padding changes."""
    for length in (0, 1, 55, 56, 63, 64, 111, 112, 119, 120, 127, 128, 1000):
        message = bytes(range(256)) * 4
        given = json.dumps(list(message[:length]))
        reckoned = page.evaluate(f"hex(sha256(Uint8Array.from({given})))")
        assert reckoned == hashlib.sha256(message[:length]).hexdigest()
        signature = keys.sign(folder, message[:length])
        call = f"signer(Uint8Array.from({given}), unhex('{{}}'))"
        assert page.evaluate(call.format(signature.hex())) == next(iter(keys.raw_public_keys(folder)))
        wrong = bytes([signature[0] ^ 1]) + signature[1:]
        assert page.evaluate(call.format(wrong.hex())) is None
