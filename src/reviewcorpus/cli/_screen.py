"""Where the commands print: a pipe, a file, or a terminal with a progress bar."""

from __future__ import annotations

import os
import sys
import time
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING

import click
from rich.console import Console
from rich.progress import Progress
from rich.text import Text

from reviewcorpus._checks import visible
from reviewcorpus.sources import paths_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reviewcorpus._iterators import Items

_SECONDS_PER_STEP = 0.1  # between two steps of the bar; rich draws it as often


class Output:
    """Prints lines; where there is a progress bar, above it.

    Lines for the terminal of the bar wait for its next step, because each printing draws it again.
    """

    def __init__(self, bar: Progress, size: int) -> None:
        self._bar = bar
        self._task = bar.add_task("reading", total=size or None)
        self._items: Items | None = None
        self._disk: IO[bytes] | None = None
        self._done = self._position = 0  # bytes of other files, and of the one that is being read
        self._next_step = 0.0
        self._waiting: list[str] = []

    def line(self, text: str) -> None:
        """Print one line of the result on standard output."""
        self._print(text, is_error=False)

    def error(self, text: str) -> None:
        """Print a message on standard error."""
        self._print(visible(f"reviewcorpus: {text}"), is_error=True)

    def _print(self, text: str, *, is_error: bool) -> None:
        if not self._bar.disable and is_terminal(sys.stderr if is_error else sys.stdout):
            self._waiting.append(text)
        else:
            click.echo(text, err=is_error)

    def advance(self, items: Items) -> None:
        """Show how many bytes on disk have been read, over all files."""
        if self._bar.disable:
            return
        disk = items.stream.disk if items.stream else None
        if items is not self._items:  # one more pass
            self._items, self._disk, self._done, self._position = items, disk, 0, 0
        elif disk is not self._disk:
            self._done += self._position
            self._disk, self._position = disk, 0
        if disk is not None and not disk.closed and disk.seekable():  # a pipe has no position
            self._position = disk.tell()
        if time.monotonic() >= self._next_step:
            self._next_step = time.monotonic() + _SECONDS_PER_STEP
            self._bar.update(self._task, completed=self._done + self._position)
            self._flush()

    def close_bar(self) -> None:
        """Print the lines that wait, and erase the bar."""
        if not self._bar.disable:
            self._flush()
            self._bar.stop()
            self._bar.disable = True

    def _flush(self) -> None:
        if self._waiting:  # the terminal breaks long lines, so that they can be copied
            self._bar.console.print(Text("\n".join(self._waiting)), soft_wrap=True)
            self._waiting.clear()


def is_terminal(stream: IO[str] | None) -> bool:
    """Return whether there is such a stream, and it is a terminal."""
    return stream is not None and stream.isatty()


@contextmanager
def open_output(paths: tuple[str, ...]) -> Iterator[Output]:
    """Open the output; on a terminal, show a progress bar below the lines.

    Args:
        paths: What is read.
    """
    on_stdout = is_terminal(sys.stdout)
    console = Console(stderr=not on_stdout)
    # Rich alone would take a pipe for a terminal where FORCE_COLOR is set, as many CI systems do.
    has_bar = console.is_terminal and (on_stdout or is_terminal(sys.stderr))
    bar = Progress(
        console=console,
        transient=True,
        redirect_stdout=False,  # click writes past what rich would put in its place
        redirect_stderr=False,
        disable=not has_bar,
    )
    output = Output(bar, _size_on_disk(paths) if has_bar else 0)
    bar.start()
    try:
        yield output
    finally:
        output.close_bar()


def _size_on_disk(paths: tuple[str, ...]) -> int:
    """Return how many bytes there are to read; 0 where standard input is among them."""
    if "-" in paths:
        return 0
    files = [file for path in paths for file in paths_of(path) if isinstance(file, str)]
    return sum(os.path.getsize(file) for file in files if os.path.isfile(file))
