"""What compressed data and archives begin with."""

from __future__ import annotations

_BZIP2_MARKS = b"1AY&SY", b"\x17rE8P\x90"  # of a block, or of the end
_SIGNATURES: dict[str, tuple[bytes, ...]] = {
    "gzip": (b"\x1f\x8b",),
    # A text may begin with "BZh" too, but not with a mark after it.
    "bzip2": tuple(b"BZh%d%b" % (n, mark) for n in range(1, 10) for mark in _BZIP2_MARKS),
    "xz": (b"\xfd7zXZ\0",),
    "zip": (b"PK\x03\x04", b"PK\x05\x06"),
    "Zstandard": (b"\x28\xb5\x2f\xfd",),
}
_FIRST_BYTES = b"\x1fB\xfdP\x28"
LONGEST_SIGNATURE = 10  # bytes


def packed_as(head: bytes) -> str | None:
    """Return the kind of compressed data or archive that begins with some bytes, if any does."""
    if not head or head[0] not in _FIRST_BYTES:  # as in most files
        return None
    for kind, signatures in _SIGNATURES.items():
        if head.startswith(signatures):
            return kind
    return None


def is_undecided(head: bytes) -> bool:
    """Return whether some bytes, at least one, may be the beginning of a signature."""
    return len(head) < LONGEST_SIGNATURE and head[0] in _FIRST_BYTES
