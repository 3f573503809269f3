"""What is wrong in one field, before it has a place in the input."""

from __future__ import annotations

from typing import NamedTuple

from reviewcorpus.defects import DefectKind, Severity


class Fault(NamedTuple):
    """A defect within one field.

    `start` and `end` count from the start of the field: characters while its text is read, bytes
    from then on.
    """

    kind: DefectKind
    start: int
    end: int
    message: str
    action: str
    severity: Severity


def fault_of(kind: DefectKind, start: int, end: int, message: str, action: str) -> Fault:
    """Give a fault of the severity that its kind has."""
    return Fault(kind, start, end, message, action, kind.severity)
