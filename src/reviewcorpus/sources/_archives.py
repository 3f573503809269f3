"""Compressed files and archives, read as they stream.

The standard library does the decompression. This module makes sure of three things: what came out
before damage is not lost, damage is reported once and only for the member that has it, and neither
memory nor time depends on what a header claims.
"""

from __future__ import annotations

import io
import itertools
import zlib
from functools import partial
from typing import IO, TYPE_CHECKING, Any

from reviewcorpus.sources._files import (
    BLOCK,
    TAR_SUFFIXES,
    Begun,
    fill,
    has_tar_mark,
    is_markup,
)
from reviewcorpus.sources._streams import (
    ARCHIVE,
    CHUNK,
    COMPRESSED,
    Stream,
    has_text_name,
    is_hidden,
)

if TYPE_CHECKING:
    import tarfile
    import zipfile
    from collections.abc import Callable, Iterable, Iterator


def open_packed(path: str, disk: IO[bytes], file: Any, kind: str) -> Iterator[Stream]:
    """Yield the streams of a file that is compressed, or an archive.

    Args:
        path: The path of the file, which also names the streams.
        disk: The file.
        file: The same, to be read from its beginning.
        kind: What it is, as `open_path` has recognized it.

    Raises:
        Exception: Whatever the standard library raises for damage, or `OSError` for other failures.
    """
    if kind == "zip":
        return _open_zip(path, disk)
    if kind == "tar":
        return _open_tar(path, disk, file, ARCHIVE)
    return _open_compressed(path, disk, file, kind)


# ---- compressed files -------------------------------------------------------------------

_MOST_XZ_MEMORY = 1 << 27  # bytes; xz -9 needs 65 MiB, and a file may claim 4 GiB


def _open_compressed(path: str, disk: IO[bytes], file: Any, kind: str) -> Iterator[Stream]:
    with io.BufferedReader(file) as packed:
        if not packed.peek(1):  # gzip would read it as an empty file that was compressed
            raise EOFError("the file is empty")
        with _COMPRESSIONS[kind](packed) as expanded:
            unpacked: Any = Begun(expanded)
            head = unpacked.head
            has_tar_name = path.lower().endswith(TAR_SUFFIXES)
            if has_tar_mark(head) or (has_tar_name and not is_markup(head)):
                yield from _open_tar(path, disk, unpacked, COMPRESSED)
            else:
                yield Stream(path, unpacked, disk, container=COMPRESSED)


def _bzip2() -> Any:
    import bz2

    return bz2.BZ2Decompressor()


def _xz() -> Any:
    import lzma

    return lzma.LZMADecompressor(memlimit=_MOST_XZ_MEMORY)


def _gunzipped(packed: Any) -> Any:
    import gzip

    return gzip.open(packed)


class _Decompressed(io.RawIOBase):
    """The bytes that compressed data, in one or several streams, expands to.

    If a second stream is damaged at its beginning, BZ2File and LZMAFile end there without an error.

    Args:
        packed: The file.
        starts: A decompressor for each stream, as in bz2 and lzma; data after the last stream is
            damage.
        padding: The bytes that may come after a stream.
    """

    def __init__(self, packed: Any, starts: Iterable[Any], *, padding: bytes = b"") -> None:
        self._packed = packed
        self._starts = iter(starts)
        self._padding = padding
        self._decompressor: Any = next(self._starts)

    def readable(self) -> bool:
        """Return `True`."""
        return True

    def read1(self, size: int) -> bytes:
        """Return the next bytes, at most `size`; nothing at the end."""
        piece = b""
        while not piece:
            data = b""
            if self._decompressor.eof:
                data = self._next_stream()
                if not data:
                    break
            elif self._decompressor.needs_input:
                data = self._packed.read1(CHUNK)
                if not data:
                    raise EOFError("it ends before its end mark")
            piece = self._decompressor.decompress(data, size)
        return piece

    def readinto(self, buffer: Any, /) -> int:
        """Read the next bytes into a buffer; return their number."""
        return fill(buffer, self.read1(len(buffer)))

    def close(self) -> None:
        """Free the memory of the decompressor; the caller closes the file."""
        self._decompressor = None
        super().close()

    def _next_stream(self) -> bytes:
        """Return the first bytes of the stream that follows; nothing at the end of the file."""
        data: bytes = self._decompressor.unused_data.lstrip(self._padding)
        while not data and (more := self._packed.read1(CHUNK)):
            data = more.lstrip(self._padding)
        if data:
            self._decompressor = next(self._starts, None)
            if self._decompressor is None:
                raise EOFError("more data follows its end mark")
        return data


