"""Steps of collections: repeated reviews dropped, and records of one movie merged."""

from __future__ import annotations

import datetime
import io
from collections import Counter
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import attrs
import pytest
from hypothesis import Phase, find, given, settings
from hypothesis import strategies as st

import cleaning_inputs
import reviewcorpus as rc
from reviewcorpus import strategies as rcst
from reviewcorpus._rows import fields_of
from reviewcorpus.cleaning import (
    Cleaned,
    _collections,
    drop_repeats,
    merge_corpus,
    merge_movies,
)
from reviewcorpus.validation._prose import same_text, sameness

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator
    from pathlib import Path

DAY = datetime.date(2012, 5, 18)
BODY = "I laughed more than twice."
ANN = rc.Review(date=DAY, username="ann", score=0.7, full_review=BODY)
LINK = "http://www.imdb.com/title/tt0000042/"
FIRST = settings(phases=[Phase.generate], derandomize=True, database=None)
OTHER_LINK = "http://www.imdb.com/title/tt0000043/"


def review(**fields: Any) -> rc.Review:
    return attrs.evolve(ANN, **fields)


def indices(cleaned: Cleaned[rc.Movie]) -> list[tuple[int | None, int | None]]:
    return [(change.review_index, change.kept_index) for change in cleaned.changes]


def is_covered(dropped: rc.Review, kept: rc.Review) -> bool:
    """Return whether one review says nothing that the other does not say."""
    pairs = [
        (dropped.score, kept.score),
        (dropped.short_description or None, kept.short_description),
        (dropped.extra or None, kept.extra),
    ]
    return all(mine is None or mine == other for mine, other in pairs) and (
        dropped.username or None,
        dropped.date,
        same_text(dropped.full_review or ""),
    ) == (kept.username or None, kept.date, same_text(kept.full_review or ""))


# ---- repeats ----------------------------------------------------------------------------


def test_bodies_are_compared_only_where_user_and_day_are_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    compared = []

    def count(given: rc.Review) -> object:
        compared.append(given)
        return sameness(given)

    monkeypatch.setattr(_collections, "sameness", count)
    others = [review(username="bob"), review(date=None), review(username=None)]
    assert indices(drop_repeats(rc.Movie(reviews=[ANN, *others]))) == []
    assert compared == []
    assert indices(drop_repeats(rc.Movie(reviews=[*others, ANN, ANN]))) == [(4, 3)]
    assert compared == [ANN, ANN]


@pytest.mark.parametrize(
    ("reviews", "expected"),
    [
        ([ANN, ANN], [(1, 0)]),
        ([ANN, ANN, ANN], [(1, 0), (2, 0)]),
        ([ANN, review(full_review=" I laughed\nmore  than twice.\n")], [(1, 0)]),
        ([ANN, review(score=None)], [(1, 0)]),
        ([review(score=None), ANN], [(0, 1)]),
        ([review(score=0.0), review(score=None)], [(1, 0)]),
        ([review(short_description="Nice"), ANN], [(1, 0)]),
        ([review(short_description="Nice"), review(short_description="")], [(1, 0)]),
        ([ANN, review(extra={"place": "Graz"})], [(0, 1)]),
        (
            [review(score=None, short_description="Nice"), ANN, review(short_description="Nice")],
            [(0, 2), (1, 2)],
        ),
        ([ANN, review(score=0.8), review(score=None)], [(2, 0)]),
        ([review(username=None), review(username="")], [(1, 0)]),
        ([review(date=None), review(date=None)], [(1, 0)]),
        ([review(username=None, full_review="x" * 20)] * 2, [(1, 0)]),
        ([review(full_review="No.")] * 2, [(1, 0)]),
    ],
)
def test_repeats_are_dropped(reviews: list[rc.Review], expected: list[tuple[int, int]]) -> None:
    movie = rc.Movie(title="Paper Boats", reviews=reviews)
    cleaned = drop_repeats(movie)
    assert indices(cleaned) == expected
    gone = {index for index, _ in expected}
    stay = [one for index, one in enumerate(reviews) if index not in gone]
    assert cleaned.value == attrs.evolve(movie, reviews=stay)


