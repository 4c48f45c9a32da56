"""Every word on the screens: a TOML file a language, and which texts it must hold.

A file that lacks a text, has one too many, or has another {field} in it than the code fills in is
refused on import.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from string import Formatter
from typing import Annotated, Any, cast

from pydantic import AfterValidator, BaseModel, ConfigDict

from hera.evaluation.forgetting import KINDS as PROBE_KINDS
from hera.evaluation.quality.measures import DEFINITIONS
from hera.evaluation.safety.rules import load_rules
from hera.prompts import PUBMEDQA_PROMPTS
from hera.ui.language import SPOKEN, language


def _with(*fields: str) -> AfterValidator:
    """A text for `str.format`, with exactly these fields."""

    def check(text: str) -> str:
        in_text = {name for _, name, _, _ in Formatter().parse(text) if name is not None}
        if in_text != set(fields):
            raise ValueError(f"the fields are {sorted(in_text)}, not {sorted(fields)}")
        return text

    return AfterValidator(check)


def _keys(*names: str) -> AfterValidator:
    """Texts under exactly these names."""

    def check(texts: dict[str, Any]) -> dict[str, Any]:
        if set(texts) != set(names):
            raise ValueError(f"the keys are {sorted(texts)}, not {sorted(names)}")
        return texts

    return AfterValidator(check)


class _Texts(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Page(_Texts):
    """Above the tabs; `language` is how this one calls itself."""

    language: str
    title: str
    intro: str
    disclaimer: str
    no_device: str


class Frame(_Texts):
    """Around the tabs; `finished`, `stopped` and `failed` are read out as a run ends."""

    skip: str
    api: str
    source: str
    theme: str
    finished: str
    stopped: str
    failed: str
    version: Annotated[str, _with("version")]
    licence: str
    no_device: str


class Steps(_Texts):
    """What a newcomer can do here."""

    heading: str
    ask: str
    ask_about: str
    compare: str
    compare_about: str
    measure: str
    measure_about: str
    dismiss: str


class Status(_Texts):
    """The line on the model's state."""

    loading: Annotated[str, _with("model")]
    failed: Annotated[str, _with("error")]
    ready: Annotated[str, _with("model", "variants", "notes")]
    fallback: Annotated[str, _with("error")]
    fault: Annotated[str, _with("found")]
    not_tested: Annotated[str, _with("why")]
    reads: str
    no_gpu: str


class Busy(_Texts):
    """To who asks when too many wait: `yours` are one visitor's own, `full` everybody's."""

    heading: str
    yours: Annotated[str, _with("n")]
    full: Annotated[str, _with("n", "minutes")]


class Leaving(_Texts):
    """Of the app's end: `leaving`, `lost` and `back` on every open page, `refused` to what would
    begin, `cut` to what was under way."""

    leaving: str
    lost: str
    back: str
    dismiss: str
    refused: str
    cut: str


class SigningIn(_Texts):
    """What somebody is told who has to sign in with the Hub."""

    wanted: Annotated[str, _with("provider")]
    aside: str
    sign_in: str
    go_on: str
    not_you: Annotated[str, _with("name")]
    sign_out: str
    signed_in: Annotated[str, _with("name")]
    failed: str


class Privacy(_Texts):
    """What becomes of what a visitor writes; `here` or `server`, `no_cookies` or `cookie`,
    `unshared` or `shared`."""

    heading: str
    here: str
    server: Annotated[str, _with("server")]
    space: str
    relay: str
    memory: str
    files: str
    log: str
    browser: str
    no_cookies: str
    cookie: str
    unshared: str
    shared: Annotated[str, _with("repo")]
    links: str


class Failing(_Texts):
    """Of errors that nobody foresaw; `kept` stands under what a run had until then."""

    memory: str
    disk: str
    other: Annotated[str, _with("error")]
    kept: Annotated[str, _with("error")]


class Health(_Texts):
    """What is missing, at /health."""

    loading: str
    failed: Annotated[str, _with("error")]


class Generation(_Texts):
    """The settings of an answer."""

    heading: str
    longest: str
    temperature: str
    top_p: str
    seed: str


class Talk(_Texts):
    """Turns that are shown."""

    copy_message: str
    copied_message: str
    waiting: Annotated[str, _with("n")]
    left_out: Annotated[str, _with("n")]
    held: str
    numbers_for: str
    other_country: str
    numbers_checked: Annotated[str, _with("when")]


