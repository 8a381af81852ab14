{#
    The outcome of a clock against its target. A clock that has not ended is missed from the moment after its due time,
    as of the running transform. not_judged_reason says why a clock cannot be judged.
#}
{% macro sla_outcome(clocks, elapsed_seconds, due_at) -%}
    case
        when {{ clocks }}.not_judged_reason is not null then 'not_judged'
        when {{ clocks }}.ended_at is null
            then case when {{ due_at }} < {{ running_as_of() }} then 'missed' else 'running' end
        when {{ elapsed_seconds }} > {{ clocks }}.target_seconds then 'missed'
        when {{ clocks }}.ended_by in ('reply', 'resolution') then 'attained'
        else 'not_judged'
    end
{%- endmacro %}
