"""What the parser reports: a movie begins, a review was read, a movie ends, a defect was found."""

from __future__ import annotations

from typing import TypeAlias

import attrs

from reviewcorpus._checks import repr_of_fields
from reviewcorpus.defects import Defect
from reviewcorpus.models import Movie, Review


@attrs.frozen(weakref_slot=False)
class MovieStarted:
    """A movie begins; its fields have not been read yet.

    Attributes:
        movie_index: Index of the movie in its source, from 0.

    Example:
        >>> from reviewcorpus import Parser
        >>> Parser().feed(b"<movie><title>Paper Boats</title>")
        [MovieStarted(movie_index=0)]
    """

    __repr__ = repr_of_fields

    movie_index: int
    # The offset and the line of its tag; only the library asks for these.
    place: tuple[int, int] | None = attrs.field(default=None, repr=False)


@attrs.frozen(weakref_slot=False)
class ReviewRead:
    """A review was read.

    Attributes:
        movie: The fields of the movie that were read before the review; its `reviews` are `()`.
        review: The review.
        movie_index: Index of the movie in its source, from 0.
        review_index: Index of the review in its movie, from 0; dropped reviews count.

    Example:
        >>> from reviewcorpus import Parser, ReviewRead
        >>> data = b"<movie><title>Paper Boats</title><review><score>0.7</score></review></movie>"
        >>> for event in Parser().feed(data):
        ...     if isinstance(event, ReviewRead):
        ...         print(event.movie.title, event.review.stars, event.review_index)
        Paper Boats 7 0
    """

    __repr__ = repr_of_fields

    movie: Movie
    review: Review
    movie_index: int
    review_index: int


@attrs.frozen(weakref_slot=False)
class MovieEnded:
    """A movie ends, and all its fields are known.

    Attributes:
        movie: All fields of the movie; its `reviews` are `()`.
        movie_index: Index of the movie in its source, from 0.
        dropped: Whether `errors="drop"` drops the movie. Reviews that were read before the error
            was found have already been returned.

    Example:
        >>> from reviewcorpus import MovieEnded, Parser
        >>> for event in Parser().feed(b"<movie><title>One</title><year>2007</year></movie>"):
        ...     if isinstance(event, MovieEnded):
        ...         print(event.movie.title, event.movie.year, event.dropped)
        One 2007 False
    """

    __repr__ = repr_of_fields

    movie: Movie
    movie_index: int
    dropped: bool = False


@attrs.frozen(weakref_slot=False)
class DefectFound:
    """A defect was found.

    Attributes:
        defect: What was wrong, where, and what was done.

    Example:
        >>> from reviewcorpus import DefectFound, Parser
        >>> for event in Parser(source="tick.xml").feed(b"<movie><title>Tick & Tock</title>"):
        ...     if isinstance(event, DefectFound):
        ...         print(event.defect)
        tick.xml:1:20: info: '&' is not a reference [bare-ampersand]
    """

    __repr__ = repr_of_fields

    defect: Defect


class ReviewRun:
    """Reviews of one movie, next to each other: what readers pass on instead of single reviews.

    There are so many reviews that a step for each of them would take time. Where a run ends depends
    on how the input is cut.

    Attributes:
        movie: The fields of the movie that were read before them; its `reviews` are `()`.
        reviews: The reviews.
        movie_index: Index of the movie in its source, from 0.
        review_index: Index of the first of them in the movie, from 0; dropped reviews count.
        places: The offset and the line of each review, if they are wanted.
    """

    __slots__ = ("movie", "movie_index", "places", "review_index", "reviews")

    def __init__(
        self,
        movie: Movie,
        reviews: list[Review],
        movie_index: int,
        review_index: int,
        places: list[tuple[int, int]] | None = None,
    ) -> None:
        self.movie: Movie = movie
        self.reviews: list[Review] = reviews
        self.movie_index: int = movie_index
        self.review_index: int = review_index
        self.places: list[tuple[int, int]] | None = places


Item: TypeAlias = ReviewRun | Defect | MovieStarted | MovieEnded
"""What reading yields inside the library; `Parser` turns it into events."""

Event: TypeAlias = MovieStarted | ReviewRead | MovieEnded | DefectFound
"""Any of the four."""
