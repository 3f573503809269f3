"""Records: defaults, what they refuse, and what makes them values."""

from __future__ import annotations

import copy
import datetime
import math
import pickle
from typing import TYPE_CHECKING, Any

import attrs
import pytest

from reviewcorpus import Movie, Review
from reviewcorpus.models import NO_EXTRA, Extra, checked_review

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

DAY = datetime.date(2003, 4, 5)
REVIEW = Review(
    date=DAY,
    username="pat (pat@example.org)",
    score=0.7,
    short_description="Boats!",
    full_review="They are folded.\nThey float.",
    extra={"country": "FR"},
)
MOVIE = Movie(
    title="Paper Boats",
    link="http://www.imdb.com/title/tt0000042/",
    year=1999,
    general_score=0.75,
    reviews=(REVIEW,),
    extra={"studio": "Attic"},
)
RECORDS = pytest.mark.parametrize("record", [Movie(), Review(), MOVIE, REVIEW], ids=repr)


def make(kind: Callable[..., Any], field: str, value: Any) -> Any:
    """Build a record with a value that its annotations may not allow."""
    return kind(**{field: value})


# ---- values -----------------------------------------------------------------------------


def test_a_movie_has_nothing_by_default() -> None:
    assert attrs.astuple(Movie(), recurse=False) == (None, None, None, None, (), {})


def test_a_review_has_nothing_by_default() -> None:
    assert attrs.astuple(Review(), recurse=False) == (None, None, None, None, None, {})


def test_the_fields_stand_in_the_promised_order() -> None:
    movie = Movie("Paper Boats", "link", 1999, 0.75, (REVIEW,), {"studio": "Attic"})
    review = Review(DAY, "pat", 0.7, "Boats!", "They float.", {"country": "FR"})
    assert list(attrs.asdict(movie, recurse=False)) == [
        *("title", "link", "year", "general_score", "reviews", "extra")
    ]
    assert list(attrs.asdict(review, recurse=False)) == [
        *("date", "username", "score", "short_description", "full_review", "extra")
    ]


@RECORDS
def test_no_field_can_be_set(record: Movie | Review) -> None:
    for field in attrs.fields(type(record)):
        with pytest.raises(attrs.exceptions.FrozenInstanceError):
            setattr(record, field.name, getattr(record, field.name))


@RECORDS
def test_records_have_slots_and_take_no_new_attribute(record: Movie | Review) -> None:
    assert not hasattr(record, "__dict__")
    with pytest.raises(AttributeError):
        record.rating = 1  # type: ignore[union-attr]


@RECORDS
@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_pickling_gives_an_equal_record(record: Movie | Review, protocol: int) -> None:
    twin = pickle.loads(pickle.dumps(record, protocol))
    assert twin == record
    assert type(twin) is type(record)
    assert hash(twin) == hash(record)


@RECORDS
def test_a_deep_copy_is_equal(record: Movie | Review) -> None:
    assert copy.deepcopy(record) == record


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", "Paper Boat"),
        ("link", None),
        ("year", 2000),
        ("general_score", None),
        ("reviews", ()),
        ("extra", {}),
    ],
)
def test_movies_differ_by_each_field(field: str, value: Any) -> None:
    other = attrs.evolve(MOVIE, **{field: value})
    assert other != MOVIE
    assert len({other, MOVIE, copy.copy(MOVIE)}) == 2


@pytest.mark.parametrize("field", [field.name for field in attrs.fields(Review)])
def test_reviews_differ_by_each_field(field: str) -> None:
    empty = getattr(Review(), field)
    other = attrs.evolve(REVIEW, **{field: empty})
    assert other != REVIEW
    assert len({other, REVIEW, copy.copy(REVIEW)}) == 2


def test_the_repr_of_a_movie_counts_its_reviews() -> None:
    # A movie of 1,840 reviews would fill many screens.
    assert "reviews=<0 reviews>" in repr(Movie())
    assert "reviews=<1 review>" in repr(MOVIE)
    assert "reviews=<2 reviews>" in repr(Movie(reviews=[REVIEW, REVIEW]))


def test_reviews_become_a_tuple_whatever_holds_them() -> None:
    def generate() -> Iterator[Review]:
        yield REVIEW

    for reviews in ([REVIEW], (REVIEW,), {REVIEW: 1}, generate()):
        assert make(Movie, "reviews", reviews).reviews == (REVIEW,)


