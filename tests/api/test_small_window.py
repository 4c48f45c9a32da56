"""Questions put to a model that reads little: what is cut is said on the screen and in the file."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from gradio_client import Client

from hera import load_engine
from hera.evaluation.scoring import score_questions
from hera.refs import EMBEDDED_DIR, Ref
from hera.ui import measuring
from hera.ui.asking import Asking
from hera.ui.components.confusion import confusion_html
from tests.serving import serve

WINDOW = 280


def small_model(folder: Path) -> Path:
    """The embedded base, with a window that some abstracts do not fit into."""
    shutil.copytree(EMBEDDED_DIR, folder, ignore=shutil.ignore_patterns("data", "stage*"))
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    config["max_position_embeddings"] = WINDOW
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    return folder


def test_what_is_cut_is_said(tmp_path: Path) -> None:
    small = small_model(tmp_path / "small")
    engine = load_engine(str(small))
    asked = Asking(Ref.of("embedded"), None).now()
    questions = measuring.sample(asked, 8, 3)
    scored = [s for batch in score_questions(engine, questions, ["base"]) for s in batch]
    cut = [s.id for s in scored if s.cut]
    assert 0 < len(cut) < len(scored) == 8
    (note,) = measuring.cut_note(scored)
    assert note.startswith(f"{len(cut)} abstracts are over the model's window")
    assert note.endswith(", ".join(cut))
    scores = measuring.scores_so_far(asked, questions, scored, ["base"], 3)
    result = json.loads(measuring.results_text(asked, questions, scored, scores, engine, 3, 0.0))
    assert result["cut"] == cut
    picture = confusion_html(scores.variants, asked.name)
    assert picture.startswith("<p>Asked: invented questions, not PubMedQA</p>")
    (tmp_path / "home").mkdir()
    with serve(tmp_path / "home", "--model", str(small)) as app:
        told = Client(app.url, verbose=False).predict(["base"], 8, 3, api_name="/pubmedqa")
    assert told["cut"] == cut
    assert told["data"] == result["data"]  # PubMedQA's own cannot be fetched here
    assert told["data"]["ref"] == "embedded"
    assert told["n"] == 8
