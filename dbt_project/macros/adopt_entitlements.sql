{# Who sees which market, from the seed just loaded. Row by row, for the seed itself is locked while it loads: a BI user's
   long query would wait for it, and it for them. #}
{% macro adopt_entitlements() -%}
    delete from bi.market_entitlements as held
    where not exists (
        select 1 from {{ this }} as given
        where given.role_name = held.role_name and given.market_code = held.market_code
    );
    insert into bi.market_entitlements (role_name, market_code)
    select role_name, market_code from {{ this }}
    on conflict do nothing
{%- endmacro %}
