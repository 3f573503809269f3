"""From text to numbers, dates and years."""

from __future__ import annotations

import datetime
import math
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewcorpus.formats import MOVIE, MOVIE_RECORD, Field, Value
from reviewcorpus.parser._values import values_of

if TYPE_CHECKING:
    from collections.abc import Callable

read_date, read_score = (values_of(MOVIE.review.fields[index]).read for index in (0, 2))
read_year = values_of(MOVIE_RECORD.fields[2]).read


@pytest.mark.parametrize(
    ("text", "score"),
    [
        ("0.7", 0.7),
        ("0.5599999999999999", 0.5599999999999999),  # float artefacts of the crawler
        ("0.8300000000000001", 0.8300000000000001),
        ("1", 1.0),
        ("1.0", 1.0),
        ("0", 0.0),
        ("-0.0", 0.0),
        (".5", 0.5),
        ("1.", 1.0),
        ("+0.5", 0.5),
        ("5.0E-4", 0.0005),  # Java's Double.toString
        ("1e-400", 0.0),
        ("-1.0", None),
        ("-1", None),
        ("-10e-1", None),
    ],
)
def test_a_score_is_read(text: str, score: float | None) -> None:
    assert read_score(text) == score


@pytest.mark.parametrize(
    "text",
    [
        "",
        "seven",
        "7.5",
        "1.0000000000000002",
        "-0.1",
        "-1.1",
        "NaN",
        "nan",
        "inf",
        "-Infinity",
        "1e999",
        "0,7",
        "0_1",
        "٠.٧",
        "0x1",
        " 0.7",
        "0.7\n",
        "7/10",
        ".",
        "e1",
        "1" * 5000,
    ],
)
def test_what_is_no_score_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="from 0 to 1"):
        read_score(text)


@given(st.floats(0, 1))
def test_every_score_reads_back(score: float) -> None:
    assert read_score(str(score)) == score


@given(st.text(max_size=12))
def test_a_score_is_in_its_range_whatever_the_text(text: str) -> None:
    try:
        score = read_score(text)
    except ValueError:
        return
    assert score is None or (0 <= score <= 1 and math.isfinite(score))


@given(st.dates())
def test_every_day_reads_back(day: datetime.date) -> None:
    assert read_date(day.isoformat()) == day


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2012-02-31",
        "2011-02-29",
        "0000-01-01",
        "2012-1-1",
        "20120101",  # what date.fromisoformat takes since Python 3.11
        "2012-W01-1",
        "2012-05-18T00:00",
        " 2012-05-18",
        "18 May 2012",
        "٢٠١٢-٠٥-١٨",
        "12012-05-18",
    ],
)
def test_what_is_no_day_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="YYYY-MM-DD"):
        read_date(text)


def test_a_leap_day_is_a_day() -> None:
    assert read_date("2012-02-29") == datetime.date(2012, 2, 29)


@pytest.mark.parametrize(
    ("text", "year"), [("1", 1), ("0999", 999), ("2012", 2012), ("9999", 9999)]
)
def test_a_year_is_read(text: str, year: int) -> None:
    assert read_year(text) == year


@pytest.mark.parametrize(
    "text", ["", "0", "0000", "10000", "MMXII", "-1", "+2012", "2012.0", "٢٠١٢", " 2012", "2012\n"]
)
def test_what_is_no_year_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="from 1 to 9999"):
        read_year(text)


@pytest.mark.parametrize("read", [read_score, read_date, read_year])
def test_the_error_says_what_would_be_right_and_no_more(read: Callable[[str], object]) -> None:
    # The reader puts "'seven' is not" before it.
    with pytest.raises(ValueError, match=r"^a [a-z]+ ") as caught:
        read("seven")
    assert "seven" not in str(caught.value)


# ---- other scales, patterns and words ---------------------------------------------------


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("%Y-%m-%d", "2006-09-08"),
        ("%d.%m.%Y", "8.09.2006"),
        ("%d/%m/%Y", "08/09/2006"),
        ("%d/%m/%Y", "8/9/2006"),
        ("%m/%d/%Y", "09/08/2006"),
        ("%B %d, %Y", "September 8, 2006"),
        ("%d %B %Y", "08 September 2006"),
    ],
)
def test_a_date_is_read_as_its_pattern_says(pattern: str, text: str) -> None:
    values = values_of(Field("when", "date", Value.DATE, pattern=pattern))
    assert values.read(text) == values[text.encode()] == datetime.date(2006, 9, 8)


@pytest.mark.parametrize("text", ["Septembre 8, 2006", "September 31, 2006", "9/8/2006", "8", ""])
def test_what_a_pattern_does_not_match_is_refused(text: str) -> None:
    values = values_of(Field("when", "date", Value.DATE, pattern="%B %d, %Y"))
    with pytest.raises(ValueError, match="a date written Month DD, YYYY"):
        values.read(text)


def test_a_score_is_divided_by_its_scale() -> None:
    values = values_of(Field("rating", "score", Value.SCORE, scale=5, none=("none", "0")))
    assert [values.read(text) for text in ("4", "5.0", "2.5")] == [0.8, 1.0, 0.5]
    assert [values[raw] for raw in (b"none", b"0", b"0.0", b"00")] == [None] * 4
    with pytest.raises(ValueError, match="a score from 0 to 5"):
        values.read("5.1")


def test_a_score_is_divided_as_people_divide() -> None:
    values = values_of(Field("rating", "score", Value.SCORE, scale=10))
    assert [values.read(f"6.{digit}") for digit in range(10)] == [
        float(f"0.6{digit}") for digit in range(10)
    ]


def test_a_number_of_a_year_may_mean_none() -> None:
    values = values_of(Field("year", "year", Value.YEAR, none=("null", "0")))
    assert [values[raw] for raw in (b"null", b"0", b"0000", b"1958")] == [None, None, None, 1958]
