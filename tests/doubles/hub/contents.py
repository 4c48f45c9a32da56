"""What the loopback Hub holds: names that people type, with this project's own model and text."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from hera.refs import EMBEDDED_DIR
from tests.doubles.hub.server import Hub

GEMMA = "google/gemma-2-2b-it"
PUBMEDQA = "qiaojin/PubMedQA"
DIALOGUES = "wangrongsheng/HealthCareMagic-100k-en"
ADAPTER = "me/hera-stage1"
DEEP = "me/runs/best"  # the same adapter in a folder of a repository
_ROWS = {"test": 40, "train": 200}

_PARTS = ("contexts", "labels", "meshes")
_JUDGED = ("reasoning_required_pred", "reasoning_free_pred")  # by the two annotators of pqa_labeled


def _schema(parts: tuple[str, ...]) -> pa.Schema:
    return pa.schema(
        [
            ("pubid", pa.int32()),
            ("question", pa.string()),
            ("context", pa.struct([(name, pa.list_(pa.string())) for name in parts])),
            ("long_answer", pa.string()),
            ("final_decision", pa.string()),
        ]
    )


_PUBMEDQA_CARD = """---
configs:
- config_name: pqa_artificial
  data_files:
  - split: train
    path: pqa_artificial/train-*
- config_name: pqa_labeled
  data_files:
  - split: train
    path: pqa_labeled/train-*
---
"""


def fill(hub: Hub) -> None:
    """Seed the base, an adapter of it, and both data sets."""
    base = [path for path in EMBEDDED_DIR.iterdir() if path.is_file() and path.name != "README.md"]
    hub.seed("model", GEMMA, {path.name: path.read_bytes() for path in base})
    hub.seed("model", ADAPTER, adapter("stage1"))
    repo, _, folder = DEEP.rpartition("/")
    hub.seed("model", repo, {f"{folder}/{name}": text for name, text in adapter("stage1").items()})
    hub.seed("dataset", PUBMEDQA, pubmedqa(parquet("test")))
    card = b"# Letters to doctors, and what they wrote back\n"
    hub.seed("dataset", DIALOGUES, {"README.md": card, "HealthCareMagic-100k.json": dialogues()})


def pubmedqa(labelled: bytes) -> dict[str, bytes]:
    """The files of PubMedQA on the Hub, with this Parquet file as the labelled set."""
    parts = {"labeled": labelled, "artificial": parquet("train")}
    files = {f"pqa_{name}/train-00000-of-00001.parquet": part for name, part in parts.items()}
    return {"README.md": _PUBMEDQA_CARD.encode(), **files}


def adapter(name: str) -> dict[str, bytes]:
    """One of the embedded adapters as an adapter of the Hub's base."""
    folder = EMBEDDED_DIR / name
    config = json.loads((folder / "adapter_config.json").read_text(encoding="utf-8"))
    config["base_model_name_or_path"] = GEMMA
    weights = (folder / "adapter_model.safetensors").read_bytes()
    return {
        "adapter_config.json": json.dumps(config).encode(),
        "adapter_model.safetensors": weights,
        "training.json": json.dumps({"arguments": {"data": PUBMEDQA}}).encode(),
    }


def parquet(split: str, ids: Sequence[str] = ()) -> bytes:
    """Embedded questions in the schema of PubMedQA on the Hub: "test" as the labelled set, which
    also holds what its two annotators said, "train" as the artificial one, which has no maybe; a
    question for each of the ids, where there are any."""
    labelled = split == "test"
    parts = _PARTS + (_JUDGED if labelled else ())
    rows = pq.read_table(EMBEDDED_DIR / "data" / f"pubmedqa_{split}.parquet").to_pylist()
    kept = [row for row in rows if labelled or row["final_decision"] != "maybe"]
    kept = kept[: len(ids) or _ROWS[split]]
    for row, identity in zip(kept, ids, strict=False):
        row["pubid"] = int(identity)
    sink = io.BytesIO()
    told = [_question(row, parts) for row in kept]
    pq.write_table(pa.Table.from_pylist(told, schema=_schema(parts)), sink)
    return sink.getvalue()


def _question(row: dict[str, Any], parts: tuple[str, ...]) -> dict[str, Any]:
    judged = {name: [row["final_decision"]] for name in _JUDGED}
    told = {"meshes": ["Humans"], **judged, **row["context"]}
    return {**row, "context": {name: told[name] for name in parts}}


def dialogues() -> bytes:
    """Embedded dialogues as one JSON list."""
    rows = pq.read_table(EMBEDDED_DIR / "data" / "dialogues_train.parquet").to_pylist()[
        : _ROWS["train"]
    ]
    asked = "If you are a doctor, please answer the medical questions based on the description."
    told = [{"instruction": asked, "input": r["input"], "output": r["output"]} for r in rows]
    return json.dumps(told).encode()
