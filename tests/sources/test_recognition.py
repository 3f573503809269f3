"""What a file is by its first bytes, whatever its name, and what `no-movie` says of others."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import re
import tarfile
import threading
import zipfile
from typing import TYPE_CHECKING, Any

import pytest

import reviewcorpus as rc
from helpers_sources import (
    BROKEN,
    COMPRESSORS,
    LONG,
    Reader,
    read,
    tar_bytes,
    tar_of,
    titles,
    write,
    xml_of,
    zip_of,
)

if TYPE_CHECKING:
    from pathlib import Path

NO_MOVIE = rc.DefectKind.NO_MOVIE
ZSTANDARD = b"\x28\xb5\x2f\xfd" + b"\x24\x05\x29\0\0<movie>\x9c\x3a"
SALT = xml_of("Salt", 1)

# Data by what it is, and what is read of it.
PACKED = {
    "gzip": gzip.compress(LONG),
    "bzip2": bz2.compress(LONG),
    "bzip2 at level 1": bz2.compress(LONG, 1),
    "xz": lzma.compress(LONG),
    "zip": zip_of({"a.xml": LONG}),
    "tar": tar_of({"a.xml": LONG}),
    "tar of GNU": tar_bytes("a.xml", LONG),
    "tar in gzip": gzip.compress(tar_of({"a.xml": LONG})),
    "tar in bzip2": bz2.compress(tar_of({"a.xml": LONG})),
    "tar in xz": lzma.compress(tar_of({"a.xml": LONG})),
    "text": LONG,
    "text with a mark": b"\xef\xbb\xbf\n " + LONG,
    "UTF-16": LONG.decode().encode("utf-16"),
    "gzip in two members": gzip.compress(LONG[:3]) + gzip.compress(LONG[3:]),
}
PACKED["tar of GNU"] += bytes(1024)
NAMES = ["a.xml", "a", "a.gz", "a.xml.bz2", "a.XZ", "a.zip", "a.tar", "a.tar.gz", "a.txz", "a.bin"]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("kind", PACKED)
def test_data_is_recognised_whatever_the_name(tmp_path: Path, kind: str, name: str) -> None:
    movies, defects = read(write(tmp_path / name, PACKED[kind]))
    assert (movies, defects) == ([rc.loads(LONG)], [])


def test_tar_of_pax_is_recognised_by_its_first_header(tmp_path: Path) -> None:
    path = tmp_path / "a.xml"
    with tarfile.open(path, "w", format=tarfile.PAX_FORMAT) as archive:
        member = tarfile.TarInfo(f"{'deep/' * 30}a.xml")
        member.size = len(SALT)
        archive.addfile(member, io.BytesIO(SALT))
    assert titles(read(path)[0]) == ["Salt"]


def test_old_tar_without_its_mark_is_recognised_by_its_name(tmp_path: Path) -> None:
    packed = bytearray(tar_of({"a.xml": SALT}))
    packed[257:265] = bytes(8)
    packed[148:156] = b" " * 8
    packed[148:156] = b"%06o\0 " % sum(packed[:512])
    for name, data in (("a.tar", packed), ("a.tgz", gzip.compress(packed))):
        assert titles(read(write(tmp_path / name, bytes(data)))[0]) == ["Salt"]


def test_text_that_only_looks_like_packed_data_is_text(tmp_path: Path) -> None:
    word = b"<movie><title>"
    word += b"x" * (257 - len(word)) + b"ustar\0</title></movie>"
    for data in (word, word.replace(b"\0", b"  "), b"BZh9 <movie/>", b"PK <movie/>", b"(<movie/>"):
        movies, defects = read(write(tmp_path / "a.xml", data))
        assert len(movies) == 1
        assert BROKEN not in [defect.kind for defect in defects]


@pytest.mark.parametrize(
    "data",
    [bz2.compress(b""), gzip.compress(b""), lzma.compress(b""), zip_of({}), zip_of({"a": b""})],
    ids=["bzip2", "gzip", "xz", "zip", "zip without text"],
)
def test_packed_data_of_nothing_is_recognised(tmp_path: Path, data: bytes) -> None:
    path = write(tmp_path / "a.xml", data)
    (defect,) = read(path)[1]
    assert (defect.kind, defect.source, defect.raw) == (NO_MOVIE, str(path), "")
    assert defect.message == "no <movie> element found: there is nothing to read"


def test_file_in_a_folder_is_recognised_too(tmp_path: Path) -> None:
    write(tmp_path / "a.xml", gzip.compress(SALT))
    write(tmp_path / "b.xml.gz", xml_of("Pepper"))  # as a server that decompresses leaves it
    assert titles(read(tmp_path)[0]) == ["Salt", "Pepper"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs pipes with names")
@pytest.mark.parametrize("kind", ["text", "gzip", "bzip2", "xz", "tar", "tar in gzip"])
def test_pipe_is_recognised_too(tmp_path: Path, kind: str) -> None:
    os.mkfifo(tmp_path / "pipe")
    writer = threading.Thread(target=write, args=(tmp_path / "pipe", PACKED[kind]))
    writer.start()
    movies, defects = read(tmp_path / "pipe")
    writer.join()
    assert (movies, defects) == ([rc.loads(LONG)], [])


# ---- compressed data where text should be -----------------------------------------------


def stored(data: bytes) -> bytes:
    return zip_of({"a.xml": data}, zipfile.ZIP_STORED)


_ADVICE = "pass its path, or open it with {}.open; only one layer is decompressed"
_ZIP_ADVICE = "pass its path, or open its members with zipfile; archives in archives are not read"
# What the message says, and data of that kind that may contain movies as plain text.
UNREAD = {
    f"gzip data; {_ADVICE.format('gzip')}": gzip.compress(LONG, 0),
    f"bzip2 data; {_ADVICE.format('bz2')}": bz2.compress(LONG),
    f"xz data; {_ADVICE.format('lzma')}": lzma.compress(LONG),
    f"zip data; {_ZIP_ADVICE}": stored(LONG),
    "Zstandard data; decompress it first": ZSTANDARD + LONG,
}


@pytest.mark.parametrize("what", UNREAD)
def test_compressed_data_in_an_open_file_is_one_defect_that_names_it(what: str) -> None:
    data = UNREAD[what]
    files: list[Any] = [io.BytesIO(data), Reader(data, 1), Reader(data, 7), Reader(data, 5000)]
    for file in files:
        movies, defects = read(file)
        assert movies == []
        assert [(d.kind, d.message) for d in defects] == [
            (NO_MOVIE, f"no <movie> element found: it is {what}")
        ]
    corpus = rc.Corpus(io.BytesIO(data))
    assert [d.kind for d in corpus.defects()] == [d.kind for d in corpus.defects()] == [NO_MOVIE]
    assert corpus.summary().files == 1
    with pytest.raises(rc.CorpusSyntaxError):
        list(rc.iter_movies(io.BytesIO(data), errors="strict"))


@pytest.mark.parametrize("what", UNREAD)
def test_compressed_data_in_memory_is_named_too(what: str) -> None:
    defects: list[rc.Defect] = []
    with pytest.raises(rc.CorpusError, match=f"it is {re.escape(what)}"):
        rc.loads(UNREAD[what], on_defect=defects.append)
    assert [(defect.kind, len(defect.raw) <= 40) for defect in defects] == [(NO_MOVIE, True)]


@pytest.mark.parametrize("what", UNREAD)
def test_compressed_data_in_compressed_data_or_an_archive_is_named(
    tmp_path: Path, what: str
) -> None:
    for name, pack in (("a.gz", gzip.compress), ("b.zip", stored), ("c.xz", lzma.compress)):
        path = write(tmp_path / name, pack(UNREAD[what]))
        (defect,) = read(path)[1]
        assert defect.message == f"no <movie> element found: it is {what}"


@pytest.mark.parametrize("name", ["a.zst", "a.xml", "a.gz", "a.tar.zst"])
def test_zstandard_file_is_named(tmp_path: Path, name: str) -> None:
    path = write(tmp_path / name, ZSTANDARD)
    (defect,) = read(path)[1]
    assert (defect.kind, defect.source) == (NO_MOVIE, str(path))
    assert defect.message.endswith("it is Zstandard data; decompress it first")


@pytest.mark.parametrize("suffix", COMPRESSORS)
def test_open_file_that_decompresses_is_read(suffix: str) -> None:
    module: Any = {".gz": gzip, ".bz2": bz2, ".xz": lzma}[suffix]
    with module.open(io.BytesIO(COMPRESSORS[suffix](LONG))) as file:
        assert rc.load(file) == rc.loads(LONG)


# ---- what a `no-movie` says -------------------------------------------------------------

BEGINNINGS = {
    "": "there is nothing to read",
    " \n": "there is nothing to read",
    "<!-- nothing yet -->\n": "there is nothing to read",
    "Too many requests. 2 < 3, <3.": "it does not begin with a tag",
    "{}": "it does not begin with a tag",
    "<seriesEntity><title>Le Sel</title>": "it begins with <seriesEntity>",
    '<?xml version="1.0"?>\n<!-- of <2004> --><!DOCTYPE html>\n<html lang="en">\n': (
        "it begins with <html>"
    ),
    "<!-- <a> -- never ends": "there is nothing to read",
    "</movie></movies>": "it begins with </movie>",
    "Dear <b>viewer</b>": "its first tag is <b>",
    "<fi\u00e9vre/>": "it begins with <fi\u00e9vre>",
    f"<{'x' * 400}>": f"it begins with <{'x' * 39}>",
    " " * 400 + "<a>": "there is nothing to read",
}


@pytest.mark.parametrize("text", BEGINNINGS)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_message_says_what_was_found_instead(text: str, encoding: str) -> None:
    data = text.encode(encoding)
    for file in (io.BytesIO(data), Reader(data, 1)):
        (defect,) = [d for d in read(file)[1] if d.kind is NO_MOVIE]
        assert defect.message == f"no <movie> element found: {BEGINNINGS[text]}"


def test_message_names_the_element_of_the_format() -> None:
    other = rc.formats.MOVIE
    (defect,) = read(io.StringIO("<a>"), format=other)[1]
    assert defect.message == "no <movie> element found: it begins with <a>"
