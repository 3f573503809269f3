"""From the raw bytes of one field to its text: encodings, references, stray markup, characters."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from reviewcorpus._checks import ILLEGAL
from reviewcorpus.defects import DefectKind, Severity
from reviewcorpus.parser._buffer import controls_in, illegal_in
from reviewcorpus.parser._encoding import UNMAPPED, shown_name
from reviewcorpus.parser._fault import Fault, fault_of
from reviewcorpus.parser._grammar import (
    INLINE_ELEMENTS,
    LINE_BREAKING,
    SECTION_ENDS,
    TEXT_INSTRUCTION,
    TEXT_RECORD_START,
    TEXT_TAG,
    fold_case,
)
from reviewcorpus.parser._references import REPLACEMENT, read_reference

if TYPE_CHECKING:
    from reviewcorpus.limits import Limits

ILLEGAL_BYTE = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]")

_CUT_CHARACTER = re.compile(
    rb"(?:[\xc2-\xdf]|[\xe0-\xef][\x80-\xbf]?|[\xf0-\xf4][\x80-\xbf]{0,2})\Z"
)


class FieldText(NamedTuple):
    """The text of one field, and what was wrong in it, in the order of its bytes."""

    text: str
    faults: list[Fault]
    per_byte: bool
    """Whether each byte was read as one character, as in an 8-bit encoding."""


class TextReader:
    """Turns raw fields of one input into text."""

    def __init__(self, encoding: str, fallback: str, limits: Limits) -> None:
        self.encoding = encoding
        self.fallback = fallback
        self.limits = limits

    def read(
        self, raw: bytes, *, sections_are_xml: bool = False, is_legal: bool = False
    ) -> FieldText:
        """Give the text of a field.

        Args:
            raw: The field as it stands between its tags.
            sections_are_xml: Whether comments and CDATA sections are known to end where XML says,
                even if they hold the tag of a record.
            is_legal: Whether the field is known to hold no character that XML forbids.
        """
        try:
            text, undecodable = raw.decode(self.encoding), None
            is_legal = is_legal or not illegal_in(raw, controls_in(raw))
        except UnicodeDecodeError as error:
            text, undecodable = self._decode_otherwise(raw, error)
            is_legal = False
        per_byte = undecodable is not None
        is_wide = self.encoding == "utf-8" and not per_byte
        reading = _Reading(text, self.limits, sections_are_xml, is_wide)
        result = reading.run(is_legal=is_legal)
        faults = reading.finish()
        if faults and is_wide and not raw.isascii():
            faults = list(_in_bytes(text, faults))
        if undecodable is not None:
            faults.append(undecodable)
            faults.sort(key=lambda fault: fault.start)
        return FieldText(result, faults, per_byte)

    def count_cut_bytes(self, raw: bytes) -> int:
        """Give how many bytes at the end begin a UTF-8 character that the end has cut off."""
        cut = _CUT_CHARACTER.search(raw, max(len(raw) - 3, 0)) if self.encoding == "utf-8" else None
        if cut is None:
            return 0
        try:
            raw[: cut.start()].decode()
        except UnicodeDecodeError:  # a field in the fallback encoding, of which nothing is cut
            return 0
        return len(raw) - cut.start()

    def _decode_otherwise(
        self, raw: bytes, undecodable: UnicodeDecodeError
    ) -> tuple[str, Fault | None]:
        """Give the characters; what is none becomes a lone surrogate, for a later step."""
        if self.encoding == "utf-8":
            try:
                return raw.decode("utf-8", "surrogatepass"), None
            except UnicodeDecodeError:
                pass
        shown = raw[undecodable.start : undecodable.end].hex(" ").upper()
        return raw.decode(self.fallback, "reviewcorpus.mark"), Fault(
            DefectKind.UNDECODABLE_BYTES,
            undecodable.start,
            undecodable.end,
            f"{shown} is not valid {shown_name(self.encoding)}",
            f"the field was read as {shown_name(self.fallback)}",
            Severity.WARNING,
        )


def _in_bytes(text: str, faults: list[Fault]) -> list[Fault]:
    """Turn places in characters into places in bytes of UTF-8."""
    converted = []
    character = byte = 0
    for kind, start, end, message, action, severity in faults:
        byte += _byte_length(text[character:start])
        character = start
        length = _byte_length(text[start:end])
        converted.append(Fault(kind, byte, byte + length, message, action, severity))
    return converted


def _byte_length(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))


class _Excess:
    """The faults of one field past the cap of their kind, which are told together."""

    def __init__(self, faults: list[Fault], most: int) -> None:
        self._most = most
        self._counts = Counter(fault.kind for fault in faults)
        self._first: dict[DefectKind, Fault] = {}

    def takes(self, fault: Fault) -> bool:
        """Count a fault; tell whether it is one too many of its kind."""
        self._counts[fault.kind] += 1
        if self._counts[fault.kind] <= self._most:
            return False
        self._first.setdefault(fault.kind, fault)
        return True

    def summaries(self) -> list[Fault]:
        """Give one fault for each kind of which there were too many."""
        return [
            fault._replace(
                message=f"{self._counts[kind] - self._most} more of this kind in this field,"
                " the first here"
            )
            for kind, fault in self._first.items()
        ]


def _find(text: str, sign: str, position: int) -> int:
    """Give where a sign stands next; the end of the text where it does not."""
    found = text.find(sign, position)
    return found if found >= 0 else len(text)


class _Reading:
    """One walk over the characters of one field."""

    def __init__(self, text: str, limits: Limits, sections_are_xml: bool, is_wide: bool) -> None:
        self.text = text
        self.limits = limits
        self.sections_are_xml = sections_are_xml
        self.is_wide = is_wide
        self.pieces: list[str] = []
        self.faults: list[Fault] = []
        self.excess: _Excess | None = None
        self.next_places: dict[str, int] = {}

    def run(self, *, is_legal: bool) -> str:
        """Give the text; what was wrong is in `finish()`.

        Args:
            is_legal: Whether the text is known to hold no character that XML forbids.
        """
        text = self.text
        end = len(text)
        reference, markup = _find(text, "&", 0), _find(text, "<", 0)
        illegal = end if is_legal else self._find_illegal(0)
        position = 0
        while (at := min(reference, markup, illegal)) < end:
            if position < at:
                self._keep(position, at)
            if at == reference:
                position = self._take_reference(at)
            elif at == markup:
                position = self._read_markup(at)
            else:
                position = self._replace_illegal(at)
            # What has been passed is looked for again from here, so that each sign is searched
            # for once in each part of the text.
            if reference < position:
                reference = _find(text, "&", position)
            if markup < position:
                markup = _find(text, "<", position)
            if illegal < position:
                illegal = self._find_illegal(position)
        self._keep(position, end)
        return "".join(self.pieces)

    def _find_illegal(self, position: int) -> int:
        found = ILLEGAL.search(self.text, position)
        return found.start() if found else len(self.text)

    def finish(self) -> list[Fault]:
        """Give the faults in order; those past the cap are told together, at the first of them."""
        if self.excess is not None:
            self.faults += self.excess.summaries()
            self.faults.sort(key=lambda fault: fault.start)
        return self.faults

    def _report(self, fault: Fault) -> None:
        most = self.limits.max_defects_per_field
        if len(self.faults) < most:  # then there are no more of any kind
            self.faults.append(fault)
            return
        if self.excess is None:
            self.excess = _Excess(self.faults, most)
        if not self.excess.takes(fault):
            self.faults.append(fault)

    def _length(self, characters: str) -> int:
        """Give the length of some characters in bytes of the input."""
        return _byte_length(characters) if self.is_wide else len(characters)

    def _keep(self, start: int, end: int) -> None:
        """Take characters as they stand, but for line ends, which XML reads as a line feed."""
        piece = self.text[start:end]
        if "\r" in piece:
            piece = piece.replace("\r\n", "\n").replace("\r", "\n")
        self.pieces.append(piece)

    def _keep_section(self, start: int, end: int) -> None:
        """Take a CDATA section as it stands, but for what is no character."""
        while found := ILLEGAL.search(self.text, start, end):
            self._keep(start, found.start())
            start = self._replace_illegal(found.start())
        self._keep(start, end)

    def _replace_illegal(self, at: int) -> int:
        character = self.text[at]
        message = (
            "bytes that mean no character in any encoding tried"
            if character == UNMAPPED
            else f"U+{ord(character):04X} is not allowed in XML"
        )
        self._report(
            fault_of(DefectKind.ILLEGAL_CHARACTER, at, at + 1, message, "replaced by U+FFFD")
        )
        self.pieces.append(REPLACEMENT)
        return at + 1

    def _take_reference(self, at: int) -> int:
        """Decode the reference at an ampersand, or take the ampersand as written."""
        meaning, end, fault = read_reference(self.text, at, self.limits.max_reference_bytes)
        self.pieces.append(meaning)
        if fault is not None:
            self._report(fault)
        return end

    def _read_markup(self, at: int) -> int:
        """Read the section or inline tag at a `<`, or take it as written."""
        for opening, closing in SECTION_ENDS.items():
            if self.text.startswith(opening, at):
                return self._read_section(at, opening, closing)
        found = TEXT_TAG.match(self.text, at)
        if found is None or self._length(found[0]) > self.limits.max_tag_bytes:
            return self._bare_less_than(at, at + 1, "'<' begins no tag")
        name = fold_case(found[2])
        if name not in INLINE_ELEMENTS:
            return self._bare_less_than(at, found.end(), f"{found[0][:40]!r} is no tag here")
        breaks = name in LINE_BREAKING and not found[1]
        message = f"HTML's <{found[1]}{name}> in running text"
        action = "replaced by a line feed" if breaks else "left out, its text stays"
        self._report(fault_of(DefectKind.INLINE_MARKUP, *found.span(), message, action))
        if breaks:
            self.pieces.append("\n")
        return found.end()

    def _bare_less_than(self, at: int, end: int, message: str) -> int:
        # Only the sign itself is taken: there may be references inside what looks like a tag.
        self._report(fault_of(DefectKind.BARE_LESS_THAN, at, end, message, "read as written"))
        self.pieces.append("<")
        return at + 1

    def _read_section(self, at: int, opening: str, closing: str) -> int:
        inside = at + len(opening)
        end = self._next_place(closing, inside)
        is_section = end >= 0 and (
            self.sections_are_xml or not 0 <= self._next_record_start(inside) < end
        )
        if opening == "<?" and not TEXT_INSTRUCTION.match(self.text, at):
            is_section = False
        if not is_section:
            return self._bare_less_than(at, at + 1, f"{opening!r} opens nothing that ends in time")
        if opening == "<![CDATA[":
            self._keep_section(inside, end)
        return end + len(closing)

    def _next_place(self, closing: str, position: int) -> int:
        """Find the next end of a section, or -1; each part of the text is searched once."""
        known = self.next_places.get(closing, 0)
        if 0 <= known < position:
            known = self.next_places[closing] = self.text.find(closing, position)
        return known

    def _next_record_start(self, position: int) -> int:
        """Find the next tag that would begin a record, or -1; each part is searched once."""
        known = self.next_places.get("record", 0)
        if 0 <= known < position:
            found = TEXT_RECORD_START.search(self.text, position)
            known = self.next_places["record"] = found.start() if found else -1
        return known
