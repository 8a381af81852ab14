"""How sure a link must be."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Thresholds:
    """The least probability of a link, and of a step between two records that did not link by themselves."""

    direct: float = 0.5
    step: float = 0.99
