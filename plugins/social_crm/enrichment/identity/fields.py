"""The facts about a person that records may share, and the column names for them in files."""

import re
from collections.abc import Iterable
from typing import Final

ID: Final = "unique_id"
# In order of preference: of two columns for one field, the first in this list is read.
COLUMN_NAMES: Final[dict[str, tuple[str, ...]]] = {
    ID: ("unique_id", "id", "record_id", "customer_id", "author_id", "account_id", "person_id", "row_id"),
    "first_name": ("first_name", "firstname", "forename", "given_name", "givenname", "fname"),
    "surname": ("surname", "last_name", "lastname", "family_name", "familyname", "lname"),
    "full_name": ("full_name", "fullname", "name", "display_name", "customer_name", "author_name", "person_name"),
    "dob": ("dob", "date_of_birth", "birth_date", "birthdate", "birthday"),
    "email": ("email", "e_mail", "email_address", "mail"),
    "phone": ("phone", "phone_number", "mobile", "mobile_number", "telephone", "tel", "cell", "msisdn"),
    "handle": ("handle", "x_handle", "twitter_handle", "username", "user_name", "screen_name"),
    "postcode": ("postcode", "post_code", "postal_code", "zip", "zip_code", "zipcode"),
    "city": ("city", "town", "place", "location", "birth_place", "place_of_birth"),
    "occupation": ("occupation", "job", "job_title", "profession"),
}
NAME_FIELDS: Final = frozenset({"first_name", "surname"})
# Fields that a model compares, in order; full names are split before.
COMPARED: Final = tuple(field for field in COLUMN_NAMES if field not in {ID, "full_name"})


def find_columns(header: Iterable[str]) -> dict[str, str]:
    """Return field → column for the columns whose names are known."""
    by_name: dict[str, str] = {}
    for column in header:
        by_name.setdefault(re.sub(r"[^a-z0-9]+", "_", column.strip().lower()).strip("_"), column)
    return {
        field: next(by_name[name] for name in names if name in by_name)
        for field, names in COLUMN_NAMES.items()
        if any(name in by_name for name in names)
    }


def compared_fields(columns: dict[str, str]) -> set[str]:
    """Return the fields that a file with these columns lets a model compare."""
    fields = set(columns) & set(COMPARED)
    return fields | NAME_FIELDS if "full_name" in columns else fields
