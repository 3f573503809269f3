"""Links of the API reference: every name leads to where it is described, or the build fails."""

from __future__ import annotations

import ast
import importlib
import inspect
import re
import sys
from contextlib import suppress
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import ModuleType

    from docutils import nodes
    from sphinx.addnodes import pending_xref
    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment

PUBLIC_MODULES = [
    "reviewcorpus",
    "reviewcorpus.validation",
    "reviewcorpus.cleaning",
    "reviewcorpus.arrow",
    "reviewcorpus.spark",
    "reviewcorpus.strategies",
]

# Pages of others, by the module of a name. No inventories are fetched: a build needs no network.
_LIBRARY = "https://docs.python.org/3/library/"
_SPARK = "https://spark.apache.org/docs/latest/api/python/reference/pyspark.sql/api/pyspark.sql."
_ELSEWHERE = {
    "collections.abc.": _LIBRARY + "collections.abc.html#{}",
    "datetime.": _LIBRARY + "datetime.html#{}",
    "os.": _LIBRARY + "os.html#{}",
    "pyarrow.lib.": "https://arrow.apache.org/docs/python/generated/pyarrow.{name}.html",
    "pyspark.sql.session.": _SPARK + "{name}.html",
    "pyspark.sql.datasource.": _SPARK + "datasource.{name}.html",
    "pyspark.sql.types.": _SPARK + "types.{name}.html",
    "hypothesis.strategies.": "https://hypothesis.readthedocs.io/en/latest/reference/strategies.html",
}


@cache
def public_names() -> dict[str, str]:
    """Give the full name of each public thing, by where it is defined and by its short name.

    Short names that mean several things, such as `reviews` of Arrow and of the strategies, lead
    nowhere.
    """
    by_place: dict[str, str] = {}
    by_name: dict[str, set[str]] = {}
    for module_name in PUBLIC_MODULES:
        module = importlib.import_module(module_name)
        for name in module.__all__:
            thing = getattr(module, name)
            defined = (
                getattr(thing, "__module__", module_name),
                getattr(thing, "__qualname__", name),
            )
            public = by_place.setdefault(".".join(defined), f"{module_name}.{name}")
            by_name.setdefault(name, set()).add(public)
    return by_place | {name: next(iter(of)) for name, of in by_name.items() if len(of) == 1}


def resolve_annotations() -> None:
    """Do the imports that modules make for type checkers only, so that autodoc knows the names."""
    for module_name in PUBLIC_MODULES:
        importlib.import_module(module_name)
    modules = [module for name, module in sys.modules.items() if name.startswith("reviewcorpus.")]
    for module in modules:
        for statement in ast.parse(inspect.getsource(module)).body:
            if isinstance(statement, ast.If) and ast.unparse(statement.test) == "TYPE_CHECKING":
                for part in statement.body:
                    _run(part, module)


def _run(statement: ast.stmt, module: ModuleType) -> None:
    code = compile(ast.Module([statement], []), module.__name__, "exec")
    with suppress(TypeError):  # attrs.Attribute[...] is for type checkers alone
        exec(code, vars(module))  # noqa: S102 our own code


def _resolve(
    app: Sphinx, env: BuildEnvironment, node: pending_xref, content: nodes.TextElement
) -> nodes.Node | None:
    target = node.get("reftarget", "")
    if node.get("refdomain") != "py":
        return None
    public = public_names().get(target)
    if public not in {None, target}:
        domain = env.get_domain("py")
        name = env.docname
        return domain.resolve_xref(env, name, app.builder, "obj", public, node, content)
    module, point, name = target.rpartition(".")
    page = _ELSEWHERE.get(module + point)
    if page is None:
        return None
    from docutils import nodes  # noqa: PLC0415 so that tests need no Sphinx for what is above

    return nodes.reference("", "", content, internal=False, refuri=page.format(target, name=name))


_CODE = re.compile(r"(?<![`:])`([^`]+)`(?!`)")


def _link(found: re.Match[str]) -> str:
    public = public_names().get(found[1])
    return f":py:obj:`{found[1]} <{public}>`" if public else f"``{found[1]}``"


def _rewrite(  # noqa: PLR0913, PLR0917 Sphinx calls it so
    app: Sphinx, what: str, name: str, thing: object, options: object, lines: list[str]
) -> None:
    """Turn `code` as docstrings have it into links and literals."""
    del app, what, name, thing, options
    lines[:] = [line if ">>>" in line else _CODE.sub(_link, line) for line in lines]


def setup(app: Sphinx) -> None:
    """Resolve what Sphinx leaves open."""
    app.connect("missing-reference", _resolve)
    app.connect("autodoc-process-docstring", _rewrite, priority=400)  # before napoleon
