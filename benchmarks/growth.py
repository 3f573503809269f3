"""What grows with the input, and what must not."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import corpora
from one import peak_memory
from tables import Bench, Section, table

if TYPE_CHECKING:
    from collections.abc import Iterator

_MB = 1_000_000
_SIZES = (1 * _MB, 10 * _MB, 100 * _MB, 1000 * _MB, 4000 * _MB)


class _Made(io.RawIOBase):
    """A file whose bytes are made as they are read."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._rest = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        if not self._rest:
            self._rest = next(self._pieces, b"")
        part = self._rest[: len(buffer)]
        self._rest = self._rest[len(part) :]
        buffer[: len(part)] = part
        return len(part)


def read_made(size: int) -> tuple[float, int]:
    """Read a corpus that is made as it is read; return CPU seconds and peak memory in bytes."""
    import reviewcorpus as rc

    file = io.BufferedReader(_Made(corpora.stream(size)), 1 << 16)
    for _ in rc.iter_reviews(io.BytesIO(corpora.clean(1).data)):
        pass  # what is done at the first use of the library does not count
    started = time.process_time()
    for _ in rc.iter_reviews(file):
        pass
    return time.process_time() - started, peak_memory()


def _run(statement: str) -> str:
    code = f"import sys; sys.path.insert(0, {os.path.dirname(__file__)!r}); {statement}"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout


def section(bench: Bench) -> Section:
    """Measure time for each byte, and peak memory, from 1 MB to 4 GB."""
    rows = []
    for each in _SIZES:
        seconds, memory = _run(f"import growth; print(*growth.read_made({each}))").split()
        nanoseconds = float(seconds) / each * 1e9
        rows.append([f"{each / _MB:,.0f} MB", f"{nanoseconds:.2f}", f"{int(memory) / _MB:.1f}"])
    body = table("input, made as it is read | ns per byte | peak memory of the process, MB", rows)
    return Section(f"## Growth\n\n`iter_reviews` over one stream.\n\n{body}\n")
