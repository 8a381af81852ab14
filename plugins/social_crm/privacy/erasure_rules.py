"""What a resource declares about its people, in the form that `raw.erase_people` takes."""

import re
from typing import Any

from psycopg.types.json import Jsonb

from social_crm.sources.model import Resource
from social_crm.sources.people import People


def erasure_rules(source_name: str, resource: Resource) -> Jsonb | None:
    """Return what identifies people in a record and what remains of it; None if that is not declared."""
    people = resource.people
    if people is None:
        return None
    persons = [[_known(people, path, kind) for path, kind in person.items()] for person in people.persons]
    return Jsonb(
        {
            "people": persons,
            "places": [known["place"] for person in persons for known in person],
            "names": [[_known(people, path, kind)] for path, kind in people.names.items()],
            "keeps": [_place(path) for path in people.keeps.split()],
            "only": {
                _place(path): {"name": part, "values": values}
                for path, chosen in people.only.items()
                for part, values in chosen.items()
            },
            "case": _known(people, people.case, f"{source_name} case") if people.case else None,
            "owns_case": bool(people.case) and people.owns_case,
            "opens": dict(people.opens),
        }
    )


def undeclared(source_name: str, resource_name: str) -> str:
    """Return what is wrong with a resource that does not declare whom its records are about."""
    return (
        f"where people stand in a record of {source_name}.{resource_name} is not declared (`people` of the resource,"
        " NOBODY where it holds none), so nobody can be erased from it: declare it"
    )


def _known(people: People, path: str, kind: str) -> dict[str, Any]:
    parts = path.split("/")
    return {"kind": kind, "place": _place(parts[-1]), "paths": [_json_path(people, part) for part in parts]}


def _place(path: str) -> str:
    """Return a path in the form in which `raw.place` compares its names."""
    return ".".join(re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_") for name in path.split("."))


def _json_path(people: People, path: str) -> str:
    if not people.names_vary:
        return "$" + "".join(f'."{name}"' for name in path.split("."))
    words = "[^a-z0-9]+".join(_place(path).split("_"))
    return f'$.keyvalue() ? (@.key like_regex "^[^a-z0-9]*{words}[^a-z0-9]*$" flag "i").value'
