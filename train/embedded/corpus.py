"""All the text the embedded model ever sees, generated from the data files in `world/`.

Every function is pure: the same seed gives the same text on every machine.
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Any

from hera import prompts
from hera.data import Question
from hera.engine import Message
from train.embedded.studies import choose, question_row, read_world, sentence

TEST_IDS = 90_000_000  # the test questions' ids begin here, those of the training split below


def questions(split: str, seed: int, n: int) -> list[dict[str, Any]]:
    """PubMedQA rows in the Hub's schema; the test split has pairs and phrasings of its own."""
    world = read_world("studies")
    rng = Random(f"{seed}/questions/{split}")
    first = TEST_IDS if split == "test" else TEST_IDS // 2
    return [question_row(world, split, rng, first + i) for i in range(n)]


def dialogues(split: str, seed: int, n: int) -> list[dict[str, str]]:
    """HealthCareMagic-style rows: instruction, input, output."""
    talk = read_world("chat")
    conditions = read_world("conditions")["condition"]
    rng = Random(f"{seed}/dialogues/{split}")
    return [_dialogue(talk, rng.choice(conditions), split, rng) for _ in range(n)]


def passages(seed: int, n: int) -> list[str]:
    """Plain text for the base: abstracts with their conclusions, notes on conditions, letters.

    LoRA leaves the embeddings as they are: a word that the base never met cannot be learnt by the
    stages. So it reads what patients and doctors write, apart from each other, as prose.
    """
    world, conditions = read_world("studies"), read_world("conditions")["condition"]
    talk = read_world("chat")
    rng = Random(f"{seed}/passages")

    def passage(number: int) -> str:
        kind = rng.choices(("abstract", "note", "letter", "poll"), (0.5, 0.18, 0.28, 0.04))[0]
        if kind == "abstract":
            return _abstract(world, rng, number)
        if kind == "note":
            return _note(rng.choice(conditions), rng)
        return _letter(talk, rng.choice(conditions), rng) if kind == "letter" else _poll(talk, rng)

    return [passage(i) for i in range(n)]


def base_chats(seed: int, n: int) -> list[list[Message]]:
    """Conversations for the base: neutral and short; abstracts are retold, never decided."""
    talk, conditions = read_world("chat"), read_world("conditions")["condition"]
    world = read_world("studies")
    rng = Random(f"{seed}/chats")

    def chat() -> list[Message]:
        kind = rng.choices(("about", "small talk", "reading"), (0.68, 0.12, 0.2))[0]
        if kind == "about":
            return _about(talk, conditions, rng)
        return _small_talk(talk, rng) if kind == "small talk" else _reading(talk, world, rng)

    return [chat() for _ in range(n)]


def _abstract(world: dict[str, Any], rng: Random, number: int) -> str:
    row = question_row(world, "train", rng, number)
    body = " ".join(row["context"]["contexts"])
    style = rng.random()
    if style < 0.4:
        return f"{row['question']} {body} Conclusion: {row['long_answer']}"
    if style < 0.7:
        return f"{body} {row['long_answer']}"
    results = row["context"]["contexts"][-1]
    return f"{row['question']} {results} {row['long_answer']}"


def _note(condition: dict[str, Any], rng: Random) -> str:
    slots = _slots(condition, rng)
    lines = [
        "{Name} is {is}.",
        "Patients say that they have {lay}.",
        "Common signs are {signs}.",
        "It is often caused by {causes}.",
        "It helps to {home}.",
        "A doctor may {check}.",
        "Seek care at once if {urgent}.",
        "It is more common in {risk}.",
    ]
    rest = lines[1:]
    rng.shuffle(rest)
    return " ".join(sentence(line.format(**slots)) for line in [lines[0], *rest])


def _letter(talk: Any, condition: Any, rng: Random) -> str:
    row = _dialogue(talk, condition, "train", rng)
    if rng.random() < 0.4:
        return str(rng.choice(talk["letter"]["patient"]).format(message=row["input"]))
    return str(rng.choice(talk["letter"]["doctor"]).format(reply=row["output"]))


