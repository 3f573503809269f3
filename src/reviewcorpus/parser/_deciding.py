"""Which of the known formats an input is in: its first record tells."""

from __future__ import annotations

import functools
import re

from reviewcorpus.formats import Format, known

_MOST_LOOKED_AT = 1 << 16  # bytes, for the first record and in it
_START_OF_NAME = re.compile(rb"<([A-Za-z][A-Za-z0-9_.:-]*+)")
_ATTRIBUTE_NAME = re.compile(rb"[ \t\r\n]([A-Za-z][A-Za-z0-9_.:-]*+)[ \t\r\n]*+=")


@functools.cache
def _record_tags(tables: tuple[Format, ...]) -> re.Pattern[bytes]:
    names = sorted({record.element.lower() for table in tables for record in table.records})
    return re.compile(rf"<(/?)((?i:{'|'.join(map(re.escape, names))}))(?=[\s/>])".encode())


def format_of(head: bytes, *, final: bool) -> Format | None:
    """Return the known format that a file is in; `None` where more bytes could tell.

    It is that of the first tag of a record. Where several formats have such a record, it is the one
    that names most of the attributes and child elements up to the next tag of a record.

    Args:
        head: The first bytes of the file.
        final: Whether that is all.
    """
    tables = known()
    tags = _record_tags(tables)
    found = tags.search(head, 0, _MOST_LOOKED_AT)
    while found is not None and found[1]:  # an end tag begins no record
        found = tags.search(head, found.end(), _MOST_LOOKED_AT)
    if found is None:
        return tables[0] if final or len(head) >= _MOST_LOOKED_AT else None
    name = found[2].decode().lower()
    candidates = [
        table for table in tables if name in {record.element.lower() for record in table.records}
    ]
    if len(candidates) == 1:
        return candidates[0]
    latest = found.end() + _MOST_LOOKED_AT
    following = tags.search(head, found.end(), latest)
    if following is None and not final and len(head) < latest:
        return None
    inside = head[found.end() : following.start() if following else latest]
    children = {each.decode().lower() for each in _START_OF_NAME.findall(inside)}
    tag, _, _ = inside.partition(b"<")
    attributes = {each.decode() for each in _ATTRIBUTE_NAME.findall(tag)}

    def agreement(table: Format) -> int:
        record = next(each for each in table.records if each.element.lower() == name)
        names = {field.element.lower() for field in record.children}
        known_attributes = {field.element for field in record.attributes}
        return len(names & children) + len(known_attributes & attributes)

    return max(candidates, key=agreement)  # the first of those that agree as much


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
