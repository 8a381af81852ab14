-- One row per issue or group of issues that customers raise; a tree of two levels.
{{ config(tags=['standing']) }}

with

issues as (

    select * from {{ ref('issues') }}

),

final as (

    select
        issues.issue_code,
        issues.issue,
        issues.parent_issue_code,
        coalesce(parents.issue, issues.issue) as issue_group,
        issues.parent_issue_code is null as is_group
    from issues
    left join issues as parents
        on issues.parent_issue_code = parents.issue_code

)

select * from final
