"""How Sphinx builds these pages: `nox -s docs`."""

from __future__ import annotations

from typing import Any

import reviewcorpus
from reviewcorpus import formats

project = "reviewcorpus"
author = "the reviewcorpus authors"
copyright = "The reviewcorpus authors"  # noqa: A001 Sphinx's name
version = release = reviewcorpus.__version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx_copybutton"]
exclude_patterns = ["_build"]
default_role = "literal"  # docstrings write `code` as Markdown does
nitpicky = True
nitpick_ignore_regex = [
    # Other projects: their pages are not fetched, so that building needs no network.
    ("py:.*", r"(collections\.abc|datetime|os|pyarrow|pa|pyspark)\..+"),
    ("py:class", "SearchStrategy|SparkSession"),
    # Names in annotations that are described in words.
    ("py:class", r"Data|Errors|Format|Level|Table|.*\.T"),
]

myst_enable_extensions = ["colon_fence", "attrs_inline"]
myst_heading_anchors = 3

autodoc_mock_imports = ["pyspark"]  # a download of 400 MB, which building needs only for its names
autodoc_default_options = {"members": True, "member-order": "bysource"}
autodoc_typehints = "description"
autodoc_typehints_description_target = "documented_params"
napoleon_numpy_docstring = False
python_use_unqualified_type_names = True

copybutton_prompt_text = r">>> |\.\.\. ?|\$ "
copybutton_prompt_is_regexp = True

html_theme = "furo"
pygments_dark_style = "github-dark"  # the default underlines what is imported, like a link
html_title = f"reviewcorpus {release}"
html_static_path = ["static"]
html_css_files = ["wide.css"]
html_copy_source = False
html_show_sphinx = False


def shorten(*event: Any) -> tuple[str, str] | None:
    """Return a signature with names for default values whose `repr` takes many lines."""
    *_, signature, result = event
    for value, name in (reviewcorpus.Limits(), "Limits()"), (formats.MOVIE, "MOVIE"):
        signature = signature and signature.replace(repr(value), name)
    return signature and (signature, result)


def setup(app: Any) -> None:
    """Connect to Sphinx."""
    app.connect("autodoc-process-signature", shorten)
