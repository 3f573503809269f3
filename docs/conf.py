"""How Sphinx builds these pages: `nox -s docs`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))  # where the makers are

import reviewcorpus  # noqa: E402 behind it
from makers import crossreferences, pages  # noqa: E402

if TYPE_CHECKING:
    from sphinx.application import Sphinx

project = "reviewcorpus"
author = "the reviewcorpus authors"
copyright = "The reviewcorpus authors"  # noqa: A001 Sphinx's name
version = release = reviewcorpus.__version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx_copybutton"]
exclude_patterns = ["_build"]
nitpicky = True
nitpick_ignore = [("py:class", "reviewcorpus.cleaning._changes.T")]  # stands for what was given

myst_enable_extensions = ["colon_fence", "attrs_inline"]
myst_heading_anchors = 3

autodoc_default_options = {"members": True, "member-order": "bysource"}
autodoc_typehints = "description"
autodoc_typehints_description_target = "documented_params"
napoleon_numpy_docstring = False
python_use_unqualified_type_names = True

copybutton_prompt_text = r">>> |\.\.\. ?|\$ "
copybutton_prompt_is_regexp = True

html_theme = "furo"
html_title = f"reviewcorpus {release}"
html_static_path = ["static"]
html_css_files = ["wide.css"]
html_copy_source = False
html_show_sphinx = False


def setup(app: Sphinx) -> None:
    """Connect what this project adds to Sphinx."""
    crossreferences.resolve_annotations()
    crossreferences.setup(app)
    pages.setup(app)
