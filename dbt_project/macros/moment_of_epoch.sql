{#
    A text of seconds since 1970 as timestamptz, or NULL if it is no number or lies outside of the years 1 to 9999, where
    Postgres ends, and with it every transform, or Python does: milliseconds taken for seconds, say.
#}
{% macro moment_of_epoch(text) -%}
    case
        when {{ to_number_or_null(text) }} between -62135596800 and 253402300799
            then to_timestamp({{ to_number_or_null(text) }}::float)
    end
{%- endmacro %}
