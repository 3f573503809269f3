"""The command `reviewcorpus`, of the extra `cli`."""

from __future__ import annotations

import json
import os
import sys
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING

import attrs
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

from reviewcorpus._engine import Options
from reviewcorpus._version import __version__
from reviewcorpus.corpus import Items, Tally
from reviewcorpus.defects import CorpusError, Defect, Severity
from reviewcorpus.sources import streams_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from reviewcorpus.corpus import Summary

FOUND_ERRORS = 1
"""Exit status where a defect of severity `error` was met."""
NOT_READ = 2
"""Exit status where something could not be read."""

_ITEMS_A_STEP = 256  # how often the progress bar is told; each time costs some microseconds


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
def cli() -> None:
    """Read and check movie-review corpora that look like XML and often are not."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # a name that the terminal cannot show is no reason
            stream.reconfigure(errors="backslashreplace")  # to stop half way


@cli.command(epilog="Exit status: 0 no defect of severity error, 1 some, 2 something not read.")
@click.argument("paths", nargs=-1, required=True, type=click.Path(), metavar="PATH...")
@click.option(
    "--format",
    "style",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="Lines for people and editors, or one JSON object.",
)
@click.option("--encoding", help="Encoding of the files; otherwise each file says, or UTF-8.")
@click.option(
    "--fallback-encoding",
    default="windows-1252",
    show_default=True,
    help="8-bit encoding of fields that do not fit the file's.",
)
def check(paths: tuple[str, ...], style: str, encoding: str | None, fallback_encoding: str) -> None:
    r"""Print every defect of files, folders and archives, then a summary.

    A folder stands for every *.xml and *.txt in it and below. A path "-" is standard input.

    \b
    Examples:
      reviewcorpus check corpus/
      reviewcorpus check --format json films.tar.gz > defects.json
    """
    try:
        options = Options(encoding=encoding, fallback_encoding=fallback_encoding)
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    tally = Tally()
    printer = _JsonPrinter() if style == "json" else _TextPrinter()
    sources = [sys.stdin.buffer if path == "-" else path for path in paths]
    items = Items(streams_of(sources), options)
    with _progress(paths) as advance:
        all_read = _read(items, tally, printer, advance)
    printer.finish(tally.summary(items.files))
    if not all_read:
        sys.exit(NOT_READ)
    if tally.severities[Severity.ERROR]:
        sys.exit(FOUND_ERRORS)


def _read(
    items: Items,
    tally: Tally,
    printer: _TextPrinter | _JsonPrinter,
    advance: Callable[[Items], None],
) -> bool:
    """Print and count everything; tell whether all of it could be read."""
    all_read = True
    count = 0
    while True:
        try:
            item = next(items)
        except StopIteration:
            return all_read
        except (OSError, CorpusError) as error:
            click.echo(f"reviewcorpus: not read: {error}", err=True)
            all_read = False
            continue
        tally.add(item)
        if isinstance(item, Defect):
            printer.defect(item)
        count += 1
        if count % _ITEMS_A_STEP == 0:
            advance(items)


class _TextPrinter:
    """Prints defects as lines that editors can jump to, and the summary below them."""

    def defect(self, defect: Defect) -> None:
        """Print a defect."""
        click.echo(str(defect))

    def finish(self, summary: Summary) -> None:
        """Print the summary."""
        counts = {
            "files": summary.files,
            "movies": summary.movies,
            "reviews": summary.reviews,
            "reviews without score": summary.reviews_without_score,
            "truncated files": summary.truncated_files,
            "defects": sum(summary.defects.values()),
        }
        for name, count in counts.items():
            click.echo(f"{name + ':':<24}{count:>8}")
        for kind, count in summary.defects.items():
            click.echo(f"  {kind + ':':<22}{count:>8}")


class _JsonPrinter:
    """Prints one JSON object, a defect a line, without holding them."""

    def __init__(self) -> None:
        self._separator = '{"defects": [\n'

    def defect(self, defect: Defect) -> None:
        """Print a defect."""
        click.echo(self._separator + json.dumps(attrs.asdict(defect)), nl=False)
        self._separator = ",\n"

    def finish(self, summary: Summary) -> None:
        """Print the summary, and end the object."""
        start = self._separator if self._separator.startswith("{") else "\n"
        click.echo(f'{start}],\n"summary": {json.dumps(attrs.asdict(summary))}}}')


@contextmanager
def _progress(paths: tuple[str, ...]) -> Iterator[Callable[[Items], None]]:
    """Show a progress bar below the lines where the terminal is, and none in a pipe."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda _: None
        return
    columns = (
        TextColumn("reading"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
    )
    on_same_screen = sys.stdout.isatty()
    with Progress(
        *columns, console=console, transient=True, redirect_stdout=on_same_screen
    ) as progress:
        task = progress.add_task("reading", total=_size_on_disk(paths))
        meter = _Meter()
        yield lambda items: progress.update(task, completed=meter.read_so_far(items))


class _Meter:
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
        if disk is not None and not disk.closed:
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
