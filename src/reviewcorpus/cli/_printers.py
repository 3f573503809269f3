"""How the command prints defects, problems, and the summary."""

from __future__ import annotations

import json
import tempfile
from collections import Counter
from typing import TYPE_CHECKING, Protocol

import attrs

from reviewcorpus.defects import Defect, DefectKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reviewcorpus.cli._screen import Output
    from reviewcorpus.summary import Summary
    from reviewcorpus.validation import Problem

_MOST_IN_MEMORY = 1 << 20  # characters of problems that wait


class Printer(Protocol):
    """What prints what a check finds."""

    def defect(self, defect: Defect) -> None:
        """Take a defect."""

    def problem(self, problem: Problem) -> None:
        """Take a problem."""

    def finish(self, summary: Summary, not_read: list[str]) -> None:
        """Take the summary and what was not read; nothing comes behind it."""

    def close(self) -> None:
        """Let go of what is held."""


class TextPrinter:
    """Prints defects as lines that editors can jump to, problems, and the summary below them."""

    def __init__(self, output: Output, *, validates: bool) -> None:
        self._output = output
        self._validates = validates
        self._problems: Counter[tuple[str, str]] = Counter()

    def defect(self, defect: Defect) -> None:
        """Print a defect."""
        self._output.line(str(defect))

    def problem(self, problem: Problem) -> None:
        """Print a problem."""
        self._problems[problem.code, problem.severity.value] += 1
        self._output.line(str(problem))

    def finish(self, summary: Summary, _: list[str]) -> None:
        """Print the summary."""
        for line in summary_lines(summary):
            self._output.line(line)
        if self._validates:
            self._output.line(f"{'problems:':<26}{self._problems.total():>6}")
        for (code, severity), count in sorted(self._problems.items()):
            self._output.line(f"  {code + ':':<24}{count:>6}  {severity}")

    def close(self) -> None:
        """Let go of everything: there is nothing."""


def summary_lines(summary: Summary) -> Iterator[str]:
    """Give the summary for people."""
    counts = {
        "files": summary.files,
        "movies": summary.movies,
        "reviews": summary.reviews,
        "reviews without score": summary.reviews_without_score,
        "truncated files": summary.truncated_files,
        "defects": sum(summary.defects.values()),
    }
    for name, count in counts.items():
        yield f"{name + ':':<26}{count:>6}"
    for kind, count in summary.defects.items():
        yield f"  {kind + ':':<24}{count:>6}  {_severity(kind)}"


def _severity(kind: DefectKind) -> str:
    both = "error or warning" if kind is DefectKind.INVALID_REFERENCE else ""
    return both or kind.severity.value


class JsonPrinter:
    """Prints one JSON object, a defect a line, of which one is held: a comma may follow it.

    Problems come when defects do, but stand in a list of their own; large ones wait on disk.
    """

    def __init__(self, output: Output, *, validates: bool) -> None:
        self._output = output
        self._validates = validates
        self._held = ""
        self._counts: Counter[str] = Counter()
        self._problems = tempfile.SpooledTemporaryFile(  # noqa: SIM115 closed in close()
            _MOST_IN_MEMORY, "w+", encoding="utf-8", newline="\n"
        )
        output.line('{"defects": [')

    def defect(self, defect: Defect) -> None:
        """Print a defect."""
        if self._held:
            self._output.line(f"{self._held},")
        self._held = json.dumps(attrs.asdict(defect))

    def problem(self, problem: Problem) -> None:
        """Keep a problem until the defects have been printed."""
        self._counts[problem.code] += 1
        if self._problems.tell():
            self._problems.write(",\n")
        self._problems.write(json.dumps(attrs.asdict(problem)))

    def finish(self, summary: Summary, not_read: list[str]) -> None:
        """Print the summary and what was not read, and end the object."""
        if self._held:
            self._output.line(self._held)
        self._output.line("],")
        if self._validates:
            self._output.line('"problems": [')
            self._problems.seek(0)
            for line in self._problems:
                self._output.line(line.rstrip("\n"))
            self._output.line("],")
            self._output.line(
                f'"problem_counts": {json.dumps(dict(sorted(self._counts.items())))},'
            )
        self._output.line(f'"summary": {json.dumps(attrs.asdict(summary))},')
        self._output.line(f'"not_read": {json.dumps(not_read)}}}')

    def close(self) -> None:
        """Let go of what waits."""
        self._problems.close()
