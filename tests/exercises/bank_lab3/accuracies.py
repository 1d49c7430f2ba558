"""3.3 and 3.10: the accuracies of the student's own networks."""

import numpy as np
import torch


def learned(train=0.957, test=0.931):
    return {"train": train, "test": test}


RIGHT = {
    number: [
        learned(),
        learned(0.99, 0.9895),
        learned(np.float64(0.93), torch.tensor(0.935)),
        learned() | {"validation": 0.93},
    ]
    for number in ("3.3", "3.10")
}

WRONG = {
    number: [
        (learned(95.7, 93.1), "no_share"),
        (learned(3350, 931), "no_share"),
        (learned(float("nan"), 0.9), "no_share"),
        (learned(0.102, 0.098), "untrained"),
        (learned(0.1, 0.1), "untrained"),
        (learned(0.957, 0.957), "same_data"),
        (learned(0.93, 0.97), "swapped"),
        (learned(1.0, 0.999), "seen_before"),
        (learned(0.7, 0.68), "too_low"),
        ({"train": 0.957}, "misfit"),
        (learned("0.957", "0.931"), "misfit"),
        (learned([0.9, 0.95, 0.957], 0.931), "misfit"),
        ((0.957, 0.931), "misfit"),
        (0.931, "misfit"),
    ]
    for number in ("3.3", "3.10")
}
WRONG["3.10"].append((learned(0.9, 0.88), "too_low"))

STUBS = {number: [..., learned(..., ...), learned(test=...)] for number in ("3.3", "3.10")}
