"""SQL that brings each field into the form in which two records are compared."""

from typing import Final

_TITLES: Final = "mr|mrs|ms|miss|mx|dr|prof|professor|sir|lady|lord|dame|rev"
_SUFFIXES: Final = "jr|sr|ii|iii|iv|phd|md|esq|mba"
_DATE_FORMATS: Final = "['%Y-%m-%d', '%Y/%m/%d', '%Y%m%d', '%d/%m/%Y', '%d.%m.%Y', '%d-%m-%Y', '%m/%d/%Y']"


def text(column: str) -> str:
    """Return SQL for letters, digits and single spaces, in lower case and without accents; blank is null."""
    letters = rf"regexp_replace(lower(strip_accents({column}::varchar)), '[^\p{{L}}\p{{N}}]+', ' ', 'g')"
    return f"nullif(trim({letters}), '')"


def name(column: str) -> str:
    """Return SQL for a part of a name: `text` without hyphens, apostrophes and spaces."""
    return rf"nullif(regexp_replace(lower(strip_accents({column}::varchar)), '[^\p{{L}}]+', '', 'g'), '')"


def name_parts(column: str) -> tuple[str, str]:
    """Return SQL for the first name and the surname within a full name; one word alone is a first name."""
    # "Rowe, Caleb" is written surname first.
    turned = rf"regexp_replace({column}::varchar, '^\s*([^,]+),\s*(.+)$', '\2 \1')"
    bare = rf"regexp_replace({text(turned)}, '^(({_TITLES}) )+|( ({_SUFFIXES}))+$', '', 'g')"
    words = f"string_split({bare}, ' ')"
    return f"nullif({words}[1], '')", f"case when len({words}) > 1 then {words}[-1] end"


def date(column: str) -> str:
    """Return SQL for a date as `YYYY-MM-DD`; what is no date stays as it is, to be compared letter by letter."""
    return f"coalesce(try_strptime(trim({column}::varchar), {_DATE_FORMATS})::date::varchar, {text(column)})"


def email(column: str) -> str:
    """Return SQL for an address in lower case; what has no @ is null."""
    return f"case when {column}::varchar like '%_@_%' then lower(trim({column}::varchar)) end"


def phone(column: str) -> str:
    """Return SQL for the last nine digits, which differ neither by country code nor by trunk prefix."""
    digits = rf"regexp_replace({column}::varchar, '\D', '', 'g')"
    return f"case when length({digits}) >= 7 then right({digits}, 9) end"


def handle(column: str) -> str:
    """Return SQL for a handle without its @, in lower case."""
    return f"nullif(ltrim(lower(trim({column}::varchar)), '@'), '')"


def own_word(word: str) -> str:
    """Return SQL for a word that its owner chose, null if it is made of nothing but the record's name."""
    letters = f"regexp_replace({word}, '[^a-z]', '', 'g')"
    first, last = "coalesce(first_name, '')", "coalesce(surname, '')"
    made = [
        first, last, f"{first} || {last}", f"{last} || {first}", f"left({first}, 1) || {last}",
        f"{first} || left({last}, 1)", f"{last} || left({first}, 1)",
    ]  # fmt: skip
    return f"case when regexp_matches({word}, '[0-9]') or {letters} not in ({', '.join(made)}) then {word} end"
