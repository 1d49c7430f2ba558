"""1.7 and 1.12: reading a table of filters, and a criterion on it."""

import random

# --- 1.7 -----------------------------------------------------------------------------------------------------


def read_by_loops(table):
    rows = list(table.iterrows())
    used = max(rows, key=lambda row: row[1]["sum"])[0]
    return [used, min(rows, key=lambda row: row[1]["std"] / row[1]["mean"])[0]]


def read_in_numpy(table):
    names = table.index.to_numpy(dtype=str)
    return names[[table["sum"].argmax(), (table["std"].to_numpy() / table["mean"].to_numpy()).argmin()]]


def read_by_sorting(table):
    table = table.assign(relative=table["std"] / table["mean"])
    return table.sort_values("sum").index[-1], table.sort_values("relative").index[0]


def read_with_new_column(table):
    table["relative"] = table["std"] / table["mean"]
    return table.sort_values("sum").index[-1], table.sort_values("relative").index[0]


def read_as(used, indifferent):
    return lambda table: (used(table), indifferent(table))


def relative(table):
    return table["std"] / table["mean"]


def most(column):
    return lambda table: table[column].idxmax()


def least(column):
    return lambda table: table[column].idxmin()


def least_relative(table):
    return relative(table).idxmin()


# --- 1.12 ----------------------------------------------------------------------------------------------------


def by_ranks(table, n):
    return table[["sum", "std", "unique"]].rank().sum(axis=1).nsmallest(n).index


def by_loops(table, n):
    chosen = []
    while len(chosen) < n:
        left = [label for label in table.index if label not in chosen]
        chosen.append(min(left, key=lambda label: table.loc[label, "std / mean"]))
    return chosen


def by_product_as_set(table, n):
    return set((table["unique"] * table["max"]).sort_values().index[:n])


def by_assigned_column(table, n):
    return table.assign(score=table["sum"] / table["unique"]).nlargest(n, "score").index.to_numpy()


def by_new_column(table, n):
    table["score"] = table["sum"] / table["unique"]
    return table.nlargest(n, "score").index.to_numpy()


def fixed_draw(table, n):
    return random.Random(0).sample(list(table.index), n)


RIGHT = {
    "1.7": [read_by_loops, read_in_numpy, read_by_sorting],
    "1.12": [
        by_ranks,
        by_loops,
        by_product_as_set,
        by_assigned_column,
        lambda table, n: list((table["std"] / table["mean"]).nsmallest(n).index),
        lambda table, n: table["sum"].nlargest(n).index,
    ],
}

WRONG = {
    "1.7": [
        (read_as(most("max"), least_relative), "largest_peak"),
        (read_as(most("mean"), least_relative), "largest_mean"),
        (read_as(most("count"), least_relative), "most_credits"),
        (read_as(most("sum"), lambda table: relative(table).idxmax()), "most_varied"),
        (read_as(most("sum"), least("std")), "absolute_spread"),
        (read_as(most("sum"), least("mean")), "weakest"),
        (read_as(least_relative, most("sum")), "swapped"),
        (lambda t: (t["sum"].argmax(), relative(t).argmin()), "positions"),
        (read_as(most("sum"), most("max")), "other"),
        (lambda table: ("w1-f0", "w1-f1"), "not_in_table"),
        (lambda table: (table["sum"].idxmax(), "w2-f5"), "not_in_table"),
        (lambda table: (table["sum"].argmin(), table["max"].argmin()), "positions"),
        (lambda table: ("over-used", relative(table).idxmin()), "not_in_table"),
        (most("sum"), "misfit"),
        (lambda table: (table.sum.idxmax(), relative(table).idxmin()), "raised"),
    ],
    "1.12": [
        (lambda table, n: list(range(n)), "positions"),
        (lambda table, n: table["sum"].argsort()[:n], "positions"),
        (lambda table, n: table.nsmallest(n, "sum"), "table"),
        (lambda table, n: table["sum"].nsmallest(n), "values"),
        (lambda table, n: [f"w1-f{i}" for i in range(n)], "unknown"),
        (lambda table, n: table["sum"].nsmallest(n).index, "least_mass"),
        (lambda table, n: table.sort_values("sum").head(n).index.tolist()[::-1], "least_mass"),
        (lambda table, n: table["sum"].nsmallest(2).index, "wrong_number"),
        (lambda table, n: [table["sum"].idxmin()] * n, "wrong_number twice"),
        (lambda table, n: table.sample(n).index, "random"),
        (lambda table, n: table.index[:n], "constant"),
        (lambda table, n: table.index[1 : n + 1], "constant"),
        (lambda table, n: sorted(table.index)[:n], "constant"),
        (fixed_draw, "constant"),
        (lambda table, n: table.sample(n, random_state=int(table["sum"].sum() * 1e6) % 2**31).index, "row_order"),
        (lambda table, n: table["sum"].idxmin(), "misfit"),
        (lambda table, n: None, "misfit"),
        (lambda table, n: table["loss"].nsmallest(n).index, "raised"),
    ],
}

REMARKED = {
    "1.7": [
        (read_with_new_column, "changes_handed"),
    ],
    "1.12": [
        (by_new_column, "changes_handed"),
    ],
}

STUBS = {}
