"""What is taken from a server's answers: these fields, of these types and sizes, and no others."""

from __future__ import annotations

from typing import Annotated, TypeVar

from pydantic import BaseModel, Field, TypeAdapter, ValidationError

from hera.engine.remote.client import Client

Name = Annotated[str, Field(min_length=1, max_length=300, pattern=r"^[^\x00-\x1f\x7f]*$")]
_Count = Annotated[int, Field(ge=0)]
_Size = Annotated[int, Field(ge=1)]
_Read = TypeVar("_Read")


class Meta(BaseModel):
    """llama.cpp's word on a model: the window of one request."""

    n_ctx: _Size | None = None


class Model(BaseModel):
    """One that a server has; vLLM's adapters have a parent."""

    id: Name
    owned_by: str = ""
    parent: Name | None = None
    max_model_len: _Size | None = None
    meta: Meta | None = None


class ModelList(BaseModel):
    """All that a server has."""

    data: list[Model] = Field(min_length=1, max_length=10_000)


class Lora(BaseModel):
    """An adapter of llama.cpp."""

    id: int
    path: Name


class Props(BaseModel):
    """llama.cpp's word on itself: how many requests it answers at once."""

    total_slots: _Size


class _Said(BaseModel):
    content: str | None = None


class Turn(BaseModel):
    """A piece of an answer to a conversation."""

    delta: _Said = Field(default_factory=_Said)
    finish_reason: str | None = None


class _Usage(BaseModel):
    completion_tokens: _Count


class Chat(BaseModel):
    """What every server streams of an answer to a conversation."""

    choices: list[Turn] = Field(default=[], max_length=1)
    usage: _Usage | None = None


class Choice(BaseModel):
    """A piece of an answer to token ids."""

    text: str = ""
    token_ids: list[int] | None = None
    finish_reason: str | None = None


class Completion(BaseModel):
    """What vLLM streams of an answer to token ids."""

    choices: list[Choice] = Field(default=[], max_length=1)


class _TopLogprobs(BaseModel):
    top_logprobs: list[dict[str, float]] = Field(min_length=1, max_length=1)


class _Scored(BaseModel):
    logprobs: _TopLogprobs


class Scores(BaseModel):
    """vLLM's log-likelihoods of one token."""

    choices: list[_Scored] = Field(min_length=1, max_length=1)


class Part(BaseModel):
    """What llama.cpp streams of an answer to token ids."""

    content: str
    tokens_predicted: _Count
    stop_type: str = ""


class Likely(BaseModel):
    """A token and its log-likelihood, which JSON cannot say of one that is impossible."""

    id: int
    logprob: float | None


class _Place(Likely):
    top_logprobs: list[Likely]


class Probabilities(BaseModel):
    """llama.cpp's log-likelihoods of one token."""

    completion_probabilities: list[_Place] = Field(min_length=1, max_length=1)


class Text(BaseModel):
    """What token ids say, in vLLM's word for it or llama.cpp's."""

    prompt: str | None = None
    content: str | None = None


def shaped(client: Client, shape: type[_Read], answer: object) -> _Read:
    """The answer as one of these, or as a list of them.

    Raises:
        ModelError: it is none; with what is wrong, and without what was sent.
    """
    try:
        read: _Read = TypeAdapter(shape).validate_python(answer)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "its answer"
        raise client.no_such_server(f"{where}: {first['msg']}") from error
    return read
