"""Counts of many things in bounded memory: numbers in bins, and how many texts differ."""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING

from reviewcorpus.validation._prose import fingerprint

if TYPE_CHECKING:
    from collections.abc import Iterable

_EXACT_BITS = 6  # numbers below 64 have bins of their own, each doubling above them has 32 bins
_HASHES = 1 << 60  # as many values a fingerprint can have
KEPT_HASHES = 4096  # which makes the standard error 1/64
EXACT_TEXTS = 2 * KEPT_HASHES
"""Up to so many different texts are counted exactly."""


class Bins:
    """Counts numbers from 0 on in bins that grow with them.

    A number is counted by its six first binary digits, so a bin is a 32nd of its lower end wide at
    most, and what is told of it, its middle, is off by a 64th of the number at most. Numbers below
    64 are exact, as are `least`, `most`, `count` and `total`. What is counted does not depend on
    the order, or on how it was split before merging.
    """

    def __init__(self) -> None:
        self.count = 0
        self.total = 0
        self.least: int | None = None
        self.most: int | None = None
        self._bins: Counter[int] = Counter()  # by their lower ends

    def add(self, numbers: Iterable[int]) -> None:
        """Count numbers."""
        counts = Counter(numbers)
        if not counts:
            return
        self.count += counts.total()
        self._extend(min(counts), max(counts))
        for number, count in counts.items():
            self.total += number * count
            self._bins[_lower_end(number)] += count

    def merge(self, other: Bins) -> None:
        """Count what others have counted."""
        if other.least is not None and other.most is not None:
            self._extend(other.least, other.most)
        self.count += other.count
        self.total += other.total
        self._bins.update(other._bins)

    def _extend(self, least: int, most: int) -> None:
        self.least = least if self.least is None else min(self.least, least)
        self.most = most if self.most is None else max(self.most, most)

    def quantile(self, share: float) -> int | None:
        """Give the number that this share of all is not above; `None` where there is no number.

        Args:
            share: From 0.0 to 1.0; 0.5 is the median, the lower one where there are two.
        """
        if self.least is None or self.most is None:
            return None
        rank = max(1, math.ceil(share * self.count))
        seen = 0
        ends = iter(sorted(self._bins))
        end = 0
        while seen < rank:
            end = next(ends)
            seen += self._bins[end]
        middle = end + (1 << _shift(end)) // 2
        return min(max(middle, self.least), self.most)

    def doublings(self) -> dict[int, int]:
        """Give the counts from each power of two to the next, by the lower ends; 0 by itself.

        They are exact, since no bin reaches over a power of two.
        """
        counts: Counter[int] = Counter()
        for end, count in sorted(self._bins.items()):
            counts[1 << (end.bit_length() - 1) if end else 0] += count
        return dict(counts)


def _shift(number: int) -> int:
    """Give how many binary digits of a number are not told apart."""
    return max(0, number.bit_length() - _EXACT_BITS)


def _lower_end(number: int) -> int:
    shift = _shift(number)
    return number >> shift << shift


class Distinct:
    """Counts how many texts differ: exactly up to 8192, and about so many above.

    Only the smallest of their hashes are kept: if the 4096th of them stands at a hundredth of what
    a hash can be, there are about 409,600 (*k minimum values*). The standard error is 1.6 %. The
    result is the same in every process, for every order, and however the texts were split.
    """

    def __init__(self) -> None:
        self._kept: set[int] = set()
        self._bound = _HASHES  # all hashes that were met below it are kept

    def add(self, text: str) -> None:
        """Take note of a text."""
        self._add(fingerprint(text))

    def merge(self, other: Distinct) -> None:
        """Take note of what another has taken note of."""
        if other._bound < self._bound:
            self._bound = other._bound
            self._kept = {number for number in self._kept if number < self._bound}
        for number in other._kept:
            self._add(number)

    def _add(self, number: int) -> None:
        if number < self._bound:
            self._kept.add(number)
            if len(self._kept) > EXACT_TEXTS:
                smallest = sorted(self._kept)[: KEPT_HASHES + 1]
                self._bound = smallest.pop()
                self._kept = set(smallest)

    @property
    def is_exact(self) -> bool:
        """Whether the count is no estimate."""
        return self._bound == _HASHES

    def count(self) -> int:
        """Give how many texts differ."""
        if self.is_exact:
            return len(self._kept)
        last = sorted(self._kept)[KEPT_HASHES - 1]
        return round((KEPT_HASHES - 1) * _HASHES / last)
