"""A format is a value: the reader knows only the table that it is handed."""

from __future__ import annotations

import decimal
import io
import re
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs
import pytest

import reviewcorpus as rc
from crawled import CLEAN_REVIEW
from reading import document, read_items
from reviewcorpus import formats
from reviewcorpus.events import MovieEnded
from reviewcorpus.formats import MOVIE, MOVIE_RECORD, Field, Format, Record, Value
from reviewcorpus.parser import _scanner
from reviewcorpus.parser._deciding import format_of

if TYPE_CHECKING:
    from reviewcorpus.parser._grammar import Tag

PACKAGE = Path(rc.__file__).parent

# The <movie> format with one more field, which need not be there.
HELPFUL = Field("helpful", "helpful", none=("null",), is_required=False, in_extra=True)
WITH_HELPFUL = attrs.evolve(
    MOVIE,
    name="with-helpful",
    review=attrs.evolve(
        MOVIE.review, fields=(*MOVIE.review.fields[:3], HELPFUL, *MOVIE.review.fields[3:])
    ),
)

# Other names, another order, and fewer fields.
STAGE = Format(
    name="stage",
    movie=Record("play", (Field("name", "title"), Field("opened", "year", Value.YEAR))),
    review=Record(
        "notice",
        (
            Field("by", "username"),
            Field("mark", "score", Value.SCORE, none=("null", "-1.0")),
            Field("city", "city", none=("null",), in_extra=True),
            Field("printed", "date", Value.DATE, is_required=False),
            Field("text", "full_review", is_body=True),
        ),
    ),
)
NOTICE = (
    "<notice><by>ann</by><mark>0.7</mark><city>Bern</city><printed>2001-02-03</printed>"
    "<text>A quiet play.</text></notice>"
)
STAGE_FILE = (
    f"<play><name>Tick &amp; Tock</name><opened>1999</opened>{NOTICE * 3}"
    "<notice><by>bob</by><mark>-1.0</mark><city>null</city>"
    "<text>My <mark> is <b>low</b></text></notice></play>"
)


