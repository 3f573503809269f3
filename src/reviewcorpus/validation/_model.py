"""What a rule is, what it finds, and how rules are chosen."""

from __future__ import annotations

import datetime
import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, Protocol

import attrs
from attrs.validators import instance_of, optional

from reviewcorpus._checks import brief, check_integer, check_type, refuse
from reviewcorpus.defects import Severity
from reviewcorpus.formats import MOVIE, MOVIE_RECORD, Format
from reviewcorpus.models import Movie, Review
from reviewcorpus.validation._prose import SHORT_TEXT, Body, body_of

if TYPE_CHECKING:
    from array import array
    from collections.abc import Sequence
    from typing import Self

    Level = Severity | Literal["info", "warning", "error"]

_CODE = re.compile(r"[A-Z]{1,4}[0-9]{1,4}")


class _WithReviews:
    """Room in the place of a movie for the offset and the line of each review.

    They are not among its fields, so the place of a movie from a file is like any other.
    """

    __slots__ = ("_reviews",)
    _reviews: array[int]

    def __deepcopy__(self, _: object) -> Self:
        return self  # it cannot change


@attrs.frozen
class Place(_WithReviews):
    """Where a record is, or one of its fields.

    Args:
        source: Name of the file or stream, or `None` if it is not known.
        movie_index: Index of the movie in its source, from 0; `None` if it is not known.
        review_index: Index of the review in its movie, from 0; `None` for the movie itself.
        field: Name of the attribute, or `None` for the whole record.
        line: Line of the start tag of the record, from 1; `None` if it is not known. Places that
            differ only in this and the offset are equal.
        offset: Where this tag begins, in bytes from 0, counted as `Defect.offset` is.

    Example:
        >>> from reviewcorpus.validation import Place
        >>> print(Place("boats.xml", 0, 3))
        boats.xml: movies[0].reviews[3]
        >>> print(Place("boats.xml", 0, 3, line=27))
        boats.xml:27: movies[0].reviews[3]
    """

    source: str | None = None
    movie_index: int | None = None
    review_index: int | None = None
    field: str | None = None
    line: int | None = attrs.field(default=None, eq=False)
    offset: int | None = attrs.field(default=None, eq=False)

    def review(self, index: int | None) -> Place:
        """Return the place of a review of this movie.

        Args:
            index: Index of the review, from 0; `None` for the movie itself.

        Example:
            >>> from reviewcorpus.validation import Place
            >>> print(Place("boats.xml", 0).review(3))
            boats.xml: movies[0].reviews[3]
        """
        line = offset = None
        reviews = getattr(self, "_reviews", ())
        if index is None:
            line, offset = self.line, self.offset
        elif 0 <= 2 * index < len(reviews):
            offset, line = reviews[2 * index : 2 * index + 2]
        return Place(self.source, self.movie_index, index, line=line, offset=offset)

    @property
    def start(self) -> str:
        """The source and the line, as compilers print them; empty if neither is known."""
        if self.line is not None:
            return f"{self.source or '<input>'}:{self.line}: "
        return "" if self.source is None else f"{self.source}: "

    @property
    def record(self) -> str:
        """The record and its field, as in `movies[0].reviews[3].score`."""
        movie = "movie" if self.movie_index is None else f"movies[{self.movie_index}]"
        review = "" if self.review_index is None else f".reviews[{self.review_index}]"
        field = "" if self.field is None else f".{self.field}"
        return f"{movie}{review}{field}"

    def __str__(self) -> str:
        """`source:line: movies[0].reviews[3]`, as far as it is known."""
        return self.start + self.record


class Scope(StrEnum):
    """How much of a corpus a rule looks at.

    Example:
        >>> from reviewcorpus.validation import RULES
        >>> RULES["R201"].scope.value
        'review'
    """

    REVIEW = "review"
    """One review, and the movie that it is about."""
    MOVIE = "movie"
    """One movie with its reviews."""
    CORPUS = "corpus"
    """All movies."""


