"""What a step is and returns: changes, edits of texts, and the places of movies."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from typing import Any, ClassVar, Generic, NamedTuple, TypeVar, overload

import attrs

from reviewcorpus._checks import refuse, visible
from reviewcorpus.defects import RAW_CHARACTERS
from reviewcorpus.models import Movie, Review
from reviewcorpus.validation._model import MOVIE_TEXTS, REVIEW_TEXTS, Place

T = TypeVar("T")


def _shown(text: str | None) -> str:
    """Return a text between quotes, cut where it is long: a dropped body fills no line."""
    if text is None:
        return "nothing"
    return repr(text if len(text) <= RAW_CHARACTERS else f"{text[: RAW_CHARACTERS - 1]}…")


SAME_REVIEW = "the same user, date and text"
"""Why a review is dropped: another one, which stays, is the same."""


@attrs.frozen(weakref_slot=False)
class Change:
    """One thing that a step has changed.

    Args:
        step: Name of the step, such as `"split-sentences"`.
        field: Attribute of the record that holds the text; `None` for a whole record, and where
            a `str` on its own was cleaned.
        old: What was there; `None` where there was nothing. For a review that was dropped: its
            body.
        new: What is there now; `None` where there is nothing, and in the report of the command
            wherever `step` is `"reading"`: `why` tells what was read.
        why: The reason, in words.
        source: Name of the file or stream, where it is known.
        movie_index: Which movie of its source, from 0, where it is known.
        review_index: Which review of the movie as it was given, from 0; `None` outside reviews.
        start: Where `old` begins in the text of the field, in characters from 0, as that text was
            when this step came to it; `None` where `old` is not part of a text.
        kept_index: For a review that was dropped as a repeat: which one stays in its place, from
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
    """What a step returns: the cleaned value, and all that was changed.

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
    """A movie, and where it is."""

    movie: Movie
    source: str | None = None
    movie_index: int | None = None


def placed(movies: Iterable[Movie]) -> Iterator[Placed]:
    """Yield movies with their places: what their iterator tells, or else how many came before."""
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


# ---- steps of texts ----------------------------------------------------------------------


class Edit(NamedTuple):
    """A replacement for a piece of a text.

    Attributes:
        start: Where the piece begins, in characters from 0.
        end: Where it ends, exclusive.
        new: What replaces it.
        why: The reason, in words.

    Example:
        >>> from reviewcorpus.cleaning import Edit, unescape_again
        >>> list(unescape_again.edits("The Caf&eacute;", None))
        [Edit(start=7, end=15, new='é', why='escaped twice')]
    """

    start: int
    end: int
    new: str
    why: str


def apply_edits(text: str, edits: Iterable[Edit]) -> tuple[str, list[Edit]]:
    """Make edits; give the new text, and those edits that changed something."""
    pieces: list[str] = []
    made: list[Edit] = []
    last = 0
    for edit in edits:
        start, end, new, _ = edit
        if not last <= start <= end <= len(text):
            raise ValueError(f"edits must be in order, apart and within the text; {edit} is not")
        if text[start:end] != new:
            pieces += text[last:start], new
            made.append(edit)
            last = end
    return ("".join((*pieces, text[last:])) if made else text), made


class TextStep(ABC):
    """A step of texts. Called with a `str`, a `Review` or a `Movie`, it returns a `Cleaned`.

    Where nothing is changed, the same object comes back. To write one, give it a `name`, the
    `fields` that it is for, and `edits`. It keeps nothing between calls.

    Attributes:
        name: Name of the step, in lower case with hyphens.
        fields: Attributes of `Movie` and `Review` whose text is cleaned: some of `title`,
            `username`, `short_description` and `full_review`.

    Raises:
        TypeError: It is called with something else, or a class of your own lacks one of these.
        ValueError: The edits overlap, or are not in order.

    Example:
        >>> from reviewcorpus.cleaning import Edit, TextStep
        >>> class Quieten(TextStep):
        ...     name = "quieten"
        ...     fields = ("short_description",)
        ...     def edits(self, text, field):
        ...         yield Edit(0, len(text), text.capitalize(), "too loud")
        ...
        >>> Quieten()("I LAUGHED").value
        'I laughed'
    """

    __slots__ = ()

    name: ClassVar[str]
    fields: ClassVar[tuple[str, ...]]

    def __init_subclass__(cls, **options: object) -> None:
        """Refuse a step without a name, or for fields that there are not.

        Raises:
            TypeError: The class has no `name`, or its `fields` are not a tuple of fields with text.
        """
        super().__init_subclass__(**options)
        if not isinstance(getattr(cls, "name", None), str):
            raise TypeError(f"{cls.__name__} needs a name, such as name = 'my-step'")
        allowed = f"a tuple of some of {', '.join(MOVIE_TEXTS + REVIEW_TEXTS)}"
        fields = getattr(cls, "fields", None)
        if not isinstance(fields, tuple) or not set(fields) <= {*MOVIE_TEXTS, *REVIEW_TEXTS}:
            refuse(TypeError, f"{cls.__name__}.fields", fields, allowed)

    @abstractmethod
    def edits(self, text: str, field: str | None) -> Iterable[Edit]:
        """Yield the edits of a text, in order, without overlaps.

        Args:
            text: The text.
            field: The attribute that holds it, or `None` for a `str` on its own.
        """

    @overload
    def __call__(self, value: str) -> Cleaned[str]: ...
    @overload
    def __call__(self, value: Review) -> Cleaned[Review]: ...
    @overload
    def __call__(self, value: Movie) -> Cleaned[Movie]: ...

    def __call__(self, value: Any) -> Cleaned[Any]:
        """Clean a text, or the texts of a record."""
        if isinstance(value, Movie):
            return self._movie(value)
        if isinstance(value, Review):
            return self._record(value, REVIEW_TEXTS, None)
        if not isinstance(value, str):
            refuse(TypeError, f"what {self.name} cleans", value, "a str, a Review or a Movie")
        return self._text(value, None, None)

    def _text(self, text: str, field: str | None, review_index: int | None) -> Cleaned[str]:
        cleaned, edits = apply_edits(text, self.edits(text, field))
        changes = (
            Change(
                self.name,
                field,
                text[edit.start : edit.end],
                edit.new,
                edit.why,
                review_index=review_index,
                start=edit.start,
            )
            for edit in edits
        )
        return Cleaned(cleaned, tuple(changes))

    def _record(
        self,
        record: Any,
        names: tuple[str, ...],
        review_index: int | None,
    ) -> Cleaned[Any]:
        """Clean the texts of the record itself, without its reviews."""
        values: dict[str, str] = {}
        changes: list[Change] = []
        for name in names:
            text = getattr(record, name)
            if text and name in self.fields:
                cleaned = self._text(text, name, review_index)
                if cleaned.changes:
                    values[name] = cleaned.value
                    changes += cleaned.changes
        return Cleaned(attrs.evolve(record, **values) if values else record, tuple(changes))

    def _movie(self, movie: Movie) -> Cleaned[Movie]:
        header = self._record(movie, MOVIE_TEXTS, None)
        reviews = [
            self._record(review, REVIEW_TEXTS, index) for index, review in enumerate(movie.reviews)
        ]
        changes = [change for review in reviews for change in review.changes]
        if not changes:
            return header
        whole = attrs.evolve(header.value, reviews=[review.value for review in reviews])
        return Cleaned(whole, (*header.changes, *changes))
