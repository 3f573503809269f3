"""The two records: a movie, and a review of it.

Users build them with `Movie(...)` and `Review(...)`, which check every value. The parser builds
them with `checked_movie` and `checked_review`, which check nothing: each value that it passes has
been checked while it was read. Both accept the same values, so that `attrs.evolve` works on
whatever was read.
"""

from __future__ import annotations

import datetime
import math
import re
import reprlib
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, NoReturn, Self

import attrs
from attrs.validators import optional

from reviewcorpus._checks import (
    brief,
    check_integer,
    check_text,
    check_type,
    refuse,
    repr_of_fields,
    require_legal_characters,
)
from reviewcorpus._hypothesis import announce
from reviewcorpus._unchecked import unchecked

_IMDB_ID = r"(?<![0-9A-Za-z_])tt[0-9]+"  # compiled when it is first searched for
_WHOLE_SCORES = (0, 1)  # a larger int may be too large to become a float at all
STARS_ON_SITE = 10
"""The site shows ten stars; the crawler divided by ten."""


def _refuse_change(*_: Any, **__: Any) -> NoReturn:
    raise TypeError(
        "extra cannot be changed; build a new record instead:"
        " attrs.evolve(record, extra={**record.extra, 'name': 'text'})"
    )


def stars_of(score: float | None) -> int | None:
    """Return a score on the site's scale, halves rounded up; 0 if that has no star for it."""
    return None if score is None else math.floor(score * STARS_ON_SITE + 0.5)


class Extra(dict[str, str]):
    """An immutable, hashable `dict` of texts: the elements that the format does not name.

    A `dict`, so that `json.dumps` writes it and equality, `|` and unpacking work as users expect.
    """

    __slots__ = ()

    def __new__(cls, items: Mapping[str, str] | Iterable[tuple[str, str]] = ()) -> Self:
        """Return a mapping of the items; `__init__` could be called again and change it."""
        extra = super().__new__(cls)
        dict.update(extra, items)
        return extra

    def __init__(self, items: Mapping[str, str] | Iterable[tuple[str, str]] = ()) -> None:
        pass

    if not TYPE_CHECKING:  # there, they keep the types of a dict's methods
        __setitem__ = __delitem__ = __ior__ = _refuse_change
        clear = pop = popitem = setdefault = update = _refuse_change

    def copy(self) -> Extra:
        """Return itself, because it cannot change."""
        return self

    def __hash__(self) -> int:  # type: ignore[override] # a dict has none
        return hash(frozenset(self.items()))

    def __reduce__(self) -> tuple[type[Extra], tuple[dict[str, str]]]:
        return Extra, (dict(self),)


NO_EXTRA = Extra()


# The annotations of the converters are the types that a type checker asks users to pass; at run
# time any value may arrive.


def _to_extra(value: Mapping[str, str]) -> Mapping[str, str]:
    """Return an immutable mapping; anything else is left to the validator."""
    given: Any = value
    return Extra(given) if isinstance(given, Mapping) and not isinstance(given, Extra) else given


def _check_extra(_: object, attribute: attrs.Attribute[Any], value: object) -> None:
    if not isinstance(value, Extra):
        refuse(TypeError, attribute.name, value, "a mapping of str to str")
    for name, text in value.items():
        _require_text(f"a name in {attribute.name}", name)
        _require_text(f"{attribute.name}[{brief(name)}]", text)


def _require_text(name: str, value: object) -> None:
    if not isinstance(value, str):
        refuse(TypeError, name, value, "a str")
    require_legal_characters(name, value)


def _to_float(value: float | None) -> float | None:
    """Return the `float` of an `int` that is a score; anything else is left to the validator."""
    given: Any = value
    is_score = isinstance(given, int) and not isinstance(given, bool) and given in _WHOLE_SCORES
    return float(given) if is_score else given


def _check_score(_: object, attribute: attrs.Attribute[Any], value: object) -> None:
    allowed = "a float from 0.0 to 1.0, or None for no score"
    if value is None:
        return
    if not isinstance(value, float | int) or isinstance(value, bool):
        refuse(TypeError, attribute.name, value, allowed)
    if not 0.0 <= value <= 1.0:  # NaN compares false
        refuse(ValueError, attribute.name, value, allowed)


def _to_tuple(value: Iterable[Review]) -> tuple[Review, ...]:
    """Return a tuple of any iterable; anything else is left to the validator."""
    given: Any = value
    return tuple(given) if isinstance(given, Iterable) and not isinstance(given, str) else given


def _check_reviews(_: object, attribute: attrs.Attribute[Any], value: object) -> None:
    if not isinstance(value, tuple):
        refuse(TypeError, attribute.name, value, "an iterable of Review")
    for index, review in enumerate(value):
        if not isinstance(review, Review):
            refuse(TypeError, f"{attribute.name}[{index}]", review, "a Review")


# What a record looks like in a notebook, which calls repr() for each review of a list: a review
# takes one or two lines, about 150 characters, however long its texts are. Such a repr is not meant
# to be evaluated.


