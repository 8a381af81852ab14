"""The queries behind `incidents`: what went wrong, according to `bi`, the gate, the ledger and Airflow's runs."""

IS_PUBLISHED = b"select 1 from bi.publications limit 1"

# The age of what bi shows is measured at its as_of, whatever the clock.
_NEWEST = "select as_of from bi.publications order by publication_id desc limit 1"

EARLY_WARNINGS = f"""
select alerts.*, markets.market, brands.brand, issues.issue
from bi.fct_alerts as alerts
inner join bi.dim_market as markets on alerts.market_code = markets.market_code
inner join bi.dim_brand as brands on alerts.brand_code = brands.brand_code
inner join bi.dim_issue as issues on alerts.issue_code = issues.issue_code
where
    alerts.detected_at >= coalesce(({_NEWEST}) - %(maximum_age)s::interval, '-infinity')
    and alerts.severity = coalesce(nullif(%(level)s, ''), alerts.severity)
    and alerts.peak_author_count >= %(threshold)s
order by alerts.severity, alerts.peak_score desc, alerts.alert_id
"""  # noqa: S608

# The digest of the day covers cases that no longer wait.
MISSED_CASES = f"""
select
    events.conversation_id, events.market_code, markets.market, channels.channel, events.metric, events.run_number,
    policies.policy, events.priority, min(events.target_seconds) as target_seconds, min(events.due_at) as due_at,
    min(events.started_at) as started_at
from bi.fct_sla_events as events
inner join bi.dim_sla_policy as policies on events.sla_policy_key = policies.sla_policy_key
inner join bi.dim_market as markets on events.market_code = markets.market_code
inner join bi.dim_channel as channels on events.channel_code = channels.channel_code
where
    events.outcome = 'missed' and events.ended_at is null
    and events.priority = coalesce(nullif(%(level)s, ''), events.priority)
    and events.due_at >= coalesce(({_NEWEST}) - %(maximum_age)s::interval, '-infinity')
group by
    events.conversation_id, events.market_code, markets.market, channels.channel, events.metric, events.run_number,
    policies.policy, events.priority
having count(*) >= %(threshold)s
order by min(events.due_at), events.conversation_id
"""  # noqa: S608

MISSED_DAYS = f"""
with newest as ({_NEWEST}),
policy_days as (
    select
        events.market_code, markets.market, markets.timezone, policies.policy,
        (events.due_at at time zone markets.timezone)::date as local_date,
        count(*) filter (where events.outcome = 'missed') as missed_count,
        count(*) as judged_count
    from bi.fct_sla_events as events
    inner join bi.dim_sla_policy as policies on events.sla_policy_key = policies.sla_policy_key
    inner join bi.dim_market as markets on events.market_code = markets.market_code
    cross join newest
    where
        events.outcome in ('attained', 'missed')
        and events.due_at >= coalesce(newest.as_of - %(maximum_age)s::interval - interval '2 days', '-infinity')
    group by 1, 2, 3, 4, 5
),
days as (
    select
        market_code, market, local_date, sum(missed_count) as missed_count, sum(judged_count) as judged_count,
        array_agg(policy order by missed_count desc, policy) as policies,
        array_agg(missed_count order by missed_count desc, policy) as missed,
        array_agg(judged_count order by missed_count desc, policy) as judged,
        local_date::timestamp at time zone min(timezone) as starts_at,
        (local_date + 1)::timestamp at time zone min(timezone) as ends_at
    from policy_days
    group by market_code, market, local_date
)
select days.*
from days
cross join newest
where
    days.missed_count >= %(threshold)s
    and days.ends_at <= newest.as_of
    and days.ends_at >= coalesce(newest.as_of - %(maximum_age)s::interval, '-infinity')
order by days.local_date, days.market_code
"""  # noqa: S608

FAILED_GATES = """
with published as (
    select coalesce(max(transform_id), 0) as transform_id from ops.transform_runs where status = 'published'
),
refused as (
    select max(results.transform_id) as transform_id
    from ops.gate_results as results
    cross join published
    where results.transform_id > published.transform_id and results.severity = 'critical' and not results.is_success
)
select
    published.transform_id as published_transform_id,
    results.transform_id,
    array_agg(results.table_name || '.' || results.rule order by results.table_name, results.rule) as rules,
    array_agg(results.failed_count order by results.table_name, results.rule) as failed,
    array_agg(results.checked_count order by results.table_name, results.rule) as checked
from ops.gate_results as results
inner join refused on results.transform_id = refused.transform_id
inner join ops.transform_runs as runs on results.transform_id = runs.transform_id
cross join published
where
    results.severity = 'critical' and not results.is_success
    and runs.started_at >= coalesce(%(now)s::timestamptz - %(maximum_age)s::interval, '-infinity')
group by published.transform_id, results.transform_id
having count(*) >= %(threshold)s
"""

