"""Links of the API reference: every name leads to where it is described, or the build fails."""

from __future__ import annotations

import ast
import importlib
import inspect
import re
import sys
from typing import TYPE_CHECKING

from docutils import nodes

if TYPE_CHECKING:
    from sphinx.addnodes import pending_xref
    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment

PUBLIC_MODULES = [
    "reviewcorpus",
    "reviewcorpus.validation",
    "reviewcorpus.repair",
    "reviewcorpus.arrow",
    "reviewcorpus.spark",
    "reviewcorpus.strategies",
]

# Pages of others, by the module of a name. No inventories are fetched: a build needs no network.
_LIBRARY = "https://docs.python.org/3/library/"
_ELSEWHERE = {
    "collections.abc": f"{_LIBRARY}collections.abc.html#",
    "datetime": f"{_LIBRARY}datetime.html#",
    "os": f"{_LIBRARY}os.html#",
    "types": f"{_LIBRARY}types.html#",
    "typing": f"{_LIBRARY}typing.html#",
}


def public_names() -> dict[str, str]:
    """Give the name that users write for each public thing, by where it is defined and by its name."""
    names: dict[str, str] = {}
    for module_name in PUBLIC_MODULES:
        module = importlib.import_module(module_name)
        for name in module.__all__:
            thing, public = getattr(module, name), f"{module_name}.{name}"
            defined = f"{getattr(thing, '__module__', '')}.{getattr(thing, '__qualname__', name)}"
            names.setdefault(defined, public)
            names.setdefault(name, public)
    return names


def resolve_annotations() -> None:
    """Do the imports that modules make for type checkers only, so that autodoc knows the names."""
    for module_name in PUBLIC_MODULES:
        importlib.import_module(module_name)
    modules = [module for name, module in sys.modules.items() if name.startswith("reviewcorpus.")]
    for module in modules:
        for statement in ast.parse(inspect.getsource(module)).body:
            if isinstance(statement, ast.If) and ast.unparse(statement.test) == "TYPE_CHECKING":
                imports = [part for part in statement.body if isinstance(part, ast.ImportFrom)]
                code = compile(ast.Module(imports, []), module.__name__, "exec")
                exec(code, vars(module))  # noqa: S102 our own imports


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
    module = target.rpartition(".")[0]
    if module in _ELSEWHERE:
        return nodes.reference("", "", content, internal=False, refuri=_ELSEWHERE[module] + target)
    return None


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
