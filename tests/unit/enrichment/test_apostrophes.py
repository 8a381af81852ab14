"""Whatever stands for an apostrophe is read as one: by rules, by negations and by the lexicon."""

import pytest

from social_crm.enrichment.apostrophes import straighten
from social_crm.enrichment.care import score_care
from social_crm.enrichment.classification.phrases import split_words
from social_crm.enrichment.vader import read, score_reading


@pytest.mark.parametrize("mark", ["’", "ʼ", "＇", "`", "´", "‘", "′"])
@pytest.mark.parametrize(
    "text",
    ["I don't like this", "the app isn't working", "you can't complain", "it wasn't good", "couldn't be happier"],
)
def test_every_apostrophe_is_read_as_the_plain_one(text: str, mark: str) -> None:
    odd = text.replace("'", mark)
    assert split_words(odd) == split_words(text)
    assert score_reading(read(odd)) == score_reading(read(text))
    assert score_care(odd, read(odd)) == score_care(text, read(text))


@pytest.mark.parametrize("text", ["run `make` now", "´hello´ there", "5′ and 6′", "``", "say ‘no’ to it"])
def test_a_quotation_mark_is_no_apostrophe_within_a_word(text: str) -> None:
    assert straighten(text) == text.replace("’", "'")
