"""`reviewcorpus convert`: from a corpus to a table, or to one clean file."""

from __future__ import annotations

import csv
import io
import json
from typing import IO, TYPE_CHECKING, TypeVar

import attrs
import click

from reviewcorpus._rows import (
    DEFECT_COLUMNS,
    MOVIE_COLUMNS,
    REVIEW_COLUMNS,
    defect_rows,
    movie_rows,
    review_rows,
)
from reviewcorpus.cli._shared import (
    FORCE,
    Reading,
    choice,
    reads,
    report_defects,
    report_failure,
)
from reviewcorpus.cli._targets import check_target, ending_of, open_target
from reviewcorpus.defects import CorpusError
from reviewcorpus.sources._archives import is_packed
from reviewcorpus.writer import dump, without_unwritable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from reviewcorpus.models import Movie

T = TypeVar("T")


TABLES = {
    "reviews": (REVIEW_COLUMNS, review_rows),
    "movies": (MOVIE_COLUMNS, movie_rows),
    "defects": (DEFECT_COLUMNS, defect_rows),
}
"""What `--table` chooses from: the columns, and what yields the rows."""


@attrs.define
class Conversion:
    """One run of `reviewcorpus convert`, for the functions that write a format.

    Args:
        reading: What is read; the first source that cannot be read ends it with an error.
        table: One of `TABLES`.
        written: How many rows or movies have been written.
        dropped: How many elements could not be written.
    """

    reading: Reading
    table: str
    written: int = 0
    dropped: int = 0

    def count(self, rows: Iterable[T], size_of: Callable[[T], int] = lambda _: 1) -> Iterator[T]:
        """Yield rows or movies, and count them."""
        for row in rows:
            self.written += size_of(row)
            yield row


# ---- formats ----------------------------------------------------------------------------


def _write_csv(file: IO[bytes], conversion: Conversion) -> None:
    """Write comma-separated values (RFC 4180) with a header line."""
    columns, rows_of = TABLES[conversion.table]
    text = io.TextIOWrapper(file, encoding="utf-8", newline="", write_through=True)
    writer = csv.writer(text)
    writer.writerow(columns)
    writer.writerows(conversion.count(rows_of(conversion.reading)))
    text.detach()


def _write_jsonl(file: IO[bytes], conversion: Conversion) -> None:
    """Write one object per line; days are YYYY-MM-DD."""
    columns, rows_of = TABLES[conversion.table]
    for row in conversion.count(rows_of(conversion.reading)):
        line = json.dumps(dict(zip(columns, row, strict=True)), ensure_ascii=False, default=str)
        file.write(f"{line}\n".encode())


def _write_parquet(file: IO[bytes], conversion: Conversion) -> None:
    from reviewcorpus.arrow import TABLES, write_parquet

    schema, batches_of = TABLES[conversion.table]
    batches = conversion.count(batches_of(conversion.reading), lambda batch: batch.num_rows)
    write_parquet(file, schema, batches, "zstd")


def _write_xml(file: IO[bytes], conversion: Conversion) -> None:
    """Write the movies, without what XML cannot hold."""

    def writable() -> Iterator[Movie]:
        for place in conversion.count(conversion.reading.movies()):
            kept, dropped = without_unwritable(place.movie)
            conversion.dropped += len(dropped)
            yield kept

    dump(writable(), file)


WRITERS: dict[str, Callable[[IO[bytes], Conversion], None]] = {
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
            f"{target!r} does not say which format; end it in .parquet, .jsonl, .csv or .xml, or"
            " say --to FORMAT"
        )
    return asked or ending


# ---- the command ------------------------------------------------------------------------


@click.command(epilog="Exit status: 0 done, 2 something not read or written, and then nothing is.")
@click.option(
    "-o", "--output", "target", required=True, metavar="FILE", help="The file, or - for output."
)
@click.option(
    "--to",
    "style",
    type=click.Choice([ending[1:] for ending in WRITERS]),
    help="The format; default: what FILE ends in.",
)
@choice("--table", of=TABLES, text="Its rows.")
@choice(
    "--errors",
    of=["recover", "drop", "strict"],
    text="Read everything, drop what has an error, or stop at the first one.",
)
@FORCE
@reads(stops=True)
def convert(
    *,
    reading: Reading,
    target: str,
    style: str | None,
    table: str,
    force: bool,
) -> int:
    """Write a corpus as one file: a table of reviews, movies or defects, or clean XML.

    The format follows the ending: .parquet (extra arrow), .jsonl, .csv or .xml. PATH is a file, a
    folder with *.xml and *.txt in it and below, an archive, or - for standard input.

    \b
    Examples:
      reviewcorpus convert corpus/ -o reviews.parquet
      reviewcorpus convert corpus/ -o defects.csv --table defects
      reviewcorpus convert movies.tar.gz -o - --to jsonl --errors drop | head
    """
    ending = _ending_for(target, style)
    _check_format(ending, table, target)
    check_target(target, reading.paths, force=force)
    conversion = Conversion(reading, table)
    try:
        with open_target(target, reading.output) as file:
            WRITERS[ending](file, conversion)
    except (OSError, CorpusError, ValueError) as error:
        return report_failure(reading.output, "not converted", error, is_partial=target == "-")
    what = "movies" if ending == ".xml" else table
    reading.output.error(f"{what} written: {conversion.written}")
    if conversion.dropped:
        message = f"elements dropped, since XML has no such names: {conversion.dropped}"
        reading.output.error(message)
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
