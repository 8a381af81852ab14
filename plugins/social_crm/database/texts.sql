-- How a text is known again, and shown without what identifies a person.

-- Hex SHA-256 of a text, by which what was decided of it is kept and found; NULL without a text.
create or replace function ops.text_key(said text) returns text
language sql stable parallel safe
as $$
    select case when said <> '' then encode(sha256(convert_to(said, 'UTF8')), 'hex') end
$$;

-- A text without what identifies a person or opens an account: e-mail addresses, card and account numbers, phone
-- numbers, national ids (US SSN, Indian PAN, Singapore NRIC), handles and the addresses of profiles; a password, PIN or
-- one-time code that is called so, if there is a digit in it: without one it is a word as any. ISO dates stay.
-- Each pattern is tried only where what it needs occurs: most texts need none, and some patterns are slow.
create or replace function ops.mask_text(said text) returns text
language plpgsql immutable strict parallel safe
as $$
declare
    -- Not a class of letters: vowel signs of Indic scripts are none.
    in_handle constant text := '[^[:space:]@.,;:!?()<>"/|#&*=+~{}$%^`\[\]\\\u2018-\u201f\u2026\u3001\u3002\uff01\uff08\uff09\uff0c\uff1a\uff1b\uff1f]';
    iso_date constant text := '\d{4}-\d{2}-\d{2}';
    own_digit constant text := '[\u0660-\u0669\u06f0-\u06f9\u0966-\u096f\u09e6-\u09ef\u0a66-\u0a6f\u0ae6-\u0aef\u0be6-\u0bef'
    || '\u0c66-\u0c6f\u0ce6-\u0cef\u0d66-\u0d6f\u0e50-\u0e59\u17e0-\u17e9\u1040-\u1049]';
    zeros constant integer [] := array[1632, 1776, 2406, 2534, 2662, 2790, 3046, 3174, 3302, 3430, 3664, 6112, 4160];
