"""Computes what the warehouse must find, by plain loops over the story and without the warehouse's code.

The answers hold after the demo's three steps (`READS`): days 1 to 7, 8 to 13, and 14, each read an hour after its end.
Usage: python sample/answer_key.py [data directory] > sample/answers.yml
"""

import sys
from collections import Counter, defaultdict
from pathlib import Path
from statistics import median

import yaml
from oracle.case_clocks import case_clock_answers
from oracle.crms import other_crm_answers
from oracle.desks import CASES, desk_answers
from oracle.feeds import feed_answers
from oracle.files import complaint_answers, crm_answers, phone_answers
from oracle.forms import form_answers
from oracle.help_desk import zendesk_answers
from oracle.holding import agents_answers, agents_waits
from oracle.identity import identity_answers
from oracle.meaning import meaning_answers
from oracle.moves import private_moves
from oracle.outcomes import alarming_days
from oracle.pages import page_answers
from oracle.promises import service_level_answers
from oracle.reviews import review_answers
from oracle.social import NETWORKS, network_answers
from oracle.stores import store_answers
from oracle.surveys import survey_answers
from oracle.working_hours import business_waits
from oracle.x import x_answers

# The company's own rules; their results for its days are computed here.
SEEDS = Path(__file__).resolve().parents[1] / "dbt_project/seeds"
HEADING = """\
# What the warehouse must find in the bundled company's days, worked out from the story by sample/answer_key.py, which
# shares no code with the warehouse. State: after the demo's three steps, which read days 1 to 7 at 2026-11-02 01:00,
# days 8 to 13 at 2026-11-08 01:00 and day 14 at 2026-11-09 01:00, all UTC.
# Seconds run from the first customer message to the first reply by a human that the customer can see; business seconds
# are those of them within the hours of the calendar that the conversation's market and channel follow.
"""


def counted(pairs):
    """Return how often each value occurs, in order of the values."""
    return dict(sorted(Counter(pairs).items()))


def medians(conversations, *columns):
    """Return the median seconds of answered conversations, and their number, by the given columns."""
    groups = defaultdict(list)
    for row in conversations.values():
        if row[4] is not None:
            groups[" ".join(str(row[column]) for column in columns)].append(row[4])
    return {name: {"answered": len(found), "median_seconds": median(found)} for name, found in sorted(groups.items())}


def business_medians(conversations):
    """Return the same within working hours, by family and market, and by calendar, with the number of zeros."""
    waits = business_waits(conversations)
    timed = {key: (*conversations[key][:3], calendar, seconds) for key, (calendar, seconds) in waits.items()}
    return {
        "by_family_and_market": medians(timed, 1, 2),
        "by_calendar": medians(timed, 3),
        "within_closed_hours": counted(row[3] for row in timed.values() if row[4] == 0),
    }


SOURCES = {
    "x": x_answers,
    "zendesk": zendesk_answers,
    "phone": phone_answers,
    "complaints": complaint_answers,
    "surveys": survey_answers,
    "stores": store_answers,
    "reviews": review_answers,
    "forms": form_answers,
    "feeds": feed_answers,
    **{source: network_answers(source) for source in NETWORKS},
    **{source: desk_answers(source) for source in CASES},
}


def parts_of(data):
    """Return, for each source, its interactions, its conversations, and further counts."""
    return {name: answers(data) for name, answers in SOURCES.items()}


def conversations_of(parts):
    """Return the conversations of all sources."""
    return {key: row for part in parts.values() for key, row in part[1].items()}


def work_out(data):
    """Return every answer."""
    parts = parts_of(data)
    interactions = [row for part in parts.values() for row in part[0]]
    conversations = conversations_of(parts)
    phone, complaints, zendesk = parts["phone"][2], parts["complaints"][2], parts["zendesk"][2]
    surveys, stores, pages = parts["surveys"][2], parts["stores"][2], page_answers(data)
    x_kinds = counted(row[3] for row in parts["x"][1].values())
    return {
        "interactions": {
            "total": len(interactions),
            "by_source": counted(row[0] for row in interactions),
            "by_channel": counted(row[1] for row in interactions),
            "by_market": counted(row[2] for row in interactions),
            "by_source_and_direction": counted(f"{row[0]} {row[3]}" for row in interactions),
        },
        "conversations": {
            "total": len(conversations),
            "by_source": counted(row[0] for row in conversations.values()),
            "x": x_kinds,
            "moved_to_private": counted(key.split(":")[0] for key in private_moves(data)),
        },
        "first_reply": {
            "by_family_and_market": medians(conversations, 1, 2),
            "by_source_and_market": medians(conversations, 0, 2),
            "zendesk_by_channel": medians(parts["zendesk"][1], 3),
            "business": business_medians(conversations),
            # From the time at which the agent who gave the first reply took the case.
            "agents": agents_answers(data),
        },
        "x": parts["x"][2],
        "zendesk": dict(sorted(zendesk.items())),
        "case_clocks": case_clock_answers(data),
        "phone": dict(sorted(phone.items())),
        "complaints": dict(sorted(complaints.items())),
        "surveys": surveys["scores"],
        "page_visits": pages["visits"],
        # Only messages with a known line in the story's text bank: the rest are peers' and deliberate oddities.
        "meaning": meaning_answers(data),
        "crm": crm_answers(data),
        "other_crms": other_crm_answers(data),
        "identity": identity_answers(data),
        "early_warning": {"alarming_days": alarming_days(data)},
        "service_levels": service_level_answers(data, SEEDS),
        # Each row counts once, however often it was read.
        "quarantine": {
            "phone": {"ragged_row": phone["ragged_rows"], "missing_key": phone["rows_without_key"],
                      "file_refused": phone["refused_files"]},
            "complaints": {"ragged_row": complaints["ragged_rows"]},
            "surveys": {"ragged_row": surveys["ragged_rows"], "missing_key": surveys["rows_without_key"]},
            "stores": {"ragged_row": stores["ragged_rows"], "missing_key": stores["rows_without_key"]},
            "reviews": {"ragged_row": parts["reviews"][2]["ragged_rows"]},
            "analytics": {"ragged_row": pages["ragged_rows"]},
            "zendesk": {"ticket_gone": zendesk["deleted_tickets"]},
        },
    }  # fmt: skip


def first_reply_of(data):
    """Return {conversation id: first reply seconds or None} of every conversation."""
    return {key: row[4] for key, row in conversations_of(parts_of(data)).items()}


def asked_at_of(data, source):
    """Return {conversation id: moment of the first message} of one source's conversations."""
    return {key: row[5] for key, row in SOURCES[source](data)[1].items()}


def private_moves_of(data):
    """Return {conversation id: when it continued in private} of the public conversations on networks that did."""
    return private_moves(data)


def agents_waits_of(data):
    """Return {conversation id: business seconds from assignment to first reply} if its holder gave the reply."""
    return {key: seconds for key, (_, _, seconds) in agents_waits(data).items()}


def business_waits_of(data):
    """Return {conversation id: (calendar, business seconds)} of every answered conversation with a calendar."""
    return business_waits(conversations_of(parts_of(data)))


if __name__ == "__main__":
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent / "data"
    sys.stdout.write(HEADING + yaml.safe_dump(work_out(folder), sort_keys=False, allow_unicode=True))
