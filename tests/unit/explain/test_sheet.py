"""What is told of a model that is served: from its files, and nothing that is not known."""

from __future__ import annotations

import ast
import json
import re
import shlex
import shutil
from pathlib import Path

import pytest

from hera import load_engine
from hera.explain.selftest import selftest
from hera.explain.sheet import sheet
from hera.explain.sheet.order import Order, public
from hera.explain.sheet.snippets import QUESTION, TOKENS
from hera.export.__main__ import flags
from hera.refs import BASES, EMBEDDED_DIR, Ref
from hera.types import Engine, GenerationParams
from tests.doubles.engine import FakeEngine
from tests.serving import ROOT

RECORD = EMBEDDED_DIR.parent / "smollm2/stage2/training.json"


def codes(engine: Engine, order: Order) -> dict[str, str]:
    return {one.kind: one.code for one in sheet(engine, order).snippets}


def test_the_embedded_model_by_its_files(engine: Engine) -> None:
    found = sheet(engine, Order(Ref.of("embedded")), selftest(engine))
    base, stage1, stage2 = found.variants
    assert (base.kind, base.parameters, base.licence) == ("base", 6_297_856, "mit")
    assert (stage1.kind, stage1.parameters, stage1.ref) == (
        "adapter",
        466_944,
        "hera/embedded/stage1",
    )
    assert stage2.lora is not None
    assert (stage2.lora.rank, stage2.lora.alpha, len(stage2.lora.targets)) == (16, 32.0, 7)
    assert len(stage2.parts) == 6 * 7
    assert stage2.sha256 == engine.fingerprints["stage2"]
    assert found.running.memory is not None
    assert found.running.memory.peak >= found.running.memory.used > 10_000_000
    assert (found.running.engine, found.running.window) == ("transformers", 2048)
    assert len(found.checks) == 6
    assert [card.variants for card in found.cards] == [("base", "stage1", "stage2")]
    accuracy = next(s for s in stage1.scores if s.metric == "accuracy" and s.n == 1000)
    assert (accuracy.value, accuracy.ci95) == (0.888, (0.867, 0.906))
    assert str(EMBEDDED_DIR) not in json.dumps(found.plain())


@pytest.mark.parametrize("base", sorted(BASES))
def test_the_shipped_cards_say_the_same_in_words_and_as_data(base: str) -> None:
    import yaml

    text = (EMBEDDED_DIR.parent / base / "README.md").read_text(encoding="utf-8")
    _, head, body = text.split("---\n", 2)
    for model in yaml.safe_load(head)["model-index"]:
        for metric in (m for result in model["results"] for m in result["metrics"]):
            assert re.search(rf"\b{metric['value']:.3f}\b|\b{metric['value']:.2f}\b", body)
            if "args" in metric:
                low, high = metric["args"]["ci95"]
                assert re.search(rf"\({low:.3f}0? to {high:.3f}|\({low:.2f} to {high:.2f}", body)


def test_what_lies_with_an_adapter_is_told_and_what_cannot_be_read_is_said(
    tmp_path: Path,
) -> None:
    good, bad = tmp_path / "good", tmp_path / "bad"
    for place in (good, bad):
        shutil.copytree(EMBEDDED_DIR / "stage2", place)
    shutil.copy(RECORD, good)
    (good / "README.md").write_text(
        "---\nlicense: cc0-1.0\nmodel-index:\n- name: other\n  results:\n"
        "  - dataset: {name: D}\n    metrics: [{type: f1, value: 0.5}, {type: x, value: much}]\n"
        "---\n# Mine\n"
    )
    (bad / "training.json").write_text('{"arguments": 1}')
    (bad / "README.md").write_text("---\nlicense: [\n---\nText")
    adapters = {"good": Ref.of(str(good)), "bad": Ref.of(str(bad))}
    engine = load_engine("embedded", adapters)
    found = sheet(engine, Order(Ref.of("embedded"), adapters))
    one, other = found.variants[1:]
    assert one.training is not None
    assert one.training.arguments.adapter == "./outputs/smollm2/stage1"
    told = {(s.metric, s.value, s.n, s.source) for s in one.scores}
    assert told == {("f1", 0.5, None, "README.md"), ("accuracy", 0.63, 100, "training.json")}
    assert (one.licence, other.licence, other.training) == ("cc0-1.0", None, None)
    assert [card.text for card in found.cards if card.name == "good"] == ["# Mine"]
    said = " ".join(found.notes)
    assert "bad/training.json" in said
    assert "bad/README.md" in said
    assert str(tmp_path) not in json.dumps(found.plain())
    assert (
        "# good, bad: on the machine that serves this"
        in codes(engine, Order(Ref.of("embedded"), adapters))["hera"]
    )


def test_of_a_server_only_what_can_be_known() -> None:
    why = "It is asked for answers alone."
    engine = FakeEngine({"base": "Rest.", "mine": "Sleep."}, unsupported={"changes": why})
    order = Order(Ref("http://x:1", "--server"), server="http://x:1", server_base=Ref.of("a/b"))
    found = sheet(engine, order)
    assert found.unknown == ("weights", "memory", "training", "changes", "window")
    assert [v.parameters for v in found.variants] == [None, None]
    (only,) = found.snippets
    ast.parse(only.code)
    assert 'connect("http://x:1", "a/b")' in only.code


def test_a_ref_is_called_as_others_can_read_it() -> None:
    assert public(Ref.of(str(EMBEDDED_DIR / "stage1"))) == "hera/embedded/stage1"
    assert public(Ref.of("/srv/secret/mine")) == "mine"
    assert public(Ref.of("me/hera@v1")) == "me/hera@v1"


def test_programs_of_a_base_on_the_hub_name_its_revision_and_bits(engine: Engine) -> None:
    adapters = {"stage1": Ref.of("me/one/folder@v2"), "gone": Ref.of("me/gone")}
    code = codes(engine, Order(Ref.of("o/base@r1"), adapters, four_bit=True, own_base=True))["hera"]
    ast.parse(code)
    call = next(n for n in ast.walk(ast.parse(code)) if isinstance(n, ast.Call))
    assert ast.unparse(call) == (
        "load_engine('o/base@r1', adapters={'stage1': 'me/one/folder@v2'}, four_bit=True, "
        "own_base=True)"
    )


def test_the_export_commands_parse(engine: Engine) -> None:
    for kind in ("ollama", "gguf", "vllm"):
        line = codes(engine, Order(Ref.of("embedded")))[kind].splitlines()[0]
        program, *given = shlex.split(line)[2:]
        assert program == "hera.export"
        args = flags().parse_args(given)
        assert (args.kind, str(args.model)) == (kind, "embedded")
        assert args.adapter.folder().samefile(ROOT / "hera/embedded/stage2")


def test_plain_transformers_and_peft_give_the_same_greedy_answer(
    engine: Engine, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = {"stage2": [{"role": "user", "content": QUESTION}]}
    said = engine.answer(asked, GenerationParams(TOKENS, temperature=0.0)).texts["stage2"]  # type: ignore[arg-type]
    exec(codes(engine, Order(Ref.of("embedded")))["peft"], {})
    assert capsys.readouterr().out.strip() == said.strip()
