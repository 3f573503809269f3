"""One run of one reader over one file, in a process of its own; prints what it took as JSON.

    python benchmarks/one.py READER FILE [EXPECTED]

READER is a name of the table in `readers.py` or of the one below. With EXPECTED, a pickled list of
reviews, the reviews are compared with it and no time is taken.
"""

from __future__ import annotations

import collections
import concurrent.futures
import itertools
import json
import pickle  # files of our own
import re
import resource
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import reviewcorpus as rc
from readers import (
    LISTENING,
    OURS,
    READERS,
    cut_fields,
    floor,
    lxml_movies,
    this_library_listening,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from reviewcorpus import Review

_STATUS = Path("/proc/self/status")
_READ_AT_LEAST = 30_000_000  # bytes
_WARM_UP_RESULTS = 100


def _load_again(path: Path) -> Iterable[Any]:
    return (rc.load(path) for _ in range(_times(path)))


def _load_again_with_lxml(path: Path) -> Iterable[Any]:
    return lxml_movies(itertools.repeat(path, _times(path)))


def _folder_with_lxml(path: Path) -> Iterable[Any]:
    return lxml_movies(sorted(path.glob("*.xml")) if path.is_dir() else [path])


def _folder_in_a_pool(path: Path) -> Iterable[Any]:
    with concurrent.futures.ProcessPoolExecutor(2) as pool:
        yield from pool.map(rc.load, sorted(path.glob("*.xml")), chunksize=8)


_OTHERS: dict[str, Callable[[Path], Iterable[Any]]] = {
    LISTENING: this_library_listening,
    "floor": lambda path: floor(path, cut_fields(path)),
    "iter_movies": rc.iter_movies,
    "load": _load_again,
    "load, lxml": _load_again_with_lxml,
    "folder": rc.iter_reviews,
    "folder, lxml": _folder_with_lxml,
    "folder, 2 processes": _folder_in_a_pool,
    "dumps": lambda path: map(rc.dumps, list(rc.iter_movies(path))),
}
OWN = {OURS, LISTENING, "iter_movies", "load", "folder", "dumps"}
"""What another version of this library can run, too."""
WARM_UP, WARM_UP_DAMAGED = "small.xml", "small-damaged.xml"
"""Files beside each file that is measured; only this library reads the second."""


def results_of(reader: str, path: Path) -> Iterable[Any]:
    """Yield what a reader reads, lazily."""
    return _OTHERS[reader](path) if reader in _OTHERS else READERS[reader].read(path)


def _times(path: Path) -> int:
    """Return how often a file is read in one run, so that a small one takes a time at all."""
    return max(1, _READ_AT_LEAST // (path.stat().st_size + 10_000))


def peak_memory() -> int:
    """Return the largest resident size of this process so far, in bytes."""
    if _STATUS.exists():  # getrusage would tell the peak of the parent too
        found = re.search(r"VmHWM:\s*(\d+) kB", _STATUS.read_text(encoding="ascii"))
        return int(found[1]) * 1024 if found else 0
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def take_time(reader: str, path: Path) -> dict[str, Any]:
    """Read everything, keep nothing; return seconds of CPU and bytes of memory."""
    # Small files are read first, so that imports and the first use of a library do not count.
    for small in (WARM_UP, WARM_UP_DAMAGED)[: 1 + (reader in OWN)]:
        first = results_of(reader.partition(", 2")[0], path.with_name(small))
        collections.deque(itertools.islice(first, _WARM_UP_RESULTS), maxlen=0)
    results = results_of(reader, path)
    before = peak_memory()
    start, start_of_all = time.process_time(), time.perf_counter()
    error = ""
    try:
        collections.deque(results, maxlen=0)
    except Exception as raised:
        error = f"{type(raised).__name__}: {raised}"
    seconds = (time.process_time() - start) / (_times(path) if reader.startswith("load") else 1)
    files = path.iterdir() if path.is_dir() else [path]
    size = sum(file.stat().st_size for file in files)
    return {
        "seconds": seconds,
        "per byte": seconds / size * 1e9,
        "elapsed": time.perf_counter() - start_of_all,
        "memory": peak_memory() - before,
        "error": error,
    }


def compare(reader: str, path: Path, expected: list[Review]) -> dict[str, Any]:
    """Report how many reviews came out right, changed, or not at all."""
    found: list[Review] = []
    error = ""
    try:
        found.extend(itertools.islice(results_of(reader, path), 2 * len(expected)))
    except Exception as raised:
        error = f"{type(raised).__name__}: {raised}"
    by_user = {review.username: review for review in found}
    right = sum(by_user.get(review.username) == review for review in expected)
    there = sum(review.username in by_user for review in expected)
    return {
        "right": right,
        "changed": there - right,
        "lost": len(expected) - there,
        "error": error,
    }


def main() -> None:
    """Run what the command line names."""
    reader, path, *expected = sys.argv[1:]
    if expected:
        reviews = pickle.loads(Path(expected[0]).read_bytes())
        result = compare(reader, Path(path), reviews)
    else:
        result = take_time(reader, Path(path))
    sys.stdout.write(json.dumps(result))


if __name__ == "__main__":
    main()
