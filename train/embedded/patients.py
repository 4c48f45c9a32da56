"""Patients' messages and a doctor's replies, one to four turns, with the complaint kept in mind.

What a patient says of a complaint comes from `world/conditions/`. Held out: "phrasings" are frames
and words around it that no training dialogue has; "facts" are words for the complaint that only the
base's textbook has read, never a dialogue; "unread" are words for it that no part of the model has
read at all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

from train.embedded.outside import known_conditions, outside_reply
from train.embedded.phrases import listed, read_world, say, sentence
from train.embedded.typing_errors import as_typed

HELD_OUT = ("facts", "phrasings", "unread")
Condition = Mapping[str, Any]
_ARTICLES = ("a ", "an ", "the ")


def conditions() -> list[Condition]:
    """All complaints and conditions of the world, in the order of the files."""
    return [c for file in read_world("conditions").values() for c in file["condition"]]


def words_for(condition: Condition, kind: str) -> Sequence[str]:
    """The ways to say "I have ..." that a kind of text may use.

    The last is read by nobody, the one before by the textbook ("read") but by no dialogue.
    """
    lay = condition["lay"]
    parts = {"unread": lay[-1:], "facts": lay[-2:-1], "read": lay[:-1]}
    return list(parts.get(kind, lay[:-2]))


def dialogue(talk: Mapping[str, Any], kind: str, rng: Random, chat: bool = False) -> dict[str, Any]:
    """One row in HealthCareMagic's schema, with the earlier turns in `history`.

    In a `chat`, not a letter, some patients write one sentence or only ask, and the doctor's first
    words name the complaint, as the base's do: asked to greet first, the model no longer finds it.

    Besides `instruction`, `input` and `output` a row tells what the reply must be about
    (`condition`, "" where the patient asks something outside the world), whether it is `urgent`,
    and which `kind` it is of.
    """
    talk = in_chat(talk) if chat else talk
    if kind == "train" and (aside := _aside(talk, rng, chat)):
        return {**_row(talk, aside[0], aside[1]), "condition": aside[2], "kind": kind}
    condition = rng.choice(conditions())
    slots = slots_of(condition, rng, kind)
    begin = _brief if chat and rng.random() < 0.35 else _first
    turns = [begin(talk, condition, slots, kind, rng)]
    urgent = turns[0][2]
    for _ in range(rng.choices((0, 1, 2, 3), (0.55, 0.28, 0.12, 0.05))[0]):
        if urgent:
            break
        turns.append(_next(talk, slots, kind, rng))
        urgent = turns[-1][2]
    *earlier, (message, reply, urgent) = turns
    history = [[patient, doctor] for patient, doctor, _ in earlier]
    about = {"history": history, "condition": condition["name"], "urgent": urgent, "kind": kind}
    return {**_row(talk, message, reply), **about}


def _row(talk: Mapping[str, Any], message: str, reply: str) -> dict[str, Any]:
    row = {"instruction": talk["patient"]["instruction"], "input": message, "output": reply}
    return {**row, "history": [], "condition": "", "urgent": False}


def in_chat(talk: Mapping[str, Any]) -> dict[str, Any]:
    """`world/chat.toml` with the phrasings of a chat in the place of those of letters.

    A question about a condition has one answer, the first of the base's that names the condition.
    """
    chat = talk["chat"]
    both = {side: {**talk[side], **chat[side]} for side in ("doctor", "patient")}
    turns = [{**turn, **chat["turns"][turn["kind"]]} for turn in talk["turn"]]
    *questions, complaint = talk["topic"]
    topics = [
        {**topic, "answer": [next(a for a in topic["answer"] if "ame}" in a)]}
        for topic in (*questions, chat["topic"], complaint)
    ]
    return {**talk, **both, "turn": turns, "topic": topics}


def _aside(talk: Mapping[str, Any], rng: Random, chat: bool) -> tuple[str, str, str] | None:
    """(message, reply, condition) where nobody complains of anything; None in most cases."""
    drawn, topics = rng.random(), 0.2 if chat else 0.07
    if drawn < 0.17:
        message, reply = outside_reply(talk, "doctor", rng)
        if chat and rng.random() < 0.5:
            message = _as_letter(talk, message, rng)
        return message, reply, ""
    if drawn < 0.21:
        message, reply = rng.choice(talk["small"]["pairs"])
        return as_typed(message, rng), reply.format(**known_conditions(rng)), ""
    if drawn < 0.21 + topics:
        return _explained(talk, rng.choice(conditions()), rng)
    return None


def _explained(talk: Mapping[str, Any], condition: Condition, rng: Random) -> tuple[str, str, str]:
    """(question about a condition, answer, condition)."""
    slots, doctor = slots_of(condition, rng), talk["doctor"]
    topic = rng.choice(talk["topic"][:-1])  # the last one is a complaint
    if topic.get("complains") and condition.get("emergency"):
        question = as_typed(say(rng, topic["ask"], slots), rng)
        return question, _emergency(doctor, slots, rng), condition["name"]
    answer = [say(rng, part, slots) for part in (topic["answer"], doctor["alarm"])]
    if doctor["gladly"]:
        answer = [say(rng, doctor["gladly"], slots), *answer]
    elif "eek care at once" in answer[0]:
        answer[1] = say(rng, doctor["see"], slots)
    return as_typed(say(rng, topic["ask"], slots), rng), " ".join(answer), condition["name"]


def _as_letter(talk: Mapping[str, Any], question: str, rng: Random) -> str:
    """A question from outside the world between the words that stand around a complaint."""
    patient, slots = talk["patient"], {"age": rng.randint(19, 79)}
    parts = [say(rng, patient[part], slots) for part in ("greet", "self", "want")]
    return " ".join(part for part in (*parts[:2], question, parts[2]) if part)


def _first(
    talk: Mapping[str, Any], condition: Condition, slots: dict[str, Any], kind: str, rng: Random
) -> tuple[str, str, bool]:
    """(message, reply, urgent)."""
    patient, doctor, new = talk["patient"], talk["doctor"], kind == "phrasings"

    def frame(part: str) -> str:
        return say(rng, patient[part], slots, new)

    emergency = condition.get("emergency", False)
    flagged = not emergency and rng.random() < 0.22
    calm = not emergency and not flagged
    second = _other(condition, kind, rng) if calm and rng.random() <= 0.08 else None
    parts = [frame("greet"), frame("self"), frame("complain")]
    parts.append(frame("flag") if flagged else frame("more"))
    if second:
        parts.append(say(rng, patient["also"], {"lay2": second["lay"]}, new))
    message = as_typed(" ".join(p for p in [*parts, frame("want")] if p), rng)
    if emergency:
        return message, _emergency(doctor, slots, rng), True
    if flagged:
        return message, urgent_reply(doctor, slots, rng), True
    return message, _calm(doctor, slots, second, rng), False


def _brief(
    talk: Mapping[str, Any], condition: Condition, slots: dict[str, Any], kind: str, rng: Random
) -> tuple[str, str, bool]:
    """(message, reply, urgent) of the complaint alone, as in the base's chats."""
    message = as_typed(say(rng, talk["patient"]["brief"], slots, kind == "phrasings"), rng)
    if condition.get("emergency", False):
        return message, _emergency(talk["doctor"], slots, rng), True
    return message, _calm(talk["doctor"], slots, None, rng), False


