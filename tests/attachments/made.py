"""Files of every kind that is taken, made small, and records to attach them to."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from datetime import UTC, datetime

from asn1crypto import algos, cms, x509
from asn1crypto.core import OctetString
from flask import Flask

from registry.attachments import services
from registry.attachments.models import Attachment
from registry.attachments.rules import Key
from registry.infra.access import Viewer
from registry.infra.db import transaction
from tests.reports import ready

NOW = ready.NOW

PDF = b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer << /Root 1 0 R >>\nstartxref\n9\n%%EOF\n"
JPEG = (
    b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00"
    b"\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00\x7f\xff\xd9"
)
CSV = "Код;Сумма\n101201;20000,50\n".encode()
EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-" + b"STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


PNG = (
    b"\x89PNG\r\n\x1a\n"
    + chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
    + chunk(b"IDAT", zlib.compress(b"\x00\x00"))
    + chunk(b"IEND", b"")
)


def packed(files: dict[str, bytes], **options: object) -> bytes:
    """A ZIP of these files."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
        archive.comment = options.get("comment", b"")  # type: ignore[assignment]
    return content.getvalue()


def document(part: str, *, types: bytes = b"<Types/>", **more: bytes) -> bytes:
    return packed({"[Content_Types].xml": types, part: b"<x/>"} | more)


DOCX = document("word/document.xml")
XLSX = document("xl/workbook.xml")
ZIP = packed({"scans/one.pdf": PDF, "two.csv": CSV})


def signature(*, signers: int = 1, content_type: str = "signed_data") -> bytes:
    """A CMS structure with signers whose signatures nobody checks here."""
    if content_type != "signed_data":
        return cms.ContentInfo({"content_type": "data", "content": OctetString(b"x")}).dump()
    signer = cms.SignerInfo(
        {
            "version": "v1",
            "sid": cms.SignerIdentifier(
                "issuer_and_serial_number",
                cms.IssuerAndSerialNumber({"issuer": x509.Name.build({"common_name": "Демо"}), "serial_number": 7}),
            ),
            "digest_algorithm": algos.DigestAlgorithm({"algorithm": "sha256"}),
            "signature_algorithm": algos.SignedDigestAlgorithm({"algorithm": "rsassa_pkcs1v15"}),
            "signature": b"\0" * 64,
        }
    )
    data = cms.SignedData(
        {
            "version": "v1",
            "digest_algorithms": [algos.DigestAlgorithm({"algorithm": "sha256"})],
            "encap_content_info": {"content_type": "data"},
            "signer_infos": [signer] * signers,
        }
    )
    return cms.ContentInfo({"content_type": "signed_data", "content": data}).dump()


def attached(
    actor: Viewer,
    key: Key,
    content: bytes = PDF,
    name: str = "шот.pdf",
    *,
    now: datetime = datetime(2026, 11, 20, 6, 0, tzinfo=UTC),
    staff_only: bool = False,
) -> Attachment:
    """A file attached through the services."""
    with services.received(io.BytesIO(content), name) as file, transaction():
        return services.attach(actor, key, file, now=now, staff_only=staff_only)


def with_settings(app: Flask, **values: object) -> None:
    """Give the application other settings, for the rest of the test (see the fixture ``settings``)."""
    from dataclasses import replace

    app.config["SETTINGS"] = replace(app.config["SETTINGS"], **values)
