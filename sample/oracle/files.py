"""Calls and complaints, as the dropped files give them, and the customers of the CRM."""

import csv
import io
import json
from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta

from oracle.reading import READS, read, seconds


def delivered(folder):
    """Yield (file name, text) of every content that a read met, in order of delivery."""
    for place in sorted(folder.iterdir()):
        for file in sorted(place.iterdir()):
            yield file.name, file.read_text(encoding="utf-8")


def rows_of(text):
    """Return the rows under their headers, and the number of rows whose cells do not fit them."""
    lines = list(csv.reader(io.StringIO(text)))
    good = [dict(zip(lines[0], cells, strict=True)) for cells in lines[1:] if len(cells) == len(lines[0])]
    return good, len(lines) - 1 - len(good)


def phone_answers(data):
    """Return interactions, conversations and counts of the phone; a later file's row replaces an earlier one's."""
    calls, counts = {}, Counter()
    for _, text in delivered(data / "phone"):
        if text.startswith("<"):
            counts["refused_files"] += 1
            continue
        rows, ragged = rows_of(text)
        counts["ragged_rows"] += ragged
        for row in rows:
            if row["call_id"]:
                calls[f"{row['pbx']}/{row['call_id']}"] = row
            else:
                counts["rows_without_key"] += 1
    interactions, conversations = [], {}
    for key, call in calls.items():
        interactions.append(("phone", "phone/call", call["market"], "inbound"))
        wait = seconds(call["started_at"], call["answered_at"]) if call["answered_at"] else None
        conversations[f"phone:{key}"] = ("phone", "traditional", call["market"], call["disposition"], wait)
        counts[call["disposition"]] += 1
    numbers = {call["caller_number"] for call in calls.values()} - {"", "anonymous"}
    return interactions, conversations, {**counts, "distinct_numbers": len(numbers)}


def complaint_answers(data):
    """Return interactions, conversations and counts of the complaints."""
    complaints, counts = {}, Counter()
    for _, text in delivered(data / "complaints"):
        rows, ragged = rows_of(text)
        counts["ragged_rows"] += ragged
        for row in rows:
            counts["rows"] += 1
            complaints[row["Complaint_ID"]] = row
    interactions, conversations = [], {}
    for key, row in complaints.items():
        counts[row["Company"]] += 1
        interactions.append(("complaints", f"complaints/{row['Submitted_via'].lower()}", "us", "inbound"))
        conversations[f"complaints:{key}"] = ("complaints", "traditional", "us", "", None)
    return interactions, conversations, dict(counts)


def crm_answers(data):
    """Count customers, and the versions of them that reads at the given moments meet."""
    versions = defaultdict(list)
    for row in read(data / "crm_customers.jsonl"):
        versions[row["id"]].append(row)

    def met(moments):
        return sum(
            len({json.dumps(held[-1]) for at in moments if (held := [row for row in rows if row["from"] <= at])})
            for rows in versions.values()
        )

    first = datetime(2026, 10, 27, tzinfo=UTC)
    midnights = [(first + timedelta(days=number)).strftime("%Y-%m-%dT%H:%M:%SZ") for number in range(14)]
    return {
        "customers": len(versions),
        "customer_versions_in_the_demo": met([read_at for _, read_at in READS]),
        "customer_versions_read_every_midnight": met(midnights),
        "accounts": len({row["id"] for row in read(data / "crm_accounts.jsonl")}),
    }
