"""What begins at a place in the buffer, and where does a field end?

Only looks, and changes nothing. Places are counted from the first byte in the buffer. Where more
bytes could change the answer, `NeedMore` is raised, so that no answer depends on how the input is
cut.

A *section* is a comment, a CDATA section or a processing instruction.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from reviewcorpus.parser._builder import FieldEnd
from reviewcorpus.parser._grammar import (
    DOCTYPE_PART,
    FIELD_MARK,
    SECTION_ENDS,
    SPACE_BYTES,
    TAG,
    read_tag,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from reviewcorpus.limits import Limits
    from reviewcorpus.parser._buffer import Buffer
    from reviewcorpus.parser._builder import OpenField
    from reviewcorpus.parser._grammar import Grammar, Tag

_SECTIONS = {opening.encode(): closing.encode() for opening, closing in SECTION_ENDS.items()}
# Longer openings that a shorter piece of the input could still become.
_OPENINGS = (b"<!--", b"<![CDATA[", b"<!DOCTYPE")
_DOCTYPE_CLOSINGS = {b"<!--": b"-->", b'"': b'"', b"'": b"'"}
_CLOSINGS = {sign: re.compile(re.escape(sign)) for sign in (*_SECTIONS.values(), b'"', b"'")}
_CUT_TAG = re.compile(rb"<(/?)([A-Za-z]*+)(?:([ \t\r\n/])[^<>]*+)?")


class NeedMore(Exception):
    """More bytes could change what begins here."""


class Lookahead:
    """What can be seen in a buffer at one moment.

    Args:
        buffer: The bytes being looked at; a change to them later is not seen.
        grammar: The format.
        limits: How long tags and sections may be.
        final: Whether no more bytes will come.
    """

    def __init__(self, buffer: Buffer, grammar: Grammar, limits: Limits, *, final: bool) -> None:
        self.data = buffer.data
        self.base = buffer.base
        self.encoding = buffer.encoding
        self.grammar = grammar
        self.limits = limits
        self.final = final
        self._found: dict[re.Pattern[bytes], tuple[int, int]] = {}

    def match_tag(self, at: int) -> re.Match[bytes] | None:
        """Match the tag that begins at a `<`, if it is whole and no longer than allowed."""
        found = TAG.match(self.data, at)
        if found is not None and found.end() - at > self.limits.max_tag_bytes:
            return None
        return found

    def section_at(self, at: int) -> bytes:
        """Return the opening of the section that begins at a place, or `b""`."""
        found = FIELD_MARK.match(self.data, at)
        opening = found[0] if found else b""
        if opening.startswith(b"<?"):
            return b"<?"
        return opening if opening in _SECTIONS else b""

    def section_end(self, at: int, latest: int) -> int | None:
        """Return where a section ends; `None` if it does not end in time and so is text.

        In time means before the next tag that begins a record, and with its closing at `latest`
        at the latest.
        """
        data = self.data
        opening = self.section_at(at)
        closing = _SECTIONS[opening]
        end = self._next(_CLOSINGS[closing], at + len(opening))
        record = self._next(self.grammar.record_start, at + len(opening))
        if end is not None and end <= latest and (record is None or end < record):
            return end + len(closing)
        if end is None and record is None and not self.final and len(data) - len(closing) < latest:
            raise NeedMore
        return None

    def _next(self, pattern: re.Pattern[bytes], position: int) -> int | None:
        """Return where the next match from a position on begins; `None` if there is none.

        What was found is remembered, so that each byte is read once where positions are asked for
        in increasing order. A scan that looks ahead for the end of a body comes back, at most once
        for each body, and searches again.
        """
        asked, known = self._found.get(pattern, (0, -1))
        if not asked <= position <= known:
            found = pattern.search(self.data, position)
            known = found.start() if found else len(self.data)
            self._found[pattern] = position, known
        return known if known < len(self.data) else None

    def may_become_markup(self, at: int) -> bool:
        """Check whether more bytes could make a tag or section of what begins at a `<`."""
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
        """Check whether the input ends inside a tag at `at` that has one of some names."""
        found = _CUT_TAG.fullmatch(self.data, at)
        if found is None:
            return False
        name = found[2].decode().lower()
        return name in names if found[3] else any(known.startswith(name) for known in names)

    def doctype_end(self, at: int, *, has_movie: bool) -> int:
        """Return where a document type declaration ends, at the latest before the next record.

        Args:
            at: Where it begins.
            has_movie: Whether there has been a movie, after which a review is a record too.
        """
        data = self.data
        grammar = self.grammar
        start = grammar.record_start if has_movie else grammar.movie_start
        record = self._next(start, at)
        most = at + self.limits.max_field_bytes
        latest = min(len(data) if record is None else record, most)
        # A tag that begins in time must be in the buffer as a whole.
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
                end = self._next(_CLOSINGS[closing], position)
                if end is not None and end < latest:
                    position = end + len(closing)
                elif may_grow:
                    raise NeedMore
        if may_grow:
            raise NeedMore
        return latest

    def tags_in_field(self, start: int, mark: re.Pattern[bytes]) -> Iterator[Tag]:
        """Yield the tags in a field, except those in sections, as far as it may reach."""
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


# ---- the end of a field -----------------------------------------------------------------


def find_field_end(ahead: Lookahead, opened: OpenField) -> FieldEnd | None:
    """Find the end of the open field.

    Returns:
        The end, or `None` where the field is longer than the limits allow.

    Raises:
        NeedMore: The end is not in the buffer yet.
    """
    start = opened.tag.end - ahead.base
    found = (
        _find_body_end(ahead, start)
        if opened.field.is_body
        else _find_plain_end(ahead, opened, start)
    )
    if found is None:
        if _may_go_on(ahead, start):
            raise NeedMore
        if not ahead.final:
            return None
        found = _end_of_input(ahead, opened, start)
    return found if found.end - opened.tag.end <= ahead.limits.max_field_bytes else None


def _may_go_on(ahead: Lookahead, start: int) -> bool:
    """Check whether an end tag could still come, up to the longest field and tag allowed."""
    most = ahead.limits.max_field_bytes + ahead.limits.max_tag_bytes
    return not ahead.final and len(ahead.data) - start <= most


def _end_before(ahead: Lookahead, start: int, tag: Tag) -> FieldEnd:
    """End a field that another element's tag ends; the white space before that is layout."""
    text = ahead.data[start : tag.start - ahead.base].rstrip(SPACE_BYTES)
    return FieldEnd(ahead.base + start + len(text), other_tag=tag)


