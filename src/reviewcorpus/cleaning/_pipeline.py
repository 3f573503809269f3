"""A pipeline: several steps, one after the other."""

from __future__ import annotations

from collections.abc import Callable
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeAlias

import attrs

from reviewcorpus._checks import refuse
from reviewcorpus.cleaning._changes import Change, Cleaned, placed
from reviewcorpus.cleaning._collections import drop_repeats
from reviewcorpus.cleaning._texts import (
    fix_mojibake,
    redact_emails,
    split_sentences,
    unescape_again,
)
from reviewcorpus.models import Movie

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

Step: TypeAlias = Callable[[Movie], Cleaned[Movie]]
"""What a pipeline is made of."""


STEPS: Mapping[str, Step] = MappingProxyType(
    {
        "unescape-again": unescape_again,
        "fix-mojibake": fix_mojibake,
        "redact-emails": redact_emails,
        "split-sentences": split_sentences,
        "drop-repeats": drop_repeats,
    }
)
"""The steps of a movie by their names, in the order in which they belong: once through all of
them is as good as twice. What is decoded may be mojibake, and what is fixed may end a sentence. In
a word that holds an address no sentences are split, so the addresses go first."""


class Pipeline:
    """Steps in a row, as one step.

    Args:
        *steps: What takes a `Movie` and returns a `Cleaned`: the steps of this module, other
            pipelines, or functions of your own. One that drops reviews must report each with a
            change of its `review_index` whose `field` and `new` are `None`; none may add reviews
            or put them in another order.

    Raises:
        TypeError: One of them cannot be called.

    Example:
        >>> from reviewcorpus import Movie, Review
        >>> from reviewcorpus.cleaning import Pipeline, redact_emails, split_sentences
        >>> pipeline = Pipeline(redact_emails, split_sentences)
        >>> review = Review(username="(jo@example.org)", full_review="Short film.At last.")
        >>> for cleaned in pipeline.run([Movie(reviews=[review])]):
        ...     for change in cleaned.changes:
        ...         print(change.movie_index, change.review_index, change.field, change.new)
        0 0 username [e-mail]
        0 0 full_review film. At
    """

    __slots__ = ("_steps",)

    def __init__(self, *steps: Step) -> None:
        for index, step in enumerate(steps):
            if not callable(step):
                refuse(TypeError, f"steps[{index}]", step, "a callable that takes a Movie")
        self._steps = steps

    def __repr__(self) -> str:
        return f"Pipeline({', '.join(map(repr, self._steps))})"

    def __call__(self, movie: Movie) -> Cleaned[Movie]:
        """Clean one movie.

        Args:
            movie: The movie.

        Returns:
            The movie, the same object where nothing was changed, and the changes of all steps
            in order. Their `review_index` and `kept_index` are those of the movie as it was given.

        Raises:
            TypeError: A step returns something other than a `Cleaned` movie.
            ValueError: A step has added or dropped reviews without saying which, or names
                reviews that do not exist.
        """
        origins: Sequence[int] = range(len(movie.reviews))
        changes: list[Change] = []
        for step in self._steps:
            cleaned = step(movie)
            _check(step, cleaned)
            movie = cleaned.value
            changes += (_as_given(step, change, origins) for change in cleaned.changes)
            origins = _origins_left(step, cleaned, origins)
        return Cleaned(movie, tuple(changes))

    def run(self, movies: Iterable[Movie]) -> Iterator[Cleaned[Movie]]:
        """Clean movies, one at a time.

        Args:
            movies: Any iterable of movies.

        Returns:
            An iterator that holds one movie at a time. The changes have the `source` and
            `movie_index` that the iterator of the movies has as its attributes; where it has
            none, the movies are counted from 0.

        Raises:
            TypeError: As for one movie (when the iterator comes to it).
            ValueError: Likewise.
        """
        for record in placed(movies):
            cleaned = self(record.movie)
            yield Cleaned(cleaned.value, record.locate(cleaned.changes))


def _check(step: Step, cleaned: object) -> None:
    if not isinstance(cleaned, Cleaned) or not isinstance(cleaned.value, Movie):
        refuse(TypeError, f"what {step!r} returns", cleaned, "a Cleaned whose value is a Movie")


def _as_given(step: Step, change: Change, origins: Sequence[int]) -> Change:
    """Return a change with the indices that the reviews had when they came into the pipeline."""
    indices = [change.review_index, change.kept_index]
    for index in indices:
        if index is not None and not 0 <= index < len(origins):
            raise ValueError(f"{step!r} names review {index}, but was given {len(origins)}")
    former = [None if index is None else origins[index] for index in indices]
    if former == indices:
        return change
    return attrs.evolve(change, review_index=former[0], kept_index=former[1])


def _origins_left(step: Step, cleaned: Cleaned[Movie], origins: Sequence[int]) -> Sequence[int]:
    """Return the former indices of the reviews that a step has left."""
    gone = {
        change.review_index
        for change in cleaned.changes
        if change.field is None and change.new is None
    }
    left = [origin for index, origin in enumerate(origins) if index not in gone]
    count = len(cleaned.value.reviews)
    if len(left) != count:
        raise ValueError(
            f"{step!r} was given {len(origins)} reviews and returned {count}, but its changes"
            f" account for {len(left)}: each dropped review needs a change with its"
            " review_index whose field and new are None"
        )
    return left
