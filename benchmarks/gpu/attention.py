"""Attention that is compiled or fused against eager, which is Gemma 2's formula written out.

Soft-caps and sliding windows are on: an implementation that drops one of them computes another
model, and only longer texts show it. Rows are compared padded, as they are served, and packed, as
they are trained.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from transformers import Gemma2Config
from transformers.utils.import_utils import is_flash_attn_2_available

from benchmarks.gpu.bench import Bench
from benchmarks.gpu.plan import SEED
from benchmarks.gpu.result import Line
from benchmarks.gpu.shapes import random_model

# Small, with a window that the longer texts are longer than; large weights, so that scores reach
# the cap.
CONFIG: dict[str, Any] = {
    "vocab_size": 512,
    "hidden_size": 256,
    "intermediate_size": 256,
    "num_hidden_layers": 4,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "head_dim": 64,
    "query_pre_attn_scalar": 64,
    "sliding_window": 64,
    "initializer_range": 0.3,
    "max_position_embeddings": 8192,
}
TOLERANCE = {torch.float32: 1e-3, torch.bfloat16: 0.25}  # of a logit, which is capped at 30


def attention(bench: Bench) -> list[Line]:
    """Every implementation that is here, over all lengths, padded and packed; and what a dropped
    soft-cap would look like, for a check that could not see it would be none."""
    lines = []
    kinds = [("flex_attention", torch.float32)]
    if is_flash_attn_2_available():
        kinds.append(("flash_attention_2", torch.bfloat16))
    with compiled_where_it_pays(bench):
        for kind, dtype in kinds:
            model = random_model(Gemma2Config(**CONFIG), bench.device, dtype, SEED)
            lines += [compared(bench, model, kind, way) for way in (padded, packed)]
    lost = without_cap(model, padded(bench, max(bench.sizes.attention_lengths)))
    seen = Line(
        what="eager without its soft-cap: largest difference from eager",
        value=lost,
        unit="of a logit",
        beside=f"must be more than {max(TOLERANCE.values()):g}",
        ok=lost > max(TOLERANCE.values()),
    )
    return [*lines, seen]


def compared(
    bench: Bench, model: Any, kind: str, way: Callable[[Bench, int], dict[str, torch.Tensor]]
) -> Line:
    """One implementation over all lengths of one way to lay out rows."""
    lengths = bench.sizes.attention_lengths
    furthest = max(difference(model, kind, way(bench, length)) for length in lengths)
    limit = TOLERANCE[model.dtype]
    return Line(
        what=f"{kind}, {way.__name__}, lengths {min(lengths):,} to {max(lengths):,}: largest "
        "difference from eager",
        value=furthest,
        unit="of a logit",
        beside=f"at most {limit:g} in {str(model.dtype).removeprefix('torch.')}",
        ok=furthest <= limit,
    )


@torch.inference_mode()
def without_cap(model: Any, inputs: dict[str, torch.Tensor]) -> float:
    """How far the logits go where the scores are not capped."""
    model.set_attn_implementation("eager")
    capped = model(**inputs, use_cache=False).logits
    caps = [layer.self_attn.attn_logit_softcapping for layer in model.model.layers]
    for layer in model.model.layers:
        layer.self_attn.attn_logit_softcapping = None
    bare = model(**inputs, use_cache=False).logits
    for layer, cap in zip(model.model.layers, caps, strict=True):
        layer.self_attn.attn_logit_softcapping = cap
    return float((capped - bare).abs().max())


@contextmanager
def compiled_where_it_pays(bench: Bench) -> Iterator[None]:
    """On a CPU flex attention computes its formula without the compiler, which takes minutes."""
    if bench.device == "cuda":
        yield
        return
    with torch.compiler.set_stance("force_eager"):
        yield


@torch.inference_mode()
def difference(model: Any, kind: str, inputs: dict[str, torch.Tensor]) -> float:
    """The largest difference of a logit where there is a token."""
    logits = {}
    for name in ("eager", kind):
        model.set_attn_implementation(name)
        logits[name] = model(**inputs, use_cache=False).logits.float()
    gap = (logits["eager"] - logits[kind]).abs().amax(-1)
    mask = inputs.get("attention_mask")
    return float((gap if mask is None else gap[mask.bool()]).max())


def padded(bench: Bench, length: int) -> dict[str, torch.Tensor]:
    """A row of that length above one of a third of it, padded on the left."""
    short = max(1, length // 3)
    mask = torch.ones(2, length, dtype=torch.long, device=bench.device)
    mask[1, : length - short] = 0
    return {"input_ids": tokens(bench, (2, length)), "attention_mask": mask}


def packed(bench: Bench, length: int) -> dict[str, torch.Tensor]:
    """Three texts in one row, which must not see each other: their positions begin anew."""
    parts = [max(1, length // 2), max(1, length // 3), max(1, length // 6)]
    positions = torch.cat([torch.arange(n, device=bench.device) for n in parts]).unsqueeze(0)
    return {"input_ids": tokens(bench, positions.shape), "position_ids": positions}


def tokens(bench: Bench, shape: Sequence[int]) -> torch.Tensor:
    """Random ids, the same for the same shape."""
    generator = torch.Generator().manual_seed(SEED)
    return torch.randint(8, CONFIG["vocab_size"], tuple(shape), generator=generator).to(
        bench.device
    )
