"""The fourteen days on X."""

import random
from datetime import UTC, datetime, time, timedelta
from typing import Any

from story import named
from story.people import Person, everyone, quiet_customers, someone
from story.posts import ACCOUNTS, Stage, account_of, mention
from story.texts import bank, dress, fill, pick_issue
from story.threads import Exchange, complaint, ordinary, praise
from story.timeline import DAYS, MARKET_WEIGHTS, OUTAGE_DAY, PRAISE_DAY, dice, moment_on, stamp, volume_on

WEEKDAY_THREADS, OUTAGE_THREADS, PRAISE_THREADS = 50, 150, 120
SPAM_POSTS = 24
WEEKDAY_COMPARISONS = 2


def _ordinary_days(stage: Stage, rng: random.Random) -> None:
    for day in DAYS:
        for _ in range(volume_on(day, WEEKDAY_THREADS)):
            market = rng.choices(list(MARKET_WEIGHTS), list(MARKET_WEIGHTS.values()))[0]
            account = account_of(market, rng.choice(["acme_bank", "acme_bank", "acme_pay"]))
            ordinary(Exchange(stage, account, someone(market, rng), rng), moment_on(day, market, rng))


def _outage(stage: Stage, rng: random.Random) -> None:
    """Play the payment outage: 06:30 to 13:00 UTC, announced late, loud on two accounts."""
    start = datetime.combine(OUTAGE_DAY, time(6, 30), UTC)
    texts = bank()["outage"]
    for _ in range(OUTAGE_THREADS):
        market = rng.choice(["us", "in", "in"])
        talk = Exchange(stage, account_of(market, "acme_pay"), someone(market, rng), rng)
        at = start + timedelta(seconds=int(rng.betavariate(1.6, 2.4) * 6.5 * 3600))
        complaint(talk, at, dress(talk.fill(rng.choice(texts["posts"])), rng), ["payments work again"])
    for account in (account_of("us", "acme_pay"), account_of("in", "acme_pay")):
        last = None
        for hours, text in zip((1.5, 3.25, 6.75), texts["announcements"], strict=True):
            last = stage.say(account, start + timedelta(hours=hours), text, last, likes=rng.randrange(20, 300))
            for _ in range(6):
                talk = Exchange(stage, account, someone(account.market, rng), rng)
                at = start + timedelta(hours=hours, seconds=rng.randrange(60, 3000))
                under = talk.customer_says(at, talk.fill(rng.choice(texts["posts"])), last)
                if rng.random() < 0.5:
                    talk.brand_says(at + talk.wait(at), rng.choice(texts["replies"]), under)
                if rng.random() < 0.2:
                    talk.peer_says(at + talk.pause(60, 1800), rng.choice(bank()["peer"]), under)


def _praise_wave(stage: Stage, rng: random.Random) -> None:
    for _ in range(PRAISE_THREADS):
        talk = Exchange(stage, account_of("sg", "acme_bank"), someone("sg", rng, 0.5), rng)
        praise(talk, moment_on(PRAISE_DAY, "sg", rng))


def _own_posts(stage: Stage, rng: random.Random) -> None:
    """Post the brand's own tips on most working days; some get a reply."""
    for day in DAYS:
        for account in ACCOUNTS:
            if rng.random() < 0.3:
                continue
            at = moment_on(day, account.market, rng)
            own = stage.say(account, at, rng.choice(bank()["marketing"]), likes=rng.randrange(2, 90))
            if rng.random() < 0.35:
                talk = Exchange(stage, account, someone(account.market, rng), rng)
                question = rng.choice(bank()["issues"]["question"]["posts"])
                under = talk.customer_says(at + talk.pause(60, 9000), talk.fill(question), own)
                if rng.random() < 0.7:
                    reply = rng.choice(bank()["replies"]["close"])
                    talk.brand_says(at + timedelta(hours=3) + talk.wait(at), reply, under, fix="it is in the app")


def _settled_by_peers(stage: Stage) -> None:
    """Let other customers answer quiet ones, mostly early enough for a week without another message."""
    rng = dice("x peers")
    for person in quiet_customers():
        talk = Exchange(stage, account_of(person.market, "acme_bank"), person, rng)
        at = moment_on(rng.choice(DAYS[:9]), person.market, rng)
        asked = talk.customer_says(at, talk.fill(rng.choice(bank()["issues"][pick_issue(rng)]["posts"])))
        at += talk.pause(120, 5400)
        answer = talk.peer_says(at, rng.choice(bank()["peer"]), asked)
        if rng.random() < 0.8:
            thanks = talk.fill(rng.choice(bank()["thanks"]), first="a lot")
            talk.customer_says(at + talk.pause(60, 7200), thanks, answer)


