"""Runs that are taken in turn, and the tables that are made of them."""

from __future__ import annotations

import json
import pickle  # files of our own
import statistics
import subprocess
import sys
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from readers import OURS, READERS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from corpora import Corpus

_ONE = Path(__file__).with_name("one.py")


def run_once(reader: str, *files: Path) -> dict[str, Any]:
    """Run one reader in a process of its own."""
    done = subprocess.run(
        [sys.executable, str(_ONE), reader, *map(str, files)],
        capture_output=True,
        text=True,
        check=True,
    )
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def run_in_turn(readers: Iterable[str], file_of: dict[str, Path], rounds: int) -> dict[str, Any]:
    """Run all readers one after another, several times; give the medians."""
    runs: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for _ in range(rounds):
        for reader in readers:
            runs[reader].append(run_once(reader, file_of[reader]))
    return {
        reader: {
            "seconds": statistics.median(run["seconds"] for run in some),
            "elapsed": statistics.median(run["elapsed"] for run in some),
            "memory": statistics.median(run["memory"] for run in some),
            "error": some[0]["error"],
            "size": file_of[reader].stat().st_size,
        }
        for reader, some in runs.items()
    }


def write_corpus(corpus: Corpus, folder: Path, name: str) -> Path:
    """Write a corpus to a file, and its reviews beside it."""
    path = folder / f"{name}.xml"
    path.write_bytes(corpus.data)
    path.with_suffix(".pickle").write_bytes(pickle.dumps(corpus.reviews))
    return path


def files_for_readers(large: Path, small: Path) -> dict[str, Path]:
    """Return for each reader the file it can read in reasonable time."""
    files = {
        name: small if reader.most and reader.most < large.stat().st_size else large
        for name, reader in READERS.items()
    }
    return files | {"floor": large}


def table(head: str, rows: Iterable[Iterable[str]]) -> str:
    """Return a table in Markdown; columns after the first are numbers."""
    names = head.split(" | ")
    lines = [names, ["---"] + ["---:"] * (len(names) - 1), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def per_byte(result: dict[str, Any]) -> float:
    """Return nanoseconds per byte."""
    return float(result["seconds"] / result["size"] * 1e9)


def compare_speed(results: dict[str, Any]) -> str:
    """Return the table of readers, with the time of each as a multiple of this library's."""
    ours = per_byte(results[OURS])
    rows = []
    for reader, result in sorted(results.items(), key=lambda item: per_byte(item[1])):
        rate, memory = 1000 / per_byte(result), result["memory"] / 1e6
        times = "stops" if result["error"] else f"{per_byte(result) / ours:.2f}"
        speed = "" if result["error"] else f"{rate:.0f}"
        rows.append([reader, times, speed, f"{memory:.1f}"])
    return table("reader | time, this library = 1 | MB/s | memory, MB", rows)


def compare_results(readers: Iterable[str], path: Path) -> str:
    """Return the table of what each reader lost or changed."""
    rows = []
    for reader in readers:
        result = run_once(reader, path, path.with_suffix(".pickle"))
        counts = [str(result[key]) for key in ("right", "changed", "lost")]
        rows.append([reader, *counts, result["error"].partition(":")[0] or "none"])
    return table("reader | right | changed | lost | error", rows)
