"""Files that are written whole or not at all."""

from __future__ import annotations

import errno
import os
import re
import stat
from contextlib import suppress
from functools import partial
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_NAME_PART = 50  # characters of up to 4 bytes; file systems take names of 255 bytes
_OPEN_FILES = ("/dev/fd", "/proc/self/fd", "/proc/thread-self/fd")  # where there are such
_OPEN_FILES_OF_ANY = re.compile("/proc/[0-9]+(/task/[0-9]+)?/fd")


def write_file(path: str, write: Callable[[IO[bytes]], object]) -> None:
    """Write a file, whole or not at all.

    It is written beside its place and then put there. What is no plain file can only be written
    to as it stands.

    Args:
        path: Where it shall be.
        write: What writes all of it to an open binary file.

    Raises:
        OSError: The file cannot be written.
    """
    try:
        mode = os.stat(path).st_mode  # noqa: PTH116 as given
    except FileNotFoundError:
        mode = None
    if mode is None:
        _check_place(path)
        _replace(path, None, write)
        return
    place = _descriptor(path)
    if place is None and stat.S_ISREG(mode):
        _replace(path, stat.S_IMODE(mode), write)
        return
    # A pipe, a device or what is open already can only be written to.
    with open(path if place is None else place, "wb", closefd=not isinstance(place, int)) as file:
        write(file)


def _replace(path: str, permissions: int | None, write: Callable[[IO[bytes]], object]) -> None:
    """Put a new file in the place of another, if there is one, that has permissions to keep."""
    target = os.path.realpath(path)  # a link stays a link to the new file
    aside = _aside(target)
    try:  # from before there is a file on, since an interrupt may come behind any step
        with _new_file(aside, 0o666 if permissions is None else permissions, path) as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        if permissions is not None:
            os.chmod(aside, permissions)  # noqa: PTH101 as given
        os.replace(aside, target)  # noqa: PTH105 as given
    except BaseException:
        with suppress(OSError):  # there was no file yet, or it is in its place
            os.unlink(aside)  # noqa: PTH108 as given
        raise


def _check_place(path: str) -> None:
    """Refuse a path without a file where `open` would not make one, but a resolved path leads on.

    Of a folder that is not there, as in "films/" or "films/../all.xml", nothing is left in it.
    """
    stem = path.rstrip(os.sep + (os.altsep or ""))
    folder, _ = os.path.split(stem)
    try:
        os.stat(folder or (path and os.curdir))  # noqa: PTH116 as given
    except OSError as error:
        raise type(error)(error.errno, error.strerror, path) from None
    if stem != path:
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), path)


def _descriptor(path: str) -> int | str | None:
    """Give the open file of a process that a path leads to: its number if it is ours, or its path.

    Standard output has the path `/dev/stdout`, which leads to the file that it was redirected to. A
    new file in its place would not be the one that is open, nor would one that is opened anew be
    written to behind what stands in it.
    """
    ours = {os.path.realpath(folder) for folder in _OPEN_FILES}
    while True:
        folder, name = os.path.split(path)
        folder = os.path.realpath(folder)
        path = os.path.join(folder, name)  # noqa: PTH118 as given
        if folder in ours and name.isdigit():
            return int(name)
        if _OPEN_FILES_OF_ANY.fullmatch(folder):
            return path
        if not os.path.islink(path):  # noqa: PTH114 as given
            return None
        path = os.path.join(folder, os.readlink(path))  # noqa: PTH115, PTH118 as given


def _aside(target: str) -> str:
    """Give a path for a new file in the folder of another."""
    folder, name = os.path.split(target)
    return os.path.join(folder, f".{name[:_NAME_PART]}.{os.urandom(8).hex()}.part")  # noqa: PTH118 as given


def _new_file(aside: str, permissions: int, path: str) -> IO[bytes]:
    """Open a file that does not exist yet; an error names the path that was given.

    The tempfile module would make a file that only its owner can read, whatever the umask says.
    """
    try:
        return open(aside, "xb", opener=partial(os.open, mode=permissions))
    except OSError as error:
        raise type(error)(error.errno, error.strerror, path) from None
