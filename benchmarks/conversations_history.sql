-- Synthetic tickets for benchmarks/transform.py --conversations: days %(first_day)s to %(last_day)s of a help desk that
-- opens %(per_day)s tickets a day. Each ticket follows one of five scripts: 5 to 9 messages (7 on average) and 9 to 12
-- changes (10 on average) over two hours to three weeks, so that a day also goes on with tickets of earlier days.
create temporary table new_loads on commit drop as
with inserted as (
    insert into raw.load_ledger (source, resource, window_start, window_end, attempt, run_id, status)
    select
        sources.source,
        sources.resource,
        timestamptz '2026-01-01Z' + (day.number - 1) * interval '1 day',
        timestamptz '2026-01-01Z' + day.number * interval '1 day',
        1,
        'benchmark',
        'checked'
    from generate_series(%(first_day)s, %(last_day)s) as day (number)
    cross join (
        values ('zendesk', 'tickets'), ('zendesk', 'comments'), ('zendesk', 'audits'), ('zendesk', 'users'), ('crm', 'customers')
    ) as sources (source, resource)
    returning load_id, resource, window_start, window_end
)

select load_id, resource, window_start, window_end, 1 + (window_start::date - date '2026-01-01') as day
from inserted;

-- Who: c the customer, a the first agent, b the second. What: comment, note, or the field that changes to the value.
create temporary table scripts on commit drop as
select
    script,
    row_number() over (partition by script order by minutes, number)::int as step,
    minutes,
    who,
    what,
    value,
    lag(value) over (partition by script, what order by minutes, number) as previous_value
from (
    values
    (0, 1, 0, 'c', 'comment', null), (0, 2, 0, 'c', 'status', 'new'), (0, 3, 0, 'c', 'priority', 'normal'), (0, 4, 5, 'a', 'assignee_id', 'a'),
    (0, 5, 5, 'a', 'group_id', '1'), (0, 6, 20, 'a', 'comment', null), (0, 7, 20, 'a', 'status', 'pending'), (0, 8, 60, 'c', 'comment', null),
    (0, 9, 60, 'c', 'status', 'open'), (0, 10, 80, 'a', 'comment', null), (0, 11, 80, 'a', 'status', 'solved'), (0, 12, 85, 'c', 'comment', null),
    (0, 13, 85, 'a', 'tags', 'thanks'), (0, 14, 6000, 'a', 'status', 'closed'),
    (1, 1, 0, 'c', 'comment', null), (1, 2, 0, 'c', 'status', 'new'), (1, 3, 0, 'c', 'priority', 'high'), (1, 4, 30, 'a', 'group_id', '1'),
    (1, 5, 90, 'a', 'assignee_id', 'a'), (1, 6, 120, 'c', 'comment', null), (1, 7, 200, 'a', 'comment', null), (1, 8, 200, 'a', 'status', 'open'),
    (1, 9, 1500, 'a', 'assignee_id', 'b'), (1, 10, 1510, 'b', 'note', null), (1, 11, 1600, 'b', 'comment', null), (1, 12, 1600, 'b', 'status', 'pending'),
    (1, 13, 3000, 'c', 'comment', null), (1, 14, 3000, 'c', 'status', 'open'), (1, 15, 3100, 'b', 'comment', null), (1, 16, 3100, 'b', 'status', 'solved'),
    (1, 17, 4000, 'c', 'comment', null), (1, 18, 4000, 'c', 'status', 'open'), (1, 19, 4100, 'b', 'status', 'solved'), (1, 20, 9000, 'b', 'status', 'closed'),
    (2, 1, 0, 'c', 'comment', null), (2, 2, 0, 'c', 'status', 'new'), (2, 3, 10, 'a', 'assignee_id', 'a'), (2, 4, 10, 'a', 'group_id', '2'),
    (2, 5, 15, 'a', 'priority', 'low'), (2, 6, 400, 'a', 'comment', null), (2, 7, 400, 'a', 'status', 'open'), (2, 8, 2000, 'a', 'comment', null),
    (2, 9, 2000, 'a', 'status', 'hold'), (2, 10, 9000, 'a', 'comment', null), (2, 11, 9000, 'a', 'status', 'pending'), (2, 12, 12000, 'c', 'comment', null),
    (2, 13, 12000, 'c', 'status', 'open'), (2, 14, 12500, 'a', 'comment', null), (2, 15, 12500, 'a', 'tags', 'slow'), (2, 16, 12500, 'a', 'status', 'solved'),
    (2, 17, 13000, 'c', 'comment', null), (2, 18, 30000, 'a', 'status', 'closed'),
    (3, 1, 0, 'c', 'comment', null), (3, 2, 0, 'c', 'status', 'new'), (3, 3, 1, 'a', 'priority', 'urgent'), (3, 4, 2, 'a', 'assignee_id', 'a'),
    (3, 5, 2, 'a', 'group_id', '1'), (3, 6, 10, 'a', 'comment', null), (3, 7, 10, 'a', 'status', 'open'), (3, 8, 12, 'c', 'comment', null),
    (3, 9, 15, 'a', 'comment', null), (3, 10, 16, 'c', 'comment', null), (3, 11, 18, 'a', 'note', null), (3, 12, 20, 'a', 'assignee_id', 'b'),
    (3, 13, 30, 'b', 'comment', null), (3, 14, 31, 'c', 'comment', null), (3, 15, 40, 'b', 'comment', null), (3, 16, 40, 'b', 'status', 'solved'),
    (3, 17, 50, 'b', 'priority', 'normal'), (3, 18, 60, 'b', 'tags', 'app'), (3, 19, 120, 'b', 'status', 'closed'),
    (4, 1, 0, 'c', 'comment', null), (4, 2, 0, 'c', 'status', 'new'), (4, 3, 600, 'a', 'group_id', '2'), (4, 4, 700, 'a', 'assignee_id', 'a'),
    (4, 5, 720, 'a', 'comment', null), (4, 6, 720, 'a', 'status', 'pending'), (4, 7, 5000, 'a', 'comment', null), (4, 8, 5000, 'a', 'status', 'solved'),
    (4, 9, 5600, 'c', 'comment', null), (4, 10, 5600, 'c', 'status', 'open'), (4, 11, 5700, 'a', 'comment', null), (4, 12, 5700, 'a', 'tags', 'again'),
    (4, 13, 5700, 'a', 'status', 'pending'), (4, 14, 10000, 'a', 'status', 'solved'), (4, 15, 16000, 'a', 'status', 'closed')
) as steps (script, number, minutes, who, what, value);

