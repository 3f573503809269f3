"""What is written by hand about arguments, attributes and aliases is what the code has."""

from __future__ import annotations

import collections.abc
import enum
import importlib
import inspect
import os
import re
from contextlib import suppress
from typing import Any

import attrs
import pytest

import reviewcorpus as rc
from makers.crossreferences import PUBLIC_MODULES
from page_parts import PAGES, text_of
from reviewcorpus import repair, sources, validation

# ---- docstrings -------------------------------------------------------------------------

# What tells of no argument, though it has some.
EXCEPTIONS = {
    "Context.of": "the library calls it",
    "CorpusCheck": "a protocol; its methods tell",
    "CorpusError": "a base",
    "LimitExceeded": "takes what any exception takes",
    "MovieIterator": "given by readers; a test below has its attributes",
    "ProblemIterator": "given by readers",
    "ReviewIterator": "given by readers",
    "ReviewIterator.of": "the library calls it",
}
ANNOTATED = tuple, dict, repair.TextRepair


def described(thing: object, section: str) -> list[str]:
    """Give the names that a section of a docstring has, without their stars."""
    found = re.search(
        rf"^{section}:\n((?:    .*\n|\n)+)", f"{inspect.getdoc(thing)}\n", re.MULTILINE
    )
    return re.findall(r"^    \*{0,2}(\w+):", found[1], re.MULTILINE) if found else []


def names_of(thing: Any) -> list[str]:
    """Give the fields of a class, or the parameters of a function or of any other class."""
    if isinstance(thing, type):
        if attrs.has(thing):
            return [field.alias or field.name for field in attrs.fields(thing) if field.init]
        if issubclass(thing, ANNOTATED):
            return list(inspect.get_annotations(thing))
    names = list(inspect.signature(thing).parameters)
    return [name for name in names if name not in {"self", "cls"}]


def methods_of(thing: type) -> dict[str, Any]:
    """Give the public methods that a class defines, without those that it has from a base."""
    inherited = {name for base in thing.__mro__[1:] for name in vars(base)}
    return {
        f"{thing.__name__}.{name}": getattr(thing, name)
        for name, value in vars(thing).items()
        if inspect.isroutine(value) and not name.startswith("_") and name not in inherited
    }


def public_things() -> dict[str, Any]:
    """Give the classes and functions that are exported, and the methods of the classes."""
    things: dict[str, Any] = {}
    for module in PUBLIC_MODULES:
        with suppress(ImportError):  # an extra is not installed
            exports = importlib.import_module(module)
            for name in exports.__all__:
                thing = getattr(exports, name)
                if inspect.isfunction(thing):
                    things[f"{module}.{name}"] = thing
                elif isinstance(thing, type) and not issubclass(thing, enum.Enum):
                    things |= {name: thing} | methods_of(thing)
    return things


THINGS = public_things()


def test_every_exception_is_there() -> None:
    assert EXCEPTIONS.keys() <= THINGS.keys()


@pytest.mark.parametrize("name", sorted(THINGS.keys() - EXCEPTIONS))
def test_a_docstring_has_each_argument_and_no_other(name: str) -> None:
    shown = described(THINGS[name], "Args") or described(THINGS[name], "Attributes")
    names = names_of(THINGS[name])
    if names[-1:] == ["options"] and shown[-1:] != ["options"]:  # told one by one
        names[-1:] = rc.ReadOptions.__annotations__
    assert shown == names


def test_the_docstring_of_an_iterator_has_its_attributes() -> None:
    shown = described(rc.MovieIterator, "Attributes")
    assert shown
    assert [name for name in shown if name not in vars(rc.iter_movies())] == []


def test_the_least_of_each_limit_is_the_one_in_its_docstring() -> None:
    text = inspect.getdoc(rc.Limits) or ""
    least = dict(
        re.findall(
            r"^    (\w+): (?:(?!^    \w).)*?At least (\d+)\.", text, re.MULTILINE | re.DOTALL
        )
    )
    assert list(least) == names_of(rc.Limits)
    for name, number in least.items():
        rc.Limits(**{name: int(number)})
        with pytest.raises(ValueError, match=f"at least {number}"):
            rc.Limits(**{name: int(number) - 1})


# ---- aliases ----------------------------------------------------------------------------

ALIASES = {
    name: value
    for page in PAGES
    for name, value in re.findall(
        r"^\.\. data:: (\w+)\n   :value: (.*)$", text_of(page), re.MULTILINE
    )
}
HOMES = {"Event": rc, "Source": rc, "Found": validation, "Rules": validation, "Repair": repair}


def test_each_alias_is_described_once() -> None:
    assert sorted(ALIASES) == sorted(HOMES)


@pytest.mark.parametrize("name", HOMES)
def test_the_value_of_an_alias_is_the_one_on_its_page(name: str) -> None:
    known = {**vars(collections.abc), **vars(validation), **vars(repair), **vars(rc), "os": os}
    value = eval(ALIASES[name], {**known, "Readable": sources.Readable})  # noqa: S307 our own text
    real = getattr(HOMES[name], name)
    assert value == (eval(real, vars(sources)) if isinstance(real, str) else real)  # noqa: S307 likewise
