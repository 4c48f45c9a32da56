"""The generated text: the same from the same seed, held-out parts truly apart."""

from __future__ import annotations

from collections import Counter

from train.embedded import corpus
from train.embedded.studies import SHARES


def test_the_same_seed_gives_the_same_text():
    assert corpus.passages(1, 20) == corpus.passages(1, 20)
    assert corpus.base_chats(1, 20) == corpus.base_chats(1, 20)
    assert corpus.questions("test", 1, 20) == corpus.questions("test", 1, 20)
    assert corpus.dialogues("train", 1, 20) != corpus.dialogues("train", 2, 20)


def test_no_question_abstract_or_phrasing_of_the_test_split_is_in_training():
    train, test = (corpus.questions(split, 42, 500) for split in ("train", "test"))
    seen = {row["question"] for row in train} | set(corpus.passages(42, 500))
    abstracts = {row["context"]["contexts"][-1] for row in train}
    assert not seen & {row["question"] for row in test}
    assert not abstracts & {row["context"]["contexts"][-1] for row in test}
    assert not {row["pubid"] for row in train} & {row["pubid"] for row in test}


def test_decisions_come_in_pubmedqa_s_shares():
    rows = corpus.questions("train", 42, 2000)
    counts = Counter(row["final_decision"] for row in rows)
    for decision, share in SHARES.items():
        assert abs(counts[decision] / len(rows) - share) < 0.04


def test_every_slot_is_filled_and_the_base_never_decides():
    texts = corpus.passages(3, 500)
    texts += [m["content"] for chat in corpus.base_chats(3, 500) for m in chat]
    texts += [row["output"] for row in corpus.dialogues("test", 3, 200)]
    assert not [text for text in texts if "{" in text or not text.strip()]
    assert not [text for text in texts if "Decision:" in text]


def test_an_emergency_sends_for_help_first():
    replies = [r for r in corpus.dialogues("train", 5, 400) if "chest pressure" in r["input"]]
    assert replies
    for row in replies:
        first = row["output"].split(". ")[0].lower()
        assert "call" in first or "emergency" in first
