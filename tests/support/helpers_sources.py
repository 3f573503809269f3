"""Invented movies, the archives they are packed into, and readers that keep what they find."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile
from typing import TYPE_CHECKING, Any

import reviewcorpus as rc

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

COMPRESSORS: dict[str, Callable[[bytes], bytes]] = {
    ".gz": gzip.compress,
    ".bz2": bz2.compress,
    ".xz": lzma.compress,
}
TAR_SUFFIXES = {
    ".tar": "",
    ".tar.gz": ".gz",
    ".tgz": ".gz",
    ".tar.bz2": ".bz2",
    ".tbz2": ".bz2",
    ".tar.xz": ".xz",
    ".txz": ".xz",
}
_CHECK_SUM = slice(148, 156)  # of the header of a tar member
_MORE_AFTER_HEADER, _MORE_AFTER_BLOCK = 482, 504
BROKEN = rc.DefectKind.BROKEN_COMPRESSION


def xml_of(title: str, reviews: int = 2, *, fault: str = "") -> bytes:
    """Return a file of one movie; `fault` goes into the body of each review."""
    body = "".join(
        f"\t<review>\n\t\t<date>2004-05-{1 + index % 28:02}</date>\n"
        f"\t\t<username>viewer{index}</username>\n"
        f"\t\t<score>{(1 + index % 10) / 10}</score>\n"
        f"\t\t<shortDescription>Reel {index} of {title}</shortDescription>\n"
        f"\t\t<fullReview>Frame {index * 7919} held me{fault}.</fullReview>\n\t</review>\n"
        for index in range(reviews)
    )
    return (
        f"<movie>\n\t<title>{title}</title>\n\t<link>http://example.org/title/tt0000042/</link>\n"
        f"\t<year>1999</year>\n\t<generalScore>0.75</generalScore>\n{body}</movie>\n"
    ).encode()


LONG = xml_of("The Lighthouse Tax", reviews=200)  # long enough for several blocks of a tar


def write(path: Path, data: bytes) -> Path:
    """Write a file, and the folders above it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def zip_of(members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Return a zip archive."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return file.getvalue()


def tar_member(name: str, size: int = 0, kind: bytes = tarfile.REGTYPE) -> tarfile.TarInfo:
    """Return the header of a tar member."""
    member = tarfile.TarInfo(name)
    member.size = size
    member.type = kind
    return member


def tar_bytes(name: str, data: bytes, kind: bytes = tarfile.REGTYPE) -> bytes:
    """Return a member of a tar archive, its header and its data in whole blocks."""
    header = tar_member(name, len(data), kind).tobuf(tarfile.GNU_FORMAT)
    return header + data + bytes(-len(data) % tarfile.BLOCKSIZE)


def pax_record(text: str) -> bytes:
    """Return a record of a pax header from its key, equals sign and value."""
    rest = f" {text}\n".encode()
    length = len(rest) + 1
    while len(str(length)) + len(rest) > length:
        length += 1
    return str(length).encode() + rest


def sparse(name: str, data: bytes, *, blocks: int = 0) -> bytes:
    """Return a sparse member as old GNU tars wrote it, with blocks of its map before its data."""
    member = bytearray(tar_bytes(name, data, tarfile.GNUTYPE_SPARSE))
    member[_MORE_AFTER_HEADER] = blocks > 0
    member[_CHECK_SUM] = b" " * 8
    member[_CHECK_SUM] = b"%06o\0 " % sum(member[: tarfile.BLOCKSIZE])
    extensions = bytearray(blocks * tarfile.BLOCKSIZE)
    for end in range(tarfile.BLOCKSIZE, len(extensions), tarfile.BLOCKSIZE):
        extensions[end - tarfile.BLOCKSIZE + _MORE_AFTER_BLOCK] = 1
    member[tarfile.BLOCKSIZE : tarfile.BLOCKSIZE] = extensions
    return bytes(member)


TAR_END = bytes(2 * tarfile.BLOCKSIZE)


def tar_of(members: dict[str, bytes]) -> bytes:
    """Return a tar archive."""
    return b"".join(tar_bytes(name, data) for name, data in members.items()) + TAR_END


def read(*sources: Any, **options: Any) -> tuple[list[rc.Movie], list[rc.Defect]]:
    """Read all movies and their defects."""
    defects: list[rc.Defect] = []
    movies = list(rc.iter_movies(*sources, on_defect=defects.append, **options))
    return movies, defects


def outcomes(items: Iterator[Any], kind: type[BaseException] = Exception) -> list[Any]:
    """Read to the end whatever of a kind is raised; return items and exceptions in their order."""
    found: list[Any] = []
    while True:
        try:
            found.append(next(items))
        except StopIteration:
            return found
        except kind as error:
            found.append(error)


def titles(movies: Iterable[Any]) -> list[Any]:
    """Return the titles of movies, and the types of everything else."""
    return [movie.title if isinstance(movie, rc.Movie) else type(movie) for movie in movies]


class Reader:
    """An object with only a `read`, which returns a few bytes or characters at a time."""

    def __init__(self, data: Any, step: int = 7) -> None:
        self._data = data
        self._step = step
        self.reads = 0

    def read(self, _: int) -> Any:
        self.reads += 1
        piece, self._data = self._data[: self._step], self._data[self._step :]
        return piece


class FailingReader(Reader):
    """A reader whose device fails after its data."""

    def read(self, size: int) -> Any:
        piece = super().read(size)
        if not piece:
            raise OSError(5, "Input/output error")
        return piece