@attrs.frozen
class Finding:
    """What a rule has to say about a record.

    Args:
        message: What was found, in words.
        field: Name of the attribute that it is about, or `None` for the whole record.
        review_index: Index of the review in the movie, from 0, for a rule that looks at a movie;
            `None` for the movie itself. A rule that looks at a review need not set it.
        related: Other records that it is about, such as the one that is repeated.

    Example:
        >>> from reviewcorpus.validation import Finding
        >>> Finding("the headline shouts", field="short_description").review_index is None
        True
    """

    message: str = attrs.field(validator=instance_of(str))
    field: str | None = attrs.field(default=None, kw_only=True)
    review_index: int | None = attrs.field(default=None, kw_only=True)
    related: tuple[Place, ...] = attrs.field(default=(), kw_only=True)


_check_day = check_type(datetime.date, "a datetime.date or None", but_not=datetime.datetime)


@attrs.frozen(kw_only=True)
class Thresholds:
    """Numbers that rules compare with.

    Args:
        mean_difference: How far the mean of the scores may be from `general_score`, both from 0
            to 1 (`M106`).
        mean_reviews: How many scores there must be for that.
        first_movie: Year before which there were no movies (`M104`).
        years_ahead: How many years from now a movie may be announced (`M104`).
        first_review: Year before which nobody wrote reviews (`R202`); the site began in 1990.
        shared_text: Length, in characters, from which an equal text is a copy, even without other
            evidence (`R204`, `R205`, `C302`); two people may well write "Great movie!".
        today: The current day; `None` for the day of the call, in UTC.

    Raises:
        TypeError: A value has the wrong type.
        ValueError: A number is too small.

    Example:
        >>> import reviewcorpus as rc
        >>> from reviewcorpus.validation import Thresholds
        >>> movie = rc.Movie(title="Slow Glass", year=1890)
        >>> rc.validate(movie, rules="M104")
        []
        >>> print(*rc.validate(movie, rules="M104", thresholds=Thresholds(first_movie=1895)))
        warning: movie.year: the year is 1890, before the first movie of 1895 [M104]
    """

    mean_difference: float = attrs.field(default=0.35)
    mean_reviews: int = attrs.field(default=20, validator=check_integer(1))
    first_movie: int = attrs.field(default=1888, validator=check_integer(1))
    years_ahead: int = attrs.field(default=5, validator=check_integer(0))
    first_review: int = attrs.field(default=1990, validator=check_integer(1))
    shared_text: int = attrs.field(default=SHORT_TEXT, validator=check_integer(1))
    today: datetime.date | None = attrs.field(default=None, validator=optional(_check_day))

    @mean_difference.validator
    def _check_difference(self, attribute: attrs.Attribute[float], value: object) -> None:
        allowed = "a number of at least 0"
        if not isinstance(value, float | int) or isinstance(value, bool):
            refuse(TypeError, attribute.name, value, allowed)
        if not value >= 0:  # NaN compares false
            refuse(ValueError, attribute.name, value, allowed)


@attrs.frozen
class Context:
    """What a rule can use besides the record that it looks at.

    Attributes:
        movie: The movie, with its reviews.
        thresholds: Numbers to compare with.
        format: The format that the movie was read from, or that of `<movie>`.
        today: The current day.
        texts: The texts of the movie and its reviews that are not empty, each with the index of
            its review (`None` for the movie itself) and its field.

    `texts` are made when a rule first asks for them, and shared by all rules.

    Example:
        >>> import reviewcorpus as rc
        >>> from reviewcorpus.validation import movie_rule
        >>> @movie_rule("X904")
        ... def is_new(movie, context):
        ...     if movie.year == context.today.year:
        ...         return f"from {movie.year}"
        ...
        >>> rc.validate(rc.Movie(year=1931), rules=is_new)
        []
    """

    movie: Movie
    thresholds: Thresholds
    format: Format = MOVIE
    today: datetime.date = attrs.field(init=False)

    @today.default
    def _default_today(self) -> datetime.date:
        return self.thresholds.today or datetime.datetime.now(datetime.UTC).date()

    @cached_property
    def texts(self) -> tuple[tuple[int | None, str, str], ...]:
        """The texts that are not empty: the index of the review, the field, the text."""
        return tuple(texts_of(self.movie))

    @cached_property
    def _bodies(self) -> list[Body]:
        """What the body of each review is compared by."""
        return [body_of(review, self.thresholds.shared_text) for review in self.movie.reviews]

    def expects(self, field: str) -> bool:
        """Check whether each record of the format should have a field; if not, it is not missing.

        Args:
            field: Name of an attribute of `Movie` or `Review`.

        Example:
            >>> import reviewcorpus as rc
            >>> from reviewcorpus.validation import review_rule
            >>> @review_rule("X905", "info")
            ... def has_no_date(review, context):
            ...     if review.date is None and context.expects("date"):
            ...         return "there is no date"
            ...
            >>> movie = rc.Movie(reviews=[rc.Review()])
            >>> print(*rc.validate(movie, rules=has_no_date))
            info: movie.reviews[0]: there is no date [X905]
            >>> rc.validate(movie, rules=has_no_date, format="muchocine")
            []
        """
        fields = [each for record in self.format.records for each in record.fields]
        return any(e.target == field and e.is_required and not e.in_extra for e in fields)


