"""Which of the known formats an input is in: its first record tells."""

from __future__ import annotations

import functools
import re
from typing import NamedTuple

from reviewcorpus.formats import Format, known

_MOST_BEFORE = 1 << 20  # bytes before the first record
_MOST_INSIDE = 1 << 16  # bytes of a record that are looked at
# Whole, or a name that is cut off could be taken for another.
_START_OF_NAME = re.compile(rb"<([A-Za-z][A-Za-z0-9_.:-]*+)(?=[ \t\r\n/>])")
_ATTRIBUTE_NAME = re.compile(rb"[ \t\r\n]([A-Za-z][A-Za-z0-9_.:-]*+)[ \t\r\n]*+=")


class _Candidate(NamedTuple):
    """A format with a record of some name, and what it names in it, elements in lower case."""

    table: Format
    elements: frozenset[str]
    attributes: frozenset[str]


@functools.cache
def _candidates() -> dict[str, list[_Candidate]]:
    """Return the formats with a record of each name, in lower case."""
    found: dict[str, list[_Candidate]] = {}
    for table in known():
        for record in table.records:
            elements = frozenset(field.element.lower() for field in record.children)
            attributes = frozenset(field.element for field in record.attributes)
            candidate = _Candidate(table, elements, attributes)
            found.setdefault(record.element.lower(), []).append(candidate)
    return found


@functools.cache
def _tags() -> re.Pattern[bytes]:
    """Return the pattern of a comment, or of the tag of a record."""
    tag = rf"<(/?)((?i:{'|'.join(map(re.escape, _candidates()))}))(?=[\s/>])"
    return re.compile(rf"<!--.*?(?:-->|\Z)|{tag}".encode(), re.DOTALL)


def format_of(head: bytes, *, final: bool) -> Format | None:
    """Return the known format that a file is in; `None` where more bytes could tell.

    It is that of the first tag of a record. Where several formats have such a record, it is the one
    that names most of the attributes and child elements before the next tag of a record; if none
    names any, the tag is a word, which counts only if no other tag does.

    Args:
        head: The first bytes of the file.
        final: Whether that is all.
    """
    tags = _tags()
    first, position = None, 0
    while found := tags.search(head, position, _MOST_BEFORE):
        position = found.end()
        if found[2] is None or found[1]:  # neither a comment nor an end tag begins a record
            if found[2] is None and not found[0].endswith(b"-->"):
                if not final and len(head) < _MOST_BEFORE:
                    return None
                position = found.start() + 1  # it has no end, and is text
            continue
        candidates = _candidates()[found[2].decode().lower()]
        if len(candidates) == 1:
            return candidates[0].table
        first = first or candidates[0].table
        following = tags.search(head, position, position + _MOST_INSIDE)
        while following is not None and following[2] is None:
            following = tags.search(head, following.end(), position + _MOST_INSIDE)
        end = following.start() if following else position + _MOST_INSIDE
        if len(head) < end and not final:
            return None
        inside = head[position:end]
        tag, _, _ = inside.partition(b"<")
        attributes = {name.decode() for name in _ATTRIBUTE_NAME.findall(tag)}
        elements = {name.decode().lower() for name in _START_OF_NAME.findall(inside)}
        agreements = [
            len(each.elements & elements) + len(each.attributes & attributes) for each in candidates
        ]
        if most := max(agreements):
            return candidates[agreements.index(most)].table  # the first that agrees as much
    return (first or known()[0]) if final or len(head) >= _MOST_BEFORE else None


class FormatFinder:
    """Finds the format of an input that comes in pieces, and keeps these until then.

    Args:
        table: The format, if it is known from the beginning.

    Attributes:
        table: The format, once it is known; before, that of files without a record.
    """

    def __init__(self, table: Format | None) -> None:
        self.table = table or known()[0]
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
            found = format_of(self._pieces[0], final=final)
            self._is_known, self.table = found is not None, found or self.table
            self._enough = 2 * self._size  # or small pieces would be joined again and again
        if not self._is_known:
            return None
        pieces, self._pieces = self._pieces, []
        return b"".join(pieces)
