"""All the text the embedded model ever sees, generated from the data files in `world/`.

Every function is pure: the same seed gives the same text on every machine.
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Any

from hera import prompts
from hera.data import Question
from hera.types import Message
from train.embedded import patients, studies
from train.embedded.outside import known_conditions, outside_reply
from train.embedded.patients import filed, index, note, slots_of
from train.embedded.phrases import read_world, say, sentence
from train.embedded.studies import Parts, question_row
from train.embedded.typing_errors import as_typed

FIRST_IDS = {"train": 45_000_000, "facts": 90_000_000, "phrasings": 95_000_000}
"""The `pubid` of the first question of each kind: an id tells which one a question is of."""


BARE = 0.3
"""The share of the training questions that show results alone."""

LESSONS = (
    {
        "passages": {"finding": 0.55, "note": 0.25, "letter": 0.15, "poll": 0.05},
        "chats": {"about": 0.75, "small talk": 0.07, "outside": 0.18},
    },
    {
        "passages": {"abstract": 0.65, "finding": 0.1, "note": 0.1, "letter": 0.13, "poll": 0.02},
        "chats": {"about": 0.5, "small talk": 0.04, "outside": 0.14, "reading": 0.32},
    },
    {
        "passages": {"abstract": 0.2, "finding": 0.15, "note": 0.1, "letter": 0.15, "index": 0.4},
        "chats": {
            "rating": 0.28,
            "reading": 0.05,
            "filing": 0.23,
            "about": 0.32,
            "small talk": 0.03,
            "outside": 0.09,
        },
    },
)
"""What the base reads first, then and last, by share. To look a word up in what was said before is
learnt from short texts in a tenth of the time that long abstracts take; what an abstract found,
and what a patient complains of, is learnt where the loss gives those few words their weight (see
`loss.weighted_loss`)."""


def questions(kind: str, seed: int, n: int) -> list[dict[str, Any]]:
    """PubMedQA rows in the Hub's schema: "train", or one of `studies.HELD_OUT`."""
    parts, rng = Parts.read(), Random(f"{seed}/questions/{kind}")

    def row(number: int) -> dict[str, Any]:
        bare = kind == "train" and rng.random() < BARE
        return question_row(parts, kind, rng, number, bare)

    return [row(FIRST_IDS[kind] + i) for i in range(n)]


def held_out_questions(seed: int, n: int) -> list[dict[str, Any]]:
    """The test split: `n` of each held-out kind, mixed."""
    rows = [row for kind in studies.HELD_OUT for row in questions(kind, seed, n)]
    Random(seed).shuffle(rows)
    return rows


def dialogues(kind: str, seed: int, n: int) -> list[dict[str, Any]]:
    """HealthCareMagic-style rows (see `patients.dialogue`): "train", or a held-out kind."""
    talk, rng = read_world("chat"), Random(f"{seed}/dialogues/{kind}")
    return [patients.dialogue(talk, kind, rng, chat=True) for _ in range(n)]


def held_out_dialogues(seed: int, n: int) -> list[dict[str, Any]]:
    """The test split: `n` of each held-out kind, mixed."""
    rows = [row for kind in patients.HELD_OUT for row in dialogues(kind, seed, n)]
    Random(seed).shuffle(rows)
    return rows


def passages(seed: int, lesson: int, n: int) -> list[str]:
    """Plain text for the base: abstracts with their conclusions, a textbook, letters.

    Most abstracts that begin with their question tell whether the finding is positive, negative or
    unclear: six million parameters cannot learn that from the conclusions' many wordings.

    LoRA leaves the embeddings as they are: a word that the base never met cannot be learnt by the
    stages. So it reads what patients and doctors write, apart from each other, as prose.
    """
    parts, talk, conditions = Parts.read(), read_world("chat"), patients.conditions()
    rng, shares = Random(f"{seed}/passages/{lesson}"), LESSONS[lesson]["passages"]

    def passage(number: int) -> str:
        kind = rng.choices(list(shares), list(shares.values()))[0]
        if kind in ("abstract", "finding"):
            return _abstract(talk, parts, rng, number, bare=kind == "finding")
        if kind == "note":
            return note(rng.choice(conditions), rng)
        if kind == "index":
            return index(talk, rng.sample(conditions, k=8), rng)
        return _letter(talk, rng) if kind == "letter" else _poll(talk, rng)

    return [passage(i) for i in range(n)]


