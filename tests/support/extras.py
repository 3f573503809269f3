"""Imports modules that need an extra."""

from __future__ import annotations

import importlib
import importlib.util
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from types import ModuleType


def module_or_skip(name: str) -> ModuleType:
    """Import a module, or skip the test where a package that it needs is not installed.

    Raises:
        ImportError: The module cannot be imported for another reason, which is a fault.
    """
    try:
        return importlib.import_module(name)
    except ImportError as error:
        package = (error.name or "").partition(".")[0]
        if not package or importlib.util.find_spec(package):
            raise
        pytest.skip(f"{name} needs {package}, which is not installed")
