"""Whatever rows hold and however they are written: what was written is read, or one line says why.

The first test of each pair writes what has a meaning and wants it back, the second writes anything
under the names of the fields: no other exception than DataError, no row lost without count, and no
text, label or id that was not in the file.
"""

from __future__ import annotations

import itertools
import json
import math
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from hera.data import Choice, Dialogue, Question, load_choices, load_dialogues, load_pubmedqa
from hera.data.choices import LETTERS
from hera.data.pubmedqa import LABELS
from hera.errors import DataError
from tests.unit.data.writing import (
    TABLES,
    TEXTS,
    File,
    Rows,
    files,
    filled,
    plain,
    said_in,
    texts,
    whole,
)
from tests.unit.data.writing import values as anything

BY_NAME = {file.name: file for file in (*TEXTS, *TABLES)}
LINES, TABLE, CSV = (BY_NAME[n] for n in ("utf-8-lf.jsonl", "table.parquet", "utf-8-crlf.csv"))


def read(file: File, rows: Rows, load: Callable[[str], Any]) -> Any:
    """What is read of a file of these rows; the error's one line where they cannot be."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / file.name
        path.write_bytes(file.write(rows))
        try:
            return load(str(path))
        except DataError as error:
            assert_one_line(str(error))
            return str(error)


def assert_one_line(text: str) -> None:
    assert len(text.splitlines()) == 1, text
    assert len(text) < 900
    text.encode()  # no half character reaches a screen


def assert_same(file: File, rows: Rows, found: Any, wanted: Any) -> None:
    """A text that is JSON of a list or an object is none in CSV, and may be refused there."""
    if file.kind == "csv" and isinstance(found, str):
        assert any(is_json(value) for row in rows for value in row.values()), found
    else:
        assert found == wanted


def is_json(value: Any) -> bool:
    try:
        return isinstance(value, str) and isinstance(json.loads(value), list | dict)
    except ValueError:
        return False


# Ids: (as written, as read).
ids = st.one_of(
    st.integers(0, 2**53).map(lambda n: (n, str(n))),
    st.integers(0, 2**53).map(lambda n: (float(n), str(n))),
    st.integers(0, 2**53).map(lambda n: (str(n), str(n))),
    st.integers(0, 2**53).map(lambda n: (f" {n}.0", str(n))),
    filled.map(lambda text: (f"P{text}", whole(f"P{text}").strip())),
)
extra = st.dictionaries(texts.map(lambda name: f"x_{whole(name)}"), anything, max_size=2)


def several(row: st.SearchStrategy[Any]) -> st.SearchStrategy[list[Any]]:
    return st.lists(row, min_size=1, max_size=4)


# PubMedQA


@st.composite
def question_rows(draw: st.DrawFn) -> tuple[Rows, list[Question]]:
    """Rows of one of the shapes, and the questions that they are."""
    shape = draw(st.sampled_from(["hub", "list", "contexts", "text", "json", "ori", "bigbio"]))
    headings = draw(st.booleans())
    identities = draw(st.lists(ids, min_size=1, max_size=4, unique_by=lambda pair: pair[1]))
    rows, questions = [], []
    for written, identity in identities:
        question, long_answer = draw(filled), draw(st.none() | texts)
        decision = draw(st.sampled_from(LABELS))
        contexts: list[Any] = draw(st.lists(filled, min_size=1, max_size=3))
        labels = draw(st.lists(texts, max_size=3)) if headings else []
        if shape in ("text", "bigbio"):
            contexts, labels = [draw(plain)], []
        with_nulls = list(contexts)
        if shape not in ("text", "bigbio") and draw(st.booleans()):
            with_nulls.insert(draw(st.integers(0, len(contexts))), None)
        said = draw(st.sampled_from([decision, decision.upper(), f" {decision.title()}\n"]))
        shapes: dict[str, dict[str, Any]] = {
            "hub": {
                "pubid": written,
                "question": question,
                "context": {"contexts": with_nulls} | ({"labels": labels} if headings else {}),
                "long_answer": long_answer,
                "final_decision": said,
            },
            "list": {"id": written, "question": question, "context": with_nulls},
            "contexts": {"pmid": written, "question": question, "contexts": with_nulls},
            "text": {"pubid": written, "question": question, "context": contexts[0]},
            "json": {"pubid": written, "question": question, "context": json.dumps(with_nulls)},
            "ori": {
                "PMID": written,
                "QUESTION": question,
                "CONTEXTS": with_nulls,
                "LONG_ANSWER": long_answer,
                "LABELS": labels,
            },
            "bigbio": {
                **dict.fromkeys(("id", "question_id", "document_id"), written),
                "question": question,
                "type": "yesno",
                "choices": ["yes", "no", "maybe"],
                "context": contexts[0],
                "answer": [said],
            },
        }
        row = shapes[shape] | ({} if shape == "bigbio" else {"final_decision": said})
        has = shape in ("hub", "ori")
        rows.append({**draw(extra), **row})
        questions.append(
            Question(
                identity,
                whole(question),
                tuple(map(whole, contexts)),
                (whole(long_answer or "") if (long_answer or "").strip() else "") if has else "",
                decision,
                tuple(map(whole, labels)) if has else (),
            )
        )
    return rows, questions


@given(question_rows(), files)
def test_questions_are_read_as_they_were_written(
    written: tuple[Rows, list[Question]], file: File
) -> None:
    rows, questions = written
    assert_same(file, rows, read(file, rows, load_pubmedqa), questions)


QUESTION_FIELDS = (
    *("pubid", "pmid", "id", "question", "QUESTION", "context", "CONTEXTS", "contexts", "answer"),
    *("long_answer", "LONG_ANSWER", "final_decision", "LABELS"),
)


def junk(fields: Sequence[str], good: dict[str, Any]) -> st.SearchStrategy[Rows]:
    """Rows with anything, or what belongs there, under each of some fields."""
    some = st.fixed_dictionaries(
        {}, optional={name: anything | st.just(good.get(name)) for name in fields}
    )
    spoilt = st.tuples(st.sampled_from(fields), anything).map(lambda p: {**good, p[0]: p[1]})
    return several(st.one_of(some, spoilt, st.just(good)))


GOOD_QUESTION: dict[str, Any] = {
    "pubid": 7,
    "question": "Does tea help?",
    "context": {"contexts": ["We asked.", "They slept."], "labels": ["AIM", "RESULTS"]},
    "long_answer": "It did.",
    "final_decision": "yes",
}


@given(junk(QUESTION_FIELDS, GOOD_QUESTION), files)
@example([{**GOOD_QUESTION, "context": "[]"}], LINES)
@example([{**GOOD_QUESTION, "context": {"contexts": []}}], CSV)
@example([{**GOOD_QUESTION, "context": "[None]"}], LINES)
@example([{**GOOD_QUESTION, "context": ["We asked.", 5]}], LINES)
@example([{**GOOD_QUESTION, "long_answer": ["It did."]}], LINES)
@example([{**GOOD_QUESTION, "pubid": math.inf}], LINES)
@example([{**GOOD_QUESTION, "pubid": "9" * 5_000 + ".0"}], LINES)
@example([{"x\ny": 1}], LINES)
@example([{**GOOD_QUESTION, "question": math.nan}], CSV)
@example([{**GOOD_QUESTION, "question": []}], CSV)
def test_no_question_is_made_up(rows: Rows, file: File) -> None:
    rows = [{**row, "pubid": n} if row.get("pubid") == 7 else row for n, row in enumerate(rows)]
    unusable: list[str] = []
    found = read(file, rows, lambda path: load_pubmedqa(path, unusable=unusable))
    for line in unusable:
        assert_one_line(line)
    if isinstance(found, str):
        assert "occurs twice" in found or "no rows" in found or "cannot be read" in found
        return
    assert len(found) + len(unusable) == counted(file, rows)
    said = said_in(file, rows)
    for question in found:
        assert {question.question, *question.contexts, *question.labels} <= said
        assert question.long_answer in said | {""}
        assert question.decision in {text.lower() for text in said}
        assert question.id in said | numbers(rows)


def counted(file: File, rows: Rows) -> int:
    """How many rows a file holds."""
    if file.kind != "json" and not any(rows):
        return 0  # a table without a column
    (first, *more), lines = rows, "list" not in file.name and "indented" not in file.name
    objects = all(isinstance(value, dict | None) for value in first.values())
    keyed = file.kind == "json" and lines and not more and objects
    return len(first) if keyed else len(rows)  # one object of objects is pmid -> row


def numbers(value: Any) -> set[str]:
    """Every number in a value as an id."""
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return {value.strip().split(".")[0]} if isinstance(value, str) else set()
    if isinstance(value, int | float):
        exact = isinstance(value, float) and math.isfinite(value) and value.is_integer()
        return {str(value), str(int(value))} if exact else {str(value)}
    inner = value.values() if isinstance(value, dict) else value
    return set().union(*map(numbers, inner))


# Dialogues


REPLY = {"role": "assistant", "content": "Rest."}


@st.composite
def dialogue_rows(draw: st.DrawFn) -> tuple[Rows, list[Dialogue]]:
    """Rows of one of the shapes, and the dialogues that they are."""
    shape = draw(
        st.sampled_from(
            ["input", "alpaca", "history", "prompt", "lists", "messages", "sharegpt", "json"]
        )
    )
    rows, dialogues = [], []
    for _ in range(draw(st.integers(1, 4))):
        patient, doctor = draw(plain), draw(plain)
        several_turns = shape not in ("input", "alpaca", "prompt")
        turns = draw(st.lists(st.tuples(filled, filled), max_size=2)) if several_turns else []
        said = [*itertools.chain(*turns), patient, doctor]
        system = draw(st.booleans()) and several_turns
        row: dict[str, Any]
        if shape in ("input", "history"):
            row = {"instruction": "Answer as a doctor.", "input": patient, "output": doctor}
            if shape == "history":
                row["history"] = [list(turn) for turn in turns]
        elif shape == "alpaca":
            row = {"instruction": f"A: {patient}", "output": doctor}
            patient = f"A: {patient}"
            match draw(st.sampled_from(["empty", "null", "missing", "blank"])):
                case "empty":
                    row["input"] = ""
                case "null":
                    row["input"] = None
                case "blank":
                    row["input"] = " \n"
        elif shape == "prompt":
            row = {"prompt": patient, "completion": doctor}
        else:
            share = shape == "sharegpt"
            who, what = ("from", "value") if share else ("role", "content")
            names = draw(st.sampled_from([("user", "assistant"), ("Human", "GPT")]))
            chat = [{who: names[i % 2], what: text} for i, text in enumerate(said)]
            if system:
                chat.insert(0, {who: "system", what: draw(texts)})
            chats: dict[str, dict[str, Any]] = {
                "lists": {"prompt": chat[:-1], "completion": chat[-1:]},
                "messages": {"messages": chat},
                "sharegpt": {"conversations": chat},
                "json": {"messages": json.dumps(chat)},
            }
            row = chats[shape]
        rows.append({**draw(extra), **row})
        history = tuple((whole(a).strip(), whole(b).strip()) for a, b in turns)
        dialogues.append(Dialogue(whole(patient).strip(), whole(doctor).strip(), history))
    return rows, dialogues


@given(dialogue_rows(), files)
@example(
    (
        [{"id": {}, "meta": {}, "messages": [{"role": "user", "content": "Tea?"}, REPLY]}],
        [Dialogue("Tea?", "Rest.")],
    ),
    LINES,
)
def test_dialogues_are_read_as_they_were_written(
    written: tuple[Rows, list[Dialogue]], file: File
) -> None:
    rows, dialogues = written
    assert_same(file, rows, read(file, rows, load_dialogues), dialogues)


DIALOGUE_FIELDS = (
    *("instruction", "input", "output", "history", "messages", "conversations", "prompt"),
    "completion",
)
turns = st.lists(
    st.fixed_dictionaries(
        {},
        optional={
            "role": st.sampled_from(["user", "assistant", "system", "tool"]) | anything,
            "content": anything | st.lists(st.fixed_dictionaries({"text": anything}), max_size=2),
            "from": st.sampled_from(["human", "gpt"]) | anything,
            "value": anything,
        },
    ),
    max_size=4,
)
GOOD_DIALOGUE = {"instruction": "Be a doctor.", "input": "I cough.", "output": "Since when?"}


@example([{"instruction": "Be a doctor.", "input": 5, "output": "Since when?"}], LINES)
@example([{"instruction": ["Be a doctor."], "output": "Since when?"}], LINES)
@example([{"messages": [{"role": "user", "content": [{"text": None}]}, REPLY]}], LINES)
@example([{**GOOD_DIALOGUE, "history": "[]"}], LINES)
@example([{**GOOD_DIALOGUE, "messages": []}], CSV)
@given(
    st.one_of(
        junk(DIALOGUE_FIELDS, GOOD_DIALOGUE),
        several(st.fixed_dictionaries({"messages": turns})),
        several(st.fixed_dictionaries({"prompt": turns, "completion": turns})),
    ),
    files,
)
def test_no_dialogue_is_made_up(rows: Rows, file: File) -> None:
    unusable: list[str] = []
    found = read(file, rows, lambda path: load_dialogues(path, unusable=unusable))
    for line in unusable:
        assert_one_line(line)
    if isinstance(found, str):
        assert "no rows" in found or "cannot be read" in found
        return
    assert len(found) + len(unusable) == counted(file, rows)
    said = said_in(file, rows)
    joined = any("content" in str(row) for row in rows)  # parts of a message become one text
    for dialogue in found:
        heard = {dialogue.patient, dialogue.doctor, *itertools.chain(*dialogue.history)}
        assert joined or heard <= said
        assert all(text.strip() for text in heard)


# Multiple choice


@st.composite
def choice_rows(draw: st.DrawFn) -> tuple[Rows, list[Choice]]:
    """Rows of one of the schemas, and the questions that they are."""
    shape = draw(st.sampled_from(["own", "medqa", "medmcqa", "medmcqa_first_released"]))
    identities = draw(st.lists(ids, min_size=1, max_size=4, unique_by=lambda pair: pair[1]))
    answers = draw(st.lists(st.integers(0, 3), min_size=len(identities), max_size=len(identities)))
    told = 3 if shape.endswith("released") else 0
    if shape.startswith("medmcqa") and told not in answers:
        answers[draw(st.integers(0, len(answers) - 1))] = told
    kinds: list[Callable[[int], Any]] = [int, float, str, lambda n: f"{n}.0"]
    number = draw(st.sampled_from(kinds))
    rows, choices = [], []
    for n, ((written, identity), answer) in enumerate(zip(identities, answers, strict=True), 1):
        question = draw(filled)
        options = draw(
            st.lists(filled, min_size=4, max_size=4, unique_by=lambda t: whole(t).strip())
        )
        topic = draw(st.none() | st.just("") | plain)
        row: dict[str, Any]
        if shape == "own":
            row = {"id": written, "topic": topic, "question": question, "options": options}
            row["answer"] = number(answer)
        elif shape == "medqa":
            identity = str(n)
            row = {
                "question": question,
                "answer": options[answer],
                "options": dict(zip(LETTERS, options, strict=True)),
                "answer_idx": LETTERS[answer],
                "meta_info": topic,
            }
        else:
            row = {
                "id": written,
                "question": question,
                **{f"op{x}": text for x, text in zip("abcd", options, strict=True)},
                "cop": number(answer + (told == 3)),
                "subject_name": topic,
                "choice_type": "single",
            }
        rows.append({**draw(extra), **row})
        choices.append(
            Choice(
                identity,
                whole(topic) if topic else "all",
                whole(question).strip(),
                tuple(whole(text).strip() for text in options),
                answer,
            )
        )
    return rows, choices


NONE: dict[str, Any] = {"id": 1, "question": "Which?", "options": ["nan", "None", "0", "[2] b"]}


@given(choice_rows(), files)
@example(
    ([{**NONE, "answer": 1}], [Choice("1", "all", "Which?", ("nan", "None", "0", "[2] b"), 1)]),
    LINES,
)
@example(
    ([{**NONE, "answer": 1}], [Choice("1", "all", "Which?", ("nan", "None", "0", "[2] b"), 1)]),
    CSV,
)
def test_choices_are_read_as_they_were_written(
    written: tuple[Rows, list[Choice]], file: File
) -> None:
    rows, choices = written
    assert_same(file, rows, read(file, rows, load_choices), choices)


CHOICE_FIELDS = (
    *("id", "question", "options", "answer", "answer_idx", "meta_info", "topic"),
    *("opa", "opb", "opc", "opd", "cop", "subject_name"),
)
GOOD_CHOICE: dict[str, Any] = {
    "id": "7",
    "question": "What helps?",
    "options": ["rest", "water", "a splint", "a scan"],
    "answer": 2,
}
GOOD_MEDQA: dict[str, Any] = {
    "question": "What helps?",
    "options": {"A": "rest", "B": "water", "C": "a splint", "D": "a scan"},
    "answer": "a splint",
    "answer_idx": "C",
}
GOOD_MEDMCQA: dict[str, Any] = {
    "id": "7",
    "question": "What helps?",
    **{"opa": "rest", "opb": "water", "opc": "a splint", "opd": "a scan"},
    "cop": 4,
}


@example([{**GOOD_MEDQA, "options": {x: x for x in "BCDE"}}], LINES)
@example([{**GOOD_MEDMCQA, "cop": 2}], LINES)
@example([{**GOOD_MEDMCQA, "opc": []}], CSV)
@given(
    st.one_of(*(junk(CHOICE_FIELDS, good) for good in (GOOD_CHOICE, GOOD_MEDQA, GOOD_MEDMCQA))),
    files,
)
def test_no_choice_is_made_up(rows: Rows, file: File) -> None:
    rows = [{**row, "id": n} if row.get("id") == "7" else row for n, row in enumerate(rows)]
    found = read(file, rows, load_choices)
    if isinstance(found, str):
        return
    assert len(found) == counted(file, rows)
    said = said_in(file, rows)
    for row, choice in zip(rows, found, strict=True):
        assert {choice.question, *choice.options} <= said
        assert choice.topic in said | {"all"}
        if row.get("answer_idx") and "opa" not in row:
            options = row["options"]
            if isinstance(options, dict):
                label = row["answer_idx"]
                assert whole(options[label]).strip() == choice.options[choice.answer]
