"""The settings of Sphinx, which reads the pages that `scripts.docs_site` has gathered."""

from __future__ import annotations

from scripts.docs_site.markup import escape
from sphinx.application import Sphinx

import benchwire

project = "benchwire"
version = release = benchwire.__version__
author = copyright = "the benchwire authors"  # noqa: A001  the name is Sphinx's
root_doc = "index"
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
html_theme = "furo"
html_title = "benchwire"
html_copy_source = False
html_show_sphinx = False

# The pages have links to headings, and blocks of Python that Sphinx need not check.
myst_heading_anchors = 4
suppress_warnings = ["misc.highlighting_failure"]

# `name` in a docstring is a link where it names something of the reference.
default_role = "py:obj"
add_module_names = False
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_typehints_format = "short"
autodoc_class_signature = "separated"
napoleon_numpy_docstring = False
napoleon_use_ivar = True
napoleon_custom_sections = ["Spec"]
python_use_unqualified_type_names = True
python_maximum_signature_line_length = 88


def setup(app: Sphinx) -> None:
    """Escape descriptions before napoleon reads the sections of docstrings."""
    app.connect("autodoc-process-docstring", escape, priority=400)
