"""The most that one field or record can have."""

from __future__ import annotations

from functools import partial

import attrs

from reviewcorpus._checks import check_integer, repr_of_fields

MEBIBYTE = 1 << 20

_SHORTEST_TAG_CAP = 64  # below it the tags of the format itself would be text
_MOST = 1 << 40  # a terabyte; a limit is added to an offset, and their sum must fit into 63 bits
_at_least = partial(check_integer, most=_MOST)


@attrs.frozen(kw_only=True)
class Limits:
    """The most that one field or record can have.

    Whatever the bytes are, memory stays within a small multiple of `max_field_bytes`.
    Beyond one of the first two limits, reading stops with `LimitExceeded`; in strict reading, it
    stops beyond the third, too. Otherwise, the text is read as written, or defects are reported
    together. None can be above `1 << 40`, a
    terabyte.

    Args:
        max_field_bytes: Size of one field as written in the file, in bytes. The longest field
            of the surveyed corpora was well under one mebibyte. The `extra` elements of one
            record count together as one field. At least 1.
        max_extra_elements: Elements of one record that the format does not name. At least 0.
        max_tag_bytes: Length of one tag with its attributes, in bytes, from `<` to `>`. A longer
            one is text. Tags of HTML mail and style-laden pages stay below 4,096. At least 64.
        max_reference_bytes: Length of one reference, in characters, from `&` to `;`. A longer
            one is text. The longest name that HTML declares takes 33. At least 8.
        max_defects_per_field: Defects of one kind in one field that are reported one by one.
            The rest are reported in one defect that says how many there are. At least 1.

    Raises:
        TypeError: A limit is not an `int`.
        ValueError: A limit is below its minimum or above its maximum.

    Example:
        >>> from reviewcorpus import Limits
        >>> Limits(max_field_bytes=1_000_000).max_extra_elements
        1000
    """

    __repr__ = repr_of_fields

    max_field_bytes: int = attrs.field(default=16 * MEBIBYTE, validator=_at_least(1))
    max_extra_elements: int = attrs.field(default=1000, validator=_at_least(0))
    max_tag_bytes: int = attrs.field(default=4096, validator=_at_least(_SHORTEST_TAG_CAP))
    max_reference_bytes: int = attrs.field(default=64, validator=_at_least(8))
    max_defects_per_field: int = attrs.field(default=1000, validator=_at_least(1))


DEFAULT_LIMITS = Limits()
"""The default of all readers, as one object, so that comparing options with it takes no time."""
