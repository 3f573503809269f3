"""The strict scanner: the same calls to the builder, made by expat through defusedxml.

Expat says where elements begin and end, and what is not well-formed XML. The builder decides what a
tag means and what a raw field becomes, as it does for recovering reading.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from xml.sax import SAXParseException
from xml.sax.handler import ContentHandler

from defusedxml import DefusedXmlException
from defusedxml.expatreader import DefusedExpatParser

from reviewcorpus.parser import _reporter as faults
from reviewcorpus.parser._builder import FieldEnd
from reviewcorpus.parser._grammar import CDATA_OPENING, TAG, WHITE_SPACE, fold_case, read_tag

if TYPE_CHECKING:
    from collections.abc import Iterator
    from xml.sax.xmlreader import AttributesImpl

    from reviewcorpus.events import Item
    from reviewcorpus.parser._builder import OpenField, RecordBuilder
    from reviewcorpus.parser._grammar import Tag

_ILLEGAL_BYTE = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_LOOK_BACK = 64  # bytes; longer than the longest name of an entity
_FAULTY_START = re.compile(rb"(?:&[^\s;&<>=]*|<[^<>]*)\Z")
_DOCTYPE = b"<!DOCTYPE"
_BLOCK = 1 << 16  # bytes; some versions of expat read an unfinished tag again with each piece
_GROWTH = 8  # a block is at least an eighth of what is unfinished


class _Expat(DefusedExpatParser):  # type: ignore[misc] # defusedxml has no type information
    """Defusedxml's incremental parser, with the byte offset of each event."""

    def __init__(self, encoding: str) -> None:
        super().__init__(forbid_dtd=True)
        self._source.setEncoding(encoding)

    def reset(self) -> None:
        super().reset()
        self._parser.buffer_text = False  # or text would come with the offset of what follows it

    @property
    def offset(self) -> int:
        """Where the current event begins, or how far the input has been read."""
        return int(self._parser.CurrentByteIndex)

    @property
    def error_offset(self) -> int:
        """Where the error that has ended the reading is."""
        return int(self._parser.ErrorByteIndex)


