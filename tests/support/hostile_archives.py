"""Hostile compressed files and archives, as families of inputs of any size."""

from __future__ import annotations

import bz2
import gzip
import lzma
import struct
import tarfile
import zipfile
import zlib
from functools import partial
from typing import TYPE_CHECKING

import reviewcorpus as rc
from helpers_sources import TAR_END, pax_record, sparse, tar_bytes, tar_member, zip_of
from hostile_input import LIMIT, MOVIE, TITLE, Family, numbered
from reviewcorpus import DefectKind as Kind

if TYPE_CHECKING:
    from collections.abc import Callable


def _gzip(data: bytes) -> bytes:
    return gzip.compress(data, 6, mtime=0)


def _streams(compress: Callable[[bytes], bytes]) -> tuple[bytes, bytes]:
    """Return two streams, for others between them."""
    return compress(TITLE[0]), compress(TITLE[1])


_packed = partial(Family, place=TITLE, reviews=(1, 0), strict=None)
_gz = partial(_packed, suffix=".gz")
_COMPRESSED = [
    _gz("a gzip bomb", b" ", pack=_gzip),
    _gz(
        "a gzip bomb past the limit",
        b" ",
        strict=LIMIT,
        reviews=(0, 0),
        movies=(0, 0),
        end=LIMIT,
        options={"limits": rc.Limits(max_field_bytes=1024)},
        pack=_gzip,
    ),
    _gz(
        "gzip in gzip",
        b" ",
        {Kind.NO_MOVIE},
        strict=Kind.NOT_WELL_FORMED,
        reviews=(0, 0),
        movies=(0, 0),
        pack=lambda data: _gzip(_gzip(data)),
    ),
    _gz("gzip members", _gzip(b" "), place=_streams(_gzip)),
    _gz("gzip members, empty", _gzip(b""), place=_streams(_gzip)),
    _packed("a bzip2 bomb", b" ", pack=bz2.compress, suffix=".bz2"),
    _packed("bzip2 streams", bz2.compress(b" "), place=_streams(bz2.compress), suffix=".bz2"),
    _packed("an xz bomb", b" ", pack=lzma.compress, suffix=".xz"),
    _packed("xz streams", lzma.compress(b" "), place=_streams(lzma.compress), suffix=".xz"),
    _packed("padding of xz", bytes(4), place=_streams(lzma.compress), suffix=".xz"),
]


def _zip_bomb(method: int) -> Callable[[bytes], bytes]:
    return lambda data: zip_of({"a.xml": data}, method)


