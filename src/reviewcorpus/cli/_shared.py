"""What the commands share: their options, one pass over the sources, and the exit status."""

from __future__ import annotations

import errno
import functools
import os
import sys
from collections import Counter
from contextlib import contextmanager, suppress
from typing import IO, TYPE_CHECKING, Any, TypeVar, cast

import click

from reviewcorpus._checks import visible
from reviewcorpus._iterators import Assembler, Items
from reviewcorpus.cleaning._changes import Placed
from reviewcorpus.cli._output import Output, prepare_streams
from reviewcorpus.defects import CorpusError, Defect, Severity
from reviewcorpus.formats import known
from reviewcorpus.parser._options import Options
from reviewcorpus.sources import streams_of
from reviewcorpus.summary import Tally
from reviewcorpus.validation import CorpusValidator, Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator

    from reviewcorpus.events import Item
    from reviewcorpus.summary import Summary

Command = TypeVar("Command", bound="Callable[..., Any]")

FOUND = 1
"""Exit status if something of the severity `--fail-on`, or a higher one, was found."""
NOT_READ = 2
"""Exit status if something could not be read or written, or there was nothing to read."""
NOTHING_WRITTEN = "nothing was written"
"""What a message says is left of the output after a failure, if nothing is."""
INCOMPLETE = "the output is incomplete"
"""What it says if only a part of the output was written."""
NO_FILES = "no *.xml, *.txt or *.review file found"
"""The message for sources with nothing to read, such as an empty folder."""


# ---- options ----------------------------------------------------------------------------


_READING = (
    click.argument("paths", nargs=-1, required=True, type=click.Path(), metavar="PATH..."),
    click.option(
        "--input-format",
        "format",
        type=click.Choice([each.name for each in known()]),
        help="Read all files in this format; `reviewcorpus formats` lists them. By default, each"
        " file is read in its own.",
    ),
    click.option(
        "--exclude",
        multiple=True,
        metavar="GLOB",
        help='Skip files in folders and archives that match a pattern, such as "draft*", "*.txt" or'
        ' "old/1999". May be repeated.',
    ),
    click.option(
        "--encoding", help="Encoding of all files. By default, it is detected for each file."
    ),
    click.option(
        "--fallback-encoding",
        default="windows-1252",
        show_default=True,
        help="8-bit encoding for fields that are not valid in the encoding of their file.",
    ),
    click.option("-q", "--quiet", is_flag=True, help="Print results and errors only."),
)
_RULES = (
    click.option("--validate", is_flag=True, help="Also check the records with rules."),
    click.option(
        "--rules",
        metavar="CODES",
        help='Rules to use: "default", "all", codes or the beginnings of codes, as in'
        ' "default,-R205,R206". Implies --validate, which alone uses "default".',
    ),
)


def choice(*names: str, of: Iterable[str], text: str) -> Callable[[Command], Command]:
    """Return an option whose value is one of several, by default the first.

    Args:
        *names: Names of the option and its parameter.
        of: The values.
        text: The help.
    """
    values = list(of)
    return click.option(
        *names, type=click.Choice(values), default=values[0], show_default=True, help=text
    )


def one_name(_: click.Context, __: click.Parameter, path: str | None) -> str | None:
    """Return a path, or `-` for that of standard output."""
    return "-" if path == "/dev/stdout" else path


def writes(metavar: str, text: str, *, required: bool = True) -> Callable[[Command], Command]:
    """Return the options `--output` and `--force`; a command gets `target` and `force`."""
    output = click.option(
        "-o", "--output", "target", metavar=metavar, required=required, callback=one_name, help=text
    )
    force = click.option("--force", is_flag=True, help="Replace a file that exists.")
    return lambda command: output(force(command))


def reads(*, validates: bool = False, stops: bool = False) -> Callable[[Command], Command]:
    """Return a decorator that adds what commands share: PATH... and how it is read.

    It must be the last decorator, so that these options come last in the help. The command gets
    `reading`, a `Reading`, besides its own options, and returns its exit status.

    Args:
        validates: Whether the command can check records with rules.
        stops: Whether a source that cannot be read ends reading with its error.
    """

    def decorate(command: Command) -> Command:
        @functools.wraps(command)
        def run(
            *,
            paths: tuple[str, ...],
            exclude: tuple[str, ...],
            quiet: bool,
            min_severity: str = "info",
            **given: Any,
        ) -> int:
            options, validator = _how_to_read(given)
            with (
                Output(paths, exclude, is_quiet=quiet) as output,
                Reading(
                    paths, options, output, validator, exclude, Severity(min_severity), stops=stops
                ) as reading,
            ):
                status: int = command(reading=reading, **given)
                _report_skipped(output, reading.skipped, exclude)
                return status

        decorated: Any = run
        for option in reversed(_RULES + _READING if validates else _READING):
            decorated = option(decorated)
        return cast("Command", decorated)

    return decorate


