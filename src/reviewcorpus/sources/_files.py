"""One file: how it is opened, and what its name and its first bytes say about its kind."""

from __future__ import annotations

import io
import os
import stat
from typing import IO, TYPE_CHECKING, Any

from reviewcorpus._signatures import packed_as
from reviewcorpus.sources._streams import ARCHIVE, CHUNK, COMPRESSED, Stream

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_KINDS = {".gz": "gzip", ".bz2": "bzip2", ".xz": "xz", ".zip": "zip", ".tar": "tar"}
_KINDS |= {".tgz": "gzip", ".tbz2": "bzip2", ".txz": "xz"}
_SUFFIXES = tuple(_KINDS)
_READ = frozenset(_KINDS.values())  # Zstandard is only recognized
_COMPRESSED_SUFFIXES = (".gz", ".bz2", ".xz")
TAR_SUFFIXES = (".tar", ".tar.gz", ".tar.bz2", ".tar.xz", ".tgz", ".tbz2", ".txz")
BLOCK = 512  # bytes of a tar header, which are enough to know what a file is
_TAR_MARK = slice(257, 262)
_BEFORE_MARKUP = b"\xef\xbb\xbf\xff\xfe\0 \t\r\n"  # byte order marks, whitespace, in UTF-16 too


def open_raw(path: str) -> IO[bytes]:
    """Open a file on this machine, unbuffered."""
    return open(path, "rb", buffering=0)


def is_packed(path: str) -> bool:
    """Return whether the name of a file, in any case, is that of compressed data or an archive."""
    return path.lower().endswith(_SUFFIXES)


def is_archive(path: str) -> bool:
    """Return whether a name, in any case, is that of packed data that is not read in folders."""
    return path.lower().endswith((".zip", ".zst", *TAR_SUFFIXES))


def without_compression(path: str) -> str:
    """Return the path of a file without the suffix of its compression, if it has one."""
    if path.lower().endswith(_COMPRESSED_SUFFIXES):
        return path[: path.rindex(".")]
    return path


def open_path(
    path: str,
    open_file: Callable[[str], IO[bytes]] = open_raw,
    is_skipped: Callable[[str, int], bool] | None = None,
) -> Iterator[Stream]:
    """Yield the streams of one file: the file itself, what it decompresses to, or its members.

    Its first bytes say what it is. Its name counts only if they are neither a signature nor markup,
    so that data that is damaged from its start is reported as damaged. Markup may have any name: a
    file that a server or a browser has decompressed often keeps its old one.

    Each stream is open until the next one is asked for.

    Args:
        path: The path of the file, which also names the streams.
        open_file: The function that opens it.
        is_skipped: Returns whether a member of an archive is skipped, given the name of its stream,
            and the place where the name of the member begins in that.

    Raises:
        OSError: The file cannot be opened, or reading it fails.
    """
    data = read_small(path) if open_file is open_raw and not is_packed(path) else None
    if data is not None:
        with io.BytesIO(data) as small:
            yield Stream(path, small, small, is_whole=True)
        return
    with open_file(path) as disk:
        file: Any = Begun(disk)
        kind = _kind_of(path, file.head)
        broken = None
        try:
            if kind in _READ:
                from reviewcorpus.sources._archives import open_packed

                for stream in open_packed(path, disk, file, kind):
                    if is_skipped is None or not is_skipped(stream.name, len(path) + 1):
                        yield stream
            else:
                yield Stream(path, file, disk)
        except Exception as error:  # noqa: BLE001 raised again if it is not damage
            broken = Stream.damaged(path, disk, error, ARCHIVE if kind == "tar" else COMPRESSED)
        if broken is not None:
            yield broken


def read_small(path: str) -> bytes | None:
    """Return the bytes of a plain file of less than 64 KiB; `None` for anything else.

    It returns `None` too if reading fails: opening the file as usual will say why.
    """
    try:
        status = os.stat(path)
        if not stat.S_ISREG(status.st_mode) or status.st_size >= CHUNK:
            return None
        with open_raw(path) as file:
            data = file.read(CHUNK)
    except (OSError, ValueError):  # ValueError: not a path at all
        return None
    is_whole = len(data) == status.st_size and is_markup(data)
    return data if is_whole and not has_tar_mark(data) else None


class Begun(io.RawIOBase):
    """A file whose first bytes were read, and are read again; it need not be able to seek.

    A pipe may return a few bytes at a time: it is read until they show what it is.

    Attributes:
        head: The first bytes: at least a block, or all.
    """

    def __init__(self, file: Any) -> None:
        self._read = getattr(file, "read1", file.read)
        self._position = 0
        self._error: Exception | None = None
        self.head: bytes = b""
        try:
            while len(self.head) < BLOCK and (piece := self._read(CHUNK)):
                self.head += piece
        except Exception as error:
            if not self.head:
                raise
            self._error = error  # what came before it is read first

    def readable(self) -> bool:
        """Return `True`."""
        return True

    def read1(self, size: int) -> bytes:
        """Return the next bytes, at most `size`, as soon as there are some; nothing at the end."""
        piece: bytes = self.head[self._position : self._position + size]
        self._position += len(piece)
        if not piece and self._error is not None:
            raise self._error
        return piece or self._read(size)

    def readinto(self, buffer: Any, /) -> int:
        """Read the next bytes into a buffer; return their number."""
        return fill(buffer, self.read1(len(buffer)))


def fill(buffer: Any, piece: bytes) -> int:
    buffer[: len(piece)] = piece
    return len(piece)


def _kind_of(path: str, head: bytes) -> str | None:
    """Return which kind of compressed data or archive a file is, if it is not text."""
    if kind := packed_as(head):
        return kind
    if has_tar_mark(head):
        return "tar"
    return None if is_markup(head) else _KINDS.get(os.path.splitext(path.lower())[1])


def has_tar_mark(head: bytes) -> bool:
    # A text may have this word at that place, but it has no zeros before it, as a header does.
    return head[_TAR_MARK] == b"ustar" and b"\0" in head[: _TAR_MARK.start]


def is_markup(head: bytes) -> bool:
    return head[:BLOCK].lstrip(_BEFORE_MARKUP).startswith(b"<")