@pytest.mark.parametrize(("kind", "field"), [(Movie, "general_score"), (Review, "score")])
@pytest.mark.parametrize("score", [0, 1])
def test_a_whole_score_becomes_a_float(kind: Callable[..., Any], field: str, score: int) -> None:
    value = getattr(make(kind, field, score), field)
    assert value == score
    assert type(value) is float


@pytest.mark.parametrize("year", [1, 1888, 9999])
def test_years_reach_as_far_as_the_calendar(year: int) -> None:
    assert Movie(year=year).year == year


# ---- refusals ---------------------------------------------------------------------------

_SCORE = "a float from 0.0 to 1.0, or None for no score"
_TEXT = "a str or None"


@pytest.mark.parametrize(
    ("kind", "field", "value", "error", "allowed"),
    [
        (Movie, "title", b"Paper Boats", TypeError, _TEXT),
        (Movie, "link", 42, TypeError, _TEXT),
        (Movie, "year", "1999", TypeError, "an int from 1 to 9999"),
        (Movie, "year", 1999.0, TypeError, "an int from 1 to 9999"),
        (Movie, "year", True, TypeError, "an int from 1 to 9999"),
        (Movie, "year", 0, ValueError, "an int from 1 to 9999"),
        (Movie, "year", 10_000, ValueError, "an int from 1 to 9999"),
        (Movie, "general_score", -1.0, ValueError, _SCORE),
        (Movie, "general_score", "0.7", TypeError, _SCORE),
        (Movie, "reviews", None, TypeError, "an iterable of Review"),
        (Movie, "reviews", "good", TypeError, "an iterable of Review"),
        (Movie, "extra", None, TypeError, "a mapping of str to str"),
        (Movie, "extra", [("a", "b")], TypeError, "a mapping of str to str"),
        (Review, "date", datetime.datetime(2003, 4, 5), TypeError, "(no datetime) or None"),  # noqa: DTZ001 any
        (Review, "date", "2003-04-05", TypeError, "a datetime.date"),
        (Review, "username", ["pat"], TypeError, _TEXT),
        (Review, "score", True, TypeError, _SCORE),
        (Review, "score", False, TypeError, _SCORE),
        (Review, "score", 7, ValueError, _SCORE),
        (Review, "score", -1, ValueError, _SCORE),
        (Review, "score", 10**400, ValueError, _SCORE),  # too large to become a float
        (Review, "score", 1.0000000000000002, ValueError, _SCORE),
        (Review, "score", -5e-324, ValueError, _SCORE),
        (Review, "score", math.nan, ValueError, _SCORE),
        (Review, "score", math.inf, ValueError, _SCORE),
        (Review, "score", 0.7 + 0j, TypeError, _SCORE),
        (Review, "short_description", 0, TypeError, _TEXT),
        (Review, "full_review", b"", TypeError, _TEXT),
        (Review, "extra", "FR", TypeError, "a mapping of str to str"),
    ],
)
def test_a_refusal_names_field_value_and_what_is_allowed(
    kind: Callable[..., Any], field: str, value: object, error: type[Exception], allowed: str
) -> None:
    with pytest.raises(error) as caught:
        make(kind, field, value)
    message = str(caught.value)
    assert message.startswith(f"{field} must be ")
    assert allowed in message
    assert message.endswith(f"not {value!r}") or "..." in message
    assert len(message) < 200


def test_a_review_that_is_none_is_named_by_its_index() -> None:
    with pytest.raises(TypeError, match=r"^reviews\[1\] must be a Review, not 'fine'$"):
        make(Movie, "reviews", [REVIEW, "fine"])


@pytest.mark.parametrize("kind", [Movie, Review])
def test_names_and_texts_of_extra_must_be_str(kind: Callable[..., Any]) -> None:
    with pytest.raises(TypeError, match=r"^a name in extra must be a str, not 1$"):
        make(kind, "extra", {1: "one"})
    with pytest.raises(TypeError, match=r"^extra\['country'\] must be a str, not None$"):
        make(kind, "extra", {"country": None})


def test_evolving_checks_too() -> None:
    with pytest.raises(ValueError, match="score"):
        attrs.evolve(REVIEW, score=2.0)


# ---- extra ------------------------------------------------------------------------------


def test_extra_reads_like_a_dict() -> None:
    extra = Extra({"country": "FR", "studio": "Attic"})
    assert extra["country"] == "FR"
    assert list(extra) == ["country", "studio"]
    assert len(extra) == 2
    assert "date" not in extra
    assert extra.get("date") is None
    with pytest.raises(KeyError):
        extra["date"]


