"""From the raw bytes of one field to its text: encodings, references, stray markup, characters."""

from __future__ import annotations

import html.entities
import re
from typing import TYPE_CHECKING, NamedTuple

from reviewcorpus._encoding import UNMAPPED
from reviewcorpus._markup import (
    INLINE_ELEMENTS,
    LINE_BREAKING,
    SECTION_ENDS,
    TEXT_INSTRUCTION,
    TEXT_RECORD_START,
    TEXT_TAG,
    fold_case,
)
from reviewcorpus.defects import SEVERITIES, DefectKind, Severity

if TYPE_CHECKING:
    from reviewcorpus.limits import Limits

REPLACEMENT = "\ufffd"

_PREDEFINED = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}
_HTML = html.entities.html5

# Characters outside XML's Char production; lone surrogates are no characters at all.
_ILLEGAL_CLASS = "\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\ufffe\uffff\ud800-\udfff"
ILLEGAL = re.compile(f"[{_ILLEGAL_CLASS}]")
ILLEGAL_BYTE = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_SPECIAL = re.compile("[&<]")
_SPECIAL_OR_ILLEGAL = re.compile(f"[&<{_ILLEGAL_CLASS}]")
_LEGAL_BYTES = bytes(byte for byte in range(256) if byte >= 0x20 or byte in b"\t\n\r")  # noqa: PLR2004 space
_NONCHARACTERS_LEAD = 0xEF
_NONCHARACTERS = ("\ufffe".encode(), "\uffff".encode())

_CUT_CHARACTER = re.compile(
    rb"(?:[\xc2-\xdf]|[\xe0-\xef][\x80-\xbf]?|[\xf0-\xf4][\x80-\xbf]{0,2})\Z"
)

_REFERENCE = re.compile(r"&(?:#(?:([0-9]++)|([xX])([0-9A-Fa-f]++))|([A-Za-z][A-Za-z0-9]*+))(;?)")
_MOST_DIGITS = 7  # U+10FFFF is 1114111; more digits cannot be a character, and int() has a limit
_WINDOWS_CONTROLS = range(0x80, 0xA0)  # where browsers read Windows-1252: HTML 5, 13.2.5.80


def holds_illegal_bytes(data: bytes) -> bool:
    """Tell whether bytes of a valid text hold a character that XML does not allow."""
    return bool(data.translate(None, _LEGAL_BYTES)) or (
        # One byte is found many times faster than three.
        _NONCHARACTERS_LEAD in data and any(character in data for character in _NONCHARACTERS)
    )


class Fault(NamedTuple):
    """A defect within one field, before it has a place in the input.

    `start` and `end` count bytes from the start of the field.
    """

    kind: DefectKind
    start: int
    end: int
    message: str
    repair: str
    severity: Severity


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

    def read(self, raw: bytes, *, sections_are_xml: bool = False) -> FieldText:
        """Give the text of a field.

        Args:
            raw: The field as it stands between its tags.
            sections_are_xml: Whether comments and CDATA sections are known to end where XML says,
                even if they hold the tag of a record.
        """
        try:
            text, undecodable = raw.decode(self.encoding), None
            is_legal = not holds_illegal_bytes(raw)
            if is_legal and b"&" not in raw and b"<" not in raw and b"\r" not in raw:
                return FieldText(text, [], per_byte=False)
            special = _SPECIAL if is_legal else _SPECIAL_OR_ILLEGAL
        except UnicodeDecodeError as error:
            text, undecodable = self._decode_otherwise(raw, error)
            special = _SPECIAL_OR_ILLEGAL
        per_byte = undecodable is not None
        is_wide = self.encoding == "utf-8" and not per_byte
        reading = _Reading(text, self.limits, sections_are_xml, is_wide)
        result = reading.run(special)
        faults = reading.finish()
        if is_wide and not raw.isascii():
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
            f"{shown} is not valid {self.encoding}",
            f"the field was read as {self.fallback}",
            Severity.WARNING,
        )


def _in_bytes(text: str, faults: list[Fault]) -> list[Fault]:
    """Turn places in characters into places in bytes of UTF-8."""
    converted = []
    character = byte = 0
    for fault in faults:
        byte += _byte_length(text[character : fault.start])
        character = fault.start
        length = _byte_length(text[fault.start : fault.end])
        converted.append(fault._replace(start=byte, end=byte + length))
    return converted


def _byte_length(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))


