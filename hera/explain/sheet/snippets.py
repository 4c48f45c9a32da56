"""Programs that have what is loaded, and the same greedy answer: to be copied and run."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping, Sequence

from hera.explain.sheet.order import Order, is_elsewhere, public
from hera.explain.sheet.records import Snippet, Variant
from hera.refs import BASES, SMOLLM2, Ref
from hera.types import BASE, Engine

QUESTION = "What are the signs of asthma?"
"""What they ask."""

TOKENS = 64
"""How long the answer may be."""

_ELSEWHERE = "# {names}: on the machine that serves this. Put your own path.\n"
_ASKS = f"""
messages = [{{"role": "user", "content": {json.dumps(QUESTION)}}}]
greedy = GenerationParams(max_new_tokens={TOKENS}, temperature=0.0)
print(engine.answer({{VARIANT: messages}}, greedy).texts[VARIANT])
"""
_GENERATES = f"""
messages = [{{"role": "user", "content": {json.dumps(QUESTION)}}}]
prompt = tokenizer.apply_chat_template(
    messages, add_generation_prompt=True, return_tensors="pt", return_dict=True
).to(model.device)
answer = model.generate(**prompt, max_new_tokens={TOKENS}, do_sample=False)
print(tokenizer.decode(answer[0, prompt["input_ids"].shape[1] :], skip_special_tokens=True))
"""


def snippets(engine: Engine, order: Order, variants: Sequence[Variant]) -> tuple[Snippet, ...]:
    """Those that there are: of a server's weights nothing else can be made here."""
    if order.server is not None:
        return (_connects(engine, order),)
    found = [_loads(engine, order)]
    if order.engine != "llama.cpp":
        found += _peft(engine, order, variants)
    return (*found, *_exports(engine, order, variants))


def _loads(engine: Engine, order: Order) -> Snippet:
    refs = [order.model]
    given = [_quoted(order.model)]
    if order.adapters is not None:
        own = {name: ref for name, ref in order.adapters.items() if name in engine.variants}
        refs += own.values()
        listed = ", ".join(f"{json.dumps(name)}: {_quoted(ref)}" for name, ref in own.items())
        given.append(f"adapters={{{listed}}}")
    given += [f"{flag}=True" for flag in ("four_bit", "own_base") if getattr(order, flag)]
    if order.engine != "auto":
        given.append(f"engine={json.dumps(order.engine)}")
    code = (
        f"{_elsewhere(refs)}from hera import GenerationParams, load_engine\n\n"
        f"engine = {_call('load_engine', given)}{_ask(engine)}"
    )
    return Snippet(kind="hera", language="python", code=code)


def _connects(engine: Engine, order: Order) -> Snippet:
    given = [json.dumps(order.server)]
    if order.server_base is not None:
        given.append(_quoted(order.server_base))
    if order.models is not None:
        given.append(f"adapters={json.dumps(dict(order.models), ensure_ascii=False)}")
    code = (
        f"{_elsewhere([order.server_base] if order.server_base else [])}"
        "from hera import GenerationParams\nfrom hera.engine import connect\n\n"
        "# A key that the server wants is read from HERA_SERVER_KEY.\n"
        f"engine = {_call('connect', given)}{_ask(engine)}"
    )
    return Snippet(kind="server", language="python", code=code)


def _ask(engine: Engine) -> str:
    return _ASKS.replace("VARIANT", json.dumps(engine.variants[-1]))


