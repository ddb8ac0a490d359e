"""A bucket of a store that speaks S3: files are copied into it, compared with what arrived, listed and removed."""

from __future__ import annotations

import hashlib
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from registry.config import Settings
from registry.errors import DomainError
from registry.infra.i18n import lazy

_PART = 1 << 20
"""Bytes that are read at once."""


class BucketError(DomainError):
    """The store did not do what was asked; the message says why, without key or secret."""


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

    def put(self, file: Path, sha256: str) -> None:
        """Copy a file into the bucket under its own name, then read it back and compare.

        :raises BucketError: when the store refuses it, is out of reach, or gives back other bytes.
        """
        with self._telling(), file.open("rb") as content:
            self._client.upload_fileobj(content, self.name, self.folder + file.name, Config=self._whole)
            body = self._client.get_object(Bucket=self.name, Key=self.folder + file.name)["Body"]
            found = hashlib.sha256()
            for part in body.iter_chunks(_PART):
                found.update(part)
        if found.hexdigest() != sha256:
            raise BucketError(lazy("The store %(host)s gave back other bytes than it was sent.", host=self._host))

    def names(self) -> set[str]:
        """What stands in the folder."""
        with self._telling():
            pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=self.name, Prefix=self.folder)
            return {item["Key"].removeprefix(self.folder) for page in pages for item in page.get("Contents", ())}

    def remove(self, name: str) -> None:
        """Remove a file; one that is gone already is no error."""
        with self._telling():
            self._client.delete_object(Bucket=self.name, Key=self.folder + name)

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
            raise BucketError(lazy("The store %(host)s refuses: %(code)s.", host=self._host, code=code)) from None
        except (BotoCoreError, OSError) as error:
            raise BucketError(
                lazy("The store %(host)s does not answer: %(reason)s.", host=self._host, reason=type(error).__name__)
            ) from None


def bucket_of(settings: Settings) -> Bucket | None:
    """The bucket that the settings name; None where they name none.

    :raises BucketError: when the file with the secret cannot be read.
    """
    if settings.backup_s3_url is None or settings.backup_s3_secret_file is None:
        return None
    parts = urlsplit(settings.backup_s3_url)
    name, _slash, folder = unquote(parts.path).strip("/").partition("/")
    try:
        secret = settings.backup_s3_secret_file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        file = settings.backup_s3_secret_file
        raise BucketError(lazy("The file with the secret of the bucket cannot be read: %(file)s.", file=file)) from None
    return Bucket(
        endpoint=f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}",
        name=name,
        folder=f"{folder}/" if folder else "",
        region=settings.backup_s3_region,
        key=unquote(parts.username or ""),
        secret=secret,
    )
