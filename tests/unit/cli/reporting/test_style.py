"""The page's colours can be told from what they stand on."""

import re

from cli.reporting.page import TEMPLATES


def test_texts_can_be_read_in_both_themes() -> None:
    style = (TEMPLATES / "report.css").read_text()
    light, dark = (dict(re.findall(r"--([\w-]+): (#[0-9a-f]{3,6})", part)) for part in style.split("@media", 2)[:2])
    for theme in (light, {**light, **dark}):
        for name in ("ink", "soft", "accent", "good", "bad", "warn"):
            assert _contrast(theme[name], theme["paper"]) >= 4.5, name
        assert _contrast(theme["soft"], theme["page"]) >= 4.5
        assert _contrast(theme["warn"], theme["warn-paper"]) >= 4.5
        for name in (name for name in theme if re.match(r"arm-|part-", name)):
            assert _contrast(theme[name], theme["paper"]) >= 3, name
        for name in ("good", "bad", "soft", *(f"band-{place}" for place in range(4))):
            assert _contrast(theme[name], theme["paper"]) >= 3, f"percentages are written on {name}"


def _contrast(one: str, other: str) -> float:
    """The contrast ratio of WCAG 2.2."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    digits = colour[1:] if len(colour) == 7 else "".join(digit * 2 for digit in colour[1:])
    parts = [int(digits[place : place + 2], 16) / 255 for place in (0, 2, 4)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
