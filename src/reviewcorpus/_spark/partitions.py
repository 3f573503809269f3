"""What each partition reads: some whole files, or a portion of one large file.

A large file is cut where its reader stands between two records. Where that is, only reading from
the start can tell: a body may hold the tags of records as words, a comment may too, and a review
belongs to a movie that may have begun long before. So the file is read once to find the places, and
each place comes with all that reading on depends on. A portion is read until it has given as many
items as stand before the next cut, so nothing depends on where its bytes end.
"""

from __future__ import annotations

import math
import os
from functools import partial
from itertools import chain, pairwise
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from reviewcorpus._iterators import Begun, Items
from reviewcorpus._spark.files import open_file
from reviewcorpus._tables import TABLES
from reviewcorpus.defects import CorpusError
from reviewcorpus.events import MovieStarted
from reviewcorpus.parser._reader import Checkpoint, Engine
from reviewcorpus.sources import Streams
from reviewcorpus.sources._archives import is_packed, open_path
from reviewcorpus.sources._streams import CHUNK, Stream

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import pyarrow as pa

    from reviewcorpus._spark.files import File
    from reviewcorpus._spark.settings import Settings
    from reviewcorpus.parser._reader import Options
    from reviewcorpus.parser._reporter import Item

# Bytes that each file counts for at least, since opening one takes as long as reading some.
_COST_OF_OPENING = 1 << 18


class Cut(NamedTuple):
    """A place where a file is cut.

    Attributes:
        checkpoint: Where it is, and what reading on depends on.
        items: How many items stand before it, each review counted.
        given: How many reviews of the open movie were given before it.
    """

    checkpoint: Checkpoint
    items: int
    given: int


class Group(NamedTuple):
    """Files that one partition reads whole."""

    paths: tuple[str, ...]


class Portion(NamedTuple):
    """What one partition reads of a file.

    Attributes:
        file: The file; its size tells whether it is still the one that was cut.
        cut: Where it begins; `None` for the start of the file.
        items: How many items it has; `None` for all up to the end of the file.
    """

    file: File
    cut: Cut | None
    items: int | None


Part: TypeAlias = Group | Portion

# ---- planning ---------------------------------------------------------------------------


def plan(files: Iterable[File], settings: Settings) -> list[Part]:
    """Give what the partitions read, in the order of the files; at least one, maybe of nothing."""
    parts: list[Part] = []
    held: list[str] = []
    size = 0
    for file in files:
        if file.size > settings.partition_bytes and not is_packed(file.path):
            portions = _portions_of(file, settings)
        else:
            portions = []
        cost = max(file.size, _COST_OF_OPENING)
        if held and (portions or size + cost > settings.partition_bytes):
            parts.append(Group(tuple(held)))
            held, size = [], 0
        if portions:
            parts += portions
        else:
            held.append(file.path)
            size += cost
    if held or not parts:
        parts.append(Group(tuple(held)))
    return parts


def _portions_of(file: File, settings: Settings) -> list[Portion]:
    """Cut a file into portions of nearly equal size; into one where it cannot be cut."""
    step = math.ceil(file.size / math.ceil(file.size / settings.partition_bytes))
    cuts = list(cuts_of(file.path, settings.options, range(step, file.size, step)))
    parts = []
    for start, end in pairwise([None, *cuts, None]):
        before = start.items if start else 0
        parts.append(Portion(file, start, end.items - before if end else None))
    return parts


def cuts_of(
    path: str, options: Options, wanted: Iterable[int], *, chunk: int = CHUNK
) -> Iterator[Cut]:
    """Find the first place at or behind each wanted one where a file can be cut.

    Args:
        path: The file, which is read up to the last place.
        options: How it will be read.
        wanted: Offsets, rising.
        chunk: How many bytes are read at a time, which is how close to each other places can be.
    """
    places = iter(wanted)
    place = next(places, None)
    engine = Engine(options, path)
    tally = _Tally()
    with open_file(path) as file:
        while place is not None and engine.can_be_cut and not engine.is_over:
            piece = file.read(chunk)
            if not piece:
                return
            tally.add(chain.from_iterable(engine.feed(piece)))
            checkpoint = engine.checkpoint() if file.tell() >= place else None
            if checkpoint is not None and checkpoint.place.offset >= place:
                yield Cut(checkpoint, tally.items, tally.given)
                offset = checkpoint.place.offset
                place = next((place for place in places if place > offset), None)


class _Tally:
    """Counts items, each review as one."""

    def __init__(self) -> None:
        self.items = 0
        self.given = 0  # reviews of the movie that was the last to begin

    def add(self, items: Iterable[Item]) -> None:
        """Count some items."""
        for item in items:
            if type(item) is tuple:
                self.items += len(item[1])
                self.given += len(item[1])
            else:
                self.items += 1
                if isinstance(item, MovieStarted):
                    self.given = 0


# ---- reading ----------------------------------------------------------------------------


def batches_of(part: Part, table: str, options: Options) -> Iterator[pa.RecordBatch]:
    """Read a part; give its rows, batch by batch."""
    items: Items
    if isinstance(part, Group):
        items = Items(Streams(partial(open_path, path, open_file) for path in part.paths), options)
    else:
        items = _PortionItems(part, options)
    _, batches = TABLES[table]
    return batches(items)


class _PortionItems(Items):
    """What reading a portion gives."""

    def __init__(self, portion: Portion, options: Options) -> None:
        super().__init__(Streams([partial(_open_portion, portion)]), options)
        self._checkpoint: Checkpoint | None = None
        if portion.cut is not None:
            state = self._checkpoint = portion.cut.checkpoint
            self.begun = Begun(state.movie_index, state.review_index + 1, portion.cut.given)
        self._left = math.inf if portion.items is None else portion.items

    def __next__(self) -> Any:  # noqa: ANN401 as there
        """Give the next item of the portion; of a run of reviews, those that belong to it."""
        if self._left <= 0:
            raise StopIteration
        item = super().__next__()
        if type(item) is tuple:
            movie, reviews = item
            if len(reviews) > self._left:
                item = movie, reviews[: int(self._left)]
            self._left -= len(reviews)
        else:
            self._left -= 1
        return item

    def _make_engine(self, name: str, piece: object) -> Engine:
        if self._checkpoint is None:
            return super()._make_engine(name, piece)
        return Engine.resume(self._options, name, self._checkpoint)


def _open_portion(portion: Portion) -> Iterator[Stream]:
    """Open a file where a portion of it begins."""
    path, size = portion.file
    with open_file(path) as file:
        file.seek(0, os.SEEK_END)
        if file.tell() != size:
            raise CorpusError(
                f"{path} has {file.tell()} bytes and had {size} when it was divided among the"
                " partitions; load it again"
            )
        file.seek(portion.cut.checkpoint.place.offset if portion.cut else 0)
        yield Stream(path, file, file)
