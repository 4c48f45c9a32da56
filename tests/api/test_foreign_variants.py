"""The app serves what people publish: ChatML adapters, adapters on a merged model, full models."""

from __future__ import annotations

from pathlib import Path

from gradio_client import Client

from tests.doubles import miniatures
from tests.serving import command, serve


def test_the_app_takes_them(tmp_path: Path) -> None:
    made = {"chatml": miniatures.chatml_adapter(tmp_path / "chatml")}
    made["full"] = miniatures.merged_model(tmp_path / "merged")
    made["onmerged"] = miniatures.adapter_on(made["full"], tmp_path / "onmerged")
    flags = [word for name, ref in made.items() for word in ("--adapter", f"{name}={ref}")]
    with serve(tmp_path, *flags) as app:
        client = Client(app.url, verbose=False)
        question = miniatures.QUESTION[0]["content"]
        rows = client.predict(question, [], 12, 0.0, api_name="/compare")
        assert list(rows) == ["base", *made]
        assert rows["chatml"]["finished"] == "stop"
        for name, row in rows.items():
            alone = client.predict(question, name, [], 12, 0.0, api_name="/chat")
            assert row["text"] == alone
        assert "full, onmerged have their own base: a second copy" in app.output()


def test_the_merge_command(tmp_path: Path) -> None:
    out = tmp_path / "out"
    arguments = ["--adapter", "hera/embedded/stage1", "--output", str(out)]
    done = command("-m", "hera.export", "merge", *arguments, home=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert done.stdout == f"{out}: 6.3 million parameters in float32, 6,144 words.\n"
    again = command("-m", "hera.export", "merge", *arguments, home=tmp_path)
    assert again.returncode == 2
    assert again.stderr == f"error: --output {out}: it is not empty. Give a new folder.\n"
    assert command("-m", "hera.export", "merge", home=tmp_path).returncode == 2
