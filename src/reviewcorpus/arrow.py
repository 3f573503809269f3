"""Reviews, movies and defects as Arrow tables, batch by batch (extra `arrow`).

What accepts Arrow data accepts a `Corpus` directly, one row per review: `pyarrow.table(corpus)`,
`polars.DataFrame(corpus)`, `pandas.DataFrame.from_arrow(corpus)`, `duckdb.sql("from corpus")`. The
functions here return the other tables, which join on `source` and index, and write Parquet files.
"""

from __future__ import annotations

import os
from contextlib import closing
from functools import partial
from itertools import chain
from operator import attrgetter
from typing import IO, TYPE_CHECKING, Any, Literal

from reviewcorpus._checks import brief, missing

try:
    import pyarrow as pa
except ModuleNotFoundError as _error:
    raise missing(_error, "reviewcorpus.arrow", "arrow") from _error

from reviewcorpus._atomic import open_whole
from reviewcorpus._rows import (
    DEFECT_COLUMNS,
    MOVIE_COLUMNS,
    MOVIE_FIELDS,
    REVIEW_COLUMNS,
    defect_rows,
    fields_of,
    json_of,
    movie_rows,
    review_runs,
)
from reviewcorpus.corpus import Corpus
from reviewcorpus.models import Review

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from reviewcorpus._iterators import Items
    from reviewcorpus._rows import Run
    from reviewcorpus.sources import Source

    Table = Literal["reviews", "movies", "defects"]

__all__ = [
    "DEFECT_SCHEMA",
    "MOVIE_SCHEMA",
    "REVIEW_SCHEMA",
    "SCHEMA_VERSION",
    "defects",
    "movies",
    "reviews",
    "to_parquet",
]

# ---- schemas ----------------------------------------------------------------------------

SCHEMA_VERSION = "1"
"""Version of the three schemas; in their metadata as `reviewcorpus.schema_version`."""

_TYPES = {  # of the columns that are not text; plain ones only, because Spark refuses others
    **dict.fromkeys(["movie_index", "review_index", "year", "reviews"], pa.int32()),
    **dict.fromkeys(["offset", "line", "column"], pa.int64()),
    **dict.fromkeys(["general_score", "score"], pa.float64()),
    "date": pa.date32(),
}


def _schema(columns: Iterable[str]) -> pa.Schema:
    fields = [(name, _TYPES.get(name, pa.string())) for name in columns]
    return pa.schema(fields, {"reviewcorpus.schema_version": SCHEMA_VERSION})


REVIEW_SCHEMA = _schema(REVIEW_COLUMNS)
"""One row per review. `source`, `movie_index` and `review_index` (from 0) say where it is; title,
year, general score and IMDb number are those of its movie, as far as they were read before the
review; `extra` is a JSON object, or null if it is empty."""

MOVIE_SCHEMA = _schema(MOVIE_COLUMNS)
"""One row per movie; `reviews` is how many it has."""

DEFECT_SCHEMA = _schema(DEFECT_COLUMNS)
"""One row per defect, with the attributes of `Defect`."""

# ---- tables -----------------------------------------------------------------------------


def reviews(corpus: Corpus | Source) -> pa.RecordBatchReader:
    """Return a reader of the reviews of a corpus, one row each, batch by batch.

    Args:
        corpus: A `Corpus`, which may have several sources and options, or one path or open file;
            it is read as the batches are asked for.

    Raises:
        TypeError: It is neither a `Corpus`, a path nor an open file.

    Example:
        >>> import io
        >>> import reviewcorpus as rc
        >>> from reviewcorpus.arrow import reviews
        >>> movie = rc.Movie(title="Paper Boats", reviews=[rc.Review(username="ann", score=0.7)])
        >>> table = reviews(io.StringIO(rc.dumps(movie))).read_all()
        >>> table.select(["title", "username", "score"]).to_pylist()
        [{'title': 'Paper Boats', 'username': 'ann', 'score': 0.7}]
    """
    return _reader(corpus, "reviews")


