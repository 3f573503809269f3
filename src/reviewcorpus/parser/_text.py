"""From the raw bytes of one field to its text: references, stray markup, characters, line ends.

Text is read as bytes, because what matters in it is ASCII. So the places of faults are offsets, and
what is between them is decoded in one piece. A field that is not in the encoding of its document is
decoded first, and then read as UTF-8.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from reviewcorpus.formats import INLINE_ELEMENTS
from reviewcorpus.parser import _reporter as faults
from reviewcorpus.parser._buffer import LESS_THAN, RETURN, Buffer
from reviewcorpus.parser._decoding import decode_field, in_bytes, label_fault
from reviewcorpus.parser._encoding import UNMAPPED
from reviewcorpus.parser._grammar import (
    BROKEN_INLINE_TAG,
    CDATA_OPENING,
    FIELD_INSTRUCTION,
    LINE_BREAKING,
    SECTION_ENDS,
    TAG,
    compiled,
    fold_case,
)
from reviewcorpus.parser._references import REPLACEMENT, read_reference, read_references

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from typing import TypeAlias

    from reviewcorpus.defects import DefectKind
    from reviewcorpus.formats import Field, Format
    from reviewcorpus.parser._decoding import Decoded
    from reviewcorpus.parser._options import Options
    from reviewcorpus.parser._reporter import Fault

    Faults: TypeAlias = list[tuple[Field, int, list[tuple[int, Fault]]]]
    """Faulty fields. Each has the offset where it begins and its faults, and each fault has the
    place in the field that its own places are counted from."""

_CONTROL = rb"[\x00-\x08\x0b\x0c\x0e-\x1f]"
_ILLEGAL_8BIT = re.compile(_CONTROL)
# In UTF-8 that may hold lone surrogates; some of these replace bytes that mean nothing.
_ILLEGAL = re.compile(rb"%b|\xef\xbf[\xbe\xbf]|\xed[\xa0-\xbf][\x80-\xbf]" % _CONTROL)
# What means the same whatever follows: a tag without attributes, or a "<" that begins no tag.
_ALONE = re.compile(rb"<(?:/?[A-Za-z][A-Za-z0-9]*+ ?/?>|(?=[^A-Za-z_:/!?\x80-\xff]))").match
_MOST_KNOWN = 4096
_LONGEST_KNOWN = 64  # bytes
_known: dict[bytes, tuple[str | None, int, Fault]] = {}
"""Meaning, size and fault of the markup that was read before, by its bytes."""
_known_in_plain_text: dict[bytes, tuple[str | None, int, Fault]] = {}
_FEW = 4  # up to this number, signs are found faster one by one than by a pattern


class FieldText(NamedTuple):
    """The text of one field, and what was wrong in it, in the order of its bytes."""

    text: str
    faults: list[Fault]
    count: Callable[[bytes], int]
    """Counts the characters in its bytes."""


class Bytes(NamedTuple):
    """How the bytes of a field become text.

    Attributes:
        decode: Turns a part of them into text.
        is_wide: Whether they are UTF-8; otherwise each byte is a character.
        length: Returns the length of a part in the file.
        is_plain: Whether references and tags in them are only characters.
    """

    decode: Callable[[bytes], str]
    is_wide: bool = True
    length: Callable[[bytes], int] = len
    is_plain: bool = False

    @property
    def illegal(self) -> re.Pattern[bytes]:
        """Matches a character that XML forbids."""
        return _ILLEGAL if self.is_wide else _ILLEGAL_8BIT


_UTF8 = Bytes(bytes.decode)
_PLAIN_UTF8 = Bytes(bytes.decode, is_plain=True)


class Found:
    """The faults of one field; the number of each kind is capped.

    Args:
        most: How many of one kind are kept.

    Attributes:
        faults: Each with the place in the field that its own places are counted from.
    """

    _counts: Counter[DefectKind] | None = None  # only once a kind may be over the limit
    _excess: dict[DefectKind, tuple[int, Fault]]  # the first of a kind over the limit

    def __init__(self, most: int) -> None:
        self._most = most
        self.faults: list[tuple[int, Fault]] = []

    def add(self, fault: Fault, base: int = 0) -> None:
        """Add a fault.

        Args:
            fault: What is wrong; its place comes after those of all faults before it.
            base: Where its places are counted from.
        """
        if len(self.faults) >= self._most and self._is_too_much(fault, base):
            return
        self.faults.append((base, fault))

    def _is_too_much(self, fault: Fault, base: int) -> bool:
        if self._counts is None:
            self._counts, self._excess = Counter(each.kind for _, each in self.faults), {}
        self._counts[fault.kind] += 1
        is_too_much = self._counts[fault.kind] > self._most
        if is_too_much:
            self._excess.setdefault(fault.kind, (base, fault))
        return is_too_much

    def in_order(self) -> list[tuple[int, Fault]]:
        """Return the faults in order; those over the limit become one, at the first of them."""
        if self._counts is not None and self._excess:
            for kind, (base, first) in self._excess.items():
                count = self._counts[kind] - self._most
                self.faults.append((base, faults.more_of_a_kind(first, count)))
            self.faults.sort(key=lambda found: found[0] + found[1].start)
        return self.faults

    def at_their_places(self) -> list[Fault]:
        """Return the faults in order, with places counted from the start of the field."""
        return [
            fault._replace(start=base + fault.start, end=base + fault.end) if base else fault
            for base, fault in self.in_order()
        ]


class TextReader:
    """Turns raw fields of one input into text.

    Args:
        buffer: The bytes being looked at, with the encoding of the document.
        options: How to read.
        table: The format.

    Attributes:
        limits: The limits of the input.
        longest_known: The longest markup that is remembered, in bytes.
        record_start: Pattern of a tag of a record: a comment, CDATA section or instruction must end
            before it. `None` in strict reading, where only the rules of XML count.
    """

    def __init__(self, buffer: Buffer, options: Options, table: Format) -> None:
        self._buffer = buffer
        self._fallback = options.fallback_encoding
        self.limits = limits = options.limits
        self.longest_known = min(limits.max_tag_bytes, _LONGEST_KNOWN)
        self.record_start = None if options.errors == "strict" else compiled(table).record_start

    def count_in(self, raw: bytes) -> Callable[[bytes], int]:
        """Return a function that counts the characters in the bytes of a field."""
        return decode_field(raw, self._buffer.charset, self._fallback).count

    def read(self, raw: bytes, offset: int, *, is_plain: bool) -> FieldText:
        """Return the text of a field, and what is wrong in it.

        Args:
            raw: What is between its tags.
            offset: Where it begins in the input.
            is_plain: Whether references and tags in it are only characters.
        """
        charset = self._buffer.charset
        decoded = decode_field(raw, charset, self._fallback)
        if decoded.decode is None:
            text, found = self._read_decoded(raw, decoded, is_plain=is_plain)
        else:
            collected = Found(self.limits.max_defects_per_field)
            as_bytes = Bytes(decoded.decode, decoded.is_wide, is_plain=is_plain)
            text = read_text(raw, as_bytes, self, self._signs_in(raw, offset), collected)
            found = collected.at_their_places()
        label = None if charset.is_plain or raw.isascii() else label_fault(raw, decoded, charset)
        notes = [note for note in (decoded.fault, label) if note]
        if notes:
            found = sorted([*found, *notes], key=lambda fault: fault.start)
        return FieldText(text, found, decoded.count)

    def read_utf8(self, raw: bytes, offset: int, field: Field, faulty: Faults | None) -> str:
        """Return the text of a field of a document in UTF-8.

        Args:
            raw: What is between its tags.
            offset: Where it begins in the input.
            field: Which field it is.
            faulty: Collects what is wrong, with the field and its offset; `None` if nobody asks.

        Raises:
            UnicodeDecodeError: It is not UTF-8.
        """
        found = Found(self.limits.max_defects_per_field) if faulty is not None else None
        if field.is_plain:
            text = read_text(raw, _PLAIN_UTF8, self, self._signs_in(raw, offset), found)
        elif LESS_THAN in raw or RETURN in raw or offset < self._buffer.illegal_until:
            raw.decode()  # what is dropped from the text must be valid too
            text = read_text(raw, _UTF8, self, self._signs_in(raw, offset), found)
        else:
            text = read_references(raw, bytes.decode, self.limits.max_reference_bytes, found)
        if faulty is not None and found is not None and found.faults:
            faulty.append((field, offset, found.in_order()))
        return text

    def read_encoded(self, raw: bytes, offset: int, field: Field, faulty: Faults | None) -> str:
        """Return the same as `read_utf8`, for a document in any encoding.

        Raises:
            ValueError: Something has to be reported about its encoding.
        """
        charset = self._buffer.charset
        charset.decode(raw)
        found = None if faulty is None else Found(self.limits.max_defects_per_field)
        is_wide = not charset.per_byte
        decode = bytes.decode if is_wide else charset.decode_claimed
        as_bytes = Bytes(decode, is_wide, is_plain=field.is_plain)
        text = read_text(raw, as_bytes, self, self._signs_in(raw, offset), found)
        if faulty is not None and found is not None and found.faults:
            faulty.append((field, offset, found.in_order()))
        return text

    def _signs_in(self, raw: bytes, offset: int) -> Collection[bytes]:
        """Return the characters that XML forbids in a field, as the buffer knows them."""
        buffer = self._buffer
        if offset >= buffer.illegal_until:
            return ()
        return {sign for sign in buffer.illegal if raw.find(sign) >= 0}

    def _read_decoded(
        self, raw: bytes, decoded: Decoded, *, is_plain: bool
    ) -> tuple[str, list[Fault]]:
        """Read a field that is not in a single encoding, by its characters in UTF-8."""
        data = decoded.text.encode("utf-8", "surrogatepass")
        collected = Found(self.limits.max_defects_per_field)
        length = len if decoded.is_wide else _characters
        as_bytes = Bytes(_decode_wide, length=length, is_plain=is_plain)
        text = read_text(data, as_bytes, self, None, collected)
        found = collected.at_their_places()
        if found:
            places = _count_to(data, sorted({at for fault in found for at in fault[1:3]}))
            found = [each._replace(start=places[each[1]], end=places[each[2]]) for each in found]
            found = in_bytes(raw, decoded, found)
        return text, found


def _decode_wide(raw: bytes) -> str:
    return raw.decode("utf-8", "surrogatepass")


def _characters(raw: bytes) -> int:
    return len(_decode_wide(raw))


def _count_to(data: bytes, wanted: list[int]) -> dict[int, int]:
    """Return how many characters there are up to each of some places, which are in order."""
    places = {}
    byte = character = 0
    for at in wanted:
        character += _characters(data[byte:at])
        byte = at
        places[at] = character
    return places


# ---- one walk over the bytes of a field -------------------------------------------------


def read_text(
    raw: bytes,
    as_bytes: Bytes,
    reader: TextReader,
    signs: Collection[bytes] | None,
    found: Found | None,
) -> str:
    """Return the text of a field.

    Args:
        raw: Its bytes.
        as_bytes: How they become text.
        reader: Has the limits, and the pattern of a tag that no section may contain.
        signs: The forbidden characters in it, as bytes, if there are any; `None` if not known.
        found: Collects what is wrong; `None` if nobody asks.

    Raises:
        UnicodeDecodeError: It is not valid in its encoding.
    """
    find, end, decode = raw.find, len(raw), as_bytes.decode
    most = reader.limits.max_reference_bytes
    reference = -1 if as_bytes.is_plain else find(b"&")
    less, has_returns = find(b"<"), RETURN in raw
    if less < 0 and signs is not None and not signs and not has_returns:
        return decode(raw) if reference < 0 else read_references(raw, decode, most, found)
    decode = _in_lines(decode) if has_returns else decode
    next_illegal = _finder(raw, signs, as_bytes)
    illegal = next_illegal(0)
    reference, less = reference % (end + 1), less % (end + 1)  # the end for -1
    markup, kept = _Markup(raw, as_bytes, reader, found), 0
    pieces: list[str] = []
    while (at := min(reference, less, illegal)) < end:
        if at == reference:
            meaning, position, fault = read_reference(raw, at, most, decode)
            if fault is not None and found is not None:
                found.add(fault, at)
        elif at == less:
            meaning, position = markup.read(at)
        else:
            meaning, position = REPLACEMENT, at + _illegal_at(raw, at, found)
        if meaning is not None:
            pieces += decode(raw[kept:at]), meaning
            kept = position
        # A sign that was passed is looked for again from here, so that each part of the text is
        # searched once for each sign.
        if reference < position:
            reference = find(b"&", position) % (end + 1)
        if less < position:
            less = find(b"<", position) % (end + 1)
        if illegal < position:
            illegal = next_illegal(position)
    pieces.append(decode(raw[kept:]))
    return "".join(pieces)


def _in_lines(decode: Callable[[bytes], str]) -> Callable[[bytes], str]:
    """Return a decoder that also turns every line end into a line feed, as XML does."""
    return lambda raw: _unify_line_ends(decode(raw))


def _unify_line_ends(text: str) -> str:
    """Return text with every line end as a line feed, as in XML."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _finder(raw: bytes, signs: Collection[bytes] | None, as_bytes: Bytes) -> Callable[[int], int]:
    """Return a function that finds the next forbidden character, or the end."""
    end = len(raw)
    if signs and not as_bytes.is_wide:
        signs = [sign for sign in signs if len(sign) == 1]
    if signs is None or len(signs) > _FEW:
        illegal = as_bytes.illegal

        def find(position: int) -> int:
            found = illegal.search(raw, position)
            return found.start() if found else end

        return find
    if not signs:
        return lambda _: end
    places = dict.fromkeys(signs, -1)

    def find_signs(position: int) -> int:
        for sign, place in places.items():
            if place < position:
                found = raw.find(sign, position)
                places[sign] = found if found >= 0 else end
        return min(places.values())

    return find_signs


