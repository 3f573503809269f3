"""The fast way through reviews: whole records in a few operations of the standard library.

It takes a review whose tags stand as the crawler writes them: in the usual order and case,
without attributes. Where the text of such a review needs care (references, stray markup, strange
bytes), only the text goes to the careful reader. Anything else is left to the careful scanner.
Both ways must give the same records and defects; a property test holds them equal.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from reviewcorpus._dialect import DIALECT, Conversion
from reviewcorpus._markup import BODY_MARK
from reviewcorpus._text import holds_illegal_bytes
from reviewcorpus._values import NULL_BYTES
from reviewcorpus.models import CheckedReview, Review

if TYPE_CHECKING:
    from reviewcorpus._build import RecordBuilder
    from reviewcorpus.limits import Limits

_S = rb"[ \t\r\n]*+"
_BODY = DIALECT.body.element.encode()
_BODY_END = b"</" + _BODY
_REVIEW = DIALECT.review.element.encode()


def _field_pattern(element: bytes) -> bytes:
    return rb"%b<%b>([^<]*+)</%b>" % (_S, element, element)


# The first pattern begins a run of reviews; the second ends the body of one and, where another
# follows, begins that too, so that each review takes one match. The empty group tells where the
# review before has ended.
_BEGIN = b"".join(
    (
        rb"%b<%b>" % (_S, _REVIEW),
        *(_field_pattern(field.element.encode()) for field in DIALECT.review.fields[:-1]),
        rb"%b<%b>" % (_S, _BODY),
    )
)
_match_first = re.compile(b"()" + _BEGIN).match
_match_next = re.compile(rb"%b>%b</%b>()(?:%b)?+" % (_BODY_END, _S, _REVIEW, _BEGIN)).match

_DATE, _SCORE = (
    next(field.conversion for field in DIALECT.review.fields if field.attribute == attribute)
    for attribute in ("date", "score")
)
_MOST_REMEMBERED = 4096  # different dates or scores; a corpus has some thousands of days
_LONGEST_REMEMBERED = 32  # bytes; a longer value is none that a crawler wrote


class _Remembered(dict[bytes, Any]):
    """Values by their raw bytes; learns what it is asked for, and forgets all when it is full."""

    def __init__(self, conversion: Conversion | None) -> None:
        super().__init__()
        assert conversion is not None  # noqa: S101 the table gives one for dates and scores
        self._read = conversion.read

    def __missing__(self, raw: bytes) -> Any:  # noqa: ANN401 a date or a number
        """Convert and keep a value; raise ValueError for one that needs care."""
        if not raw or len(raw) > _LONGEST_REMEMBERED:
            raise ValueError("not as a crawler writes it")
        value = self._read(raw.decode("ascii"))
        if len(self) >= _MOST_REMEMBERED:
            self.clear()
        self[raw] = value
        return value


class FastWay:
    """Takes runs of reviews whose tags stand as the crawler writes them."""

    def __init__(self, builder: RecordBuilder, limits: Limits) -> None:
        self._builder = builder
        self._window = builder.window
        self._limits = limits
        self._dates = _Remembered(_DATE)
        self._scores = _Remembered(_SCORE)
        self._checked_end = -1
        self._is_plain = False
        self._has_returns = False

    def run(self, position: int) -> int:
        """Take reviews from a place in the window on; give the place behind the last one."""
        data = self._window.data
        found: re.Match[bytes] | None = _match_first(data, position)
        if found is None:
            return position
        encoding = self._builder.text_reader.encoding if self._holds_plain_text() else None
        most = self._limits.max_field_bytes
        clean: list[Review] = []
        while found[2] is not None:
            start = found.end()
            end = data.find(b"<", start)
            if end < 0:
                break
            following = _match_next(data, end)
            review = None
            if following is None:
                following = self._match_behind_body(start)
                if following is None:
                    break
                end = following.start()
            elif encoding:
                review = self._read_clean(found, data[start:end], encoding)
            if end - position > most:
                break
            if review is None:
                self._builder.take_reviews(clean)
                clean.clear()
                self._builder.whole_review([*found.regs[2:], (start, end)], self._window.base)
            else:
                clean.append(review)
            position = following.end(1)
            found = following
        self._builder.take_reviews(clean)
        return position

    def _read_clean(self, found: re.Match[bytes], raw: bytes, encoding: str) -> Review | None:
        """Give the review if nothing in it needs care."""
        _, date, username, score, headline = found.groups()
        if b"&" in raw or b"&" in username or b"&" in headline:
            return None
        if self._has_returns and (b"\r" in raw or b"\r" in username or b"\r" in headline):
            return None
        if NULL_BYTES in (raw, username, headline):
            return None
        try:
            review = CheckedReview(
                self._dates[date],
                username.decode(encoding),
                self._scores[score],
                headline.decode(encoding),
                raw.decode(encoding),
            )
        except ValueError:  # UnicodeDecodeError is one too
            return None
        review.__class__ = Review  # type: ignore[assignment]
        return review  # type: ignore[return-value]

    def _holds_plain_text(self) -> bool:
        """Tell whether no byte in hand needs the careful reader; found out once for each look."""
        if self._checked_end != self._window.end:
            self._checked_end = self._window.end
            data = self._window.data
            self._is_plain = not holds_illegal_bytes(data)
            self._has_returns = b"\r" in data
        return self._is_plain

    def _match_behind_body(self, start: int) -> re.Match[bytes] | None:
        """Match what ends a body that holds a `<`; `None` where finding its end takes care."""
        data = self._window.data
        found = BODY_MARK.search(data, start)
        return _match_next(data, found.start()) if found else None