@pytest.mark.parametrize(
    "reviews",
    [
        [],
        [ANN],
        [ANN, review(username="bob")],
        [ANN, review(date=None)],
        [ANN, review(full_review=f"{BODY}.")],
        [ANN, review(score=0.8)],
        [review(short_description="Nice"), review(short_description="nice")],
        [review(extra={"place": "Graz"}), review(extra={"place": "Bonn"})],
        [review(score=None, short_description="Nice"), ANN],
        [review(full_review=None)] * 2,
        [review(full_review=" \n")] * 2,
        [review(username=None, full_review="x" * 19)] * 2,
        [review(username=None, full_review=f"{'x' * 9}{' ' * 9}{'x' * 9}")] * 2,
        [review(username="[e-mail]", full_review="Nice.")] * 2,
    ],
)
def test_what_is_not_the_same_stays(reviews: list[rc.Review]) -> None:
    movie = rc.Movie(reviews=reviews)
    cleaned = drop_repeats(movie)
    assert cleaned.value is movie
    assert cleaned.changes == ()


@pytest.mark.parametrize("name", fields_of(rc.Review))
def test_every_field_that_a_review_can_have_is_compared(name: str) -> None:
    value = find(rcst.reviews().map(attrgetter(name)), bool, settings=FIRST)
    other = attrs.evolve(ANN, **{name: value})
    kept = drop_repeats(rc.Movie(reviews=[ANN, other])).value.reviews
    assert other in kept


@pytest.mark.parametrize("name", fields_of(rc.Movie, "reviews"))
def test_every_field_that_one_record_has_is_merged(name: str) -> None:
    value = find(rcst.movies().map(attrgetter(name)), bool, settings=FIRST)
    movie = rc.Movie(**{name: value})
    assert merge_movies([rc.Movie(), movie]).value == movie


def test_a_change_says_what_was_dropped_and_for_which() -> None:
    (change,) = drop_repeats(rc.Movie(reviews=[review(score=None), ANN])).changes
    assert (change.step, change.field, change.start) == ("drop-repeats", None, None)
    assert (change.old, change.new, change.review_index) == (BODY, None, 0)
    assert change.why == "the same user, date and text"
    assert "(the same user, date and text; reviews[1] is kept)" in str(change)


@given(movie=st.builds(rc.Movie, reviews=st.lists(cleaning_inputs.alike, max_size=12)))
def test_nothing_is_lost_with_repeats(movie: rc.Movie) -> None:
    cleaned = drop_repeats(movie)
    gone = {change.review_index for change in cleaned.changes}
    kept = {index for index in range(len(movie.reviews)) if index not in gone}
    assert cleaned.value.reviews == tuple(movie.reviews[index] for index in sorted(kept))
    for change in cleaned.changes:
        assert change.review_index is not None
        assert change.kept_index in kept
        assert is_covered(movie.reviews[change.review_index], movie.reviews[change.kept_index])
    again = drop_repeats(cleaned.value)
    assert again.value is cleaned.value


@given(movie=st.builds(rc.Movie, reviews=st.lists(cleaning_inputs.alike, max_size=12)))
def test_all_that_can_go_goes(movie: rc.Movie) -> None:
    left = drop_repeats(movie).value.reviews
    for index, one in enumerate(left):
        text = same_text(one.full_review or "")
        if text and (one.username or len(text) >= 20):
            others = [*left[:index], *left[index + 1 :]]
            assert not any(is_covered(one, other) for other in others)


def test_many_repeats_that_all_differ_are_compared_in_one_go() -> None:
    reviews = [
        review(score=None if index % 3 else index / 20_000, short_description=f"{index // 2}")
        for index in range(20_000)
    ]
    calls = Counter[str]()

    class Counting(str):
        __slots__ = ()

        def __eq__(self, other: object) -> bool:
            calls["eq"] += 1
            return super().__eq__(other)

        __hash__ = str.__hash__

    counted = [
        attrs.evolve(one, short_description=Counting(one.short_description)) for one in reviews
    ]
    assert drop_repeats(rc.Movie(reviews=counted)).value.reviews
    assert calls["eq"] < 40 * len(reviews)


