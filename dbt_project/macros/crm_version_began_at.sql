{#
    When a version of a CRM record became valid. Landing dates a record without `updated_at` by its creation, which all
    its versions share; of such a version we only know that it was valid when we read it.
#}
{% macro crm_version_began_at() -%}
    case
        when {{ blank_to_null("(payload ->> 'updated_at')") }} is null then _extracted_at
        else coalesce(_version_at, _extracted_at)
    end
{%- endmacro %}
