"""Tar archives, read as they stream."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING, Any

from reviewcorpus._streams import CHUNK, Stream, describe, has_text_name, is_damage, nothing_in

if TYPE_CHECKING:
    import tarfile
    from collections.abc import Iterator
    from typing import NoReturn, Self

_LARGEST_TAR_HEADER = 1 << 20  # bytes; longer names and attributes are an attack, not a file


def open_tar(path: str, disk: IO[bytes], file: Any) -> Iterator[Stream]:  # noqa: ANN401 gzip, bz2 and lzma share no type
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
        if not is_damage(error):
            raise
        broken = describe(source.damage or error)
    else:
        if is_empty:
            yield nothing_in(path, disk)
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
