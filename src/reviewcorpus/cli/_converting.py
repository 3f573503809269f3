"""`reviewcorpus convert`: from a corpus to a table, or to one clean file."""

from __future__ import annotations

import csv
import errno
import io
import json
import os
import sys
from contextlib import closing, nullcontext
from typing import IO, TYPE_CHECKING, Any, NamedTuple

import attrs
import click

from reviewcorpus._atomic import write_file
from reviewcorpus._checks import visible
from reviewcorpus._iterators import Items, MovieIterator
from reviewcorpus._rows import (
    DEFECT_COLUMNS,
    MOVIE_COLUMNS,
    REVIEW_COLUMNS,
    defect_rows,
    movie_rows,
    review_rows,
)
from reviewcorpus.cli._reading import NO_FILES, streams_of_paths
from reviewcorpus.cli._screen import NOT_READ, Output, open_output
from reviewcorpus.cli._targets import check_apart, check_free, check_standard_output
from reviewcorpus.defects import CorpusError
from reviewcorpus.sources._archives import is_packed
from reviewcorpus.writer import dump, without_unwritable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from reviewcorpus.models import Movie
    from reviewcorpus.parser._reader import Options

FORMATS = ("parquet", "jsonl", "csv", "xml")
"""The formats that the command writes."""
_ROWS: dict[str, tuple[tuple[str, ...], Callable[[Items], Iterator[tuple[Any, ...]]]]] = {
    "reviews": (REVIEW_COLUMNS, review_rows),
    "movies": (MOVIE_COLUMNS, movie_rows),
    "defects": (DEFECT_COLUMNS, defect_rows),
}
TABLES = tuple(_ROWS)
"""What a table has a row for."""
_ROWS_A_STEP = 256  # how often the progress bar is told


class Request(NamedTuple):
    """What was asked for.

    Attributes:
        paths: The sources.
        target: The file to write, or `-`.
        style: One of `FORMATS`.
        table: One of `TABLES`.
        options: How the sources are read.
    """

    paths: tuple[str, ...]
    target: str
    style: str
    table: str
    options: Options


def format_of(target: str, style: str | None) -> str:
    """Give the format that is asked for, or that the ending of a path tells.

    Raises:
        click.UsageError: Neither tells.
    """
    ending = os.path.splitext(target)[1].lower().removeprefix(".")  # noqa: PTH122 as given
    ending = {"ndjson": "jsonl", "txt": "xml"}.get(ending, ending)
    if is_packed(target) or (style and ending in {*FORMATS} - {style}):
        raise click.UsageError(
            f"{target!r} says that it is something else than {style or 'a table'}"
        )
    if style is None and ending not in FORMATS:
        raise click.UsageError(
            f"{target!r} does not tell the format; end it in .parquet, .jsonl, .csv or .xml, or say"
            " --to FORMAT"
        )
    return style or ending


def check_request(request: Request, *, force: bool) -> None:
    """Refuse what cannot be done before anything is read.

    Raises:
        click.UsageError: The target is there already, or among its sources; the format has no
            such table, or cannot go to standard output; a package is missing.
    """
    if request.style == "xml" and request.table != "reviews":
        raise click.UsageError(
            f"XML holds movies and their reviews, and no table of {request.table}"
        )
    if request.style == "parquet":
        if request.target == "-":
            raise click.UsageError("Parquet cannot be written to standard output; name a file")
        try:
            import reviewcorpus.arrow  # noqa: F401, PLC0415 behind an extra
        except ImportError as error:
            raise click.UsageError(str(error)) from error
    if request.target == "-":
        check_standard_output()
    else:
        check_apart(request.target, [path for path in request.paths if path != "-"])
        check_free(request.target, force=force)


