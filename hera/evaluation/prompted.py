"""PubMedQA's questions under every prompt of `hera.prompts.PUBMEDQA_PROMPTS`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from hera.data import Question
from hera.evaluation.scoring import PROMPTS, Scored, in_chunks, prompt_for, score_chunk
from hera.types import Engine, Prompt

_CHUNK = 8  # questions of one prompt between two updates


@dataclass(frozen=True)
class Prompted:
    """A question, and the prompt that it is asked in."""

    question: Question
    prompt: str

    @property
    def id(self) -> str:
        """Of what is scored: "ID:prompt"."""
        return f"{self.question.id}:{self.prompt}"


def prompted(questions: Sequence[Question]) -> list[list[Prompted]]:
    """Questions of similar length in one prompt together; some questions in all prompts, then the
    next.

    Raises:
        DataError: no questions.
    """
    return [
        [Prompted(question, prompt) for question in chunk]
        for chunk in in_chunks(questions, _CHUNK)
        for prompt in PROMPTS
    ]


def score_prompted(
    engine: Engine, chunk: Sequence[Prompted], variants: Sequence[str]
) -> list[Scored]:
    """Every variant's label log-likelihoods for questions that are all in the same prompt.

    Raises:
        ConfigError, DataError, InputError, ModelError: see `score_chunk`.
    """
    scored = score_chunk(engine, [one.question for one in chunk], variants, chunk[0].prompt)
    return [s.model_copy(update={"id": one.id}) for s, one in zip(scored, chunk, strict=True)]


def score_all_prompts(
    engine: Engine, questions: Sequence[Question], variants: Sequence[str]
) -> Iterator[list[Scored]]:
    """`score_prompted` over all of `prompted`; closing the iterator stops after this chunk.

    Raises:
        ConfigError, DataError, InputError, ModelError: see `score_prompted`.
    """
    for chunk in prompted(questions):
        yield score_prompted(engine, chunk, variants)


def prompt_texts() -> dict[str, Prompt]:
    """Every prompt with {abstract} and {question} in the places of a question's own."""
    shown = Question("", "{question}", ("{abstract}",), "", "yes")
    return {prompt: prompt_for(shown, prompt) for prompt in PROMPTS}
