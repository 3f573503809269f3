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
texts = st.one_of(glued, rcst.texts())


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
