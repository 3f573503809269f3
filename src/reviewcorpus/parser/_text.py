"""From the raw bytes of one field to its text: encodings, references, stray markup, characters."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

import attrs

from reviewcorpus._checks import ILLEGAL
from reviewcorpus.defects import DefectKind
from reviewcorpus.limits import Limits
from reviewcorpus.parser import _reporter as faults
from reviewcorpus.parser._buffer import Buffer, controls_in, illegal_in
from reviewcorpus.parser._decoding import decode_field, in_bytes, label_fault
from reviewcorpus.parser._encoding import UNMAPPED
from reviewcorpus.parser._grammar import (
    BROKEN_INLINE_TAG,
    INLINE_ELEMENTS,
    LINE_BREAKING,
    SECTION_ENDS,
    TEXT_INSTRUCTION,
    TEXT_TAG,
    fold_case,
)
from reviewcorpus.parser._references import REPLACEMENT, read_reference
from reviewcorpus.parser._reporter import Fault

if TYPE_CHECKING:
    from collections.abc import Callable


class FieldText(NamedTuple):
    """The text of one field, and what was wrong in it, in the order of its bytes."""

    text: str
    faults: list[Fault]
    count: Callable[[bytes], int]
    """Counts the characters in its bytes."""


@attrs.define(eq=False)
class TextReader:
    """Turns raw fields of one input into text.

    Args:
        buffer: The bytes being looked at, which know the encoding of the document.
        fallback: Encoding of a field that does not fit it.
        limits: Those of the input.
        record_start: A tag before which a comment, CDATA section or instruction must end; `None`
            where XML alone says where they end.
    """

    _buffer: Buffer
    _fallback: str
    _limits: Limits
    _record_start: re.Pattern[str] | None = None

    def count_in(self, raw: bytes) -> Callable[[bytes], int]:
        """Return what counts the characters in the bytes of a field."""
        return decode_field(raw, self._buffer.charset, self._fallback).count

    def read(self, raw: bytes, *, is_legal: bool = False) -> FieldText:
        """Return the text of a field, and what is wrong in it.

        Args:
            raw: What is between its tags.
            is_legal: Whether the field is known to hold no character that XML forbids.
        """
        decoded = decode_field(raw, self._buffer.charset, self._fallback)
        is_legal = is_legal or not illegal_in(raw, controls_in(raw))
        reading = _Reading(decoded.text, self._limits, self._record_start, decoded.is_wide)
        result = reading.run(is_legal=is_legal and not decoded.is_damaged)
        found = reading.finish()
        if found:
            found = in_bytes(raw, decoded, found)
        label = (
            None
            if self._buffer.charset.is_plain or raw.isascii()
            else label_fault(raw, decoded, self._buffer.charset)
        )
        notes = [note for note in (decoded.fault, label) if note]
        if notes:
            found = sorted([*found, *notes], key=lambda fault: fault.start)
        return FieldText(result, found, decoded.count)


def _byte_length(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))


def _find(text: str, sign: str, position: int) -> int:
    """Return where a sign is next; the end of the text where it is not."""
    found = text.find(sign, position)
    return found if found >= 0 else len(text)


@attrs.define(eq=False)
class _Reading:
    """One walk over the characters of one field."""

    text: str
    limits: Limits
    record_start: re.Pattern[str] | None
    is_wide: bool
    pieces: list[str] = attrs.field(init=False, factory=list)
    faults: list[Fault] = attrs.field(init=False, factory=list)
    counts: Counter[DefectKind] = attrs.field(init=False, factory=Counter)
    excess: dict[DefectKind, Fault] = attrs.field(
        init=False, factory=dict
    )  # the first of a kind past the limit
    next_places: dict[str, int] = attrs.field(init=False, factory=dict)

    def run(self, *, is_legal: bool) -> str:
        """Return the text; what was wrong is in `finish()`.

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
        """Return the faults in order; those past the limit are one, at the first of them."""
        most = self.limits.max_defects_per_field
        for kind, first in self.excess.items():
            self.faults.append(faults.more_of_a_kind(first, self.counts[kind] - most))
        if self.excess:
            self.faults.sort(key=lambda fault: fault.start)
        return self.faults

    def _report(self, fault: Fault) -> None:
        count = self.counts[fault.kind] = self.counts[fault.kind] + 1
        if count <= self.limits.max_defects_per_field:
            self.faults.append(fault)
        else:
            self.excess.setdefault(fault.kind, fault)

    def _length(self, characters: str) -> int:
        """Return the length of some characters in bytes of the input."""
        return _byte_length(characters) if self.is_wide else len(characters)

    def _keep(self, start: int, end: int) -> None:
        """Keep characters as they are, except line ends, which XML reads as a line feed."""
        piece = self.text[start:end]
        if "\r" in piece:
            piece = piece.replace("\r\n", "\n").replace("\r", "\n")
        self.pieces.append(piece)

    def _keep_section(self, start: int, end: int) -> None:
        """Keep a CDATA section as it is, except characters that XML does not allow."""
        while found := ILLEGAL.search(self.text, start, end):
            self._keep(start, found.start())
            start = self._replace_illegal(found.start())
        self._keep(start, end)

    def _replace_illegal(self, at: int) -> int:
        character = self.text[at]
        self._report(faults.illegal_character(at, character, is_mapped=character != UNMAPPED))
        self.pieces.append(REPLACEMENT)
        return at + 1

    def _take_reference(self, at: int) -> int:
        """Decode the reference at an ampersand, or keep the ampersand as written."""
        meaning, end, fault = read_reference(self.text, at, self.limits.max_reference_bytes)
        self.pieces.append(meaning)
        if fault is not None:
            self._report(fault)
        return end

    def _read_markup(self, at: int) -> int:
        """Read the section or inline tag at a `<`, or keep it as written."""
        if self.text.startswith(("!", "?"), at + 1):
            for opening, closing in SECTION_ENDS.items():
                if self.text.startswith(opening, at):
                    return self._read_section(at, opening, closing)
        found = TEXT_TAG.match(self.text, at) or BROKEN_INLINE_TAG.match(self.text, at)
        if found is None or self._length(found[0]) > self.limits.max_tag_bytes:
            return self._keep_less_than(faults.bare_less_than(at, at + 1))
        name = fold_case(found[2])
        if name not in INLINE_ELEMENTS:
            return self._keep_less_than(faults.not_a_tag(at, found.end(), found[0]))
        breaks = name in LINE_BREAKING and not found[1]
        self._report(faults.inline_markup(*found.span(), f"{found[1]}{name}", breaks=breaks))
        if breaks:
            self.pieces.append("\n")
        return found.end()

    def _keep_less_than(self, fault: Fault) -> int:
        # Only the sign itself is kept: there may be references inside what looks like a tag.
        self._report(fault)
        self.pieces.append("<")
        return fault.start + 1

    def _read_section(self, at: int, opening: str, closing: str) -> int:
        inside = at + len(opening)
        end = self._next_place(closing, inside)
        is_section = end >= 0 and not self._has_record_before(inside, end)
        if opening == "<?" and not TEXT_INSTRUCTION.match(self.text, at):
            is_section = False
        if not is_section:
            return self._keep_less_than(faults.unended_section(at, opening))
        if opening == "<![CDATA[":
            self._keep_section(inside, end)
        return end + len(closing)

    def _next_place(self, closing: str, position: int) -> int:
        """Find the next end of a section, or -1; each part of the text is searched once."""
        known = self.next_places.get(closing, 0)
        if 0 <= known < position:
            known = self.next_places[closing] = self.text.find(closing, position)
        return known

    def _has_record_before(self, position: int, end: int) -> bool:
        """Check for a tag that would begin a record; each part of the text is searched once."""
        if self.record_start is None:
            return False
        known = self.next_places.get("record", 0)
        if 0 <= known < position:
            found = self.record_start.search(self.text, position)
            known = self.next_places["record"] = found.start() if found else -1
        return 0 <= known < end
