"""Writing: the canonical form, well-formed XML that reads back to equal objects."""

from __future__ import annotations

import errno
import io
import os
import re
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from functools import partial
from typing import Any, NamedTuple, Protocol, TypeAlias, TypeVar

import attrs

from reviewcorpus._atomic import open_whole
from reviewcorpus._checks import brief, refuse
from reviewcorpus.formats import (
    INLINE_ELEMENTS,
    MISSING_SCORE,
    MOVIE,
    MOVIE_RECORD,
    NULL,
    Record,
    Value,
)
from reviewcorpus.models import Movie, Review
from reviewcorpus.parser._grammar import NAME, fold_case
from reviewcorpus.sources._files import is_packed


class Writable(Protocol):
    """What can be written to: an open file, binary or text, or anything with a `write` method."""

    def write(self, data: Any, /) -> object:
        """Write bytes or characters."""


Target: TypeAlias = "str | os.PathLike[str] | Writable"
"""A path, or an open file, binary or text."""

_REFERENCES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"}  # "&" comes first
_NULL_AS_WORD = f"<![CDATA[{NULL}]]>"  # read as the word: only a bare "null" is a missing value
_LONGEST_NAME = 1000  # characters; with its brackets it must stay below Limits.max_tag_bytes
_MovieOrReview = TypeVar("_MovieOrReview", Movie, Review)


def dumps(movies: Movie | Iterable[Movie]) -> str:
    """Return the canonical form of a movie, or of several.

    One movie is written alone, several inside an element `<movies>`. A missing score is written
    `-1.0`, other missing values `null`, as the crawlers did, so that older readers keep working.
    Reading the text, with any `errors` and with `limits` that are large enough, gives equal
    objects and no defect except `unknown-element` for each element of `extra`. An empty iterable
    gives a text without a movie; reading that reports `no-movie`.

    Args:
        movies: A movie, or any iterable of movies.

    Raises:
        TypeError: Something is not a `Movie`.
        ValueError: A name in `extra` cannot be the name of an element there: XML does not allow
            it, or the format or HTML has an element of that name. The error names the field.

    Example:
        >>> import reviewcorpus as rc
        >>> movie = rc.Movie(title="Tick & Tock", year=1999)
        >>> print(rc.dumps(movie).expandtabs(2), end="")
        <movie>
          <title>Tick &amp; Tock</title>
          <link>null</link>
          <year>1999</year>
          <generalScore>-1.0</generalScore>
        </movie>
    """
    return "".join(_pieces(movies))


def dump(movies: Movie | Iterable[Movie], target: Target) -> None:
    """Write the canonical form of a movie, or of several, to a file.

    At a path, the file appears whole or not at all, and replaces one that is there: it is written
    next to it, under a name that ends in `.part`, and then renamed. A pipe, a device,
    `/dev/stdout`, `/dev/stderr` and an open file are written to directly. A movie that cannot be
    written is refused before any of it is written, and so is a list or tuple of movies as a whole.

    Args:
        movies: A movie, or any iterable of them; one is held at a time.
        target: A path, or an open file: binary (UTF-8 is written) or text.

    Raises:
        TypeError: Something is not a `Movie`, or the target is neither a path nor an open file.
        ValueError: As for `dumps`; or the path ends like that of a compressed file or archive.
        OSError: The file cannot be written.

    Example:
        >>> import io
        >>> import reviewcorpus as rc
        >>> file = io.StringIO()
        >>> rc.dump(rc.Movie(title="Paper Boats"), file)
        >>> rc.loads(file.getvalue()).title
        'Paper Boats'
    """
    if isinstance(target, str | os.PathLike):
        path = os.fspath(target)
        if is_packed(path):
            raise ValueError(
                f"dump() writes plain XML, but {brief(path)} is the name of packed data; open the"
                " file yourself, for instance with gzip.open(path, 'wt', encoding='utf-8')"
            )
        with open_whole(path) as file:
            _write_all(file, _pieces(movies))
        return
    if not hasattr(target, "write"):
        raise TypeError(f"target must be a path or an open file, not {brief(target)}")
    if isinstance(movies, list | tuple):
        for index, movie in enumerate(movies):  # refuse any before the first is written
            _require_writable(movie, f"movies[{index}]")
    _write_all(target, _pieces(movies))


