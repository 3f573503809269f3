"""Open streams with names. Damaged data is a defect; a failure of the machine is an error."""

from __future__ import annotations

import errno
from typing import IO, Any

from reviewcorpus._checks import brief
from reviewcorpus._signatures import LONGEST_SIGNATURE, is_undecided, packed_as

TEXT_SUFFIXES = (".xml", ".txt", ".review")
"""The suffixes, in any case, of files that are read in folders and archives."""

CHUNK = 1 << 16  # bytes; smaller chunks cost more calls, larger ones fall out of the cache
COMPRESSED, ARCHIVE = "the compressed data", "the archive"
# By name, so that the modules need not be imported.
_DECOMPRESSOR_ERRORS = frozenset({"BadGzipFile", "BadZipFile", "LZMAError"})


class BrokenStream(Exception):
    """Compressed data or an archive breaks off or is damaged; the message says how."""


def is_damage(error: Exception) -> bool:
    """Return whether an error means damaged data; a failure of the machine has an error number.

    For damaged bytes, the modules of the standard library raise nearly anything, even IndexError;
    `EINVAL` comes from a seek to an impossible place, caused by a wrong offset in a header.
    """
    if isinstance(error, OSError):
        return error.errno in {None, errno.EINVAL}
    return not isinstance(error, MemoryError)


def _is_decompressor_error(error: Exception, file: object) -> bool:
    """Return whether an error of a file that a user has opened means damaged compressed data."""
    import zlib

    return (
        isinstance(error, EOFError | zlib.error)
        or type(error).__name__ in _DECOMPRESSOR_ERRORS
        # bz2 has no error class of its own.
        or (isinstance(error, OSError) and not error.errno and _is_bz2(file))
    )


def _is_bz2(file: object) -> bool:
    """Return whether a file is a BZ2File, or wraps one."""
    while file is not None:
        if type(file).__name__ == "BZ2File":
            return True
        file = getattr(file, "file", None) or getattr(file, "buffer", None)
    return False


class Stream:
    """An open file with a name.

    Attributes:
        name: Its name in defects.
        file: What is read, bytes or text; `None` if it is broken from its start, or if there is
            no file to read.
        disk: The file on disk that it comes from, if any, whose position shows the progress.
        container: What it is in, which may be damaged: `COMPRESSED`, `ARCHIVE`, or "".
        broken: Why nothing, or nothing more, can be read.
        is_whole: Whether the first piece is all of it.
    """

    def __init__(
        self,
        name: str,
        file: IO[bytes] | IO[str] | None,
        disk: IO[bytes] | None = None,
        *,
        container: str = "",
        broken: str = "",
        is_whole: bool = False,
    ) -> None:
        self.name = name
        self.file = file
        self.disk = disk
        self.container = container
        self.broken: str = broken
        self.is_whole = is_whole
        self._at_start = True

    @classmethod
    def damaged(cls, name: str, disk: IO[bytes], error: Exception, container: str) -> Stream:
        """Return a stream that is broken from its start; raise the error if it is not damage."""
        if not is_damage(error):
            raise error
        return cls(name, None, disk, broken=_describe(error, container))

    @classmethod
    def of_nothing(cls, name: str, disk: IO[bytes] | None = None) -> Stream:
        """Return the empty stream of a folder or archive without a file to read.

        It is read like an empty file, so that it is reported.
        """
        return cls(name, None, disk)

    @property
    def is_of_nothing(self) -> bool:
        """Whether it is the stream of a folder or archive without a file to read."""
        return self.file is None and not self.broken

    def read(self) -> bytes | str:
        """Return the next piece, as soon as there is one; nothing at the end.

        If the data is still compressed, only its beginning is returned: nothing in it is text, even
        if a stored member of a zip archive looks like it.

        Raises:
            BrokenStream: Compressed data breaks off or is damaged.
            OSError: Reading fails.
        """
        if self.is_whole and self.file is not None:
            return self.file.read()
        piece = self._next_piece()
        if not self._at_start or not isinstance(piece, bytes):
            return piece
        self._at_start = False
        while piece and is_undecided(piece):
            more: Any = self._next_piece()
            if not more:
                break
            piece += more
        if packed_as(piece):
            self.file = None
            return piece[:LONGEST_SIGNATURE]
        return piece

    def _next_piece(self) -> bytes | str:
        if self.broken:
            raise BrokenStream(self.broken)
        if self.file is None:
            return b""
        # read1 returns what one read of the compressed data yields; read would wait for a whole
        # chunk, and lose its beginning if the rest is damaged.
        read: Any = getattr(self.file, "read1", self.file.read)
        try:
            piece: Any = read(CHUNK)
        except StopIteration as error:  # it would silently end the caller's loop
            raise RuntimeError(f"{self.name}: read() raised StopIteration") from error
        except Exception as error:
            if is_damage(error) if self.container else _is_decompressor_error(error, self.file):
                self.broken = _describe(error, self.container or COMPRESSED)
                raise BrokenStream(self.broken) from error
            raise
        if piece is None:
            raise BlockingIOError(errno.EAGAIN, "a non-blocking file has no data yet", self.name)
        if not isinstance(piece, bytes | str):
            raise TypeError(f"{self.name}: read() returned {brief(piece)}, neither bytes nor str")
        return piece


def encode_text(stream: Stream, text: str) -> bytes:
    """Return the UTF-8 form of a text; lone surrogates are kept.

    If Python opens standard input as text, bytes that it cannot decode become surrogates (PEP 383);
    here they become bytes again.
    """
    if getattr(stream.file, "errors", None) == "surrogateescape":
        try:
            return text.encode("utf-8", "surrogateescape")
        except UnicodeEncodeError:  # there are other surrogates too
            pass
    return text.encode("utf-8", "surrogatepass")


def _describe(error: Exception, container: str) -> str:
    """Return a message: what is damaged, `COMPRESSED` or `ARCHIVE`, and how."""
    return f"{container} is damaged or cut off: {str(error) or type(error).__name__}"


def has_text_name(name: str) -> bool:
    """Return whether a file in a folder or archive is read, by its name."""
    return name.lower().endswith(TEXT_SUFFIXES)


def is_hidden(name: str) -> bool:
    """Return whether a part of a name, from slash to slash, is hidden.

    Such a part begins with a dot, like the files that editors and file systems keep for themselves,
    or is `__MACOSX`, where macOS puts such files in a zip archive.
    """
    if "/." not in f"/{name}" and "__MACOSX" not in name:  # as nearly always; this is faster
        return False
    return any(
        part == "__MACOSX" or (part.startswith(".") and part not in {".", ".."})
        for part in name.split("/")
    )
