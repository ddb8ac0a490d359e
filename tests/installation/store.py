"""A store that speaks S3, started for the length of a test: moto's server, as a process of its own."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError


@dataclass(frozen=True)
class Store:
    """A running store with one bucket."""

    host: str
    bucket: str = "backups"

    @property
    def client(self) -> Any:
        return boto3.client(
            "s3",
            endpoint_url=f"http://{self.host}",
            region_name="us-east-1",
            aws_access_key_id="test",
            aws_secret_access_key="test",
            config=Config(s3={"addressing_style": "path"}, retries={"max_attempts": 0}),
        )

    def names(self) -> set[str]:
        return {item["Key"] for item in self.client.list_objects_v2(Bucket=self.bucket).get("Contents", ())}


@contextmanager
def running() -> Generator[Store]:
    """Start a store and make its bucket."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-m", "moto.server", "--host", "127.0.0.1", "--port", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        store = Store(f"127.0.0.1:{port}")
        deadline = time.monotonic() + 60
        while True:
            try:
                store.client.create_bucket(Bucket=store.bucket)
                break
            except BotoCoreError:
                assert time.monotonic() < deadline, "the store does not answer"
                time.sleep(0.1)
        yield store
    finally:
        process.terminate()
        process.wait()
