"""The page's colours can be told from what they stand on."""

import colorsys
import itertools
import re

from cli.reporting.page import TEMPLATES


def themes() -> tuple[dict[str, str], dict[str, str]]:
    """The colours of the light page and of the dark one."""
    style = (TEMPLATES / "report.css").read_text()
    light, dark = (dict(re.findall(r"--([\w-]+): (#[0-9a-f]{3,6})", part)) for part in style.split("@media", 2)[:2])
    return light, {**light, **dark}


def test_the_bands_of_the_scale_can_be_told_apart() -> None:
    for theme in themes():
        hues = sorted(_hue(theme[f"band-{index}"]) for index in range(4))
        assert all(after - before >= 40 for before, after in itertools.pairwise([*hues, hues[0] + 360]))


def test_texts_can_be_read_in_both_themes() -> None:
    for theme in themes():
        for name in ("ink", "soft", "accent", "good", "bad", "warn"):
            assert _contrast(theme[name], theme["paper"]) >= 4.5, name
        assert _contrast(theme["soft"], theme["page"]) >= 4.5
        assert _contrast(theme["warn"], theme["warn-paper"]) >= 4.5
        for name in (name for name in theme if re.match(r"arm-|part-", name)):
            assert _contrast(theme[name], theme["paper"]) >= 3, name
        for name in ("good", "bad", "soft", *(f"band-{index}" for index in range(4))):
            assert _contrast(theme[name], theme["paper"]) >= 3, f"percentages are written on {name}"


def _contrast(one: str, other: str) -> float:
    """The contrast ratio of WCAG 2.2."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _hue(colour: str) -> float:
    """The hue in degrees."""
    return 360 * colorsys.rgb_to_hls(*_channels(colour))[0]


def _channels(colour: str) -> list[float]:
    digits = colour[1:] if len(colour) == 7 else "".join(digit * 2 for digit in colour[1:])
    return [int(digits[index : index + 2], 16) / 255 for index in (0, 2, 4)]


def _luminance(colour: str) -> float:
    parts = _channels(colour)
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
