"""How far reading has come: the bytes that were read, and how many there are."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import tarfile
import zipfile
from typing import TYPE_CHECKING, Any

import pytest

import reviewcorpus as rc
from helpers_sources import write, xml_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

LONG = b"".join(xml_of(f"Film {number}", 20, fault=" & so") for number in range(60))
assert len(LONG) > 3 << 16  # several pieces


def zipped(data: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in ("a.xml", "b.xml", "notes.pdf"):
            archive.writestr(name, data)
    return packed.getvalue()


def tarred(data: bytes) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        for name in ("a.xml", "b.xml"):
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return packed.getvalue()


FORMS: dict[str, Callable[[bytes], bytes]] = {
    "plain.xml": bytes,
    "a.xml.gz": gzip.compress,
    "a.xml.bz2": bz2.compress,
    "a.xml.xz": lzma.compress,
    "a.zip": zipped,
    "a.tar.gz": tarred,
}
PASSES: list[Callable[[rc.Corpus], Any]] = [
    iter,
    rc.Corpus.reviews,
    rc.Corpus.defects,
    lambda corpus: corpus.problems(rules="M101,M102,C"),  # the last ones come at the end
]


def steps(records: Any) -> list[int]:
    """Return how far an iterator has come before its first item, after each, and at its end."""
    counts = [records.bytes_read]
    for _ in records:
        counts.append(records.bytes_read)  # noqa: PERF401 the loop changes it
    return [*counts, records.bytes_read]


@pytest.mark.parametrize("begin", PASSES)
@pytest.mark.parametrize("name", FORMS)
def test_bytes_read_grow_from_nothing_to_the_size_on_disk(
    begin: Callable[[rc.Corpus], Any], name: str, tmp_path: Path
) -> None:
    data = FORMS[name](LONG)
    paths = [write(tmp_path / f"{number}-{name}", data) for number in range(2)]
    corpus = rc.Corpus(*paths)
    counts = steps(begin(corpus))
    assert corpus.size_on_disk() == 2 * len(data)
    assert (counts[0], counts[-1]) == (0, 2 * len(data))
    assert counts == sorted(counts)
    if data is LONG and begin in PASSES[:3]:
        assert len(set(counts)) > 6


def test_a_folder_counts_what_is_read_in_it(tmp_path: Path) -> None:
    for name in ("a.xml", "b.txt", "c.xml.gz", "d.xml", "d.xml.gz", "e.pdf", ".f.xml", "g.zip"):
        packed = gzip.compress(LONG) if name.endswith(".gz") else LONG
        write(tmp_path / name, packed if name != "b.txt" else b"")
    read = sum(os.path.getsize(tmp_path / name) for name in ("a.xml", "c.xml.gz", "d.xml"))
    assert rc.Corpus(tmp_path).size_on_disk() == read
    assert rc.Corpus(tmp_path, tmp_path / "a.xml").size_on_disk() == read + len(LONG)
    assert rc.Corpus(tmp_path / "a.xml", tmp_path).size_on_disk() == read  # once, as it is read
    assert steps(rc.iter_movies(tmp_path))[-1] == read
    assert steps(rc.iter_reviews(tmp_path / "a.xml", tmp_path))[-1] == read


@pytest.mark.parametrize("file", [io.BytesIO(LONG), io.StringIO(LONG.decode())])
def test_an_open_file_counts_what_came_of_it_and_has_no_size(file: Any) -> None:
    corpus = rc.Corpus(file)
    counts = steps(iter(corpus))
    assert (counts[0], counts[-1]) == (0, len(LONG))  # all of it is ASCII
    assert counts == sorted(counts)
    assert corpus.size_on_disk() is None


def test_a_pipe_counts_what_came_of_it_and_has_no_size(tmp_path: Path) -> None:
    data = xml_of("Salt", 3)
    reading, writing = os.pipe()
    with open(writing, "wb") as pipe:
        pipe.write(data)
    path = f"/dev/fd/{reading}"
    assert rc.Corpus(path, tmp_path).size_on_disk() is None
    assert steps(rc.iter_reviews(path))[-1] == len(data)
    os.close(reading)


def test_a_source_that_an_error_ends_counts_as_read(tmp_path: Path) -> None:
    paths = [write(tmp_path / "a.xml", b"<movie>" + LONG), write(tmp_path / "b.xml", xml_of("B"))]
    movies = rc.iter_movies(*paths, "missing.xml", errors="strict")
    size = rc.Corpus(*paths, "missing.xml").size_on_disk()
    with pytest.raises(rc.CorpusSyntaxError):
        next(movies)
    assert next(movies).title == "B"
    with pytest.raises(FileNotFoundError):
        next(movies)
    assert list(movies) == []
    assert movies.bytes_read == size


def test_the_size_of_what_cannot_be_read_is_left_out(tmp_path: Path) -> None:
    write(tmp_path / "a.xml", LONG)
    (tmp_path / "b.xml").symlink_to(tmp_path / "b.xml")  # to itself
    assert rc.Corpus(tmp_path).size_on_disk() == len(LONG)
    assert rc.Corpus("missing.xml", "no path\0", tmp_path / "a.xml").size_on_disk() == len(LONG)


def test_what_is_on_disk_is_not_opened_for_its_size(tmp_path: Path) -> None:
    path = write(tmp_path / "a.xml", LONG)
    path.chmod(0)
    assert rc.Corpus(path).size_on_disk() == len(LONG)


@pytest.mark.skipif(not os.path.exists("/proc/self/status"), reason="needs Linux' /proc")
def test_a_file_without_an_end_is_read() -> None:
    defects = rc.Corpus("/proc/self/status").defects()
    assert [defect.kind for defect in defects] == [rc.DefectKind.NO_MOVIE]
    assert defects.bytes_read > 0