def bodies_in(context: Context) -> list[Body]:
    """Return what rules compare the bodies of the reviews by, in order; it is computed once."""
    return context._bodies  # noqa: SLF001 not for users' rules


Found = Finding | str | None | Iterable[Finding | str]
"""What the function of a rule returns: nothing, a finding or its message, or several."""


class CorpusCheck(Protocol):
    """What a rule for a whole corpus creates for each corpus: see `corpus_rule`."""

    def feed(self, movie: Movie, place: Place) -> None:
        """Read a movie.

        Args:
            movie: The movie.
            place: Where it is: source and index, and the line if it is known. Its `review` returns
                the place of a review.
        """

    def finish(self) -> Iterable[tuple[Place, Finding]]:
        """Yield what was found, and where; called once, when all movies have been seen."""


class SharedCheck(ABC):
    """A corpus rule of the library that compares the same as rules for movies do."""

    def __init__(self, thresholds: Thresholds) -> None:
        self._thresholds = thresholds

    def feed(self, movie: Movie, place: Place) -> None:
        """Read a movie, as any corpus rule does."""
        self.feed_bodies(bodies_in(Context(movie, self._thresholds)), place)

    @abstractmethod
    def feed_bodies(self, bodies: Sequence[Body], place: Place) -> None:
        """Read a movie, by the bodies of its reviews as its `Context` has them."""


@attrs.frozen
class Rule:
    """A rule: a function with a code.

    Args:
        code: One to four capital letters, then one to four digits. `M`, `R` or `C` with three
            digits are codes of the library.
        severity: How severe a finding is.
        summary: What it finds, in one line.
        scope: How much it looks at.
        check: For `review`, a function of a review and a `Context`; for `movie`, of a movie and
            a `Context`; both return findings. For `corpus`, a function of `Thresholds` that returns
            an object with `feed(movie, place)` and `finish()`.
        is_default: Whether it is among the rules that are used if no rules are named.

    Raises:
        ValueError: The code is not valid.

    Example:
        >>> from reviewcorpus.validation import RULES
        >>> RULES["M101"].summary
        'No title'
    """

    code: str = attrs.field()
    severity: Severity = attrs.field(converter=Severity)
    summary: str
    scope: Scope = attrs.field(converter=Scope)
    check: Callable[..., Any] = attrs.field(repr=False)
    is_default: bool = True

    @code.validator
    def _check_code(self, _: object, value: object) -> None:
        if not isinstance(value, str) or not _CODE.fullmatch(value):
            refuse(ValueError, "code", value, "capital letters and digits, such as X901")

    def __call__(self, *arguments: Any) -> Any:
        """Call the function that the rule was made from, to test it."""
        return self.check(*arguments)


def make_rule(
    scope: Scope, code: str, severity: str = "warning", *, is_default: bool = True
) -> Callable[[Callable[..., Any]], Rule]:
    """Return a decorator that makes rules; the first line of a docstring is the summary."""

    def decorate(check: Callable[..., Any]) -> Rule:
        lines = (check.__doc__ or check.__name__.replace("_", " ")).strip().splitlines()
        return Rule(code, severity, lines[0].rstrip("."), scope, check, is_default)

    return decorate


# ---- rules of users ----------------------------------------------------------------------

