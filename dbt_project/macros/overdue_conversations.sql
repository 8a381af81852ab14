{#
    Conversations with an open clock of a service level whose due time passed since BI last saw the star: nothing arrived
    for them, yet their outcome changes. Read as the runs before left it, for `ref` would be a cycle; not there at first.
#}
{% macro overdue_conversations() -%}
    {#- A unit test has no relation of its own. -#}
    {%- set events = load_relation(this.incorporate(path={'schema': 'marts', 'identifier': 'fct_sla_events'})) if this -%}
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
