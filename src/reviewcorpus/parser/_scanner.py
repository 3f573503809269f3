"""The slow path: from bytes to tags and raw fields, whatever the damage.

Each step looks at the buffer from one place on and either handles something whole (a tag, a field,
a piece of stray text), or finds that more bytes could change what begins there (`NeedMore`). So the
result depends on the bytes alone, never on how they are cut. What a step needs is bounded by the
limits, and how often it is tried again is bounded by `Scanner.feed`.

The scanner knows the buffer, where in it the next step begins, and the builder, which it calls.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from reviewcorpus.parser import _reporter as faults
from reviewcorpus.parser._buffer import count_utf8
from reviewcorpus.parser._encoding import encoding_in, shown_name
from reviewcorpus.parser._fastpath import FastPath
from reviewcorpus.parser._grammar import CDATA_OPENING, DOCTYPE_START, MARK, SPACE_BYTES, read_tag
from reviewcorpus.parser._lookahead import Lookahead, NeedMore, find_field_end

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reviewcorpus.parser._builder import OpenField, RecordBuilder
    from reviewcorpus.parser._grammar import Tag

_ALWAYS_TRIED = 4096  # bytes; the leftover of most reviews, for which trying again is cheap
_GROWTH = 8  # a larger leftover must grow by this part of it before it is looked at again
_MANY_ITEMS = 1000  # runs of reviews, and defects, that are held ready at a time
_WHOLE_REVIEW = 1 << 16  # bytes; the rest of a review that a chunk has cut is waited for up to this

# What begins neither a tag, a section nor a byte order mark: anything up to a "<" before a letter
# or the like.
_STRAY_TEXT = re.compile(
    rb"(?:[^<\xef]++|\xef(?!\xbb\xbf|\xbb?\Z)|<(?=[^A-Za-z_:\x80-\xff/!?<]))++"
)
_MARKS = re.compile(rb"(?:[ \t\r\n]*+\xef\xbb\xbf)++")
_CUT_MARK = re.compile(rb"[ \t\r\n]*+\xef\xbb?\Z")


class Scanner:
    """Finds tags and raw fields in bytes, and calls the builder with them.

    Args:
        builder: Handles the tags, fields and stray text; its buffer holds the bytes.
        declared_until: Offset just after the declaration that says how the first document is read.
        use_fast_path: Whether clean records go through the fast path.
    """

    def __init__(
        self, builder: RecordBuilder, declared_until: int, *, use_fast_path: bool = True
    ) -> None:
        grammar = builder.grammar
        self._builder = builder
        self._buffer = builder.buffer
        self._fast_path = FastPath(builder) if use_fast_path else None
        self._review_tags = (
            f"<{grammar.review.element}>".encode(),
            f"</{grammar.review.element}>".encode(),
        )
        self._waiting: list[bytes] = []
        self._waiting_bytes = 0
        self._position = 0
        self._declared_until = declared_until
        self._ahead = Lookahead(self._buffer, grammar, builder.limits, final=False)

    # ---- input --------------------------------------------------------------------------

    def feed(self, data: bytes) -> Iterator[None]:
        """Add bytes, and read as far as they allow; pause where many items are ready."""
        # A leftover that grows by a fixed part of itself before each new look is copied and
        # scanned a bounded number of times, however small the pieces are.
        self._waiting.append(data)
        self._waiting_bytes += len(data)
        leftover = len(self._buffer.data)
        if leftover <= _ALWAYS_TRIED or self._waiting_bytes >= leftover // _GROWTH:
            yield from self._scan()

    def close(self, *, broken: str | None = None, cut: bool = False) -> Iterator[None]:
        """Read what is left at the end of the input; pause where many items are ready.

        Args:
            broken: Why nothing more can come, if the data has not simply ended.
            cut: Whether the input ends inside a character.
        """
        yield from self._scan(final=True)
        if cut:
            self._builder.cut_at(self._buffer.end)
        self._builder.finish(broken=broken)

    def _scan(self, *, final: bool = False) -> Iterator[None]:
        buffer, builder = self._buffer, self._builder
        buffer.append(b"".join(self._waiting))
        self._waiting.clear()
        self._waiting_bytes = 0
        self._ahead = Lookahead(buffer, builder.grammar, builder.limits, final=final)
        self._position = 0  # or at an open field, which keeps its own place
        try:
            while self._position < len(buffer.data) or builder.open_field is not None:
                self._step()
                # A byte can bring records and defects of several hundred bytes.
                if len(builder.items) >= _MANY_ITEMS:
                    yield
        except NeedMore:
            pass
        finally:
            if not final:
                # The start tag of an open field stays, for a defect may begin there.
                opened = builder.open_field
                buffer.drop_before(
                    buffer.base + self._position if opened is None else opened.tag.start
                )

    def _step(self) -> None:
        builder, data = self._builder, self._buffer.data
        if builder.open_field is not None:
            self._end_field(builder.open_field)
            return
        if self._fast_path is not None:
            self._position = self._fast_path.run(self._position)
        self._skip_marks()
        if self._position == len(data):
            return
        found = _STRAY_TEXT.match(data, self._position)
        if found is not None:
            self._add_stray_text(self._position, found.end())
        elif data.startswith(b"<", self._position):
            self._read_markup()
        else:
            self._add_stray_text(self._position, self._position + 1)

    def _skip_marks(self) -> None:
        """Skip byte order marks before a record: files that had one each were joined."""
        data = self._buffer.data
        if not self._buffer.charset.has_marks:
            return
        found = _MARKS.match(data, self._position)
        end = self._position if found is None else found.end()
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
            self._start_document(document, start)
            return
        if buffer.data.startswith(b"<", following) and ahead.begins_movie(following):
            buffer.locate(start)
            buffer.locate(buffer.base + found.end(), count_utf8)  # whatever came before it
        elif buffer.charset.per_byte or not builder.is_outside:
            self._add_stray_text(found.start(), found.end())
            return
        self._position = found.end()

    def _add_stray_text(self, start: int, end: int) -> None:
        base = self._buffer.base
        self._builder.stray_text(base + start, base + end)
        self._position = end

    # ---- between fields -----------------------------------------------------------------

    def _read_markup(self) -> None:
        """Read what begins at a `<` that is in no field."""
        ahead, builder, at = self._ahead, self._builder, self._position
        found = ahead.match_tag(at)
        if found is not None:
            self._wait_for_review(found)
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
        """Hand a tag to the builder, with what only the bytes after it can tell."""
        ahead, builder = self._ahead, self._builder
        end = tag.end - ahead.base
        if tag.closes:
            builder.end(tag)
        elif builder.movie is None and tag.key in builder.grammar.record_keys:
            builder.start(tag, is_word=not self._begins_record(tag))
        else:
            has_text = tag.is_empty and builder.opens_field(tag) and ahead.has_text(end)
            builder.start(tag, has_text=has_text)
        self._position = end

    def _begins_record(self, tag: Tag) -> bool:
        """Check whether the tag of a record does begin one, where a page of prose is as likely."""
        ahead, grammar, end = self._ahead, self._builder.grammar, tag.end - self._ahead.base
        if tag.key == grammar.movie.key and not tag.is_broken:
            return True
        following = grammar.field_keys | ({grammar.review.key} - {tag.key})
        return ahead.begins_record(following, end)

    def _read_damaged_tag(self, at: int) -> bool:
        """Read what is left of a tag: cut off where files were joined, or broken in itself."""
        ahead, builder = self._ahead, self._builder
        grammar = builder.grammar
        end = ahead.stumps_end(at, grammar.spelling)
        if end is not None:
            if end == len(ahead.data):
                builder.cut_at(ahead.base + at)
            else:
                builder.end_part(ahead.base + at, ahead.base + end)
            self._position = end
            return True
        tag = ahead.broken_tag(at, has_inline=builder.movie is not None)
        if tag is None:
            return False
        is_record = tag.key in grammar.record_keys and not tag.closes
        if builder.movie is None and not (is_record and self._begins_record(tag)):
            return False
        self._read_tag(tag)
        return True

    def _wait_for_review(self, found: re.Match[bytes]) -> None:
        """Wait for the rest of a review that a chunk has cut: it may suit the fast path then."""
        opening, closing = self._review_tags
        if self._ahead.final or self._fast_path is None or found[0] != opening:
            return
        data, start = self._buffer.data, found.end()
        if len(data) - start < _WHOLE_REVIEW and data.find(closing, start) < 0:
            raise NeedMore

    def _read_section(self, at: int) -> bool:
        """Read a section, if what begins there is one."""
        ahead, builder, base = self._ahead, self._builder, self._buffer.base
        document = None
        if base + at >= self._declared_until:
            # Outside of records, nothing else can be meant by a declaration.
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
            self._position = end
        return True

    def _start_document(self, found: re.Match[bytes], mark: int | None = None) -> None:
        """Start another document of joined ones, in the encoding that its declaration names."""
        buffer, has_mark = self._buffer, mark is not None
        start, end = (at + buffer.base for at in found.span())
        declared = encoding_in(found[0])
        charset, is_conflict = buffer.charset.of_next(declared, has_mark=has_mark)
        conflict = None
        if is_conflict:
            name = shown_name(charset.stream or charset.name)
            conflict = faults.encoding_conflict(start, end, declared, name, is_mark=has_mark)
        self._builder.start_document(start if mark is None else mark, end, charset, conflict)
        self._position = found.end()

    def _skip_doctype(self, at: int) -> None:
        base = self._buffer.base
        end = self._ahead.doctype_end(at, has_movie=self._builder.has_movie)
        self._builder.skip_doctype(base + at, base + end)
        self._position = end

    # ---- fields -------------------------------------------------------------------------

    def _end_field(self, opened: OpenField) -> None:
        """Find the end of the open field, and hand its raw text to the builder."""
        builder, base = self._builder, self._buffer.base
        ending = find_field_end(self._ahead, opened)
        if ending is None:
            builder.exceed(opened.tag.start, f"{opened.field.element} is", "max_field_bytes")
        builder.end_field(opened, ending)
        self._position = ending.resume - base
