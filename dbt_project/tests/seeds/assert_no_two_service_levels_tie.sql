-- Two policies that name the same selectors of one metric and hold at the same time would both be the most specific.
with

policies as (

    select * from {{ ref('int_sla_policies') }}

)

select
    former.policy_code,
    latter.policy_code as other_policy_code,
    latter.valid_from
from policies as former
inner join policies as latter
    on
        former.sla_policy_key < latter.sla_policy_key
        and former.metric = latter.metric
        and former.specificity = latter.specificity
        and coalesce(former.channel_code, '') = coalesce(latter.channel_code, '')
        and coalesce(former.channel_family, '') = coalesce(latter.channel_family, '')
        and coalesce(former.market_code, '') = coalesce(latter.market_code, '')
        and coalesce(former.priority, '') = coalesce(latter.priority, '')
        and coalesce(former.customer_tier, '') = coalesce(latter.customer_tier, '')
        and coalesce(former.valid_from, '-infinity') < coalesce(latter.valid_to, 'infinity')
        and coalesce(latter.valid_from, '-infinity') < coalesce(former.valid_to, 'infinity')