class Reasons(_Texts):
    """Why an answer is good or bad."""

    helpful: str
    clear: str
    wrong: str
    harmful: str
    off_topic: str
    too_long: str
    other: str


class Thumbs(_Texts):
    """What a visitor may say of an answer, where somebody collects that."""

    up: str
    down: str
    about_up: Annotated[str, _with("variant")]
    about_down: Annotated[str, _with("variant")]
    reasons: str
    words: str
    words_hint: str
    agree: Annotated[str, _with("repo")]
    share: str
    cancel: str
    not_agreed: str
    nothing: str
    shared: Annotated[str, _with("repo")]
    why: Reasons


class Chat(_Texts):
    """The Chat tab; the embedded model has examples of its own. `finished`, `cut`, `stopped` and
    `running` are how an answer ends, in `numbers`."""

    tab: str
    variant: str
    conversation: str
    nothing_yet: str
    message: str
    hint: str
    send: str
    stop: str
    clear: str
    retry: str
    undo: str
    edit: str
    editing: str
    cancel: str
    go_on: str
    also: str
    ask: Annotated[str, _with("variant")]
    answers: str
    repeated: Annotated[str, _with("variant", "n")]
    numbers: Annotated[str, _with("tokens", "rate", "first", "ending")]
    seed: Annotated[str, _with("numbers", "seed")]
    finished: str
    cut: str
    stopped: str
    running: str
    wordless: str
    busy: str
    window: Annotated[str, _with("used", "window")]
    window_label: str
    examples: tuple[str, str, str]
    embedded_examples: tuple[str, str, str]
    thumbs: Thumbs


class History(_Texts):
    """The conversations that the browser keeps; what stands in {braces} is filled in by the page,
    but for a file that is refused."""

    heading: str
    begin: str
    search: str
    nothing: str
    no_match: str
    where: Annotated[str, _with("n", "most")]
    unreadable: Annotated[str, _with("n")]
    unreadable_one: str
    rename: Annotated[str, _with("title")]
    name_of: Annotated[str, _with("title")]
    save: str
    remove_one: Annotated[str, _with("title")]
    ask_remove: Annotated[str, _with("title")]
    remove: str
    no: str
    manage: str
    json_file: str
    markdown: str
    load: str
    remove_all: str
    ask_all: Annotated[str, _with("n")]
    trace: str
    trace_about: str
    ask_trace: str
    wipe: str
    off: str
    again: str
    blocked: str
    many: Annotated[str, _with("most")]
    large: str
    forked: str
    imported: Annotated[str, _with("n", "there")]
    left: Annotated[str, _with("n", "why")]
    file_large: Annotated[str, _with("name", "most")]
    file_other: Annotated[str, _with("name")]
    file_key: Annotated[str, _with("name", "key")]


class Compare(_Texts):
    """The Compare tab; `finished`, `cut`, `failed` and `running` are how an answer ends, in
    `numbers`."""

    tab: str
    message: str
    example: str
    columns: str
    columns_info: str
    columns_info_more: str
    how_many: Annotated[str, _with("most")]
    nothing: str
    start: str
    go_on: str
    stop: str
    numbers: Annotated[str, _with("tokens", "rate", "ending")]
    finished: str
    cut: str
    failed: str
    running: str
    left: Annotated[str, _with("variant")]
    right: Annotated[str, _with("variant")]
    wide: Annotated[str, _with("variant")]
    pick: Annotated[str, _with("variant")]
    remove: Annotated[str, _with("variant")]
    earlier: Annotated[str, _with("n")]
    parts: Annotated[str, _with("place", "token", "p", "q", "base")]
    parts_ended: Annotated[str, _with("place", "base")]
    parts_base_ended: Annotated[str, _with("place", "token", "p", "q")]
    differences: str
    differences_about: str
    one: str
    other: str
    same: str
    nothing_to_compare: str
    methods: str


class Why(_Texts):
    """What is told of an answer's tokens."""

    show: str
    about: str
    legend_less: str
    legend_more: str
    token: Annotated[str, _with("token", "times", "p", "q")]
    times: Annotated[str, _with("ratio")]
    divided: Annotated[str, _with("ratio")]
    tiny: str
    heading: Annotated[str, _with("token", "place", "variant")]
    likely_about: str
    driver: str
    drive: str
    drive_about: Annotated[str, _with("token", "variant")]
    layers: str
    layers_about: str
    layers_total: Annotated[str, _with("token", "variant", "times", "controls")]
    layers_done: Annotated[str, _with("done", "of", "controls", "of_controls")]
    layer: Annotated[str, _with("layer")]
    no_layer: str
    whole: str
    worth: str
    size: str
    random: str
    cell: Annotated[str, _with("layer", "projection", "value")]
    cell_random: Annotated[str, _with("layer", "projection", "value", "each")]
    of_base: str
    pick_first: str
    no_tokens: Annotated[str, _with("why")]
    no_place: Annotated[str, _with("n")]
    not_here: Annotated[str, _with("variant")]


