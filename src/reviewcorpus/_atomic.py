"""Files that are written whole or not at all.

A file is written beside its place, as `.NAME.part`, and gets its name once it is complete. A run
that is killed leaves that file behind, and the next run for the same place removes it: a run that
is still going holds a lock on its file, which ends with the process. Where that name is taken, or
the system has no such locks, the file is `.NAME.HEX.part`, and nobody removes what is left of it.
"""

from __future__ import annotations

import errno
import os
import stat
import sys
from contextlib import contextmanager, suppress
from functools import partial
from typing import IO, TYPE_CHECKING

if sys.platform != "win32":
    import fcntl

if TYPE_CHECKING:
    from collections.abc import Generator

UNFINISHED = ".part"
"""What the names of files end in until they are complete."""
_NAME_PART = 50  # characters of up to 4 bytes; file systems take names of 255 bytes
_HAS_LOCKS = sys.platform != "win32"
# A shell may have redirected them to a file. A new file in its place would not be the one that is
# open, and opened once more it would be written from its beginning, over what is there.
STANDARD_STREAMS = {"/dev/stdout": 1, "/dev/stderr": 2}


@contextmanager
def open_whole(path: str, *, replaces: bool = True) -> Generator[IO[bytes]]:
    """Open a binary file that appears whole, at the end of the `with` statement, or not at all.

    The new file is written beside its place, synced, and then renamed. A pipe, a device and a
    standard stream are written to as they are.

    Args:
        path: Where the file goes.
        replaces: Whether it replaces a file that is there, even one that appeared meanwhile.

    Raises:
        OSError: The file cannot be written, or must not replace another.
    """
    try:
        mode = os.stat(path).st_mode
    except FileNotFoundError:
        _check_place(path)
        mode = None
    descriptor = STANDARD_STREAMS.get(path)
    if mode is None or (descriptor is None and stat.S_ISREG(mode)):
        permissions = None if mode is None else stat.S_IMODE(mode)
        with _open_aside(path, permissions, replaces=replaces) as file:
            yield file
        return
    with open(descriptor or path, "wb", closefd=descriptor is None) as file:
        yield file


@contextmanager
def _open_aside(path: str, permissions: int | None, *, replaces: bool) -> Generator[IO[bytes]]:
    """Open a file beside its place; keep the permissions of the one that is there, if any."""
    target = os.path.realpath(path)  # a link stays a link to the new file
    names = _aside(target, f".{os.urandom(8).hex()}"), _aside(target)
    mode = 0o666 if permissions is None else permissions | stat.S_IRUSR  # so that it can be locked
    opened: list[IO[bytes]] = []  # here and not in a function that an interrupt may end
    try:  # even before there is a file, since an interrupt may come after any step
        _open_new(opened, *names, mode, path)
        (file,) = opened
        yield file
        file.flush()
        os.fsync(file.fileno())
        if permissions is not None:
            os.chmod(file.name, permissions)
        if not _HAS_LOCKS:
            file.close()  # Windows renames no file that is open
        put_in_place(file.name, target, replaces=replaces)
        file.close()
    except BaseException:
        for file in opened:
            _drop(file)
        for name in names:
            _remove_left(name)
        raise
    sync_folder(os.path.dirname(target))


def put_in_place(aside: str, target: str, *, replaces: bool) -> None:
    """Give a file that is complete its name.

    Args:
        aside: Its path now.
        target: Its path from now on.
        replaces: Whether a file that is there is replaced. Where the file system has no hard links,
            one that appears at the very moment is, too.

    Raises:
        FileExistsError: There is a file that is not to be replaced.
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
    """Make the names in a folder survive a crash, where the system can do so."""
    with suppress(OSError):
        descriptor = os.open(folder or os.curdir, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


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


# ---- files beside their place -----------------------------------------------------------


def _aside(target: str, mark: str = "") -> str:
    """Return a path for a new file in the folder of another."""
    folder, name = os.path.split(target)
    return os.path.join(folder, f".{name[:_NAME_PART]}{mark}{UNFINISHED}")


def _open_new(opened: list[IO[bytes]], marked: str, plain: str, mode: int, path: str) -> None:
    """Open a file that does not exist yet, under its plain name only with a lock.

    The tempfile module would make a file that only its owner can read, whatever the umask says.

    Args:
        opened: An empty list, which gets the file.
        marked: A path that nobody else has.
        plain: A path that another run may have, or may have left.
        mode: The permissions.
        path: What an error names.
    """

    def create(name: str) -> IO[bytes]:
        return open(name, "xb", opener=partial(os.open, mode=mode))

    if _HAS_LOCKS:
        _remove_left(plain)
        with suppress(OSError):  # the next attempt says what is wrong
            opened.append(create(plain))
        try:
            if opened and _lock(opened[0]):
                return
            while opened:  # another run has it, and is removing it
                opened.pop().close()
        except OSError:  # no locks here, so that nobody can have it
            _drop(opened.pop())
    try:
        opened.append(create(marked))
    except OSError as error:
        raise type(error)(error.errno, error.strerror, path) from None


def _drop(file: IO[bytes]) -> None:
    """Remove a file of our own, unless it is in its place, and close it."""
    with suppress(OSError):
        if not file.closed and _has_its_name(file):
            os.unlink(file.name)
    with suppress(OSError):  # that something could not be written is known
        file.close()


def _remove_left(path: str) -> None:
    """Remove a file that a run has left, unless a run that is still going has it."""
    with suppress(OSError):
        if not _HAS_LOCKS:
            os.unlink(path)
            return
        with open(path, "rb", opener=_open_as_it_is) as file:
            if _lock(file):
                os.unlink(path)


def _open_as_it_is(path: str, flags: int) -> int:
    """Open without following a link, or waiting for the writer of a pipe."""
    return os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK)


def _lock(file: IO[bytes]) -> bool:
    """Return whether an open file is locked now, by us, and still has its name.

    Who holds the lock is the only one to remove or rename the file.

    Raises:
        OSError: The file system has no locks.
    """
    if sys.platform != "win32":
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
    return _has_its_name(file)


def _has_its_name(file: IO[bytes]) -> bool:
    with suppress(FileNotFoundError):
        return os.path.samestat(os.fstat(file.fileno()), os.lstat(file.name))
    return False