class _Reading:
    """One walk over the characters of one field."""

    def __init__(self, text: str, limits: Limits, sections_are_xml: bool, is_wide: bool) -> None:
        self.text = text
        self.limits = limits
        self.sections_are_xml = sections_are_xml
        self.length = _byte_length if is_wide else len
        self.pieces: list[str] = []
        self.faults: list[Fault] = []
        self.counts: dict[DefectKind, int] = {}
        self.first_unreported: dict[DefectKind, Fault] = {}
        self.next_places: dict[str, int] = {}

    def run(self, special: re.Pattern[str]) -> str:
        """Give the text; what was wrong is in `finish()`."""
        text = self.text
        position = 0
        while found := special.search(text, position):
            at = found.start()
            self._keep(position, at)
            if text[at] == "&":
                position = self._read_reference(at)
            elif text[at] == "<":
                position = self._read_markup(at)
            else:
                position = self._replace_illegal(at)
        self._keep(position, len(text))
        return "".join(self.pieces)

    def finish(self) -> list[Fault]:
        """Give the faults in order; those past the cap are told together, at the first of them."""
        for kind, fault in self.first_unreported.items():
            more = self.counts[kind] - self.limits.max_defects_per_field
            self.faults.append(
                fault._replace(message=f"{more} more of this kind in this field, the first here")
            )
        if self.first_unreported:
            self.faults.sort(key=lambda fault: fault.start)
        return self.faults

    def _report(  # noqa: PLR0913, PLR0917 the parts of a fault
        self,
        kind: DefectKind,
        start: int,
        end: int,
        message: str,
        repair: str,
        severity: Severity | None = None,
    ) -> None:
        count = self.counts[kind] = self.counts.get(kind, 0) + 1
        fault = Fault(kind, start, end, message, repair, severity or SEVERITIES[kind])
        if count <= self.limits.max_defects_per_field:
            self.faults.append(fault)
        else:
            self.first_unreported.setdefault(kind, fault)

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
        self._report(DefectKind.ILLEGAL_CHARACTER, at, at + 1, message, "replaced by U+FFFD")
        self.pieces.append(REPLACEMENT)
        return at + 1

    def _read_reference(self, at: int) -> int:
        """Decode the reference at an ampersand, or take the ampersand as written."""
        found = _REFERENCE.match(self.text, at)
        if found is None or found.end() - at > self.limits.max_reference_bytes:
            return self._bare_ampersand(at, at + 1)
        if found[4] is None:
            return self._read_number(found)
        return self._read_name(found)

    def _bare_ampersand(self, at: int, end: int) -> int:
        self._report(
            DefectKind.BARE_AMPERSAND,
            at,
            end,
            f"{self.text[at:end]!r} is no reference",
            "read as written",
        )
        self.pieces.append(self.text[at:end])
        return end

    def _read_name(self, found: re.Match[str]) -> int:
        start, end = found.span()
        name, semicolon = found[4], found[5]
        meaning = _PREDEFINED.get(name)
        if semicolon:
            if meaning is None:
                meaning = self._name_entity(found)
        elif end == len(self.text):
            meaning = meaning or _HTML.get(f"{name};")
        elif self.text[end].isalnum() or self.text[end] == "=":
            meaning = None
        if meaning is None:
            return self._bare_ampersand(start, end)
        if not semicolon:
            self._unterminated(found)
        self.pieces.append(meaning)
        return end

    def _name_entity(self, found: re.Match[str]) -> str:
        """Give what an entity stands for that XML does not declare."""
        meaning = _HTML.get(f"{found[4]};")
        if meaning is not None:
            self._report(
                DefectKind.UNDECLARED_ENTITY,
                *found.span(),
                f"XML does not declare {found[0]}",
                "decoded as HTML has it",
            )
            return meaning
        self._report(
            DefectKind.UNKNOWN_ENTITY,
            *found.span(),
            f"no entity is called {found[0]}",
            "read as written",
        )
        return found[0]

    def _unterminated(self, found: re.Match[str]) -> None:
        self._report(
            DefectKind.UNTERMINATED_REFERENCE, *found.span(), f"{found[0]} lacks its ';'", "decoded"
        )

    def _read_number(self, found: re.Match[str]) -> int:
        start, end = found.span()
        terminated = bool(found[5])
        if not terminated and end != len(self.text):
            return self._bare_ampersand(start, end)
        character, accepted = _numbered(found[1], found[3])
        if character is None or not accepted or found[2] == "X":
            self._report(
                DefectKind.INVALID_REFERENCE,
                start,
                end,
                f"{found[0]} is no reference to a character of XML",
                "replaced by U+FFFD" if character is None else f"read as {character!a}",
                Severity.ERROR if character is None else Severity.WARNING,
            )
        elif not terminated:
            self._unterminated(found)
        self.pieces.append(REPLACEMENT if character is None else character)
        return end

    def _read_markup(self, at: int) -> int:
        """Read the section or inline tag at a `<`, or take it as written."""
        for opening, closing in SECTION_ENDS.items():
            if self.text.startswith(opening, at):
                return self._read_section(at, opening, closing)
        found = TEXT_TAG.match(self.text, at)
        if found is None or self.length(found[0]) > self.limits.max_tag_bytes:
            return self._bare_less_than(at, at + 1, "'<' begins no tag")
        name = fold_case(found[2])
        if name not in INLINE_ELEMENTS:
            return self._bare_less_than(at, found.end(), f"{found[0][:40]!r} is no tag here")
        breaks = name in LINE_BREAKING and not found[1]
        self._report(
            DefectKind.INLINE_MARKUP,
            *found.span(),
            f"HTML's <{found[1]}{name}> in running text",
            "replaced by a line feed" if breaks else "left out, its text stays",
        )
        if breaks:
            self.pieces.append("\n")
        return found.end()

    def _bare_less_than(self, at: int, end: int, message: str) -> int:
        # Only the sign itself is taken: there may be references inside what looks like a tag.
        self._report(DefectKind.BARE_LESS_THAN, at, end, message, "read as written")
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


def _numbered(decimal: str | None, hexadecimal: str) -> tuple[str | None, bool]:
    """Give the character of a number, and whether it stands for itself; `None` for none."""
    digits = (decimal or hexadecimal).lstrip("0") or "0"
    if len(digits) > _MOST_DIGITS:
        return None, False
    number = int(digits, 10 if decimal else 16)
    if number in _WINDOWS_CONTROLS:
        # Five of these bytes mean nothing in Windows-1252; HTML leaves them as they are.
        try:
            return bytes([number]).decode("windows-1252"), False
        except UnicodeDecodeError:
            return chr(number), False
    if number > 0x10FFFF or ILLEGAL.match(chr(number)):  # noqa: PLR2004 the last code point
        return None, False
    return chr(number), True
