"""Compressed files and archives, read as they stream; what breaks them is told apart from I/O."""

from __future__ import annotations

import importlib
import io
import os
from typing import IO, TYPE_CHECKING, Any

import attrs

if TYPE_CHECKING:
    import tarfile
    import zipfile
    from collections.abc import Iterator

TEXT_SUFFIXES = (".xml", ".txt")
"""How the names of files end that are read in folders and archives, in any case."""

_CHUNK = 1 << 18  # bytes; smaller chunks cost more calls, larger ones fall out of the cache
_LARGEST_TAR_HEADER = 1 << 20  # bytes; longer names and attributes are an attack, not a file
_ENCRYPTED = 0x1  # the flag of a zip member

_MODULES = {".gz": "gzip", ".bz2": "bz2", ".xz": "lzma"}
_SHORT_TAR_SUFFIXES = {".tgz": ".gz", ".tbz2": ".bz2", ".txz": ".xz"}
# What the decompressors raise for bytes that are none of theirs, or too few; the names are those
# of classes in modules that are imported only where they are needed.
_DATA_ERRORS = frozenset({"error", "LZMAError", "BadGzipFile", "BadZipFile", "EOFError"})


class BrokenStream(Exception):  # noqa: N818 no error of this package's interface
    """Compressed data that breaks off or is damaged; says how."""


def _is_damage(error: Exception) -> bool:
    """Tell damaged data from a failure of the machine, which carries an error number."""
    if isinstance(error, OSError):
        return error.errno is None
    return type(error).__name__ in _DATA_ERRORS or isinstance(error, EOFError | NotImplementedError)


@attrs.define
class Stream:
    """Something open with a name.

    Attributes:
        name: How defects call it.
        file: What is read, bytes or text; `None` for what is broken from its start.
        disk: The file on disk that it comes from, if any, which tells how far reading has come.
        is_compressed: Whether damaged data may show while reading.
        broken: Why nothing can be read.
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
        if self.file is None:
            raise BrokenStream(self.broken)
        # read1 gives what one look at the compressed data brings; read would wait for a whole
        # chunk, and lose its beginning where the rest is damaged.
        read: Any = getattr(self.file, "read1", self.file.read)
        try:
            piece: bytes | str = read(_CHUNK)
        except Exception as error:
            if self.is_compressed and _is_damage(error):
                raise BrokenStream(_describe(error)) from error
            raise
        return piece


def _describe(error: Exception) -> str:
    return f"the compressed data is damaged or cut off: {error}"


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
            module = importlib.import_module(_MODULES[suffix])
            with module.open(disk) as file:
                if stem.endswith(".tar"):
                    yield from _open_tar(path, disk, file)
                else:
                    yield Stream(path, file, disk, is_compressed=True)
        else:
            yield Stream(path, disk, disk)


def _open_zip(path: str, disk: IO[bytes]) -> Iterator[Stream]:
    import zipfile  # noqa: PLC0415 imported only where an archive is read

    try:
        archive = zipfile.ZipFile(disk)
    except (zipfile.BadZipFile, NotImplementedError) as error:
        yield Stream(path, None, disk, broken=_describe(error))
        return
    with archive:
        for member in archive.infolist():
            if not member.is_dir() and has_text_name(member.filename):
                yield from _open_zip_member(archive, member, f"{path}/{member.filename}", disk)


def _open_zip_member(
    archive: zipfile.ZipFile, member: zipfile.ZipInfo, name: str, disk: IO[bytes]
) -> Iterator[Stream]:
    if member.flag_bits & _ENCRYPTED:
        yield Stream(name, None, disk, broken="the zip member is encrypted")
        return
    try:
        file = archive.open(member)
    except Exception as error:
        if not _is_damage(error):
            raise
        yield Stream(name, None, disk, broken=_describe(error))
        return
    with file:
        yield Stream(name, file, disk, is_compressed=True)


def _open_tar(path: str, disk: IO[bytes], file: Any) -> Iterator[Stream]:  # noqa: ANN401 gzip, bz2 and lzma share no type
    import tarfile  # noqa: PLC0415 imported only where an archive is read

    try:
        with tarfile.open(fileobj=file, mode="r|", tarinfo=_tar_member_class()) as archive:
            while (member := archive.next()) is not None:
                archive.members.clear()  # type: ignore[attr-defined] # or it remembers all it has passed
                if member.isreg() and has_text_name(member.name):
                    yield from _open_tar_member(archive, member, path, disk)
    except tarfile.TarError as error:
        broken = f"the archive is damaged or cut off: {error}"
    except Exception as error:
        if not _is_damage(error):
            raise
        broken = _describe(error)
    else:
        return
    yield Stream(path, None, disk, broken=broken)


def _open_tar_member(
    archive: tarfile.TarFile, member: tarfile.TarInfo, path: str, disk: IO[bytes]
) -> Iterator[Stream]:
    with archive.extractfile(member) or io.BytesIO() as file:
        yield Stream(f"{path}/{member.name}", file, disk, is_compressed=True)


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
        def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> Member:
            try:
                member = super().frombuf(buf, encoding, errors)
            except tarfile.EOFHeaderError:  # type: ignore[attr-defined] # the proper end mark
                raise
            except tarfile.HeaderError as error:
                raise tarfile.ReadError(str(error)) from error
            if member.type in headers and member.size > _LARGEST_TAR_HEADER:
                raise tarfile.ReadError(f"a header of {member.size} bytes")
            return member

    return Member
