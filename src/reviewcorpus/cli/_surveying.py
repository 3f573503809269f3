"""Reading everything once for a command that shows numbers."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, NamedTuple

from reviewcorpus._iterators import Items
from reviewcorpus.cli._reading import each_item, streams_of_paths, tell_if_empty
from reviewcorpus.cli._screen import open_output
from reviewcorpus.cli._statistics import StatisticsTally

if TYPE_CHECKING:
    from reviewcorpus.cli._statistics import Statistics
    from reviewcorpus.parser._reader import Options
    from reviewcorpus.validation import CorpusValidator


class Survey(NamedTuple):
    """What was seen.

    Attributes:
        paths: What was asked for.
        statistics: What was read, in numbers.
        not_read: Why some of it was not.
    """

    paths: tuple[str, ...]
    statistics: Statistics
    not_read: list[str]


def survey(paths: tuple[str, ...], options: Options, validator: CorpusValidator | None) -> Survey:
    """Read everything once, with a progress bar where a terminal is; tell what cannot be read."""
    items = Items(streams_of_paths(paths), options)
    not_read: list[str] = []
    tally = StatisticsTally(validator)
    with closing(items), open_output(paths) as output:
        for item in each_item(items, output, not_read):
            tally.add(item, None if items.stream is None else items.stream.name)
        tell_if_empty(items, output, not_read)
    return Survey(paths, tally.finish(items.files), not_read)
