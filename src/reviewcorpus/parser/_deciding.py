"""Which of the known formats an input is in: its first record decides."""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING, NamedTuple

from reviewcorpus.formats import Format, known

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reviewcorpus.limits import Limits

_MOST = 1 << 20  # bytes of a file that are looked at, unless the limits allow less
_MOST_INSIDE = 1 << 16  # of these, in the first record
# A whole name, because one that is cut off could be another.
_START_OF_NAME = re.compile(rb"<([A-Za-z][A-Za-z0-9_.:-]*+)(?=[ \t\r\n/>])")
_ATTRIBUTE_NAME = re.compile(rb"[ \t\r\n]([A-Za-z][A-Za-z0-9_.:-]*+)[ \t\r\n]*+=")


class _Candidate(NamedTuple):
    """A format with a record of a certain name, and the lower-case names in that record."""

    table: Format
    elements: frozenset[str]
    attributes: frozenset[str]


@functools.cache
def _candidates() -> dict[str, list[_Candidate]]:
    """Return the formats by the lower-case names of their records."""
    found: dict[str, list[_Candidate]] = {}
    for table in known():
        for record in table.records:
            elements = frozenset(field.element.lower() for field in record.children)
            attributes = frozenset(field.element.lower() for field in record.attributes)
            candidate = _Candidate(table, elements, attributes)
            found.setdefault(record.element.lower(), []).append(candidate)
    return found


@functools.cache
def _marks() -> re.Pattern[bytes]:
    """Return the pattern of the opening of a comment, or of the tag of a record."""
    names = "|".join(map(re.escape, _candidates()))
    return re.compile(rf"<!--|<(/?)((?i:{names}))(?=[\s/>])".encode())


class _Undecided(Exception):
    """More bytes are needed to decide."""


def _tags_in(head: bytes, *, is_all: bool) -> Iterator[re.Match[bytes]]:
    """Yield the tags of records outside of comments; a comment without an end is text."""
    position, has_ends = 0, True
    while found := _marks().search(head, position):
        position = found.end()
        if found[2] is not None:
            yield found
        elif has_ends:
            end = head.find(b"-->", position)
            has_ends = end >= 0
            if not (has_ends or is_all):
                raise _Undecided
            position = end + 3 if has_ends else position


def format_of(head: bytes, *, final: bool, most: int = _MOST) -> Format | None:
    """Return the known format that a file is in; `None` if more bytes are needed.

    The first tag of a record decides. If several formats have such a record, it is the one that
    names most of the attributes and child elements before the next tag of a record. If no format
    names any of them, the tag is a word, and counts only if no other tag does.

    Args:
        head: The first bytes of the file.
        final: Whether that is all.
        most: How many bytes are looked at.
    """
    try:
        return _format_of(head[:most], is_all=final or len(head) >= most)
    except _Undecided:
        return None


def _format_of(head: bytes, *, is_all: bool) -> Format | None:
    tags = _tags_in(head, is_all=is_all)
    first, found = None, next(tags, None)
    while found is not None:
        following = None
        if not found[1]:  # an end tag begins no record
            candidates = _candidates()[found[2].decode().lower()]
            if len(candidates) == 1:
                return candidates[0].table
            first = first or candidates[0].table
            end = found.end() + _MOST_INSIDE
            following = next(tags, None)
            if following is not None:
                end = min(end, following.start())
            elif len(head) < end and not is_all:
                return None
            agreements = _agreements(candidates, head[found.end() : end])
            if most := max(agreements):
                return candidates[agreements.index(most)].table  # the first of the best
        found = following or next(tags, None)
    return (first or known()[0]) if is_all else None


def _agreements(candidates: list[_Candidate], inside: bytes) -> list[int]:
    """Return how many of the names that follow the name of a record each format knows."""
    tag, _, _ = inside.partition(b"<")
    attributes = {name.decode().lower() for name in _ATTRIBUTE_NAME.findall(tag)}
    elements = {name.decode().lower() for name in _START_OF_NAME.findall(inside)}
    return [
        len(each.elements & elements) + len(each.attributes & attributes) for each in candidates
    ]


class FormatFinder:
    """Finds the format of an input that comes in pieces, and keeps the pieces until then.

    Args:
        table: The format, if it is known from the beginning.
        limits: The limits of the input.

    Attributes:
        table: The format, once it is known; until then, the one for files without a record.
    """

    def __init__(self, table: Format | None, limits: Limits) -> None:
        self.table = table or known()[0]
        self._most = min(_MOST, 4 * limits.max_field_bytes)
        self._is_known = table is not None
        self._pieces: list[bytes] = []
        self._size = self._enough = 0

    def add(self, data: bytes, *, final: bool) -> bytes | None:
        """Add a piece; return all of them once the format is known.

        Args:
            data: The piece.
            final: Whether it is the last one.
        """
        self._pieces.append(data)
        self._size += len(data)
        if not self._is_known and (final or self._size >= self._enough):
            self._pieces = [b"".join(self._pieces)]
            found = format_of(self._pieces[0], final=final, most=self._most)
            self._is_known, self.table = found is not None, found or self.table
            self._enough = 2 * self._size  # or small pieces would be joined again and again
        if not self._is_known:
            return None
        pieces, self._pieces = self._pieces, []
        return b"".join(pieces)
