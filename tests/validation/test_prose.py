"""Finding what was done to texts: what holds for every text, and time that is linear in it."""

from __future__ import annotations

from itertools import combinations, pairwise
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import cleaning_inputs
import reviewcorpus as rc
from hostile_input import processor_time
from reviewcorpus.models import checked_review
from reviewcorpus.validation import _prose, _rules
from reviewcorpus.validation._prose import (
    SHORT_TEXT,
    Finder,
    body_of,
    emails,
    escaped_twice,
    fingerprint,
    has_any,
    is_blank,
    lost_characters,
    mojibake,
    run_on_sentences,
    same_text,
    sameness,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

BODY = "Two sisters fold boats out of old letters."
FINDERS: list[Finder[Any]] = [
    each for each in (vars(_prose) | vars(_rules)).values() if isinstance(each, Finder)
]
each_finder = pytest.mark.parametrize("find", FINDERS)

# What the finders look for, whole and in parts, and what it looks like.
SCRAPS = (
    "film.At|a|A|.|?|!| |\n|\xa0|'|’|\"|“|”|(|)|it.I|I'm|Mr.|U.S.|www.|://|@|.com|.avi|...|aa|Bb|aa.Bb|aa!Bb"
    "|na?ve|?|a?|?a| ? |they| collide ? an|?s|caf?|?art?|=|why|?5 million|8?|?60s|d'?|-"
    "|&|amp;|#38;|#x26;|&amp;|&#|;|38|eacute;|&eacute;|lt;|#|x26|&#65279;|&#38;|65|&lt;|not;|#0038;|AMP;"
    "|Ã|Ã©|Â|Å|Ä|â|€|™|â€™|ð|Ÿ|˜|€|Ð|Ñ|»|«|…|ï»¿|\x80|\x9f|é|jo@example.org|jo|%|+|_|\ud800|\ufeff"
).split("|")
texts = st.one_of(
    st.lists(st.sampled_from(SCRAPS), max_size=30).map("".join),
    st.text(st.characters(codec=None), max_size=60),
    st.text("aB.?! \"'&#;x38Ã©Â@\xa0", max_size=40),
)
each_text = given(texts)


# ---- for every text ---------------------------------------------------------------------


@each_finder
@each_text
@example("ab ? is it so that they do")
@example("The plot ? what")
def test_spans_are_ordered_apart_and_within_the_text(find: Callable[[str], Any], text: str) -> None:
    spans = [(found[0], found[1]) for found in find(text)]
    assert all(0 <= start < end <= len(text) for start, end in spans)
    assert all(earlier[1] <= later[0] for earlier, later in pairwise(spans))


@each_text
def test_sentences_that_were_split_do_not_run_together(text: str) -> None:
    parts, last = [], 0
    for found in run_on_sentences(text):
        assert found.start < found.at < found.end
        parts += [text[last : found.at], " "]
        last = found.at
    assert not list(run_on_sentences("".join(parts) + text[last:]))


@each_text
def test_references_that_were_decoded_are_gone(text: str) -> None:
    parts, last = [], 0
    for found in escaped_twice(text):
        assert text[found.start] == "&"
        assert len(found.decoded) == 1
        parts += [text[last : found.start], found.decoded]
        last = found.end
    assert not list(escaped_twice("".join(parts) + text[last:]))


@each_text
def test_what_is_found_shows_why(text: str) -> None:
    assert all("?" in text[found.start : found.end] for found in lost_characters(text))
    assert all("@" in text[found.start : found.end] for found in emails(text))
    assert all(not text[found.start : found.end].isascii() for found in mojibake(text))


@given(st.text())
def test_a_curly_quote_that_was_read_as_latin_1_is_found_behind_every_text(text: str) -> None:
    garbled = f"{text}’".encode().decode("latin-1")
    *_, last = mojibake(garbled)
    assert last.end == len(garbled)


@each_text
def test_a_blank_text_has_no_words(text: str) -> None:
    assert is_blank(text) or same_text(text)
    assert is_blank(same_text(text)) == is_blank(text)


@each_text
@example("a \u2028\x85 b\x1f")
def test_texts_are_compared_by_their_words(text: str) -> None:
    assert same_text(text) == " ".join(text.split())


@each_finder
@each_text
def test_without_its_signs_a_finder_finds_nothing(find: Finder[Any], text: str) -> None:
    bare = "".join(character for character in text if character not in find.signs)
    assert list(find._find(bare)) == []
    assert list(find(text)) == list(find._find(text))


@pytest.mark.parametrize("signs", ["&", "Ã", "Ã&", "&Ã"])
def test_signs_are_of_any_alphabet(signs: str) -> None:
    assert [text for text in ("a", "é", "’", "") if has_any(signs, text)] == []
    for sign in signs:
        assert all(has_any(signs, f"{text}{sign}") for text in ("a", "é", "’", ""))


@given(reviews=st.lists(cleaning_inputs.alike, min_size=2, max_size=6))
@example(reviews=[rc.Review(username=name, full_review=BODY) for name in ("", "None", "a\nb", "a")])
@example(
    reviews=[
        rc.Review(username="b", full_review=BODY),
        rc.Review(full_review=f"{BODY}\nNone\nb"),
    ]
)
def test_reviews_have_one_number_if_and_only_if_they_are_the_same(reviews: list[rc.Review]) -> None:
    whole = [sameness(review) for review in reviews]
    numbers = [body_of(review, SHORT_TEXT).review for review in reviews]
    for (one, number), (two, other) in combinations(zip(whole, numbers, strict=True), 2):
        assert (number is None, other is None) == (one is None, two is None)
        assert (number == other) == (one == two)


@each_text
def test_the_number_of_a_text_is_its_fingerprint(text: str) -> None:
    review = checked_review(full_review=text)
    found = body_of(review, SHORT_TEXT)
    assert (found.length, found.text) == (len(same_text(text)), fingerprint(same_text(text)))


def test_nothing_is_blank() -> None:
    assert is_blank(None)
    assert is_blank("")


# ---- hostile texts ----------------------------------------------------------------------

SMALL = 100_000  # characters
DOUBLINGS = 2
MOST_GROWTH = 3**DOUBLINGS
LEAST_TIME = 0.004  # seconds; less says nothing about growth
MOST_ATTEMPTS = 4
UNITS = [
    "?",
    "a?",
    " ? ",
    "a ? ",
    "?a ?a ",
    "it rains a?b",
    "a.B",
    "aa.Aa",
    'aa.Aa"',
    '"',
    "@",
    "a@",
    "a@a.",
    "a.",
    "A.",
    "&",
    "&amp;",
    "&#38;",
    "&#0",
    "Ã",
    "Ã©",
    "Â»",
    "â€",
    "Ð",
    "a",
    "é",
    "'",
    "a-?",
    "d'?a",
    "a'",
    "na?ve ",
    "naïve na?ve n?ïve ",
    "0?",
    " ?0",
    "the best ",
    "\n",
    "\u200b",
]


def hostile(unit: str, size: int) -> str:
    return (unit * (size // len(unit) + 1))[:size]


def time_of(find: Callable[[str], Any], text: str) -> float:
    return processor_time(lambda: sum(1 for _ in find(text)))


def blank(text: str) -> list[bool]:
    return [is_blank(text)]


@pytest.mark.slow
@pytest.mark.parametrize("find", [*FINDERS, blank])
@pytest.mark.parametrize("unit", UNITS)
def test_time_is_linear(find: Callable[[str], Any], unit: str) -> None:
    small, large = (hostile(unit, SMALL << doublings) for doublings in (0, DOUBLINGS))
    least, most = time_of(find, small), time_of(find, large)
    for _ in range(MOST_ATTEMPTS):
        if most <= MOST_GROWTH * max(least, LEAST_TIME):
            break
        least, most = min(least, time_of(find, small)), min(most, time_of(find, large))
    assert most <= MOST_GROWTH * max(least, LEAST_TIME)


# ---- addresses --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("ann@example.org.The film itself", ["ann@example.org"]),
        ("ann@example.orgIt was", ["ann@example.org"]),
        ("film@cinema.The end", []),
        ("o'neil@example.org", ["o'neil@example.org"]),
        ("'jo@example.org'", ["jo@example.org"]),
        ("ann@example.org-it, bob@example.org_it", ["ann@example.org", "bob@example.org"]),
        ("Jo@Example.Org and JO@EXAMPLE.ORG", ["Jo@Example.Org", "JO@EXAMPLE.ORG"]),
        ("josé@mañana.example.org", ["josé@mañana.example.org"]),
        ("me@home, @handle, a@b", []),
    ],
)
def test_addresses_end_where_the_next_sentence_begins(text: str, found: list[str]) -> None:
    assert [text[span.start : span.end] for span in emails(text)] == found


# ---- a real file ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("find", "count"),
    [(lost_characters, 9), (run_on_sentences, 207), (escaped_twice, 0), (mojibake, 0)],
)
def test_what_is_found_in_a_real_file_is_what_was_looked_at(
    real_data: Path, find: Any, count: int
) -> None:
    """The page on checking says that there is no false alarm among these."""
    movie = rc.load(real_data / "rust-and-bone.xml")
    texts = [text for review in movie.reviews for text in (review.full_review, review.username)]
    headlines = [review.short_description for review in movie.reviews]
    assert sum(len(list(find(text or ""))) for text in texts + headlines) == count