def movies(corpus: Corpus | Source) -> pa.RecordBatchReader:
    """Return a reader of the movies of a corpus, one row each, batch by batch.

    Args:
        corpus: A `Corpus`, which may have several sources and options, or one path or open file;
            it is read as the batches are asked for.

    Raises:
        TypeError: It is neither a `Corpus`, a path nor an open file.

    Example:
        >>> import io
        >>> import reviewcorpus as rc
        >>> from reviewcorpus.arrow import movies
        >>> file = io.StringIO(rc.dumps(rc.Movie(title="Paper Boats", year=2007)))
        >>> movies(file).read_all().select(["title", "year", "reviews"]).to_pylist()
        [{'title': 'Paper Boats', 'year': 2007, 'reviews': 0}]
    """
    return _reader(corpus, "movies")


def defects(corpus: Corpus | Source) -> pa.RecordBatchReader:
    """Return a reader of the defects of a corpus, one row each, batch by batch.

    Args:
        corpus: A `Corpus`, which may have several sources and options, or one path or open file;
            it is read as the batches are asked for.

    Raises:
        TypeError: It is neither a `Corpus`, a path nor an open file.

    Example:
        >>> import io
        >>> import reviewcorpus as rc
        >>> from reviewcorpus.arrow import defects
        >>> corpus = rc.Corpus(io.StringIO("<movie><title>Tick & Tock</title></movie>"))
        >>> defects(corpus).read_all().select(["kind", "line", "column"]).to_pylist()[0]
        {'kind': 'bare-ampersand', 'line': 1, 'column': 20}
    """
    return _reader(corpus, "defects")


def review_reader(items: Items) -> pa.RecordBatchReader:
    """Return a reader of the reviews among items, for the Arrow interface of `Corpus`."""
    return pa.RecordBatchReader.from_batches(REVIEW_SCHEMA, _review_batches(items))


def _reader(corpus: Corpus | Source, table: str) -> pa.RecordBatchReader:
    schema, batches = TABLES[table]
    items = _corpus_of(corpus)._items(listens=table == "defects")  # noqa: SLF001 our own
    return pa.RecordBatchReader.from_batches(schema, batches(items))


def _corpus_of(corpus: Corpus | Source) -> Corpus:
    if isinstance(corpus, list | tuple):
        raise TypeError("for several sources, make a corpus of them: Corpus(*sources)")
    return corpus if isinstance(corpus, Corpus) else Corpus(corpus)


# ---- batches ----------------------------------------------------------------------------

_MOST_ROWS = 8192  # of a batch
_MOST_CHARACTERS = 1 << 20  # of the texts in a batch; a character takes up to four bytes
_texts_of = attrgetter(*(name for name in fields_of(Review, "extra") if name not in _TYPES))


def _review_batches(items: Items) -> Iterator[pa.RecordBatch]:
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
    """Yield a run in pieces that fit into a batch, with the number of characters in each.

    The fields of the movie are in every row: a long title, which is in the input only once, takes
    memory for each review.
    """
    fixed = len(run.source) + len(run.movie.title or "") + len(run.movie.imdb_id or "")
    sizes = [
        fixed
        + sum(map(len, filter(None, _texts_of(review))))
        + (sum(map(len, chain.from_iterable(review.extra.items()))) if review.extra else 0)
        for review in run.reviews
    ]
    start = held = 0
    for index, size in enumerate(sizes, 1):
        held += size
        if held >= _MOST_CHARACTERS or index == len(sizes):
            reviews = run.reviews[start:index]
            yield run._replace(review_index=run.review_index + start, reviews=reviews), held
            start, held = index, 0


def _review_batch(runs: Sequence[Run]) -> pa.RecordBatch:
    def each(values: Iterable[Any]) -> list[Any]:
        """Return the value of each run as often as it has reviews."""
        pairs = zip(values, runs, strict=True)
        return list(chain.from_iterable([value] * len(run.reviews) for value, run in pairs))

    rows = [review for run in runs for review in run.reviews]
    starts = (range(run.review_index, run.review_index + len(run.reviews)) for run in runs)
    columns = {
        "source": each(run.source for run in runs),
        "movie_index": each(run.movie_index for run in runs),
        "review_index": list(chain.from_iterable(starts)),
        **{name: each(getattr(run.movie, name) for run in runs) for name in MOVIE_FIELDS},
        "extra": [json_of(review.extra) for review in rows],
    }
    for name in REVIEW_COLUMNS:
        if name not in columns:
            columns[name] = list(map(attrgetter(name), rows))
    return _batch(REVIEW_SCHEMA, [columns[name] for name in REVIEW_COLUMNS])