class Receipt(_Texts):
    """What is behind a column."""

    heading: str
    control: Annotated[str, _with("number")]
    strength: Annotated[str, _with("strength")]
    norm: Annotated[str, _with("norm")]
    sha256: Annotated[str, _with("sha256")]
    pace: Annotated[str, _with("tokens", "rate")]
    first: Annotated[str, _with("seconds")]
    divergence: Annotated[str, _with("nats")]
    own: Annotated[str, _with("likeliest", "scored")]
    not_own: Annotated[str, _with("likeliest", "scored")]
    passed: Annotated[str, _with("passed", "of")]
    not_checked: Annotated[str, _with("names")]
    failed: Annotated[str, _with("found")]


class Seen(_Texts):
    """Something that rules see in an answer, and what it is, in one sentence."""

    name: str
    about: str


class Luck(_Texts):
    """Many draws of each variant; `features` are those of `hera.explain.features`, by their names
    there."""

    heading: str
    about: str
    draws: str
    start: str
    stop: str
    progress: Annotated[str, _with("done", "n")]
    share: Annotated[str, _with("mean", "low", "high")]
    mean: Annotated[str, _with("mean", "low", "high")]
    differs: str
    verdict_differs: Annotated[str, _with("a", "b", "features", "n")]
    verdict_none: Annotated[str, _with("a", "b", "n")]
    features: Annotated[
        dict[str, Seen],
        _keys(
            *("sends to care at once", "asks back", "names a condition", "gives a dose"),
            *("length", "ends its turn"),
        ),
    ]


class Film(_Texts):
    """The learning film in the Compare tab; `says` is of the frame in sight, `says_own` of it and
    the visitor's question."""

    heading: str
    about: Annotated[str, _with("n", "stage", "rows", "questions")]
    cost: str
    none: str
    no_step: Annotated[str, _with("step", "steps")]
    play: str
    stop: str
    at: str
    answer: str
    nothing_yet: str
    measured: str
    own: str
    gained: str
    forgot: str
    last_answer: str
    base_answer: str
    step: str
    says: Annotated[
        str, _with("step", "steps", "gain", "gain_range", "forgetting", "forgetting_range")
    ]
    from_to: Annotated[str, _with("low", "high")]
    few: str
    says_own: Annotated[str, _with("last", "base")]


class Keep(_Texts):
    """Under the columns: what saves and opens a comparison, and whether it came out again."""

    heading: str
    about: str
    link: str
    link_label: str
    save_html: str
    save_markdown: str
    save_json: str
    save_png: str
    open: str
    again: str
    nothing: str
    beyond: Annotated[str, _with("tokens", "temperature", "most", "hottest")]
    from_link: str
    from_link_waits: str
    from_file: Annotated[str, _with("name")]
    broken: Annotated[str, _with("error")]
    other_model: Annotated[str, _with("model", "here")]
    token: str
    word: str
    same: Annotated[str, _with("variant", "unit")]
    differs: Annotated[str, _with("variant", "unit", "place", "text")]
    ends: Annotated[str, _with("variant", "unit", "place")]
    same_weights: str
    other_weights: str
    why: str


class Roles(_Texts):
    """Who said something."""

    user: str
    assistant: str
    system: str


class Kept(_Texts):
    """A comparison as a document."""

    title: Annotated[str, _with("message")]
    heading: Annotated[str, _with("n")]
    made: Annotated[str, _with("model", "computed", "version")]
    settings: Annotated[str, _with("temperature", "top_p", "seed", "tokens")]
    question: str
    before: Annotated[str, _with("n", "variant")]
    by: Roles
    variant: Annotated[str, _with("variant")]
    weights: str
    no_tokens: str
    no_glyph: Annotated[str, _with("n", "example")]
    no_shaping: str


class Votes(_Texts):
    """Which answer is better."""

    a: str
    b: str
    same: str
    unclear: str


