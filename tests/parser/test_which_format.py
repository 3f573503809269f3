"""Each file is read in the format that its first record shows."""

from __future__ import annotations

import re

import pytest

import reviewcorpus as rc
from reading import pieces, read_items, read_movies
from reviewcorpus import formats

# One file of each format that holds a review alone, as after `split` or `xpath('//review')`.
REVIEWS = {
    "movie": "<review><date>2001-02-03</date><username>ann</username><score>0.7</score>"
    "<shortDescription>Nice</shortDescription><fullReview>Calm.</fullReview></review>",
    "senscritique": "<review><title>Belle</title><author>ann</author><date>2011-07-26</date>"
    "<score>0.9</score><content>Calm.</content></review>",
    "muchocine": '<review author="Ana" title="Boats" rank="4" maxRank="5" source="m">'
    "<summary>Good</summary><body>Calm.</body></review>",
    "mdsd": "<review><unique_id>B01</unique_id><asin>B01</asin><product_name>Boats</product_name>"
    "<product_type>dvd</product_type><helpful></helpful><rating>4.0</rating><title>Good</title>"
    "<date>May 1, 2006</date><reviewer>Ann</reviewer><reviewer_location></reviewer_location>"
    "<review_text>Calm.</review_text></review>",
}
FILLING = "so it goes on & on, <b>and</b> on.\n"

each_format = pytest.mark.parametrize("name", REVIEWS)


def is_read_as(name: str, data: bytes) -> bool:
    """Tell whether a file is read as it is where its format is forced."""
    return read_items([data]) == read_items([data], format=name)


def test_every_known_format_is_told_from_the_others() -> None:
    assert list(REVIEWS) == [table.name for table in formats.known()]
    for name, text in REVIEWS.items():
        assert [other for other in REVIEWS if is_read_as(other, text.encode())] == [name]


@each_format
@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_a_byte_order_mark_comes_before_the_format(name: str, encoding: str) -> None:
    data = REVIEWS[name].encode(encoding)
    assert is_read_as(name, data)
    assert read_movies(data)[0] == read_movies(REVIEWS[name].encode())[0]


@each_format
@pytest.mark.parametrize(
    "before",
    [
        "<!-- <title> & <rating> -->\n",
        "<!-- a <review> of a <movie> -->\n",
        '<?xml version="1.0"?>\n<!DOCTYPE reviews>\n<reviews>\n',
        "</review>\n",
        "<html>\n",
        "Some words & a <title>.\n",
        "My <review> of it.\n",
        FILLING * 2500,
        f"<!-- {FILLING * 2500} -->",
    ],
    ids="comment tags prolog end-tag root words word-like-a-tag 80kB 80kB-comment".split(),
)
def test_what_comes_before_the_first_record_does_not_matter(name: str, before: str) -> None:
    assert is_read_as(name, (before + REVIEWS[name]).encode())


@each_format
def test_a_file_in_pieces_of_one_byte_is_read_in_the_same_format(name: str) -> None:
    for text in (REVIEWS[name], "<!-- x -->\n\n" + REVIEWS[name] * 2):
        data = text.encode()
        assert read_items(pieces(data, range(len(data)))) == read_items([data], format=name)


@each_format
def test_a_long_first_text_does_not_hide_the_format(name: str) -> None:
    text = REVIEWS[name].replace("Calm.", FILLING * 2000)  # more than is looked at
    assert is_read_as(name, text.encode())
    assert read_movies(text.encode())[0][0].reviews[0].full_review is not None


@each_format
def test_a_long_text_before_the_first_record_is_read_alike_in_pieces(name: str) -> None:
    data = (FILLING * 2500 + REVIEWS[name]).encode()
    expected = read_items([data], format=name)
    assert read_items([data[:9], data[9:70000], data[70000:]]) == expected
    assert read_items(pieces(data, range(4096, len(data), 4096))) == expected


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("<review></review>", "movie"),
        ("<review><date>x</date></review>", "movie"),
        ("<review><title>x</title></review>", "senscritique"),
        ("<review><title>x</title><date>x</date><rating>x</rating></review>", "mdsd"),
        ("<review><TITLE>x</TITLE><Rating>x</Rating></review>", "mdsd"),
        ('<review rank="2"/>', "muchocine"),
        ('<review rank="2"><title>x</title><author>x</author></review>', "senscritique"),
        ("<review x='1'><body>x</body></review>", "muchocine"),
        ("<sensCritiqueEntity><review><rating>x</rating>", "senscritique"),
        ("<SENSCRITIQUEENTITY>", "senscritique"),
        ("<movie><review><rating>x</rating>", "movie"),
        ("<review><date>x</date></review>" + REVIEWS["mdsd"], "movie"),
    ],
)
def test_the_format_that_names_most_of_the_first_record_wins_and_then_the_first(
    text: str, name: str
) -> None:
    assert is_read_as(name, text.encode())


@pytest.mark.parametrize("text", ["<play><name>Boats</name></play>", "Prose.", "", "<reviews/>"])
def test_a_file_in_no_known_format_has_no_movie(text: str) -> None:
    movies, (defect,) = read_movies(text.encode())
    assert (movies, defect.kind) == ([], rc.DefectKind.NO_MOVIE)
    tag = re.match("<[a-z]+", text)
    assert (tag is None) or f"it begins with {tag[0]}>" in defect.message


@each_format
def test_a_format_that_is_forced_is_the_format(name: str) -> None:
    for text in REVIEWS.values():
        movies, _ = read_movies(text.encode(), format=name)
        texts = [review.full_review for movie in movies for review in movie.reviews]
        assert (texts == ["Calm."]) is (text == REVIEWS[name])
