"""What came of a file: right, changed, lost or refused. Nothing here reads or writes."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from makers.damaged import Fields, Truth
    from makers.peers import Found

RIGHT, CHANGED, LOST, REFUSED, NOT_RUN = "right", "changed", "lost", "refused", "not run"


class Change(NamedTuple):
    """A field that came out otherwise than it should.

    Attributes:
        record: Which record, in words.
        field: The name of its element.
        came: What came out; empty if nothing did.
        should: What is to be read.
    """

    record: str
    field: str
    came: str
    should: str


class Outcome(NamedTuple):
    """What came of a file with a reader.

    Attributes:
        verdict: The worst of what happened.
        records: How many records the file holds, movies and reviews.
        lost: The records of which nothing was found.
        changes: The fields that differ in those that were found.
        added: How many records came out that the file does not hold.
        told: What the reader told about the damage.
        why: Why there are no records: the exception, or why the reader did not run.
    """

    verdict: str
    records: int = 0
    lost: tuple[str, ...] = ()
    changes: tuple[Change, ...] = ()
    added: int = 0
    told: tuple[str, ...] = ()
    why: str = ""


def plain(text: str) -> str:
    """Give a text with its white space made one space: line breaks and indents do not count."""
    return " ".join(text.split())


def judge(truth: Truth, found: Found) -> Outcome:
    """Compare what was found with what is to be read."""
    records = len(truth.films) + len(truth.reviews)
    if found.refused:
        return Outcome(REFUSED, records, why=found.refused)
    lost: list[str] = []
    changes: list[Change] = []
    added = 0
    for noun, expected, given in (
        ("movie", truth.films, found.films),
        ("review", truth.reviews, found.reviews),
    ):
        there = [fields for fields in given if any(map(plain, fields.values()))]
        pairs = _pair(expected, there)
        added += len(there) - len(pairs)
        for index, fields in enumerate(expected):
            record = noun if len(expected) == 1 else f"{noun} {index + 1}"
            if index in pairs:
                changes += changes_between(record, fields, there[pairs[index]])
            else:
                lost.append(record)
    verdict = LOST if lost else CHANGED if changes or added else RIGHT
    return Outcome(verdict, records, tuple(lost), tuple(changes), added, tuple(found.told))


def _pair(expected: list[Fields], found: list[Fields]) -> dict[int, int]:
    """Give for each record that is there the found one which has most fields in common with it."""
    likeness = {
        (one, other): len(fields) - len(changes_between("", fields, found[other]))
        for one, fields in enumerate(expected)
        for other in range(len(found))
    }
    pairs: dict[int, int] = {}
    for (one, other), count in sorted(likeness.items(), key=lambda item: -item[1]):
        if count and one not in pairs and other not in pairs.values():
            pairs[one] = other
    return pairs


def changes_between(record: str, expected: Fields, found: Fields) -> list[Change]:
    """Give the fields of a record that differ in what was found."""
    pairs = [(name, plain(found.get(name, "")), plain(text)) for name, text in expected.items()]
    return [Change(record, name, came, text) for name, came, text in pairs if came != text]
