"""Colours, fonts (the system's own: nothing is fetched) and the little CSS the screens need."""

from __future__ import annotations

import gradio as gr

CSS = """
.gradio-container { overflow: clip !important; } /* "hidden", as Gradio has it, unsticks */
#disclaimer { position: sticky; top: 0; z-index: 50; padding: 8px 14px; border-radius: 8px;
  border: 1px solid #d97706; background: #fef3c7; color: #451a03; }
#disclaimer * { color: inherit; font-size: 0.9rem; margin: 0; }
.dark #disclaimer { background: #3b2608; color: #fde68a; }
#chat-notice:not(:has(.notice)), #compare-notice:not(:has(.notice)),
#film-notice:not(:has(.notice)) { display: none; }
#chat-notice .html-container, #compare-notice .html-container, #film-notice .html-container,
.film .html-container { padding: 0; }
.notice { padding: 10px 14px; border-radius: 8px; border: 1px solid; border-left-width: 6px; }
.notice p, .notice strong { color: inherit; margin: 0; line-height: 1.45; }
.notice p + p { margin-top: 8px; }
.notice.emergency { border-color: #dc2626; background: #fef2f2; color: #7f1d1d; }
.notice.crisis { border-color: #7c3aed; background: #f5f3ff; color: #4c1d95; }
.notice.none { border-color: #0284c7; background: #f0f9ff; color: #0c4a6e; }
.dark .notice.emergency { background: #450a0a; color: #fecaca; }
.dark .notice.crisis { background: #2e1065; color: #ddd6fe; }
.dark .notice.none { background: #082f49; color: #bae6fd; }
#title h1 { margin-bottom: 0; }
#chat-left-out:not(:has(p)) { display: none; }
#chat-left-out p { margin: 0; font-size: 0.85rem; opacity: 0.85; }
#chat-left-out .html-container, #status .html-container { padding: 0; }
#status p { margin: 0; }
/* Every line in the direction of its own first letters: Arabic and Hebrew from the right. */
textarea, .talk p, .talk li, .talk pre, #status p, #pqa-source p, #pqa-refused p, #pqa-detail p,
#pqa-detail h3, #pqa-table [role="gridcell"] span, .toast-message-text { unicode-bidi: plaintext;
  text-align: start !important; }
/* No wider than a phone shows of it: what begins on the right would begin out of sight. */
#pqa-table [role="gridcell"] span { flex: 1; max-width: calc(100vw - 170px); }
.talk p, .talk pre, .talk code, #pqa-detail p { white-space: pre-wrap; overflow-wrap: anywhere; }
.talk .html-container { opacity: 1 !important; padding: 0; } /* undimmed while a model thinks */
.talk .turns { display: flex; flex-direction: column; gap: 14px; min-height: 9rem; }
.talk .turn { display: flex; gap: 2px; max-width: 94%; align-items: flex-start; }
.talk .turn.user { align-self: flex-end; flex-direction: row-reverse; }
.talk .said { min-width: 0; padding: 8px 14px; border-radius: 10px; line-height: 1.5;
  border: 1px solid var(--border-color-primary); background: var(--background-fill-secondary); }
.talk .user .said { border-color: var(--border-color-accent-subdued);
  background: var(--color-accent-soft); }
.talk .said > * { margin: 0 0 0.7em; }
.talk .said > :last-child { margin-bottom: 0; }
.talk ul, .talk ol { padding-inline-start: 1.8em; list-style: disc; }
.talk code, .talk pre { font-family: var(--font-mono); font-size: 0.9em; }
.talk p > code { padding: 0.1em 0.3em; border-radius: 4px; }
.talk pre { padding: 8px 10px; border-radius: 6px; }
.talk p > code, .talk pre { background: color-mix(in srgb, currentColor 8%, transparent); }
.talk strong { font-weight: 600; }
.talk small { opacity: 0.75; }
.talk .copy { flex: none; padding: 6px; border-radius: 6px; cursor: pointer; opacity: 0.65; }
.talk .copy svg { width: 16px; height: 16px; fill: none; stroke: currentColor; }
.talk .copy:hover, .talk .copy:focus-visible { opacity: 1;
  background: var(--background-fill-secondary); }
.talk .nothing { margin: auto; opacity: 0.75; }
.talk > [data-testid="status-tracker"] { overflow: visible; } /* seconds, place in the queue */
.talk .pending .nothing { display: none; }
.talk .pending .turns::after { content: "•••"; margin-inline-start: 14px; letter-spacing: 3px;
  animation: waiting 1.4s ease-in-out infinite; }
@keyframes waiting { 50% { opacity: 0.25; } }
#chat-log .turns { height: min(56vh, 520px); overflow-y: auto; padding: 14px; }
.column:has([id^="compare-answer"]):not(:has(h3:not(:empty))) { display: none; }
[id^="compare-answer"] .turns { padding: 12px 4px 12px 14px; }
[id^="compare-answer"] .turn { max-width: 100%; }
[id^="compare-answer"] .said { flex: 1; padding: 0; border: 0; background: none; }
.film { --gain: #0f766e; --forgetting: #b45309; }
.dark .film { --gain: #2dd4bf; --forgetting: #fbbf24; }
.film .plots { display: flex; flex-wrap: wrap; gap: 8px 24px; }
.film figure { flex: 1 1 300px; max-width: 560px; margin: 0; }
.film figcaption { font-weight: 600; }
.film .legend { display: flex; flex-wrap: wrap; gap: 2px 16px; margin: 2px 0; font-size: 0.9rem; }
.film .legend span::before { content: ""; display: inline-block; width: 10px; height: 10px;
  margin-inline-end: 6px; background: var(--gain); border-radius: 5px; }
.film .legend .forgetting::before { background: var(--forgetting); border-radius: 0; }
.film svg { display: block; width: 100%; font-size: 12px; fill: currentColor; }
.film svg .grid { stroke: currentColor; opacity: 0.15; }
.film svg .now { stroke: currentColor; stroke-width: 1.5; stroke-dasharray: 4 3; }
.film svg .gain { fill: var(--gain); stroke: var(--gain); }
.film svg .forgetting { fill: var(--forgetting); stroke: var(--forgetting); }
.film svg polyline { fill: none !important; stroke-width: 2; }
.film svg polyline.forgetting { stroke-dasharray: 6 3; }
.film svg polygon { stroke: none !important; opacity: 0.15; }
.film .says { margin: 6px 0 0; font-variant-numeric: tabular-nums; }
#film-answer .turn { max-width: 100%; }
#film-answer .turns { padding: 12px 14px; }
#film-answer .said { flex: 1; padding: 0; border: 0; background: none; }
.numbers p { font-variant-numeric: tabular-nums; opacity: 0.85; font-size: 0.85rem; }
.bar { background: var(--border-color-primary); border-radius: 4px; height: 0.8rem; width: 100%;
  min-width: 4rem; }
.bar > span { display: block; height: 100%; border-radius: 4px; background: #0f766e; }
.dark .bar > span { background: #2dd4bf; }
table.probabilities { width: 100%; border-collapse: collapse; }
table.probabilities td, table.probabilities th { padding: 4px 8px; text-align: left; }
#pqa-source .html-container, #pqa-refused .html-container { padding: 0; }
#pqa-source p, #pqa-refused p { margin: 0 0 4px; }
#pqa-source p.why, #pqa-refused p { margin-bottom: 8px; padding: 8px 14px; border-radius: 8px;
  border: 1px solid #d97706; border-left-width: 6px; overflow-wrap: anywhere; }
#pqa-source a { margin: 0; padding: 0; color: inherit; text-decoration: underline; }
#pqa-refused:not(:has(p)), #pqa-download:not(:has(button)) { display: none; }
#pqa-upload, #pqa-back { flex: none; width: auto; padding: 6px 14px; font-size: 0.9rem; }
#pqa-formats p { font-size: 0.85rem; opacity: 0.85; }
#pqa-download .html-container { padding: 0; }
#pqa-download button { padding: 6px 14px; border-radius: 8px; font-size: 0.9rem; cursor: pointer;
  border: 1px solid var(--button-secondary-border-color); color: var(--button-secondary-text-color);
  background: var(--button-secondary-background-fill); }
#pqa-download button:hover, #pqa-download button:focus-visible {
  background: var(--button-secondary-background-fill-hover); }
#pqa-summary td, #pqa-summary th { word-break: normal; overflow-wrap: normal; padding: 4px 8px; }
@media (max-width: 640px) {
  #disclaimer * { font-size: 0.8rem; }
  #pqa-summary td, #pqa-summary th { font-size: 0.8rem; padding: 4px; }
  #pqa-picture { overflow-x: auto !important; }
  #pqa-picture > div { align-items: flex-start; }
  #pqa-picture img { min-width: 640px; }
}
"""


def theme() -> gr.themes.Base:
    """Gradio's base theme in teal; primary buttons dark enough for white text (WCAG AA)."""
    fonts = ("system-ui", "sans-serif")
    return gr.themes.Soft(
        primary_hue="teal",
        neutral_hue="slate",
        font=fonts,
        font_mono=("ui-monospace", "monospace"),
    ).set(
        button_primary_background_fill="*primary_700",
        button_primary_background_fill_hover="*primary_800",
        button_primary_text_color="white",
        button_primary_background_fill_dark="*primary_700",
        button_primary_background_fill_hover_dark="*primary_800",
        body_background_fill="*neutral_100",
        block_border_width="1px",
        button_secondary_border_color="*neutral_300",
        button_border_width="1px",
        block_title_background_fill="transparent",
        block_title_background_fill_dark="transparent",
        block_label_background_fill="transparent",
        block_label_background_fill_dark="transparent",
        block_title_text_color="*neutral_700",
        block_label_text_color="*neutral_700",
        block_title_text_color_dark="*neutral_200",
        block_label_text_color_dark="*neutral_200",
    )
