"""Hostile texts and movies: rules, cleaning, the writer and the names of files take linear time.

Time is measured as `test_hostile` does it: at two sizes that are three doublings apart, and again
where it looks too slow.
"""

from __future__ import annotations

from collections import deque
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

import reviewcorpus as rc
from hostile_records import (
    CHARACTERS,
    MOST_GROWTH,
    MOVIES,
    RECORDS,
    TEXTS,
    Hostile,
    growth,
    with_texts,
)
from reviewcorpus.cleaning import STEPS, Pipeline, merge_corpus
from reviewcorpus.cli._diff import diff
from reviewcorpus.cli._output import _Names
from reviewcorpus.validation import RULES
from reviewcorpus.writer import writable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from reviewcorpus.cleaning import Step

    Movies = list[rc.Movie]


def exhaust(items: Iterable[object]) -> None:
    deque(items, maxlen=0)


def obey(movies: Movies, rules: Any) -> None:
    validator = rc.CorpusValidator(rules=rules)
    for movie in movies:
        validator.feed(movie)
    validator.finish()


def name_files(movies: Movies) -> None:
    names = _Names()
    exhaust(map(names.of, movies))


def write(movies: Movies) -> None:
    rc.dumps([writable(movie)[0] for movie in movies])


def do_step(step: Step, movies: Movies) -> None:
    exhaust(map(step, movies))


def show_changes(movies: Movies) -> None:
    pipeline = Pipeline(*STEPS.values())
    for movie in movies:
        exhaust(diff(movie, pipeline(movie).changes))


JOBS: dict[str, Callable[[Movies], object]] = {
    **{name: partial(do_step, step) for name, step in STEPS.items()},
    "all steps": partial(do_step, Pipeline(*STEPS.values())),
    "diff": show_changes,
    "merge-movies": lambda movies: exhaust(merge_corpus(movies)),
    **{code: partial(obey, rules=code) for code in RULES},
    "all rules": partial(obey, rules="all"),
    "writing": write,
    "names of files": name_files,
}


def slow_jobs(make: Callable[[int], Movies], size: int) -> dict[str, float]:
    """Return the jobs that do not take linear time, and how much they grow."""
    found = {name: growth(job, make, size) for name, job in JOBS.items()}
    return {name: grown for name, grown in found.items() if grown > MOST_GROWTH}


@pytest.mark.slow
@pytest.mark.parametrize("text", TEXTS, ids=repr)
def test_time_is_linear_in_a_text(text: Hostile) -> None:
    assert slow_jobs(lambda size: [with_texts(text.make(size))], CHARACTERS) == {}


@pytest.mark.slow
@pytest.mark.parametrize("kind", MOVIES)
def test_time_is_linear_in_the_records(kind: str) -> None:
    assert slow_jobs(MOVIES[kind], RECORDS) == {}


def compare_each_with_all(movies: Movies) -> None:
    for movie in movies:
        for other in movies:
            _ = movie.title == other.title


@pytest.mark.slow
def test_a_quadratic_job_would_be_found() -> None:
    assert growth(compare_each_with_all, MOVIES["movies that are equal"], RECORDS) > MOST_GROWTH
