"""Sources (paths, folders, archives, open files), and the named streams in them."""

from __future__ import annotations

import os
import re
import stat
import threading
from collections.abc import Generator
from fnmatch import translate
from functools import partial
from operator import attrgetter
from typing import IO, TYPE_CHECKING, Any, NamedTuple, Protocol, TypeAlias

from reviewcorpus._checks import brief
from reviewcorpus.sources._files import (
    is_archive,
    open_path,
    open_raw,
    without_compression,
)
from reviewcorpus.sources._streams import Stream, has_text_name, is_hidden

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator


class Readable(Protocol):
    """What can be read: an open file, binary or text, or anything with a `read` method."""

    def read(self, size: int, /) -> bytes | str | None:
        """Return at most `size` bytes or characters; an empty value at the end."""


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
        given = brief(source)
        raise TypeError(f"a source must be a path (str) or an open file, not {given}{unpack}")


class Streams:
    """Open streams, one at a time as they are asked for.

    An error in opening one does not end the iteration: the next call goes on after it.

    Args:
        openings: Functions that open files or archives, and return the streams in them.
        finder: The finder that finds these files as the iteration goes on.

    Attributes:
        finder: The same.
    """

    def __init__(self, openings: Iterable[Opening], finder: Finder | None = None) -> None:
        self.finder: Finder = finder or Finder()
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


def streams_of(sources: Iterable[Source], exclude: Iterable[str] = ()) -> Streams:
    """Return the streams of paths and open files.

    Args:
        sources: The paths and open files.
        exclude: Patterns of what is skipped in folders and archives, as `Finder` takes them.
    """
    finder = Finder(exclude)
    openings = (opening for source in sources for opening in openings_of(source, finder))
    return Streams(openings, finder)


def openings_of(source: Source, finder: Finder) -> Iterator[Opening]:
    """Yield, for each file of a source, a function that returns its streams."""
    if isinstance(source, str | os.PathLike):
        for found in finder.find(os.fspath(source)):
            yield opening_of(found, is_skipped=finder.skips)
    else:
        yield lambda: iter([named_stream(source)])


def opening_of(
    found: Found,
    open_file: Callable[[str], IO[bytes]] = open_raw,
    is_skipped: Callable[[str, int], bool] | None = None,
) -> Opening:
    """Return a function that returns the streams of what was found, or raises its error."""
    if isinstance(found, OSError):
        return partial(_fail, found)
    if isinstance(found, NoFile):
        return partial(iter, [Stream.of_nothing(found.path)])
    return partial(open_path, found, open_file, is_skipped)


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


# One for all files, because two may share an underlying file. A user's own file may read another
# one, so the same thread may enter twice.
_TURN = threading.RLock()


def _begin_child() -> None:
    """Replace the lock in a child process: a thread that holds it does not exist there."""
    global _TURN  # noqa: PLW0603 there is one per process
    _TURN = threading.RLock()


if hasattr(os, "register_at_fork"):  # not on Windows
    os.register_at_fork(after_in_child=_begin_child)


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


# ---- folders ----------------------------------------------------------------------------


class NoFile(NamedTuple):
    """The path of a folder without a file to read."""

    path: str


Found: TypeAlias = "str | NoFile | OSError"
"""What a path leads to: the path of a file, or no file, or why something is unreadable."""


