"""The readers that are compared: this library, its peers, and the floor below all of them.

Each yields the same typed reviews, made by the same function, so that reading is compared and
nothing else. Each peer is used as its own documentation advises for large files.
"""

from __future__ import annotations

import datetime
import re
from operator import itemgetter
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import reviewcorpus as rc
from reviewcorpus.models import Extra, checked_movie, checked_review

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from reviewcorpus import Defect, Movie, Review

_FIELDS = ("date", "username", "score", "shortDescription", "fullReview")
_CHUNK = 1 << 16

Fields: TypeAlias = tuple[bytes, bytes, bytes, bytes, bytes]

_dates: dict[str | None, datetime.date | None] = {None: None}
_scores: dict[str | None, float | None] = {None: None}


def make_review(
    date: str | None,
    username: str | None,
    score: str | None,
    headline: str | None,
    body: str | None,
) -> Review:
    """Make a review of the texts of its fields, through the private door of the library.

    Dates and scores that were met before are remembered, as in the library.
    """
    if date not in _dates:
        _dates[date] = _read(datetime.date.fromisoformat, date)
    if score not in _scores:
        number = _read(float, score)
        _scores[score] = None if number is None or number < 0 else number
    return checked_review(
        _dates[date],
        None if username == "null" else username,
        _scores[score],
        None if headline == "null" else headline,
        None if body == "null" else body,
    )


def _read(convert: Callable[[str], Any], text: str | None) -> Any:
    try:
        return convert(text or "")
    except ValueError:
        return None


def _of_element(element: Any) -> Review:
    fields = {
        child.tag: "".join(child.itertext()) if len(child) else child.text for child in element
    }
    return make_review(*map(fields.get, _FIELDS))


def this_library(path: Path) -> Iterator[Review]:
    """Read with `iter_reviews`."""
    return map(itemgetter(1), rc.iter_reviews(path))


def this_library_listening(path: Path) -> Iterator[Review]:
    """Read with `iter_reviews`, and be told of each defect."""
    return map(itemgetter(1), rc.iter_reviews(path, on_defect=_listen))


def _listen(defect: Defect) -> None:
    """Do nothing, so that making defects is measured and not what users do with them."""


def element_tree(path: Path) -> Iterator[Review]:
    """Read with `xml.etree.ElementTree.iterparse`."""
    from xml.etree import ElementTree

    yield from _iterparse(ElementTree.iterparse(path))  # noqa: S314 likewise


def defused(path: Path) -> Iterator[Review]:
    """Read with `defusedxml.ElementTree.iterparse`."""
    from defusedxml import ElementTree

    yield from _iterparse(ElementTree.iterparse(path))


def _iterparse(events: Any) -> Iterator[Review]:
    for _, element in events:
        if element.tag == "review":
            yield _of_element(element)
            element.clear()


def lxml_recovering(path: Path) -> Iterator[Review]:
    """Read with lxml's `iterparse` with `recover=True`."""
    from lxml import etree

    for _, element in etree.iterparse(str(path), recover=True, huge_tree=True, tag="review"):
        yield _of_element(element)
        element.clear()
        while element.getprevious() is not None:
            del element.getparent()[0]


def lxml_movies(paths: Iterable[Path]) -> Iterator[Movie]:
    """Read files of one movie each with lxml's `parse`, which is faster there."""
    from lxml import etree

    parser = etree.XMLParser(recover=True, huge_tree=True)
    for path in paths:
        root = etree.parse(path, parser).getroot()
        year, score = root.findtext("year"), root.findtext("generalScore")
        yield checked_movie(
            root.findtext("title"),
            root.findtext("link"),
            int(year) if year else None,
            float(score) if score else None,
            tuple(map(_of_element, root.iterchildren("review"))),
        )


def lxml_in_format(path: Path) -> Iterator[Review]:
    """Read a file, or a folder of files, in another format than `movie` with lxml.

    Args:
        path: It is in a folder with the name of the format.
    """
    from lxml import etree

    name = path.parent.name
    encoding = "windows-1252" if name == "muchocine" else None
    if path.is_dir():
        parser = etree.XMLParser(recover=True, huge_tree=True, encoding=encoding)
        for file in sorted(path.glob("*.xml")):
            yield _OF_FORMAT[name](etree.parse(file, parser).getroot())
        return
    options: dict[str, Any] = {"recover": True, "huge_tree": True, "encoding": encoding}
    for _, element in etree.iterparse(str(path), tag="review", **options):
        yield _OF_FORMAT[name](element)
        element.clear()
        while element.getprevious() is not None:
            del element.getparent()[0]


def _of_muchocine(element: Any) -> Review:
    said = element.attrib
    score = int(said["rank"]) / int(said["maxRank"])
    summary, body = (child.text or "" for child in element)
    extra = Extra({"source": said["source"]})
    return checked_review(None, said["author"], score, summary, body, extra)


