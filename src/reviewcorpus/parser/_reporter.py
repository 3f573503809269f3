"""Faults at offsets become defects: every message of the core, and the one maker of `Defect`.

A `Fault` is what the other modules find: plain data, in offsets. The reporter adds what people
need: line and column, the text as it is in the file, the name of the source. It knows no records:
the builder says which movie and review a fault is in.

Faults must be reported in the order of their offsets, because lines are counted during reading.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple, NoReturn

from reviewcorpus._checks import visible
from reviewcorpus._signatures import packed_as
from reviewcorpus.defects import (
    RAW_BYTES,
    RAW_CHARACTERS,
    CorpusSyntaxError,
    Defect,
    DefectKind,
    LimitExceeded,
    Severity,
    checked_defect,
)
from reviewcorpus.parser._encoding import count_mixed, shown_name
from reviewcorpus.parser._grammar import NAME

if TYPE_CHECKING:
    from collections.abc import Callable

    from reviewcorpus.limits import Limits
    from reviewcorpus.parser._buffer import Buffer
    from reviewcorpus.parser._encoding import InputDecoder
    from reviewcorpus.parser._fastpath import Faulty
    from reviewcorpus.parser._grammar import Attribute, Tag

_SHOWN_CHARACTERS = 40  # of a text in a message; the defect has more of it
_AS_WRITTEN = "read as written"
_READ_BEFORE = "everything before it was read"


class Fault(NamedTuple):
    """Something wrong, before it has a line and a record.

    `start` and `end` are offsets in the input. While a field is read, they are counted from its
    start; those of a reference or of markup, from its own first byte. In a field that has to be
    decoded first, they count characters until `in_bytes` converts them.
    """

    kind: DefectKind
    start: int
    end: int
    message: str
    action: str
    severity: Severity


class Known(NamedTuple):
    """The line, the column and the bytes of a fault that is no longer in the buffer."""

    line: int
    column: int
    raw: bytes


def _fault(
    kind: DefectKind, start: int, end: int, message: str, action: str, *, is_settled: bool = False
) -> Fault:
    """Return a fault with the severity of its kind, or `warning` if its meaning is settled."""
    severity = Severity.WARNING if is_settled else kind.severity
    return Fault(kind, start, end, message, action, severity)


# ---- references and characters ----------------------------------------------------------


# A reference is ASCII; the places of its faults are counted from its ampersand.


def bare_ampersand(written: str) -> Fault:
    """An `&` that does not begin a reference."""
    message = f"{written!r} is not a reference"
    return _fault(DefectKind.BARE_AMPERSAND, 0, len(written), message, _AS_WRITTEN)


def unterminated_reference(written: str) -> Fault:
    """A reference without its semicolon."""
    message = f"{written} has no ';'"
    return _fault(DefectKind.UNTERMINATED_REFERENCE, 0, len(written), message, "decoded")


def undeclared_entity(written: str) -> Fault:
    """An entity of HTML."""
    message = f"{written} is not declared in XML"
    return _fault(DefectKind.UNDECLARED_ENTITY, 0, len(written), message, "decoded as in HTML")


def unknown_entity(written: str) -> Fault:
    """An entity that nobody declares."""
    message = f"no entity is called {written}"
    return _fault(DefectKind.UNKNOWN_ENTITY, 0, len(written), message, _AS_WRITTEN)


def invalid_reference(written: str, why: str, meaning: str | None) -> Fault:
    """A numeric reference to what is not a character, or not the one that is meant."""
    message = f"{written} {why}"
    action = "replaced by U+FFFD" if meaning is None else f"read as {meaning!a}"
    is_settled = meaning is not None
    kind, end = DefectKind.INVALID_REFERENCE, len(written)
    return _fault(kind, 0, end, message, action, is_settled=is_settled)


def illegal_character(start: int, end: int, character: str, *, is_mapped: bool) -> Fault:
    """A character that XML does not allow, or bytes that no encoding maps to one."""
    message = (
        f"U+{ord(character):04X} is not allowed in XML"
        if is_mapped
        else "these bytes are not a character in any encoding that was tried"
    )
    return _fault(DefectKind.ILLEGAL_CHARACTER, start, end, message, "replaced by U+FFFD")


def undecodable_bytes(raw: bytes, start: int, end: int, encoding: str, action: str) -> Fault:
    """Bytes of a field that are not valid in the document's encoding."""
    message = f"0x{raw[start:end].hex().upper()} is not valid {encoding}; {action}"
    return _fault(DefectKind.UNDECODABLE_BYTES, start, end, message, action)


