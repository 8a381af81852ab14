-- Versions of an agent or customer that do not begin where the version before them ends.
with

versions as (

    select
        'agent ' || agent_id as person,
        valid_from,
        valid_to
    from {{ ref('dim_agent') }}
    union all
    select
        'customer ' || customer_id as person,
        valid_from,
        valid_to
    from {{ ref('dim_customer') }}

),

neighbours as (

    select
        person,
        valid_from,
        valid_to,
        lag(valid_to) over (partition by person order by valid_from nulls first) as previous_valid_to
    from versions

)

select person
from neighbours
where valid_from is distinct from previous_valid_to or valid_to <= valid_from
