"""Reading everything once for a command that shows numbers."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, NamedTuple

from reviewcorpus._checks import visible
from reviewcorpus._command.checking import source_of
from reviewcorpus._command.screen import open_output
from reviewcorpus._items import Items
from reviewcorpus._statistics import StatisticsTally
from reviewcorpus.defects import CorpusError
from reviewcorpus.sources import streams_of

if TYPE_CHECKING:
    from reviewcorpus._command.screen import Output
    from reviewcorpus._engine import Options
    from reviewcorpus._statistics import Statistics
    from reviewcorpus.validation import CorpusValidator

_ITEMS_A_STEP = 256  # how often the progress bar is told; each time costs some microseconds


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
    items = Items(streams_of([source_of(path) for path in paths]), options)
    tally = StatisticsTally(validator)
    with closing(items), open_output(paths) as output:
        not_read = _read(items, tally, output)
        if items.files == 0 and not not_read:
            output.error("reviewcorpus: nothing to read: there is no *.xml or *.txt in there")
    return Survey(paths, tally.finish(items.files), not_read)


def _read(items: Items, tally: StatisticsTally, output: Output) -> list[str]:
    """Count everything; give why some of it could not be read."""
    not_read: list[str] = []
    count = 0
    while True:
        try:
            item = next(items)
        except StopIteration:
            return not_read
        except (OSError, CorpusError) as error:
            output.error(visible(f"reviewcorpus: not read: {error}"))
            not_read.append(str(error))
            continue
        tally.add(item, None if items.stream is None else items.stream.name)
        count += 1
        if count % _ITEMS_A_STEP == 0:
            output.advance(items)
