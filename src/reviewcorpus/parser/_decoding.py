"""From the raw bytes of one field to characters, and what to report about its encoding.

A field is read in the encoding of its document. There are two exceptions: a field of UTF-8 with bad
bytes, and a field of a document that claims to be 8-bit and is UTF-8.
"""

from __future__ import annotations

import codecs
import functools
import re
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

from reviewcorpus.defects import Severity
from reviewcorpus.parser import _reporter as faults
from reviewcorpus.parser._buffer import count_utf8
from reviewcorpus.parser._encoding import (
    LONE,
    MULTI,
    PAIR,
    UNIT,
    count_mixed,
    is_utf8,
    shown_name,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from reviewcorpus.parser._encoding import Charset
    from reviewcorpus.parser._reporter import Fault

_CUT = rb"(?:[\xc2-\xdf]|[\xe0-\xef][\x80-\xbf]?|[\xf0-\xf4][\x80-\xbf]{0,2})\Z"
_PARTS = re.compile(
    rb"(?P<valid>(?:[\x00-\x7f]++|%b)++)|(?P<pairs>(?:%b)++)|(?P<lone>%b)|(?P<cut>%b)"
    rb"|(?P<bad>(?:(?!%b|%b|%b)[\x80-\xff])++)" % (MULTI, PAIR, LONE, _CUT, MULTI, LONE, _CUT)
)
_MULTI_BYTE = re.compile(rb"%b|%b" % (MULTI, PAIR))
_CUT_CHARACTER = re.compile(_CUT)

_LEADS = bytes(range(0xC2, 0xF5))  # the first byte of a character of several
_PUNCTUATION = bytes(range(0x80, 0xA0))  # in Windows' encodings: pasted quotes and dashes
_REPLACEMENT = "\ufffd"
_SIZES = {"bad": 1, "pairs": 6}  # bytes of each bad byte, and of each pair, in a part
_ACTIONS = {
    "pairs": "pairs of surrogates were read as one character",
    "bad": "only the bad bytes were read as {}",
    "cut": "an incomplete character was read as U+FFFD",
}


class Decoded(NamedTuple):
    """The characters of a field.

    Attributes:
        text: The characters; a lone surrogate is forbidden, or replaces bytes that mean nothing.
        count: Counts the characters in bytes of the field.
        decode: Turns a part of its bytes into text; `None` if only the whole can be decoded.
        fault: What is wrong with its encoding, with its place in bytes of the field.
    """

    text: str
    count: Callable[[bytes], int]
    decode: Callable[[bytes], str] | None = None
    fault: Fault | None = None

    @property
    def is_wide(self) -> bool:
        """Whether its characters are encoded in UTF-8; otherwise each takes one byte."""
        return self.count is not len


def decode_field(raw: bytes, charset: Charset, fallback: str) -> Decoded:
    """Return the characters of a field.

    Args:
        raw: What is between its tags.
        charset: The charset of its document.
        fallback: An 8-bit encoding for what is not valid in that charset.
    """
    if not charset.per_byte:
        try:
            return Decoded(raw.decode(), count_utf8, bytes.decode)
        except UnicodeDecodeError as error:
            return _decode_damaged(raw, error, charset, fallback)
    if charset.is_claimed and not raw.isascii() and is_utf8(raw):
        return Decoded(raw.decode("utf-8", _otherwise(fallback)), count_mixed)
    try:
        return Decoded(charset.decode_claimed(raw), len, charset.decode_claimed)
    except UnicodeDecodeError as error:  # each byte is a character, so the others are certain
        action = _ACTIONS["bad"].format(shown_name(fallback))
        fault = _undecodable(raw, error.start, error.end, charset, action)
        text = raw.decode(charset.name, _otherwise(fallback))
        return Decoded(text, len, None, fault)


def _undecodable(raw: bytes, start: int, end: int, charset: Charset, action: str) -> Fault:
    return faults.undecodable_bytes(raw, start, end, shown_name(charset.name), action)


def _decode_damaged(
    raw: bytes, error: UnicodeDecodeError, charset: Charset, fallback: str
) -> Decoded:
    """Read a field that is not valid UTF-8.

    If it has more valid characters than bytes that look like letters of an 8-bit encoding, only the
    bad bytes are read in that encoding: the text is UTF-8, and something was pasted into it.
    """
    valid = bad = 0
    first: dict[str | None, re.Match[bytes]] = {}
    for part in _PARTS.finditer(raw):
        kind, piece = part.lastgroup, part[0]
        first.setdefault(kind, part)
        if kind == "valid":
            valid += len(piece) - len(piece.translate(None, _LEADS))
        elif kind == "bad":
            bad += len(piece.translate(None, _PUNCTUATION))
    found = [part for kind, part in first.items() if kind not in {"valid", "lone"}]
    if charset.stream or not found:  # only forbidden characters, which are reported as such
        return Decoded(raw.decode("utf-8", "surrogatepass"), count_utf8)
    name = shown_name(fallback)
    if valid <= bad and first.keys() & {"bad", "cut"}:
        action = f"the field was read as {name}"
        fault = _undecodable(raw, error.start, error.end, charset, action)
        text = raw.decode(fallback, "reviewcorpus.mark")
        return Decoded(text, len, None, fault)
    action = ", ".join(text.format(name) for kind, text in _ACTIONS.items() if kind in first)
    start = found[0].start()
    end = start + _SIZES.get(str(found[0].lastgroup), len(found[0][0]))
    fault = _undecodable(raw, start, end, charset, action)
    text = raw.decode("utf-8", _otherwise(fallback))
    return Decoded(text, count_mixed, None, fault)


@functools.cache
def _otherwise(fallback: str) -> str:
    """Return the name of an error handler that reads only bad bytes in an encoding."""

    def read(error: Any) -> tuple[str, int]:
        raw, start = error.object, error.start
        part = _PARTS.match(raw, start) if error.encoding == "utf-8" else None
        kind, end = (part.lastgroup, part.end()) if part else ("bad", error.end)
        if kind == "cut":
            return _REPLACEMENT, end
        if kind == "bad":
            return raw[start:end].decode(fallback, "reviewcorpus.mark"), end
        halves = raw[start:end].decode("utf-8", "surrogatepass")
        whole = halves.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")
        return whole, end  # half a pair alone stays unchanged

    name = f"reviewcorpus.otherwise-{fallback}"
    codecs.register_error(name, read)
    return name


def label_fault(raw: bytes, decoded: Decoded, charset: Charset) -> Fault | None:
    """Return what to report about the label of a document, given a field that is not ASCII."""
    label, found = charset.declared, _MULTI_BYTE.search(raw)
    if found and decoded.is_wide and charset.per_byte:
        name = shown_name(charset.name)
        return faults.claimed_eight_bit(*found.span(), label, name)
    if not charset.label or (decoded.fault and not decoded.is_wide):
        return None
    name = shown_name(charset.stream or charset.name)
    if decoded.fault is not None:  # UTF-8 with bad bytes, labeled as ASCII
        return faults.other_label(*found.span(), label, name) if found else None
    if Severity.INFO in charset.told:
        return None
    at = charset.first_changed(raw, decoded.text)
    if at < 0:
        return None
    return in_bytes(raw, decoded, [faults.other_label(at, at + 1, label, name)])[0]


def in_bytes(raw: bytes, decoded: Decoded, found: list[Fault]) -> list[Fault]:
    """Turn the places of faults, in characters of a field, into places in its bytes.

    Args:
        raw: The bytes of the field.
        decoded: Its characters.
        found: The faults, in the order of their places.
    """
    if not decoded.is_wide or len(decoded.text) == len(raw):
        return found
    wanted = sorted({at for fault in found for at in fault[1:3]})
    is_mixed = decoded.count is count_mixed
    places = _mixed_places(raw, wanted) if is_mixed else _places(decoded.text, wanted)
    return [fault._replace(start=places[fault.start], end=places[fault.end]) for fault in found]


def _places(text: str, wanted: list[int]) -> dict[int, int]:
    places = {}
    character = byte = 0
    for at in wanted:
        byte += len(text[character:at].encode("utf-8", "surrogatepass"))
        character = at
        places[at] = byte
    return places


def _mixed_places(raw: bytes, wanted: list[int]) -> dict[int, int]:
    places = {}
    units = re.finditer(UNIT, raw)
    character = byte = 0
    for at in wanted:
        for unit in islice(units, at - character):
            byte = unit.end()
        character = at
        places[at] = byte
    return places


def count_cut_bytes(raw: bytes, charset: Charset) -> int:
    """Return how many bytes at the end are the beginning of a UTF-8 character that was cut off."""
    cut = _CUT_CHARACTER.search(raw, max(len(raw) - 3, 0))
    rest = raw[: cut.start()] if cut else b""
    # In an 8-bit encoding, no character is cut. A document that claims to be 8-bit is UTF-8 only if
    # other characters show it.
    is_8bit = charset.per_byte and (not charset.is_claimed or rest.isascii())
    return 0 if cut is None or is_8bit or not is_utf8(rest) else len(raw) - cut.start()
