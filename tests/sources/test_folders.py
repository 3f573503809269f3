"""What a folder means: which files are read, in which order, how often, and what is skipped."""

from __future__ import annotations

import io
import os
from typing import TYPE_CHECKING, Any

import pytest

import reviewcorpus as rc
from helpers_sources import COMPRESSORS, outcomes, read, tar_of, titles, write, xml_of, zip_of

if TYPE_CHECKING:
    from pathlib import Path

NO_MOVIE = rc.DefectKind.NO_MOVIE


def pack(name: str, title: str) -> bytes:
    """Return a file of a movie, compressed as the name of the file says."""
    packer = COMPRESSORS.get(f".{name.lower().rpartition('.')[2]}")
    data = xml_of(title, 1)
    return packer(data) if packer else data


def make(folder: Path, *names: str) -> Path:
    """Make files, each of a movie whose title is the name of the file."""
    for name in names:
        write(folder / name, pack(name, name))
    return folder


def skipped(*sources: Any) -> int:
    return rc.Corpus(*sources).summary().skipped


# ---- compressed files -------------------------------------------------------------------

# The names in a folder, and those of them that are read, in their order.
FORMS = {
    "compressed": (
        ["b.xml.gz", "a.txt.bz2", "c.review.xz"],
        ["a.txt.bz2", "b.xml.gz", "c.review.xz"],
    ),
    "capitals": (["A.XML.GZ", "B.Txt.Xz"], ["A.XML.GZ", "B.Txt.Xz"]),
    "a plain file beside it": (["a.xml.gz", "a.xml", "a.xml.XZ"], ["a.xml"]),
    "a plain file elsewhere": (["a.xml.gz", "b/a.xml"], ["a.xml.gz", "b/a.xml"]),
    "another plain file": (["a.xml.gz", "a.txt", "A.xml"], ["A.xml", "a.txt", "a.xml.gz"]),
    "two compressed ones": (["a.xml.gz", "a.xml.xz"], ["a.xml.gz", "a.xml.xz"]),
    "between": (["a.xml", "a.xml-1/b.xml", "a.xml.gz"], ["a.xml", "a.xml-1/b.xml"]),
    "no text": (["a.gz", "b.json.gz", "c.xml"], ["c.xml"]),
    "compressed twice": (["a.xml.gz.xz", "c.xml"], ["c.xml"]),
}


@pytest.mark.parametrize("form", FORMS)
def test_compressed_files_are_read_unless_the_plain_one_is_beside(
    tmp_path: Path, form: str
) -> None:
    names, expected = FORMS[form]
    movies, defects = read(make(tmp_path, *names))
    assert (titles(movies), defects) == (expected, [])
    assert skipped(tmp_path) == 0


def test_a_plain_file_that_is_not_read_hides_no_compressed_one(tmp_path: Path) -> None:
    folder = make(tmp_path / "in", "a.xml.gz", "b.xml.gz")
    (folder / "a.xml").symlink_to(write(tmp_path / "out.xml", xml_of("Outside")))
    (folder / "b.xml").mkdir()
    assert titles(read(folder)[0]) == ["a.xml.gz", "b.xml.gz"]


def test_compressed_file_that_is_named_is_read_though_the_plain_one_is_beside(
    tmp_path: Path,
) -> None:
    make(tmp_path, "a.xml", "a.xml.gz")
    assert titles(read(tmp_path, tmp_path / "a.xml.gz")[0]) == ["a.xml", "a.xml.gz"]


# ---- what is skipped --------------------------------------------------------------------

# Names below what the user named, whether they are read, and whether they count as skipped.
SKIPPED = {
    "a.xml": (True, 0),
    "a..xml": (True, 0),
    "_a.xml": (True, 0),
    "MACOSX/a.xml": (True, 0),
    "._a.xml": (False, 1),
    ".a.txt.gz": (False, 1),
    ".notes/a.xml": (False, 1),
    ".ipynb_checkpoints/a-checkpoint.review": (False, 1),
    "b/.c/a.xml": (False, 1),
    "b/..c/a.xml": (False, 1),
    "__MACOSX/a.xml": (False, 1),
    "b/__MACOSX/._a.xml": (False, 1),
    ".git/objects/a.xml": (False, 0),  # deep in what is hidden, which is not looked into
    "__MACOSX/b/._a.xml": (False, 0),
    ".a.zip": (False, 0),  # archives are not read here, hidden or not
    ".git/index": (False, 0),
    "a.md": (False, 0),
    "a.zip": (False, 1),
    "b/a.TAR": (False, 1),
    "a.tar.bz2": (False, 1),
    "a.Tgz": (False, 1),
    "a.gz": (False, 0),
}


