"""The lines and the offsets of problems: those of the start tag of the record, however it is read.

What is compared with them is counted over the whole input, the plain way.
"""

from __future__ import annotations

import copy
import gzip
import io
import pickle
import re
from typing import TYPE_CHECKING, Any

import attrs
import pytest

import reviewcorpus as rc
from crawled import CLEAN_REVIEW
from promises import place_of
from reading import document
from reviewcorpus.validation import Context, Finding, Place, corpus_rule, movie_rule, review_rule

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from reviewcorpus.validation import Thresholds


@movie_rule("X1")
def is_movie(movie: rc.Movie, _: Context) -> str:
    """Every movie."""
    return "a movie"


@review_rule("X2")
def is_review(review: rc.Review, _: Context) -> str:
    """Every review."""
    return "a review"


EVERY_RECORD = (is_movie, is_review)
PARTS = [
    document("Zwölf Boote 𝔘, “alle” aus Papier."),
    document("Rock & roll <b>loud</b>\n\n&bogus; \x01").replace("<score>", "<score>\n\n"),
    "\n<movie>\n<title>Slow\nGlass</title>\n\n" + CLEAN_REVIEW * 3 + "</movie>\n",
    "<movie><title>One line</title>" + CLEAN_REVIEW.replace("\n", "") * 2 + "</movie>",
    CLEAN_REVIEW,  # a movie without a tag of its own
    "<movie>\n<title>Cut &amp</title>\n<review>\n<date>2001-02-30</date>\n<score>seven</score>\n",
    "<review id='1'\n>\n<fullReview>It never\n\nends. <review>\n<score>0.7</score>\n",
    CLEAN_REVIEW + "</movie>",
]
TEXT = "".join(PARTS)
LINE_ENDS = {"LF": "\n", "CRLF": "\r\n", "CR": "\r"}
TAG = re.compile(rb"<(?:movie|review)\b")


class Pieces(io.RawIOBase):
    """An open file that returns so many bytes at a time."""

    def __init__(self, data: bytes, size: int) -> None:
        self._file = io.BytesIO(data)
        self._size = size

    def readable(self) -> bool:
        return True

    def read(self, _: int | None = -1) -> bytes:
        return self._file.read(self._size)


def places_of(*sources: Any, **options: Any) -> list[tuple[int | None, int | None]]:
    """Return the offset and the line of each record, in the order of the file."""
    problems = rc.Corpus(*sources, **options).problems(rules=EVERY_RECORD)
    return [(problem.offset, problem.line) for problem in problems]


def counted(data: bytes) -> list[tuple[int, int]]:
    """Return the same for an input in UTF-8; where a review begins a movie, it is there twice."""
    found = []
    is_open = False
    for tag in re.finditer(rb"</?(movie|review)\b", data):
        if tag[0] == b"</movie":
            is_open = False
        elif not tag[0].startswith(b"</"):
            place = tag.start(), place_of(data, tag.start())[0]
            found += [place] * (1 if is_open or tag[1] == b"movie" else 2)
            is_open = True
    return found


@pytest.mark.parametrize("ends", LINE_ENDS)
def test_the_places_are_those_of_the_start_tags(ends: str) -> None:
    data = TEXT.replace("\n", LINE_ENDS[ends]).encode()
    expected = counted(data)
    assert len(expected) == 18
    assert places_of(io.BytesIO(data)) == expected
    assert places_of(io.BytesIO(b"\xef\xbb\xbf" + data)) == [(at + 3, n) for at, n in expected]
    text = data.decode()
    assert places_of(io.StringIO(text, newline="")) == expected
    for encoding in ("utf-16", "utf-16-be", "utf-32"):
        wide = text.encode(encoding)
        given = None if encoding in {"utf-16", "utf-32"} else encoding
        found = places_of(io.BytesIO(wide), encoding=given)
        assert found == expected


@pytest.mark.parametrize("ends", LINE_ENDS)
def test_the_pieces_do_not_matter_for_the_places(ends: str) -> None:
    data = TEXT.replace("\n", LINE_ENDS[ends]).encode()
    expected = counted(data)
    for size in (*range(1, 24), 100, 300, 1777, 8192):
        assert places_of(Pieces(data, size)) == expected, size


def test_offsets_in_an_8_bit_encoding_are_those_of_the_file() -> None:
    text = '<?xml version="1.0" encoding="ISO-8859-1"?>\n' + document("é à è") * 2
    data = text.encode("latin-1")
    expected = [(tag.start(), data.count(b"\n", 0, tag.start()) + 1) for tag in TAG.finditer(data)]
    assert places_of(io.BytesIO(data)) == expected


def test_a_dropped_review_leaves_the_places_of_the_others() -> None:
    bad = CLEAN_REVIEW.replace("0.7", "seven")
    odd = CLEAN_REVIEW.replace("quiet", "quiet & <b>odd</b>")
    text = "<movie>\n<title>Paper Boats</title>\n" + bad + odd + bad + bad + CLEAN_REVIEW
    places = counted(text.encode())
    assert len(places) == 6
    for data, kept in ((f"{text}</movie>", (0, 2, 5)), (text[:-15], (0, 2))):
        assert places_of(io.StringIO(data), errors="drop") == [places[index] for index in kept]
        assert places_of(io.StringIO(data)) == places


def test_strict_reading_knows_the_places() -> None:
    data = rc.dumps(
        [rc.Movie(title="Paper\nBoats", reviews=[rc.Review(score=0.7)] * 3)] * 2
    ).encode()
    assert len(counted(data)) == 8
    assert places_of(io.BytesIO(data), errors="strict") == counted(data)