# ---- where it goes ----------------------------------------------------------------------


def _write_all(file: Writable, pieces: Iterator[str]) -> None:
    write: Callable[[str], object] = file.write
    try:
        write("")
    except TypeError:
        write = partial(_write_bytes, file)
    for piece in pieces:
        write(piece)


def _write_bytes(file: Writable, text: str) -> None:
    """Write all of a text to an open binary file."""
    rest: bytes | memoryview = text.encode()
    while rest:
        taken: Any = file.write(rest)  # a raw file may take only a part
        if taken is None:
            if isinstance(file, io.RawIOBase):  # a full pipe that must not block
                raise BlockingIOError(errno.EAGAIN, "the file accepts no more data now")
            return  # a user's own file object, which does not count bytes
        if taken == 0:
            raise OSError(errno.EIO, "the file accepts no more data")
        rest = memoryview(rest)[taken:]


# ---- what is written --------------------------------------------------------------------


class _Layout:
    """What is written around the values of one kind of record."""

    def __init__(self, record: Record, indent: str) -> None:
        self.start: str = f"{indent}<{record.element}>\n"
        self.end: str = f"{indent}</{record.element}>\n"
        self.indent: str = f"{indent}\t"
        self.fields: list[tuple[str, str, str, str]] = []
        for field in record.fields:
            start, end = f"{self.indent}<{field.element}>", f"</{field.element}>\n"
            word = MISSING_SCORE if field.value is Value.SCORE else NULL
            missing = f"{start}{word}{end}" if field.is_required else ""
            self.fields.append((field.target, start, end, missing))
        self.names: set[str] = {field.element.lower() for field in record.fields}
        self.names |= {MOVIE_RECORD.element.lower(), MOVIE.review.element.lower()}

    def opened(self, values: Movie | Review) -> str:
        """Return a record without its end tag, because the reviews of a movie come before that."""
        pieces = [self.start]
        for target, start, end, missing in self.fields:
            value = getattr(values, target)
            if value is None:
                pieces.append(missing)
                continue
            if not isinstance(value, str):
                text = str(value)
            else:
                text = _NULL_AS_WORD if value == NULL else _escape(value)
            pieces += start, text, end
        for name, text in values.extra.items():
            pieces.append(f"{self.indent}<{name}>{_escape(text)}</{name}>\n")
        return "".join(pieces)


_MOVIE = _Layout(MOVIE_RECORD, "")
_REVIEW = _Layout(MOVIE.review, "\t")


def _pieces(movies: Movie | Iterable[Movie]) -> Iterator[str]:
    """Yield the canonical form in pieces, so that no more than a review is held as text."""
    if isinstance(movies, Movie):
        yield from _movie(movies, "movie")
        return
    if not isinstance(movies, Iterable):
        refuse(TypeError, "movies", movies, "a Movie or an iterable of them")
    yield "<movies>\n"  # the format allows any element around several movies
    for index, movie in enumerate(movies):
        yield from _movie(movie, f"movies[{index}]")
    yield "</movies>\n"


def _movie(movie: Movie, where: str) -> Iterator[str]:
    _require_writable(movie, where)
    yield _MOVIE.opened(movie)
    for review in movie.reviews:
        yield _REVIEW.opened(review) + _REVIEW.end
    yield _MOVIE.end


