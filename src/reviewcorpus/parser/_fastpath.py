"""The fast path: whole records that are clean or nearly so, in a few operations each.

`take(buffer, position, at, ...)` reads records whose tags are as a crawler writes them, in the
usual order and case, from a place between two records on. References, markup and forbidden
characters in their texts are read too. It returns what it has read, the place after that, and what
has to be known there; it keeps nothing. What it cannot take begins at that place, and is the slow
path's.

Both paths yield the same records and defects; a property holds them equal.

The function is source code, made once for a format and a kind of encoding from the template below,
as attrs makes `__init__`: a loop over the fields of a table would take half as long again.
"""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING, Any, NamedTuple

import attrs

from reviewcorpus._unchecked import compile_function, unchecked, unfinished
from reviewcorpus.events import MovieEnded, MovieStarted, ReviewRun
from reviewcorpus.models import NO_EXTRA, Extra, Movie, Review
from reviewcorpus.parser._values import blank_tags, join_words, values_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from reviewcorpus.formats import Field, Format, Record
    from reviewcorpus.parser._builder import OpenMovie
    from reviewcorpus.parser._text import Faults

_S = rb"[ \t\r\n]*+"


class Checkpoint(NamedTuple):
    """What has to be known to read on from a place between two records.

    Attributes:
        movie: The fields of the open movie, if one is open.
        movie_index: Which movie of the input it is, or the last one was, from 0; -1 for none.
        review_index: Which of its reviews will be the next, from 0.
        known: The open movie as the slow path knows it, if that has read it.
    """

    movie: Movie | None = None
    movie_index: int = -1
    review_index: int = 0
    known: OpenMovie | None = None


class Faulty(NamedTuple):
    """What is wrong in a record, which comes next.

    Attributes:
        movie_index: Which movie it is, or is in.
        review_index: Which of its reviews it is; `None` for the movie.
        fields: The faulty fields, each with its offset, and the faults in it, each with the place
            in it that its own places count from.
    """

    movie_index: int
    review_index: int | None
    fields: Faults

    @property
    def has_error(self) -> bool:
        """Whether something may be missing or wrong."""
        return any(fault.severity == "error" for *_, some in self.fields for _, fault in some)


# ---- patterns ---------------------------------------------------------------------------


def _pattern_of(field: Field, *, strips: bool) -> bytes:
    """Return the pattern of a field without markup that counts in it; its text is one group."""
    element = re.escape(field.element).encode()
    if field.is_attribute:
        # A line end or a tab in a value would be read as a blank.
        pattern = rb"""[ \t\r\n]++%b="([^"<\t\r\n]*+)\"""" % element
        if field.scale_attribute:
            scale = f'{field.scale_attribute}="{field.scale:g}"'
            pattern += rb"(?:[ \t\r\n]++%b)?+" % re.escape(scale).encode()
    else:
        text = rb"[^<]*+"
        if field.drops:
            text = rb"(?:[^<]++|</?(?:%b)>)*+" % "|".join(map(re.escape, field.drops)).encode()
        if strips:
            text = rb"\n((?:[^ \t\r\n<](?:[^\n<]*[^ \t\r\n<])?+)?+)\n"
            pattern = rb"%b<%b>%b</%b>" % (_S, element, text, element)
        else:
            pattern = rb"%b<%b>(%b)</%b>" % (_S, element, text, element)
    return pattern if field.is_required else rb"(?:%b)?+" % pattern


def _start_of(record: Record, *, strips: bool) -> bytes:
    """Return the pattern of the start tag of a record, and of its fields but a body."""
    fields = [_pattern_of(field, strips=strips) for field in record.fields if not field.is_body]
    attributes = len(record.attributes)
    blanks = _S if record.attributes else b""
    parts = re.escape(record.element).encode(), b"".join(fields[:attributes]), blanks
    return b"%b()<%b%b%b>%b" % (_S, *parts, b"".join(fields[attributes:]))


def _patterns(table: Format) -> dict[str, Any]:
    """Return what matches the records of a format whose tags are in order.

    Group 1 of the first three is empty: where a record begins.
    """
    review = re.escape(table.review.element).encode()
    body = re.escape(table.review.fields[-1].element).encode()
    start = _start_of(table.review, strips=table.strips)
    begin = b"%b%b<%b>%b" % (start, _S, body, _S if table.strips else b"")
    end = b"</%b>%b</%b>" % (body, _S, review)
    names = "|".join(map(re.escape, table.elements)).encode()
    # Tags of other elements mean nothing outside of movies.
    outside = rb"(?:%b</?(?!(?i:%b)>)[A-Za-z]{1,50}>)*+" % (_S, names)
    patterns = {
        "match_first": begin,
        # It ends a body and, if another review follows, begins that: so each takes one match.
        "match_next": rb"%b(?:%b)?+" % (end, begin),
        "match_outside": outside,
    }
    if table.movie is not None:
        movie = re.escape(table.movie.element).encode()
        patterns["match_head"] = outside + _start_of(table.movie, strips=table.strips)
        patterns["match_end"] = rb"%b</%b>%b" % (_S, movie, _S)
    return {name: re.compile(pattern).match for name, pattern in patterns.items()}


