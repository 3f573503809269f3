"""The formats that can be read: which elements a file holds, and what each becomes.

A format is a value: a table that is passed to the reader, which compiles it once. No module of the
parser knows a format by its name, so your own format is read by the same code.
"""

from __future__ import annotations

import sys
from enum import Enum, auto
from functools import partial
from typing import Any

import attrs

from reviewcorpus._checks import check_type, refuse, repr_of_fields
from reviewcorpus._codecs import codec_name, is_eight_bit

MISSING_SCORE = "-1.0"  # the crawler's number for "no score"
NULL = "null"  # what Java prints for a reference to nothing
ISO_DATE = "%Y-%m-%d"


class Value(Enum):
    """What the text of a field becomes."""

    HTML = auto()
    """Text as in HTML: references are decoded, inline tags are dropped."""
    TEXT = auto()
    """Plain text: references and tags are only characters."""
    SCORE = auto()
    """A number from 0 to the field's `scale`, which becomes one from 0 to 1."""
    DATE = auto()
    """A day, written as the field's `pattern` says."""
    YEAR = auto()
    """A year from 1 to 9999."""


# The attributes of a movie and of a review that a field can become, and what they hold.
_OF_MOVIE = {
    "title": Value.HTML,
    "link": Value.HTML,
    "year": Value.YEAR,
    "general_score": Value.SCORE,
}
_OF_REVIEW = {
    "date": Value.DATE,
    "username": Value.HTML,
    "score": Value.SCORE,
    "short_description": Value.HTML,
    "full_review": Value.HTML,
}
# Elements of HTML that occur in running text; docs/format.md lists them.
INLINE_ELEMENTS = frozenset(
    "a abbr b big blockquote br center cite code del div em font h1 h2 h3 h4 h5 h6 hr i img ins li"
    " ol p pre q s small span strike strong sub sup table tbody td th tr tt u ul".split()
)
_FIRST_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyz_")  # of a name in lower case
_NAME_LETTERS = _FIRST_LETTERS | frozenset("0123456789.-")
_LONGEST_NAME = 50  # shorter than any limit for tags
_DATE_PATTERNS = (ISO_DATE, "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%B %d, %Y", "%d %B %Y")

_check_str = check_type(str, "a str")
_check_flag = check_type(bool, "True or False")


def _check_none(_: object, attribute: attrs.Attribute[Any], value: object) -> None:
    if not (isinstance(value, tuple) and all(isinstance(word, str) for word in value)):
        refuse(TypeError, attribute.name, value, "a tuple of str")
    if not all(word.isascii() and word == word.strip() != "" and "<" not in word for word in value):
        refuse(ValueError, attribute.name, value, "words in ASCII without markup")


def _check_names_of(_: object, attribute: attrs.Attribute[Any], value: object) -> None:
    if not (isinstance(value, tuple) and all(isinstance(name, str) and name for name in value)):
        refuse(TypeError, attribute.name, value, "a tuple of str")


def _check_fields(_: object, attribute: attrs.Attribute[Any], value: object) -> None:
    if not (isinstance(value, tuple) and all(isinstance(each, Field) for each in value)):
        refuse(
            TypeError, attribute.name, value, "a tuple of Field, with a comma after a single one"
        )


def _check_record(_: object, attribute: attrs.Attribute[Any], value: object) -> None:
    is_none = value is None and attribute.name == "movie"
    if not (isinstance(value, Record) or is_none):
        refuse(TypeError, attribute.name, value, "a Record")


def _check_encoding(_: object, attribute: attrs.Attribute[Any], value: object) -> None:
    name = codec_name(value) if isinstance(value, str) else None
    if name is None or name == "ascii" or not (name == "utf-8" or is_eight_bit(name)):
        refuse(ValueError, attribute.name, value, "'utf-8', or an 8-bit encoding beyond ASCII")


def _check_scale(_: object, attribute: attrs.Attribute[Any], value: object) -> None:
    is_finite = isinstance(value, int | float) and 0 < value <= sys.float_info.max
    if not is_finite or float(f"{value:g}") != value:  # as it is written in a tag
        refuse(ValueError, attribute.name, value, "a number above 0, of at most six digits")


def _check_pattern(_: object, attribute: attrs.Attribute[Any], value: object) -> None:
    if value not in _DATE_PATTERNS:
        refuse(ValueError, attribute.name, value, f"one of {_DATE_PATTERNS}")


