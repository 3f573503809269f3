"""What `stats` counts, in how much memory, and that splitting a corpus changes nothing."""

from __future__ import annotations

import datetime
import io
import json
import math
import tracemalloc
from collections import Counter
from typing import TYPE_CHECKING, Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

import reviewcorpus as rc
from crawled import any_input
from reviewcorpus.cli import _shared
from reviewcorpus.cli._output import Output
from reviewcorpus.cli._shared import Reading
from reviewcorpus.cli._stats import EXAMPLES, _lengths, count_all
from reviewcorpus.parser._options import Options
from reviewcorpus.sources import streams_of
from reviewcorpus.strategies import movies

if TYPE_CHECKING:
    from reviewcorpus.defects import DefectKind

MOVIE = rc.Movie(
    title="Paper Boats",
    link="http://www.imdb.com/title/tt9000001/",
    year=2007,
    general_score=0.74,
    reviews=[
        rc.Review(datetime.date(2008, 5, 1), "ann (ann@example.org)", 0.8, "Nice", "A" * 40),
        rc.Review(datetime.date(2009, 5, 1), "bob", None, "Nice", "A" * 100),
        rc.Review(None, None, 0.0, "Nice", None),
        rc.Review(datetime.date(2009, 6, 1), "bob", 0.25, "Nice", "A"),
    ],
)


def statistics_of(files: list[Any], *, rules: str | None = None, **options: Any) -> dict[str, Any]:
    """Count what files hold, through the functions that the command uses."""
    validator = None if rules is None else rc.CorpusValidator(rules=rules)
    with pytest.MonkeyPatch.context() as patch, Output(()) as output:
        patch.setattr(_shared, "streams_of", lambda *_: streams_of(files))
        return count_all(Reading((), Options(**options), output, validator))


def of(*texts: str | bytes, rules: str | None = None, **options: Any) -> dict[str, Any]:
    files = [io.BytesIO(text.encode() if isinstance(text, str) else text) for text in texts]
    return statistics_of(files, rules=rules, **options)


def test_everything_is_counted() -> None:
    seen = of(rc.dumps(MOVIE), rc.dumps(rc.Movie(title="Slow Glass")))
    assert (seen["summary"]["files"], seen["summary"]["movies"], seen["summary"]["reviews"]) == (
        2,
        2,
        4,
    )
    assert {stars: count for stars, count in seen["scores"]["stars"].items() if count} == {
        3: 1,
        8: 1,
    }
    assert list(seen["scores"]["stars"]) == list(range(1, 11))
    assert (seen["scores"]["below"], seen["scores"]["without"]) == (1, 1)
    assert seen["scores"]["share_without"] == 0.25
    assert seen["scores"]["mean"] == 11 / 3
    assert seen["general_scores"]["stars"][7] == 1
    assert seen["general_scores"]["without"] == 1
    assert (seen["years"]["counts"], seen["years"]["without"]) == ({2007: 1}, 1)
    assert (seen["dates"]["counts"], seen["dates"]["without"]) == ({2008: 1, 2009: 2}, 1)


def test_bodies_are_measured() -> None:
    lengths = of(rc.dumps(MOVIE))["lengths"]
    assert (lengths["bodies"], lengths["without"]) == (3, 1)
    assert (lengths["least"], lengths["lower_quartile"], lengths["median"]) == (1, 1, 40)
    assert (lengths["upper_quartile"], lengths["most"], lengths["mean"]) == (100, 100, 47.0)
    assert lengths["doublings"] == {1: 1, 32: 1, 64: 1}


def test_users_are_counted_and_so_are_those_who_show_an_address() -> None:
    users = of(rc.dumps(MOVIE))["users"]
    assert (users["names"], users["without"]) == (2, 1)
    assert (users["with_email"], users["share_with_email"]) == (1, 0.25)


