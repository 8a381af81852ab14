"""What counts as agreement of two records in one field, from the closest level to none.

The probabilities m and u are those of ordinary customer records, and hold until a model is trained on its own records.
u of names and places is that of larger towns in English-speaking countries. u of addresses and numbers is far higher
than by chance, so that an untrained model prefers no link when in doubt.
"""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Level:
    """One level of similarity: its name, its condition, and its frequency in true pairs (m) and by chance (u)."""

    label: str
    condition: str
    m: float
    u: float
    # Whether it is enough evidence beside a name.
    agrees: bool = True
    # Agreement of rare values says more than that of common ones.
    by_frequency_of: str | None = None


def _few_slips(left: str, right: str, slips: int, sure: float = 1.0) -> str:
    """Return SQL for: Jaro-Winkler similarity at least `sure`, or at most some typing errors."""
    # Damerau-Levenshtein takes a hundred times as long; only `case`, not `and`, avoids computing it.
    likeness = f"jaro_winkler_similarity({left}, {right})"
    return (
        f"(case when {likeness} >= {sure} then true when {likeness} >= 0.75"
        f" then damerau_levenshtein({left}, {right}) <= {slips} else false end)"
    )


def _close_names(left: str, right: str) -> str:
    return _few_slips(left, right, 1, sure=0.9)


# First name and surname were swapped, perhaps with a typing error.
CROSSED: Final = (
    "(first_name_l = surname_r and surname_l = first_name_r)"
    f" or (case when {_close_names('first_name_l', 'surname_r')} then {_close_names('surname_l', 'first_name_r')}"
    f" and not {_close_names('first_name_l', 'first_name_r')} else false end)"
)


_FIRST_NAME: Final = [
    Level("exact", "{l} = {r}", 0.60, 0.01, by_frequency_of="first_name"),
    Level("crossed", CROSSED, 0.02, 0.0001),
    Level("close", _close_names("{l}", "{r}"), 0.14, 0.006),
    Level("nickname", "first_name_formal_l = first_name_formal_r", 0.06, 0.003),
    Level("similar", "jaro_winkler_similarity({l}, {r}) >= 0.8", 0.05, 0.007),
    Level("in the other column", "{l} = surname_r or {r} = surname_l", 0.02, 0.003),
]
_SURNAME: Final = [
    Level("exact", "{l} = {r}", 0.72, 0.004, by_frequency_of="surname"),
    Level("close", _close_names("{l}", "{r}"), 0.13, 0.003),
    Level("similar", "jaro_winkler_similarity({l}, {r}) >= 0.8", 0.04, 0.005),
    Level("in the other column", "{l} = first_name_r or {r} = first_name_l", 0.02, 0.002),
]
_PARTS_OF_DATE: Final = (
    "(substr({l}, 1, 4) = substr({r}, 1, 4))::int + (substr({l}, 6, 2) = substr({r}, 6, 2))::int"
    " + (substr({l}, 9, 2) = substr({r}, 9, 2))::int >= 2"
)
_DAYS_APART: Final = "abs(try_cast({l} as date) - try_cast({r} as date))"
_SAME_LETTERS: Final = (
    "case when length({l}) = length({r}) and jaro_winkler_similarity({l}, {r}) >= 0.5"
    " then list_sort(string_split({l}, '')) = list_sort(string_split({r}, '')) else false end"
)
# Namesakes at one provider differ only in this.
_SAME_DIGITS: Final = "regexp_replace({l}, '[^0-9]', '', 'g') = regexp_replace({r}, '[^0-9]', '', 'g')"
# The first letters of a British postcode, or the first two digits of a ZIP code.
_AREA: Final = "regexp_extract({}, '^([a-z]+|[0-9][0-9])')"
_SLIPS: Final = {slips: _few_slips("{l}", "{r}", slips) for slips in (1, 2)}
LEVELS: Final[dict[str, list[Level]]] = {
    "first_name": _FIRST_NAME,
    "surname": _SURNAME,
    "dob": [
        Level("exact", "{l} = {r}", 0.75, 0.0003, by_frequency_of="dob"),
        Level("one character", _SLIPS[1], 0.08, 0.002),
        Level(
            "day and month swapped",
            "substr({l}, 1, 4) = substr({r}, 1, 4) and substr({l}, 6, 2) = substr({r}, 9, 2)"
            " and substr({l}, 9, 2) = substr({r}, 6, 2)",
            0.02,
            0.0002,
        ),
        Level("two parts of three", _PARTS_OF_DATE, 0.04, 0.006),
        Level("within 45 days", f"{_SLIPS[2]} or {_DAYS_APART} <= 45", 0.02, 0.005),
        Level(
            "within 400 days",
            f"substr({{l}}, 1, 4) = substr({{r}}, 1, 4) or {_DAYS_APART} <= 400",
            0.03,
            0.03,
            agrees=False,
        ),
    ],
    "email": [
        Level("exact", "{l} = {r}", 0.7, 0.00001, by_frequency_of="email"),
        Level("close", f"{_few_slips('{l}', '{r}', 2, sure=0.95)} and ({_SAME_DIGITS})", 0.08, 0.00005),
        Level("same before the @", "email_own_l = email_own_r", 0.08, 0.0002, by_frequency_of="email_own"),
        Level("similar", _few_slips("{l}", "{r}", 4, sure=0.88), 0.03, 0.002, agrees=False),
        Level("same domain", "email_domain_l = email_domain_r", 0.05, 0.1, agrees=False),
    ],
    "phone": [
        Level("exact", "{l} = {r}", 0.75, 0.00001, by_frequency_of="phone"),
        # Numbers are assigned in sequence: neighbours with the same name are not one person.
        Level("one digit", _SLIPS[1], 0.05, 0.001, agrees=False),
    ],
    "handle": [
        Level("exact", "{l} = {r}", 0.8, 0.00001, by_frequency_of="handle"),
        Level("close", f"{_SLIPS[1]} and length({{l}}) >= 6", 0.05, 0.0002),
    ],
    "postcode": [
        Level("exact", "{l} = {r}", 0.65, 0.0003, by_frequency_of="postcode"),
        Level("one character", _SLIPS[1], 0.05, 0.0005),
        Level("district", "split_part({l}, ' ', 1) = split_part({r}, ' ', 1)", 0.1, 0.003),
        Level("area", f"{_AREA.format('{l}')} = {_AREA.format('{r}')}", 0.08, 0.03, agrees=False),
    ],
    "city": [
        Level("exact", "{l} = {r}", 0.75, 0.03, by_frequency_of="city"),
        Level(
            "close",
            f"{_few_slips('{l}', '{r}', 2, sure=0.88)} or ({_SAME_LETTERS})",
            0.08,
            0.01,
        ),
    ],
    "occupation": [Level("exact", "{l} = {r}", 0.7, 0.03, agrees=False, by_frequency_of="occupation")],
}
