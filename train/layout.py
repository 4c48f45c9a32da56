"""How a run uses the memory at hand: micro-batch, accumulation, packing, checkpointing.

The estimates count what LoRA training of a Gemma 2 keeps: the frozen weights, the adapter with its
gradient and two Adam moments, and the activations that the backward pass reads again. They follow
the model's forward pass operation by operation (see `activation_bytes`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from hera.errors import ConfigError
from hera.weights.hardware import has_bfloat16, skips_masked_blocks
from train.recipe import Recipe
from train.rows import Row

GIB = 2**30
_SAFE = 0.8  # of the free memory: fragmentation, and what other libraries allocate
# At a time on a CPU: weights that fit into the caches want activations that do so, others want to
# be read seldom (measured on 2 cores, 6M and 135M parameters).
_CPU_TOKENS, _CPU_TOKENS_LARGE = 768, 4096
_CACHED = 64 * 2**20  # bytes of weights that may stay in a cache
_HEAD_CHUNK = 256  # positions a tile of TRL's fused head; full logits never exist


@dataclass(frozen=True)
class Shape:
    """What an estimate needs to know of a model. `element` is the bytes of one activation inside a
    layer, `residual` of one between layers (4 on a quantized base, whose norms are in float32)."""

    layers: int
    hidden: int
    intermediate: int
    heads: int
    kv_heads: int
    head_dim: int
    vocabulary: int
    trainable: int
    weight_bytes: int
    element: int
    residual: int
    attention: str
    device: str


@dataclass(frozen=True)
class Layout:
    """`micro_batch` rows (or packs) at a time on each device, `accumulate` times a step; with
    `positions`, as many of a micro-batch at once as hold no more tokens, padding included."""

    packing: bool
    micro_batch: int
    accumulate: int
    checkpointing: bool
    memory: int
    positions: int | None = None

    def report(self, device: str, attention: str) -> str:
        """One line for the log."""
        unit = "packed sequences" if self.packing else "rows of similar length"
        extra = ", gradient checkpointing" if self.checkpointing else ""
        at_a_time = f"{self.micro_batch} {unit} at a time, {self.accumulate} a step"
        if self.positions:
            at_a_time = f"{self.micro_batch} {unit} a step, {self.positions:,} tokens at a time"
        return (
            f"layout: {attention} attention on {device}, {at_a_time}{extra}; "
            f"about {self.memory / GIB:.2f} GiB at the peak"
        )


def for_devices(model: Any, rows: Sequence[Row], recipe: Recipe) -> Layout:
    """The layout for the devices at hand: one for all, by the one with the least free memory.

    Raises:
        ConfigError: the rows of a step cannot be shared evenly among the devices.
    """
    import torch
    from accelerate import PartialState
    from accelerate.utils import gather

    device = model.device.type
    shape = shape_of(model, mixed=has_bfloat16(device))
    # The weights are there already; the estimate counts them again.
    state = PartialState()
    free = torch.tensor([free_bytes(device) + shape.weight_bytes], device=state.device)
    least = int(gather(free).min().item())
    return choose_layout(shape, rows, recipe, state.num_processes, least)


def shape_of(model: Any, *, mixed: bool) -> Shape:
    """The shape of a (PEFT) model; `mixed` says that activations are in 16 bits."""
    config = model.config.get_text_config()
    heads = getattr(config, "num_attention_heads", 0)  # Mamba has none
    parameters = list(model.parameters())
    return Shape(
        layers=config.num_hidden_layers,
        hidden=config.hidden_size,
        intermediate=widest(model),
        heads=heads,
        kv_heads=getattr(config, "num_key_value_heads", None) or heads,
        head_dim=getattr(config, "head_dim", None) or config.hidden_size // max(1, heads),
        vocabulary=model.get_input_embeddings().num_embeddings,
        trainable=sum(p.numel() for p in parameters if p.requires_grad),
        weight_bytes=sum(p.numel() * p.element_size() for p in parameters if not p.requires_grad),
        element=2 if mixed or model.dtype.itemsize == 2 else 4,
        residual=model.get_input_embeddings().weight.element_size(),
        attention=config._attn_implementation,
        device=model.device.type,
    )


def widest(model: Any) -> int:
    """The most features that a linear layer below the head takes or gives: the MLP's inner ones."""
    from hera.weights.linear import features

    head = model.get_output_embeddings()
    return max(max(features(m) or (0,)) for m in model.modules() if m is not head)


