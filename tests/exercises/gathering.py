"""What a lab's bank holds, and what all banks have in common.

``RIGHT[id]`` are answers that must pass, each written differently from the solution. ``WRONG[id]`` are pairs
of an answer and the mistake that the check must name; "other" where it can only say what differs. ``REMARKED[id]`` are
pairs of an answer that passes and the remark that the check must make. ``STUBS[id]`` are answers not given yet.
``FOR_A_READER`` are the exercises whose answers a person judges. A bank has a module for each topic, with the answers
as students write them.
"""

_STUB_FUNCTIONS = [..., lambda *arguments: ..., lambda *arguments: (..., ...)]


def gather(topics, in_words, long):
    """The parts of a bank: those of its topics, and the same for all exercises that are answered in words.

    Args:
        topics: modules with RIGHT, WRONG, STUBS and maybe REMARKED; an exercise without stubs asks for a function.
        in_words: the exercises that ask for nothing but words.
        long: an answer in words, long enough.
    """
    right, wrong, stubs, remarked = (
        {number: several for topic in topics for number, several in getattr(topic, part, {}).items()}
        for part in ("RIGHT", "WRONG", "STUBS", "REMARKED")
    )
    right |= dict.fromkeys(in_words, [long, long.replace(" ", "\n")])
    wrong |= dict.fromkeys(in_words, _too_short(long))
    stubs |= dict.fromkeys(in_words, _no_words(long))
    return right, wrong, dict.fromkeys(right, _STUB_FUNCTIONS) | stubs, dict.fromkeys(right, []) | remarked


def _too_short(long):
    return [
        ("Too short.", "too_short"), ("one filter and " * 4, "too_short"), ("filters " * 40, "too_short"),
        ("Filter w1-f3, filter w1-f3! " * 9, "too_short"), (42, "misfit"), (None, "misfit"), ([long], "misfit"),
    ]  # fmt: skip


def _no_words(long):
    return ["YOUR ANSWER HERE", "YOUR ANSWER\nHERE", f"YOUR ANSWER HERE {long}", "", " \n ", ...]
