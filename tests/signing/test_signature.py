"""Sealed papers, with an authority made for the test: valid, and bound to every byte."""

from __future__ import annotations

import dataclasses
import io
import re
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import page
import pytest
import sqlalchemy as sa
from asn1crypto import keys, tsp
from asn1crypto import x509 as asn1
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from flask import Flask
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.timestamps.dummy_client import DummyTimeStamper
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

from registry.errors import DomainError
from registry.infra.db import db
from registry.papers import queries
from registry.papers.models import Document
from registry.signing import signature
from registry.verification import checking
from tests.papers import world
from tests.printing import conformance

PASSWORD = b"correct horse"


@dataclasses.dataclass
class Party:
    certificate: x509.Certificate
    key: rsa.RSAPrivateKey

    def der(self) -> asn1.Certificate:
        return asn1.Certificate.load(self.certificate.public_bytes(serialization.Encoding.DER))


def party(name: str, issuer: Party | None = None, *, stamps_time: bool = False) -> Party:
    key = rsa.generate_private_key(65537, 2048)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    usage = dict.fromkeys(
        ("data_encipherment", "encipher_only", "decipher_only", "key_agreement", "key_encipherment"), False
    ) | {
        "digital_signature": issuer is not None,
        "content_commitment": issuer is not None,
        "key_cert_sign": issuer is None,
        "crl_sign": issuer is None,
    }
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.certificate.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=30))
        .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
        .add_extension(x509.KeyUsage(**usage), critical=True)
    )
    if stamps_time:
        builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True)
    return Party(builder.sign(issuer.key if issuer else key, hashes.SHA256()), key)


@pytest.fixture(scope="module")
def authority() -> Party:
    return party("Сынақ орталығы")


@pytest.fixture
def sealing_app(app: Flask, authority: Party, tmp_path: Path) -> Iterator[Flask]:
    """The application with a seal in its settings."""
    own = party("Тізілім мөрі", authority)
    content = pkcs12.serialize_key_and_certificates(
        b"seal", own.key, own.certificate, [authority.certificate], serialization.BestAvailableEncryption(PASSWORD)
    )
    (tmp_path / "seal.p12").write_bytes(content)
    (tmp_path / "password").write_bytes(PASSWORD + b"\n")
    with changed(app, seal_file=tmp_path / "seal.p12", seal_password_file=tmp_path / "password"):
        yield app


class changed:  # noqa: N801 - a context manager
    """Other settings for as long as the block lasts."""

    def __init__(self, app: Flask, **values: object) -> None:
        self.app, self.values = app, values

    def __enter__(self) -> None:
        self.before = self.app.config["SETTINGS"]
        self.app.config["SETTINGS"] = dataclasses.replace(self.before, **self.values)

    def __exit__(self, *_error: object) -> None:
        self.app.config["SETTINGS"] = self.before


@pytest.fixture
def time_stamps(authority: Party) -> Iterator[str]:
    """Address of a time-stamp authority."""
    own = party("Уақыт", authority, stamps_time=True)
    key = own.key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    stamper = DummyTimeStamper(own.der(), keys.PrivateKeyInfo.load(key))

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            answer = stamper.request_tsa_response(tsp.TimeStampReq.load(body)).dump()
            self.send_response(200)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_arguments: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


def status(content: bytes, authority: Party):
    context = ValidationContext(trust_roots=[authority.der()], allow_fetching=False)
    reader = PdfFileReader(io.BytesIO(content))
    [signature] = reader.embedded_signatures
    return validate_pdf_signature(
        signature, signer_validation_context=context, ts_validation_context=context
    ), signature


def pdfsig(content: bytes, folder: Path) -> str:
    path = folder / "paper.pdf"
    path.write_bytes(content)
    return subprocess.run(["pdfsig", "-nocert", path], capture_output=True, text=True, check=False).stdout


