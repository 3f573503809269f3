"""Reading for commands: from paths to streams, and on behind what cannot be read."""

from __future__ import annotations

import sys
from typing import IO, TYPE_CHECKING

import click

from reviewcorpus._checks import visible
from reviewcorpus.defects import CorpusError
from reviewcorpus.sources import streams_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reviewcorpus._command.screen import Output
    from reviewcorpus._items import Items
    from reviewcorpus._report import Item
    from reviewcorpus.sources import Streams

_NOTHING = "nothing to read: there is no *.xml or *.txt in there"
_ITEMS_A_STEP = 256  # how often the progress bar is told; each time costs some microseconds


def streams_of_paths(paths: tuple[str, ...]) -> Streams:
    """Give the streams that the paths of a command stand for; `-` is standard input."""
    return streams_of([_source_of(path) for path in paths])


def _source_of(path: str) -> str | IO[bytes]:
    if path != "-":
        return path
    if sys.stdin is None:  # as "<&-" in a shell leaves it
        raise click.UsageError("standard input is closed")
    return sys.stdin.buffer


def each_item(items: Items, output: Output, not_read: list[str]) -> Iterator[Item]:
    """Give everything that can be read.

    Args:
        items: What reading gives.
        output: Where it is told what cannot be read, and how far reading has come.
        not_read: Takes why something could not be read.
    """
    count = 0
    while True:
        try:
            item = next(items)
        except StopIteration:
            break
        except (OSError, CorpusError) as error:
            output.error(visible(f"reviewcorpus: not read: {error}"))
            not_read.append(str(error))
            continue
        yield item
        count += 1
        if count % _ITEMS_A_STEP == 0:
            output.advance(items)


def tell_if_empty(items: Items, output: Output, not_read: list[str]) -> None:
    """Tell, once everything has been read, that there was nothing.

    It counts as something that was not read: a build that names a wrong folder shall not pass.
    """
    if items.files == 0 and not not_read:
        output.error(f"reviewcorpus: {_NOTHING}")
        not_read.append(_NOTHING)
