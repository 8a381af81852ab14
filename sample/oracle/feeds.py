"""Entries of others' feeds: each is a conversation without replies."""

from oracle.reading import read


def feed_answers(data):
    """Return interactions, conversations and counts.

    Conversations are identified by their links, because the warehouse's ids contain the address of the feed.
    """
    entries = read(data / "feeds.jsonl")
    interactions = [("feeds", "feeds/entry", "unknown", "inbound") for _ in entries]
    conversations = {
        f"feeds:{entry['id']}": ("feeds", "social", "unknown", "entry", None, entry["at"]) for entry in entries
    }
    return interactions, conversations, {}


def feed_authors(data):
    """Yield no key for each author named in a feed: a name is unique at most within one feed."""
    for _ in {(entry["on"], entry["by"]) for entry in read(data / "feeds.jsonl") if entry["by"]}:
        yield {}
