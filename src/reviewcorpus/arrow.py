"""Reviews, movies and defects as Arrow tables, batch by batch (extra `arrow`).

What takes Arrow data takes a `Corpus` as it is, one row a review: `pyarrow.table(corpus)`,
`polars.DataFrame(corpus)`, `pandas.DataFrame.from_arrow(corpus)`, `duckdb.sql("from corpus")`. The
functions here give the other tables, which join on `source` and index, and write Parquet files.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Literal

from reviewcorpus._atomic import write_file
from reviewcorpus._checks import refuse
from reviewcorpus._tables import (
    DEFECT_SCHEMA,
    MOVIE_SCHEMA,
    REVIEW_SCHEMA,
    SCHEMA_VERSION,
    TABLES,
    check_compression,
    defect_batches,
    movie_batches,
    reader_of,
    review_batches,
    write_parquet,
)
from reviewcorpus.corpus import Corpus

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import pyarrow as pa

    from reviewcorpus._iterators import Items

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


def reviews(corpus: Corpus) -> pa.RecordBatchReader:
    """Give the reviews of a corpus, a row each, batch by batch.

    Args:
        corpus: The corpus; it is read as the batches are asked for.

    Raises:
        TypeError: It is no `Corpus`.

    Example:
        >>> import io
        >>> import reviewcorpus as rc
        >>> from reviewcorpus.arrow import reviews
        >>> movie = rc.Movie(title="Paper Boats", reviews=[rc.Review(username="ann", score=0.7)])
        >>> table = reviews(rc.Corpus(io.StringIO(rc.dumps(movie)))).read_all()
        >>> table.select(["title", "username", "score"]).to_pylist()
        [{'title': 'Paper Boats', 'username': 'ann', 'score': 0.7}]
    """
    return _reader(corpus, REVIEW_SCHEMA, review_batches)


def movies(corpus: Corpus) -> pa.RecordBatchReader:
    """Give the movies of a corpus, a row each, batch by batch.

    Args:
        corpus: The corpus; it is read as batches are asked for.

    Raises:
        TypeError: It is no `Corpus`.

    Example:
        >>> import io
        >>> import reviewcorpus as rc
        >>> from reviewcorpus.arrow import movies
        >>> corpus = rc.Corpus(io.StringIO(rc.dumps(rc.Movie(title="Paper Boats", year=2007))))
        >>> movies(corpus).read_all().select(["title", "year", "reviews"]).to_pylist()
        [{'title': 'Paper Boats', 'year': 2007, 'reviews': 0}]
    """
    return _reader(corpus, MOVIE_SCHEMA, movie_batches)


def defects(corpus: Corpus) -> pa.RecordBatchReader:
    """Give the defects of a corpus, a row each, batch by batch.

    Args:
        corpus: The corpus; it is read as batches are asked for.

    Raises:
        TypeError: It is no `Corpus`.

    Example:
        >>> import io
        >>> import reviewcorpus as rc
        >>> from reviewcorpus.arrow import defects
        >>> corpus = rc.Corpus(io.StringIO("<movie><title>Tick & Tock</title></movie>"))
        >>> defects(corpus).read_all().select(["kind", "line", "column"]).to_pylist()[0]
        {'kind': 'bare-ampersand', 'line': 1, 'column': 20}
    """
    return _reader(corpus, DEFECT_SCHEMA, defect_batches)


def _reader(
    corpus: object, schema: pa.Schema, batches: Callable[[Items], Iterator[pa.RecordBatch]]
) -> pa.RecordBatchReader:
    if not isinstance(corpus, Corpus):
        refuse(TypeError, "corpus", corpus, "a Corpus")
    return reader_of(schema, batches(corpus._items()))  # noqa: SLF001 of our own package


# ---- Parquet ----------------------------------------------------------------------------


def to_parquet(
    corpus: Corpus,
    path: str | os.PathLike[str],
    *,
    table: Table = "reviews",
    compression: str = "zstd",
) -> None:
    """Write a table of a corpus to a Parquet file, which appears whole or not at all.

    Args:
        corpus: The corpus, which is read as the file is written; memory does not grow with it.
        path: The file; one that is there is replaced.
        table: `"reviews"`, `"movies"` or `"defects"`.
        compression: Any that pyarrow knows, or `"none"`.

    Raises:
        TypeError: The corpus is no `Corpus`, or the path is none.
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
        ...     to_parquet(rc.Corpus(io.StringIO(rc.dumps(movie))), f"{folder}/reviews.parquet")
        ...     pyarrow.parquet.read_table(f"{folder}/reviews.parquet")["score"].to_pylist()
        [0.7]
    """
    if table not in TABLES:
        raise ValueError(f"table must be one of {', '.join(TABLES)}, not {table!r}")
    check_compression(compression)
    schema, batches = TABLES[table]
    reader = _reader(corpus, schema, batches)
    if corpus.reads(path):
        raise ValueError(f"{os.fspath(path)!r} is a source of the corpus, and would be overwritten")
    write_file(os.fspath(path), lambda file: write_parquet(file, schema, reader, compression))
