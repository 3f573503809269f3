"""Arrow tables of what reading gives; needs pyarrow."""

from __future__ import annotations

from contextlib import closing
from itertools import chain
from typing import IO, TYPE_CHECKING, Any

try:
    import pyarrow as pa
except ModuleNotFoundError as error:
    raise ImportError(
        f"Arrow tables need {error.name}; install it with: pip install 'reviewcorpus[arrow]'",
        name=error.name,
    ) from error

from reviewcorpus._rows import defect_rows, json_of, movie_rows, review_runs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from reviewcorpus._iterators import Items
    from reviewcorpus._rows import Run

SCHEMA_VERSION = "1"
"""Version of the three schemas; in their metadata as `reviewcorpus.schema_version`."""

_METADATA = {"reviewcorpus.schema_version": SCHEMA_VERSION}
_PLACE = [("source", pa.string()), ("movie_index", pa.int32())]

REVIEW_SCHEMA = pa.schema(
    [
        *_PLACE,
        ("review_index", pa.int32()),
        ("imdb_id", pa.string()),
        ("title", pa.string()),
        ("year", pa.int32()),
        ("general_score", pa.float64()),
        ("date", pa.date32()),
        ("username", pa.string()),
        ("score", pa.float64()),
        ("short_description", pa.string()),
        ("full_review", pa.string()),
        ("extra", pa.string()),
    ],
    _METADATA,
)
"""One row a review. `source`, `movie_index` and `review_index` (from 0) say where it stands; title,
year, general score and number are those of its movie, as far as they were met before the review;
`extra` is a JSON object, or null where there is nothing."""

MOVIE_SCHEMA = pa.schema(
    [
        *_PLACE,
        ("imdb_id", pa.string()),
        ("title", pa.string()),
        ("link", pa.string()),
        ("year", pa.int32()),
        ("general_score", pa.float64()),
        ("reviews", pa.int32()),
        ("extra", pa.string()),
    ],
    _METADATA,
)
"""One row a movie; `reviews` is how many it has."""

DEFECT_SCHEMA = pa.schema(
    [
        ("source", pa.string()),
        ("movie_index", pa.int32()),
        ("review_index", pa.int32()),
        ("kind", pa.string()),
        ("severity", pa.string()),
        ("message", pa.string()),
        ("action", pa.string()),
        ("offset", pa.int64()),
        ("line", pa.int64()),
        ("column", pa.int64()),
        ("element", pa.string()),
        ("field", pa.string()),
        ("raw", pa.string()),
    ],
    _METADATA,
)
"""One row a defect, with the attributes of `Defect`."""

_COMPRESSIONS = ("none", "snappy", "gzip", "brotli", "zstd", "lz4")
_ROW_GROUP = 1 << 23  # bytes of Arrow data; what readers of Parquet take at once
_MOST_ROWS = 8192  # of a batch
_MOST_CHARACTERS = 1 << 20  # of the bodies in a batch; a character takes up to four bytes

# ---- reviews ----------------------------------------------------------------------------


def review_batches(items: Items) -> Iterator[pa.RecordBatch]:
    """Give the reviews, a row each."""
    with closing(items):
        held: list[Run] = []
        rows = characters = 0
        for run in review_runs(items):
            for piece, size in _pieces(run):
                held.append(piece)
                rows += len(piece.reviews)
                characters += size
                if rows >= _MOST_ROWS or characters >= _MOST_CHARACTERS:
                    yield _review_batch(held)
                    held, rows, characters = [], 0, 0
        if held:
            yield _review_batch(held)


def _pieces(run: Run) -> Iterator[tuple[Run, int]]:
    """Give a run in pieces that fit into a batch, and how many characters are in each.

    The fields of the movie stand in every row: a long title, which the input has once, would
    take memory for each review.
    """
    fixed = len(run.source) + len(run.movie.title or "") + len(run.movie.imdb_id or "")
    sizes = [
        fixed
        + len(review.full_review or "")
        + len(review.short_description or "")
        + len(review.username or "")
        + (sum(map(len, chain.from_iterable(review.extra.items()))) if review.extra else 0)
        for review in run.reviews
    ]
    total = sum(sizes)
    if total <= _MOST_CHARACTERS:
        yield run, total
        return
    start = held = 0
    for index, size in enumerate(sizes):
        held += size
        if held >= _MOST_CHARACTERS or index == len(sizes) - 1:
            piece = run._replace(
                review_index=run.review_index + start, reviews=run.reviews[start : index + 1]
            )
            yield piece, held
            start, held = index + 1, 0


