-- How a text is recognised again, and shown without anything that identifies a person.

-- Hex SHA-256 of a text, the key of the decisions about it; NULL without a text.
create or replace function ops.text_key(said text) returns text
language sql stable parallel safe
as $$
    select case when said <> '' then encode(sha256(convert_to(said, 'UTF8')), 'hex') end
$$;

-- A password, PIN or one-time code, and the number of a passport or driving licence, if a text calls them so.
create or replace function ops.mask_named(said text) returns text
language plpgsql immutable strict parallel safe
as $$
declare
    named constant text := '(?: *\m(?:is|was|ist|war|es|era|est|è|é)\M *[=:]?| *[=:])[[:space:]]*';
    in_secret constant text := '[^[:space:]\u0e00-\u0eff\u3000-\uffef]';
begin
    said := regexp_replace(
        said,
        '(\m(?:pass(?:word|wort|wd|code|phrase|e)?|pwd?|pin|otp|m?tan|kennwort|wachtwoord|contrase[nñ]a|clave|senha)\M'
        || '(?: number| code)?' || named || ')(?=' || in_secret || '{0,40}\d)' || in_secret || '{3,}(?![.,;!?)])' || in_secret,
        '\1[secret]', 'gi'
    );
    said := regexp_replace(
        said,
        '(\m(?:password|passwort|pwd?)\M +)(?=[[:alpha:]]{0,40}\d)(?=\d{0,40}[[:alpha:]])[[:alnum:]]{5,}\M', '\1[secret]', 'gi'
    );
    said := regexp_replace(
        said,
        '(\m(?:(?:pin|otp|cv[vc])(?: number| code)?|(?:verification|security|access|log-?in|one-?time|2fa|sms'
        || '|my|your|mein|dein|mi|tu|mon|ton|votre|mio|tuo|meu|mijn) (?:code|c[oó]digo|codice))\M'
        || '(?:' || named || '| +| *[#-] *))(?:\d{3,8}|\d{3}[ -]\d{3}|\d\d \d\d \d\d)(?!\d)',
        '\1[secret]', 'gi'
    );
    -- Spelled as in text messages.
    said := regexp_replace(
        said, '\m(?:G-)?\d{4,8}( (?:is|ist|est|es) (?:my|your|mein|dein|ihr|mon|votre|mi|tu|su)\M[^.\n]{0,40}\m(?:code|c[oó]digo)\M)',
        '[secret]\1', 'gi'
    );
    return regexp_replace(
        said,
        '(\m(?:passport|reisepass|passeport|pasaporte|passaporto|paspoort|driv(?:ing|er''?s?) licen[cs]e)\M'
        || '(?: (?:number|no|nr)\M\.?)?(?:' || named || '| +#?))(?=(?:[A-Z]*\d){5})[A-Z\d]{6,18}\M',
        '\1[id]', 'gi'
    );
end
$$;

