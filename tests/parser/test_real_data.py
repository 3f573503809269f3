"""The real corpus file and prose, where REVIEWCORPUS_REAL_DATA names their folder."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

import reviewcorpus as rc

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("errors", ["recover", "strict"])
def test_the_real_file(real_data: Path, errors: Any) -> None:
    defects: list[rc.Defect] = []
    path = real_data / "rust-and-bone.xml"
    movie = rc.load(path, errors=errors, on_defect=defects.append)
    assert len(movie.reviews) == 91
    assert sum(review.score is None for review in movie.reviews) == 6
    assert (movie.title, movie.year, movie.imdb_id) == ("Rust and Bone", 2012, "tt2053425")
    assert defects == []
    assert movie == rc.load(path)
    assert rc.loads(rc.dumps(movie), errors="strict") == movie


def test_prose_has_no_movie_and_no_other_defect(real_data: Path) -> None:
    defects = list(rc.Corpus(real_data / "prose").defects())
    assert [defect.kind for defect in defects] == [rc.DefectKind.NO_MOVIE] * 4
    assert len({defect.source for defect in defects}) == 4
