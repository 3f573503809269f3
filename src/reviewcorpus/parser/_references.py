"""Character references: what each means, and what is wrong with it.

They are read as bytes, so their places are offsets. Most of them are looked up in a table, because
a corpus has few different ones.
"""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING

from reviewcorpus._checks import ILLEGAL
from reviewcorpus.parser import _reporter as faults

if TYPE_CHECKING:
    from collections.abc import Callable

    from reviewcorpus.parser._reporter import Fault
    from reviewcorpus.parser._text import Found

REPLACEMENT = "\ufffd"

_PREDEFINED = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}
_REFERENCE = re.compile(rb"&(?:([A-Za-z][A-Za-z0-9]*+)|#(?:([0-9]++)|([xX])([0-9A-Fa-f]++)))(;?)")
# References whose meaning does not depend on what follows: they end with a semicolon, or before an
# ASCII character other than "=".
_ALONE = re.compile(rb"&(?:#?[A-Za-z0-9]++(?:;|(?=[\x00-<>-\x7f]))|(?=[^A-Za-z0-9#]))").match
_MOST_KNOWN = 4096
_LONGEST_KNOWN = 64  # bytes
_known: dict[bytes, tuple[str | None, Fault | None]] = {}
"""Meaning and fault of the references that were read before, by their bytes."""

_MOST_DIGITS = 7  # U+10FFFF is 1114111; more digits cannot be a character, and int() has a limit
_LAST_CODE_POINT = 0x10FFFF
_HIGH_SURROGATES = range(0xD800, 0xDC00)
_LOW_SURROGATES = range(0xDC00, 0xE000)
_WINDOWS_CONTROLS = range(0x80, 0xA0)  # where browsers read Windows-1252: HTML 5, 13.2.5.80
_LONGEST_CHARACTER = 4  # bytes


@functools.cache
def _html_entities() -> dict[str, str]:
    from html.entities import html5

    return html5


def read_references(
    raw: bytes, decode: Callable[[bytes], str], most: int, found: Found | None
) -> str:
    """Return the text of a field where only ampersands matter.

    Args:
        raw: Its bytes.
        decode: Turns a part of them into text.
        most: How many bytes a reference may have.
        found: Collects what is wrong; `None` if nobody asks.
    """
    pieces: list[str] = []
    find, kept, at = raw.find, 0, raw.find(b"&")
    while at >= 0:
        alone = _ALONE(raw, at)  # as in `read_reference`, without a call for each
        known = _known.get(alone[0]) if alone else None
        if alone and known is not None and (end := alone.end()) - at <= most:
            meaning, fault = known
        else:
            meaning, end, fault = read_reference(raw, at, most, decode)
        if meaning is not None:
            pieces += decode(raw[kept:at]), meaning
            kept = end
        if fault is not None and found is not None:
            found.add(fault, at)
        at = find(b"&", end)
    if not pieces:
        return decode(raw)
    pieces.append(decode(raw[kept:]))
    return "".join(pieces)


def read_reference(
    raw: bytes, at: int, most: int, decode: Callable[[bytes], str]
) -> tuple[str | None, int, Fault | None]:
    """Read what begins at an ampersand.

    Args:
        raw: The bytes of a field.
        at: Where the ampersand is.
        most: How many bytes a reference may have.
        decode: Turns a part of the bytes into text.

    Returns:
        What it means, or `None` if it stays unchanged; where it ends; and what is wrong with it,
        with places counted from the ampersand.
    """
    alone = _ALONE(raw, at)
    token = alone[0] if alone else b""
    known = _known.get(token)
    if known is not None and len(token) <= most:
        return known[0], at + len(token), known[1]
    meaning, size, fault = _read(raw, at, most, decode)
    # A number that names no character may be the first half of a surrogate pair.
    is_half = meaning == REPLACEMENT or (meaning is None and b"#" in token)
    if size == len(token) <= _LONGEST_KNOWN and not is_half:
        if len(_known) >= _MOST_KNOWN:
            _known.clear()
        _known[token] = meaning, fault
    return meaning, at + size, fault


