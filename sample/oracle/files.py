"""Calls and complaints from the dropped files, and the customers of the CRM."""

import csv
import io
from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta

from oracle.reading import READS, read, seconds


def delivered(folder):
    """Yield (file name, text) of every file content that was read, in order of delivery."""
    for place in sorted(folder.iterdir()):
        for file in sorted(place.iterdir()):
            yield file.name, file.read_text(encoding="utf-8")


def rows_of(text):
    """Return the rows under their headers, and the number of rows whose cells do not fit them."""
    lines = list(csv.reader(io.StringIO(text)))
    good = [dict(zip(lines[0], cells, strict=True)) for cells in lines[1:] if len(cells) == len(lines[0])]
    return good, len(lines) - 1 - len(good)


def newest_rows(folder, *key):
    """Return {the values of these columns: row} of the dropped rows, and counts of rows that do not fit.

    A later file's row replaces an earlier one's; a row without the last part of its key has none.
    """
    found, counts = {}, Counter()
    for _, text in delivered(folder):
        if text.startswith("<"):
            counts["refused_files"] += 1
            continue
        rows, ragged = rows_of(text)
        counts["ragged_rows"] += ragged
        for row in rows:
            if row[key[-1]]:
                found["/".join(row[column] for column in key)] = row
            else:
                counts["rows_without_key"] += 1
    return found, counts


def phone_answers(data):
    """Return interactions, conversations and counts of the phone."""
    calls, counts = newest_rows(data / "phone", "pbx", "call_id")
    interactions, conversations = [], {}
    for key, call in calls.items():
        interactions.append(("phone", "phone/call", call["market"], "inbound"))
        wait = seconds(call["started_at"], call["answered_at"]) if call["answered_at"] else None
        of_call = ("phone", "traditional", call["market"], call["disposition"], wait, call["started_at"])
        conversations[f"phone:{key}"] = of_call
        counts[call["disposition"]] += 1
    numbers = {call["caller_number"] for call in calls.values()} - {"", "anonymous"}
    return interactions, conversations, {**counts, "distinct_numbers": len(numbers)}


def complaint_answers(data):
    """Return interactions, conversations and counts of the complaints."""
    complaints, counts = newest_rows(data / "complaints", "Complaint_ID")
    counts["rows"] = sum(len(rows_of(text)[0]) for _, text in delivered(data / "complaints"))
    interactions, conversations = [], {}
    for key, row in complaints.items():
        counts[row["Company"]] += 1
        interactions.append(("complaints", f"complaints/{row['Submitted_via'].lower()}", "us", "inbound"))
        conversations[f"complaints:{key}"] = ("complaints", "traditional", "us", "", None, None)
    return interactions, conversations, dict(counts)


TRACKED = ("account_id", "market", "segment", "tier", "status", "lifetime_value_usd")


def versions_met(rows, moments, fields=None):
    """Count the versions of one customer that differ between reads at some moments, including the first."""
    found = []
    for at in moments:
        held = [row for row in rows if row["from"] <= at]
        if held:
            version = {name: held[-1][name] for name in fields or held[-1]}
            if not found or found[-1] != version:
                found.append(version)
    return len(found)


def crm_answers(data):
    """Count customers, and the versions of them that reads at the given moments meet."""
    customers = defaultdict(list)
    for row in read(data / "crm_customers.jsonl"):
        customers[row["id"]].append(row)
    first = datetime(2026, 10, 27, tzinfo=UTC)
    midnights = [(first + timedelta(days=number)).strftime("%Y-%m-%dT%H:%M:%SZ") for number in range(14)]
    steps = [read_at for _, read_at in READS]
    return {
        "customers": len(customers),
        "customer_versions_in_the_demo": sum(versions_met(rows, steps) for rows in customers.values()),
        # The star does not track names and addresses, nor a change that was undone between two steps.
        "customer_versions_of_tracked_fields": sum(versions_met(rows, steps, TRACKED) for rows in customers.values()),
        "customer_versions_read_every_midnight": sum(versions_met(rows, midnights) for rows in customers.values()),
        "accounts": len({row["id"] for row in read(data / "crm_accounts.jsonl")}),
    }