def _require_writable(movie: object, where: str) -> None:
    """Raise unless this is a movie, and every name in its `extra` and its reviews' can be written.

    Args:
        movie: What was passed as a movie.
        where: What to call it in the error.
    """
    if not isinstance(movie, Movie):
        refuse(TypeError, where, movie, "a Movie")
    _require_names(_MOVIE, movie.extra, where)
    for index, review in enumerate(movie.reviews):
        if review.extra:  # which few have
            _require_names(_REVIEW, review.extra, f"{where}.reviews[{index}]")


def _require_names(layout: _Layout, extra: Mapping[str, str], where: str) -> None:
    for name in extra:
        reason = _reason_against_name(layout, name)
        if reason:
            raise ValueError(f"{where}.extra[{brief(name)}] cannot be written: {reason}")


def _escape(text: str) -> str:
    # Most texts contain no such sign. `in` shows that in a twentieth of the time of `replace`,
    # which counts them first.
    for sign, reference in _REFERENCES.items():
        if sign in text:
            text = text.replace(sign, reference)
    return text


class Unwritable(NamedTuple):
    """An element of `extra` that cannot be written under its name.

    Attributes:
        review_index: Index of the review that has it, from 0; `None` for the movie itself.
        name: Its name.
        text: Its text.
        new_name: A name that it can be written under; `None` if there is none.
        reason: Why it cannot be written under its own.
    """

    review_index: int | None
    name: str
    text: str
    new_name: str | None
    reason: str


def writable(movie: Movie) -> tuple[Movie, list[Unwritable]]:
    """Return a movie that can be written, and the elements of `extra` that could not be.

    Reading keeps whatever is there. A name that the `<movie>` format or HTML has too, such as the
    `title` of a review of SensCritique whose start tag is lost, gets a `_` at its end. An element
    whose name XML does not allow is dropped.
    """
    found: list[Unwritable] = []
    header = _writable(_MOVIE, movie, None, found)
    reviews = [
        _writable(_REVIEW, review, index, found) for index, review in enumerate(movie.reviews)
    ]
    return (attrs.evolve(header, reviews=reviews) if found else movie), found


def _writable(
    layout: _Layout, values: _MovieOrReview, review_index: int | None, found: list[Unwritable]
) -> _MovieOrReview:
    """Return the record with names that can be written; add the others to `found`."""
    before = len(found)
    kept: dict[str, str] = {}
    for name, text in values.extra.items():
        reason = _reason_against_name(layout, name)
        new_name = name if reason is None else _other_name(layout, name, values.extra)
        if reason is not None:
            found.append(Unwritable(review_index, name, text, new_name, reason))
        if new_name is not None:
            kept[new_name] = text
    return attrs.evolve(values, extra=kept) if len(found) > before else values


def _other_name(layout: _Layout, name: str, taken: Container[str]) -> str | None:
    """Return a name with `_` at its end that is not taken; `None` if it cannot be written."""
    other = f"{name}_"
    if _reason_against_name(layout, other) is not None:
        return None  # adding more would not help
    while other in taken:
        other += "_"
    return other if _reason_against_name(layout, other) is None else None


def _reason_against_name(layout: _Layout, name: str) -> str | None:
    """Return why a name would not be read back as an element of `extra`, or `None` if it would."""
    key = fold_case(name)
    if key in layout.names:
        return f"the format has an element {key!r}"
    if key in INLINE_ELEMENTS:
        return f"{key!r} is an inline tag of HTML"
    is_name = re.fullmatch(NAME, name) and (name.isascii() or _is_name_for_expat(name))
    if len(name) > _LONGEST_NAME or not is_name:
        return f"{name[:80]!r} is not a name of an XML element"
    return None


def _is_name_for_expat(name: str) -> bool:
    """Ask expat, which reads strictly: its tables of letters are older than Unicode's."""
    from xml.parsers import expat

    try:
        expat.ParserCreate("utf-8").Parse(f"<{name}/>", True)  # noqa: FBT003 positional only
    except expat.ExpatError:
        return False
    return True