def test_extra_equals_mappings_of_the_same_items_both_ways() -> None:
    items = {"country": "FR", "studio": "Attic"}
    extra = Extra(items.items())
    assert extra == items
    assert items == extra
    assert extra == Extra(reversed(items.items()))
    assert extra != {"country": "FR"}
    assert {"country": "FR"} != extra  # noqa: SIM300 the dict is asked first
    assert Extra.__eq__(extra, list(items)) is NotImplemented


def test_extra_cannot_be_changed() -> None:
    items = {"country": "FR"}
    movie = Movie(extra=items)
    items["country"] = "BE"
    assert movie.extra == {"country": "FR"}
    with pytest.raises(TypeError):
        movie.extra["country"] = "BE"  # type: ignore[index]
    with pytest.raises(TypeError):
        del movie.extra["country"]  # type: ignore[attr-defined]
    assert not hasattr(movie.extra, "__dict__")


def test_equal_extras_have_equal_hashes_in_any_order() -> None:
    assert hash(Extra({"a": "1", "b": "2"})) == hash(Extra({"b": "2", "a": "1"}))
    assert len({Extra(), NO_EXTRA, Extra({"a": "1"})}) == 2


def test_extra_can_be_pickled_and_shown() -> None:
    extra = Extra({"country": "FR"})
    assert pickle.loads(pickle.dumps(extra)) == extra
    assert isinstance(pickle.loads(pickle.dumps(extra)), Extra)
    assert repr(extra) == "{'country': 'FR'}"


def test_an_extra_is_kept_as_it_is() -> None:
    extra = Extra({"country": "FR"})
    assert Review(extra=extra).extra is extra


# ---- properties -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("link", "imdb_id"),
    [
        ("http://www.imdb.com/title/tt2053425/", "tt2053425"),
        ("http://www.imdb.com/title/tt2053425", "tt2053425"),
        ("http://www.imdb.com/title/tt0054215/?pf_rd_m=A2F&ref_=chttp_tt_34", "tt0054215"),
        ("https://m.imdb.com/title/tt12345678901/reviews?x=tt1", "tt12345678901"),
        ("tt7", "tt7"),
        ("http://www.imdb.com/chart/top?ref_=chttp_tt_34", None),
        ("http://example.org/watt12/", None),
        ("http://example.org/_tt12/", None),
        ("http://example.org/1tt12/", None),
        ("http://example.org/TT12/", None),
        ("http://example.org/tt٣/", None),  # digits of another script are no number of the site
        ("http://example.org/title/tt/", None),
        ("", None),
        (None, None),
    ],
)
def test_imdb_id_is_taken_from_the_link(link: str | None, imdb_id: str | None) -> None:
    assert Movie(link=link).imdb_id == imdb_id


@pytest.mark.parametrize(
    ("score", "stars"),
    [
        (None, None),
        (0.0, None),
        (0.04, None),
        (0.05, 1),
        (0.1, 1),
        (0.25, 3),
        (0.35, 4),
        (0.5599999999999999, 6),
        (0.7, 7),
        (0.8300000000000001, 8),
        (0.95, 10),
        (1.0, 10),
    ],
)
def test_stars_round_to_the_scale_of_the_site(score: float | None, stars: int | None) -> None:
    assert Review(score=score).stars == stars


# ---- the private door -------------------------------------------------------------------


def test_checked_review_is_a_review_like_any_other() -> None:
    values = [getattr(REVIEW, field.name) for field in attrs.fields(Review)]
    review = checked_review(*values)
    assert type(review) is Review
    assert review == REVIEW
    assert hash(review) == hash(REVIEW)
    assert repr(review) == repr(REVIEW)
    assert pickle.loads(pickle.dumps(review)) == REVIEW
    assert attrs.evolve(review, score=None) == attrs.evolve(REVIEW, score=None)
    assert Movie(reviews=[review]) == Movie(reviews=[REVIEW])


def test_checked_review_has_no_extra_by_default() -> None:
    assert checked_review(None, None, None, None, None) == Review()


def test_a_checked_review_is_frozen() -> None:
    review = checked_review(None, None, 0.5, None, None)
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        review.score = 0.7  # type: ignore[misc]
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        del review.score
    assert not hasattr(review, "__dict__")
