"""Clean texts and collections, only when asked: damage that reading never changes.

Reading never changes what a writer wrote. Each function here is called by whoever wants it, and
returns a `Cleaned`: the cleaned value, and a `Change` for each thing that is no longer the same.

Text: `split_sentences`, `fix_mojibake` (extra `clean`), `unescape_again` and `redact_emails` take
a `str`, a `Review` or a `Movie`; `split_username` takes a user name apart. Collections:
`drop_repeats` in a movie, `merge_movies` and `merge_corpus` for the records of one movie. Several
at once: `Pipeline`, and `STEPS`, which has them by their names. `lost_characters` only reports.
"""

from __future__ import annotations

from reviewcorpus.cleaning._changes import Change, Cleaned, Edit, TextStep
from reviewcorpus.cleaning._collections import drop_repeats, merge_corpus, merge_movies
from reviewcorpus.cleaning._lost import LostWord, lost_characters
from reviewcorpus.cleaning._pipeline import STEPS, Pipeline, Step
from reviewcorpus.cleaning._texts import (
    FixMojibake,
    RedactEmails,
    SplitSentences,
    UnescapeAgain,
    Username,
    fix_mojibake,
    redact_emails,
    split_sentences,
    split_username,
    unescape_again,
)
from reviewcorpus.validation._model import Place

__all__ = [
    "STEPS",
    "Change",
    "Cleaned",
    "Edit",
    "FixMojibake",
    "LostWord",
    "Pipeline",
    "Place",
    "RedactEmails",
    "SplitSentences",
    "Step",
    "TextStep",
    "UnescapeAgain",
    "Username",
    "drop_repeats",
    "fix_mojibake",
    "lost_characters",
    "merge_corpus",
    "merge_movies",
    "redact_emails",
    "split_sentences",
    "split_username",
    "unescape_again",
]