def other_label(start: int, end: int, label: str, encoding: str) -> Fault:
    """A character that the declared encoding would read differently."""
    message = f"this is not {label}, which the document declares, but {encoding}"
    action = f"the document is read as {encoding}"
    return _fault(DefectKind.ENCODING_LABEL, start, end, message, action)


def claimed_eight_bit(start: int, end: int, label: str, encoding: str) -> Fault:
    """UTF-8 in a document that declares an 8-bit encoding, or whose format has one."""
    why = f"the document declares {label}" if label else f"files of its format are {encoding}"
    message = f"this is UTF-8, though {why}"
    action = "each such field of the document is read as UTF-8"
    return _fault(DefectKind.ENCODING_LABEL, start, end, message, action, is_settled=True)


def encoding_conflict(
    start: int, end: int, declared: str, encoding: str, *, is_mark: bool
) -> Fault:
    """A declaration that cannot be followed."""
    if is_mark:
        message = f"the first bytes are those of {encoding}, but the declaration says {declared}"
    else:
        message = f"the declaration says {declared or 'UTF-8'}, which the document cannot be in"
    action = f"read as {encoding}"
    return _fault(DefectKind.ENCODING_CONFLICT, start, end, message, action, is_settled=is_mark)


def first_conflict(decoder: InputDecoder) -> tuple[Fault, Known]:
    """The first document's declaration, which cannot be followed, and its place."""
    declaration = decoder.declaration.lstrip()
    before = decoder.declaration[: -len(declaration)].decode()
    *lines, last = before.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    start, charset = decoder.start + len(before), decoder.charset
    name = shown_name(charset.stream or charset.name)
    end, declared = start + len(declaration), charset.declared
    fault = encoding_conflict(start, end, declared, name, is_mark=decoder.is_marked)
    return fault, Known(len(lines) + 1, len(last) + 1, declaration[:RAW_BYTES])


def other_encoding(start: int, end: int, encoding: str) -> Fault:
    """Bytes between elements that begin with the byte order mark of another encoding."""
    message = f"{encoding} begins here, and cannot follow in one input"
    return _fault(DefectKind.ENCODING_CONFLICT, start, end, message, "not part of any record")


# ---- markup in text ---------------------------------------------------------------------


def bare_less_than(start: int, end: int, written: str, why: str) -> Fault:
    """A `<` that does not begin a tag, or text that looks like a tag."""
    message = f"{written[:_SHOWN_CHARACTERS]!r} {why}"
    return _fault(DefectKind.BARE_LESS_THAN, start, end, message, _AS_WRITTEN)


def inline_markup(start: int, end: int, name: str, *, breaks: bool) -> Fault:
    """A tag of HTML in text; `name` has its slash."""
    action = "replaced by a line feed" if breaks else "the tag was dropped, its text kept"
    return _fault(DefectKind.INLINE_MARKUP, start, end, f"HTML's <{name}> in text", action)


def second_body(start: int, end: int, element: str) -> Fault:
    """A second start tag of a body inside that body."""
    message = f"<{element}> is still open here"
    return _fault(DefectKind.MISSING_END_TAG, start, end, message, "read as part of the text")


def more_of_a_kind(first: Fault, count: int) -> Fault:
    """All faults of one kind over the limit for one field, reported together."""
    message = f"{count} more of this kind in this field, the first of them here"
    return first._replace(message=message)


def invalid_value(kind: DefectKind, start: int, end: int, text: str, wanted: str) -> Fault:
    """Text where a number or a date should be."""
    return _fault(kind, start, end, f"{text[:RAW_CHARACTERS]!r} is not {wanted}", "read as None")


# ---- tags between fields ----------------------------------------------------------------


def inline_tag(tag: Tag) -> Fault:
    """A tag of HTML between elements."""
    message = f"HTML's <{'/' * tag.closes}{tag.key}> between elements"
    return _fault(DefectKind.INLINE_MARKUP, tag.start, tag.end, message, "dropped")


def malformed_tag(tag: Tag) -> Fault:
    """A tag of the format whose attributes or end are broken."""
    message = f"the tag <{'/' * tag.closes}{tag.name}> is broken"
    if not tag.is_broken:
        message = f"<{tag.name}/> is empty, but text and its end tag follow"
    action = "read as the tag, without attributes"
    return _fault(DefectKind.MALFORMED_TAG, tag.start, tag.end, message, action)


def stray_end_tag(tag: Tag) -> Fault:
    """An end tag without a start tag."""
    message = f"</{tag.name}> has no start tag"
    return _fault(DefectKind.STRAY_END_TAG, tag.start, tag.end, message, "ignored")


