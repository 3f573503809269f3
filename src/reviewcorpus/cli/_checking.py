"""`reviewcorpus check`: read everything, print what is wrong with it, count."""

from __future__ import annotations

import sys
from contextlib import closing
from typing import TYPE_CHECKING

from reviewcorpus._iterators import Assembler, Items
from reviewcorpus.cli._annotations import GithubPrinter, SarifPrinter
from reviewcorpus.cli._printers import JsonPrinter, Printer, TextPrinter
from reviewcorpus.cli._reading import each_item, streams_of_paths, tell_if_empty
from reviewcorpus.cli._screen import FOUND, NOT_READ, Output, open_output
from reviewcorpus.defects import Defect, Severity
from reviewcorpus.events import MovieEnded
from reviewcorpus.summary import Tally

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from reviewcorpus.events import Item
    from reviewcorpus.parser._reader import Options
    from reviewcorpus.validation import CorpusValidator, Problem

PRINTERS: dict[str, Callable[..., Printer]] = {
    "text": TextPrinter,
    "json": JsonPrinter,
    "sarif": SarifPrinter,
    "github": GithubPrinter,
}
"""The formats of the command."""


class Checking:
    """One run of `reviewcorpus check`.

    Args:
        paths: What is read.
        options: How it is read.
        style: One of `PRINTERS`.
        validator: What checks the records, if anything does.
        fail_on: The least grave severity of what makes the run a failure.
    """

    def __init__(
        self,
        paths: tuple[str, ...],
        options: Options,
        style: str,
        validator: CorpusValidator | None,
        fail_on: Severity,
    ) -> None:
        self._paths = paths
        self._items = Items(streams_of_paths(paths), options)
        self._make_printer = PRINTERS[style]
        self._validator = validator
        self._assembler = Assembler()
        self._tally = Tally()
        self._not_read: list[str] = []
        self._failing = frozenset(list(Severity)[list(Severity).index(fail_on) :])
        self._fails = False

    def run(self) -> int:
        """Check and print; give the exit status."""
        items = self._items
        with closing(items), open_output(self._paths) as output:
            printer = self._make_printer(output, validates=self._validator is not None)
            with closing(printer):
                self._read(printer, output)
                if self._validator is not None:
                    self._print(printer, self._validator.finish_one_by_one())
                tell_if_empty(items, output, self._not_read)
                printer.finish(self._tally.summary(items.files), self._not_read)
        if sys.stdout is not None:
            sys.stdout.flush()
        if self._not_read:
            return NOT_READ
        return FOUND if self._fails else 0

    def _read(self, printer: Printer, output: Output) -> None:
        """Print and count everything, and take note of what could not be read."""
        for item in each_item(self._items, output, self._not_read):
            self._tally.add(item)
            if isinstance(item, Defect):
                self._fails |= item.severity in self._failing
                printer.defect(item)
            if self._validator is not None:
                self._print(printer, self._problems(item, self._validator))

    def _problems(self, item: Item, validator: CorpusValidator) -> Iterable[Problem]:
        """Give the problems of a movie, if the item is its end."""
        movie = self._assembler.add(item)
        if movie is None or not isinstance(item, MovieEnded):
            return ()
        stream = self._items.stream
        source = None if stream is None else stream.name
        return validator.feed(movie, source=source, movie_index=item.movie_index)

    def _print(self, printer: Printer, problems: Iterable[Problem]) -> None:
        for problem in problems:
            self._fails |= problem.severity in self._failing
            printer.problem(problem)
