"""Records: defaults, what they refuse, and what makes them values."""

from __future__ import annotations

import copy
import datetime
import inspect
import io
import json
import math
import pickle
import re
from typing import TYPE_CHECKING, Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

import reviewcorpus as rc
from reviewcorpus import Movie, Review, strategies
from reviewcorpus._checks import ILLEGAL
from reviewcorpus._unchecked import replacing, unfinished
from reviewcorpus.cleaning import Change
from reviewcorpus.defects import Defect, checked_defect
from reviewcorpus.formats import MOVIE as MOVIE_FORMAT
from reviewcorpus.formats import MOVIE_RECORD
from reviewcorpus.models import NO_EXTRA, Extra, checked_movie, checked_review

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


def test_the_fields_are_in_the_promised_order() -> None:
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


LONG_REVIEW = attrs.evolve(
    REVIEW, short_description="Boats! " * 50, full_review="They float. " * 1000, extra={}
)


def test_the_repr_of_a_review_has_about_150_characters() -> None:
    # A notebook shows the repr of each review of a movie.
    assert len(repr(LONG_REVIEW)) <= 150
    assert len(repr(attrs.evolve(LONG_REVIEW, extra={"country": "FR" * 100}))) <= 170
    assert repr(REVIEW) == (
        "Review(date=2003-04-05, username='pat (pa...ple.org)', score=0.7,"
        " short_description='Boats!', full_review='They ar...y float.',"
        " extra={'country': 'FR'})"
    )


def test_the_repr_of_a_movie_shortens_long_texts() -> None:
    movie = Movie("Boats " * 100, "http://example.org/" * 100, extra={"studio": "Attic" * 100})
    assert len(repr(movie)) <= 280
    assert repr(MOVIE) == (
        "Movie(title='Paper Boats', link='http://www.imdb.com/title/tt0000042/', year=1999,"
        " general_score=0.75, reviews=<1 review>, extra={'studio': 'Attic'})"
    )


@given(strategies.reviews())
def test_no_repr_is_long(review: Review) -> None:
    assert len(repr(review)) <= 220
    assert len(repr(review).splitlines()) == 1


@pytest.mark.parametrize(
    "value",
    [REVIEW, MOVIE, rc.Limits(), MOVIE_FORMAT, checked_defect(*"abcdefghijklm")],
    ids=lambda value: type(value).__name__,
)
def test_the_repr_is_the_one_that_attrs_would_make(value: Any) -> None:
    fields = attrs.fields(type(value))
    twin = attrs.make_class(
        type(value).__name__, {each.name: attrs.field(repr=each.repr) for each in fields}
    )
    assert repr(value) == repr(twin(*(getattr(value, each.name) for each in fields)))


@pytest.mark.parametrize(
    ("value", "change"),
    [
        (rc.Limits(), {"max_tag_bytes": 100}),
        (MOVIE_RECORD, {"element": "film"}),
        (MOVIE_RECORD.fields[0], {"is_required": False}),
        (checked_defect(*"abcdefghijklm"), {"raw": "z"}),
    ],
    ids=lambda value: type(value).__name__,
)
def test_values_are_equal_if_their_classes_and_fields_are(
    value: Any, change: dict[str, Any]
) -> None:
    other = attrs.evolve(value, **change)
    assert value == copy.copy(value)
    assert value != other
    assert other != value
    assert value != attrs.astuple(value, recurse=False)
    assert value != attrs.make_class("Other", [])()
    assert len({value, copy.copy(value), other}) == 2


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


def test_what_is_not_a_review_is_named_by_its_index() -> None:
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


@pytest.mark.parametrize(
    "character", ["\0", "\x07", "\x0b", "\x0c", "\x1f", "\ufffe", "\uffff", "\ud800"]
)
@pytest.mark.parametrize(
    ("make_record", "field"),
    [
        (lambda text: Movie(title=text), "title"),
        (lambda text: Movie(link=text), "link"),
        (lambda text: Movie(extra={"studio": text}), "extra['studio']"),
        (lambda text: Movie(extra={text: "Attic"}), "a name in extra"),
        (lambda text: Review(username=text), "username"),
        (lambda text: Review(short_description=text), "short_description"),
        (lambda text: Review(full_review=text), "full_review"),
        (lambda text: Review(extra={"country": text}), "extra['country']"),
        (lambda text: attrs.evolve(REVIEW, full_review=text), "full_review"),
    ],
)
def test_a_character_that_no_file_can_give_is_refused(
    make_record: Callable[[str], object], field: str, character: str
) -> None:
    with pytest.raises(ValueError, match="must be text that XML can carry") as caught:
        make_record(f"ab{character}")
    assert str(caught.value) == (
        f"{field} must be text that XML can carry, but {'ab' + character!r} has"
        f" U+{ord(character):04X} at character 2 (from 0)"
    )


