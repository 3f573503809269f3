"""What patterns exclude: in folders and in archives, and never what is named."""

from __future__ import annotations

import gzip
import time
from typing import TYPE_CHECKING

import pytest

from helpers_sources import tar_of, zip_of
from reviewcorpus.sources import Finder, streams_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

FILES = ["a.xml", "draft.xml", "old/a.xml", "old/1999/b.txt", "new/old.xml", "new/drafts/c.xml"]
PATTERNS = [
    ("draft.xml", ["draft.xml"]),
    ("draft*", ["draft.xml", "new/drafts/c.xml"]),
    ("*.txt", ["old/1999/b.txt"]),
    ("old", ["old/a.xml", "old/1999/b.txt"]),
    ("old/", ["old/a.xml", "old/1999/b.txt"]),
    ("./old", ["old/a.xml", "old/1999/b.txt"]),
    ("/a.xml", ["a.xml"]),
    ("**/a.xml", ["a.xml", "old/a.xml"]),
    ("**/1999/b.txt", ["old/1999/b.txt"]),
    ("**/1999/**", ["old/1999/b.txt"]),
    ("**/old/a.xml", ["old/a.xml"]),
    ("**/", []),
    ("a.xml", ["a.xml", "old/a.xml"]),
    ("old/*.txt", ["old/1999/b.txt"]),
    ("old/1999", ["old/1999/b.txt"]),
    ("1999/b.txt", []),  # a path is that below the source
    ("?.xml", ["a.xml", "old/a.xml", "new/drafts/c.xml"]),
    ("[!a].xml", ["new/drafts/c.xml"]),
    ("o*d", ["old/a.xml", "old/1999/b.txt"]),  # and not from the name of a folder to the next
    ("n*c.xml", []),
    ("A.XML", []),
    ("", []),
    ("/", []),
    ("*", FILES),
    ("a.xml\n", []),
    ("[", []),
]


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    for name in FILES:
        path = tmp_path / "draft" / name  # the name of the source itself does not matter
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("<movie/>")
    return tmp_path / "draft"


def names_in(source: Path, *exclude: str) -> tuple[list[str], list[str]]:
    """Return the names below a source that are read, and those that are skipped."""
    streams = streams_of([source], exclude)
    read = [stream.name for stream in streams if not stream.is_of_nothing]
    below = len(str(source)) + 1
    return [name[below:] for name in read], [name[below:] for name in streams.finder.skipped]


@pytest.mark.parametrize(("pattern", "excluded"), PATTERNS)
def test_a_pattern_excludes_names_or_paths_in_a_folder(
    corpus: Path, pattern: str, excluded: list[str]
) -> None:
    read, skipped = names_in(corpus, pattern)
    assert sorted(skipped) == sorted(excluded)
    assert sorted(read) == sorted(set(FILES) - set(excluded))


@pytest.mark.parametrize("pack", [zip_of, tar_of])
@pytest.mark.parametrize(("pattern", "excluded"), PATTERNS)
def test_a_pattern_excludes_the_same_members_of_an_archive(
    tmp_path: Path,
    pack: Callable[[dict[str, bytes]], bytes],
    pattern: str,
    excluded: list[str],
) -> None:
    archive = tmp_path / "a.xml.pack"
    archive.write_bytes(pack(dict.fromkeys(FILES, b"<movie/>")))
    read, skipped = names_in(archive, pattern)
    assert sorted(skipped) == sorted(excluded)
    assert sorted(read) == sorted(set(FILES) - set(excluded))


@pytest.mark.parametrize(
    ("pattern", "excluded"), [("/a.xml", ["a.xml"]), ("old/1999", ["old/1999/b.txt"])]
)
def test_members_may_be_named_from_the_folder_that_was_packed(
    tmp_path: Path, pattern: str, excluded: list[str]
) -> None:
    archive = tmp_path / "a.tar"
    archive.write_bytes(tar_of({f"./{name}": b"<movie/>" for name in FILES}))
    read, skipped = names_in(archive, pattern)
    assert skipped == [f"./{name}" for name in excluded]
    assert len(read) == len(FILES) - len(excluded)


def test_an_excluded_file_is_not_read_in_its_compressed_form(corpus: Path) -> None:
    (corpus / "draft.xml.gz").write_bytes(gzip.compress(b"<movie/>"))
    read, _ = names_in(corpus, "draft.xml", "*.txt", "old", "new")
    assert read == ["a.xml"]


def test_several_patterns_exclude_what_any_of_them_does(corpus: Path) -> None:
    read, _ = names_in(corpus, "*.txt", "old/a.xml", "new")
    assert read == ["a.xml", "draft.xml"]


@pytest.mark.parametrize("pattern", ["*", "a.xml", "/a.xml", "*.gz"])
def test_what_is_named_is_read(corpus: Path, pattern: str) -> None:
    assert list(Finder([pattern]).find(str(corpus / "a.xml"))) == [str(corpus / "a.xml")]
    (corpus / "a.xml.gz").write_bytes(gzip.compress(b"<movie/>"))
    streams = streams_of([corpus / "a.xml.gz", corpus], [pattern])
    assert next(streams).read() == b"<movie/>"
    assert str(corpus / "a.xml.gz") not in streams.finder.skipped


def test_an_excluded_folder_that_cannot_be_read_is_no_error(corpus: Path) -> None:
    (corpus / "round.xml").symlink_to("round.xml")
    assert any(isinstance(found, OSError) for found in Finder().find(str(corpus)))
    assert not any(isinstance(found, OSError) for found in Finder(["round*"]).find(str(corpus)))


@pytest.mark.slow
@pytest.mark.parametrize("pattern", ["*a*b", "x/*a*b", "**/a", "a/*/b", "*"])
@pytest.mark.parametrize("name", ["a", "a/", "/", "b/a"])
def test_a_long_name_in_an_archive_takes_linear_time(pattern: str, name: str) -> None:
    def seconds(count: int) -> float:
        finder = Finder([pattern])
        start = time.process_time()
        for _ in range(8):
            finder.skips(name * count, 0)
        return time.process_time() - start

    assert (
        min(seconds(80_000) for _ in range(3)) < 30 * min(seconds(10_000) for _ in range(3)) + 0.1
    )
