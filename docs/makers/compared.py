"""Runs every reader on every damaged file, and writes what came of it as Markdown."""

from __future__ import annotations

import difflib
import importlib.metadata
import json
import logging
import os
import platform
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import reviewcorpus
from makers.damaged import DAMAGED, SOUND, SOUND_TRUTH
from makers.peers import OURS, READERS, Found, missing
from makers.verdicts import (
    CHANGED,
    LOST,
    NOT_RUN,
    REFUSED,
    RIGHT,
    Outcome,
    changes_between,
    judge,
    plain,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from makers.damaged import Damaged
    from makers.peers import Reader
    from makers.verdicts import Change

DEMAND_ALL = "REVIEWCORPUS_ALL_PEERS"
"""The variable that a build sets to 1 where no reader may be missing."""

_SECONDS = 300  # Spark takes 20 on a machine that does nothing else
_SHOWN = 60  # characters of a text: two lines of a telephone
_SHOWN_BEFORE = 20  # of them before the first that differs
_SHOWN_CHANGES = 2

_EXCERPTS = """\
Of each, the lines that differ from the sound file are shown, with one before and one behind.
`\\x93` is a byte that is not UTF-8."""

_log = logging.getLogger("sphinx.makers.compared")  # below Sphinx's, which counts warnings


class NotRunError(Exception):
    """A reader gave nothing: it is not installed, crashed or hung."""


# ---- running ----------------------------------------------------------------------------


def find(reader: Reader, seconds: float = _SECONDS) -> list[Found]:
    """Read the sound file and the damaged ones in a process of its own."""
    docs = str(Path(__file__).parents[1])
    paths = os.pathsep.join([docs, *(path for path in sys.path if path)])
    with tempfile.TemporaryDirectory() as folder:  # Spark leaves files where it runs
        try:
            done = subprocess.run(  # noqa: S603 our own program
                [sys.executable, "-m", "makers.peers", reader.name],
                cwd=folder,
                env={**os.environ, "PYTHONPATH": paths, "SPARK_LOCAL_IP": "127.0.0.1"},
                capture_output=True,
                timeout=seconds,
                encoding="utf-8",
                errors="replace",
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise NotRunError(f"it gave no answer in {seconds:g} seconds") from None
    if done.returncode:
        raise NotRunError(f"it ended with status {done.returncode}: {_last_line(done.stderr)}")
    return [Found(*found) for found in json.loads(_last_line(done.stdout))]


def _last_line(text: str) -> str:
    return text.strip().rpartition("\n")[2]


def outcomes(reader: Reader) -> list[Outcome]:
    """Give what comes of the sound file and of each damaged one."""
    truths = [SOUND_TRUTH, *(damaged.truth for damaged in DAMAGED)]
    reason = missing(reader)
    if not reason:
        try:
            return [judge(truth, found) for truth, found in zip(truths, find(reader), strict=True)]
        except NotRunError as error:
            reason = str(error)
            _log.warning("%s did not run: %s", reader.name, reason)
    if os.environ.get(DEMAND_ALL) == "1":
        raise NotRunError(f"{reader.name} did not run, and {DEMAND_ALL} is 1: {reason}")
    return [Outcome(NOT_RUN, why=reason) for _ in truths]


# ---- Markdown ---------------------------------------------------------------------------


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Give a table, of the class that makes room for many columns."""
    head = list(head)
    lines = [f"| {' | '.join(line)} |" for line in (head, ["---"] * len(head), *rows)]
    return "\n".join(["```{table}", ":class: narrow", "", *lines, "```"])


def code(text: str) -> str:
    """Give a text as code that may stand in a cell of a table."""
    fence = "``" if "`" in text else "`"
    space = " " if "`" in text else ""
    return f"{fence}{space}{text}{space}{fence}".replace("|", "\\|") if text else "nothing"


def cut(text: str, start: int = 0) -> str:
    """Give the part of a text around a place, with an ellipsis for each end that is cut off."""
    first = max(0, start - _SHOWN_BEFORE) if len(text) > _SHOWN else 0
    last = first + _SHOWN
    return "…" * (first > 0) + text[first:last] + "…" * (last < len(text))


def _show(change: Change) -> str:
    pairs = enumerate(zip(change.came, change.should, strict=False))
    shorter = min(len(change.came), len(change.should))
    same = next((place for place, (one, other) in pairs if one != other), shorter)
    return f"`{change.field}` of {change.record}: {code(cut(change.came, same))}"


def cell(outcome: Outcome) -> str:
    """Give an outcome in a word or a few, for the summary."""
    if outcome.verdict == LOST:
        return f"lost {len(outcome.lost)} of {outcome.records}"
    return outcome.verdict


def details(outcome: Outcome) -> str:
    """Give what came out instead of the records that should."""
    if outcome.why:
        return f"{outcome.verdict}: {code(cut(outcome.why))}"
    parts = [f"lost: {', '.join(outcome.lost)}"] if outcome.lost else []
    shown = outcome.changes[:_SHOWN_CHANGES]
    parts += [f"changed: {_show(change)}" for change in shown]
    if more := len(outcome.changes) - len(shown):
        parts.append(f"and {more} more {'field' if more == 1 else 'fields'}")
    if outcome.added:
        parts.append(f"{outcome.added} more than there are")
    return "<br>".join(parts) or outcome.verdict


def told(outcome: Outcome) -> str:
    """Give what a reader told: the first message, and how many there are."""
    if outcome.verdict in {REFUSED, NOT_RUN}:
        return "the exception" if outcome.verdict == REFUSED else ""
    if not outcome.told:
        return "nothing"
    more = len(outcome.told) - 1
    return code(cut(plain(outcome.told[0]))) + (f"<br>and {more} more" if more else "")


def excerpt(data: bytes) -> str:
    """Give the lines in which a file differs from the sound one, with a line before and behind."""
    lines = data.decode("utf-8", "backslashreplace").splitlines()
    sound = SOUND.splitlines()
    matcher = difflib.SequenceMatcher(None, sound, lines, autojunk=False)
    places = [place for place in matcher.get_opcodes() if place[0] != "equal"]
    first, last = max(0, places[0][3] - 1), min(len(lines), places[-1][4] + 1)
    shown = lines[first:last]
    if first:
        shown.insert(0, "…")
    if last < len(lines):
        shown.append("…")
    return "\n".join(shown)


def to_be_read(damaged: Damaged) -> str:
    """Say what a careful human reads in a damaged file."""
    truth, sound = damaged.truth, SOUND_TRUTH
    pairs = [("the movie", sound.films[0], truth.films[0])]
    for index, (before, now) in enumerate(zip(sound.reviews, truth.reviews, strict=False)):
        pairs.append((f"review {index + 1}", before, now))
    changed = [
        f"`{change.field}` of {record} as {code(change.should)}"
        for record, before, now in pairs
        for change in changes_between(record, now, before)
    ]
    if len(truth.films) > 1:
        changed.append("a second movie with its review")
    return f"To be read: {', '.join(changed) or 'all fields of the sound file'}."


def section(number: int, damaged: Damaged, found: dict[str, Outcome]) -> str:
    """Give what comes of one file."""
    rows = [[name, details(outcome), told(outcome)] for name, outcome in found.items()]
    defects = ", ".join(map(code, found[OURS].told)) or "no defect"
    return (
        f"(damaged-{number})=\n### {number}. {damaged.name[0].upper()}{damaged.name[1:]}\n\n"
        f"{damaged.about}\n\n```{{code-block}} xml\n:force:\n\n{excerpt(damaged.data)}\n```\n\n"
        f"{to_be_read(damaged)}\n\n{table(['reader', 'came out', 'told'], rows)}\n\n"
        f"{OURS} reports {defects}.\n"
    )


def totals(results: dict[str, list[Outcome]]) -> str:
    """Give how often each reader did what, the sound file left out."""
    verdicts = [RIGHT, CHANGED, LOST, REFUSED]
    rows = []
    for name, found in results.items():
        if found[0].verdict == NOT_RUN:
            rows.append([name, f"not run: {found[0].why}", "", "", "", ""])
            continue
        damaged = found[1:]
        counts = [sum(outcome.verdict == verdict for outcome in damaged) for verdict in verdicts]
        counts.append(sum(bool(outcome.told or outcome.why) for outcome in damaged))
        rows.append([name, *map(str, counts)])
    return table(["reader", *verdicts, "told"], rows)


def summary(results: dict[str, list[Outcome]]) -> str:
    """Give a row for each file, a column for each reader."""
    names = ["the sound file"]
    names += [f"[{damaged.name}](#damaged-{n})" for n, damaged in enumerate(DAMAGED, 1)]
    columns = zip(*results.values(), strict=True)
    rows = [[name, *map(cell, row)] for name, row in zip(names, columns, strict=True)]
    return table(["file", *results], rows)


def versions() -> str:
    """Name what was compared."""
    packages = sorted({package for reader in READERS.values() for package in reader.packages})
    packages.append("charset-normalizer")  # Beautiful Soup guesses encodings with it
    names = [f"Python {platform.python_version()}", f"{OURS} {reviewcorpus.__version__}"]
    for package in packages:
        try:
            names.append(f"{package} {importlib.metadata.version(package)}")
        except importlib.metadata.PackageNotFoundError:
            names.append(f"no {package}")
    return f"Compared with {', '.join(names)}."


def compared() -> str:
    """Give the tables of all readers, then a section for each file."""
    results = {name: outcomes(reader) for name, reader in READERS.items()}
    sections = [
        section(number, damaged, {name: found[number] for name, found in results.items()})
        for number, damaged in enumerate(DAMAGED, 1)
    ]
    return "\n".join(
        [
            f"{versions()}\n",
            f"{totals(results)}\n",
            f"{summary(results)}\n",
            f"## The sound file\n\n```xml\n{SOUND}```\n",
            f"## The damaged files\n\n{_EXCERPTS}\n",
            *sections,
        ]
    )