def misspelt_tag(tag: Tag, element: str) -> Fault:
    """A tag in another case."""
    slash = "/" * tag.closes
    message = f"<{slash}{tag.name}> instead of <{slash}{element}>"
    return _fault(DefectKind.MISSPELT_TAG, tag.start, tag.end, message, f"read as {element}")


def unexpected_attribute(start: int, end: int, tag: Tag) -> Fault:
    """An attribute that the format does not name."""
    message, action = f"an attribute in <{tag.name}>", "the element was read, the attribute dropped"
    return _fault(DefectKind.UNEXPECTED_ATTRIBUTE, start, end, message, action)


def unknown_element(tag: Tag) -> Fault:
    """An element that the format does not name."""
    message = f"unknown element <{tag.name}>"
    return _fault(DefectKind.UNKNOWN_ELEMENT, tag.start, tag.end, message, "kept in extra")


def duplicate_element(start: int, end: int, element: str, record: str) -> Fault:
    """A second element of one name in one record."""
    message = f"a second <{element}> in one {record}"
    return _fault(DefectKind.DUPLICATE_ELEMENT, start, end, message, "dropped, the first counts")


def missing_element(tag: Tag, element: str, action: str = "read as None") -> Fault:
    """An element that should have been before a tag: a field, or the movie of a review."""
    message = f"<{element}> is missing before this tag"
    return _fault(DefectKind.MISSING_ELEMENT, tag.start, tag.end, message, action)


def missing_attribute(tag: Tag, name: str) -> Fault:
    """An attribute that the tag of a record should have."""
    message = f"no {name} in <{tag.name}>"
    return _fault(DefectKind.MISSING_ELEMENT, tag.start, tag.end, message, "read as None")


def quotes_in_attribute(found: Attribute) -> Fault:
    """An attribute whose value contains the same quotes that enclose it."""
    message = f"there are quotes in the value of {found.name}"
    kind, action = DefectKind.MALFORMED_TAG, "read as part of the value"
    return _fault(kind, found.start, found.end, message, action)


def misspelt_attribute(found: Attribute, name: str) -> Fault:
    """An attribute in another case."""
    message = f"the attribute {found.name} instead of {name}"
    return _fault(DefectKind.MISSPELT_TAG, found.start, found.end, message, f"read as {name}")


def duplicate_attribute(found: Attribute, tag: Tag) -> Fault:
    """A second attribute of one name in one tag."""
    message = f"a second {found.name} in <{tag.name}>"
    kind, action = DefectKind.DUPLICATE_ELEMENT, "dropped, the first counts"
    return _fault(kind, found.start, found.end, message, action)


def missing_end_tag(tag: Tag, element: str) -> Fault:
    """An element that is closed by the tag of another."""
    message = f"<{element}> is still open here"
    return _fault(DefectKind.MISSING_END_TAG, tag.start, tag.end, message, "closed here")


def stray_text(start: int, end: int, shown: str) -> Fault:
    """Text between elements."""
    message = f"text between elements: {shown[:_SHOWN_CHARACTERS]!r}"
    return _fault(DefectKind.UNEXPECTED_TEXT, start, end, message, "not part of any record")


# ---- the input as a whole ---------------------------------------------------------------


def doctype(start: int, end: int) -> Fault:
    """A document type declaration."""
    message, action = "a document type declaration", "nothing in it is acted on"
    return _fault(DefectKind.DOCTYPE, start, end, message, action)


def unexpected_end(start: int, end: int, where: str, *, is_part: bool) -> Fault:
    """The input, or a part of joined files, ends inside something."""
    message = f"{'a part of joined files' if is_part else 'the input'} ends inside a {where}"
    return _fault(DefectKind.UNEXPECTED_END, start, end, message, _READ_BEFORE)


def broken_compression(at: int, why: str) -> Fault:
    """Nothing more can be decompressed."""
    return _fault(DefectKind.BROKEN_COMPRESSION, at, at, why, _READ_BEFORE)


# What is not text: comments (one may be cut off), declarations, instructions.
_PROLOG = re.compile(rb"<!--.*?(?:-->|\Z)|<[!?][^>]*>", re.DOTALL)
_FIRST_TAG = re.compile(rf"</?{NAME}".encode())
_ADVICE = {
    "gzip": "pass its path, or open it with gzip.open; only one layer is decompressed",
    "bzip2": "pass its path, or open it with bz2.open; only one layer is decompressed",
    "xz": "pass its path, or open it with lzma.open; only one layer is decompressed",
    "zip": "pass its path, or open its members with zipfile; archives in archives are not read",
    "Zstandard": "decompress it first",
}


