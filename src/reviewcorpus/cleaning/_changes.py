"""What a step has done, change by change, and where movies stand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Generic, NamedTuple, TypeVar

import attrs

from reviewcorpus._checks import refuse, visible
from reviewcorpus.defects import RAW_CHARACTERS
from reviewcorpus.models import Movie
from reviewcorpus.validation._places import Place

T = TypeVar("T")


def _shown(text: str | None) -> str:
    """Give a text between quotes, cut where it is long: a dropped body fills no line."""
    if text is None:
        return "nothing"
    return repr(text if len(text) <= RAW_CHARACTERS else f"{text[: RAW_CHARACTERS - 1]}…")


SAME_REVIEW = "the same user, date and text"
"""Why a review is left out: another one, which stays, is the same."""


@attrs.frozen(weakref_slot=False)
class Change:
    """One thing that a step has changed.

    Args:
        step: Name of the step, such as `"split-sentences"`.
        field: Attribute of the record that holds the text; `None` for a whole record, and where
            a `str` of one's own was cleaned.
        old: What was there; `None` where there was nothing. For a review that was left out: its
            body.
        new: What is there now; `None` where there is nothing, and in the report of the command
            wherever `step` is `"reading"`: `why` tells what was read.
        why: The reason, in words.
        source: Name of the file or stream, where it is known.
        movie_index: Which movie of its source, from 0, where it is known.
        review_index: Which review of the movie as it was given, from 0; `None` outside reviews.
        start: Where `old` begins in the text of the field, in characters from 0, as that text was
            when this step came to it; `None` where `old` is no piece of a text.
        kept_index: For a review that was left out as a repeat: which one stays in its place, from
            0, counted as `review_index` is (after a merge: in the merged record).

    Example:
        >>> from reviewcorpus.cleaning import split_sentences
        >>> print(split_sentences("A short film.At only an hour.").changes[0])
        text at 8: split-sentences: 'film.At' -> 'film. At' (two sentences run together)
    """

    step: str
    field: str | None
    old: str | None
    new: str | None
    why: str
    source: str | None = None
    movie_index: int | None = None
    review_index: int | None = None
    start: int | None = None
    kept_index: int | None = None

    def __str__(self) -> str:
        """Place, step, old and new, and why; always one line."""
        place: object = Place(self.source, self.movie_index, self.review_index, self.field)
        if (self.movie_index, self.review_index, self.field) == (None, None, None):
            place = self.source or "text"  # in no record
        start = "" if self.start is None else f" at {self.start}"
        kept = "" if self.kept_index is None else f"; reviews[{self.kept_index}] stays"
        what = f"{self.step}: {_shown(self.old)} -> {_shown(self.new)} ({self.why}{kept})"
        return visible(f"{place}{start}: {what}")


@attrs.frozen(weakref_slot=False)
class Cleaned(Generic[T]):
    """What a step gives: the cleaned value, and all that was changed.

    Args:
        value: The value after the step; where nothing was changed, the very object that was
            given.
        changes: What was changed, in the order of the records and of their text.

    Example:
        >>> from reviewcorpus.cleaning import unescape_again
        >>> cleaned = unescape_again("The Caf&eacute;")
        >>> cleaned.value, len(cleaned.changes)
        ('The Café', 1)
    """

    value: T
    changes: tuple[Change, ...] = ()


class Placed(NamedTuple):
    """A movie, and where it stands."""

    movie: Movie
    source: str | None = None
    movie_index: int | None = None


def placed(movies: Iterable[Movie]) -> Iterator[Placed]:
    """Give movies with their places: what their iterator tells, or else how many came before."""
    iterator = iter(movies)
    for count, movie in enumerate(iterator):
        if not isinstance(movie, Movie):
            refuse(TypeError, f"movies[{count}]", movie, "a Movie")
        source = getattr(iterator, "source", None)
        yield Placed(movie, source, getattr(iterator, "movie_index", count))


def check_rereadable(movies: object, name: str) -> None:
    """Refuse what can be read only once, and what cannot be read at all."""
    if isinstance(movies, str | bytes) or not isinstance(movies, Iterable):
        refuse(TypeError, f"what {name}() reads", movies, "a Corpus or a list of movies")
    if isinstance(movies, Iterator):
        raise TypeError(
            f"{name}() reads the movies twice, and an iterator can be read only once: give it a"
            " Corpus, or a list"
        )
