{#
    A text as timestamptz, or NULL if it is not an ISO 8601 moment. A moment without an offset is taken as UTC.
    A leap second becomes the next second, as in Postgres, which accepts none with a fraction. The first and the last year,
    which mean "never", lie partly outside of Python's range: reading such a cell would fail.
    Regular expressions instead of pg_input_is_valid, which Postgres 15 lacks; collation C as in to_number_or_null.
#}
{% macro to_timestamp_or_null(text) -%}
    case
        when ({{ text }}) collate "C" ~ '^\s*(?!000[01]|9999)\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])[T ]([01]\d|2[0-3]):[0-5]\d(:([0-5]\d([.,]\d+)?|60([.,]0+)?))?\s*([Zz]|[+-](0\d|1[0-5])(:?[0-5]\d)?)?\s*$'
            then case when {{ is_day_of_month(text) }} then (
                replace({{ text }}, ',', '.')
                || case when {{ has_offset(text) }} then '' else 'Z' end
            )::timestamptz end
    end
{%- endmacro %}
