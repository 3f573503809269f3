"""Corpora as large as the real ones in the other formats: nothing is lost, nothing is changed."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest

import generated_formats as generated
import reviewcorpus as rc

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

slow = pytest.mark.slow


def read(folder: Path) -> generated.Known:
    defects = Counter[rc.DefectKind]()
    movies = rc.iter_movies(folder, on_defect=lambda defect: defects.update([defect.kind]))
    return generated.Known(list(movies), defects)


@pytest.mark.parametrize(
    ("write", "size"),
    [
        (generated.write_muchocine, 300),
        (generated.write_mdsd, 400),
        (generated.write_senscritique, 60),
        pytest.param(generated.write_muchocine, 4000, marks=slow),
        pytest.param(generated.write_mdsd, 8000, marks=slow),
        pytest.param(generated.write_senscritique, 1900, marks=slow),
    ],
)
def test_every_text_score_date_and_extra_is_read(
    write: Callable[[Path, int], generated.Known], size: int, tmp_path: Path
) -> None:
    known = write(tmp_path, size)
    found = read(tmp_path)
    for movie, expected in zip(found.movies, known.movies, strict=True):
        assert movie == expected
    assert found.defects == known.defects


@pytest.mark.parametrize(("files", "reviews"), [(60, 80), pytest.param(1000, 2000, marks=slow)])
def test_four_formats_in_one_folder_are_read_in_one_pass(
    files: int, reviews: int, tmp_path: Path
) -> None:
    folders = [tmp_path / name for name in ("a", "b", "c", "d")]
    for folder in folders:
        folder.mkdir()
    plain = [rc.Movie(title=f"Paper Boats {number}") for number in range(files)]
    for number, movie in enumerate(plain):
        rc.dump([movie], folders[0] / f"{number:04}.xml")
    parts = [
        generated.Known(plain, Counter()),
        generated.write_mdsd(folders[1], reviews),
        generated.write_senscritique(folders[2], files),
        generated.write_muchocine(folders[3], files),
    ]
    found = read(tmp_path)
    assert found.movies == [movie for part in parts for movie in part.movies]
    assert found.defects == sum((part.defects for part in parts), Counter())
    summary = rc.Corpus(tmp_path).summary()
    assert summary.files == 3 * files + 8
    assert summary.movies == len(found.movies)
    assert summary.reviews == sum(len(movie.reviews) for movie in found.movies)
    assert summary.defects == found.defects
