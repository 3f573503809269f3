"""Read, check and write movie-review corpora that look like XML and often are not."""

from reviewcorpus._version import __version__
from reviewcorpus.corpus import Corpus, iter_movies, iter_reviews, load, loads
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
from reviewcorpus.summary import Summary
from reviewcorpus.writer import dump, dumps

__all__ = [
    "Corpus",
    "CorpusError",
    "CorpusSyntaxError",
    "Defect",
    "DefectKind",
    "DefectMet",
    "Event",
    "LimitExceeded",
    "Limits",
    "Movie",
    "MovieEnded",
    "MovieStarted",
    "Parser",
    "Review",
    "ReviewRead",
    "Severity",
    "Summary",
    "__version__",
    "dump",
    "dumps",
    "iter_movies",
    "iter_reviews",
    "load",
    "loads",
]