class Sides(_Texts):
    """Which answer is the adapted one."""

    a: str
    b: str
    twin: str


class Changes(_Texts):
    """What may be different about it."""

    care: str
    asks: str
    condition: str
    longer: str
    shorter: str
    other: str


class Tells(_Texts):
    """Whether one can tell which it is."""

    rarely: str
    mostly: str
    always: str


class Lengths(_Texts):
    """What fine-tuning does to answers' length."""

    longer: str
    shorter: str
    neither: str
    unknown: str


class Blind(_Texts):
    """Trials without names in the Compare tab."""

    heading: str
    about: Annotated[str, _with("temperature", "top_p", "tokens")]
    message: str
    pair: str
    pair_name: Annotated[str, _with("one", "other")]
    any_pair: str
    no_pair: str
    two_of: Annotated[str, _with("variants")]
    example: str
    start: str
    stop: str
    answer: Annotated[str, _with("side")]
    a: str
    b: str
    nothing: str
    ready: str
    vote: str
    guess_tuned: Annotated[str, _with("other")]
    guess_other: Annotated[str, _with("other", "one")]
    changed: str
    share: Annotated[str, _with("repo")]
    cast: str
    no_vote: str
    nothing_to_vote: str
    full: Annotated[str, _with("most")]
    unreadable: str
    was_twin: Annotated[str, _with("variant", "a", "b")]
    was_pair: Annotated[str, _with("a", "a_seed", "b", "b_seed")]
    you_preferred: Annotated[str, _with("variant")]
    you_preferred_luck: Annotated[str, _with("side")]
    you_decided_nothing: str
    right: str
    wrong: str
    words: Annotated[str, _with("variant", "n", "base", "m")]
    shared: Annotated[str, _with("repo")]
    score: str
    none_yet: str
    pair_of: Annotated[str, _with("one", "other", "model", "n")]
    preferred: Annotated[str, _with("other", "hits", "n", "share", "low", "high", "p", "open")]
    undecided: Annotated[str, _with("open")]
    leaves_open: str
    prefers: Annotated[str, _with("variant")]
    luck: Annotated[str, _with("n")]
    luck_share: Annotated[str, _with("hits", "n", "share", "low", "high")]
    luck_none: str
    guesses: Annotated[str, _with("n")]
    guess_share: Annotated[str, _with("hits", "n", "share", "low", "high", "chance")]
    guess_none: str
    guess_open: str
    guess_better: str
    guess_worse: str
    method: str
    kept: str
    kept_or_shared: str
    save: str
    forget: str
    before: str
    after: str
    before_about: str
    after_about: str
    tell: str
    length: str
    open_answer: str
    then_now: Annotated[str, _with("before", "after")]
    tell_seen: Annotated[str, _with("hits", "n")]
    length_seen: Annotated[str, _with("n", "longer", "tuned", "base")]
    length_unseen: str
    votes: Votes
    sides: Sides
    changes: Changes
    tells: Tells
    lengths: Lengths


class Pubmedqa(_Texts):
    """The PubMedQA tab."""

    tab: str
    about: str
    variants: str
    count: str
    seed: str
    start: str
    stop: str
    download: str
    cut: Annotated[str, _with("count", "ids")]
    resume: str
    begun: Annotated[str, _with("total", "source")]
    nothing_to_resume: str
    save_html: str
    save_markdown: str
    nothing_to_save: str


class Live(_Texts):
    """The running plot."""

    heading: str
    said: Annotated[str, _with("variant", "accuracy", "low", "high")]
    axis: str
    right: str
    about: str


class Verdict(_Texts):
    """A pair of variants in sentences: its first half, its second, the judgement, and more."""

    alone: Annotated[str, _with("a", "b", "only_a", "only_b")]
    same: Annotated[str, _with("a", "b")]
    one: str
    many: Annotated[str, _with("n")]
    once: Annotated[str, _with("times")]
    often: Annotated[str, _with("percent")]
    even: str
    never: str
    better: Annotated[str, _with("a", "b")]
    worse: Annotated[str, _with("a", "b")]
    open: str
    holm: Annotated[str, _with("pairs", "p")]
    interval: str
    waits: Annotated[str, _with("total")]
    needed: Annotated[str, _with("needed", "more")]
    beyond: Annotated[str, _with("most")]
    unknown: str
    few: Annotated[str, _with("n")]
    there: Annotated[str, _with("there")]
    numbers: Annotated[str, _with("difference", "low", "high", "p", "holm")]
    how: str
    method: str


