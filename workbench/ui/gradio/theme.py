"""The look of what Gradio itself draws, in the colours of ``assets/workbench.css``."""

from gradio import themes

PETROL = themes.Color(
    name="petrol",
    c50="#eef8f7",
    c100="#dff0ee",
    c200="#b9dfdb",
    c300="#86c8c2",
    c400="#4fc1b8",
    c500="#1d8f88",
    c600="#0a6b66",
    c700="#075550",
    c800="#0a443f",
    c900="#0b3734",
    c950="#05211f",
)


def theme() -> themes.Base:
    """A quiet theme: one accent, flat surfaces, IBM Plex from the installed package."""
    # The package's own semi-bold cut lacks most letters, so bold stands in for it.
    return themes.Base(
        primary_hue=PETROL,
        secondary_hue=PETROL,
        neutral_hue=themes.colors.slate,
        font=[themes.LocalFont("IBM Plex Sans", weights=(400, 700)), "system-ui", "sans-serif"],
        font_mono=[themes.LocalFont("IBM Plex Mono", weights=(400, 700)), "monospace"],
    ).set(
        body_background_fill="#f4f6f5",
        body_background_fill_dark="#0f1514",
        body_text_color="#14211f",
        body_text_color_dark="#e6eeec",
        background_fill_primary="#ffffff",
        background_fill_primary_dark="#171f1e",
        border_color_primary="#dbe2e0",
        border_color_primary_dark="#2b3836",
        block_border_width="0px",
        block_padding="0px",
        layout_gap="16px",
    )
