"""Read, check and clean corpora of reviews that look like XML and are not.

`import reviewcorpus as rc` is enough for the modules beside the core too: `rc.arrow`,
`rc.cleaning`, `rc.formats`, `rc.spark`, `rc.strategies` and `rc.validation`. If a package is
missing, an `ImportError` names the extra to install.

Everything is imported when it is first used. So importing the package takes almost no time, and
the command can handle Ctrl-C from the start.
"""

import os as _os
from importlib import import_module as _import_module
from sys import modules as _modules

TYPE_CHECKING = False  # type checkers know this name; importing typing would take most of the time
if TYPE_CHECKING:
    # "as" tells type checkers that users may name them.
    from reviewcorpus import arrow as arrow
    from reviewcorpus import cleaning as cleaning
    from reviewcorpus import formats as formats
    from reviewcorpus import spark as spark
    from reviewcorpus import strategies as strategies
    from reviewcorpus import validation as validation
    from reviewcorpus._iterators import DefectIterator as DefectIterator
    from reviewcorpus._iterators import MovieIterator as MovieIterator
    from reviewcorpus._iterators import ReviewIterator as ReviewIterator
    from reviewcorpus._version import __version__ as __version__
    from reviewcorpus.corpus import Corpus as Corpus
    from reviewcorpus.corpus import ProblemIterator as ProblemIterator
    from reviewcorpus.corpus import iter_movies as iter_movies
    from reviewcorpus.corpus import iter_reviews as iter_reviews
    from reviewcorpus.corpus import load as load
    from reviewcorpus.corpus import loads as loads
    from reviewcorpus.defects import CorpusError as CorpusError
    from reviewcorpus.defects import CorpusSyntaxError as CorpusSyntaxError
    from reviewcorpus.defects import Defect as Defect
    from reviewcorpus.defects import DefectKind as DefectKind
    from reviewcorpus.defects import LimitExceeded as LimitExceeded
    from reviewcorpus.defects import Severity as Severity
    from reviewcorpus.events import DefectFound as DefectFound
    from reviewcorpus.events import Event as Event
    from reviewcorpus.events import MovieEnded as MovieEnded
    from reviewcorpus.events import MovieStarted as MovieStarted
    from reviewcorpus.events import ReviewRead as ReviewRead
    from reviewcorpus.limits import Limits as Limits
    from reviewcorpus.models import Movie as Movie
    from reviewcorpus.models import Review as Review
    from reviewcorpus.parser import Parser as Parser
    from reviewcorpus.parser._options import ReadOptions as ReadOptions
    from reviewcorpus.sources import Source as Source
    from reviewcorpus.summary import Summary as Summary
    from reviewcorpus.validation import CorpusValidator as CorpusValidator
    from reviewcorpus.validation import Problem as Problem
    from reviewcorpus.validation import validate as validate
    from reviewcorpus.writer import dump as dump
    from reviewcorpus.writer import dumps as dumps

# Modules, each with the package that it needs, and names, each with the module that it comes from.
_MODULES = {
    "arrow": "pyarrow",
    "cleaning": None,
    "formats": None,
    "spark": "pyspark",
    "strategies": "hypothesis",
    "validation": None,
}
_NAMES = {
    name: module
    for module, names in {
        "_iterators": ["DefectIterator", "MovieIterator", "ReviewIterator"],
        "_version": ["__version__"],
        "corpus": ["Corpus", "ProblemIterator", "iter_movies", "iter_reviews", "load", "loads"],
        "defects": [
            "CorpusError",
            "CorpusSyntaxError",
            "Defect",
            "DefectKind",
            "LimitExceeded",
            "Severity",
        ],
        "events": ["DefectFound", "Event", "MovieEnded", "MovieStarted", "ReviewRead"],
        "limits": ["Limits"],
        "models": ["Movie", "Review"],
        "parser": ["Parser"],
        "parser._options": ["ReadOptions"],
        "sources": ["Source"],
        "summary": ["Summary"],
        "validation": ["CorpusValidator", "Problem", "validate"],
        "writer": ["dump", "dumps"],
    }.items()
    for name in names
}

# What reading imports on demand.
_WHILE_READING = (
    "reviewcorpus.corpus",
    "reviewcorpus.parser._scanner",
    "reviewcorpus.parser._strict",
    "reviewcorpus.sources._archives",
    "reviewcorpus.summary",
    "bz2",
    "encodings.cp1252",
    "gzip",
    "html.entities",
    "lzma",
    "tarfile",
    "zipfile",
)


def _import_before_fork() -> None:
    """Import what a reading thread may be importing, before the process forks.

    In the child, a module that is half imported would stay locked for ever.
    """
    from contextlib import suppress

    if _modules.keys() & {f"{__name__}.corpus", f"{__name__}.parser"}:
        for name in _WHILE_READING:
            with suppress(ImportError):  # a Python may be built without some compressions
                _import_module(name)


if hasattr(_os, "register_at_fork"):  # not on Windows
    _os.register_at_fork(before=_import_before_fork)

# A type checker that saw __getattr__ would accept any misspelt name.
if not TYPE_CHECKING:
    __all__ = tuple(sorted(_NAMES))

    def __getattr__(name: str) -> object:
        """Import a module, or what comes from one, when it is first named."""
        if name in _MODULES:
            return _import_module(f"{__name__}.{name}")
        if name in _NAMES:
            value = getattr(_import_module(f"{__name__}.{_NAMES[name]}"), name)
            globals()[name] = value  # the next time, it is found without this function
            return value
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

    def __dir__() -> list[str]:
        """Return all names, except modules whose package is missing.

        `help()` and completion get the value of each name, and an `ImportError` would end them.
        """
        from importlib.util import find_spec

        modules = {name for name, needs in _MODULES.items() if not needs or find_spec(needs)}
        return sorted({*globals(), *__all__, *modules})


del TYPE_CHECKING
