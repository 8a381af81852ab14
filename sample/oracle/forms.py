"""Forms and chats of the company's site, from its database."""

from collections import defaultdict

from oracle.reading import read, seconds


def exchanges(data):
    """Return {conversation id: its messages in order of time}."""
    found = defaultdict(list)
    for row in sorted(read(data / "forms_messages.jsonl"), key=lambda row: row["created_at"]):
        found[f"forms:{row['channel']}:{row['conversation_id']}"].append(row)
    return found


def form_answers(data):
    """Return interactions and conversations of the site; an assistant's message is no reply."""
    interactions, conversations = [], {}
    for key, messages in exchanges(data).items():
        channel, market = messages[0]["channel"], messages[0]["market"]
        for row in messages:
            direction = "inbound" if row["sender"] == "customer" else "outbound"
            interactions.append(("forms", f"forms/{channel}", market, direction))
        asked = next(row["created_at"] for row in messages if row["sender"] == "customer")
        replies = [row["created_at"] for row in messages if row["sender"] == "agent" and row["created_at"] > asked]
        wait = seconds(asked, replies[0]) if replies else None
        conversations[key] = ("forms", "traditional", market, channel, wait, asked)
    return interactions, conversations, {}
