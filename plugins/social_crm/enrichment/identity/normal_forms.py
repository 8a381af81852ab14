"""SQL that normalises each field for comparison."""

from typing import Final

_TITLES: Final = "mr|mrs|ms|miss|mx|dr|prof|professor|sir|lady|lord|dame|rev"
_SUFFIXES: Final = "jr|sr|ii|iii|iv|phd|md|esq|mba"
# Values that people enter in mandatory fields: agreement in them means nothing.
_NOTHING: Final = (
    "('na', 'n a', 'nan', 'nil', 'no', 'none', 'null', 'tbc', 'tbd', 'unknown', 'undefined', 'not available',"
    " 'not known', 'not given', 'not provided', 'not specified', 'no email', 'no phone', 'x', 'xx', 'xxx')"
)
_NO_DATES: Final = "('0001-01-01', '1900-01-01', '9999-12-31')"
_DATE_FORMATS: Final = "['%Y-%m-%d', '%Y/%m/%d', '%Y%m%d', '%d/%m/%Y', '%d.%m.%Y', '%d-%m-%Y', '%m/%d/%Y']"


def text(column: str) -> str:
    """Return SQL for letters, digits and single spaces, in lower case and without accents; blank or "N/A" is null."""
    letters = _letters(column)
    return f"case when {letters} not in {_NOTHING} then nullif({letters}, '') end"


def _letters(column: str) -> str:
    return rf"trim(regexp_replace(lower(strip_accents({column}::varchar)), '[^\p{{L}}\p{{N}}]+', ' ', 'g'))"


def name(column: str) -> str:
    """Return SQL for a part of a name: `text` without hyphens, apostrophes and spaces."""
    return rf"nullif(regexp_replace(lower(strip_accents({column}::varchar)), '[^\p{{L}}]+', '', 'g'), '')"


def name_parts(column: str) -> tuple[str, str]:
    """Return SQL for first name and surname from a full name; a single word is a first name."""
    # "Rowe, Caleb" is written surname first.
    turned = rf"regexp_replace({column}::varchar, '^\s*([^,]+),\s*(.+)$', '\2 \1')"
    bare = rf"regexp_replace(nullif({_letters(turned)}, ''), '^(({_TITLES}) )+|( ({_SUFFIXES}))+$', '', 'g')"
    words = f"string_split({bare}, ' ')"
    return f"nullif({words}[1], '')", f"case when len({words}) > 1 then {words}[-1] end"


def date(column: str) -> str:
    """Return SQL for a date as `YYYY-MM-DD`; other text stays unchanged, to be compared as text."""
    told = f"coalesce(try_strptime(trim({column}::varchar), {_DATE_FORMATS})::date::varchar, {text(column)})"
    return f"case when {told} not in {_NO_DATES} then {told} end"


def email(column: str) -> str:
    """Return SQL for an address in lower case; null without an @ or with a placeholder before it."""
    own = text(f"split_part({column}::varchar, '@', 1)")
    return f"case when {column}::varchar like '%_@_%' and {own} is not null then lower(trim({column}::varchar)) end"


def phone(column: str) -> str:
    """Return SQL for the last nine digits, which do not depend on country code or trunk prefix.

    One repeated digit is no number.
    """
    digits = rf"regexp_replace({column}::varchar, '\D', '', 'g')"
    is_dialled = f"length({digits}) >= 7 and ltrim({digits}, left({digits}, 1)) <> ''"
    return f"case when {is_dialled} then right({digits}, 9) end"


def handle(column: str) -> str:
    """Return SQL for a handle without its @, in lower case; null for a placeholder."""
    return f"case when {text(column)} is not null then nullif(ltrim(lower(trim({column}::varchar)), '@'), '') end"


def own_word(word: str) -> str:
    """Return SQL for a word chosen by its owner, null if it consists only of the record's name."""
    letters = f"regexp_replace({word}, '[^a-z]', '', 'g')"
    first, last = "coalesce(first_name, '')", "coalesce(surname, '')"
    made = [
        first, last, f"{first} || {last}", f"{last} || {first}", f"left({first}, 1) || {last}",
        f"{first} || left({last}, 1)", f"{last} || left({first}, 1)",
    ]  # fmt: skip
    return f"case when regexp_matches({word}, '[0-9]') or {letters} not in ({', '.join(made)}) then {word} end"