def _illegal_at(raw: bytes, at: int, found: Found | None) -> int:
    """Report a character that XML forbids; return how many bytes it takes."""
    size = 1 if raw[at] < 0x80 else 3  # a control, or U+FFFE and the like
    if found is not None:
        character = _decode_wide(raw[at : at + size])
        is_mapped = character != UNMAPPED
        found.add(faults.illegal_character(at, at + size, character, is_mapped=is_mapped))
    return size


class _Markup:
    """Reads the markup in one field; each part of the field is searched once for each sign."""

    def __init__(
        self, raw: bytes, as_bytes: Bytes, reader: TextReader, found: Found | None
    ) -> None:
        self._raw = raw
        self._as_bytes = as_bytes
        self._reader = reader
        self._found = found
        self._places: dict[bytes, int] = {}

    def read(self, at: int) -> tuple[str | None, int]:
        """Return what the markup at a `<` means, or `None` if it is text, and where it ends."""
        alone = _ALONE(self._raw, at)
        token = alone[0] if alone else b""
        if not 0 < len(token) <= self._reader.longest_known:
            return self.read_in_place(at)
        is_plain = self._as_bytes.is_plain
        table = _known_in_plain_text if is_plain else _known
        known = table.get(token)
        if known is None:
            found, as_bytes = Found(1), _PLAIN_UTF8 if is_plain else _UTF8
            meaning, size = _Markup(token, as_bytes, self._reader, found).read_in_place(0)
            if len(table) >= _MOST_KNOWN:
                table.clear()
            known = table[token] = meaning, size, found.faults[0][1]
        if self._found is not None:
            self._found.add(known[2], at)
        return known[0], at + known[1]

    def read_in_place(self, at: int) -> tuple[str | None, int]:
        """Return the same, but look at what follows too."""
        raw, is_plain = self._raw, self._as_bytes.is_plain
        if raw.startswith((b"!", b"?"), at + 1) and not is_plain:
            for opening, closing in SECTION_ENDS.items():
                if raw.startswith(opening, at):
                    return self._read_section(at, opening, closing)
        tag = TAG.match(raw, at) or BROKEN_INLINE_TAG.match(raw, at)
        if tag is None or self._as_bytes.length(tag[0]) > self._reader.limits.max_tag_bytes:
            return self._less_than(at, at + 1, "does not begin a tag")
        name = fold_case(tag[2].decode("ascii", "replace"))
        if name not in INLINE_ELEMENTS or is_plain:
            return self._less_than(at, tag.end(), "is not a tag here")
        breaks = name in LINE_BREAKING and not tag[1]
        if self._found is not None:
            slash = "/" if tag[1] else ""
            self._found.add(faults.inline_markup(*tag.span(), f"{slash}{name}", breaks=breaks))
        return "\n" if breaks else "", tag.end()

    def _less_than(self, at: int, end: int, why: str) -> tuple[None, int]:
        # Only the `<` itself is done: what looks like a tag may contain references.
        if self._found is not None:
            self._found.add(
                faults.bare_less_than(at, end, self._as_bytes.decode(self._raw[at:end]), why)
            )
        return None, at + 1

    def _read_section(self, at: int, opening: bytes, closing: bytes) -> tuple[str | None, int]:
        inside = at + len(opening)
        end = self._next_place(closing, inside)
        is_section = end >= 0 and not self._has_record_before(inside, end)
        if opening == b"<?" and not FIELD_INSTRUCTION.match(self._raw, at):
            is_section = False
        if not is_section:
            why = f"of {opening.decode()} has no {closing.decode()} before a record"
            return self._less_than(at, at + 1, why)
        text = self._section(inside, end) if opening == CDATA_OPENING else ""
        return text, end + len(closing)

    def _section(self, start: int, end: int) -> str:
        """Return a CDATA section unchanged, except for characters that XML does not allow."""
        raw, decode, pieces = self._raw, self._as_bytes.decode, []
        while illegal := self._as_bytes.illegal.search(raw, start, end):
            pieces += [decode(raw[start : illegal.start()]), REPLACEMENT]
            start = illegal.start() + _illegal_at(raw, illegal.start(), self._found)
        pieces.append(decode(raw[start:end]))
        return "".join(map(_unify_line_ends, pieces))

    def _next_place(self, closing: bytes, position: int) -> int:
        """Find the next end of a section, or -1; each part of the text is searched once."""
        known = self._places.get(closing, 0)
        if 0 <= known < position:
            known = self._places[closing] = self._raw.find(closing, position)
        return known

    def _has_record_before(self, position: int, end: int) -> bool:
        """Check for a tag that would begin a record; each part of the text is searched once."""
        record_start = self._reader.record_start
        if record_start is None:
            return False
        known = self._places.get(b"record", 0)
        if 0 <= known < position:
            found = record_start.search(self._raw, position)
            known = self._places[b"record"] = found.start() if found else -1
        return 0 <= known < end
