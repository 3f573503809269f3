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
        return _read_number(text, found)
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


def _read_number(text: str, found: re.Match[str]) -> tuple[str, int, Fault | None]:
    start, end = found.span()
    _, decimal, mark, hexadecimal, semicolon = found.groups()
    if not semicolon and end != len(text):
        return _bare_ampersand(text, start, end)
    character, is_accepted = _numbered(decimal, hexadecimal)
    fault = None
    if character is None or not is_accepted or mark == "X":
        why = _what_is_wrong(character, is_accepted)
        fault = faults.invalid_reference(start, end, found[0], why, character)
    elif not semicolon:
        fault = faults.unterminated_reference(start, end, found[0])
    return REPLACEMENT if character is None else character, end, fault


def _what_is_wrong(character: str | None, is_accepted: bool) -> str:
    if character is None:
        return "does not name a character that XML allows"
    return "has a capital X" if is_accepted else "is a control character in XML"


def _numbered(decimal: str | None, hexadecimal: str) -> tuple[str | None, bool]:
    """Return the character of a number, or `None`, and whether XML reads it as that too."""
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
    if number > _LAST_CODE_POINT or ILLEGAL.match(chr(number)):
        return None, False
    return chr(number), True
