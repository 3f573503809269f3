"""Where the commands print: a pipe, a file, or a terminal with a progress bar."""

from __future__ import annotations

import os
import sys
import time
from contextlib import contextmanager, suppress
from typing import IO, TYPE_CHECKING

import click
from rich import progress
from rich.console import Console
from rich.text import Text

from reviewcorpus._checks import visible
from reviewcorpus.sources import paths_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reviewcorpus._iterators import Items

_SECONDS_PER_STEP = 0.1  # between two steps of the bar; rich draws it as often


class Output:
    """Prints lines to pipes and files."""

    def line(self, text: str) -> None:
        """Print one line of the result on standard output."""
        self._print(text, is_error=False)

    def error(self, text: str) -> None:
        """Print a message on standard error."""
        self._print(visible(f"reviewcorpus: {text}"), is_error=True)

    def advance(self, items: Items) -> None:
        """Show how far reading has come, where there is a progress bar."""

    def _print(self, text: str, *, is_error: bool) -> None:
        click.echo(text, err=is_error)


class Screen(Output):
    """Prints lines to a terminal, above a progress bar.

    Lines wait for the next step of the bar, because each printing draws the bar again.
    """

    def __init__(self, bar: progress.Progress, size: int | None) -> None:
        self._bar = bar
        self._task = bar.add_task("reading", total=size)
        self._meter = Meter()
        self._next_step = 0.0
        self._waiting: list[str] = []

    def _print(self, text: str, *, is_error: bool) -> None:
        if is_terminal(sys.stderr if is_error else sys.stdout):
            self._waiting.append(text)
        else:
            super()._print(text, is_error=is_error)

    def advance(self, items: Items) -> None:
        now = time.monotonic()
        if now >= self._next_step:
            self._next_step = now + _SECONDS_PER_STEP
            self._bar.update(self._task, completed=self._meter.read_so_far(items))
            self.flush()

    def flush(self) -> None:
        """Print the lines that wait; the terminal breaks long ones, so that they can be copied."""
        if self._waiting:
            self._bar.console.print(Text("\n".join(self._waiting)), soft_wrap=True)
            self._waiting.clear()


def is_terminal(stream: IO[str] | None) -> bool:
    """Return whether there is such a stream, and it is a terminal."""
    return stream is not None and stream.isatty()


@contextmanager
def open_output(paths: tuple[str, ...], *, passes: int = 1) -> Iterator[Output]:
    """Open the output; on a terminal, show a progress bar below the lines.

    Args:
        paths: What is read.
        passes: How many times it is read.
    """
    on_stdout = is_terminal(sys.stdout)
    console = Console(stderr=not on_stdout)
    # Rich alone would take a pipe for a terminal where FORCE_COLOR is set, as many CI systems do.
    if not console.is_terminal or not (on_stdout or is_terminal(sys.stderr)):
        yield Output()
        return
    with progress.Progress(
        "reading",
        progress.BarColumn(),
        progress.DownloadColumn(),
        progress.TransferSpeedColumn(),
        progress.TimeRemainingColumn(),
        console=console,
        transient=True,
        redirect_stdout=False,  # click writes past what rich would put in its place
        redirect_stderr=False,
    ) as bar:
        size = _size_on_disk(paths)
        screen = Screen(bar, size and size * passes)
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
        """Return the number of bytes, the file that is being read included."""
        disk = items.stream.disk if items.stream else None
        if disk is not self._disk:
            self._done += self._position
            self._disk, self._position = disk, 0
        if disk is not None and not disk.closed and disk.seekable():  # a pipe has no position
            self._position = disk.tell()
        return self._done + self._position


def _size_on_disk(paths: tuple[str, ...]) -> int | None:
    """Return how many bytes there are to read, or `None` where standard input is among them."""
    if "-" in paths:
        return None
    files = (file for path in paths for file in paths_of(path))
    total = 0
    for file in files:
        if isinstance(file, str):
            with suppress(OSError):  # reading will report what is wrong with it
                total += os.path.getsize(file)
    return total
