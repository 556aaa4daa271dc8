"""Procedural pedestrians: the built-in data set, drawn on this machine on first use.

Nothing here loads torch; numpy and Pillow are loaded by the drawing processes alone.
"""

from workbench.data.synthetic.playground.dataset import digest as digest
from workbench.data.synthetic.playground.dataset import make as make
from workbench.data.synthetic.playground.people.body_parts import PARTS as PARTS
from workbench.data.synthetic.playground.plan import Settings as Settings
