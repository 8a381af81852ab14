"""Which people a record may be about, and what remains of it once one of them is erased."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class People:
    """Where the people of a resource are in its records; paths are dotted and pass through lists.

    A person is known by paths, each with its kind: `email`, `phone`, `reference` (the company's own number of a
    customer), or the name of a source for its accounts, whose id comes first. `a/b` identifies by both together. The
    values at the paths in `keeps`, separated by blanks, stay as they are, even keys that are identifiers; all else is
    removed.
    """

    persons: tuple[Mapping[str, str], ...] = ()
    keeps: str = ""
    case: str = ""  # its private case: erasing the person of one removes all words in it, whoever said them
    owns_case: bool = True  # whether it is the case of the persons, or they only take part in it
    opens: Mapping[str, str] = field(default_factory=dict)  # what marks the one record of a case that makes it theirs
    names: Mapping[str, str] = field(default_factory=dict)  # where it names others: only the erased are removed
    only: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)  # elements of a list that stay
    omits: str = ""  # separated by blanks: others' words and names that nobody needs, so they never land
    names_vary: bool = False  # of fields: a dropped file spells its headers as it likes


# For a resource about nobody but the company and its own accounts.
NOBODY = People()
