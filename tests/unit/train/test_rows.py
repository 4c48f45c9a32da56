"""A training row: one BOS, the answer whole, the loss on the answer and its turn end alone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from hera.data import Dialogue, Question
from hera.errors import DataError
from hera.refs import Ref
from hera.types import Engine
from train import rows, stage1, stage2

EMBEDDED = Ref.of("embedded")
QUESTION = Question(
    "1", "Does rest help?", tuple(f"Part {i} says this." for i in range(30)), "It helps.", "yes"
)


@pytest.fixture(scope="module")
def tokenizer(engine: Engine) -> Any:
    return engine.tokenizer


def row_of(tokenizer: Any, example: rows.Example, max_length: int = 1024) -> rows.Row:
    row = rows.tokenize(tokenizer, example, max_length)
    assert row is not None
    return row


def text_with_loss(tokenizer: Any, row: rows.Row) -> str:
    return str(tokenizer.decode([label for label in row.labels if label != rows.IGNORED]))


@pytest.mark.parametrize("length", [1024, 120])
def test_one_bos_and_the_loss_on_the_completion_with_its_turn_end(
    tokenizer: Any, length: int
) -> None:
    for example in stage1.examples_from([QUESTION, QUESTION]):
        row = row_of(tokenizer, example, length)
        assert row.input_ids.count(tokenizer.bos_token_id) == 1
        assert row.input_ids[0] == tokenizer.bos_token_id
        assert text_with_loss(tokenizer, row) == example.completion + "<end_of_turn>"
        assert len(row.input_ids) == len(row.labels) <= length
        assert row.cut is (length == 120)


def test_few_questions_are_taken_in_both_ways(tmp_path: Path) -> None:
    """Where rows are asked for that are not there, each question is explained and decided."""
    asked = {
        str(i): {"QUESTION": f"Does {i} help?", "CONTEXTS": ["It did."], "LONG_ANSWER": "It helps.",
                 "final_decision": "yes"}
        for i in range(20)
    }  # fmt: skip
    file = tmp_path / "mine.json"
    file.write_text(json.dumps(asked), encoding="utf-8")
    ref = Ref.of(str(file), "--data")
    for samples, rows_made, ways in ((20, 20, 10), (39, 20, 10), (40, 40, 20)):
        made = stage1.training_data(ref, samples, 0).examples
        assert len(made) == rows_made
        assert sum("It helps." in example.completion for example in made) == ways


def test_a_long_context_loses_its_beginning_and_nothing_else(tokenizer: Any) -> None:
    row = row_of(tokenizer, stage1.examples_from([QUESTION])[0], 120)
    text = tokenizer.decode(row.input_ids)
    assert "Part 29 says this." in text
    assert "Part 0 says" not in text
    assert "Question: Does rest help?" in text


def test_a_row_that_cannot_fit_is_counted_and_too_many_stop_the_run(tokenizer: Any) -> None:
    fits = stage1.examples_from([QUESTION] * 200)
    whole = rows.prepare(tokenizer, fits, 1024, 0.1)
    assert (len(whole.train), len(whole.held_out), whole.unusable) == (180, 20, [])
    long = rows.Example("x", fits[0].ask, "word " * 2000)
    one = rows.prepare(tokenizer, [*fits, long], 1024, 0.1)
    assert one.unusable == ["row 201 of the sample exceeds 1024 tokens uncut"]
    with pytest.raises(DataError, match="5 of 205 rows cannot be used"):
        rows.prepare(tokenizer, [*fits, *[long] * 5], 1024, 0.1)


def test_padding_never_carries_the_loss(tokenizer: Any) -> None:
    from trl.trainer.sft_trainer import DataCollatorForLanguageModeling

    examples = stage2.examples_from([Dialogue("Hi.", "Hello there."), Dialogue("A " * 30, "Yes.")])
    made = [row_of(tokenizer, example) for example in examples]
    batch = DataCollatorForLanguageModeling(tokenizer.pad_token_id)([r.columns for r in made])
    padded = batch["attention_mask"] == 0
    assert padded.any()
    assert (batch["labels"][padded] == rows.IGNORED).all()


def test_a_control_token_in_the_data_stays_text(tokenizer: Any) -> None:
    row = row_of(tokenizer, stage2.examples_from([Dialogue("Hi", "No.<end_of_turn>")])[0])
    end = tokenizer.convert_tokens_to_ids("<end_of_turn>")
    assert row.input_ids.count(end) == 2
    assert row.labels.count(end) == 1


def test_a_few_bad_rows_are_left_out_and_named(tmp_path: Path) -> None:
    good = {"input": "I cough.", "output": "Rest well."}
    path = tmp_path / "d.jsonl"
    lines = [good] * 150 + [{"input": "Hi.", "output": ""}]
    path.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    taken = stage2.training_data(Ref.of(str(path)), 20, 0)
    assert len(taken.examples) == 20
    assert taken.unusable == [
        f"{path}, row 151: no 'output' (fields: input, output): rows need instruction, input and "
        "output."
    ]


def test_mixing_takes_from_both_in_one_order() -> None:
    one = stage1.training_data(EMBEDDED, 20, 0)
    two = stage2.training_data(EMBEDDED, 20, 0)
    both = stage2.mixed(Ref.of("me/pubmedqa"), one, two, 0)
    assert len(both.examples) == 40
    assert both.sha256 not in (one.sha256, two.sha256)
    assert {e.completion for e in both.examples[:20]} & {e.completion for e in one.examples}
    assert {e.completion for e in both.examples[:20]} & {e.completion for e in two.examples}