class Filters(_Texts):
    """Which questions the table lists."""

    label: str
    search: str
    hint: str
    all: str
    all_right: str
    all_wrong: str
    changed: str
    gained: str
    lost: str
    right: Annotated[str, _with("variant")]
    wrong: Annotated[str, _with("variant")]
    only: Annotated[str, _with("variant")]
    shown: Annotated[str, _with("n", "of")]


class Answering(_Texts):
    """What variants say of one question in their own words."""

    button: str
    stop: str
    heading: Annotated[str, _with("question")]
    reads: Annotated[str, _with("decision")]
    reads_none: str
    nothing: str
    running: str


class Pictures(_Texts):
    """The pictures of a run."""

    label: str
    confusion: str
    reliability: str
    coverage: str
    confusion_about: str
    reliability_about: str
    coverage_about: str
    sure: str
    right: str
    wrong: str
    answered: str
    bin: Annotated[str, _with("n", "sure", "right", "low", "high")]
    error: Annotated[str, _with("variant", "error")]
    area: Annotated[str, _with("variant", "area", "half")]


class Runs(_Texts):
    """The runs of a page, side by side."""

    heading: str
    source: str
    seed: str
    scored: str
    of: Annotated[str, _with("n", "total")]
    note: str


class Report(_Texts):
    """A run as a file."""

    title: Annotated[str, _with("source")]
    asked: Annotated[str, _with("n", "total", "source", "seed")]
    partial: str
    data: Annotated[str, _with("ref", "split", "sha256")]
    results: str
    verdicts: str
    questions: str
    items: str
    scored: Annotated[str, _with("n", "total", "source", "seed")]
    stopped: str


class Reads(_Texts):
    """Whether variants read the abstract; `others` are the non-readers, by their names in
    `hera.evaluation.shortcuts`."""

    heading: str
    about: str
    count: str
    start: str
    stop: str
    figure: str
    progress: Annotated[str, _with("done", "n")]
    left_out: Annotated[str, _with("negated", "n", "left")]
    does: Annotated[str, _with("variant", "turned", "n", "beside", "p")]
    does_not: Annotated[str, _with("variant", "turned", "n", "beside", "p")]
    turns_more: Annotated[str, _with("a", "b", "p")]
    survives: Annotated[str, _with("variant", "gain", "left")]
    survives_not: Annotated[str, _with("variant", "gain", "left")]
    survival_open: Annotated[str, _with("variant", "gain", "left")]
    no_gain: Annotated[str, _with("variant", "gain")]
    points: Annotated[str, _with("mean", "low", "high")]
    maybe: Annotated[str, _with("share")]
    open: str
    few: str
    examples: str
    others: Annotated[dict[str, str], _keys("keyword rule", "bag of words")]
    rows: Annotated[
        dict[str, Seen],
        _keys(
            *("original", "removed", "exchanged", "turned", "beside", "content-free"),
            *("no abstract", "gain", "survives exchanged", "survives removed"),
        ),
    ]


class Abstract(_Texts):
    """A visitor's own abstract: what moved the answers, and what sets variants apart."""

    heading: str
    about: str
    abstract: str
    question: str
    example: str
    example_question: str
    start: str
    stop: str
    shares: str
    pasted: str
    now: str
    sentences: str
    sentences_about: str
    less: str
    more: str
    colours_of: str
    worth: Annotated[str, _with("variant", "worth")]
    turns: Annotated[str, _with("answer")]
    rounding: str
    delete: str
    delete_this: Annotated[str, _with("n")]
    negate: str
    negate_this: Annotated[str, _with("n")]
    undo: str
    deleted: Annotated[str, _with("n")]
    negated: Annotated[str, _with("n")]
    swapped: Annotated[str, _with("n")]
    undone: str
    change: Annotated[str, _with("variant", "before", "p", "after", "q")]
    no_rule: Annotated[str, _with("n")]
    last_one: str
    first: str
    separating: str
    separating_about: Annotated[str, _with("n")]
    find: str
    try_edits: str
    looked: Annotated[str, _with("done", "n")]
    apart: Annotated[str, _with("nats")]
    take: str
    take_this: Annotated[str, _with("question")]
    edits: Annotated[str, _with("n", "nats")]
    no_edits: str
    put: Annotated[str, _with("n", "word", "instead")]
    cut: Annotated[str, _with("n", "word")]
    make: str
    make_this: Annotated[str, _with("edit")]
    one_variant: str
    gone: str


