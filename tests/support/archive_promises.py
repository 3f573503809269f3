"""What reading promises for compressed files and archives: as `promises.py` does for bytes."""

from __future__ import annotations

import io
import zipfile
import zlib
from functools import partial
from tarfile import BLOCKSIZE
from typing import TYPE_CHECKING, Any

import attrs

import reviewcorpus as rc
from helpers_sources import COMPRESSORS, TAR_SUFFIXES, outcomes, tar_of, zip_of
from reviewcorpus._iterators import MovieIterator
from reviewcorpus._signatures import packed_as
from reviewcorpus.parser._options import Options
from reviewcorpus.sources import Streams
from reviewcorpus.sources._files import open_path

if TYPE_CHECKING:
    from collections.abc import Callable

MEMBER, TAR = "a.xml", "a.tar"
REPORTED = {rc.DefectKind.BROKEN_COMPRESSION, rc.DefectKind.NO_MOVIE}


def _zipped(method: int) -> Callable[[bytes], bytes]:
    return lambda data: zip_of({MEMBER: data}, method)


def _tarred(suffix: str) -> Callable[[bytes], bytes]:
    compress = COMPRESSORS.get(suffix, bytes)
    return lambda data: compress(tar_of({MEMBER: data}))


PACKERS: dict[str, Callable[[bytes], bytes]] = {
    **{f"{MEMBER}{suffix}": compress for suffix, compress in COMPRESSORS.items()},
    **{f"a{suffix}": _tarred(packed) for suffix, packed in TAR_SUFFIXES.items()},
    "stored.zip": _zipped(zipfile.ZIP_STORED),
    "deflated.zip": _zipped(zipfile.ZIP_DEFLATED),
    "bzip2.zip": _zipped(zipfile.ZIP_BZIP2),
    "lzma.zip": _zipped(zipfile.ZIP_LZMA),
}
"""Functions that make a compressed file or an archive of the bytes of a file, by their names."""


def read_packed(name: str, data: bytes, **options: Any) -> tuple[list[Any], list[rc.Defect]]:
    """Read a file of some name that holds some bytes; errors are among the movies."""
    defects: list[rc.Defect] = []
    streams = Streams([partial(open_path, name, lambda _: io.BytesIO(data))])
    movies = MovieIterator(streams, Options(on_defect=defects.append, **options))
    return outcomes(movies), defects


def any_bytes_are_an_archive(data: bytes) -> None:
    """Whatever is in a file of any name, only defects come of it; most of it is damage."""
    for name in (*PACKERS, MEMBER):
        movies, defects = read_packed(name, data)
        assert all(isinstance(movie, rc.Movie) for movie in movies)
        assert movies or defects


def what_is_packed_is_read_as_what_is_not(data: bytes) -> None:
    """Holds for text; what is packed twice is not unpacked twice."""
    if not _is_text(data):
        return
    movies, defects = read_packed(MEMBER, data)
    for name, pack in PACKERS.items():
        found, others = read_packed(name, pack(data))
        assert found == movies, name
        assert [_without_source(each) for each in others] == [
            _without_source(each) for each in defects
        ], name


def _is_text(data: bytes) -> bool:
    # With the end of a zip archive in it, a cut archive would be one that ends there.
    return not packed_as(data) and b"ustar" not in data and b"PK\5\6" not in data


def _without_source(defect: rc.Defect) -> rc.Defect:
    # Offsets are those of the data, but a message may name the source.
    return attrs.evolve(defect, source=None)


def a_damaged_archive_hides_nothing(data: bytes) -> None:
    """One that is cut is broken; one of which a byte is another is so, or read as before."""
    if not _is_text(data):
        return  # it is not looked into, and so nobody comes to the damage
    place = zlib.crc32(data)
    movies, whole = read_packed(MEMBER, data)
    for name, pack in PACKERS.items():
        packed = pack(data)
        at = place % len(packed)
        found, defects = read_packed(name, packed[:at])
        assert all(isinstance(movie, rc.Movie) for movie in found), name
        is_complete = name == TAR and at >= len(packed) - BLOCKSIZE  # of two blocks of zeros
        assert is_complete or rc.DefectKind.BROKEN_COMPRESSION in _kinds(defects), name
        changed = packed[:at] + bytes([packed[at] ^ 0x55]) + packed[at + 1 :]
        found, defects = read_packed(name, changed)
        assert all(isinstance(movie, rc.Movie) for movie in found), name
        # A tar archive has no check sums of its data; the name of a zip member may be another.
        is_same = found == movies and _kinds(defects) == _kinds(whole)
        assert name == TAR or is_same or _kinds(defects) & REPORTED, name


def _kinds(defects: list[rc.Defect]) -> set[rc.DefectKind]:
    return {defect.kind for defect in defects}


ABOUT_ARCHIVES = (
    any_bytes_are_an_archive,
    what_is_packed_is_read_as_what_is_not,
    a_damaged_archive_hides_nothing,
)
