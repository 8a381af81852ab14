{#
    A text without what identifies a person or opens an account: e-mail addresses, card and account numbers, phone
    numbers, national ids (US SSN, Indian PAN, Singapore NRIC), handles and the addresses of profiles. ISO dates stay.
#}
{% macro mask_text(text) -%}
    {#- Blanks, dashes, digits and at signs that only look different are read as the plain ones. -#}
    {%- set lookalikes = "U&'\\00A0\\2007\\202F\\2010\\2011\\2012\\2013\\2014\\2015\\FF10\\FF11\\FF12\\FF13\\FF14\\FF15\\FF16\\FF17\\FF18\\FF19\\FF20'" -%}
    {#- Not a class of letters: vowel signs of Indic scripts are none. -#}
    {%- set in_handle = '[^[:space:]@.,;:!?()<>"/|#&*=+~{}$%^`\\[\\]\\\\\u2018-\u201f\u2026\u3001\u3002\uff01\uff08\uff09\uff0c\uff1a\uff1b\uff1f]' -%}
    {%- set patterns = [
        ('[[:alnum:]._%+-]+@[[:alnum:]-]+(\\.[[:alnum:]-]+)+', '[email]'),
        ('(?<!\\d)\\d([ .-]{0,3}\\d){12,}(?!\\d)', '[number]'),
        ('\\m[STFGMstfgm]\\d{7}[A-Za-z]\\M|\\m[A-Za-z]{5}\\d{4}[A-Za-z]\\M|(?<!\\d)\\d{3}-\\d{2}-\\d{4}(?!\\d)', '[id]'),
        ('\\(?\\+?(?<!\\d)(?!\\d{4}-\\d{2}-\\d{2}(?!\\d))\\d([ ().-]{0,2}\\d){7,14}(?!\\d)', '[phone]'),
        ('((?<![[:alnum:]])(x|twitter|instagram|facebook|tiktok|threads)\\.(com|net)/+)@?[[:alnum:]_.%-]+', '\\1[handle]'),
        ('@+' ~ in_handle ~ '+(\\.' ~ in_handle ~ '+)*', '[handle]'),
    ] -%}
    {%- set masked = namespace(sql="translate(" ~ text ~ ", " ~ lookalikes ~ ", '   ------0123456789@')") -%}
    {%- for pattern, label in patterns -%}
        {%- set masked.sql = "regexp_replace(" ~ masked.sql ~ ", '" ~ pattern ~ "', '" ~ label ~ "', 'gi')" -%}
    {%- endfor -%}
    {{ masked.sql }}
{%- endmacro %}
