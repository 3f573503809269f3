"""Ways to read one input, which must all give the same."""

from __future__ import annotations

import io
from itertools import chain, pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

import reviewcorpus as rc
from reviewcorpus.events import ReviewRun
from reviewcorpus.parser._options import Options
from reviewcorpus.parser._reader import Reader

if TYPE_CHECKING:
    from collections.abc import Iterable


def pieces(data: bytes, cuts: Iterable[int]) -> list[bytes]:
    """Cut bytes at the given places."""
    places = [0, *sorted(cut for cut in cuts if 0 < cut < len(data)), len(data)]
    return [data[start:end] for start, end in pairwise(places)]


def read_items(
    parts: Iterable[bytes],
    *,
    use_fast_path: bool = True,
    listens: bool = True,
    is_whole: bool = False,
    **options: Any,
) -> list[Any]:
    """Read an input that comes in parts, its reviews one by one.

    An error that ends reading is the last item. `is_whole` reads all parts at once, as small files
    are read.
    """
    reader = Reader(
        Options(**options),
        "input",
        use_fast_path=use_fast_path,
        listens=listens,
        wants_places=True,
    )
    given: list[Any] = []
    if is_whole:
        given += chain.from_iterable(reader.read_whole(b"".join(parts)))
    else:
        for part in parts:
            given += chain.from_iterable(reader.feed(part))
        given += chain.from_iterable(reader.close())
    items: list[Any] = []
    for item in given:
        # Where a run of reviews ends depends on how the input is cut.
        items += single_reviews(item) if isinstance(item, ReviewRun) else [item]
    if reader.error is not None:
        items.append((type(reader.error), str(reader.error)))
    return items


class ReadReview(NamedTuple):
    """A review that was read, and the offset and the line of its tag."""

    movie: rc.Movie
    review: rc.Review
    movie_index: int
    review_index: int
    place: tuple[int, int]


def single_reviews(run: ReviewRun) -> list[ReadReview]:
    """Return the reviews of a run one by one."""
    assert run.places is not None
    reviews = enumerate(zip(run.reviews, run.places, strict=True), run.review_index)
    return [
        ReadReview(run.movie, review, run.movie_index, index, place)
        for index, (review, place) in reviews
    ]


def read_movies(data: bytes, **options: Any) -> tuple[list[rc.Movie], list[rc.Defect]]:
    """Read all movies of an input, and its defects."""
    defects: list[rc.Defect] = []
    movies = list(rc.iter_movies(io.BytesIO(data), on_defect=defects.append, **options))
    return movies, defects


def only_defects(items: Iterable[object]) -> list[rc.Defect]:
    """Return the defects among items."""
    return [item for item in items if isinstance(item, rc.Defect)]


def document(body: str) -> str:
    """Return a corpus of one movie whose only review has the given text as its body."""
    return (
        "<movie>\n\t<title>Paper Boats</title>\n"
        "\t<link>http://www.imdb.com/title/tt0000042/</link>\n"
        "\t<year>1999</year>\n\t<generalScore>0.75</generalScore>\n\t<review>\n"
        "\t\t<date>2001-02-03</date>\n\t\t<username>ann</username>\n\t\t<score>0.7</score>\n"
        "\t\t<shortDescription>Nice</shortDescription>\n"
        f"\t\t<fullReview>{body}</fullReview>\n\t</review>\n</movie>\n"
    )
