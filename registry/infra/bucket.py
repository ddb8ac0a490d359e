"""A bucket of a store that speaks S3: files are copied into it, compared with what arrived, listed and removed.

It keeps backups under their names, and attachments under their hashes (:class:`registry.infra.storage.Store`).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from registry.config import Settings
from registry.errors import DomainError
from registry.infra.i18n import lazy
from registry.infra.storage import PART, StorageError


class BucketError(DomainError):
    """The store did not do what was asked; the message says why, without key or secret.

    ``code`` is what the store calls its refusal; empty where it did not answer.
    """

    code = ""


_MISSING = {"NoSuchKey", "404"}
"""How stores say that there is no such file."""

_HASH = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Bucket:
    """A bucket, or a folder in one: ``folder`` is empty or ends in a slash."""

    endpoint: str
    name: str
    folder: str
    region: str
    key: str = field(repr=False)
    secret: str = field(repr=False)

    @property
    def address(self) -> str:
        """For people."""
        return f"{self.endpoint}/{self.name}/{self.folder}".rstrip("/")

    def put(self, file: Path, sha256: str, name: str | None = None) -> None:
        """Copy a file into the bucket under its own name or another, then read it back and compare.

        :raises BucketError: when the store refuses it, is out of reach, or gives back other bytes.
        """
        key = self.folder + (name or file.name)
        with self._telling(), file.open("rb") as content:
            self._client.upload_fileobj(content, self.name, key, Config=self._whole)
            body = self._client.get_object(Bucket=self.name, Key=key)["Body"]
            found = hashlib.sha256()
            for part in body.iter_chunks(PART):
                found.update(part)
        if found.hexdigest() != sha256:
            raise BucketError(lazy("The store %(host)s gave back other bytes than it was sent.", host=self._host))

    def names(self) -> set[str]:
        """What stands in the folder."""
        return {name for name, _item in self._listed()}

    def remove(self, name: str) -> None:
        """Remove a file; one that is gone already is no error."""
        with self._telling():
            self._client.delete_object(Bucket=self.name, Key=self.folder + name)

    def keep(self, file: Path, sha256: str) -> None:
        """Keep a file under its hash."""
        self.put(file, sha256, sha256)

    def parts(self, sha256: str) -> Iterator[bytes]:
        """The bytes of a kept file.

        :raises StorageError: when it is missing.
        :raises BucketError: when the store is out of reach.
        """
        try:
            with self._telling():
                body = self._client.get_object(Bucket=self.name, Key=self.folder + sha256)["Body"]
        except BucketError as error:
            if error.code in _MISSING:
                raise StorageError(f"the stored file {sha256} is missing") from None
            raise
        return self._read(body)

    def _read(self, body: Any) -> Iterator[bytes]:
        with self._telling():
            yield from body.iter_chunks(PART)

    def sizes(self) -> dict[str, int]:
        """Bytes of every kept file, by its hash."""
        return {name: item["Size"] for name, item in self._listed() if _HASH.fullmatch(name)}

    def holds(self, sha256: str) -> bool:
        """Whether a file is kept."""
        with self._telling():
            found = self._client.list_objects_v2(Bucket=self.name, Prefix=self.folder + sha256, MaxKeys=1)
            return bool(found.get("Contents"))

    def discard(self, sha256: str) -> None:
        """Remove a kept file; one that is gone already is no error."""
        self.remove(sha256)

    def kept_before(self, moment: float) -> set[str]:
        """The hashes of the files that were last kept before that moment, by the store's clock."""
        return {
            name for name, item in self._listed() if _HASH.fullmatch(name) and item["LastModified"].timestamp() < moment
        }

    def _listed(self) -> list[tuple[str, Any]]:
        with self._telling():
            pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=self.name, Prefix=self.folder)
            found = [item for page in pages for item in page.get("Contents", ())]
        return [(item["Key"].removeprefix(self.folder), item) for item in found]

    @cached_property
    def _client(self) -> Any:
        # Takes a third of a second to load, and only a worker that copies a backup needs it.
        import boto3
        from botocore.config import Config

        return boto3.client(
            "s3",
            endpoint_url=self.endpoint,
            region_name=self.region,
            aws_access_key_id=self.key,
            aws_secret_access_key=self.secret,
            config=Config(
                connect_timeout=10,
                read_timeout=60,
                retries={"mode": "standard", "max_attempts": 3},
                s3={"addressing_style": "path"},
                # Not every store knows the newer checksums, and what arrived is read back anyway.
                request_checksum_calculation="when_required",
                response_checksum_validation="when_required",
            ),
        )

    @property
    def _whole(self) -> Any:
        from boto3.s3.transfer import TransferConfig

        # Without threads of its own, so that a time limit reaches it.
        return TransferConfig(use_threads=False)

    @property
    def _host(self) -> str:
        return urlsplit(self.endpoint).netloc

    @contextmanager
    def _telling(self) -> Generator[None]:
        """Tell in plain words what the store says."""
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            yield
        except ClientError as error:
            code = error.response.get("Error", {}).get("Code", "")
            refused = BucketError(lazy("The store %(host)s refuses: %(code)s.", host=self._host, code=code))
            refused.code = code
            raise refused from None
        except (BotoCoreError, OSError) as error:
            raise BucketError(
                lazy("The store %(host)s does not answer: %(reason)s.", host=self._host, reason=type(error).__name__)
            ) from None


def bucket_of(settings: Settings) -> Bucket | None:
    """The bucket that backups are copied into; None where the settings name none.

    :raises BucketError: when the file with the secret cannot be read.
    """
    return _bucket(settings.backup_s3_url, settings.backup_s3_secret_file, settings.backup_s3_region)


def bucket_of_attachments(settings: Settings) -> Bucket | None:
    """The bucket that attachments are kept in; None where the settings name none.

    :raises BucketError: when the file with the secret cannot be read.
    """
    return _bucket(settings.attachment_s3_url, settings.attachment_s3_secret_file, settings.attachment_s3_region)


def _bucket(url: str | None, secret_file: Path | None, region: str) -> Bucket | None:
    if url is None or secret_file is None:
        return None
    parts = urlsplit(url)
    name, _slash, folder = unquote(parts.path).strip("/").partition("/")
    try:
        secret = secret_file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        raise BucketError(
            lazy("The file with the secret of the bucket cannot be read: %(file)s.", file=secret_file)
        ) from None
    return Bucket(
        endpoint=f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}",
        name=name,
        folder=f"{folder}/" if folder else "",
        region=region,
        key=unquote(parts.username or ""),
        secret=secret,
    )
