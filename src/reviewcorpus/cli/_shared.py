"""What the commands share: their options, one pass over the sources, and the exit status."""

from __future__ import annotations

import errno
import functools
import os
import sys
from contextlib import closing, suppress
from typing import IO, TYPE_CHECKING, Any, NamedTuple, TypeVar

import attrs
import click

from reviewcorpus._iterators import Assembler, Items
from reviewcorpus.cli._screen import Output
from reviewcorpus.defects import CorpusError, Defect
from reviewcorpus.events import MovieEnded
from reviewcorpus.parser._reader import Options
from reviewcorpus.sources import files_in, streams_of
from reviewcorpus.sources._archives import is_packed
from reviewcorpus.summary import Tally
from reviewcorpus.validation import CorpusValidator, Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from reviewcorpus.events import Item
    from reviewcorpus.summary import Summary

Command = TypeVar("Command", bound="Callable[..., Any]")
ItemsT = TypeVar("ItemsT", bound=Items)

FOUND = 1
"""Exit status where a finding is as severe as `--fail-on` says, by default an error."""
NOT_READ = 2
"""Exit status where something could not be read or written, or there was nothing to read."""
NO_FILES = "no *.xml or *.txt file found"
"""The message for sources with nothing to read, such as an empty folder."""


# ---- options ----------------------------------------------------------------------------


class Sources(NamedTuple):
    """What a command reads, and how.

    Attributes:
        paths: Paths of files, folders and archives; `-` is standard input.
        options: How they are read.
        validator: What checks the movies by rules, if anything does.
    """

    paths: tuple[str, ...]
    options: Options
    validator: CorpusValidator | None

    def open(self, kind: type[ItemsT], on_defect: Callable[[Defect], None] | None = None) -> ItemsT:
        """Return an iterator over what reading gives; nothing is opened yet."""
        streams = streams_of([_source_of(path) for path in self.paths])
        return kind(streams, attrs.evolve(self.options, on_defect=on_defect))


def _source_of(path: str) -> str | IO[bytes]:
    if path != "-":
        return path
    if sys.stdin is None:  # as "<&-" in a shell leaves it
        raise click.UsageError("standard input is closed")
    return sys.stdin.buffer


_READING = (
    click.argument("paths", nargs=-1, required=True, type=click.Path(), metavar="PATH..."),
    click.option("--encoding", help="Encoding of the files; default: what each says, or UTF-8."),
    click.option(
        "--fallback-encoding",
        default="windows-1252",
        show_default=True,
        help="8-bit encoding of fields that do not fit the file's.",
    ),
)
_RULES = (
    click.option("--validate", is_flag=True, help="Check the records by rules, too."),
    click.option(
        "--rules",
        metavar="CODES",
        help='Which rules: "default", "all", codes or their first characters, as in'
        ' "default,-R205,R206". Implies --validate, which alone uses the default.',
    ),
)


def choice(*names: str, of: Iterable[str], text: str) -> Callable[[Command], Command]:
    """Return an option whose value is one of several, by default the first.

    Args:
        *names: Of the option and its parameter.
        of: The values.
        text: The help.
    """
    values = list(of)
    return click.option(
        *names, type=click.Choice(values), default=values[0], show_default=True, help=text
    )


FORCE = click.option("--force", is_flag=True, help="Replace a file that exists.")


def reads(*, validates: bool = False) -> Callable[[Callable[..., int]], Callable[..., None]]:
    """Return a decorator that adds what commands share: PATH... and how it is read.

    It must be the last one, so that these options come last in the help. The command gets
    `sources`, a `Sources`, besides the options of its own, and returns its exit status.

    Args:
        validates: Whether the command can check records by rules.
    """

    def decorate(command: Callable[..., int]) -> Callable[..., None]:
        @functools.wraps(command)
        def run(
            *,
            paths: tuple[str, ...],
            encoding: str | None,
            fallback_encoding: str,
            validate: bool = False,
            rules: str | None = None,
            **given: object,
        ) -> None:
            validator = None
            try:
                options = Options(encoding=encoding, fallback_encoding=fallback_encoding)
                if validate or rules is not None:
                    validator = CorpusValidator(rules="default" if rules is None else rules)
            except ValueError as error:
                raise click.UsageError(str(error)) from error
            sources = Sources(paths, options, validator)
            exit_with(lambda: command(sources=sources, **given), paths)

        decorated: Callable[..., None] = run
        for option in reversed(_RULES + _READING if validates else _READING):
            decorated = option(decorated)
        return decorated

    return decorate


# ---- reading ----------------------------------------------------------------------------


