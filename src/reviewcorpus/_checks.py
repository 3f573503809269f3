"""Validators for the fields of the public classes: each names the field, the value, what may be."""

from __future__ import annotations

import reprlib
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from collections.abc import Callable

    import attrs

    Validator = Callable[[object, attrs.Attribute[Any], Any], None]


_short = reprlib.Repr()  # a whole body in an error message helps nobody
_short.maxstring = _short.maxother = _short.maxlong = 80


def refuse(error: type[Exception], name: str, value: object, allowed: str) -> NoReturn:
    """Raise `error` with the one wording that all field errors share."""
    raise error(f"{name} must be {allowed}, not {_short.repr(value)}")


def require_integer(name: str, value: object, least: int, most: int | None = None) -> None:
    """Refuse what is no `int` from `least` to `most`, both inclusive; a `bool` is none."""
    error: type[Exception] = TypeError
    if isinstance(value, int) and not isinstance(value, bool):
        if value >= least and (most is None or value <= most):
            return
        error = ValueError
    allowed = f"an int of at least {least}" if most is None else f"an int from {least} to {most}"
    refuse(error, name, value, allowed)


def check_integer(least: int, most: int | None = None) -> Validator:
    """Give a validator for an `int` from `least` to `most`, both inclusive; a `bool` is none."""

    def check(_: object, attribute: attrs.Attribute[Any], value: object) -> None:
        require_integer(attribute.name, value, least, most)

    return check


def check_type(kind: type, allowed: str, *, but_not: type | None = None) -> Validator:
    """Give a validator for instances of `kind` that are none of `but_not`."""

    def check(_: object, attribute: attrs.Attribute[Any], value: object) -> None:
        if not isinstance(value, kind) or (but_not is not None and isinstance(value, but_not)):
            refuse(TypeError, attribute.name, value, allowed)

    return check


def visible(text: str) -> str:
    """Escape what a file or its name could use to move the cursor or to begin a line."""
    if text.isprintable():
        return text
    return "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode()
        for character in text
    )
