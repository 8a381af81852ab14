-- Two policies that name the same selectors of one metric and hold at the same time would both be the most specific.
-- Of the seed alone: it is asked before any model is built of it.
with

policies as (

    select * from {{ ref('sla_policies') }}

)

select
    former.policy_code,
    latter.policy_code as other_policy_code,
    latter.valid_from
from policies as former
inner join policies as latter
    on
        (former.policy_code, coalesce(former.valid_from, '-infinity'))
        < (latter.policy_code, coalesce(latter.valid_from, '-infinity'))
        and former.metric = latter.metric
        and coalesce(former.channel_code, '') = coalesce(latter.channel_code, '')
        and coalesce(former.channel_family, '') = coalesce(latter.channel_family, '')
        and coalesce(former.market_code, '') = coalesce(latter.market_code, '')
        and coalesce(former.priority, '') = coalesce(latter.priority, '')
        and coalesce(former.customer_tier, '') = coalesce(latter.customer_tier, '')
        and coalesce(former.valid_from, '-infinity') < coalesce(latter.valid_to, 'infinity')
        and coalesce(latter.valid_from, '-infinity') < coalesce(former.valid_to, 'infinity')
