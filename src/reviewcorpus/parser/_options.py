"""The options of reading, checked once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, TypedDict, get_args

import attrs

from reviewcorpus._checks import check_type, refuse
from reviewcorpus._codecs import check_encoding
from reviewcorpus.defects import Defect
from reviewcorpus.formats import Format, find
from reviewcorpus.limits import DEFAULT_LIMITS, Limits

Errors = Literal["recover", "drop", "strict"]


def _check_errors(_: object, attribute: attrs.Attribute[Any], value: object) -> None:
    if value not in get_args(Errors):
        refuse(ValueError, attribute.name, value, "'recover', 'drop' or 'strict'")


def _check_callable(_: object, attribute: attrs.Attribute[Any], value: object) -> None:
    if value is not None and not callable(value):
        refuse(TypeError, attribute.name, value, "a function of one Defect, or None")


def _to_codec(value: Any, field: attrs.Attribute[Any]) -> str | None:
    return check_encoding(field.name, value, eight_bit=field.name == "fallback_encoding")


class ReadOptions(TypedDict, total=False):
    r"""The options that all readers share, for annotations of functions that pass them on.

    Attributes:
        errors: `"recover"`, `"drop"` or `"strict"`.
        on_defect: A function that is called with each `Defect` as it is found, or `None`.
        format: A `Format`, the name of a known one, or `None` to decide for each file.
        limits: The most that one field or record may take.
        encoding: Forces an encoding; `None` to decide by byte order mark, XML declaration, format.
        fallback_encoding: An 8-bit encoding for what is not valid in the document's encoding.

    Example:
        >>> import io
        >>> from typing import Unpack
        >>> import reviewcorpus as rc
        >>> def titles(*sources: rc.Source, **options: Unpack[rc.ReadOptions]) -> list[str | None]:
        ...     return [movie.title for movie in rc.iter_movies(*sources, **options)]
        ...
        >>> titles(io.BytesIO(b"<movie><title>Caf\xe9</title></movie>"), encoding="latin-1")
        ['Café']
    """

    errors: Errors
    on_defect: Callable[[Defect], object] | None
    format: Format | str | None
    limits: Limits
    encoding: str | None
    fallback_encoding: str


@attrs.frozen(eq=False, repr=False)
class Options:
    """The options that all readers share."""

    errors: Errors = attrs.field(default="recover", validator=_check_errors)
    on_defect: Callable[[Defect], object] | None = attrs.field(
        default=None, validator=_check_callable
    )
    format: Format | None = attrs.field(default=None, converter=find)
    limits: Limits = attrs.field(factory=Limits, validator=check_type(Limits, "a Limits"))
    encoding: str | None = attrs.field(
        default=None,
        converter=attrs.Converter(_to_codec, takes_field=True),  # type: ignore[misc]
    )
    fallback_encoding: str = attrs.field(
        default="windows-1252",
        converter=attrs.Converter(_to_codec, takes_field=True),  # type: ignore[misc]
    )


_DEFAULTS = "recover", None, None, DEFAULT_LIMITS, None, "windows-1252"
_DEFAULT = Options()


def options_of(
    errors: Errors,
    on_defect: Callable[[Defect], object] | None,
    format: Format | str | None,
    limits: Limits,
    encoding: str | None,
    fallback_encoding: str,
) -> Options:
    """Return checked options; the defaults, which most callers use, were checked once."""
    given = errors, on_defect, format, limits, encoding, fallback_encoding
    return _DEFAULT if given == _DEFAULTS else Options(*given)
