"""`python -m reviewcorpus`, and the command of the same name."""

from __future__ import annotations

import os
import sys

_INTERRUPTED = 130  # 128 plus the number of the signal, as in shells

try:
    import signal
except KeyboardInterrupt:
    os._exit(_INTERRUPTED)

TYPE_CHECKING = False  # an import of typing would come before an interrupt can be handled
if TYPE_CHECKING:
    from typing import NoReturn


class _Interrupt(SystemExit):
    """Ctrl-C, which click would turn into status 1, and Python into a traceback."""


def main() -> None:
    """Run the command, or say which extra it needs; an interrupt ends it with status 130."""
    # A shell makes background jobs ignore interrupts; that must stay.
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _interrupt)
    try:
        _run()
    except _Interrupt:
        # Whatever was open is closed. Python's own exit could wait for a pipe that nobody reads.
        os._exit(_INTERRUPTED)
    finally:
        if signal.getsignal(signal.SIGINT) is _interrupt:
            signal.signal(signal.SIGINT, signal.SIG_DFL)  # nothing is left to clean up


def _interrupt(*_: object) -> NoReturn:
    raise _Interrupt(_INTERRUPTED)


def _run() -> None:
    try:
        from reviewcorpus.cli import cli
    except ImportError as error:
        if (error.name or "").partition(".")[0] != "click":
            raise
        sys.stderr.write(f"reviewcorpus: {error}\n")
        sys.exit(2)
    cli(prog_name="reviewcorpus")


if __name__ == "__main__":
    main()