_FAILURES = """
select * from ops.run_failures
where
    incident = '{incident}' and failure_count >= %(threshold)s
    and last_failed_at >= coalesce(%(now)s::timestamptz - %(maximum_age)s::interval, '-infinity')
order by first_failed_at, failure_id
"""
FAILED_TASKS = _FAILURES.format(incident="failed_task")
LATE_RUNS = _FAILURES.format(incident="late_run")

# One incident until something more becomes complete, however many resources it holds back.
STALE_SOURCES = """
select
    source, complete_until, array_agg(resource order by resource) as resources, max(last_tried_at) as last_tried_at,
    array(select distinct kind from unnest(array_agg(last_error_kind)) as kind where kind is not null order by 1)
        as error_kinds
from bi.rpt_source_freshness
where
    coalesce(complete_until <= %(now)s::timestamptz - %(threshold)s * interval '1 hour', true)
    and coalesce(complete_until >= %(now)s::timestamptz - %(maximum_age)s::interval, true)
group by source, complete_until
order by source, complete_until
"""

# A pause, a restored backup or a failure that nobody cleared leaves days that no later run requests. Not reported while
# a backfill runs.
MISSING_WINDOWS = """
select
    source, hole_from, hole_until, array_agg(resource order by resource) as resources, max(hole_count) as hole_count
from bi.rpt_source_freshness
where
    hole_tried_at <= %(now)s::timestamptz - %(threshold)s * interval '1 hour'
    and coalesce(hole_until >= %(now)s::timestamptz - %(maximum_age)s::interval, true)
group by source, hole_from, hole_until
order by source, hole_from
"""

# Warnings about data that passed: for loads by the day of their window, for the star by the day of its as_of.
RULES_WARNED = """
with warned as (
    select
        warnings.table_name, warnings.rule, warnings.checked_count, warnings.failed_count, ledger.window_start as day,
        warnings.noted_at, 'raw.load_ledger where load_id = ' || ledger.load_id as place
    from ops.load_warnings as warnings
    inner join raw.load_ledger as ledger on warnings.load_id = ledger.load_id
    union all
    select
        results.table_name, results.rule, results.checked_count, results.failed_count, runs.as_of,
        runs.started_at, 'ops.gate_results where transform_id = ' || runs.transform_id
    from ops.gate_results as results
    inner join ops.transform_runs as runs on results.transform_id = runs.transform_id
    where results.severity = 'warning' and not results.is_success and runs.status = 'published'
)
select
    table_name, rule, (day at time zone 'UTC')::date as day, count(*) as times,
    (array_agg(failed_count order by noted_at desc, place desc))[1] as failed_count,
    (array_agg(checked_count order by noted_at desc, place desc))[1] as checked_count,
    (array_agg(place order by noted_at desc, place desc))[1] as place
from warned
where noted_at >= coalesce(%(now)s::timestamptz - %(maximum_age)s::interval, '-infinity')
group by 1, 2, 3
having count(*) >= %(threshold)s
order by 3, 1, 2
"""

# The good rows of a load went on, so nothing failed. Records that are set aside again unchanged are in quarantine only
# once, so a load that repeats them is no incident, but a refused file that is sent again is. Only the file's name: a
# detail may quote it.
SET_ASIDE = """
with reasons as (
    select load_id, reason, count(*) as set_aside
    from raw.quarantine
    where quarantined_at >= coalesce(%(now)s::timestamptz - %(maximum_age)s::interval, '-infinity')
    group by load_id, reason
)
select
    ledger.load_id, ledger.source, ledger.resource, ledger.window_start, ledger.window_end, ledger.read_count,
    ledger.quarantined_count,
    array_agg(reasons.reason order by reasons.set_aside desc, reasons.reason) as reasons,
    array_agg(reasons.set_aside order by reasons.set_aside desc, reasons.reason) as counts,
    array(
        select distinct files.position from raw.quarantine as files
        where files.load_id = ledger.load_id and files.reason = 'file_refused'
        order by 1 limit 5
    ) as files
from raw.load_ledger as ledger
inner join reasons on ledger.load_id = reasons.load_id
where ledger.status <> 'running'
group by ledger.load_id
having
    bool_or(reasons.reason = 'file_refused')
    or ledger.quarantined_count >= %(threshold)s and ledger.quarantined_count > 0.5 * ledger.read_count
order by ledger.load_id
"""
