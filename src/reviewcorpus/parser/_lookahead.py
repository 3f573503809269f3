"""What stands at a place in the bytes in hand: a tag, a section, a piece of either, or neither.

Only looks, takes nothing. Places are counted from the first byte in hand. Where more bytes could
change the answer, it raises `NeedMore`, so that no answer depends on how the input is cut.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from reviewcorpus.parser._grammar import (
    DOCTYPE_PART,
    DOCTYPE_START,
    FIELD_MARK,
    MOVIE_START,
    RECORD_START,
    SECTION_ENDS,
    TAG,
    Tag,
    read_tag,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from reviewcorpus.limits import Limits

_SECTIONS = {opening.encode(): closing.encode() for opening, closing in SECTION_ENDS.items()}
# Longer openings that a shorter piece of the input could still become.
_OPENINGS = (b"<!--", b"<![CDATA[", b"<!DOCTYPE")
_DOCTYPE_CLOSINGS = {b"<!--": b"-->", b'"': b'"', b"'": b"'"}
_CUT_TAG = re.compile(rb"<(/?)([A-Za-z]*+)(?:([ \t\r\n/])[^<>]*+)?")


class NeedMore(Exception):  # noqa: N818 no error, but a wish
    """More bytes could change what stands here."""


class _Lookahead:
    """The next match of a pattern.

    What was found is remembered, so that each byte is read once where places are asked for in
    rising order. A scan that looks ahead for the end of a body comes back, at most once for each
    body, and searches anew.
    """

    def __init__(self, pattern: re.Pattern[bytes], data: bytes) -> None:
        self._search = pattern.search
        self._data = data
        self._asked = 0
        self._known = -1

    def next(self, position: int) -> int | None:
        """Give where the next match at or behind a position begins; `None` where there is none."""
        if not self._asked <= position <= self._known:
            found = self._search(self._data, position)
            self._asked = position
            self._known = found.start() if found else len(self._data)
        return self._known if self._known < len(self._data) else None


class View:
    """The bytes in hand, at one moment.

    Args:
        data: The bytes in hand.
        base: Offset of the first of them in the input.
        final: Whether no more bytes will come.
        limits: How long tags and sections may be.
        encoding: Encoding of the bytes.
    """

    def __init__(
        self, data: bytes, base: int, limits: Limits, *, final: bool, encoding: str = "utf-8"
    ) -> None:
        self.data = data
        self.base = base
        self.limits = limits
        self.final = final
        self.encoding = encoding
        self._lookaheads: dict[bytes, _Lookahead] = {}

    def match_tag(self, at: int) -> re.Match[bytes] | None:
        """Match the tag that begins at a `<`, if it is whole and no longer than allowed."""
        found = TAG.match(self.data, at)
        if found is not None and found.end() - at > self.limits.max_tag_bytes:
            return None
        return found

    def section_at(self, at: int) -> bytes:
        """Give the opening of the section that begins at a place, or nothing."""
        found = FIELD_MARK.match(self.data, at)
        opening = found[0] if found else b""
        if opening.startswith(b"<?"):
            return b"<?"
        return opening if opening in _SECTIONS else b""

    def section_end(self, at: int, latest: int) -> int | None:
        """Give where a section ends; `None` if it does not end in time and so is text.

        In time means before the next tag that begins a record, and with its closing at `latest`
        at the latest.
        """
        data = self.data
        opening = self.section_at(at)
        closing = _SECTIONS[opening]
        end = self._next(re.escape(closing), at + len(opening))
        record = self._next(RECORD_START.pattern, at + len(opening))
        if end is not None and end <= latest and (record is None or end < record):
            return end + len(closing)
        if end is None and record is None and not self.final and len(data) - len(closing) < latest:
            raise NeedMore
        return None

    def _next(self, pattern: bytes, position: int) -> int | None:
        lookahead = self._lookaheads.get(pattern)
        if lookahead is None:
            lookahead = _Lookahead(re.compile(pattern), self.data)
            self._lookaheads[pattern] = lookahead
        return lookahead.next(position)

    def may_become_markup(self, at: int) -> bool:
        """Tell whether more bytes could make a tag or section of what begins at a `<`."""
        data = self.data
        if self.final or len(data) - at > self.limits.max_tag_bytes:
            return False
        rest = data[at : at + len(_OPENINGS[-1])]
        if at + len(rest) == len(data) and any(
            opening.startswith(rest.upper()) for opening in _OPENINGS
        ):
            return True
        if len(rest) == 1 or rest in {b"</", b"<?"}:
            return True
        return FIELD_MARK.match(data, at) is not None and data.find(b"<", at + 1) < 0

    def is_cut_tag(self, at: int, names: Collection[str]) -> bool:
        """Tell whether the input ends inside a tag with one of some names, which begins at `at`."""
        found = _CUT_TAG.fullmatch(self.data, at)
        if found is None:
            return False
        name = found[2].decode().lower()
        return name in names if found[3] else any(known.startswith(name) for known in names)

    def is_doctype(self, at: int) -> bool:
        """Tell whether a document type declaration begins at a `<`."""
        return DOCTYPE_START.match(self.data, at) is not None

    def doctype_end(self, at: int, *, has_movie: bool) -> int:
        """Give where a document type declaration ends, at the latest before the next record.

        Args:
            at: Where it begins.
            has_movie: Whether there has been a movie, behind which a review is a record too.
        """
        data = self.data
        record = self._next((RECORD_START if has_movie else MOVIE_START).pattern, at)
        most = at + self.limits.max_field_bytes
        latest = min(len(data) if record is None else record, most)
        # A tag that begins in time must be in hand whole.
        is_decided = record is not None or len(data) > most + self.limits.max_tag_bytes
        may_grow = not is_decided and not self.final
        in_subset = False
        position = at + 1
        while part := DOCTYPE_PART.search(data, position, latest):
            position = part.end()
            if part[0] == b">":
                if not in_subset:
                    return position
            elif part[0] in b"[]":
                in_subset = part[0] == b"["
            else:
                closing = _DOCTYPE_CLOSINGS[part[0]]
                end = self._next(closing, position)
                if end is not None and end < latest:
                    position = end + len(closing)
                elif may_grow:
                    raise NeedMore
        if may_grow:
            raise NeedMore
        return latest

    def tags_in_field(self, start: int, mark: re.Pattern[bytes]) -> Iterator[Tag]:
        """Give the tags in a field, but for those in sections, as far as it may reach."""
        data = self.data
        latest = start + self.limits.max_field_bytes
        position = start
        while found := mark.search(data, position):
            at = found.start()
            if at > latest:
                return
            if self.section_at(at):
                position = self.section_end(at, latest) or at + 1
                continue
            tag = self.match_tag(at)
            if tag is not None:
                yield read_tag(tag, self.base, self.encoding)
                position = tag.end()
            elif self.may_become_markup(at):
                raise NeedMore
            else:
                position = at + 1
