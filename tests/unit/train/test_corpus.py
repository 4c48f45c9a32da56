"""The generated text: the same from the same seed, held-out parts truly apart."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from train.embedded import corpus, patients
from train.embedded.numbers import P_RANGE, groups, p_text
from train.embedded.phrases import read_world
from train.embedded.studies import HELD_OUT, SHARES, Parts, is_held_out

AREAS = 150, 60, 60  # conditions, treatments and exposures, outcomes: fewer is too small a world


def test_the_same_seed_gives_the_same_text() -> None:
    assert corpus.passages(1, 1, 20) == corpus.passages(1, 1, 20)
    assert corpus.base_chats(1, 1, 20) == corpus.base_chats(1, 1, 20)
    assert corpus.held_out_questions(1, 10) == corpus.held_out_questions(1, 10)
    assert corpus.dialogues("train", 1, 20) != corpus.dialogues("train", 2, 20)


def test_the_world_is_large_enough() -> None:
    terms = Parts.read().terms
    assert len(patients.conditions()) >= AREAS[0]
    assert len(terms["treatments"]) >= AREAS[1]
    assert len(terms["exposures"]) >= AREAS[1]
    assert len(terms["bad"]) >= AREAS[2]
    assert len(terms["good"]) >= AREAS[2]


def test_every_condition_is_told_whole() -> None:
    known = patients.conditions()
    names = Counter(condition["name"] for condition in known)
    assert not [name for name, count in names.items() if count > 1]
    said = Counter(words for condition in known for words in condition["lay"])
    assert not [words for words, count in said.items() if count > 1]
    for condition in known:
        assert len(condition["lay"]) >= 7, condition["name"]
        assert len(condition["urgent"]) == len(condition["red"]) == 3, condition["name"]


@pytest.mark.parametrize("kind", HELD_OUT)
def test_no_question_or_result_of_the_test_split_is_in_training(kind: str) -> None:
    train, test = (corpus.questions(k, 42, 300) for k in ("train", kind))
    seen = {row["question"] for row in train}
    assert not seen & {row["question"] for row in test}
    assert not {row["pubid"] for row in train} & {row["pubid"] for row in test}


def test_training_never_names_a_held_out_term_as_subject() -> None:
    held_out = [t for t in Parts.read().terms["treatments"] if is_held_out(t) and " " in t]
    assert held_out
    asked = " ".join(row["question"].lower() for row in corpus.questions("train", 42, 1500))
    assert not [term for term in held_out if f" {term.lower()} " in asked]


def test_decisions_come_in_pubmedqa_s_shares() -> None:
    rows = corpus.questions("train", 42, 1500)
    counts = Counter(row["final_decision"] for row in rows)
    for decision, share in SHARES.items():
        assert abs(counts[decision] / len(rows) - share) < 0.04


@pytest.mark.parametrize("finding", P_RANGE)
def test_numbers_agree_with_the_finding(finding: str) -> None:
    from random import Random

    rng = Random(7)
    for _ in range(50):
        found = groups(finding, "down", rng)
        low, high = P_RANGE[finding]
        ratio, lower, upper = found.ratio
        assert low <= found.p <= high
        assert lower < ratio < upper
        assert (upper < 1) == (finding == "yes") or found.with_ > found.without
        assert (float(p_text(found.p, rng)) <= 0.05) == (finding == "yes")


def test_every_slot_is_filled_and_the_base_never_decides() -> None:
    texts = corpus.passages(3, 1, 500)
    texts += [m["content"] for chat in corpus.base_chats(3, 1, 500) for m in chat]
    rows = [row for kind in ("train", *patients.HELD_OUT) for row in corpus.dialogues(kind, 3, 150)]
    texts += [row[part] for row in rows for part in ("input", "output")]
    assert not [text for text in texts if re.search(r"[{}]|\[\w*\|", text) or not text.strip()]
    answers = [m["content"] for chat in corpus.base_chats(3, 1, 500) for m in chat[1::2]]
    assert not [text for text in answers if "Decision:" in text]


def test_some_dialogues_begin_with_one_sentence_as_a_chat_does() -> None:
    rows = [r for r in corpus.dialogues("train", 4, 400) if r["condition"] and not r["history"]]
    brief = [r for r in rows if len(r["input"].split()) <= 8]
    assert 0.15 < len(brief) / len(rows) < 0.7
    assert all(r["output"].count(".") >= 2 for r in brief)


def test_in_a_chat_the_first_sentence_names_the_complaint() -> None:
    rows = [r for r in corpus.dialogues("train", 4, 800) if r["condition"]]
    late = [r for r in rows if r["condition"].lower() not in r["output"].lower().split(". ")[0]]
    small = [r for r in late if r["output"].startswith("You are welcome")]
    assert len(late) - len(small) < 0.01 * len(rows)
    letters = [r for r in rows if r["output"].startswith(("Hello", "Hi,", "Thank you"))]
    assert not letters


def test_the_words_around_a_complaint_do_not_tell_that_there_is_one() -> None:
    rows = [r for r in corpus.dialogues("train", 4, 1500) if not r["condition"]]
    greeted = [r for r in rows if r["input"].lower().startswith(("hello doctor, ", "hi there, "))]
    assert greeted
    assert all("demonstration model" in r["output"] for r in greeted if "?" in r["input"])


def test_dialogues_hold_out_the_patient_s_words() -> None:
    words = {c["name"]: (c["lay"][-2].lower(), c["lay"][-1].lower()) for c in patients.conditions()}
    told = " ".join(f"{row['input']} {row['history']}" for row in corpus.dialogues("train", 5, 800))
    filed = [m["content"] for chat in corpus.base_chats(5, 2, 800) for m in chat]
    told += " ".join(filed)
    assert [text for text in filed if text.endswith(", not urgent.")]
    read = " ".join([*corpus.passages(5, 1, 1500), *corpus.passages(5, 2, 500)]).lower()
    assert not [known for known, _ in words.values() if known in told.lower()]
    assert not [unread for _, unread in words.values() if unread in read]
    assert [known for known, _ in words.values() if known in read]


def test_an_emergency_sends_for_help_first() -> None:
    emergencies = {c["name"] for c in patients.conditions() if c.get("emergency")}
    told = [r for r in corpus.dialogues("train", 5, 800) if r["urgent"] and not r["history"]]
    replies = [r["output"].split(". ")[:2] for r in told if r["condition"] in emergencies]
    first = [" ".join(sentences).lower() for sentences in replies]
    assert first
    assert all("call" in words or "emergency" in words for words in first)


def test_what_it_says_it_can_talk_about_is_in_the_world() -> None:
    names = {c["name"] for c in patients.conditions()}
    assert not [
        c for triple in read_world("chat")["outside"]["known"] for c in triple if c not in names
    ]


def test_what_lies_outside_is_not_in_the_world() -> None:
    names = {c["name"].lower() for c in patients.conditions()}
    names |= {other.lower() for c in patients.conditions() for other in c["aka"]}
    assert not names & {thing.lower() for thing in read_world("outside")["medical"]["thing"]}


def test_some_training_questions_show_nothing_but_results() -> None:
    rows = corpus.questions("train", 4, 300)
    bare = [r for r in rows if r["context"]["labels"] == ["RESULTS"]]
    assert 0.2 < len(bare) / len(rows) < 0.45
    held_out = corpus.held_out_questions(4, 150)
    assert not [r for r in held_out if len(r["context"]["labels"]) < 2]