@attrs.frozen(cache_hash=True)  # values are looked up by their field
class Field:
    """A child element of a record, or an attribute of its tag.

    Args:
        element: Its name, as the format spells it.
        target: Name of the attribute of the record that it becomes; with `in_extra`, its key in
            `extra`.
        value: What its text becomes.
        is_body: Whether the names of other elements are only words inside it.
        none: Whole texts that mean *no value*, such as `("null",)`. In scores and years, a number
            means every way to write it.
        scale: The highest score, of at most six digits; it becomes 1.0.
        scale_attribute: Name of the attribute of the same tag that states another `scale`. The
            field must be an attribute too.
        drops: Names of elements in it whose tags are dropped; they cannot be elements of the
            format. All whitespace between two words becomes one blank, and an empty text means
            *no value*.
        fallback: Name of the element of the same record whose text is used if this has none.
        pattern: How a date is written, as for `strftime`, with English names of months: one of
            `%Y-%m-%d`, `%d.%m.%Y`, `%d/%m/%Y`, `%m/%d/%Y`, `%B %d, %Y` and `%d %B %Y`.
        is_required: Whether a record without it has a defect. Without an optional field, the
            value is `None` and nothing is reported.
        in_extra: Whether it goes to `extra`. It is text then.
        is_attribute: Whether it is an attribute of the record's tag, and not a child element.
        of_movie: Whether it says something about the movie, in a format whose movies are implied.

    Raises:
        ValueError: There is no such target, it holds another `Value`, an option has a value that is
            not allowed, or two of them contradict each other.
        TypeError: An option has the wrong type.

    Example:
        >>> from reviewcorpus.formats import Field, Value
        >>> stars = Field("stars", "score", Value.SCORE, scale=5.0)
        >>> stars.is_text
        False
    """

    __repr__ = repr_of_fields

    element: str = attrs.field(validator=_check_str)
    target: str = attrs.field(validator=_check_str)
    value: Value = Value.HTML
    is_body: bool = attrs.field(default=False, validator=_check_flag, kw_only=True)
    none: tuple[str, ...] = attrs.field(default=(), validator=_check_none, kw_only=True)
    scale: float = attrs.field(default=1.0, validator=_check_scale, kw_only=True)
    pattern: str = attrs.field(default=ISO_DATE, validator=_check_pattern, kw_only=True)
    drops: tuple[str, ...] = attrs.field(default=(), validator=_check_names_of, kw_only=True)
    fallback: str = attrs.field(default="", validator=_check_str, kw_only=True)
    is_required: bool = attrs.field(default=True, validator=_check_flag, kw_only=True)
    in_extra: bool = attrs.field(default=False, validator=_check_flag, kw_only=True)
    is_attribute: bool = attrs.field(default=False, validator=_check_flag, kw_only=True)
    of_movie: bool = attrs.field(default=False, validator=_check_flag, kw_only=True)
    scale_attribute: str = attrs.field(default="", validator=_check_str, kw_only=True)
    none_bytes: tuple[bytes, ...] = attrs.field(init=False, repr=False, eq=False, default=())

    def __attrs_post_init__(self) -> None:
        """Check that the record will hold what its class allows."""
        wanted = Value.HTML if self.in_extra else (_OF_MOVIE | _OF_REVIEW).get(self.target)
        is_score, is_date = self.value is Value.SCORE, self.value is Value.DATE
        is_special = self.in_extra or self.is_attribute or self.of_movie or bool(self.drops)
        can_be_body = self.is_text and not is_special
        reasons = {
            "neither Movie nor Review has it; to keep it in extra, pass in_extra=True": wanted
            is None,
            f"{'extra has texts only: ' * self.in_extra}it needs {wanted}, not {self.value}": wanted
            is not (Value.HTML if self.is_text else self.value),
            "a body is a child element whose text becomes an attribute of a review": self.is_body
            and not can_be_body,
            "only text has something to drop, or a fallback": not self.is_text
            and bool(self.drops or self.fallback),
            "a fallback is for an attribute, not for a key of extra": self.in_extra
            and bool(self.fallback),
            "only a score has a scale": not is_score
            and (self.scale != 1.0 or bool(self.scale_attribute)),
            "only an attribute has a scale_attribute": not self.is_attribute
            and bool(self.scale_attribute),
            "only a date has a pattern": not is_date and self.pattern != ISO_DATE,
        }
        for reason, is_wrong in reasons.items():
            if is_wrong:
                raise ValueError(f"<{self.element}> cannot become {self.target!r}: {reason}")
        object.__setattr__(self, "none_bytes", tuple(word.encode() for word in self.none))

    @property
    def label(self) -> str:
        """Its name among the fields of its record; an attribute's begins with `@`."""
        return f"@{self.element}" if self.is_attribute else self.element

    @property
    def is_text(self) -> bool:
        """Whether it becomes text, and not a number or a date."""
        return self.value is Value.HTML or self.value is Value.TEXT

    @property
    def is_plain(self) -> bool:
        """Whether references and tags in it are only characters."""
        return self.value is Value.TEXT


