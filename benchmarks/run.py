"""Measure this library against its peers, and write the tables.

    python benchmarks/run.py [--size MB] [--rounds N] [--sections NAME…] [--output FILE]

Every figure is CPU time, and what is compared runs in turn in one run, so that a busy machine
changes all of it alike. Each run has a process of its own.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import platform
import sys
import tempfile
from pathlib import Path

import corpora
import growth
from readers import READERS
from tables import (
    compare_results,
    compare_speed,
    files_for_readers,
    per_byte,
    run_in_turn,
    table,
    write_corpus,
)

_DAMAGED = {
    "one-in-five": (
        corpora.one_in_five,
        "One review of five holds a bare `&` or a `&nbsp;`, six titles of a hundred are cut.",
    ),
    "every-reference": (
        corpora.every_reference,
        "Every review holds a reference that XML does not know; lxml reads on behind those.",
    ),
}
_SURVIVORS = ("reviewcorpus", "lxml, recover", "selectolax (lexbor)")


def clean(folder: Path, size: int, rounds: int) -> str:
    """Compare all readers on a clean corpus."""
    large = write_corpus(corpora.clean(size), folder, "clean")
    small = write_corpus(corpora.clean(min(size, 4_000_000)), folder, "clean-part")
    results = run_in_turn([*READERS, "floor"], files_for_readers(large, small), rounds)
    capped = ", ".join(name for name in READERS if files_for_readers(large, small)[name] == small)
    return (
        f"## A clean corpus\n\n{size / 1e6:.0f} MB, well-formed, through `iter_reviews`. The floor"
        " reads the file in chunks of 64 KiB and makes the same reviews of fields that were cut"
        f" out before. {capped} were given {small.stat().st_size / 1e6:.0f} MB.\n\n"
        f"{compare_speed(results)}\n"
    )


def damaged(folder: Path, size: int, rounds: int) -> str:
    """Compare the readers that read on behind damage."""
    parts = ["## Damaged corpora\n"]
    for name, (make, about) in _DAMAGED.items():
        path = write_corpus(make(size), folder, name)
        results = run_in_turn(_SURVIVORS, dict.fromkeys(_SURVIVORS, path), rounds)
        parts.append(f"{about} {size / 1e6:.0f} MB.\n\n{compare_speed(results)}\n")
    return "\n".join(parts)


def losses(folder: Path, size: int, rounds: int) -> str:
    """Count what each reader loses or changes."""
    parts = ["## What is lost or changed\n"]
    for make in (corpora.survey, corpora.one_in_five, corpora.every_review):
        corpus = make(2_000_000)
        path = write_corpus(corpus, folder, "losses")
        head = f"{corpus.name.capitalize()}: {len(corpus.reviews)} reviews."
        parts.append(f"{head}\n\n{compare_results(READERS, path)}\n")
    return "\n".join(parts)


def small_files(folder: Path, size: int, rounds: int) -> str:
    """Measure whole movies, single files and a folder of small files."""
    large = write_corpus(corpora.clean(size), folder, "movies")
    pair = ("iter_movies", "lxml, recover")
    results = run_in_turn(pair, dict.fromkeys(pair, large), rounds)
    times = per_byte(results["lxml, recover"]) / per_byte(results["iter_movies"])
    rows = [[f"`iter_movies`, {size / 1e6:.0f} MB", f"{times:.2f}"]]
    for reviews in (0, 1, 10, 100, 1500):
        path = folder / f"{reviews}.xml"
        path.write_bytes(corpora.Writer(7).movie(reviews)[0])
        pair = ("load", "load, lxml")
        results = run_in_turn(pair, dict.fromkeys(pair, path), rounds)
        times = per_byte(results["load, lxml"]) / per_byte(results["load"])
        each = results["load"]["seconds"] * 1e6
        rows.append([f"`load` of {path.stat().st_size:,} bytes, {each:,.0f} µs", f"{times:.2f}"])
    many = corpora.write_folder(folder / "many", files=2000, seed=8)
    pair = ("folder", "folder, lxml")
    results = run_in_turn(pair, dict.fromkeys(pair, many), rounds)
    times = results["folder, lxml"]["seconds"] / results["folder"]["seconds"]
    each = results["folder"]["seconds"] / 2000 * 1e6
    rows.append([f"a folder of 2,000 files, {each:,.0f} µs a file", f"{times:.2f}"])
    body = table("what | time of lxml with recover, this library = 1", rows)
    return f"## Whole movies and small files\n\n{body}\n"


def workers(folder: Path, size: int, rounds: int) -> str:
    """Compare reading a folder in one process and in a pool of two."""
    many = corpora.write_folder(folder / "pooled", files=2000, seed=9)
    pair = ("folder", "folder, 2 processes")
    results = run_in_turn(pair, dict.fromkeys(pair, many), rounds)
    times = results["folder, 2 processes"]["elapsed"] / results["folder"]["elapsed"]
    return (
        "## Several processes\n\n"
        "Reading a folder of 2,000 files with a pool of two processes, which hand back the movies"
        f" in order, takes {times:.2f} times as long by the clock as reading it in one. What a"
        " worker has read must be pickled and loaded again.\n"
    )


SECTIONS = {
    "clean": clean,
    "damaged": damaged,
    "losses": losses,
    "small": small_files,
    "growth": growth.section,
    "import": growth.imports,
    "workers": workers,
}


def heading(size: int, rounds: int) -> str:
    """Say what the tables are, and how to make them again."""
    names = sorted({package for reader in READERS.values() for package in reader.packages})
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in names)
    return (
        "# Benchmarks\n\n"
        f"Made by `nox -s benchmarks -- --size {size // 1_000_000} --rounds {rounds}`, which writes"
        " this page; nothing in it is typed by hand."
        f" Python {platform.python_version()}, {versions}. Corpora are invented, from a seed, of"
        f" {size / 1e6:.0f} MB where nothing else is said; medians of {rounds} rounds in which all"
        " readers take turns, CPU time, each run in a process of its own.\n\n"
        "All readers build the same `Review` objects by the same function, which takes the"
        " library's private door: the times compare reading, not the making of objects. Memory is"
        " what the process has grown by at its peak.\n"
    )


def main() -> None:
    """Run the sections that the command line names."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--size", type=int, default=40, help="of the corpora, in MB")
    parser.add_argument("--rounds", type=int, default=7, help="how often each reader runs")
    parser.add_argument("--sections", nargs="*", choices=SECTIONS, default=list(SECTIONS))
    parser.add_argument("--output", type=Path, help="a file for the page; else it is printed")
    given = parser.parse_args()
    size = given.size * 1_000_000
    parts = [heading(size, given.rounds)]
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        (place / "small.xml").write_bytes(corpora.clean(1).data)
        for name in given.sections:
            sys.stderr.write(f"{name} …\n")
            parts.append(SECTIONS[name](place, size, given.rounds))
    page = "\n".join(parts)
    if given.output:
        given.output.write_text(page, encoding="utf-8")
    else:
        sys.stdout.write(page)


if __name__ == "__main__":
    main()
