"""Text steps: functions from a text to edits, and one way of making the edits in records."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, overload

import attrs

from reviewcorpus._checks import refuse
from reviewcorpus.cleaning._changes import Change, Cleaned
from reviewcorpus.models import Movie, Review
from reviewcorpus.validation._text_fields import MOVIE_TEXTS, REVIEW_TEXTS

if TYPE_CHECKING:
    from collections.abc import Iterable


class Edit(NamedTuple):
    """What shall stand in a text in the place of a piece of it.

    Attributes:
        start: Where the piece begins, in characters from 0.
        end: Where it ends, exclusive.
        new: What shall stand there.
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
    """A step of texts. Called with a `str`, a `Review` or a `Movie`, it gives a `Cleaned`.

    Where nothing is changed, the same object comes back. To write one, give it a `name`, the
    `fields` that it is for, and `edits`. It keeps nothing between calls.

    Attributes:
        name: Name of the step, in lower case with hyphens.
        fields: Attributes of `Movie` and `Review` whose text is cleaned: some of `title`,
            `username`, `short_description` and `full_review`.

    Raises:
        TypeError: It is called with something else, or a class of one's own lacks one of these.
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
            TypeError: The class has no `name`, or its `fields` are no tuple of fields with text.
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
        """Give what shall be changed in a text, in order, nothing twice.

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
        """Step a text, or the texts of a record."""
        if isinstance(value, Movie):
            return self._movie(value)
        if isinstance(value, Review):
            return self._record(value, REVIEW_TEXTS, None)
        if not isinstance(value, str):
            refuse(TypeError, f"what {self.name} steps", value, "a str, a Review or a Movie")
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
        """Step the texts of the record itself, without its reviews."""
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
