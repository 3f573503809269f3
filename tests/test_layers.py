"""Imports go one way: a module imports only from layers below its own."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import reviewcorpus as rc

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGE = Path(rc.__file__).parent

# Lowest first. What is on one line may not import from each other.
LAYERS = [
    {"_version", "_checks", "_signatures", "_unchecked", "_hypothesis"},
    {"_codecs", "defects", "limits", "models"},
    {"formats", "events"},
    {"parser"},
    {"sources", "_atomic"},
    {"_iterators"},
    {"summary"},
    {"corpus", "writer"},
    {"validation", "_rows"},
    {"cleaning"},
    {"arrow", "strategies"},
    {"spark"},
    {"cli"},
    {"__main__"},
]
# Imported from a layer above when they are first used: what needs an extra, or is rarely needed.
LATE = {("corpus", "validation"), ("corpus", "arrow"), ("_hypothesis", "strategies")}

# The same inside of the parser, where the whole state comes together in the reader.
PARSER_LAYERS = [
    {"_buffer", "_deciding", "_grammar", "_encoding", "_values"},
    {"_options"},
    {"_source"},
    {"_fastpath"},
    {"_reporter"},
    {"_references", "_decoding"},
    {"_text"},
    {"_fields"},
    {"_builder"},
    {"_lookahead"},
    {"_scanner", "_strict"},
    {"_parts"},
    {"_reader"},
    {"__init__"},
]


def imports_of(path: Path) -> Iterator[str]:
    """Yield the dotted names that a module imports, except for type checkers only."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    typed = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        if id(node) in typed:
            continue
        if isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def rank(layers: list[set[str]], name: str) -> int:
    return next(index for index, layer in enumerate(layers) if name in layer)


def modules() -> list[Path]:
    return sorted(path for path in PACKAGE.rglob("*.py") if path != PACKAGE / "__init__.py")


def room_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def test_every_module_has_a_layer() -> None:
    assert {room_of(path) for path in modules()} == set().union(*LAYERS)
    names = {path.stem for path in (PACKAGE / "parser").glob("*.py")}
    assert names == set().union(*PARSER_LAYERS)


def test_the_map_in_the_docs_has_every_module_above_those_that_it_imports() -> None:
    page = Path(__file__).parents[1].joinpath("docs", "design.md").read_text(encoding="utf-8")
    text = page.partition("```text\nsrc/reviewcorpus/\n")[2].partition("```")[0]
    rooms = re.findall(r"^  (?!samples/)(\w+)(?:/|\.py) ", text, re.MULTILINE)
    parts = re.findall(r"^    (\w+)\.py ", text, re.MULTILINE)
    assert rooms[0] == "__init__"
    for names, layers in ((rooms[1:], LAYERS), (parts, PARSER_LAYERS)):
        assert sorted(names) == sorted(set().union(*layers))
        ranks = [rank(layers, name) for name in names]
        assert ranks == sorted(ranks, reverse=True)


@pytest.mark.parametrize("path", modules(), ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_a_module_imports_only_from_layers_below_its_own(path: Path) -> None:
    own = room_of(path)
    rooms = {
        name.split(".")[1] for name in imports_of(path) if name.startswith("reviewcorpus.")
    } - {own}
    rooms &= set().union(*LAYERS)
    upward = {room for room in rooms if rank(LAYERS, room) >= rank(LAYERS, own)}
    assert {(own, room) for room in upward} <= LATE


@pytest.mark.parametrize(
    "path", sorted((PACKAGE / "parser").glob("*.py")), ids=lambda path: path.name
)
def test_the_parser_has_layers_too(path: Path) -> None:
    names = {
        name.split(".")[2] for name in imports_of(path) if name.startswith("reviewcorpus.parser.")
    }
    upward = [name for name in names if rank(PARSER_LAYERS, name) >= rank(PARSER_LAYERS, path.stem)]
    late = {("_reader", "_strict")}
    assert {(path.stem, name) for name in upward} <= late
