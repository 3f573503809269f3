"""The same records by way of defusedxml, for input that must be well-formed XML.

Expat says where elements begin and end, and what is no XML; the builder that also serves the
tolerant scanner makes records of it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from xml.sax import SAXParseException
from xml.sax.handler import ContentHandler

from defusedxml import DefusedXmlException
from defusedxml.expatreader import DefusedExpatParser

from reviewcorpus._values import WHITE_SPACE
from reviewcorpus.defects import DefectKind
from reviewcorpus.formats import DIALECT
from reviewcorpus.parser._grammar import CDATA_OPENING, TAG, Tag, fold_case, read_tag
from reviewcorpus.parser._text import ILLEGAL_BYTE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from xml.sax.xmlreader import AttributesImpl

    from reviewcorpus.limits import Limits
    from reviewcorpus.parser._builder import OpenField, RecordBuilder

_SPELLING = DIALECT.spelling
_LOOK_BACK = 64  # bytes; longer than the longest name of an entity
_FAULTY_START = re.compile(rb"(?:&[^\s;&<>=]*|<[^<>]*)\Z")
_DOCTYPE = b"<!DOCTYPE"
_BLOCK = 1 << 16  # bytes; some versions of expat start an unfinished tag anew with each piece
_GROWTH = 8  # a block has at least this part of what is unfinished


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
        """Where the event that is being told begins, or where the input is not read yet."""
        return int(self._parser.CurrentByteIndex)

    @property
    def error_offset(self) -> int:
        """Where the fault is that has ended the reading."""
        return int(self._parser.ErrorByteIndex)


class StrictScanner(ContentHandler):
    """Takes bytes of well-formed XML, calls the builder with what stands in them."""

    def __init__(self, builder: RecordBuilder, limits: Limits) -> None:
        super().__init__()
        self._builder = builder
        self._window = builder.window
        self._limits = limits
        self._start = builder.window.base
        self._expat = _Expat(builder.text_reader.encoding)
        self._expat.setContentHandler(self)
        self._held: list[bytes] = []
        self._held_bytes = 0
        self._field: OpenField | None = None
        self._depth = 0
        self._is_inside_empty = False

    def feed(self, data: bytes) -> Iterator[None]:
        """Take bytes, and read them in blocks, so that the result depends on the bytes alone.

        It pauses behind each block, so that what is ready can be taken.
        """
        self._held.append(data)
        self._held_bytes += len(data)
        if self._held_bytes < self._block_size():
            return
        held, start = b"".join(self._held), 0
        while len(held) - start >= (size := self._block_size()):
            self._parse(held[start : start + size])
            start += size
            yield
        self._held = [held[start:]]
        self._held_bytes = len(held) - start

    def _block_size(self) -> int:
        """Give how many bytes to read at once.

        They grow with what is not read to its end, which some versions of expat look at anew with
        each block; so each byte is looked at a bounded number of times.
        """
        return max(_BLOCK, len(self._window.data) // _GROWTH)

    def close(self, *, broken: str | None = None, cut: bool = False) -> Iterator[None]:
        """Take the end of the input, and pause before it is told.

        Args:
            broken: Why nothing more can come, if that is not for the end of the data.
            cut: Whether the input ends inside a character.
        """
        data = b"".join(self._held)
        self._held.clear()
        self._parse(data, final=broken is None and not cut)
        yield
        self._builder.finish(cut=self._window.end if cut else None, broken=broken)

    def _parse(self, data: bytes, *, final: bool = False) -> None:
        self._window.append(data)
        fault = ""
        try:
            self._expat.feed(data, final)  # its close() would lose the place of a fault
        except SAXParseException as error:
            fault = error.getMessage()
            # The frame of the SAX parser that raises it keeps it, in a cycle that would keep the
            # frames above and the open file too.
            error.__traceback__ = None
            cause: Any = error.getException()
            cause.__traceback__ = None
        except DefusedXmlException:
            # Expat tells of it where its subset begins or where it ends.
            latest = self._offset - self._window.base + len(_DOCTYPE)
            found = max(self._window.data.rfind(_DOCTYPE, 0, latest), 0)
            self._refuse(
                DefectKind.DOCTYPE, self._window.base + found, "a document type declaration"
            )
        if fault:
            at = self._start_of_fault(self._start + self._expat.error_offset)
            self._refuse(DefectKind.NOT_WELL_FORMED, at, fault)
        kept = self._offset if self._field is None else self._field.tag.start
        self._window.drop_before(kept)
        if len(self._window.data) > self._limits.max_field_bytes + _BLOCK:
            what = self._field.field.element if self._field is not None else "what stands here"
            self._builder.reporter.exceed(kept, f"{what} is", "max_field_bytes")

    def _start_of_fault(self, at: int) -> int:
        """Give where the reference or tag begins in which expat has found a fault.

        Expat points to the first byte that cannot go on what came before it.
        """
        end = at - self._window.base
        if ILLEGAL_BYTE.match(self._window.data, end):
            return at  # which is a fault of its own
        found = _FAULTY_START.search(self._window.data[max(end - _LOOK_BACK, 0) : end])
        return at - len(found[0]) if found else at

    def _refuse(self, kind: DefectKind, at: int, message: str) -> None:
        """Raise the error for what is no XML, or none that is read."""
        self._builder.reporter.report(kind, at, self._window.end, message, "reading stopped here")

    @property
    def _offset(self) -> int:
        return self._start + self._expat.offset

    def _tag(self) -> Tag:
        """Give the tag that expat tells of."""
        at = self._offset
        found = TAG.match(self._window.data, at - self._window.base)
        if found is None or found.end() - found.start() > self._limits.max_tag_bytes:
            self._builder.reporter.exceed(at, "a tag is", "max_tag_bytes")
        return read_tag(found, self._window.base, self._builder.text_reader.encoding)

    # ---- what expat tells ---------------------------------------------------------------

    def startElement(self, name: str, _: AttributesImpl) -> None:  # noqa: N802 the name is SAX's
        """Take a start tag."""
        opened = self._field
        if opened is None:
            tag = self._tag()
            self._is_inside_empty = tag.is_empty
            self._field = self._builder.start(tag)
            self._depth = 0
            return
        self._depth += 1
        key = fold_case(name)
        is_word = opened.field.is_body and key != opened.tag.key
        if key in _SPELLING and not is_word:
            tag = self._tag()
            self._builder.faults.missing_end(tag, opened.field.element)

    def endElement(self, _: str) -> None:  # noqa: N802 the name is SAX's
        """Take an end tag, or the end of an empty element."""
        if self._is_inside_empty:
            self._is_inside_empty = False
        elif self._field is None:
            self._builder.end(self._tag())
        elif self._depth:
            self._depth -= 1
        else:
            self._end_field(self._field)

    def characters(self, content: str) -> None:
        """Take text; between elements it is not expected, also not as a reference to a blank."""
        if self._field is not None:
            return
        data, start = self._window.data, self._offset - self._window.base
        if content.strip(WHITE_SPACE) or data.startswith(b"&", start):
            if data.endswith(CDATA_OPENING, 0, start):
                start -= len(CDATA_OPENING)
            end = data.find(b"<", start + 1)
            base = self._window.base
            self._builder.reporter.words(base + start, self._window.end if end < 0 else base + end)

    def _end_field(self, opened: OpenField) -> None:
        start, end = opened.tag.end, self._offset
        if end - start > self._limits.max_field_bytes:
            element = opened.field.element
            self._builder.reporter.exceed(opened.tag.start, f"{element} is", "max_field_bytes")
        self._field = None
        self._builder.field(opened, start, end, sections_are_xml=True)
        self._builder.faults.odd(self._tag(), opened.field.element)
