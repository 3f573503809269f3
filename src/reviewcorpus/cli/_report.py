"""`reviewcorpus report`: a corpus in numbers as a page of HTML; needs Jinja2."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from reviewcorpus._checks import missing, visible
from reviewcorpus._version import __version__
from reviewcorpus.cli._output import check_target, ending_of, open_target
from reviewcorpus.cli._shared import NOT_READ, NOTHING_WRITTEN, Reading, reads, writes
from reviewcorpus.cli._stats import NONE, count_all, histograms, number, percent, place_of
from reviewcorpus.summary import notable_formats
from reviewcorpus.validation import RULES

if TYPE_CHECKING:
    from collections.abc import Sequence

    import jinja2

    from reviewcorpus.cli._stats import Data

_ENDINGS = (".html", ".htm")  # folders are not searched for them
_MOST_NAMES = 20  # of sources, and of what was not read; the command has printed all of them


# ---- the page ---------------------------------------------------------------------------


def page_of(paths: Sequence[str], data: Data) -> str:
    """Return the page.

    Args:
        paths: What was read.
        data: The numbers, as `reviewcorpus.cli._stats` makes them.
    """
    return _template().render(data, paths=paths, bars=histograms(data), most=_MOST_NAMES)


def _template() -> jinja2.Template:
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("reviewcorpus.cli", ""),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        finalize=_finalize,
    )
    environment.filters |= {"number": number, "percent": percent, "place": place_of}
    environment.filters["notable"] = notable_formats
    constants = {"version": __version__, "rules": RULES, "none_label": NONE}
    return environment.get_template("page.html.jinja", globals=constants)


def _finalize(value: object) -> object:
    """Make visible what could change the direction of writing, or is not text at all.

    Jinja2 calls this for every value that it puts into the page, before it escapes the value. A
    value with `__html__` is already escaped.
    """
    is_text = isinstance(value, str) and not hasattr(value, "__html__")
    return visible(str(value)) if is_text else value


# ---- the command ------------------------------------------------------------------------


@click.command(
    epilog="Exit status: 0 written, 2 something could not be read (the page says what), or there"
    " was nothing to read."
)
@writes("FILE", "HTML file to write, or - for standard output.")
@reads(validates=True)
def report(*, reading: Reading, target: str, force: bool) -> int:
    """Write a page about a corpus: its numbers, histograms, and what is wrong with it.

    The page is one HTML file. It has no scripts and loads nothing. It quotes damaged texts and
    names files, so keep it as private as the corpus. The same corpus gives the same page. If
    nothing can be read, nothing is written. The command needs the extra "report".

    \b
    Examples:
      reviewcorpus report corpus/ -o report.html
      reviewcorpus report --validate corpus/ -o report.html --force
    """
    _check(target, reading.paths, force=force)
    data = count_all(reading)
    if data["summary"]["files"] == 0:
        reading.output.error(NOTHING_WRITTEN)
        return NOT_READ
    page = page_of(reading.paths, data).encode()
    with open_target(target, reading.output, force=force) as file:
        file.write(page)
    if target != "-":
        reading.output.note(f"wrote the page to {target}")
    return NOT_READ if data["not_read"] else 0


def _check(target: str, paths: tuple[str, ...], *, force: bool) -> None:
    """Refuse what cannot be done before everything is read for it.

    Raises:
        click.UsageError: A package is missing, or the target exists, is a source, or is in a
            source where it would be read.
    """
    try:
        _template()
    except ModuleNotFoundError as error:
        raise click.UsageError(str(missing(error, "the page", "report"))) from error
    if os.path.realpath(target).endswith(_ENDINGS):
        paths = tuple(path for path in paths if not os.path.isdir(path))
    check_target(target, paths, force=force)
    ending = ending_of(target)
    if ending and ending not in _ENDINGS:
        raise click.UsageError(f"the page is HTML: name a file that ends in .html, not in {ending}")
