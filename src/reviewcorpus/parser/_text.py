"""From the raw bytes of one field to its text: encodings, references, stray markup, characters."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from reviewcorpus._checks import ILLEGAL
from reviewcorpus.parser import _reporter as faults
from reviewcorpus.parser._buffer import controls_in, illegal_in
from reviewcorpus.parser._encoding import UNMAPPED, shown_name
from reviewcorpus.parser._grammar import (
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
    from reviewcorpus.defects import DefectKind
    from reviewcorpus.limits import Limits

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
    """Turns raw fields of one input into text.

    Args:
        encoding: Encoding of the input.
        fallback: Encoding of a field that does not fit it.
        limits: Those of the input.
        record_start: A tag before which a comment, CDATA section or instruction must end; `None`
            where XML alone says where they end.
    """

    def __init__(
        self,
        encoding: str,
        fallback: str,
        limits: Limits,
        record_start: re.Pattern[str] | None = None,
    ) -> None:
        self.encoding = encoding
        self._record_start = record_start
        self._fallback = fallback
        self._limits = limits

    def read(self, raw: bytes, *, is_legal: bool = False) -> FieldText:
        """Return the text of a field, and what is wrong in it.

        Args:
            raw: What is between its tags.
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
        reading = _Reading(text, self._limits, self._record_start, is_wide)
        result = reading.run(is_legal=is_legal)
        found = reading.finish()
        if found and is_wide and not raw.isascii():
            found = _in_bytes(text, found)
        if undecodable is not None:
            found.append(undecodable)
            found.sort(key=lambda fault: fault.start)
        return FieldText(result, found, per_byte)

    def _decode_otherwise(
        self, raw: bytes, undecodable: UnicodeDecodeError
    ) -> tuple[str, Fault | None]:
        """Return the characters; bytes that mean none become a lone surrogate, for a later step."""
        if self.encoding == "utf-8":
            try:
                return raw.decode("utf-8", "surrogatepass"), None
            except UnicodeDecodeError:
                pass
        start, end = undecodable.start, undecodable.end
        names = shown_name(self.encoding), shown_name(self._fallback)
        fault = faults.undecodable_bytes(start, end, raw[start:end], *names)
        return raw.decode(self._fallback, "reviewcorpus.mark"), fault


def count_cut_bytes(raw: bytes, encoding: str) -> int:
    """Return how many bytes at the end begin a UTF-8 character that the end has cut off."""
    cut = _CUT_CHARACTER.search(raw, max(len(raw) - 3, 0)) if encoding == "utf-8" else None
    if cut is None:
        return 0
    try:
        raw[: cut.start()].decode()
    except UnicodeDecodeError:  # the field is in the fallback encoding, and is not cut
        return 0
    return len(raw) - cut.start()


def _in_bytes(text: str, found: list[Fault]) -> list[Fault]:
    """Turn places in characters into places in bytes of UTF-8."""
    converted = []
    character = byte = 0
    for kind, start, end, message, action, severity in found:
        byte += _byte_length(text[character:start])
        character = start
        length = _byte_length(text[start:end])
        converted.append(Fault(kind, byte, byte + length, message, action, severity))
    return converted


def _byte_length(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))


def _find(text: str, sign: str, position: int) -> int:
    """Return where a sign is next; the end of the text where it is not."""
    found = text.find(sign, position)
    return found if found >= 0 else len(text)


class _Reading:
    """One walk over the characters of one field."""

    def __init__(
        self, text: str, limits: Limits, record_start: re.Pattern[str] | None, is_wide: bool
    ) -> None:
        self.text = text
        self.limits = limits
        self.record_start = record_start
        self.is_wide = is_wide
        self.pieces: list[str] = []
        self.faults: list[Fault] = []
        self.counts: Counter[DefectKind] = Counter()
        self.excess: dict[DefectKind, Fault] = {}  # the first of a kind past the limit
        self.next_places: dict[str, int] = {}

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
        found = TEXT_TAG.match(self.text, at)
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
