"""How users' own code looks to a type checker: mypy reads this file, and it runs too."""

from __future__ import annotations

import gzip
import io
from typing import TYPE_CHECKING, assert_type

import reviewcorpus as rc

if TYPE_CHECKING:
    from pathlib import Path


def test_what_users_write_is_typed(tmp_path: Path) -> None:
    movie = rc.Movie(title="Paper Boats", general_score=1, reviews=[rc.Review(score=0)])
    assert_type(movie.title, str | None)
    assert_type(movie.reviews, tuple[rc.Review, ...])
    assert_type(movie.general_score, float | None)

    path = tmp_path / "boats.xml"
    rc.dump(movie, path)
    assert_type(rc.load(path, errors="strict"), rc.Movie)
    for header, review in rc.iter_reviews(path, str(path), limits=rc.Limits()):
        assert_type(header, rc.Movie)
        assert_type(review, rc.Review)
    with path.open("rb") as binary, path.open(encoding="utf-8") as text:
        assert [found.title for found in rc.iter_movies(binary, text)] == ["Paper Boats"] * 2
    packed = tmp_path / "boats.gz"
    with gzip.open(packed, "wb") as file:
        rc.dump(movie, file)
    with gzip.open(packed) as file:
        assert rc.load(file) == movie


def test_what_must_not_be_written_is_refused_by_the_type_checker() -> None:
    for wrong in (
        lambda: rc.Review(score="seven"),  # type: ignore[arg-type]
        lambda: rc.Review(extra=5),  # type: ignore[arg-type]
        lambda: rc.Movie(reviews=5),  # type: ignore[arg-type]
        lambda: rc.load(b"<movie/>"),  # type: ignore[arg-type]
        lambda: rc.load(io.BytesIO(), error="strict"),  # type: ignore[call-arg]
    ):
        try:
            wrong()
        except TypeError:
            continue
        raise AssertionError("it was taken")
