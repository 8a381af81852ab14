"""Reply threads: where they begin, whom we answer, and how long the first reply took.

Posts are {id: post} with `by` and `at`; parents say which of them answers which.
"""

from collections import defaultdict

from oracle.reading import seconds


def in_order(posts):
    """Return ids by time; at the same time, the smaller id first."""
    return sorted(posts, key=lambda identifier: (posts[identifier]["at"], len(identifier), identifier))


def threads_of(posts, parents, ours):
    """Return {root: ids in order}: climb until a post has no parent, or a customer answers a post in no thread."""
    roots, threads = {}, defaultdict(list)

    def root_of(identifier):
        if identifier not in roots:
            roots[identifier] = identifier
            if parents.get(identifier) in posts:
                above = root_of(parents[identifier])
                opens = posts[identifier]["by"] not in ours and posts[above]["by"] in ours
                roots[identifier] = identifier if opens else above
        return roots[identifier]

    for identifier in in_order(posts):
        threads[root_of(identifier)].append(identifier)
    return threads


def addressee_of(identifier, posts, parents, ours):
    """Return who wrote the customer's post above one of ours; None if we answer nobody."""
    while identifier in posts and posts[identifier]["by"] in ours:
        identifier = parents.get(identifier)
    return posts[identifier]["by"] if identifier in posts else None


def between_opener_and_us(root, members, posts, parents, ours):
    """Return the opener's posts in a thread, and ours to them or to nobody."""
    opener = posts[root]["by"]
    return [
        identifier
        for identifier in members
        if (
            addressee_of(identifier, posts, parents, ours) in (None, opener)
            if posts[identifier]["by"] in ours
            else posts[identifier]["by"] == opener
        )
    ]


def first_reply(root, members, posts, parents, ours):
    """Return the seconds from the post that opens a thread to our first answer to its author, or None."""
    opener = posts[root]
    for identifier in members:
        post = posts[identifier]
        answers = post["by"] in ours and addressee_of(identifier, posts, parents, ours) == opener["by"]
        if answers and post["at"] > opener["at"]:
            return seconds(opener["at"], post["at"])
    return None