class StrictScanner(ContentHandler):
    """Reads well-formed XML, and passes what is in it to the builder.

    Args:
        builder: Handles the tags, fields and stray text; its buffer holds the bytes.
    """

    def __init__(self, builder: RecordBuilder) -> None:
        super().__init__()
        self._builder = builder
        self._buffer = builder.buffer
        self._limits = builder.limits
        self._start = builder.buffer.base
        charset = builder.buffer.charset
        # XML must be well-formed in the encoding that it declares, not in a superset of it.
        self._expat = _Expat(charset.label if charset.per_byte and charset.label else charset.name)
        self._expat.setContentHandler(self)
        self._held: list[bytes] = []
        self._held_bytes = 0
        self._depth = 0
        self._is_inside_empty = False
        self._stray_until = 0

    def feed(self, data: bytes) -> Iterator[list[Item]]:
        """Add bytes, and read them in blocks, so that the result depends on the bytes alone.

        Yields:
            What is ready after each block.
        """
        self._held.append(data)
        self._held_bytes += len(data)
        if self._held_bytes < self._block_size():
            return
        held, start = b"".join(self._held), 0
        while len(held) - start >= (size := self._block_size()):
            self._parse(held[start : start + size])
            start += size
            yield self._builder.take_items()
        self._held = [held[start:]]
        self._held_bytes = len(held) - start

    def _block_size(self) -> int:
        """Return how many bytes to read at once.

        Blocks grow with the unfinished part, which some versions of expat read again with each
        block. So each byte is read a bounded number of times.
        """
        return max(_BLOCK, len(self._buffer.data) // _GROWTH)

    def close(self, data: bytes, *, broken: str | None, cut: bool) -> Iterator[list[Item]]:
        """Read what is left at the end of the input.

        Args:
            data: The last bytes.
            broken: Why nothing more can come, if the data has not simply ended.
            cut: Whether the input ends inside a character.
        """
        data = b"".join((*self._held, data))
        self._held.clear()
        self._parse(data, final=broken is None and not cut)
        yield self._builder.take_items()
        if cut:
            self._builder.cut_at(self._buffer.end)
        self._builder.finish(broken=broken)
        yield self._builder.take_items()

    def _parse(self, data: bytes, *, final: bool = False) -> None:
        self._buffer.append(data)
        fault = ""
        try:
            self._expat.feed(data, final)  # its close() would lose the place of an error
        except SAXParseException as error:
            fault = error.getMessage()
            # The frame of the SAX parser that raised the error refers to it, and it to the frame.
            # This cycle would also keep the frames above, and the open file, alive.
            error.__traceback__ = None
            cause: Any = error.getException()
            cause.__traceback__ = None
        except DefusedXmlException:
            # Expat reports a document type where its subset begins or where it ends.
            latest = self._offset - self._buffer.base + len(_DOCTYPE)
            found = max(self._buffer.data.rfind(_DOCTYPE, 0, latest), 0)
            start = self._buffer.base + found
            self._builder.report(faults.doctype(start, self._buffer.end))
        if fault:
            at = self._start_of_fault(self._start + self._expat.error_offset)
            self._builder.report(faults.not_well_formed(at, self._buffer.end, fault))
        opened = self._builder.open_field
        kept = self._offset if opened is None else opened.tag.start
        self._buffer.drop_before(kept)
        if len(self._buffer.data) > self._limits.max_field_bytes + _BLOCK:
            what = "this" if opened is None else opened.field.element
            self._builder.exceed(kept, f"{what} is", "max_field_bytes")

    def _start_of_fault(self, at: int) -> int:
        """Return where the faulty reference or tag begins.

        Expat points to the first byte that cannot follow what came before it.
        """
        end = at - self._buffer.base
        if _ILLEGAL_BYTE.match(self._buffer.data, end):
            return at  # a fault of its own
        found = _FAULTY_START.search(self._buffer.data[max(end - _LOOK_BACK, 0) : end])
        return at - len(found[0]) if found else at

    @property
    def _offset(self) -> int:
        return self._start + self._expat.offset

    def _tag(self) -> Tag:
        """Return the tag of the current event."""
        at = self._offset
        found = TAG.match(self._buffer.data, at - self._buffer.base)
        if found is None or found.end() - found.start() > self._limits.max_tag_bytes:
            self._builder.exceed(at, "a tag is", "max_tag_bytes")
        return read_tag(found, self._buffer.base, self._buffer.charset.name)

    # ---- what expat reports -------------------------------------------------------------

    def startElement(self, name: str, _: AttributesImpl) -> None:  # noqa: N802 the name is SAX's
        """Handle a start tag."""
        opened = self._builder.open_field
        if opened is None:
            tag = self._tag()
            self._is_inside_empty = tag.is_empty
            self._builder.start(tag)
            self._depth = 0
            return
        self._depth += 1
        key = fold_case(name)
        is_word = opened.field.is_body and key != opened.tag.key
        if key in self._builder.grammar.spelling and not is_word:
            tag = self._tag()
            self._builder.report_missing_end(tag, opened.field.element)

    def endElement(self, _: str) -> None:  # noqa: N802 the name is SAX's
        """Handle an end tag, or the end of an empty element."""
        opened = self._builder.open_field
        if self._is_inside_empty:
            self._is_inside_empty = False
        elif opened is None:
            self._builder.end(self._tag())
        elif self._depth:
            self._depth -= 1
        else:
            self._end_field(opened)

    def characters(self, content: str) -> None:
        """Handle text; between elements it is stray text, even a reference to a blank."""
        if self._builder.open_field is not None:
            return
        offset = self._offset
        if offset < self._stray_until:  # expat reports each line; text up to a tag is known
            return
        base, data = self._buffer.base, self._buffer.data
        start = offset - base
        if content.strip(WHITE_SPACE) or data.startswith(b"&", start):
            if data.endswith(CDATA_OPENING, 0, start):
                start -= len(CDATA_OPENING)
            end = data.find(b"<", start + 1)
            self._stray_until = self._buffer.end if end < 0 else base + end
            self._builder.stray_text(base + start, self._stray_until)

    def _end_field(self, opened: OpenField) -> None:
        start, end = opened.tag.end, self._offset
        if end - start > self._limits.max_field_bytes:
            element = opened.field.element
            self._builder.exceed(opened.tag.start, f"{element} is", "max_field_bytes")
        self._builder.end_field(opened, FieldEnd(end, end))
        # Only now, because its error must come after the defects of the field.
        self._builder.report_tag(self._tag(), opened.field.element)
