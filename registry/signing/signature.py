"""The seal of the issuer: a PAdES certification signature after which nothing in the file may change.

It is the last thing written and only adds to the file, so that the bytes before it are the same however often the
paper is printed. Without a certificate in the settings papers go out unsealed. pyHanko is loaded only where a paper is
sealed.
"""

from __future__ import annotations

import asyncio
import io
import logging
import re
from pathlib import Path
from typing import Any

from registry.config import Settings
from registry.errors import DomainError
from registry.infra.i18n import lazy

FIELD = "Seal"
"""Name of the signature field."""

SECONDS = 5
"""How long the time-stamp authority may take; without its answer no paper is issued."""

_log = logging.getLogger(__name__)


def seal(content: bytes, settings: Settings) -> bytes:
    """Seal a finished file with the certificate of the settings, time-stamped where an authority is named.

    :raises DomainError: when the certificate cannot be read or the authority does not answer in time.
    """
    signer = signer_of(settings)
    if signer is None:
        return content
    try:
        return asyncio.run(asyncio.wait_for(_sign(content, signer, settings.tsa_url), SECONDS + 10))
    except Exception as error:
        _log.exception("a paper could not be sealed")
        raise DomainError(
            lazy(
                "The paper could not be sealed: the seal or the time-stamp authority did not answer. "
                "No number was given; try again."
            )
        ) from error


def is_printed(stored: bytes, printed: bytes) -> bool:
    """Whether ``stored`` is what was printed, with nothing but a seal behind it."""
    if stored == printed:
        return True
    if not stored.startswith(printed):
        return False
    return re.search(rb"/ByteRange\s*\[", stored[len(printed) :]) is not None


async def _sign(content: bytes, signer: Any, tsa_url: str | None) -> bytes:
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign import fields, signers, timestamps

    class Writer(IncrementalPdfFileWriter):
        """Adds the signature and leaves the file's metadata as they were printed: rewritten, they are no PDF/A.

        The table of what was added is written plain: packed, one in 256 ends with a carriage return, which reads like
        a part of the end of line behind it (ISO 19005-3, 6.1.7.1).
        """

        def _update_meta(self) -> None:
            pass

        def _populate_trailer(self, trailer: Any) -> None:
            super()._populate_trailer(trailer)
            trailer.pop("/Filter", None)

    stamper = timestamps.HTTPTimeStamper(tsa_url, timeout=SECONDS) if tsa_url else None
    metadata = signers.PdfSignatureMetadata(
        field_name=FIELD,
        md_algorithm="sha256",
        certify=True,
        docmdp_permissions=fields.MDPPerm.NO_CHANGES,
        subfilter=fields.SigSeedSubFilter.PADES,
    )
    field = fields.SigFieldSpec(
        FIELD, readable_field_name=FIELD, invis_sig_settings=fields.InvisSigSettings(box_out_of_bounds=True)
    )
    target = io.BytesIO()
    await signers.PdfSigner(metadata, signer, timestamper=stamper, new_field_spec=field).async_sign_pdf(
        Writer(io.BytesIO(content)), output=target
    )
    return target.getvalue()


def signer_of(settings: Settings) -> Any | None:
    """The seal of the settings, opened; None where there is none.

    :raises DomainError: when its file or password cannot be read.
    """
    return None if settings.seal_file is None else _signer(settings.seal_file, settings.seal_password_file)


def _signer(file: Path, password_file: Path | None) -> Any:
    from pyhanko.sign import signers

    try:
        password = password_file.read_text(encoding="utf-8").strip().encode() if password_file else None
        content = file.read_bytes()
    except OSError as error:
        raise DomainError(lazy("The seal's file or its password cannot be read: see REGISTRY_SEAL_FILE.")) from error
    try:
        return signers.SimpleSigner.load_pkcs12_data(content, other_certs=(), passphrase=password)
    except ValueError as error:
        raise DomainError(lazy("The seal's file cannot be opened: it is damaged, or its password is wrong.")) from error
