"""From decoded text to values: numbers, dates and years, and what the format calls *none*."""

from __future__ import annotations

import datetime
import re

MISSING_SCORE = -1.0  # the crawler's number for "no score"
NULL = "null"  # what Java prints for a reference to nothing
NULL_BYTES = NULL.encode()
WHITE_SPACE = " \t\r\n"  # white space as XML has it
SPACE_BYTES = WHITE_SPACE.encode()

# Java's Double.toString writes small numbers as 5.0E-4. No "nan", "inf", "1_0" or digits of
# other scripts, all of which float() would take.
_NUMBER = re.compile(
    r"[+-]?(?:[0-9]{1,40}(?:\.[0-9]{0,40})?|\.[0-9]{1,40})(?:[eE][+-]?[0-9]{1,3})?"
)
_DAY_LENGTH = len("YYYY-MM-DD")
_YEAR = re.compile(r"[0-9]{1,4}")


def read_score(text: str) -> float | None:
    """Give a score from 0.0 to 1.0, or `None` for -1.0; raise ValueError for anything else."""
    number = float(text) if _NUMBER.fullmatch(text) else None
    if number == MISSING_SCORE:
        return None
    if number is None or not 0.0 <= number <= 1.0:
        raise ValueError("a number from 0 to 1, or -1.0 for none")
    return number


def read_date(text: str) -> datetime.date:
    """Give the day written YYYY-MM-DD; raise ValueError for anything else."""
    try:
        # It takes other forms of ISO 8601 too, but none with both hyphens at these places.
        if len(text) == _DAY_LENGTH and text[4] == text[7] == "-":
            return datetime.date.fromisoformat(text)
    except ValueError:  # a thirty-first of February
        pass
    raise ValueError("a day of the calendar, written YYYY-MM-DD")


def read_year(text: str) -> int:
    """Give a year from 1 to 9999; raise ValueError for anything else."""
    year = int(text) if _YEAR.fullmatch(text) else 0
    if year < datetime.MINYEAR:
        raise ValueError("a year from 1 to 9999")
    return year