class ProbeKind(_Texts):
    """One kind of what a model may forget."""

    name: str
    about: str


class Forgot(_Texts):
    """What variants forgot, in the PubMedQA tab."""

    heading: str
    about: str
    start: str
    stop: str
    alone: str
    progress: Annotated[str, _with("done", "n")]
    base: Annotated[str, _with("loss")]
    number: Annotated[str, _with("change", "low", "high")]
    no_interval: Annotated[str, _with("change", "n")]
    scale: str
    lost: Annotated[str, _with("variant", "kinds")]
    gained: Annotated[str, _with("variant", "kinds")]
    nothing: Annotated[str, _with("variant")]
    verdicts: Annotated[dict[str, str], _keys("lost", "gained", "cannot be told")]
    kinds: Annotated[dict[str, ProbeKind], _keys(*PROBE_KINDS)]


class Fair(_Texts):
    """Variants under every prompt, and each with its own best, in the PubMedQA tab."""

    heading: str
    about: str
    count: str
    start: str
    stop: str
    progress: Annotated[str, _with("done", "n")]
    so_far: Annotated[str, _with("n")]
    accuracy: str
    gain: Annotated[str, _with("a", "b")]
    hollow: str
    counts: Annotated[str, _with("a", "b", "better", "worse", "open", "of")]
    same: str
    turned: Annotated[str, _with("n", "usual", "prompts")]
    fair_better: Annotated[str, _with("b", "points")]
    fair_worse: Annotated[str, _with("b", "points")]
    fair_open: Annotated[str, _with("b", "points")]
    spread: Annotated[str, _with("b", "low", "high")]
    points: Annotated[str, _with("mean", "low", "high")]
    tested: Annotated[str, _with("p", "holm")]
    splits: Annotated[str, _with("low", "high")]
    reversed: Annotated[str, _with("prompts")]
    table: Annotated[str, _with("n")]
    own: str
    own_about: str
    chosen_once: str
    chosen_twice: str
    how: str
    method: str
    texts: str
    raw: str
    user: str
    begun: str
    prompts: Annotated[dict[str, Seen], _keys(*PUBMEDQA_PROMPTS)]


class ModelFacts(_Texts):
    """What the Model tab calls the facts of what runs."""

    engine: str
    device: str
    kept: str
    scores: str
    threads: str
    window: str
    memory: str
    versions: str
    machine: str


class VariantFacts(_Texts):
    """What it calls those of a variant."""

    ref: str
    on: str
    parameters: str
    lora: str
    targets: str
    norm: str
    sha256: str
    trained_on: str
    licence: str


class TrainingFacts(_Texts):
    """What it calls those of a training."""

    data: str
    rows: str
    begun: str
    earlier: str
    steps: str
    rate: str
    seed: str
    loss: str
    right: str
    forgot: str
    probes: str
    machine: str
    time: str


class SnippetNames(_Texts):
    """Over the programs that have the same answer."""

    hera: str
    server: str
    peft: str
    gguf: str
    ollama: str
    vllm: str


class EngineNames(_Texts):
    """What computes."""

    transformers: str
    llama_cpp: str
    server: str


class VariantKinds(_Texts):
    """What a variant is."""

    base: str
    adapter: str
    model: str


class UnknownFacts(_Texts):
    """What a server does not show."""

    weights: str
    memory: str
    training: str
    changes: str
    window: str