@attrs.frozen
class Record:
    """An element that holds fields, in their usual order.

    Args:
        element: Name of the element, as the format spells it.
        fields: The attributes of its tag, and then its child elements.

    Raises:
        TypeError: `element` is not a `str`, or `fields` is not a tuple of `Field`.

    Example:
        >>> from reviewcorpus.formats import Field, Record
        >>> [field.element for field in Record("film", (Field("name", "title"),)).children]
        ['name']
    """

    __repr__ = repr_of_fields

    element: str = attrs.field(validator=_check_str)
    fields: tuple[Field, ...] = attrs.field(validator=_check_fields)

    @property
    def attributes(self) -> tuple[Field, ...]:
        """The fields that are attributes."""
        return tuple(field for field in self.fields if field.is_attribute)

    @property
    def children(self) -> tuple[Field, ...]:
        """The fields that are child elements."""
        return tuple(field for field in self.fields if not field.is_attribute)


@attrs.frozen(cache_hash=True)  # each reader looks its grammar up by it
class Format:
    """The two kinds of record that a file holds: movies, and the reviews in them.

    Args:
        name: Name of the format. The option `format` finds those of `known()` by name; pass your
            own format as an object.
        movie: The record of a movie; `None` if a file holds only reviews. Each review then says
            what is known about its movie, in fields that are `of_movie`.
        review: The record of a review. The last of its fields is the body.
        is_grouped: Whether reviews next to each other that say the same about their movie belong
            to one movie. Only for a format without a record of a movie.
        strips: Whether the whitespace around a value does not belong to it.
        encoding: The encoding of files that do not name theirs: UTF-8, or an 8-bit encoding.
        description: What the files are, in a few words, as `reviewcorpus formats` prints it.

    Raises:
        TypeError: `movie` or `review` is not a `Record`, or an option has the wrong type.
        ValueError: The last field of a review is not a body of text, or another field is one; a
            name is not in ASCII; two names of a record are the same or differ only in case, or two
            fields have the same target; tags of an element of the format would be dropped; a target
            is not an attribute of the record, or a key of `extra` is not a name that `dump` can
            write, in ASCII; an attribute comes after a child element; a field is `of_movie` though
            there is a record of a movie; a fallback is not a text of the same record; or there is
            no such 8-bit encoding.

    Example:
        >>> import io
        >>> import reviewcorpus as rc
        >>> from reviewcorpus.formats import Field, Format, Record
        >>> notice = Record("notice", (Field("text", "full_review", is_body=True),))
        >>> notices = Format("notices", Record("play", (Field("name", "title"),)), notice)
        >>> file = io.StringIO("<play><name>Tea</name><notice><text>Hot.</text></notice></play>")
        >>> [review.full_review for _, review in rc.iter_reviews(file, format=notices)]
        ['Hot.']
    """

    __repr__ = repr_of_fields

    name: str = attrs.field(validator=_check_str)
    movie: Record | None = attrs.field(validator=_check_record)
    review: Record = attrs.field(validator=_check_record)
    is_grouped: bool = attrs.field(default=False, validator=_check_flag, kw_only=True)
    strips: bool = attrs.field(default=False, validator=_check_flag, kw_only=True)
    encoding: str = attrs.field(default="utf-8", validator=_check_encoding, kw_only=True)
    description: str = attrs.field(default="", validator=_check_str, kw_only=True)

    def __attrs_post_init__(self) -> None:
        """Check that the reader can find the body, and tell the fields apart."""
        keys = {record.element.lower() for record in self.records}
        if len(keys) != len(self.records):
            raise ValueError("movies and reviews must have different elements")
        for record in self.records:
            _check_names(record, keys, {name.lower() for name in self.elements})
            _check_targets(record, is_movie=record is self.movie)
            is_first = [field.is_attribute for field in record.fields]
            if is_first != sorted(is_first, reverse=True):
                raise ValueError(f"the attributes of <{record.element}> must come first")
        fields = [field for record in self.records for field in record.fields]
        says_movie = any(field.of_movie for field in fields)
        if self.movie is not None and (says_movie or self.is_grouped):
            raise ValueError("a format with a movie record cannot have of_movie or is_grouped")
        if self.is_grouped and not says_movie:
            raise ValueError("is_grouped needs a field of the review that is of_movie")
        bodies = [field for field in fields if field.is_body]
        if not bodies or bodies != [*self.review.fields[-1:]]:
            raise ValueError(
                f"the last field of <{self.review.element}>, and no other, must have is_body=True"
            )

    @property
    def records(self) -> tuple[Record, ...]:
        """The kinds of record that it has, movies before reviews."""
        return (self.review,) if self.movie is None else (self.movie, self.review)

    @property
    def elements(self) -> tuple[str, ...]:
        """The name of every element, records before their fields."""
        names = [record.element for record in self.records]
        names += [field.element for record in self.records for field in record.children]
        return tuple(names)


