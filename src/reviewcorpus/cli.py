"""The command `reviewcorpus`, of the extra `cli`."""

from __future__ import annotations

import errno
import json
import os
import sys
from contextlib import closing, contextmanager, suppress
from typing import IO, TYPE_CHECKING

import attrs

try:
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
except ModuleNotFoundError as error:
    raise ImportError(
        f"the command needs {error.name}; install it with: pip install 'reviewcorpus[cli]'",
        name=error.name,
    ) from error

from reviewcorpus._checks import visible
from reviewcorpus._engine import Options
from reviewcorpus._items import Items
from reviewcorpus._version import __version__
from reviewcorpus.defects import SEVERITIES, CorpusError, Defect, DefectKind, Severity
from reviewcorpus.sources import streams_of
from reviewcorpus.summary import Tally

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reviewcorpus.summary import Summary

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
    """Print every defect of files, folders and archives, then a summary.

    A folder stands for every *.xml and *.txt in it and below. A path "-" is standard input.

    \b
    Examples:
      reviewcorpus check corpus/
      reviewcorpus check --format json films.tar.gz > defects.json
    """  # noqa: D301 click's mark for lines that stay
    try:
        options = Options(encoding=encoding, fallback_encoding=fallback_encoding)
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    try:
        status = _check(paths, style, options)
    except OSError as error:  # of the output: those of the input were told where they came
        if error.errno == errno.EPIPE:
            raise  # click ends in silence
        with suppress(OSError):
            click.echo(f"reviewcorpus: cannot write the output: {error}", err=True)
        with suppress(OSError):  # or Python would try to write the rest once more when it ends
            output = sys.stdout.fileno()
            os.dup2(os.open(os.devnull, os.O_WRONLY), output)
        status = NOT_READ
    if status:
        sys.exit(status)


def _check(paths: tuple[str, ...], style: str, options: Options) -> int:
    """Check and print; give the exit status."""
    tally = Tally()
    items = Items(streams_of([_source(path) for path in paths]), options)
    make_printer = _JsonPrinter if style == "json" else _TextPrinter
    with closing(items), _output(paths) as output:
        printer = make_printer(output)
        not_read = _read(items, tally, printer, output)
        if items.files == 0 and not not_read:
            output.error("reviewcorpus: nothing to read: there is no *.xml or *.txt in there")
        printer.finish(tally.summary(items.files), not_read)
    if sys.stdout is not None:
        sys.stdout.flush()
    if not_read:
        return NOT_READ
    return FOUND_ERRORS if tally.severities[Severity.ERROR] else 0


def _source(path: str) -> str | IO[bytes]:
    if path != "-":
        return path
    if sys.stdin is None:  # as "<&-" in a shell leaves it
        raise click.UsageError("standard input is closed")
    return sys.stdin.buffer


def _read(
    items: Items, tally: Tally, printer: _TextPrinter | _JsonPrinter, output: _Output
) -> list[str]:
    """Print and count everything; give the messages of what could not be read."""
    not_read: list[str] = []
    count = 0
    while True:
        try:
            item = next(items)
        except StopIteration:
            return not_read
        except (OSError, CorpusError) as error:
            output.error(visible(f"reviewcorpus: not read: {error}"))
            not_read.append(str(error))
            continue
        tally.add(item)
        if isinstance(item, Defect):
            printer.defect(item)
        count += 1
        if count % _ITEMS_A_STEP == 0:
            output.advance(items)


class _TextPrinter:
    """Prints defects as lines that editors can jump to, and the summary below them."""

    def __init__(self, output: _Output) -> None:
        self._output = output

    def defect(self, defect: Defect) -> None:
        """Print a defect."""
        self._output.line(str(defect))

    def finish(self, summary: Summary, _: list[str]) -> None:
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
            self._output.line(f"{name + ':':<26}{count:>6}")
        for kind, count in summary.defects.items():
            self._output.line(f"  {kind + ':':<24}{count:>6}  {_severity(kind)}")


def _severity(kind: DefectKind) -> str:
    both = "error or warning" if kind is DefectKind.INVALID_REFERENCE else ""
    return both or SEVERITIES[kind].value


class _JsonPrinter:
    """Prints one JSON object, a defect a line, of which one is held: a comma may follow it."""

    def __init__(self, output: _Output) -> None:
        self._output = output
        self._held = ""
        output.line('{"defects": [')

    def defect(self, defect: Defect) -> None:
        """Print a defect."""
        if self._held:
            self._output.line(f"{self._held},")
        self._held = json.dumps(attrs.asdict(defect))

    def finish(self, summary: Summary, not_read: list[str]) -> None:
        """Print the summary and what was not read, and end the object."""
        if self._held:
            self._output.line(self._held)
        self._output.line("],")
        self._output.line(f'"summary": {json.dumps(attrs.asdict(summary))},')
        self._output.line(f'"not_read": {json.dumps(not_read)}}}')


# ---- where it is printed ----------------------------------------------------------------


class _Output:
    """Takes lines for pipes and files."""

    def line(self, text: str) -> None:
        """Print a line."""
        click.echo(text)

    def error(self, text: str) -> None:
        """Print a line that is no result."""
        click.echo(text, err=True)

    def advance(self, items: Items) -> None:
        """Take note of how far reading has come."""


class _Screen(_Output):
    """Takes lines for a terminal, where they appear above a progress bar.

    They wait for the next step of the bar, which each printing draws anew.
    """

    def __init__(self, progress: Progress, paths: tuple[str, ...]) -> None:
        self._progress = progress
        self._task = progress.add_task("reading", total=_size_on_disk(paths))
        self._meter = _Meter()
        self._takes_lines = _is_terminal(sys.stdout)
        self._takes_errors = _is_terminal(sys.stderr)
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


def _is_terminal(stream: IO[str] | None) -> bool:
    return stream is not None and stream.isatty()


@contextmanager
def _output(paths: tuple[str, ...]) -> Iterator[_Output]:
    """Show a progress bar below the lines where the terminal is, and none in a pipe."""
    on_stdout = _is_terminal(sys.stdout)
    console = Console(stderr=not on_stdout)
    # Rich alone would take a pipe for a terminal where FORCE_COLOR is set, as many CI systems do.
    if not console.is_terminal or not (on_stdout or _is_terminal(sys.stderr)):
        yield _Output()
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
        screen = _Screen(progress, paths)
        try:
            yield screen
        finally:
            screen.flush()


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
