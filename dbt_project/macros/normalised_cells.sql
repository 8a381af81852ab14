{#
    A lateral query of one row, `payload`: a dropped file's row with its headers as contracts spell them, so that
    `Timely response?` and `Timely_response` are one column.
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
