-- One row per contact type, issue, market and language that a rule may name: the routing rule that applies.
{{ config(materialized='table', tags=['standing']) }}

with

rules as (

    select * from {{ ref('routing_rules') }}

),

-- Every code that a fact may have; all languages that no rule names are treated alike.
contact_types as (

    select contact_type_code from {{ ref('contact_types') }}
    union
    values ('unknown')

),

markets as (

    select market_code from {{ ref('markets') }}
    union
    values ('unknown')

),

languages as (

    select language from rules
    where language is not null
    union
    values ('other')

),

kinds as (

    select
        contact_types.contact_type_code,
        issues.issue_code,
        issues.parent_issue_code,
        markets.market_code,
        languages.language
    from contact_types
    cross join {{ ref('issues') }} as issues
    cross join markets
    cross join languages

),

final as (

    -- Powers of two: rules that name different selectors never tie, and the first selector outweighs the rest.
    select distinct on (kinds.contact_type_code, kinds.issue_code, kinds.market_code, kinds.language)
        kinds.contact_type_code,
        kinds.issue_code,
        kinds.market_code,
        kinds.language,
        rules.routing_rule_id,
        rules.contact_type_code is not null as names_contact_type,
        rules.team_code,
        rules.action,
        rules.deadline_hours * 3600 as deadline_seconds
    from kinds
    inner join rules
        on
            kinds.contact_type_code = coalesce(rules.contact_type_code, kinds.contact_type_code)
            and coalesce(rules.issue_code, kinds.issue_code) in (kinds.issue_code, kinds.parent_issue_code)
            and kinds.market_code = coalesce(rules.market_code, kinds.market_code)
            and kinds.language = coalesce(rules.language, kinds.language)
    order by
        kinds.contact_type_code asc,
        kinds.issue_code asc,
        kinds.market_code asc,
        kinds.language asc,
        (rules.contact_type_code is not null)::integer * 16
        + coalesce(rules.issue_code = kinds.issue_code, false)::integer * 8
        + (rules.issue_code is not null)::integer * 4
        + (rules.market_code is not null)::integer * 2
        + (rules.language is not null)::integer desc

)

select * from final
