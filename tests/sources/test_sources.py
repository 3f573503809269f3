"""Paths, folders, links, archives, compression and open files."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import sys
import tarfile
import tracemalloc
import zipfile
import zlib
from collections import Counter
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

import reviewcorpus as rc
from helpers_sources import (
    BROKEN,
    COMPRESSORS,
    LONG,
    TAR_END,
    TAR_SUFFIXES,
    FailingReader,
    Reader,
    outcomes,
    pax_record,
    read,
    sparse,
    tar_bytes,
    tar_member,
    tar_of,
    titles,
    write,
    xml_of,
    zip_of,
)
from hostile_input import most_memory
from reviewcorpus.sources import streams_of
from reviewcorpus.sources._files import open_path
from reviewcorpus.sources._streams import CHUNK, COMPRESSED, BrokenStream, Stream

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

PLAIN = rc.loads(LONG)


def kinds_and_sources(defects: list[rc.Defect]) -> list[tuple[rc.DefectKind, str | None]]:
    return [(defect.kind, defect.source) for defect in defects]


def besides_cut_values(defects: list[rc.Defect]) -> list[rc.Defect]:
    """Drop the defects of the value that the break has cut, such as `2004-0`."""
    cut = {rc.DefectKind.INVALID_DATE, rc.DefectKind.INVALID_SCORE, rc.DefectKind.INVALID_YEAR}
    return [defect for defect in defects if defect.kind not in cut]


def reviews_before_break(path: Path) -> list[rc.Review]:
    """Read what a damaged copy of LONG still holds; there is one defect, and no exception."""
    movies, defects = read(path)
    defects = besides_cut_values(defects)
    assert [defect.kind for defect in defects] == [BROKEN]
    assert defects[0].severity is rc.Severity.ERROR
    return [review for movie in movies for review in movie.reviews]


def assert_begins(reviews: list[rc.Review], *, but: int = 1) -> None:
    """Reviews are those of LONG from the first on; the last, which was cut, may lack fields."""
    whole = len(reviews) - but if reviews else 0
    assert reviews[:whole] == list(PLAIN.reviews[:whole])


# ---- files and folders ------------------------------------------------------------------


def test_file_is_read_by_str_and_by_path_like(tmp_path: Path) -> None:
    path = write(tmp_path / "harbour.data", LONG)  # a file that is named is read whatever its name
    assert rc.load(path) == rc.load(str(path)) == PLAIN


def test_defect_names_its_file_as_the_user_did(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / "a.xml", xml_of("Salt", 1, fault=" &amp ever"))
    monkeypatch.chdir(tmp_path)
    assert str(read("./a.xml")[1][0]).startswith("./a.xml:11:")
    assert [defect.source for defect in read(".")[1]] == [os.path.join(".", "a.xml")]


def test_missing_path_is_an_os_error_when_reached_and_the_others_are_read(tmp_path: Path) -> None:
    first = write(tmp_path / "a.xml", xml_of("Salt"))
    last = write(tmp_path / "b.xml", xml_of("Pepper"))
    movies = rc.iter_movies(first, tmp_path / "gone.xml", tmp_path / "gone.zip", last)
    found = outcomes(movies)
    assert titles(found) == ["Salt", FileNotFoundError, FileNotFoundError, "Pepper"]
    assert found[1].filename == str(tmp_path / "gone.xml")


def test_folder_gives_text_files_in_any_case_sorted_and_nested(tmp_path: Path) -> None:
    names = ["B.XML", "a.Txt", "a/z.xml", "b.xml", "c/d/e.txt", "c/d.xml", "c/e.Review"]
    for name in [*names, "notes.md", "a.xml.bak", "xml", "c/packed.gz"]:
        write(tmp_path / name, xml_of(name))
    (tmp_path / "folder.xml").mkdir()
    write(tmp_path / "folder.xml" / "in.xml", xml_of("in"))
    movies, defects = read(tmp_path)
    assert titles(movies) == [
        "B.XML",
        "a/z.xml",
        "a.Txt",
        "b.xml",
        "c/d/e.txt",
        "c/d.xml",
        "c/e.Review",
        "in",
    ]
    assert defects == []


def test_file_link_is_followed_inside_the_folder_and_not_out_of_it(tmp_path: Path) -> None:
    write(tmp_path / "outside.xml", xml_of("Outside"))
    write(tmp_path / "in-sibling.xml", xml_of("Sibling"))
    inside = tmp_path / "in"  # the sibling's path begins with it, which must not count
    write(inside / "data.bin", xml_of("Inside"))
    (inside / "a.xml").symlink_to(inside / "data.bin")
    (inside / "b.xml").symlink_to(tmp_path / "outside.xml")
    (inside / "c.xml").symlink_to(tmp_path / "in-sibling.xml")
    (inside / "d.xml").symlink_to(tmp_path / "nowhere.xml")
    assert titles(read(inside)[0]) == ["Inside"]


def test_folder_link_is_not_followed_but_may_be_named(tmp_path: Path) -> None:
    inside = tmp_path / "in"
    write(inside / "real" / "a.xml", xml_of("Once"))
    (inside / "again").symlink_to(inside / "real", target_is_directory=True)
    (inside / "real" / "up.xml").symlink_to(inside, target_is_directory=True)
    assert titles(read(inside)[0]) == ["Once"]
    (tmp_path / "named").symlink_to(inside, target_is_directory=True)
    assert titles(read(tmp_path / "named")[0]) == ["Once"]


def test_link_to_itself_is_an_os_error_and_the_rest_is_read(tmp_path: Path) -> None:
    write(tmp_path / "a.xml", xml_of("Salt"))
    (tmp_path / "b.xml").symlink_to(tmp_path / "b.xml")
    write(tmp_path / "c.xml", xml_of("Pepper"))
    assert titles(outcomes(rc.iter_movies(tmp_path))) == ["Salt", OSError, "Pepper"]


def test_unreadable_folder_is_an_os_error_and_the_rest_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Root may read every folder, so the error is made rather than the folder closed.
    for name in ["a.xml", "b/lost.xml", "c.xml"]:
        write(tmp_path / name, xml_of(name))
    real = os.scandir

    def scandir(path: str) -> Any:
        if path.endswith("b"):
            raise PermissionError(13, "Permission denied", path)
        return real(path)

    monkeypatch.setattr(os, "scandir", scandir)
    found = outcomes(rc.iter_movies(tmp_path, write(tmp_path / "c" / "d.bin", xml_of("next"))))
    assert titles(found) == ["a.xml", PermissionError, "c.xml", "next"]


def test_folder_that_vanishes_while_reading_is_an_os_error(tmp_path: Path) -> None:
    for name in ["a.xml", "b/lost.xml", "c.xml"]:
        write(tmp_path / name, xml_of(name))
    movies = rc.iter_movies(tmp_path)
    assert next(movies).title == "a.xml"
    (tmp_path / "b" / "lost.xml").unlink()
    (tmp_path / "b").rmdir()
    # What a folder holds was listed before, so its going shows when its turn comes.
    assert titles(outcomes(movies)) == [FileNotFoundError, "c.xml"]


def test_pipe_in_a_folder_is_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.xml")  # opening it would wait for a writer without end
    (tmp_path / "b.xml").symlink_to(tmp_path / "a.xml")
    write(tmp_path / "c.xml", xml_of("Salt"))
    assert titles(read(tmp_path)[0]) == ["Salt"]


@pytest.mark.parametrize("source", [b"a.xml", bytearray(b"x"), memoryview(b"x")])
def test_bytes_are_not_a_source_and_the_error_names_loads(source: Any) -> None:
    with pytest.raises(TypeError, match=r"loads\(\)"):
        rc.iter_movies(source)


@pytest.mark.parametrize("source", [None, 3, ["a.xml"]])
def test_what_is_neither_path_nor_file_is_refused_at_once(source: Any) -> None:
    for reader in (rc.iter_movies, rc.iter_reviews, rc.load, rc.Corpus):
        with pytest.raises(TypeError, match="a path"):
            reader(source)


def test_path_like_of_bytes_is_refused_at_once(tmp_path: Path) -> None:
    write(tmp_path / "a.xml", LONG)
    with os.scandir(os.fsencode(tmp_path)) as entries:
        entry: Any = next(entries)
    with pytest.raises(TypeError, match=r"path \(str\)"):
        rc.iter_movies(entry)


# ---- open files -------------------------------------------------------------------------


def test_open_files_give_what_the_path_gives(tmp_path: Path) -> None:
    path = write(tmp_path / "a.xml", LONG)
    with (
        path.open("rb") as buffered,
        path.open("rb", buffering=0) as raw,
        path.open(encoding="utf-8") as text,
        gzip.open(write(tmp_path / "a.gz", gzip.compress(LONG))) as unpacked,
    ):
        files: list[Any] = [buffered, raw, text, unpacked]
        assert [rc.load(file) for file in files] == [PLAIN] * 4
        assert not buffered.closed  # the caller, who opened the file, closes it


@pytest.mark.parametrize("step", [1, 2, 1000])
def test_object_with_only_read_is_read(step: int) -> None:
    data = xml_of("Am&eacute;lie's Café & Bar", fault=" & é")
    expected = read(io.BytesIO(data))
    assert read(Reader(data, step)) == expected
    assert read(Reader(data.decode(), step)) == expected


def test_read1_is_used_where_there_is_one() -> None:
    class Pipe(Reader):
        def read1(self, size: int) -> Any:
            return super().read(size)

        def read(self, _: int) -> Any:
            raise AssertionError("it would wait for a whole chunk")

    file: Any = Pipe(LONG, 5000)
    assert rc.load(file) == PLAIN


@pytest.mark.parametrize("name", [7, None, b"bytes.xml"])
def test_open_file_without_a_name_of_str_is_called_stream(name: Any) -> None:
    file = Reader(b"nothing")
    file.name = name  # type: ignore[attr-defined]
    assert kinds_and_sources(read(file)[1]) == [(rc.DefectKind.NO_MOVIE, "<stream>")]
    assert kinds_and_sources(read(Reader(b""))[1]) == [(rc.DefectKind.NO_MOVIE, "<stream>")]


def test_open_file_is_called_by_its_name(tmp_path: Path) -> None:
    path = write(tmp_path / "empty.xml", b"")
    with path.open("rb") as file:
        assert kinds_and_sources(read(file)[1]) == [(rc.DefectKind.NO_MOVIE, str(path))]


def test_open_file_is_read_from_its_position() -> None:
    file = io.BytesIO(xml_of("Salt") + xml_of("Pepper"))
    file.seek(len(xml_of("Salt")))
    assert rc.load(file).title == "Pepper"


def test_text_file_in_a_wrong_encoding_is_a_corpus_error_with_advice(tmp_path: Path) -> None:
    path = write(tmp_path / "a.xml", xml_of("Caf\u00e9").decode().encode("latin-1"))
    with path.open(encoding="utf-8") as file:
        found = outcomes(rc.iter_movies(file, io.BytesIO(xml_of("Next"))))
    assert titles(found) == [rc.CorpusError, "Next"]
    assert "open the file in binary mode" in str(found[0])
    assert str(path) in str(found[0])


def test_failing_device_is_an_os_error_after_what_came_before() -> None:
    data = xml_of("Whole") + xml_of("Half")[:-20]
    file: Any = FailingReader(data, 64)
    found = outcomes(rc.iter_movies(file, io.BytesIO(xml_of("Next"))))
    # The movie that was being read is not given half; its reviews do not slip into the next.
    assert titles(found) == ["Whole", OSError, "Next"]
    assert len(found[2].reviews) == 2


# ---- one compressed file ----------------------------------------------------------------


@pytest.mark.parametrize("suffix", COMPRESSORS)
@pytest.mark.parametrize("upper", [False, True])
def test_compressed_file_reads_as_the_plain_one(tmp_path: Path, suffix: str, upper: bool) -> None:
    data = xml_of("Salt & Pepper", fault=" &amp ever")
    plain = read(write(tmp_path / "a.xml", data))
    packed = write(
        tmp_path / f"a.xml{suffix.upper() if upper else suffix}", COMPRESSORS[suffix](data)
    )
    movies, defects = read(packed)
    assert movies == plain[0]
    assert [(defect.offset, defect.kind) for defect in defects] == [
        (defect.offset, defect.kind) for defect in plain[1]
    ]
    assert {defect.source for defect in defects} == {str(packed)}


@pytest.mark.parametrize("suffix", COMPRESSORS)
def test_compressed_file_of_several_streams_is_read_to_its_end(tmp_path: Path, suffix: str) -> None:
    packed = COMPRESSORS[suffix](LONG[:5000]) + COMPRESSORS[suffix](LONG[5000:])
    assert rc.load(write(tmp_path / f"a{suffix}", packed)) == PLAIN


@pytest.mark.parametrize("suffix", COMPRESSORS)
def test_damaged_beginning_of_a_second_stream_is_not_the_end(tmp_path: Path, suffix: str) -> None:
    # Parallel compressors write many streams; BZ2File and LZMAFile would pass over all but one.
    packed = COMPRESSORS[suffix](LONG)
    path = write(tmp_path / f"a{suffix}", packed + b"?" + packed[1:])
    movies, defects = read(path)
    assert movies == [PLAIN]
    assert [(defect.kind, defect.offset) for defect in defects] == [(BROKEN, len(LONG))]


@pytest.mark.parametrize("padding", [4, 8, 1 << 19])
def test_padding_of_xz_is_skipped(tmp_path: Path, padding: int) -> None:
    packed = COMPRESSORS[".xz"](LONG[:5000]), COMPRESSORS[".xz"](LONG[5000:])
    path = write(tmp_path / "a.xz", b"".join(part + bytes(padding) for part in packed))
    assert read(path) == ([PLAIN], [])


@pytest.mark.parametrize("suffix", COMPRESSORS)
def test_cut_compressed_file_gives_what_came_before_and_one_defect(
    tmp_path: Path, suffix: str
) -> None:
    packed = COMPRESSORS[suffix](LONG)
    path = tmp_path / f"a{suffix}"
    read_counts = []
    for cut in [*range(30), *range(30, len(packed), 97), *range(len(packed) - 12, len(packed))]:
        reviews = reviews_before_break(write(path, packed[:cut]))
        assert_begins(reviews)
        read_counts.append(len(reviews))
    assert read_counts == sorted(read_counts)
    assert read_counts[-1] == 200  # only the check sum was cut, so all of it had come out


@pytest.mark.parametrize("suffix", COMPRESSORS)
def test_damaged_compressed_file_raises_nothing(tmp_path: Path, suffix: str) -> None:
    packed = COMPRESSORS[suffix](LONG)
    path = tmp_path / f"a{suffix}"
    for at in range(12, len(packed), 61):
        damaged = bytearray(packed)
        damaged[at] ^= 0x55
        _, defects = read(write(path, bytes(damaged)))
        assert [defect.kind for defect in defects].count(BROKEN) == 1


@pytest.mark.parametrize("suffix", [".gz", ".bz2", ".xz", ".zip", ".tar", ".tar.gz", ".tgz"])
@pytest.mark.parametrize("data", [b"", b"A text, and no markup. " * 40, b"BZh9", b"\xfd7zX"])
def test_file_that_is_not_what_its_name_says_is_one_defect(
    tmp_path: Path, suffix: str, data: bytes
) -> None:
    path = write(tmp_path / f"a{suffix}", data)
    following = write(tmp_path / "b.xml", xml_of("Next"))
    movies, defects = read(path, following)
    assert titles(movies) == ["Next"]
    assert kinds_and_sources(defects) == [(BROKEN, str(path))]
    assert (defects[0].offset, defects[0].line, defects[0].column) == (0, 1, 1)
    assert (defects[0].movie_index, defects[0].review_index) == (None, None)


def test_break_is_placed_where_the_data_stopped(tmp_path: Path) -> None:
    # Stored blocks, so that what comes out before the cut is known to the byte.
    packed = gzip.compress(LONG, compresslevel=0)
    _, defects = read(write(tmp_path / "a.gz", packed[:1000]))
    (defect,) = defects
    came_out = LONG[: defect.offset]
    assert 900 < defect.offset < 1000
    assert defect.line == came_out.count(b"\n") + 1
    assert defect.column == len(came_out) - came_out.rindex(b"\n")
    assert defect.movie_index == 0


def test_wrong_check_sum_is_a_defect_after_everything(tmp_path: Path) -> None:
    packed = bytearray(gzip.compress(LONG))
    packed[-8] ^= 1
    movies, defects = read(write(tmp_path / "a.gz", bytes(packed)))
    assert movies == [PLAIN]
    assert [(defect.kind, defect.offset) for defect in defects] == [(BROKEN, len(LONG))]


def test_strict_reading_raises_the_break_after_what_came_before(tmp_path: Path) -> None:
    packed = gzip.compress(LONG)
    reviews = rc.iter_reviews(write(tmp_path / "a.gz", packed[:-4]), errors="strict")
    found = outcomes(reviews)
    assert [pair[1] for pair in found[:-1]] == list(PLAIN.reviews)
    assert isinstance(found[-1], rc.CorpusSyntaxError)
    assert found[-1].defect.kind is BROKEN


@pytest.mark.slow
@pytest.mark.parametrize("inner", ["{}", "<movie><title>Bomb</title>{}</movie>"])
def test_bomb_stays_in_small_memory(tmp_path: Path, inner: str) -> None:
    # 64 MiB of spaces in 64 KiB; the same with ten times as many takes no more, only longer.
    head, tail = inner.encode().split(b"{}")
    packer = zlib.compressobj(wbits=31)
    packed = [packer.compress(head)]
    packed += [packer.compress(b" " * (1 << 20)) for _ in range(64)]
    packed += [packer.compress(tail), packer.flush()]
    path = write(tmp_path / "bomb.gz", b"".join(packed))
    assert path.stat().st_size < 100_000
    tracemalloc.start()
    try:
        movies = list(rc.iter_movies(path))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert titles(movies) == (["Bomb"] if head else [])
    assert peak < 8 << 20


METHODS = [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA]


@pytest.mark.parametrize("method", METHODS)
def test_bomb_in_a_zip_is_not_expanded_at_once(tmp_path: Path, method: int) -> None:
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", method) as archive, archive.open("a.xml", "w") as member:
        for _ in range(16):
            member.write(b" " * (1 << 20))
    sizes: list[int] = []

    def read_all() -> None:
        for stream in streams_of([str(path)]):
            sizes.extend(len(piece) for piece in iter(stream.read, b""))

    assert most_memory(read_all) < 10 << 20  # 8 MiB are the dictionary of LZMA
    assert sum(sizes) == 16 << 20
    assert max(sizes) <= CHUNK


def test_failure_of_the_machine_is_not_damage(tmp_path: Path) -> None:
    file: Any = FailingReader(LONG[:100], 50)
    stream = Stream("a.gz", file, container=COMPRESSED)
    assert stream.read() == LONG[:50]
    assert stream.read() == LONG[50:100]
    with pytest.raises(OSError, match="Input/output"):
        stream.read()
    with pytest.raises(FileNotFoundError):
        next(open_path(str(tmp_path / "gone.gz")))


def test_broken_stream_stays_broken(tmp_path: Path) -> None:
    path = write(tmp_path / "a.gz", gzip.compress(LONG)[:400])
    (stream,) = streams_of([str(write(tmp_path / "b.gz", b""))])
    with pytest.raises(BrokenStream, match="empty"):
        stream.read()
    streams = streams_of([str(path)])
    stream = next(streams)
    assert stream.read()
    for _ in range(2):
        with pytest.raises(BrokenStream, match="cut off"):
            stream.read()


# ---- zip --------------------------------------------------------------------------------

MEMBERS = {
    "b.xml": xml_of("Salt"),
    "folder/": b"",
    "folder/a.TXT": xml_of("Pepper"),
    "picture.png": b"no film",
    "../up.xml": xml_of("Oil"),
    "long.xml": LONG,
}
MEMBER_TITLES = ["Salt", "Pepper", "Oil", "The Lighthouse Tax"]


@pytest.mark.parametrize("method", METHODS)
def test_zip_gives_its_text_members_in_their_order(tmp_path: Path, method: int) -> None:
    path = write(tmp_path / "films.zip", zip_of(MEMBERS, method))
    movies, defects = read(path)
    assert titles(movies) == MEMBER_TITLES
    assert movies[-1] == PLAIN
    assert defects == []


def test_member_is_named_after_its_archive(tmp_path: Path) -> None:
    for name, pack in (("a.zip", zip_of), ("a.tar", tar_of)):
        path = write(tmp_path / name, pack({"x/y.xml": xml_of("Salt", 1, fault=" & ")}))
        assert [defect.source for defect in read(path)[1]] == [f"{path}/x/y.xml"]


def test_cut_zip_is_one_defect(tmp_path: Path) -> None:
    packed = zip_of(MEMBERS)
    for cut in [0, 1, 4, 30, 100, len(packed) // 2, len(packed) - 30, len(packed) - 1]:
        path = write(tmp_path / "a.zip", packed[:cut])
        assert kinds_and_sources(read(path)[1]) == [(BROKEN, str(path))]


def test_encrypted_zip_member_is_a_defect_and_the_others_are_read(tmp_path: Path) -> None:
    packed = bytearray(zip_of({"a.xml": xml_of("Salt"), "b.xml": xml_of("Pepper")}))
    packed[packed.index(b"PK\x01\x02") + 8] |= 1
    path = write(tmp_path / "a.zip", bytes(packed))
    movies, defects = read(path)
    assert titles(movies) == ["Pepper"]
    assert kinds_and_sources(defects) == [(BROKEN, f"{path}/a.xml")]
    assert "encrypted" in defects[0].message


def flip_member_data(packed: bytearray) -> None:
    start = packed.index(b"b.xml") + 200
    packed[start : start + 8] = bytes(8)


def flip_local_header(packed: bytearray) -> None:
    packed[packed.index(b"PK\x03\x04", 10)] = 0


def flip_method(packed: bytearray) -> None:
    packed[packed.index(b"PK\x01\x02", packed.index(b"PK\x01\x02") + 4) + 10] = 77


def flip_offset(packed: bytearray) -> None:
    # An offset after all data: the archive is read from there on, which is nothing.
    at = packed.index(b"PK\x01\x02", packed.index(b"PK\x01\x02") + 4) + 42
    packed[at : at + 4] = (1 << 24).to_bytes(4, "little")


@pytest.mark.parametrize("damage", [flip_member_data, flip_local_header, flip_method, flip_offset])
def test_damaged_zip_member_is_a_defect_and_the_others_are_read(
    tmp_path: Path, damage: Callable[[bytearray], None]
) -> None:
    packed = bytearray(zip_of({"a.xml": xml_of("Salt"), "b.xml": LONG, "c.xml": xml_of("Oil")}))
    damage(packed)
    path = write(tmp_path / "a.zip", bytes(packed))
    movies, defects = read(path)
    assert [title for title in titles(movies) if title != PLAIN.title] == ["Salt", "Oil"]
    assert [pair for pair in kinds_and_sources(defects) if pair[0] is BROKEN] == [
        (BROKEN, f"{path}/b.xml")
    ]


def test_zip_member_with_a_wrong_check_sum_is_given_before_the_defect(tmp_path: Path) -> None:
    packed = bytearray(zip_of({"a.xml": LONG}, zipfile.ZIP_STORED))
    packed[packed.index(b"Frame 0")] = ord("f")
    movies, defects = read(write(tmp_path / "a.zip", bytes(packed)))
    assert movies[0].reviews[1:] == PLAIN.reviews[1:]
    assert movies[0].reviews[0].full_review == "frame 0 held me."
    assert [(defect.kind, defect.offset) for defect in defects] == [(BROKEN, len(LONG))]


def member_of(packed: bytes) -> zipfile.ZipInfo:
    """Return what the list of an archive says of its first member."""
    return zipfile.ZipFile(io.BytesIO(packed)).infolist()[0]


def with_listed(packed: bytes, offset: int, value: int, size: int = 4) -> bytes:
    """Return an archive whose list says something else of its first member."""
    changed, at = bytearray(packed), packed.index(b"PK\x01\x02") + offset
    changed[at : at + size] = value.to_bytes(size, "little")
    return bytes(changed)


def zip_of_raw(raw: bytes, method: int, flags: int = 0, data: bytes = LONG) -> bytes:
    """Return an archive of one member, whose compressed bytes are given."""
    packed = with_listed(zip_of({"a.xml": raw}, zipfile.ZIP_STORED), 10, method, 2)
    packed = with_listed(packed, 16, zlib.crc32(data))
    return with_listed(with_listed(packed, 24, len(data)), 8, flags, 2)


def raw_of(method: int) -> bytes:
    """Return what a text is compressed to in an archive."""
    packed = zip_of({"a.xml": LONG}, method)
    start = 30 + len("a.xml")
    return packed[start : start + member_of(packed).compress_size]


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(
    ("change", "most"),
    [
        (lambda raw: raw[: len(raw) // 2], len(LONG) - 1),
        (lambda raw: raw[:-1], len(LONG)),
        (lambda raw: raw[:3], 3),
        (lambda _: b"", 0),
        (lambda raw: raw + b"?", len(LONG) + 1),
    ],
)
def test_member_that_ends_early_or_late_is_given_before_the_defect(
    tmp_path: Path, method: int, change: Callable[[bytes], bytes], most: int
) -> None:
    flags = 2 if method == zipfile.ZIP_LZMA else 0
    path = write(tmp_path / "a.zip", zip_of_raw(change(raw_of(method)), method, flags))
    movies, defects = read(path)
    ((_, offset),) = [(each.kind, each.offset) for each in defects if each.kind is BROKEN]
    assert offset <= most
    if most > len(LONG) // 2 and offset == len(LONG):
        assert movies == [PLAIN]


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("offset", [16, 24])  # the check sum, the length
def test_member_of_another_check_sum_or_length_is_given_before_the_defect(
    tmp_path: Path, method: int, offset: int
) -> None:
    packed = zip_of({"a.xml": LONG}, method)
    movies, defects = read(write(tmp_path / "a.zip", with_listed(packed, offset, 5)))
    assert movies == [PLAIN]
    assert [(defect.kind, defect.offset) for defect in defects] == [(BROKEN, len(LONG))]


def test_lzma_member_ends_by_its_end_mark_or_by_its_length(tmp_path: Path) -> None:
    raw = raw_of(zipfile.ZIP_LZMA)
    for flags in (0, 2):
        path = write(tmp_path / "a.zip", zip_of_raw(raw, zipfile.ZIP_LZMA, flags))
        assert read(path) == ([PLAIN], [])


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda raw: raw[:5] + b"\xf0\xff\xff\xff" + raw[9:], "Memory usage limit exceeded"),
        (lambda raw: raw[:2] + b"\6" + raw[3:], "LZMA properties take 6 bytes"),
        (lambda raw: raw[:4] + b"\xff" + raw[5:], "not supported"),
    ],
)
def test_lzma_member_whose_header_asks_for_too_much_is_a_defect(
    tmp_path: Path, change: Callable[[bytes], bytes], says: str
) -> None:
    raw = change(raw_of(zipfile.ZIP_LZMA))
    path = write(tmp_path / "a.zip", zip_of_raw(raw, zipfile.ZIP_LZMA, 2))
    movies, (defect,) = read(path)
    assert (movies, defect.kind, defect.offset) == ([], BROKEN, 0)
    assert says in defect.message


@pytest.mark.parametrize("method", [1, 9, 93, 95, 98])
def test_zip_member_of_another_method_is_a_defect_that_names_it(
    tmp_path: Path, method: int
) -> None:
    movies, (defect,) = read(write(tmp_path / "a.zip", zip_of_raw(LONG, method)))
    assert (movies, defect.kind) == ([], BROKEN)
    assert f"method {method}" in defect.message


@pytest.mark.parametrize("method", METHODS)
def test_zip_written_to_a_pipe_has_its_sizes_in_the_list(tmp_path: Path, method: int) -> None:
    class Pipe(io.BytesIO):
        def seekable(self) -> bool:
            return False

        def tell(self) -> int:
            raise OSError(29, "Illegal seek")

    file = Pipe()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name in ("a.xml", "b.xml"):
            with archive.open(name, "w", force_zip64=name == "b.xml") as member:
                member.write(LONG)
    assert member_of(file.getvalue()).flag_bits & 8
    assert read(write(tmp_path / "a.zip", file.getvalue())) == ([PLAIN, PLAIN], [])


def test_zip_member_without_a_name_or_of_undecodable_name_raises_nothing(tmp_path: Path) -> None:
    packed = bytearray(zip_of({"a.xml": LONG, "\u00e9.xml": LONG}))
    undecodable = bytes(packed).replace("\u00e9.xml".encode(), b"\xff\xff.xml")
    path = write(tmp_path / "a.zip", undecodable)
    assert kinds_and_sources(read(path)[1]) == [(BROKEN, str(path))]
    at = packed.index(b"PK\x01\x02")
    packed[at + 46] = 0  # a name ends at its first NUL, which makes it empty
    assert titles(read(write(path, bytes(packed)))[0]) == [PLAIN.title]


def test_zip_on_a_failing_device_is_an_os_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path / "a.zip", zip_of({"a.xml": LONG}))

    def fail(*_: object) -> Any:
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as patch:
        patch.setattr(zipfile.ZipFile, "open", fail)
        assert titles(outcomes(rc.iter_movies(path))) == [OSError]
    monkeypatch.setattr(zipfile.ZipFile, "__init__", fail)
    monkeypatch.setattr(zipfile.ZipFile, "__del__", lambda _: None)
    assert titles(outcomes(rc.iter_movies(path))) == [OSError]


# ---- tar --------------------------------------------------------------------------------


def pack_tar(suffix: str, data: bytes) -> bytes:
    packer = COMPRESSORS.get(TAR_SUFFIXES[suffix])
    return packer(data) if packer else data


@pytest.mark.parametrize("suffix", TAR_SUFFIXES)
def test_tar_gives_its_text_files_in_their_order(tmp_path: Path, suffix: str) -> None:
    members = {name: data for name, data in MEMBERS.items() if not name.endswith("/")}
    path = write(tmp_path / f"films{suffix.upper()}", pack_tar(suffix, tar_of(members)))
    movies, defects = read(path)
    assert titles(movies) == MEMBER_TITLES
    assert movies[-1] == PLAIN
    assert defects == []


def test_tar_links_folders_and_devices_are_not_read(tmp_path: Path) -> None:
    kinds = [tarfile.DIRTYPE, tarfile.LNKTYPE, tarfile.SYMTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE]
    headers = b"".join(
        tar_member("x.xml", kind=kind).tobuf() for kind in [*kinds, tarfile.FIFOTYPE]
    )
    path = write(tmp_path / "a.tar", headers + tar_of({"y.xml": xml_of("Salt")}))
    movies, defects = read(path)
    assert titles(movies) == ["Salt"]
    assert defects == []


@pytest.mark.parametrize(
    "tar_format", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT]
)
def test_tar_of_each_format_is_read_with_its_long_names(tmp_path: Path, tar_format: int) -> None:
    name = f"{'deep/' * 20}\u00e9.xml"
    path = tmp_path / "a.tar"
    with tarfile.open(path, "w", format=tar_format) as archive:
        archive.addfile(tar_member(name, len(LONG)), io.BytesIO(LONG))
    (stream,) = open_path(str(path))
    assert stream.name == f"{path}/{name}"
    assert rc.load(path) == PLAIN


@pytest.mark.parametrize("suffix", [".tar", ".tar.gz", ".tar.bz2", ".tar.xz"])
def test_cut_tar_gives_what_came_before_and_one_defect(tmp_path: Path, suffix: str) -> None:
    # Whatever is cut, the compression's end or the two zero blocks, the archive is not whole.
    packed = pack_tar(suffix, tar_of({"long.xml": LONG, "no.bin": bytes(700), "b.xml": LONG}))
    end = len(packed) - (len(TAR_END) if suffix == ".tar" else 1)
    path = tmp_path / f"a{suffix}"
    counts = []
    for cut in sorted({0, 1, 200, 511, 512, 513, end, *range(1, end, max(1, end // 60))}):
        if cut > end:
            continue
        movies, defects = read(write(path, packed[:cut]))
        assert [defect.kind for defect in besides_cut_values(defects)] == [BROKEN], cut
        for movie in movies[:1]:
            assert_begins(list(movie.reviews))
        counts.append(sum(len(movie.reviews) for movie in movies))
    assert counts == sorted(counts)
    assert counts[-1] == 400


@pytest.mark.parametrize("suffix", [".tar.gz", ".tar.bz2", ".tar.xz"])
def test_damaged_compressed_tar_raises_nothing(tmp_path: Path, suffix: str) -> None:
    packed = pack_tar(suffix, tar_of({"a.xml": LONG, "b.xml": xml_of("Salt")}))
    for at in range(12, len(packed), 61):
        damaged = bytearray(packed)
        damaged[at] ^= 0x55
        _, defects = read(write(tmp_path / f"a{suffix}", bytes(damaged)))
        assert [defect.kind for defect in defects].count(BROKEN) == 1


def test_cut_tar_member_gives_its_beginning(tmp_path: Path) -> None:
    whole = xml_of("Salt")
    packed = tar_bytes("a.xml", whole) + tar_bytes("b.xml", LONG)
    path = write(tmp_path / "a.tar", packed[:-5000])
    movies, defects = read(path)
    assert titles(movies) == ["Salt", PLAIN.title]
    assert len(movies[1].reviews) > 150
    assert kinds_and_sources(defects) == [(BROKEN, f"{path}/b.xml")]
    assert LONG[: defects[0].offset] == LONG[: len(LONG) - 5000 + (-len(LONG) % 512)]


@pytest.mark.parametrize("damage", ["cut in a member", "cut in a header", "bad check sum"])
def test_only_of_compressed_data_it_is_said_that_it_is_damaged(tmp_path: Path, damage: str) -> None:
    packed = tar_of({"a.xml": LONG, "b.xml": LONG})
    broken = {
        "cut in a member": packed[:5000],
        "cut in a header": packed[: packed.index(b"b.xml") + 100],
        "bad check sum": tar_bytes("a.xml", LONG) + bad_check_sum(),
    }[damage]
    for suffix, what in ((".tar", "the archive"), (".tar.gz", "the compressed data")):
        path = write(tmp_path / f"a{suffix}", pack_tar(suffix, broken))
        (defect,) = [defect for defect in read(path)[1] if defect.kind is BROKEN]
        assert defect.message.startswith(f"{what} is damaged or cut off: ")


def bad_check_sum() -> bytes:
    header = bytearray(tar_bytes("b.xml", LONG))
    header[0] ^= 1
    return bytes(header)


def huge_header_claim() -> bytes:
    header = tar_member("pax", 1 << 40, tarfile.XHDTYPE).tobuf(tarfile.GNU_FORMAT)
    return header + LONG + bytes(-len(LONG) % 512)


def huge_member_claim() -> bytes:
    return tar_member("skipped.bin", 1 << 60).tobuf(tarfile.GNU_FORMAT) + bytes(512)


def pax(*records: str, kind: bytes = tarfile.XHDTYPE) -> bytes:
    return tar_bytes("pax", b"".join(map(pax_record, records)), kind)


SPARSE_SIZE = ("GNU.sparse.size=99", "GNU.sparse.numblocks=1")
SPARSE_MAJOR = ("GNU.sparse.major=1", "GNU.sparse.minor=0")

TAR_FAULTS = {
    "bad check sum": bad_check_sum(),
    "huge pax header": huge_header_claim(),
    "huge member that is skipped": huge_member_claim(),
    "negative size": tar_member("skipped.bin", -4096).tobuf(tarfile.GNU_FORMAT),
    "negative pax size": pax("size=-4096") + tar_bytes("b.bin", b"x"),
    "pax record of no length": tar_bytes("pax", b"0 path=b.xml\n", tarfile.XHDTYPE)
    + tar_bytes("b.xml", b""),
    "pax header with no member": pax("path=b.xml"),
    "chain of pax headers": pax("path=b.xml") * 2000,
    "map of holes that is cut off": sparse("b.bin", b"", blocks=3)[:1024],
    "map of holes that never ends": sparse("b.bin", b"", blocks=4000)[:-512],
    "sparse member of negative size": tar_member("b.bin", -4096, kind=tarfile.GNUTYPE_SPARSE).tobuf(
        tarfile.GNU_FORMAT
    ),
    "sparse members said of all": pax(*SPARSE_MAJOR, kind=tarfile.XGLTYPE)
    + tar_bytes("b.xml", b"1\n0\n1\n"),
    "no end mark": b"",
}


@contextmanager
def counted_calls() -> Iterator[Counter[str]]:
    """Count the calls of functions, as work that does not depend on the machine."""
    calls: Counter[str] = Counter()
    before = sys.getprofile()
    sys.setprofile(lambda _frame, event, _argument: calls.update([event]))
    try:
        yield calls
    finally:
        sys.setprofile(before)


@pytest.mark.parametrize("fault", TAR_FAULTS)
def test_faulty_tar_gives_what_came_before_and_one_defect_at_once(
    tmp_path: Path, fault: str
) -> None:
    good = tar_bytes("a.xml", xml_of("Salt"))
    for suffix in (".tar", ".tar.gz"):
        end = TAR_END if fault == "pax header with no member" else b""
        path = write(tmp_path / f"a{suffix}", pack_tar(suffix, good + TAR_FAULTS[fault] + end))
        with counted_calls() as calls:
            movies, defects = read(path)
        assert titles(movies) == ["Salt"]
        assert kinds_and_sources(defects) == [(BROKEN, str(path))]
        assert calls.total() < 1_000_000  # a claimed size of gigabytes costs no work


SPARSE_MEMBERS: dict[str, Callable[[str], bytes]] = {
    "old": lambda name: sparse(name, LONG),
    "old with more of its map": lambda name: sparse(name, LONG, blocks=3),
    "old with a long name": lambda name: (
        tar_bytes("x", name.encode(), tarfile.GNUTYPE_LONGNAME) + sparse("x", LONG)
    ),
    "pax 0.0": lambda name: (
        pax(*SPARSE_SIZE, "GNU.sparse.offset=9", "GNU.sparse.numbytes=9", f"path={name}")
        + tar_bytes("x", b"123456789")
    ),
    "pax 0.1": lambda name: (
        pax(*SPARSE_SIZE, f"GNU.sparse.name={name}", "GNU.sparse.map=9,9", "path=GNUSparse/x")
        + tar_bytes("x.xml", b"123456789")
    ),
    "pax 1.0": lambda name: (
        pax(*SPARSE_MAJOR, "path=GNUSparse/x.xml", f"GNU.sparse.name={name}", "size=521")
        + tar_bytes("x", b"1\n9\n9\n".ljust(512, b"\0") + b"123456789")
    ),
}


@pytest.mark.parametrize("suffix", [".tar", ".tar.gz"])
@pytest.mark.parametrize("kind", SPARSE_MEMBERS)
def test_sparse_tar_member_is_a_defect_where_it_would_be_read_and_hides_nothing(
    tmp_path: Path, kind: str, suffix: str
) -> None:
    make = SPARSE_MEMBERS[kind]
    parts = [tar_bytes("a.xml", xml_of("Salt")), make("b.bin"), make("c.xml"), make("d.bin")]
    packed = b"".join([*parts, tar_bytes("e.xml", xml_of("Oil")), TAR_END])
    path = write(tmp_path / f"a{suffix}", pack_tar(suffix, packed))
    movies, defects = read(path)
    assert titles(movies) == ["Salt", "Oil"]
    assert kinds_and_sources(defects) == [(BROKEN, f"{path}/c.xml")]
    assert "sparse members are not read" in defects[0].message
    found = outcomes(rc.iter_movies(path, errors="strict"))
    assert titles(found) == ["Salt", rc.CorpusSyntaxError, "Oil"]


def test_tar_of_sparse_members_that_are_not_read_has_no_movie(tmp_path: Path) -> None:
    path = write(tmp_path / "a.tar", sparse("a.bin", LONG, blocks=2) + TAR_END)
    assert kinds_and_sources(read(path)[1]) == [(rc.DefectKind.NO_MOVIE, str(path))]


def test_huge_tar_member_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    header = tar_member("a.xml", 1 << 60).tobuf(tarfile.GNU_FORMAT)
    path = write(tmp_path / "a.tar", header + LONG)
    movies, defects = read(path)
    assert movies == [PLAIN]
    assert kinds_and_sources(defects) == [(BROKEN, f"{path}/a.xml")]


def test_tar_member_that_is_not_read_to_its_end_does_not_hide_the_next(tmp_path: Path) -> None:
    broken = xml_of("Salt")[:40] + b"<year>1999</title>" + LONG
    path = write(tmp_path / "a.tar", tar_of({"a.xml": broken, "b.xml": xml_of("Next")}))
    found = outcomes(rc.iter_movies(path, errors="strict"))
    assert titles(found) == [rc.CorpusSyntaxError, "Next"]


def test_tar_on_a_failing_device_is_an_os_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path / "a.tar.gz", gzip.compress(tar_of({"a.xml": LONG})))

    def fail(*_: object) -> Any:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(gzip.GzipFile, "read1", fail)
    found = outcomes(rc.iter_movies(path, io.BytesIO(xml_of("Next"))))
    assert titles(found) == [OSError, "Next"]


def test_files_are_closed_when_reading_stops_half_way(tmp_path: Path) -> None:
    # Warnings are errors in these tests, so a file left open would fail them too.
    for name, data in {
        "a.xml": LONG,
        "a.gz": gzip.compress(LONG),
        "a.zip": zip_of({"a.xml": LONG, "b.xml": LONG}),
        "a.tar.xz": COMPRESSORS[".xz"](tar_of({"a.xml": LONG, "b.xml": LONG})),
    }.items():
        streams = streams_of([str(write(tmp_path / name, data))])
        stream = next(streams)
        assert stream.disk is not None
        assert stream.read()
        streams.close()
        assert stream.disk.closed
        assert list(streams) == []


@pytest.mark.slow
@pytest.mark.parametrize("module", [gzip, bz2, lzma])
def test_damage_in_a_compressed_file_that_the_user_has_opened_is_a_defect(module: Any) -> None:
    packed = module.compress(b"<movie><title>Paper Boats</title>" + b"<a1/>" * 40_000)
    for cut in (len(packed) // 2, len(packed) - 5):
        with module.open(io.BytesIO(packed[:cut])) as file:
            defects = list(rc.Corpus(file).defects())
        assert [d.kind for d in defects if d.severity == "error"][-1] == "broken-compression"


@pytest.mark.parametrize("read_all", [rc.iter_movies, rc.iter_reviews])
def test_a_file_whose_read_raises_stop_iteration_does_not_end_in_silence(read_all: Any) -> None:
    class Exhausted:
        def __init__(self) -> None:
            self._pieces = iter([LONG])

        def read(self, _: int) -> bytes:
            return next(self._pieces)

    found = outcomes(read_all(Exhausted(), io.BytesIO(xml_of("Salt", 1))))
    (error,) = [each for each in found if isinstance(each, Exception)]
    assert isinstance(error, RuntimeError)
    assert str(error) == "<stream>: read() raised StopIteration"
    assert len(found) > 1
    assert "Salt" in repr(found[-1])


def test_an_error_of_an_open_file_that_is_not_damage_passes() -> None:
    class Failing(io.BytesIO):
        def read1(self, size: int | None = -1, /) -> bytes:
            raise ValueError(f"no {size}")

    with pytest.raises(ValueError, match="no "):
        list(rc.iter_movies(Failing()))


def test_a_file_without_data_yet_has_not_ended() -> None:
    class Waiting(io.RawIOBase):
        def read(self, _: int = -1, /) -> bytes | None:
            return None

    with pytest.raises(BlockingIOError, match="has no data yet"):
        list(rc.iter_movies(Waiting()))


def test_a_file_that_returns_neither_bytes_nor_text_is_named() -> None:
    class Odd:
        name = "odd.xml"

        def read(self, _: int) -> int:
            return 5

    with pytest.raises(TypeError, match=r"odd\.xml: read\(\) returned 5, neither bytes nor str"):
        list(rc.iter_movies(Odd()))  # type: ignore[arg-type]


def test_an_error_of_the_machine_is_not_damage() -> None:
    class Failing(io.BytesIO):
        def read1(self, size: int | None = -1, /) -> bytes:
            raise OSError(f"disk on fire at {size}")

    with pytest.raises(OSError, match="disk on fire"):
        list(rc.iter_movies(Failing()))


@pytest.mark.parametrize("name", ["a.zip", "a.tar", "a.tar.gz"])
def test_an_archive_without_anything_to_read_is_reported(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    if name == "a.zip":
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("notes.md", "no corpus")
    else:
        with tarfile.open(path, "w:gz" if name.endswith("gz") else "w"):
            pass
    (defect,) = rc.Corpus(path).defects()
    assert (defect.kind, defect.source) == ("no-movie", str(path))


@pytest.mark.parametrize("padding", [b"", b"\0" * 5])
@pytest.mark.parametrize("size", [0, 1])
def test_tar_member_whose_size_and_name_are_in_a_pax_header(
    tmp_path: Path, padding: bytes, size: int
) -> None:
    """As of members too large, or with names too long, for the header itself."""
    data = xml_of("Reel")
    records = pax_record("path=long.xml") + pax_record(f"size={len(data)}") + padding
    # Some writers put no size into the header, since what is right does not fit.
    member = tar_member("short", size).tobuf(tarfile.GNU_FORMAT)
    member += tar_bytes("", data)[tarfile.BLOCKSIZE :]
    last = tar_of({"last.xml": xml_of("Last")})
    path = write(tmp_path / "a.tar", tar_bytes("pax", records, tarfile.XHDTYPE) + member + last)
    assert titles(rc.iter_movies(path)) == ["Reel", "Last"]


def test_links_have_no_data_whatever_size_they_claim(tmp_path: Path) -> None:
    kinds = [tarfile.LNKTYPE, tarfile.SYMTYPE, tarfile.DIRTYPE, tarfile.FIFOTYPE]
    headers = b"".join(tar_member("x.xml", 5000, kind).tobuf() for kind in kinds)
    path = write(tmp_path / "a.tar", headers + tar_of({"y.xml": xml_of("Salt")}))
    assert titles(read(path)[0]) == ["Salt"]
    assert read(path)[1] == []


def test_the_first_of_several_names_counts(tmp_path: Path) -> None:
    long_name = tar_bytes("x", b"first.xml\0", tarfile.GNUTYPE_LONGNAME)
    for first, last in [(long_name, pax("path=last.bin")), (pax("path=first.xml"), long_name)]:
        path = write(
            tmp_path / "a.tar", first + last + tar_of({"x": xml_of("Salt", 1, fault=" & ")})
        )
        assert [defect.source for defect in read(path)[1]] == [f"{path}/first.xml"]