# ---- merging ----------------------------------------------------------------------------

BOB = review(username="bob", full_review="It floats for as long as paper does.")
CID = review(username="cid", full_review="My favourite of all boats.")


def test_one_record_comes_back_as_it_is() -> None:
    movie = rc.Movie(reviews=[ANN, ANN])
    cleaned = merge_movies(iter([movie]))
    assert cleaned.value is movie
    assert cleaned.changes == ()


def test_no_records_are_an_error() -> None:
    with pytest.raises(ValueError, match="there are no movies to merge"):
        merge_movies([])


def test_records_of_different_movies_are_an_error() -> None:
    movies = [rc.Movie(link=LINK), rc.Movie(), rc.Movie(link=OTHER_LINK)]
    with pytest.raises(ValueError, match="these are of tt0000042, tt0000043"):
        merge_movies(movies)


def test_what_is_not_a_movie_is_refused() -> None:
    for merge in (merge_movies, lambda movies: list(merge_corpus(movies))):
        with pytest.raises(TypeError, match=r"^movies\[1\] must be a Movie"):
            merge([rc.Movie(), ANN])  # type: ignore[list-item]


def test_reviews_of_the_largest_record_come_first() -> None:
    dan = review(username="dan", full_review="I did not see it to its end.")
    cleaned = merge_movies([rc.Movie(reviews=[dan, BOB]), rc.Movie(reviews=[CID, BOB, ANN])])
    assert [one.username for one in cleaned.value.reviews] == ["cid", "bob", "ann", "dan"]
    (change,) = cleaned.changes
    assert (change.step, change.field, change.old, change.new) == (
        "merge-movies",
        None,
        BOB.full_review,
        None,
    )
    assert (change.review_index, change.kept_index) == (1, 1)
    assert change.why == "the same user, date and text, in the merged record"


def test_a_review_that_says_more_stays_whichever_record_has_it() -> None:
    more = attrs.evolve(BOB, short_description="Nice")
    cleaned = merge_movies([rc.Movie(reviews=[more]), rc.Movie(reviews=[BOB, CID])])
    assert cleaned.value.reviews == (CID, more)
    assert indices(cleaned) == [(0, 1)]


def test_equal_records_make_one_of_them() -> None:
    silent = review(full_review=None)
    short = review(username=None, full_review="Nice.")
    movie = rc.Movie(title="Paper Boats", link=LINK, reviews=[silent, ANN, silent, short])
    cleaned = merge_movies([movie, movie, movie])
    assert cleaned.value == movie
    assert len(cleaned.changes) == 8


def test_what_cannot_be_compared_stays_as_often_as_one_record_has_it() -> None:
    silent, other = review(full_review=None), review(full_review="", username="bob")
    records = [
        rc.Movie(reviews=[silent, ANN, silent]),
        rc.Movie(reviews=[ANN, silent, other, silent, silent]),
        rc.Movie(reviews=[other]),
    ]
    counts = Counter(merge_movies(records).value.reviews)
    assert counts == {silent: 3, other: 1, ANN: 1}


