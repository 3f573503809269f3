"""Hypothesis strategies for inputs as crawlers and accidents make them."""

from __future__ import annotations

from hypothesis import strategies as st

from reviewcorpus.strategies import corpus_xml, crawler_xml, damaged_xml, movies

CLEAN_REVIEW = (
    "\t<review>\n\t\t<date>2001-02-03</date>\n\t\t<username>ann</username>\n\t\t<score>0.7</score>\n"
    "\t\t<shortDescription>Nice</shortDescription>\n\t\t<fullReview>A quiet film.</fullReview>\n"
    "\t</review>\n"
)

SCRAPS = (
    "<movie> </movie> <review> </review> <title> </title> <fullReview> </fullReview> <score>"
    " </score> <date> </date> <username> </username> <shortDescription> </shortDescription>"
    " <link> </link>"
    " <year> <generalScore> <Review> </MOVIE> <movie/> <review/> <x1> </x1> <br> <b> </b> <p>"
    " <!-- --> <![CDATA[ ]]> <?x ?> <!DOCTYPE </ </fullRe <Movie &amp; &amp & &bogus; &eacute;"
    ' &eacute &#0; &#150; &#x41; &#39 null -1.0 0.5 2012-01-02 words < > [ ] " \' id="1" \ufeff'
    " \ufffe \x00 é ☕ 𝔘 &#8217s &#1 &#55357; &#xDE0A; &#xD83D &nbsp; \u00a0 <link/>"
    " </title </fullRe </fullReview <mov </revi <review"
).split(" ")
TAGS = [
    '<movie x="a "b" c">',
    "<review new>",
    '<a title="a "b" c">',
    '<movie x="',
    '<review x="-->',
    '<!doctype a "',
    "<!DOCTYPE a [",
    '">',
    "]]>",
    "</fullReview x>",
    '<?xml version="1.0"?>',
    '<?xml version="1.0" encoding="ISO-8859-1"?><movie>',
    "<?xml version='1.0' encoding='windows-1251'?>\n<r><!-- x -->\n<movie>",
    '<?xml version="1.0" encoding="us-ascii"?>',
    '<?xml version="1.0" encoding="gb2312"?><movie>',
    '\ufeff<?xml version="1.0" encoding="utf-8"?><movie>',
    "\ufeff<movie>",
]
BYTES = [b"\n", b"\r", b"\r\n", b" ", b"\xe9", b"\xc3", b"\xff", b"\xed\xa0\x80", b"\x93", b"\x81"]
BYTES += [b"\xed\xa0\xbd\xed\xb8\x8a", b"\xbb\xbf", b"\xef", b"\xa0", b"\xe2\x98"]

STARTS = [b"", b"<movie>", b"<movie>\n\t<title>Paper Boats</title>\n"]
STARTS += [tag.encode() for tag in TAGS if "xml" in tag]

# One choice each, since most of the time goes into choices: as often words as bytes, and as often
# nothing as either.
_WORDS = [scrap.encode() for scrap in SCRAPS + TAGS]
_SCRAPS = [*_WORDS, *BYTES * (len(_WORDS) // len(BYTES))]
scraps = st.sampled_from(_SCRAPS)
scraps_or_nothing = st.sampled_from([b""] * len(_WORDS) + _SCRAPS)
clean_reviews = st.just(CLEAN_REVIEW.encode())


@st.composite
def damaged_reviews(draw: st.DrawFn) -> bytes:
    """A review with something put into it, or taken out of it."""
    review = CLEAN_REVIEW.encode()
    start = draw(st.integers(0, len(review)))
    end = draw(st.integers(start, min(len(review), start + 12)))
    return review[:start] + draw(scraps_or_nothing) + review[end:]


@st.composite
def crawled_files(draw: st.DrawFn) -> bytes:
    """A file of clean reviews, damaged reviews and scraps, most of them in a movie."""
    start = draw(st.sampled_from(STARTS))
    parts = st.lists(st.one_of(clean_reviews, damaged_reviews(), scraps, scraps), max_size=12)
    return start + b"".join(draw(parts)) + draw(st.sampled_from([b"", b"</movie>", b"</mov"]))


@st.composite
def mangled_files(draw: st.DrawFn) -> bytes:
    """A file of which pieces were taken out, and into which scraps were put."""
    data = draw(whole_files)
    for place in draw(st.lists(st.integers(0, len(data)), max_size=4)):
        gone = draw(st.integers(0, 12))
        data = data[:place] + draw(scraps_or_nothing) + data[place + gone :]
    return data


whole_files = st.one_of(
    crawler_xml(max_movies=2, max_reviews=2),
    damaged_xml(max_reviews=2).map(lambda damaged: damaged.data),
    corpus_xml(movies(max_reviews=1), max_movies=2),
)
any_input = st.one_of(st.binary(max_size=300), crawled_files(), mangled_files())


# ---- files that are longer than a piece -------------------------------------------------

LONG = 9000  # bytes; more than the leftover that a reader looks at again with every piece
HEAD = (
    "<movie>\n\t<title>Paper Boats</title>\n\t<link>http://www.imdb.com/title/tt9000042/</link>\n"
    "\t<year>1999</year>\n\t<generalScore>0.75</generalScore>\n"
)
VALUES = ["Paper", "9000042", "1999", "0.75", "2001", "ann", "0.7", "Nice", "quiet"]
ODD_TEXTS = [scrap for scrap in SCRAPS if scrap.strip("<>") == scrap or scrap in {"<br>", "</b>"}]
ODD_TEXTS += [
    "<3 ",
    '<a title="a "b" c">',
    "<x1>",
    "<score>",
    "\x01",
    "\n",
    "\uffff",
    "ž",
    "Ω",
    "“",
]
ENCODINGS = ["utf-8", "ISO-8859-1", "windows-1251", "us-ascii", "gb2312", "shift_jis"]


@st.composite
def files_with_odd_texts(draw: st.DrawFn) -> bytes:
    """A long file with the tags of a crawler, anything in its fields, and any encoding."""
    reviews = CLEAN_REVIEW * draw(st.integers(1, 3))
    head = HEAD
    for value in draw(st.lists(st.sampled_from(VALUES), max_size=8)):
        odd = value[:2] + draw(st.sampled_from(ODD_TEXTS)) + value[2:]
        head, reviews = head.replace(value, odd, 1), reviews.replace(value, odd, 1)
    text = head + reviews * (1 + LONG // len(reviews)) + "</movie>\n"
    named = draw(st.one_of(st.none(), st.sampled_from(ENCODINGS)))
    if named is not None:
        text = f'<?xml version="1.0" encoding="{named}"?>\n{text}'
    text = text.replace("\n", draw(st.sampled_from(["\n", "\r\n", "\r"])))
    return text.encode(draw(st.sampled_from(["utf-8", "cp1252", named or "gbk"])), "replace")


long_files = st.one_of(
    files_with_odd_texts(), any_input.map(lambda data: data * (1 + LONG // max(1, len(data))))
)
