"""From text to numbers, dates and years."""

from __future__ import annotations

import datetime
import math
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewcorpus.parser._values import read_date, read_score, read_year

if TYPE_CHECKING:
    from collections.abc import Callable


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
