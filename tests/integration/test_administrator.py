"""That preparing the warehouse runs nobody else's code with the rights of the administrator."""

import pytest

from social_crm.database import connect
from social_crm.database.preparation import prepare
from social_crm.settings import Settings
from social_crm.sources import SOURCES

# What a worker that was broken into could leave for the next preparation.
TRAP = """
create function bi.trap() returns trigger language plpgsql as $$
begin
    if current_setting('is_superuser') = 'on' then
        raise exception 'the administrator ran it';
    end if;
    return null;
end $$;
create trigger trap before insert or update or delete on bi.{table} for each statement execute function bi.trap();
"""


@pytest.mark.parametrize("table", ["activations", "market_entitlements", "publications"])
def test_no_trigger_of_the_transformers_runs_as_the_administrator(table: str, warehouse: Settings) -> None:
    with connect(warehouse.warehouse_transformer_url) as transformer:
        transformer.execute(TRAP.format(table=table).encode())
    prepare(warehouse, SOURCES)


def test_no_function_of_the_transformers_is_found_by_the_administrator(warehouse: Settings) -> None:
    with connect(warehouse.warehouse_transformer_url) as transformer:
        # A schema of an administrator's own name is looked into, and the function that fits best is taken.
        transformer.execute("create schema postgres; grant usage on schema postgres to public")
        transformer.execute(
            "create function postgres.format(text, name) returns text language plpgsql"
            " as $$ begin raise exception 'the administrator ran it'; end $$"
        )
    prepare(warehouse, SOURCES)
