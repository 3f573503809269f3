"""The fast way through records: whole ones in a few operations of the standard library.

It takes a review, and the head of a movie, whose tags stand as the crawler writes them: in the
usual order and case, without attributes. Where the text of such a record needs care (references,
stray markup, strange bytes), only the text goes to the careful reader. Anything else is left to
the careful scanner.
Both ways must give the same records and defects; a property test holds them equal.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from reviewcorpus._dialect import DIALECT
from reviewcorpus._fields import REMEMBERED
from reviewcorpus._markup import BODY_MARK, TAG, read_tag
from reviewcorpus._values import NULL_BYTES
from reviewcorpus.models import Review, checked_review

if TYPE_CHECKING:
    from reviewcorpus._build import RecordBuilder
    from reviewcorpus._window import Window
    from reviewcorpus.limits import Limits

_S = rb"[ \t\r\n]*+"
_BODY_FIELD = DIALECT.body
_BODY = _BODY_FIELD.element.encode()
_MOVIE = DIALECT.movie.element.encode()
_REVIEW = DIALECT.review.element.encode()
_REVIEW_END = b"</%b>" % _REVIEW


def _field_pattern(element: bytes) -> bytes:
    return rb"%b<%b>([^<]*+)</%b>" % (_S, element, element)


# The first pattern begins a run of reviews; the second ends the body of one and, where another
# follows, begins that too, so that each review takes one match.
_BEGIN = b"".join(
    (
        rb"%b<%b>" % (_S, _REVIEW),
        *(_field_pattern(field.element.encode()) for field in DIALECT.review.fields[:-1]),
        rb"%b<%b>" % (_S, _BODY),
    )
)
_match_first = re.compile(_BEGIN).match
_match_next = re.compile(rb"</%b>%b%b(?:%b)?+" % (_BODY, _S, _REVIEW_END, _BEGIN)).match
_match_head = re.compile(
    b"".join(
        (
            rb"%b(<%b>)" % (_S, _MOVIE),
            *(_field_pattern(field.element.encode()) for field in DIALECT.movie.fields),
        )
    )
).match
_match_movie_end = re.compile(rb"%b(</%b>)" % (_S, _MOVIE)).match


class _Care:
    """Where the texts in hand may need the careful reader; each byte is searched once a sign."""

    def __init__(self, window: Window) -> None:
        self.data = window.data
        self._returns_until = window.returns_until - window.base
        self._signs = [b"&"]
        if window.illegal_until > window.base:
            self._signs += window.illegal
        self._places = [-1] * len(self._signs)

    def next(self, position: int) -> int:
        """Give the next place from one on that may need care."""
        if position < self._returns_until:
            return position
        for index, sign in enumerate(self._signs):
            if self._places[index] < position:
                found = self.data.find(sign, position)
                self._places[index] = found if found >= 0 else len(self.data)
        return min(self._places)


class FastWay:
    """Takes records whose tags stand as the crawler writes them."""

    def __init__(self, builder: RecordBuilder, limits: Limits) -> None:
        self._builder = builder
        self._window = builder.window
        self._most = limits.max_field_bytes
        self._dates = REMEMBERED["date"]
        self._scores = REMEMBERED["score"]
        self._encoding = builder.text_reader.encoding
        self._care = _Care(self._window)

    def run(self, position: int) -> int:
        """Take what can be taken from a place in the window on; give the place behind it."""
        builder = self._builder
        start = -1
        while position > start:
            start = position
            if builder.is_outside:
                position = self._take_head(position)
            if builder.is_between_records:
                position = self._take_reviews(position)
                position = self._take_movie_end(position)
        return position

    def _take_head(self, position: int) -> int:
        """Take the start of a movie with all its fields, if it stands at a place."""
        window = self._window
        found = _match_head(window.data, position)
        if found is None or found.end() - found.start() > self._most:
            return position
        self._take_tag(found)
        self._builder.whole_head(found.regs[2:], window.base)
        return found.end()

    def _take_movie_end(self, position: int) -> int:
        """Take the end tag of a movie, if it stands at a place."""
        found = _match_movie_end(self._window.data, position)
        if found is None:
            return position
        self._take_tag(found)
        return found.end()

    def _take_tag(self, found: re.Match[bytes]) -> None:
        """Take the tag in the first group of a match."""
        window, builder = self._window, self._builder
        tag = TAG.match(window.data, found.start(1))
        assert tag is not None  # noqa: S101 the pattern of the match says so
        take = builder.end if tag[1] else builder.start
        take(read_tag(tag, window.base, self._encoding))

    def _take_reviews(self, position: int) -> int:
        """Take reviews from a place on; give the place behind the last one."""
        window, data = self._window, self._window.data
        first = found = _match_first(data, position)
        if first is None or found is None:
            return position
        if self._care.data is not data:
            self._care = _Care(window)
        care, reviews = self._care.next(position), list[Review]()
        is_large = len(data) > self._most
        while found.lastindex is not None:  # it begins a review
            start = found.end()
            end = data.find(b"<", start)
            following = _match_next(data, end) if end >= 0 else None
            is_plain = end <= care and following is not None
            if following is None:
                following = self._match_behind_body(start)
                if following is None:
                    break
                end = following.start()
            if is_large and end - found.start() > self._most:
                break
            if is_plain and (review := self._read_clean(found, data[start:end])) is not None:
                reviews.append(review)
            else:
                self._take_with_care(found, start, end, reviews, only_body=start <= care)
            if end > care:
                care = self._care.next(end)
            found = following
        self._builder.take_reviews(reviews)
        if found is first:
            return position
        return data.index(_REVIEW_END, found.start()) + len(_REVIEW_END)

    def _match_behind_body(self, start: int) -> re.Match[bytes] | None:
        """Match what ends a body that holds a `<`; `None` where finding its end takes care."""
        mark = BODY_MARK.search(self._window.data, start)
        return _match_next(self._window.data, mark.start()) if mark else None

    def _read_clean(
        self, found: re.Match[bytes], raw: bytes, body: str | None = None
    ) -> Review | None:
        """Give a review if its values are those of clean fields.

        Args:
            found: What begins the review.
            raw: The raw text of its body.
            body: The text of its body, if it is known.
        """
        date, username, score, headline = found.groups()
        if NULL_BYTES in (raw, username, headline):
            return None
        encoding = self._encoding
        try:
            return checked_review(
                self._dates[date],
                username.decode(encoding),
                self._scores[score],
                headline.decode(encoding),
                raw.decode(encoding) if body is None else body,
            )
        except ValueError:  # UnicodeDecodeError is one too
            return None

    def _take_with_care(
        self,
        found: re.Match[bytes],
        start: int,
        end: int,
        reviews: list[Review],
        *,
        only_body: bool,
    ) -> None:
        """Take a review that needs the careful reader.

        Args:
            found: What begins the review.
            start: Where its body begins.
            end: Where its body ends.
            reviews: The clean reviews before it.
            only_body: Whether no field before the body is known to need care.
        """
        builder, window = self._builder, self._window
        base = window.base
        if only_body:
            raw = window.data[start:end]
            is_legal = base + start >= window.illegal_until
            body = builder.text_reader.read(raw, is_legal=is_legal)
            review = self._read_clean(found, raw, body.text)
            if review is not None:
                faulty = [(_BODY_FIELD, base + start, base + end, body)] if body.faults else []
                builder.take_review(review, faulty, reviews)
                return
        builder.whole_review([*found.regs[1:], (start, end)], base, reviews)
