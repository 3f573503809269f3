"""`reviewcorpus stats` and `reviewcorpus report`: what a corpus looks like."""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING

import click

from reviewcorpus._atomic import write_file
from reviewcorpus.cli._overview import print_overview
from reviewcorpus.cli._screen import NOT_READ
from reviewcorpus.cli._shared import (
    ENCODING,
    FALLBACK,
    PATHS,
    RULE_CODES,
    read_and_exit,
    usage_errors,
    validator_of,
)
from reviewcorpus.cli._surveying import survey
from reviewcorpus.cli._targets import check_apart, check_free, check_standard_output
from reviewcorpus.parser._reader import Options

if TYPE_CHECKING:
    from reviewcorpus.validation import CorpusValidator

_ENDINGS_OF_PAGES = (".html", ".htm")  # which no folder is searched for
_VALIDATE = click.option("--validate", is_flag=True, help="Count what rules find, too.")


@click.command(
    epilog="Exit status: 0 done, 2 something not read (the rest is counted), or nothing there to"
    " read."
)
@PATHS
@click.option(
    "--format",
    "style",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="Tables with bars for people, or one JSON object.",
)
@_VALIDATE
@RULE_CODES
@ENCODING
@FALLBACK
def stats(  # noqa: PLR0913 one argument for each option
    *,
    paths: tuple[str, ...],
    style: str,
    validate: bool,
    rules: str | None,
    encoding: str | None,
    fallback_encoding: str,
) -> None:
    """Show a corpus in numbers: movies, reviews, scores, years, lengths, users, defects.

    A folder stands for every *.xml and *.txt in it and below. A path "-" is standard input.
    Quartiles of lengths are off by 1.6 % at most; more than 8192 user names are estimated.

    \b
    Examples:
      reviewcorpus stats corpus/
      reviewcorpus stats --validate corpus/ | less
      reviewcorpus stats --format json films.tar.gz > statistics.json
      zcat films.xml.gz | reviewcorpus stats -
    """  # noqa: D301 click's mark for lines that stay
    with usage_errors():
        options = Options(encoding=encoding, fallback_encoding=fallback_encoding)
        validator = validator_of(rules, validate=validate)
    read_and_exit(paths, lambda: _show(paths, options, validator, style))


def _show(
    paths: tuple[str, ...], options: Options, validator: CorpusValidator | None, style: str
) -> int:
    """Print the numbers; give the exit status."""
    seen = survey(paths, options, validator)
    if style == "json":
        click.echo(json.dumps({**seen.statistics.as_data(), "not_read": seen.not_read}, indent=2))
    else:
        print_overview(seen.statistics)
    if sys.stdout is not None:
        sys.stdout.flush()
    return NOT_READ if seen.not_read else 0


@click.command(
    epilog="Exit status: 0 written, 2 something not read, which the page tells too, or nothing"
    " there to read."
)
@PATHS
@click.option(
    "-o",
    "--output",
    "target",
    metavar="FILE",
    required=True,
    help="The page; - is standard output.",
)
@click.option("--force", is_flag=True, help="Replace what is there.")
@_VALIDATE
@RULE_CODES
@ENCODING
@FALLBACK
def report(  # noqa: PLR0913 one argument for each option
    *,
    paths: tuple[str, ...],
    target: str,
    force: bool,
    validate: bool,
    rules: str | None,
    encoding: str | None,
    fallback_encoding: str,
) -> None:
    """Write a page about a corpus: its numbers, histograms, and what is wrong with it.

    The page is one HTML file without scripts, which loads nothing. It quotes damaged texts and
    names sources: keep it where the corpus may be. The same corpus gives the same page. If
    nothing can be read, nothing is written. It needs the extra "report".

    \b
    Examples:
      reviewcorpus report corpus/ -o report.html
      reviewcorpus report --validate corpus/ -o report.html --force
    """  # noqa: D301 click's mark for lines that stay
    with usage_errors():
        options = Options(encoding=encoding, fallback_encoding=fallback_encoding)
        validator = validator_of(rules, validate=validate)
    _check_target(target, paths, force=force)
    read_and_exit(paths, lambda: _write(paths, options, validator, target))


def _check_target(target: str, paths: tuple[str, ...], *, force: bool) -> None:
    """Refuse a target that cannot be, or that is there, before everything is read for it.

    Raises:
        click.UsageError: It is there, a source, or in a source where it would be read.
    """
    try:
        import reviewcorpus.cli._page  # noqa: F401, PLC0415 needs a package that is optional
    except ImportError as error:
        raise click.UsageError(str(error)) from error
    if target == "-":
        check_standard_output()
        return
    sources = [path for path in paths if path != "-"]
    if os.path.realpath(target).endswith(_ENDINGS_OF_PAGES):
        sources = [path for path in sources if not os.path.isdir(path)]  # noqa: PTH112 as given
    check_apart(target, sources)
    check_free(target, force=force)
    ending = os.path.splitext(target)[1].lower()  # noqa: PTH122 as given
    if ending and ending not in _ENDINGS_OF_PAGES:
        raise click.UsageError(f"a page of HTML ends in .html, and not in {ending}")


def _write(
    paths: tuple[str, ...], options: Options, validator: CorpusValidator | None, target: str
) -> int:
    """Write the page; give the exit status."""
    from reviewcorpus.cli._page import page_of  # noqa: PLC0415 as above

    seen = survey(paths, options, validator)
    if seen.statistics.summary.files == 0:
        click.echo("reviewcorpus: nothing was written", err=True)
        return NOT_READ
    page = page_of(seen).encode()
    if target == "-":
        click.echo(page, nl=False)
    else:
        write_file(target, lambda file: file.write(page))
    return NOT_READ if seen.not_read else 0


COMMANDS = (stats, report)
