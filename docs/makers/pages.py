"""Fills the marked places of pages with what the library itself tells when the site is built."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from makers import compared
from makers.columns import columns
from makers.commands import commands
from makers.entries import defect_entries, rule_entries
from makers.examples import EntryError

if TYPE_CHECKING:
    from collections.abc import Callable

    from sphinx.application import Sphinx

MAKERS: dict[str, Callable[[], str]] = {
    "arrow-columns": columns,
    "commands": commands,
    "compared": compared.compared,
    "defect-kinds": defect_entries,
    "rules": rule_entries,
}
"""What gives the Markdown for `<!-- made by: NAME -->`."""

_MARK = re.compile(r"^<!-- made by: ([\w-]+) -->$", re.MULTILINE)


def fill(text: str) -> str:
    """Put what the makers give into the marked places of a page."""
    return _MARK.sub(lambda mark: MAKERS[mark[1]](), text)


def _fill(app: Sphinx, name: str, content: list[str]) -> None:
    # Here, so that what fills the pages can be tested without Sphinx.
    from sphinx.errors import ExtensionError  # noqa: PLC0415

    del app
    try:
        content[0] = fill(content[0])
    except (compared.NotRunError, EntryError) as error:
        # Sphinx shows its own errors as they are, and any other as a fault of what called it.
        raise ExtensionError(f"{name}: {error}") from error


def _pack_examples(app: Sphinx, error: Exception | None) -> None:
    """Put the folder of examples beside the pages that use it."""
    if error is None:
        examples = Path(app.srcdir).parent / "examples"
        shutil.make_archive(
            str(Path(app.outdir) / "examples"), "zip", examples.parent, examples.name
        )


def setup(app: Sphinx) -> None:
    """Fill each page when it is read; add what the pages link to."""
    app.connect("source-read", _fill)
    app.connect("build-finished", _pack_examples)
