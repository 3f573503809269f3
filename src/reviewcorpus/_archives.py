"""Compressed files and archives, read as they stream; what breaks them is told apart from I/O."""

from __future__ import annotations

import contextlib
import errno
import importlib
import io
import os
import zlib
from typing import IO, TYPE_CHECKING, Any

import attrs

if TYPE_CHECKING:
    import tarfile
    import zipfile
    from collections.abc import Callable, Iterator
    from typing import NoReturn, Self

TEXT_SUFFIXES = (".xml", ".txt")
"""How the names of files end that are read in folders and archives, in any case."""

_CHUNK = 1 << 18  # bytes; smaller chunks cost more calls, larger ones fall out of the cache
# Of a member of another method than these (stored, deflated), zipfile decompresses all that it has
# read at once, and it reads no less than these bytes.
_SPARSE_METHODS = frozenset({0, 8})
_DENSE_CHUNK = 1 << 12
_LARGEST_TAR_HEADER = 1 << 20  # bytes; longer names and attributes are an attack, not a file
_ENCRYPTED = 0x1  # the flag of a zip member

_MODULES = {".gz": "gzip", ".bz2": "bz2", ".xz": "lzma"}
PACKED_SUFFIXES = (".gz", ".bz2", ".xz", ".zip", ".tar", ".tgz", ".tbz2", ".txz")
"""How the names of files end that are not read as they stand, in any case."""
_SHORT_TAR_SUFFIXES = {".tgz": ".gz", ".tbz2": ".bz2", ".txz": ".xz"}


# By name, so that the modules need not be imported.
_DECOMPRESSOR_ERRORS = frozenset({"BadGzipFile", "BadZipFile", "LZMAError"})


class BrokenStream(Exception):  # noqa: N818 no error of this package's interface
    """Compressed data that breaks off or is damaged; says how."""


def _is_damage(error: Exception) -> bool:
    """Tell damaged data from a failure of the machine, which carries an error number.

    For damaged bytes the modules of the standard library raise nearly anything, down to
    IndexError; `EINVAL` is a seek to where no file has anything, from a wrong offset in a header.
    """
    if isinstance(error, OSError):
        return error.errno in {None, errno.EINVAL}
    return not isinstance(error, MemoryError)


def _is_decompressor_error(error: Exception, file: object) -> bool:
    """Tell what the modules raise for damage from other errors of a file that a user has opened."""
    return (
        isinstance(error, EOFError | zlib.error)
        or type(error).__name__ in _DECOMPRESSOR_ERRORS
        # Bz2 has no error of its own.
        or (type(file).__name__ == "BZ2File" and isinstance(error, OSError) and not error.errno)
    )


@attrs.define
class Stream:
    """Something open with a name.

    Attributes:
        name: How defects call it.
        file: What is read, bytes or text; `None` for what is broken from its start.
        disk: The file on disk that it comes from, if any, which tells how far reading has come.
        is_compressed: Whether damaged data may show while reading.
        broken: Why nothing can be read, or nothing more.
    """

    name: str
    file: IO[bytes] | IO[str] | None
    disk: IO[bytes] | None = None
    is_compressed: bool = False
    broken: str = ""

    def read(self) -> bytes | str:
        """Give the next piece, as soon as there is one; nothing at the end.

        Raises:
            BrokenStream: Compressed data breaks off or is damaged.
            OSError: Reading fails.
        """
        if self.file is None or self.broken:
            raise BrokenStream(self.broken)
        # read1 gives what one look at the compressed data brings; read would wait for a whole
        # chunk, and lose its beginning where the rest is damaged.
        read: Any = getattr(self.file, "read1", self.file.read)
        try:
            piece: Any = read(_CHUNK)
        except Exception as error:
            if (
                _is_damage(error)
                if self.is_compressed
                else _is_decompressor_error(error, self.file)
            ):
                self.broken = _describe(error)
                raise BrokenStream(self.broken) from error
            raise
        if piece is None:
            raise BlockingIOError(errno.EAGAIN, "a non-blocking file has nothing now", self.name)
        if not isinstance(piece, bytes | str):
            raise TypeError(f"{self.name}: read() gave {piece!r}, neither bytes nor str")
        return piece


def encode_text(stream: Stream, text: str) -> bytes:
    """Give the UTF-8 form of a text, lone surrogates kept.

    Standard input that Python has opened as text holds bytes that it could not decode as
    surrogates (PEP 383); they become the bytes that they were.
    """
    if getattr(stream.file, "errors", None) == "surrogateescape":
        try:
            return text.encode("utf-8", "surrogateescape")
        except UnicodeEncodeError:  # there are other surrogates too
            pass
    return text.encode("utf-8", "surrogatepass")


def _describe(error: Exception) -> str:
    return f"the compressed data is damaged or cut off: {str(error) or type(error).__name__}"


