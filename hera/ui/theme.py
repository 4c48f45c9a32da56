"""Colours, fonts (the system's own: nothing is fetched) and the little CSS the screens need."""

from __future__ import annotations

import gradio as gr

CSS = """
.gradio-container { overflow: clip !important; } /* "hidden", as Gradio has it, unsticks */
#disclaimer { position: sticky; top: 0; z-index: 50; padding: 8px 14px; border-radius: 8px;
  border: 1px solid #d97706; background: #fef3c7; color: #451a03; }
#disclaimer * { color: inherit; font-size: 0.9rem; margin: 0; }
.dark #disclaimer { background: #3b2608; color: #fde68a; }
#chat-notice:not(:has(.notice)), #compare-notice:not(:has(.notice)) { display: none; }
#chat-notice .html-container, #compare-notice .html-container { padding: 0; }
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
.answer { min-height: 9rem; }
.answer .prose { padding-right: 2rem; } /* the copy button lies over the first line */
.numbers p { font-variant-numeric: tabular-nums; opacity: 0.85; font-size: 0.85rem; }
.bar { background: var(--border-color-primary); border-radius: 4px; height: 0.8rem; width: 100%;
  min-width: 4rem; }
.bar > span { display: block; height: 100%; border-radius: 4px; background: #0f766e; }
.dark .bar > span { background: #2dd4bf; }
table.probabilities { width: 100%; border-collapse: collapse; }
table.probabilities td, table.probabilities th { padding: 4px 8px; text-align: left; }
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
