"""Puts ``recipes/`` and ``assets/`` into a built package. The rest is said in pyproject.toml."""

import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

ROOT = Path(__file__).resolve().parent
SHIPPED = ("recipes", "assets")
NOT_SHIPPED = ("pictures",)
"""Folders of ``assets/`` that only the README shows."""


class BuildWithFolders(build_py):
    """Copies them to ``workbench/_shipped/``; an editable install reads them where they are."""

    def run(self) -> None:
        """Build the modules, then copy the folders beside them."""
        super().run()
        if self.editable_mode:
            return
        for name in SHIPPED:
            target = Path(self.build_lib, "workbench", "_shipped", name)
            shutil.rmtree(target, ignore_errors=True)
            shutil.copytree(ROOT / name, target, ignore=shutil.ignore_patterns(*NOT_SHIPPED))


setup(cmdclass={"build_py": BuildWithFolders})