_RESERVED = re.compile(r"[MRC][0-9]{3}")


def _own(code: str) -> str:
    """Refuse a code that the library may one day use for a rule of its own."""
    if callable(code):
        raise TypeError('a rule needs a code: write @review_rule("X901"), for example')
    if _RESERVED.fullmatch(str(code)):
        raise ValueError(
            f"codes such as {code} are reserved for the library's own rules; use one like X901"
        )
    return code


def review_rule(
    code: str, severity: Level = "warning"
) -> Callable[[Callable[[Review, Context], Found]], Rule]:
    """Turn a function of a review and a `Context` into a rule.

    Args:
        code: One to four capital letters, then one to four digits, such as `X901`; not `M`, `R` or
            `C` with three digits, which are for rules of the library.
        severity: `"info"`, `"warning"` or `"error"`, or a `Severity`.

    Returns:
        A decorator that turns a function into a `Rule`. The first line of the docstring is the
        summary. The function returns nothing, a message, a `Finding`, or several of these.

    Raises:
        ValueError: The code or the severity is not valid, or the code is for the library.

    Example:
        >>> import reviewcorpus as rc
        >>> from reviewcorpus.validation import review_rule
        >>> @review_rule("X901", "info")
        ... def shouts(review, context):
        ...     '''The headline shouts.'''
        ...     if (review.short_description or "").isupper():
        ...         return "the headline is all capitals"
        ...
        >>> movie = rc.Movie(title="Paper Boats", reviews=[rc.Review(short_description="WOW")])
        >>> for problem in rc.validate(movie, rules=[shouts]):
        ...     print(problem)
        info: movie.reviews[0]: the headline is all capitals [X901]
    """
    return make_rule(Scope.REVIEW, _own(code), severity)


def movie_rule(
    code: str, severity: Level = "warning"
) -> Callable[[Callable[[Movie, Context], Found]], Rule]:
    """Turn a function of a movie and a `Context` into a rule.

    Args:
        code: One to four capital letters, then one to four digits, as for `review_rule`.
        severity: `"info"`, `"warning"` or `"error"`, or a `Severity`.

    Returns:
        A decorator, as for `review_rule`. A finding about a review names its `review_index`.

    Raises:
        ValueError: The code or the severity is not valid, or the code is for the library.

    Example:
        >>> import reviewcorpus as rc
        >>> from reviewcorpus.validation import Finding, movie_rule
        >>> @movie_rule("X902")
        ... def has_no_extra(movie, context):
        ...     for name in movie.extra:
        ...         yield Finding(f"there is a field {name!r}", field="extra")
        ...
        >>> [str(problem) for problem in rc.validate(rc.Movie(extra={"mood": "calm"}), rules=has_no_extra)]
        ["warning: movie.extra: there is a field 'mood' [X902]"]
    """  # noqa: E501 the example's lines
    return make_rule(Scope.MOVIE, _own(code), severity)


def corpus_rule(
    code: str, severity: Level = "warning"
) -> Callable[[Callable[[Thresholds], CorpusCheck]], Rule]:
    """Turn a class into a rule for a whole corpus.

    Args:
        code: One to four capital letters, then one to four digits, as for `review_rule`.
        severity: `"info"`, `"warning"` or `"error"`, or a `Severity`.

    Returns:
        A decorator that turns a class into a `Rule`. Its objects look at each movie in
        `feed(movie, place)`, and `finish()` returns pairs of a `Place` and a `Finding`. Mypy does
        not see that a decorator changes a class; write `too_few = corpus_rule("X903")(TooFew)`.

    Raises:
        ValueError: The code or the severity is not valid, or the code is for the library.

    Example:
        >>> import reviewcorpus as rc
        >>> from reviewcorpus.validation import Finding, Place, corpus_rule
        >>> @corpus_rule("X903", "info")
        ... class TooFew:
        ...     '''Too few movies.'''
        ...     def __init__(self, thresholds):
        ...         self.movies = 0
        ...     def feed(self, movie, place):
        ...         self.movies += 1
        ...     def finish(self):
        ...         if self.movies < 100:
        ...             yield Place(), Finding(f"only {self.movies} movies")
        ...
        >>> validator = rc.CorpusValidator(rules=TooFew)
        >>> validator.feed(rc.Movie())
        []
        >>> print(validator.finish()[0])
        info: movie: only 1 movies [X903]
    """
    return make_rule(Scope.CORPUS, _own(code), severity)


