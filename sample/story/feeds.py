"""What others publish about Acme in the fourteen days: a newspaper, and a shopkeeper's diary."""

from story.named import utc
from story.social import Line
from story.texts import bank
from story.timeline import stamp

NEWS, DIARY = "/feeds/news.xml", "/feeds/diary.atom"
# Feed, day, time, author if the feed has one, and text.
ENTRIES = (
    (NEWS, "10-26", "10:00:00", "Jo Penn", "fees"),
    (DIARY, "10-26", "21:00:00", "Lou", "terminal"),  # each feed has an entry on the first day, so no day is a gap
    (NEWS, "10-29", "08:30:00", "Jo Penn", "outage_begins"),
    (NEWS, "10-29", "14:00:00", "Sal Quill", "outage_ends"),
    (DIARY, "10-29", "22:30:00", "Lou", "outage_costs"),
    (NEWS, "10-31", "09:00:00", None, "scam"),
    (NEWS, "11-04", "09:15:00", "Sal Quill", "app"),
    (DIARY, "11-06", "12:00:00", "Lou", "refunds"),
)


def build() -> list[Line]:
    """Return every entry, oldest first; one is changed the day after."""
    lines = []
    for number, (feed, day, clock, author, name) in enumerate(ENTRIES, 1):
        title, text = bank()["press"][name]
        place = "ledger" if feed == NEWS else "cornershop"
        link = f"https://{place}.example/{number}"
        entry = {"at": stamp(utc(day, clock)), "by": author, "title": title, "text": text}
        lines.append({"id": link, "kind": "entry", "on": feed, **entry})
    lines[-1]["edits"] = [{"at": "2026-11-07T20:00:00Z", "text": bank()["press"]["refunds_came"][1]}]
    return lines
