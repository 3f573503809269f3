"""What a record is: one film, and what a visitor wrote about it."""

from __future__ import annotations

import datetime
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import attrs
from attrs.validators import optional

from reviewcorpus._checks import check_integer, check_type, refuse

_IMDB_ID = re.compile(r"(?<![0-9A-Za-z_])tt[0-9]+")
_WHOLE_SCORES = (0, 1)  # larger ones may be too large to become a float at all
_STARS_ON_SITE = 10  # the site shows ten stars; the crawler divided by ten


class Extra(Mapping[str, str]):
    """A read-only, hashable mapping of texts: the elements that the format does not name.

    It equals any mapping with the same items.
    """

    __slots__ = ("_items",)

    def __init__(self, items: Mapping[str, str] | Iterable[tuple[str, str]] = ()) -> None:
        self._items = dict(items)

    def __getitem__(self, name: str) -> str:
        return self._items[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)

    def __hash__(self) -> int:
        return hash(frozenset(self._items.items()))

    def __repr__(self) -> str:
        return repr(self._items)

    def __reduce__(self) -> tuple[type[Extra], tuple[dict[str, str]]]:
        return Extra, (self._items,)


NO_EXTRA = Extra()


# The annotations of the converters are what a type checker tells users of these classes to give;
# what is given may be anything.


def _to_extra(value: Mapping[str, str]) -> Mapping[str, str]:
    """Freeze a mapping; leave anything else to the validator."""
    given: Any = value
    return Extra(given) if isinstance(given, Mapping) and not isinstance(given, Extra) else given


def _check_extra(_: object, attribute: attrs.Attribute[Any], value: object) -> None:
    if not isinstance(value, Extra):
        refuse(TypeError, attribute.name, value, "a mapping of str to str")
    for name, text in value.items():
        if not isinstance(name, str):
            refuse(TypeError, f"a name in {attribute.name}", name, "a str")
        if not isinstance(text, str):
            refuse(TypeError, f"{attribute.name}[{name!r}]", text, "a str")


def _to_float(value: float | None) -> float | None:
    """Widen an `int` that is a score; leave anything else to the validator."""
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
    """Take any iterable of reviews; leave anything else to the validator."""
    given: Any = value
    return tuple(given) if isinstance(given, Iterable) and not isinstance(given, str) else given


def _check_reviews(_: object, attribute: attrs.Attribute[Any], value: object) -> None:
    if not isinstance(value, tuple):
        refuse(TypeError, attribute.name, value, "an iterable of Review")
    for index, review in enumerate(value):
        if not isinstance(review, Review):
            refuse(TypeError, f"{attribute.name}[{index}]", review, "a Review")


def _count_reviews(reviews: tuple[Review, ...]) -> str:
    return f"<{len(reviews)} review{'' if len(reviews) == 1 else 's'}>"


_text = optional(check_type(str, "a str or None"))
_day = optional(
    check_type(datetime.date, "a datetime.date (no datetime) or None", but_not=datetime.datetime)
)
_year = optional(check_integer(datetime.MINYEAR, datetime.MAXYEAR))


@attrs.frozen(weakref_slot=False)
class Review:
    """One visitor's review of a film.

    Args:
        date: Day of the review.
        username: Name as shown on the site; may carry an e-mail address in brackets.
        score: Rating from 0.0 to 1.0, or `None` where the visitor gave none.
        short_description: Headline.
        full_review: Body.
        extra: Child elements that the format does not name, by their names.

    Raises:
        TypeError: A value is not of its field's type.
        ValueError: The score is NaN or outside 0.0 to 1.0.

    Example:
        >>> from reviewcorpus import Review
        >>> review = Review(username="ann", score=0.7, full_review="I laughed twice.")
        >>> review.stars
        7
        >>> review.date is None
        True
    """

    date: datetime.date | None = attrs.field(default=None, validator=_day)
    username: str | None = attrs.field(default=None, validator=_text)
    score: float | None = attrs.field(default=None, converter=_to_float, validator=_check_score)
    short_description: str | None = attrs.field(default=None, validator=_text)
    full_review: str | None = attrs.field(default=None, validator=_text)
    extra: Mapping[str, str] = attrs.field(
        default=NO_EXTRA, converter=_to_extra, validator=_check_extra
    )

    @property
    def stars(self) -> int | None:
        """The score on the site's scale, 1 to 10, halves rounded up.

        `None` where there is no score, or where it is so near to 0.0 that the scale has no
        star for it.
        """
        if self.score is None:
            return None
        return math.floor(self.score * _STARS_ON_SITE + 0.5) or None


