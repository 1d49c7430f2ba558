"""1.1 and 1.9: ids and words, and a filter as a list of words."""

import numpy as np
import torch

SPECIAL = {0: "<pad>", 1: "<start>", 2: "<unk>", 3: "<unused>"}

# --- 1.1 -----------------------------------------------------------------------------------------------------


def decode_by_search(ids, word_index):
    words = []
    for i in ids:
        found = [word for word, rank in word_index.items() if rank == i - 3]
        words.append(SPECIAL.get(i) or (found[0] if found else "<unk>"))
    return words


def decode_as_array(ids, word_index):
    words = np.full(200, "<unk>", dtype="<U20")
    for word, rank in word_index.items():
        words[rank + 3] = word
    for i, name in SPECIAL.items():
        words[i] = name
    return words[np.array(ids)]


def decode_changing_ids(ids, word_index):
    turned = {rank + 3: word for word, rank in word_index.items()} | SPECIAL
    for place, i in enumerate(ids):
        ids[place] = turned.get(i, "<unk>")
    return ids


def decode_changing_the_index(ids, word_index):
    word_index.update({"<pad>": -3, "<start>": -2, "<unk>": -1, "<unused>": 0})
    turned = {rank + 3: word for word, rank in word_index.items()}
    return [turned.get(i, "<unk>") for i in ids]


def decoder(offset, special=SPECIAL):
    def decode(ids, word_index):
        turned = {rank + offset: word for word, rank in word_index.items()} | special
        return [turned.get(i, "<unk>") for i in ids]

    return decode


def decode_like_the_course(ids, word_index):
    turned = {rank: word for word, rank in word_index.items()}
    turned[0] = "<pad>"
    return [turned.get(i - 3, "<unk>") for i in ids]


def decode_special_as_ranks(ids, word_index):
    turned = {rank: word for word, rank in word_index.items()} | SPECIAL
    return [turned.get(i - 3, "<unk>") for i in ids]


def decode_dropping(ids, word_index):
    turned = {rank + 3: word for word, rank in word_index.items()}
    return [turned.get(i, "<unk>") for i in ids if i > 3]


def decode_only_known(ids, word_index):
    turned = {rank + 3: word for word, rank in word_index.items()} | SPECIAL
    return [turned[i] for i in ids]


def decode_without_return(ids, word_index):
    decoder(3)(ids, word_index)


class AlwaysEqual(str):
    __hash__ = str.__hash__

    def __eq__(self, other):
        return True

    def __str__(self):
        return self


# --- 1.9 -----------------------------------------------------------------------------------------------------


def scores_by_convolution(embedding, weight, bias):
    return torch.nn.functional.conv1d(embedding.T[None], weight, bias)[0].T


def scores_in_numpy(embedding, weight, bias):
    return np.einsum("ve,fe->vf", embedding.numpy(), weight.numpy()[..., 0]) + bias.numpy()


def scores_by_loops(embedding, weight, bias):
    return [[sum(w[f, :, 0] * v) + bias[f] for f in range(len(bias))] for v in embedding for w in [weight]]


def scores_in_place(embedding, weight, bias):
    return bias.copy_(torch.zeros_like(bias)) + embedding @ weight[:, :, 0].T


def scores_changing_embedding(embedding, weight, bias):
    scores = embedding @ weight[:, :, 0].T + bias
    embedding /= embedding.norm(dim=1, keepdim=True)
    return scores


def plain_scores(embedding, weight, bias):
    return embedding @ weight[:, :, 0].T + bias


def scores_as_cosine(embedding, weight, bias):
    return torch.nn.functional.cosine_similarity(embedding[:, None], weight[None, :, :, 0], dim=2)


RIGHT = {
    "1.1": [decode_by_search, decode_as_array, lambda i, w: iter(decoder(3)(i, w))],
    "1.9": [scores_by_convolution, scores_in_numpy, scores_by_loops, lambda *a: plain_scores(*a).float()],
}

WRONG = {
    "1.1": [
        (decoder(0), "no_offset"),
        (decoder(0, {}), "no_offset"),
        (decoder(3, {}), "special_as_unknown"),
        (decode_like_the_course, "special_moved"),
        (decode_special_as_ranks, "special_moved"),
        (decoder(-3), "wrong_sign"),
        (decoder(2), "off_by_one"),
        (decoder(4, {}), "off_by_one"),
        (decode_dropping, "drops_special"),
        (decode_only_known, "raised"),
        (decode_without_return, "misfit"),
        (["the", "film"], "misfit"),
        (lambda ids, index: " ".join(decoder(3)(ids, index)), "misfit"),
        (lambda ids, index: [AlwaysEqual() for _ in ids], "misfit"),
        (lambda ids, index: ["<unk>"] * len(ids), "other"),
        (decoder(3, SPECIAL | {2: "<UNK>"}), "other"),
    ],
    "1.9": [
        (lambda e, w, b: e @ w[:, :, 0].T, "no_bias"),
        (lambda e, w, b: (e @ w[:, :, 0].T + b).T, "transposed"),
        (lambda e, w, b: plain_scores(e, w, b).relu(), "relu_inside"),
        (scores_as_cosine, "cosine"),
        (lambda e, w, b: plain_scores(e, w, b)[..., None], "keeps_width"),
        (scores_in_place, "no_bias"),
        (lambda e, w, b: plain_scores(e, w, b).softmax(0), "other"),
        (lambda e, w, b: torch.zeros(len(e), len(b)), "other"),
        (lambda e, w, b: e @ w[:, :, 0] + b, "raised"),
    ],
}

REMARKED = {
    "1.1": [
        (decode_changing_ids, "changes_handed"),
        (decode_changing_the_index, "changes_handed"),
    ],
    "1.9": [
        (scores_changing_embedding, "changes_handed"),
    ],
}

STUBS = {}