@pytest.mark.parametrize("name", SKIPPED)
def test_hidden_files_and_archives_are_skipped_and_counted(tmp_path: Path, name: str) -> None:
    is_read, count = SKIPPED[name]
    make(tmp_path / ".corpus", name, "z.xml")  # what the user named may be hidden
    movies, defects = read(tmp_path / ".corpus")
    assert titles(movies) == [*[name] * is_read, "z.xml"]
    assert defects == []
    assert skipped(tmp_path / ".corpus") == count


@pytest.mark.parametrize("name", SKIPPED)
@pytest.mark.parametrize("pack_archive", [zip_of, tar_of])
def test_hidden_members_of_archives_are_skipped(
    tmp_path: Path, name: str, pack_archive: Any
) -> None:
    is_read, _ = SKIPPED[name]
    members = {member: xml_of(member, 1) for member in (name, "../.././up.xml", "./z.xml")}
    packed = write(tmp_path / ".corpus" / "a.bin", pack_archive(members))
    renamed = packed.rename(packed.with_suffix(".zip" if pack_archive is zip_of else ".tar"))
    expected = [*[name] * is_read, "../.././up.xml", "./z.xml"]
    assert titles(read(renamed)[0]) == expected


def test_hidden_file_that_is_named_is_read(tmp_path: Path) -> None:
    make(tmp_path, ".a.xml", "b.xml")
    assert titles(read(tmp_path, tmp_path / ".a.xml")[0]) == ["b.xml", ".a.xml"]
    assert skipped(tmp_path, tmp_path / ".a.xml") == 0


def test_folder_that_is_hidden_and_unreadable_is_no_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make(tmp_path, "a.xml", ".trash/b.xml", ".trash/c/d.xml")
    asked: list[str] = []
    real = os.scandir

    def scandir(path: str) -> Any:
        asked.append(os.path.basename(path))
        if ".trash" in path:
            raise PermissionError(13, "Permission denied", path)
        return real(path)

    with monkeypatch.context() as patch:
        patch.setattr(os, "scandir", scandir)
        assert titles(outcomes(rc.iter_movies(tmp_path))) == ["a.xml"]
    assert asked == [tmp_path.name, ".trash"]


# ---- read once --------------------------------------------------------------------------


def test_file_that_was_read_already_is_not_found_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make(tmp_path, "in/a.xml", "in/b/c.xml", "in/b/d.xml.gz")
    monkeypatch.chdir(tmp_path)
    everything = ["in/a.xml", "in/b/c.xml", "in/b/d.xml.gz"]
    (tmp_path / "link").symlink_to("in", target_is_directory=True)
    for again in ("in", "./in/", "in/b", "link", "link/b", os.path.abspath("in"), "in/../in"):
        movies, defects = read("in", again)
        assert (titles(movies), defects) == (everything, [])
    assert titles(read("in/b/c.xml", "in")[0]) == [everything[1], everything[0], everything[2]]
    assert titles(read("link/b", "in")[0]) == [*everything[1:], everything[0]]


def test_file_that_is_named_is_always_read(tmp_path: Path) -> None:
    make(tmp_path, "a.xml")
    path = tmp_path / "a.xml"
    assert titles(read(path, path)[0]) == ["a.xml"] * 2
    assert titles(read(tmp_path, path)[0]) == ["a.xml"] * 2
    assert titles(read(path, tmp_path, path)[0]) == ["a.xml"] * 2


def test_links_to_one_file_are_read_once(tmp_path: Path) -> None:
    make(tmp_path, "b.xml", "d.bin", "e.xml.gz")
    (tmp_path / "a.xml").symlink_to("b.xml")
    (tmp_path / "c.xml").symlink_to("d.bin")
    (tmp_path / "e.xml").symlink_to("c.xml")
    movies, defects = read(tmp_path)
    assert (titles(movies), defects) == (["b.xml", "d.bin"], [])