def _emergency(doctor: Mapping[str, Any], slots: dict[str, Any], rng: Random) -> str:
    return f"{say(rng, doctor['emergency'], slots)} {say(rng, doctor['meanwhile'], slots)}"


def urgent_reply(doctor: Mapping[str, Any], slots: dict[str, Any], rng: Random) -> str:
    """The reply to a red flag of a complaint, which it names."""
    return f"{say(rng, doctor['urgent'], slots)} {say(rng, doctor['stay'], slots)}"


def _calm(
    doctor: Mapping[str, Any], slots: dict[str, Any], second: dict[str, str] | None, rng: Random
) -> str:
    skipped = rng.sample(["feel", "see", "close"], k=rng.choice((0, 1, 2)))
    reply = {part: say(rng, doctor[part], slots) for part in doctor["parts"] if part not in skipped}
    if second:
        also = {"name2": second["name"], "home2nd": second["home"]}
        reply["advise"] += " " + say(rng, doctor["second"], also)
    return " ".join(reply.values())


def _other(condition: Condition, kind: str, rng: Random) -> dict[str, str]:
    """Another complaint beside the first, not an emergency."""
    plain = [c for c in conditions() if not c.get("emergency") and not c.get("who")]
    other = rng.choice([c for c in plain if c["name"] != condition["name"]])
    lay = rng.choice(words_for(other, kind))
    return {"name": other["name"], "lay": lay, "home": rng.choice(other["home"])}


