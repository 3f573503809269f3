"""Where a record stands in a corpus."""

from __future__ import annotations

import attrs


@attrs.frozen
class Place:
    """Where a record stands, or one of its fields.

    Args:
        source: Name of the file or stream, or `None` where it is not known.
        movie_index: Which movie of its source, from 0; `None` where it is not known.
        review_index: Which review of its movie, from 0; `None` for the movie itself.
        field: Name of the attribute, or `None` for the whole record.

    Example:
        >>> from reviewcorpus.validation import Place
        >>> print(Place("films.xml", 0, 3))
        films.xml: movies[0].reviews[3]
    """

    source: str | None = None
    movie_index: int | None = None
    review_index: int | None = None
    field: str | None = None

    def __str__(self) -> str:
        """`source: movies[0].reviews[3]`, with what is known of it."""
        movie = "movie" if self.movie_index is None else f"movies[{self.movie_index}]"
        review = "" if self.review_index is None else f".reviews[{self.review_index}]"
        source = "" if self.source is None else f"{self.source}: "
        field = "" if self.field is None else f".{self.field}"
        return f"{source}{movie}{review}{field}"
