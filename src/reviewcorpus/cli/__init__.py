"""The command `reviewcorpus`, of the extra `cli`."""

from __future__ import annotations

import sys
from typing import Literal

try:
    import click
    import rich.console
    import rich.progress  # noqa: F401 asked for here, so that an error can name the extra
except ModuleNotFoundError as _error:
    raise ImportError(
        f"the command needs {_error.name}; install it with: pip install 'reviewcorpus[cli]'",
        name=_error.name,
    ) from _error

from reviewcorpus._version import __version__
from reviewcorpus.cli._checking import PRINTERS, Checking
from reviewcorpus.cli._cleaning import NAMES, Cleaning, Request, chosen
from reviewcorpus.cli._converting import (
    FORMATS,
    TABLES,
    Converting,
    check_request,
    format_of,
)
from reviewcorpus.cli._converting import Request as ConvertRequest
from reviewcorpus.cli._shared import (
    ENCODING,
    FALLBACK,
    PATHS,
    RULE_CODES,
    guarded,
    read_and_exit,
    usage_errors,
    validator_of,
)
from reviewcorpus.cli._statistics_commands import COMMANDS
from reviewcorpus.defects import Severity
from reviewcorpus.parser._reader import Options
from reviewcorpus.validation import RULES


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
def cli() -> None:
    """Read and check movie-review corpora that look like XML and often are not."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # a name that the terminal cannot show is no reason
            stream.reconfigure(errors="backslashreplace")  # to stop half way


@cli.command(
    epilog="Exit status: 0 no defect of severity error (or of what --fail-on says), 1 some, 2"
    " something not read, or nothing there to read."
)
@PATHS
@click.option(
    "--format",
    "style",
    type=click.Choice(list(PRINTERS)),
    default="text",
    show_default=True,
    help="Lines for people and editors; one JSON object; a SARIF log; annotations for GitHub.",
)
@click.option("--validate", is_flag=True, help="Print what rules find in the records, too.")
@RULE_CODES
@click.option(
    "--fail-on",
    type=click.Choice([severity.value for severity in reversed(Severity)]),
    default=Severity.ERROR.value,
    show_default=True,
    help="Exit status 1 for a defect or a problem of this severity, or of a graver one.",
)
@ENCODING
@FALLBACK
def check(  # noqa: PLR0913 one argument for each option
    *,
    paths: tuple[str, ...],
    style: str,
    validate: bool,
    rules: str | None,
    fail_on: str,
    encoding: str | None,
    fallback_encoding: str,
) -> None:
    """Print every defect of files, folders and archives, then a summary.

    A folder stands for every *.xml and *.txt in it and below. A path "-" is standard input.
    With --validate, what was read is checked by rules. No problem that they find is of severity
    error: the exit status tells of problems only with --fail-on warning or info.

    \b
    Examples:
      reviewcorpus check corpus/
      reviewcorpus check --rules default,-R205 --fail-on warning corpus/
      reviewcorpus check --format json films.tar.gz > defects.json
      reviewcorpus check --validate --format sarif corpus/ > corpus.sarif
    """  # noqa: D301 click's mark for lines that stay
    with usage_errors():
        options = Options(encoding=encoding, fallback_encoding=fallback_encoding)
        validator = validator_of(rules, validate=validate)
    severity = Severity(fail_on)
    read_and_exit(paths, lambda: Checking(paths, options, style, validator, severity).run())


_NAMES = ", ".join(NAMES)


@cli.command(epilog="Exit status: 0 done, 2 something not read or written, and then nothing is.")
@PATHS
@click.option(
    "-o",
    "--output",
    "target",
    metavar="DEST",
    help="A file for all movies, which ends in .xml; a folder for a file a film; or - for standard"
    " output.",
)
@click.option(
    "--report",
    metavar="FILE",
    help="Where the changes go, as JSON Lines, or - for standard output. Without it, beside DEST:"
    " DEST.changes.jsonl.",
)
@click.option("--only", multiple=True, metavar="NAMES", help=f"Do these alone: {_NAMES}.")
@click.option("--skip", multiple=True, metavar="NAMES", help="Do all but these.")
@click.option("--dry-run", is_flag=True, help="Write no movies, only the report.")
@click.option(
    "--force", is_flag=True, help="Replace a file, or a whole folder of .xml files, that is there."
)
@ENCODING
@FALLBACK
def clean(  # noqa: PLR0913 one argument for each option
    *,
    paths: tuple[str, ...],
    target: str | None,
    report: str | None,
    only: tuple[str, ...],
    skip: tuple[str, ...],
    dry_run: bool,
    force: bool,
    encoding: str | None,
    fallback_encoding: str,
) -> None:
    """Write clean files: well-formed, in one form, texts mended, repeats dropped, records merged.

    PATH is a file, a folder with *.xml and *.txt in it and below, an archive, or - for standard
    input, which can be read only once: leave out merge-movies then.

    Every change is reported with what was there, what is there now, and why; so is what reading
    did on an assumption. The report holds what was taken out, e-mail addresses too: keep
    it where the source is. Run on its own output, the command changes nothing.

    \b
    Examples:
      reviewcorpus clean corpus/ -o clean/
      reviewcorpus clean corpus/ -o clean.xml --only drop-repeats,merge-movies
      reviewcorpus clean corpus/ --dry-run --skip redact-emails
    """  # noqa: D301 click's mark for lines that stay
    if not target and not dry_run:
        raise click.UsageError("say where to write with -o DEST, or look only with --dry-run")
    if report is None and target != "-":
        report = "-" if dry_run else f"{str(target).rstrip('/')}.changes.jsonl"
    elif report == target == "-" and not dry_run:
        raise click.UsageError("the report and the movies cannot go to one place")
    with usage_errors():
        options = Options(encoding=encoding, fallback_encoding=fallback_encoding)
    names = chosen(only, skip)
    request = Request(paths, None if dry_run else target, report, names, force, options)
    read_and_exit(paths, lambda: Cleaning(request).run())


@cli.command(epilog="Exit status: 0 done, 2 something not read or written, and then nothing is.")
@PATHS
@click.option(
    "-o", "--output", "target", required=True, metavar="FILE", help="The file, or - for output."
)
@click.option("--to", "style", type=click.Choice(FORMATS), help="The format, if not by the ending.")
@click.option(
    "--table", type=click.Choice(TABLES), default="reviews", show_default=True, help="Its rows."
)
@click.option(
    "--errors",
    type=click.Choice(["recover", "drop", "strict"]),
    default="recover",
    show_default=True,
    help="Read everything, leave out what has an error, or stop at the first fault.",
)
@click.option("--force", is_flag=True, help="Replace the file, if there is one.")
@ENCODING
@FALLBACK
def convert(  # noqa: PLR0913 one argument for each option
    *,
    paths: tuple[str, ...],
    target: str,
    style: str | None,
    table: str,
    errors: Literal["recover", "drop", "strict"],
    force: bool,
    encoding: str | None,
    fallback_encoding: str,
) -> None:
    """Write a corpus as one file: a table of reviews, movies or defects, or clean XML.

    The format follows the ending: .parquet (extra arrow), .jsonl, .csv or .xml. PATH is a file, a
    folder with *.xml and *.txt in it and below, an archive, or - for standard input.

    \b
    Examples:
      reviewcorpus convert corpus/ -o reviews.parquet
      reviewcorpus convert corpus/ -o defects.csv --table defects
      reviewcorpus convert films.tar.gz -o - --to jsonl --errors drop | head
    """  # noqa: D301 click's mark for lines that stay
    with usage_errors():
        options = Options(errors=errors, encoding=encoding, fallback_encoding=fallback_encoding)
    request = ConvertRequest(paths, target, format_of(target, style), table, options)
    check_request(request, force=force)
    read_and_exit(paths, lambda: Converting(request).run())


@cli.command()
def rules() -> None:
    """Print the rules that --validate knows."""
    guarded(_print_rules)


def _print_rules() -> int:
    for rule in RULES.values():
        mark = " " if rule.is_default else "-"
        click.echo(f"{rule.code} {mark} {rule.severity:<8} {rule.summary}")
    click.echo("(-: not in the default)")
    return 0


for _command in COMMANDS:
    cli.add_command(_command)
