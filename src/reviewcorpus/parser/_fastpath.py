"""The fast path: whole records in a few operations of the standard library.

It reads a review, and the fields of a movie, whose tags are as a crawler writes them: in the usual
order and case, without attributes. Where the text of such a record is damaged (references, stray
markup, strange bytes), only that text goes to the slow path. Anything else is left to the scanner.
Both paths must yield the same records and defects; a property holds them equal.

It may assume that its position is between two records or fields, and returns a position that is.
"""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING, Any

import attrs

from reviewcorpus._unchecked import compile_function, unfinished
from reviewcorpus.formats import Value
from reviewcorpus.models import NO_EXTRA, Extra, Review
from reviewcorpus.parser._fields import NULL_BYTES, REMEMBERED
from reviewcorpus.parser._grammar import TAG, read_tag

if TYPE_CHECKING:
    from collections.abc import Callable

    from reviewcorpus.formats import Field
    from reviewcorpus.parser._buffer import Buffer
    from reviewcorpus.parser._builder import OpenMovie, RecordBuilder
    from reviewcorpus.parser._encoding import Charset
    from reviewcorpus.parser._grammar import Grammar, RecordGrammar, Tag

_S = rb"[ \t\r\n]*+"


def _pattern_of(field: Field) -> bytes:
    """Return the pattern of a field without markup in it; its text is one group."""
    element = re.escape(field.element).encode()
    pattern = rb"%b<%b>([^<]*+)</%b>" % (_S, element, element)
    return pattern if field.is_required else rb"(?:%b)?+" % pattern


class _Patterns:
    """The records of a format whose tags are in order, as patterns.

    Attributes:
        match_first: Matches what begins a run of reviews, up to the text of the body.
        match_next: Matches what ends the body of a review and, if another one follows, begins that
            too, so that each review takes one match. The last group is empty and matches if so.
        match_head: Matches the start tag (the first group) and all fields of a movie.
        match_movie_end: Matches the end tag of a movie (the first group).
        review_end: The end tag of a review.
        make: Makes a review of the groups of a match and its body.
    """

    def __init__(self, grammar: Grammar, charset: Charset) -> None:
        movie, review = (
            re.escape(record.element).encode() for record in (grammar.movie, grammar.review)
        )
        *fields, last = grammar.review.fields
        body = re.escape(last.element).encode()
        begin = b"%b<%b>%b%b<%b>()" % (
            _S, review, b"".join(map(_pattern_of, fields)), _S, body
        )  # fmt: skip
        self.review_end = f"</{grammar.review.element}>".encode()
        end = b"</%b>%b</%b>" % (body, _S, review)
        head = b"".join(map(_pattern_of, grammar.movie.fields))
        self.match_first = re.compile(begin).match
        self.match_next = re.compile(rb"%b(?:%b)?+" % (end, begin)).match
        self.match_head = re.compile(rb"%b(<%b>)%b" % (_S, movie, head)).match
        self.match_movie_end = re.compile(rb"%b(</%b>)" % (_S, movie)).match
        self.make = _compile_make(grammar.review, charset)


@functools.lru_cache(maxsize=32)
def _patterns(grammar: Grammar, charset: Charset) -> _Patterns:
    return _Patterns(grammar, charset)


# ---- the function that makes a review ---------------------------------------------------

_MAKE = """\
def make(groups, body, text, has_returns):
    {names} = groups
    if null in ({texts}body):
        raise ValueError("no value")
    if has_returns and ({returns}):
        raise ValueError("line ends to be normalized")
    review = unfinished()
    {stores}
    review.extra = {extra}
    review.__class__ = Review
    return review
"""