def _of_senscritique(element: Any) -> Review:
    headline, author, date, score, body = (child.text or "" for child in element)
    return make_review(date, author, score, headline, body)


def _of_mdsd(element: Any) -> Review:
    said = {child.tag: (child.text or "").strip() for child in element}
    if said["date"] not in _product_dates:
        day = datetime.datetime.strptime(said["date"], "%B %d, %Y")  # noqa: DTZ007 a day alone
        _product_dates[said["date"]] = day.date()
    extra = Extra({name: said[name] for name in ("unique_id", "helpful", "reviewer_location")})
    return checked_review(
        _product_dates[said["date"]],
        said["reviewer"],
        float(said["rating"]) / 5,
        said["title"],
        said["review_text"],
        extra,
    )


_product_dates: dict[str, datetime.date] = {}
_OF_FORMAT: dict[str, Callable[[Any], Review]] = {
    "muchocine": _of_muchocine,
    "senscritique": _of_senscritique,
    "mdsd": _of_mdsd,
}


def beautiful_soup(path: Path) -> Iterator[Review]:
    """Read with `BeautifulSoup(…, "lxml-xml")`."""
    import bs4

    soup = bs4.BeautifulSoup(path.read_bytes(), "lxml-xml")
    for element in soup.find_all("review"):
        fields = {child.name: child.get_text() for child in element.find_all(recursive=False)}
        yield make_review(*map(fields.get, _FIELDS))


def pandas_read_xml(path: Path) -> Iterator[Review]:
    """Read with `pandas.read_xml`, the lxml parser."""
    import pandas as pd

    frame = pd.read_xml(path, xpath="//review", dtype=str, parser="lxml")
    frame = frame.astype(object).where(frame.notna(), None)
    for row in frame[list(_FIELDS)].itertuples(index=False, name=None):
        yield make_review(*row)


def html5lib_parse(path: Path) -> Iterator[Review]:
    """Read with `html5lib.parse`."""
    import html5lib

    options = {"treebuilder": "etree", "namespaceHTMLElements": False}
    tree = html5lib.parse(path.read_bytes(), transport_encoding="utf-8", **options)
    for element in tree.iter("review"):
        fields = {child.tag: "".join(child.itertext()) for child in element}
        yield make_review(*(fields.get(name.lower()) for name in _FIELDS))


def selectolax_lexbor(path: Path) -> Iterator[Review]:
    """Read with selectolax's `LexborHTMLParser`."""
    from selectolax.lexbor import LexborHTMLParser

    tree = LexborHTMLParser(path.read_bytes())
    for element in tree.css("review"):
        fields = {child.tag: child.text() for child in element.iter()}
        yield make_review(*(fields.get(name.lower()) for name in _FIELDS))


class Reader(NamedTuple):
    """One reader of the comparison.

    Attributes:
        name: As it is called in the tables.
        read: Yields the reviews of a file.
        packages: Distributions whose versions are told.
        is_slow: Whether it reads a smaller corpus, since it would take minutes or gigabytes;
            ratios are by byte then.
    """

    name: str
    read: Callable[[Path], Iterator[Review]]
    packages: tuple[str, ...] = ()
    is_slow: bool = False


OURS = "reviewcorpus"
LISTENING = "reviewcorpus, on_defect"
READERS = {
    reader.name: reader
    for reader in (
        Reader(OURS, this_library, ("attrs",)),
        Reader("lxml, recover", lxml_recovering, ("lxml",)),
        Reader("xml.etree", element_tree),
        Reader("defusedxml", defused, ("defusedxml",)),
        Reader("selectolax (lexbor)", selectolax_lexbor, ("selectolax",)),
        Reader("pandas.read_xml", pandas_read_xml, ("pandas",)),
        Reader("BeautifulSoup (lxml-xml)", beautiful_soup, ("beautifulsoup4",), is_slow=True),
        Reader("html5lib", html5lib_parse, ("html5lib",), is_slow=True),
    )
}


def cut_fields(path: Path) -> list[Fields]:
    """Cut the raw fields out of a clean corpus, for the floor."""
    fields = rb"\s*".join(rb"<%b>([^<]*)</%b>" % (name.encode(), name.encode()) for name in _FIELDS)
    return re.findall(rb"<review>\s*" + fields, path.read_bytes())


def floor(path: Path, fields: Iterable[Fields]) -> Iterator[Review]:
    """Read a file in chunks, and make reviews of fields that were cut out before."""
    with path.open("rb", buffering=0) as file:
        while file.read(_CHUNK):
            pass
    for date, username, score, headline, body in fields:
        yield make_review(
            date.decode(), username.decode(), score.decode(), headline.decode(), body.decode()
        )