def has_text_name(name: str) -> bool:
    """Tell whether a file in a folder or archive is read, by its name."""
    return name.lower().endswith(TEXT_SUFFIXES)


def open_path(path: str) -> Iterator[Stream]:
    """Give the streams of one file: itself, what it decompresses to, or its members.

    Each stream is open until the next is asked for.

    Raises:
        OSError: The file cannot be opened.
    """
    stem, suffix = os.path.splitext(path.lower())  # noqa: PTH122 names keep the form users gave them
    if suffix in _SHORT_TAR_SUFFIXES:
        stem, suffix = f"{stem}.tar", _SHORT_TAR_SUFFIXES[suffix]
    with open(path, "rb", buffering=0) as disk:  # noqa: PTH123 names keep the form users gave them
        if suffix == ".zip":
            yield from _open_zip(path, disk)
        elif suffix == ".tar":
            yield from _open_tar(path, disk, disk)
        elif suffix in _MODULES:
            yield from _open_compressed(path, disk, suffix, is_tar=stem.endswith(".tar"))
        else:
            yield Stream(path, disk, disk)


def _open_compressed(path: str, disk: IO[bytes], suffix: str, *, is_tar: bool) -> Iterator[Stream]:
    module = importlib.import_module(_MODULES[suffix])
    with io.BufferedReader(disk) as packed:  # type: ignore[type-var] # IO cannot say that it is raw
        if not packed.peek(1):  # which gzip would take for an empty file, compressed
            yield Stream(path, None, disk, broken="the file is empty")
            return
        opened: Any = module.open(packed) if suffix == ".gz" else _Unpacked(packed, module)
        with contextlib.closing(opened) as file:
            if is_tar:
                yield from _open_tar(path, disk, file)
            else:
                yield Stream(path, file, disk, is_compressed=True)


class _Unpacked:
    """What bzip2 or xz data of one or several streams expands to.

    BZ2File and LZMAFile take a second stream whose beginning is damaged for the end of the file.
    """

    def __init__(self, packed: Any, module: Any) -> None:  # noqa: ANN401 a reader; bz2 or lzma
        self._packed = packed
        self._start = getattr(module, "BZ2Decompressor", None) or module.LZMADecompressor
        # Between streams of xz, zeros may stand; those of bzip2 follow at once.
        self._padding = b"" if module.__name__ == "bz2" else b"\0"
        self._decompressor: Any = self._start()

    def read(self, size: int) -> bytes:
        piece = b""
        while not piece:
            data = b""
            if self._decompressor.eof:
                data = self._next_stream()
                if not data:
                    break
                self._decompressor = self._start()
            elif self._decompressor.needs_input:
                data = self._packed.read1(io.DEFAULT_BUFFER_SIZE)
                if not data:
                    raise EOFError("it ends before its end mark")
            piece = self._decompressor.decompress(data, size)
        return piece

    def close(self) -> None:
        """Let go of what was read; whoever opened the file closes it."""
        self._decompressor = None

    def _next_stream(self) -> bytes:
        """Give the beginning of the stream that follows; nothing at the end of the file."""
        data: bytes = self._decompressor.unused_data.lstrip(self._padding)
        while not data and self._packed.peek(1):
            data = self._packed.read1(io.DEFAULT_BUFFER_SIZE).lstrip(self._padding)
        return data


def _open_zip(path: str, disk: IO[bytes]) -> Iterator[Stream]:
    import zipfile  # noqa: PLC0415 imported only where an archive is read

    try:
        archive = zipfile.ZipFile(disk)
    except Exception as error:
        if not _is_damage(error):
            raise
        yield Stream(path, None, disk, broken=_describe(error))
        return
    with archive:
        members = [member for member in archive.infolist() if has_text_name(member.filename)]
        for member in members:
            yield from _open_zip_member(archive, member, f"{path}/{member.filename}", disk)
    if not members:
        yield _nothing_in(path, disk)


def _nothing_in(path: str, disk: IO[bytes]) -> Stream:
    """Give an empty stream for an archive without any file to read, so that it is reported."""
    return Stream(path, io.BytesIO(), disk)


def _open_zip_member(
    archive: zipfile.ZipFile, member: zipfile.ZipInfo, name: str, disk: IO[bytes]
) -> Iterator[Stream]:
    if member.flag_bits & _ENCRYPTED:
        yield Stream(name, None, disk, broken="the zip member is encrypted")
        return
    check_sum = member.CRC
    del member.CRC  # zipfile would keep the last piece back where it is wrong
    try:
        file = archive.open(member)
    except Exception as error:
        if not _is_damage(error):
            raise
        yield Stream(name, None, disk, broken=_describe(error))
        return
    with file:
        reader: Any = file  # typed as IO[bytes], which has no read1
        most = _CHUNK if member.compress_type in _SPARSE_METHODS else _DENSE_CHUNK
        checked: Any = _Checked(reader.read1, check_sum, most)
        yield Stream(name, checked, disk, is_compressed=True)