-- What `mask_text` hides, in a text that may contain some of it. Each pattern is only tried if a cheaper test finds
-- what it needs: a test with few letters and no look-around. Postgres keeps 32 compiled patterns per session; if there
-- were more here, they would be compiled again for each text.
create or replace function ops.mask_found(said text) returns text
language plpgsql immutable strict parallel safe
as $$
begin
    if octet_length(said) > length(said) then
        declare
            -- Read as 0 to 9 and the at sign: full-width, Arabic, Persian, Indic, Thai, Khmer and Burmese ones.
            own_digits constant text := '０１２３４５６７８９٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹०१२३४५६७८९০১২৩৪৫৬৭৮৯੦੧੨੩੪੫੬੭੮੯૦૧૨૩૪૫૬૭૮૯'
            || '௦௧௨௩௪௫௬௭௮௯౦౧౨౩౪౫౬౭౮౯೦೧೨೩೪೫೬೭೮೯൦൧൨൩൪൫൬൭൮൯๐๑๒๓๔๕๖๗๘๙០១២៣៤៥៦៧៨៩၀၁၂၃၄၅၆၇၈၉＠';
            -- Read as blanks, dashes and the full stop.
            odd_marks constant text := U&'\00A0\2007\2009\202F\2010\2011\2012\2013\2014\2015\2212\FF0D\FF0E';
            -- Invisible between the digits of a number that was copied from a page or has another writing direction.
            no_width constant text := '(?<=\d)[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]+(?=[ ().-]*\d)';
        begin
            if said ~ ('[' || own_digits || ']') then
                said := translate(said, own_digits, repeat('0123456789', 14) || '@');
            end if;
            if said !~ '[@/0-9]|\.bsky\.' then
                return said;
            end if;
            if said ~ ('[' || odd_marks || ']') then
                said := translate(said, odd_marks, '    --------.');
            end if;
            said := regexp_replace(said, no_width, '', 'g');
        end;
    end if;
    if said ~ '[0-9]' then
        if lower(said collate "C") like any (
            '{%pass%,%pasap%,%paspo%,%pin%,%pw%,%otp%,%cv_%,%cod%,%c_digo%,%wort%,%woord%,%contrase%,%clave%,%senha%,%tan:%,%tan ist%,%licen%}'::text []
        ) then
            said := ops.mask_named(said);
        end if;
        -- A slash after an area code, as in Germany; months have two digits.
        if said like '%/%' and said ~ '\d\)? ?/ ?\d[ -]?\d[ -]?\d' then
            said := regexp_replace(
                said,
                '(?<![[:alnum:]/])(?:(?:\+|00)\d{2}[ -]?(?:\(0\)[ -]?)?\d{2,4}|\(?0\d{2,4}\)?) ?/ ?\d(?:[ -]?\d){4,9}(?![\d/])',
                '[phone]', 'g'
            );
        end if;
    end if;
    -- In the fediverse, the person answered is named with their server; that is no e-mail address.
    if said like '%@%@%' then
        said := regexp_replace(
            said, '(?<![[:alnum:]._%+-])@[[:alnum:]_.-]+@[[:alnum:]-]+(?:\.[[:alnum:]-]+)+', '[handle]', 'g'
        );
    end if;
    if said like '%@%.%' then
        said := regexp_replace(said, '[[:alnum:]._%+-]+@[[:alnum:]-]+(?:\.[[:alnum:]-]+)+', '[email]', 'g');
    end if;
    -- National ids that end with a letter: of Singapore, India, the United Kingdom, Spain and Italy.
    if said ~ '\d\d-?[A-Za-z]\M|\d\d \d\d [A-Da-d]\M' then
        said := regexp_replace(
            said,
            '\m(?:[STFGM]\d{7}|[A-Z]{5}\d{4}|[A-CEGHJ-TW-Z]{2} ?\d\d ?\d\d ?\d\d ?(?=[A-D])|(?:[XYZ]-?\d{7}|\d{8})-?'
            || '|[A-Z]{6}\d\d[A-Z]\d\d[A-Z]\d{3})[A-Z]\M',
            '[id]', 'gi'
        );
    end if;
    if said ~ '\d(?:[ ()./_-]*\d){7}' then
        if said ~ '\d(?:[ .-]*\d){12}|\d ?[./_-] ?\d' then
            -- US SSN.
            said := regexp_replace(said, '(?<!\d)\d{3}-\d{2}-\d{4}(?!\d)', '[id]', 'g');
            -- Dates of these years stay; older ones may be dates of birth. Until numbers are found, these dates have
            -- other marks, with one at their end, like those read as plain ones above.
            said := regexp_replace(
                said, '(?<!\d)(?:(20[1-9]\d)-([01]\d)-([0-3]\d)|([0-3]?\d)-([01]?\d)-(20[1-9]\d))(?!\d)',
                U&'\\1\\4\2011\\2\\5\2011\\3\\6\FF0D', 'g'
            );
            said := regexp_replace(
                said, '(?<!\d)([0-3]?\d)\.([01]?\d)\.(20[1-9]\d)(?!\d)', U&'\\1\FF0E\\2\FF0E\\3\FF0D', 'g'
            );
            -- Only in the groups of cards; otherwise two dates with a blank between them would be a number.
            said := regexp_replace(
                said, '(?<!\d)\d{4}(?: ?[/_] ?\d{4}){3}(?!\d)|(?<!\d)\d{4} ?[/_] ?\d{6} ?[/_] ?\d{5}(?!\d)', '[number]', 'g'
            );
            said := regexp_replace(said, '\d(?:[ .-]{0,3}\d){12,}', '[number]', 'g');
        end if;
        said := regexp_replace(said, '[(+]*\d(?:[ ().-]{0,2}\d){7}(?:[ ().-]{0,2}\d)*', '[phone]', 'g');
        if octet_length(said) > length(said) then
            said := translate(said, U&'\2011\FF0E\FF0D', '-.');
        end if;
    end if;
    if said like '%/%' and said ~* '\.(com|net|app|me)/' then
        said := regexp_replace(
            said,
            '((?<![[:alnum:]])(?:(?:x|twitter|instagram|facebook|tiktok|threads)\.(?:com|net)|reddit\.com/+u(?:ser)?'
            || '|bsky\.app/+profile|linkedin\.com/+(?:in|pub)|(?:t|telegram)\.me(?:/+s)?)/+)'
            || '@?(?:did:[a-z]+:)?[[:alnum:]_.%-]+',
            '\1[handle]', 'gi'
        );
    end if;
    if said like '%@%' then
        -- A character outside of words. Not a class of letters: it would exclude the vowel signs of Indic scripts.
        said := regexp_replace(
            said,
            replace(
                '@+[-]+(?:\.[-]+)*', '[-]',
                '[^[:space:]@.,;:!?()<>"/|#&*=+~{}$%^`\[\]\\\u2018-\u201f\u2026\u3001\u3002\uff01\uff08\uff09\uff0c\uff1a\uff1b\uff1f]'
            ),
            '[handle]', 'g'
        );
    end if;
    if said like '%.bsky.%' then
        said := regexp_replace(said, '[[:alnum:]-]+\.bsky\.social(?![[:alnum:]])', '[handle]', 'g');
    end if;
    -- Names on Reddit have at least three letters: "u/s" is not one.
    if said like '%/%' and said ~* 'u/[[:alnum:]_-]{3}' then
        said := regexp_replace(said, '(?<![[:alnum:]_/.-])(?:/?u/[[:alnum:]_-]{3,})+', '[handle]', 'gi');
    end if;
    return said;
