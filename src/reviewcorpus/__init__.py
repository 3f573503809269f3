"""Read, check and write movie-review corpora that look like XML and often are not."""

from typing import TYPE_CHECKING

from reviewcorpus._iterators import MovieIterator, ReviewIterator
from reviewcorpus._version import __version__
from reviewcorpus.corpus import Corpus, ProblemIterator, iter_movies, iter_reviews, load, loads
from reviewcorpus.defects import (
    CorpusError,
    CorpusSyntaxError,
    Defect,
    DefectKind,
    LimitExceeded,
    Severity,
)
from reviewcorpus.events import DefectMet, Event, MovieEnded, MovieStarted, ReviewRead
from reviewcorpus.limits import Limits
from reviewcorpus.models import Movie, Review
from reviewcorpus.parser import Parser
from reviewcorpus.parser._reader import ReadOptions
from reviewcorpus.sources import Source
from reviewcorpus.summary import Summary
from reviewcorpus.writer import dump, dumps

if TYPE_CHECKING:
    from reviewcorpus.validation import CorpusValidator, Problem, validate

__all__ = [
    "Corpus",
    "CorpusError",
    "CorpusSyntaxError",
    "CorpusValidator",
    "Defect",
    "DefectKind",
    "DefectMet",
    "Event",
    "LimitExceeded",
    "Limits",
    "Movie",
    "MovieEnded",
    "MovieIterator",
    "MovieStarted",
    "Parser",
    "Problem",
    "ProblemIterator",
    "ReadOptions",
    "Review",
    "ReviewIterator",
    "ReviewRead",
    "Severity",
    "Source",
    "Summary",
    "__version__",
    "dump",
    "dumps",
    "iter_movies",
    "iter_reviews",
    "load",
    "loads",
    "validate",
]

# Type checkers would take any misspelt name for something that is there.
if not TYPE_CHECKING:  # pragma: no branch

    def __getattr__(name: str) -> object:
        """Import what not everybody needs when it is asked for, so that importing stays cheap."""
        if name in {"CorpusValidator", "Problem", "validate"}:
            from reviewcorpus import validation  # noqa: PLC0415 see above

            return getattr(validation, name)
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

    def __dir__() -> list[str]:
        """Name also what is imported when it is asked for."""
        return sorted({*globals(), *__all__})


del TYPE_CHECKING
