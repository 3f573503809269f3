"""The case files: each case is read in every way, written back, and read again."""

from __future__ import annotations

import base64
import datetime
import io
import json
import random
from pathlib import Path
from typing import Any

import pytest

import reviewcorpus as rc
from reading import pieces, read_items, read_movies
from reviewcorpus.formats import MOVIE, known

Case = dict[str, Any]
FOLDER = Path(__file__).parents[1] / "cases"
FILES = [*sorted(FOLDER.glob("*.json")), *sorted(FOLDER.glob("formats/*.json"))]
DEFECT_KEYS = "kind severity offset line column movie_index review_index element raw".split()


def load_cases() -> list[Any]:
    return [
        pytest.param(case, id=f"{path.stem}: {case['name']}")
        for path in FILES
        for case in json.loads(path.read_text(encoding="utf-8"))
    ]


CASES = load_cases()
each_case = pytest.mark.parametrize("case", CASES)


def input_of(case: Case) -> bytes:
    if "input" in case:
        return str(case["input"]).encode("utf-8")
    return base64.b64decode(case["input_base64"])


def movies_of(case: Case) -> list[rc.Movie]:
    return [
        rc.Movie(**{**movie, "reviews": [review_of(review) for review in movie["reviews"]]})
        for movie in case["movies"]
    ]


def review_of(fields: dict[str, Any]) -> rc.Review:
    day = fields["date"] and datetime.date.fromisoformat(fields["date"])
    return rc.Review(**{**fields, "date": day})


def as_data(defect: rc.Defect) -> dict[str, Any]:
    return {key: getattr(defect, key) for key in DEFECT_KEYS}


def test_there_are_cases_for_every_format() -> None:
    others = {table.name for table in known() if table is not MOVIE}
    assert {path.stem for path in FOLDER.glob("formats/*.json")} == others


def test_there_are_cases_for_every_kind_of_defect() -> None:
    shown = {defect["kind"] for case in CASES for defect in case.values[0]["defects"]}
    elsewhere = {rc.DefectKind.BROKEN_COMPRESSION, rc.DefectKind.NOT_WELL_FORMED}
    assert shown == set(rc.DefectKind) - elsewhere
    assert len(CASES) > 100


@each_case
def test_a_case_read_whole(case: Case) -> None:
    movies, defects = read_movies(input_of(case), **case.get("options", {}))
    assert movies == movies_of(case)
    assert [as_data(defect) for defect in defects] == case["defects"]
    assert all(defect.message and defect.action for defect in defects)


@each_case
def test_a_case_read_byte_by_byte_in_random_chunks_and_on_the_slow_path(case: Case) -> None:
    data, options = input_of(case), case.get("options", {})
    whole = read_items([data], **options)
    assert read_items(pieces(data, range(len(data))), **options) == whole
    assert read_items([data], use_fast_path=False, **options) == whole
    assert read_items([data], is_whole=True, **options) == whole
    chance = random.Random(case["name"])
    for _ in range(5):
        cuts = chance.sample(range(len(data) + 1), min(len(data), chance.randint(1, 20)))
        assert read_items(pieces(data, cuts), **options) == whole


@each_case
def test_a_case_read_as_text_and_through_iter_reviews(case: Case) -> None:
    if "input" in case and "encoding" not in case.get("options", {}):
        defects: list[rc.Defect] = []
        file = io.StringIO(case["input"], newline="")
        movies = rc.iter_movies(file, on_defect=defects.append, **case.get("options", {}))
        assert list(movies) == movies_of(case)
        assert [as_data(defect) for defect in defects] == case["defects"]
    pairs = list(rc.iter_reviews(io.BytesIO(input_of(case)), **case.get("options", {})))
    assert [review for _, review in pairs] == [
        review for movie in movies_of(case) for review in movie.reviews
    ]
    assert all(movie.reviews == () for movie, _ in pairs)


@each_case
def test_a_case_written_back_and_read_again(case: Case) -> None:
    movies = movies_of(case)
    if not movies:
        return
    text = rc.dumps(movies)
    again, defects = read_movies(text.encode())
    assert again == movies
    assert {defect.kind for defect in defects} <= {rc.DefectKind.UNKNOWN_ELEMENT}
    assert read_movies(text.encode(), errors="strict")[0] == movies
    assert rc.dumps(again) == text


@each_case
def test_a_case_read_strictly(case: Case) -> None:
    data, options = input_of(case), case.get("options", {})
    if case["strict"] == "any":
        return
    if case["strict"] == "limit":
        with pytest.raises(rc.LimitExceeded):
            read_movies(data, errors="strict", **options)
        return
    if case["strict"] is False:
        with pytest.raises(rc.CorpusSyntaxError) as caught:
            read_movies(data, errors="strict", **options)
        defect = caught.value.defect
        assert defect.severity is not rc.Severity.INFO
        assert str(caught.value) == f"{defect}; errors='recover' keeps reading"
        return
    movies, defects = read_movies(data, errors="strict", **options)
    assert (movies == movies_of(case)) is (case["strict"] is True)
    assert read_items(pieces(data, range(len(data))), errors="strict", **options) == read_items(
        [data], errors="strict", **options
    )
    if case["strict"] is True:
        assert [as_data(defect) for defect in defects] == case["defects"]


@each_case
def test_a_case_read_with_drop(case: Case) -> None:
    """Records with a defect of severity `error` are left out, and the others are the same."""
    bad = {
        (defect["movie_index"], defect["review_index"])
        for defect in case["defects"]
        if defect["severity"] == "error"
    }
    movies, defects = read_movies(input_of(case), errors="drop", **case.get("options", {}))
    bad |= {(index, None) for index in case.get("left_out", [])}
    kept = [
        (index, movie) for index, movie in enumerate(movies_of(case)) if (index, None) not in bad
    ]
    assert [movie.title for movie in movies] == [movie.title for _, movie in kept]
    for movie, (index, whole) in zip(movies, kept, strict=True):
        expected = [
            review for number, review in enumerate(whole.reviews) if (index, number) not in bad
        ]
        assert list(movie.reviews) == expected
    assert [as_data(defect) for defect in defects] == case["defects"]
