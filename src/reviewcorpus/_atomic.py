"""Files that are written whole or not at all.

A file is written next to its place, as `.NAME.HEX.part`, and renamed once it is complete. A run
that is killed leaves that file behind. The next run for that place reports it, but does not remove
it, because it may belong to a run that is still going.
"""

from __future__ import annotations

import errno
import os
import re
import stat
from contextlib import contextmanager, suppress
from functools import partial
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Generator

UNFINISHED = ".part"
"""The end of a file's name until the file is complete."""
_NAME_PART = 50  # characters of up to 4 bytes; file systems allow names of 255 bytes
_MARK_BYTES = 8
# A shell may have redirected these to a file. A new file in its place would not be the open one,
# and opening the file again would overwrite it from its beginning.
_STANDARD_STREAMS = {"/dev/stdout": 1, "/dev/stderr": 2}


@contextmanager
def open_whole(path: str, *, replaces: bool = True) -> Generator[IO[bytes]]:
    """Open a binary file that appears whole, at the end of the `with` statement, or not at all.

    The new file is written next to its place, synced, and then renamed. A pipe, a device and a
    standard stream are written to directly.

    Args:
        path: Where the file goes.
        replaces: Whether it replaces a file that is there, even one that appeared meanwhile.

    Raises:
        OSError: The file cannot be written, or must not replace another.
    """
    if is_stream(path) or os.path.isdir(path):  # for a folder, `open` raises the right error
        descriptor = _STANDARD_STREAMS.get(path)
        with open(descriptor or path, "wb", closefd=descriptor is None) as file:
            yield file
        return
    try:
        permissions = stat.S_IMODE(os.stat(path).st_mode)
    except FileNotFoundError:
        _check_place(path)
        permissions = None
    with _open_aside(path, permissions, replaces=replaces) as file:
        yield file


def is_stream(path: str) -> bool:
    """Return whether a path is a standard stream, a pipe or a device, and not a file or folder."""
    is_special = os.path.exists(path) and not (os.path.isfile(path) or os.path.isdir(path))
    return path in _STANDARD_STREAMS or is_special


@contextmanager
def _open_aside(path: str, permissions: int | None, *, replaces: bool) -> Generator[IO[bytes]]:
    """Open a file next to its place; keep the permissions of the one that is there, if any."""
    target = os.path.realpath(path)  # a link stays, and leads to the new file
    aside = f"{_start_of(target)}{os.urandom(_MARK_BYTES).hex()}{UNFINISHED}"
    try:  # even before there is a file, because an interrupt may come after any step
        with _new_file(aside, 0o666 if permissions is None else permissions, path) as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        if permissions is not None:
            os.chmod(aside, permissions)
        put_in_place(aside, target, replaces=replaces)
    except BaseException:
        with suppress(OSError):  # it was not made yet, or is in its place
            os.unlink(aside)
        raise
    sync_folder(os.path.dirname(target))


def put_in_place(aside: str, target: str, *, replaces: bool) -> None:
    """Rename a complete file to its final name.

    Args:
        aside: Its path now.
        target: Its final path.
        replaces: Whether a file that is there is replaced. If the file system has no hard links,
            a file that appears at the last moment is replaced in any case.

    Raises:
        FileExistsError: There is a file that must not be replaced.
    """
    if replaces:
        os.replace(aside, target)
        return
    try:
        os.link(aside, target)
    except OSError:
        if os.path.lexists(target):
            message = "another file has appeared there"
            raise FileExistsError(errno.EEXIST, message, target) from None
        os.rename(aside, target)  # the file system has no hard links
    else:
        os.unlink(aside)


def sync_folder(folder: str) -> None:
    """Make the names in a folder survive a crash, if the system can do so."""
    with suppress(OSError):
        descriptor = os.open(folder or os.curdir, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _check_place(path: str) -> None:
    """Refuse a path that `open` would refuse, though it could open the resolved path.

    In "movies/" and "missing/../all.xml", resolving drops the folder that does not exist.
    """
    stem = path.rstrip(os.sep + (os.altsep or ""))
    folder, _ = os.path.split(stem)
    try:
        os.stat(folder or (path and os.curdir))
    except OSError as error:
        raise type(error)(error.errno, error.strerror, path) from None
    if stem != path:
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), path)


# ---- files next to their place ----------------------------------------------------------


def unfinished_beside(path: str) -> list[str]:
    """Return the paths of files that were begun for a path, and are not complete."""
    start = _start_of(os.path.realpath(path))
    folder, name = os.path.split(start)
    pattern = re.compile(rf"{re.escape(name)}[0-9a-f]{{{2 * _MARK_BYTES}}}{re.escape(UNFINISHED)}")
    try:
        names = os.listdir(folder)
    except OSError:
        return []
    return sorted(os.path.join(folder, each) for each in names if pattern.fullmatch(each))


def _start_of(target: str) -> str:
    """Return how the paths of unfinished files for a target begin."""
    folder, name = os.path.split(target)
    return os.path.join(folder, f".{name[:_NAME_PART]}.")


def _new_file(aside: str, permissions: int, path: str) -> IO[bytes]:
    """Open a file that does not exist yet; an error names the path that was given.

    The tempfile module would make a file that only its owner can read, whatever the umask says.
    """
    try:
        return open(aside, "xb", opener=partial(os.open, mode=permissions))
    except OSError as error:
        raise type(error)(error.errno, error.strerror, path) from None
