"""Numbers as people read them: bars of histograms, shares, and counts."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from reviewcorpus.defects import Defect
from reviewcorpus.validation._places import Place

if TYPE_CHECKING:
    from collections.abc import Iterable

    from reviewcorpus.cli._statistics import Lengths, Scores, Years
    from reviewcorpus.validation import Problem

_FIRST_YEAR, _LAST_YEAR = 1880, 2040  # what is outside is wrong, and would make the others narrow
_MOST_SINGLE_YEARS = 20  # more of them are shown by decades
_THOUSAND = 1024  # lengths come in powers of two
NONE = "none"
"""The label of records without a value."""


class Bar(NamedTuple):
    """One bar of a histogram.

    Attributes:
        label: What is counted.
        amount: How many there are.
        share: Their share of all that the histogram counts, 0.0 to 1.0.
    """

    label: str
    amount: int
    share: float


def score_bars(scores: Scores) -> list[Bar]:
    """Give a bar for each number of stars, and one for records without a score."""
    below = [("0", scores.below)] if scores.below else []
    stars = [(str(stars), count) for stars, count in scores.stars.items()]
    return _bars([*below, *stars, (NONE, scores.without)])


def year_bars(years: Years) -> list[Bar]:
    """Give a bar for each year or decade from the first to the last, and one for no year.

    Years that no film can have share two bars at the ends.
    """
    counts = {y: n for y, n in years.counts.items() if _FIRST_YEAR <= y < _LAST_YEAR}
    before = sum(n for y, n in years.counts.items() if y < _FIRST_YEAR)
    after = sum(n for y, n in years.counts.items() if y >= _LAST_YEAR)
    rows = [(f"<{_FIRST_YEAR}", before)] if before else []
    if counts:
        first, last = min(counts), max(counts)
        step = 1 if last - first < _MOST_SINGLE_YEARS else 10
        for start in range(first // step * step, last + 1, step):
            label = str(start) if step == 1 else f"{start}s"
            rows.append((label, sum(counts.get(year, 0) for year in range(start, start + step))))
    if after:
        rows.append((f"{_LAST_YEAR}+", after))
    return _bars([*rows, (NONE, years.without)])


def length_bars(lengths: Lengths) -> list[Bar]:
    """Give a bar for each doubling from the shortest body to the longest, by its lower end."""
    counts = lengths.doublings
    if not counts:
        return []
    rows = [(0, counts[0])] if 0 in counts else []
    start, last = min((end for end in counts if end), default=1), max(counts)
    while start <= last:
        rows.append((start, counts.get(start, 0)))
        start *= 2
    return _bars([(f"{_short(start)}+", count) for start, count in rows])


def _short(number: int) -> str:
    """Give a power of two as it is short."""
    for unit in ("", "K"):
        if number < _THOUSAND:
            return f"{number}{unit}"
        number //= _THOUSAND
    return f"{number}M"


def _bars(rows: Iterable[tuple[str, int]]) -> list[Bar]:
    rows = list(rows)
    total = sum(count for _, count in rows) or 1
    return [Bar(label, count, count / total) for label, count in rows]


def number(value: float | None) -> str:
    """Give a number with commas, a mean with one digit behind the point; `-` for none."""
    if value is None:
        return "-"
    return f"{value:,}" if isinstance(value, int) else f"{value:,.1f}"


def percent(share: float | None) -> str:
    """Give a share in percent; one that is there is never shown as none."""
    if share is None:
        return "-"
    return "<0.1 %" if 0 < share < 0.0005 else f"{share:.1%}".replace("%", " %")  # noqa: PLR2004 what would be rounded to 0.0


def place_of(finding: Defect | Problem) -> str:
    """Give where a defect stands, as editors take it, or the record that a problem is about."""
    if isinstance(finding, Defect):
        return f"{finding.source}:{finding.line}:{finding.column}"
    place = Place(finding.source, finding.movie_index, finding.review_index, finding.field)
    return str(place)
