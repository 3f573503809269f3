"""Compressed files and archives, read as they stream."""

from __future__ import annotations

import contextlib
import importlib
import io
import itertools
import os
import zlib
from functools import partial
from typing import IO, TYPE_CHECKING, Any

from reviewcorpus.sources._streams import (
    CHUNK,
    COMPRESSED,
    Stream,
    describe,
    has_text_name,
    is_damage,
    nothing_in,
)
from reviewcorpus.sources._tar import open_tar

if TYPE_CHECKING:
    import zipfile
    from collections.abc import Callable, Iterator

# Of a member of another method than these (stored, deflated), zipfile decompresses all that it has
# read at once, and it reads no less than these bytes.
_SPARSE_METHODS = frozenset({0, 8})
_DENSE_CHUNK = 1 << 12
_ENCRYPTED = 0x1  # the flag of a zip member
_LOCAL_HEADER = 30  # bytes before each zip member, at least
# Bytes of an archive that zipfile reads at once, which are the list of its members: a hundred
# thousand of them and more. Each takes about 500 bytes of memory, ten times as much as in there.
_LONGEST_ZIP_LIST = 1 << 24

_MODULES = {".gz": "gzip", ".bz2": "bz2", ".xz": "lzma"}
_PACKED_SUFFIXES = (".gz", ".bz2", ".xz", ".zip", ".tar", ".tgz", ".tbz2", ".txz")
_SHORT_TAR_SUFFIXES = {".tgz": ".gz", ".tbz2": ".bz2", ".txz": ".xz"}
# Bytes; xz -9 needs 65 MiB, and a file may claim 4 GiB.
_MOST_XZ_MEMORY = 1 << 27


def open_raw(path: str) -> IO[bytes]:
    """Open a file of this machine, without a buffer."""
    return open(path, "rb", buffering=0)  # noqa: PTH123 names keep the form users gave them


def is_packed(path: str) -> bool:
    """Tell whether a file is not read as it stands, by how its name ends, in any case."""
    return path.lower().endswith(_PACKED_SUFFIXES)


def open_path(path: str, open_file: Callable[[str], IO[bytes]] = open_raw) -> Iterator[Stream]:
    """Give the streams of one file: itself, what it decompresses to, or its members.

    Each stream is open until the next is asked for.

    Args:
        path: Where it is, which names the streams too.
        open_file: What opens it.

    Raises:
        OSError: The file cannot be opened.
    """
    stem, suffix = os.path.splitext(path.lower())  # noqa: PTH122 names keep the form users gave them
    if suffix in _SHORT_TAR_SUFFIXES:
        stem, suffix = f"{stem}.tar", _SHORT_TAR_SUFFIXES[suffix]
    with open_file(path) as disk:
        if suffix == ".zip":
            yield from _open_zip(path, disk)
        elif suffix == ".tar":
            yield from open_tar(path, disk, disk)
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
                yield from open_tar(path, disk, file)
            else:
                yield Stream(path, file, disk, container=COMPRESSED)


class _Unpacked:
    """What bzip2 or xz data of one or several streams expands to.

    BZ2File and LZMAFile take a second stream whose beginning is damaged for the end of the file.
    """

    def __init__(self, packed: Any, module: Any) -> None:  # noqa: ANN401 a reader; bz2 or lzma
        self._packed = packed
        if module.__name__ == "bz2":
            self._start = module.BZ2Decompressor
            self._padding = b""
        else:
            self._start = partial(module.LZMADecompressor, memlimit=_MOST_XZ_MEMORY)
            self._padding = b"\0"  # zeros may stand between streams; those of bzip2 follow at once
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
        archive = zipfile.ZipFile(_Portions(disk))
    except Exception as error:
        if not is_damage(error):
            raise
        yield Stream(path, None, disk, broken=describe(error, COMPRESSED))
        return
    with archive:
        overlapping = _overlapping(archive.infolist())
        members = [member for member in archive.infolist() if has_text_name(member.filename)]
        for member in members:
            name = f"{path}/{member.filename}"
            if id(member) in overlapping:
                yield Stream(name, None, disk, broken="the zip member overlaps another")
            elif member.flag_bits & _ENCRYPTED:
                yield Stream(name, None, disk, broken="the zip member is encrypted")
            else:
                yield from _open_zip_member(archive, member, name, disk)
    if not members:
        yield nothing_in(path, disk)


def _overlapping(members: list[zipfile.ZipInfo]) -> set[int]:
    """Give the identities of members that reach into the next one, or stand where another does.

    Members that share their bytes would expand to the square of what the archive takes. Some
    versions of zipfile refuse them too, some warn, and most do neither.
    """
    found = set()
    by_place = sorted(members, key=lambda member: member.header_offset)
    for member, following in itertools.pairwise(by_place):
        if member.header_offset + _LOCAL_HEADER + member.compress_size > following.header_offset:
            found.add(id(member))
        if member.header_offset == following.header_offset:
            found.add(id(following))
    return found


class _Portions:
    """A file that is read in portions that are not too large, for zipfile.

    Attributes:
        seek: As the file has it.
        tell: Likewise.
        seekable: Likewise.
    """

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.seek, self.tell, self.seekable = file.seek, file.tell, file.seekable

    def read(self, size: int = -1) -> bytes:
        if size > _LONGEST_ZIP_LIST:
            raise ValueError(f"a list of members of {size} bytes, more than {_LONGEST_ZIP_LIST}")
        return self._file.read(size)


def _open_zip_member(
    archive: zipfile.ZipFile, member: zipfile.ZipInfo, name: str, disk: IO[bytes]
) -> Iterator[Stream]:
    check_sum = member.CRC
    del member.CRC  # zipfile would keep the last piece back where it is wrong
    try:
        file = archive.open(member)
    except Exception as error:
        if not is_damage(error):
            raise
        yield Stream(name, None, disk, broken=describe(error, COMPRESSED))
        return
    with file:
        reader: Any = file  # typed as IO[bytes], which has no read1
        most = CHUNK if member.compress_type in _SPARSE_METHODS else _DENSE_CHUNK
        checked: Any = _Checked(reader.read1, check_sum, most)
        yield Stream(name, checked, disk, container=COMPRESSED)


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
