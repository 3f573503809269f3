"""The fast path: whole records that are clean or nearly so, in a few operations each.

`take(buffer, position, at, ...)` starts between two records. It reads records whose tags are as a
crawler writes them, in the usual order and case; their texts may contain references, markup and
forbidden characters. It returns what it has read, the place after that, and the `Checkpoint` there;
it keeps no state. What it cannot read begins at that place and is left to the slow path.

Both paths yield the same records and defects; a property test holds them equal.

The source of the function is made from the template below, once for each format and kind of
encoding, as attrs makes `__init__`. A loop over a table of fields would take half as long again.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, NamedTuple

from reviewcorpus._unchecked import compile_function, unchecked, unfinished
from reviewcorpus.events import MovieEnded, MovieStarted, ReviewRun
from reviewcorpus.models import NO_EXTRA, Movie, Review
from reviewcorpus.parser._source import Writer, extra_of, filled, has_lines, patterns
from reviewcorpus.parser._values import blank_tags, join_words

if TYPE_CHECKING:
    import re
    from collections.abc import Callable

    from reviewcorpus.formats import Format
    from reviewcorpus.parser._builder import OpenMovie
    from reviewcorpus.parser._text import Faults


class Checkpoint(NamedTuple):
    """What has to be known to read on from a place between two records.

    Attributes:
        movie: The fields of the open movie, if one is open.
        movie_index: Index in the input of that movie or of the last one, from 0; -1 before any.
        review_index: Index of the next review in that movie, from 0.
        known: The open movie as the slow path knows it, if the slow path has read it.
    """

    movie: Movie | None = None
    movie_index: int = -1
    review_index: int = 0
    known: OpenMovie | None = None


class Faulty(NamedTuple):
    """What is wrong in the record that comes next.

    Attributes:
        movie_index: Index of the movie that it is, or is in.
        review_index: Index of the review in that movie; `None` for the movie itself.
        fields: The faulty fields. Each has its offset and its faults, and each fault has the place
            in the field that its own places are counted from.
    """

    movie_index: int
    review_index: int | None
    fields: Faults

    @property
    def has_error(self) -> bool:
        """Whether something may be missing or wrong."""
        return any(fault.severity == "error" for *_, some in self.fields for _, fault in some)


# ---- the template -----------------------------------------------------------------------

# A `$name` alone on a line becomes a block of lines, usually one or more for each field.
_TEMPLATE = """\
def take(buffer, position, at, parts):
    movie, movie_index, index, known = at
    most, listens, drops = parts.most, parts.listens, parts.drops
    data, base, find, records = buffer.data, buffer.base, buffer.data.find, buffer.records
    next_sign = all_are_signs if buffer.has_returns else buffer.next_sign
    $decoder
    items, places, movie_key = [], None, None
    sign = next_sign(position)
    while True:
        $begin_movie
        begin = position
        found = match_first(data, position)
        if found is not None:
            reviews = []
            keep = reviews.append
            if records is not None:
                places = []
            try:
                while found.lastindex is not None:  # it begins a review
                    start = found.end()
                    end = find(b"<", start)
                    if end < 0:
                        break
                    following = match_next(data, end)
                    $fields
                    $check
                    faulty = None
                    if sign >= start:
                        $decode_fields
                    else:
                        faulty = [] if listens else None
                        $read_fields
                        if sign < start:
                            sign = next_sign(start)
                    $values
                    if following is not None and end <= sign:
                        $decode_body
                    else:
                        if following is None:  # the "<" may be one of the text
                            end = find_body_end(data, end)
                            following = match_next(data, end) if end >= 0 else None
                            if following is None:
                                break
                        if listens and faulty is None:
                            faulty = []
                        $read_body
                        if sign < end:
                            sign = next_sign(end)
                    if end - begin > most:
                        break
                    begin = end
                    review = unfinished_review()
                    $review_stores
                    review.__class__ = Review
                    $find_movie
                    if faulty:
                        if reviews:
                            items.append(ReviewRun(movie, reviews, movie_index, index, places))
                            index += len(reviews)
                            reviews = []
                            keep = reviews.append
                            if places is not None:
                                places = []
                        fault = new(Faulty, (movie_index, index, faulty))
                        items.append(fault)
                        $drop
                    if places is not None:
                        places.append(records.place_of(buffer, found.start(1)))
                    keep(review)
                    found = following
            except ValueError:  # UnicodeDecodeError is one too
                pass
            if reviews:
                items.append(ReviewRun(movie, reviews, movie_index, index, places))
                index += len(reviews)
            position = found.end() if found.lastindex is None else found.start(1)
        $end_movie
    return items, position, new(Checkpoint, (movie, movie_index, index, known))
"""

# The blocks for a format that has an element for the movie.
_BEGIN_MOVIE = """\
if movie is None:
    if position == len(data):
        break
    found = match_head(data, position)
    if found is None or (end := found.end()) - position > most:
        position = match_outside(data, position).end()
        break
    $head
    $check_head
    faulty = [] if listens else None
    try:
        if sign >= end:
            $decode_head
        else:
            $read_head
        $head_values
        $head_nulls
    except ValueError:
        break
    fault = Faulty(movie_index + 1, None, faulty) if faulty else None
    if drops and fault is not None and fault.has_error:
        break
    movie = unfinished_movie()
    $movie_stores
    movie.__class__ = Movie
    movie_index, index, known = movie_index + 1, 0, None
    place = records and records.place_of(buffer, found.start(1))
    items.append(MovieStarted(movie_index, place))
    if fault is not None:
        items.append(fault)
    position = end
    if sign < end:
        sign = next_sign(end)
