"""The Postgres that a company brings may be older than the embedded one, and sort as its language does."""

import re
from pathlib import Path

from psycopg import sql

from servers import older_postgres
from social_crm.local import postgres
from social_crm.settings import Settings
from worlds.star_warehouse import StarWarehouse, star_of
from worlds.warehouses import prepared

# When the test did something, in fractions of a second, which the world has none of; and keys by MD5, for some of them
# are made of when something was read.
DONE_THEN = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+\+00|\b[0-9a-f]{32}\b")


def rows(star: StarWarehouse) -> dict[str, list[str]]:
    """Return what is published, without when the test did it."""
    found = {}
    for name in star.tables("bi"):
        published = star.admin.execute(sql.SQL("select t::text from {} as t").format(sql.Identifier("bi", name)))
        found[name] = sorted(DONE_THEN.sub("then", row) for (row,) in published)
    return found


def test_an_older_postgres_publishes_the_same_star(
    postgres_server: postgres.EmbeddedServer, published_week: Settings, tmp_path: Path
) -> None:
    with star_of(postgres_server, published_week, tmp_path / "newer") as star:
        newer = rows(star)
    with older_postgres.running() as server, star_of(server, prepared(server), tmp_path / "older") as star:
        assert star.one("select current_setting('server_version_num')::int / 10000") < 18
        # As the fixture did: one transform may tell otherwise than two since when something was known.
        star.land("phone.calls", [], day=-1)
        star.transform()
        star.land_days(seed=7)
        star.transform()
        older = rows(star)
    assert older.keys() == newer.keys()
    for name, found in older.items():
        assert found == newer[name], name
