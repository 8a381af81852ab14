-- The seconds of each interval that counts are those between its two moments, by the clock and by its calendar.
select
    intervals.conversation_id,
    intervals.metric,
    intervals.interval_id
from {{ ref('fct_clock_intervals') }} as intervals
where
    -- Part of a second may count with the next interval of its sum.
    abs(intervals.calendar_seconds - extract(epoch from intervals.ended_at - intervals.started_at)) >= 1
    or (intervals.ended_at is null and intervals.calendar_seconds is not null)
    or abs(
        intervals.business_seconds
        - {{ business_seconds('intervals.calendar_code', 'intervals.started_at', 'intervals.ended_at') }}
    ) >= 1
