"""Figures of what TX-Ray found: which n-grams each filter took, how many, how strongly, and which it shares.

Most take several results by name, such as ``{"trained": a, "untrained": b}``, and draw them one below the
other on equal axes: what an untrained network shows as well is no sign of learning.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from labkit.figures.drawing import GREY, PALE, SEQUENTIAL, Drawing, colour_of, styled
from labkit.methods.txray_result import Decoder, TXRay

STATISTICS = ("sum", "min", "max", "mean", "std")
# A panel's height in pixels, and what title, axis and legend need beside the panels.
PANEL, FRAME = 190, 140


def unique_features(results: Mapping[str, TXRay]) -> Drawing:
    """Bars: how many different n-grams each filter took at least once."""
    counts = {name: found.unique_features for name, found in results.items()}
    figure = _panels(list(results), "different n-grams")
    for row, (name, found) in enumerate(results.items(), start=1):
        _bars_by_width(figure, row, found, counts[name], "%{y:,} different n-grams")
    styled(figure, "Different n-grams per filter", FRAME + PANEL * len(results))
    parts = [
        f"{name}: from {c.min():,} ({c.idxmin()}) to {c.max():,} ({c.idxmax()}), median {c.median():,.0f}"
        for name, c in counts.items()
    ]
    return Drawing(
        figure,
        "one bar is one filter; a low bar means that few n-grams win again and again in many texts, "
        "a high bar that nearly every text has a winner of its own.",
        f"Bars of the number of different n-grams per filter. {'. '.join(parts)}.",
    )


def activation_statistics(results: Mapping[str, TXRay], statistics: Sequence[str] = STATISTICS) -> Drawing:
    """Bars: sum, min, max, mean and standard deviation of each filter's credited activations."""
    masses = {name: found.mass() for name, found in results.items()}
    figure = make_subplots(
        rows=len(statistics), cols=len(results), shared_xaxes=True, shared_yaxes="rows",
        column_titles=list(results), vertical_spacing=0.03, horizontal_spacing=0.03,
    )  # fmt: skip
    for column, found in enumerate(results.values(), start=1):
        for row, statistic in enumerate(statistics, start=1):
            values = masses[list(results)[column - 1]][statistic]
            _bars_by_width(figure, row, found, values, f"{statistic} %{{y:.3f}}", column, legend=row == column == 1)
            figure.update_yaxes(title_text=statistic, row=row, col=1)
        figure.update_xaxes(title_text="filter", tickangle=90, row=len(statistics), col=column)
    styled(figure, "Activation statistics per filter", FRAME + 120 * len(statistics))
    figure.update_layout(legend={"y": 1.04})
    parts = [f"{name}: {'; '.join(f'{s} {_extremes(mass[s])}' for s in statistics)}" for name, mass in masses.items()]
    return Drawing(
        figure,
        "each column of bars is one filter; a high sum with a small spread (std) is a filter that fires on "
        "almost anything, a high max with a low mean one that waits for few words.",
        f"Bars of activation statistics per filter. {'. '.join(parts)}.",
    )


def activation_distribution(results: Mapping[str, TXRay]) -> Drawing:
    """Boxes: the full distribution of each filter's credited activations."""
    figure = _panels(list(results), "activation")
    parts = []
    for row, (name, found) in enumerate(results.items(), start=1):
        spread = pd.Series(dtype=float)
        for number, width in enumerate(found.filters):
            for label in found.labels_of(width):
                values = found.values(label)
                spread[label] = float(np.subtract(*np.percentile(values, [75, 25]))) if len(values) else np.nan
                # Quartiles and whiskers instead of thousands of points keep the page small.
                figure.add_trace(_box(label, values, colour_of(number), f"width {width}"), row=row, col=1)
        parts.append(f"{name}: height of the box {_extremes(spread)}")
    styled(figure, "Distribution of credited activations per filter", FRAME + PANEL * len(results))
    figure.update_layout(showlegend=False)
    return Drawing(
        figure,
        "a box holds the middle half of a filter's activations, the line in it is the median, the whiskers reach "
        "to the 1st and 99th percentile; boxes far above 0 fire on every text.",
        f"Box plots of activations per filter. {'. '.join(parts)}.",
    )


