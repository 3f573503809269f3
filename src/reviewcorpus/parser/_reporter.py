"""Defects as they are met: each gets its place in the input and in the records."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Any, NoReturn, TypeAlias

from reviewcorpus._checks import visible
from reviewcorpus._values import SPACE_BYTES
from reviewcorpus.defects import (
    RAW_BYTES,
    RAW_CHARACTERS,
    CorpusSyntaxError,
    Defect,
    DefectKind,
    LimitExceeded,
    Severity,
    checked_defect,
)
from reviewcorpus.events import MovieEnded, MovieStarted
from reviewcorpus.formats import DIALECT
from reviewcorpus.models import Movie, Review

if TYPE_CHECKING:
    from reviewcorpus.formats import Record
    from reviewcorpus.limits import Limits
    from reviewcorpus.parser._buffer import Window


class LeftOut(enum.Enum):
    """Stands for a review that `errors="drop"` leaves out."""

    REVIEW = enum.auto()


Item: TypeAlias = Defect | tuple[Movie, list[Review]] | MovieStarted | MovieEnded | LeftOut
"""What reading gives. Reviews come in runs, with the movie they belong to: there are so many of
them that a step for each one is felt."""

_FIELDS = {
    record.element: {field.element: field.attribute for field in record.fields}
    for record in (DIALECT.movie, DIALECT.review)
}
_SHOWN_CHARACTERS = 40  # of the words in a message; the defect has more of them


class OpenRecord:
    """A movie or review that is being read."""

    __slots__ = ("extra", "extra_bytes", "has_error", "index", "record", "values")

    def __init__(self, record: Record, index: int) -> None:
        self.record = record
        self.index = index
        self.values: dict[str, Any] = {}
        self.extra: dict[str, str] = {}
        self.extra_bytes = 0
        self.has_error = False


class _Words:
    """Words between elements: where they begin, and the first of them up to the next markup."""

    __slots__ = ("offset", "place", "raw")

    def __init__(self, offset: int, place: tuple[int, int]) -> None:
        self.offset = offset
        self.place = place
        self.raw = b""


class Reporter:
    """Turns faults at offsets into defects.

    Attributes:
        items: What is ready to be taken, in file order; the builder puts its records there too.
        window: The bytes in hand.
        movie: The movie that is open, if any.
        review: The review that is open, if any.
    """

    def __init__(
        self, window: Window, encoding: str, limits: Limits, *, source: str | None, strict: bool
    ) -> None:
        self.items: list[Item] = []
        self.window = window
        self.movie: OpenRecord | None = None
        self.review: OpenRecord | None = None
        self._encoding = encoding
        self._limits = limits
        self._source = source
        self._strict = strict
        self._words: _Words | None = None

    def report(  # noqa: PLR0913 the parts of a defect
        self,
        kind: DefectKind,
        start: int,
        end: int,
        message: str,
        action: str,
        *,
        element: str | None = None,
        severity: Severity | None = None,
        per_byte: bool = False,
    ) -> None:
        """Give a defect that stands from one offset to another."""
        window = self.window
        line, column = window.locate(start, per_byte=per_byte)
        at = start - window.base
        raw = window.data[at : min(end - window.base, at + RAW_BYTES)]
        severity = severity or kind.severity
        self._emit(kind, severity, message, action, start, line, column, element, raw)

    def report_no_movie(self) -> None:
        """Give the defect of an input without a record; it stands for the whole of it."""
        self._words = None
        kind, start, head = DefectKind.NO_MOVIE, self.window.start, self.window.head
        what, action = "there is no <movie> in it", "there is no record to give"
        self._emit(kind, kind.severity, what, action, start, 1, 1, None, head)

    def _emit(  # noqa: PLR0913, PLR0917 the parts of a defect
        self,
        kind: DefectKind,
        severity: Severity,
        message: str,
        action: str,
        offset: int,
        line: int,
        column: int,
        element: str | None,
        raw: bytes,
    ) -> None:
        movie, review = self.movie, self.review
        record = review or movie
        shown = raw.decode(self._encoding, "backslashreplace")
        defect = checked_defect(
            kind,
            severity,
            message,
            action,
            self._source,
            offset,
            line,
            column,
            movie.index if movie else None,
            review.index if review else None,
            element,
            _FIELDS[record.record.element].get(element or "") if record else None,
            shown[:RAW_CHARACTERS],
        )
        if self._strict and severity is not Severity.INFO:
            raise CorpusSyntaxError(defect)
        if record is not None and severity is Severity.ERROR:
            record.has_error = True
        self.items.append(defect)

    def exceed(self, offset: int, what: str, limit: str) -> NoReturn:
        """Raise the error for something at an offset that is larger than a limit."""
        line, column = self.window.locate(offset)
        number = getattr(self._limits, limit)
        unit = "bytes" if limit.endswith("bytes") else "elements"
        place = f"{self._source or '<input>'}:{line}:{column}"
        raise LimitExceeded(
            visible(f"{place}: {what} longer than {number} {unit}; ")
            + f"to read it, pass limits=Limits({limit}=...) with a larger number"
        )

    # ---- words between elements ---------------------------------------------------------

    @property
    def has_words(self) -> bool:
        """Whether words wait to be reported."""
        return self._words is not None

    def words(self, start: int, end: int) -> None:
        """Take a piece of what stands between elements; white space alone counts for nothing."""
        if self._words is None:
            stripped = self.window.slice(start, end).lstrip(SPACE_BYTES)
            if not stripped:
                return
            start = end - len(stripped)
            self._words = _Words(start, self.window.locate(start))
        words = self._words
        missing = words.offset + RAW_BYTES - start
        if missing > 0 and start == words.offset + len(words.raw):
            words.raw += self.window.slice(start, min(end, start + missing))

    def take_words(self) -> bytes:
        """Forget the words that wait; give the first of them."""
        words, self._words = self._words, None
        return words.raw.rstrip(SPACE_BYTES) if words else b""

    def end_words(self) -> None:
        """Report the words that wait, if any."""
        words = self._words
        if words is None:
            return
        kind = DefectKind.UNEXPECTED_TEXT
        record = self.review or self.movie
        raw = self.take_words()
        shown = raw.decode(self._encoding, "backslashreplace")[:_SHOWN_CHARACTERS]
        message = f"words between elements: {shown!r}"
        element = record.record.element if record else None
        self._emit(
            kind,
            kind.severity,
            message,
            "in no record",
            words.offset,
            *words.place,
            element,
            raw,
        )
