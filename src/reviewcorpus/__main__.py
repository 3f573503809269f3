"""`python -m reviewcorpus`, and the command of the same name."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command, or say which extra it needs."""
    try:
        from reviewcorpus.cli import cli
    except ImportError as error:
        if (error.name or "").partition(".")[0] not in {"click", "rich"}:
            raise
        sys.stderr.write(f"reviewcorpus: {error}\n")
        sys.exit(2)
    cli(prog_name="reviewcorpus")


if __name__ == "__main__":
    main()
