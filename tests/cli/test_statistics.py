"""Statistics: what is counted, in how much memory, and that splitting a corpus changes nothing."""

from __future__ import annotations

import datetime
import io
import json
import math
import tracemalloc
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import reviewcorpus as rc
from crawled import any_input
from reviewcorpus._iterators import Items
from reviewcorpus.cli import _sketches
from reviewcorpus.cli._sketches import EXACT_TEXTS, Bins, Distinct
from reviewcorpus.cli._statistics import EXAMPLES, Statistics, StatisticsTally
from reviewcorpus.parser._reader import Options
from reviewcorpus.sources import Streams, streams_of
from reviewcorpus.strategies import movies

if TYPE_CHECKING:
    from reviewcorpus.defects import DefectKind

FILM = rc.Movie(
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


def statistics_of(streams: Streams, *, rules: str | None = None, **options: Any) -> Statistics:
    """Count what streams hold; leave out what cannot be read."""
    items = Items(streams, Options(**options))
    tally = StatisticsTally(None if rules is None else rc.CorpusValidator(rules=rules))
    while True:
        try:
            item = next(items)
        except StopIteration:
            return tally.finish(items.files)
        except rc.CorpusError:
            continue
        tally.add(item, None if items.stream is None else items.stream.name)


def of(*texts: str | bytes, rules: str | None = None, **options: Any) -> Statistics:
    files = [io.BytesIO(text.encode() if isinstance(text, str) else text) for text in texts]
    return statistics_of(streams_of(files), rules=rules, **options)


def test_everything_is_counted() -> None:
    seen = of(rc.dumps(FILM), rc.dumps(rc.Movie(title="Slow Glass")))
    assert (seen.summary.files, seen.summary.movies, seen.summary.reviews) == (2, 2, 4)
    assert {stars: count for stars, count in seen.scores.stars.items() if count} == {3: 1, 8: 1}
    assert list(seen.scores.stars) == list(range(1, 11))
    assert (seen.scores.below, seen.scores.without) == (1, 1)
    assert seen.scores.share_without == 0.25
    assert seen.scores.mean == 11 / 3
    assert seen.general_scores.stars[7] == 1
    assert seen.general_scores.without == 1
    assert (seen.years.counts, seen.years.without) == ({2007: 1}, 1)
    assert (seen.dates.counts, seen.dates.without) == ({2008: 1, 2009: 2}, 1)


def test_bodies_are_measured() -> None:
    lengths = of(rc.dumps(FILM)).lengths
    assert (lengths.bodies, lengths.without) == (3, 1)
    assert (lengths.least, lengths.lower_quartile, lengths.median) == (1, 1, 40)
    assert (lengths.upper_quartile, lengths.most, lengths.mean) == (100, 100, 47.0)
    assert lengths.doublings == {1: 1, 32: 1, 64: 1}


def test_users_are_counted_and_so_are_those_who_show_an_address() -> None:
    users = of(rc.dumps(FILM)).users
    assert (users.names, users.is_exact, users.without) == (2, True, 1)
    assert (users.with_email, users.share_with_email) == (1, 0.25)


def test_nothing_is_nothing() -> None:
    seen = of()
    assert seen.summary.files == 0
    assert (seen.scores.share_without, seen.scores.mean) == (None, None)
    assert seen.lengths.least is seen.lengths.median is seen.lengths.mean is None
    assert seen.users.share_with_email is None
    assert (seen.defects, seen.problems) == ((), None)


def test_defects_have_their_first_examples() -> None:
    text = "<movie><title>a & b & c & d & e <3</title><x/></movie>"
    found = of(text).defects
    order = [kind.value for kind in rc.DefectKind]
    assert [order.index(each.name) for each in found] == sorted(
        order.index(each.name) for each in found
    )
    ampersands = found[0]
    assert (ampersands.name, ampersands.count) == ("bare-ampersand", 4)
    assert ampersands.severities == (rc.Severity.INFO,)
    expected = list(rc.Corpus(io.BytesIO(text.encode())).defects())[:EXAMPLES]
    assert list(ampersands.examples) == expected


def test_a_kind_may_have_two_severities() -> None:
    seen = of("<movie><title>&#150; &#0;</title></movie>")
    (found,) = [each for each in seen.defects if each.name == "invalid-reference"]
    assert found.severities == (rc.Severity.WARNING, rc.Severity.ERROR)


def test_problems_are_those_that_the_corpus_has() -> None:
    data = rc.dumps([FILM, FILM, FILM]).encode()
    seen = of(data, rules="all")
    expected = list(rc.Corpus(io.BytesIO(data)).problems(rules="all"))
    assert seen.problems is not None
    assert {each.name: each.count for each in seen.problems} == Counter(p.code for p in expected)
    assert [each.name for each in seen.problems] == sorted({p.code for p in expected})
    for each in seen.problems:
        assert list(each.examples) == [p for p in expected if p.code == each.name][:EXAMPLES]


def test_what_an_error_has_cut_is_not_counted_and_what_follows_is() -> None:
    long = rc.dumps(FILM).replace("</movie>", f"<x>{'y' * 300}</x></movie>")
    limits = rc.Limits(max_field_bytes=200)
    seen = of(long, rc.dumps(FILM), limits=limits, rules="R206")
    assert (seen.summary.movies, seen.summary.reviews) == (1, 4)
    assert seen.scores == of(rc.dumps(FILM)).scores
    assert seen.lengths.bodies == 3
    assert seen.problems is not None
    assert [each.count for each in seen.problems] == [1]


def test_movies_that_are_left_out_are_not_counted() -> None:
    text = rc.dumps(FILM).replace("2007", "MMVII")
    seen = of(text, rc.dumps(FILM), errors="drop", rules="R206")
    assert (seen.summary.movies, seen.users.names, seen.years.counts) == (1, 2, {2007: 1})


def test_the_numbers_are_plain_data() -> None:
    data = json.loads(json.dumps(of(rc.dumps(FILM).replace("Paper", "&"), rules="all").as_data()))
    assert list(data)[:4] == ["summary", "scores", "general_scores", "years"]
    assert data["scores"]["stars"]["8"] == 1
    assert data["dates"]["counts"] == {"2008": 1, "2009": 2}
    assert data["defects"][0]["examples"][0]["line"] > 1
    assert data["problems"][0]["name"]


# ---- properties -------------------------------------------------------------------------


@given(st.lists(any_input, max_size=3), st.sampled_from(["recover", "drop"]))
def test_counts_are_those_of_the_summary(files: list[bytes], errors: Any) -> None:
    seen = of(*files, errors=errors)
    corpus = rc.Corpus(*map(io.BytesIO, files), errors=errors)
    assert seen.summary == corpus.summary()
    kinds: dict[DefectKind, int] = {rc.DefectKind(each.name): each.count for each in seen.defects}
    assert kinds == seen.summary.defects
    reviews = seen.summary.reviews
    assert seen.scores.without == seen.summary.reviews_without_score
    assert sum(seen.scores.stars.values()) + seen.scores.below + seen.scores.without == reviews
    assert sum(seen.dates.counts.values()) + seen.dates.without == reviews
    assert seen.lengths.bodies + seen.lengths.without == reviews
    assert sum(seen.years.counts.values()) + seen.years.without == seen.summary.movies


@given(st.lists(movies(max_reviews=4), max_size=5), st.integers(0, 5))
def test_a_corpus_that_is_split_has_the_same_statistics(films: list[rc.Movie], cut: int) -> None:
    whole = of(rc.dumps(films)) if films else of()
    parts = [part for part in (films[:cut], films[cut:]) if part]
    split = of(*map(rc.dumps, parts))
    for name in ("scores", "general_scores", "years", "dates", "lengths", "users"):
        assert getattr(split, name) == getattr(whole, name)


@given(st.lists(movies(max_reviews=4), max_size=4))
def test_stars_are_those_of_the_reviews(films: list[rc.Movie]) -> None:
    counts = Counter(
        review.stars for film in films for review in film.reviews if review.score is not None
    )
    seen = of(*map(rc.dumps, films)).scores
    assert {stars: count for stars, count in seen.stars.items() if count} == {
        stars: count for stars, count in counts.items() if stars is not None
    }
    assert seen.below == counts[None]


numbers = st.lists(st.one_of(st.integers(0, 70), st.integers(0, 1 << 24)))


@given(numbers, st.floats(0, 1))
def test_a_quantile_is_off_by_a_64th_at_most(values: list[int], share: float) -> None:
    bins = Bins()
    bins.add(values)
    found = bins.quantile(share)
    if not values:
        assert found is None
        return
    true = sorted(values)[max(1, math.ceil(share * len(values))) - 1]
    assert found is not None
    assert abs(found - true) <= true / 64
    assert found == true or true >= 64


@given(numbers, st.integers(0, 100))
def test_bins_do_not_depend_on_how_numbers_were_split(values: list[int], cut: int) -> None:
    whole, first, second = Bins(), Bins(), Bins()
    whole.add(values)
    first.add(values[:cut])
    second.add(values[cut:])
    first.merge(second)
    assert vars(first) == vars(whole)
    assert (whole.count, whole.total) == (len(values), sum(values))
    assert (whole.least, whole.most) == (min(values, default=None), max(values, default=None))


@given(numbers)
def test_doublings_are_exact(values: list[int]) -> None:
    bins = Bins()
    bins.add(values)
    expected = Counter(1 << (value.bit_length() - 1) if value else 0 for value in values)
    assert bins.doublings() == dict(sorted(expected.items()))


# ---- distinct texts ---------------------------------------------------------------------


def distinct(start: int, stop: int) -> Distinct:
    names = Distinct()
    for number in range(start, stop):
        names.add(f"user{number}")
        names.add(f"user{number}")
    return names


def test_few_texts_are_counted_exactly() -> None:
    names = distinct(0, EXACT_TEXTS)
    assert (names.count(), names.is_exact) == (EXACT_TEXTS, True)


@pytest.mark.parametrize("count", [EXACT_TEXTS + 1, 50_000])
def test_many_texts_are_estimated(count: int) -> None:
    names = distinct(0, count)
    assert not names.is_exact
    assert names.count() == pytest.approx(count, rel=0.05)  # three times the standard error


@pytest.mark.parametrize("cut", [100, 9_000, 20_000])
def test_an_estimate_does_not_depend_on_how_texts_were_split(cut: int) -> None:
    whole = distinct(0, 25_000).count()
    for first, second in [((0, cut), (cut // 2, 25_000)), ((cut // 2, 25_000), (0, cut))]:
        names = distinct(*first)
        names.merge(distinct(*second))
        assert names.count() == whole


@given(st.lists(st.lists(st.integers(0, 40)), max_size=4))
def test_small_estimates_agree_however_they_are_merged(parts: list[list[int]]) -> None:
    with pytest.MonkeyPatch.context() as patch:  # so that a few texts are many
        patch.setattr(_sketches, "KEPT_HASHES", 4)
        patch.setattr(_sketches, "EXACT_TEXTS", 8)
        whole, merged = Distinct(), Distinct()
        for part in parts:
            other = Distinct()
            for number in part:
                other.add(str(number))
                whole.add(str(number))
            merged.merge(other)
        assert merged.count() == whole.count()
        assert merged.is_exact is whole.is_exact
        if whole.is_exact:
            assert whole.count() == len({number for part in parts for number in part})


# ---- memory -----------------------------------------------------------------------------


def peak_of(reviews: int) -> int:
    """Give how much memory it takes to count reviews of many users, lengths and films."""

    class Source:
        name = "films.xml"

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
        seen = statistics_of(streams_of([Source()]))
        assert seen.summary.reviews == reviews
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.slow
def test_memory_does_not_grow_with_the_corpus(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_sketches, "KEPT_HASHES", 64)  # or many names would have to be read
    monkeypatch.setattr(_sketches, "EXACT_TEXTS", 128)
    assert peak_of(4_000) < 1.2 * peak_of(1_000)
