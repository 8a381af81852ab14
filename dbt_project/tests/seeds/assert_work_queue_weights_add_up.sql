-- A priority is shown as points out of 100.
with

weights as (

    select * from {{ ref('work_queue_weights') }}

)

select sum(weight) as points
from weights
having sum(weight) <> 100 or count(*) <> 4
