"""Corpora as a crawler of the family glues them: the inner HTML of page elements, put between tags.

What stands in them was found in a survey of real files; the words are invented.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import strategies as st

if TYPE_CHECKING:
    from hypothesis.strategies import DrawFn, SearchStrategy

_PLATFORM = "windows-1250"  # the charset of the crawler's machine; what it lacks became "?"

_WORDS = (
    "Paper",
    "boats",
    "a quiet film",
    "don't",
    '"so"',
    "Café",
    "naïve",
    "señor",
    "¹/₂",
    "8½",
    "Rock &amp; roll",
    "caf&eacute;",
    "an &nbsp;outlaw",
    "&#x2605;",
    "&amp;#65279;",
    "&#xfeff;",
    "na?ve",
    "collide ? an oval",
    "Fast & loose",
    "r&b,",
    "I <3 it",
    "<i>never</i>",
    "null",
)
_JOINTS = (" ", ", ", ".", ". ", ": ")  # where <br> was removed, sentences run together
_TITLE_WORDS = ("Paper", "Boats", "Tick", "Orchard", "Caf&eacute;", "&amp;", "Café", "Prophète")
_QUERIES = (
    "",
    "?ref_=nv_sr_1",
    "?pf_rd_m=A2F&pf_rd_p=239&ref_=chttp_tt_34",
    "?a=1&para=2&copy=3",
)
_MEANS = ("0.75", "0.5599999999999999", "0.8300000000000001", "1.0", "-1.0")
_SCORES = ("0.1", "0.5", "0.7", "0.30000000000000004", "1.0", "-1.0")
_NAMES = ("Jo Doe", "ann", "quillfish", "Zoë", "")
_MAILBOXES = ("jo", "ann.lee", "x_1")


def _text(words: tuple[str, ...], joints: tuple[str, ...], most: int) -> SearchStrategy[str]:
    pairs = st.tuples(st.sampled_from(joints), st.sampled_from(words))
    return st.builds(
        lambda first, rest: first + "".join(joint + word for joint, word in rest),
        st.sampled_from(words),
        st.lists(pairs, max_size=most),
    )


_titles = _text(_TITLE_WORDS, (" ",), 3).map(lambda title: title.partition(";")[0])
_links = st.builds(
    "http://www.imdb.com/title/tt{:07}/{}".format,
    st.integers(1, 9_999_999),
    st.sampled_from(_QUERIES),
)
_usernames = st.one_of(
    st.sampled_from([name for name in _NAMES if name]),
    st.just("null"),
    st.builds(
        lambda name, mailbox: f"{name} ({mailbox}@example.org)".lstrip(),
        st.sampled_from(_NAMES),
        st.sampled_from(_MAILBOXES),
    ),
)
_headlines = _text(_WORDS, _JOINTS, 2)
_bodies = _text(_WORDS, _JOINTS, 12)
_years = st.integers(1900, 2030)
_dates = st.builds(
    "{}-{:02}-{:02}".format, st.integers(1998, 2015), st.integers(1, 12), st.integers(1, 28)
)

_reviews = st.builds(
    (
        "\t<review>\n\t\t<date>{}</date>\n\t\t<username>{}</username>\n\t\t<score>{}</score>\n"
        "\t\t<shortDescription>{}</shortDescription>\n\t\t<fullReview>{}</fullReview>\n"
        "\t</review>\n"
    ).format,
    _dates,
    _usernames,
    st.sampled_from(_SCORES),
    _headlines,
    _bodies,
)


_headers = st.builds(
    (
        "<movie>\n\t<title>{}</title>\n\t<link>{}</link>\n\t<year>{}</year>\n"
        "\t<generalScore>{}</generalScore>\n"
    ).format,
    _titles,
    _links,
    _years,
    st.sampled_from(_MEANS),
)


@st.composite
def crawled_files(draw: DrawFn, max_movies: int, max_reviews: int, encoding: str) -> bytes:
    """Give files of movies, one behind the other, without an element around them."""
    parts = []
    for _ in range(draw(st.integers(1, max_movies))):
        parts += [draw(_headers), *draw(st.lists(_reviews, max_size=max_reviews)), "</movie>\n"]
    text = "".join(parts).replace("\n", draw(st.sampled_from(("\n", "\r\n"))))
    kept = text.encode(_PLATFORM, "replace").decode(_PLATFORM)
    return kept.encode(encoding, "replace")
