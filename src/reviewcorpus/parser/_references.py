"""What a reference in text stands for, and what is wrong with it."""

from __future__ import annotations

import functools
import re

from reviewcorpus._checks import ILLEGAL
from reviewcorpus.defects import DefectKind, Severity
from reviewcorpus.parser._fault import Fault, fault_of

REPLACEMENT = "\ufffd"

_PREDEFINED = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}
_REFERENCE = re.compile(r"&(?:([A-Za-z][A-Za-z0-9]*+)|#(?:([0-9]++)|([xX])([0-9A-Fa-f]++)))(;?)")
_MOST_DIGITS = 7  # U+10FFFF is 1114111; more digits cannot be a character, and int() has a limit
_WINDOWS_CONTROLS = range(0x80, 0xA0)  # where browsers read Windows-1252: HTML 5, 13.2.5.80


@functools.cache
def _html_entities() -> dict[str, str]:
    from html.entities import html5  # noqa: PLC0415 two thousand names, which few inputs need

    return html5


def read_reference(text: str, at: int, most: int) -> tuple[str, int, Fault | None]:
    """Read what stands at an ampersand.

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
        return (meaning, end, None) if meaning else _name_entity(name, at, end)
    if end == len(text):
        meaning = meaning or _html_entities().get(f"{name};")
    elif text[end].isalnum() or text[end] == "=":
        meaning = None
    if meaning is None:
        return _bare_ampersand(text, at, end)
    return meaning, end, _unterminated(found)


def _bare_ampersand(text: str, at: int, end: int) -> tuple[str, int, Fault]:
    written = text[at:end]
    message = f"{written!r} is no reference"
    return written, end, fault_of(DefectKind.BARE_AMPERSAND, at, end, message, "read as written")


def _name_entity(name: str, at: int, end: int) -> tuple[str, int, Fault]:
    """Give what an entity stands for that XML does not declare."""
    meaning = _html_entities().get(f"{name};")
    if meaning is None:
        kind, meaning = DefectKind.UNKNOWN_ENTITY, f"&{name};"
        message, action = f"no entity is called {meaning}", "read as written"
    else:
        kind = DefectKind.UNDECLARED_ENTITY
        message, action = f"XML does not declare &{name};", "decoded as HTML has it"
    return meaning, end, fault_of(kind, at, end, message, action)


def _unterminated(found: re.Match[str]) -> Fault:
    message = f"{found[0]} lacks its ';'"
    return fault_of(DefectKind.UNTERMINATED_REFERENCE, *found.span(), message, "decoded")


def _read_number(text: str, found: re.Match[str]) -> tuple[str, int, Fault | None]:
    start, end = found.span()
    _, decimal, mark, hexadecimal, semicolon = found.groups()
    if not semicolon and end != len(text):
        return _bare_ampersand(text, start, end)
    character, accepted = _numbered(decimal, hexadecimal)
    fault = None
    if character is None or not accepted or mark == "X":
        fault = Fault(
            DefectKind.INVALID_REFERENCE,
            start,
            end,
            f"{found[0]} {_what_is_wrong(character, accepted)}",
            "replaced by U+FFFD" if character is None else f"read as {character!a}",
            Severity.ERROR if character is None else Severity.WARNING,
        )
    elif not semicolon:
        fault = _unterminated(found)
    return REPLACEMENT if character is None else character, end, fault


def _what_is_wrong(character: str | None, accepted: bool) -> str:
    if character is None:
        return "is no reference to a character of XML"
    return "has a capital X" if accepted else "is a control character in XML"


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
