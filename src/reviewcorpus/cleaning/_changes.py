"""Steps and what they return: changes, edits of texts, and the places of movies."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar, Generic, NamedTuple, TypeVar

import attrs

from reviewcorpus._checks import refuse, require_legal_characters, visible
from reviewcorpus._unchecked import replacing, unchecked
from reviewcorpus.defects import RAW_CHARACTERS
from reviewcorpus.models import Movie, Review
from reviewcorpus.validation._model import REVIEW_TEXTS, TEXTS, Place, texts_of
from reviewcorpus.validation._prose import has_any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    # The text, the attribute that holds it, and the index of its review.
    CleanText = Callable[[str, str | None, int | None], str]

T = TypeVar("T")
TextOrRecord = TypeVar("TextOrRecord", bound=str | Review | Movie)


def _shown(text: str | None) -> str:
    """Return a text in quotes, cut if it is long: a dropped body should not fill the screen."""
    if text is None:
        return "nothing"
    return repr(text if len(text) <= RAW_CHARACTERS else f"{text[: RAW_CHARACTERS - 1]}…")


@attrs.frozen(weakref_slot=False)
class Change:
    """One thing that a step has changed.

    Args:
        step: Name of the step, such as `"split-sentences"`.
        field: Attribute of the record that holds the text; `None` for a whole record, and for a
            `str` that was cleaned on its own.
        old: What was there; `None` if there was nothing. For a review that was dropped: its body.
        new: What is there now; `None` if there is nothing, and in the report of the command
            wherever `step` is `"reading"`: `why` says what was read.
        why: The reason, in words.
        source: Name of the file or stream, if it is known.
        movie_index: Index of the movie in its source, from 0, if it is known.
        review_index: Index of the review in the movie as it was given, from 0; `None` outside
            reviews.
        start: Where `old` begins in the text of the field as it was before this step, in characters
            from 0; `None` if `old` is not part of a text.
        kept_index: For a review that was dropped as a repeat: index of the one that stays, counted
            as `review_index` is (after a merge: in the merged record).

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
        kept = "" if self.kept_index is None else f"; reviews[{self.kept_index}] is kept"
        what = f"{self.step}: {_shown(self.old)} -> {_shown(self.new)} ({self.why}{kept})"
        return visible(f"{place}{start}: {what}")


_change: Callable[..., Change] = unchecked(Change)
_change_at: Callable[..., Change] = replacing(Change, "source", "movie_index")


