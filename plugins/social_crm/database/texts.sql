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
begin
    if said !~* '[@\d\uff10-\uff20]|\.(com|net|app|me)/|u/|\.bsky\.' then
        return said;
    end if;
    -- Blanks, dashes, digits and at signs that only look different are read as the plain ones.
    if said ~ '[\u00a0\u2007\u202f\u2010-\u2015\uff10-\uff20]' then
        said := translate(
            said,
            U&'\00A0\2007\202F\2010\2011\2012\2013\2014\2015\FF10\FF11\FF12\FF13\FF14\FF15\FF16\FF17\FF18\FF19\FF20',
            '   ------0123456789@'
        );
    end if;
    if said ~* '\m(?:pass(?:word|code)|pwd|pin|otp|cv[vc])\M' then
        said := regexp_replace(
            said,
            '(\m(?:pass(?:word|code)|pwd|pin(?: number| code)?|otp(?: code)?|cv[vc])\M *(?:(?:is|was)\M *[=:]?|[=:])[[:space:]]*)'
            || '(?=[^[:space:]\u0e00-\u0eff\u3000-\uffef]*\d)[^[:space:]\u0e00-\u0eff\u3000-\uffef]{2,}[^[:space:]\u0e00-\u0eff\u3000-\uffef.,;!?)]',
            '\1[secret]', 'gi'
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