def top_words(results: Mapping[str, TXRay], label: str, decode: Decoder, n: int = 15, by: str = "max") -> Drawing:
    """Bars: the n-grams that one filter likes best, with its activation on them."""
    tables = {name: found.top(label, n, by, decode) for name, found in results.items()}
    figure = make_subplots(rows=1, cols=len(tables), subplot_titles=list(tables), horizontal_spacing=0.2)
    for column, (name, table) in enumerate(tables.items(), start=1):
        places = list(range(len(table)))
        figure.add_trace(
            go.Bar(
                x=table[by], y=places, orientation="h", marker_color=colour_of(column - 1), name=name, showlegend=False,
                customdata=table[["feature", "count", "mean", "max"]],
                hovertemplate="<b>%{customdata[0]}</b><br>max %{customdata[3]:.2f}, mean %{customdata[2]:.2f}<br>"
                "won in %{customdata[1]} windows<extra></extra>",
            ),
            row=1, col=column,
        )  # fmt: skip
        # Places, not words, are the axis: two n-grams may read the same where words are unknown.
        figure.update_yaxes(
            tickvals=places, ticktext=table["feature"], autorange="reversed",
            title_text="n-gram" if column == 1 else "", row=1, col=column,
        )  # fmt: skip
        figure.update_xaxes(title_text=f"{by} of activation" if by != "count" else "windows won", row=1, col=column)
    styled(figure, f"What filter {label} likes best", FRAME + 22 * n)
    figure.update_layout(margin={"l": 150})
    parts = []
    for name, table in tables.items():
        liked = [f"{row.feature} ({getattr(row, by):.2f})" for row in table.head(8).itertuples()]
        parts.append(f"{name}: {', '.join(liked) or 'nothing'}")
    return Drawing(
        figure,
        "the longest bar is the n-gram on which the filter fires most; do the words have a meaning in common, "
        "and do those of the untrained network?",
        f"Bars of the n-grams that filter {label} likes best. {'. '.join(parts)}.",
    )


def all_filters(found: TXRay, decode: Decoder, n: int = 5, title: str = "All filters and their favourites") -> Drawing:
    """A table coloured by activation: the favourites of every filter, side by side."""
    tops = {label: found.top(label, n, decode=decode) for label in found.labels}
    shape = (len(tops), n)
    words, values, counts = np.full(shape, "", dtype=object), np.full(shape, np.nan), np.zeros(shape, dtype=int)
    for row, table in enumerate(tops.values()):
        words[row, : len(table)], values[row, : len(table)] = table["feature"], table["max"]
        counts[row, : len(table)] = table["count"]
    figure = go.Figure(
        go.Heatmap(
            z=values, x=[f"{i}." for i in range(1, n + 1)], y=list(tops), text=np.vectorize(_short)(words),
            customdata=np.stack([words, counts], axis=2), textfont={"size": 11, "color": "black"},
            texttemplate="%{text}" if len(tops) <= 40 else None, colorscale=PALE, xgap=2, ygap=2,
            colorbar={"title": "activation"},
            hovertemplate="%{y}, %{x}<br><b>%{customdata[0]}</b><br>activation %{z:.2f}, "
            "won in %{customdata[1]} windows<extra></extra>",
        )
    )  # fmt: skip
    styled(figure, title, FRAME + max(320, (26 if len(tops) <= 40 else 9) * len(tops)))
    figure.update_xaxes(title_text="place by highest activation", side="bottom")
    figure.update_yaxes(title_text="filter", autorange="reversed")
    lists = [f"{label}: {', '.join(table['feature'].head(3)) or 'nothing'}" for label, table in tops.items()]
    shown = lists if len(lists) <= 40 else lists[:20]
    return Drawing(
        figure,
        "one row is one filter, from its favourite n-gram on the left; deeper blue is a higher activation; the pointer "
        "over a cell shows how often it won.",
        f"{title}. {len(tops)} filters{'' if shown == lists else ', here the first 20'}. {'; '.join(shown)}.",
    )


