-- Two rules that name the same selectors would both be the most specific.
with

rules as (

    select * from {{ ref('routing_rules') }}

)

select
    former.routing_rule_id,
    latter.routing_rule_id as other_routing_rule_id
from rules as former
inner join rules as latter
    on
        former.routing_rule_id < latter.routing_rule_id
        and coalesce(former.contact_type_code, '') = coalesce(latter.contact_type_code, '')
        and coalesce(former.issue_code, '') = coalesce(latter.issue_code, '')
        and coalesce(former.market_code, '') = coalesce(latter.market_code, '')
        and coalesce(former.language, '') = coalesce(latter.language, '')