def _how_to_read(given: dict[str, Any]) -> tuple[Options, CorpusValidator | None]:
    """Remove the options for reading from those of a command, and return what they mean.

    Raises:
        click.UsageError: One has a value that is not allowed.
    """
    has_rules, rules = given.pop("validate", False), given.pop("rules", None)
    names = ("errors", "format", "encoding", "fallback_encoding")
    how = {name: given.pop(name) for name in names if name in given}
    try:
        if rules is None and not has_rules:
            return Options(**how), None
        return Options(**how), CorpusValidator(rules="default" if rules is None else rules)
    except ValueError as error:
        raise click.UsageError(str(error)) from error


def _report_skipped(output: Output, skipped: list[str], exclude: tuple[str, ...]) -> None:
    """Print how many files and links were skipped, if there are any."""
    if skipped:
        others = "hidden files and links"
        hint = "; to read them, give their paths"
        if exclude:
            others, hint = "hidden files, links and what --exclude matches", ""
        output.note(
            f"archives, {others} skipped in folders: {len(skipped)}, the first is"
            f" {skipped[0]}{hint}"
        )


# ---- reading ----------------------------------------------------------------------------


class Reading(Items):
    """One pass over everything that can be read.

    Args:
        paths: Paths of files, folders and archives; `-` is standard input.
        options: How they are read.
        output: Where to print what cannot be read, and how far reading has come.
        validator: Checks the movies with rules; `None` if nothing does.
        exclude: What is skipped in folders and archives, as `Finder` takes it.
        least: The least severity of the defects and problems that are reported.
        stops: Whether a source that cannot be read ends the pass with its error.

    Attributes:
        paths: As given.
        output: As given.
        least: As given.
        not_read: Why something could not be read.
        problems: How many problems each rule has found; `None` if no rule is used.
        severities: How many findings have each severity, the most severe first.
    """

    def __init__(
        self,
        paths: tuple[str, ...],
        options: Options,
        output: Output,
        validator: CorpusValidator | None = None,
        exclude: tuple[str, ...] = (),
        least: Severity = Severity.INFO,
        *,
        stops: bool = False,
    ) -> None:
        streams = streams_of(map(_source_of, paths), exclude)
        super().__init__(streams, options, wants_places=validator is not None)
        self.paths = paths
        self.output = output
        self.not_read: list[str] = []
        self.problems: Counter[str] | None = Counter() if validator else None
        self.severities: dict[Severity, int] = dict.fromkeys(reversed(Severity), 0)
        self._validator = validator
        self._exclude = exclude
        self.least = least
        self._hidden = frozenset(severity for severity in Severity if severity < least)
        self._stops = stops
        self._tally = Tally(self)

    def again(self) -> Reading:
        """Return another pass."""
        return Reading(self.paths, self._options, self.output, exclude=self._exclude)

    def __next__(self) -> Any:
        """Return the next item; print what cannot be read."""
        while True:
            try:
                item = super().__next__()
            except (OSError, CorpusError) as error:
                if self._stops:
                    raise
                why = _reason(error)
                self.output.error(f"not read: {why}")
                self.not_read.append(why)
                continue
            except StopIteration:
                self._check_files()
                raise
            self.output.show_progress(self)
            if isinstance(item, Defect) and item.severity in self._hidden:
                continue
            self._tally.add(item)
            return item

    def _check_files(self) -> None:
        """Report that there was nothing to read: a build with a wrong folder must not pass."""
        if self.files == 0 and not self.not_read:
            if self._stops:
                raise CorpusError(NO_FILES)
            self.not_read.append(f"nothing to read: {NO_FILES}")
            self.output.error(self.not_read[0])

    def movies(self) -> Iterator[Placed]:
        """Yield the movies that are not dropped, whole, with their places."""
        assembler = Assembler()
        for item in self:
            movie = assembler.add(item)
            if movie is not None:
                yield Placed(movie, self.source, item.movie_index)

    def with_problems(self) -> Iterator[Item | Problem]:
        """Yield what is read and, after each movie and at the end, what rules find."""
        validator = self._validator
        if validator is None:
            yield from self
            return
        assembler = Assembler()
        for item in self:
            yield item
            movie = assembler.add(item)
            if movie is not None:
                yield from validator.feed(
                    movie,
                    source=self.source,
                    movie_index=item.movie_index,
                    places=assembler.places,
                    format=self.format,
                )
        yield from validator.iter_finish()

    def findings(self) -> Iterator[Defect | Problem]:
        """Yield the defects and the problems, and count them."""
        for item in self.with_problems():
            if not isinstance(item, Defect | Problem) or item.severity in self._hidden:
                continue
            if isinstance(item, Problem) and self.problems is not None:
                self.problems[item.code] += 1
            self.severities[item.severity] += 1
            yield item

    def summary(self) -> Summary:
        """Return the counts of what has been read."""
        return self._tally.summary()


