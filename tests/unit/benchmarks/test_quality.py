"""Every measure of `benchmarks.quality` against values computed by hand, or a paper's own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import evaluate
import numpy as np
import pytest

from benchmarks import metrics
from benchmarks.harness.flags import greedy
from benchmarks.quality.result import quality_summary
from hera.data import Dialogue
from hera.errors import ConfigError, ModelError
from hera.evaluation.quality import measures, text_measures
from hera.evaluation.quality.answering import AnsweredCase, Case, check_similarities
from hera.evaluation.quality.result import QualityResult, quality_parts
from tests.doubles.results import MACHINE


@pytest.fixture(scope="module")
def rouge() -> evaluate.Metric:
    return metrics.load(metrics.ROUGE_L)


def test_rouge_l(rouge: evaluate.Metric) -> None:
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


def test_similarity_matches_every_vector_with_its_closest() -> None:
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
def test_syllables(word: str, count: int) -> None:
    assert text_measures.syllables(word) == count


def test_grade() -> None:
    assert text_measures.grade("The cat sat on the mat.") == pytest.approx(0.39 * 6 + 11.8 - 15.59)
    # 9 words and 13 syllables in two sentences: a number's point ends none
    text = "Take 2.5 mg of the medication! Drink water\n"
    assert len(text_measures.sentences(text)) == 2
    assert text_measures.grade(text) == pytest.approx(0.39 * 9 / 2 + 11.8 * 13 / 9 - 15.59)
    assert text_measures.grade(" ... ") is None


def test_words() -> None:
    assert text_measures.words("Don't take 51 mg; an X-ray helps.") == [
        "don't", "take", "51", "mg", "an", "x", "ray", "helps",
    ]  # fmt: skip


def test_repetition() -> None:
    assert text_measures.repeated_ngrams("one two three four five") == 0.0
    assert text_measures.repeated_ngrams("No, no, no, no, no, no!") == pytest.approx(2 / 3)
    assert text_measures.repeated_ngrams("no no no") == 0.0
    assert text_measures.repeats_sentence("Rest well. Drink water. REST, well!")
    assert not text_measures.repeats_sentence("Rest well. Drink water. Rest.")


def test_every_measure_is_one_line() -> None:
    assert not [name for name, words in measures.DEFINITIONS.items() if "\n" in words]
    for source in ("Lin 2004", "arXiv:1904.09675", "Kincaid et al. 1975"):
        assert source in " ".join(measures.DEFINITIONS.values())


def test_a_similarity_that_is_no_number_is_named() -> None:
    case = Case("7", Dialogue("Why?", "So."), None, Dialogue("Why?", "So."))
    numbers: list[dict[str, float | None]] = [{"similarity": 0.5}, {"similarity": float("nan")}]
    check_similarities(case, ["base", "stage1"], numbers[:1] * 2)
    with pytest.raises(ModelError, match=r"numbers of dialogue 7 .*the text of stage1"):
        check_similarities(case, ["base", "stage1"], numbers)


def item(place: int, words: Mapping[str, float]) -> AnsweredCase:
    """A scored item; a variant may be called as a baseline is."""
    of_text = {**dict.fromkeys(measures.DEFINITIONS, 0.0), "grade": None}
    other = {k: v for k, v in of_text.items() if k != "turn_end"}
    answers = {
        name: {"text": "", "finished": "stop", **of_text, "words": n} for name, n in words.items()
    }
    case = {"id": str(place), "patient": "", "gold": "", "reference": other, "other": other}
    return AnsweredCase.of({**case, "variants": answers})


def result(items: Sequence[AnsweredCase], names: Sequence[str]) -> QualityResult:
    data = {"ref": "mine", "split": "test", "n": 99, "sha256": "c" * 64}
    head = {"benchmark": "quality", "data": data, "prompt": "chat", "prompt_text": "", "seed": 0}
    counts = {"max_new_tokens": 9, "left_out": 0, "definitions": {}, "scored": len(items)}
    facts = {"partial": True, "environment": MACHINE, "seconds": 1.0, "finished": "now"}
    return QualityResult.of({**head, **counts, **quality_parts(items, names, seed=0), **facts})


def test_the_table_of_a_stopped_run() -> None:
    items = [item(i, {"base": 20.0, "other": 22.0 + i % 2}) for i in range(12)]
    lines = quality_summary(result(items, ["base", "other"])).splitlines()
    assert "mine, 12 of 99, greedy, 9 tokens" in lines[0]
    assert lines[1].split() == ["base", "other", "reference", "other"]
    rows = {line.split()[0]: line.split() for line in lines[2:10]}
    assert rows["words"][:5] == ["words", "20.0", "(20.0", "to", "20.0)"]
    assert rows["grade"] == ["grade", *["-"] * 4]
    words = next(line for line in lines[11:] if line.startswith("words "))
    assert words.startswith("words             +2.500 (+2.")
    assert words.endswith(" *")
    assert "turn_end          -" in quality_summary(result([], ["base"]))


@pytest.mark.parametrize("tokens", [0, 9000])
def test_a_length_that_cannot_be_asked_for_is_bad_usage(tokens: int) -> None:
    with pytest.raises(ConfigError, match=f"--max-new-tokens.*{tokens}"):
        greedy(tokens)
