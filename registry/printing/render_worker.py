"""A process that lays out chunks: reads HTML from its input and writes PDF to its output, until its input ends.

    python -m registry.printing.render_worker

Each message is its length, in eight bytes (big-endian), and then that many bytes. An answer has one more byte in front:
0 for a PDF, 1 for the text of an error, 2 when memory did not suffice. The process takes a limited amount of memory,
and ends when the process that started it is gone.
"""

from __future__ import annotations

import os
import sys

from registry.infra import machine
from registry.printing import pdf

MEMORY = 2 << 30
"""Bytes of address space the process may take; a chunk needs a fraction of it."""


def main() -> None:
    """Answer messages until the input ends."""
    machine.bound(MEMORY)
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints goes to stderr and not between the answers
    while len(head := sys.stdin.buffer.read(8)) == 8:
        source = sys.stdin.buffer.read(int.from_bytes(head, "big")).decode()
        try:
            mark, content = b"\0", pdf.render(source)
        except MemoryError:
            mark, content = b"\2", b""
        except Exception as error:
            mark, content = b"\1", f"{type(error).__name__}: {error}".encode()
        answers.write(mark + len(content).to_bytes(8, "big") + content)
        answers.flush()


if __name__ == "__main__":
    main()
