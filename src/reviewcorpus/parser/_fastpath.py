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

from reviewcorpus._values import NULL_BYTES
from reviewcorpus.formats import DIALECT
from reviewcorpus.models import Review, checked_review
from reviewcorpus.parser._fields import REMEMBERED
from reviewcorpus.parser._grammar import BODY_MARK, TAG, read_tag

if TYPE_CHECKING:
    from reviewcorpus.limits import Limits
    from reviewcorpus.parser._buffer import Window
    from reviewcorpus.parser._builder import RecordBuilder

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
    """Where the texts in hand may need the careful reader; each byte is searched once a sign.

    Attributes:
        place: Which bytes these are, and their offset: the same bytes may come again.
        has_returns: Whether there are carriage returns, which matter inside of texts only.
    """

    def __init__(self, window: Window) -> None:
        self.place = (window.data, window.base)
        self.has_returns = window.returns_until > window.base
        self._data = window.data
        self._signs = [b"&"]
        if window.illegal_until > window.base:
            self._signs += window.illegal
        self._places = [-1] * len(self._signs)

    def is_of(self, window: Window) -> bool:
        """Tell whether this is about the bytes that are in hand now."""
        data, base = self.place
        return data is window.data and base == window.base

    def next(self, position: int) -> int:
        """Give the next place from one on that may need care, but for carriage returns."""
        for index, sign in enumerate(self._signs):
            if self._places[index] < position:
                found = self._data.find(sign, position)
                self._places[index] = found if found >= 0 else len(self._data)
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
        data = self._window.data
        found = _match_first(data, position)
        if found is None:
            return position
        if not self._care.is_of(self._window):
            self._care = _Care(self._window)
        first: re.Match[bytes] | None = found
        reviews: list[Review] = []
        following: re.Match[bytes] | None = found
        while following is not None:
            found = self._take_clean(following, reviews)
            if found.lastindex is None:  # no review begins there
                break
            following = self._take_with_care(found, reviews)
        self._builder.take_reviews(reviews)
        if found is first:
            return position
        return data.index(_REVIEW_END, found.start()) + len(_REVIEW_END)

    def _take_clean(self, found: re.Match[bytes], reviews: list[Review]) -> re.Match[bytes]:
        """Take reviews as long as nothing in them needs care.

        Args:
            found: What begins the first of them.
            reviews: What is taken is put here.

        Returns:
            What begins the first that needs care, or what ends the last one.
        """
        data, encoding, dates, scores = self._window.data, self._encoding, self._dates, self._scores
        care, has_returns = self._care.next(found.start()), self._care.has_returns
        latest = found.start() + self._most  # no record that begins here can be too long
        keep, find, match_next = reviews.append, data.find, _match_next
        while found.lastindex is not None:  # it begins a review
            date, username, score, headline = found.groups()
            start = found.end()
            end = find(b"<", start)
            following = match_next(data, end) if 0 <= end <= care else None
            if following is None or end > latest:
                break
            raw = data[start:end]
            if NULL_BYTES in (raw, username, headline):
                break
            if has_returns and (b"\r" in raw or b"\r" in username or b"\r" in headline):
                break
            try:
                review = checked_review(
                    dates[date],
                    username.decode(encoding),
                    scores[score],
                    headline.decode(encoding),
                    raw.decode(encoding),
                )
            except ValueError:  # UnicodeDecodeError is one too
                break
            keep(review)
            found = following
        return found

    def _take_with_care(
        self, found: re.Match[bytes], reviews: list[Review]
    ) -> re.Match[bytes] | None:
        """Take a review that needs the careful reader.

        Args:
            found: What begins the review.
            reviews: The clean reviews before it, which it joins if it has no defect.

        Returns:
            What ends it; `None` where finding its end takes care too.
        """
        builder, window = self._builder, self._window
        base, start = window.base, found.end()
        end = window.data.find(b"<", start)
        following = _match_next(window.data, end) if end >= 0 else None
        if following is None and (mark := BODY_MARK.search(window.data, start)):
            end = mark.start()
            following = _match_next(window.data, end)
        if following is None or end - found.start() > self._most:
            return None
        if self._care.next(found.start()) >= start:  # in its body only
            raw, is_legal = window.data[start:end], base + start >= window.illegal_until
            body = builder.text_reader.read(raw, is_legal=is_legal)
            review = self._read_around(found, body.text)
            if review is not None and raw != NULL_BYTES:
                faulty = [(_BODY_FIELD, base + start, base + end, body)] if body.faults else []
                builder.take_review(review, faulty, reviews)
                return following
        builder.whole_review([*found.regs[1:], (start, end)], base, reviews)
        return following

    def _read_around(self, found: re.Match[bytes], body: str) -> Review | None:
        """Give a review whose body is known, if the fields before it need no care."""
        date, username, score, headline = found.groups()
        if NULL_BYTES in (username, headline) or b"\r" in username or b"\r" in headline:
            return None
        try:
            return checked_review(
                self._dates[date],
                username.decode(self._encoding),
                self._scores[score],
                headline.decode(self._encoding),
                body,
            )
        except ValueError:
            return None