def base_chats(seed: int, lesson: int, n: int) -> list[list[Message]]:
    """Conversations for the base: neutral and short; abstracts are retold and rated, in other
    words than PubMedQA's: it never answers yes, no or maybe."""
    talk, parts, conditions = read_world("chat"), Parts.read(), patients.conditions()
    rng, shares = Random(f"{seed}/chats/{lesson}"), LESSONS[lesson]["chats"]

    def chat() -> list[Message]:
        kind = rng.choices(list(shares), list(shares.values()))[0]
        if kind == "about":
            return _about(talk, rng.choice(conditions), rng)
        if kind in ("reading", "rating"):
            return _reading(talk, parts, rng, rated=kind == "rating")
        if kind == "filing":
            message, filing = filed(talk, rng.choice(conditions), rng)
            return _turns(f"{message}\n\n{talk['file']['ask']}", filing)
        if kind == "outside":
            return _turns(*outside_reply(talk, "base", rng))
        message, reply = rng.choice(talk["small"]["pairs"])
        return _turns(message, reply.format(**known_conditions(rng)))

    return [chat() for _ in range(n)]


def _abstract(talk: dict[str, Any], parts: Parts, rng: Random, number: int, bare: bool) -> str:
    row = question_row(parts, "train", rng, number, bare)
    contexts: Sequence[str] = row["context"]["contexts"]
    style = rng.random()
    if style < 0.25:
        return f"{' '.join(contexts)} {row['long_answer']}"
    shown = contexts[-1] if style < 0.55 else " ".join(contexts)
    finding = talk["read"]["finding"][row["final_decision"]]
    shown += "" if style > 0.9 else f" {finding}"
    return f"{row['question']} {shown} Conclusion: {row['long_answer']}"


def _letter(talk: dict[str, Any], rng: Random) -> str:
    row = patients.dialogue(talk, "train", rng)
    if rng.random() < 0.35:
        return str(rng.choice(talk["letter"]["patient"]).format(message=row["input"]))
    return str(rng.choice(talk["letter"]["doctor"]).format(reply=row["output"]))


def _poll(talk: dict[str, Any], rng: Random) -> str:
    """Decisions of committees, every word as often as the others."""
    a, b, c = (rng.randint(2, 40) for _ in range(3))
    v1, v2, v3 = rng.sample(("yes", "no", "maybe"), k=3)
    place = rng.choice(talk["letter"]["place"])
    slots = {"a": a, "b": b, "c": c, "v1": v1, "v2": v2, "v3": v3, "place": place}
    return say(rng, talk["letter"]["poll"], slots)


def _about(talk: dict[str, Any], condition: patients.Condition, rng: Random) -> list[Message]:
    slots = slots_of(condition, rng)
    topics = talk["topic"]
    topic = rng.choice([*topics, topics[-1], topics[-1], topics[-1]])
    question = as_typed(say(rng, topic["ask"], slots), rng)
    chat = _turns(question, say(rng, topic["answer"], slots))
    if rng.random() < 0.35:
        i = rng.randrange(len(talk["follow"]["ask"]))
        answer = sentence(talk["follow"]["answer"][i].format(**slots))
        chat += _turns(talk["follow"]["ask"][i], answer)
    return chat


def _reading(talk: dict[str, Any], parts: Parts, rng: Random, rated: bool) -> list[Message]:
    row = question_row(parts, "train", rng, 0, bare=rng.random() < BARE)
    contexts = row["context"]["contexts"]
    question = Question("0", row["question"], tuple(contexts), row["long_answer"], "yes")
    abstract, style = f"Abstract: {prompts.abstract_of(question)}", 1 if rated else rng.random()
    if style < 0.25:
        return _turns(prompts.explain_messages(question)[0]["content"], row["long_answer"])
    if style < 0.4:
        return _turns(f"{rng.choice(talk['read']['ask'])}\n\n{abstract}", row["long_answer"])
    message = f"{talk['read']['rate']}\n\n{abstract}\n\nQuestion: {question.question}"
    return _turns(message, talk["read"]["finding"][row["final_decision"]])


def _turns(message: str, reply: str) -> list[Message]:
    return [{"role": "user", "content": message}, {"role": "assistant", "content": reply}]
