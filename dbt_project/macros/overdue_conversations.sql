{#
    Conversations with a running service level whose due time has passed since the last publication: nothing arrived for
    them, but their outcome changes.
#}
{% macro overdue_conversations() -%}
    {%- set events = left_by_the_run_before('fct_sla_events', schema='marts') -%}
    {%- if events -%}
        union
        select
            source,
            substr(source_conversation_id, length(source) + 2)
        from {{ events }}
        where
            ended_at is null
            and (
                (due_at >= {{ last_published_as_of() }} and due_at < {{ running_as_of() }})
                or (team_due_at >= {{ last_published_as_of() }} and team_due_at < {{ running_as_of() }})
            )
    {%- endif -%}
{%- endmacro %}