def _find_plain_end(ahead: Lookahead, opened: OpenField, start: int) -> FieldEnd | None:
    """Find the next tag that belongs to the format, or the element's own end tag."""
    own = opened.tag.key
    depth = 0  # of elements of the same name inside one that the format does not name
    for tag in ahead.tags_in_field(start, FIELD_MARK):
        if tag.key == own and tag.closes and depth == 0:
            return FieldEnd(tag.start, own_tag=tag)
        if tag.key in ahead.grammar.spelling:
            return _end_before(ahead, start, tag)
        if tag.key == own and not tag.is_empty:
            depth += -1 if tag.closes else 1
    return None


def _find_body_end(ahead: Lookahead, start: int) -> FieldEnd | None:
    """Find the body's own end tag, or what ends a body that has none.

    A body that has no end tag before the next body begins ends at the first tag of a record. A
    start tag of a body with no record begun before it cannot be the next body: it is a word of
    this one, which then ends at the last end tag before a record begins.
    """
    record: Tag | None = None
    own: Tag | None = None
    second: Tag | None = None
    has_next_begun = False
    for tag in ahead.tags_in_field(start, ahead.grammar.body_mark):
        if tag.key in ahead.grammar.record_keys:
            record = record or tag
            if not tag.closes:
                if second is not None:
                    break
                has_next_begun = True
        elif not tag.closes:
            if has_next_begun:
                break
            second = second or tag
        elif second is None:
            return FieldEnd(tag.start, own_tag=tag)
        else:
            own = tag
    else:
        if _may_go_on(ahead, start):
            raise NeedMore
    if own is not None:
        return FieldEnd(own.start, own_tag=own, second=second)
    return _end_before(ahead, start, record) if record is not None else None


def _end_of_input(ahead: Lookahead, opened: OpenField, start: int) -> FieldEnd:
    """End a field where the input ends, or where a tag begins that the end has cut off."""
    grammar = ahead.grammar
    names = (
        grammar.record_keys | {grammar.body_key}
        if opened.field.is_body
        else {*grammar.spelling, opened.tag.key}
    )
    at = ahead.data.rfind(b"<", start)
    is_cut_tag = at >= 0 and ahead.is_cut_tag(at, names)
    return FieldEnd(ahead.base + (at if is_cut_tag else len(ahead.data)), is_cut=True)
