"""Colours, fonts (the system's own: nothing is fetched), the CSS of the screens, and the scripts of
the page."""

from __future__ import annotations

from pathlib import Path

import gradio as gr

FAVICON = Path(__file__).with_name("favicon.svg")
CSS = "\n".join(
    Path(__file__).with_name(name).read_text(encoding="utf-8")
    for name in ("page.css", "measured.css")
)
HEAD = "\n".join(
    f"<script>{Path(__file__).with_name(name).read_text(encoding='utf-8')}</script>"
    for name in ("page.js", "page_restart.js")
)


def theme() -> gr.themes.Base:
    """Gradio's base theme in teal; primary buttons and chosen options dark
    enough for white text (WCAG AA), boxes and circles to tick with an edge that is seen."""
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
        checkbox_border_color="*neutral_400",
        checkbox_label_background_fill_selected="*primary_700",
        checkbox_label_background_fill_selected_dark="*primary_700",
        body_background_fill="*neutral_100",
        body_text_color_subdued="*neutral_600",
        block_info_text_color="*neutral_600",
        block_info_text_color_dark="*neutral_300",
        input_placeholder_color="*neutral_500",
        input_placeholder_color_dark="*neutral_300",
        link_text_color="*primary_700",
        link_text_color_hover="*primary_800",
        link_text_color_active="*primary_800",
        link_text_color_visited="*primary_700",
        link_text_color_dark="*primary_300",
        link_text_color_hover_dark="*primary_200",
        link_text_color_active_dark="*primary_200",
        link_text_color_visited_dark="*primary_300",
        block_radius="10px",
        container_radius="10px",
        block_shadow="none",
        block_shadow_dark="none",
        button_large_text_size="*text_md",
        button_large_text_weight="600",
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
