"""Every measure of `benchmarks.quality` against values computed by hand, or a paper's own."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks import means, measures, metrics
from benchmarks.quality_result import summary, table
from benchmarks.runs import greedy
from hera.errors import ConfigError


@pytest.fixture(scope="module")
def rouge():
    return metrics.load(metrics.ROUGE_L)


def test_rouge_l(rouge):
    said = "Police killed the gunman"
    pairs = [
        ("police kill the gunman", said, 3 / 4),  # these two are Lin's own, 2004, section 3.2
        ("the gunman kill police", said, 2 / 4),
        ("rest and drink", "Rest, and sleep well!", 4 / 7),  # 2 of 3 words, 2 of 4
        ("a b a c", "a c a b a c", 8 / 10),  # a word more than once
        ("51 mg", "51mg", 0.0),
        ("", "rest", 0.0),
        ("rest", "...", 0.0),
    ]
    texts, references, wanted = zip(*pairs, strict=True)
    found = rouge.compute(predictions=list(texts), references=list(references))
    assert found == {"rouge_l": pytest.approx(wanted)}


def test_similarity_matches_every_vector_with_its_closest():
    east, north = [1.0, 0.0], [0.0, 1.0]
    assert measures.similarity(np.array([east, north]), np.array([north])) == pytest.approx(2 / 3)
    assert measures.similarity(np.array([north]), np.array([east, north])) == pytest.approx(2 / 3)
    diagonal = np.array([[3.0, 3.0]], dtype=np.float32)  # length does not count
    assert measures.similarity(diagonal, np.array([east, north])) == pytest.approx(np.sqrt(0.5))
    assert measures.similarity(np.array([east]), np.array([[-1.0, 0.0]])) == 0.0


@pytest.mark.parametrize(
    ("word", "count"),
    [
        ("care", 1), ("careful", 2), ("ached", 1), ("wanted", 2), ("piles", 1), ("nurses", 2),
        ("table", 2), ("apple", 2), ("diet", 2), ("patient", 2), ("nausea", 3), ("fluid", 2),
        ("spasm", 2), ("calcium", 3), ("serious", 3), ("sexual", 3), ("doesn't", 2), ("don't", 1),
        ("medication", 4), ("crying", 2), ("51", 1), ("mg", 1),
    ],
)  # fmt: skip
def test_syllables(word, count):
    assert measures.syllables(word) == count


def test_grade():
    assert measures.grade("The cat sat on the mat.") == pytest.approx(0.39 * 6 + 11.8 - 15.59)
    # 9 words and 13 syllables in two sentences: a number's point ends none
    text = "Take 2.5 mg of the medication! Drink water\n"
    assert len(measures.sentences(text)) == 2
    assert measures.grade(text) == pytest.approx(0.39 * 9 / 2 + 11.8 * 13 / 9 - 15.59)
    assert measures.grade(" ... ") is None


def test_words():
    assert measures.words("Don't take 51 mg; an X-ray helps.") == [
        "don't", "take", "51", "mg", "an", "x", "ray", "helps",
    ]  # fmt: skip


def test_repetition():
    assert measures.repeated_ngrams("one two three four five") == 0.0
    assert measures.repeated_ngrams("No, no, no, no, no, no!") == pytest.approx(2 / 3)
    assert measures.repeated_ngrams("no no no") == 0.0
    assert measures.repeats_sentence("Rest well. Drink water. REST, well!")
    assert not measures.repeats_sentence("Rest well. Drink water. Rest.")


def test_every_measure_is_one_line():
    assert not [name for name, words in measures.DEFINITIONS.items() if "\n" in words]
    for source in ("Lin 2004", "arXiv:1904.09675", "Kincaid et al. 1975"):
        assert source in " ".join(measures.DEFINITIONS.values())


def test_the_interval_of_a_mean_is_about_two_standard_errors_wide():
    values = np.random.default_rng(1).normal(5, 2, 200)
    found = means.mean(list(values), seed=3)
    error = 1.96 * values.std() / np.sqrt(200)
    assert found["mean"] == pytest.approx(values.mean())
    assert found["n"] == 200
    assert found["ci95"] == pytest.approx(
        [values.mean() - error, values.mean() + error], abs=0.1 * error
    )
    assert means.mean(list(values), seed=3) == found


def test_means_say_what_they_cannot_know():
    assert means.mean([], seed=0) == {"mean": None, "ci95": None, "n": 0}
    assert means.mean([2.0, None, 4.0], seed=0) == {"mean": 3.0, "ci95": None, "n": 2}
    assert means.mean([2.0] * 10, seed=0)["ci95"] == [2.0, 2.0]
    assert means.rate([1.0] * 10) == {
        "mean": 1.0, "ci95": pytest.approx([0.7225, 1.0], abs=1e-4), "n": 10,
    }  # fmt: skip
    assert means.rate([])["mean"] is None


def test_a_difference_is_of_the_same_items():
    rng = np.random.default_rng(0)
    a = rng.normal(0, 100, 40)
    b = a + rng.normal(1, 0.1, 40)
    found = means.difference([*a, None, 1.0], [*b, 1.0, None], seed=0)
    low, high = found["difference_ci95"]
    assert found["n"] == 40
    assert 0.9 < low < found["difference"] < high < 1.1
    assert means.told(found)
    shuffled = means.difference(list(a), list(b[::-1]), seed=0)
    assert not means.told(shuffled)
    assert not means.told(means.difference([1.0], [2.0], seed=0))


def item(place, words):
    """A scored item; a variant may be called as a baseline is."""
    of_text = {**dict.fromkeys(measures.DEFINITIONS, 0.0), "grade": None}
    other = {k: v for k, v in of_text.items() if k != "turn_end"}
    answers = {name: {"text": "", **of_text, "words": n} for name, n in words.items()}
    return {"id": str(place), "gold": "", "reference": other, "other": other, "variants": answers}


def test_the_table_of_a_stopped_run():
    items = [item(i, {"base": 20.0, "other": 22.0 + i % 2}) for i in range(12)]
    found = summary(items, ["base", "other"], seed=0)
    head = {"data": {"ref": "mine", "n": 99}, "scored": 12, "partial": True, "max_new_tokens": 9}
    lines = table({**head, **found}).splitlines()
    assert "mine, 12 of 99, greedy, 9 tokens" in lines[0]
    assert lines[1].split() == ["base", "other", "reference", "other"]
    rows = {line.split()[0]: line.split() for line in lines[2:10]}
    assert rows["words"][:5] == ["words", "20.0", "(20.0", "to", "20.0)"]
    assert rows["grade"] == ["grade", *["-"] * 4]
    words = next(line for line in lines[11:] if line.startswith("words "))
    assert words.startswith("words             +2.500 (+2.")
    assert words.endswith(" *")
    nothing = {**head, "scored": 0, **summary([], ["base"], seed=0)}
    assert "turn_end          -" in table(nothing)


@pytest.mark.parametrize("tokens", [0, 9000])
def test_a_length_that_cannot_be_asked_for_is_bad_usage(tokens):
    with pytest.raises(ConfigError, match=f"--max-new-tokens.*{tokens}"):
        greedy(tokens)
