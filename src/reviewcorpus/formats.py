"""The format as a table: which elements there are, and how each becomes a value.

A second dialect of the same family of crawlers would be a second table, not a second reader.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from reviewcorpus import _values
from reviewcorpus.defects import DefectKind

if TYPE_CHECKING:
    from collections.abc import Callable


class Conversion(NamedTuple):
    """How the text of a field becomes a value, and what it is called when that fails."""

    read: Callable[[str], Any]
    defect: DefectKind


class Field(NamedTuple):
    """A child element of a record.

    Attributes:
        element: Name of the element, as the format spells it.
        attribute: Name of the attribute of the record; "" for an element that goes to `extra`.
        conversion: How its text becomes a value; `None` where the text is the value.
        is_body: Whether the names of other elements are only words inside it.
    """

    element: str
    attribute: str
    conversion: Conversion | None = None
    is_body: bool = False


class Record(NamedTuple):
    """An element that holds fields."""

    element: str
    fields: tuple[Field, ...]

    @property
    def by_name(self) -> dict[str, Field]:
        """The fields by the lower-case names of their elements."""
        return {field.element.lower(): field for field in self.fields}


class Dialect(NamedTuple):
    """The two kinds of record that a file holds: one movie with its fields, and its reviews."""

    movie: Record
    review: Record

    @property
    def records(self) -> tuple[Record, Record]:
        """Both kinds of record."""
        return self.movie, self.review

    @property
    def spelling(self) -> dict[str, str]:
        """Every element name of the format by its lower-case form."""
        names = [self.movie.element, self.review.element]
        names += [field.element for field in (*self.movie.fields, *self.review.fields)]
        return {name.lower(): name for name in names}

    @property
    def body(self) -> Field:
        """The one field in which the names of other elements are only words."""
        return next(field for field in self.review.fields if field.is_body)


_SCORE = Conversion(_values.read_score, DefectKind.INVALID_SCORE)
_DATE = Conversion(_values.read_date, DefectKind.INVALID_DATE)
_YEAR = Conversion(_values.read_year, DefectKind.INVALID_YEAR)

DIALECT = Dialect(
    movie=Record(
        "movie",
        (
            Field("title", "title"),
            Field("link", "link"),
            Field("year", "year", _YEAR),
            Field("generalScore", "general_score", _SCORE),
        ),
    ),
    review=Record(
        "review",
        (
            Field("date", "date", _DATE),
            Field("username", "username"),
            Field("score", "score", _SCORE),
            Field("shortDescription", "short_description"),
            Field("fullReview", "full_review", is_body=True),
        ),
    ),
)
