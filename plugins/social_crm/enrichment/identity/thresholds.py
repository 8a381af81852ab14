"""How sure a link must be."""

from typing import Final

# The least probability of a link, unless somebody asks for another.
DIRECT: Final = 0.5
# That of each of the two steps between records that did not link by themselves.
STEP: Final = 0.99
