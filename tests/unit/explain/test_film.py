"""A film is read as a whole or refused in a line, and its frames are what was trained."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from hera import load_engine
from hera.errors import HeraError
from hera.explain import film
from hera.refs import EMBEDDED_DIR, Ref
from hera.types import GenerationParams, Message

SHIPPED = EMBEDDED_DIR / film.SHIPPED
QUESTION = [Message(role="user", content="I have a throbbing headache. What should I do?")]


def test_the_shipped_film_is_whole() -> None:
    assert film.film_of(Ref.of("embedded")) == SHIPPED
    reel = film.read(SHIPPED)
    assert reel.film.frames[-1].step == reel.film.steps
    assert len(reel.variants) == len(reel.adapters) == len(reel.film.frames) == 7
    assert reel.film.frames[0].held_out.gain == 0
    assert sum(path.stat().st_size for path in SHIPPED.rglob("*")) < 7_000_000


def test_its_frames_speak_and_the_last_is_likeliest_to_say_what_it_says() -> None:
    reel = film.read(SHIPPED)
    ends = (reel.variants[0], reel.variants[-1])
    engine = load_engine("embedded", {name: reel.adapters[name] for name in ends})
    params = GenerationParams(max_new_tokens=24, temperature=0)
    said = engine.answer(dict.fromkeys(ends, QUESTION), params).texts
    first, last = film.how_likely(engine, ends, QUESTION, said[ends[1]])
    assert first < last < 0
    whole = [*QUESTION, Message(role="assistant", content=said[ends[1]])]
    scored = engine.token_logprobs(whole, [ends[1]])[ends[1]]
    begin = len(engine.render(QUESTION))
    assert last == pytest.approx(scored.logprobs[begin:].mean())


def test_only_an_own_or_a_shipped_film_is_shown(tmp_path: Path) -> None:
    trained = tmp_path / "stage2"
    assert film.film_of(Ref.of(str(tmp_path)), [Ref.of(str(trained))]) is None
    shutil.copytree(SHIPPED, trained / film.SNAPSHOTS)
    own = [Ref.of(str(trained))]
    assert film.film_of(Ref.of("embedded"), own) == trained / film.SNAPSHOTS


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        ("film.json", "no film.json there"),
        ("0", "0/adapter_config.json is not there"),
        ("0/adapter_model.safetensors", "0/adapter_model.safetensors is not there"),
        ("+0/adapter_model.bin", "0/adapter_model.bin is no part of a film"),
        ("+notes.txt", "notes.txt is no part of a film"),
    ],
)
def test_what_is_no_film_is_refused_in_a_line(tmp_path: Path, spoil: str, words: str) -> None:
    folder = tmp_path / "film"
    shutil.copytree(SHIPPED, folder)
    path = folder / spoil.removeprefix("+")
    if spoil.startswith("+"):
        path.write_bytes(b"x")
    elif path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink()
    with pytest.raises(HeraError, match=words) as error:
        film.read(folder)
    assert "\n" not in str(error.value)
