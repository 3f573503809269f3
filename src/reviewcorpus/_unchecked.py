"""The private door to frozen classes: instances made from values that were just checked.

A frozen attrs class sets each field through `object.__setattr__` and runs its validators, which
takes ten times as long. Here, an instance of a class with the same slots is filled and then becomes
one of the frozen class. The function that does so is generated from the fields of the class, as
attrs generates `__init__`, so a new field needs no change here.
"""

from __future__ import annotations

import linecache
from itertools import takewhile
from typing import TYPE_CHECKING, Any, TypeVar

import attrs
from attrs import NOTHING

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T", bound=attrs.AttrsInstance)


def compile_function(source: str, name: str, known: dict[str, Any], function: str = "make") -> Any:
    """Return a function defined by a source, which debuggers and tracebacks can show.

    Args:
        source: The source, made only from names and constants of this library.
        name: The name under which the source is shown.
        known: What the source may refer to by name.
        function: The name of the function.
    """
    linecache.cache[name] = len(source), None, source.splitlines(keepends=True), name
    exec(compile(source, name, "exec"), known)  # noqa: S102 see above
    return known[function]


def unfinished(cls: type[attrs.AttrsInstance]) -> type:
    """Return a class whose instances have the slots of an attrs class, and can be filled."""
    return type(f"Unfinished{cls.__name__}", (), {"__slots__": [f.name for f in attrs.fields(cls)]})


def unchecked(cls: type[T]) -> Callable[..., T]:
    """Return a function that makes an instance of a frozen attrs class without any check.

    Its parameters are the fields of the class, in their order. The last ones have their defaults,
    up to a field without one.
    """
    fields = reversed(attrs.fields(cls))
    defaults = {f.name: f.default for f in takewhile(lambda f: f.default is not NOTHING, fields)}
    parameters = ", ".join(
        f"{f.name}=defaults[{f.name!r}]" if f.name in defaults else f.name
        for f in attrs.fields(cls)
    )
    stores = "".join(f"    self.{f.name} = {f.name}\n" for f in attrs.fields(cls))
    source = (
        f"def make({parameters}):\n    self = unfinished()\n{stores}"
        "    self.__class__ = cls\n    return self\n"
    )
    known = {"cls": cls, "unfinished": unfinished(cls), "defaults": defaults}
    make: Callable[..., T] = compile_function(source, f"<unchecked {cls.__name__}>", known)
    return make


def replacing(cls: type[T], *names: str) -> Callable[..., T]:
    """Return a function that copies an instance, with other values for some fields.

    It is like `attrs.evolve` without checks. Its parameters are the instance and the values.
    """
    values = [f.name if f.name in names else f"self.{f.name}" for f in attrs.fields(cls)]
    source = f"def make(self, {', '.join(names)}):\n    return unchecked({', '.join(values)})\n"
    name = f"<replacing {', '.join(names)} of {cls.__name__}>"
    make: Callable[..., T] = compile_function(source, name, {"unchecked": unchecked(cls)})
    return make
