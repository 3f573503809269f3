"""What the tests of the steps share: tempting texts, and changes made once more by hand."""

from __future__ import annotations

import datetime
import re
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

import reviewcorpus as rc
from reviewcorpus import strategies as rcst
from reviewcorpus._checks import ILLEGAL

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hypothesis.strategies import SearchStrategy

    from reviewcorpus.cleaning import Change

TEXT_FIELDS = ("title", "username", "short_description", "full_review")

# Parts of what steps look for; joined at random they make it, miss it, and make it by accident.
_SCRAPS = (
    "film.At one.Two.Three ends.I ends.”Ž Ã‰tait Ã© â€™ â€œ â€ â€\x9d Ã ã© Ð ÐŸÑ€ ÂÂ© Â\x83 Å Æ’"
    " &amp; amp; & &eacute; eacute; #233; &#233; &#38; ; jo@example.org (jo@example.org)"
    " +c@example.org @ example.org ( ) . ! ? ” “ ’ ' \" é É Ž ™ © _ - + % x Jo null na?ve"
).split(" ")
_BLANKS = [" ", "  ", "\n", "\t", "\xa0", "\x80", "\x85", "\ufeff", "\u2028"]

_any_text = st.text(max_size=2).filter(lambda text: not re.search(ILLEGAL, text))
glued = st.lists(st.one_of(st.sampled_from([*_SCRAPS, *_BLANKS]), _any_text), max_size=9).map(
    "".join
)


def garbled(text: str, times: int) -> str:
    """Return a text as it looks after UTF-8 was read as Windows-1252 so many times."""
    for _ in range(times):
        text = "".join(
            bytes([byte]).decode("windows-1252", "ignore") or chr(byte) for byte in text.encode()
        )
    return text


def escaped(text: str, times: int) -> str:
    """Return a text that was escaped so many times."""
    for _ in range(times):
        text = text.replace("&", "&amp;")
    return text


# Where steps make work for each other: parts of addresses around what is fixed or decoded, several
# times over, without a space between.
_CLOSE = (
    "a@b.de JO@B.DE x@Y.Zz jo mailto: @ @. ' . ’ ” “ \" ! ? ( ) & # ; amp; #64; film.At one.Two Mr."
    " org Ä… IRMÃ” Â Ã «"
).split(" ")
_ODD = ["\xa0", " ", "\u2028", "z" * 24, "w" * 63]
_REFERENCES = ["&eacute;", "&", "&#64;", "&#8221;", "&#195;&#169;"]
_tangles = st.one_of(
    st.sampled_from([*_CLOSE, *_ODD]),
    st.builds(garbled, st.sampled_from("é©”“’š\xa0П™ÂÃ«…ªÚ¤"), st.integers(1, 3)),
    st.builds(escaped, st.sampled_from(_REFERENCES), st.integers(0, 3)),
)
tangled = st.lists(_tangles, min_size=2, max_size=12).map("".join)
texts = st.one_of(glued, tangled, rcst.texts())


def optional(strategy: SearchStrategy[Any]) -> SearchStrategy[Any]:
    return st.one_of(st.none(), strategy)


reviews = rcst.reviews(
    username=optional(texts), short_description=optional(texts), full_review=optional(texts)
)
movies = st.one_of(rcst.movies(), rcst.movies(reviews=reviews, title=optional(texts)))

# Few values, so that the same comes up again and again.
alike = st.builds(
    rc.Review,
    date=st.sampled_from([None, datetime.date(2012, 5, 18)]),
    username=st.sampled_from([None, "", "ann", "bob"]),
    score=st.sampled_from([None, 0.1, 0.5]),
    short_description=st.sampled_from([None, "", "Nice", "Bad"]),
    full_review=st.sampled_from(
        [None, " ", "Nice.", "Nice.\n", "I laughed more than twice.", "I  laughed more than twice."]
    ),
    extra=st.sampled_from([{}, {"place": "Graz"}, {"place": "Bonn"}]),
)


def replayed(text: str, changes: Iterable[Change]) -> str:
    """Make changes in a text, from the last to the first, which keeps the places of the others."""
    for change in reversed(list(changes)):
        assert change.old is not None
        assert change.new is not None
        assert change.start is not None
        end = change.start + len(change.old)
        assert text[change.start : end] == change.old
        text = text[: change.start] + change.new + text[end:]
    return text
