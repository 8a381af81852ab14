"""Answers to surveys, from the dropped files."""

from collections import Counter, defaultdict

from oracle.files import newest_rows

# Question: worst score, best score, highest bad score, lowest good score.
SCALES = {"csat": (1, 5, 2, 4), "nps": (0, 10, 6, 9)}


def verdict(metric, score):
    """Return the verdict of a score, or None if it is off its scale."""
    worst, best, bad_to, good_from = SCALES[metric]
    if not worst <= score <= best:
        return None
    return "negative" if score <= bad_to else "positive" if score >= good_from else "neutral"


def survey_answers(data):
    """Return interactions, conversations, and verdicts by survey, question and market."""
    answers, counts = newest_rows(data / "surveys", "metric", "response_id")
    interactions, conversations, scores = [], {}, defaultdict(Counter)
    for row in answers.values():
        interactions.append(("surveys", "surveys/answer", row["market"], "inbound"))
        conversations[f"surveys:{row['response_id']}"] = ("surveys", "traditional", row["market"], "", None, None)
        if said := verdict(row["metric"], int(row["score"])):
            scores[f"{row['account']} {row['metric']} {row['market']}"][said] += 1
    told = {name: dict(sorted(verdicts.items())) for name, verdicts in sorted(scores.items())}
    return interactions, conversations, {**counts, "scores": told}