def _review_batch(runs: Sequence[Run]) -> pa.RecordBatch:
    def each(value: Callable[[Run], Any]) -> list[Any]:
        """Give a value of each movie as often as it has reviews here."""
        return list(chain.from_iterable([value(run)] * len(run.reviews) for run in runs))

    rows = [review for run in runs for review in run.reviews]
    starts = (range(run.review_index, run.review_index + len(run.reviews)) for run in runs)
    columns = [
        each(lambda run: run.source),
        each(lambda run: run.movie_index),
        list(chain.from_iterable(starts)),
        each(lambda run: run.movie.imdb_id),
        each(lambda run: run.movie.title),
        each(lambda run: run.movie.year),
        each(lambda run: run.movie.general_score),
        [review.date for review in rows],
        [review.username for review in rows],
        [review.score for review in rows],
        [review.short_description for review in rows],
        [review.full_review for review in rows],
        [json_of(review.extra) for review in rows],
    ]
    return _batch(REVIEW_SCHEMA, columns)


# ---- movies and defects -----------------------------------------------------------------


def movie_batches(items: Items) -> Iterator[pa.RecordBatch]:
    """Give the movies, a row each."""
    with closing(items):
        yield from _batches(MOVIE_SCHEMA, movie_rows(items))


def defect_batches(items: Items) -> Iterator[pa.RecordBatch]:
    """Give the defects, a row each."""
    with closing(items):
        yield from _batches(DEFECT_SCHEMA, defect_rows(items))


# ---- batches ----------------------------------------------------------------------------


def _batches(schema: pa.Schema, rows: Iterable[tuple[Any, ...]]) -> Iterator[pa.RecordBatch]:
    held: list[tuple[Any, ...]] = []
    characters = 0
    for row in rows:
        held.append(row)
        characters += sum(len(value) for value in row if isinstance(value, str))
        if len(held) >= _MOST_ROWS or characters >= _MOST_CHARACTERS:
            yield _batch(schema, list(zip(*held, strict=True)))
            held, characters = [], 0
    if held:
        yield _batch(schema, list(zip(*held, strict=True)))


def _batch(schema: pa.Schema, columns: Sequence[Sequence[Any]]) -> pa.RecordBatch:
    arrays = [pa.array(column, field.type) for column, field in zip(columns, schema, strict=True)]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def reader_of(schema: pa.Schema, batches: Iterable[pa.RecordBatch]) -> pa.RecordBatchReader:
    """Give what batches are read from."""
    return pa.RecordBatchReader.from_batches(schema, batches)


def review_reader(items: Items) -> pa.RecordBatchReader:
    """Give what the reviews are read from."""
    return reader_of(REVIEW_SCHEMA, review_batches(items))


TABLES: dict[str, tuple[pa.Schema, Callable[[Items], Iterator[pa.RecordBatch]]]] = {
    "reviews": (REVIEW_SCHEMA, review_batches),
    "movies": (MOVIE_SCHEMA, movie_batches),
    "defects": (DEFECT_SCHEMA, defect_batches),
}
"""The tables by their names."""


# ---- Parquet ----------------------------------------------------------------------------


def check_compression(compression: object) -> None:
    """Refuse a compression that Parquet files cannot have.

    Raises:
        ValueError: There is no such compression.
    """
    if not isinstance(compression, str) or compression.lower() not in _COMPRESSIONS:
        known = ", ".join(_COMPRESSIONS)
        raise ValueError(f"compression must be one of {known}, not {compression!r}")


def write_parquet(
    file: IO[bytes], schema: pa.Schema, batches: Iterable[pa.RecordBatch], compression: str
) -> None:
    """Write batches to a Parquet file, of which one row group is held."""
    import pyarrow.parquet as pq  # noqa: PLC0415 slow to import, and not needed for the rest

    with pq.ParquetWriter(file, schema, compression=compression) as writer:
        for group in _row_groups(batches):
            writer.write_table(group)


def _row_groups(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.Table]:
    """Give batches in groups that are large enough for those who read single columns."""
    held: list[pa.RecordBatch] = []
    size = 0
    for batch in batches:
        held.append(batch)
        size += batch.nbytes
        if size >= _ROW_GROUP:
            yield pa.Table.from_batches(held)
            held, size = [], 0
    if held:
        yield pa.Table.from_batches(held)
