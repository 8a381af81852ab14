{#
    A text without what identifies a person or opens an account: e-mail addresses, card and account numbers, phone
    numbers, national ids (US SSN, Indian PAN, Singapore NRIC) and handles. ISO dates stay.
#}
{% macro mask_text(text) -%}
    {%- set patterns = [
        ('[[:alnum:]._%+-]+@[[:alnum:]-]+(\\.[[:alnum:]-]+)+', '[email]'),
        ('\\m[STFGMstfgm]\\d{7}[A-Za-z]\\M|\\m[A-Za-z]{5}\\d{4}[A-Za-z]\\M|\\m\\d{3}-\\d{2}-\\d{4}\\M', '[id]'),
        ('\\m\\d([ -]?\\d){12,18}\\M', '[number]'),
        ('\\(?\\+?\\m(?!\\d{4}-\\d{2}-\\d{2}\\M)\\d([ ().-]{0,2}\\d){7,14}\\M', '[phone]'),
        ('(^|[^[:alnum:]_])@[[:alnum:]_]{1,30}', '\\1[handle]'),
    ] -%}
    {%- set masked = namespace(sql=text) -%}
    {%- for pattern, label in patterns -%}
        {%- set masked.sql = "regexp_replace(" ~ masked.sql ~ ", '" ~ pattern ~ "', '" ~ label ~ "', 'g')" -%}
    {%- endfor -%}
    {{ masked.sql }}
{%- endmacro %}