def _source_of(path: str) -> str | IO[bytes]:
    if path != "-":
        return path
    if sys.stdin is None:  # as after "<&-" in a shell
        raise click.UsageError("standard input is closed")
    return sys.stdin.buffer


def name_of(finding: Defect | Problem) -> str:
    """Return the kind of a defect, or the code of the rule that found a problem."""
    return finding.kind.value if isinstance(finding, Defect) else finding.code


# ---- failures and the exit status -------------------------------------------------------


class NotRead(Exception):
    """Sources could not be read, so nothing is written; the reasons have been printed."""


def _reason(error: Exception) -> str:
    """Return what an error says, without its number, as other commands print it."""
    if not isinstance(error, OSError) or error.strerror is None:
        return str(error)
    return error.strerror if error.filename is None else f"{error.filename}: {error.strerror}"


def report_failure(
    output: Output, what: str, error: Exception, left: str, *, is_quiet_about_pipe: bool = True
) -> int:
    """Print why nothing was written, or not everything; return the exit status.

    Args:
        output: Where to print it.
        what: What was not done.
        error: Why.
        left: What was written nevertheless.
        is_quiet_about_pipe: Whether a closed pipe ends the command without a message.

    Raises:
        OSError: Standard output is what failed.
    """
    is_closed = isinstance(error, OSError) and error.errno == errno.EPIPE
    if is_closed and is_quiet_about_pipe:
        raise error
    if is_closed:
        _drop_output()
    sys.stdout.flush()
    if not isinstance(error, NotRead):
        output.error(f"{what}: {_reason(error)}")
    output.error(left)
    return NOT_READ


def report_defects(reading: Reading, note: str = "") -> None:
    """Print how many defects reading has found, for a command that does not show them."""
    count = sum(reading.summary().defects.values())
    if count:
        reading.output.note(
            f"defects found while reading: {count}{note}; `reviewcorpus check` shows them"
        )


class Group(click.Group):
    """Commands that return their exit status; an output that fails is reported in one line."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 click's signature
        """Return the names, in the order that a newcomer needs."""
        return list(self.commands)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands, each with its first sentence, which click would cut off."""
        commands = [(name, self.commands[name]) for name in self.list_commands(ctx)]
        with formatter.section("Commands"):
            formatter.write_dl(
                [(name, command.get_short_help_str(limit=1000)) for name, command in commands]
            )

    def main(self, *arguments: Any, **options: Any) -> Any:
        """Run a command."""
        prepare_streams()
        try:
            return super().main(*arguments, **options)  # it ends quietly if a pipe is closed
        except OSError as error:  # of the output; those of the input were already reported
            with suppress(OSError):
                message = f"reviewcorpus: cannot write the output: {_reason(error)}"
                click.echo(visible(message), err=True)
            sys.exit(NOT_READ)

    def make_context(self, *arguments: Any, **options: Any) -> click.Context:
        """Return the context of a command, or print the help or the version."""
        with _reporting():
            return super().make_context(*arguments, **options)

    def invoke(self, ctx: click.Context) -> None:
        """Run a command, and exit with its status."""
        with _reporting():
            status = super().invoke(ctx)
            sys.stdout.flush()
        if status:
            sys.exit(status)


_ABOUT_VALUES = {click.UsageError, click.BadParameter}  # but not their subclasses


@contextmanager
def _reporting() -> Generator[None]:
    """Prepare errors for being reported."""
    try:
        yield
    except click.ClickException as error:  # it may quote a name that the shell has expanded
        if not isinstance(error, click.exceptions.NoArgsIsHelpError):  # whose message is the help
            error.message = visible(error.message)  # type: ignore[misc]
        if isinstance(error, click.UsageError) and type(error) in _ABOUT_VALUES:
            error.ctx = None  # or click would print the usage
        raise
    except OSError:
        _drop_output()
        raise


def _drop_output() -> None:
    """Drop what could not be written: Python tries again at exit, and 3.13 reports the failure."""
    with suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