def _peft(engine: Engine, order: Order, variants: Sequence[Variant]) -> list[Snippet]:
    """Of adapters on the served base, where transformers reads that as it is."""
    held = engine.held
    base = order.ref(BASE, held[BASE].ref) if BASE in held else None
    names = [v.name for v in variants if v.lora and held[v.name].base == held[BASE].ref]
    if base is None or base.is_gguf or not names or engine.pace is None:
        return []
    adapters = {name: order.ref(name, held[name].ref) for name in names}
    four = held[BASE].bits == 4
    classes = "AutoModelForCausalLM, AutoTokenizer" + (", BitsAndBytesConfig" if four else "")
    kept = f"dtype={json.dumps(engine.pace.dtype)}"
    if four:
        kept = (
            'quantization_config=BitsAndBytesConfig(load_in_4bit=True, bnb_4bit_quant_type="nf4", '
            f"bnb_4bit_use_double_quant=True, bnb_4bit_compute_dtype={json.dumps(engine.dtype)})"
        )
    lines = [
        "from peft import PeftModel",
        f"from transformers import {classes}",
        "",
        *(["# The Hub's weights: the package's, in 4 bits, are others."] * (base.text == SMOLLM2)),
        f"tokenizer = {_call('AutoTokenizer.from_pretrained', _place(base))}",
        f"base = {_call('AutoModelForCausalLM.from_pretrained', [*_place(base), kept])}",
        *_adapters(adapters),
        f"model.set_adapter({json.dumps(names[-1])})",
    ]
    code = f"{_elsewhere([base, *adapters.values()])}{chr(10).join(lines)}{_GENERATES}"
    return [Snippet(kind="peft", language="python", code=code)]


def _adapters(adapters: Mapping[str, Ref]) -> list[str]:
    lines: list[str] = []
    for name, ref in adapters.items():
        named = f"adapter_name={json.dumps(name)}"
        first, *more = _place(ref)
        if not lines:
            given = ["base", first, named, *more]
            lines.append(f"model = {_call('PeftModel.from_pretrained', given)}")
        else:
            lines.append(_call("model.load_adapter", [first, named, *more]))
    return lines


def _place(ref: Ref) -> list[str]:
    """What `from_pretrained` takes for a REF."""
    if ref.path is not None:
        return [json.dumps("hera/embedded" if ref.is_embedded else public(ref))]
    named = {"subfolder": ref.subfolder, "revision": ref.revision}
    repo = BASES.get(ref.text, str(ref.repo))
    return [json.dumps(repo), *(f"{key}={json.dumps(of)}" for key, of in named.items() if of)]


def _exports(engine: Engine, order: Order, variants: Sequence[Variant]) -> list[Snippet]:
    """The last variant, which Chat takes where nobody chooses, for other programs."""
    last = variants[-1]
    held = engine.held.get(last.name)
    if held is None or not held.local:
        return []
    own = order.ref(last.name, held.ref)
    base = own if held.base is None else order.ref(BASE, held.base)
    refs = [base] if held.base is None else [base, own]
    flags = zip(("--model", "--adapter"), refs, strict=False)
    named = [part for flag, ref in flags for part in (flag, public(ref))]
    title = f"hera-{last.name}"
    return [
        _sh("ollama", refs, named, f"{title}-ollama", "cd {0}\nollama create {1}\nollama run {1}"),
        _sh("gguf", refs, named, f"{title}-gguf", f"llama-cli -m {{0}}/{_file(named)} -cnv"),
        _sh("vllm", refs, named, f"{title}-vllm", "{0}/serve.sh"),
    ]


def _file(named: Sequence[str]) -> str:
    return "merged.gguf" if "--adapter" in named else "base.gguf"


def _sh(kind: str, refs: Sequence[Ref], named: Sequence[str], output: str, then: str) -> Snippet:
    command = shlex.join(["python", "-m", "hera.export", kind, *named, "--output", output])
    title = output.rpartition("-")[0]
    code = f"{_elsewhere(refs)}{command}\n{then.format(output, title)}\n"
    return Snippet.of({"kind": kind, "language": "sh", "code": code})


def _elsewhere(refs: Sequence[Ref]) -> str:
    names = [public(ref) for ref in refs if is_elsewhere(ref)]
    return _ELSEWHERE.format(names=", ".join(names)) if names else ""


def _quoted(ref: Ref) -> str:
    return json.dumps(public(ref), ensure_ascii=False)


def _call(name: str, given: Sequence[str]) -> str:
    """A call on one line, or an argument a line where it would be long."""
    short = f"{name}({', '.join(given)})"
    if len(short) <= 76:
        return short
    return "\n".join([f"{name}(", *(f"    {one}," for one in given), ")"])
