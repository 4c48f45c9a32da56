"""What an adapter's config may say: a list of what is known to be served right, all else refused.

Some options change more than the low-rank update: some initialisations change the base that all
variants share, others repeat layers or act on a part of the text. Loaded as if they were not there
they would give wrong numbers without a word.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

SERVED = (
    "Served are LoRA and DoRA on linear layers, LoRA on embeddings, and own embeddings, output "
    "heads and biases of linear layers."
)

# They say where the update is, how large, or how it was trained: the tensors tell the rest.
_ANY_VALUE = {
    *("peft_type", "peft_version", "auto_mapping", "base_model_name_or_path", "revision"),
    *("inference_mode", "runtime_config", "r", "lora_alpha", "lora_dropout", "use_rslora"),
    *("rank_pattern", "alpha_pattern", "fan_in_fan_out", "target_modules", "exclude_modules"),
    *("layers_to_transform", "layers_pattern", "ensure_weight_tying"),
    *("megatron_core", "qalora_group_size", "loftq_config", "eva_config", "modules_to_save"),
    *("use_dora", "bias", "lora_bias", "trainable_token_indices", "kasa_config"),
}
_NEUTRAL: tuple[Any, ...] = (None, False, {}, [], "none")
_INITIAL = (True, False, None, "gaussian", "orthogonal", "eva", "mica")
_TAKES_OUT = ("pissa", "olora")  # of the base, what follows from the base alone
_IN_WORDS = {
    "target_parameters": "LoRA on tensors that are no layers (target_parameters)",
    "alora_invocation_tokens": "activated LoRA, which acts on a part of the text alone",
    "layer_replication": "repeated layers (layer_replication)",
}
_MERGE = (
    "Merge it into its base with PEFT (merge_and_unload) and serve the full model, or leave it out."
)
_UNMERGED = ("alora_invocation_tokens", "layer_replication")
_CONVERT = (
    "Its tensors count from a base that it has changed in a way that cannot be computed again: "
    "write it as plain LoRA with PEFT's save_pretrained("
    "path_initial_model_for_weight_conversion=...), or leave it out."
)


def objection(config: Mapping[str, Any]) -> str | None:
    """Why an adapter with this config (adapter_config.json) is not served, and what would help;
    None if nothing speaks against it."""
    kind = config.get("peft_type")
    if kind is None:
        if "lora_parameters" in config or "fine_tune_type" in config:
            return "is an MLX adapter, which PEFT does not read. Convert it to PEFT's form first."
        return "has an adapter_config.json without a peft_type, so it is no PEFT adapter."
    if kind != "LORA":
        return _brings(f"{kind} in place of LoRA", _MERGE)
    if config.get("task_type") not in (None, "CAUSAL_LM"):
        return _brings(f"the task {config['task_type']} in place of CAUSAL_LM", "Leave it out.")
    initial = config.get("init_lora_weights", True)
    if initial not in (*_INITIAL, *_TAKES_OUT):
        return _brings(f"the initialisation {initial!r}", _CONVERT)
    for option, value in config.items():
        if option in _ANY_VALUE or option in ("task_type", "init_lora_weights"):
            continue
        if value not in _NEUTRAL:
            what = _IN_WORDS.get(option, f"the option {option} = {value!r:.40}")
            return _brings(what, "Leave it out." if option in _UNMERGED else _MERGE)
    return None


def changes_base(config: Any) -> bool:
    """Whether an adapter's tensors count from a base that it has changed in a known way.

    Args:
        config: a `peft.LoraConfig` that `objection` has nothing against.
    """
    return config.init_lora_weights in _TAKES_OUT or config.kasa_config is not None


def _brings(what: str, help_: str) -> str:
    return f"brings {what}. {SERVED} {help_}"
