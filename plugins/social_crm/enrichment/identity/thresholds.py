"""How probable a link must be."""

from typing import Final

# Lowest probability of a link, unless another is requested.
DIRECT: Final = 0.5
# The same for each of the two steps between records that are linked by a third.
STEP: Final = 0.99