def _check_names(record: Record, keys: set[str], elements: set[str]) -> None:
    names = [field.element.lower() for field in record.fields]
    names += [field.scale_attribute.lower() for field in record.fields if field.scale_attribute]
    if len(keys.union(names)) != len(keys) + len(names):
        raise ValueError(f"two elements or attributes of <{record.element}> have the same name")
    drops = {name for field in record.fields for name in field.drops}
    if dropped := sorted(name for name in drops if name.lower() in elements):
        raise ValueError(
            f"tags of {', '.join(dropped)} cannot be dropped: they are elements of the format"
        )
    names += [record.element.lower(), *map(str.lower, drops)]
    if wrong := sorted(repr(name) for name in names if not _is_name(name)):
        raise ValueError(
            f"elements must have names in ASCII of at most {_LONGEST_NAME} characters,"
            f" unlike {', '.join(wrong)}"
        )


def _check_targets(record: Record, *, is_movie: bool) -> None:
    for field in record.fields:
        allowed = _OF_MOVIE if is_movie or field.of_movie else _OF_REVIEW
        if not field.in_extra and field.target not in allowed:
            owner = "movie" if allowed is _OF_MOVIE else "review"
            raise ValueError(f"<{field.element}> cannot be {field.target!r} of a {owner}")
    targets = {(field.in_extra, field.target) for field in record.fields}
    if len(targets) != len(record.fields):
        raise ValueError(f"two fields of <{record.element}> have the same target")
    for field in record.fields:
        others = [
            other
            for other in record.fields
            if other.element == field.fallback
            and other.is_text
            and not other.is_body
            and other.of_movie is field.of_movie
            and other is not field
        ]
        if field.fallback and not others:
            raise ValueError(f"<{record.element}> has no text <{field.fallback}>")
        key = field.target.lower()
        if field.in_extra and (key in _WRITTEN | INLINE_ELEMENTS or not _is_name(key)):
            raise ValueError(
                f"{field.target!r} cannot be in extra: a key is a name in ASCII of at most"
                f" {_LONGEST_NAME} characters that neither <movie> nor HTML has"
            )


def _is_name(name: str) -> bool:
    # Without a pattern, which would be compiled at each import for the formats of this module.
    return (
        0 < len(name) <= _LONGEST_NAME
        and name[0] in _FIRST_LETTERS
        and _NAME_LETTERS.issuperset(name)
    )


_NO_SCORE = (NULL, MISSING_SCORE)
_nullable = partial(Field, none=(NULL,))

MOVIE_RECORD = Record(
    "movie",
    (
        _nullable("title", "title"),
        _nullable("link", "link"),
        _nullable("year", "year", Value.YEAR),
        _nullable("generalScore", "general_score", Value.SCORE, none=_NO_SCORE),
    ),
)

MOVIE = Format(
    name="movie",
    description="movies with their reviews, as crawled from IMDb; clean files have this format",
    movie=MOVIE_RECORD,
    review=Record(
        "review",
        (
            _nullable("date", "date", Value.DATE),
            _nullable("username", "username"),
            _nullable("score", "score", Value.SCORE, none=_NO_SCORE),
            _nullable("shortDescription", "short_description"),
            _nullable("fullReview", "full_review", is_body=True),
        ),
    ),
)
"""The format of the `<movie>` crawler, described in docs/format.md. `dump` writes it too."""
# In lower case. No key of `extra` can be one of them, in any format.
_WRITTEN = frozenset(name.lower() for name in MOVIE.elements)