class Reading:
    """One pass over everything that can be read.

    Args:
        sources: What is read.
        output: Where to print what cannot be read, and how far reading has come.

    Attributes:
        not_read: Why something could not be read.
        validates: Whether the movies are checked by rules.
    """

    def __init__(self, sources: Sources, output: Output) -> None:
        self.not_read: list[str] = []
        self.validates = sources.validator is not None
        self._output = output
        self._validator = sources.validator
        self._items = sources.open(Items)
        self._tally = Tally()
        self._assembler = Assembler()

    def __iter__(self) -> Iterator[Item | Problem]:
        """Yield what is read and, after each movie and at the end, what rules find."""
        validator = self._validator
        with closing(self._items):
            for item in each_readable(self._items, self._output, self.not_read):
                self._tally.add(item)
                yield item
                if validator is not None:
                    yield from self._problems(item, validator)
        if validator is not None:
            yield from validator.finish_one_by_one()
        # A build that names a wrong folder must not pass.
        if self._items.files == 0 and not self.not_read:
            self.not_read.append(f"nothing to read: {NO_FILES}")
            self._output.error(self.not_read[0])

    def _problems(self, item: Item, validator: CorpusValidator) -> list[Problem]:
        """Return the problems of a movie, if the item is its end."""
        movie = self._assembler.add(item)
        if movie is None or not isinstance(item, MovieEnded):
            return []
        source = self._items.stream.name if self._items.stream else None
        return validator.feed(movie, source=source, movie_index=item.movie_index)

    def summary(self) -> Summary:
        """Return the counts of what has been read."""
        return self._tally.summary(self._items.files)


def name_of(finding: Defect | Problem) -> str:
    """Return the kind of a defect, or the code of the rule that found a problem."""
    return finding.kind.value if isinstance(finding, Defect) else finding.code


def each_readable(items: Items, output: Output, not_read: list[str]) -> Iterator[Any]:
    """Yield everything that can be read.

    Args:
        items: What reading gives.
        output: Where to print what cannot be read, and how far reading has come.
        not_read: Gets a message for everything that cannot be read.
    """
    while True:
        try:
            item = next(items)
        except StopIteration:
            break
        except (OSError, CorpusError) as error:
            output.error(f"not read: {error}")
            not_read.append(str(error))
            continue
        yield item
        output.advance(items)


def _report_skipped(paths: tuple[str, ...]) -> None:
    """Print which compressed files and archives in folders were skipped.

    Only names are looked at. What is named besides its folder has been read.
    """
    named = {os.path.abspath(path) for path in paths}
    skipped = [
        path
        for folder in paths
        if folder != "-" and os.path.isdir(folder)
        for path in files_in(folder, is_packed)
        # What cannot be listed was reported when it should have been read.
        if isinstance(path, str) and os.path.abspath(path) not in named
    ]
    if skipped:
        Output().error(
            f"compressed files and archives skipped in folders: {len(skipped)}, the first is"
            f" {skipped[0]}; name them to read them"
        )


# ---- failures and the exit status -------------------------------------------------------


class NotRead(Exception):
    """Sources could not be read, as has been printed, so that nothing is written."""


def report_failure(output: Output, what: str, error: Exception, target: str | None) -> int:
    """Print why nothing was written, or not everything; return the exit status.

    Args:
        output: Where to print it.
        what: What was not done.
        error: Why; a closed pipe ends the command without a message.
        target: Where the result should go; `-` may already have received a part of it.
    """
    if isinstance(error, OSError) and error.errno == errno.EPIPE:
        raise error
    if not isinstance(error, NotRead):
        output.error(f"{what}: {error}")
    is_partial = target == "-"
    output.error("the output is incomplete" if is_partial else "nothing was written")
    return NOT_READ


def found_defects(count: object) -> str:
    """Return the message of a command that found defects, but does not show them."""
    return f"defects found while reading: {count}; `reviewcorpus check` shows them"


def exit_with(run: Callable[[], int], paths: tuple[str, ...] = ()) -> None:
    """Run what prints, and exit with its status; report an output that fails in one line.

    Args:
        run: A function that returns the exit status.
        paths: What it reads.
    """
    try:
        status = run()
        _report_skipped(paths)
    except OSError as error:  # of the output: those of the input were reported where they came
        _discard_output()
        if error.errno == errno.EPIPE:
            raise  # click ends without a message
        with suppress(OSError):
            Output().error(f"cannot write the output: {error}")
        status = NOT_READ
    if status:
        sys.exit(status)


def _discard_output() -> None:
    """Make sure that nobody writes the rest: Python tries again at exit, and 3.13 reports it."""
    with suppress(OSError):
        output = sys.stdout.fileno()
        os.dup2(os.open(os.devnull, os.O_WRONLY), output)