class Converting:
    """One run of `reviewcorpus convert`."""

    def __init__(self, request: Request) -> None:
        self._request = request
        self._count = self._defects = self._lost = 0

    def run(self) -> int:
        """Convert; give the exit status."""
        request = self._request
        # A bar would stand in the middle of what is written to the same terminal.
        shown = nullcontext(Output()) if request.target == "-" else open_output(request.paths)
        with shown as output:
            try:
                self._convert(output)
            except (OSError, CorpusError, ValueError) as error:
                if isinstance(error, OSError) and error.errno == errno.EPIPE:
                    raise  # click ends in silence
                output.error(visible(f"reviewcorpus: not converted: {error}"))
                is_whole = request.target != "-"
                output.error(
                    "reviewcorpus: nothing was written"
                    if is_whole
                    else "reviewcorpus: what was written is not all"
                )
                return NOT_READ
            what = "movies" if request.style == "xml" else request.table
            output.error(f"reviewcorpus: {what} written: {self._count}")
            if self._lost:
                output.error(
                    f"reviewcorpus: elements left out, since XML has no such names: {self._lost}"
                )
            if self._defects and request.table != "defects":
                output.error(
                    f"reviewcorpus: defects met in reading: {self._defects}; `reviewcorpus check`"
                    " shows them"
                )
        return 0

    def _convert(self, output: Output) -> None:
        request = self._request
        if request.style == "xml":
            self._write(lambda file: dump(self._movies(output), file))
        elif request.style == "parquet":
            self._write(lambda file: self._write_parquet(file, output))
        else:
            write_rows = _write_csv if request.style == "csv" else _write_jsonl
            self._write(lambda file: write_rows(file, *self._rows(output)))

    def _write(self, write: Callable[[IO[bytes]], object]) -> None:
        if self._request.target == "-":
            _write_out(write)
        else:
            write_file(self._request.target, write)

    # ---- what is read -------------------------------------------------------------------

    def _options(self) -> Options:
        return attrs.evolve(self._request.options, on_defect=self._count_defect)

    def _count_defect(self, _: object) -> None:
        self._defects += 1

    def _movies(self, output: Output) -> Iterator[Movie]:
        streams = streams_of_paths(self._request.paths)
        with closing(MovieIterator(streams, self._options())) as movies:
            for movie in movies:
                self._count += 1
                output.advance(movies)
                writable, lost = without_unwritable(movie)
                self._lost += len(lost)
                yield writable
            _check_any(movies)

    def _rows(self, output: Output) -> tuple[tuple[str, ...], Iterator[tuple[Any, ...]]]:
        columns, rows_of = _ROWS[self._request.table]
        return columns, self._counted(rows_of, output)

    def _counted(
        self, rows_of: Callable[[Items], Iterator[tuple[Any, ...]]], output: Output
    ) -> Iterator[tuple[Any, ...]]:
        with closing(Items(streams_of_paths(self._request.paths), self._options())) as items:
            for row in rows_of(items):
                self._count += 1
                if self._count % _ROWS_A_STEP == 0:
                    output.advance(items)
                yield row
            _check_any(items)

    def _write_parquet(self, file: IO[bytes], output: Output) -> None:
        from reviewcorpus.arrow import TABLES, write_parquet  # noqa: PLC0415 behind an extra

        schema, batches_of = TABLES[self._request.table]
        items = Items(streams_of_paths(self._request.paths), self._options())

        def counted() -> Iterator[Any]:
            for batch in batches_of(items):
                self._count += batch.num_rows
                output.advance(items)
                yield batch
            _check_any(items)

        write_parquet(file, schema, counted(), "zstd")


def _check_any(items: Items) -> None:
    """Refuse sources in which there is nothing to read, such as an empty folder."""
    if items.files == 0:
        raise CorpusError(NO_FILES)


def _write_out(write: Callable[[IO[bytes]], object]) -> None:
    """Write to standard output, all of it: an unbuffered one may take a part at a time."""
    raw: Any = sys.stdout.buffer
    if not isinstance(raw, io.RawIOBase):
        write(raw)
        raw.flush()
        return
    buffer = io.BufferedWriter(raw)
    try:
        write(buffer)
        buffer.flush()
    finally:
        buffer.detach()


# ---- texts ------------------------------------------------------------------------------


def _write_jsonl(
    file: IO[bytes], columns: tuple[str, ...], rows: Iterable[tuple[Any, ...]]
) -> None:
    """Write an object a line; days are YYYY-MM-DD."""
    for row in rows:
        given = dict(zip(columns, row, strict=True))
        line = json.dumps(given, ensure_ascii=False, default=str)
        file.write(line.encode())
        file.write(b"\n")


def _write_csv(file: IO[bytes], columns: tuple[str, ...], rows: Iterable[tuple[Any, ...]]) -> None:
    """Write comma-separated values (RFC 4180) with a head."""
    text = io.TextIOWrapper(file, encoding="utf-8", newline="", write_through=True)
    writer = csv.writer(text)
    writer.writerow(columns)
    writer.writerows(rows)
    text.detach()
