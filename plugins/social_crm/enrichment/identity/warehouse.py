"""Links changed authors and customers that are probably the same, by a model that is not trained on them.

The parameters of an untrained model are fixed, so the probability of a pair depends on the pair alone: not on the day
or on who else changed with it. Splink is not even imported if there is nobody to compare.
"""

from typing import TYPE_CHECKING, Any, Final

import psycopg
from psycopg.rows import TupleRow

from social_crm.database import connect
from social_crm.errors import LinkingFailed
from social_crm.settings import load_settings

if TYPE_CHECKING:
    import duckdb

MODEL_VERSION: Final = "splink-5.0.0+shares-2"
# Kept from below the star's threshold, so that a change of that threshold needs no new comparison.
LEAST_KEPT: Final = 0.9
_FIELDS: Final = ["first_name", "surname", "email", "phone", "handle"]
_Rows = list[tuple[Any, ...]]


def link_identities(*, everyone: bool = False) -> int:
    """Compare changed authors and customers, or all; store probable links and return for how many they changed."""
    with connect(load_settings().warehouse_transformer_url) as warehouse, warehouse.transaction():
        _find_scope(warehouse, everyone=everyone)
        if not warehouse.execute("select from scope_authors union all select from scope_customers limit 1").rowcount:
            return 0
        warehouse.execute(_PROFILES)
        warehouse.execute(_CANDIDATES)
        authors = warehouse.execute(_AUTHORS).fetchall()
        customers = warehouse.execute(_CUSTOMERS).fetchall() if authors else []
        blocklist = warehouse.execute("select identity_kind, identity_value from seeds.identity_blocklist").fetchall()
        found = _compare(authors, customers, blocklist) if customers else []
        return _store(warehouse, found)


def _find_scope(warehouse: psycopg.Connection[TupleRow], *, everyone: bool) -> None:
    warehouse.execute(_SCOPE_EVERYONE if everyone else _SCOPE)
    # A corrected record may have removed an author, whom only the previous run knows.
    if warehouse.execute("select where to_regclass('intermediate.int_author_sights') is not null").rowcount:
        warehouse.execute(_SCOPE_BEFORE)


def _compare(authors: _Rows, customers: _Rows, blocklist: _Rows) -> _Rows:
    """Return source, author, customer, probability and evidence of the probable pairs."""
    import duckdb
    from splink.internals.exceptions import SplinkException

    try:
        return _score(duckdb.connect(), authors, customers, blocklist)
    except (duckdb.Error, SplinkException) as error:
        # The message may quote a record; the kind of error does not.
        cause = error.__cause__ or error
        raise LinkingFailed(f"comparing authors with customers failed with {type(cause).__name__}") from None


def _score(connection: "duckdb.DuckDBPyConnection", authors: _Rows, customers: _Rows, blocklist: _Rows) -> _Rows:
    import pyarrow as pa  # type: ignore[import-untyped]

    from social_crm.enrichment.identity.blocking import STEADY_RULES
    from social_crm.enrichment.identity.links import link_tables
    from social_crm.enrichment.identity.normal_forms import own_word
    from social_crm.enrichment.identity.records import normalise

    names = {"authors": ["unique_id", "full_name", "email", "phone", "handle"], "customers": ["unique_id", *_FIELDS]}
    for table, rows in (("authors", authors), ("customers", customers)):
        columns = [pa.array(column, pa.string()) for column in zip(*rows, strict=True)]
        connection.register(f"{table}_read", pa.table(columns, names=names[table]))
        normalise(connection, table, f"{table}_read", {name: name for name in names[table]}, _FIELDS, blocklist)
        # A handle that consists only of the name is no further evidence.
        connection.execute(f"update {table} set handle = {own_word('handle')}")  # noqa: S608 -- names of ours
    tables = ["authors", "customers"]
    links = link_tables(connection, tables, _FIELDS, LEAST_KEPT, lambda _: None, trained=False, rules=STEADY_RULES)
    found = []
    for row in links.rows():
        source, _, author = row["left"].partition("|")
        agreed = [field for field, level in row["evidence"].items() if level != "different"]
        found.append((source, author, row["right"], row["probability"], ",".join(agreed)))
    return found


