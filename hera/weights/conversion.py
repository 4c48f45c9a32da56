"""Adapters whose tensors count from a base that they changed first, as LoRA on the base as it is.

PiSSA (Meng et al. 2024, arXiv:2404.02948) and OLoRA (Büyükakyüz 2024, arXiv:2406.01775) take a
low-rank part B0 A0 of a weight W out and train it: W - s B0 A0 + s B A. KaSA (Wang et al. 2024,
arXiv:2412.06071) drops the smallest singular values. What was taken out has a low rank and follows
from W alone: PEFT's own initialisation is asked for it, on a copy, and it goes into the update.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import torch
from peft import LoraConfig
from peft.tuners.lora import Linear
from torch import nn

from hera.errors import ModelError
from hera.weights.adapter_options import changes_base
from hera.weights.adapters import Adapter, scaling
from hera.weights.linear import layers

_PREFIX = "base_model.model."


def on_true_base(adapter: Adapter, model: Any) -> Adapter:
    """The same adapter with an update that counts from the base as it is, of twice the rank.

    Raises:
        ModelError: the base's weights are quantized, so that what was taken out of them is not
            known, or too small for the rank.
    """
    if not changes_base(adapter.config):
        return adapter
    found = layers(model)
    tensors: dict[str, torch.Tensor] = {}
    ranks: dict[str, int] = {}
    for key in [key for key in adapter.lora if key.endswith(".lora_A.weight")]:
        path = key.removesuffix(".lora_A.weight").removeprefix(_PREFIX)
        down, up = _both(adapter, path, found.get(path))
        tensors |= {key: down, key.replace("lora_A", "lora_B"): up}
        ranks[path] = len(down)
    rest = {k: t for k, t in adapter.lora.items() if ".lora_magnitude" in k or k.endswith(".bias")}
    return replace(adapter, lora={**tensors, **rest}, config=_config(adapter.config, ranks))


def _both(adapter: Adapter, path: str, layer: Any) -> tuple[torch.Tensor, torch.Tensor]:
    """(down [2 r, in], up [out, 2 r]) of a layer: what was trained, less what was taken out."""
    key = f"{_PREFIX}{path}.lora_"
    trained_down, trained_up = (adapter.lora[f"{key}{part}.weight"].float() for part in "AB")
    scale = scaling(adapter.config, path, len(trained_down))
    if layer is None or not layer.weight.is_floating_point():
        raise ModelError(
            f"{adapter.ref.says}: counts from a base that it changed, which cannot be computed "
            f"from {path} of this one (not there, or in few bits). Serve it on the base in 16 bits."
        )
    start = _start(adapter, path, layer, len(trained_down))
    if adapter.config.kasa_config is not None:
        trained_up = trained_up * adapter.lora[f"{key}diag"].float()
    down = torch.cat([trained_down, start[0].to(trained_down.device)])
    up = torch.cat([scale * trained_up, -start[1].to(trained_up.device)], dim=1)
    return down, up


def _start(
    adapter: Adapter, path: str, layer: nn.Module, rank: int
) -> tuple[torch.Tensor, torch.Tensor]:
    """(down [r, in], up [out, r]) of what PEFT takes out of a layer before it trains."""
    trial = copy.deepcopy(layer).float()
    before = trial.get_parameter("weight").detach().clone()
    config = copy.copy(adapter.config)
    config.use_dora, config.lora_bias = False, False
    alpha: Any = scaling(adapter.config, path, rank) * rank
    config.use_rslora = False
    try:
        begun: Any = Linear(trial, "trial", config=config, r=rank, lora_alpha=alpha)
    except Exception as error:  # a decomposition that fails, a rank that does not fit
        raise adapter.ref.cannot_load(error) from error
    if adapter.config.kasa_config is None:
        return begun.lora_A["trial"].weight, begun.lora_B["trial"].weight * begun.scaling["trial"]
    left, values, right = torch.linalg.svd(before - trial.get_parameter("weight"))
    return right[:rank], left[:, :rank] * values[:rank]


def _config(config: LoraConfig, ranks: Mapping[str, int]) -> LoraConfig:
    """The config of an update that is already scaled."""
    plain = copy.copy(config)
    plain.init_lora_weights, plain.kasa_config, plain.use_rslora = True, None, False
    plain.rank_pattern, plain.alpha_pattern = dict(ranks), dict(ranks)
    plain.r = plain.lora_alpha = max(ranks.values(), default=config.r)
    return plain
