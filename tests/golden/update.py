"""Keep what exports, figures, pages and papers are now: ``python -m tests.golden.update [pytest's own arguments]``."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

if __name__ == "__main__":
    os.environ["TEST_GOLDEN"] = "update"
    os.environ["TEST_THOROUGH"] = "all"
    sys.exit(pytest.main([str(Path(__file__).parent), *sys.argv[1:]]))
