{#
    A lateral query of one row, `payload`: a row of a dropped file with its headers spelled as in the contract, so that
    `Timely response?` and `Timely_response` are the same column.
#}
{% macro normalised_cells(payload) -%}
    (
        select
            jsonb_object_agg(
                btrim(regexp_replace(lower(cells.key), '[^a-z0-9]+', '_', 'g'), '_'), cells.value
            ) as payload
        from jsonb_each({{ payload }}) as cells
    )
{%- endmacro %}