@attrs.frozen(weakref_slot=False)
class Cleaned(Generic[T]):
    """What a step returns: the cleaned value, and all that was changed.

    Args:
        value: The value after the step; the same object if nothing was changed.
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

    def locate(self, changes: Iterable[Change]) -> tuple[Change, ...]:
        """Return changes of the movie with its place."""
        return tuple(_change_at(change, self.source, self.movie_index) for change in changes)


def placed(movies: Iterable[Movie]) -> Iterator[Placed]:
    """Yield movies with their places, as their iterator has them, or else counted from 0."""
    iterator = iter(movies)
    for count, movie in enumerate(iterator):
        if not isinstance(movie, Movie):
            refuse(TypeError, f"movies[{count}]", movie, "a Movie")
        source = getattr(iterator, "source", None)
        yield Placed(movie, source, getattr(iterator, "movie_index", count))


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


class TextStep(ABC):
    """A step of texts. Called with a `str`, a `Review` or a `Movie`, it returns a `Cleaned`.

    If nothing is changed, it returns the same object. To write a step, define its `name`, the
    `fields` that it is for, and `edits`. It must not keep anything between calls.

    Attributes:
        name: Name of the step, in lower case with hyphens.
        fields: Attributes of `Movie` and `Review` whose text is cleaned: some of `title`,
            `username`, `short_description` and `full_review`.
        settles: Whether the step finds nothing more to do in its own result. A `Pipeline` repeats
            such steps, if they follow each other, until no step changes the text.
        signs: The characters that `edits` looks for. A text without any of them is skipped, which
            saves time. By default it is empty, and no text is skipped. A subclass that finds more
            than its base class must set `signs` again, or texts without the old ones are skipped.

    Raises:
        TypeError: It is called with something else, or your class lacks one of these.
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
    settles: ClassVar[bool] = False
    signs: ClassVar[str] = ""

    def __init_subclass__(cls, **options: object) -> None:
        """Refuse a step without a name, or for fields that do not exist.

        Raises:
            TypeError: The class has no `name`, its `fields` are not a tuple of fields with text,
                or its `signs` are not a `str`.
        """
        super().__init_subclass__(**options)
        if not isinstance(getattr(cls, "name", None), str):
            raise TypeError(f"{cls.__name__} needs a name, such as name = 'my-step'")
        fields = getattr(cls, "fields", None)
        if not isinstance(fields, tuple) or not set(fields) <= set(TEXTS):
            allowed = f"a tuple of some of {', '.join(TEXTS)}"
            refuse(TypeError, f"{cls.__name__}.fields", fields, allowed)
        if not isinstance(cls.signs, str):
            refuse(TypeError, f"{cls.__name__}.signs", cls.signs, "a str of characters")

    @abstractmethod
    def edits(self, text: str, field: str | None) -> Iterable[Edit]:
        """Yield the edits of a text, in order, without overlaps.

        Args:
            text: The text.
            field: The attribute that holds it, or `None` for a `str` on its own.
        """

    def may_change(self, text: str) -> bool:
        """Return whether a text has one of the `signs`, or the step needs none.

        Args:
            text: The text, or several texts in one.
        """
        return not self.signs or has_any(self.signs, text)

    def __call__(self, value: TextOrRecord) -> Cleaned[TextOrRecord]:
        """Clean a text, or the texts of a record."""
        if not isinstance(value, str | Review | Movie):
            refuse(TypeError, f"what {self.name} cleans", value, "a str, a Review or a Movie")
        changes: list[Change] = []

        def clean(text: str, field: str | None, review_index: int | None) -> str:
            if field is not None and field not in self.fields:
                return text
            return self.clean_text(text, field, review_index, changes)

        cleaned: Any
        cleaned = clean(value, None, None) if isinstance(value, str) else clean_texts(value, clean)
        return Cleaned(cleaned, tuple(changes))

    def clean_text(
        self, text: str, field: str | None, review_index: int | None, changes: list[Change]
    ) -> str:
        """Return a text with the edits made, the same object if there are none.

        Args:
            text: The text.
            field: The attribute that holds it, or `None` for a `str` on its own.
            review_index: Index of the review that has it, from 0; `None` outside reviews.
            changes: Collects a change for each edit that makes a difference.

        Raises:
            ValueError: The edits overlap, or are not in order.
        """
        if not self.may_change(text):
            return text
        new_text, edits = make_edits(text, self.edits(text, field))
        name = self.name
        changes += [
            _change(name, field, text[start:end], new, why, None, None, review_index, start)
            for start, end, new, why in edits
        ]
        return new_text


def make_edits(text: str, edits: Iterable[Edit]) -> tuple[str, list[Edit]]:
    """Return a text with edits made, and those of them that make a difference.

    Raises:
        ValueError: The edits overlap, or are not in order.
    """
    pieces: list[str] = []
    made: list[Edit] = []
    last = 0
    for edit in edits:
        start, end, new, _ = edit
        if not last <= start <= end <= len(text):
            raise ValueError(f"edits must be in order, apart and within the text; {edit} is not")
        if text[start:end] != new:
            pieces += text[last:start], new
            last = end
            made.append(edit)
    return "".join((*pieces, text[last:])) if made else text, made


def clean_texts(record: Any, clean: CleanText) -> Any:
    """Return a record with its texts cleaned, those of its reviews too.

    If `clean` returns the same texts, this returns the same record.

    Raises:
        ValueError: A new text contains a character that XML does not allow.
    """
    changed: dict[int | None, dict[str, Any]] = {}
    for index, field, text in texts_of(record):
        new = clean(text, field, index)
        if new is not text:
            require_legal_characters(field, new)
            changed.setdefault(index, {})[field] = new
    if not changed:
        return record
    own = changed.pop(None, {})
    if isinstance(record, Review):
        return _with_texts(record, own)
    if changed:
        reviews = list(record.reviews)
        for index, texts in changed.items():
            reviews[index] = _with_texts(reviews[index], texts)  # type: ignore[index]
        own["reviews"] = reviews
    return attrs.evolve(record, **own)


_review_with: Callable[..., Review] = replacing(Review, *REVIEW_TEXTS)


def _with_texts(review: Review, texts: dict[str, str]) -> Review:
    return _review_with(review, *(texts.get(each, getattr(review, each)) for each in REVIEW_TEXTS))
