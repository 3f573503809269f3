"""The benchmarks: corpora have what they say, and runs report what they took."""

from __future__ import annotations

import importlib
import io
import json
import pickle
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

import corpora
import make_profile
import one
import reviewcorpus as rc
import run
from goals import GOALS, Goal
from tables import REFERENCE, Figure, Section, ratios, table_of_goals

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

MAKERS = [
    corpora.clean,
    corpora.survey,
    corpora.one_in_five,
    corpora.every_reference,
    corpora.every_markup,
    corpora.every_review,
]


def run_one(*arguments: object) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, one.__file__, *map(str, arguments)],
        input=b"\n",
        capture_output=True,
        check=True,
    )
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


@pytest.mark.parametrize("make", MAKERS, ids=lambda make: make.__name__)
def test_a_corpus_holds_the_reviews_that_it_says(make: Callable[[int], corpora.Corpus]) -> None:
    corpus = make(500_000)
    defects: list[rc.Defect] = []
    reviews = rc.iter_reviews(io.BytesIO(corpus.data), on_defect=defects.append)
    assert [review for _, review in reviews] == corpus.reviews
    assert len(corpus.data) >= 500_000
    assert bool(defects) is (make is not corpora.clean)


@pytest.mark.parametrize("make", MAKERS, ids=lambda make: make.__name__)
def test_the_same_seed_gives_the_same_corpus(make: Callable[..., corpora.Corpus]) -> None:
    assert make(1, 7) == make(1, 7)
    assert make(1, 7) != make(1, 8)


def test_a_corpus_has_the_structure_of_the_file_that_was_measured() -> None:
    """A profile of it is nearly the profile that it was made from."""
    profile = make_profile.measure(corpora.clean(1_000_000).data.decode())
    expected = corpora.PROFILE
    for name in ("body_lengths", "headline_lengths", "days"):
        assert profile[name][5:16] == pytest.approx(expected[name][5:16], rel=0.15), name
    assert profile["username_lengths"] == pytest.approx(expected["username_lengths"], abs=2)
    for name in ("scores", "between", "word_lengths", "references", "letters"):
        for key, count in list(expected[name].items())[:2]:
            share = count / sum(expected[name].values())
            found = profile[name][key] / sum(profile[name].values())
            assert found == pytest.approx(share, rel=0.3, abs=0.02), (name, key)


def test_every_review_that_is_asked_for_is_damaged() -> None:
    data = b"<review><fullReview>one two three four</fullReview></review>" * 5
    assert corpora.put_in(data, b"1", b"2").count(b"one1two2three four") == 0
    assert corpora.put_in(data, b" & ", b"&nbsp;").count(b"&nbsp;") == 5
    assert corpora.put_in(data, b" & ", b"&nbsp;", 3).count(b" & ") == 2


def test_every_goal_belongs_to_a_section() -> None:
    assert {key.partition("/")[0] for key in GOALS} <= set(run.SECTIONS)


@pytest.mark.parametrize(
    ("goal", "figure", "is_met"),
    [
        (Goal("more", 2.6), 2.6, True),
        (Goal("more", 2.6), 2.596, True),
        (Goal("more", 2.6), 2.594, False),
        (Goal("less", 5, is_most=True), 5.004, True),
        (Goal("less", 5, is_most=True), 5.006, False),
    ],
)
def test_a_goal_is_met_by_what_the_table_shows(goal: Goal, figure: float, is_met: bool) -> None:
    assert goal.is_met(figure) is is_met


def test_a_ratio_is_of_least_times_and_a_median() -> None:
    times = {"lxml": [4.0, 9.0, 6.0], "ours": [2.0, 3.0, 1.0], f"ours{REFERENCE}": [4.0, 4.0, 8.0]}
    assert ratios(times, "lxml", "ours") == [Figure(4.0, 3.0), Figure(1.0, 1.0)]
    assert ratios({"a": [2.0], "b": [1.0]}, "a", "b") == [Figure(2.0, 2.0)]


def test_the_table_says_what_is_met_and_what_is_not_measured() -> None:
    figures = {"small/146": [Figure(2.3, 2.1)], "small/1600": [Figure(1.0, 3.0), Figure(0.5, 0.4)]}
    sections = {"small": Section("", figures, missing="no time"), "formats": Section("")}
    rows = table_of_goals(sections, with_reference=True).splitlines()
    assert rows[2].endswith("| ≥ 2.2 | yes | 2.30 | 2.10 | – | – |")
    assert rows[3].endswith("| ≥ 2.2 | **no** | 1.00 | 3.00 | 0.50 | 0.40 |")
    assert rows[4].endswith("| ≥ 2.2 | not measured: no time | – | – | – | – |")
    assert len(rows) == 2 + sum(key.startswith(("small/", "formats/")) for key in GOALS)


def test_a_stream_is_made_as_it_is_read() -> None:
    stream = corpora.stream(10**15)
    assert len(next(stream) + next(stream)) < 1_000_000


def test_a_run_tells_time_and_memory_and_compares(tmp_path: Path) -> None:
    corpus = corpora.every_review(100_000)
    path = tmp_path / one.WARM_UP
    path.write_bytes(corpus.data)
    (tmp_path / one.WARM_UP_DAMAGED).write_bytes(corpus.data)
    expected = tmp_path / "small.pickle"
    expected.write_bytes(pickle.dumps([*corpus.reviews, rc.Review(username="nobody")]))
    taken = run_one(rc.__name__, path)
    assert taken["seconds"] > 0
    assert taken["per byte"] == pytest.approx(taken["seconds"] / len(corpus.data) * 1e9)
    assert taken["error"] == ""
    count = len(corpus.reviews)
    assert run_one(rc.__name__, path, expected) == {
        "right": count,
        "changed": 0,
        "lost": 1,
        "error": "",
    }


def test_all_records_of_the_other_formats_are_right_here_and_not_elsewhere() -> None:
    """So the pages about the formats may say so."""
    pytest.importorskip("bs4")
    pytest.importorskip("lxml")
    compared = importlib.import_module("formats_compared")
    for name, sample in compared.SAMPLES.items():
        verdicts = {
            reader: compared.judge(read, sample) for reader, read in compared.READERS.items()
        }
        count = str(len(sample.records))
        assert verdicts["reviewcorpus"] == [count, "0", "0", ""], name
        assert verdicts["xml.etree"][0] != count, name
