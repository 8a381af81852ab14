"""Visits to the company's pages, from the dropped exports."""

from collections import Counter

from oracle.files import delivered, rows_of


def page_visits(data):
    """Return {(day, market, topic, page): visits}, and the rows that fit no header; a day's last export counts."""
    exports, ragged_rows = {}, 0
    for name, text in delivered(data / "analytics"):
        exports[name], ragged = rows_of(text)
        ragged_rows += ragged
    visits = Counter()
    for rows in exports.values():
        for row in rows:
            page = row["page"].split("?")[0]
            visits[row["day"], row["market"], row["topic"].lower(), page] += int(row["visits"])
    return visits, ragged_rows


def page_answers(data):
    """Return the visits by day and by topic."""
    visits, ragged_rows = page_visits(data)
    by_day, by_topic = Counter(), Counter()
    for (day, market, topic, _), number in visits.items():
        by_day[f"{market} {day}"] += number
        by_topic[topic or "none"] += number
    told = {"by_market_and_day": dict(sorted(by_day.items())), "by_topic": dict(sorted(by_topic.items()))}
    return {"visits": told, "ragged_rows": ragged_rows}
