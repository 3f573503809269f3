"""`reviewcorpus clean` run on its own output: nothing changes, and the report is empty."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

import cleaning_inputs
import reviewcorpus as rc
from format_samples import FOLDERS, SAMPLES
from reviewcorpus import strategies as rcst
from reviewcorpus.cli import cli

if TYPE_CHECKING:
    from click.testing import Result

LINKS = [None, "http://www.imdb.com/title/tt0000042/", "http://www.imdb.com/title/tt0000042/x"]
FILES = sorted(path for path in SAMPLES.rglob("*") if path.is_file() and path.suffix != ".md")


def clean(source: Path, target: Path, *options: str) -> Result:
    arguments = ["clean", str(source), "-o", str(target), "--report", f"{target}.jsonl", *options]
    return CliRunner().invoke(cli, arguments, prog_name="reviewcorpus")


def changes_nothing_twice(source: Path, folder: Path, *options: str) -> bool:
    """Return whether the source has a movie; check that its clean form is a fixed point."""
    once, twice = folder / "once.xml", folder / "twice.xml"
    result = clean(source, once, *options)
    if "no movie found" in result.stderr:
        return False
    assert result.exit_code == 0, result.output
    again = clean(once, twice, *options[:1])  # it is in the format of movies
    assert again.exit_code == 0, again.output
    assert Path(f"{twice}.jsonl").read_text() == ""
    assert twice.read_bytes() == once.read_bytes()
    return True


def check(data: bytes, *options: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "given.xml"
        source.write_bytes(data)
        changes_nothing_twice(source, Path(folder), *options)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(SAMPLES)))
@pytest.mark.parametrize("options", [["--all"], []], ids=str)
def test_samples_are_clean_after_the_first_time(
    path: Path, tmp_path: Path, options: list[str]
) -> None:
    assert changes_nothing_twice(path, tmp_path, *options) == (path.name != "not-a-corpus.txt")


@pytest.mark.parametrize("name", FOLDERS)
@given(data=st.data())
def test_damaged_documents_are_clean_after_the_first_time(name: str, data: st.DataObject) -> None:
    check(data.draw(rcst.documents(name)), "--all", "--input-format", name)


@pytest.mark.parametrize("options", [["--all"], []], ids=str)
@given(
    movies=st.lists(
        rcst.movies(
            title=cleaning_inputs.optional(cleaning_inputs.texts),
            link=st.sampled_from(LINKS),
            reviews=cleaning_inputs.alike | cleaning_inputs.reviews,
        ),
        min_size=1,
        max_size=4,
    )
)
def test_texts_and_repeats_are_clean_after_the_first_time(
    movies: list[rc.Movie], options: list[str]
) -> None:
    check(rc.dumps(movies).encode(), *options)
