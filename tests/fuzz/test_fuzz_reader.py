"""The fuzz target: it checks every promise, says what it found, and writes only where it may."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import re
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import archive_promises
import promises

if TYPE_CHECKING:
    from collections.abc import Callable

HERE = Path(__file__).parent


def load_target() -> Any:
    spec = importlib.util.spec_from_file_location("fuzz_reader", HERE / "fuzz_reader.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.slow
def test_all_promises_hold_for_all_seeds() -> None:
    target = load_target()
    seeds = list(target.seeds())
    assert len(seeds) > 100
    for data in seeds:
        target.check(data)


def test_the_target_names_a_broken_promise_and_how_to_check_it_again(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def is_broken(data: bytes) -> None:
        raise AssertionError(data)

    target = load_target()
    monkeypatch.setattr(target, "promises_of", lambda data: [partial(is_broken, data)])
    with pytest.raises(AssertionError):
        target.check_one(b"<movie>")
    shown = capsys.readouterr().err
    assert "broken promise: is_broken\ninput: b'<movie>'\n" in shown
    assert re.search(r"again: python .*[\\/]crashes[\\/]crash-[0-9a-f]{40}\n", shown)


def test_the_target_checks_files_and_says_what_fuzzing_needs(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    target = load_target()
    target.main([str(HERE / "seeds" / "crawled.xml")])
    assert capsys.readouterr().out.endswith("crawled.xml: all promises hold\n")
    monkeypatch.setitem(sys.modules, "atheris", None)
    with pytest.raises(SystemExit, match="pip install --group fuzz"):
        target.main([str(HERE / "seeds"), "-max_total_time=1"])


class Atheris:
    """A stand-in for atheris that finds one input."""

    def __init__(self) -> None:
        self.arguments: list[str] = []
        self._check: Callable[[bytes], None] | None = None

    def instrument_imports(self, **_: object) -> contextlib.nullcontext[None]:
        return contextlib.nullcontext()

    def Setup(self, arguments: list[str], check: Callable[[bytes], None]) -> None:  # noqa: N802 its name
        self.arguments, self._check = arguments, check

    def Fuzz(self) -> None:  # noqa: N802 its name
        assert self._check is not None
        self._check(b"<movie>")


def run_fuzzer(monkeypatch: pytest.MonkeyPatch, folder: Path, *arguments: str) -> list[str]:
    """Fuzz with the target's folders in another one; return what atheris is called with."""
    target, atheris = load_target(), Atheris()
    for name in ("GROWN", "CRASHES", "MADE"):
        monkeypatch.setattr(target, name, folder / name.lower())
    monkeypatch.setitem(sys.modules, "atheris", atheris)
    target.main([str(HERE / "seeds"), *arguments])
    return atheris.arguments


def test_the_target_writes_only_into_its_own_folders(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    for _ in range(2):
        arguments = run_fuzzer(monkeypatch, tmp_path, "-runs=1")
        assert arguments[1:3] == [str(tmp_path / "grown"), str(tmp_path / "made")]
        assert len(list((tmp_path / "made").iterdir())) > 100
        assert not list((tmp_path / "temporary").iterdir())
    ignored = (HERE / ".gitignore").read_text().split()
    target = load_target()
    assert {f"{path.name}/" for path in (target.GROWN, target.CRASHES, target.MADE)} == {*ignored}


def test_the_target_names_the_file_that_the_fuzzer_writes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def is_broken(*_: object, **__: object) -> None:
        raise AssertionError

    for module in (promises, archive_promises):
        for name, value in list(vars(module).items()):
            if name.startswith("ABOUT_"):
                monkeypatch.setattr(module, name, [is_broken])
            elif getattr(value, "__module__", None) == module.__name__:
                monkeypatch.setattr(module, name, is_broken)
    for options, prefix in (([], f"{HERE / 'crashes'}/"), (["-artifact_prefix=new-"], "new-")):
        with pytest.raises(AssertionError):
            run_fuzzer(monkeypatch, tmp_path, *options)
        assert f" {prefix}crash-" in capsys.readouterr().err


@pytest.mark.parametrize("others", [[], [str(HERE / "seeds")]])
def test_the_target_says_which_path_it_cannot_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], others: list[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        load_target().main([*others, str(tmp_path / "sedes")])
    assert caught.value.code == 2
    assert capsys.readouterr().err == f"cannot read {tmp_path / 'sedes'}: {os.strerror(2)}\n"