def _zip_members(name: str) -> Callable[[bytes], bytes]:
    """Return a function that makes a member of every 200 bytes, and one of a movie."""
    return lambda data: zip_of(
        {"movie.xml": MOVIE, **{name.format(number): b"" for number in range(len(data) // 200)}}
    )


def _zip_headers(offset: int, size: int, packed: int, check: int) -> tuple[bytes, bytes]:
    """Return the two headers of a member that is called "a.xml", stored or deflated."""
    method = zipfile.ZIP_STORED if size == packed else zipfile.ZIP_DEFLATED
    sizes = struct.pack("<3I2H", check, packed, size, len("a.xml"), 0)
    local = struct.pack("<4s5H", b"PK\3\4", 20, 0, method, 0, 0) + sizes
    entry = struct.pack("<4s6H", b"PK\1\2", 20, 20, 0, method, 0, 0) + sizes
    return local + b"a.xml", entry + struct.pack("<3H2I", 0, 0, 0, 0, offset) + b"a.xml"


def _zip_of_entries(body: bytes, entries: list[bytes]) -> bytes:
    count, size = len(entries), sum(map(len, entries))
    end = struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, count, count, size, len(body), 0)
    return body + b"".join(entries) + end


def _zip_at_one_place(data: bytes) -> bytes:
    """Make many members of the same bytes; not one is read."""
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    packed = packer.compress(data) + packer.flush()
    local, entry = _zip_headers(0, len(data), len(packed), zlib.crc32(data))
    return _zip_of_entries(local + packed, [entry] * min(len(data) // 64, 0xFFFF))


def _zip_in_itself(data: bytes) -> bytes:
    """Make members that each contain those that follow; the last one is read."""
    step = len(_zip_headers(0, 0, 0, 0)[0])
    places = range(0, min(len(data) // 100, 0xFFFF) * step, step)
    sizes = [places[-1] - place + len(data) for place in places]
    check = zlib.crc32(data)
    headers = [_zip_headers(at, size, size, check) for at, size in zip(places, sizes, strict=True)]
    body = b"".join(local for local, _ in headers) + data
    return _zip_of_entries(body, [entry for _, entry in headers])


def zip_of_many_members(size: int) -> bytes:
    """Return an archive whose list of members has at least so many bytes, and nothing else."""
    _, entry = _zip_headers(0, 0, 0, 0)
    count = size // len(entry) + 1
    locator = struct.pack(
        "<4sQ2H2I4Q", b"PK\6\6", 44, 45, 45, 0, 0, count, count, count * len(entry), 0
    )
    return b"".join(
        [
            entry * count,
            locator,
            struct.pack("<4sIQI", b"PK\6\7", 0, count * len(entry), 1),
            struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0),
        ]
    )


_zip = partial(_packed, unit=b" ", suffix=".zip")
_ZIPS = [
    _zip("a zip bomb", pack=_zip_bomb(zipfile.ZIP_DEFLATED)),
    _zip("a zip bomb of bzip2", pack=_zip_bomb(zipfile.ZIP_BZIP2)),
    _zip("a zip bomb of LZMA", pack=_zip_bomb(zipfile.ZIP_LZMA)),
    _zip("zip members passed over", pack=_zip_members("{}.bin")),
    _zip(
        "zip members, empty",
        kinds={Kind.NO_MOVIE},
        pack=_zip_members("{}.xml"),
        strict=Kind.NOT_WELL_FORMED,
    ),
    _zip(
        "zip names that lead out",
        kinds={Kind.NO_MOVIE},
        pack=_zip_members("/../../{}.xml"),
        strict=Kind.NOT_WELL_FORMED,
    ),
    _zip(
        "zip members at one place",
        reviews=(0, 0),
        movies=(0, 0),
        kinds={Kind.BROKEN_COMPRESSION},
        strict=Kind.BROKEN_COMPRESSION,
        pack=_zip_at_one_place,
    ),
    _zip(
        "zip members in one another",
        kinds={Kind.BROKEN_COMPRESSION},
        strict=Kind.BROKEN_COMPRESSION,
        pack=_zip_in_itself,
    ),
]


def _tar_header(name: str, kind: bytes, leads_to: str = "") -> bytes:
    member = tar_member(name, kind=kind)
    member.linkname = leads_to
    return member.tobuf(tarfile.GNU_FORMAT)


_NO_FILES = b"".join(
    _tar_header("a.xml", kind, "/etc/hostname")
    for kind in (
        tarfile.SYMTYPE,
        tarfile.LNKTYPE,
        tarfile.CHRTYPE,
        tarfile.BLKTYPE,
        tarfile.FIFOTYPE,
    )
)
_PASSED_OVER = tar_bytes("x.bin", b"")
_PAX = tar_bytes("pax", pax_record("path=y.bin"), tarfile.XHDTYPE) + _PASSED_OVER
_PAX_SPARSE = tar_bytes("pax", pax_record("GNU.sparse.name=a.xml") * 20, tarfile.XHDTYPE)
_MOVIE_IN_TAR = tar_bytes("movie.xml", MOVIE)
_tar = partial(_packed, place=(_MOVIE_IN_TAR, TAR_END), suffix=".tar")
_broken_tar = partial(_tar, kinds={Kind.BROKEN_COMPRESSION}, strict=Kind.BROKEN_COMPRESSION)
_TARS = [
    _tar("tar members passed over", _PASSED_OVER),
    _tar("tar members that are no files", _NO_FILES),
    _tar(
        "tar members, empty", tar_bytes("a.xml", b""), {Kind.NO_MOVIE}, strict=Kind.NOT_WELL_FORMED
    ),
    _tar(
        "tar names that lead out",
        tar_bytes("../../a.xml", MOVIE) + tar_bytes("/etc/a.xml", MOVIE),
        movies=(1, 2),
        reviews=(1, 2),
    ),
    _tar("tar names of GNU", tar_bytes("x", b"n/" * 2000, tarfile.GNUTYPE_LONGNAME) + _PASSED_OVER),
    _tar("tar headers of pax", _PAX),
    _tar(
        "tar headers of pax for all members",
        tar_bytes("pax", pax_record("k@@@@@=") * 50, tarfile.XGLTYPE) + _PAX,
        pack=numbered,
    ),
    _broken_tar(
        "digits in a tar header of pax",
        b"1",
        place=(b"", b""),
        pack=lambda data: (
            _MOVIE_IN_TAR + tar_bytes("pax", data, tarfile.XHDTYPE) + _PASSED_OVER + TAR_END
        ),
    ),
    _broken_tar("sparse members of a tar", sparse("a.xml", b"", blocks=2)),
    _broken_tar("sparse members of a tar, by pax", _PAX_SPARSE + tar_bytes("x", b"")),
    _tar("sparse members passed over in a tar", sparse("a.bin", b"x", blocks=2)),
    _tar(
        "one map of holes in a tar",
        bytes(512),
        place=(b"", b""),
        pack=lambda data: sparse("x.bin", b"", blocks=len(data) // 512) + _MOVIE_IN_TAR + TAR_END,
    ),
    _tar(
        "a bomb passed over in a tar",
        bytes(512),
        place=(b"", b""),
        pack=lambda data: _gzip(tar_bytes("x.bin", data) + _MOVIE_IN_TAR + TAR_END),
        suffix=".tar.gz",
    ),
]

PACKED = [*_COMPRESSED, *_ZIPS, *_TARS]
"""All families of this module."""