@pytest.mark.parametrize(
    ("field", "values", "chosen", "others"),
    [
        ("title", ["Boats", "Paper Boats", "Boats"], "Boats", ["Paper Boats"]),
        ("title", ["Boats", "Paper Boats"], "Paper Boats", ["Boats"]),
        ("title", ["Boots", "Boats"], "Boats", ["Boots"]),
        ("title", [None, None, "Boats"], "Boats", []),
        ("title", ["", "", "Boats"], "Boats", []),
        ("title", [None, "", None], "", []),
        ("title", [None, None], None, []),
        ("year", [1999, 2001], 1999, ["2001"]),
        ("year", [2001, 1999, None, 2001], 2001, ["1999"]),
        ("general_score", [0.75, 0.5, None], 0.5, ["0.75"]),
        ("general_score", [0.5599999999999999, 0.56], 0.56, ["0.5599999999999999"]),
        ("general_score", [0.0, None], 0.0, []),
        ("link", ["http://example.org/", None, "http://example.org/"], "http://example.org/", []),
        ("link", ["http://example.org/" * 4] * 2 + [LINK], LINK, ["http://example.org/" * 4]),
        ("link", [LINK, f"{LINK}?a=1"], LINK, [f"{LINK}?a=1"]),
        ("extra", [{"place": "Graz"}, {"place": "Bonn"}], {"place": "Bonn"}, ["Graz"]),
        ("extra", [{"a": "1"}, {"b": "2"}, {}], {"a": "1", "b": "2"}, []),
        ("extra", [{"a": ""}, {"a": "2"}], {"a": "2"}, []),
    ],
)
def test_fields_are_settled(field: str, values: list[Any], chosen: Any, others: list[str]) -> None:
    cleaned = merge_movies([rc.Movie(**{field: value}) for value in values])
    assert cleaned.value == rc.Movie(**{field: chosen})
    assert [change.old for change in cleaned.changes] == others
    for change in cleaned.changes:
        assert (change.field, change.review_index, change.start) == (field, None, None)
        assert change.new in {str(chosen), "Bonn"}
        assert change.why.startswith(f"the records disagree about {field}")


RECORDS = st.lists(
    st.builds(
        rc.Movie,
        title=st.sampled_from([None, "", "Boats", "Boots", "Paper Boats"]),
        link=st.sampled_from([None, LINK, f"{LINK}?a=1", "http://example.org/"]),
        year=st.sampled_from([None, 1999, 2001]),
        general_score=st.sampled_from([None, 0.5, 0.75]),
        reviews=st.lists(cleaning_inputs.alike, max_size=5),
        extra=st.dictionaries(st.sampled_from("xy"), st.sampled_from(["", "1", "2"])),
    ),
    min_size=1,
    max_size=5,
)


@given(records=RECORDS, chance=st.randoms(use_true_random=False))
def test_the_order_of_the_records_does_not_matter(
    records: list[rc.Movie], chance: random.Random
) -> None:
    merged = merge_movies(records)
    shuffled = chance.sample(records, len(records))
    assert merge_movies(shuffled) == merged
    assert rc.dumps(merge_movies(shuffled).value) == rc.dumps(merged.value)


@given(records=RECORDS)
def test_nothing_is_lost_in_a_merge(records: list[rc.Movie]) -> None:
    merged = merge_movies(records).value
    for record in records:
        for one in record.reviews:
            assert any(one == kept or is_covered(one, kept) for kept in merged.reviews)
        assert record.extra.keys() <= merged.extra.keys()
        assert merged.imdb_id == "tt0000042" or record.imdb_id is None


@given(records=RECORDS)
def test_a_merged_record_is_merged(records: list[rc.Movie]) -> None:
    once = merge_movies(records).value
    assert merge_movies([once]) == Cleaned(once)
    if len(records) > 1:  # one alone comes back as it is
        assert drop_repeats(once) == Cleaned(once)


@given(
    records=st.lists(
        st.builds(
            rc.Movie,
            title=st.sampled_from(["Boats", "Paper Boats"]),
            link=st.sampled_from([None, LINK, f"{LINK}reviews", OTHER_LINK]),
            reviews=st.lists(cleaning_inputs.alike, max_size=3),
        ),
        max_size=6,
    )
)
def test_a_merged_corpus_is_merged(records: list[rc.Movie]) -> None:
    once = [cleaned.value for cleaned in merge_corpus(records)]
    assert list(merge_corpus(once)) == [Cleaned(movie) for movie in once]


# ---- a corpus ---------------------------------------------------------------------------