_COMPRESSIONS: dict[str, Callable[[Any], Any]] = {
    "gzip": _gunzipped,
    "bzip2": lambda packed: io.BufferedReader(_Decompressed(packed, iter(_bzip2, None))),
    "xz": lambda packed: io.BufferedReader(_Decompressed(packed, iter(_xz, None), padding=b"\0")),
}


# The longest name in an archive, in characters: as long as the longest path that Linux opens. Each
# defect of a member has its name, and many defects times a name of a megabyte would be too much.
_LONGEST_NAME = 4096


def _is_read(member: str) -> bool:
    """Return whether a member of an archive is read, by its name."""
    return has_text_name(member) and not is_hidden(member)


def _name_of(path: str, member: str) -> str:
    return f"{path}/{member[:_LONGEST_NAME]}"


def _too_long(member: str) -> str:
    """Return a message if the name of a member is too long to be read; otherwise nothing."""
    length = len(member)
    return f"its name has {length} characters, cut off here" if length > _LONGEST_NAME else ""


# ---- zip --------------------------------------------------------------------------------

_STORED = 0  # a method
_ENCRYPTED, _LZMA_END_MARK = 0x1, 0x2  # flags of a zip member
_LZMA_PROPERTIES = 5  # bytes
_UNKNOWN_LENGTH = b"\xff" * 8
_LOCAL_HEADER = 30  # bytes before each zip member, at least
# The longest list of members in bytes, which zipfile reads at once: a hundred thousand members and
# more. Each takes about 500 bytes of memory, ten times as much as in the list.
_LONGEST_ZIP_LIST = 1 << 24


def _open_zip(path: str, disk: IO[bytes]) -> Iterator[Stream]:
    import zipfile

    with _Portions(disk) as file, zipfile.ZipFile(file) as archive:  # type: ignore[arg-type] # as above
        overlapping = _overlapping(archive.infolist())
        members = [member for member in archive.infolist() if _is_read(member.filename)]
        for member in members:
            name, why = _name_of(path, member.filename), _why_not_read(member)
            if id(member) in overlapping:
                why = "the zip member overlaps another"
            if why:
                yield Stream(name, None, disk, broken=why)
            else:
                yield from _open_zip_member(archive, member, name, disk)
    if not members:
        yield Stream.of_nothing(path, disk)


def _why_not_read(member: zipfile.ZipInfo) -> str:
    if member.flag_bits & _ENCRYPTED:
        return "the zip member is encrypted"
    if member.compress_type not in _METHODS:
        return f"the zip member is compressed by method {member.compress_type}, which is not read"
    return _too_long(member.filename)


def _overlapping(members: list[zipfile.ZipInfo]) -> set[int]:
    """Return the identities of members that extend into the next one or begin where another does.

    Members that share their bytes could expand to the square of the archive's size. Some versions
    of zipfile refuse them too, some warn, and most do neither.
    """
    found = set()
    by_place = sorted(members, key=lambda member: member.header_offset)
    for member, following in itertools.pairwise(by_place):
        if member.header_offset + _LOCAL_HEADER + member.compress_size > following.header_offset:
            found.add(id(member))
        if member.header_offset == following.header_offset:
            found.add(id(following))
    return found


class _Portions(io.BufferedReader):
    """A file for zipfile that refuses to be read in portions that are too large."""

    def read(self, size: int | None = -1, /) -> bytes:
        """Return `size` bytes, or all that follow."""
        if size is not None and size > _LONGEST_ZIP_LIST:
            raise ValueError(f"a list of members of {size} bytes, more than {_LONGEST_ZIP_LIST}")
        return super().read(size)


def _open_zip_member(
    archive: zipfile.ZipFile, member: zipfile.ZipInfo, name: str, disk: IO[bytes]
) -> Iterator[Stream]:
    method, size, check_sum = member.compress_type, member.file_size, member.CRC
    # For bzip2 and LZMA, zipfile expands all that it has read at once: a kilobyte to a gigabyte. So
    # it is asked only for the compressed bytes, as if the member were stored without a check sum.
    member.compress_type, member.file_size = _STORED, member.compress_size
    del member.CRC
    try:
        with archive.open(member) as packed:
            unpacked = _METHODS[method](packed, size, member.flag_bits)
            file: Any = _Checked(unpacked.read1, size, check_sum)
            yield Stream(name, file, disk, container=COMPRESSED)
    except Exception as error:  # noqa: BLE001 raised again if it is not damage
        yield Stream.damaged(name, disk, error, COMPRESSED)