class Model(_Texts):
    """The Model tab."""

    tab: str
    loading: str
    broken: Annotated[str, _with("error")]
    heading: str
    about: str
    facts: ModelFacts
    engine: EngineNames
    bits_dtype: Annotated[str, _with("bits", "dtype")]
    tokens: Annotated[str, _with("n")]
    no_window: str
    memory_process: Annotated[str, _with("used", "peak")]
    memory_gpu: Annotated[str, _with("used", "peak")]
    million: Annotated[str, _with("n")]
    billion: Annotated[str, _with("n")]
    gigabytes: Annotated[str, _with("n")]
    megabytes: Annotated[str, _with("n")]
    kind: VariantKinds
    variant: VariantFacts
    rank: Annotated[str, _with("kind", "rank", "alpha")]
    not_stated: str
    copy_text: str
    copied_text: str
    checks: str
    checks_about: str
    passed: str
    failed: str
    not_checked: str
    notes: str
    scores: str
    scores_about: str
    no_scores: str
    score: str
    interval: Annotated[str, _with("low", "high")]
    asked: Annotated[str, _with("data", "n")]
    asked_some: Annotated[str, _with("data")]
    sources: Annotated[str, _with("files")]
    report: str
    probes: Annotated[str, _with("told", "n")]
    training_heading: str
    no_training: Annotated[str, _with("variants")]
    training: TrainingFacts
    curve: Annotated[
        str, _with("variant", "first", "first_step", "last", "last_step", "before", "after")
    ]
    curve_loss: str
    curve_held_out: str
    curve_step: str
    curve_numbers: str
    rows: Annotated[str, _with("train", "held_out", "epochs")]
    begun: Annotated[str, _with("adapter")]
    begun_new: str
    begun_fresh: Annotated[str, _with("adapter")]
    steps: Annotated[str, _with("steps", "batch", "tokens")]
    loss: Annotated[str, _with("before", "after", "rows", "tokens")]
    right: Annotated[str, _with("before", "before_range", "after", "after_range")]
    forgot: Annotated[
        str, _with("data", "n", "before", "before_range", "after", "after_range", "p")
    ]
    hardware: Annotated[str, _with("device", "processes", "cpus", "platform")]
    hours: Annotated[str, _with("hours", "minutes")]
    minutes: Annotated[str, _with("minutes", "seconds")]
    peak: Annotated[str, _with("time", "peak")]
    heat: str
    heat_about: str
    heat_of: Annotated[str, _with("variant", "norm")]
    layer: str
    no_heat: Annotated[str, _with("variant", "why")]
    cards: str
    cards_about: str
    card: Annotated[str, _with("name", "variants")]
    card_licence: Annotated[str, _with("licence")]
    card_cut: str
    no_cards: str
    picture: Annotated[str, _with("alt")]
    snippets: str
    snippets_about: str
    snippet: SnippetNames
    unknown_heading: str
    unknown: UnknownFacts


class BenchKind(_Texts):
    """One benchmark of the picker; `rows` stands over its list before it is asked, `plot` under
    the running plot where answers are right or wrong."""

    name: str
    about: str
    count: str
    rows: str
    plot: str = ""


class Measure(_Texts):
    """What is measured of an answer, and what the number means."""

    name: str
    about: str


class Bench(_Texts):
    """What is measured in place of PubMedQA; `rules` are by their names in
    `hera/evaluation/questions/safety_rules.toml`, `measures` by those in
    `hera.evaluation.quality.measures`."""

    label: str
    pubmedqa: str
    kinds: Annotated[dict[str, BenchKind], _keys("reasoning", "medqa", "safety", "quality")]
    begun: Annotated[str, _with("total", "name")]
    scored: Annotated[str, _with("n", "total", "source")]
    rows: Annotated[str, _with("name")]
    hint: str
    upload: str
    formats: Annotated[str, _with("mb", "n")]
    own: Annotated[str, _with("n", "ref")]
    no_file: str
    all_over: str
    over: Annotated[str, _with("n", "ids")]
    topic: str
    chosen: Annotated[str, _with("letters")]
    random: str
    always: Annotated[str, _with("letter")]
    right_one: str
    message: str
    passed: str
    failed: str
    with_notice: str
    silence: str
    silence_notice: str
    detected: Annotated[str, _with("found", "due", "alarms", "rest")]
    limits: str
    notice: str
    must: Annotated[str, _with("rule")]
    must_not: Annotated[str, _with("rule")]
    rules: Annotated[dict[str, str], _keys(*load_rules())]
    patient: str
    doctor: str
    measure: str
    reference: str
    other: str
    differs: Annotated[str, _with("a", "b", "measure", "difference", "low", "high")]
    chance: Annotated[str, _with("n")]
    no_difference: str
    few: Annotated[str, _with("n", "most")]
    measured: Annotated[str, _with("mean", "low", "high")]
    cells: Annotated[str, _with("words", "rouge")]
    measures: Annotated[dict[str, Measure], _keys(*DEFINITIONS)]


class Asking(_Texts):
    """What the PubMedQA tab asks: a line on where it is from and one on whether training had it,
    how headings call it, and a visitor's own file."""

    fetching: Annotated[str, _with("ref")]
    failed: Annotated[str, _with("error")]
    missed: Annotated[str, _with("error")]
    invented: Annotated[str, _with("n")]
    hub: Annotated[str, _with("n", "ref", "split")]
    file: Annotated[str, _with("n", "ref", "split")]
    own: Annotated[str, _with("n", "ref", "split")]
    official: str
    whole: str
    never_trained: str
    not_known: str
    licence: str
    name_invented: str
    name_official: Annotated[str, _with("ref")]
    name_own: Annotated[str, _with("ref")]
    name_other: Annotated[str, _with("ref")]
    upload: str
    formats: Annotated[str, _with("mb", "n")]
    back: str
    refused: Annotated[str, _with("error")]


