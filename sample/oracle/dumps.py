"""Posts of a question-and-answer site, from its dumps."""

from xml.etree import ElementTree

from oracle.files import delivered

KINDS = {"1": "question", "2": "answer"}


def dumped_posts(folder):
    """Return every question and answer, from the last dump that contains it, as lines of a network."""
    found = {}
    for name, text in delivered(folder):
        site = name.split("_")[1]
        for row in ElementTree.fromstring(text.encode()):
            if row.get("PostTypeId") in KINDS:
                found[row.get("Id")] = _line(site, row)
    return list(found.values())


def _line(site, row):
    owner, question = row.get("OwnerUserId"), row.get("ParentId")
    return {
        "id": f"{site}/{row.get('Id')}",
        "kind": KINDS[row.get("PostTypeId")],
        "at": f"{row.get('CreationDate')[:19]}Z",
        "by": f"{site}/{owner}" if owner else None,
        "text": row.get("Body"),
        **({"on": f"{site}/{question}"} if question else {}),
    }
