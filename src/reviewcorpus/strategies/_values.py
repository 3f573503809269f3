"""Strategies for the values of fields: whatever XML can carry, and much that is hard to carry."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from hypothesis import strategies as st

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from hypothesis.strategies import DrawFn, SearchStrategy

T = TypeVar("T")


def _named(name: str, strategy: SearchStrategy[T]) -> Callable[[], SearchStrategy[T]]:
    """Return a strategy that is shown by its name, not by all that it is made of."""

    def drawn(draw: DrawFn) -> T:
        return draw(strategy)

    drawn.__name__ = drawn.__qualname__ = name
    return st.composite(drawn)


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

texts = _named(
    "texts",
    st.one_of(
        st.text(_CHARACTERS, max_size=30),
        _tricky,
        st.lists(st.one_of(_tricky, st.text(_CHARACTERS, max_size=4)), max_size=8).map("".join),
    ),
)
scores = _named(
    "scores",
    st.one_of(
        st.integers(1, 10).map(lambda stars: stars / 10),
        st.integers(0, 100).map(
            lambda percent: percent * 0.1 * 0.1
        ),  # 0.30000000000000004 and others
        st.floats(0.0, 1.0),
    ),
)
usernames = _named(
    "usernames",
    st.one_of(
        texts(),
        st.builds(
            "{}({}@example.org)".format,
            st.sampled_from(("", "Jo Doe ", "ann ", "Zoë ")),
            st.text("abcdefghijklmnopqrstuvwxyz0123456789_", min_size=1, max_size=9),
        ),
    ),
)
links = _named(
    "links",
    st.one_of(
        texts(),
        st.builds(
            "http://www.imdb.com/title/tt{:07}/{}".format,
            st.integers(0, 99_999_999),
            st.sampled_from(("", "?ref_=nv_sr_1", "?a=1&para=2&copy=3")),
        ),
    ),
)
# No name of the format or of HTML's running text begins like the made-up ones. None has a colon,
# which XML allows and readers that know namespaces refuse.
_names = st.one_of(
    st.sampled_from(("country", "language", "runtime", "Cast", "x-1.b")),
    st.builds("{}{}".format, st.sampled_from("xXzéжλ船_"), st.text("aZ09-._é船", max_size=8)),
)
# A field of the one record is an extra element in the other.
movie_extras = _named(
    "movie_extras",
    st.dictionaries(
        st.one_of(_names, st.sampled_from(("date", "score", "fullReview"))), texts(), max_size=2
    ),
)
review_extras = _named(
    "review_extras",
    st.dictionaries(
        st.one_of(_names, st.sampled_from(("title", "year", "generalScore"))), texts(), max_size=2
    ),
)

# ---- files of a crawler ------------------------------------------------------------------
# The inner HTML of page elements, put between tags. What is in them was found in a survey of real
# files; the words are invented.

_PLATFORM = "windows-1250"  # the charset of the crawler's machine; what it lacks became "?"

_CRAWLED_WORDS = (
    'Paper|boats|a quiet film|don\'t|"so"|Café|naïve|señor|¹/₂|8½|Rock &amp; roll|caf&eacute;'
    "|an &nbsp;outlaw|&#x2605;|&amp;#65279;|&#xfeff;|na?ve|collide ? an oval|Fast & loose|r&b,"
    "|I <3 it|<i>never</i>|null"
).split("|")
_JOINTS = (" ", ", ", ".", ". ", ": ")  # where <br> was removed, sentences run together
_TITLE_WORDS = (
    "Paper",
    "Boats",
    "Tick",
    "Orchard",
    "Caf&eacute;",
    "&amp;",
    "Café",
    "Prophète",
)
_QUERIES = (
    "",
    "?ref_=nv_sr_1",
    "?pf_rd_m=A2F&pf_rd_p=239&ref_=chttp_tt_34",
    "?a=1&para=2&copy=3",
)
_MEANS = ("0.75", "0.5599999999999999", "0.8300000000000001", "1.0", "-1.0")
_SITE_SCORES = ("0.1", "0.5", "0.7", "0.30000000000000004", "1.0", "-1.0")
_NAMES = ("Jo Doe", "ann", "quillfish", "Zoë", "")
_MAILBOXES = ("jo", "ann.lee", "x_1")


def _crawled_text(words: Sequence[str], joints: Sequence[str], most: int) -> SearchStrategy[str]:
    pairs = st.tuples(st.sampled_from(joints), st.sampled_from(words))
    return st.builds(
        lambda first, rest: first + "".join(joint + word for joint, word in rest),
        st.sampled_from(words),
        st.lists(pairs, max_size=most),
    )


_crawled_titles = _crawled_text(_TITLE_WORDS, (" ",), 3).map(lambda title: title.partition(";")[0])
_crawled_links = st.builds(
    "http://www.imdb.com/title/tt{:07}/{}".format,
    st.integers(1, 9_999_999),
    st.sampled_from(_QUERIES),
)
_crawled_usernames = st.one_of(
    st.sampled_from([name for name in _NAMES if name]),
    st.just("null"),
    st.builds(
        lambda name, mailbox: f"{name} ({mailbox}@example.org)".lstrip(),
        st.sampled_from(_NAMES),
        st.sampled_from(_MAILBOXES),
    ),
)
_crawled_headlines = _crawled_text(_CRAWLED_WORDS, _JOINTS, 2)
_crawled_bodies = _crawled_text(_CRAWLED_WORDS, _JOINTS, 12)
_crawled_years = st.integers(1900, 2030)
_crawled_dates = st.builds(
    "{}-{:02}-{:02}".format, st.integers(1998, 2015), st.integers(1, 12), st.integers(1, 28)
)

_crawled_reviews = st.builds(
    (
        "\t<review>\n\t\t<date>{}</date>\n\t\t<username>{}</username>\n\t\t<score>{}</score>\n"
        "\t\t<shortDescription>{}</shortDescription>\n\t\t<fullReview>{}</fullReview>\n"
        "\t</review>\n"
    ).format,
    _crawled_dates,
    _crawled_usernames,
    st.sampled_from(_SITE_SCORES),
    _crawled_headlines,
    _crawled_bodies,
)


_crawled_headers = st.builds(
    (
        "<movie>\n\t<title>{}</title>\n\t<link>{}</link>\n\t<year>{}</year>\n"
        "\t<generalScore>{}</generalScore>\n"
    ).format,
    _crawled_titles,
    _crawled_links,
    _crawled_years,
    st.sampled_from(_MEANS),
)


@st.composite
def crawled_files(draw: DrawFn, max_movies: int, max_reviews: int, encoding: str) -> bytes:
    """Return files of movies, one after the other, without an element around them."""
    parts = []
    for _ in range(draw(st.integers(1, max_movies))):
        parts += [
            draw(_crawled_headers),
            *draw(st.lists(_crawled_reviews, max_size=max_reviews)),
            "</movie>\n",
        ]
    text = "".join(parts).replace("\n", draw(st.sampled_from(("\n", "\r\n"))))
    kept = text.encode(_PLATFORM, "replace").decode(_PLATFORM)
    return kept.encode(encoding, "replace")
