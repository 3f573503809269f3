"""Reading for commands: from paths to streams, and on behind what cannot be read."""

from __future__ import annotations

import os
import sys
from typing import IO, TYPE_CHECKING

import click

from reviewcorpus._checks import visible
from reviewcorpus.defects import CorpusError
from reviewcorpus.sources import files_in, streams_of
from reviewcorpus.sources._archives import is_packed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reviewcorpus._iterators import Items
    from reviewcorpus.cli._screen import Output
    from reviewcorpus.events import Item
    from reviewcorpus.sources import Streams

NO_FILES = "there is no *.xml or *.txt in there"
"""What is said of sources in which there is nothing to read, such as an empty folder."""
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
        nothing = f"nothing to read: {NO_FILES}"
        output.error(f"reviewcorpus: {nothing}")
        not_read.append(nothing)


def tell_passed_over(paths: tuple[str, ...]) -> None:
    """Tell of compressed files and archives in folders, which stand for their plain files.

    Only names are looked at; what is named beside its folder has been read.
    """
    named = {os.path.abspath(path) for path in paths}  # noqa: PTH100 as given, and links kept
    count, first = 0, ""
    for folder in paths:
        if folder == "-" or not os.path.isdir(folder):  # noqa: PTH112 as given
            continue
        for path in files_in(folder, is_packed):
            # What cannot be listed was told when it should have been read.
            if isinstance(path, str) and os.path.abspath(path) not in named:  # noqa: PTH100 as above
                count += 1
                first = first or path
    if count == 1:
        what, name_them = f"1 compressed file or archive, {first}", "name it to read it"
    else:
        what = f"{count} compressed files or archives, such as {first}"
        name_them = "name them to read them"
    if count:
        click.echo(visible(f"reviewcorpus: passed over in folders: {what}; {name_them}"), err=True)