begin
    -- Digits of Arabic, Persian, the scripts of India, Thai, Khmer and Burmese are read as the plain ones.
    if said ~ own_digit then
        select translate(said, string_agg(chr(zero + digit), ''), string_agg(digit::text, ''))
        into said
        from unnest(zeros) as zero cross join generate_series(0, 9) as digit;
    end if;
    if said !~* '[@\d\uff10-\uff20]|\.(com|net|app|me)/|u/|\.bsky\.' then
        return said;
    end if;
    -- What takes no room between the digits of a number, where it was copied from a page or turned to be read.
    if said ~ '\d[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]' then
        said := regexp_replace(said, '(?<=\d)[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]+(?=[ ().-]*\d)', '', 'g');
    end if;
    -- Blanks, dashes, digits and at signs that only look different are read as the plain ones.
    if said ~ '[\u00a0\u2007\u2009\u202f\u2010-\u2015\u2212\uff0d\uff0e\uff10-\uff20]' then
        said := translate(
            said,
            U&'\00A0\2007\2009\202F\2010\2011\2012\2013\2014\2015\2212\FF0D\FF0E\FF10\FF11\FF12\FF13\FF14\FF15\FF16\FF17\FF18\FF19\FF20',
            '    --------.0123456789@'
        );
    end if;
    if said ~* '\m(?:pass(?:word|code)|pwd|pin|otp|cv[vc])\M' then
        said := regexp_replace(
            said,
            '(\m(?:pass(?:word|code)|pwd|pin(?: number| code)?|otp(?: code)?|cv[vc])\M *(?:(?:is|was)\M *[=:]?|[=:])[[:space:]]*)'
            || '(?=[^[:space:]\u0e00-\u0eff\u3000-\uffef]*\d)[^[:space:]\u0e00-\u0eff\u3000-\uffef]{2,}[^[:space:]\u0e00-\u0eff\u3000-\uffef.,;!?)]',
            '\1[secret]', 'gi'
        );
        said := regexp_replace(
            said, '(\m(?:pin(?: number| code)?|otp(?: code)?|cv[vc])\M(?: +| *[#-] *))\d{3,8}(?!\d)', '\1[secret]', 'gi'
        );
    end if;
    -- A slash behind an area code, as in Germany; months have two digits.
    if strpos(said, '/') > 0 and said ~ '\d\)? ?/ ?\d[ -]?\d[ -]?\d' then
        said := regexp_replace(
            said,
            '(?<![[:alnum:]/])(?:(?:\+|00)\d{2}[ -]?(?:\(0\)[ -]?)?\d{2,4}|\(?0\d{2,4}\)?) ?/ ?\d(?:[ -]?\d){4,9}(?![\d/])',
            '[phone]', 'g'
        );
    end if;
    if strpos(said, '@') > 0 then
        -- Whom one answers in the fediverse is named with their server, and is no address.
        if said ~ '@[[:alnum:]_.-]+@' then
            said := regexp_replace(
                said, '(?<![[:alnum:]._%+-])@[[:alnum:]_.-]+@[[:alnum:]-]+(?:\.[[:alnum:]-]+)+', '[handle]', 'g'
            );
        end if;
        said := regexp_replace(said, '[[:alnum:]._%+-]+@[[:alnum:]-]+(?:\.[[:alnum:]-]+)+', '[email]', 'gi');
    end if;
    -- One question without looking around, which most texts answer with no, before three replacements that look around.
    if said ~* '\d(?:[ ().-]{0,3}\d){7}|\d{4}[A-Z]|\d-\d{2}-\d|\d{4} ?[/_] ?\d{4}' then
        -- Only in the groups of cards, or two dates with a blank between them would be a number.
        if said ~ '\d{4} ?[/_] ?\d{4}' then
            said := regexp_replace(
                said, '(?<!\d)\d{4}(?: ?[/_] ?\d{4}){3}(?!\d)|(?<!\d)\d{4} ?[/_] ?\d{6} ?[/_] ?\d{5}(?!\d)', '[number]', 'g'
            );
        end if;
        if said ~ '\d(?:[ .-]{0,3}\d){12}' then
            said := regexp_replace(said, '(?<!\d)\d(?:[ .-]{0,3}\d){12,}(?!\d)', '[number]', 'g');
        end if;
        if said ~* '\d{4}[A-Z]|\d-\d{2}-\d' then
            said := regexp_replace(
                said,
                '\m[STFG]\d{7}[A-Z]\M|\m[A-Z]{5}\d{4}[A-Z]\M|(?<!\d)\d{3}-\d{2}-\d{4}(?!\d)',
                '[id]', 'gi'
            );
        end if;
        -- Looking ahead for a date costs four times the rest, so only where there is one.
        said := regexp_replace(
            said,
            '\(?\+?(?<!\d)' || case when said ~ iso_date then '(?!' || iso_date || '(?!\d))' else '' end
            || '\d(?:[ ().-]{0,2}\d){7,14}(?!\d)',
            '[phone]', 'g'
        );
    end if;
    if strpos(said, '/') > 0 and said ~* '\.(com|net|app|me)/' then
        said := regexp_replace(
            said,
            '((?<![[:alnum:]])(?:(?:x|twitter|instagram|facebook|tiktok|threads)\.(?:com|net)|reddit\.com/+u(?:ser)?'
            || '|bsky\.app/+profile|linkedin\.com/+(?:in|pub)|(?:t|telegram)\.me(?:/+s)?)/+)'
            || '@?(?:did:[a-z]+:)?[[:alnum:]_.%-]+',
            '\1[handle]', 'gi'
        );
    end if;
    if strpos(said, '@') > 0 then
        said := regexp_replace(said, '@+' || in_handle || '+(?:\.' || in_handle || '+)*', '[handle]', 'g');
    end if;
    if strpos(said, '.bsky.') > 0 then
        said := regexp_replace(said, '[[:alnum:]-]+\.bsky\.social(?![[:alnum:]])', '[handle]', 'g');
    end if;
    -- Names on Reddit have three letters at least: "u/s" is none.
    if strpos(said, '/') > 0 and said ~* 'u/[[:alnum:]_-]{3}' then
        said := regexp_replace(said, '(?<![[:alnum:]_/.-])(?:/?u/[[:alnum:]_-]{3,})+', '[handle]', 'gi');
    end if;
    return said;
end
$$;