def test_nothing_is_nothing() -> None:
    seen = of()
    assert seen["summary"]["files"] == 0
    assert (seen["scores"]["share_without"], seen["scores"]["mean"]) == (None, None)
    assert seen["lengths"]["least"] is seen["lengths"]["median"] is seen["lengths"]["mean"] is None
    assert seen["users"]["share_with_email"] is None
    assert (seen["defects"], seen["problems"]) == ([], None)


def test_defects_have_their_first_examples() -> None:
    text = "<movie><title>a & b & c & d & e <3</title><x/></movie>"
    found = of(text)["defects"]
    order = [kind.value for kind in rc.DefectKind]
    assert [order.index(each["name"]) for each in found] == sorted(
        order.index(each["name"]) for each in found
    )
    ampersands = found[0]
    assert (ampersands["name"], ampersands["count"]) == ("bare-ampersand", 4)
    assert ampersands["severities"] == ["info"]
    expected = list(rc.Corpus(io.BytesIO(text.encode())).defects())[:EXAMPLES]
    assert ampersands["examples"] == [attrs.asdict(defect) for defect in expected]


def test_a_kind_may_have_two_severities() -> None:
    seen = of("<movie><title>&#150; &#0;</title></movie>")
    (found,) = [each for each in seen["defects"] if each["name"] == "invalid-reference"]
    assert found["severities"] == ["warning", "error"]


def test_problems_are_those_that_the_corpus_has() -> None:
    data = rc.dumps([MOVIE, MOVIE, MOVIE]).encode()
    seen = of(data, rules="all")
    expected = list(rc.Corpus(io.BytesIO(data)).problems(rules="all"))
    assert seen["problems"] is not None
    assert {each["name"]: each["count"] for each in seen["problems"]} == Counter(
        p.code for p in expected
    )
    assert [each["name"] for each in seen["problems"]] == sorted({p.code for p in expected})
    for each in seen["problems"]:
        assert (
            each["examples"]
            == [attrs.asdict(p) for p in expected if p.code == each["name"]][:EXAMPLES]
        )


def test_what_an_error_has_cut_is_not_counted_and_what_follows_is() -> None:
    long = rc.dumps(MOVIE).replace("</movie>", f"<x>{'y' * 300}</x></movie>")
    limits = rc.Limits(max_field_bytes=200)
    seen = of(long, rc.dumps(MOVIE), limits=limits, rules="R206")
    assert (seen["summary"]["movies"], seen["summary"]["reviews"]) == (1, 4)
    assert seen["scores"] == of(rc.dumps(MOVIE))["scores"]
    assert seen["lengths"]["bodies"] == 3
    assert seen["problems"] is not None
    assert [each["count"] for each in seen["problems"]] == [1]


def test_movies_that_are_left_out_are_not_counted() -> None:
    text = rc.dumps(MOVIE).replace("2007", "MMVII")
    seen = of(text, rc.dumps(MOVIE), errors="drop", rules="R206")
    assert (seen["summary"]["movies"], seen["users"]["names"], seen["years"]["counts"]) == (
        1,
        2,
        {2007: 1},
    )


def test_the_numbers_are_plain_data() -> None:
    data = json.loads(json.dumps(of(rc.dumps(MOVIE).replace("Paper", "&"), rules="all")))
    assert list(data)[:4] == ["summary", "scores", "general_scores", "years"]
    assert data["scores"]["stars"]["8"] == 1
    assert data["dates"]["counts"] == {"2008": 1, "2009": 2}
    assert data["defects"][0]["examples"][0]["line"] > 1
    assert data["problems"][0]["name"]


# ---- properties -------------------------------------------------------------------------