class Finder:
    """Finds the files that paths lead to, in one pass over several sources.

    A file in a folder that was already read in this pass is not found again. Two paths lead to the
    same file if their real paths are equal.

    Args:
        exclude: Patterns of what is skipped in folders and archives, as in a shell; `*` matches any
            characters. A pattern with a slash before its end matches a whole path below the source,
            of a file or a folder; after `**/`, also below any folder. Any other pattern matches
            names. Compressed files are also matched by their names without `.gz`.
    """

    def __init__(self, exclude: Iterable[str] = ()) -> None:
        names, paths = [], []
        for glob in exclude:
            last = glob.removeprefix("**/").rstrip("/")
            if "/" not in last:
                names.append(last)
            else:
                path = last.removeprefix("./").removeprefix("/")
                paths += [path, f"*/{path}"] if glob.startswith("**/") else [path]
        self._names = _any_of(names)
        self._paths = _any_of(form for path in paths for form in (path, f"{path}/*"))
        self._read: set[str] = set()
        self._skipped: dict[str, str] = {}

    @property
    def skipped(self) -> list[str]:
        """The paths of archives, hidden files and links in folders, and of what is excluded.

        Hidden files count if they would be read under another name. Folders inside hidden folders
        are not searched, because `.git` may hold thousands of files.
        """
        return [path for real, path in self._skipped.items() if real not in self._read]

    def is_new(self, real: str) -> bool:
        """Return whether a file has not been read yet, and remember that it is read now."""
        known = len(self._read)
        self._read.add(real)
        return len(self._read) > known

    def find(self, path: str, *, once: bool = False) -> Iterator[Found]:
        """Yield the path of a file, or those of the files in a folder, sorted by their names.

        Args:
            path: The path of a file or folder.
            once: Whether a file that is named itself is skipped, too, if it was already read.
        """
        if not os.path.isdir(path):
            # If this cannot be a path at all, opening it will say so.
            if not os.path.lexists(path) or self.is_new(os.path.realpath(path)) or not once:
                yield path
            return
        is_empty = True
        for found, real in self._find_in(path):
            is_empty = False
            if isinstance(found, OSError) or (self._is_only_form(found) and self.is_new(real)):
                yield found
        if is_empty:
            yield NoFile(path)

    def _find_in(self, root: str) -> Iterator[tuple[str | OSError, str]]:
        """Yield the files that are read in a folder and below, with their real paths, and errors.

        A link to a file inside `root` is read, one that leads out of it is not. A link to a folder
        is not followed: a folder inside `root` is read where it is.
        """
        inside, below = os.path.join(os.path.realpath(root), ""), len(os.path.join(root, ""))
        for entry, is_hidden_file in _walk(root):
            if isinstance(entry, OSError):
                if not self._excludes(str(entry.filename)[below:]):
                    yield entry, ""
                continue
            name = entry.path[below:]
            is_excluded = self._excludes(name) or self._excludes(without_compression(name))
            hidden = is_hidden_file or is_excluded
            is_text = has_text_name(without_compression(entry.name))
            if not is_text and (hidden or not is_archive(entry.name)):
                continue
            try:
                is_file, is_link = entry.is_file(), entry.is_symlink()
            except OSError as error:  # a link to itself, or a file system that is asked only now
                if is_text and not hidden:
                    yield error, ""
                continue
            real = os.path.realpath(entry.path) if is_link else inside + entry.path[below:]
            is_read = is_file and real.startswith(inside)
            if is_read and is_text and not hidden:
                yield entry.path, real
            elif is_read or (is_link and not hidden):  # not a pipe, nor a folder
                self._skipped.setdefault(real, entry.path)

    def skips(self, path: str, below: int) -> bool:
        """Return whether a member of an archive is excluded, and remember that it is skipped.

        Args:
            path: The path of the archive, and the name of the member in it.
            below: Where that name begins.
        """
        is_excluded = below < len(path) and self._excludes(path[below:])
        if is_excluded:
            self._skipped.setdefault(path, path)
        return is_excluded

    def _excludes(self, path: str) -> bool:
        """Return whether a path below a source, a folder in it, or a name in it is excluded."""
        path = path.replace(os.sep, "/")
        while path.startswith("./"):  # as `tar -C folder .` names its members
            path = path[2:]
        is_path = self._paths is not None and self._paths.match(path)
        return bool(is_path) or (
            self._names is not None and any(map(self._names.match, path.split("/")))
        )

    def _is_only_form(self, path: str) -> bool:
        """Return whether a file is plain, or has no plain one next to it, which comes first."""
        plain = without_compression(path)
        return plain == path or os.path.realpath(plain) not in self._read


def _any_of(globs: Iterable[str]) -> re.Pattern[str] | None:
    """Return a pattern that matches whatever one of the globs matches; `None` without a glob."""
    patterns = [translate(glob) for glob in globs if glob]
    return re.compile("|".join(patterns)) if patterns else None


def size_of(sources: Iterable[Source], finder: Finder) -> int | None:
    """Return the size of the files that are read, in bytes; compressed files as they are.

    Returns:
        The number of bytes; `None` if it is unknown, as for an open file or a pipe.
    """
    total = 0
    for source in sources:
        if not isinstance(source, str | os.PathLike):
            return None
        for found in finder.find(os.fspath(source)):
            size = _size_of(found)
            if size is None:
                return None
            total += size
    return total


def _size_of(found: Found) -> int | None:
    """Return the size of a file in bytes; `None` for a pipe or a device."""
    try:
        status = os.stat(found) if isinstance(found, str) else None
    except (OSError, ValueError):  # opening it will say so; ValueError: not a path at all
        status = None
    if status is None:
        return 0
    return status.st_size if stat.S_ISREG(status.st_mode) else None


def _walk(root: str) -> Iterator[tuple[os.DirEntry[str] | OSError, bool]]:
    """Yield the files in a folder and below, each with whether it is hidden, and errors."""
    below = len(os.path.join(root, ""))
    waiting = _entries(root)
    while waiting:
        entry = waiting.pop()
        if isinstance(entry, OSError):
            yield entry, False
            continue
        name = entry.path[below:].replace(os.sep, "/")
        hidden = is_hidden(name)
        try:
            is_folder = entry.is_dir(follow_symlinks=False)
        except OSError as error:
            yield error, False
            continue
        if not is_folder:
            yield entry, hidden
        elif not hidden:
            waiting += _entries(entry.path)
        elif not is_hidden(os.path.dirname(name)):  # or all of `.git` would be searched
            waiting += [each for each in _entries(entry.path) if isinstance(each, os.DirEntry)]


def _entries(folder: str) -> list[os.DirEntry[str] | OSError]:
    """Return what is in a folder, in reverse order of names; or the error, in a list."""
    try:
        with os.scandir(folder) as entries:
            return sorted(entries, key=attrgetter("name"), reverse=True)
    except OSError as error:
        return [error]
