"""Update what the documentation knows of the documentation of other projects.

``python docs/update_inventories.py`` builds the documentation with the inventories that
other projects publish. It keeps their public classes, functions, exceptions and terms,
and what else the documentation links to, in ``docs/_inventories``.
"""

import re
import sys
import zlib
from html import unescape
from pathlib import Path
from tempfile import TemporaryDirectory

from conf import intersphinx_mapping
from sphinx.application import Sphinx

DOCS = Path(__file__).resolve().parent
HEADER = """\
# Sphinx inventory version 2
# Project: {}
# Version:
# The remainder of this file is compressed using zlib.
"""

ROLES = {"py:class", "py:function", "py:exception", "std:term"}

# Keras publishes no inventory.
KERAS = {
    "keras.Optimizer": "optimizers/",
    "keras.Sequential": "models/sequential/",
    "keras.callbacks.Callback": "callbacks/base_callback/",
}


def write(name, project, entries):
    """Write entries of name, role, priority, address and title as an inventory."""
    lines = "".join(" ".join(entry) + "\n" for entry in sorted(entries))
    body = zlib.compress(lines.encode(), 9)
    path = DOCS / "_inventories" / f"{name}.inv"
    path.write_bytes(HEADER.format(project).encode() + body)


def find_links(folder):
    """Return all addresses that the pages in a folder link to."""
    return {
        unescape(address)
        for page in folder.rglob("*.html")
        for address in re.findall(r'href="(https?://[^"]+)"', page.read_text("utf-8"))
    }


def update(mapping):
    """Write the entries to keep of the inventories in a mapping for Sphinx."""
    with TemporaryDirectory() as name:
        html, doctrees = Path(name, "html"), Path(name, "doctrees")
        app = Sphinx(
            DOCS,
            DOCS,
            html,
            doctrees,
            "html",
            # Sphinx changes the mapping that it is given.
            confoverrides={"intersphinx_mapping": dict(mapping)},
            warningiserror=True,
        )
        app.build()
        if app.statuscode:
            sys.exit("The inventories are left as they were.")
        links = find_links(html)
        inventories = app.env.intersphinx_named_inventory
    for name, (address, _) in mapping.items():
        kept = [
            (target, role, item)
            for role, items in inventories[name].items()
            for target, item in items.items()
            if item.uri in links or (role in ROLES and "._" not in target)
        ]
        entries = [
            (target, role, "1", item.uri.removeprefix(address), item.display_name)
            for target, role, item in kept
        ]
        _, _, item = kept[0]
        write(name, item.project_name, entries)


if __name__ == "__main__":
    entries = [(name, "py:class", "1", uri, "-") for name, uri in KERAS.items()]
    write("keras", "Keras", entries)
    update(
        {
            name: (address, file if name == "keras" else None)
            for name, (address, file) in intersphinx_mapping.items()
        }
    )