SENSCRITIQUE = Format(
    name="senscritique",
    description="movies, series, books, comics and music, from the French site SensCritique",
    movie=Record(
        "sensCritiqueEntity",
        (
            _nullable("nameEn", "nameEn", in_extra=True),
            _nullable("nameFr", "title", fallback="nameEn"),
            _nullable("typeEn", "typeEn", in_extra=True),
            _nullable("typeFr", "typeFr", in_extra=True),
            _nullable("year", "year", Value.YEAR, none=(NULL, "0")),
            _nullable("link", "link"),
            _nullable("generalScore", "general_score", Value.SCORE, scale=10.0),
            _nullable(
                "scoreDistribution", "scoreDistribution", in_extra=True, drops=("numberOfVoters",)
            ),
        ),
    ),
    review=Record(
        "review",
        (
            _nullable("title", "short_description"),
            _nullable("author", "username"),
            _nullable("date", "date", Value.DATE),
            _nullable("score", "score", Value.SCORE),
            _nullable("content", "full_review", Value.TEXT, is_body=True),
        ),
    ),
)
"""The format of a crawl of SensCritique, a French site for movies, series, books, comics and
music."""

MUCHOCINE = Format(
    name="muchocine",
    description="Spanish reviews of movies, one per file (Cruz et al. 2008)",
    movie=None,
    review=Record(
        "review",
        (
            _nullable("author", "username", is_attribute=True),
            _nullable("title", "title", is_attribute=True, of_movie=True),
            _nullable(
                "rank",
                "score",
                Value.SCORE,
                is_attribute=True,
                scale=5.0,
                scale_attribute="maxRank",
            ),
            _nullable("source", "source", is_attribute=True, in_extra=True),
            _nullable("summary", "short_description"),
            _nullable("body", "full_review", is_body=True),
        ),
    ),
    encoding="windows-1252",
)
"""The format of muchocine, Spanish reviews of movies, one per file (Cruz et al. 2008)."""

MDSD = Format(
    name="mdsd",
    description="reviews of products: the Multi-Domain Sentiment Dataset (Blitzer et al. 2007)",
    movie=None,
    review=Record(
        "review",
        (
            _nullable("unique_id", "unique_id", in_extra=True),
            _nullable("asin", "asin", in_extra=True, of_movie=True),
            _nullable("product_name", "title", of_movie=True),
            _nullable("product_type", "product_type", in_extra=True, of_movie=True),
            _nullable("helpful", "helpful", in_extra=True),
            _nullable("rating", "score", Value.SCORE, scale=5.0),
            _nullable("title", "short_description"),
            _nullable("date", "date", Value.DATE, pattern="%B %d, %Y"),
            _nullable("reviewer", "username"),
            _nullable("reviewer_location", "reviewer_location", in_extra=True),
            _nullable("review_text", "full_review", is_body=True),
        ),
    ),
    is_grouped=True,
    strips=True,
)
"""The format of the Multi-Domain Sentiment Dataset, reviews of products (Blitzer et al. 2007)."""

_KNOWN = (MOVIE, SENSCRITIQUE, MUCHOCINE, MDSD)


def known() -> tuple[Format, ...]:
    """Return the formats that the option `format` finds by name.

    Example:
        >>> from reviewcorpus import formats
        >>> [format.name for format in formats.known()]
        ['movie', 'senscritique', 'muchocine', 'mdsd']
    """
    return _KNOWN


def find(wanted: Format | str | None) -> Format | None:
    """Return the format that an option names; `None` if each file decides.

    Args:
        wanted: A format, the name of a known one, or `None`.

    Raises:
        TypeError: It is anything else.
        ValueError: No known format has that name.
    """
    if wanted is None or isinstance(wanted, Format):
        return wanted
    if not isinstance(wanted, str):
        refuse(TypeError, "format", wanted, "a Format, the name of one, or None")
    named = {each.name: each for each in _KNOWN}
    if wanted not in named:
        refuse(ValueError, "format", wanted, f"one of {', '.join(map(repr, named))}, or a Format")
    return named[wanted]
