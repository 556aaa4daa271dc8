"""How much a pasted text may expand to: one limit for loops, variables, nesting and numbers."""

from dataclasses import dataclass

from workbench.errors import RecipeError

CHARACTERS = 20_000
"""In a pasted text."""
PROGRAMS = 24
DEPTH = 8
"""Of blocks in blocks, and of configuration files that build on each other."""
DIGITS = 9
"""Of a whole number in a sum."""
REMEDY = "Paste one command with its values written out."


@dataclass
class Budget:
    """What is left of the work that a text may ask for; a loop spends it in every turn.

    Attributes:
        statements: How many may still be read.
        characters: How many may still come from variables and sums.
        depth: How many blocks may still be opened in each other; the text is the first.
    """

    statements: int = 1_000
    characters: int = 10 * CHARACTERS
    depth: int = DEPTH + 1

    def statement(self, line: list[str]) -> None:
        """Spend one statement, and its length. Raises RecipeError where nothing is left."""
        self.statements -= 1
        if self.statements < 0:
            raise RecipeError(f"The text repeats too much. {REMEDY}")
        self.value("".join(line))

    def value(self, text: str) -> str:
        """Spend the characters of a text and give it back. Raises RecipeError without enough."""
        self.characters -= len(text)
        if self.characters < 0:
            raise RecipeError(f"The text expands to too many characters. {REMEDY}")
        return text

    def block(self, change: int) -> None:
        """Open (1) or close (-1) a block. Raises RecipeError where it is too deep."""
        self.depth -= change
        if self.depth < 0:
            raise RecipeError(f"The text nests more than {DEPTH} blocks. {REMEDY}")