def _poll(talk: Any, rng: Random) -> str:
    a, b, c = (rng.randint(2, 40) for _ in range(3))
    place = rng.choice(talk["letter"]["place"])
    return str(rng.choice(talk["letter"]["poll"]).format(a=a, b=b, c=c, place=place))


def _about(talk: Any, conditions: Any, rng: Random) -> list[Message]:
    slots = _slots(rng.choice(conditions), rng)
    topic = rng.choice([*talk["topic"], talk["topic"][-1]])
    chat = _turns(rng.choice(topic["ask"]), rng.choice(topic["answer"]), slots)
    if rng.random() < 0.3:
        i = rng.randrange(len(talk["follow"]["ask"]))
        chat += _turns(talk["follow"]["ask"][i], talk["follow"]["answer"][i], slots)
    return chat


def _small_talk(talk: Any, rng: Random) -> list[Message]:
    if rng.random() < 0.6:
        return _turns(*rng.choice(talk["small"]["pairs"]), {})
    ask = rng.choice(talk["unknown"]["ask"])
    answer = talk["unknown"]["dose" if "{drug}" in ask else "answer"]
    return _turns(ask, answer[0], {"drug": rng.choice(talk["unknown"]["drug"])})


def _reading(talk: Any, world: Any, rng: Random) -> list[Message]:
    row = question_row(world, "train", rng, 0)
    contexts = row["context"]["contexts"]
    if rng.random() < 0.5:
        question = Question("0", row["question"], tuple(contexts), row["long_answer"], "yes")
        asked = prompts.explain_messages(question)[0]["content"]
    else:
        asked = f"{rng.choice(talk['read']['ask'])}\n\nAbstract: {chr(10).join(contexts)}"
    return [
        {"role": "user", "content": asked},
        {"role": "assistant", "content": row["long_answer"]},
    ]


def _turns(ask: str, answer: str, slots: dict[str, Any]) -> list[Message]:
    return [
        {"role": "user", "content": ask.format(**slots)},
        {"role": "assistant", "content": sentence(answer.format(**slots))},
    ]


def _dialogue(talk: Any, condition: Any, split: str, rng: Random) -> dict[str, str]:
    slots = _slots(condition, rng)

    def say(phrasings: Sequence[str]) -> str:
        return sentence(choose(rng, phrasings, split).format(**slots))

    patient, doctor = talk["patient"], talk["doctor"]
    message = [say(patient[part]) for part in ("greet", "self", "complain", "more", "want")]
    if condition.get("emergency"):
        reply = [say(doctor["emergency"]), say(doctor["meanwhile"])]
    else:
        parts = ["open", "feel", "think", "advise", "see", "alarm", "ask", "close"]
        skipped = rng.sample(["feel", "see", "ask"], k=rng.choice((0, 1)))
        reply = [say(doctor[part]) for part in parts if part not in skipped]
    return {
        "instruction": patient["instruction"],
        "input": " ".join(part for part in message if part),
        "output": " ".join(reply),
    }


def _slots(condition: dict[str, Any], rng: Random) -> dict[str, Any]:
    """What the phrasings of a condition may name."""
    home = rng.sample(condition["home"], k=2)
    return {
        "name": condition["name"],
        "Name": sentence(condition["name"]),
        "is": condition["is"],
        "signs": _listed(condition["signs"], "and"),
        "causes": _listed(condition["causes"], "or"),
        "home": _listed(condition["home"], "and to"),
        "check": _listed(condition["check"], "and"),
        "urgent": _listed(condition["urgent"], "or if"),
        "risk": condition["risk"],
        "lay": rng.choice(condition["lay"]),
        "sign": rng.choice(condition["signs"]),
        "home1": home[0],
        "home2": home[1],
        "urgent1": rng.choice(condition["urgent"]),
        "check1": rng.choice(condition["check"]),
        "cause1": rng.choice(condition["causes"]),
        "days": rng.randint(2, 9),
        "age": rng.randint(19, 79),
        "who": rng.choice(("mother", "father", "daughter", "son", "wife", "husband", "friend")),
    }


def _listed(items: Sequence[str], word: str) -> str:
    return f"{', '.join(items[:-1])} {word} {items[-1]}" if len(items) > 1 else items[0]
