"""Measure this library against its peers and its goals, and write the tables.

    python benchmarks/run.py [--size MB] [--rounds N] [--sections NAME…] [--output FILE]
                             [--reference PYTHON]

Every figure is CPU time, and what is compared runs in turn in one run, so that a busy machine
changes all of it alike. Each reading has a process of its own.

`--reference` names the interpreter of another environment, in which another version of this
library is installed: each goal then has its figure too, measured in the same rounds.
`REVIEWCORPUS_REAL_DATA` names a folder with `rust-and-bone.xml`, which is measured if it is there.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import os
import pickle  # a file of our own
import platform
import statistics
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import commands
import corpora
import growth
from one import WARM_UP, WARM_UP_DAMAGED
from readers import LISTENING, OURS, READERS
from tables import (
    Bench,
    Figure,
    Section,
    compare_results,
    compare_speed,
    ratios,
    table,
    table_of_goals,
    times_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable

_LXML, _SELECTOLAX = "lxml, recover", "selectolax (lexbor)"
_LXML_OF_FORMAT = "lxml, of a format"
# By the name in the goals: what makes the corpus, the peers, and what is damaged. The goals are
# about the first peer.
_DAMAGED = {
    "five": (
        corpora.one_in_five,
        (_LXML, _SELECTOLAX),
        "One review in five has a bare `&` and a `&nbsp;`.",
    ),
    "every": (
        corpora.every_reference,
        (_LXML, _SELECTOLAX),
        "Every review has a reference that XML does not know. lxml can go on after it.",
    ),
    "markup": (
        corpora.every_markup,
        (_SELECTOLAX,),
        "Every review has `<3`, `<i>…</i>`, `<br>` or U+0007: 1.25 defects each. lxml stops.",
    ),
}
_REAL = "rust-and-bone.xml"
_WARM_UP_REVIEWS = 20
_REAL_TIMES = 121  # 24 MB


def _write(bench: Bench, name: str, data: bytes) -> Path:
    path = bench.folder / f"{name}.xml"
    path.write_bytes(data)
    return path


def clean(bench: Bench) -> Section:
    """Compare all readers on a clean corpus."""
    large = _write(bench, "clean", corpora.clean(bench.size).data)
    small = _write(bench, "clean-part", corpora.clean(min(bench.size, 2_000_000)).data)
    capped = {name for name, reader in READERS.items() if reader.is_slow}
    file_of = {name: small if name in capped else large for name in [*READERS, "floor"]}
    runs = bench.in_turn(file_of)
    times = times_of(runs)
    peers = {
        "lxml": _LXML,
        "etree": "xml.etree",
        "defusedxml": "defusedxml",
        "selectolax": _SELECTOLAX,
        "floor": "floor",
    }
    return Section(
        f"## A clean corpus\n\n{bench.size / 1e6:.0f} MB, well-formed, through `iter_reviews`. The"
        " *floor* only reads the file in chunks of 64 KiB, and makes the same reviews from fields"
        f" that were found before. {' and '.join(sorted(capped))} read only"
        f" {small.stat().st_size / 1e6:.0f} MB.\n"
        f"\n{compare_speed(runs, OURS)}\n",
        {f"clean/{key}": ratios(times, peer, OURS) for key, peer in peers.items()},
    )


def damaged(bench: Bench) -> Section:
    """Compare the readers that read on after damage."""
    parts = [
        "## Damaged corpora\n",
        "With `on_defect`, each defect is passed to a function that does nothing.\n",
    ]
    figures = {}
    for name, (make, peers, about) in _DAMAGED.items():
        path = _write(bench, name, make(bench.size).data)
        runs = bench.in_turn(dict.fromkeys((OURS, LISTENING, *peers), path))
        times = times_of(runs)
        figures[f"damaged/{name}"] = ratios(times, peers[0], OURS)
        figures[f"damaged/{name}, listening"] = ratios(times, peers[0], LISTENING)
        parts.append(f"{about} {bench.size / 1e6:.0f} MB.\n\n{compare_speed(runs, OURS)}\n")
    return Section("\n".join(parts), figures)


def real(bench: Bench) -> Section:
    """Compare with lxml on a real file, repeated in one root element, and damaged."""
    source = Path(os.environ.get("REVIEWCORPUS_REAL_DATA", "")) / _REAL
    if not source.is_file():
        return Section("", missing=f"no `{_REAL}` (`REVIEWCORPUS_REAL_DATA`)")
    data = source.read_bytes()
    figures = {}
    for name, every in {"clean": 0, "five": 5, "every": 1}.items():
        document = corpora.put_in(data, b" & ", b"&nbsp;", every) if every else data
        path = _write(
            bench, f"real-{name}", b"".join([b"<movies>\n", document * _REAL_TIMES, b"</movies>\n"])
        )
        times = times_of(bench.in_turn(dict.fromkeys((OURS, LISTENING, _LXML), path)))
        figures[f"real/{name}"] = ratios(times, _LXML, OURS)
        figures[f"real/{name}, listening"] = ratios(times, _LXML, LISTENING)
    return Section(
        f"## A real file\n\n`{_REAL}`, repeated {_REAL_TIMES} times in one root element: as it is,"
        " with a bare `&` and a `&nbsp;` in every fifth body, and with both in every body. The"
        " figures are in [the table of goals](#goals-and-results).\n",
        figures,
    )


def small_files(bench: Bench) -> Section:
    """Measure whole movies, single files and a folder of small files."""
    figures, rows = {}, []

    def compare(about: str, ours: str, peer: str, path: Path, count: int = 1) -> list[Figure]:
        runs = bench.in_turn({ours: path, peer: path})
        found = ratios(times_of(runs), peer, ours)
        each = min(run["seconds"] for run in runs[ours]) / count * 1e6
        rows.append([about, f"{each:,.1f}", *(f"{number:.2f}" for number in found[0])])
        return found

    documents = {
        "146": corpora.document(146, 0),
        "1600": corpora.document(1600, 1),
        "13800": corpora.document(13_800, 7),
        "markup": corpora.put_in(corpora.document(16_000, 8), b"<br>", b" <3 ", 8),
    }
    for name, data in documents.items():
        about = f"`load` of {len(data):,} bytes" + ", `<br>`, `<3`" * (name == "markup")
        path = _write(bench, name, data)
        figures[f"small/{name}"] = compare(about, "load", "load, lxml", path)
    many = corpora.write_folder(bench.folder / "many", files=2000, seed=8)
    figures["small/folder"] = compare("2,000 files, each", "folder", "folder, lxml", many, 2000)
    large = _write(bench, "movies", corpora.clean(bench.size).data)
    compare(f"`iter_movies`, {bench.size / 1e6:.0f} MB", "iter_movies", _LXML, large)
    body = table("what | µs | time of lxml, this library = 1 | median", rows)
    return Section(
        "## Whole movies and small files\n\nlxml with `recover=True`: `parse` for small files,"
        f" `iterparse` for the large one.\n\n{body}\n",
        figures,
    )


def dumps(bench: Bench) -> Section:
    """Measure writing."""
    corpus = corpora.clean(bench.size)
    runs = bench.in_turn({"dumps": _write(bench, "dumps", corpus.data)})
    figures = []
    for some in runs.values():
        each = [run["seconds"] / len(corpus.reviews) * 1e6 for run in some]
        figures.append(Figure(min(each), statistics.median(each)))
    return Section("", {"dumps/each": figures})


def formats(bench: Bench) -> Section:
    """Compare with lxml on well-formed files in the other formats."""
    figures = {}
    for name in ("muchocine", "senscritique", "mdsd"):
        records, folder = corpora.in_format(name, bench.size), bench.folder / name
        folder.mkdir()
        paths = {name: folder / "joined.xml"}
        for file, some in {"joined": records, "small": records[:3], "small-damaged": []}.items():
            data = b"".join([b"<all>\n", *some, b"</all>\n"])
            (folder / f"{file}.xml").write_bytes(data)
        if name == "muchocine":
            many = paths["muchocine, folder"] = folder / "many"
            many.mkdir()
            for number, record in enumerate(records[:2000]):
                (many / f"{number}.xml").write_bytes(record)
        for figure, path in paths.items():
            runs = bench.in_turn(dict.fromkeys((OURS, _LXML_OF_FORMAT), path))
            figures[f"formats/{figure}"] = ratios(times_of(runs), _LXML_OF_FORMAT, OURS)
    return Section("", figures)


def losses(bench: Bench) -> Section:
    """Count what each reader loses or changes."""
    verdicts = (
        "A review is *right* if all its fields are, *changed* if one differs, and *lost* if the"
        " reader does not find it.\n"
    )
    parts = ["## What is lost or changed\n", verdicts]
    for make in (corpora.survey, corpora.one_in_five, corpora.every_review):
        corpus = make(2_000_000)
        path = _write(bench, "losses", corpus.data)
        path.with_suffix(".pickle").write_bytes(pickle.dumps(corpus.reviews))
        head = f"{corpus.name.capitalize()}: {len(corpus.reviews)} reviews."
        parts.append(f"{head}\n\n{compare_results(READERS, path)}\n")
    return Section("\n".join(parts))


def workers(bench: Bench) -> Section:
    """Compare reading a folder in one process and in a pool of two."""
    many = corpora.write_folder(bench.folder / "pooled", files=2000, seed=9)
    runs = bench.in_turn(dict.fromkeys(("folder", "folder, 2 processes"), many))
    times = times_of(runs, "elapsed")
    figure, *_ = ratios(times, "folder, 2 processes", "folder")
    return Section(
        "## Several processes\n\n"
        "Reading a folder of 2,000 files with a pool of two processes, which return the movies"
        f" in order, takes {figure.least:.2f} times as long by the clock as in one process: what"
        " a worker has read must be pickled and unpickled.\n"
    )


SECTIONS: dict[str, Callable[[Bench], Section]] = {
    "clean": clean,
    "damaged": damaged,
    "real": real,
    "small": small_files,
    "import": commands.imports,
    "commands": commands.commands,
    "dumps": dumps,
    "formats": formats,
    "losses": losses,
    "growth": growth.section,
    "workers": workers,
}


def heading(bench: Bench) -> str:
    """Say what the tables are, and how to make them again."""
    names = sorted({package for reader in READERS.values() for package in reader.packages})
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in names)
    reference = " *Reference* is another version of this library." * bool(bench.reference)
    return (
        "# Benchmarks\n\n"
        "How fast this library reads and how much memory it takes, compared with other readers."
        f" `nox -s benchmarks -- --size {bench.size // 1_000_000} --rounds {bench.rounds}` wrote"
        " this page, in the source of this library.\n\n"
        "All times are CPU time. Each reading has its own process. Readers that are compared take"
        f" turns, in {bench.rounds} rounds unless stated otherwise. Each turn is two readings, and"
        " the shorter time counts. Corpora are invented, from a seed, with the lengths, punctuation"
        f" and characters of a real file. They have {bench.size / 1e6:.0f} MB unless stated"
        " otherwise. All readers build the same objects with the same functions, so the times"
        " compare only the reading. Memory is the growth of the process, at its peak.\n\n"
        "Times are compared by the shortest of all rounds, because other programs on the machine"
        " can only add to a time. *Median* is the median of the ratios of each round."
        f"{reference}\n\n"
        f"Python {platform.python_version()}, {versions}.\n"
    )


def goals(sections: dict[str, Section], *, with_reference: bool) -> str:
    """Return the section that the page ends with."""
    body = table_of_goals(sections, with_reference=with_reference)
    return (
        "## Goals and results\n\n"
        "Against another reader, the figure is its time divided by ours, so more is better. If the"
        " goal has a `≤`, less is better. *Reached*, of the shortest times, decides whether the"
        f" goal is met.\n\n{body}\n"
    )


def main() -> None:
    """Run the sections that the command line names."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--size", type=int, default=24, help="of the corpora, in MB")
    parser.add_argument("--rounds", type=int, default=7, help="how often each reader runs")
    parser.add_argument("--sections", nargs="*", choices=SECTIONS, default=list(SECTIONS))
    parser.add_argument("--output", type=Path, help="a file for the page; else it is printed")
    parser.add_argument("--reference", help="the Python of another version of this library")
    given = parser.parse_args()
    found: dict[str, Section] = {}
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder), given.size * 1_000_000, given.rounds, given.reference)
        damages = corpora.EVERY_DAMAGE
        for name, share in {WARM_UP: 0.0, WARM_UP_DAMAGED: 1.0}.items():
            writer = corpora.Writer(0, in_review=share, damages=damages)
            (bench.folder / name).write_bytes(writer.movie(_WARM_UP_REVIEWS)[0])
        head = heading(bench)
        for name in given.sections:
            sys.stderr.write(f"{name} …\n")
            found[name] = SECTIONS[name](bench)
    texts = [section.text for section in found.values() if section.text]
    page = "\n".join([head, *texts, goals(found, with_reference=bool(given.reference))])
    if given.output:
        given.output.write_text(page, encoding="utf-8")
    else:
        sys.stdout.write(page)


if __name__ == "__main__":
    main()
