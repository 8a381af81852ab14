-- One row per author and customer who are probably one person.
-- No `with`: Postgres plans a view with one separately, and would read all links to look up those of a day's authors.
select
    links.source,
    links.author_native_id,
    links.customer_id,
    links.probability,
    links.evidence,
    links.model_version
from {{ source('enriched', 'identity_links') }} as links
