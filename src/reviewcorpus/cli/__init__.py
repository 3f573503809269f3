"""The command `reviewcorpus`, of the extra `cli`."""

from __future__ import annotations

from reviewcorpus._checks import missing

try:
    import click
except ModuleNotFoundError as _error:
    raise missing(_error, "the command", "cli") from _error

from reviewcorpus._version import __version__
from reviewcorpus.cli._check import check
from reviewcorpus.cli._clean import clean
from reviewcorpus.cli._convert import convert
from reviewcorpus.cli._reference import formats, rules, sample
from reviewcorpus.cli._report import report
from reviewcorpus.cli._shared import Group
from reviewcorpus.cli._show import show
from reviewcorpus.cli._stats import stats


@click.group(cls=Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
def cli() -> None:
    """Read and check movie-review corpora that look like XML and often are not."""


for _command in (sample, show, check, clean, convert, stats, report, rules, formats):
    cli.add_command(_command)
