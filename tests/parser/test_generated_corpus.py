"""A corpus of 400 files in which it is known what is wrong, checked and cleaned."""

from __future__ import annotations

import datetime
import json
import random
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

import attrs
import pytest
from click.testing import CliRunner

import reviewcorpus as rc
from reviewcorpus.cli import cli

if TYPE_CHECKING:
    from pathlib import Path

FILES = 400
REMAKES = 20  # pairs of movies that share a title, and nothing else
AGAIN = 30  # files with a movie that is in another file too: some of its reviews and one more
CUT = 24  # titles that end in half a reference
PAGES = 12  # movies with a page of reviews that was crawled three times
PAGE = 5  # reviews
NOUNS = "boat lamp orchard harbour mirror kite winter letter garden engine".split()
VERBS = "waits turns burns falls sings drifts hides returns breaks sleeps".split()


class Known(NamedTuple):
    """What is known of the corpus."""

    problems: Counter[str]
    movies: int
    reviews_left: int
    changes: Counter[str]


def sentence(chance: random.Random) -> str:
    return f"The {chance.choice(NOUNS)} {chance.choice(VERBS)} in scene {chance.randrange(10**9)}."


def review(chance: random.Random, year: int) -> rc.Review:
    return rc.Review(
        date=datetime.date(year, chance.randrange(1, 13), 1) + datetime.timedelta(366),
        username=f"user{chance.randrange(10**9)}",
        score=chance.choice([None, 0.1, 0.3, 0.7, 1.0]),
        short_description=sentence(chance),
        full_review=" ".join(sentence(chance) for _ in range(3)),
    )


def movie_of(chance: random.Random, number: int) -> rc.Movie:
    year = chance.randrange(1995, 2015)
    return rc.Movie(
        title=f"{chance.choice(NOUNS)} and {chance.choice(NOUNS)} {number}".title(),
        link=f"http://www.imdb.com/title/tt{9_000_000 + number}/",
        year=year,
        general_score=0.6,
        reviews=[review(chance, year) for _ in range(chance.randrange(PAGE, 9))],
    )


def write_corpus(folder: Path) -> Known:
    """Write the files; return what is known of them."""
    chance = random.Random(20_021)
    movies = [movie_of(chance, number) for number in range(FILES - AGAIN)]
    order = list(range(len(movies)))
    chance.shuffle(order)
    remakes, again, cut, pages = (
        [order.pop() for _ in range(count)] for count in (2 * REMAKES, AGAIN, CUT, PAGES)
    )
    for first, second in zip(remakes[::2], remakes[1::2], strict=True):
        movies[second] = attrs.evolve(movies[second], title=movies[first].title)
    for number in pages:
        page = movies[number].reviews[:PAGE]
        movies[number] = attrs.evolve(movies[number], reviews=movies[number].reviews + page + page)
    records, shared, conflicts = list(movies), 0, 0
    for index, number in enumerate(again):
        original = movies[number]
        some = original.reviews[: index % PAGE]
        shared += len(some)
        year = original.year if index % 3 else (original.year or 0) + 1
        conflicts += year != original.year
        reviews = (*some, review(chance, original.year or 0))
        records.append(attrs.evolve(original, year=year, reviews=reviews))
    chance.shuffle(records)
    is_cut = {movies[number].imdb_id for number in cut}
    for index, movie in enumerate(records):
        text = rc.dumps(movie)
        if movie.imdb_id in is_cut:
            text = text.replace("</title>", " &amp</title>")
        (folder / f"{index:04}.xml").write_text(text)
    repeats = PAGES * 2 * PAGE
    merged = 2 * AGAIN + shared + conflicts  # records, reviews and values
    return Known(
        Counter(M102=CUT, R204=repeats, C301=AGAIN, C302=shared),
        FILES - AGAIN,
        sum(len(movie.reviews) for movie in records) - repeats - shared,
        Counter({"reading": CUT, "drop-repeats": repeats, "merge-movies": merged}),
    )


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Known]:
    folder = tmp_path_factory.mktemp("corpus")
    return folder, write_corpus(folder)


def test_the_problems_are_exactly_those_that_are_known(corpus: tuple[Path, Known]) -> None:
    folder, known = corpus
    assert Counter(problem.code for problem in rc.Corpus(folder).problems()) == known.problems


@pytest.mark.slow
def test_the_clean_corpus_is_exactly_what_is_known(
    corpus: tuple[Path, Known], tmp_path: Path
) -> None:
    folder, known = corpus
    clean, again = tmp_path / "clean", tmp_path / "again"
    options = ["--all", "--report", "-"]
    done = CliRunner().invoke(cli, ["clean", str(folder), "-o", str(clean), *options])
    assert done.exit_code == 0, done.output
    changes = Counter(json.loads(line)["step"] for line in done.stdout.splitlines())
    assert changes == known.changes
    files = {path.name: path.read_bytes() for path in clean.iterdir()}
    assert len(files) == known.movies
    assert rc.Corpus(clean).summary() == rc.Summary(
        files=known.movies,
        movies=known.movies,
        reviews=known.reviews_left,
        reviews_without_score=rc.Corpus(clean).summary().reviews_without_score,
        defects={},
        truncated_files=0,
        formats={"movie": known.movies},
    )
    assert Counter(problem.code for problem in rc.Corpus(clean).problems()) == {"M102": CUT}
    assert {movie.imdb_id for movie in rc.Corpus(clean)} == {
        movie.imdb_id for movie in rc.Corpus(folder)
    }

    done = CliRunner().invoke(cli, ["clean", str(clean), "-o", str(again), *options])
    assert done.stdout == ""
    assert {path.name: path.read_bytes() for path in again.iterdir()} == files
