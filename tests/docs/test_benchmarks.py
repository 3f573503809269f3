"""The benchmarks: corpora have what they say, and runs report what they took."""

from __future__ import annotations

import io
import json
import pickle
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import corpora
import reviewcorpus as rc

if TYPE_CHECKING:
    from collections.abc import Callable

ONE = Path(corpora.__file__).with_name("one.py")
MAKERS = [
    corpora.clean,
    corpora.survey,
    corpora.one_in_five,
    corpora.every_reference,
    corpora.every_review,
]


def run_one(*arguments: object) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, str(ONE), *map(str, arguments)], capture_output=True, check=True
    )
    result: dict[str, Any] = json.loads(done.stdout)
    return result


@pytest.mark.parametrize("make", MAKERS, ids=lambda make: make.__name__)
def test_a_corpus_holds_the_reviews_that_it_says(make: Callable[[int], corpora.Corpus]) -> None:
    corpus = make(300_000)
    found = [review for _, review in rc.iter_reviews(io.BytesIO(corpus.data))]
    assert found == corpus.reviews
    assert len(corpus.data) >= 300_000


@pytest.mark.parametrize("make", MAKERS, ids=lambda make: make.__name__)
def test_the_same_seed_gives_the_same_corpus(make: Callable[..., corpora.Corpus]) -> None:
    assert make(1, 7) == make(1, 7)
    assert make(1, 7) != make(1, 8)


def test_only_the_clean_corpus_is_well_formed() -> None:
    for make in MAKERS:
        found: list[rc.Defect] = []
        for _ in rc.iter_movies(io.BytesIO(make(1_000_000).data), on_defect=found.append):
            pass
        assert bool(found) is (make is not corpora.clean), make


def test_a_stream_is_made_as_it_is_read() -> None:
    stream = corpora.stream(10**15)
    assert len(next(stream) + next(stream)) < 1_000_000


def test_a_run_tells_time_and_memory_and_compares(tmp_path: Path) -> None:
    corpus = corpora.every_review(100_000)
    path = tmp_path / "small.xml"
    path.write_bytes(corpus.data)
    expected = tmp_path / "small.pickle"
    expected.write_bytes(pickle.dumps([*corpus.reviews, rc.Review(username="nobody")]))
    taken = run_one(rc.__name__, path)
    assert taken["seconds"] > 0
    assert taken["error"] == ""
    count = len(corpus.reviews)
    assert run_one(rc.__name__, path, expected) == {
        "right": count,
        "changed": 0,
        "lost": 1,
        "error": "",
    }
