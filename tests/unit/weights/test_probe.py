"""The base beside adapters, where loading them must leave it as it was."""

from hera import load_engine
from hera.types import BASE

_PROMPT = "Does zinc shorten a cold? Answer:"


def test_a_4_bit_base_is_to_the_bit_the_same_beside_adapters() -> None:
    alone = load_engine("embedded", {}, dtype="float32", four_bit=True, device="cpu")
    beside = load_engine("embedded", dtype="float32", four_bit=True, device="cpu")
    assert beside.variants == (BASE, "stage1", "stage2")
    one, other = (
        engine.label_logprobs([_PROMPT], [" yes", " no"], [BASE]) for engine in (alone, beside)
    )
    assert (one == other).all()