def test_a_long_text_with_a_character_that_no_file_can_give_is_shortened() -> None:
    with pytest.raises(ValueError, match=r"has U\+0007 at character 5000 \(from 0\)$") as caught:
        Review(full_review="x" * 5000 + "\x07" + "y" * 5000)
    assert len(str(caught.value)) < 200


# The last are a carriage return, which a file gives as &#13;, and C1 controls, which XML has.
@pytest.mark.parametrize(
    "character", ["\t", "\n", " ", "\x7f", "\ufffd", "\U0010ffff", "\r", "\x80"]
)
def test_a_character_that_a_file_can_give_is_accepted(character: str) -> None:
    movie = Movie(title=f"a{character}b", extra={"studio": character})
    assert rc.loads(rc.dumps(movie)) == movie


# ---- what reading gives, the classes accept ---------------------------------------------


def build_again(record: Movie | Review) -> Movie | Review:
    """Build a record from its own values, by the door that checks them."""
    return type(record)(**attrs.asdict(record, recurse=False))


def check_records(data: bytes, **options: Any) -> None:
    """Check that the classes accept each record that is read from some bytes."""
    for movie in rc.iter_movies(io.BytesIO(data), **options):
        assert build_again(movie) == movie
        for review in movie.reviews:
            assert build_again(review) == review


@given(strategies.damaged_xml())
def test_the_classes_accept_what_is_read_from_damaged_files(damaged: strategies.Damaged) -> None:
    check_records(damaged.data)


MARKUP = (
    "<movie> </movie> <title> </title> <review> </review> <fullReview> </fullReview> <score>"
    " <a\ufffe> </a\ufffe> <\uffff> <mood> </mood> <![CDATA[ ]]> <!-- --> &#0; &#xFFFE; &#xD800;"
    " &#7; \0 \x07 \x0b \x1f \r \ufffe \uffff \ud800 \x80 é & < > null"
).split(" ")


@given(
    st.lists(st.one_of(st.sampled_from(MARKUP), st.text(max_size=3)), max_size=30).map("".join),
    st.sampled_from(["utf-8", "utf-16", "utf-32-be", "latin-1", "windows-1252"]),
)
def test_the_classes_accept_what_is_read_from_anything(text: str, encoding: str) -> None:
    errors = "surrogatepass" if encoding.startswith("utf") else "replace"
    check_records(f"<movie>{text}".encode(encoding, errors))
    check_records(f"<movie>{text}".encode(encoding, errors), encoding=encoding)


@pytest.mark.parametrize("character", ["\ufffe", "\uffff"])
def test_reading_replaces_in_names_what_is_not_a_character(character: str) -> None:
    movie = rc.loads(f"<movie><a{character}>x</a{character}></movie>")
    assert movie.extra == {"a\ufffd": "x"}


# ---- extra ------------------------------------------------------------------------------

items_of_extra = st.dictionaries(st.text(max_size=3), st.text(max_size=3), max_size=5)


@given(items_of_extra, st.text(max_size=3))
def test_extra_reads_like_a_dict(items: dict[str, str], name: str) -> None:
    extra = Extra(items)
    assert isinstance(extra, dict)
    assert extra == items
    assert items == extra
    assert list(extra.items()) == list(items.items())
    assert list(reversed(extra)) == list(reversed(items))
    assert (len(extra), bool(extra), name in extra) == (len(items), bool(items), name in items)
    assert extra.get(name) == items.get(name)
    assert repr(extra) == repr(items)
    assert {**extra} == items
    assert json.dumps(extra) == json.dumps(items)


@given(items_of_extra, items_of_extra)
def test_extra_is_equal_and_hashed_by_its_items_in_any_order(
    items: dict[str, str], others: dict[str, str]
) -> None:
    extra, twin = Extra(items), Extra(reversed(items.items()))
    assert extra == twin
    assert hash(extra) == hash(twin)
    assert (extra == Extra(others)) is (items == others)
    assert extra | others == items | others
    assert others | extra == others | items
    assert extra == items  # a union is another mapping


@given(items_of_extra)
def test_extra_can_be_copied_and_pickled(items: dict[str, str]) -> None:
    extra = Extra(items)
    copies = [pickle.loads(pickle.dumps(extra, n)) for n in range(pickle.HIGHEST_PROTOCOL + 1)]
    copies += [copy.copy(extra), copy.deepcopy(extra), extra.copy(), Extra(extra)]
    for twin in copies:
        assert twin == extra
        assert type(twin) is Extra
        assert hash(twin) == hash(extra)


def update_in_place(extra: Any) -> None:
    extra |= {"b": "2"}


