"""Which fields of records hold text that people wrote, and that text."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reviewcorpus.models import Movie

MOVIE_TEXTS = ("title",)
REVIEW_TEXTS = ("username", "short_description", "full_review")
"""The fields that hold text, in the order in which they are gone through. A link is no prose."""


def texts_of(
    movie: Movie, review_fields: tuple[str, ...] = REVIEW_TEXTS
) -> Iterator[tuple[int | None, str, str]]:
    """Give the texts of a movie that are not empty, each with its review's index and its field."""
    for field in MOVIE_TEXTS:
        text = getattr(movie, field)
        if text:
            yield None, field, text
    for index, review in enumerate(movie.reviews):
        for field in review_fields:
            text = getattr(review, field)
            if text:
                yield index, field, text