class _Inflater:
    """Zlib's decompressor for deflated data, with the same interface as in bz2 and lzma."""

    def __init__(self) -> None:
        self._inflate = zlib.decompressobj(-zlib.MAX_WBITS)
        self.needs_input = True

    @property
    def eof(self) -> bool:
        return self._inflate.eof

    @property
    def unused_data(self) -> bytes:
        return self._inflate.unused_data

    def decompress(self, data: bytes, size: int) -> bytes:
        piece = self._inflate.decompress(data or self._inflate.unconsumed_tail, size)
        # It may have consumed everything, and still hold bytes of output.
        self.needs_input = len(piece) < size
        return piece


def _lzma_in_zip(packed: Any, size: int, flags: int) -> _Decompressed:
    """Return what an LZMA member expands to, read in the older format of single files.

    In a member, the data comes after a version, the length of the properties and the properties; in
    such a file, after the properties and the expanded length (APPNOTE.TXT, 5.8.8).
    """
    import lzma

    properties = packed.read(int.from_bytes(packed.read(4)[2:], "little"))
    if len(properties) != _LZMA_PROPERTIES:
        raise ValueError(f"its LZMA properties take {len(properties)} bytes")
    is_marked = flags & _LZMA_END_MARK
    length = _UNKNOWN_LENGTH if is_marked else size.to_bytes(8, "little")
    decompressor = lzma.LZMADecompressor(lzma.FORMAT_ALONE, memlimit=_MOST_XZ_MEMORY)
    decompressor.decompress(properties + length, 0)
    # If only the length shows the end, some versions of liblzma leave the last byte.
    return _Decompressed(packed, [decompressor], padding=b"" if is_marked else bytes(range(256)))


_METHODS: dict[int, Callable[[Any, int, int], Any]] = {
    _STORED: lambda packed, *_: packed,
    8: lambda packed, *_: _Decompressed(packed, [_Inflater()]),
    12: lambda packed, *_: _Decompressed(packed, [_bzip2()]),
    14: _lzma_in_zip,
}
"""How the members of zip archives are read, by the numbers of their methods."""


class _Checked:
    """A file that reports a wrong check sum or length after all its bytes have been read."""

    def __init__(self, read: Callable[[int], bytes], size: int, check_sum: int) -> None:
        self._read = read
        self._expected = check_sum, size
        self._sum = self._size = 0

    def read(self, size: int) -> bytes:
        piece = self._read(size)
        self._sum = zlib.crc32(piece, self._sum)
        self._size += len(piece)
        if not piece and (self._sum, self._size) != self._expected:
            raise EOFError("the check sum or the length is wrong")
        return piece


# ---- tar --------------------------------------------------------------------------------

# tarfile only reads single headers here, not archives. It would believe whatever size a header
# claims, search digits in quadratic time, copy global headers for each member, keep the map of
# every sparse member, and treat a damaged header as the end.
# POSIX calls these formats ustar and pax; the sparse formats are described in GNU tar's manual.

_MOST_TAR_HEADERS = 1 << 20  # bytes before one member; longer names and attributes are an attack
_MOST_DIGITS = 20  # of the length or size in a pax header; every real file has fewer
_GNU_NAME, _GNU_LINK_NAME, _PAX_FOR_ALL = b"L", b"K", b"g"
_EXTENSIONS = b"LKgxX"  # types of headers that describe the next member; x and X are those of pax
_WITHOUT_DATA = b"123456"  # links, devices, folders and pipes, whatever size they claim
_SPARSE_TYPE = b"S"
# The byte of a header, and of a block of an old sparse map, that says whether one more follows.
_MORE_AFTER_HEADER, _MORE_AFTER_BLOCK = 482, 504
_SPARSE = b"GNU.sparse."
_SPARSE_NAME = b"GNU.sparse.name"  # the real one; some versions put a made-up one into the path


def _open_tar(path: str, disk: IO[bytes], file: Any, container: str) -> Iterator[Stream]:
    tape: Any = _Tape(file)
    is_empty = True
    while (member := _next_member(tape)) is not None:
        tape.end = tape.position + member.size
        end_in_blocks = tape.position + _in_blocks(member.size)
        if member.isreg() and _is_read(member.name):
            is_empty = False
            is_sparse = member.type == _SPARSE_TYPE
            why = "sparse members are not read" if is_sparse else _too_long(member.name)
            name = _name_of(path, member.name)
            stream = Stream(name, tape, disk, container=container, broken=why)
            yield stream
            if stream.broken and not why:
                return  # it was reported, and nothing can be read after it
        tape.skip_to(end_in_blocks)
    if container == COMPRESSED:
        tape.drain()
    if is_empty:
        yield Stream.of_nothing(path, disk)


