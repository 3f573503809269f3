"""The examples in docstrings print what they show."""

from __future__ import annotations

import doctest
import importlib
import pkgutil
import re

import pytest

import reviewcorpus as rc

NEEDS_PYARROW = re.compile(r"\._?(arrow|spark|tables)\b")


def modules() -> list[object]:
    """Return the names of all modules, with a mark on those that need optional packages."""
    found = pkgutil.walk_packages(rc.__path__, "reviewcorpus.", onerror=lambda _: None)
    names = ["reviewcorpus", *(each.name for each in found)]
    return [
        pytest.param(name, marks=pytest.mark.interop if NEEDS_PYARROW.search(name) else ())
        for name in names
    ]


@pytest.mark.parametrize("name", modules())
def test_the_examples_of_a_module_print_what_they_show(name: str) -> None:
    results = doctest.testmod(importlib.import_module(name))
    assert results.failed == 0


def test_examples_are_found_and_a_wrong_output_is_a_failure(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert doctest.testmod(importlib.import_module("reviewcorpus.models")).attempted > 5
    example = doctest.DocTestParser().get_doctest(">>> 1 + 1\n3\n", {}, "wrong", None, None)
    assert doctest.DocTestRunner().run(example).failed == 1
    assert "Expected:\n    3\nGot:\n    2\n" in capsys.readouterr().out
