"""Ten damaged files, and what a careful human reads in them.

Each is the same sound file with one piece changed, so that nothing but the damage can make a
difference. The records are written out, taken from no reader: every reader is held against them.
"""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

Fields: TypeAlias = dict[str, str]

FILM = ("title", "link", "year", "generalScore")
REVIEW = ("date", "username", "score", "shortDescription", "fullReview")


class Truth(NamedTuple):
    """The records of a file, each a text by the name of its element.

    Attributes:
        films: The movies without their reviews.
        reviews: The reviews of all movies.
    """

    films: list[Fields]
    reviews: list[Fields]


class Damaged(NamedTuple):
    """A damaged file.

    Attributes:
        name: In a word or two, for the summary.
        about: Where such damage comes from.
        old: The piece of the sound file that goes.
        new: What stands there instead.
        truth: What is to be read.
        kinds: The kinds of defect that this library shall report.
    """

    name: str
    about: str
    old: str
    new: bytes
    truth: Truth
    kinds: list[str]

    @property
    def data(self) -> bytes:
        """The file."""
        before, found, behind = SOUND.partition(self.old)
        assert found  # noqa: S101 else the file would be sound
        return before.encode() + self.new + behind.encode()


SOUND = """\
<movie>
	<title>Paper Boats</title>
	<link>http://www.imdb.com/title/tt9000001/</link>
	<year>2007</year>
	<generalScore>0.72</generalScore>
	<review>
		<date>2007-09-14</date>
		<username>quillfish</username>
		<score>0.8</score>
		<shortDescription>Small, wet &amp; lovely</shortDescription>
		<fullReview>Two sisters fold a phone book into boats.</fullReview>
	</review>
	<review>
		<date>2007-10-02</date>
		<username>tidewright</username>
		<score>0.4</score>
		<shortDescription>It sinks</shortDescription>
		<fullReview>The pond scene drags. Take a book along.</fullReview>
	</review>
	<review>
		<date>2008-01-20</date>
		<username>oarlock</username>
		<score>0.9</score>
		<shortDescription>Not naïve at all</shortDescription>
		<fullReview>The café by the harbour is the best actor in it.</fullReview>
	</review>
</movie>
"""

_FILM = {
    "title": "Paper Boats",
    "link": "http://www.imdb.com/title/tt9000001/",
    "year": "2007",
    "generalScore": "0.72",
}
_FIRST = {
    "date": "2007-09-14",
    "username": "quillfish",
    "score": "0.8",
    "shortDescription": "Small, wet & lovely",
    "fullReview": "Two sisters fold a phone book into boats.",
}
_SECOND = {
    "date": "2007-10-02",
    "username": "tidewright",
    "score": "0.4",
    "shortDescription": "It sinks",
    "fullReview": "The pond scene drags. Take a book along.",
}
_THIRD = {
    "date": "2008-01-20",
    "username": "oarlock",
    "score": "0.9",
    "shortDescription": "Not naïve at all",
    "fullReview": "The café by the harbour is the best actor in it.",
}

SOUND_TRUTH = Truth([_FILM], [_FIRST, _SECOND, _THIRD])

_BODY = _SECOND["fullReview"]


def _film(field: str, text: str) -> Truth:
    """Give the sound records, but for a field of the movie."""
    return Truth([{**_FILM, field: text}], [_FIRST, _SECOND, _THIRD])


def _second(text: str) -> Truth:
    """Give the sound records, but for the body of the second review."""
    return Truth([_FILM], [_FIRST, {**_SECOND, "fullReview": text}, _THIRD])


