-- A million customers, and a million accounts of which six in ten are theirs, with gaps, slips and other addresses.
-- Names are uneven as real ones are: the commonest first name is that of 2 % of people, the commonest surname of 0.7 %.
create macro dice(number, kind) as (hash(number * 1009 + kind) % 1000000)::double / 1000000;

create macro word(number, least) as (
    with letters as (select unnest(range(least + number % 4)) as position)
    select string_agg(
        case when position % 2 = 0 then substr('bcdfghjklmnprstvw', 1 + (hash(number * 31 + position) % 17)::int, 1)
            else substr('aeiou', 1 + (hash(number * 37 + position) % 5)::int, 1) end,
        '' order by position
    )
    from letters
);

create table surnames as select number, word(number, 5) as word from range(20000) as numbers (number);
create table first_names as select number, word(number + 50000, 4) as word from range(2000) as numbers (number);
create table cities as select number, word(number + 90000, 6) as word from range(500) as numbers (number);

create table people as
select
    people.person,
    first_names.word as first_name,
    surnames.word as surname,
    (date '1940-01-01' + (dice(people.person, 3) * 24000)::int)::varchar as dob,
    cities.word as city,
    substr(first_names.word, 1, 1 + people.person % 5) || '.' || surnames.word
    || (dice(people.person, 4) * 1000)::int || '@mail' || people.person % 7 || '.com' as email,
    lpad((hash(people.person + 7) % 1000000000)::varchar, 9, '5') as phone
from (select unnest(range(1, getvariable('customer_count') * 14 // 10 + 1)) as person) as people
inner join first_names on first_names.number = (pow(dice(people.person, 1), 2) * 1999)::int
inner join surnames on surnames.number = (pow(dice(people.person, 2), 2) * 19999)::int
inner join cities on cities.number = (pow(dice(people.person, 5), 2) * 499)::int;

create table customers as
select 'c' || person as unique_id, first_name, surname, dob, email, phone, city
from people where person <= getvariable('customer_count');

-- Of a million, persons 400,001 to 1,400,000 have accounts: the first 600,000 of them are customers.
create table accounts as
select
    'a' || person as unique_id,
    person,
    case when dice(person, 11) < 0.08 then substr(first_name, 1, 1)
        when dice(person, 11) < 0.14 then first_name || substr(first_name, 1, 1) else first_name end as first_name,
    case when dice(person, 12) < 0.06 then substr(surname, 1, 2) || substr(surname, 4) else surname end as surname,
    case when dice(person, 13) < 0.5 then dob end as dob,
    case when dice(person, 14) < 0.35 then email
        when dice(person, 14) < 0.45 then substr(email, 1, 3) || substr(email, 5)
        when dice(person, 14) < 0.60 then 'u' || hash(person) % 100000 || '@other.net' end as email,
    case when dice(person, 15) < 0.3 then phone
        when dice(person, 15) < 0.35 then substr(phone, 1, 8) || person % 10 end as phone,
    case when dice(person, 16) < 0.6 then city end as city
from people where person > getvariable('customer_count') * 4 // 10;