# ---- the template -----------------------------------------------------------------------

# A `$name` alone in its line is a block of lines, most of them one or more for each field.
_TEMPLATE = """\
def make(buffer, position, at, parts):
    movie, movie_index, index, known = at
    most, listens, drops = parts.most, parts.listens, parts.drops
    data, base, find, place_of = buffer.data, buffer.base, buffer.data.find, buffer.place_of
    next_sign = all_are_signs if buffer.has_returns else buffer.next_sign
    $decoder
    items, places, movie_key = [], None, None
    sign = next_sign(position)
    while True:
        $begin_movie
        begin = position
        found = match_first(data, position)
        if found is not None:
            reviews = []
            keep = reviews.append
            if place_of is not None:
                places = []
            try:
                while found.lastindex is not None:  # it begins a review
                    start = found.end()
                    end = find(b"<", start)
                    if end < 0:
                        break
                    following = match_next(data, end)
                    _, $fields = found.groups()
                    faulty = None
                    if sign >= start:
                        $decode_fields
                    else:
                        faulty = [] if listens else None
                        $read_fields
                        if sign < start:
                            sign = next_sign(start)
                    $values
                    if following is not None and end <= sign:
                        $decode_body
                    else:
                        if following is None:  # the "<" may be one of the text
                            end = find_body_end(data, end)
                            following = match_next(data, end) if end >= 0 else None
                            if following is None:
                                break
                        if listens and faulty is None:
                            faulty = []
                        $read_body
                        if sign < end:
                            sign = next_sign(end)
                    if end - begin > most:
                        break
                    begin = end
                    review = unfinished_review()
                    $review_stores
                    review.__class__ = Review
                    $find_movie
                    if faulty:
                        if reviews:
                            items.append(ReviewRun(movie, reviews, movie_index, index, places))
                            index += len(reviews)
                            reviews = []
                            keep = reviews.append
                            if places is not None:
                                places = []
                        fault = new(Faulty, (movie_index, index, faulty))
                        items.append(fault)
                        $drop
                    if places is not None:
                        places.append(place_of(found.start(1)))
                    keep(review)
                    found = following
            except ValueError:  # UnicodeDecodeError is one too
                pass
            if reviews:
                items.append(ReviewRun(movie, reviews, movie_index, index, places))
                index += len(reviews)
            position = found.end() if found.lastindex is None else found.start(1)
        $end_movie
    return items, position, new(Checkpoint, (movie, movie_index, index, known))
"""

# What is there for the element of a movie.
_BEGIN_MOVIE = """\
if movie is None:
    if position == len(data):
        break
    found = match_head(data, position)
    if found is None or (end := found.end()) - position > most:
        position = match_outside(data, position).end()
        break
    _, $head = found.groups()
    faulty = [] if listens else None
    try:
        if sign >= end:
            $decode_head
        else:
            $read_head
        $head_values
    except ValueError:
        break
    fault = Faulty(movie_index + 1, None, faulty) if faulty else None
    if drops and fault is not None and fault.has_error:
        break
    movie = unfinished_movie()
    $movie_stores
    movie.__class__ = Movie
    movie_index, index, known = movie_index + 1, 0, None
    items.append(MovieStarted(movie_index, place_of and place_of(found.start(1))))
    if fault is not None:
        items.append(fault)
    position = end
    if sign < end:
        sign = next_sign(end)
"""
_DROP = """\
if drops and fault.has_error:
    index += 1
    found = following
    continue
"""
_END_MOVIE = """\
found = match_end(data, position)
if found is None or not (known is None or known.is_complete):
    break
items.append(MovieEnded(movie, movie_index, False))
movie = known = None
position = found.end()
"""