BOATS = rc.Movie(title="Boats", link=LINK, reviews=[ANN])
MORE_BOATS = rc.Movie(title="Paper Boats", link=LINK, reviews=[BOB, CID, ANN])
SWANS = rc.Movie(title="Swans", link=OTHER_LINK, reviews=[ANN, ANN])
NAMELESS = rc.Movie(title="Boats", reviews=[ANN])


def test_movies_are_yielded_at_their_last_record() -> None:
    corpus = [BOATS, NAMELESS, SWANS, MORE_BOATS, NAMELESS]
    given_back = [cleaned.value for cleaned in merge_corpus(corpus)]
    assert given_back == [NAMELESS, SWANS, merge_movies([BOATS, MORE_BOATS]).value, NAMELESS]
    assert given_back[1] is SWANS


def test_changes_of_a_corpus_say_which_record_they_are_about() -> None:
    *_, merged = merge_corpus([SWANS, BOATS, MORE_BOATS])
    assert [(one.field, one.movie_index, one.review_index) for one in merged.changes] == [
        ("title", 1, None),
        (None, 1, 0),
    ]


def test_a_corpus_of_files_is_merged(tmp_path: Path) -> None:
    for name, movie in (("a.xml", BOATS), ("b.xml", MORE_BOATS)):
        rc.dump(movie, tmp_path / name)
    (merged,) = merge_corpus(rc.Corpus(tmp_path))
    assert merged.value == merge_movies([BOATS, MORE_BOATS]).value
    place = (str(tmp_path / "a.xml"), 0)
    assert {(one.source, one.movie_index) for one in merged.changes} == {place}


def test_only_movies_with_several_records_are_held() -> None:
    class Counted:
        """Movies that count how many of them have been read."""

        def __init__(self) -> None:
            self.passes: list[int] = []

        def __iter__(self) -> Iterator[rc.Movie]:
            self.passes.append(0)
            for movie in (SWANS, BOATS, NAMELESS, MORE_BOATS):
                self.passes[-1] += 1
                yield movie

    counted = Counted()
    merged = merge_corpus(counted)
    assert next(merged).value is SWANS
    assert counted.passes == [4, 1]
    assert next(merged).value is NAMELESS
    assert counted.passes == [4, 3]


class Changing:
    """Movies that are others each time they are read."""

    def __init__(self, *passes: list[rc.Movie]) -> None:
        self.passes = iter(passes)

    def __iter__(self) -> Iterator[rc.Movie]:
        return iter(next(self.passes))


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ([BOATS, MORE_BOATS], [BOATS, SWANS]),
        ([BOATS], [BOATS, SWANS, SWANS]),
        ([], [BOATS, NAMELESS]),
    ],
)
def test_a_corpus_that_changes_meanwhile_loses_no_record(
    first: list[rc.Movie], second: list[rc.Movie]
) -> None:
    values = [cleaned.value for cleaned in merge_corpus(Changing(first, second))]
    assert Counter(values) == Counter(second)


@pytest.mark.parametrize("corpus", [iter([BOATS]), rc.iter_movies(io.StringIO("<movie/>"))])
def test_what_can_be_read_only_once_is_refused_at_once(corpus: Any) -> None:
    with pytest.raises(TypeError, match=r"merge_corpus\(\) reads the movies twice"):
        merge_corpus(corpus)


@pytest.mark.parametrize("corpus", [None, 3, "corpus/", b"<movie/>", BOATS])
def test_what_holds_no_movies_is_refused(corpus: Any) -> None:
    with pytest.raises(TypeError, match=r"what merge_corpus\(\) reads must be a Corpus or"):
        merge_corpus(corpus)


# ---- what is not a movie ----------------------------------------------------------------


@pytest.mark.parametrize("call", [drop_repeats, merge_movies])
@pytest.mark.parametrize("value", [None, "x", 7])
def test_what_is_not_a_movie_is_refused_by_steps(call: Any, value: Any) -> None:
    with pytest.raises(TypeError):
        call(value)


def test_one_movie_is_not_an_iterable_of_movies() -> None:
    movie: Any = rc.Movie()
    with pytest.raises(TypeError, match="movies must be an iterable of movies"):
        merge_movies(movie)
