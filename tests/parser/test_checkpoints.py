"""Reading that is taken up in mid-input gives what reading from the start gives."""

from __future__ import annotations

import pickle
from itertools import chain
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from crawled import CLEAN_REVIEW, any_input
from reading import read_items
from reviewcorpus.parser._reader import Engine, Options
from reviewcorpus.strategies import chunkings

if TYPE_CHECKING:
    from collections.abc import Iterable

    from reviewcorpus.parser._reader import Checkpoint
    from reviewcorpus.parser._reporter import Item

HEAD = b"<movie>\n<title>Paper Boats</title><year>2007</year>\n"


def one_by_one(items: Iterable[Item]) -> list[Any]:
    given_: list[Any] = []
    for item in items:
        given_ += [(item[0], review) for review in item[1]] if isinstance(item, tuple) else [item]
    return given_


def read_on(data: bytes, checkpoint: Checkpoint, options: Options) -> list[Any]:
    """Read what stands behind a checkpoint, which was sent to another process."""
    engine = Engine.resume(options, "input", pickle.loads(pickle.dumps(checkpoint)))
    rest = data[checkpoint.place.offset :]
    items = one_by_one(chain(*engine.feed(rest), *engine.close()))
    return [*items, (type(engine.error), str(engine.error))] if engine.error else items


def assert_same_from_everywhere(parts: list[bytes], **options: Any) -> int:
    """Read on at each checkpoint; give how many there were."""
    checked = Options(**options)
    expected = read_items(parts, **options)
    engine = Engine(checked, "input")
    before = count = last = 0
    for part in parts:
        before += len(one_by_one(chain.from_iterable(engine.feed(part))))
        checkpoint = engine.checkpoint()
        if checkpoint is not None and checkpoint.place.offset > last:
            assert engine._builder is not None
            assert checkpoint.place.offset == engine._builder.window.base
            assert read_on(b"".join(parts), checkpoint, checked) == expected[before:]
            count += 1
            last = checkpoint.place.offset
    return count


in_pieces = any_input.flatmap(lambda data: st.tuples(st.just(data), chunkings(data)))
LINE_ENDS = HEAD.replace(b"\n", b"\r\n") + CLEAN_REVIEW.replace("\n", "\r\n").encode() * 3


@given(in_pieces, st.sampled_from(["repair", "drop"]), st.sampled_from([None, "windows-1252"]))
@example((LINE_ENDS, [LINE_ENDS[i : i + 1] for i in range(len(LINE_ENDS))]), "repair", None)
def test_reading_goes_on_at_any_checkpoint(
    data_and_parts: tuple[bytes, list[bytes]], errors: str, encoding: str | None
) -> None:
    _, parts = data_and_parts
    assert_same_from_everywhere(parts, errors=errors, encoding=encoding)


@given(in_pieces)
def test_reading_that_a_limit_ends_goes_on_too(data_and_parts: tuple[bytes, list[bytes]]) -> None:
    from reviewcorpus import Limits  # noqa: PLC0415

    _, parts = data_and_parts
    limits = Limits(max_field_bytes=64, max_extra_elements=1)
    assert_same_from_everywhere(parts, limits=limits)


def in_bytes(data: bytes) -> list[bytes]:
    return [data[at : at + 1] for at in range(len(data))]


def test_there_is_a_checkpoint_behind_each_record() -> None:
    data = HEAD + CLEAN_REVIEW.encode() * 3 + b"</movie>"
    assert assert_same_from_everywhere(in_bytes(data)) >= 5


def test_a_movie_that_is_open_keeps_what_was_read_of_it() -> None:
    data = HEAD + b"<mood>grey</mood><year>x</year>" + CLEAN_REVIEW.encode() * 2 + b"</movie>"
    for errors in ("repair", "drop"):
        assert assert_same_from_everywhere(in_bytes(data), errors=errors) >= 5


@pytest.mark.parametrize(
    ("data", "options"),
    [
        (HEAD + CLEAN_REVIEW.encode(), {"errors": "strict"}),
        ((HEAD + CLEAN_REVIEW.encode()).decode().encode("utf-16"), {}),
        (b"words <b>and</b> no movie", {}),
        (b"", {}),
        (HEAD + b"<Review><date>", {}),
        (HEAD + b"words", {}),
        (HEAD + b"<title>", {}),
    ],
    ids=["strict", "UTF-16", "no movie", "empty", "in a review", "in words", "in a field"],
)
def test_there_is_no_checkpoint(data: bytes, options: dict[str, Any]) -> None:
    engine = Engine(Options(**options), "input")
    for _ in engine.feed(data):
        pass
    assert engine.checkpoint() is None


def test_there_is_no_checkpoint_at_the_end() -> None:
    engine = Engine(Options(), "input")
    for _ in chain(engine.feed(HEAD + b"</movie>"), engine.close()):
        pass
    assert engine.checkpoint() is None