def test_each_pass_reads_everything(tmp_path: Path) -> None:
    corpus = rc.Corpus(make(tmp_path, "a.xml", "b.xml"), tmp_path / "b.xml")
    for _ in range(2):
        assert titles(corpus) == ["a.xml", "b.xml", "b.xml"]
        assert corpus.summary().movies == 3


def test_open_file_does_not_count_as_read(tmp_path: Path) -> None:
    make(tmp_path, "a.xml")
    with (tmp_path / "a.xml").open("rb") as file:
        assert titles(read(file, tmp_path)[0]) == ["a.xml"] * 2


# ---- nothing to read --------------------------------------------------------------------


def nothing_in(tmp_path: Path, kind: str) -> Path:
    """Return a folder or an archive without a file that is read."""
    path = tmp_path / kind.replace(" ", "-")
    names = {"hidden files": [".a.xml", ".b/c.xml", "__MACOSX/d.xml"], "others": ["a.md", "b.zip"]}
    if kind.endswith("zip"):
        return write(path.with_suffix(".zip"), zip_of({"._a.xml": xml_of("Salt"), "b.md": b""}))
    if kind.endswith("tar"):
        return write(path.with_suffix(".tar"), tar_of({"__MACOSX/a.xml": xml_of("Salt")}))
    path.mkdir()
    return make(path, *names.get(kind, []))


NOTHINGS = ["an empty folder", "hidden files", "others", "a zip", "a tar"]


@pytest.mark.parametrize("kind", NOTHINGS)
def test_source_without_a_file_to_read_is_a_defect_everywhere(tmp_path: Path, kind: str) -> None:
    source = nothing_in(tmp_path, kind)
    other = write(tmp_path / "z.xml", xml_of("Pepper", 1))
    movies, defects = read(source, other)
    assert titles(movies) == ["Pepper"]
    (defect,) = defects
    assert (defect.kind, defect.source, defect.offset) == (NO_MOVIE, str(source), 0)
    assert defect.message == "no <movie> element found: there is nothing to read"
    heard: list[rc.Defect] = []
    reviews = rc.iter_reviews(source, other, on_defect=heard.append)
    assert [movie.title for movie, _ in reviews] == ["Pepper"]
    corpus = rc.Corpus(source, other)
    assert list(corpus.defects()) == heard == defects
    summary = corpus.summary()
    assert (summary.files, summary.movies, summary.defects) == (1, 1, {NO_MOVIE: 1})
    with pytest.raises(rc.CorpusError, match=r"no movie found; see .*there is nothing to read"):
        rc.load(source)
    found = outcomes(rc.iter_movies(source, other, errors="strict"))
    assert titles(found) == [rc.CorpusSyntaxError, "Pepper"]


def test_tables_of_a_folder_without_files(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow", reason="needs pyarrow, of the extra `arrow`")
    from reviewcorpus import arrow

    assert arrow.reviews(tmp_path).read_all().num_rows == 0
    (row,) = arrow.defects(tmp_path).read_all().to_pylist()
    assert (row["kind"], row["source"]) == ("no-movie", str(tmp_path))


def test_folder_whose_files_were_all_read_already_is_no_defect(tmp_path: Path) -> None:
    make(tmp_path, "in/a.xml")
    assert read(tmp_path / "in", tmp_path)[1] == []


def test_folder_with_an_error_is_not_called_empty(tmp_path: Path) -> None:
    (tmp_path / "a.xml").symlink_to("a.xml")
    heard: list[rc.Defect] = []
    assert titles(outcomes(rc.iter_movies(tmp_path, on_defect=heard.append))) == [OSError]
    assert heard == []


@pytest.mark.parametrize("reader", [rc.iter_movies, rc.iter_reviews, rc.Corpus])
def test_no_source_at_all_is_a_type_error(reader: Any) -> None:
    with pytest.raises(TypeError, match="no source: pass at least one"):
        reader()
    with pytest.raises(TypeError, match="no source: pass at least one"):
        reader(*[], errors="strict")


def test_path_that_cannot_be_one_is_an_error_when_it_is_reached() -> None:
    found = outcomes(rc.iter_movies("a\0.xml", io.BytesIO(xml_of("Next"))))
    assert titles(found) == [ValueError, "Next"]