@given(st.lists(any_input, min_size=1, max_size=3), st.sampled_from(["recover", "drop"]))
def test_counts_are_those_of_the_summary(files: list[bytes], errors: Any) -> None:
    seen = of(*files, errors=errors)
    corpus = rc.Corpus(*map(io.BytesIO, files), errors=errors)
    assert seen["summary"] == attrs.asdict(corpus.summary())
    kinds: dict[DefectKind, int] = {
        rc.DefectKind(each["name"]): each["count"] for each in seen["defects"]
    }
    assert kinds == seen["summary"]["defects"]
    reviews = seen["summary"]["reviews"]
    assert seen["scores"]["without"] == seen["summary"]["reviews_without_score"]
    assert (
        sum(seen["scores"]["stars"].values()) + seen["scores"]["below"] + seen["scores"]["without"]
        == reviews
    )
    assert sum(seen["dates"]["counts"].values()) + seen["dates"]["without"] == reviews
    assert seen["lengths"]["bodies"] + seen["lengths"]["without"] == reviews
    assert (
        sum(seen["years"]["counts"].values()) + seen["years"]["without"]
        == seen["summary"]["movies"]
    )


@given(st.lists(movies(max_reviews=4), max_size=5), st.integers(0, 5))
def test_a_corpus_that_is_split_has_the_same_statistics(movies_: list[rc.Movie], cut: int) -> None:
    whole = of(rc.dumps(movies_)) if movies_ else of()
    parts = [part for part in (movies_[:cut], movies_[cut:]) if part]
    split = of(*map(rc.dumps, parts))
    for name in ("scores", "general_scores", "years", "dates", "lengths", "users"):
        assert split[name] == whole[name]


@given(st.lists(movies(max_reviews=4), max_size=4))
def test_stars_are_those_of_the_reviews(movies_: list[rc.Movie]) -> None:
    counts = Counter(
        review.stars for movie in movies_ for review in movie.reviews if review.score is not None
    )
    seen = of(*map(rc.dumps, movies_))["scores"]
    assert {stars: count for stars, count in seen["stars"].items() if count} == {
        stars: count for stars, count in counts.items() if stars is not None
    }
    assert seen["below"] == counts[None]


@given(st.lists(st.one_of(st.integers(0, 70), st.integers(0, 1 << 24))))
def test_lengths_are_exact(values: list[int]) -> None:
    found = _lengths(Counter[int | None](values))
    assert (found["bodies"], found["without"]) == (len(values), 0)
    assert (found["least"], found["most"]) == (min(values, default=None), max(values, default=None))
    ranks = {"lower_quartile": 0.25, "median": 0.5, "upper_quartile": 0.75}
    for name, share in ranks.items():
        rank = max(1, math.ceil(share * len(values)))
        assert found[name] == (sorted(values)[rank - 1] if values else None)
    ends = Counter(1 << (value.bit_length() - 1) if value else 0 for value in values)
    assert found["doublings"] == ends


def test_many_users_are_counted_exactly() -> None:
    names = [f"user {number % 2_000}" for number in range(3_000)]
    movies = [
        rc.Movie(title="Paper Boats", reviews=[rc.Review(username=name) for name in part])
        for part in (names[:2_500], names[2_500:])
    ]
    assert of(rc.dumps(movies))["users"]["names"] == 2_000


# ---- memory -----------------------------------------------------------------------------


def peak_of(reviews: int) -> int:
    """Return how much memory it takes to count reviews of many users, lengths and movies."""

    class Source:
        name = "movies.xml"

        def __init__(self) -> None:
            self._count = 0

        def read(self, _: int) -> bytes:
            if self._count == reviews:
                return b""
            start, self._count = self._count, self._count + 500
            bodies = (
                f"<review><username>user {number}</username><score>0.5</score><fullReview>"
                f"{'x' * (number % 300)} &bogus; </fullReview></review>"
                for number in range(start, start + 500)
            )
            return f"<movie><title>{start}</title>{''.join(bodies)}</movie>".encode()

    tracemalloc.start()
    try:
        seen = statistics_of([Source()])
        assert seen["summary"]["reviews"] == reviews
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.slow
def test_memory_grows_by_about_100_bytes_per_user() -> None:
    least, most = 1_000, 6_000
    assert (peak_of(most) - peak_of(least)) / (most - least) < 160