# What is there for a movie that its reviews imply. What becomes of a movie whose reviews are
# dropped, the slow path decides.
_SKIP_OUTSIDE = """\
if position == len(data):
    break
position = match_outside(data, position).end()
"""
_FIND_MOVIE = """\
if drops and faulty and Faulty(0, 0, faulty).has_error:
    break
if movie_key != ($key):
    candidate = unfinished_movie()
    $candidate_stores
    candidate.__class__ = Movie
    movie_key = ($key)
    if $is_another:
        if reviews:
            items.append(ReviewRun(movie, reviews, movie_index, index, places))
            reviews = []
            keep = reviews.append
            if places is not None:
                places = []
        if movie is not None:
            is_dropped = drops and known is not None and not known.has_reviews
            items.append(MovieEnded(movie, movie_index, is_dropped))
        movie, movie_index, index = candidate, movie_index + 1, 0
        items.append(MovieStarted(movie_index, place_of and place_of(found.start(1))))
known = None
"""
_END_LAST = """\
if movie is not None:
    items.append(MovieEnded(movie, movie_index, False))
    movie = None
"""


def _filled(template: str, blocks: dict[str, list[str]], names: dict[str, str]) -> list[str]:
    """Return the lines of a template with blocks, indented as their names are, and with names."""
    lines: list[str] = []
    for line in template.splitlines():
        indent, _, name = line.partition("$")
        if name in blocks and not indent.strip():
            lines += [indent + each for each in blocks[name]]
        else:
            lines.append(line)
    import string

    return string.Template("\n".join(lines)).substitute(names).splitlines()


class _Writer:
    """Writes the lines for the fields of one record.

    Args:
        fields: Its fields.
        prefix: What the names of their variables begin with.
        is_plain: Whether the text is UTF-8, and nothing else has to be checked.
    """

    def __init__(self, fields: Iterable[Field], prefix: str, *, is_plain: bool) -> None:
        self._names = {f"{prefix}_{number}": field for number, field in enumerate(fields)}
        self._is_plain = is_plain

    @property
    def variables(self) -> str:
        """The names of the variables, each with a comma after it."""
        return "".join(f"{name}, " for name in self._names)

    @property
    def of_movie(self) -> str:
        """The names of those that say something of the movie, each with a comma after it."""
        return "".join(f"{name}, " for name, each in self._names.items() if each.of_movie)

    @property
    def known(self) -> dict[str, Any]:
        """What the lines call the fields, and the values of those that are not text."""
        fields = {f"field_{name}": field for name, field in self._names.items()}
        return fields | {
            f"values_{name}": values_of(field)
            for name, field in self._names.items()
            if not field.is_text
        }

    def decode(self) -> list[str]:
        """Return the lines for clean texts."""
        lines = []
        for name, field in self._texts():
            decoded = f"{name}.decode()" if self._is_plain else f"decode({name})"
            if field.drops:
                blanked = f"blank_tags({name}, {field.drops!r})"
                decoded = f"join_words({decoded.replace(name, blanked, 1)})"
            lines.append(f"{name} = {self._if_there(name, field, decoded)}")
            if field.none:
                lines += [f"if {_is_one_of(name, field.none)}:", f"    {name} = None"]
        return lines

    def read(self, *, start: str = "") -> list[str]:
        """Return the lines for texts that may not be clean.

        Args:
            start: Where the one text begins in the data; else it is the group of a match.
        """
        lines = [f"read = parts.texts.{'read_utf8' if self._is_plain else 'read_encoded'}"]
        for name, field in self._texts():
            at = start or f"found.start({list(self._names).index(name) + 2})"
            condition = f"{name} is not None" if not field.is_required else ""
            if field.none:
                is_none = _is_one_of(name, field.none_bytes)
                condition += f"{' and ' * bool(condition)}not {is_none}"
            raw = f"blank_tags({name}, {field.drops!r})" if field.drops else name
            reading = f"read({raw}, base + {at}, field_{name}, faulty)"
            reading = f"join_words({reading})" if field.drops else reading
            lines.append(
                f"{name} = {f'{reading} if {condition} else None' if condition else reading}"
            )
        return lines

    def values(self) -> list[str]:
        """Return the lines for what is not text; ValueError if one is not as a crawler has it."""
        lines = []
        for name, field in self._names.items():
            if field.is_text:
                continue
            value = f"values_{name}[{name}]"
            lines.append(f"{name} = {self._if_there(name, field, value)}")
        return lines

    def stores(
        self,
        name: str,
        record: type[attrs.AttrsInstance],
        *,
        of_movie: bool = False,
        more: dict[str, str],
    ) -> list[str]:
        """Return the lines that fill a record.

        Args:
            name: What it is called.
            record: Its class.
            of_movie: Whether it is a movie that the fields of a review imply.
            more: The expressions for what is not of these fields.
        """
        own = {name: field for name, field in self._names.items() if field.of_movie is of_movie}
        by_target = {field.target: name for name, field in own.items() if not field.in_extra}
        extra = "".join(
            f"{field.target!r}: {name}, " for name, field in own.items() if field.in_extra
        )
        by_element = {field.element: name for name, field in own.items()}
        for field in own.values():
            if field.fallback:
                first, second = by_target[field.target], by_element[field.fallback]
                by_target[field.target] = f"{second} if {first} is None else {first}"
        by_target |= {"extra": f"extra_of({{{extra}}})" if extra else "NO_EXTRA"} | more
        return [f"{name}.{each.name} = {by_target.get(each.name)}" for each in attrs.fields(record)]

    def _texts(self) -> Iterator[tuple[str, Field]]:
        return ((name, f) for name, f in self._names.items() if f.is_text)

    @staticmethod
    def _if_there(name: str, field: Field, expression: str) -> str:
        return expression if field.is_required else f"None if {name} is None else {expression}"


