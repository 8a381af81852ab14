"""Which people a record may be about, and what remains of it after one of them is erased."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class People:
    """Where the people of a resource are in its records; paths are dotted and pass through lists.

    A person is identified by paths, each with its kind: `email`, `phone`, `reference` (the company's own number of a
    customer), or the name of a source for its accounts, whose id comes first. `a/b` identifies by both together. The
    values at the paths in `keeps`, separated by blanks, stay as they are, even keys that are identifiers. Everything
    else is removed.
    """

    persons: tuple[Mapping[str, str], ...] = ()
    keeps: str = ""
    case: str = ""  # a person's private case: erasing that person removes all words in it, by anybody
    owns_case: bool = True  # whether it is these persons' own case, or they only take part in it
    opens: Mapping[str, str] = field(default_factory=dict)  # what marks the record of a case that makes it theirs
    names: Mapping[str, str] = field(default_factory=dict)  # lists that also name others: only the erased are removed
    only: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)  # elements of a list that stay
    omits: str = ""  # separated by blanks: others' words, and names that nobody needs; these never land
    names_vary: bool = False  # of fields: dropped files may spell their headers differently


# For a resource that is only about the company and its own accounts.
NOBODY = People()
