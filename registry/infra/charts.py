"""Charts as SVG: the same picture on screen and on paper, the same bytes for the same figures.

Actual stands as hatched bars, target as a line with markers, so that the picture is legible in black and white; a
missing value leaves its place empty. The drawing library is loaded only when something is drawn.
"""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from functools import lru_cache
from threading import Lock
from typing import Any

from registry.infra.i18n import NBSP, format_decimal

_INK, _BLUE, _PALE, _GRID = "#18262c", "#0b5a78", "#cfe3eb", "#d3dce1"
_WIDTH, _HEIGHT = 7.2, 2.9
"""Inches; 7.2 in fill the text width of an A4 page."""

# The library keeps its settings for the whole process, and a Figure is not made to be drawn by two threads at once.
_drawing = Lock()


@lru_cache(maxsize=256)
def actual_against_target(
    years: Sequence[int],
    actual: Sequence[float | None],
    target: Sequence[float | None],
    *,
    actual_label: str,
    target_label: str,
    unit: str,
    language: str,
    base: Sequence[float | None] = (),
    base_label: str = "",
    running: int | None = None,
    running_label: str = "",
) -> bytes:
    """Draw the course of one indicator: ``actual`` as bars, ``target`` as a line, None as an empty place.

    ``base`` is what the targets start from, as a mark of its own. With ``running_label`` each bar carries its value,
    and the bar of the year ``running``, which is not over, stands white in a broken line with that label below its
    year.

    Takes tuples of equal length; labels and ``unit`` (the name of the value axis) in ``language``. The text alternative
    is the page's business, since it names the indicator. Returns SVG without a date, at most some ten kilobytes.
    """
    labels = actual_label, target_label, base_label, running_label
    with _drawing:
        return _draw(years, actual, target, base, running, labels, unit, language)


def _draw(
    years: Sequence[int],
    actual: Sequence[float | None],
    target: Sequence[float | None],
    base: Sequence[float | None],
    running: int | None,
    labels: tuple[str, str, str, str],
    unit: str,
    language: str,
) -> bytes:
    import matplotlib as mpl
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure
    from matplotlib.patches import Patch
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    actual_label, target_label, base_label, running_label = labels

    settings: Any = {
        "svg.hashsalt": "registry", "svg.fonttype": "path", "font.family": ["Noto Sans", "DejaVu Sans"], "font.size": 9,
        "hatch.linewidth": 0.6, "text.color": _INK, "axes.labelcolor": _INK, "xtick.color": _INK, "ytick.color": _INK,
    }  # fmt: skip
    with mpl.rc_context(settings):
        figure = Figure(figsize=(_WIDTH, _HEIGHT), layout="constrained")
        FigureCanvasSVG(figure)
        axes = figure.add_subplot()
        places = range(len(years))
        bars = [(place, value) for place, value in zip(places, actual, strict=True) if value is not None]
        known = [value for value in (*actual, *target, *base) if value is not None]
        whole_numbers = all(float(value).is_integer() for value in known)
        drawn = axes.bar(
            [place for place, _value in bars],
            [value for _place, value in bars],
            width=0.56,
            color=_PALE,
            edgecolor=_BLUE,
            hatch="////",
            linewidth=1,
            label=actual_label,
            zorder=2,
        )
        if running_label:
            for bar, (place, value) in zip(drawn, bars, strict=True):
                if years[place] == running:
                    bar.set(facecolor="white", linestyle="--", hatch="")
                axes.annotate(
                    _number(value, language, places=0 if whole_numbers else 2),
                    (place, value / 2),
                    ha="center",
                    va="center",
                    fontsize=7.5,
                    bbox={"boxstyle": "square,pad=0.15", "facecolor": "white", "edgecolor": "none"},
                    zorder=4,
                )
        line = [float("nan") if value is None else value for value in target]
        if any(value is not None for value in target):
            axes.plot(
                places,
                line,
                color=_INK,
                linewidth=1.6,
                marker="D",
                markersize=5,
                markerfacecolor="white",
                label=target_label,
                zorder=3,
            )
        starts = [(place, value) for place, value in zip(places, base, strict=False) if value is not None]
        if starts:
            axes.plot(
                [place for place, _value in starts],
                [value for _place, value in starts],
                linestyle="none",
                color=_INK,
                marker="s",
                markersize=6,
                label=base_label,
                zorder=3,
            )
        below = {running: f"\n{running_label}"} if running_label else {}
        axes.set_xticks(list(places), [f"{year}{below.get(year, '')}" for year in years])
        axes.set_xlim(-0.6, len(years) - 0.4)
        axes.set_ylim(0, max(known, default=0) * 1.12 or 1)
        axes.set_ylabel(unit)
        axes.yaxis.set_major_locator(MaxNLocator(nbins=5, integer=whole_numbers))
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _place: _number(value, language)))
        axes.grid(axis="y", color=_GRID, linewidth=0.7, zorder=0)
        axes.set_axisbelow(True)
        axes.spines[["top", "right", "left"]].set_visible(False)
        axes.tick_params(length=0)
        handles, names = axes.get_legend_handles_labels()
        if running_label:
            # What stands for the bars is a bar of a whole year, whichever was drawn first.
            whole = Patch(facecolor=_PALE, edgecolor=_BLUE, hatch="////", linewidth=1)
            handles = [whole if name == actual_label else own for own, name in zip(handles, names, strict=True)]
        axes.legend(handles, names, loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=3, frameon=False)
        buffer = io.BytesIO()
        figure.savefig(
            buffer,
            format="svg",
            transparent=True,
            metadata={"Date": None, "Creator": None, "Format": None, "Type": None},
        )
    return _lighten(buffer.getvalue())


def _number(value: float, language: str, *, places: int | None = None) -> str:
    """A number as the language writes it, with so many decimal places; without ``places``, with those it needs."""
    text = f"{value:.2f}".rstrip("0").rstrip(".") if places is None else f"{value:.{places}f}"
    return format_decimal(text, language).replace(NBSP, " ")


def _lighten(svg: bytes) -> bytes:
    """Leave out what says nothing to a reader of the picture: document type, comments, indentation, names of parts that
    nothing refers to, which would also be the same in each picture of a page."""
    text = svg.decode()
    text = re.sub(r"<!DOCTYPE.*?>|<!--.*?-->|<metadata>.*?</metadata>", "", text, flags=re.DOTALL)
    used = set(re.findall(r"#([\w-]+)", text))
    text = re.sub(r' id="([\w-]+)"', lambda name: name[0] if name[1] in used else "", text)
    text = re.sub(r"<g(?: id=\"[\w-]+\")?/>", "", text)
    return re.sub(r"\s*\n\s*", "\n", text).encode()
