"""The slow path: from bytes to tags and raw fields, whatever the damage.

Each step begins at one place in the buffer. Either it handles something whole (a tag, a field, a
piece of stray text), or it finds that more bytes could change what begins there (`NeedMore`). So
the result depends on the bytes alone, never on how they are cut. The limits bound how many bytes a
step needs, and the reader bounds how often it is tried again.

The scanner knows the buffer, the place where the next step begins, and the builder that it calls.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from reviewcorpus.parser import _reporter as faults
from reviewcorpus.parser._buffer import count_utf8
from reviewcorpus.parser._encoding import encoding_in, shown_name
from reviewcorpus.parser._grammar import CDATA_OPENING, DOCTYPE_START, MARK, SPACE_BYTES, read_tag
from reviewcorpus.parser._lookahead import Lookahead, NeedMore, find_field_end

if TYPE_CHECKING:
    from reviewcorpus.parser._builder import OpenField, RecordBuilder
    from reviewcorpus.parser._grammar import Tag

_MANY_ITEMS = 1000  # runs of reviews, and defects, that are collected before they are returned

# Everything up to a possible tag, section or byte order mark. A "<" is text unless a letter or one
# of a few signs follows it.
_STRAY_TEXT = re.compile(
    rb"(?:[^<\xef]++|\xef(?!\xbb\xbf|\xbb?\Z)|<(?=[^A-Za-z_:\x80-\xff/!?<]))++"
)
_MARKS = re.compile(rb"(?:[ \t\r\n]*+\xef\xbb\xbf)++")
_CUT_MARK = re.compile(rb"[ \t\r\n]*+\xef\xbb?\Z")


class Scanner:
    """Finds tags and raw fields in bytes, and passes them to the builder.

    Args:
        builder: Handles the tags, fields and stray text; its buffer holds the bytes.
        declared_until: Offset just after the declaration that says how the first document is read.
        hands_over: Whether reading stops where the fast path may go on.

    Attributes:
        position: Where in the buffer the next step begins; an open field has its own place.
    """

    def __init__(
        self, builder: RecordBuilder, declared_until: int, *, hands_over: bool = True
    ) -> None:
        grammar = builder.grammar
        self._builder = builder
        self._buffer = builder.buffer
        self._hands_over = hands_over
        self._begins_record_as_usual = grammar.usual_record.match
        self.position = 0
        self._declared_until = declared_until
        self._ahead = Lookahead(self._buffer, grammar, builder.limits, final=False)

    # ---- input --------------------------------------------------------------------------

    def scan(self, *, final: bool) -> bool:
        """Read on from the position.

        Returns:
            Whether more can be read from the bytes in the buffer: many items are ready, or the
            fast path may go on.
        """
        buffer, builder, ahead = self._buffer, self._builder, self._ahead
        # The same bytes object may be fed again at another place.
        is_known = ahead.data is buffer.data and ahead.base == buffer.base
        if not is_known or ahead.final is not final:
            self._ahead = Lookahead(buffer, builder.grammar, builder.limits, final=final)
        try:
            while self.position < len(buffer.data) or builder.open_field is not None:
                self._step()
                # One byte of input can become records and defects of several hundred bytes.
                if self.is_at_record or len(builder.items) >= _MANY_ITEMS:
                    return True
        except NeedMore:
            pass
        return False

    @property
    def is_at_record(self) -> bool:
        """Whether the fast path may go on here."""
        return (
            self._hands_over
            and self._builder.is_between_records
            and self._begins_record_as_usual(self._buffer.data, self.position) is not None
        )

    @property
    def kept_from(self) -> int:
        """Offset of the first byte that is still needed."""
        opened = self._builder.open_field
        # The start tag of an open field stays, because a defect may begin there.
        return self._buffer.base + self.position if opened is None else opened.tag.start

    def _step(self) -> None:
        builder, data = self._builder, self._buffer.data
        if builder.open_field is not None:
            self._end_field(builder.open_field)
            return
        self._skip_marks()
        if self.position == len(data):
            return
        found = _STRAY_TEXT.match(data, self.position)
        if found is not None:
            self._add_stray_text(self.position, found.end())
        elif data.startswith(b"<", self.position):
            self._read_markup()
        else:
            self._add_stray_text(self.position, self.position + 1)

    def _skip_marks(self) -> None:
        """Skip byte order marks before a record: each of the joined files may have had one."""
        data = self._buffer.data
        if not self._buffer.charset.has_marks:
            return
        found = _MARKS.match(data, self.position)
        end = self.position if found is None else found.end()
        if not self._ahead.final and _CUT_MARK.match(data, end):
            raise NeedMore
        if found is not None:
            self._read_marks(found)

    def _read_marks(self, found: re.Match[bytes]) -> None:
        ahead, builder, buffer = self._ahead, self._builder, self._buffer
        following = ahead.after_blanks(found.end())
        start = buffer.base + buffer.data.find(MARK, found.start())
        document = ahead.document_at(following)
        if document is not None:
            builder.stray_text(buffer.base + found.start(), start)  # so that it has no gap
            self._start_document(document, start)
            return
        if buffer.data.startswith(b"<", following) and ahead.begins_movie(following):
            buffer.locate(start)
            buffer.locate(buffer.base + found.end(), count_utf8)  # a mark is always UTF-8
        elif buffer.charset.per_byte or not builder.is_outside:
            self._add_stray_text(found.start(), found.end())
            return
        self.position = found.end()

    def _add_stray_text(self, start: int, end: int) -> None:
        base = self._buffer.base
        self._builder.stray_text(base + start, base + end)
        self.position = end

    # ---- between fields -----------------------------------------------------------------

    def _read_markup(self) -> None:
        """Read what begins at a `<` outside of fields."""
        ahead, builder, at = self._ahead, self._builder, self.position
        found = ahead.match_tag(at)
        if found is not None:
            self._read_tag(read_tag(found, ahead.base, ahead.encoding))
            return
        if ahead.section_at(at):
            if self._read_section(at):
                return
        elif builder.movie is None and DOCTYPE_START.match(ahead.data, at):
            self._skip_doctype(at)
            return
        elif ahead.may_become_markup(at):
            raise NeedMore
        elif self._read_damaged_tag(at):
            return
        self._add_stray_text(at, at + 1)

    def _read_tag(self, tag: Tag) -> None:
        """Pass a tag to the builder, with what only the bytes after it show."""
        ahead, builder = self._ahead, self._builder
        end = tag.end - ahead.base
        if tag.closes:
            builder.end(tag)
        elif builder.movie is None and tag.key in builder.grammar.record_keys:
            builder.start(tag, is_word=not self._begins_record(tag))
        else:
            has_text = tag.is_empty and builder.opens_field(tag) and ahead.has_text(end)
            builder.start(tag, has_text=has_text)
        self.position = end

    def _begins_record(self, tag: Tag) -> bool:
        """Check whether a tag outside of movies begins a record, and is not a word in prose."""
        ahead, grammar, end = self._ahead, self._builder.grammar, tag.end - self._ahead.base
        if tag.key == grammar.top.key and not tag.is_broken:
            return True
        following = grammar.field_keys | ({grammar.review.key} - {tag.key})
        return ahead.begins_record(following, end)

    def _read_damaged_tag(self, at: int) -> bool:
        """Read a damaged tag, if there is one: cut off where files were joined, or broken."""
        ahead, builder = self._ahead, self._builder
        grammar = builder.grammar
        end = ahead.stumps_end(at, grammar.spelling)
        if end is not None:
            if end == len(ahead.data):
                builder.cut_at(ahead.base + at)
            else:
                builder.end_part(ahead.base + at, ahead.base + end)
            self.position = end
            return True
        tag = ahead.broken_tag(at, has_inline=builder.movie is not None)
        if tag is None:
            return False
        is_record = tag.key in grammar.record_keys and not tag.closes
        if builder.movie is None and not (is_record and self._begins_record(tag)):
            return False
        self._read_tag(tag)
        return True

    def _read_section(self, at: int) -> bool:
        """Read the section that begins at a place, if there is one."""
        ahead, builder, base = self._ahead, self._builder, self._buffer.base
        document = None
        if base + at >= self._declared_until:
            # Outside of records, a declaration can only begin a document.
            match = ahead.match_declaration if builder.movie is None else ahead.document_at
            document = match(at)
        if document is not None:
            self._start_document(document)
            return True
        end = ahead.section_end(at, at + builder.limits.max_field_bytes)
        if end is None:
            return False
        section = self._buffer.data[at:end]
        inside = section[len(CDATA_OPENING) : -3] if section.startswith(CDATA_OPENING) else b""
        if inside.strip(SPACE_BYTES):  # not blank: it is stray text
            self._add_stray_text(at, end)
        else:
            builder.skip(base + at, base + end)
            self.position = end
        return True

    def _start_document(self, found: re.Match[bytes], mark: int | None = None) -> None:
        """Start the next of several joined documents, in the encoding that it declares."""
        buffer, has_mark = self._buffer, mark is not None
        start, end = (at + buffer.base for at in found.span())
        declared = encoding_in(found[0])
        charset, is_conflict = buffer.charset.of_next(declared, has_mark=has_mark)
        conflict = None
        if is_conflict:
            name = shown_name(charset.stream or charset.name)
            conflict = faults.encoding_conflict(start, end, declared, name, is_mark=has_mark)
        self._builder.start_document(start if mark is None else mark, end, charset, conflict)
        self.position = found.end()

    def _skip_doctype(self, at: int) -> None:
        base = self._buffer.base
        end = self._ahead.doctype_end(at, has_movie=self._builder.has_movie)
        self._builder.skip_doctype(base + at, base + end)
        self.position = end

    # ---- fields -------------------------------------------------------------------------

    def _end_field(self, opened: OpenField) -> None:
        """Find the end of the open field, and pass it to the builder."""
        builder, base = self._builder, self._buffer.base
        ending = find_field_end(self._ahead, opened)
        if ending is None:
            builder.exceed(opened.tag.start, f"{opened.field.element} is", "max_field_bytes")
        builder.end_field(opened, ending)
        self.position = ending.resume - base
