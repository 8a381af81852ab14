-- Synthetic raw rows for benchmarks/transform.py: days %(first_day)s to %(last_day)s of a company with %(per_day)s
-- utterances a day. Half are posts on X in threads of four, half are comments on tickets of four; every tenth thread
-- and ticket of earlier days goes on for one more turn.
create temporary table new_loads on commit drop as
with windows as (
    select
        sources.source,
        sources.resource,
        day.number as day
    from generate_series(%(first_day)s, %(last_day)s) as day (number)
    cross join (
        values ('x', 'posts'), ('zendesk', 'tickets'), ('zendesk', 'comments'), ('zendesk', 'audits'),
        ('zendesk', 'users'), ('crm', 'customers')
    ) as sources (source, resource)
),

inserted as (
    insert into raw.load_ledger (source, resource, window_start, window_end, attempt, run_id, status)
    select
        source,
        resource,
        timestamptz '2026-01-01Z' + (day - 1) * interval '1 day',
        timestamptz '2026-01-01Z' + day * interval '1 day',
        1,
        'benchmark',
        'checked'
    from windows
    returning load_id, resource, window_start, window_end
)

select
    load_id,
    resource,
    window_start,
    window_end,
    1 + (window_start::date - date '2026-01-01') as day
from inserted;

-- Turns 1 and 3 are the customer's, 2 and 4 the company's; turn 5 comes a day later, from the customer.
create temporary table new_turns on commit drop as
with units as (
    select
        kinds.kind,
        days.day,
        days.day * 1000000 + unit.number as unit_id,
        unit.number
    from (select distinct day from new_loads) as days
    cross join (values ('x'), ('zendesk')) as kinds (kind)
    cross join generate_series(1, greatest(1, %(per_day)s / 8)) as unit (number)
),

turns as (
    select kind, day, unit_id, turn, day as begun_day
    from units
    cross join generate_series(1, 4) as turn
    union all
    select kind, day, unit_id - 1000000, 5, day - 1
    from units
    where number %% 10 = 0 and day > 1
)

select
    *,
    unit_id * 10 + turn as turn_id,
    turn in (2, 4) as is_ours,
    1000 + (hashint8(unit_id) & 1048575) %% greatest(1, %(authors)s) as author,
    1 + unit_id %% 50 as agent,
    timestamptz '2026-01-01Z' + (day - 1) * interval '1 day' + (unit_id %% 80000 + turn * 600) * interval '1 second' as said_at,
    (array['My card was declined', 'Why is the app down', 'Thank you, great help', 'Still waiting for my refund', 'The fee is wrong'])[1 + unit_id %% 5]
    || ' in case ' || unit_id || ', message ' || turn as said
from turns;

insert into raw_x.posts
select
    turns.turn_id::text,
    turns.said_at,
    turns.said_at,
    new_loads.window_end,
    new_loads.load_id,
    md5(turns.turn_id::text)::uuid,
    false,
    jsonb_build_object(
        'id', turns.turn_id::text,
        'edit_history_tweet_ids', jsonb_build_array(turns.turn_id::text),
        'conversation_id', (turns.unit_id * 10 + 1)::text,
        'text', '@AcmeBank ' || turns.said || case when turns.is_ours then ' ^A' || chr(65 + (turns.agent %% 26)::int) else '' end,
        'author_id', case when turns.is_ours then '1' else turns.author::text end,
        'created_at', to_char(turns.said_at, 'YYYY-MM-DD"T"HH24:MI:SS".000Z"'),
        'lang', 'en',
        'public_metrics', jsonb_build_object('like_count', 3, 'retweet_count', 1, 'quote_count', 0, 'impression_count', 90),
        'entities', jsonb_build_object('mentions', jsonb_build_array(jsonb_build_object('username', 'AcmeBank'))),
        'author', jsonb_build_object(
            'id', case when turns.is_ours then '1' else turns.author::text end,
            'username', case when turns.is_ours then 'AcmeBank' else 'customer_' || turns.author end,
            'name', 'Customer', 'public_metrics', jsonb_build_object('followers_count', turns.author)
        )
    ) || case
        when turns.turn = 1 then '{}'::jsonb
        else jsonb_build_object(
            'referenced_tweets', jsonb_build_array(jsonb_build_object('type', 'replied_to', 'id', (turns.turn_id - 1)::text))
        )
    end
from new_turns as turns
inner join new_loads
    on turns.day = new_loads.day and new_loads.resource = 'posts'
where turns.kind = 'x';

insert into raw_zendesk.comments
select
    turns.turn_id::text,
    turns.said_at,
    turns.said_at,
    new_loads.window_end,
    new_loads.load_id,
    md5(turns.turn_id::text)::uuid,
    false,
    jsonb_build_object(
        'id', turns.turn_id, 'ticket_id', turns.unit_id, 'author_id', case when turns.is_ours then turns.agent else turns.author end,
        'public', true, 'via', jsonb_build_object('channel', 'email'), 'html_body', '<p>' || turns.said || '</p>',
        'created_at', to_char(turns.said_at, 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
    )
from new_turns as turns
inner join new_loads
    on turns.day = new_loads.day and new_loads.resource = 'comments'
where turns.kind = 'zendesk';

insert into raw_zendesk.audits
select
    turns.turn_id::text,
    turns.said_at,
    turns.said_at,
    new_loads.window_end,
    new_loads.load_id,
    md5(turns.turn_id::text)::uuid,
    false,
    jsonb_build_object(
        'id', turns.turn_id, 'ticket_id', turns.unit_id, 'author_id', turns.agent, 'via', jsonb_build_object('channel', 'web'),
        'events', jsonb_build_array(jsonb_build_object(
            'type', 'Change', 'field_name', 'status', 'previous_value', case turns.turn when 2 then 'new' when 4 then 'open' else 'solved' end,
            'value', case turns.turn when 4 then 'solved' else 'open' end
        )),
        'created_at', to_char(turns.said_at, 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
    )
from new_turns as turns
inner join new_loads
    on turns.day = new_loads.day and new_loads.resource = 'audits'
where turns.kind = 'zendesk' and turns.turn in (2, 4, 5);

insert into raw_zendesk.tickets
select
    turns.unit_id::text,
    max(turns.said_at),
    max(turns.said_at),
    max(new_loads.window_end),
    max(new_loads.load_id),
    md5(turns.unit_id::text || max(turns.turn))::uuid,
    false,
    jsonb_build_object(
        'id', turns.unit_id, 'brand_id', 360001, 'tags', jsonb_build_array('market_us'), 'via', jsonb_build_object('channel', 'email'),
        'status', case when max(turns.turn) = 5 then 'open' else 'solved' end, 'requester_id', max(turns.author),
        'created_at', to_char(timestamptz '2026-01-01Z' + (max(turns.begun_day) - 1) * interval '1 day', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
        'updated_at', to_char(max(turns.said_at), 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
    )
from new_turns as turns
inner join new_loads
    on turns.day = new_loads.day and new_loads.resource = 'tickets'
where turns.kind = 'zendesk'
group by turns.unit_id, turns.day;