def _row_batches(
    schema: pa.Schema, rows_of: Callable[[Items], Iterator[tuple[Any, ...]]], items: Items
) -> Iterator[pa.RecordBatch]:
    with closing(items):
        yield from _batches(schema, rows_of(items))


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


TABLES: dict[str, tuple[pa.Schema, Callable[[Items], Iterator[pa.RecordBatch]]]] = {
    "reviews": (REVIEW_SCHEMA, _review_batches),
    "movies": (MOVIE_SCHEMA, partial(_row_batches, MOVIE_SCHEMA, movie_rows)),
    "defects": (DEFECT_SCHEMA, partial(_row_batches, DEFECT_SCHEMA, defect_rows)),
}
"""The tables by their names: the schema, and the function that reads the batches."""

# ---- Parquet ----------------------------------------------------------------------------

_COMPRESSIONS = ("none", "snappy", "gzip", "brotli", "zstd", "lz4")
_ROW_GROUP = 1 << 23  # bytes of Arrow data; what readers of Parquet take at once


def to_parquet(
    corpus: Corpus | Source,
    path: str | os.PathLike[str],
    *,
    table: Table = "reviews",
    compression: str = "zstd",
) -> None:
    """Write a table of a corpus to a Parquet file, which appears whole or not at all.

    Args:
        corpus: A `Corpus`, which may have several sources and options, or one path or open file.
            It is read as the file is written; memory does not grow with it.
        path: The file; an existing one is replaced.
        table: `"reviews"`, `"movies"` or `"defects"`.
        compression: Any that pyarrow knows, or `"none"`.

    Raises:
        TypeError: The corpus is neither a `Corpus`, a path nor an open file, or the path is not
            a path.
        ValueError: There is no such table or compression, or the file is a source of the corpus.
        OSError: A source cannot be read, or the file cannot be written.
        CorpusSyntaxError: A source is not well-formed, with `errors="strict"`.
        LimitExceeded: A field or record is larger than the limits allow.

    Example:
        >>> import io
        >>> import tempfile
        >>> import pyarrow.parquet
        >>> import reviewcorpus as rc
        >>> from reviewcorpus.arrow import to_parquet
        >>> movie = rc.Movie(title="Paper Boats", reviews=[rc.Review(score=0.7)])
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     to_parquet(io.StringIO(rc.dumps(movie)), f"{folder}/reviews.parquet")
        ...     pyarrow.parquet.read_table(f"{folder}/reviews.parquet")["score"].to_pylist()
        [0.7]
    """
    if table not in TABLES:
        raise ValueError(f"table must be one of {', '.join(TABLES)}, not {brief(table)}")
    _check_compression(compression)
    corpus = _corpus_of(corpus)
    if corpus.reads(path):
        raise ValueError(f"{os.fspath(path)!r} is a source of the corpus, and would be overwritten")
    reader = _reader(corpus, table)
    with open_whole(os.fspath(path)) as file:
        write_parquet(file, reader.schema, reader, compression)


def _check_compression(compression: object) -> None:
    if not isinstance(compression, str) or compression.lower() not in _COMPRESSIONS:
        known = ", ".join(_COMPRESSIONS)
        raise ValueError(f"compression must be one of {known}, not {brief(compression)}")


def write_parquet(
    file: IO[bytes], schema: pa.Schema, batches: Iterable[pa.RecordBatch], compression: str
) -> int:
    """Write batches to a Parquet file; return the number of rows. Memory holds one row group."""
    import pyarrow.parquet as pq

    count = 0
    with pq.ParquetWriter(file, schema, compression=compression) as writer:
        for group in _row_groups(batches):
            writer.write_table(group)
            count += group.num_rows
    return count


def _row_groups(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.Table]:
    """Yield batches in groups that are large enough for reading single columns."""
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