def _read(
    raw: bytes, at: int, most: int, decode: Callable[[bytes], str]
) -> tuple[str | None, int, Fault | None]:
    """Return what a reference means, its size, and what is wrong with it."""
    found = _REFERENCE.match(raw, at)
    if found is None or found.end() - at > most:
        return _bare_ampersand("&")
    written = found[0].decode()
    if found[1] is None:
        return _read_number(raw, found, most, written)
    name = found[1].decode()
    meaning = _PREDEFINED.get(name)
    if found[5]:
        return (meaning, len(written), None) if meaning else _read_entity(name)
    end = found.end()
    if end == len(raw):
        meaning = meaning or _html_entities().get(f"{name};")
    elif raw.startswith(b"=", end) or _character_at(raw, end, decode).isalnum():
        meaning = None
    if meaning is None:
        return _bare_ampersand(written)
    return meaning, len(written), faults.unterminated_reference(written)


def _character_at(raw: bytes, at: int, decode: Callable[[bytes], str]) -> str:
    """Return the character at a place, or "" if nothing there is one."""
    for size in range(1, _LONGEST_CHARACTER + 1):
        try:
            return decode(raw[at : at + size])
        except UnicodeDecodeError:
            continue
    return ""


def _bare_ampersand(written: str) -> tuple[None, int, Fault]:
    return None, len(written), faults.bare_ampersand(written)


def _read_entity(name: str) -> tuple[str | None, int, Fault]:
    """Read an entity that XML does not declare."""
    written = f"&{name};"
    meaning = _html_entities().get(f"{name};")
    if meaning is None:
        return None, len(written), faults.unknown_entity(written)
    return meaning, len(written), faults.undeclared_entity(written)


def _read_number(
    raw: bytes, found: re.Match[bytes], most: int, written: str
) -> tuple[str | None, int, Fault | None]:
    number, end = _number_in(found), found.end()
    second = _REFERENCE.match(raw, end) if number in _HIGH_SURROGATES else None
    if second is not None and second.end() - end <= most:
        low = _number_in(second)
        if low in _LOW_SURROGATES:
            written += second[0].decode()
            halves = (chr(number) + chr(low)).encode("utf-16", "surrogatepass")
            meant, why = halves.decode("utf-16"), "is a pair of surrogates"
            return meant, len(written), faults.invalid_reference(written, why, meant)
    character = _character(number)
    if not found[5]:
        if character is None:
            return _bare_ampersand(written)
        return character, len(written), faults.unterminated_reference(written)
    why = _what_is_wrong(number, character, found[3])
    invalid = faults.invalid_reference(written, why, character) if why else None
    return character or REPLACEMENT, len(written), invalid


def _what_is_wrong(number: int, character: str | None, mark: bytes | None) -> str:
    if character is None:
        return "does not name a character that XML allows"
    if number in _WINDOWS_CONTROLS:
        return "is a control character in XML"
    return "has a capital X" if mark == b"X" else ""


def _number_in(found: re.Match[bytes]) -> int:
    """Return the number in a numeric reference, or -1 for one that no character has."""
    digits = (found[2] or found[4] or b"").lstrip(b"0") or b"0"
    if len(digits) > _MOST_DIGITS:
        return -1
    return int(digits, 10 if found[2] else 16)


def _character(number: int) -> str | None:
    """Return the character that a number means, if XML allows it."""
    if number in _WINDOWS_CONTROLS:
        # Five of these bytes mean nothing in Windows-1252; HTML leaves them as they are.
        try:
            return bytes([number]).decode("windows-1252")
        except UnicodeDecodeError:
            return chr(number)
    if not 0 <= number <= _LAST_CODE_POINT or re.match(ILLEGAL, chr(number)):
        return None
    return chr(number)
