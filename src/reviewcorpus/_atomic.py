"""Files that are written whole or not at all."""

from __future__ import annotations

import errno
import os
import stat
from contextlib import contextmanager, suppress
from functools import partial
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Generator

_NAME_PART = 50  # characters of up to 4 bytes; file systems take names of 255 bytes
# A shell may have redirected them to a file. A new file in its place would not be the one that is
# open, and opened once more it would be written from its beginning, over what is there.
_STANDARD_STREAMS = {"/dev/stdout": 1, "/dev/stderr": 2}


@contextmanager
def open_whole(path: str) -> Generator[IO[bytes]]:
    """Open a binary file that appears whole, at the end of the `with` statement, or not at all.

    The new file is written beside its place, synced, and then renamed. A pipe, a device and a
    standard stream are written to as they are.

    Args:
        path: Where the file goes.

    Raises:
        OSError: The file cannot be written.
    """
    try:
        mode = os.stat(path).st_mode
    except FileNotFoundError:
        _check_place(path)
        mode = None
    descriptor = _STANDARD_STREAMS.get(path)
    if mode is None or (descriptor is None and stat.S_ISREG(mode)):
        with _open_aside(path, None if mode is None else stat.S_IMODE(mode)) as file:
            yield file
        return
    with open(descriptor or path, "wb", closefd=descriptor is None) as file:
        yield file


@contextmanager
def _open_aside(path: str, permissions: int | None) -> Generator[IO[bytes]]:
    """Open a file that replaces an old one; keep the permissions of that one, if any."""
    target = os.path.realpath(path)  # a link stays a link to the new file
    aside = _aside(target)
    try:  # even before there is a file, since an interrupt may come after any step
        with _new_file(aside, 0o666 if permissions is None else permissions, path) as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        if permissions is not None:
            os.chmod(aside, permissions)
        os.replace(aside, target)
    except BaseException:
        with suppress(OSError):  # there was no file yet, or it is in its place
            os.unlink(aside)
        raise


def _check_place(path: str) -> None:
    """Refuse a path at which `open` would not make a file, but a resolved path would allow it.

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


def _aside(target: str) -> str:
    """Return a path for a new file in the folder of another."""
    folder, name = os.path.split(target)
    return os.path.join(folder, f".{name[:_NAME_PART]}.{os.urandom(8).hex()}.part")


def _new_file(aside: str, permissions: int, path: str) -> IO[bytes]:
    """Open a file that does not exist yet; an error names the path that was given.

    The tempfile module would make a file that only its owner can read, whatever the umask says.
    """
    try:
        return open(aside, "xb", opener=partial(os.open, mode=permissions))
    except OSError as error:
        raise type(error)(error.errno, error.strerror, path) from None
