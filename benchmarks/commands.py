"""Whole processes: what an import costs, and what the commands cost."""

from __future__ import annotations

import resource
import shutil
import subprocess
import sys
from collections import defaultdict
from typing import TYPE_CHECKING

import corpora
from tables import REFERENCE, Bench, Section, environment, ratios, table

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from tables import Times

_IMPORTS = ("pass", "import attrs", "import reviewcorpus")
_IMPORT_ROUNDS = 31
_COMMAND_ROUNDS = 3  # they take seconds
_REVIEWS_PER_FILE = 30
_BYTES_PER_FILE = 65_000
_SHARE = 2.8  # of the size of the other corpora: 67 MB beside 24


def _run(python: str, arguments: Iterable[object]) -> tuple[float, str]:
    """Run an interpreter; return its CPU seconds, and what it printed."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        [python, *map(str, arguments)],
        env=environment(python),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,  # progress
        text=True,
        check=True,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return seconds, done.stdout


def _versions(bench: Bench, needed: str) -> dict[str, str]:
    """Return the interpreters in which a module is installed, by what their times are called."""
    known = {"": sys.executable} | ({REFERENCE: bench.reference} if bench.reference else {})
    code = f"import importlib.util; print(importlib.util.find_spec({needed!r}) is not None)"
    return {
        version: python
        for version, python in known.items()
        if _run(python, ["-c", code])[1].strip() == "True"
    }


def imports(bench: Bench) -> Section:
    """Measure what an import costs."""
    times: Times = defaultdict(list)
    versions = _versions(bench, "reviewcorpus")
    for _ in range(_IMPORT_ROUNDS):
        for statement in _IMPORTS:
            for version, python in versions.items():
                times[statement + version].append(_run(python, ["-c", statement])[0])
    peer, start = "import attrs", min(times["pass"])
    alone = {name: [max(each - start, 0) for each in some] for name, some in times.items()}
    rows = [
        [f"`{statement}`", *(f"{min(it[statement]) / min(it[peer]):.2f}" for it in (times, alone))]
        for statement in _IMPORTS
    ]
    body = table("a Python process | time, attrs = 1 | without the start, attrs = 1", rows)
    return Section(
        f"## Import\n\nThe shortest of {_IMPORT_ROUNDS} runs each, with bytecode. The goal is about"
        " the first column: whole processes, including the start of the interpreter.\n\n"
        f"{body}\n",
        {"import/whole": ratios(times, "import reviewcorpus", peer)},
    )


def commands(bench: Bench) -> Section:
    """Compare commands with `check`, without the time in which they start."""
    count = round(bench.size * _SHARE / _BYTES_PER_FILE) or 1
    folder, cleaned, report = (bench.folder / name for name in ("written", "cleaned", "report"))
    corpora.write_folder(folder, files=count, seed=10, reviews=_REVIEWS_PER_FILE)
    size = sum(path.stat().st_size for path in folder.iterdir())
    steps = _every_step(sys.executable)
    _clean(sys.executable, folder, cleaned, report, *steps)
    changes = sum(1 for _ in report.open("rb"))
    times: Times = defaultdict(list)
    versions = _versions(bench, "click")
    for _ in range(min(bench.rounds, _COMMAND_ROUNDS)):
        for version, python in versions.items():
            out = bench.folder / "out"
            for name, seconds in {
                "start": _command(python, "--version")[0],
                "check": _command(python, "check", folder)[0],
                "validate": _command(python, "check", "--validate", folder)[0],
                "everything": _clean(python, folder, out, report, *_every_step(python)),
                "check, cleaned": _command(python, "check", cleaned)[0],
                "nothing": _clean(python, cleaned, out, report),
            }.items():
                times[name + version].append(seconds)
    alone = {
        name: [each - min(times["start" + REFERENCE * name.endswith(REFERENCE)]) for each in some]
        for name, some in times.items()
    }
    per_review = changes / (count * _REVIEWS_PER_FILE)
    mb, least = size / 1e6, min(alone["check"])
    return Section(
        f"## Commands\n\n{count:,} well-formed files with {mb:.0f} MB, which `check` reads in"
        f" {least:.2f} s, in {min(bench.rounds, _COMMAND_ROUNDS)} rounds. The time that a command"
        " takes to start is subtracted."
        f" `{' '.join(['clean', *steps])}` runs every step, and makes {per_review:.1f} changes per"
        " review. *Nothing to change* is `clean` with its default steps, reading what that wrote."
        " The figures are in [the table of goals](#goals-and-results).\n",
        {
            "commands/validate": ratios(alone, "validate", "check"),
            "commands/nothing": ratios(alone, "nothing", "check, cleaned"),
            "commands/everything": ratios(alone, "everything", "check"),
        },
    )


def _command(python: str, *arguments: object) -> tuple[float, str]:
    return _run(python, ["-m", "reviewcorpus", *arguments])


def _every_step(python: str) -> list[str]:
    """Return the options with which `clean` takes every step; it may do so by default."""
    return ["--all"] if "--all" in _command(python, "clean", "--help")[1] else []


def _clean(python: str, folder: Path, target: Path, report: Path, *options: str) -> float:
    """Clean a folder into a new one; return the CPU seconds."""
    shutil.rmtree(target, ignore_errors=True)
    report.unlink(missing_ok=True)
    return _command(python, "clean", folder, "-o", target, "--report", report, *options)[0]
