{#
    A text of seconds since 1970 as timestamptz, or NULL if it is not a number or outside of the years 1 to 9999 (for
    example milliseconds taken for seconds), on which Postgres, and so every transform, or Python would fail.
#}
{% macro moment_of_epoch(text) -%}
    case
        when {{ to_number_or_null(text) }} between -62135596800 and 253402300799
            then to_timestamp({{ to_number_or_null(text) }}::float)
    end
{%- endmacro %}
