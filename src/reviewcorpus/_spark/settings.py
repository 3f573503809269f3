"""From the options of a Spark reader, which are all text, to those of the library."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import attrs

from reviewcorpus._checks import refuse, require_integer
from reviewcorpus._tables import TABLES
from reviewcorpus.limits import MEBIBYTE, Limits
from reviewcorpus.parser._reader import Options

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_PARTITION_BYTES = 64 * MEBIBYTE
# Spark's own name for one path, and for several, as JSON.
_PATHS = ("path", "paths")
_READING = ("errors", "encoding", "fallbackEncoding")
_LIMITS = {
    name.replace("_", "").lower(): name for name in (field.name for field in attrs.fields(Limits))
}
_KNOWN = {name.lower(): name for name in ("table", "partitionBytes", *_READING)}


@attrs.frozen(kw_only=True)
class Settings:
    """What a Spark reader was told.

    Attributes:
        paths: Files, folders and patterns.
        table: Which table: `"reviews"`, `"movies"` or `"defects"`.
        partition_bytes: How much one partition shall read.
        options: How the files are read.
    """

    paths: tuple[str, ...]
    table: str
    partition_bytes: int
    options: Options

    @classmethod
    def of(cls, given: Mapping[str, str]) -> Settings:
        """Check the options that a user has given; capitals and underscores in names are free.

        Raises:
            ValueError: There is no such option, or it has a value that it cannot have.
        """
        known = {}
        for name, value in given.items():
            key = name.replace("_", "").lower()
            if key not in {*_PATHS, *_KNOWN, *_LIMITS}:
                raise ValueError(f"there is no option {name!r}; the options are {_all_names()}")
            known[key] = value
        table = known.get("table", "reviews")
        if table not in TABLES:
            refuse(ValueError, "table", table, "'reviews', 'movies' or 'defects'")
        partition_bytes = _PARTITION_BYTES
        if "partitionbytes" in known:
            partition_bytes = _integer("partitionBytes", known["partitionbytes"])
            require_integer("partitionBytes", partition_bytes, 1)
        return cls(
            paths=tuple(_paths_in(known)),
            table=table,
            partition_bytes=partition_bytes,
            options=_reading_options(known),
        )


def _all_names() -> str:
    limits = [_camel_case(name) for name in _LIMITS.values()]
    return ", ".join([*_KNOWN.values(), *limits])


def _camel_case(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(map(str.capitalize, others))


def _integer(name: str, value: str) -> int:
    try:
        return int(value)
    except ValueError:
        refuse(ValueError, name, value, "a whole number")


def _paths_in(known: Mapping[str, str]) -> Iterable[str]:
    paths = [known["path"]] if "path" in known else []
    paths += json.loads(known.get("paths", "[]"))
    if not paths or not all(paths):
        raise ValueError("load() needs a path, or several: of files, folders or patterns")
    return paths


def _reading_options(known: Mapping[str, str]) -> Options:
    limits = {
        name: _integer(_camel_case(name), known[key])
        for key, name in _LIMITS.items()
        if key in known
    }
    values = {
        "fallback_encoding" if name == "fallbackEncoding" else name: known[name.lower()]
        for name in _READING
        if name.lower() in known
    }
    return Options(limits=Limits(**limits), **values)  # type: ignore[arg-type] # checked there