@attrs.frozen(weakref_slot=False)
class Movie:
    """One film and its reviews.

    Args:
        title: Title as decoded; `None` where the corpus says `null` or has no element.
        link: Page that the record was taken from, unchanged.
        year: Year of release, 1 to 9999.
        general_score: Mean rating of the site, 0.0 to 1.0, or `None` where there is none.
        reviews: Reviews in file order; any iterable of them is taken.
        extra: Child elements that the format does not name, by their names.

    Raises:
        TypeError: A value is not of its field's type.
        ValueError: The score is NaN or outside 0.0 to 1.0, or the year outside 1 to 9999.

    Example:
        >>> from reviewcorpus import Movie, Review
        >>> movie = Movie(title="Paper Boats", link="http://www.imdb.com/title/tt0000042/")
        >>> movie.imdb_id
        'tt0000042'
        >>> import attrs
        >>> attrs.evolve(movie, reviews=[Review(score=0.5)]).reviews[0].score
        0.5
    """

    title: str | None = attrs.field(default=None, validator=_text)
    link: str | None = attrs.field(default=None, validator=_text)
    year: int | None = attrs.field(default=None, validator=_year)
    general_score: float | None = attrs.field(
        default=None, converter=_to_float, validator=_check_score
    )
    reviews: tuple[Review, ...] = attrs.field(
        default=(), converter=_to_tuple, validator=_check_reviews, repr=_count_reviews
    )
    extra: Mapping[str, str] = attrs.field(
        default=NO_EXTRA, converter=_to_extra, validator=_check_extra
    )

    @property
    def imdb_id(self) -> str | None:
        """`tt` and digits, taken from the link; `None` where the link has no such number."""
        found = _IMDB_ID.search(self.link) if self.link else None
        return found[0] if found else None


# The private door of the reader, which has checked each value just before: an instance of a
# class with the same slots is filled and then becomes a Review. A frozen attrs class sets each
# field through object.__setattr__ and runs its validators, which takes ten times as long.
class UnfinishedReview:
    __slots__ = tuple(field.name for field in attrs.fields(Review))


def checked_review(  # noqa: PLR0913, PLR0917 one argument for each field of a review
    date: datetime.date | None,
    username: str | None,
    score: float | None,
    short_description: str | None,
    full_review: str | None,
    extra: Mapping[str, str] = NO_EXTRA,
) -> Review:
    """Give a `Review` of values that the caller has checked."""
    review: Any = UnfinishedReview()
    review.date = date
    review.username = username
    review.score = score
    review.short_description = short_description
    review.full_review = full_review
    review.extra = extra
    review.__class__ = Review
    given: Review = review
    return given


class _UnfinishedMovie:
    __slots__ = tuple(field.name for field in attrs.fields(Movie))


def checked_movie(  # noqa: PLR0913, PLR0917 one argument for each field of a movie
    title: str | None,
    link: str | None,
    year: int | None,
    general_score: float | None,
    reviews: tuple[Review, ...] = (),
    extra: Mapping[str, str] = NO_EXTRA,
) -> Movie:
    """Give a `Movie` of values that the caller has checked."""
    movie: Any = _UnfinishedMovie()
    movie.title = title
    movie.link = link
    movie.year = year
    movie.general_score = general_score
    movie.reviews = reviews
    movie.extra = extra
    movie.__class__ = Movie
    given: Movie = movie
    return given
