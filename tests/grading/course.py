"""A small course: six exercises of lab 1 in a notebook that runs in a second, since it loads no framework."""

import json
from pathlib import Path

from labkit.course import labs, pair

STEM = "lab1_txray_text_cnn"
EXERCISES = ("1.1", "1.4", "1.6", "1.9", "1.14", "1.15")

SOURCE = '''\
# %% [markdown]
# # Words and filters
#
# Six questions.

# %%
from labkit import check, done, progress

# %% [markdown]
# **Exercise 1.1 (2 points).** Ids become words.


# %%
# Exercise 1.1
def decode(ids: list[int], word_index: dict[str, int]) -> list[str]:
    # BEGIN SOLUTION
    words = {rank + 3: word for word, rank in word_index.items()}
    words |= {0: "<pad>", 1: "<start>", 2: "<unk>", 3: "<unused>"}
    return [words.get(i, "<unk>") for i in ids]
    # END SOLUTION
    # STUB: return ...


# %%
check("1.1", decode)

# %% [markdown]
# **Exercise 1.4 (3 points).** A hook that records.


# %%
# Exercise 1.4
def record_into(store: dict, name: str):
    # BEGIN SOLUTION
    def hook(module, inputs, output):
        store[name] = output.detach()

    return hook
    # END SOLUTION
    # STUB: return ...


# %%
check("1.4", record_into)

# %% [markdown]
# **Exercise 1.6 (2 points, in words).** What changes the number of features?

# %%
# Exercise 1.6
# BEGIN SOLUTION
answer_1_6 = """
More reviews bring more credits and more different words, but not in proportion: the favourites come again. A hundred
filters have 31 words each where twenty have 44.
"""
# END SOLUTION
# STUB: answer_1_6 = "YOUR ANSWER HERE"

# %%
check("1.6", answer_1_6)

# %% [markdown]
# **Exercise 1.9 (3 points).** A filter as a list of words.


# %%
# Exercise 1.9
def word_scores(embedding, weight, bias):
    # BEGIN SOLUTION
    return embedding @ weight[:, :, 0].T + bias
    # END SOLUTION
    # STUB: return ...


# %%
check("1.9", word_scores)

# %% [markdown]
# ## Two filters

# %%
first = {"a": 2.0, "gem": 1.0}
second = {"gem": 3.0, "dull": 1.0}


# %%
def nothing() -> float:
    """What two filters without a word have in common."""
    return 0.0


# %% [markdown]
# **Exercise 1.14 (2 points).** The Jaccard similarity of two sets; for two empty sets it is `nothing()`.


# %%
# Exercise 1.14
def jaccard(a: set, b: set) -> float:
    # BEGIN SOLUTION
    return len(a & b) / len(a | b) if a | b else nothing()
    # END SOLUTION
    # STUB: return ...


# %%
check("1.14", jaccard)

# %%
if done("1.14"):
    print(jaccard(set(first), set(second)))

# %% [markdown]
# **Exercise 1.15 (3 points).** The same, weighted.


# %%
# Exercise 1.15
def weighted_jaccard(a: dict, b: dict) -> float:
    # BEGIN SOLUTION
    both = a.keys() | b.keys()
    larger = sum(max(a.get(u, 0.0), b.get(u, 0.0)) for u in both)
    return sum(min(a.get(u, 0.0), b.get(u, 0.0)) for u in both) / larger if larger else nothing()
    # END SOLUTION
    # STUB: return ...


# %%
check("1.15", weighted_jaccard)

# %%
progress()
'''


def make_course(root: Path) -> None:
    """Write the course's one source into a folder."""
    path = root / "solutions" / f"{STEM}.py"
    path.parent.mkdir()
    path.write_text(SOURCE, encoding="utf-8")


def given_notebook(root: Path) -> str:
    """The exercise notebook, as the file that students get."""
    [lab] = labs.select(root)
    return json.dumps(pair.notebook(pair.exercise_cells(lab, root)))
