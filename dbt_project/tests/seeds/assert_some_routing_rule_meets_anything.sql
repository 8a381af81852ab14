-- Without a rule that meets anything, a contact of a kind that no rule names would wait for nobody.
with

rules as (

    select * from {{ ref('routing_rules') }}
    where num_nonnulls(contact_type_code, issue_code, market_code, language) = 0

)

select 'no rule without selectors' as failure
where not exists (select 1 from rules)