end
$$;

-- A text without anything that identifies a person or opens an account: e-mail addresses, card and account numbers,
-- phone numbers, national ids and passports, handles and profile addresses; and any password, PIN or one-time code that
-- is called so and contains a digit (without one, it is an ordinary word). Recent dates stay. The function is inlined
-- into the calling query, where most texts cost one test; declared strict, it would not be.
create or replace function ops.mask_text(said text) returns text
language sql immutable parallel safe
as $$
    select case when said ~ '[@/0-9]|[^\u0001-\u007f]|\.bsky\.' then ops.mask_found(said) else said end
$$;

-- A text without these names (each in lower case and of at least two words), wherever they occur as whole words.
create or replace function ops.mask_names(said text, names text []) returns text
language plpgsql immutable parallel safe
as $$
declare
    spoken constant text := lower(said);
    name text;
begin
    for name in select named from unnest(names) as named where strpos(spoken, named) > 0 order by length(named) desc, named loop
        said := regexp_replace(
            said, '(?<![[:alnum:]])' || regexp_replace(name, '[^[:alnum:][:space:]]', '\\\&', 'g') || '(?![[:alnum:]])', '[name]', 'gi'
        );
    end loop;
    return said;
end
$$;

-- What `mask_text` leaves of a text without these names; NULL means none. It is inlined as well.
create or replace function ops.mask_text(said text, names text []) returns text
language sql immutable parallel safe
as $$
    select case when names is null then ops.mask_text(said) else ops.mask_text(ops.mask_names(said, names)) end
$$;
