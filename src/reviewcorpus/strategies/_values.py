"""Strategies for the values of fields: whatever XML can carry, and much that is hard to carry."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import strategies as st

if TYPE_CHECKING:
    from hypothesis.strategies import DrawFn

_CHARACTERS = st.characters(
    min_codepoint=0x20,
    exclude_categories=["Cs"],
    exclude_characters="\ufffe\uffff",
    include_characters="\t\n\r",
)
_MARKUP = (
    "& &amp; &amp &eacute; &#0; &#150; < > <3 ]]> <![CDATA[ <!-- --> <br> <b> </fullReview>"
    " </review> <movie> <score> <? ?> \" ' ;"
).split(" ")
_WORDS = "null -1.0 na?ve film.At é e\u0301 ☕ 🎬".split(" ")
_BLANKS = [" ", "\n", "\r", "\r\n", "\t", "\u00a0", "\u0085", "\u2028", "\ufeff"]
_tricky = st.sampled_from([*_WORDS, *_MARKUP, *_BLANKS])

_texts = st.one_of(
    st.text(_CHARACTERS, max_size=30),
    _tricky,
    st.lists(st.one_of(_tricky, st.text(_CHARACTERS, max_size=4)), max_size=8).map("".join),
)
_scores = st.one_of(
    st.integers(1, 10).map(lambda stars: stars / 10),
    st.integers(0, 100).map(lambda percent: percent * 0.1 * 0.1),  # 0.30000000000000004 and others
    st.floats(0.0, 1.0),
)
_usernames = st.one_of(
    _texts,
    st.builds(
        "{}({}@example.org)".format,
        st.sampled_from(("", "Jo Doe ", "ann ", "Zoë ")),
        st.text("abcdefghijklmnopqrstuvwxyz0123456789_", min_size=1, max_size=9),
    ),
)
_links = st.one_of(
    _texts,
    st.builds(
        "http://www.imdb.com/title/tt{:07}/{}".format,
        st.integers(0, 99_999_999),
        st.sampled_from(("", "?ref_=nv_sr_1", "?a=1&para=2&copy=3")),
    ),
)
# No name of the format or of HTML's running text begins like the made-up ones. None has a colon,
# which XML allows and readers that know namespaces refuse.
_names = st.one_of(
    st.sampled_from(("country", "language", "runtime", "Cast", "x-1.b")),
    st.builds("{}{}".format, st.sampled_from("xXzéжλ船_"), st.text("aZ09-._é船", max_size=8)),
)
# A field of the one record is an extra element in the other.
_movie_extras = st.dictionaries(
    st.one_of(_names, st.sampled_from(("date", "score", "fullReview"))), _texts, max_size=2
)
_review_extras = st.dictionaries(
    st.one_of(_names, st.sampled_from(("title", "year", "generalScore"))), _texts, max_size=2
)

# As composites they are shown by their names, not by all that they are made of.


@st.composite
def texts(draw: DrawFn) -> str:
    """Give texts that XML can carry."""
    return draw(_texts)


@st.composite
def scores(draw: DrawFn) -> float:
    """Give scores on the site's grid, off it, and just beside it."""
    return draw(_scores)


@st.composite
def usernames(draw: DrawFn) -> str:
    """Give names of users, some with an e-mail address."""
    return draw(_usernames)


@st.composite
def links(draw: DrawFn) -> str:
    """Give links, some to the page of a film."""
    return draw(_links)


@st.composite
def movie_extras(draw: DrawFn) -> dict[str, str]:
    """Give elements that the format does not name in a movie."""
    return draw(_movie_extras)


@st.composite
def review_extras(draw: DrawFn) -> dict[str, str]:
    """Give elements that the format does not name in a review."""
    return draw(_review_extras)
