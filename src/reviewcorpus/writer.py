"""Writing: the canonical form, well-formed XML that reads back to equal objects."""

from __future__ import annotations

import errno
import io
import os
import re
from collections.abc import Iterable
from functools import partial
from typing import IO, TYPE_CHECKING, Any, NamedTuple, Protocol, TypeAlias

import attrs

from reviewcorpus._atomic import write_file
from reviewcorpus._checks import refuse
from reviewcorpus.formats import MISSING_SCORE, MOVIE, NULL, Field, Record, Value
from reviewcorpus.models import Movie, Review
from reviewcorpus.parser._grammar import INLINE_ELEMENTS, NAME, fold_case
from reviewcorpus.parser._references import ILLEGAL
from reviewcorpus.sources._archives import is_packed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

WRAPPER = "movies"
"""The element around several movies; the format allows any."""


class Writable(Protocol):
    """What can be written to: an open file, binary or text, or anything that has its `write`."""

    def write(self, data: Any, /) -> object:  # noqa: ANN401 bytes or str, as the file is
        """Take bytes or characters."""


Target: TypeAlias = "str | os.PathLike[str] | Writable"
"""A path, or an open file, binary or text."""

_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"})
_NULL_AS_WORD = f"<![CDATA[{NULL}]]>"  # read as the word, since only a bare "null" means none
_NAME = re.compile(NAME)
_LONGEST_NAME = 1000  # characters; with its brackets it must stay below Limits.max_tag_bytes


def dumps(movies: Movie | Iterable[Movie]) -> str:
    """Give the canonical form of a movie, or of several.

    One movie stands alone; several stand in an element `<movies>`. A missing score is written
    `-1.0`, other missing values `null`, as the crawlers did, so that older readers keep working.
    Reading it back, with any `errors` and `limits` that are large enough, gives equal objects and
    no defect but `unknown-element` for what is in `extra`. Of no movies, nothing can be read
    back: that is `no-movie`.

    Args:
        movies: A movie, or any iterable of them.

    Raises:
        TypeError: Something is no `Movie`.
        ValueError: A text holds a character that XML cannot carry, or a name in `extra` cannot be
            the name of an element there. The error names the field.

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
    return "".join(_documents(movies))


def dump(movies: Movie | Iterable[Movie], target: Target) -> None:
    """Write the canonical form of a movie, or of several, to a file.

    To a path the file appears whole or not at all: it is written beside its place and then put
    there. A path that leads to a pipe, a device or what is open already, such as `/dev/stdout`, is
    written to as it stands. So is an open file; a movie that cannot be written is refused before
    any of it is, and so is a list or tuple of movies as a whole.

    Args:
        movies: A movie, or any iterable of them, of which one is held at a time.
        target: A path, or an open file: binary (UTF-8 is written) or text.

    Raises:
        TypeError: Something is no `Movie`, or the target is neither a path nor an open file.
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
                f"dump() writes plain XML, which {path!r} would not be read as; open the file"
                " yourself, for instance with gzip.open(path, 'wt', encoding='utf-8')"
            )
        write_file(path, partial(_write_all, pieces=_documents(movies)))
        return
    if not hasattr(target, "write"):
        raise TypeError(f"target must be a path or an open file, not {target!r}")
    if isinstance(movies, list | tuple):
        for _ in _documents(movies):
            pass  # refuse any of them before the first is written
    write = _writer(target)
    for piece in _documents(movies):
        write(piece)


# ---- where it goes ----------------------------------------------------------------------


def _writer(file: Writable) -> Callable[[str], object]:
    """Give a function that writes all of a text to an open file, binary or text."""
    try:
        file.write("")
    except TypeError:
        return lambda text: _write_bytes(file, text.encode())
    return file.write


def _write_bytes(file: Writable, data: bytes) -> None:
    rest: bytes | memoryview = data
    while rest:
        taken: Any = file.write(rest)  # a raw file may take a part only
        if taken is None:
            if isinstance(file, io.RawIOBase):  # a pipe that is full and told not to block
                raise BlockingIOError(errno.EAGAIN, "the file takes nothing more now")
            return  # a file of the user's own that does not count
        if taken == 0:
            raise OSError(errno.EIO, "the file takes nothing more")
        rest = memoryview(rest)[taken:]


def _write_all(file: IO[bytes], pieces: Iterator[str]) -> None:
    for piece in pieces:
        file.write(piece.encode())


# ---- what is written --------------------------------------------------------------------


