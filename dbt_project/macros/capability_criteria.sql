{#
    What each criterion of the capability audit counts: rows of `facts` with a known channel, in the local month of their
    day. `counted` selects the rows that the criterion is about, `met` those of them that meet it. The report shows the
    same conditions, so that readers can find the rows. `read_from` is a smaller table with the same answer, in which each
    row has the number of rows that it represents; `met_among` names the few utterances that can meet the criterion.
#}
{% macro capability_criteria() -%}
    {%- set said = "direction = 'inbound' and not is_internal and sender_kind = 'customer'" -%}
    {{ return([
        {
            'code': 'utterances_understood', 'facts': 'fct_interactions', 'counted': said,
            'met': 'is_serviceable is not null', 'read_from': 'rpt_interaction_days', 'stands_for': 'interaction_count'
        },
        {
            'code': 'social_captured', 'facts': 'fct_conversations',
            'counted': "channel_family = 'social' and is_serviceable"
                ~ " and (status is not null or first_reply_at is not null or not is_deleted"
                ~ " and first_reply_null_reason in ('waiting', 'abandoned', 'closed_unanswered'))",
            'met': 'first_reply_at is not null or status is not null'
        },
        {'code': 'customers_recognised', 'facts': 'fct_contacts', 'counted': 'true', 'met': 'customer_id is not null'},
        {'code': 'issues_known', 'facts': 'fct_contacts', 'counted': 'true', 'met': "issue_code <> 'unknown'"},
        {
            'code': 'ideas_and_risks_passed_on', 'facts': 'rpt_routing',
            'counted': "contact_type_code in ('suggestion', 'leak_or_compliance_risk') and is_reached is not null",
            'met': 'is_reached'
        },
        {
            'code': 'decisions_checked', 'facts': 'fct_interactions', 'counted': said ~ ' and is_serviceable is not null',
            'met': "decided_by = 'human'", 'read_from': 'rpt_interaction_days', 'stands_for': 'interaction_count',
            'met_among': 'int_interaction_labels'
        },
        {
            'code': 'first_replies_in_time', 'facts': 'fct_sla_events',
            'counted': "metric = 'first_reply' and is_attained is not null", 'met': 'is_attained'
        },
        {
            'code': 'handled_in_public', 'facts': 'fct_conversations',
            'counted': "first_contact_visibility = 'public' and first_reply_at is not null",
            'met': 'not is_moved_to_private'
        },
        {
            'code': 'moods_improved', 'facts': 'fct_conversations', 'counted': 'sentiment_change is not null',
            'met': 'sentiment_change > 0'
        },
        {
            'code': 'solved_at_once', 'facts': 'fct_contacts',
            'counted': 'is_first_contact_resolved is not null and is_repeat_time_over',
            'met': 'is_first_contact_resolved'
        }
    ]) }}
{%- endmacro %}
