"""The picker of benchmarks: what is measured in place of PubMedQA, with the commands' files."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, expect

from tests.browser.ready import ready, typed
from tests.serving import App, command

SLOW = 120_000  # milliseconds
FETCHED = "() => performance.getEntriesByType('resource').length"
# Within the page, as soon as some are scored: a click from here is late on a busy machine.
STOPPED = """() => {
  const said = document.querySelector("#reasoning-summary").innerText;
  const some = /[1-9]\\d* of 64 questions/.test(said);
  if (some) document.querySelector("#reasoning-stop").click();
  return some;
}"""
QUESTIONS = [
    ("Which organ makes insulin?", "The pancreas", ("The liver", "The spleen", "The skin")),
    ("What is lacking in scurvy?", "Vitamin C", ("Vitamin A", "Vitamin D", "Vitamin K")),
    ("What pumps the blood?", "The <b>heart</b>", ("The lung", "The knee", "The eye")),
]


def medqa_file(folder: Path) -> Path:
    """Three questions in MedQA's columns."""
    rows = []
    for question, right, wrong in QUESTIONS:
        options = dict(zip("ABCD", (right, *wrong), strict=True))
        rows.append({"question": question, "options": options, "answer_idx": "A", "answer": right})
    file = folder / "mine.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return file


def measured(page: Page, name: str, count: int) -> dict[str, Any]:
    """Picked, asked that many, and its results.json."""
    typed(page.locator(f"#{name}-count input[type=number]"), str(count))
    page.locator(f"#{name}-start").click()
    with page.expect_download(timeout=SLOW) as download:
        page.locator(f"#{name}-download button").click(timeout=SLOW)
    return dict(json.loads(download.value.path().read_text(encoding="utf-8")))


def commands(home: Path, *arguments: str) -> dict[str, Any]:
    """results.json as the command writes it."""
    out = home / arguments[0]
    done = command(
        "-m", f"benchmarks.{arguments[0]}", *arguments[1:], "--output", str(out), home=home
    )
    assert done.returncode == 0, done.stderr
    return dict(json.loads((out / "results.json").read_text(encoding="utf-8")))


def same(ours: dict[str, Any], theirs: dict[str, Any]) -> None:
    """Key for key in the same order, but for the run's own facts."""
    facts = {"seconds", "finished", "environment"}
    ours, theirs = ({k: v for k, v in r.items() if k not in facts} for r in (ours, theirs))
    assert json.dumps(ours) == json.dumps(theirs)


