"""Whom a record may be about, and what stays of it once one of them is erased."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class People:
    """Where the people of a resource stand in a record; paths are dotted and pass through lists.

    A person is known by paths, each with its kind: `email`, `phone`, `reference` (the company's own number of a
    customer), or the name of a source for its accounts, whose id comes first. `a/b` is known by both together. What
    stands at the places in `keeps`, with blanks between, stays as it is, keys that are identifiers too; all else goes.
    """

    persons: tuple[Mapping[str, str], ...] = ()
    keeps: str = ""
    case: str = ""  # the private case that the record belongs to: who is erased takes its words along, whoever's
    owns_case: bool = True  # whether it is the case of the persons; else they only take part in it
    opens: Mapping[str, str] = field(default_factory=dict)  # what marks the one record of a case that makes it theirs
    names: Mapping[str, str] = field(default_factory=dict)  # where it names others, who may be erased: those alone go
    only: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)  # elements of a list that stay
    omits: str = ""  # with blanks between: others' words and names that nobody needs, so they never land
    names_vary: bool = False  # of fields: a dropped file spells its headers as it likes


# Said of a resource that holds nobody but the company and its own accounts.
NOBODY = People()