def _comparisons(stage: Stage) -> None:
    """Let customers compare the bank with others."""
    rng = dice("x comparisons")
    for day in DAYS:
        for _ in range(volume_on(day, WEEKDAY_COMPARISONS)):
            market = rng.choices(list(MARKET_WEIGHTS), list(MARKET_WEIGHTS.values()))[0]
            talk = Exchange(stage, account_of(market, "acme_bank"), someone(market, rng), rng)
            words = rng.choice(bank()["comparisons"])
            complaint(talk, moment_on(day, market, rng), words, ["we have passed it on"])


def _threats(stage: Stage) -> None:
    """Post messages for teams other than service: lawyers, insults, harm, rights in a picture."""
    rng = dice("x threats")
    for market, texts in bank()["threats"].items():
        for text in texts:
            talk = Exchange(stage, account_of(market, "acme_bank"), someone(market, rng), rng)
            complaint(talk, moment_on(rng.choice(DAYS), market, rng), text, ["it is solved"])


def _spam_burst(stage: Stage, rng: random.Random, spammers: list[Person]) -> None:
    at = datetime(2026, 11, 5, 19, 4, tzinfo=UTC)
    for _ in range(SPAM_POSTS):
        at += timedelta(seconds=rng.randrange(5, 40))
        text = fill(rng.choice(bank()["spam"]), "us", "acme_bank", rng)
        stage.say(rng.choice(spammers), at, f"{mention(account_of('us', 'acme_bank'))}{text}")


def _odd_characters(stage: Stage, people: list[Person]) -> None:
    """Post texts that break weak software: NUL, right-to-left text and overrides, joined emoji, markup, formulas."""
    at = datetime(2026, 11, 2, 16, 0, tzinfo=UTC)
    texts = [
        ("en", "my statement shows a box \u0000 where my name should be"),
        ("ar", "التطبيق لا يعمل منذ الصباح، هل من مساعدة؟"),
        ("en", "is \u202etxt.knab\u202c really your file? looks odd"),
        ("en", "👩‍👩‍👧‍👦 family account please 🇸🇬🇮🇳🇺🇸 👍🏽👍🏿"),
        ("en", "your site shows <b>Error</b> <script>alert('x')</script> &amp; nothing else"),
        ("en", '=HYPERLINK("http://example.com","refund") is what your export puts into my sheet'),
        ("en", "name'); drop table customers;-- is what my form field accepted, be careful {{ 7*7 }} %s"),
        ("und", "🤷"),
        ("en", "zero\u200bwidth and cafe\u0301 and ﬁnally"),
    ]
    for number, (language, text) in enumerate(texts):
        account = ACCOUNTS[number % len(ACCOUNTS)]
        stage.say(people[number], at + timedelta(minutes=7 * number), mention(account) + text, lang=language)


def _edits_and_removals(stage: Stage, rng: random.Random) -> None:
    """Let some authors correct a post within the hour, and some posts vanish."""
    starters = [post for post in stage.posts if "reply_to" not in post and post["text"].startswith("@Acme")]
    for post in rng.sample(starters, 18):
        stage.edit(post["id"], timedelta(seconds=rng.randrange(60, 3300)), post["text"] + " (edited: typo)")
    edited = {post["edit_of"] for post in stage.posts if "edit_of" in post}
    for number, post in enumerate(rng.sample([p for p in starters if p["id"] not in edited], 16)):
        at = datetime.fromisoformat(post["at"]) + timedelta(minutes=rng.randrange(30, 4000))
        stage.remove(post["id"], at, "withheld" if number % 8 == 7 else "deleted")


def _suspended_author(stage: Stage, person: Person) -> None:
    """Write a post whose author is no longer shown by X."""
    at = datetime(2026, 11, 3, 12, 30, tzinfo=UTC)
    stage.say(person, at, "@AcmeBank give me my money or I will tell everyone your secrets", author_gone=True)


def build() -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return all posts, oldest first, and all users."""
    rng, stage = dice("x"), Stage()
    outsiders = [person for person in everyone() if not person.in_crm]
    named.x_cases(stage)
    _ordinary_days(stage, rng)
    _outage(stage, rng)
    _praise_wave(stage, rng)
    _own_posts(stage, rng)
    _edits_and_removals(stage, rng)
    _settled_by_peers(stage)
    _comparisons(stage)
    _threats(stage)
    _spam_burst(stage, rng, outsiders[:5])
    _odd_characters(stage, outsiders[10:20])
    _suspended_author(stage, outsiders[30])
    posts = sorted(stage.posts, key=lambda post: int(post["id"]))
    return posts, _users(posts)


def _users(posts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return our own accounts and everybody who ever posted."""
    authors = {post["by"] for post in posts}
    ours = [
        {"id": a.x_id, "username": a.handle, "name": a.handle, "created_at": "2012-03-05T09:00:00Z", "ours": True}
        | {"verified": True, "followers": 40000 // (number + 1)}
        for number, a in enumerate(ACCOUNTS)
    ]
    others = [
        {"id": p.x_id, "username": p.handle, "name": p.name, "created_at": stamp(p.joined_x), "followers": p.followers}
        for p in everyone()
        if p.x_id in authors
    ]
    return ours + others
