"""Foreign command lines -> preset and overrides. No torch."""

from workbench.interop.commands.translate import translate as translate
from workbench.interop.commands.translation import Translation as Translation
