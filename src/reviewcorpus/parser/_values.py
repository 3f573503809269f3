"""Numbers, dates and years: from text to values, each read once and remembered."""

from __future__ import annotations

import datetime
import functools
import re
from typing import TYPE_CHECKING, Any

from reviewcorpus.defects import DefectKind
from reviewcorpus.formats import ISO_DATE, Value

if TYPE_CHECKING:
    from collections.abc import Callable

    from reviewcorpus.formats import Field

# Java's Double.toString writes small numbers as 5.0E-4. float() would also accept "nan", "inf",
# "1_0" and the digits of other scripts.
_NUMBER = r"[+-]?(?:[0-9]{1,40}(?:\.[0-9]{0,40})?|\.[0-9]{1,40})(?:[eE][+-]?[0-9]{1,3})?"
_YEAR = r"[0-9]{1,4}"
_ISO_LENGTH = len("YYYY-MM-DD")
_MONTHS = (
    "January February March April May June July August September October November December"
).split()
_DATE_PARTS = {"%Y": "(?P<Y>[0-9]{4})", "%m": "(?P<m>[0-9]{1,2})", "%d": "(?P<d>[0-9]{1,2})"}
_DATE_PARTS |= {"%B": f"(?P<B>{'|'.join(_MONTHS)})"}
_DATE_WORDS = {"%Y": "YYYY", "%m": "MM", "%d": "DD", "%B": "Month"}

_DIGITS = 40  # more than a float has
_MOST_REMEMBERED = 1 << 14  # different dates or scores: all days of forty years
_LONGEST_REMEMBERED = 32  # bytes; no crawler writes a longer date or number


def _number_in(text: str) -> float | None:
    return float(text) if re.fullmatch(_NUMBER, text) else None


def read_scale(text: str) -> float | None:
    """Return the highest possible score that a text states; `None` if it states none."""
    number = _number_in(text)
    return number if number is not None and 0 < number < float("inf") else None


def _read_score(text: str, field: Field) -> float:
    """Return a score from 0.0 to 1.0; raise ValueError for anything else."""
    number = _number_in(text)
    if number is None or not 0.0 <= number <= field.scale:
        raise ValueError(f"a score from 0 to {field.scale:g}")
    if field.scale == 1.0:
        return number
    import decimal  # 6.8 of 10 is 0.68, and not 0.6799999999999999

    divide = decimal.Context(prec=_DIGITS).divide  # not in the caller's context
    return float(divide(decimal.Decimal(text), decimal.Decimal(str(field.scale))))


def _read_date(text: str, field: Field) -> datetime.date:
    """Return the day written as the pattern says; raise ValueError for anything else."""
    pattern = field.pattern
    try:
        # `fromisoformat` accepts other forms of ISO 8601 too, but none with both hyphens here.
        if pattern != ISO_DATE:
            return _read_other_date(text, pattern)
        if len(text) == _ISO_LENGTH and text[4] == text[7] == "-":
            return datetime.date.fromisoformat(text)
    except ValueError:  # such as February 31
        pass
    raise ValueError(f"a date written {_replace_parts(pattern, _DATE_WORDS)}")


def _read_other_date(text: str, pattern: str) -> datetime.date:
    found = re.fullmatch(_replace_parts(re.escape(pattern), _DATE_PARTS), text)
    if found is None:
        raise ValueError
    parts = found.groupdict()
    month = int(parts["m"]) if "m" in parts else _MONTHS.index(parts["B"]) + 1
    return datetime.date(int(parts["Y"]), month, int(parts["d"]))


def _replace_parts(pattern: str, parts: dict[str, str]) -> str:
    for part, replacement in parts.items():
        pattern = pattern.replace(part, replacement)
    return pattern


def _read_year(text: str, _: Field) -> int:
    """Return a year from 1 to 9999; raise ValueError for anything else."""
    year = int(text) if re.fullmatch(_YEAR, text) else 0
    if year < datetime.MINYEAR:
        raise ValueError("a year from 1 to 9999")
    return year


_KINDS: dict[Value, tuple[Callable[[str, Field], Any], DefectKind]] = {
    Value.SCORE: (_read_score, DefectKind.INVALID_SCORE),
    Value.DATE: (_read_date, DefectKind.INVALID_DATE),
    Value.YEAR: (_read_year, DefectKind.INVALID_YEAR),
}


class Remembered(dict[bytes, Any]):
    """Values of one kind by their raw bytes; learns what it is asked for, forgets all when full.

    Args:
        field: A field that has them.
    """

    def __init__(self, field: Field) -> None:
        super().__init__()
        self._field = field
        self._none_numbers = {_number_in(word) for word in field.none} - {None}
        self._read, self.kind = _KINDS[field.value]

    def read(self, text: str) -> Any:
        """Return a value, or `None` for a number that means none; raise ValueError if invalid."""
        is_none = bool(self._none_numbers) and _number_in(text) in self._none_numbers
        return None if is_none else self._read(text, self._field)

    def __missing__(self, raw: bytes) -> Any:
        """Convert and keep a value; raise ValueError for one that only the slow path can read."""
        if not raw:
            return None
        if len(raw) > _LONGEST_REMEMBERED:
            raise ValueError("not as a crawler writes it")
        value = None if raw in self._field.none_bytes else self.read(raw.decode("ascii"))
        if len(self) >= _MOST_REMEMBERED:
            self.clear()
        self[raw] = value
        return value


@functools.lru_cache(maxsize=64)
def _tags(names: tuple[str, ...]) -> re.Pattern[bytes]:
    words = "|".join(map(re.escape, names))
    return re.compile(rf"</?(?:{words})[ \t\r\n]*+/?>".encode())


def blank_tags(raw: bytes, names: tuple[str, ...]) -> bytes:
    """Return the bytes of a field with each tag that does not count replaced by as many blanks."""
    return _tags(names).sub(lambda found: b" " * len(found[0]), raw)


def join_words(text: str, none: tuple[str, ...]) -> str | None:
    """Return a text with one blank for all whitespace between its words.

    Args:
        text: The text.
        none: Texts that mean *no value*; an empty text always does.
    """
    joined = " ".join(text.split())
    return None if joined in none else joined or None


@functools.lru_cache(maxsize=256)
def values_of(field: Field) -> Remembered:
    """Return the remembered values of a field that is not text.

    All inputs share them, because small files have few different dates, and often the same ones.
    """
    return Remembered(field)
