"""`reviewcorpus convert`: from a corpus to a table, or to one clean file."""

from __future__ import annotations

import csv
import io
import json
from functools import partial
from typing import IO, TYPE_CHECKING, Any

import click

from reviewcorpus._rows import TABLES
from reviewcorpus.cli._output import check_target, ending_of, is_stream, open_target
from reviewcorpus.cli._shared import (
    INCOMPLETE,
    NOTHING_WRITTEN,
    Reading,
    choice,
    reads,
    report_defects,
    report_failure,
    writes,
)
from reviewcorpus.defects import CorpusError
from reviewcorpus.sources._files import is_packed
from reviewcorpus.writer import dump, writable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from reviewcorpus.models import Movie


# ---- formats: functions that write a table, or the movies, and return how many rows -----


def _write_csv(
    file: IO[bytes], reading: Reading, table: str, guard: Callable[[Any], Any] | None = None
) -> int:
    """Write comma-separated values (RFC 4180) with a header line; pass each value to a function."""
    columns, rows_of = TABLES[table]
    text = io.TextIOWrapper(file, encoding="utf-8", newline="", write_through=True)
    writer = csv.writer(text)
    count = 0
    try:
        writer.writerow(columns)
        for row in rows_of(reading):
            writer.writerow(map(guard, row) if guard else row)
            count += 1
    finally:
        text.detach()  # or it would close the file
    return count


_FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def _as_text(value: object) -> object:
    """Return a value that no spreadsheet reads as a formula.

    OWASP's page on CSV injection names these characters, and the apostrophe.
    """
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULAS) else value


def _write_jsonl(file: IO[bytes], reading: Reading, table: str) -> int:
    """Write one object per line; days are YYYY-MM-DD."""
    columns, rows_of = TABLES[table]
    count = 0
    for row in rows_of(reading):
        line = json.dumps(dict(zip(columns, row, strict=True)), ensure_ascii=False, default=str)
        file.write(f"{line}\n".encode())
        count += 1
    return count


def _write_parquet(file: IO[bytes], reading: Reading, table: str) -> int:
    from reviewcorpus.arrow import TABLES, write_parquet

    schema, batches_of = TABLES[table]
    return write_parquet(file, schema, batches_of(reading), "zstd")


def _write_xml(file: IO[bytes], reading: Reading, _: str) -> int:
    """Write the movies, without what XML cannot hold."""
    renamed = dropped = 0

    def movies() -> Iterator[Movie]:
        nonlocal renamed, dropped
        for place in reading.movies():
            movie, found = writable(place.movie)
            renamed += sum(each.new_name is not None for each in found)
            dropped += sum(each.new_name is None for each in found)
            yield movie

    dump(movies(), file)
    if renamed:
        reading.output.note(
            f"elements renamed, because the format or HTML has their names: {renamed}"
        )
    if dropped:
        reading.output.error(f"elements dropped, because XML forbids their names: {dropped}")
    return reading.summary().movies


WRITERS: dict[str, Callable[[IO[bytes], Reading, str], int]] = {
    ".parquet": _write_parquet,
    ".jsonl": _write_jsonl,
    ".csv": _write_csv,
    ".xml": _write_xml,
}
"""The formats by the endings of their files."""
_OTHER_ENDINGS = {".ndjson": ".jsonl", ".txt": ".xml"}


def _ending_for(target: str, style: str | None) -> str:
    """Return the ending of the format that was asked for, or that the path has.

    Raises:
        click.UsageError: The format is not clear.
    """
    asked = None if style is None else f".{style}"
    ending = ending_of(target)
    ending = _OTHER_ENDINGS.get(ending, ending)
    if is_packed(target) or (asked and ending in WRITERS.keys() - {asked}):
        raise click.UsageError(
            f"{target!r} ends like another format, and not like {style or 'a table'}"
        )
    if asked is None and ending not in WRITERS:
        raise click.UsageError(
            f"{target!r} does not say which format; end it in {', '.join(WRITERS)}, or add"
            " --to FORMAT"
        )
    return asked or ending


# ---- the command ------------------------------------------------------------------------


@click.command(
    epilog="Exit status: 0 done, 2 something could not be read or written; a message says if"
    " anything was written."
)
@writes("FILE", "File to write, or - for standard output.")
@click.option(
    "--to",
    "style",
    type=click.Choice([ending[1:] for ending in WRITERS]),
    help="Format of the output. By default, the ending of FILE, such as .jsonl, decides.",
)
@choice("--table", of=TABLES, text="What each row is.")
@click.option(
    "--spreadsheet",
    is_flag=True,
    help="In CSV, put an apostrophe before texts that a spreadsheet would read as formulas.",
)
@choice(
    "--errors",
    of=["recover", "drop", "strict"],
    text="Read everything, drop records that have an error, or stop at the first error.",
)
@reads(stops=True)
def convert(
    *,
    reading: Reading,
    target: str,
    style: str | None,
    table: str,
    spreadsheet: bool,
    force: bool,
) -> int:
    """Write a corpus as one file: a table of reviews, movies or defects, or clean XML.

    The ending of FILE decides the format, or --to does. Parquet needs the extra "arrow".
    PATH is a file, a folder with *.xml, *.txt and *.review files, an archive, or - for standard
    input.

    \b
    Examples:
      reviewcorpus convert corpus/ -o reviews.parquet
      reviewcorpus convert corpus/ -o defects.csv --table defects --spreadsheet
      reviewcorpus convert movies.tar.gz -o - --to jsonl --errors drop | head
    """
    ending = _ending_for(target, style)
    write = WRITERS[ending]
    if spreadsheet:
        if ending != ".csv":
            raise click.UsageError("--spreadsheet is for CSV: other formats say what is text")
        write = partial(_write_csv, guard=_as_text)
    _check_format(ending, table, target)
    check_target(target, reading.paths, force=force)
    try:
        with open_target(target, reading.output, force=force) as file:
            count = write(file, reading, table)
    except (OSError, CorpusError, ValueError) as error:
        left = INCOMPLETE if is_stream(target) else NOTHING_WRITTEN
        return report_failure(reading.output, "not converted", error, left)
    what = "movies" if ending == ".xml" else table
    reading.output.note(f"{what} written: {count}")
    if table != "defects":
        report_defects(reading)
    return 0


def _check_format(ending: str, table: str, target: str) -> None:
    """Refuse what a format cannot do, before anything is read.

    Raises:
        click.UsageError: The format has no such table, or cannot go to standard output; a package
            is missing.
    """
    if ending == ".xml" and table != "reviews":
        raise click.UsageError(f"XML holds movies and their reviews, not a table of {table}")
    if ending == ".parquet":
        if target == "-":
            raise click.UsageError("Parquet cannot be written to standard output; name a file")
        try:
            import reviewcorpus.arrow  # noqa: F401 needs an extra
        except ImportError as error:
            raise click.UsageError(str(error)) from error
