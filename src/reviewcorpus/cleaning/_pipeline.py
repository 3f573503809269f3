"""Several repairs, one after the other."""

from __future__ import annotations

from collections.abc import Callable
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeAlias

import attrs

from reviewcorpus._checks import refuse
from reviewcorpus.cleaning._changes import Change, Repaired, placed
from reviewcorpus.cleaning._repeats import drop_repeats
from reviewcorpus.cleaning._texts import fix_mojibake, split_sentences, unescape_again
from reviewcorpus.cleaning._users import redact_emails
from reviewcorpus.models import Movie

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

Repair: TypeAlias = Callable[[Movie], Repaired[Movie]]
"""What a pipeline is made of."""


REPAIRS: Mapping[str, Repair] = MappingProxyType(
    {
        "unescape-again": unescape_again,
        "fix-mojibake": fix_mojibake,
        "redact-emails": redact_emails,
        "split-sentences": split_sentences,
        "drop-repeats": drop_repeats,
    }
)
"""The repairs of a movie by their names, in the order in which they belong: once through all of
them is as good as twice. What is decoded may be mojibake, and what is mended may end a sentence. In
a word that holds an address no sentences are split, so the addresses go first."""


class Pipeline:
    """Repairs in a row, as one repair.

    Args:
        *repairs: What takes a `Movie` and gives a `Repaired`: the repairs of this module, other
            pipelines, or functions of one's own. One that leaves out reviews must tell each with a
            change of its `review_index` whose `field` and `new` are `None`; none may add reviews
            or put them in another order.

    Raises:
        TypeError: One of them cannot be called.

    Example:
        >>> from reviewcorpus import Movie, Review
        >>> from reviewcorpus.cleaning import Pipeline, redact_emails, split_sentences
        >>> pipeline = Pipeline(redact_emails, split_sentences)
        >>> review = Review(username="(jo@example.org)", full_review="Short film.At last.")
        >>> for repaired in pipeline.run([Movie(reviews=[review])]):
        ...     for change in repaired.changes:
        ...         print(change.movie_index, change.review_index, change.field, change.new)
        0 0 username [e-mail]
        0 0 full_review film. At
    """

    __slots__ = ("_repairs",)

    def __init__(self, *repairs: Repair) -> None:
        for index, repair in enumerate(repairs):
            if not callable(repair):
                refuse(TypeError, f"repairs[{index}]", repair, "a callable that takes a Movie")
        self._repairs = repairs

    def __repr__(self) -> str:
        return f"Pipeline({', '.join(map(repr, self._repairs))})"

    def __call__(self, movie: Movie) -> Repaired[Movie]:
        """Repair one movie.

        Args:
            movie: The movie.

        Returns:
            The movie, the same object where nothing was changed, and the changes of all repairs
            in order. Their `review_index` and `kept_index` are those of the movie as it was given.

        Raises:
            TypeError: A repair gives something else than a `Repaired` movie.
            ValueError: A repair has added or left out reviews and does not tell which, or tells
                of reviews that there are not.
        """
        origins: Sequence[int] = range(len(movie.reviews))
        changes: list[Change] = []
        for repair in self._repairs:
            repaired = repair(movie)
            _check(repair, repaired)
            movie = repaired.value
            changes += (_as_given(repair, change, origins) for change in repaired.changes)
            origins = _origins_left(repair, repaired, origins)
        return Repaired(movie, tuple(changes))

    def run(self, movies: Iterable[Movie]) -> Iterator[Repaired[Movie]]:
        """Repair movies, one at a time.

        Args:
            movies: Any iterable of movies.

        Returns:
            An iterator that holds one movie at a time. The changes tell the `source` and
            `movie_index` that the iterator of the movies tells as its attributes; where it has
            none, the movies are counted from 0.

        Raises:
            TypeError: As for one movie (when the iterator comes to it).
            ValueError: Likewise.
        """
        for movie, source, movie_index in placed(movies):
            repaired = self(movie)
            changes = (
                attrs.evolve(change, source=source, movie_index=movie_index)
                for change in repaired.changes
            )
            yield attrs.evolve(repaired, changes=tuple(changes))


def _check(repair: Repair, repaired: object) -> None:
    if not isinstance(repaired, Repaired) or not isinstance(repaired.value, Movie):
        refuse(TypeError, f"what {repair!r} gives", repaired, "a Repaired whose value is a Movie")


def _as_given(repair: Repair, change: Change, origins: Sequence[int]) -> Change:
    """Give a change with the indices that the reviews had when they came into the pipeline."""
    indices = [change.review_index, change.kept_index]
    for index in indices:
        if index is not None and not 0 <= index < len(origins):
            raise ValueError(f"{repair!r} tells of review {index}, but was given {len(origins)}")
    former = [None if index is None else origins[index] for index in indices]
    if former == indices:
        return change
    return attrs.evolve(change, review_index=former[0], kept_index=former[1])


def _origins_left(
    repair: Repair, repaired: Repaired[Movie], origins: Sequence[int]
) -> Sequence[int]:
    """Give the former indices of the reviews that a repair has left."""
    gone = {
        change.review_index
        for change in repaired.changes
        if change.field is None and change.new is None
    }
    left = [origin for index, origin in enumerate(origins) if index not in gone]
    count = len(repaired.value.reviews)
    if len(left) != count:
        raise ValueError(
            f"{repair!r} was given {len(origins)} reviews and has left {count}, but its changes"
            f" tell of {len(left)}: a change whose field and new are None, with the"
            " review_index, must tell of each that is left out"
        )
    return left
