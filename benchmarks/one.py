"""One reader and one file, in processes of their own: for each line of input, reads the file.

    python benchmarks/one.py READER FILE [EXPECTED]

READER is a name of the table in `readers.py` or of the one below. An empty line is printed when the
process is ready, and what reading took as a line of JSON. With EXPECTED, a pickled list of reviews,
the reviews are compared with it instead, once, and no time is taken.
"""

from __future__ import annotations

import collections
import gc
import itertools
import json
import multiprocessing
import pickle  # files of our own
import re
import resource
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import reviewcorpus as rc
from readers import (
    LISTENING,
    OURS,
    READERS,
    cut_fields,
    floor,
    lxml_in_format,
    lxml_movies,
    this_library_listening,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from reviewcorpus import Review

_STATUS = Path("/proc/self/status")
_READ_AT_LEAST = 5_000_000  # bytes
_WARM_UP_RESULTS = 100
# As often for each reader: the least of more times would be smaller.
_READINGS_PER_TURN = 2


def _load_again(path: Path) -> Iterable[Any]:
    return (rc.load(path) for _ in range(_times(path)))


def _load_again_with_lxml(path: Path) -> Iterable[Any]:
    return lxml_movies(itertools.repeat(path, _times(path)))


def _folder_with_lxml(path: Path) -> Iterable[Any]:
    return lxml_movies(sorted(path.glob("*.xml")) if path.is_dir() else [path])


def _folder_in_a_pool(path: Path) -> Iterable[Any]:
    with ProcessPoolExecutor(2) as pool:
        yield from pool.map(rc.load, sorted(path.glob("*.xml")), chunksize=8)


_OTHERS: dict[str, Callable[[Path], Iterable[Any]]] = {
    LISTENING: this_library_listening,
    "lxml, of a format": lxml_in_format,
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


def start(reader: str, path: Path) -> None:
    """Read small files, so that imports and the first use of a library do not count."""
    for small in (WARM_UP, WARM_UP_DAMAGED)[: 1 + (reader in OWN)]:
        first = results_of(reader.partition(", 2")[0], path.with_name(small))
        collections.deque(itertools.islice(first, _WARM_UP_RESULTS), maxlen=0)
    gc.freeze()  # so that a child need not copy what it does not change


def take_turn(reader: str, path: Path) -> dict[str, Any]:
    """Read several times, each in a child, which must ask for its memory as a new process does.

    Returns:
        What `take_time` returns, the least of each number.
    """
    results = []
    for _ in range(_READINGS_PER_TURN):
        with ProcessPoolExecutor(1, multiprocessing.get_context("fork")) as child:
            results.append(child.submit(take_time, reader, path).result())
    return {key: min(result[key] for result in results) for key in results[0]}


def take_time(reader: str, path: Path) -> dict[str, Any]:
    """Read everything, and keep nothing.

    Returns:
        The seconds of CPU and by the clock; CPU nanoseconds for each byte; the growth of memory in
        bytes; and the error with which the reader stopped, or nothing.
    """
    results = results_of(reader, path)
    memory = peak_memory()
    before, before_by_clock = time.process_time(), time.perf_counter()
    error = ""
    try:
        collections.deque(results, maxlen=0)
    except Exception as raised:
        error = f"{type(raised).__name__}: {raised}"
    seconds = time.process_time() - before
    elapsed = time.perf_counter() - before_by_clock
    if reader.startswith("load"):
        seconds /= _times(path)
    files = path.iterdir() if path.is_dir() else [path]
    return {
        "seconds": seconds,
        "per byte": seconds / sum(file.stat().st_size for file in files) * 1e9,
        "elapsed": elapsed,
        "memory": peak_memory() - memory,
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


def _tell(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main() -> None:
    """Run what the command line names."""
    reader, path, *expected = sys.argv[1:]
    if expected:
        reviews = pickle.loads(Path(expected[0]).read_bytes())
        _tell(json.dumps(compare(reader, Path(path), reviews)))
        return
    start(reader, Path(path))
    _tell("")
    for _ in sys.stdin:
        _tell(json.dumps(take_turn(reader, Path(path))))


if __name__ == "__main__":
    main()