# ---- what rules return -------------------------------------------------------------------


def _several(given: Any, kinds: Any, name: str, allowed: str) -> Iterator[Any]:
    """Yield what was given: one value alone, or each of several.

    Raises:
        TypeError: A value has the wrong type.
    """
    is_alone = isinstance(given, str) or not isinstance(given, Iterable)
    for one in [given] if is_alone else given:
        if not isinstance(one, kinds):
            refuse(TypeError, name, one, allowed)
        yield one


def findings_of(rule: Rule, found: Any) -> Iterator[Finding]:
    """Yield the findings that a rule has returned, in whichever form.

    Raises:
        TypeError: It has returned something else.
    """
    name, allowed = f"what rule {rule.code} returns", "a Finding, a str or None"
    for one in _several(found, Finding | str | None, name, allowed):
        if one is not None:
            yield one if isinstance(one, Finding) else Finding(one)


# ---- choosing rules ----------------------------------------------------------------------

Rules = str | Rule | Iterable[str | Rule]
"""Which rules are used: see `validate`."""


def select(rules: Rules, known: Mapping[str, Rule]) -> tuple[Rule, ...]:
    """Return the rules that are chosen, in the order of their codes.

    Raises:
        TypeError: Something is neither a rule nor a `str`.
        ValueError: There is no such rule, or two have the same code.
    """
    chosen: dict[str, Rule] = {}
    for position, item in enumerate(_items(rules)):
        if isinstance(item, Rule):
            if {**known, **chosen}.get(item.code, item) is not item:
                raise ValueError(f"there is a rule {item.code} already; give yours another code")
            chosen[item.code] = item
        elif not item.startswith("-"):
            chosen |= _named(item, known)
        else:
            if position == 0:  # the default without something
                chosen = _named("default", known)
            for code in _named(item[1:], {**known, **chosen}):
                chosen.pop(code, None)
    return tuple(chosen[code] for code in sorted(chosen))


def _items(rules: Any) -> Iterator[str | Rule]:
    allowed = 'a code such as "R2", "default", "all", a rule, or several of them'
    for item in _several(rules, Rule | str, "rules", allowed):
        if isinstance(item, Rule):
            yield item
        else:
            # A text without a code is an unset variable; with no rules, every corpus would pass.
            yield from list(filter(None, map(str.strip, item.split(",")))) or [item]


def _named(name: str, known: Mapping[str, Rule]) -> dict[str, Rule]:
    if name == "all":
        return dict(known)
    if name == "default":
        return {code: rule for code, rule in known.items() if rule.is_default}
    named = {code: rule for code, rule in known.items() if name and code.startswith(name)}
    if not named:
        codes = ", ".join(known)
        raise ValueError(f"there is no rule {brief(name)}; choose from default, all, {codes}")
    return named


# ---- texts -------------------------------------------------------------------------------

MOVIE_TEXTS = tuple(
    each.target for each in MOVIE_RECORD.fields if each.is_text and each.target != "link"
)
REVIEW_TEXTS = tuple(each.target for each in MOVIE.review.fields if each.is_text)
TEXTS = (*MOVIE_TEXTS, *REVIEW_TEXTS)
"""The fields that hold text, in their order. A link is not text."""


def texts_in(record: Movie | Review) -> list[tuple[str, str]]:
    """Return the fields of a record that hold text, with their texts, without its reviews."""
    fields = REVIEW_TEXTS if isinstance(record, Review) else MOVIE_TEXTS
    return [(field, text) for field in fields if (text := getattr(record, field))]


def texts_of(record: Movie | Review) -> Iterator[tuple[int | None, str, str]]:
    """Yield the texts of a record and its reviews, each with the review's index and the field."""
    for field, text in texts_in(record):
        yield None, field, text
    if isinstance(record, Movie):
        for index, review in enumerate(record.reviews):
            for field, text in texts_in(review):
                yield index, field, text
