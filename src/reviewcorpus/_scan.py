"""From bytes to tags and raw fields: the tolerant scanner, its careful way.

Each step looks at the bytes from one place on and either takes something whole (a tag, a field,
a piece of words), or says that more bytes could change what stands there (`_NeedMore`). So the
result depends on the bytes alone, never on how they are cut. What a step needs is bounded by the
limits, and how often it is tried again is bounded by `Scanner.feed`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from reviewcorpus._build import Tag, read_tag
from reviewcorpus._dialect import DIALECT
from reviewcorpus._fast import FastWay
from reviewcorpus._markup import (
    BODY_MARK,
    DOCTYPE_PART,
    DOCTYPE_START,
    FIELD_MARK,
    MOVIE_START,
    RECORD_START,
    SECTION_ENDS,
    TAG,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reviewcorpus._build import OpenField, RecordBuilder
    from reviewcorpus.limits import Limits

_ALWAYS_TRIED = 4096  # bytes; the leftover of most reviews, for which trying again is cheap
_GROWTH = 8  # a larger leftover must grow by this part of it before it is looked at again
_WHOLE_REVIEW = 1 << 16  # a review that is cut by the end of a chunk is waited for up to this size

_SPACE = re.compile(rb"[ \t\r\n]*+")
_SPACE_BYTES = b" \t\r\n"
_SPELLING = DIALECT.spelling
_BODY = DIALECT.body.element.lower()
_RECORDS = frozenset({DIALECT.movie.element.lower(), DIALECT.review.element.lower()})
_REVIEW_OPENING = f"<{DIALECT.review.element}>".encode()
_REVIEW_CLOSING = f"</{DIALECT.review.element}>".encode()

_SECTIONS = {opening.encode(): closing.encode() for opening, closing in SECTION_ENDS.items()}
# Longer openings that a shorter piece of the input could still become.
_OPENINGS = (b"<!--", b"<![CDATA[", b"<!DOCTYPE")
_DOCTYPE_CLOSINGS = {b"<!--": b"-->", b'"': b'"', b"'": b"'"}
_CUT_TAG = re.compile(rb"<(/?)([A-Za-z]*+)(?:([ \t\r\n/])[^<>]*+)?")


class _NeedMore(Exception):  # noqa: N818 no error, but a wish
    """More bytes could change what stands here."""


class _FieldEnd(NamedTuple):
    """Where the raw text of a field ends, and what ends it."""

    end: int
    own_tag: Tag | None = None
    other_tag: Tag | None = None
    second: Tag | None = None
    """A second start tag of a body inside the body, where one stands."""


class _Lookahead:
    """The next match of a pattern, for places asked for in rising order; each byte is read once."""

    def __init__(self, pattern: re.Pattern[bytes], data: bytes) -> None:
        self._search = pattern.search
        self._data = data
        self._known = -1

    def next(self, position: int) -> int | None:
        """Give where the next match at or behind a position begins; `None` where there is none."""
        if self._known < position:
            found = self._search(self._data, position)
            self._known = found.start() if found else len(self._data)
        return self._known if self._known < len(self._data) else None


class Scanner:
    """Takes bytes, calls the builder with what it finds in them.

    Args:
        builder: Who takes the tags, fields and words; its window holds the bytes.
        limits: The most that one field may take.
        careful: Whether to take the careful way for clean records too.
    """

    def __init__(self, builder: RecordBuilder, limits: Limits, *, careful: bool = False) -> None:
        self._builder = builder
        self._window = builder.window
        self._limits = limits
        self._fast = None if careful else FastWay(builder, limits)
        self._field: OpenField | None = None
        self._field_start = 0
        self._waiting: list[bytes] = []
        self._waiting_bytes = 0
        self._final = False
        self._cut: int | None = None
        self._position = 0
        self._lookaheads: dict[bytes, _Lookahead] = {}

    # ---- input --------------------------------------------------------------------------

    def feed(self, data: bytes) -> None:
        """Take bytes, and read as far as they allow."""
        # A leftover that grows by a fixed part of itself before each new look is copied and
        # scanned a bounded number of times, however small the pieces are.
        self._waiting.append(data)
        self._waiting_bytes += len(data)
        leftover = len(self._window.data)
        if leftover <= _ALWAYS_TRIED or self._waiting_bytes >= leftover // _GROWTH:
            self._scan()

    def close(self, *, broken: str | None = None, cut: bool = False) -> None:
        """Take the end of the input.

        Args:
            broken: Why nothing more can come, if that is not for the end of the data.
            cut: Whether the input ends inside a character.
        """
        self._final = True
        self._scan()
        if cut and self._cut is None:
            self._cut = self._window.end
        self._builder.finish(cut=self._cut, broken=broken)

    def _scan(self) -> None:
        window = self._window
        window.append(b"".join(self._waiting))
        self._waiting.clear()
        self._waiting_bytes = 0
        self._lookaheads.clear()
        self._position = 0
        try:
            while self._position < len(window.data) or self._field is not None:
                self._step()
        except _NeedMore:
            pass
        finally:
            window.drop_before(window.base + self._position)

    def _step(self) -> None:
        if self._field is not None:
            self._take_field()
            return
        builder, data = self._builder, self._window.data
        if self._fast is not None and builder.is_between_records:
            self._position = self._fast.run(self._position)
        start = self._position
        space_end = _SPACE.match(data, start).end()  # type: ignore[union-attr] # it matches ""
        if space_end == len(data) or data[space_end] == ord("<"):
            self._take_words(start, space_end)
            if space_end < len(data):
                self._take_markup()
        else:
            end = data.find(b"<", space_end)
            self._take_words(start, len(data) if end < 0 else end)

    def _take_words(self, start: int, end: int) -> None:
        base = self._window.base
        if end > start:
            self._builder.words(base + start, base + end)
            self._position = end

    # ---- between fields -----------------------------------------------------------------

    def _take_markup(self) -> None:
        """Take what begins at a `<` that stands in no field."""
        at = self._position
        found = self._match_tag(at)
        if found is not None:
            self._wait_for_review(found)
            self._position = found.end()
            tag = read_tag(found, self._window.base)
            if tag.closes:
                self._builder.end(tag)
            else:
                self._field = self._builder.start(tag)
                self._field_start = tag.end
            return
        if self._section_at(at):
            end = self._section_end(at, at + self._limits.max_field_bytes)
            if end is not None:
                self._take_section(at, end)
                return
        elif not self._builder.is_in_movie and DOCTYPE_START.match(self._window.data, at):
            self._take_doctype(at)
            return
        elif self._may_become_markup(at):
            raise _NeedMore
        elif self._final and self._is_cut_tag(at, frozenset(_SPELLING)):
            self._cut_here(at)
            return
        self._take_words(at, at + 1)

    def _wait_for_review(self, found: re.Match[bytes]) -> None:
        """Wait for the rest of a review that a chunk has cut, so that it can go the fast way."""
        if self._final or self._fast is None or found[0] != _REVIEW_OPENING:
            return
        data, start = self._window.data, found.end()
        if len(data) - start < _WHOLE_REVIEW and data.find(_REVIEW_CLOSING, start) < 0:
            raise _NeedMore

    def _take_section(self, at: int, end: int) -> None:
        """Skip a comment or processing instruction; a CDATA section is words."""
        if self._window.data.startswith(b"<![CDATA[", at):
            self._take_words(at, end)
        else:
            if self._builder.has_movie:
                self._builder.end_words()
            self._position = end

    def _take_doctype(self, at: int) -> None:
        end = self._doctype_end(at)
        base = self._window.base
        self._builder.doctype(base + at, base + end)
        self._position = end

    def _doctype_end(self, at: int) -> int:
        """Give where a document type declaration ends, at the latest before the next movie."""
        data = self._window.data
        found = MOVIE_START.search(data, at)
        latest = min(found.start() if found else len(data), at + self._limits.max_field_bytes)
        may_grow = latest == len(data) and not self._final
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
                    raise _NeedMore
        if may_grow:
            raise _NeedMore
        return latest

    # ---- tags and sections anywhere -----------------------------------------------------

    def _match_tag(self, at: int) -> re.Match[bytes] | None:
        found = TAG.match(self._window.data, at)
        if found is not None and found.end() - at > self._limits.max_tag_bytes:
            return None
        return found

    def _section_at(self, at: int) -> bytes:
        """Give the opening of the section that begins at a place, or nothing."""
        found = FIELD_MARK.match(self._window.data, at)
        opening = found[0] if found else b""
        if opening.startswith(b"<?"):
            return b"<?"
        return opening if opening in _SECTIONS else b""

    def _section_end(self, at: int, latest: int) -> int | None:
        """Give where a section ends; `None` if it does not end in time and so is text.

        In time means before the next tag that begins a record, and with its closing at `latest`
        at the latest.
        """
        data = self._window.data
        opening = self._section_at(at)
        closing = _SECTIONS[opening]
        end = self._next(re.escape(closing), at + len(opening))
        record = self._next(RECORD_START.pattern, at + len(opening))
        if end is not None and end <= latest and (record is None or end < record):
            return end + len(closing)
        if end is None and record is None and not self._final and len(data) - len(closing) < latest:
            raise _NeedMore
        return None

    def _next(self, pattern: bytes, position: int) -> int | None:
        lookahead = self._lookaheads.get(pattern)
        if lookahead is None:
            lookahead = _Lookahead(re.compile(pattern), self._window.data)
            self._lookaheads[pattern] = lookahead
        return lookahead.next(position)

    def _may_become_markup(self, at: int) -> bool:
        """Tell whether more bytes could make a tag or section of what begins at a `<`."""
        data = self._window.data
        if self._final or len(data) - at > self._limits.max_tag_bytes:
            return False
        rest = data[at : at + len(_OPENINGS[-1])]
        if len(data) - at < len(_OPENINGS[-1]) and any(
            opening.startswith(rest.upper()) for opening in _OPENINGS
        ):
            return True
        if len(rest) == 1 or rest in {b"</", b"<?"}:
            return True
        return FIELD_MARK.match(data, at) is not None and data.find(b"<", at + 1) < 0

    def _is_cut_tag(self, at: int, names: frozenset[str]) -> bool:
        """Tell whether the input ends inside a tag with one of some names, which begins at `at`."""
        found = _CUT_TAG.fullmatch(self._window.data, at)
        if found is None:
            return False
        name = found[2].decode().lower()
        return name in names if found[3] else any(known.startswith(name) for known in names)

    def _cut_here(self, at: int) -> None:
        self._cut = self._window.base + at
        self._position = len(self._window.data)

    # ---- fields -------------------------------------------------------------------------

    def _take_field(self) -> None:
        """Find the end of the open field and give its raw text to the builder."""
        opened = self._field
        assert opened is not None  # noqa: S101 called with a field open only
        base = self._window.base
        start = self._field_start - base
        find_end = self._find_body_end if opened.field.is_body else self._find_plain_end
        found = find_end(opened, start)
        if found is None:
            if not self._final and len(self._window.data) - start <= self._most_bytes():
                raise _NeedMore
            found = self._end_of_input(opened, start)
        if found.end - start > self._limits.max_field_bytes:
            element = opened.field.element
            self._builder.exceed(opened.tag.start, f"{element} is", "max_field_bytes")
        self._close_field(opened, start, found)

    def _most_bytes(self) -> int:
        """The bytes behind the start of a field among which its end tag must stand whole."""
        return self._limits.max_field_bytes + self._limits.max_tag_bytes

    def _close_field(self, opened: OpenField, start: int, found: _FieldEnd) -> None:
        builder, base = self._builder, self._window.base
        self._field = None
        end = found.end
        if found.other_tag is not None:
            end = start + len(self._window.data[start:end].rstrip(_SPACE_BYTES))
        builder.field(opened, base + start, base + end, second=found.second)
        if found.own_tag is not None:
            builder.check_end_tag(found.own_tag, opened.field.element)
            self._position = found.own_tag.end - base
        else:
            self._position = found.end
        if found.other_tag is not None:
            tag = found.other_tag
            builder.report_missing_end(tag.start, tag.end, opened.field.element)

    def _tags_in_field(self, start: int, mark: re.Pattern[bytes]) -> Iterator[Tag]:
        """Give the tags in a field, but for those in sections, as far as it may reach."""
        data = self._window.data
        latest = start + self._limits.max_field_bytes
        position = start
        while found := mark.search(data, position):
            at = found.start()
            if at > latest:
                return
            if self._section_at(at):
                position = self._section_end(at, latest) or at + 1
                continue
            tag = self._match_tag(at)
            if tag is not None:
                yield read_tag(tag, self._window.base)
                position = tag.end()
            elif self._may_become_markup(at):
                raise _NeedMore
            else:
                position = at + 1

    def _find_plain_end(self, opened: OpenField, start: int) -> _FieldEnd | None:
        """Find the next tag that belongs to the format, or the element's own end tag."""
        base = self._window.base
        own = opened.tag.key
        depth = 0  # of elements of the same name inside one that the format does not name
        for tag in self._tags_in_field(start, FIELD_MARK):
            if tag.key == own and tag.closes and depth == 0:
                return _FieldEnd(tag.start - base, own_tag=tag)
            if tag.key in _SPELLING:
                return _FieldEnd(tag.start - base, other_tag=tag)
            if tag.key == own and not tag.is_empty:
                depth += -1 if tag.closes else 1
        return None

    def _find_body_end(self, _: OpenField, start: int) -> _FieldEnd | None:
        """Find the body's own end tag, or what ends a body that has none.

        A body that has no end tag before the next body begins ends at the first tag of a record.
        Where a second start tag stands before any tag of a record, it is a word of this body, and
        the last end tag before the record's is the body's.
        """
        base = self._window.base
        record: Tag | None = None
        own: Tag | None = None
        second: Tag | None = None
        for tag in self._tags_in_field(start, BODY_MARK):
            if tag.key in _RECORDS:
                record = record or tag
                if second is not None:
                    break
            elif tag.key == _BODY and tag.closes:
                own = tag
                if second is None:
                    return _FieldEnd(tag.start - base, own_tag=tag)
            elif tag.key == _BODY:
                second = second or tag
                if record is not None:
                    break
        else:
            if not self._final and len(self._window.data) - start <= self._most_bytes():
                return None
        if own is not None:
            return _FieldEnd(own.start - base, own_tag=own, second=second)
        if record is not None:
            return _FieldEnd(record.start - base, other_tag=record)
        return None

    def _end_of_input(self, opened: OpenField, start: int) -> _FieldEnd:
        """Give the end of a field that the end of the input closes, without what was cut."""
        data = self._window.data
        end = len(data)
        if not self._final:  # the field is longer than allowed
            return _FieldEnd(end)
        names = _RECORDS | {_BODY} if opened.field.is_body else {*_SPELLING, opened.tag.key}
        at = data.rfind(b"<", start)
        if at >= 0 and self._is_cut_tag(at, frozenset(names)):
            end = at
        else:
            end -= self._builder.reader.count_cut_bytes(data[start:])
        self._cut = self._window.base + end
        return _FieldEnd(end)
