"""What commands share: options, and how failures are told."""

from __future__ import annotations

import errno
import os
import sys
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import click

from reviewcorpus.cli._reading import tell_passed_over
from reviewcorpus.cli._screen import NOT_READ
from reviewcorpus.validation import CorpusValidator

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PATHS = click.argument("paths", nargs=-1, required=True, type=click.Path(), metavar="PATH...")
ENCODING = click.option("--encoding", help="Encoding of the files; otherwise each says, or UTF-8.")
FALLBACK = click.option(
    "--fallback-encoding",
    default="windows-1252",
    show_default=True,
    help="8-bit encoding of fields that do not fit the file's.",
)
RULE_CODES = click.option(
    "--rules",
    metavar="CODES",
    help='Which rules: "default", "all", codes or what they begin with, as in "default,-R205,R206".'
    " Implies --validate, which alone takes the default.",
)


def validator_of(rules: str | None, *, validate: bool) -> CorpusValidator | None:
    """Give what checks the movies, if that was asked for; naming rules asks for it."""
    if rules is None and not validate:
        return None
    return CorpusValidator(rules="default" if rules is None else rules)


@contextmanager
def usage_errors() -> Iterator[None]:
    """Tell of impossible options as click does."""
    try:
        yield
    except ValueError as error:
        raise click.UsageError(str(error)) from error


def read_and_exit(paths: tuple[str, ...], run: Callable[[], int]) -> None:
    """Run what reads the paths, and tell what it passed over; exit with its status, if not 0."""

    def run_and_tell() -> int:
        status = run()
        tell_passed_over(paths)
        return status

    status = guarded(run_and_tell)
    if status:
        sys.exit(status)


def guarded(run: Callable[[], int]) -> int:
    """Give the exit status of what prints; an output that fails is told, and no traceback."""
    try:
        return run()
    except OSError as error:  # of the output: those of the input were told where they came
        if error.errno == errno.EPIPE:
            _give_the_output_up()
            raise  # click ends in silence
        with suppress(OSError):
            click.echo(f"reviewcorpus: cannot write the output: {error}", err=True)
        _give_the_output_up()
        return NOT_READ


def _give_the_output_up() -> None:
    """Let nobody write the rest: Python would try once more when it ends, and 3.13 tells of it."""
    with suppress(OSError):
        output = sys.stdout.fileno()
        os.dup2(os.open(os.devnull, os.O_WRONLY), output)
