"""Configuration of Sphinx."""

from importlib.metadata import version as installed_version

from docutils import nodes

project = "skdigits"
author = "The skdigits developers"
copyright = author
release = installed_version("skdigits")
version = ".".join(release.split(".")[:2])

extensions = [
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "numpydoc",
    "sphinx_gallery.gen_gallery",
]
templates_path = ["_templates"]
exclude_patterns = ["_build"]
default_role = "literal"

autodoc_typehints = "none"
autosummary_generate = True

# One page a class: no page for each of its methods.
numpydoc_class_members_toctree = False

html_theme = "pydata_sphinx_theme"
html_title = f"skdigits {release}"
html_show_sourcelink = False
html_theme_options = {
    "navigation_with_keys": False,
    "show_prev_next": False,
    "show_toc_level": 2,
}
html_sidebars = {"index": [], "install": [], "api": []}

sphinx_gallery_conf = {
    "examples_dirs": "../examples",
    "gallery_dirs": "auto_examples",
    # The benchmarks take minutes: they are shown, and not run.
    "filename_pattern": r"[\\/](plot_|quickstart)[^\\/]*\.py$",
    "ignore_pattern": r"(^|[\\/])_[^\\/]*\.py$",
    "download_all_examples": False,
    "show_memory": False,
    "min_reported_time": 1,
}

_SKLEARN = "https://scikit-learn.org/stable/"

# Sections of scikit-learn's guide that the docstrings of inherited methods refer to.
_SKLEARN_SECTIONS = {
    "accuracy_score": "modules/model_evaluation.html#accuracy-score",
    "df_output_transform": "modules/df_output_transform.html",
    "metadata_routing": "metadata_routing.html",
    "sphx_glr_auto_examples_miscellaneous_plot_set_output.py": (
        "auto_examples/miscellaneous/plot_set_output.html"
    ),
}


def _link_to_sklearn(app, env, node, contnode):
    """Link what scikit-learn documents, without asking its site what that is.

    The documentation builds without a network, hence without intersphinx.
    """
    target = node.get("reftarget", "")
    if node.get("reftype") == "ref" and target in _SKLEARN_SECTIONS:
        uri = _SKLEARN + _SKLEARN_SECTIONS[target]
    elif node.get("reftype") == "term":
        uri = f"{_SKLEARN}glossary.html#term-{target.replace(' ', '-')}"
    elif target.startswith("sklearn.") and node.get("reftype") != "mod":
        uri = f"{_SKLEARN}modules/generated/{target}.html"
    else:
        return None
    reference = nodes.reference("", "", internal=False, refuri=uri)
    reference.append(contnode)
    return reference


def _skip_inherited_requests(app, what, name, obj, skip, options):
    """Leave out the ``set_*_request`` methods that scikit-learn makes for a class."""
    return True if name.startswith("set_") and name.endswith("_request") else None


def setup(app):
    app.connect("missing-reference", _link_to_sklearn)
    app.connect("autodoc-skip-member", _skip_inherited_requests)
