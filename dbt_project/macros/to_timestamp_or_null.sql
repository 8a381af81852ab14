{#
    A text as timestamptz, or NULL if it is no ISO 8601 moment. A moment without an offset is taken as UTC.
    A leap second is the second after it, as Postgres has it, which knows none with a fraction. Of the first and the last
    year, which stand for "never", a part lies outside of those that Python reads: one such cell would fail whoever asks.
    Regular expressions rather than pg_input_is_valid, which Postgres 15 lacks; under C for to_number_or_null's reason.
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
