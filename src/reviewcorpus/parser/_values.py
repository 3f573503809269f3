"""Numbers, dates and years: from text to values, each read once and remembered."""

from __future__ import annotations

import datetime
import re
from typing import TYPE_CHECKING, Any

from reviewcorpus.defects import DefectKind
from reviewcorpus.formats import MISSING_SCORE, NULL, Value

if TYPE_CHECKING:
    from collections.abc import Callable

NULL_BYTES = NULL.encode()

# Java's Double.toString writes small numbers as 5.0E-4. No "nan", "inf", "1_0" or digits of
# other scripts, all of which float() would take.
_NUMBER = r"[+-]?(?:[0-9]{1,40}(?:\.[0-9]{0,40})?|\.[0-9]{1,40})(?:[eE][+-]?[0-9]{1,3})?"
_DAY_LENGTH = len("YYYY-MM-DD")
_YEAR = r"[0-9]{1,4}"

_MOST_REMEMBERED = 1 << 14  # different dates or scores: all days of forty years
_LONGEST_REMEMBERED = 32  # bytes; no crawler writes a longer date or number


def read_score(text: str) -> float | None:
    """Return a score from 0.0 to 1.0, or `None` for -1.0; raise ValueError for anything else."""
    number = float(text) if re.fullmatch(_NUMBER, text) else None
    if number == MISSING_SCORE:
        return None
    if number is None or not 0.0 <= number <= 1.0:
        raise ValueError("a score from 0 to 1")
    return number


def read_date(text: str) -> datetime.date:
    """Return the day written YYYY-MM-DD; raise ValueError for anything else."""
    try:
        # It takes other forms of ISO 8601 too, but none with both hyphens at these places.
        if len(text) == _DAY_LENGTH and text[4] == text[7] == "-":
            return datetime.date.fromisoformat(text)
    except ValueError:  # a thirty-first of February
        pass
    raise ValueError("a date written YYYY-MM-DD")


def read_year(text: str) -> int:
    """Return a year from 1 to 9999; raise ValueError for anything else."""
    year = int(text) if re.fullmatch(_YEAR, text) else 0
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