"""
_DROP = """\
if drops and fault.has_error:
    index += 1
    found = following
    continue
"""
_END_MOVIE = """\
found = match_end(data, position)
if found is None or not (known is None or known.is_complete):
    break
items.append(MovieEnded(movie, movie_index, False))
movie = known = None
position = found.end()
"""

# The blocks for a format whose reviews imply their movie. The slow path decides what becomes of a
# movie whose reviews are dropped.
_SKIP_OUTSIDE = """\
if position == len(data):
    break
position = match_outside(data, position).end()
"""
_FIND_MOVIE = """\
if drops and faulty and Faulty(0, 0, faulty).has_error:
    break
$key
if movie_key != key:
    candidate = unfinished_movie()
    $candidate_stores
    candidate.__class__ = Movie
    movie_key = key
    if movie is None or candidate != movie or not is_grouped:
        if reviews:
            items.append(ReviewRun(movie, reviews, movie_index, index, places))
            reviews = []
            keep = reviews.append
            if places is not None:
                places = []
        if movie is not None:
            is_dropped = drops and known is not None and not known.has_reviews
            items.append(MovieEnded(movie, movie_index, is_dropped))
        movie, movie_index, index = candidate, movie_index + 1, 0
        place = records and records.place_of(buffer, found.start(1))
        items.append(MovieStarted(movie_index, place))
known = None
"""
_END_LAST = """\
if movie is not None:
    items.append(MovieEnded(movie, movie_index, False))
    movie = None
break
"""


@functools.lru_cache(maxsize=32)
def path_of(table: Format, *, is_plain: bool) -> Callable[..., Any]:
    """Return the function that reads whole records of a format; see the head of this module.

    Args:
        table: The format.
        is_plain: Whether the text is UTF-8, and nothing else has to be checked.
    """
    *fields, last = table.review.fields
    head = Writer(table.movie.fields if table.movie else (), "head", is_plain=is_plain)
    review = Writer(fields, "field", is_plain=is_plain)
    body = Writer([last], "body", is_plain=is_plain)
    cut_out = f"body_0 = data[start:end]{'.rstrip(blanks)' if table.strips else ''}"
    blocks = {
        "decoder": [] if is_plain else ["decode = buffer.charset.clean_decoder"],
        "head": head.unpack(),
        "decode_head": head.decode(),
        "read_head": head.read(),
        "head_values": head.values(),
        "head_nulls": head.refuse_nulls(),
        "fields": review.unpack(),
        "check": [*review.check_tag(), *(review.check_lines() if has_lines(table) else [])],
        "check_head": head.check_tag(),
        "decode_fields": review.decode(),
        "read_fields": review.read(),
        "values": review.values(),
        "decode_body": [cut_out, *body.decode()],
        "read_body": [cut_out, *body.read(start="start")],
        "movie_stores": head.stores("movie", Movie, more={"reviews": "()"}),
        "review_stores": review.stores("review", Review, more={last.target: "body_0"}),
        "key": review.key() if table.is_grouped else ["key = (found,)"],
        "candidate_stores": review.stores(
            "candidate", Movie, of_movie=True, more={"reviews": "()"}
        ),
    }
    parts = {"begin_movie": _BEGIN_MOVIE, "drop": _DROP, "end_movie": _END_MOVIE}
    if table.movie is None:
        parts = {"begin_movie": _SKIP_OUTSIDE, "find_movie": _FIND_MOVIE}
        parts["end_movie"] = "break" if table.is_grouped else _END_LAST
    blocks |= {name: filled(part, blocks) for name, part in parts.items()}
    source = "\n".join(filled(_TEMPLATE, blocks))

    @functools.cache
    def body_mark() -> Callable[[bytes, int], re.Match[bytes] | None]:
        from reviewcorpus.parser._grammar import compiled  # here, because few files need it

        return compiled(table).body_mark.match

    def find_body_end(data: bytes, at: int) -> int:
        match = body_mark()
        while at >= 0 and not match(data, at):  # faster than a search by the pattern
            at = data.find(b"<", at + 1)
        return at

    known = patterns(table) | head.known | review.known | body.known
    known |= {
        "find_body_end": find_body_end,
        "all_are_signs": lambda _: -1,  # carriage returns may be anywhere
        "unfinished_movie": unfinished(Movie),
        "unfinished_review": unfinished(Review),
        "Movie": Movie,
        "extra_of": extra_of,
        "blank_tags": blank_tags,
        "join_words": join_words,
        "NO_EXTRA": NO_EXTRA,
        "is_grouped": table.is_grouped,
        "blanks": b" \t\r\n",
        "Review": Review,
        "ReviewRun": ReviewRun,
        "MovieStarted": unchecked(MovieStarted),
        "MovieEnded": unchecked(MovieEnded),
        "Faulty": Faulty,
        "Checkpoint": Checkpoint,
        "new": tuple.__new__,  # which a named tuple's own __new__ calls
    }
    name = f"<fast path of {table.name}, {'UTF-8' if is_plain else 'other text'}>"
    path: Callable[..., Any] = compile_function(source, name, known, "take")
    return path
