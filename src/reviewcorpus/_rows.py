"""Reviews and movies with their places: what the rows of a table are made of."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from reviewcorpus.defects import Defect
from reviewcorpus.events import MovieEnded, MovieStarted, ReviewRun

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from reviewcorpus._iterators import Items
    from reviewcorpus.models import Movie, Review


REVIEW_COLUMNS = (
    "source",
    "movie_index",
    "review_index",
    "imdb_id",
    "title",
    "year",
    "general_score",
    "date",
    "username",
    "score",
    "short_description",
    "full_review",
    "extra",
)
MOVIE_COLUMNS = (
    "source",
    "movie_index",
    "imdb_id",
    "title",
    "link",
    "year",
    "general_score",
    "reviews",
    "extra",
)
DEFECT_COLUMNS = (
    "source",
    "movie_index",
    "review_index",
    "kind",
    "severity",
    "message",
    "action",
    "offset",
    "line",
    "column",
    "element",
    "field",
    "raw",
)


class Run(NamedTuple):
    """Reviews of one movie that stand next to each other.

    Attributes:
        source: Name of the file or stream.
        movie_index: Which movie of its source, from 0.
        review_index: Which review of the movie is the first of them, from 0.
        movie: The fields of the movie that were met before them.
        reviews: The reviews.
    """

    source: str
    movie_index: int
    review_index: int
    movie: Movie
    reviews: list[Review]


class Whole(NamedTuple):
    """A movie that has ended.

    Attributes:
        source: Name of the file or stream.
        movie_index: Which movie of its source, from 0.
        movie: All its fields; its `reviews` are `()`.
        reviews: How many reviews it has.
    """

    source: str
    movie_index: int
    movie: Movie
    reviews: int


def review_runs(items: Items) -> Iterator[Run]:
    """Give the reviews with their places; those that `errors="drop"` leaves out count."""
    for item in items:
        if type(item) is ReviewRun:
            assert items.stream is not None  # noqa: S101 it has given the item
            yield Run(
                name_in_text(items.stream.name),
                item.movie_index,
                item.review_index,
                item.movie,
                item.reviews,
            )


def whole_movies(items: Items) -> Iterator[Whole]:
    """Give the movies that end, without those that `errors="drop"` leaves out."""
    count = 0
    for item in items:
        if type(item) is ReviewRun:
            count += len(item.reviews)
        elif isinstance(item, MovieStarted):
            count = 0
        elif isinstance(item, MovieEnded) and not item.dropped:
            assert items.stream is not None  # noqa: S101 it has given the item
            yield Whole(name_in_text(items.stream.name), item.movie_index, item.movie, count)


def name_in_text(name: str) -> str:
    r"""Give the name of a source as every format can hold it.

    Bytes of a name that are no UTF-8 are surrogates in Python's names; here they are `\\udcff`.
    """
    return name if name.isascii() else name.encode("utf-8", "backslashreplace").decode()


def json_of(extra: Mapping[str, str]) -> str | None:
    """Give extra elements as a JSON object, or `None` where there are none.

    It is a text in every format: readers of JSON Lines guess types from the first lines.
    """
    return json.dumps(dict(extra), ensure_ascii=False) if extra else None


def review_rows(items: Items) -> Iterator[tuple[Any, ...]]:
    """Give the reviews as rows of `REVIEW_COLUMNS`."""
    for source, movie_index, first, movie, reviews in review_runs(items):
        of_movie = movie.imdb_id, movie.title, movie.year, movie.general_score
        for index, review in enumerate(reviews, first):
            yield (
                source,
                movie_index,
                index,
                *of_movie,
                review.date,
                review.username,
                review.score,
                review.short_description,
                review.full_review,
                json_of(review.extra),
            )


def movie_rows(items: Items) -> Iterator[tuple[Any, ...]]:
    """Give the movies as rows of `MOVIE_COLUMNS`."""
    for source, index, movie, reviews in whole_movies(items):
        yield (
            source,
            index,
            movie.imdb_id,
            movie.title,
            movie.link,
            movie.year,
            movie.general_score,
            reviews,
            json_of(movie.extra),
        )


def defect_rows(items: Items) -> Iterator[tuple[Any, ...]]:
    """Give the defects as rows of `DEFECT_COLUMNS`."""
    for item in items:
        if isinstance(item, Defect):
            values = tuple(getattr(item, name) for name in DEFECT_COLUMNS[1:])
            yield (name_in_text(item.source or ""), *values)