def _next(
    talk: Mapping[str, Any], slots: dict[str, Any], kind: str, rng: Random
) -> tuple[str, str, bool]:
    """A later turn: an answer, a question, thanks, or a turn for the worse."""
    new = kind == "phrasings"
    if rng.random() < 0.12:
        message = as_typed(say(rng, talk["patient"]["flag"], slots, new), rng)
        return message, urgent_reply(talk["doctor"], slots, rng), True
    turn = rng.choice(talk["turn"])
    message = as_typed(say(rng, turn["patient"], slots, new), rng)
    return message, say(rng, turn["doctor"], slots), False


def slots_of(condition: Condition, rng: Random, kind: str = "train") -> dict[str, Any]:
    """What the phrasings of a condition may name."""
    name = condition["name"]
    home = sorted(rng.sample(condition["home"], k=4), key=_calls_for_help)
    first, second, third = rng.sample(range(3), k=3)
    check, causes = rng.sample(condition["check"], k=2), rng.sample(condition["causes"], k=2)
    who = condition.get("who")
    have, had = (f"{who} has", f"{who} has had") if who else ("I have", "I have had")
    return {
        "name": name,
        "Name": sentence(name),
        "short": next((name.removeprefix(a) for a in _ARTICLES if name.startswith(a)), name),
        "called": rng.choice([name, name, *condition["aka"]]),
        "is": condition["is"],
        "signs": listed(condition["signs"], "and"),
        "causes": listed(condition["causes"], "or"),
        "home": listed(condition["home"][:3], "and to"),
        "check": listed(condition["check"], "and"),
        "more": condition["home"][-1],
        "urgent": listed(condition["urgent"], "or if"),
        "risk": condition["risk"],
        "lasts": condition["lasts"],
        "lay": rng.choice(words_for(condition, kind)),
        **{"have": have, "Have": sentence(have), "had": had, "Had": sentence(had)},
        "sign": rng.choice(condition["signs"]),
        **{f"home{i}": item for i, item in enumerate(home, 1)},
        **{"check1": check[0], "check2": check[1], "cause1": causes[0], "cause2": causes[1]},
        "urgent1": condition["urgent"][first],
        "urgent2": condition["urgent"][second],
        "urgent3": condition["urgent"][third],
        "danger": condition["urgent"][first],
        "red": condition["red"][first],
        "ask1": rng.choice(condition["ask"]),
        "days": rng.randint(2, 9),
        "age": rng.randint(19, 79),
        "who": rng.choice(("mother", "father", "daughter", "son", "wife", "husband", "friend")),
        **known_conditions(rng),
    }


def _calls_for_help(advice: str) -> bool:
    """Such advice comes last: a reply to an emergency has begun with it."""
    return advice.startswith(("call ", "go to ", "have somebody call"))


def filed(talk: Mapping[str, Any], condition: Condition, rng: Random) -> tuple[str, str]:
    """A patient's message and how a clerk files it: the complaint, and whether it is urgent."""
    slots = slots_of(condition, rng)
    message, _, urgent = _first(talk, condition, slots, "train", rng)
    return message, talk["file"]["urgent" if urgent else "calm"].format(**slots)


def index(talk: Mapping[str, Any], entries: Sequence[Condition], rng: Random) -> str:
    """Entries of a textbook's index, from complaints as patients put them to conditions."""
    return " ".join(talk["file"]["entry"].format(**slots_of(c, rng, "read")) for c in entries)


def note(condition: Condition, rng: Random) -> str:
    """A textbook's paragraph on a condition; a part of the lines, in any order."""
    slots = slots_of(condition, rng, "read")
    lines = [
        "[A patient|Somebody] with {short} may [say|write]: {have} {lay}.",
        "Common signs are {signs}.",
        "It is often caused by {causes}.",
        "It helps to {home}.",
        "A doctor may {check}.",
        "Seek care at once if {urgent}.",
        "It is more common in {risk}.",
        "It usually lasts {lasts}.",
    ]
    rest = rng.sample(lines, k=rng.randint(4, len(lines)))
    return " ".join(say(rng, [line], slots) for line in ["{Name} is {is}.", *rest])