CHANGES: dict[str, Callable[[Any], object]] = {
    "__setitem__": lambda extra: extra.__setitem__("a", "2"),
    "__delitem__": lambda extra: extra.__delitem__("a"),
    "__ior__": update_in_place,
    "clear": lambda extra: extra.clear(),
    "pop": lambda extra: extra.pop("b", None),
    "popitem": lambda extra: extra.popitem(),
    "setdefault": lambda extra: extra.setdefault("b", "2"),
    "update": lambda extra: extra.update(b="2"),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_extra_refuses_every_change(change: Callable[[Any], object]) -> None:
    extra = Extra({"a": "1"})
    with pytest.raises(TypeError, match=r"^extra cannot be changed; build a new record instead: "):
        change(extra)
    assert extra == {"a": "1"}


def test_all_that_changes_a_dict_is_refused() -> None:
    unchanging = set(dir(dict)) & set(dir(frozenset)) | set(
        "copy fromkeys get items keys values __getitem__ __class_getitem__ __reversed__ __or__"
        " __ror__".split()
    )
    assert set(dir(dict)) - unchanging == set(CHANGES)


def test_extra_is_not_changed_by_calling_init_again_or_by_its_origin() -> None:
    items = {"country": "FR"}
    movie = Movie(extra=items)
    items["country"] = "BE"
    Extra.__init__(movie.extra, {"country": "BE"})  # type: ignore[arg-type]
    assert movie.extra == {"country": "FR"}
    assert not hasattr(movie.extra, "__dict__")


def test_equal_extras_are_one_in_a_set() -> None:
    assert len({Extra(), NO_EXTRA, Extra({"a": "1"})}) == 2


def test_a_new_record_can_have_other_extra_elements() -> None:
    movie = attrs.evolve(MOVIE, extra={**MOVIE.extra, "country": "FR"})
    assert movie.extra == {"studio": "Attic", "country": "FR"}
    assert type(movie.extra) is Extra


def test_a_record_can_be_written_as_json() -> None:
    data = json.loads(json.dumps(attrs.asdict(MOVIE), default=str))
    assert data["extra"] == {"studio": "Attic"}
    assert data["reviews"][0]["extra"] == {"country": "FR"}
    assert data["reviews"][0]["date"] == "2003-04-05"


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


@pytest.mark.parametrize(
    ("scores", "mean"),
    [
        ([], None),
        ([None, None], None),
        ([0.0], 0.0),
        ([None, 0.5, 1.0], 0.75),
        ([0.1] * 10, 0.1),  # a plain sum is 0.9999999999999999
    ],
)
def test_the_mean_score_is_that_of_the_reviews_with_a_score(
    scores: list[float | None], mean: float | None
) -> None:
    movie = Movie(general_score=0.3, reviews=[Review(score=score) for score in scores])
    assert movie.mean_score == mean


@given(st.lists(st.floats(0, 1), min_size=1, max_size=20))
def test_a_mean_score_is_a_score(scores: list[float]) -> None:
    mean = Movie(reviews=[Review(score=score) for score in scores]).mean_score
    assert mean is not None
    assert Review(score=mean).score == mean


# ---- the private door -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "door"),
    [(Review, checked_review), (Movie, checked_movie), (Defect, checked_defect)],
)
def test_the_private_door_has_the_fields_of_the_class_in_their_order(
    kind: Any, door: Callable[..., Any]
) -> None:
    names = [field.name for field in attrs.fields(kind)]
    assert list(inspect.signature(door).parameters) == names
    slots: Any = unfinished(kind)
    assert list(slots.__slots__) == names
    assert list(kind.__slots__) == names
    values = [object() for _ in names]
    assert attrs.astuple(door(*values), recurse=False) == tuple(values)


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


def test_the_private_door_has_the_defaults_of_the_class() -> None:
    assert checked_review() == Review()
    assert checked_movie(title="Paper Boats") == Movie(title="Paper Boats")
    with pytest.raises(TypeError):
        checked_defect()
    with pytest.raises(TypeError, match="missing 1 required positional argument: 'column'"):
        checked_defect(*"abcdefg")  # the default before it cannot be used
    assert checked_defect(*"abcde", 1, 2, 3).raw == ""


def test_a_copy_through_the_private_door_has_other_values_and_the_same_rest() -> None:
    rescore = replacing(Review, "score", "username")
    assert rescore(REVIEW, 0.1, None) == attrs.evolve(REVIEW, score=0.1, username=None)
    change = Change("own", "title", "old", "new", "why", start=3)
    assert replacing(Change, "new")(change, "self") == attrs.evolve(change, new="self")


@pytest.mark.parametrize("rest", ["", "é", "’"])
def test_every_character_is_legal_or_illegal_whatever_is_around_it(rest: str) -> None:
    for character in map(chr, [*range(0x110), 0xD7FF, 0xD800, 0xDFFF, *range(0xFFF0, 0x10010)]):
        is_refused = False
        try:
            Review(full_review=f"a{character}{rest}")
        except ValueError:
            is_refused = True
        assert is_refused == bool(re.match(ILLEGAL, character)), hex(ord(character))


def test_the_source_of_the_private_door_can_be_shown() -> None:
    assert "self.full_review = full_review" in inspect.getsource(checked_review)


def test_a_checked_review_is_frozen() -> None:
    review = checked_review(None, None, 0.5, None, None)
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        review.score = 0.7  # type: ignore[misc]
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        del review.score
    assert not hasattr(review, "__dict__")