def overlap(found: TXRay, title: str = "What filters have in common") -> Drawing:
    """Heat maps: Jaccard similarity of each pair of filters, plain and weighted by activation."""
    plain, weighted = found.overlap(), found.overlap(weighted=True)
    figure = make_subplots(
        rows=1, cols=2, subplot_titles=("sets of n-grams", "weighted by activation"), shared_yaxes=True,
        horizontal_spacing=0.05,
    )  # fmt: skip
    for column, matrix in enumerate((plain, weighted), start=1):
        shown = matrix.mask(np.eye(len(matrix), dtype=bool))  # the diagonal is 1 and would outshine the rest
        figure.add_trace(
            go.Heatmap(
                z=shown, x=matrix.columns, y=matrix.index, coloraxis="coloraxis",
                hovertemplate="%{x} and %{y}: %{z:.2f}<extra></extra>",
            ),
            row=1, col=column,
        )  # fmt: skip
        figure.update_xaxes(title_text="filter", tickangle=90, row=1, col=column)
    figure.update_yaxes(title_text="filter", autorange="reversed", col=1)
    figure.update_yaxes(autorange="reversed", col=2)
    styled(figure, title, 520)
    figure.update_layout(coloraxis={"colorscale": SEQUENTIAL, "cmin": 0, "colorbar": {"title": "similarity"}})
    parts = [f"plain: {_similar(pairwise(plain))}", f"weighted: {_similar(pairwise(weighted))}"]
    return Drawing(
        figure,
        "a bright cell is a pair of filters that take the same n-grams; white cells are pairs of different widths, "
        "which have none in common, and the diagonal.",
        f"{title}. Heat maps of the similarity of {len(plain)} filters. {'. '.join(parts)}.",
    )


def pairwise(matrix: pd.DataFrame) -> pd.Series:
    """The defined entries above the diagonal of a symmetric table, indexed by the pair of labels."""
    rows, columns = np.triu_indices(len(matrix), k=1)
    pairs = pd.MultiIndex.from_arrays([matrix.index[rows], matrix.columns[columns]])
    return pd.Series(matrix.to_numpy()[rows, columns], pairs).dropna()


def overlap_distribution(results: Mapping[str, TXRay]) -> Drawing:
    """Boxes: the similarities of all pairs of filters, for several networks, plain and weighted."""
    figure = go.Figure()
    parts = []
    for number, (kind, weighted) in enumerate((("sets of n-grams", False), ("weighted by activation", True))):
        for name, found in results.items():
            pairs = pairwise(found.overlap(weighted=weighted))
            box = _box(name, pairs.to_numpy(), colour_of(number), kind)
            box.update(name=kind, offsetgroup=kind, legendgroup=kind, showlegend=name == next(iter(results)))
            figure.add_trace(box)
            parts.append(f"{name}, {kind}: {_similar(pairs)}")
    styled(figure, "Similarity of pairs of filters", 380)
    figure.update_layout(boxmode="group")
    figure.update_yaxes(title_text="Jaccard similarity", rangemode="tozero")
    figure.update_xaxes(title_text="network")
    return Drawing(
        figure,
        "a box holds the middle half of all pairs of filters of like width, the whiskers reach to the 1st and 99th "
        "percentile; higher is more redundant.",
        f"Box plots of pairwise similarity. {'. '.join(parts)}.",
    )


