"""Entries of others' feeds: each stands alone, and nobody answers in it."""

from oracle.reading import read


def feed_answers(data):
    """Return interactions, conversations and counts.

    Conversations go by their links: the warehouse's ids hold the address at which a feed was read.
    """
    entries = read(data / "feeds.jsonl")
    interactions = [("feeds", "feeds/entry", "unknown", "inbound") for _ in entries]
    conversations = {
        f"feeds:{entry['id']}": ("feeds", "social", "unknown", "entry", None, entry["at"]) for entry in entries
    }
    return interactions, conversations, {}


def feed_authors(data):
    """Yield nothing of each author that some feed names: a name is one within one feed at most."""
    for _ in {(entry["on"], entry["by"]) for entry in read(data / "feeds.jsonl") if entry["by"]}:
        yield {}