def _count_reviews(reviews: tuple[Review, ...]) -> str:
    return f"<{len(reviews)} review{'' if len(reviews) == 1 else 's'}>"


def _shorten(most: int) -> Callable[[object], str]:
    """Return a `repr` of at most `most` characters."""
    short = reprlib.Repr()
    short.maxstring = short.maxother = most
    return short.repr


_text = optional(check_text("a str or None"))
_day = optional(
    check_type(datetime.date, "a datetime.date (no datetime) or None", but_not=datetime.datetime)
)
_year = optional(check_integer(datetime.MINYEAR, datetime.MAXYEAR))


@attrs.frozen(weakref_slot=False)
class Review:
    """One visitor's review of a movie.

    Args:
        date: Day of the review.
        username: Name as shown on the site; it can contain an e-mail address in brackets.
        score: Rating from 0.0 to 1.0, or `None` if the visitor gave none.
        short_description: Headline.
        full_review: Body.
        extra: What has no attribute of its own, by name: fields that only one format has, and
            elements that the format does not name. Any mapping of `str` to `str` is accepted and
            becomes an immutable `dict`.

    Raises:
        TypeError: A value has the wrong type.
        ValueError: The score is NaN or outside 0.0 to 1.0, or a text contains a character that
            XML does not allow: U+0000 to U+001F except tab, line feed and carriage return;
            U+FFFE, U+FFFF, or a lone surrogate.

    Example:
        >>> from reviewcorpus import Review
        >>> review = Review(username="ann", score=0.7, full_review="I laughed twice.")
        >>> review.stars
        7
        >>> review.date is None
        True
    """

    __repr__ = repr_of_fields

    date: datetime.date | None = attrs.field(default=None, validator=_day, repr=str)
    username: str | None = attrs.field(default=None, validator=_text, repr=_shorten(20))
    score: float | None = attrs.field(default=None, converter=_to_float, validator=_check_score)
    short_description: str | None = attrs.field(default=None, validator=_text, repr=_shorten(20))
    full_review: str | None = attrs.field(default=None, validator=_text, repr=_shorten(20))
    extra: Mapping[str, str] = attrs.field(
        default=NO_EXTRA, converter=_to_extra, validator=_check_extra, repr=_shorten(20)
    )

    @property
    def stars(self) -> int | None:
        """The score on the site's scale, 1 to 10, halves rounded up.

        `None` if there is no score, or if it is so close to 0.0 that the scale has no star for it.
        """
        return stars_of(self.score) or None


@attrs.frozen(weakref_slot=False)
class Movie:
    """One movie and its reviews.

    Args:
        title: Title as decoded; `None` if the corpus says `null` or has no element.
        link: Page that the record was taken from, unchanged.
        year: Year of release, 1 to 9999.
        general_score: Mean rating of the site, 0.0 to 1.0, or `None` if there is none.
        reviews: Reviews in file order; any iterable of them is accepted.
        extra: What has no attribute of its own, by name: fields that only one format has, and
            elements that the format does not name. Any mapping of `str` to `str` is accepted and
            becomes an immutable `dict`.

    Raises:
        TypeError: A value has the wrong type.
        ValueError: The score is NaN or outside 0.0 to 1.0, the year is outside 1 to 9999, or a
            text contains a character that XML does not allow (see `Review`).

    Example:
        >>> from reviewcorpus import Movie, Review
        >>> movie = Movie(title="Paper Boats", link="http://www.imdb.com/title/tt0000042/")
        >>> movie.imdb_id
        'tt0000042'
        >>> import attrs
        >>> movie = attrs.evolve(movie, reviews=[Review(score=0.5), Review(), Review(score=1.0)])
        >>> movie.mean_score
        0.75
    """

    __repr__ = repr_of_fields

    title: str | None = attrs.field(default=None, validator=_text, repr=_shorten(60))
    link: str | None = attrs.field(default=None, validator=_text, repr=_shorten(60))
    year: int | None = attrs.field(default=None, validator=_year)
    general_score: float | None = attrs.field(
        default=None, converter=_to_float, validator=_check_score
    )
    reviews: tuple[Review, ...] = attrs.field(
        default=(), converter=_to_tuple, validator=_check_reviews, repr=_count_reviews
    )
    extra: Mapping[str, str] = attrs.field(
        default=NO_EXTRA, converter=_to_extra, validator=_check_extra, repr=_shorten(60)
    )

    @property
    def imdb_id(self) -> str | None:
        """`tt` and digits, taken from the link; `None` if the link has no such number."""
        found = re.search(_IMDB_ID, self.link) if self.link else None
        return found[0] if found else None

    @property
    def mean_score(self) -> float | None:
        """The mean of the reviews' scores, 0.0 to 1.0; `None` if no review has one."""
        scores = [review.score for review in self.reviews if review.score is not None]
        return math.fsum(scores) / len(scores) if scores else None


# The reader builds records with these, because it has just checked each value.
checked_review: Callable[..., Review] = unchecked(Review)
checked_movie: Callable[..., Movie] = unchecked(Movie)

announce(Movie, Review)
