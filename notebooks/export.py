"""Makes a page of a notebook that was run, for people who have no notebooks.

    python notebooks/export.py quickstart.ipynb         writes quickstart.html beside it

The page of nbconvert itself has formulas and widgets drawn by scripts from other machines. This one
asks nobody: a panel is the picture that stands before it.
"""

import argparse
import sys
from pathlib import Path

import nbformat
from jinja2 import DictLoader
from nbconvert import HTMLExporter

WIDGET = "application/vnd.jupyter.widget-view+json"
NAME = "offline.html.j2"
TEMPLATE = """
{%- extends 'lab/index.html.j2' -%}
{%- block html_head_js -%}{%- endblock -%}
{%- block jupyter_widgets -%}{%- endblock -%}
{%- block html_head_js_mathjax -%}{%- endblock -%}
{%- block html_head_js_mermaidjs -%}{%- endblock -%}
"""


def page_of(notebook: nbformat.NotebookNode) -> str:
    """A notebook as one HTML page with nothing outside it; panels are pictures."""
    notebook.metadata.pop("widgets", None)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = [out for out in cell.outputs if WIDGET not in out.get("data", {})]
    exporter = HTMLExporter(extra_loaders=[DictLoader({NAME: TEMPLATE})], template_file=NAME)
    page, _ = exporter.from_notebook_node(notebook)
    return page


def main() -> int:
    """Write the page of each notebook that is named; returns the exit code."""
    parser = argparse.ArgumentParser(description="Makes pages of notebooks that were run.")
    parser.add_argument("notebooks", nargs="+", type=Path, metavar="NOTEBOOK")
    for path in parser.parse_args().notebooks:
        if not path.is_file():
            print(f"There is no notebook {path}: name an .ipynb file.", file=sys.stderr)
            return 2
        target = path.with_suffix(".html")
        target.write_text(page_of(nbformat.read(path, 4)), "utf-8")
        print(f"Written: {target}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
