"""The marked places of the pages, and what fills them."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

pytest.importorskip("pyarrow", reason="pyarrow is not installed")

from makers import pages
from makers.columns import columns
from makers.commands import commands, help_of
from makers.compared import NotRunError
from makers.crossreferences import public_names
from makers.examples import EntryError
from reviewcorpus import arrow
from reviewcorpus.cli import cli

if TYPE_CHECKING:
    from collections.abc import Callable

DOCS = Path(__file__).parents[2] / "docs"


def test_every_mark_has_a_maker_and_every_maker_a_mark() -> None:
    texts = [path.read_text(encoding="utf-8") for path in DOCS.rglob("*.md")]
    marks = [name for text in texts for name in re.findall(r"<!-- made by: (\S+) -->", text)]
    assert sorted(marks) == sorted(pages.MAKERS)


def test_a_mark_is_filled_and_all_else_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(pages.MAKERS, "rules", lambda: "## made\\1")
    text = "# Rules\n\n<!-- made by: rules -->\n\n`<!-- made by: rules -->`\n"
    assert pages.fill(text) == "# Rules\n\n## made\\1\n\n`<!-- made by: rules -->`\n"


@pytest.mark.parametrize("fault", [NotRunError, EntryError])
def test_what_cannot_be_made_ends_the_build_with_the_reason(
    monkeypatch: pytest.MonkeyPatch, fault: type[Exception]
) -> None:
    class ExtensionError(Exception):
        """Stands for Sphinx's, which the tests do without."""

    def fail() -> str:
        raise fault("lxml is not installed")

    errors = ModuleType("sphinx.errors")
    monkeypatch.setattr(errors, "ExtensionError", ExtensionError, raising=False)
    monkeypatch.setitem(sys.modules, "sphinx", ModuleType("sphinx"))
    monkeypatch.setitem(sys.modules, "sphinx.errors", errors)
    monkeypatch.setitem(pages.MAKERS, "rules", fail)
    handlers: dict[str, Callable[..., None]] = {}
    app: Any = SimpleNamespace(connect=handlers.__setitem__)
    pages.setup(app)
    with pytest.raises(ExtensionError, match=r"^a-page: lxml is not installed$") as raised:
        handlers["source-read"](app, "a-page", ["<!-- made by: rules -->"])
    assert isinstance(raised.value.__cause__, fault)


def test_a_mark_without_a_maker_is_an_error() -> None:
    with pytest.raises(KeyError, match="nobody"):
        pages.fill("<!-- made by: nobody -->")


@pytest.mark.parametrize("name", ["REVIEW_SCHEMA", "MOVIE_SCHEMA", "DEFECT_SCHEMA"])
def test_every_column_is_described(name: str) -> None:
    found = re.search(rf"### `{name}`\n(.*?)(?:\n#|\Z)", columns(), re.DOTALL)
    assert found
    rows = re.findall(r"^\| `(\w+)` \| `([^`]+)` \| \S.* \|$", found[1], re.MULTILINE)
    assert rows == [(field.name, str(field.type)) for field in getattr(arrow, name)]


def test_a_command_is_described_as_it_describes_itself() -> None:
    command = [sys.executable, "-m", "reviewcorpus", "check", "--help"]
    env = {**os.environ, "COLUMNS": "90"}
    done = subprocess.run(command, check=True, capture_output=True, encoding="utf-8", env=env)  # noqa: S603 ours
    assert "-h, --help" in done.stdout
    assert done.stdout.split() == help_of("check").split()


def test_every_command_is_described_with_every_option() -> None:
    text = commands()
    for name, command in cli.commands.items():
        assert f"### `reviewcorpus {name}`" in text
        for option in (option for parameter in command.params for option in parameter.opts):
            assert option in text or option == "paths", (name, option)


def test_a_name_of_several_things_links_to_none_of_them() -> None:
    names = public_names()
    assert {"movies", "reviews", "defects"}.isdisjoint(names)
    assert names["Movie"] == names["reviewcorpus.models.Movie"] == "reviewcorpus.Movie"
    assert names["Thresholds"] == "reviewcorpus.validation.Thresholds"
    assert names["reviewcorpus.strategies._page.Fault"] == "reviewcorpus.strategies.Fault"
    assert names["reviewcorpus.strategies.reviews"] == "reviewcorpus.strategies.reviews"
