-- Synthetic people for benchmarks/transform.py; runs after one of the two histories, in its transaction.
-- Everybody who wrote is in the directory from their first day on; one customer in two hundred changes on any day.
insert into raw_zendesk.users
select
    person.id::text,
    new_loads.window_start,
    new_loads.window_start,
    new_loads.window_end,
    new_loads.load_id,
    md5(person.id::text || new_loads.load_id)::uuid,
    false,
    jsonb_build_object(
        'id', person.id, 'role', case when person.id <= 50 then 'agent' else 'end-user' end, 'name', 'Person', 'active', true,
        'verified', true, 'email', 'person' || person.id || '@example.test', 'default_group_id', 1,
        'created_at', '2025-01-01T00:00:00Z', 'updated_at', to_char(new_loads.window_start, 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
    )
from new_loads
cross join lateral (
    select generate_series(1, 50) as id
    where new_loads.day = 1
    union all
    select id from generate_series(1000, 999 + %(authors)s) as id
    where new_loads.day = 1 or (id + new_loads.day) %% 200 = 0
) as person
where new_loads.resource = 'users';

insert into raw_crm.customers
select
    'C-' || person.id,
    new_loads.window_start,
    new_loads.window_start,
    new_loads.window_end,
    new_loads.load_id,
    md5(person.id::text || new_loads.load_id)::uuid,
    false,
    jsonb_build_object(
        'id', 'C-' || person.id, 'account_id', 'A-1', 'email', 'person' || person.id || '@example.test',
        'x_handle', '@customer_' || person.id, 'market', 'us', 'segment', 'retail', 'tier', 'tier ' || (new_loads.day %% 3),
        'status', 'active', 'created_at', '2025-01-01T00:00:00Z', 'updated_at', to_char(new_loads.window_start, 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
    )
from new_loads
cross join lateral (
    select id from generate_series(1000, 999 + %(authors)s / 2) as id
    where new_loads.day = 1 or (id + new_loads.day) %% 200 = 0
) as person
where new_loads.resource = 'customers';