def _compile_make(record: RecordGrammar, charset: Charset) -> Callable[..., Review]:
    """Compile the function that makes a `Review` of the raw fields of a clean one.

    It is written out for the fields of the format, as attrs does for `__init__`: a loop over the
    fields would take half as long again. It raises ValueError for what the slow path must read.
    """
    *fields, body = record.fields
    names = {field.element: f"raw_{index}" for index, field in enumerate(fields)}
    texts = "".join(f"{names[field.element]}, " for field in fields if field.value is Value.TEXT)
    returns = " or ".join(f'{name} and b"\\r" in {name}' for name in texts.split(", ") if name)
    targets = {field.target: field for field in fields if not field.in_extra}
    stores = []
    for target in (each.name for each in attrs.fields(Review) if each.name != "extra"):
        value = "None"
        if target == body.target:
            value = "text"
        elif target in targets:
            value = _expression(targets[target], names, charset)
        stores.append(f"review.{target} = {value}")
    extra = "".join(
        f"{field.target!r}: {_expression(field, names, charset)}, "
        for field in fields
        if field.in_extra
    )
    source = _MAKE.format(
        names="".join(f"{name}, " for name in names.values()) + "_",
        texts=texts,
        returns=returns or "False",
        stores="\n    ".join(stores),
        extra=f"extra_of({{{extra}}})" if extra else "NO_EXTRA",
    )
    known: dict[str, Any] = {
        "null": NULL_BYTES,
        "unfinished": unfinished(Review),
        "Review": Review,
        "NO_EXTRA": NO_EXTRA,
        "extra_of": _extra_of,
        "charset": charset,
        **{value.name: values for value, values in REMEMBERED.items()},
    }
    name = f"<{record.element} in {charset.name}>"
    make: Callable[..., Review] = compile_function(source, name, known)
    return make


def _expression(field: Field, names: dict[str, str], charset: Charset) -> str:
    """Return the expression for the value of a field."""
    name = names[field.element]
    decoded = f"{name}.decode({charset.name!r})"
    text = decoded if charset.is_plain else f"charset.decode({name})"
    value = text if field.value is Value.TEXT else f"{field.value.name}[{name}]"
    return value if field.is_required else f"None if {name} is None else {value}"


def _extra_of(values: dict[str, str | None]) -> Any:
    present = {name: text for name, text in values.items() if text is not None}
    return Extra(present) if present else NO_EXTRA


# ---- where texts may be damaged ---------------------------------------------------------


class _Signs:
    """Where the texts in the buffer may be damaged; each byte is searched once per sign.

    Attributes:
        has_returns: Whether there are carriage returns, which matter inside of texts only.
    """

    def __init__(self, buffer: Buffer) -> None:
        self._place = (buffer.data, buffer.base)
        self.has_returns = buffer.returns_until > buffer.base
        self._signs = [b"&"]
        if buffer.illegal_until > buffer.base:
            self._signs += buffer.illegal
        self._places = [-1] * len(self._signs)

    def is_of(self, buffer: Buffer) -> bool:
        """Check whether this is about the bytes that are in the buffer now."""
        data, base = self._place
        return data is buffer.data and base == buffer.base

    def next(self, position: int) -> int:
        """Return the next place from a position on that may be damaged, except carriage returns."""
        data = self._place[0]
        for index, sign in enumerate(self._signs):
            if self._places[index] < position:
                found = data.find(sign, position)
                self._places[index] = found if found >= 0 else len(data)
        return min(self._places)


# ---- the path ---------------------------------------------------------------------------


