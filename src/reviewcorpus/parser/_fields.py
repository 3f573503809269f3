"""From the raw text of a field to its value: numbers, dates, years, and what means *no value*."""

from __future__ import annotations

import datetime
import re
from typing import TYPE_CHECKING, Any

from reviewcorpus.defects import DefectKind
from reviewcorpus.formats import MISSING_SCORE, NULL, Value
from reviewcorpus.parser import _reporter as faults
from reviewcorpus.parser._grammar import AMPERSAND, LESS_THAN, RETURN, SPACE_BYTES, WHITE_SPACE

if TYPE_CHECKING:
    from collections.abc import Callable

    from reviewcorpus.formats import Field
    from reviewcorpus.parser._buffer import Buffer
    from reviewcorpus.parser._grammar import Tag
    from reviewcorpus.parser._reporter import Fault
    from reviewcorpus.parser._text import FieldText, TextReader

NULL_BYTES = NULL.encode()
_TEXT = Value.TEXT  # members of an enum are slow to look up

# Java's Double.toString writes small numbers as 5.0E-4. No "nan", "inf", "1_0" or digits of
# other scripts, all of which float() would take.
_NUMBER = re.compile(
    r"[+-]?(?:[0-9]{1,40}(?:\.[0-9]{0,40})?|\.[0-9]{1,40})(?:[eE][+-]?[0-9]{1,3})?"
)
_AROUND_VALUES = f"{WHITE_SPACE}\xa0"  # the fields are inner HTML, which has &nbsp; there
DAY_LENGTH = len("YYYY-MM-DD")
_YEAR = re.compile(r"[0-9]{1,4}")

_MOST_REMEMBERED = 1 << 14  # different dates or scores: all days of forty years
_LONGEST_REMEMBERED = 32  # bytes; no crawler writes a longer date or number


def read_score(text: str) -> float | None:
    """Return a score from 0.0 to 1.0, or `None` for -1.0; raise ValueError for anything else."""
    number = float(text) if _NUMBER.fullmatch(text) else None
    if number == MISSING_SCORE:
        return None
    if number is None or not 0.0 <= number <= 1.0:
        raise ValueError("a score from 0 to 1")
    return number


def read_date(text: str) -> datetime.date:
    """Return the day written YYYY-MM-DD; raise ValueError for anything else."""
    try:
        # It takes other forms of ISO 8601 too, but none with both hyphens at these places.
        if len(text) == DAY_LENGTH and text[4] == text[7] == "-":
            return datetime.date.fromisoformat(text)
    except ValueError:  # a thirty-first of February
        pass
    raise ValueError("a date written YYYY-MM-DD")


def read_year(text: str) -> int:
    """Return a year from 1 to 9999; raise ValueError for anything else."""
    year = int(text) if _YEAR.fullmatch(text) else 0
    if year < datetime.MINYEAR:
        raise ValueError("a year from 1 to 9999")
    return year


class Remembered(dict[bytes, Any]):
    """Values by their raw bytes; learns what it is asked for, and forgets all when it is full.

    Args:
        read: How text becomes a value; raises ValueError where it cannot.
        kind: The kind of defect where it cannot.
    """

    def __init__(self, read: Callable[[str], Any], kind: DefectKind) -> None:
        super().__init__()
        self.read = read
        self.kind = kind

    def __missing__(self, raw: bytes) -> Any:
        """Convert and keep a value; raise ValueError for one that only the slow path can read."""
        if not raw or len(raw) > _LONGEST_REMEMBERED:
            raise ValueError("not as a crawler writes it")
        value = self.read(raw.decode("ascii"))
        if len(self) >= _MOST_REMEMBERED:
            self.clear()
        self[raw] = value
        return value


REMEMBERED = {
    Value.SCORE: Remembered(read_score, DefectKind.INVALID_SCORE),
    Value.DATE: Remembered(read_date, DefectKind.INVALID_DATE),
    Value.YEAR: Remembered(read_year, DefectKind.INVALID_YEAR),
}
"""The dates, scores and years that were read so far. All inputs share them, since small files have
few days each and the same ones."""


def _add_fault(result: FieldText, fault: Fault) -> None:
    """Put a fault among those of a field, where it belongs by its place."""
    result.faults.append(fault)
    result.faults.sort(key=lambda each: each.start)


def _convert(field: Field, raw: bytes, result: FieldText) -> Any:
    """Return the value of a field that is not text; add a fault where it has none."""
    known = REMEMBERED[field.value]
    text = result.text.strip(_AROUND_VALUES)
    is_null = text == NULL and NULL_BYTES in raw and b"<" not in raw  # as written, not in CDATA
    if not text or (is_null and field.has_null):
        return None
    try:
        return known.read(text)
    except ValueError as error:
        stripped = raw.strip(SPACE_BYTES)
        start = raw.find(stripped)
        end = start + len(stripped)
        _add_fault(result, faults.invalid_value(known.kind, start, end, text, str(error)))
        return None


class FieldReader:
    """Reads the fields of one input.

    Args:
        buffer: The bytes being looked at.
        text_reader: Reads the text of a field.
    """

    def __init__(self, buffer: Buffer, text_reader: TextReader) -> None:
        self._buffer = buffer
        self._text_reader = text_reader

    def read(
        self,
        field: Field,
        start: int,
        end: int,
        second: Tag | None = None,
    ) -> tuple[Any, FieldText | None]:
        """Return the value of a field; and its text, if something is wrong in it.

        Args:
            field: Which field it is.
            start: Offset of its raw text.
            end: Offset just after its raw text.
            second: Start tag of the same element inside it, which was read as words.
        """
        buffer = self._buffer
        raw = buffer.slice(start, end)
        if raw == NULL_BYTES and field.has_null:
            return None, None
        is_legal = start >= buffer.illegal_until
        if second is None:
            try:
                if field.value is not _TEXT:
                    return REMEMBERED[field.value][raw], None
                if is_legal and not (AMPERSAND in raw or LESS_THAN in raw or RETURN in raw):
                    return buffer.charset.decode(raw), None
            except ValueError:  # bytes that are not text, a fault in a date, white space around it
                pass
        result = self._text_reader.read(raw, is_legal=is_legal)
        value: Any = result.text
        if field.value is not _TEXT:
            value = _convert(field, raw, result)
        if second is not None:
            inside = second.start - start, second.end - start
            _add_fault(result, faults.second_body(*inside, field.element))
        return value, result if result.faults else None