class _Checked:
    """A file that tells of a wrong check sum once all of it has been given."""

    def __init__(self, read: Callable[[int], bytes], check_sum: int, most: int) -> None:
        self._read = read
        self._most = most
        self._expected = check_sum
        self._sum = 0

    def read(self, size: int) -> bytes:
        piece = self._read(min(size, self._most))
        self._sum = zlib.crc32(piece, self._sum)
        if not piece and self._sum != self._expected:
            raise EOFError("the check sum is wrong")
        return piece


def _open_tar(path: str, disk: IO[bytes], file: Any) -> Iterator[Stream]:  # noqa: ANN401 gzip, bz2 and lzma share no type
    import tarfile  # noqa: PLC0415 imported only where an archive is read

    source: Any = _UntilDamage(file)
    is_empty = True
    try:
        with tarfile.open(fileobj=source, mode="r|", tarinfo=_tar_member_class()) as archive:
            while (member := archive.next()) is not None:
                archive.members.clear()  # type: ignore[attr-defined] # or it remembers all it has passed
                if member.isreg() and has_text_name(member.name):
                    is_empty = False
                    stream = _open_tar_member(archive, member, path, disk)
                    yield stream
                    if stream.broken:
                        return  # which was told, and nothing comes behind it
        if file is not disk:
            source.drain()
    except Exception as error:
        if not _is_damage(error):
            raise
        broken = _describe(source.damage or error)
    else:
        if is_empty:
            yield _nothing_in(path, disk)
        return
    yield Stream(path, None, disk, broken=broken)


def _open_tar_member(
    archive: tarfile.TarFile, member: tarfile.TarInfo, path: str, disk: IO[bytes]
) -> Stream:
    file: Any = _TarMember(archive.fileobj, member.size)
    return Stream(f"{path}/{member.name}", file, disk, is_compressed=True)


class _UntilDamage:
    """A file that ends where its compressed data is damaged.

    So tarfile gives what came out before. Asked for more behind its end, it raises, or tarfile
    would go on reading nothing to the end of a member that is said to be larger than any disk.

    Attributes:
        damage: What has ended it, if not its proper end.
    """

    def __init__(self, file: Any) -> None:  # noqa: ANN401 as above
        self.damage: Exception | None = None
        self._read = getattr(file, "read1", file.read)
        self._is_over = False

    def read(self, size: int) -> bytes:
        if self._is_over:
            raise self.damage or EOFError("the archive is cut off")
        piece = b""
        try:
            piece = self._read(size)
        except Exception as error:
            if not _is_damage(error):
                raise
            self.damage = error
        self._is_over = not piece
        return piece

    def drain(self) -> None:
        """Read what stands behind the end mark of the archive; the check sum comes last."""
        while not self._is_over:
            self.read(_CHUNK)
        if self.damage is not None:
            raise self.damage


class _TarMember:
    """The bytes of a member, as many as there are; tarfile gives none of a member that is cut."""

    def __init__(self, file: Any, size: int) -> None:  # noqa: ANN401 tarfile's stream has no public type
        self._file = file
        self._left = max(size, 0)

    def read(self, size: int) -> bytes:
        piece: bytes = self._file.read(min(size, self._left))
        if not piece and self._left:
            raise EOFError("the member is cut off")
        self._left -= len(piece)
        return piece


def _tar_member_class() -> type[tarfile.TarInfo]:
    import tarfile  # noqa: PLC0415 imported only where an archive is read

    headers = {
        tarfile.XHDTYPE,
        tarfile.XGLTYPE,
        tarfile.SOLARIS_XHDTYPE,
        tarfile.GNUTYPE_LONGNAME,
        tarfile.GNUTYPE_LONGLINK,
    }

    class Member(tarfile.TarInfo):
        """A header that does not end the archive in silence where it is damaged."""

        @classmethod
        def fromtarfile(cls, tarfile_: tarfile.TarFile) -> Self:
            try:
                return super().fromtarfile(tarfile_)
            except tarfile.EOFHeaderError:  # type: ignore[attr-defined] # the proper end mark
                raise
            except tarfile.HeaderError as error:
                raise tarfile.ReadError(str(error)) from error

        @classmethod
        def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> Self:
            member = super().frombuf(buf, encoding, errors)
            if member.type in headers and member.size > _LARGEST_TAR_HEADER:
                raise tarfile.ReadError(f"a header of {member.size} bytes")
            if member.type == tarfile.GNUTYPE_SPARSE:
                cls._refuse_sparse()
            return member

        @staticmethod
        def _refuse_sparse(*_: object) -> NoReturn:
            """Refuse a map of holes, which tarfile holds in memory however long it is."""
            raise tarfile.ReadError("sparse members are not read")

        _proc_gnusparse_10 = _refuse_sparse

    return Member