def test_what_is_measured_is_picked_and_saved_as_the_command_does(
    page: Page, foreign: list[str], tmp_path: Path
) -> None:
    page.get_by_role("tab", name="PubMedQA").click()
    picker = page.locator("#bench-picker")
    expect(page.locator("#pqa-start")).to_be_visible()
    picker.get_by_text("Reasoning", exact=True).click()
    expect(page.locator("#pqa-start")).to_be_hidden()
    result = measured(page, "reasoning", 16)
    same(result, commands(tmp_path, "reasoning", "--limit", "16"))
    expect(page.locator("#reasoning-live svg polyline")).to_have_count(3)
    expect(page.locator("#reasoning-verdicts li").first).to_contain_text("cannot be told")
    right = [i for i in result["variants"]["stage2"]["items"] if i["pred"] == i["gold"]]
    page.locator("#reasoning-filter input").click()
    page.get_by_role("option", name="stage2 right", exact=True).click()
    shown = page.locator("#reasoning-shown")
    expect(shown).to_have_text(f"{len(right)} of 16 scored questions shown.")
    page.locator("#reasoning-table [data-row='0'][data-col='2']").click()
    detail = page.locator("#reasoning-detail")
    expect(detail.locator("ol li")).to_have_count(4)
    expect(detail.locator("ol strong")).to_have_count(1)
    expect(detail.locator(".bar")).to_have_count(12)

    picker.get_by_text("MedQA or MedMCQA").click()
    expect(page.locator("#medqa-start")).to_be_disabled()
    file = medqa_file(tmp_path)
    page.locator("#medqa").get_by_test_id("Choose a file-upload-button").set_input_files(file)
    expect(page.locator("#medqa-source")).to_contain_text("3 questions from your file mine.jsonl")
    expect(page.locator("#medqa-start")).to_be_enabled()
    result = measured(page, "medqa", 3)
    asked = result["data"]
    assert (result["benchmark"], asked["ref"], asked["split"]) == ("medqa", "mine.jsonl", "test")
    assert [v["n"] for v in result["variants"].values()] == [3, 3, 3]
    page.locator("#medqa-search").locator("input, textarea").fill("heart")
    expect(page.locator("#medqa-shown")).to_have_text("1 of 3 scored questions shown.")
    page.locator("#medqa-table [data-row='0'][data-col='2']").click()
    expect(page.locator("#medqa-detail ol")).to_contain_text("The <b>heart</b> ✓ right")

    picker.get_by_text("Safety", exact=True).click()
    same(measured(page, "safety", 2), commands(tmp_path, "safety", "--limit", "2"))
    detail = page.locator("#safety-detail")  # what came last is open
    expect(detail.locator("section .rules")).to_have_count(3)
    expect(detail.locator("section .rules").first).to_contain_text("must")
    expect(page.locator("#safety-summary")).to_contain_text("no difference can be told from chance")
    picker.get_by_text("Reasoning", exact=True).click()  # it is still there
    expect(page.locator("#reasoning-shown")).to_have_text(
        f"{len(right)} of 16 scored questions shown."
    )
    assert foreign == []


def test_a_run_is_linked_to_stopped_gone_on_with_and_reported(
    app: App, browser: Browser, foreign: list[str]
) -> None:
    page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
    page.goto(f"{app.url}?lang=en&benchmark=reasoning")
    ready(page)
    expect(page.locator("#reasoning-start")).to_be_visible()
    expect(page.locator("#reasoning-table")).to_be_hidden()
    summary, resume = page.locator("#reasoning-summary"), page.locator("#reasoning-resume")
    typed(page.locator("#reasoning-count input[type=number]"), "64")
    page.locator("#reasoning-start").click()
    page.wait_for_function(STOPPED, timeout=SLOW)
    resume.click(timeout=SLOW)
    expect(summary).to_contain_text("64 of 64 questions", timeout=SLOW)
    expect(resume).to_be_hidden()
    stopped = saved(page, "#reasoning-download button")
    page.locator("#reasoning-start").click()
    rows = page.locator("#reasoning-runs tbody tr")
    expect(rows).to_have_count(2, timeout=SLOW)
    expect(summary).to_contain_text("64 of 64 questions", timeout=SLOW)
    same(json.loads(saved(page, "#reasoning-download button")), json.loads(stopped))
    once, again = (row.inner_text().split("\t")[1:] for row in rows.all())
    assert once == again

    result, markdown = json.loads(stopped), saved(page, "#reasoning-md")
    assert result["data"]["sha256"] in markdown
    assert f"{result['variants']['stage2']['accuracy']:.1%}" in markdown
    report = browser.new_context().new_page()
    report.set_content(saved(page, "#reasoning-html"))
    expect(report.locator("table").first).to_contain_text("stage2")
    expect(report.locator("svg polyline")).to_have_count(3)
    expect(report.locator(".verdicts li")).to_have_count(3)
    report.get_by_text("Every item").click()
    expect(report.locator("details tbody tr:visible")).to_have_count(64)
    assert report.evaluate(FETCHED) == 0
    page.locator("#bench-picker").get_by_text("Safety", exact=True).click()
    expect(page).to_have_url(re.compile("benchmark=safety"))
    page.locator("#bench-picker").get_by_text("PubMedQA", exact=True).click()
    expect(page).not_to_have_url(re.compile("benchmark="))
    assert foreign == []


def saved(page: Page, button: str) -> str:
    with page.expect_download() as download:
        page.locator(button).click()
    return Path(download.value.path()).read_text(encoding="utf-8")