create temporary table new_steps on commit drop as
with opened as (
    select
        day.number as day,
        day.number::bigint * 1000000 + unit.number as ticket_id,
        timestamptz '2026-01-01Z' + (day.number - 1) * interval '1 day' + (unit.number * 7919 %% 86000) * interval '1 second' as opened_at
    -- A script runs for three weeks at most, so earlier tickets say nothing in these days.
    from generate_series(greatest(1, %(first_day)s - 22), %(last_day)s) as day (number)
    cross join generate_series(1, greatest(1, %(per_day)s)) as unit (number)
),

stepped as (
    select
        opened.*,
        scripts.*,
        opened.ticket_id * 100 + scripts.step as step_id,
        1000 + (hashint8(opened.ticket_id) & 1048575) %% greatest(1, %(authors)s) as author,
        1 + opened.ticket_id %% 50 as agent,
        opened.opened_at + scripts.minutes * interval '1 minute' as stepped_at
    from opened
    inner join scripts on opened.ticket_id %% 5 = scripts.script
)

select
    *,
    1 + (stepped_at at time zone 'UTC')::date - date '2026-01-01' as step_day,
    case who when 'c' then author when 'a' then agent else 1 + agent %% 50 end as actor,
    -- Two tickets in five are in no market, and so under no calendar and no service level.
    case when ticket_id %% 5 in (1, 2, 3) then (array['market_us', 'market_in', 'market_sg'])[1 + ticket_id %% 3] else 'other' end as tag,
    (array['My card was declined', 'Why is the app down?', 'Thank you, great help', 'Still waiting for my refund', 'The fee is wrong'])[1 + ticket_id %% 5]
    -- Each text is one of its own, and none has as many digits as a phone number, which would be masked.
    || ' in case ' || day || '/' || ticket_id %% 1000000 || ', message ' || step as said
from stepped
where 1 + (stepped_at at time zone 'UTC')::date - date '2026-01-01' between %(first_day)s and %(last_day)s;

insert into raw_zendesk.comments
select
    steps.step_id::text,
    steps.stepped_at,
    steps.stepped_at,
    new_loads.window_end,
    new_loads.load_id,
    md5(steps.step_id::text)::uuid,
    false,
    jsonb_build_object(
        'id', steps.step_id, 'ticket_id', steps.ticket_id, 'author_id', steps.actor, 'public', steps.what = 'comment',
        'via', jsonb_build_object('channel', 'email'), 'html_body', '<p>' || steps.said || '</p>',
        'created_at', to_char(steps.stepped_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
    )
from new_steps as steps
inner join new_loads on steps.step_day = new_loads.day and new_loads.resource = 'comments'
where steps.what in ('comment', 'note');

insert into raw_zendesk.audits
select
    steps.step_id::text,
    steps.stepped_at,
    steps.stepped_at,
    new_loads.window_end,
    new_loads.load_id,
    md5(steps.step_id::text)::uuid,
    false,
    jsonb_build_object(
        'id', steps.step_id, 'ticket_id', steps.ticket_id, 'author_id', steps.actor, 'via', jsonb_build_object('channel', 'web'),
        'events', jsonb_build_array(jsonb_build_object(
            'type', case when steps.previous_value is null then 'Create' else 'Change' end,
            'field_name', steps.what,
            'previous_value', case when steps.what = 'assignee_id' and steps.previous_value is not null then steps.agent::text else steps.previous_value end,
            'value', case when steps.what = 'assignee_id' then (case steps.value when 'a' then steps.agent else 1 + steps.agent %% 50 end)::text else steps.value end
        )),
        'created_at', to_char(steps.stepped_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
    )
from new_steps as steps
inner join new_loads on steps.step_day = new_loads.day and new_loads.resource = 'audits'
where steps.what not in ('comment', 'note');

insert into raw_zendesk.tickets
select
    steps.ticket_id::text,
    max(steps.stepped_at),
    max(steps.stepped_at),
    max(new_loads.window_end),
    max(new_loads.load_id),
    md5(steps.ticket_id::text || max(steps.step))::uuid,
    false,
    jsonb_build_object(
        'id', steps.ticket_id, 'brand_id', 360001, 'tags', jsonb_build_array(min(steps.tag)), 'via', jsonb_build_object('channel', 'email'),
        'status', coalesce((array_agg(steps.value order by steps.step desc) filter (where steps.what = 'status'))[1], 'open'),
        'priority', coalesce((array_agg(steps.value order by steps.step desc) filter (where steps.what = 'priority'))[1], 'normal'),
        'requester_id', max(steps.author),
        'created_at', to_char(min(steps.opened_at) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
        'updated_at', to_char(max(steps.stepped_at) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
    )
from new_steps as steps
inner join new_loads on steps.step_day = new_loads.day and new_loads.resource = 'tickets'
group by steps.ticket_id, steps.step_day;

