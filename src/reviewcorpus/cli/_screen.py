"""Where the command prints: a pipe, a file, or a terminal with a progress bar."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING

import click
from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reviewcorpus._iterators import Items

FOUND = 1
"""Exit status where something as grave as `--fail-on` says was met, by default an error."""
NOT_READ = 2
"""Exit status where something could not be read or written, or nothing was there to read."""


class Output:
    """Takes lines for pipes and files."""

    def line(self, text: str) -> None:
        """Print a line."""
        click.echo(text)

    def error(self, text: str) -> None:
        """Print a line that is no result."""
        click.echo(text, err=True)

    def advance(self, items: Items) -> None:
        """Take note of how far reading has come."""


class Screen(Output):
    """Takes lines for a terminal, where they appear above a progress bar.

    They wait for the next step of the bar, which each printing draws anew.
    """

    def __init__(self, progress: Progress, paths: tuple[str, ...], passes: int) -> None:
        self._progress = progress
        size = _size_on_disk(paths)
        self._task = progress.add_task("reading", total=size and size * passes)
        self._meter = Meter()
        self._takes_lines = is_terminal(sys.stdout)
        self._takes_errors = is_terminal(sys.stderr)
        self._waiting: list[str] = []

    def line(self, text: str) -> None:
        if self._takes_lines:
            self._waiting.append(text)
        else:
            super().line(text)

    def error(self, text: str) -> None:
        if self._takes_errors:
            self._waiting.append(text)
        else:
            super().error(text)

    def advance(self, items: Items) -> None:
        self._progress.update(self._task, completed=self._meter.read_so_far(items))
        self.flush()

    def flush(self) -> None:
        """Print the lines that wait; the terminal breaks long ones, so that they can be copied."""
        if self._waiting:
            self._progress.console.print(Text("\n".join(self._waiting)), soft_wrap=True)
            self._waiting.clear()


def is_terminal(stream: IO[str] | None) -> bool:
    """Tell whether a stream is there, and a terminal."""
    return stream is not None and stream.isatty()


@contextmanager
def open_output(paths: tuple[str, ...], *, passes: int = 1) -> Iterator[Output]:
    """Show a progress bar below the lines where the terminal is, and none in a pipe.

    Args:
        paths: What is read.
        passes: How many times.
    """
    on_stdout = is_terminal(sys.stdout)
    console = Console(stderr=not on_stdout)
    # Rich alone would take a pipe for a terminal where FORCE_COLOR is set, as many CI systems do.
    if not console.is_terminal or not (on_stdout or is_terminal(sys.stderr)):
        yield Output()
        return
    columns = (
        TextColumn("reading"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
    )
    # Click writes past the streams that rich would put in place of the standard ones.
    with Progress(
        *columns, console=console, transient=True, redirect_stdout=False, redirect_stderr=False
    ) as progress:
        screen = Screen(progress, paths, passes)
        try:
            yield screen
        finally:
            screen.flush()


class Meter:
    """How many bytes on disk have been read, over all files."""

    def __init__(self) -> None:
        self._done = 0
        self._disk: IO[bytes] | None = None
        self._position = 0

    def read_so_far(self, items: Items) -> int:
        """Give the bytes, from what is being read now."""
        disk = items.stream.disk if items.stream else None
        if disk is not self._disk:
            self._done += self._position
            self._disk, self._position = disk, 0
        if disk is not None and not disk.closed and disk.seekable():  # a pipe has no position
            self._position = disk.tell()
        return self._done + self._position


def _size_on_disk(paths: tuple[str, ...]) -> int | None:
    total = 0
    for path in paths:
        if path == "-":
            return None
        for folder, _, names in os.walk(path):
            total += sum(_size(os.path.join(folder, name)) for name in names)  # noqa: PTH118 names keep the form users gave them
        total += _size(path) if os.path.isfile(path) else 0  # noqa: PTH113 as above
    return total


def _size(path: str) -> int:
    try:
        return os.path.getsize(path)  # noqa: PTH202 as above
    except OSError:
        return 0  # reading will say what is wrong with it
