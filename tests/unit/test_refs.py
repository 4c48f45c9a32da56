"""A REF is parsed once, and knows what it names."""

from __future__ import annotations

from pathlib import Path

import pytest

from hera.data import load_pubmedqa
from hera.errors import ConfigError, DataError, ModelError
from hera.refs import EMBEDDED_DIR, Ref, check_name, parameter, repo_of, shipped_adapters
from tests.serving import ROOT


def test_the_kinds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    embedded = Ref.of("embedded")
    assert (embedded.is_embedded, embedded.path, embedded.repo) == (True, EMBEDDED_DIR, None)
    pinned = Ref.of("me/model@v1")
    assert (pinned.repo, pinned.revision, pinned.path) == ("me/model", "v1", None)
    assert pinned.pretrained() == ("me/model", "v1")
    assert Ref.of("me/model").pretrained() == ("me/model", None)
    (tmp_path / "me" / "model").mkdir(parents=True)
    here = Ref.of("me/model")
    assert (here.repo, here.pretrained()) == (None, ("me/model", None))
    assert (here.recorded, pinned.recorded, embedded.recorded) == (
        *("./me/model", "me/model@v1", "embedded"),
    )


def test_a_folder_of_a_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    deep = Ref.of("me/model/runs/stage-1@v1")
    assert (deep.repo, deep.subfolder, deep.revision) == ("me/model", "runs/stage-1", "v1")
    assert repo_of(str(deep)) == "me/model"
    assert not deep.same_as(Ref.of("me/model"))
    assert deep.same_as(Ref.of("me/model/runs/stage-1"))
    pull = Ref.of("me/model@refs/pr/3")
    assert (pull.subfolder, pull.revision) == ("", "refs/pr/3")
    with pytest.raises(DataError, match="a data set on the Hub is owner/name, without a folder"):
        load_pubmedqa(Ref.of("me/data/part", "--data"))


@pytest.mark.parametrize(
    "text", ["./a", "/a/b", "~/a", "a", "here/b/c", "a/rows.jsonl", "a/b/../c", "a/b/.c"]
)
def test_a_typo_is_not_sent_to_the_hub(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "here").mkdir()
    ref = Ref.of(text, "--data")
    assert ref.repo is None
    with pytest.raises(ModelError, match=r"^--data \S+: no such folder"):
        ref.pretrained()


def test_nothing_is_no_folder() -> None:
    for text in ("", " "):
        with pytest.raises(ConfigError, match=r"^--model: empty"):
            Ref.of(text)


def test_it_knows_what_asked_for_it() -> None:
    assert Ref.of("me/x").says == "--model me/x"
    assert Ref.of("me/x", "--adapter mine=").says == "--adapter mine=me/x"
    assert Ref.of("me/x", "").says == "me/x"
    assert Ref.of(Ref.of("me/x", "--data"), "--model").asked == "--data"
    assert Ref.of("me/x", "--data") == Ref.of("me/x", "--model")  # the same place


def test_its_files(tmp_path: Path) -> None:
    (tmp_path / "there.json").write_text("{}", encoding="utf-8")
    ref = Ref.of(str(tmp_path))
    assert ref.file("there.json") == tmp_path / "there.json"
    assert ref.file("absent.json") is None


def test_the_same_place(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(EMBEDDED_DIR)
    assert Ref.of(str(tmp_path / "link")).same_as(Ref.of("embedded"))
    assert Ref.of("Me/Model@v1").same_as(Ref.of("me/model"))
    assert not Ref.of("me/model").same_as(Ref.of("embedded"))
    assert not Ref.of(str(tmp_path / "x")).same_as(Ref.of(str(tmp_path / "x")))  # not there


def test_an_error_names_the_parameter_of_a_wrong_size() -> None:
    theirs = RuntimeError(
        "size mismatch for base_model.model.model.layers.0.self_attn.q_proj.lora_A.mine.weight: "
        "copying a param with shape torch.Size([4, 128]) from checkpoint, the shape in current "
        "model is torch.Size([4, 256])."
    )
    says = str(Ref.of("me/x", "--adapter mine=").cannot_load(theirs))
    assert says == (
        "--adapter mine=me/x: cannot be loaded (made for another base: "
        "layers.0.self_attn.q_proj.lora_A is 4 x 128 there, 4 x 256 here)."
    )
    assert parameter("base_model.model.lm_head.weight") == "lm_head.weight"


def test_names_of_variants() -> None:
    for shipped in ("embedded", "smollm2"):
        adapters = shipped_adapters(Ref.of(shipped))
        assert list(adapters) == ["stage1", "stage2"]
        assert all(ref.path == ROOT / "hera" / shipped / name for name, ref in adapters.items())
    assert shipped_adapters(Ref.of("me/model")) == {}
    check_name("my-stage_2")
    for name in ("base", "", "-x", "a b", "a@0.5"):
        with pytest.raises(ConfigError, match="variant's name"):
            check_name(name)