def _documents(movies: Movie | Iterable[Movie]) -> Iterator[str]:
    """Give the canonical form in pieces, a movie each."""
    if isinstance(movies, Movie):
        yield _movie(movies, "movie")
        return
    if not isinstance(movies, Iterable):
        refuse(TypeError, "movies", movies, "a Movie or an iterable of them")
    yield f"<{WRAPPER}>\n"
    for index, movie in enumerate(movies):
        if not isinstance(movie, Movie):
            refuse(TypeError, f"movies[{index}]", movie, "a Movie")
        yield _movie(movie, f"movies[{index}]")
    yield f"</{WRAPPER}>\n"


def _movie(movie: Movie, where: str) -> str:
    lines = [f"<{MOVIE.movie.element}>"]
    lines += _fields(MOVIE.movie, movie, where, "\t")
    for index, review in enumerate(movie.reviews):
        lines.append(f"\t<{MOVIE.review.element}>")
        lines += _fields(MOVIE.review, review, f"{where}.reviews[{index}]", "\t\t")
        lines.append(f"\t</{MOVIE.review.element}>")
    lines.append(f"</{MOVIE.movie.element}>\n")
    return "\n".join(lines)


def _fields(record: Record, values: Movie | Review, where: str, indent: str) -> Iterator[str]:
    for field in record.fields:
        value = getattr(values, field.target)
        text = _value(field, value, f"{where}.{field.target}")
        yield f"{indent}<{field.element}>{text}</{field.element}>"
    for name, value in values.extra.items():
        place = f"{where}.extra[{name!r}]"
        _check_name(record, name, place)
        yield f"{indent}<{name}>{_text(value, place)}</{name}>"


def _value(field: Field, value: object, where: str) -> str:
    if value is None:
        return str(MISSING_SCORE) if field.value is Value.SCORE else NULL
    if isinstance(value, str):
        return _NULL_AS_WORD if value == NULL else _text(value, where)
    return str(value)


def _text(text: str, where: str) -> str:
    illegal = ILLEGAL.search(text)
    if illegal is not None:
        raise ValueError(
            f"{where} holds U+{ord(illegal[0]):04X} at character {illegal.start()} (from 0), which"
            " XML cannot carry; remove or replace it"
        )
    return text.translate(_ESCAPES)


class Unwritable(NamedTuple):
    """An element of `extra` that XML has no name for.

    Attributes:
        review_index: Which review of the movie has it, from 0; `None` for the movie itself.
        name: Its name.
        text: Its text.
    """

    review_index: int | None
    name: str
    text: str


def without_unwritable(movie: Movie) -> tuple[Movie, list[Unwritable]]:
    """Give a movie without what cannot be written of what was read, and what that is.

    Reading takes names for elements that XML does not have, as it takes whatever stands there.
    """
    of_movie = list(_unwritable(MOVIE.movie, movie))
    found = [Unwritable(None, *item) for item in of_movie]
    reviews = list(movie.reviews)
    for index, review in enumerate(reviews):
        lost = list(_unwritable(MOVIE.review, review)) if review.extra else []
        found += [Unwritable(index, *item) for item in lost]
        if lost:
            reviews[index] = attrs.evolve(review, extra=_without(review, lost))
    if not found:
        return movie, found
    return attrs.evolve(movie, reviews=reviews, extra=_without(movie, of_movie)), found


def _unwritable(record: Record, values: Movie | Review) -> Iterator[tuple[str, str]]:
    for name, text in values.extra.items():
        try:
            _check_name(record, name, "")
        except ValueError:
            yield name, text


def _without(values: Movie | Review, lost: list[tuple[str, str]]) -> dict[str, str]:
    names = {name for name, _ in lost}
    return {name: text for name, text in values.extra.items() if name not in names}


def _check_name(record: Record, name: str, where: str) -> None:
    """Refuse a name that would not be read back as an element of `extra`."""
    key = fold_case(name)
    known = {field.element.lower() for field in record.fields} | {
        MOVIE.movie.element,
        MOVIE.review.element,
    }
    if key in known:
        raise ValueError(f"{where} cannot be written: the format has an element {key!r}")
    if key in INLINE_ELEMENTS:
        raise ValueError(f"{where} cannot be written: {key!r} is a tag of running text in HTML")
    if len(name) > _LONGEST_NAME or not _NAME.fullmatch(name) or not _is_xml_name(name):
        raise ValueError(f"{where} cannot be written: {name[:80]!r} is no name of an XML element")


def _is_xml_name(name: str) -> bool:
    """Ask expat, whose tables of letters are older than Unicode's."""
    if name.isascii():
        return True
    from xml.parsers import expat  # noqa: PLC0415 rarely needed, and slow to import

    try:
        expat.ParserCreate("utf-8").Parse(f"<{name}/>", True)  # noqa: FBT003 positional only
    except (expat.ExpatError, UnicodeEncodeError):
        return False
    return True