def pruning(
    before: float, criteria: Mapping[str, Mapping[int, float]], at_random: Mapping[int, Sequence[float]]
) -> Drawing:
    """Points: accuracy after pruning by some criteria, beside random draws of the same number of filters.

    Args:
        before: accuracy of the whole network, in [0, 1].
        criteria: name -> number of pruned filters -> accuracy with the criterion's choice.
        at_random: number of pruned filters -> accuracies of several random choices.
    """
    figure = go.Figure()
    counts = sorted(at_random)
    draws = [(n, accuracy) for n in counts for accuracy in at_random[n]]
    figure.add_trace(
        go.Scatter(x=[n for n, _ in draws], y=[a for _, a in draws], mode="markers", name="random choices",
                   marker={"color": GREY, "size": 8, "symbol": "circle-open", "line": {"width": 1.5}},
                   hovertemplate="%{x} filters at random: %{y:.3f}<extra></extra>")
    )  # fmt: skip
    medians = [float(np.median(at_random[n])) for n in counts]
    figure.add_trace(
        go.Scatter(x=counts, y=medians, mode="lines", name="their median", line={"color": GREY, "dash": "dot"})
    )
    for number, (name, reached) in enumerate(criteria.items()):
        figure.add_trace(
            go.Scatter(x=counts, y=[reached[n] for n in counts], mode="lines+markers", name=name,
                       line={"color": colour_of(number + 1)}, marker={"symbol": number + 1, "size": 11},
                       hovertemplate=f"%{{x}} filters, {name}: %{{y:.3f}}<extra></extra>")
        )  # fmt: skip
    figure.add_hline(before, line={"color": colour_of(0), "dash": "dash"}, annotation_text="nothing pruned")
    styled(figure, "Accuracy after pruning", 440)
    figure.update_xaxes(title_text="pruned filters", tickvals=counts)
    figure.update_yaxes(title_text="accuracy")
    parts = []
    for n in counts:
        by_criteria = ", ".join(f"{name} {reached[n]:.3f}" for name, reached in criteria.items())
        parts.append(f"{n} pruned: {by_criteria}, random from {min(at_random[n]):.3f} to {max(at_random[n]):.3f}")
    return Drawing(
        figure,
        "each line with markers is a criterion, each grey point one random choice of as many filters; a criterion "
        "says something only where it lies outside the cloud.",
        f"Accuracy after pruning; nothing pruned {before:.3f}. {'. '.join(parts)}.",
    )


def _extremes(values: pd.Series) -> str:
    """The lowest and the highest value and whose they are; filters without a value are left out."""
    known = values.dropna()
    if known.empty:
        return "unknown, as no filter was credited"
    return f"from {known.min():.2f} ({known.idxmin()}) to {known.max():.2f} ({known.idxmax()})"


def _similar(pairs: pd.Series) -> str:
    """How alike the pairs of filters are, as ``pairwise`` gives them."""
    if pairs.empty:
        return "no pair of filters to compare"
    a, b = pairs.index[int(pairs.argmax())]
    return f"median {pairs.median():.3f}, highest {pairs.max():.2f} ({a} and {b})"


def _short(ngram: str, most: int = 24) -> str:
    """An n-gram that fits into a cell; the pointer shows it whole."""
    return ngram if len(ngram) <= most else ngram[: most - 1] + "…"


def _panels(names: Sequence[str], y_title: str) -> go.Figure:
    figure = make_subplots(rows=len(names), cols=1, shared_xaxes=True, subplot_titles=names, vertical_spacing=0.12)
    figure.update_yaxes(title_text=y_title)
    figure.update_yaxes(matches="y")
    figure.update_xaxes(title_text="filter", row=len(names), col=1)
    return figure


def _bars_by_width(
    figure: go.Figure,
    row: int,
    found: TXRay,
    values: pd.Series,
    hover: str,
    column: int = 1,
    legend: bool | None = None,
) -> None:
    """One colour a width; the labels on the axis say the width too."""
    for number, width in enumerate(found.filters):
        labels = found.labels_of(width)
        figure.add_trace(
            go.Bar(
                x=labels, y=values[labels], marker_color=colour_of(number), name=f"width {width}",
                legendgroup=f"width {width}", showlegend=row == 1 if legend is None else legend,
                hovertemplate=f"<b>%{{x}}</b><br>{hover}<extra></extra>",
            ),
            row=row, col=column,
        )  # fmt: skip


def _box(label: str, values: np.ndarray, colour: str, group: str) -> go.Box:
    low, first, median, third, high = np.percentile(values, [1, 25, 50, 75, 99]) if len(values) else [np.nan] * 5
    return go.Box(
        x=[label], lowerfence=[low], q1=[first], median=[median], q3=[third], upperfence=[high], name=label,
        legendgroup=group, marker_color=colour, line_width=1,
    )  # fmt: skip
