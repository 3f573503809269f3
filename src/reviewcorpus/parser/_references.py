"""Character references: what one in a text means, and what is wrong with it."""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING

from reviewcorpus._checks import ILLEGAL
from reviewcorpus.parser import _reporter as faults

if TYPE_CHECKING:
    from reviewcorpus.parser._reporter import Fault

REPLACEMENT = "\ufffd"

_PREDEFINED = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}
_REFERENCE = re.compile(r"&(?:([A-Za-z][A-Za-z0-9]*+)|#(?:([0-9]++)|([xX])([0-9A-Fa-f]++)))(;?)")
_MOST_DIGITS = 7  # U+10FFFF is 1114111; more digits cannot be a character, and int() has a limit
_LAST_CODE_POINT = 0x10FFFF
_HIGH_SURROGATES = range(0xD800, 0xDC00)
_LOW_SURROGATES = range(0xDC00, 0xE000)
_WINDOWS_CONTROLS = range(0x80, 0xA0)  # where browsers read Windows-1252: HTML 5, 13.2.5.80


@functools.cache
def _html_entities() -> dict[str, str]:
    from html.entities import html5

    return html5


def read_reference(text: str, at: int, most: int) -> tuple[str, int, Fault | None]:
    """Read what begins at an ampersand.

    Args:
        text: The characters of a field.
        at: Where the ampersand is.
        most: How many characters a reference may have.

    Returns:
        What it means, where it ends, and what is wrong with it.
    """
    found = _REFERENCE.match(text, at)
    if found is None or found.end() - at > most:
        return _bare_ampersand(text, at, at + 1)
    name, _, _, _, semicolon = found.groups()
    if name is None:
        return _read_number(text, found, most)
    meaning = _PREDEFINED.get(name)
    end = found.end()
    if semicolon:
        return (meaning, end, None) if meaning else _read_entity(name, at, end)
    if end == len(text):
        meaning = meaning or _html_entities().get(f"{name};")
    elif text[end].isalnum() or text[end] == "=":
        meaning = None
    if meaning is None:
        return _bare_ampersand(text, at, end)
    return meaning, end, faults.unterminated_reference(at, end, found[0])


def _bare_ampersand(text: str, at: int, end: int) -> tuple[str, int, Fault]:
    written = text[at:end]
    return written, end, faults.bare_ampersand(at, end, written)


def _read_entity(name: str, at: int, end: int) -> tuple[str, int, Fault]:
    """Read an entity that XML does not declare."""
    meaning = _html_entities().get(f"{name};")
    if meaning is None:
        return f"&{name};", end, faults.unknown_entity(at, end, name)
    return meaning, end, faults.undeclared_entity(at, end, name)


def _read_number(text: str, found: re.Match[str], most: int) -> tuple[str, int, Fault | None]:
    start, end = found.span()
    semicolon = found[5]
    number = _number_in(found)
    second = _REFERENCE.match(text, end) if number in _HIGH_SURROGATES else None
    if second is not None and second.end() - end <= most:
        low = _number_in(second)
        if low in _LOW_SURROGATES:
            end = second.end()
            halves = (chr(number) + chr(low)).encode("utf-16", "surrogatepass")
            meant, why = halves.decode("utf-16"), "is a pair of surrogates"
            fault = faults.invalid_reference(start, end, text[start:end], why, meant)
            return meant, end, fault
    character = _character(number)
    if not semicolon:
        if character is None:
            return _bare_ampersand(text, start, end)
        return character, end, faults.unterminated_reference(start, end, found[0])
    why = _what_is_wrong(number, character, found[3])
    invalid = faults.invalid_reference(start, end, found[0], why, character) if why else None
    return character or REPLACEMENT, end, invalid


def _what_is_wrong(number: int, character: str | None, mark: str | None) -> str:
    if character is None:
        return "does not name a character that XML allows"
    if number in _WINDOWS_CONTROLS:
        return "is a control character in XML"
    return "has a capital X" if mark == "X" else ""


def _number_in(found: re.Match[str]) -> int:
    """Return the number in a numeric reference, -1 for one that no character has."""
    digits = (found[2] or found[4] or "").lstrip("0") or "0"
    if len(digits) > _MOST_DIGITS:
        return -1
    return int(digits, 10 if found[2] else 16)


def _character(number: int) -> str | None:
    """Return the character that a number means, if there is one that XML allows."""
    if number in _WINDOWS_CONTROLS:
        # Five of these bytes mean nothing in Windows-1252; HTML leaves them as they are.
        try:
            return bytes([number]).decode("windows-1252")
        except UnicodeDecodeError:
            return chr(number)
    if not 0 <= number <= _LAST_CODE_POINT or ILLEGAL.match(chr(number)):
        return None
    return chr(number)
