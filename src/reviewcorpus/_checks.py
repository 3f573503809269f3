"""Checks of values that users pass, and what else many modules share.

Every error names the field, the value and what is allowed. The rest: text that is safe to print,
the `__repr__` of records, and a lock for iterators.
"""

from __future__ import annotations

import re
import reprlib
import threading
from typing import TYPE_CHECKING, Any, NoReturn

import attrs

if TYPE_CHECKING:
    from collections.abc import Callable

    Validator = Callable[[object, attrs.Attribute[Any], Any], None]


# Characters outside XML's Char production; lone surrogates are not characters at all. A carriage
# return is allowed: it can be written as "&#13;".
# Compiled on first use, because such a wide class takes half a millisecond.
ILLEGAL = "[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\ufffe\uffff\ud800-\udfff]"

_short = reprlib.Repr()  # a whole body in an error message helps nobody
_short.maxstring = _short.maxother = _short.maxlong = 80


def brief(value: object) -> str:
    """Return the `repr` of a value for a message, shortened if it is long."""
    return _short.repr(value)


def refuse(error: type[Exception], name: str, value: object, allowed: str) -> NoReturn:
    """Raise `error` with the one wording that all field errors share."""
    raise error(f"{name} must be {allowed}, not {brief(value)}")


def missing(error: ImportError, what: str, extra: str) -> ImportError:
    """Return the error for a package that is not installed; it names the extra that has it."""
    how = f"install it with: pip install 'reviewcorpus[{extra}]'"
    return ImportError(f"{what} needs {error.name}; {how}", name=error.name)


def require_integer(name: str, value: object, least: int, most: int | None = None) -> None:
    """Raise unless `value` is an `int` from `least` to `most`, both inclusive, and not a `bool`."""
    error: type[Exception] = TypeError
    if isinstance(value, int) and not isinstance(value, bool):
        if value >= least and (most is None or value <= most):
            return
        error = ValueError
    allowed = f"an int of at least {least}" if most is None else f"an int from {least} to {most}"
    refuse(error, name, value, allowed)


def check_integer(least: int, most: int | None = None) -> Validator:
    """Return a validator for an `int` from `least` to `most`, both inclusive; no `bool`."""

    def check(_: object, attribute: attrs.Attribute[Any], value: object) -> None:
        require_integer(attribute.name, value, least, most)

    return check


def check_type(kind: type, allowed: str, *, but_not: type | None = None) -> Validator:
    """Return a validator for instances of `kind` that are not instances of `but_not`."""

    def check(_: object, attribute: attrs.Attribute[Any], value: object) -> None:
        if not isinstance(value, kind) or (but_not is not None and isinstance(value, but_not)):
            refuse(TypeError, attribute.name, value, allowed)

    return check


_CONTROLS = bytes(set(range(0x20)) - set(b"\t\n\r"))


def require_legal_characters(name: str, text: str) -> None:
    """Raise if a text contains a character that XML does not allow."""
    # In ASCII these are controls. Removing them from bytes takes a fifth of the time of a search.
    if text.isascii() and len(text.encode().translate(None, _CONTROLS)) == len(text):
        return
    found = re.search(ILLEGAL, text)
    if found is not None:
        place = f"U+{ord(found[0]):04X} at character {found.start()} (from 0)"
        raise ValueError(f"{name} must be text that XML can carry, but {brief(text)} has {place}")


def check_text(allowed: str) -> Validator:
    """Return a validator for texts that XML allows."""

    def check(_: object, attribute: attrs.Attribute[Any], value: object) -> None:
        if not isinstance(value, str):
            refuse(TypeError, attribute.name, value, allowed)
        require_legal_characters(attribute.name, value)

    return check


# What CI systems read as a command in the log of a build: GitHub `::error::` at the beginning of a
# line and `##[error]` anywhere in it, Azure `##vso[...]`, TeamCity `##teamcity[...]`.
_COMMAND = re.compile(r"^(\s*):(?=:)|#(?=#\w*\[)")


def visible(text: str) -> str:
    """Escape what could move the cursor, begin a line, or be a command in the log of a build."""
    if not text.isprintable():
        text = "".join(
            character if character.isprintable() else character.encode("unicode_escape").decode()
            for character in text
        )
    if "##" in text or text.lstrip().startswith("::"):
        text = _COMMAND.sub(lambda found: f"{found[1] or ''}\\x{ord(found[0][-1]):02x}", text)
    return text


# ---- methods of classes ------------------------------------------------------------------
#
# attrs generates a `__repr__` for each class and compiles it at import, which is most of the time
# that a class takes. A class with a `__repr__` in its body keeps that; this one returns the same.


def repr_of_fields(self: Any) -> str:
    """Return what the `__repr__` of attrs returns."""
    shown = ", ".join(
        f"{field.name}={(repr if field.repr is True else field.repr)(getattr(self, field.name))}"
        for field in attrs.fields(type(self))
        if field.repr
    )
    return f"{type(self).__qualname__.rpartition('>.')[2]}({shown})"


def refuse_copy(self: object) -> NoReturn:
    """Refuse to be copied or pickled: two objects would share one reader, and each miss records."""
    raise TypeError(f"a {type(self).__name__} can be neither copied nor pickled")


class Turn:
    """A lock that lets one thread in, as often as it likes, and refuses others at once.

    Without it, a second thread could get what the first has half read, or close its file.
    """

    def __init__(self) -> None:
        self._lock = threading.RLock()

    def __enter__(self) -> None:
        if not self._lock.acquire(blocking=False):
            raise RuntimeError("another thread is using this object; use one for each thread")

    def __exit__(self, *_: object) -> None:
        self._lock.release()
