"""What one pass over a corpus has found, counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING

import attrs

from reviewcorpus.defects import Defect, DefectKind
from reviewcorpus.events import MovieEnded, MovieStarted, ReviewRun
from reviewcorpus.formats import MOVIE

if TYPE_CHECKING:
    from reviewcorpus._iterators import Items
    from reviewcorpus.events import Item
    from reviewcorpus.sources._streams import Stream

_TRUNCATING = frozenset({DefectKind.UNEXPECTED_END, DefectKind.BROKEN_COMPRESSION})


@attrs.frozen(kw_only=True, unsafe_hash=False)  # it holds dictionaries
class Summary:
    """What one pass over a corpus has found.

    Args:
        files: Files, archive members and streams that were opened. A folder or archive without a
            file to read does not count.
        movies: Movies, without those that `errors="drop"` drops.
        reviews: Reviews, without those that are dropped.
        reviews_without_score: Reviews whose score is `None`, without those that are dropped.
        defects: How many defects of each kind there were; only kinds that occur.
        truncated_files: Files that stop inside a record, or whose compression breaks off. If files
            were joined, each part that stops like this counts.
        skipped: Archives, hidden files and links in folders, which are read only if they are
            sources themselves. A hidden file counts if it would be read under another name. Of a
            hidden folder, only the files directly in it count.
        formats: How many files were in each format, by its name. Files without a movie do not
            count.

    Example:
        >>> import io
        >>> import reviewcorpus as rc
        >>> text = "<movie><title>Tick & Tock</title><review><score>-1.0</score></rev"
        >>> summary = rc.Corpus(io.StringIO(text)).summary()
        >>> summary.movies, summary.reviews, summary.reviews_without_score, summary.truncated_files
        (1, 1, 1, 1)
        >>> summary.defects[rc.DefectKind.BARE_AMPERSAND]
        1
        >>> print(summary)
        files:                         1
        movies:                        1
        reviews:                       1
        reviews without score:         1
        truncated files:               1
        defects:                       2
          bare-ampersand:              1  info
          unexpected-end:              1  error
    """

    files: int
    movies: int
    reviews: int
    reviews_without_score: int
    defects: Mapping[DefectKind, int]
    truncated_files: int
    skipped: int = 0
    formats: Mapping[str, int] = attrs.field(factory=dict)

    def __str__(self) -> str:
        """The counts as a table, as the command `check` prints it."""
        counts = {
            "files": self.files,
            **{f"  format {name}": n for name, n in notable_formats(self.formats).items()},
            "movies": self.movies,
            "reviews": self.reviews,
            "reviews without score": self.reviews_without_score,
            "truncated files": self.truncated_files,
            "skipped files": self.skipped,
            "defects": sum(self.defects.values()),
        }
        if not self.skipped:  # as in most corpora
            del counts["skipped files"]
        lines = [f"{name + ':':<26}{count:>6}" for name, count in counts.items()]
        for kind, count in self.defects.items():
            lines.append(f"  {kind + ':':<24}{count:>6}  {' or '.join(kind.severities)}")
        return "\n".join(lines)


def notable_formats(formats: Mapping[str, int]) -> Mapping[str, int]:
    """Return how many files are in each format; nothing if all are in the usual one."""
    return formats if formats.keys() - {MOVIE.name} else {}


class Tally:
    """Counts items, for a summary.

    Args:
        items: Where they come from.
    """

    def __init__(self, items: Items) -> None:
        self._items = items
        self._latest: Stream | None = None  # the last one with a movie
        self._formats: Counter[str] = Counter()
        self.movies: int = 0
        self.reviews: int = 0
        self.without_score: int = 0
        self.defects: Counter[DefectKind] = Counter()
        self._reviews_of_movie: list[int] = [0, 0]

    def add(self, item: Item) -> None:
        """Count one item."""
        if isinstance(item, ReviewRun):
            self._reviews_of_movie[0] += len(item.reviews)
            self._reviews_of_movie[1] += sum(review.score is None for review in item.reviews)
        elif isinstance(item, Defect):
            self.defects[item.kind] += 1
        elif isinstance(item, MovieEnded) and not item.dropped:
            self.movies += 1
            self.reviews += self._reviews_of_movie[0]
            self.without_score += self._reviews_of_movie[1]
        if isinstance(item, MovieStarted | MovieEnded):
            self._reviews_of_movie = [0, 0]
            self._add_stream()

    def _add_stream(self) -> None:
        """Count the stream that is being read by its format, at its first movie."""
        stream, table = self._items.stream, self._items.format
        if stream is not self._latest and table is not None:
            self._latest = stream
            self._formats[table.name] += 1

    def summary(self) -> Summary:
        """Return the counts, with those of the files."""
        return Summary(
            files=self._items.files,
            movies=self.movies,
            reviews=self.reviews,
            reviews_without_score=self.without_score,
            defects={kind: self.defects[kind] for kind in DefectKind if self.defects[kind]},
            truncated_files=sum(self.defects[kind] for kind in _TRUNCATING),
            skipped=len(self._items.skipped),
            formats=dict(self._formats),
        )
