"""Clean texts and collections, only when asked.

Reading never changes what a writer wrote; the functions here do. Each returns a `Cleaned`: the
cleaned value, and a `Change` for each thing that was changed.

Text: `split_sentences`, `fix_mojibake` (extra `clean`), `unescape_again` and `redact_emails` take
a `str`, a `Review` or a `Movie`. Collections: `drop_repeats` in a movie, `merge_movies` and
`merge_corpus` for the records of one movie. Several at once: `Pipeline`, whose default is
`DEFAULT_STEPS`; `STEPS` has the steps of a movie by their names.
"""

from __future__ import annotations

from reviewcorpus.cleaning._changes import Change, Cleaned, Edit, TextStep
from reviewcorpus.cleaning._collections import drop_repeats, merge_corpus, merge_movies
from reviewcorpus.cleaning._pipeline import DEFAULT_STEPS, STEPS, Pipeline, Step
from reviewcorpus.cleaning._texts import (
    fix_mojibake,
    redact_emails,
    split_sentences,
    unescape_again,
)

__all__ = [
    "DEFAULT_STEPS",
    "STEPS",
    "Change",
    "Cleaned",
    "Edit",
    "Pipeline",
    "Step",
    "TextStep",
    "drop_repeats",
    "fix_mojibake",
    "merge_corpus",
    "merge_movies",
    "redact_emails",
    "split_sentences",
    "unescape_again",
]