def test_each_file_has_places_of_its_own(tmp_path: Path) -> None:
    first, second = "\n\n" + PARTS[0], "\n" + PARTS[2]
    (tmp_path / "a.xml").write_text(first)
    (tmp_path / "b.xml.gz").write_bytes(gzip.compress(second.encode()))
    assert places_of(tmp_path) == counted(first.encode()) + counted(second.encode())
    assert places_of(tmp_path / "b.xml.gz", tmp_path / "a.xml") == counted(
        second.encode()
    ) + counted(first.encode())


def test_what_only_all_movies_show_has_places_too() -> None:
    data = ("\n" + PARTS[2].replace("<title>", "<link>tt9000001</link><title>")) * 2
    movie, *reviews = counted(data.encode())[:4]
    other, *others = counted(data.encode())[4:]
    problems = list(rc.Corpus(io.StringIO(data)).problems(rules="C,R204"))
    found = [
        (p.code, (p.offset, p.line), [(r.offset, r.line) for r in p.related]) for p in problems
    ]
    assert found == [
        ("R204", reviews[1], [reviews[0]]),
        ("R204", reviews[2], [reviews[0]]),
        ("R204", others[1], [others[0]]),
        ("R204", others[2], [others[0]]),
        ("C301", other, [movie]),
        ("C302", others[0], [reviews[0]]),
    ]
    assert str(problems[-1]) == (
        "<stream>:35: warning: movies[1].reviews[0]: the same review as <stream>:7:"
        " movies[0].reviews[0] [C302]"
    )


def test_a_corpus_rule_of_ones_own_can_ask_for_the_places_of_reviews() -> None:
    class Reviews:
        """Every review, at the end."""

        def __init__(self, _: Thresholds) -> None:
            self.found: list[tuple[Place, Finding]] = []

        def feed(self, movie: rc.Movie, place: Place) -> None:
            last = len(movie.reviews) - 1
            self.found += [
                (place.review(0), Finding("first", related=(place,))),
                (place, Finding("last", review_index=last)),
                (place.review(last + 1), Finding("one too many")),
            ]

        def finish(self) -> Iterator[tuple[Place, Finding]]:
            yield from self.found

    places = counted(PARTS[2].encode())
    rule = corpus_rule("X3")(Reviews)
    first, last, more = rc.Corpus(io.StringIO(PARTS[2])).problems(rules=rule)
    assert (first.offset, first.line) == places[1]
    assert [type(place) for place in first.related] == [Place]  # as data it has no more than that
    assert (first.related[0].offset, first.related[0].line) == places[0]
    assert (last.review_index, (last.offset, last.line)) == (2, places[3])
    assert (more.review_index, more.offset, more.line) == (3, None, None)


def test_a_corpus_rule_gets_a_place_like_any_other() -> None:
    seen: list[Place] = []

    class Notes:
        """Keeps the places."""

        def __init__(self, _: Thresholds) -> None:
            pass

        def feed(self, _: rc.Movie, place: Place) -> None:
            seen.append(place)

        def finish(self) -> Iterator[tuple[Place, Finding]]:
            for place in seen:
                title = attrs.evolve(place, field="title")
                yield place, Finding("a movie", related=(title, copy.deepcopy(place).review(0)))

    places = counted(PARTS[2].encode())
    (problem,) = rc.Corpus(io.StringIO(PARTS[2])).problems(rules=corpus_rule("X4")(Notes))
    (place,), plain = seen, Place("<stream>", 0, line=places[0][1], offset=places[0][0])
    assert type(place) is Place
    assert place == plain == place.review(None)
    assert {plain: 1}[place] == 1
    assert repr(place) == repr(plain)
    assert attrs.asdict(place) == attrs.asdict(plain)
    assert pickle.loads(pickle.dumps(place)) == plain
    title, first = problem.related
    assert title == Place("<stream>", 0, field="title")
    assert (first.offset, first.line) == places[1]


def test_whoever_does_not_ask_gets_no_places() -> None:
    movie = next(rc.iter_movies(io.StringIO(PARTS[2])))
    validator = rc.CorpusValidator(rules=EVERY_RECORD)
    found = [*rc.validate(movie, rules=EVERY_RECORD), *validator.feed(movie)]
    assert {(problem.line, problem.offset) for problem in found} == {(None, None)}
    assert len(found) == 8


def test_a_validator_can_be_told_the_places() -> None:
    movie = rc.Movie(reviews=[rc.Review()])
    validator = rc.CorpusValidator(rules=EVERY_RECORD)
    found = validator.feed(movie, source="a.xml", places=[(9, 2), (99, 5)])
    assert [str(problem) for problem in found] == [
        "a.xml:2: warning: movies[0]: a movie [X1]",
        "a.xml:5: warning: movies[0].reviews[0]: a review [X2]",
    ]
    assert [problem.offset for problem in found] == [9, 99]
    for places in ([], [(9, 2)], [(9, 2), (99, 5), (199, 7)]):
        with pytest.raises(ValueError, match="one pair for the movie and one for each review"):
            validator.feed(movie, places=places)


def test_places_that_differ_in_the_line_only_are_equal() -> None:
    assert Place("a.xml", 0, line=3, offset=9) == Place("a.xml", 0)
    assert Place("a.xml", 0).review(None) == Place("a.xml", 0)
