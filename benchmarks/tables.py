"""Runs that are taken in turn, the figures that come of them, and tables."""

from __future__ import annotations

import contextlib
import json
import os
import statistics
import subprocess
import sys
from operator import truediv
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import attrs

from goals import GOALS
from one import OWN

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

_ONE = Path(__file__).with_name("one.py")
REFERENCE = " (reference)"
"""What is added to the name of a reader that another version of this library runs."""

Times: TypeAlias = "dict[str, list[float]]"
"""By reader, what each round took."""


class Figure(NamedTuple):
    """A figure, taken twice: of the least times, and the median over the rounds.

    Neighbours on the machine only ever add to a time, so the first is steadier.
    """

    least: float
    median: float


class Section(NamedTuple):
    """What a section of the page says.

    Attributes:
        text: The section, or nothing.
        figures: By the key of the goal: the figure of this library, and of the reference.
        missing: Why its other goals have no figure.
    """

    text: str
    figures: Mapping[str, list[Figure]] = {}
    missing: str = ""


@attrs.frozen
class Bench:
    """Where and how to measure.

    Attributes:
        folder: For files.
        size: Of the corpora, in bytes.
        rounds: How often each reader runs.
        reference: The interpreter of another version of this library, which runs too.
    """

    folder: Path
    size: int
    rounds: int
    reference: str | None = None

    def in_turn(self, file_of: Mapping[str, Path]) -> dict[str, list[dict[str, Any]]]:
        """Have all readers read one after another, several times; return what they reported."""
        with contextlib.ExitStack() as stack:
            workers = {}
            for reader, path in file_of.items():
                workers[reader] = stack.enter_context(_ready(sys.executable, reader, path))
                if self.reference and reader in OWN:
                    worker = stack.enter_context(_ready(self.reference, reader, path))
                    workers[reader + REFERENCE] = worker
            rounds = [
                {reader: json.loads(_ask(worker)) for reader, worker in workers.items()}
                for _ in range(self.rounds)
            ]
        return {reader: [each[reader] for each in rounds] for reader in workers}


def _ready(python: str, reader: str, path: Path) -> subprocess.Popen[str]:
    """Return a process for one reader and one file, once it is ready to read."""
    process = subprocess.Popen(
        [python, str(_ONE), reader, str(path)],
        env=environment(python),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout
    process.stdout.readline()
    return process


def _ask(process: subprocess.Popen[str]) -> str:
    """Have a process read once more; return what it prints."""
    assert process.stdin
    assert process.stdout
    process.stdin.write("\n")
    process.stdin.flush()
    return process.stdout.readline()


def environment(python: str) -> dict[str, str]:
    """Return the environment in which an interpreter runs: bytecode is kept, as for users.

    The reference must not find this library's source, which may be in `PYTHONPATH`.
    """
    left_out = {"PYTHONDONTWRITEBYTECODE"} | ({"PYTHONPATH"} if python != sys.executable else set())
    return {name: value for name, value in os.environ.items() if name not in left_out}


def times_of(runs: Mapping[str, list[dict[str, Any]]], what: str = "per byte") -> Times:
    """Return one number of each run."""
    return {reader: [run[what] for run in some] for reader, some in runs.items()}


def ratio(over: Sequence[float], under: Sequence[float]) -> Figure:
    """Return the ratio of two readers' times."""
    return Figure(min(over) / min(under), statistics.median(map(truediv, over, under)))


def ratios(times: Times, over: str, under: str) -> list[Figure]:
    """Return the ratio of two readers' times, and that with the reference in place of ours."""
    return [
        ratio(times.get(over + version, times[over]), times[under + version])
        for version in ("", REFERENCE)
        if over + version in times or under + version in times
    ]


def table(head: str, rows: Iterable[Iterable[str]]) -> str:
    """Return a table in Markdown; columns after the first are numbers."""
    names = head.split(" | ")
    lines = [names, ["---"] + ["---:"] * (len(names) - 1), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def table_of_goals(sections: Mapping[str, Section], *, with_reference: bool = False) -> str:
    """Return the table of all goals that belong to these sections."""
    rows = []
    for key, goal in GOALS.items():
        section = sections.get(key.partition("/")[0])
        if section is None:
            continue
        sign = "≤" if goal.is_most else "≥"
        row = [goal.about, f"{sign} {goal.bound:g}{goal.unit}"]
        figures = section.figures.get(key, [])
        if figures:
            row.append("yes" if goal.is_met(figures[0].least) else "**no**")
        else:
            row.append(f"not measured: {section.missing}")
        for index in range(1 + with_reference):
            numbers = figures[index] if index < len(figures) else ()
            row += [f"{number:.2f}{goal.unit}" for number in numbers] or ["–", "–"]
        rows.append(row)
    head = "what | goal | met? | reached | median"
    return table(head + " | reference | its median" * with_reference, rows)


def compare_speed(runs: Mapping[str, list[dict[str, Any]]], ours: str) -> str:
    """Return the table of readers, with the time of each as a multiple of this library's."""
    times = times_of(runs)
    rows = []
    for reader in sorted(times, key=lambda reader: min(times[reader])):
        figure = ratio(times[reader], times[ours])
        memory = statistics.median(run["memory"] for run in runs[reader]) / 1e6
        is_stopped = any(run["error"] for run in runs[reader])
        shown = ["stops", "", ""] if is_stopped else [f"{number:.2f}" for number in figure]
        if not is_stopped:
            shown.append(f"{1000 / min(times[reader]):.0f}")
        rows.append([reader, *shown, f"{memory:.1f}"])
    return table("reader | time, this library = 1 | median | MB/s | memory, MB", rows)


def compare_results(readers: Iterable[str], path: Path) -> str:
    """Return the table of what each reader lost or changed."""
    rows = []
    for reader in readers:
        done = subprocess.run(
            [sys.executable, str(_ONE), reader, str(path), str(path.with_suffix(".pickle"))],
            stdout=subprocess.PIPE,
            check=True,
        )
        result = json.loads(done.stdout)
        counts = [str(result[key]) for key in ("right", "changed", "lost")]
        rows.append([reader, *counts, result["error"].partition(":")[0] or "none"])
    return table("reader | right | changed | lost | error", rows)
