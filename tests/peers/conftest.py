"""The kinds of adapters that people publish, each made and loaded once."""

from __future__ import annotations

import pytest
from peft import PeftModel

from hera.engine.local import LocalEngine
from tests.doubles import miniatures


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> miniatures.Folders:
    """The folders of all miniatures, by variant name."""
    home = tmp_path_factory.mktemp("miniatures")
    merged = miniatures.merged_model(home / "merged")
    return {
        "chatml": miniatures.chatml_adapter(home / "chatml"),
        "resized": miniatures.resized_adapter(home / "resized"),
        "onmerged": miniatures.adapter_on(merged, home / "onmerged"),
        "full": merged,
    }


@pytest.fixture(scope="session")
def mixed(made: miniatures.Folders) -> LocalEngine:
    """Base and stage 1 with every foreign kind beside them, in float32."""
    return miniatures.load(made, *miniatures.FOREIGN)


@pytest.fixture(scope="session")
def plain() -> LocalEngine:
    """Base and stage 1 by themselves."""
    return miniatures.load({})


@pytest.fixture(scope="session")
def alone(made: miniatures.Folders) -> dict[str, miniatures.Model]:
    """What transformers and PEFT make of each variant by itself."""
    return {
        "chatml": PeftModel.from_pretrained(miniatures.grown_base(), made["chatml"]),
        "resized": PeftModel.from_pretrained(miniatures.grown_base(), made["resized"]),
        "onmerged": PeftModel.from_pretrained(miniatures.base(made["full"]), made["onmerged"]),
        "full": miniatures.base(made["full"]),
    }