def fixed_bytes(shape: Shape) -> int:
    """Frozen weights, and the adapter with its gradient and Adam's two moments in float32."""
    return shape.weight_bytes + 16 * shape.trainable


def activation_bytes(shape: Shape, rows: int, length: int, checkpointing: bool) -> int:
    """What the backward pass of `rows` sequences of `length` tokens reads again.

    A token of a layer keeps: four norms (input in float32 and output), the seven projections'
    inputs and their copies under LoRA's dropout, the rotated queries and keys, the MLP's two
    branches and their product; with eager attention also three [heads, length] score rows (capped,
    masked, softmax).
    """
    query, key = shape.heads * shape.head_dim, shape.kv_heads * shape.head_dim
    inner = shape.element * (4 * query + 6 * key + 6 * shape.intermediate)
    dense = inner + 14 * shape.residual * shape.hidden + 4 * (4 * shape.hidden)
    scores = 0 if skips_masked_blocks(shape.attention) else 3 * 4 * shape.heads * length
    tokens = rows * length
    layer = tokens * (dense + scores)
    head = 3 * 4 * shape.vocabulary * min(tokens, _HEAD_CHUNK)
    if checkpointing:
        return tokens * shape.hidden * shape.element * shape.layers + layer + head
    return layer * shape.layers + head


def choose_layout(
    shape: Shape, rows: Sequence[Row], recipe: Recipe, devices: int, free: int
) -> Layout:
    """The largest micro-batch that fits into `free` bytes; checkpointing if even one row does not.

    Packing only where attention skips what rows may not see of each other; a step is then as many
    packed sequences as hold about `batch_size` rows, and at least one a device.

    Raises:
        ConfigError: the rows of a step cannot be shared evenly among the devices.
    """
    if recipe.batch_size % devices:
        raise ConfigError(
            f"{devices} processes cannot share the {recipe.batch_size} rows of a step evenly: "
            "start 1, 2, 4 or 8."
        )
    packing = skips_masked_blocks(shape.attention)
    longest = recipe.max_length if packing else max(len(row.input_ids) for row in rows)
    mean = sum(len(row.input_ids) for row in rows) / len(rows)
    a_step = recipe.batch_size
    if packing:
        a_step = max(1, round(recipe.batch_size * mean / longest))
    each = max(1, round(a_step / devices))
    room = _SAFE * free - fixed_bytes(shape)
    checkpointing = activation_bytes(shape, 1, longest, checkpointing=False) > room
    if shape.device == "cpu" and devices == 1:
        return _by_tokens(shape, each, longest, checkpointing, room)
    micro = each
    if shape.device == "cpu":
        micro = max(1, min(each, int(_at_a_time(shape) / mean)))
    while micro > 1 and activation_bytes(shape, micro, longest, checkpointing) > room:
        micro = -(-micro // 2)
    micro = largest_part(each, micro)
    return Layout(
        packing=packing,
        micro_batch=micro,
        accumulate=each // micro,
        checkpointing=checkpointing,
        memory=fixed_bytes(shape) + activation_bytes(shape, micro, longest, checkpointing),
    )


def _by_tokens(shape: Shape, rows: int, longest: int, checkpointing: bool, room: float) -> Layout:
    """All rows of a step at once, read as many tokens at a time as suit the CPU and its memory:
    rows differ in length, and by their number the longest would decide for all."""
    positions = _at_a_time(shape)

    def peak() -> int:
        return activation_bytes(shape, max(1, positions // longest), longest, checkpointing)

    while positions > longest and peak() > room:
        positions //= 2
    return Layout(
        packing=False,
        micro_batch=rows,
        accumulate=1,
        checkpointing=checkpointing,
        memory=fixed_bytes(shape) + peak(),
        positions=positions,
    )


def largest_part(rows: int, at_most: int) -> int:
    """The most rows of a micro-batch that a step is a whole number of."""
    return next(part for part in range(max(1, min(rows, at_most)), 0, -1) if rows % part == 0)


def _at_a_time(shape: Shape) -> int:
    return _CPU_TOKENS if shape.weight_bytes <= _CACHED else _CPU_TOKENS_LARGE


def free_bytes(device: str) -> int:
    """What is free on the device, in bytes."""
    if device == "cuda":
        import torch

        return int(torch.cuda.mem_get_info()[0])
    import psutil

    return int(psutil.virtual_memory().available)