class FastPath:
    """Reads records whose tags are as a crawler writes them.

    Args:
        builder: Gets the records; its buffer holds the bytes.
    """

    def __init__(self, builder: RecordBuilder) -> None:
        self._builder = builder
        self._buffer = builder.buffer
        self._most = builder.limits.max_field_bytes
        self._body = builder.grammar.review.fields[-1]
        self._body_mark = builder.grammar.body_mark
        self._charset = self._buffer.charset
        self._patterns = _patterns(builder.grammar, self._charset)
        self._signs = _Signs(self._buffer)

    def run(self, position: int) -> int:
        """Read what can be read from a place in the buffer on; return the place after it."""
        builder = self._builder
        if self._charset is not self._buffer.charset:  # another document has begun
            self._charset = self._buffer.charset
            self._patterns = _patterns(builder.grammar, self._charset)
        start = -1
        while position > start:
            start = position
            if builder.is_outside:
                position = self._read_head(position)
            movie = builder.movie_between_records
            if movie is not None:
                position = self._read_reviews(movie, position)
                position = self._read_movie_end(position)
        return position

    def _read_head(self, position: int) -> int:
        """Read the start of a movie with all its fields, if it is there."""
        found = self._patterns.match_head(self._buffer.data, position)
        if found is None or found.end() - found.start() > self._most:
            return position
        self._builder.start_whole_movie(self._tag_in(found), found.regs[2:])
        return found.end()

    def _read_movie_end(self, position: int) -> int:
        """Read the end tag of a movie, if it is there."""
        found = self._patterns.match_movie_end(self._buffer.data, position)
        if found is None:
            return position
        self._builder.end(self._tag_in(found))
        return found.end()

    def _tag_in(self, found: re.Match[bytes]) -> Tag:
        """Return the tag in the first group of a match."""
        tag = next(TAG.finditer(self._buffer.data, *found.span(1)))
        return read_tag(tag, self._buffer.base, self._charset.name)

    def _read_reviews(self, movie: OpenMovie, position: int) -> int:
        """Read reviews from a place on; return the place after the last one."""
        data, patterns = self._buffer.data, self._patterns
        found = patterns.match_first(data, position)
        if found is None:
            return position
        if not self._signs.is_of(self._buffer):
            self._signs = _Signs(self._buffer)
        first: re.Match[bytes] | None = found
        reviews: list[Review] = []
        following: re.Match[bytes] | None = found
        while following is not None:
            found = self._read_clean(following, reviews)
            if found.lastindex is None:  # no review begins there
                break
            following = self._read_damaged(movie, found, reviews)
        self._builder.add_reviews(movie, reviews)
        if found is first:
            return position
        return data.index(patterns.review_end, found.start()) + len(patterns.review_end)

    def _read_clean(self, found: re.Match[bytes], reviews: list[Review]) -> re.Match[bytes]:
        """Read reviews as long as nothing in them is damaged.

        Args:
            found: What begins the first of them.
            reviews: What is read is put here.

        Returns:
            What begins the first that is damaged, or what ends the last one.
        """
        data, charset = self._buffer.data, self._charset
        is_plain, encoding = charset.is_plain, charset.name
        damaged, has_returns = self._signs.next(found.start()), self._signs.has_returns
        latest = found.start() + self._most  # no record that begins here can be too long
        keep, find = reviews.append, data.find
        match_next, make = self._patterns.match_next, self._patterns.make
        while found.lastindex is not None:  # it begins a review
            start = found.end()
            end = find(b"<", start)
            following = match_next(data, end) if 0 <= end <= damaged else None
            if following is None or end > latest:
                break
            raw = data[start:end]
            if has_returns and b"\r" in raw:
                break
            try:
                text = raw.decode(encoding) if is_plain else charset.decode(raw)
                review = make(found.groups(), raw, text, has_returns)
            except ValueError:  # UnicodeDecodeError is one too
                break
            keep(review)
            found = following
        return found

    def _read_damaged(
        self, movie: OpenMovie, found: re.Match[bytes], reviews: list[Review]
    ) -> re.Match[bytes] | None:
        """Read a review with damaged text.

        Args:
            movie: The open movie.
            found: What begins the review.
            reviews: The clean reviews before it, which it joins if it has no defect.

        Returns:
            What ends it; `None` where only the slow path can find its end.
        """
        builder, buffer, match_next = self._builder, self._buffer, self._patterns.match_next
        data, base, start = buffer.data, buffer.base, found.end()
        end = data.find(b"<", start)
        following = match_next(data, end) if end >= 0 else None
        if following is None and (mark := self._body_mark.search(data, start)):
            end = mark.start()
            following = match_next(data, end)
        if following is None or end - found.start() > self._most:
            return None
        if self._signs.next(found.start()) >= start:  # in its body only
            raw, is_legal = data[start:end], base + start >= buffer.illegal_until
            body = builder.text_reader.read(raw, is_legal=is_legal)
            try:
                review = self._patterns.make(found.groups(), raw, body.text, has_returns=True)
            except ValueError:
                pass
            else:
                faulty = [(self._body, base + start, base + end, body)] if body.faults else []
                builder.add_review(movie, review, faulty, reviews)
                return following
        builder.whole_review(movie, [*found.regs[1:-1], (start, end)], reviews)
        return following
