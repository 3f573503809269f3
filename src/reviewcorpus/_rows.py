"""Reviews, movies and defects as rows of tables, without any other package."""

from __future__ import annotations

import json
from operator import attrgetter
from typing import TYPE_CHECKING, Any, NamedTuple

import attrs

from reviewcorpus.defects import Defect
from reviewcorpus.events import MovieEnded, MovieStarted, ReviewRun
from reviewcorpus.models import Movie, Review

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from reviewcorpus._iterators import Items


def fields_of(record: type, *without: str) -> list[str]:
    """Return the names of the fields of an attrs class, without some of them."""
    return [field.name for field in attrs.fields(record) if field.name not in without]


_PLACE = ("source", "movie_index", "review_index")
MOVIE_FIELDS = ["imdb_id", "title", "year", "general_score"]
"""What the row of a review says about its movie."""
_WHOLE_MOVIE_FIELDS = ["imdb_id", *fields_of(Movie, "reviews", "extra")]
_REVIEW_FIELDS = fields_of(Review, "extra")
_DEFECT_FIELDS = fields_of(Defect, *_PLACE)
REVIEW_COLUMNS = (*_PLACE, *MOVIE_FIELDS, *_REVIEW_FIELDS, "extra")
MOVIE_COLUMNS = (*_PLACE[:2], *_WHOLE_MOVIE_FIELDS, "reviews", "extra")
DEFECT_COLUMNS = (*_PLACE, *_DEFECT_FIELDS)

_of_movie = attrgetter(*MOVIE_FIELDS)
_of_whole_movie = attrgetter(*_WHOLE_MOVIE_FIELDS)
_of_review = attrgetter(*_REVIEW_FIELDS)
_of_defect = attrgetter("movie_index", "review_index", *_DEFECT_FIELDS)


class Run(NamedTuple):
    """Reviews of one movie that follow each other.

    Attributes:
        source: Name of the file or stream.
        movie_index: Index of the movie in its source, from 0.
        review_index: Index of the first of the reviews in the movie, from 0.
        movie: The fields of the movie that were read before them.
        reviews: The reviews.
    """

    source: str
    movie_index: int
    review_index: int
    movie: Movie
    reviews: list[Review]


def review_runs(items: Items) -> Iterator[Run]:
    """Yield the reviews with their places."""
    for item in items:
        if type(item) is ReviewRun:
            place = _source_of(items), item.movie_index, item.review_index
            yield Run(*place, item.movie, item.reviews)


def name_in_text(name: str) -> str:
    r"""Return the name of a source in a form that every format can hold.

    Bytes of a name that are not UTF-8 are surrogates in Python's names; here they are `\\udcff`.
    """
    return name if name.isascii() else name.encode("utf-8", "backslashreplace").decode()


def json_of(extra: Mapping[str, str]) -> str | None:
    """Return extra elements as a JSON object, or `None` if there are none.

    It is a text in every format: readers of JSON Lines guess types from the first lines.
    """
    return json.dumps(dict(extra), ensure_ascii=False) if extra else None


def review_rows(items: Items) -> Iterator[tuple[Any, ...]]:
    """Yield the reviews as rows of `REVIEW_COLUMNS`."""
    for source, movie_index, first, movie, reviews in review_runs(items):
        for index, review in enumerate(reviews, first):
            values = _of_movie(movie) + _of_review(review)
            yield (source, movie_index, index, *values, json_of(review.extra))


def movie_rows(items: Items) -> Iterator[tuple[Any, ...]]:
    """Yield the movies that are not dropped as rows of `MOVIE_COLUMNS`."""
    count = 0
    for item in items:
        if type(item) is ReviewRun:
            count += len(item.reviews)
        elif isinstance(item, MovieStarted):
            count = 0
        elif isinstance(item, MovieEnded) and not item.dropped:
            movie = item.movie
            values = _of_whole_movie(movie)
            yield (_source_of(items), item.movie_index, *values, count, json_of(movie.extra))


def defect_rows(items: Items) -> Iterator[tuple[Any, ...]]:
    """Yield the defects as rows of `DEFECT_COLUMNS`."""
    for item in items:
        if isinstance(item, Defect):
            yield (name_in_text(item.source or ""), *_of_defect(item))


TABLES = {
    "reviews": (REVIEW_COLUMNS, review_rows),
    "movies": (MOVIE_COLUMNS, movie_rows),
    "defects": (DEFECT_COLUMNS, defect_rows),
}
"""The tables: their columns, and the functions that yield their rows."""


def _source_of(items: Items) -> str:
    """Return the name of the stream that the last item comes from."""
    return name_in_text(items.source or "")