class Summary(_Texts):
    """The table of accuracies."""

    scored: Annotated[str, _with("n", "total", "source")]
    variant: str
    accuracy: str
    interval: str
    macro_f1: str
    calibration: str
    from_to: Annotated[str, _with("low", "high")]
    majority: Annotated[str, _with("label")]
    random: str
    theirs: Annotated[str, _with("source")]
    tells: Annotated[str, _with("n", "points")]
    tells_nothing: Annotated[str, _with("n")]


class Figure(_Texts):
    """The confusion matrices."""

    heading: Annotated[str, _with("variant", "accuracy", "low", "high")]
    source: Annotated[str, _with("source")]
    gold: str
    predicted: str


class Questions(_Texts):
    """The table of questions, and one of them in full."""

    label: str
    label_of: Annotated[str, _with("source")]
    id: str
    question: str
    gold: str
    gold_answer: str
    variant: str


class Errors(_Texts):
    """What is said of what visitors and callers gave."""

    heading: str
    no_model: str
    still_loading: str
    still_fetching: str
    empty_message: str
    nothing_to_retry: str
    nothing_to_go_on: str
    nothing_to_edit: str
    conversation: str
    history: str
    no_sample: str
    count: Annotated[str, _with("count", "most")]
    too_large: Annotated[str, _with("mb")]
    comparison: str
    answers: str
    guess: str
    trials: Annotated[str, _with("place")]
    country: str
    held: str
    no_variant: str
    prompts: Annotated[str, _with("most")]
    own_empty: str
    own_letters: Annotated[str, _with("n", "most")]
    own_question: Annotated[str, _with("n", "most")]
    own_sentences: Annotated[str, _with("n", "most")]
    own_window: Annotated[str, _with("n")]
    yes_or_no: Annotated[str, _with("name")]
    whole: Annotated[str, _with("name")]
    number: Annotated[str, _with("name")]
    seed: Annotated[str, _with("name", "most")]
    text: Annotated[str, _with("name")]
    texts: Annotated[str, _with("name")]
    object: Annotated[str, _with("name")]
    twice: Annotated[str, _with("name")]
    long: Annotated[str, _with("name", "n", "most")]
    many: Annotated[str, _with("name", "n", "most")]
    missing: Annotated[str, _with("n", "of")]
    unreadable: str
    unexpected: str
    left: str
    no_endpoint: str
    no_route: str
    elsewhere: str
    host: str
    password: str
    guesses: str
    kind: Annotated[str, _with("kinds")]
    uploads_busy: str
    too_slow: str


class Words(_Texts):
    """One language."""

    page: Page
    frame: Frame
    steps: Steps
    status: Status
    busy: Busy
    leaving: Leaving
    signing_in: SigningIn
    privacy: Privacy
    failing: Failing
    health: Health
    generation: Generation
    talk: Talk
    chat: Chat
    history: History
    compare: Compare
    why: Why
    receipt: Receipt
    luck: Luck
    film: Film
    keep: Keep
    kept: Kept
    blind: Blind
    pubmedqa: Pubmedqa
    live: Live
    verdict: Verdict
    filters: Filters
    answering: Answering
    pictures: Pictures
    runs: Runs
    report: Report
    reads: Reads
    abstract: Abstract
    forgot: Forgot
    fair: Fair
    model: Model
    bench: Bench
    asking: Asking
    summary: Summary
    figure: Figure
    questions: Questions
    errors: Errors


def read(language: str) -> dict[str, Any]:
    """The file of a language ("en"), as it stands."""
    path = Path(__file__).with_name(f"{language}.toml")
    return tomllib.loads(path.read_text(encoding="utf-8"))


LANGUAGES = {name: Words.model_validate(read(name)) for name in SPOKEN}


class _InItsLanguage:
    """The words of the language that is spoken where they are asked for."""

    def __getattr__(self, name: str) -> Any:
        return getattr(LANGUAGES[language()], name)


WORDS = cast(Words, _InItsLanguage())
"""Read inside functions alone: the language is a visitor's, not the program's."""
