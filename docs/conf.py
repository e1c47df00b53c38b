"""Configuration of Sphinx."""

import sys
from importlib.metadata import version as installed_version
from pathlib import Path

import skdigits

sys.path.insert(0, str(Path(__file__).parent / "_ext"))

project = "skdigits"
author = "The skdigits developers"
copyright = author
release = installed_version("skdigits")
version = ".".join(release.split(".")[:2])

extensions = [
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.intersphinx",
    "numpydoc",
    "sphinx_design",
    "sphinx_gallery.gen_gallery",
    "charts",
]
templates_path = ["_templates"]
exclude_patterns = ["_build"]

autodoc_typehints = "none"
autosummary_generate = True
toc_object_entries_show_parents = "hide"

# The inventories are in the repository, so that the documentation builds without a
# network. To update them: python docs/update_inventories.py
intersphinx_mapping = {
    name: (address, f"_inventories/{name}.inv")
    for name, address in {
        "python": "https://docs.python.org/3/",
        "numpy": "https://numpy.org/doc/stable/",
        "sklearn": "https://scikit-learn.org/stable/",
        "pandas": "https://pandas.pydata.org/docs/",
        "matplotlib": "https://matplotlib.org/stable/",
        "joblib": "https://joblib.readthedocs.io/en/stable/",
        "keras": "https://keras.io/api/",
        "scikeras": "https://adriangb.com/scikeras/stable/",
        "optuna": "https://optuna.readthedocs.io/en/stable/",
    }.items()
}

# Single backticks link to what they name. Only names with a dot must have a page, since
# others may be parameters or values. Attributes have none.
default_role = "py:obj"
nitpicky = True
nitpick_ignore_regex = [
    ("py:obj", r"[^.]*|.*[^\w.].*|.*_"),
]

# One page a class: no page for each of its methods.
numpydoc_class_members_toctree = False
numpydoc_xref_param_type = True
numpydoc_xref_ignore = "all"
numpydoc_xref_aliases = {
    **{name: f"skdigits.reports.{name}" for name in skdigits.reports.__all__},
    "Axes": "matplotlib.axes.Axes",
    "Colormap": "matplotlib.colors.Colormap",
    "DataFrame": "pandas.DataFrame",
    "Figure": "matplotlib.figure.Figure",
    "callable": ":func:`callable <python:callable>`",
}
for _name in [
    "keras.Optimizer",
    "keras.Sequential",
    "keras.callbacks.Callback",
    "optuna.pruners.BasePruner",
    "optuna.samplers.BaseSampler",
    "optuna.study.Study",
    "optuna.trial.FrozenTrial",
    "pandas.DataFrame",
    "scikeras.wrappers.KerasClassifier",
    "sklearn.pipeline.Pipeline",
    "skdigits.reports.DigitReport",
]:
    numpydoc_xref_aliases[_name] = f":class:`{_name}`"

html_theme = "pydata_sphinx_theme"
html_title = f"skdigits {release}"
html_show_sourcelink = False
html_static_path = ["_static"]
html_css_files = ["custom.css"]
html_theme_options = {
    "navigation_with_keys": False,
    "show_prev_next": False,
    "show_toc_level": 2,
    "secondary_sidebar_items": {"**": ["page-toc"], "index": []},
}
html_sidebars = {"index": [], "install": [], "api": []}

sphinx_gallery_conf = {
    "examples_dirs": "../examples",
    "gallery_dirs": "auto_examples",
    # The benchmarks take minutes: they are shown, and not run.
    "filename_pattern": r"[\\/](plot_|quickstart)[^\\/]*\.py$",
    "ignore_pattern": r"(^|[\\/])_[^\\/]*\.py$",
    # Thumbnails may be figures of examples that come earlier.
    "within_subsection_order": "FileNameSortKey",
    "remove_config_comments": True,
    "download_all_examples": False,
    "show_memory": False,
    "min_reported_time": 1,
}


def _find_short_name(app, env, node, contnode):
    """Link what ``skdigits`` exports to the page of the module that has it."""
    name = node["reftarget"].removeprefix("skdigits.")
    if node.get("refdomain") != "py" or name not in skdigits.__all__:
        return None
    node["refspecific"] = True
    return env.domains["py"].resolve_xref(
        env, node["refdoc"], app.builder, node["reftype"], name, node, contnode
    )


def setup(app):
    app.connect("missing-reference", _find_short_name)