DAMAGED = [
    Damaged(
        "`&` in a link",
        "The crawler wrote addresses as they stood, with the `&` between their parameters.",
        "tt9000001/<",
        b"tt9000001/?pf_rd_m=A2F&pf_rd_p=239&ref_=chttp_tt_34<",
        _film(
            "link",
            "http://www.imdb.com/title/tt9000001/?pf_rd_m=A2F&pf_rd_p=239&ref_=chttp_tt_34",
        ),
        ["bare-ampersand", "bare-ampersand"],
    ),
    Damaged(
        "cut title",
        "Titles were cut at the first `;`, which may be the end of a reference.",
        "Paper Boats",
        b"Boats &amp",
        _film("title", "Boats &"),
        ["unterminated-reference"],
    ),
    Damaged(
        "entities of HTML",
        "Pages are HTML, which has names for characters that XML does not know.",
        _BODY,
        b"The&nbsp;pond scene drags. Take a book to the caf&eacute; instead.",
        _second("The\xa0pond scene drags. Take a book to the café instead."),
        ["undeclared-entity", "undeclared-entity"],
    ),
    Damaged(
        "plain text",
        "A review that was never escaped: `&` and `<` are what its author typed.",
        _BODY,
        b"I <3 boats, but AT&T paid for this. Rating < 5, R&B at the end.",
        _second("I <3 boats, but AT&T paid for this. Rating < 5, R&B at the end."),
        ["bare-less-than", "bare-ampersand", "bare-less-than", "bare-ampersand"],
    ),
    Damaged(
        "inline tags",
        "Tags of the page that stand in the text, among them `<br>`, which is never closed.",
        _BODY,
        b"The pond scene <i>drags</i>.<br>Take a book along.",
        _second("The pond scene drags.\nTake a book along."),
        ["inline-markup", "inline-markup", "inline-markup"],
    ),
    Damaged(
        "no end tag",
        "An end tag that was lost.",
        "tidewright</username>",
        b"tidewright",
        SOUND_TRUTH,
        ["missing-end-tag"],
    ),
    Damaged(
        "names in text",
        "A body that holds names of elements as words.",
        _BODY,
        b"My <score> would be lower, and the <year> is wrong.",
        _second("My <score> would be lower, and the <year> is wrong."),
        ["bare-less-than", "bare-less-than"],
    ),
    Damaged(
        "two encodings",
        "One review in Windows-1252, the others in UTF-8.",
        _BODY,
        "The pond scene drags. “Déjà vu” says it all.".encode("cp1252"),
        _second("The pond scene drags. “Déjà vu” says it all."),
        ["undecodable-bytes"],
    ),
    Damaged(
        "two files in one",
        "Files that were put behind one another. For this library that is a convention of the"
        " format, so it reports nothing.",
        "</movie>\n",
        b"""\
</movie>
<movie>
	<title>Glass Kites</title>
	<link>http://www.imdb.com/title/tt9000002/</link>
	<year>2011</year>
	<generalScore>0.5</generalScore>
	<review>
		<date>2011-03-05</date>
		<username>windlass</username>
		<score>0.5</score>
		<shortDescription>Half a kite</shortDescription>
		<fullReview>Pretty, and then it falls.</fullReview>
	</review>
</movie>
""",
        Truth(
            [
                _FILM,
                {
                    "title": "Glass Kites",
                    "link": "http://www.imdb.com/title/tt9000002/",
                    "year": "2011",
                    "generalScore": "0.5",
                },
            ],
            [
                _FIRST,
                _SECOND,
                _THIRD,
                {
                    "date": "2011-03-05",
                    "username": "windlass",
                    "score": "0.5",
                    "shortDescription": "Half a kite",
                    "fullReview": "Pretty, and then it falls.",
                },
            ],
        ),
        [],
    ),
    Damaged(
        "cut file",
        "The crawler died in the middle of a word.",
        "tor in it.</fullReview>\n\t</review>\n</movie>\n",
        b"",
        Truth(
            [_FILM],
            [
                _FIRST,
                _SECOND,
                {**_THIRD, "fullReview": "The café by the harbour is the best ac"},
            ],
        ),
        ["unexpected-end"],
    ),
]
"""The files, in the order of the page."""