def test_a_sealed_paper_is_valid_for_independent_readers(
    sealing_app: Flask, authority: Party, time_stamps: str, tmp_path: Path
) -> None:
    world.build()
    with changed(sealing_app, tsa_url=time_stamps):
        paper = world.issued("participants")
    content = queries.get_bytes(paper)
    found, signature = status(content, authority)
    assert found.bottom_line, found.pretty_print_details()
    assert found.timestamp_validity is not None
    assert found.timestamp_validity.trusted
    assert signature.docmdp_level.name == "NO_CHANGES"
    assert str(signature.sig_object["/SubFilter"]) == "/ETSI.CAdES.detached"
    told = pdfsig(content, tmp_path)
    assert "Signature is Valid" in told
    assert "Total document signed" in told
    assert conformance.faults(content) == []
    for profile in (page.ValidationProfile.PDF_A_3A, page.ValidationProfile.PDF_UA_1):
        report = page.validate_pdf_bytes(content, profile=profile)
        assert report.is_compliant, [(failure.rule_id, failure.message) for failure in report.failures]
    assert checking.verify(content, world.DAY).valid


def test_a_changed_byte_breaks_the_seal(sealing_app: Flask, authority: Party, tmp_path: Path) -> None:
    """Wherever in what the signature covers: text, attached data, the registry's own line; and in the seal itself."""
    world.build()
    content = queries.get_bytes(world.issued("certificate"))
    assert "Signature is Valid" in pdfsig(content, tmp_path)
    _found, signature = status(content, authority)
    start, length, behind, rest = signature.byte_range
    assert start == 0
    assert behind + rest == len(content)
    sealed_at = content.rindex(b"%Tizilim ")
    assert sealed_at < length
    attachments = [match.end() + 9 for match in re.finditer(rb"/EmbeddedFile.*?stream\r?\n", content, re.DOTALL)]
    assert attachments
    places = [length * part // 12 for part in range(1, 12)]
    places += [*attachments, sealed_at + 30, length - 2, behind + 1, behind + rest - 2]
    for position in places:
        damaged = bytearray(content)
        damaged[position] ^= 1
        assert "Signature is Valid" not in pdfsig(bytes(damaged), tmp_path), position
        assert checking.verify(bytes(damaged), world.DAY).status == "unknown"
    # What the signature does not cover is itself, in hexadecimal digits.
    damaged = bytearray(content)
    damaged[length + (behind - length) // 8] ^= 1
    assert checking.verify(bytes(damaged), world.DAY).status == "unknown"
    assert "Signature is Valid" not in pdfsig(bytes(damaged), tmp_path)


@pytest.mark.parametrize(("kind", "language"), [("annual", "ru"), ("journal", "en"), ("indicators", "kk")])
def test_a_sealed_paper_stays_archival(sealing_app: Flask, kind: str, language: str) -> None:
    world.build()
    assert conformance.faults(queries.get_bytes(world.issued(kind, language=language))) == []


def test_the_bytes_before_the_seal_are_printed_again(sealing_app: Flask) -> None:
    world.build()
    paper = world.issued("participants")
    assert checking.compare(paper) is None
    with changed(sealing_app, seal_file=None):
        assert checking.compare(paper) is None


def test_only_a_seal_may_follow_what_was_printed() -> None:
    assert signature.is_printed(b"abc", b"abc")
    assert signature.is_printed(b"abc 1 0 obj << /ByteRange [ 0 1 2 3 ] >>", b"abc")
    assert not signature.is_printed(b"abc more", b"abc")
    assert not signature.is_printed(b"abd", b"abc")


def issued_nothing() -> bool:
    db.session.rollback()
    return db.session.scalar(sa.select(sa.func.count()).select_from(Document)) == 0


def test_without_a_time_stamp_nothing_is_issued(sealing_app: Flask) -> None:
    """The authority is silent: after five seconds the step is given up, and no number is lost."""
    world.build()
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        began = time.monotonic()
        with changed(sealing_app, tsa_url=address), pytest.raises(DomainError):
            world.issued("certificate")
        assert time.monotonic() - began < 12
    assert issued_nothing()
    assert world.issued("certificate").number == "NU-CER-2026-000001-kk"


def test_a_wrong_password_says_so(sealing_app: Flask, tmp_path: Path) -> None:
    world.build()
    (tmp_path / "password").write_text("wrong")
    with pytest.raises(DomainError, match="password"):
        world.issued("certificate")
    (tmp_path / "seal.p12").unlink()
    with pytest.raises(DomainError, match="REGISTRY_SEAL_FILE"):
        world.issued("certificate")
    assert issued_nothing()
