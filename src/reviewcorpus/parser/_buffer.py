"""The bytes being looked at: what is known about them, and where in the input they are.

Bytes come in at one end with `append` and go out at the other with `drop_before`. Lines and
columns are asked for in increasing order, so that each byte is counted once.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from reviewcorpus.defects import RAW_BYTES

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from reviewcorpus.parser._encoding import Charset

AMPERSAND, LESS_THAN, RETURN = b"&<\r"
"""Numbers, because `in` first tries its left side as a number, and with bytes this fails slowly."""
_CONTINUATION = bytes(range(0x80, 0xC0))  # the bytes of a UTF-8 character after its first
_BLANKS = re.compile(rb"[ \t\r\n]*+")
_NONCHARACTERS = ("\ufffe".encode(), "\uffff".encode())
_NONCHARACTER_BYTES = b"".join(_NONCHARACTERS)
_NONCHARACTER_LEAD = _NONCHARACTER_BYTES[0]
_ORDINARY = bytes(
    byte
    for byte in range(256)
    if byte == 0x09 or (byte >= 0x20 and byte not in _NONCHARACTER_BYTES)
)


def count_utf8(data: bytes) -> int:
    """Count characters so that the counts of two pieces add up, wherever the cut is."""
    return len(data) if data.isascii() else len(data.translate(None, _CONTINUATION))


class Buffer:
    """The bytes being looked at, with line and column for places asked for in increasing order.

    Offsets count bytes of the whole input from 0.

    Args:
        base: Offset of the first byte that will come.
        charset: The charset of the first document.
        wants_places: Whether the places of records will be asked for.

    Attributes:
        data: The bytes in the buffer.
        base: Offset of their first byte.
        charset: The charset of the document that is being read.
        start: Offset of the first byte of the input, after a byte order mark.
        head: The first bytes of the input.
        returns_until: Offset; no byte from there on is a carriage return.
        illegal_until: Offset; no byte from there on belongs to a character that XML forbids.
        illegal: The UTF-8 forms of the forbidden characters before that offset.
        records: Where the last record was; `None` if nobody asks.
    """

    data = b""
    head = b""
    illegal: Collection[bytes] = ()
    _line = 1
    _column = 1
    _after_return = False
    _line_feeds = 0  # in the buffer, from `_at` on
    _ampersand = -1  # position of the first one from `_signs_from` on
    _signs: dict[bytes, int] | None = None  # position of each, if there are others too
    _signs_from = 0
    records: Places | None = None

    def __init__(self, base: int, charset: Charset, *, wants_places: bool) -> None:
        self.base = self.start = self.returns_until = self.illegal_until = self._at = base
        self.charset = charset
        if wants_places:
            self.records = Places(base)

    @property
    def end(self) -> int:
        """Offset just after the bytes in the buffer."""
        return self.base + len(self.data)

    def append(self, data: bytes) -> None:
        """Add bytes at the end."""
        if (missing := RAW_BYTES - len(self.head)) > 0:
            self.head += data[:missing]
        before, known = self.data, len(self.data)
        self.data = before + data if known else data
        # One look at each byte answers all later questions: where lines end, and whether it
        # belongs to a character that XML forbids.
        signs = data.translate(None, _ORDINARY)  # line ends, and what XML may forbid
        line_feeds = signs.count(b"\n")
        self._line_feeds += line_feeds
        is_cut = known and _NONCHARACTER_LEAD in before[-2:]
        if len(signs) != line_feeds or is_cut:
            if RETURN in signs:
                self.returns_until = self.end
            if illegal := self._illegal_in(signs, known):
                self.illegal = (
                    illegal.union(self.illegal) if self.illegal_until > self.base else illegal
                )
                self.illegal_until = self.end
        self._ampersand, self._signs = -1, None

    def _illegal_in(self, signs: bytes, known: int) -> set[bytes]:
        """Return the UTF-8 forms of the forbidden characters in the bytes that were added.

        Args:
            signs: The added bytes that may belong to one, in order.
            known: How many bytes were there before.
        """
        found = {bytes([byte]) for byte in set(signs).difference(b"\r\n", _NONCHARACTER_BYTES)}
        for sign in _NONCHARACTERS:  # slow to find, so only if `signs` show that there may be one
            # One that was split ends in the first two of the added bytes.
            end = len(self.data) if sign in signs else known and known + 2
            if self.data.find(sign, max(known - 2, 0), end) >= 0:
                found.add(sign)
        return found

    def drop_before(self, offset: int) -> None:
        """Forget the bytes before an offset."""
        self.locate(offset)
        if self.records is not None:
            self.records.place_of(self, offset - self.base)
        self.data = self.data[offset - self.base :]
        self.base = offset
        self._ampersand, self._signs = -1, None

    def slice(self, start: int, end: int) -> bytes:
        """Return the bytes from one offset to another."""
        return self.data[start - self.base : end - self.base]

    @property
    def has_returns(self) -> bool:
        """Whether there may be carriage returns."""
        return self.returns_until > self.base

    def blanks_end(self, position: int) -> int:
        """Return the position after the whitespace at a position, if there is any."""
        found = _BLANKS.match(self.data, position)
        return found.end() if found else position

    def next_sign(self, position: int) -> int:
        """Return the position of the next ampersand or forbidden character, or the data's size.

        As long as positions increase, each byte is searched once for each sign.
        """
        data, illegal = self.data, self.illegal if self.illegal_until > self.base else ()
        if not illegal:  # as nearly always
            if not self._signs_from <= position <= self._ampersand:
                found = data.find(b"&", position)
                self._signs_from, self._ampersand = position, found if found >= 0 else len(data)
            return self._ampersand
        signs = self._signs
        if signs is None or position < self._signs_from:
            signs = self._signs = dict.fromkeys((b"&", *illegal), -1)
        self._signs_from = position
        for sign, place in signs.items():
            if place < position:
                found = data.find(sign, position)
                signs[sign] = found if found >= 0 else len(data)
        return min(signs.values())

    def locate(self, offset: int, count: Callable[[bytes], int] | None = None) -> tuple[int, int]:
        """Return line and column, from 1, of an offset that is not before any asked for earlier.

        Args:
            offset: Where in the input, in bytes.
            count: Counts the characters in the bytes since the last place asked for; `None` to
                count them in the document's encoding.
        """
        data, start, end = self.data, self._at - self.base, offset - self.base
        if end <= start:
            return self._line, self._column
        last = data.rfind(b"\n", start, end)
        line_feeds = 0
        if last >= 0:
            if end - start <= len(data) - end:
                line_feeds = data.count(b"\n", start, end)
            else:  # there is less to count after the place
                line_feeds = self._line_feeds - data.count(b"\n", end)
            self._line_feeds -= line_feeds
        if self._after_return or self._at < self.returns_until:
            # "\r\n" is one line end, even where two calls meet inside it.
            line_feeds += data.count(b"\r", start, end) - data.count(b"\r\n", start, end)
            line_feeds -= self._after_return and data.startswith(b"\n", start)
            last = max(last, data.rfind(b"\r", start, end))
            self._after_return = data.endswith(b"\r", start, end)
        self._at = offset
        if last >= 0:
            self._line += line_feeds
            self._column = 1
            start = last + 1
        piece = data[start:end]
        if count is not None:
            self._column += count(piece)
        elif piece.isascii() or self.charset.per_byte:
            self._column += end - start
        else:
            self._column += count_utf8(piece)
        return self._line, self._column


class Places:
    """The offset and the line of places that are asked for in increasing order."""

    def __init__(self, at: int) -> None:
        self._at = at
        self._line = 1
        self._after_return = False

    def place_of(self, buffer: Buffer, position: int) -> tuple[int, int]:
        """Return the offset and the line of a position in the data of a buffer."""
        data, start, end = buffer.data, self._at - buffer.base, position
        if end > start:
            self._line += data.count(b"\n", start, end)
            if self._after_return or buffer.has_returns:
                # "\r\n" is one line end, even where two calls meet inside it.
                self._line += data.count(b"\r", start, end) - data.count(b"\r\n", start, end)
                self._line -= self._after_return and data.startswith(b"\n", start)
                self._after_return = data.endswith(b"\r", start, end)
            self._at = buffer.base + position
        return buffer.base + position, self._line