class _Tape:
    """The bytes of a tar archive from its beginning to its end, and of one member at a time.

    Attributes:
        position: How many bytes have been read.
        end: The position up to which `read` reads.
    """

    def __init__(self, file: Any) -> None:
        self._read = getattr(file, "read1", file.read)
        self.position = self.end = 0

    def read(self, size: int) -> bytes:
        """Return the next bytes, at most `size`; nothing at `end`."""
        size = min(size, self.end - self.position)
        piece: bytes = self._read(size) if size > 0 else b""
        if size > 0 and not piece:
            raise EOFError("the archive is cut off")
        self.position += len(piece)
        return piece

    def read_blocks(self, size: int) -> bytes:
        """Return exactly `size` bytes, and skip the rest of their last block."""
        self.end = self.position + _in_blocks(size)
        return b"".join(iter(partial(self.read, CHUNK), b""))[:size]

    def skip_to(self, end: int) -> None:
        """Read on to a position."""
        self.end = end
        while self.read(CHUNK):
            pass

    def drain(self) -> None:
        """Read what follows the end mark of the archive; the check sum comes last."""
        while self._read(CHUNK):
            pass


def _next_member(tape: _Tape) -> tarfile.TarInfo | None:
    """Read the headers of the next member; return `None` at the end mark."""
    import tarfile

    start = tape.position
    said: dict[bytes, bytes] = {}
    while any(block := tape.read_blocks(BLOCK)):
        header = tarfile.TarInfo.frombuf(block, "utf-8", "surrogateescape")
        if header.type not in _EXTENSIONS:
            if header.type == _SPARSE_TYPE:
                _skip_map(tape, block)
            _complete(header, said)
            return header
        if not 0 <= header.size <= start + _MOST_TAR_HEADERS - tape.position:
            raise ValueError(f"a header of {header.size} bytes")
        data = tape.read_blocks(header.size)
        # If several headers describe the same member, the first one counts.
        said = {**_read_extension(header.type, data), **said}
    if tape.position > start + BLOCK:
        raise ValueError("no member after a header that describes it")
    return None


def _complete(member: tarfile.TarInfo, said: dict[bytes, bytes]) -> None:
    """Add what the headers before say about a member to its own: its name, its size, its holes."""
    name = said.get(_SPARSE_NAME, said.get(b"path"))
    if name is not None:
        member.name = name.decode("utf-8", "surrogateescape")
    if member.type in _WITHOUT_DATA:
        member.size = 0
    elif b"size" in said:
        member.size = _number(said[b"size"])
    if member.size < 0:
        raise ValueError(f"a member of {member.size} bytes")
    if _SPARSE in said and member.isreg():
        member.type = _SPARSE_TYPE


def _skip_map(tape: _Tape, header: bytes) -> None:
    """Skip the blocks between the header of an old sparse member and its data."""
    is_more = header[_MORE_AFTER_HEADER]
    while is_more:
        is_more = tape.read_blocks(BLOCK)[_MORE_AFTER_BLOCK]


def _in_blocks(size: int) -> int:
    """Return how many bytes data of a certain size takes in an archive."""
    return size + -size % BLOCK


def _read_extension(kind: bytes, data: bytes) -> dict[bytes, bytes]:
    """Return what a header says about the member that follows it, by the keys of pax."""
    if kind == _GNU_NAME:
        return {b"path": data.partition(b"\0")[0]}
    said: dict[bytes, bytes] = {}
    for key, value in _pax_records(data) if kind != _GNU_LINK_NAME else ():
        if key.startswith(_SPARSE):
            if kind == _PAX_FOR_ALL:
                raise ValueError("a pax header gives all members the same holes")
            said[_SPARSE] = b""
        if key in {b"path", b"size", _SPARSE_NAME} and kind != _PAX_FOR_ALL:
            said[key] = value
    return said


def _pax_records(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield the records of a pax header: length, space, key, equals sign, value, line feed."""
    position = 0
    # Some writers fill the rest with zeros.
    while position < len(data) and data[position]:
        digits, _, _ = data[position : position + _MOST_DIGITS].partition(b" ")
        end = position + _number(digits)
        key, sign, value = data[position + len(digits) + 1 : end - 1].partition(b"=")
        if not sign or end > len(data) or data[end - 1 : end] != b"\n":
            raise ValueError("a record of a pax header is damaged")
        yield key, value
        position = end


def _number(digits: bytes) -> int:
    """Return a number that is not negative, written in ASCII digits."""
    if not digits.isdigit() or len(digits) > _MOST_DIGITS:
        raise ValueError(f"{digits[:_MOST_DIGITS]!r} in a pax header is not a length")
    return int(digits)
