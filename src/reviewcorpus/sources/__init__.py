"""Sources (paths, folders, archives, open files), and the open streams with names in them."""

from __future__ import annotations

import io
import os
import threading
from collections.abc import Generator
from functools import partial
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from reviewcorpus.sources._archives import open_path
from reviewcorpus.sources._streams import Stream, has_text_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator


class Readable(Protocol):
    """What can be read: an open file, binary or text, or anything that has its `read`."""

    def read(self, size: int, /) -> bytes | str | None:
        """Return at most so many bytes or characters; an empty value at the end."""


Source: TypeAlias = "str | os.PathLike[str] | Readable"
"""A path to a file, folder or archive, or an open file, binary or text."""

Opening: TypeAlias = "Callable[[], Iterator[Stream]]"


def check_source(source: object) -> None:
    """Raise TypeError if a source is neither a path nor an open file."""
    if isinstance(source, bytes | bytearray | memoryview):
        raise TypeError("a source must be a path or an open file; for bytes in memory use loads()")
    path = os.fspath(source) if isinstance(source, os.PathLike) else source
    if isinstance(path, bytes) or not (isinstance(path, str) or hasattr(path, "read")):
        unpack = "; unpack several with *" if isinstance(path, list | tuple) else ""
        raise TypeError(f"a source must be a path (str) or an open file, not {source!r}{unpack}")


class Streams:
    """Open streams, one at a time as they are asked for.

    An error in opening one does not end the iteration: the next call goes on after it.

    Args:
        openings: Functions that open files or archives, and return the streams in them.
    """

    def __init__(self, openings: Iterable[Opening]) -> None:
        self._openings = iter(openings)
        self._current: Iterator[Stream] = iter(())

    def __iter__(self) -> Streams:
        return self

    def __next__(self) -> Stream:
        while True:
            for stream in self._current:
                return stream
            self._current = next(self._openings)()

    def close(self) -> None:
        """Close what is open, and open nothing more."""
        self._openings = iter(())
        current, self._current = self._current, iter(())
        if isinstance(current, Generator):
            current.close()


def streams_of(sources: Iterable[Source]) -> Streams:
    """Return the streams of paths and open files."""
    return Streams(opening for source in sources for opening in openings_of(source))


def streams_in_memory(name: str, data: str | bytes) -> Streams:
    """Return the one stream of a text or of bytes in memory."""
    file = io.StringIO(data, newline="") if isinstance(data, str) else io.BytesIO(data)
    return Streams([lambda: iter([Stream(name, file)])])


def openings_of(source: Source) -> Iterator[Opening]:
    """Yield a function for each file of a source that returns its streams."""
    if not isinstance(source, str | os.PathLike):
        yield lambda: iter([named_stream(source)])
        return
    for entry in paths_of(os.fspath(source)):
        yield partial(_fail, entry) if isinstance(entry, OSError) else partial(open_path, entry)


def paths_of(path: str) -> Iterator[str | OSError]:
    """Yield the path of a file, or those of the files in a folder, or why one is unreadable."""
    if os.path.isdir(path):
        yield from files_in(path, has_text_name)
    else:
        yield path


def _fail(error: OSError) -> Iterator[Stream]:
    raise error


def name_of(source: Source) -> str:
    """Return the name of a source in defects and errors."""
    if isinstance(source, str | os.PathLike):
        return os.fspath(source)
    name = getattr(source, "name", None)
    return name if isinstance(name, str) else "<stream>"


def named_stream(file: Any) -> Stream:
    """Return the stream of an open file."""
    return Stream(name_of(file), file)


# One for all files, since two may share a file below them. A user's own file may read another one,
# so the same thread may enter twice.
_TURN = threading.RLock()


class Rereadable:
    """An open file with a position of its own, so that several passes do not disturb each other.

    Args:
        file: The file, which can seek.
        position: Where to begin, a result of its `tell`.
    """

    def __init__(self, file: Any, position: int) -> None:
        self.file = file
        # As in `Stream.read`: what came out before damage must not be lost.
        self._read = getattr(file, "read1", file.read)
        self._position = position
        self.name: str = name_of(file)
        self.errors: str | None = getattr(file, "errors", None)

    def read(self, size: int) -> bytes | str:
        """Return the next piece."""
        with _TURN:  # or another pass, in another thread, would move the file meanwhile
            self.file.seek(self._position)
            piece: bytes | str = self._read(size)
            self._position = self.file.tell()
        return piece


def files_in(root: str, has_name: Callable[[str], bool]) -> Iterator[str | OSError]:
    """Yield the paths of files with certain names in a folder and below, or why one is unreadable.

    In each folder they come sorted by name. A link to a file inside `root` is read, one that
    leads out of it is not. A link to a folder is not followed: a folder inside `root` is read
    where it is.

    Args:
        root: The folder.
        has_name: A function that checks the name of a file, without its folder.
    """
    inside = os.path.join(os.path.realpath(root), "")
    waiting = _entries(root)
    while waiting:
        entry = waiting.pop()
        try:
            if isinstance(entry, OSError):
                yield entry
            elif entry.is_dir(follow_symlinks=False):
                waiting += _entries(entry.path)
            elif has_name(entry.name) and entry.is_file() and _leads_into(inside, entry):
                yield entry.path
        except OSError as error:  # a link to itself, or a file system that is asked only now
            yield error


def _entries(folder: str) -> list[os.DirEntry[str] | OSError]:
    """Return what is in a folder, sorted by name, the last first; or why it is unreadable."""
    try:
        with os.scandir(folder) as entries:
            return sorted(entries, key=attrgetter("name"), reverse=True)
    except OSError as error:
        return [error]


def _leads_into(folder: str, entry: os.DirEntry[str]) -> bool:
    return not entry.is_symlink() or os.path.realpath(entry.path).startswith(folder)
