"""The command `reviewcorpus`, of the extra `cli`."""

from __future__ import annotations

try:
    import click
    import rich.console
    import rich.progress  # noqa: F401 imported here so that an error can name the extra
except ModuleNotFoundError as _error:
    raise ImportError(
        f"the command needs {_error.name}; install it with: pip install 'reviewcorpus[cli]'",
        name=_error.name,
    ) from _error

from reviewcorpus._version import __version__
from reviewcorpus.cli._check import check
from reviewcorpus.cli._clean import clean
from reviewcorpus.cli._convert import convert
from reviewcorpus.cli._formats import formats
from reviewcorpus.cli._report import report
from reviewcorpus.cli._shared import Group
from reviewcorpus.cli._stats import stats
from reviewcorpus.validation import RULES


@click.group(cls=Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
def cli() -> None:
    """Read and check movie-review corpora that look like XML and often are not."""


@cli.command()
def rules() -> None:
    """Print the rules that --validate knows."""
    for rule in RULES.values():
        mark = " " if rule.is_default else "-"
        click.echo(f"{rule.code} {mark} {rule.severity:<8} {rule.summary}")
    click.echo("(-: not in the default)")


for _command in (check, clean, convert, stats, report, formats):
    cli.add_command(_command)
