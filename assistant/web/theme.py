"""Colours and type of the page: ink on paper, and the same by night.

In: nothing. Out: values for a Gradio theme, by the names of its variables, and font stacks of
fonts that systems already have. `static/page.css` builds on them.
"""

from __future__ import annotations

SANS = ("system-ui", "-apple-system", "Segoe UI", "Roboto", "Noto Sans", "sans-serif")
MONO = ("ui-monospace", "Menlo", "Consolas", "monospace")

# name: (by day, by night)
_PAIRS = {
    "body_background_fill": ("#f7f5f0", "#15171a"),
    "body_text_color": ("#1d1c1a", "#e9e6df"),
    "body_text_color_subdued": ("#5c5850", "#aaa69c"),
    "background_fill_primary": ("#fffefb", "#1c1f23"),
    "background_fill_secondary": ("#f1eee6", "#23272c"),
    "block_background_fill": ("#fffefb", "#1c1f23"),
    "block_border_color": ("#dcd7ca", "#363b42"),
    "block_label_background_fill": ("#fffefb", "#1c1f23"),
    "block_label_text_color": ("#5c5850", "#aaa69c"),
    "block_title_text_color": ("#3d3a34", "#cfcbc1"),
    "border_color_primary": ("#dcd7ca", "#363b42"),
    "border_color_accent": ("#1d4e75", "#8fbbe0"),
    "color_accent_soft": ("#e6edf3", "#22303c"),
    "input_background_fill": ("#ffffff", "#15171a"),
    "input_border_color": ("#8d8779", "#6b7078"),
    "input_border_color_focus": ("#1d4e75", "#8fbbe0"),
    "input_placeholder_color": ("#6e695f", "#98948a"),
    "link_text_color": ("#1d4e75", "#8fbbe0"),
    "link_text_color_hover": ("#123450", "#b9d6ef"),
    "link_text_color_visited": ("#1d4e75", "#8fbbe0"),
    "link_text_color_active": ("#123450", "#b9d6ef"),
    "button_primary_background_fill": ("#1d4e75", "#8fbbe0"),
    "button_primary_background_fill_hover": ("#123450", "#b9d6ef"),
    "button_primary_text_color": ("#ffffff", "#10151a"),
    "button_secondary_background_fill": ("#f1eee6", "#2a2f35"),
    "button_secondary_background_fill_hover": ("#e5e0d4", "#363c44"),
    "button_secondary_text_color": ("#1d1c1a", "#e9e6df"),
    "button_secondary_border_color": ("#c9c3b4", "#4a5058"),
    "button_cancel_background_fill": ("#8a2b1d", "#f0a799"),
    "button_cancel_background_fill_hover": ("#6c2015", "#f7c4ba"),
    "button_cancel_text_color": ("#ffffff", "#1a1210"),
}
COLOURS: dict[str, str] = {
    name + suffix: colour
    for name, colours in _PAIRS.items()
    for suffix, colour in zip(("", "_dark"), colours, strict=True)
} | {"color_accent": "#1d4e75"}