@pytest.fixture
def slow_steps(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The tags that the scanner has read, instead of the fast path."""
    seen: list[str] = []
    read = _scanner.Scanner._read_tag

    def counting(self: _scanner.Scanner, tag: Tag) -> None:
        seen.append(f"<{'/' * tag.closes}{tag.name}>")
        read(self, tag)

    monkeypatch.setattr(_scanner.Scanner, "_read_tag", counting)
    return seen


def read(text: str, table: Format, **options: Any) -> tuple[list[rc.Movie], list[rc.Defect]]:
    defects: list[rc.Defect] = []
    file = io.StringIO(text)
    movies = list(rc.iter_movies(file, format=table, on_defect=defects.append, **options))
    return movies, defects


# ---- one more optional field ------------------------------------------------------------


def test_an_optional_field_that_is_absent_is_no_defect_and_stays_on_the_fast_path(
    slow_steps: list[str],
) -> None:
    text = document("A quiet story.").replace("</movie>\n", CLEAN_REVIEW * 50 + "</movie>\n")
    assert (
        read(text, WITH_HELPFUL)
        == read(text, MOVIE)
        == (list(rc.iter_movies(io.StringIO(text))), [])
    )
    assert slow_steps == []


def test_an_optional_field_that_is_there_is_read_on_the_fast_path(slow_steps: list[str]) -> None:
    there = CLEAN_REVIEW.replace("</score>", "</score><helpful>9 of 9</helpful>")
    text = document("A quiet story.").replace(
        "</movie>\n", (there + CLEAN_REVIEW) * 9 + "</movie>\n"
    )
    (movie,), defects = read(text, WITH_HELPFUL)
    assert defects == []
    assert [dict(review.extra) for review in movie.reviews] == [
        {},
        *[{"helpful": "9 of 9"}, {}] * 9,
    ]
    assert slow_steps == []


@pytest.mark.parametrize("damage", ["<b>9</b> of 9", "9 &amp; of", "nul\x01l", "\r\n9"])
def test_a_damaged_optional_field_is_read_alike_on_both_paths(damage: str) -> None:
    review = CLEAN_REVIEW.replace("</score>", f"</score><helpful>{damage}</helpful>")
    data = document("A quiet story.").replace("</movie>\n", review * 3 + "</movie>\n").encode()
    items = read_items([data], format=WITH_HELPFUL)
    assert items == read_items([data], format=WITH_HELPFUL, use_fast_path=False)
    assert items == read_items([data[i : i + 1] for i in range(len(data))], format=WITH_HELPFUL)


def test_a_second_optional_field_is_a_duplicate_and_null_is_absent() -> None:
    review = CLEAN_REVIEW.replace("</score>", "</score><helpful>null</helpful><helpful>2</helpful>")
    (movie,), defects = read(
        document("").replace("</movie>\n", review + "</movie>\n"), WITH_HELPFUL
    )
    assert movie.reviews[1].extra == {}
    assert [(defect.kind, defect.element, defect.field) for defect in defects] == [
        ("duplicate-element", "helpful", None)
    ]


def with_field(field: Field) -> Format:
    fields = (*MOVIE_RECORD.fields, field)
    return attrs.evolve(MOVIE, name="other", movie=attrs.evolve(MOVIE_RECORD, fields=fields))


@pytest.mark.parametrize("order", [1, -1])
def test_a_field_and_an_unknown_element_for_one_key_of_extra_are_duplicates(order: int) -> None:
    table = with_field(Field("box-office", "takings", in_extra=True, is_required=False))
    elements = ["<box-office>12</box-office>", "<takings>7</takings>"][::order]
    (movie,), defects = read(f"<movie>{''.join(elements)}</movie>", table)
    assert movie.extra == {"takings": "12" if order == 1 else "7"}
    assert [defect.element for defect in defects if defect.kind == "duplicate-element"] == [
        "takings" if order == 1 else "box-office"
    ]


def test_fields_of_the_format_do_not_count_as_unknown_elements() -> None:
    table = with_field(Field("box-office", "takings", in_extra=True))
    text = "<movie><box-office>12</box-office><aa>1</aa></movie>"
    (movie,), _ = read(text, table, limits=rc.Limits(max_extra_elements=1))
    assert movie.extra == {"takings": "12", "aa": "1"}


@pytest.mark.parametrize("rest", ["</box-of", "</box-office", "<", "</box-office x"])
def test_a_cut_tag_whose_name_has_a_hyphen_is_left_out(rest: str) -> None:
    table = with_field(Field("box-office", "takings", in_extra=True))
    for end in ("", "<movie><title>Next</title></movie>"):
        movies, defects = read(f"<movie><box-office>12{rest}{end}", table)
        assert movies[0].extra == {"takings": "12"}
        assert ("unexpected-end", rest) in [(each.kind, each.raw) for each in defects]


def test_null_is_no_convention_of_a_field_that_does_not_have_it() -> None:
    title, link, year, *others = MOVIE_RECORD.fields
    fields = (title, link, attrs.evolve(year, none=()), *others)
    table = attrs.evolve(MOVIE, movie=attrs.evolve(MOVIE_RECORD, fields=fields))
    text = document("x").replace("1999", "null")
    (movie,), defects = read(text, table)
    assert (movie.year, [defect.kind for defect in defects]) == (None, ["invalid-year"])
    assert read(text, MOVIE)[1] == []


def test_null_may_be_a_text_and_a_field_of_the_movie_may_be_absent() -> None:
    table = Format(
        name="nulls",
        movie=Record(
            "play",
            (
                Field("name", "title"),
                Field("town", "town", is_required=False, in_extra=True),
            ),
        ),
        review=Record(
            "notice",
            (
                Field("by", "username"),
                Field("text", "full_review", is_body=True),
            ),
        ),
    )
    clean = "<play><name>null</name><notice><by>null</by><text>null</text></notice>"
    text = clean + '<notice n="1"><by>bob</by><text>Rock & roll</text></notice></play>'
    (movie,), defects = read(text, table)
    assert (movie.title, movie.extra) == ("null", {})
    assert [(each.username, each.full_review) for each in movie.reviews] == [
        ("null", "null"),
        ("bob", "Rock & roll"),
    ]
    assert [defect.kind for defect in defects] == ["unexpected-attribute", "bare-ampersand"]
    data = [text.replace("null", "n&ull").encode()]
    assert read_items(data, format=table) == read_items(data, format=table, use_fast_path=False)


# ---- another format ---------------------------------------------------------------------


def test_a_format_with_other_names_is_read() -> None:
    (movie,), defects = read(STAGE_FILE, STAGE)
    assert (movie.title, movie.year, movie.link, movie.general_score) == (
        "Tick & Tock",
        1999,
        None,
        None,
    )
    first, *_, last = movie.reviews
    assert len(movie.reviews) == 4
    assert first == rc.Review(
        date=movie.reviews[1].date,
        username="ann",
        score=0.7,
        full_review="A quiet play.",
        extra={"city": "Bern"},
    )
    assert str(first.date) == "2001-02-03"
    assert last == rc.Review(username="bob", full_review="My <mark> is low")
    assert [(d.kind, d.element, d.field) for d in defects] == [
        ("bare-less-than", "text", "full_review"),
        ("inline-markup", "text", "full_review"),
        ("inline-markup", "text", "full_review"),
    ]


@pytest.mark.parametrize("errors", ["recover", "drop", "strict"])
def test_another_format_is_read_alike_on_both_paths_and_in_pieces(errors: Any) -> None:
    data = STAGE_FILE.replace("<mark> is", "mark is").encode()
    whole = read_items([data], format=STAGE, errors=errors)
    assert whole == read_items([data], format=STAGE, errors=errors, use_fast_path=False)
    assert whole == read_items(
        [data[i : i + 1] for i in range(len(data))], format=STAGE, errors=errors
    )


def test_a_missing_required_field_is_reported_and_a_missing_optional_one_is_not() -> None:
    text = "<play><name>N</name><opened>1999</opened><notice><text>T</text></notice></play>"
    _, defects = read(text, STAGE)
    assert [d.element for d in defects if d.kind == "missing-element"] == ["by", "mark", "city"]


def test_a_file_of_another_format_has_no_movie_and_the_element_is_named() -> None:
    movies, defects = read(STAGE_FILE, MOVIE)
    message = "no <movie> element found: it begins with <play>"
    assert (movies, [d.message for d in defects]) == ([], [message])
    movies, defects = read(document("x"), STAGE)
    message = "no <play> element found: it begins with <movie>"
    assert (movies, [d.message for d in defects]) == ([], [message])


def fed_alternately(*inputs: tuple[rc.Parser, bytes]) -> list[list[rc.Event]]:
    """Feed parsers byte by byte, in turn."""
    events: list[list[rc.Event]] = [[] for _ in inputs]
    for place in range(max(len(data) for _, data in inputs)):
        for seen, (parser, data) in zip(events, inputs, strict=True):
            seen.extend(parser.feed(data[place : place + 1]))
    for seen, (parser, _) in zip(events, inputs, strict=True):
        seen.extend(parser.close())
    return events


def test_readers_of_different_formats_that_are_fed_alternately_do_not_mix() -> None:
    tables = [
        (STAGE, STAGE_FILE),
        (MOVIE, document("A <b>quiet</b> & story")),
        (WITH_HELPFUL, document("x")),
    ]
    alone = [rc.Parser(format=table) for table, _ in tables]
    expected = [
        [*p.feed(text.encode()), *p.close()] for p, (_, text) in zip(alone, tables, strict=True)
    ]
    together = [(rc.Parser(format=table), text.encode()) for table, text in tables]
    assert fed_alternately(*together) == expected


# ---- the table itself -------------------------------------------------------------------


def test_formats_are_found_by_name() -> None:
    assert formats.find("movie") is formats.find(MOVIE) is MOVIE
    assert formats.find(None) is None
    assert MOVIE in formats.known()
    names = ", ".join(repr(table.name) for table in formats.known())
    with pytest.raises(
        ValueError, match=rf"^format must be one of {names}, or a Format, not 'film'$"
    ):
        rc.Parser(format="film")
    with pytest.raises(
        TypeError, match=r"^format must be a Format, the name of one, or None, not 5$"
    ):
        rc.Parser(format=5)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "fields",
    [
        (Field("text", "full_review"),),
        (Field("text", "full_review", is_body=True), Field("by", "username")),
        (Field("a", "username", is_body=True), Field("text", "full_review", is_body=True)),
    ],
)
def test_a_format_without_its_body_at_the_end_is_refused(fields: tuple[Field, ...]) -> None:
    with pytest.raises(ValueError, match="must have is_body=True"):
        attrs.evolve(STAGE, review=Record("notice", fields))


@pytest.mark.parametrize(
    ("target", "options"),
    [
        ("tilte", {}),
        ("extra", {}),
        ("reviews", {}),
        ("year", {}),
        ("score", {"value": Value.YEAR}),
        ("votes", {"value": Value.SCORE, "in_extra": True}),
        ("full_review", {"in_extra": True, "is_body": True}),
        ("score", {"value": Value.SCORE, "is_body": True}),
    ],
)
def test_a_field_that_its_record_could_not_hold_is_refused(target: str, options: Any) -> None:
    with pytest.raises(ValueError, match=f"^<x> cannot become '{target}': "):
        Field("x", target, **options)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ((Field("by", "username"), Field("BY", "score", Value.SCORE)), "have the same name"),
        ((Field("by", "username"), Field("play", "short_description")), "have the same name"),
        ((Field("by", "username"), Field("who", "username")), "have the same target"),
        ((Field("by", "k", in_extra=True), Field("a", "k", in_extra=True)), "have the same target"),
        ((Field("Été", "username"),), "names in ASCII"),
        ((Field("a b", "username"),), "names in ASCII"),
        ((Field("", "username"),), "names in ASCII"),
        ((Field("a" * 51, "username"),), "names in ASCII"),
        ((Field("by", "username", drops=("é",)),), "names in ASCII .*, unlike 'é'$"),
        ((Field("by", "username", drops=("b", "a b")),), "unlike 'a b'$"),
    ],
)
def test_elements_that_could_be_taken_for_each_other_are_refused(
    fields: tuple[Field, ...], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        attrs.evolve(STAGE, review=Record("notice", (*fields, STAGE.review.fields[-1])))


def test_a_body_in_the_movie_or_none_at_all_is_refused() -> None:
    body = Field("text", "full_review", is_body=True)
    with pytest.raises(ValueError, match="cannot be 'full_review' of a movie"):
        Format("x", Record("play", (body,)), Record("notice", ()))
    with pytest.raises(ValueError, match="must have is_body=True"):
        Format("x", Record("play", ()), Record("notice", ()))


def test_every_field_of_the_table_is_an_attribute_of_its_record_and_the_other_way_round() -> None:
    for record, kind, others in (
        (MOVIE_RECORD, rc.Movie, {"reviews"}),
        (MOVIE.review, rc.Review, set()),
    ):
        names = {field.name for field in attrs.fields(kind)} - {"extra"} - others
        assert {field.target for field in record.fields} == names


@pytest.mark.parametrize(
    "path", sorted((PACKAGE / "parser").glob("*.py")), ids=lambda path: path.name
)
def test_no_module_of_the_parser_knows_a_format_by_its_name(path: Path) -> None:
    names = [name for name, value in vars(formats).items() if isinstance(value, Format)]
    assert names
    text = path.read_text(encoding="utf-8")
    assert not [name for name in names if re.search(rf"\b{name}\b", text)]
    assert not re.search(r"\"(full_review|short_description|username|fullReview)\"", text)


def test_what_leaves_the_fast_path_is_counted(slow_steps: list[str]) -> None:
    rc.loads(document("x").replace("<review>", "<Review>"))
    assert "<Review>" in slow_steps


# ---- formats of few fields, and of odd ones ---------------------------------------------

BODY = Field("text", "full_review", is_body=True)


@pytest.mark.parametrize(
    ("movie", "review", "text"),
    [
        ((Field("opened", "year", Value.YEAR),), (), "<play><opened>1999</opened>{}</play>"),
        ((), (Field("mark", "score", Value.SCORE),), "<play>{}</play>"),
        ((), (), "<play>{}</play>"),
    ],
)
def test_a_format_needs_no_text_but_the_body(
    movie: tuple[Field, ...], review: tuple[Field, ...], text: str, slow_steps: list[str]
) -> None:
    table = Format("few", Record("play", movie), Record("notice", (*review, BODY)))
    mark = "<mark>0.5</mark>" if review else ""
    notice = f"<notice>{mark}<text>Quiet.</text></notice>"
    (found,), defects = read(text.format(notice), table)
    assert [each.full_review for each in found.reviews] == ["Quiet."]
    assert (found.year, found.reviews[0].score) == (1999 if movie else None, 0.5 if mark else None)
    assert (defects, slow_steps) == ([], [])


@pytest.mark.parametrize("between", ["", NOTICE])
@pytest.mark.parametrize(
    ("field", "first", "second"),
    [
        (Field("url", "link", none=("null",), is_required=False), "null", "x"),
        (
            Field("url", "url", none=("null",), is_required=False, in_extra=True),
            "null",
            "x",
        ),
        (
            Field("url", "general_score", Value.SCORE, is_required=False, none=("-1.0",)),
            "-1.0",
            "0.5",
        ),
    ],
)
def test_an_optional_field_without_a_value_is_there(
    field: Field, first: str, second: str, between: str
) -> None:
    table = attrs.evolve(STAGE, movie=Record("play", (Field("name", "title"), field)))
    data = f"<play><name>A</name><url>{first}</url>{between}<url>{second}</url></play>".encode()
    items = read_items([data], format=table)
    assert items == read_items([data], format=table, use_fast_path=False)
    assert [each.kind for each in items if isinstance(each, rc.Defect)] == ["duplicate-element"]


@pytest.mark.parametrize("value", ["null", ""])
def test_a_missing_date_or_score_stays_on_the_fast_path(value: str, slow_steps: list[str]) -> None:
    text = document("A quiet story.")
    for there in ("2001-02-03", "0.7", "1999", "0.75"):
        text = text.replace(f">{there}<", f">{value}<")
    (movie,), defects = read(text, MOVIE)
    assert (movie.year, movie.general_score, movie.reviews[0].date) == (None, None, None)
    assert (movie.reviews[0].score, defects, slow_steps) == (None, [], [])


@pytest.mark.parametrize(
    ("movie", "review", "message"),
    [
        (Record("play", (Field("a", "username"),)), (), "cannot be 'username' of a movie"),
        (Record("play", ()), (Field("a", "title"),), "cannot be 'title' of a review"),
        (None, (Field("a", "title"),), "cannot be 'title' of a review"),
        (None, (Field("a", "username", of_movie=True),), "cannot be 'username' of a movie"),
        (Record("play", ()), (Field("a", "title", of_movie=True),), "cannot have of_movie"),
        (
            None,
            (Field("a", "k", in_extra=True, of_movie=True), Field("b", "k", in_extra=True)),
            "have the same target",
        ),
        (None, (Field("a", "username", fallback="b"),), "has no text <b>"),
        (None, (Field("a", "username", fallback="a"),), "has no text <a>"),
        (
            None,
            (Field("a", "x", in_extra=True), Field("b", "y", in_extra=True, is_attribute=True)),
            "must come first",
        ),
    ],
)
def test_what_a_record_cannot_hold_is_refused(
    movie: Record | None, review: tuple[Field, ...], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        Format("x", movie, Record("notice", (*review, BODY)))


@pytest.mark.parametrize(
    "options",
    [
        {"fallback": "b", "in_extra": True},
        {"drops": ("b",), "value": Value.SCORE},
        {"scale_attribute": "of", "value": Value.SCORE},
        {"is_body": True, "of_movie": True},
        {"scale": 0},
        {"scale": float("inf")},
        {"scale": float("nan"), "value": Value.SCORE},
        {"scale": 10**400, "value": Value.SCORE},
        {"scale": 10.0000001, "value": Value.SCORE},
        {"none": ("",)},
        {"none": ("é",)},
        {"none": ("<b>",)},
        {"pattern": "%x"},
        {"pattern": "%d/%m/%Y"},
        {"scale": 5},
    ],
)
def test_what_a_field_cannot_be_is_refused(options: dict[str, Any]) -> None:
    target = "score" if "value" in options else "full_review"
    with pytest.raises(ValueError, match=r"cannot become|must be"):
        Field("a", target, **options)


def test_a_fallback_does_not_take_the_place_of_a_field_that_comes_later() -> None:
    fields = (Field("of", "link"), Field("t", "title", fallback="of", is_required=False))
    table = Format("late", Record("play", fields), Record("notice", (BODY,)))
    data = b"<play><of>P</of>\n<t>T</t></play>"
    for at in range(len(data)):
        items = read_items([data[:at], data[at:]], format=table)
        assert [each.movie.title for each in items if isinstance(each, MovieEnded)] == ["T"]


@pytest.mark.parametrize("cut", ["Ca</bod", "Ca"])
def test_a_file_of_one_review_that_was_cut_and_joined_is_seen_as_cut(cut: str) -> None:
    start = '<review author="A" title="T" rank="4" source="s"><summary>Good</summary><body>'
    text = f"{start}{cut}{start}Calm.</body></review>"
    movies, defects = read(text, formats.MUCHOCINE)
    assert [movie.reviews[0].full_review for movie in movies] == ["Ca", "Calm."]
    assert [defect.kind for defect in defects] == ["unexpected-end"]
    assert len(read(text, formats.MUCHOCINE, errors="drop")[0]) == 1


REVIEW = '<review author="{}" title="{}" rank="4" maxRank="5" source="s"><body>x</body></review>'


@pytest.mark.parametrize(
    ("title", "read_as", "kinds"),
    [
        ("A < B", "A < B", ["bare-less-than"]),
        ("A <b>B</b>", "A B", ["inline-markup"] * 2),
        ("a > b", "a > b", []),
        ("I <3 it", "I <3 it", ["bare-less-than"]),
        ("&lt;&amp;&nbsp;&", "<&\xa0&", ["undeclared-entity", "bare-ampersand"]),
        ("a\tb\nc", "a b c", []),
    ],
)
def test_the_value_of_an_attribute_is_text(title: str, read_as: str, kinds: list[str]) -> None:
    table = formats.MUCHOCINE
    data = (REVIEW.format("ann", title) * 2).encode()
    items = read_items([data], format=table)
    assert items == read_items([data[at : at + 1] for at in range(len(data))], format=table)
    assert items == read_items([data], format=table, use_fast_path=False)
    movies, defects = read(REVIEW.format("ann", title), table)
    assert [movie.title for movie in movies] == [read_as]
    wanted = [*kinds, "missing-element"]  # a summary
    assert [defect.kind for defect in defects] == wanted


def test_an_attribute_in_another_case_is_told_and_read() -> None:
    text = REVIEW.format("ann", "T").replace("author", "Author").replace("maxRank", "maxrank")
    (movie,), defects = read(text, formats.MUCHOCINE)
    assert (movie.reviews[0].username, movie.reviews[0].score) == ("ann", 0.8)
    assert [(each.kind, each.element) for each in defects[:2]] == [
        ("misspelt-tag", "author"),
        ("misspelt-tag", "maxRank"),
    ]


def test_documents_without_a_declaration_are_in_the_encoding_of_their_format() -> None:
    data = REVIEW.format("ann", "\u00e9").encode("latin-1")
    joined = data + b'<?xml version="1.0"?>' + data
    movies = list(rc.iter_movies(io.BytesIO(joined), format="muchocine"))
    assert [movie.title for movie in movies] == ["\u00e9"] * 2
    joined = b'<?xml version="1.0" encoding="utf-8"?>' + REVIEW.format("ann", "\u00e9").encode()
    joined += b'<?xml version="1.0"?>' + data
    movies = list(rc.iter_movies(io.BytesIO(joined), format="muchocine"))
    assert [movie.title for movie in movies] == ["\u00e9"] * 2


def test_a_file_without_a_record_names_the_element_that_it_lacks() -> None:
    for table, element in ((formats.MDSD, "review"), (formats.SENSCRITIQUE, "sensCritiqueEntity")):
        (defect,) = read("<a>x</a>", table)[1]
        assert defect.message == f"no <{element}> element found: it begins with <a>"


@pytest.mark.parametrize(
    "key",
    [
        *("title", "Title", "fullReview", "generalscore"),
        *("br", "Code"),
        *("", "re\0view", "$price", "a b", "1st", "durée", "a" * 51),
    ],
)
def test_a_key_of_extra_that_could_not_be_written_is_refused(key: str) -> None:
    with pytest.raises(ValueError, match=re.escape(f"{key!r} cannot be in extra: a key is a name")):
        Format("x", None, Record("notice", (Field("a", key, in_extra=True), BODY)))


def test_the_words_for_none_are_a_tuple() -> None:
    with pytest.raises(TypeError, match="a tuple of str"):
        Field("a", "username", none=["null"])  # type: ignore[arg-type]


def test_the_defects_of_a_review_whose_movie_is_not_known_are_capped(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("reviewcorpus.parser._builder._MOST_HELD", 3)
    text = REVIEW.format("ann", "T").replace("<body>", "<i>" * 9 + "words<body>")
    (movie,), defects = read(text, formats.MUCHOCINE)
    assert movie.reviews[0].full_review == "x"
    assert [defect.kind for defect in defects] == [
        *["inline-markup"] * 4,
        "unexpected-text",
        "missing-element",
    ]
    assert defects[3].message == "6 more of this kind in this review, the first of them here"
    assert [defect.offset for defect in defects[:-1]] == sorted(d.offset for d in defects[:-1])


def test_defects_before_an_error_are_not_lost() -> None:
    text = "<review>\n<asin>\n&zz;\n</asin>\n<review_text>\n" + "x" * 99
    items = read_items([text.encode()], format=formats.MDSD, limits=rc.Limits(max_field_bytes=50))
    assert [item.kind for item in items if isinstance(item, rc.Defect)] == ["unknown-entity"]
    assert items[-1][0] is rc.LimitExceeded


def test_a_tag_is_read_loosely_only_when_it_is_decided() -> None:
    data = b'x <review title="x" a=\'" rank="4">text \'><summary>s</summary><body>b</body></review>'
    whole = read_items([data], format=formats.MUCHOCINE)
    for at in range(len(data)):
        assert read_items([data[:at], data[at:]], format=formats.MUCHOCINE) == whole


@pytest.mark.parametrize("opening", [b"<!--", b"<!-->", b"<p><!--"])
def test_comments_without_an_end_are_searched_for_once(opening: bytes) -> None:
    data = opening * 20_000 + b"<movie><title>T</title></movie>"
    start = time.process_time()
    assert format_of(data, final=True) is MOVIE
    assert time.process_time() - start < 5


def test_a_score_does_not_depend_on_the_context_of_decimals() -> None:
    with decimal.localcontext() as context:
        context.prec = 1
        context.traps[decimal.Inexact] = True
        (movie,), _ = read(
            "<sensCritiqueEntity><generalScore>6.83</generalScore></sensCritiqueEntity>",
            formats.SENSCRITIQUE,
        )
    assert movie.general_score == 0.683


@pytest.mark.parametrize(
    "fields",
    [
        (Field("a", "username", fallback="text"),),
        (Field("a", "username", is_attribute=True), Field("a", "short_description")),
    ],
)
def test_fields_that_would_be_mistaken_are_refused(fields: tuple[Field, ...]) -> None:
    with pytest.raises(ValueError, match=r"has no text|have the same name"):
        Format("x", None, Record("notice", (*fields, BODY)))


def test_lines_and_attributes_are_read_fast(slow_steps: list[str]) -> None:
    fields = (Field("by", "username", is_attribute=True), Field("head", "short_description"), BODY)
    table = Format("lines", None, Record("notice", fields), strips=True)
    notice = '<notice by="ann">\n<head>\nA head\n</head>\n<text>\nQuiet.\n</text>\n</notice>\n'
    movies, defects = read(notice * 3, table)
    assert [movie.reviews[0].short_description for movie in movies] == ["A head"] * 3
    assert (defects, slow_steps) == ([], [])


def test_the_damaged_text_is_cut_on_both_paths() -> None:
    data = document(f'<a href="{"x" * 100}">').encode()
    items = read_items([data])
    assert items == read_items([data], use_fast_path=False)
    assert [len(each.raw) for each in items if isinstance(each, rc.Defect)] == [80]


def test_tags_are_forgotten_when_there_were_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reviewcorpus.parser._text._MOST_KNOWN", 3)
    text = document("".join(f"<tag{number}>" for number in range(20)))
    for _ in range(2):
        (movie,), defects = read(text, MOVIE)
        assert movie.reviews[0].full_review == "".join(f"<tag{number}>" for number in range(20))
        assert len(defects) == 20


ENDS_INSIDE = REVIEW.format("-->", "T")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (f"<!-- {ENDS_INSIDE}", "muchocine"),
        ('<!-- <movie a="-->"><title>T</title></movie>', "movie"),
        (
            '<movie><title>A</title><!-- <review a="-->"><fullReview>b</fullReview></review>',
            "movie",
        ),
    ],
)
def test_a_comment_ends_before_a_tag_that_holds_its_end(text: str, name: str) -> None:
    data = text.encode()
    for errors in ("recover", "drop"):
        whole = read_items([data], errors=errors, format=name)
        parts = [data[at : at + 1] for at in range(len(data))]
        assert read_items(parts, errors=errors, format=name) == whole
    assert any(isinstance(item, MovieEnded) for item in whole)


def test_a_comment_without_an_end_does_not_hide_the_format() -> None:
    data = b"<!-- x\n" + REVIEW.format("ann", "T").encode()
    assert [movie.title for movie in rc.iter_movies(io.BytesIO(data))] == ["T"]


def test_what_is_no_table_is_refused() -> None:
    with pytest.raises(TypeError, match="a tuple of Field, with a comma"):
        Record("notice", BODY)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="review must be a Record"):
        Format("x", None, "notice")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="drops must be a tuple of str"):
        Field("a", "a", in_extra=True, drops="tag")  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["element", "target", "fallback", "scale_attribute"])
@pytest.mark.parametrize("value", [3, None, [], b"a"])
def test_what_is_not_a_name_is_refused(name: str, value: Any) -> None:
    names = {"element": "a", "target": "title", name: value}
    with pytest.raises(TypeError, match=f"^{name} must be a str, not "):
        Field(**names)
    with pytest.raises(TypeError, match=r"^element must be a str, not"):
        Record(value, (BODY,))
    for option in ("name", "description"):
        with pytest.raises(TypeError, match=f"^{option} must be a str, not "):
            Format(
                **{"name": "x", "movie": None, "review": Record("notice", (BODY,)), option: value}
            )


FLAGS = [
    (kind, field.name)
    for kind in (Field, Format)
    for field in attrs.fields(kind)
    if isinstance(field.default, bool)
]


@pytest.mark.parametrize(("kind", "name"), FLAGS)
def test_what_is_neither_true_nor_false_is_refused(kind: Any, name: str) -> None:
    """A 1 would be true on one path only."""
    positional = ("a", "title") if kind is Field else ("x", None, Record("notice", (BODY,)))
    with pytest.raises(TypeError, match=f"^{name} must be True or False, not 1$"):
        kind(*positional, **{name: 1})


@pytest.mark.parametrize(
    "encoding",
    [
        *("klingon", "rot13", "utf-16", "big5", "cp037", "a\0b", "", 7, None, []),
        *("mac_farsi", "mac_arabic"),  # some of their bytes are a second "<" or "&"
        *("unicode_escape", "raw_unicode_escape", "idna", "punycode", "undefined", "utf-7"),
        "ascii",
    ],
)
def test_an_encoding_that_is_not_8_bit_is_refused(encoding: Any) -> None:
    with pytest.raises(ValueError, match="'utf-8', or an 8-bit encoding beyond ASCII"):
        Format("x", None, Record("notice", (BODY,)), encoding=encoding)


@pytest.mark.parametrize("encoding", ["utf-8", "UTF8", "iso-8859-2", "Latin_1", "mac-roman"])
def test_an_encoding_may_have_any_of_its_names(encoding: str) -> None:
    table = Format("x", None, Record("notice", (BODY,)), encoding=encoding)
    data = "<notice><text>Müde.</text></notice>".encode(encoding)
    (movie,) = rc.iter_movies(io.BytesIO(data), format=table)
    assert movie.reviews[0].full_review == "Müde."


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({"movie": Record("notice", ())}, "different elements"),
        ({"movie": None, "is_grouped": True}, "is_grouped needs a field"),
    ],
)
def test_records_that_could_not_be_told_apart_are_refused(table: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Format(name="x", review=Record("notice", (BODY,)), **table)


@pytest.mark.parametrize("drops", [("text",), ("b", "Text"), ("NAME",), ("play",), ("Notice",)])
def test_an_element_of_the_format_cannot_be_dropped(drops: tuple[str, ...]) -> None:
    """The fast path would drop the tag, and the slow path would end the field there."""
    field = Field("votes", "votes", in_extra=True, drops=drops)
    movie = Record("play", (Field("Name", "title"),))
    with pytest.raises(ValueError, match=f"^tags of {drops[-1]} cannot be dropped: they are "):
        Format("x", movie, Record("notice", (field, BODY)))


def test_one_attribute_cannot_be_the_scale_of_two() -> None:
    """The fast path would read both, and the slow path would report a duplicate."""
    options: dict[str, Any] = {"value": Value.SCORE, "is_attribute": True, "scale": 5}
    for other in ("most", "Most", "a", "text", "notice"):
        fields = (
            Field("a", "score", scale_attribute="most", **options),
            Field("b", "general_score", scale_attribute=other, of_movie=True, **options),
        )
        with pytest.raises(ValueError, match="have the same name"):
            Format("x", None, Record("notice", (*fields, BODY)))


def test_quotes_in_the_scale_are_told() -> None:
    text = REVIEW.format("ann", "T").replace('maxRank="5"', 'maxrank="a "b" c"')
    (movie,), defects = read(text, formats.MUCHOCINE)
    assert movie.reviews[0].score == 0.8
    assert [(each.kind, each.element) for each in defects[:3]] == [
        ("misspelt-tag", "maxRank"),
        ("malformed-tag", "maxRank"),
        ("invalid-score", "maxRank"),
    ]