def _is_one_of(name: str, words: Iterable[str | bytes]) -> str:
    """Return the condition that a variable is one of a few words."""
    first, *rest = words
    return f"{name} in {(first, *rest)!r}" if rest else f"{name} == {first!r}"


def _extra_of(values: dict[str, str | None]) -> Any:
    present = {name: text for name, text in values.items() if text is not None}
    return Extra(present) if present else NO_EXTRA


@functools.lru_cache(maxsize=32)
def path_of(table: Format, *, is_plain: bool) -> Callable[..., Any]:
    """Return the function that reads whole records of a format; see the head of this module.

    Args:
        table: The format.
        is_plain: Whether the text is UTF-8, and nothing else has to be checked.
    """
    *fields, last = table.review.fields
    head = _Writer(table.movie.fields if table.movie else (), "head", is_plain=is_plain)
    review = _Writer(fields, "field", is_plain=is_plain)
    body = _Writer([last], "body", is_plain=is_plain)
    body_name = body.variables.strip(", ")
    strip = ".rstrip(blanks)" if table.strips else ""
    cut_out = f"{body_name} = data[start:end]{strip}"
    blocks = {
        "decoder": [] if is_plain else ["decode = buffer.charset.clean_decoder"],
        "decode_head": head.decode(),
        "read_head": head.read(),
        "head_values": head.values(),
        "decode_fields": review.decode(),
        "read_fields": review.read(),
        "values": review.values(),
        "decode_body": [cut_out, *body.decode()],
        "read_body": [cut_out, *body.read(start="start")],
        "movie_stores": head.stores("movie", Movie, more={"reviews": "()"}),
        "candidate_stores": review.stores(
            "candidate", Movie, of_movie=True, more={"reviews": "()"}
        ),
        "review_stores": review.stores("review", Review, more={last.target: body_name}),
    }
    names = {
        "head": head.variables or "*_",
        "fields": review.variables or "*_",
        "key": review.of_movie if table.is_grouped else "found,",
        "is_another": "candidate != movie" if table.is_grouped else "True",
    }
    parts = [_BEGIN_MOVIE, "", _DROP, _END_MOVIE]
    if table.movie is None:
        end = "" if table.is_grouped else _END_LAST
        parts = [_SKIP_OUTSIDE, _FIND_MOVIE, "", f"{end}break\n"]
    for name, part in zip(("begin_movie", "find_movie", "drop", "end_movie"), parts, strict=True):
        blocks[name] = _filled(part, blocks, names)
    source = "\n".join(_filled(_TEMPLATE, blocks, names))

    @functools.cache
    def body_mark() -> Callable[[bytes, int], re.Match[bytes] | None]:
        from reviewcorpus.parser._grammar import compiled  # only now, for few files need it

        return compiled(table).body_mark.match

    def find_body_end(data: bytes, at: int) -> int:
        match = body_mark()
        while at >= 0 and not match(data, at):  # faster than a search by the pattern
            at = data.find(b"<", at + 1)
        return at

    known = _patterns(table) | head.known | review.known | body.known
    known |= {
        "find_body_end": find_body_end,
        "all_are_signs": lambda _: -1,  # carriage returns may be anywhere
        "unfinished_movie": unfinished(Movie),
        "unfinished_review": unfinished(Review),
        "Movie": Movie,
        "extra_of": _extra_of,
        "blank_tags": blank_tags,
        "join_words": join_words,
        "NO_EXTRA": NO_EXTRA,
        "blanks": b" \t\r\n",
        "Review": Review,
        "ReviewRun": ReviewRun,
        "MovieStarted": unchecked(MovieStarted),
        "MovieEnded": unchecked(MovieEnded),
        "Faulty": Faulty,
        "Checkpoint": Checkpoint,
        "new": tuple.__new__,  # which a named tuple's own __new__ calls
    }
    kind = "UTF-8" if is_plain else "other text"
    path: Callable[..., Any] = compile_function(
        source, f"<fast path of {table.name}, {kind}>", known
    )
    return path
