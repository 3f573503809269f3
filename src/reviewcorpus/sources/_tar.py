"""Tar archives, read as they stream."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING, Any

from reviewcorpus.sources._streams import (
    ARCHIVE,
    CHUNK,
    COMPRESSED,
    Stream,
    describe,
    has_text_name,
    is_damage,
    nothing_in,
)

if TYPE_CHECKING:
    import tarfile
    from collections.abc import Iterator
    from typing import Self

_LARGEST_TAR_HEADER = 1 << 20  # bytes; longer names and attributes are an attack, not a file
_BLOCK = 512  # bytes
_MOST_DIGITS = 20  # of the length or size in a pax header; any file on earth has a smaller one
_SPARSE = b"GNU.sparse."
_SPARSE_NAME = b"GNU.sparse.name"  # the real one; some versions put a made-up one into the path
_NO_SPARSE = "sparse members are not read"
_HAS_HOLES = b""  # tarfile would keep the map of a sparse member there, and None for others
_MORE_OF_MAP = 504  # the byte of a block of an old sparse map that says whether another follows


def open_tar(path: str, disk: IO[bytes], file: Any) -> Iterator[Stream]:  # noqa: ANN401 gzip, bz2 and lzma share no type
    import tarfile  # noqa: PLC0415 imported only where an archive is read

    source: Any = _UntilDamage(file)
    container = ARCHIVE if file is disk else COMPRESSED
    is_empty = True
    try:
        with tarfile.open(fileobj=source, mode="r|", tarinfo=_tar_member_class()) as archive:
            while (member := archive.next()) is not None:
                archive.members.clear()  # type: ignore[attr-defined] # or it remembers all it has passed
                if member.isreg() and has_text_name(member.name):
                    is_empty = False
                    stream = _open_tar_member(archive, member, path, disk, container)
                    yield stream
                    if stream.broken and not member.issparse():
                        return  # which was told, and nothing comes behind it
        if file is not disk:
            source.drain()
    except Exception as error:
        if not is_damage(error):
            raise
        broken = describe(source.damage or error, container)
    else:
        if is_empty:
            yield nothing_in(path, disk)
        return
    yield Stream(path, None, disk, broken=broken)


def _open_tar_member(
    archive: tarfile.TarFile, member: tarfile.TarInfo, path: str, disk: IO[bytes], container: str
) -> Stream:
    name = f"{path}/{member.name}"
    if member.issparse():
        return Stream(name, None, disk, broken=_NO_SPARSE)
    file: Any = _TarMember(archive.fileobj, member.size)
    return Stream(name, file, disk, container=container)


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
            if not is_damage(error):
                raise
            self.damage = error
        self._is_over = not piece
        return piece

    def drain(self) -> None:
        """Read what stands behind the end mark of the archive; the check sum comes last."""
        while not self._is_over:
            self.read(CHUNK)
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

        def _proc_member(self, archive: Any) -> tarfile.TarInfo:  # noqa: ANN401 its stream has no public type
            if self.type in headers and self.size > _LARGEST_TAR_HEADER:
                raise tarfile.ReadError(f"a header of {self.size} bytes")
            return super()._proc_member(archive)  # type: ignore[misc, no-any-return] # of tarfile's

        def _proc_sparse(self, archive: Any) -> tarfile.TarInfo:  # noqa: ANN401 its stream has no public type
            """Pass over the map of holes, which tarfile would hold in memory however long it is."""
            _, is_more, _ = self._sparse_structs  # type: ignore[attr-defined] # of the header itself
            _pass_over_map(archive, is_more=is_more)
            self.sparse = _HAS_HOLES
            return self._proc_builtin(archive)  # type: ignore[attr-defined, no-any-return] # as any file

        def _proc_pax(self, archive: Any) -> tarfile.TarInfo:  # noqa: ANN401 its stream has no public type
            """Take the name and the size that a pax header has for the member behind it.

            Tarfile keeps all that headers for all members say and copies it for each member, and
            some of its versions search digits in quadratic time. No name or size is for all.
            """
            is_for_all = self.type == tarfile.XGLTYPE
            data = archive.fileobj.read(_in_blocks(self.size))[: self.size]
            said = _read_pax(data, is_for_all=is_for_all)
            try:
                member = self.fromtarfile(archive)
            except tarfile.HeaderError as error:
                raise tarfile.ReadError(f"no member behind a pax header: {error}") from error
            if not is_for_all:
                _name_and_measure(member, said, archive)
            return member

    return Member


def _pass_over_map(archive: Any, *, is_more: bool) -> None:  # noqa: ANN401 as above
    """Pass over the blocks between the header of an old sparse member and its data."""
    while is_more:
        block = archive.fileobj.read(_BLOCK)
        if len(block) < _BLOCK:
            raise EOFError("the map of a sparse member is cut off")
        is_more = bool(block[_MORE_OF_MAP])


def _name_and_measure(member: tarfile.TarInfo, said: dict[bytes, bytes], archive: Any) -> None:  # noqa: ANN401 as above
    """Give a member what a pax header has for it: its name, its size, and that it has holes."""
    name = said.get(_SPARSE_NAME, said.get(b"path"))
    if name is not None:
        member.name = name.decode("utf-8", "surrogateescape")
    if _SPARSE in said:
        member.sparse = _HAS_HOLES
    if b"size" in said and member.isreg():
        member.size = _number(said[b"size"])
        archive.offset = member.offset_data + _in_blocks(member.size)


def _in_blocks(size: int) -> int:
    """Give how much room data takes in an archive."""
    return size + -size % _BLOCK


def _read_pax(data: bytes, *, is_for_all: bool) -> dict[bytes, bytes]:
    """Give what matters of a pax header; `_SPARSE` is in it where any record is about holes."""
    said = {}
    for key, value in _pax_records(data):
        if key.startswith(_SPARSE):
            if is_for_all:  # holes are those of one member
                raise ValueError(_NO_SPARSE)
            said[_SPARSE] = b""
        if key in {b"path", b"size", _SPARSE_NAME}:
            said[key] = value
    return said


def _pax_records(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Give the records of a pax header: length, space, key, equals sign, value, line feed."""
    position = 0
    # Some writers fill it up with zeros.
    while position < len(data) and data[position]:
        digits, _, _ = data[position : position + _MOST_DIGITS].partition(b" ")
        end = position + _number(digits)
        key, sign, value = data[position + len(digits) + 1 : end - 1].partition(b"=")
        if not sign or end > len(data) or data[end - 1 : end] != b"\n":
            raise ValueError("a record of a pax header is damaged")
        yield key, value
        position = end


def _number(digits: bytes) -> int:
    """Give a number that is not negative, written in ASCII digits."""
    if not digits.isdigit() or len(digits) > _MOST_DIGITS:
        raise ValueError(f"{digits[:_MOST_DIGITS]!r} in a pax header is no length")
    return int(digits)