def no_movie(at: int, end: int, element: str, head: bytes) -> Fault:
    """No record in the whole input, which begins with `head`."""
    packed = packed_as(head)
    rest = _PROLOG.sub(b"", head).strip()
    tag = _FIRST_TAG.search(rest)
    if packed:
        found = f"it is {packed} data; {_ADVICE[packed]}"
    elif tag:
        name = tag[0].decode("utf-8", "backslashreplace")[:_SHOWN_CHARACTERS]
        found = f"{'its first tag is' if tag.start() else 'it begins with'} {name}>"
        if name.lower() == f"<{element}":
            found = f"{name}> is cut off or damaged"
    else:
        found = "it does not begin with a tag" if rest else "there is nothing to read"
    message = f"no <{element}> element found: {found}"
    return _fault(DefectKind.NO_MOVIE, at, end, message, "no record was read")


def not_well_formed(start: int, end: int, why: str) -> Fault:
    """An error in XML, which ends strict reading."""
    return _fault(DefectKind.NOT_WELL_FORMED, start, end, why, "reading stopped here")


class Reporter:
    """Makes the defects of one input.

    Args:
        buffer: The bytes being looked at.
        limits: The limits of the input.
        source: Name of the input.
        strict: Whether a defect above severity `info` is raised.
    """

    def __init__(self, buffer: Buffer, limits: Limits, *, source: str | None, strict: bool) -> None:
        self._buffer = buffer
        self._limits = limits
        self._source = source
        self._strict = strict

    def shown(self, raw: bytes, *, is_utf8: bool = False) -> str:
        r"""Return bytes of the input as text; what cannot be decoded is `\xNN`."""
        encoding = "utf-8" if is_utf8 else self._buffer.charset.name
        return raw.decode(encoding, "backslashreplace")

    def defect(
        self,
        fault: Fault,
        base: int,
        where: tuple[int | None, int | None, str | None, str | None],
        *,
        count: Callable[[bytes], int] | None = None,
        known: Known | None = None,
    ) -> Defect:
        """Return the defect for a fault.

        Args:
            fault: What is wrong.
            base: Offset that its places are counted from.
            where: Index of the movie and of the review that it is in, the name of the element
                concerned, and the attribute that this becomes.
            count: Counts the characters since the last defect, if the usual way does not fit.
            known: Its line, column and bytes, if they are known.

        Raises:
            CorpusSyntaxError: Its severity is above `info`, in strict reading.
        """
        kind, start, end, message, action, severity = fault
        offset = base + start
        if known is None:
            buffer = self._buffer
            line, column = buffer.locate(offset, count)
            at = offset - buffer.base
            raw = buffer.data[at : at + min(end - start, RAW_BYTES)]
        else:
            line, column, raw = known
        what = kind, severity, message, action, self._source
        shown = self.shown(raw, is_utf8=count is count_mixed)[:RAW_CHARACTERS]
        defect = checked_defect(*what, offset, line, column, *where, shown)
        if self._strict and severity is not Severity.INFO:
            raise CorpusSyntaxError(defect)
        return defect

    def defects(self, found: Faulty) -> list[Defect]:
        """Return the defects for what the fast path has found in a record, as `defect` does."""
        buffer, source, locate, made = self._buffer, self._source, self._buffer.locate, []
        data, data_at, encoding = buffer.data, buffer.base, buffer.charset.name
        movie_index, review_index, _ = found
        for field, base, some in found.fields:
            element, target = field.element, None if field.in_extra else field.target
            for at, (kind, start, end, message, action, severity) in some:
                offset = base + at + start
                line, column = locate(offset)
                begin = offset - data_at
                raw = data[begin : begin + min(end - start, RAW_BYTES)]
                shown = raw.decode(encoding, "backslashreplace")[:RAW_CHARACTERS]
                defect = checked_defect(
                    kind,
                    severity,
                    message,
                    action,
                    source,
                    offset,
                    line,
                    column,
                    movie_index,
                    review_index,
                    element,
                    target,
                    shown,
                )
                made.append(defect)
        return made

    def exceed(self, offset: int, what: str, limit: str) -> NoReturn:
        """Raise the error for something at an offset that is larger than a limit.

        Args:
            offset: Where it begins.
            what: What it is, with its verb.
            limit: Name of the limit.

        Raises:
            LimitExceeded: Always.
        """
        line, column = self._buffer.locate(offset)
        number = getattr(self._limits, limit)
        unit = "bytes" if limit.endswith("bytes") else "elements"
        place = f"{self._source or '<input>'}:{line}:{column}"
        raise LimitExceeded(
            visible(f"{place}: {what} longer than {number} {unit}; ")
            + f"to read it, pass limits=Limits({limit}=...) with a larger number"
        )
