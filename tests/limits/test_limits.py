"""Limits: their defaults, and what is no limit."""

from __future__ import annotations

import io
import pickle
import sys
from typing import Any

import attrs
import pytest

from reviewcorpus import Corpus, Defect, DefectKind, LimitExceeded, Limits, iter_movies, loads
from reviewcorpus.formats import Field, Value
from reviewcorpus.parser._values import Remembered


def test_the_defaults_are_those_of_the_format() -> None:
    limits = Limits()
    assert limits.max_field_bytes == 16 * 1024 * 1024
    assert limits.max_extra_elements == 1000


def test_limits_are_values() -> None:
    limits = Limits(max_field_bytes=5)
    assert limits == Limits(max_field_bytes=5) != Limits()
    assert hash(limits) == hash(Limits(max_field_bytes=5))
    assert pickle.loads(pickle.dumps(limits)) == limits
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        limits.max_field_bytes = 6  # type: ignore[misc]


def test_limits_are_given_by_name_only() -> None:
    with pytest.raises(TypeError):
        Limits(5)  # type: ignore[call-arg]


LEAST = {
    "max_field_bytes": 1,
    "max_extra_elements": 0,
    "max_tag_bytes": 64,
    "max_reference_bytes": 8,
    "max_defects_per_field": 1,
}
MOST = 1 << 40


def test_each_limit_is_tested_here() -> None:
    assert set(LEAST) == {field.name for field in attrs.fields(Limits)}


@pytest.mark.parametrize(("name", "least"), LEAST.items())
def test_a_limit_below_the_least_or_above_the_most_is_refused(name: str, least: int) -> None:
    for value in (least, MOST):
        assert getattr(Limits(**{name: value}), name) == value
    for value in (least - 1, MOST + 1, sys.maxsize, 10**30):
        with pytest.raises(
            ValueError, match=rf"^{name} must be an int from {least} to {MOST}, not "
        ):
            Limits(**{name: value})


@pytest.mark.parametrize("name", LEAST)
@pytest.mark.parametrize("value", [1e6, "1000", None, True])
def test_a_limit_that_is_no_int_is_refused(name: str, value: Any) -> None:
    with pytest.raises(TypeError, match=rf"^{name} must be an int .*, not {value!r}$"):
        Limits(**{name: value})


@pytest.mark.parametrize("name", LEAST)
def test_the_largest_limit_ends_in_no_error(name: str) -> None:
    text = (
        "x <movie>\n<title>a &amp; &foo</title><zz>b</zz><review> <fullReview><?xml version='1'?>"
        "<movie>"
    )
    limits = Limits(**{name: MOST})
    assert list(Corpus(io.StringIO(text), limits=limits).defects())
    review = "<review author='a' b='x''><body>b</body></review>"
    assert list(Corpus(io.StringIO(review), limits=limits, format="muchocine").defects())


def test_a_long_tag_is_text_or_ends_strict_reading() -> None:
    data = f"<movies><movie a='{'y' * 100}'><title>A</title></movie></movies>"
    assert loads("<movie></movie>" + data, limits=Limits(max_tag_bytes=64)).title is None
    with pytest.raises(LimitExceeded, match="a tag is longer than 64 bytes"):
        loads(data, errors="strict", limits=Limits(max_tag_bytes=64))


def test_what_just_fits_is_read_and_one_byte_more_is_not() -> None:
    text = "<movie><title>12345</title></movie>"
    assert loads(text, limits=Limits(max_field_bytes=5)).title == "12345"
    with pytest.raises(LimitExceeded, match="max_field_bytes"):
        loads(text, limits=Limits(max_field_bytes=4))


def test_what_shows_that_a_review_begins_a_movie_must_be_near() -> None:
    data = f"<review><{'x' * 30}/><date>2001-02-03</date></review>".encode()
    assert len(list(iter_movies(io.BytesIO(data)))) == 1
    assert list(iter_movies(io.BytesIO(data), limits=Limits(max_field_bytes=30))) == []


def test_what_shows_that_a_document_begins_must_be_near() -> None:
    for blanks, kind in ((10, DefectKind.UNEXPECTED_END), (30, DefectKind.MISSING_END_TAG)):
        data = b"<movie><title>a</title><?xml version='1.0'?>" + b" " * blanks + b"<movie/>"
        defects: list[Defect] = []
        limits = Limits(max_field_bytes=40)
        assert (
            len(list(iter_movies(io.BytesIO(data), limits=limits, on_defect=defects.append))) == 2
        )
        assert defects[0].kind is kind


def test_names_of_elements_count_too() -> None:
    """They are kept in `extra`, so that long ones would take memory without limit."""
    name = "n" * 100
    data = f"<movie><{name}>x</{name}></movie>"
    assert loads(data, limits=Limits(max_field_bytes=101)).extra == {name: "x"}
    with pytest.raises(LimitExceeded, match="unknown elements"):
        loads(data, limits=Limits(max_field_bytes=100))


def test_remembered_values_are_forgotten_when_they_are_many(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("reviewcorpus.parser._values._MOST_REMEMBERED", 3)
    read = Remembered(Field("year", "year", Value.YEAR))
    assert [read[b"%d" % number] for number in range(1, 11)] == list(range(1, 11))
    assert len(read) <= 3