def _store(warehouse: psycopg.Connection[TupleRow], found: _Rows) -> int:
    """Replace the links of the authors in scope, and record those whose links changed."""
    warehouse.execute("create temp table found (like enriched.identity_links) on commit drop")
    with warehouse.cursor().copy("copy found from stdin") as copy:
        for row in found:
            copy.write_row((*row, MODEL_VERSION))
    warehouse.execute(_DROP_OTHERS)
    changed = warehouse.execute(_NOTE_CHANGED).rowcount
    warehouse.execute(_DELETE_GONE)
    warehouse.execute("insert into enriched.identity_links select * from found on conflict do nothing")
    return changed


# Authors whose source now forbids matching lose their links.
_SCOPE: Final = """
create temp table scope_authors on commit drop as
select distinct interactions.source, interactions.author_native_id
from intermediate.int_conversations_changed as changed
inner join intermediate.int_interactions as interactions
    on changed.source = interactions.source and changed.conversation_native_id = interactions.conversation_native_id
where interactions.direction = 'inbound' and interactions.author_native_id is not null
union
select profiles.source, profiles.author_native_id
from enriched.author_profiles as profiles
left join seeds.source_policies as policies
    on profiles.source = policies.source and policies.may_match_identities
where policies.source is null;
create temp table scope_customers on commit drop as
select distinct customer_id
from intermediate.int_customers_staged
where _load_id in (select load_id from ops.pending_loads)
"""
_SCOPE_EVERYONE: Final = """
create temp table scope_authors on commit drop as
select source, author_native_id
from intermediate.int_interactions
where direction = 'inbound' and author_native_id is not null
union
select source, author_native_id from enriched.author_profiles;
create temp table scope_customers on commit drop as
select customer_id from intermediate.int_customers_staged where valid_to is null
"""
_SCOPE_BEFORE: Final = """
insert into scope_authors
select sights.source, sights.author_native_id
from intermediate.int_author_sights as sights
inner join intermediate.int_conversations_changed as changed
    on sights.source = changed.source and sights.conversation_native_id = changed.conversation_native_id
except
select source, author_native_id from scope_authors
"""
# The newest value of each kind, if the source allows it; without placeholder names and shared addresses.
_PROFILES: Final = """
delete from enriched.author_profiles as profiles
using scope_authors
where profiles.source = scope_authors.source and profiles.author_native_id = scope_authors.author_native_id;
insert into enriched.author_profiles
select newest.*
from (
    select
        said.source,
        said.author_native_id,
        (array_agg(said.author_name order by said.extracted_at desc, said.interaction_id desc)
            filter (where said.author_name ~ '\\S\\s+\\S'))[1] as full_name,
        (array_agg(said.author_handle order by said.extracted_at desc, said.interaction_id desc)
            filter (where said.author_handle is not null))[1] as handle,
        (array_agg(said.author_email order by said.extracted_at desc, said.interaction_id desc)
            filter (where said.author_email is not null))[1] as email,
        (array_agg(said.author_phone order by said.extracted_at desc, said.interaction_id desc)
            filter (where said.author_phone is not null))[1] as phone
    from scope_authors
    inner join intermediate.int_interactions as said
        on scope_authors.source = said.source and scope_authors.author_native_id = said.author_native_id
    inner join seeds.source_policies as policies
        on said.source = policies.source and policies.may_match_identities
    where said.direction = 'inbound'
    group by said.source, said.author_native_id
) as newest
where
    newest.full_name is not null
    and coalesce(newest.handle, newest.email, newest.phone) is not null
    and lower(btrim(newest.full_name)) not in (
        select identity_value from seeds.identity_blocklist where identity_kind = 'name'
    )
"""
# Splink compares those who share surname and initial, a phone's last digits, or the part before an @.
_CANDIDATES: Final = """
create temp table author_blocks on commit drop as
select profiles.source, profiles.author_native_id, keys.key, scope_authors.source is not null as is_in_scope
from enriched.author_profiles as profiles
left join scope_authors
    on profiles.source = scope_authors.source and profiles.author_native_id = scope_authors.author_native_id
cross join lateral (values
    ('n:' || lower(regexp_replace(profiles.full_name, '^.*\\s', '') || left(profiles.full_name, 1))),
    ('p:' || right(regexp_replace(profiles.phone, '\\D', '', 'g'), 8)),
    ('e:' || lower(split_part(profiles.email, '@', 1))),
    ('e:' || lower(ltrim(profiles.handle, '@')))
) as keys (key)
where
    keys.key is not null
    and (scope_authors.source is not null or exists (select from scope_customers));
create temp table customer_blocks on commit drop as
select customers.customer_id, keys.key, scope_customers.customer_id is not null as is_in_scope
from intermediate.int_customers_staged as customers
left join scope_customers on customers.customer_id = scope_customers.customer_id
cross join lateral (values
    ('n:' || lower(customers.last_name || left(customers.first_name, 1))),
    ('p:' || right(regexp_replace(customers.phone, '\\D', '', 'g'), 8)),
    ('e:' || lower(split_part(customers.email, '@', 1))),
    ('e:' || customers.x_handle)
) as keys (key)
where
    customers.valid_to is null
    and customers.status is distinct from 'deleted'
    and keys.key is not null
    and (scope_customers.customer_id is not null or exists (select from scope_authors));
create temp table candidates on commit drop as
select distinct authors.source, authors.author_native_id, customers.customer_id
from author_blocks as authors
inner join customer_blocks as customers on authors.key = customers.key
where authors.is_in_scope or customers.is_in_scope
"""
_AUTHORS: Final = """
select
    profiles.source || '|' || profiles.author_native_id, profiles.full_name, profiles.email, profiles.phone,
    profiles.handle
from (select distinct source, author_native_id from candidates) as wanted
inner join enriched.author_profiles as profiles
    on wanted.source = profiles.source and wanted.author_native_id = profiles.author_native_id
order by 1
"""
# Without a handle, the part of the address before the @ is compared as one.
_CUSTOMERS: Final = """
select
    customers.customer_id, customers.first_name, customers.last_name, customers.email, customers.phone,
    coalesce(
        customers.x_handle,
        case when shared_mail.identity_value is null then lower(split_part(customers.email, '@', 1)) end
    )
from (select distinct customer_id from candidates) as wanted
inner join intermediate.int_customers_staged as customers
    on wanted.customer_id = customers.customer_id and customers.valid_to is null
left join seeds.identity_blocklist as shared_mail
    on shared_mail.identity_kind = 'email_local_part'
    and shared_mail.identity_value = lower(split_part(customers.email, '@', 1))
order by 1
"""
# Drop pairs that met only because each was there for somebody else: on another day they would not.
_DROP_OTHERS: Final = """
delete from found
where not exists (
    select 1
    from candidates
    where
        candidates.source = found.source and candidates.author_native_id = found.author_native_id
        and candidates.customer_id = found.customer_id
);
create temp table gone on commit drop as
select links.*
from enriched.identity_links as links
left join scope_authors
    on links.source = scope_authors.source and links.author_native_id = scope_authors.author_native_id
left join scope_customers on links.customer_id = scope_customers.customer_id
where scope_authors.source is not null or scope_customers.customer_id is not null
"""
_NOTE_CHANGED: Final = """
insert into enriched.authors_relinked
select distinct differing.source, differing.author_native_id, (select max(transform_id) from ops.transform_runs)
from (
    (select * from found except select * from gone) union all (select * from gone except select * from found)
) as differing
on conflict do nothing
"""
_DELETE_GONE: Final = """
delete from enriched.identity_links as links
using gone
where
    links.source = gone.source and links.author_native_id = gone.author_native_id
    and links.customer_id = gone.customer_id
"""
