"""Which files paths stand for, how large they are, and how they are opened.

A path with a scheme, such as `s3://`, is for fsspec; any other is one of this machine.
"""

from __future__ import annotations

import errno
import glob
import os
import re
from itertools import chain
from typing import IO, TYPE_CHECKING, Any, NamedTuple

from reviewcorpus.sources import paths_of
from reviewcorpus.sources._archives import open_raw
from reviewcorpus.sources._streams import has_text_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")


class File(NamedTuple):
    """A file to be read, and its size in bytes; 0 where that is not known."""

    path: str
    size: int


def files_of(paths: Iterable[str]) -> Iterator[File]:
    """Give the files of paths, folders and patterns, in their order and each sorted by name.

    Raises:
        OSError: There is no such file, nothing fits a pattern, or a folder is unreadable.
        ImportError: A path has a scheme, and fsspec is missing.
    """
    for path in paths:
        yield from _remote_files(path) if _SCHEME.match(path) else _local_files(path)


def open_file(path: str) -> IO[bytes]:
    """Open a file for reading."""
    if not _SCHEME.match(path):
        return open_raw(path)
    system, name = _system_of(path)
    file: IO[bytes] = system.open(name, "rb")
    return file


def _local_files(pattern: str) -> Iterator[File]:
    found = [pattern]
    if not os.path.lexists(pattern):  # a name that is there is meant as it stands, brackets and all
        found = sorted(glob.glob(pattern, recursive=True), key=_steps)  # noqa: PTH207 as given
    if not found:
        raise _nothing_at(pattern)
    # Once each: a pattern such as `**` fits a folder and what is in it.
    for entry in dict.fromkeys(chain.from_iterable(map(paths_of, found))):
        if isinstance(entry, OSError):
            raise entry
        yield File(entry, os.stat(entry).st_size)  # noqa: PTH116 as given


def _remote_files(url: str) -> Iterator[File]:
    system, name = _system_of(url)
    if system.isfile(name):
        yield File(url, system.info(name)["size"] or 0)
        return
    found = [name] if system.isdir(name) else sorted(system.glob(name), key=_steps)
    if not found:
        raise _nothing_at(url)
    for entry, size in dict(chain.from_iterable(_entries(system, path) for path in found)).items():
        yield File(system.unstrip_protocol(entry), size)


def _entries(system: Any, path: str) -> list[tuple[str, int]]:  # noqa: ANN401 of fsspec
    """Give the names and sizes of a file, or of those to read in a folder and below."""
    if not system.isdir(path):
        return [(path, system.info(path)["size"] or 0)]
    inside = system.find(path, detail=True)
    names = sorted(filter(has_text_name, inside), key=_steps)
    return [(name, inside[name]["size"] or 0) for name in names]


def _steps(path: str) -> list[str]:
    """Give what to sort paths by, so that what is in a folder stays together."""
    return path.replace(os.sep, "/").split("/")


def _system_of(url: str) -> tuple[Any, str]:
    """Give the file system of a URL, and its path there."""
    try:
        from fsspec.core import url_to_fs  # noqa: PLC0415 only where a path has a scheme
    except ModuleNotFoundError as error:
        raise ImportError(
            f"{url} needs {error.name}; install it with: pip install 'reviewcorpus[spark]'",
            name=error.name,
        ) from error
    system, path = url_to_fs(url)
    return system, path


def _nothing_at(path: str) -> OSError:
    return FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), path)
