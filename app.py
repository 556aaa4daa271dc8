"""Opens the workbench in the browser: ``python app.py`` is ``workbench app``."""

import sys

from workbench.cli import main

if __name__ == "__main__":
    sys.exit(main(["app"]))
