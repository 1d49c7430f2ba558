"""TX-Ray against a plain triple loop: for text, for filter, for position."""

from collections import defaultdict

import numpy as np
import pandas as pd
import pytest
import torch
from torch import nn

from labkit.methods.activations import edit
from labkit.methods.credits import Ledger
from labkit.methods.txray import collect, top_windows
from labkit.methods.word_scores import collect_from_scores, ranked_words, word_scores
from labkit.models.text_cnn import TextCNN

VOCABULARY = 30


def make_model(filters=None, **options):
    torch.manual_seed(1)
    return TextCNN(VOCABULARY, filters or {1: 4, 2: 3, 3: 2}, embedding_size=8, **options)


def make_texts(lengths=(9, 1, 2, 12, 5, 12, 3, 7), seed=0):
    generator = torch.Generator().manual_seed(seed)
    return [torch.randint(1, VOCABULARY, (length,), generator=generator) for length in lengths]


def as_batches(texts, size, extra_padding=0):
    for start in range(0, len(texts), size):
        part = texts[start : start + size]
        longest = max(map(len, part)) + extra_padding
        yield torch.stack([nn.functional.pad(text, (0, longest - len(text))) for text in part])


def by_hand(model, texts, k):
    """Label -> n-gram -> activations, with nothing but loops."""
    found = defaultdict(lambda: defaultdict(list))
    with torch.no_grad():
        for text in texts:
            embedded = model.embedding(text)
            for width, count in model.filters.items():
                conv = model.convs[str(width)]
                for f in range(count):
                    windows = []
                    for i in range(len(text) - width + 1):
                        value = float((conv.weight[f] * embedded[i : i + width].T).sum() + conv.bias[f])
                        windows.append((-round(value, 5), i, value))
                    for _, i, value in sorted(windows)[:k]:
                        found[f"w{width}-f{f}"][tuple(text[i : i + width].tolist())].append(value)
    return found


def words_of(found):
    words = defaultdict(lambda: defaultdict(list))
    for label, ngrams in found.items():
        for ngram, values in ngrams.items():
            for word in set(ngram):
                words[label][word] += values
    return words


def assert_table_equals(table, name, expected):
    assert len(table) == sum(map(len, expected.values()))
    for row in table.to_dict("records"):
        values = expected[row["filter"]][row[name]]
        assert row["count"] == len(values)
        assert row["mean"] == pytest.approx(np.mean(values), abs=1e-5)
        assert row["max"] == pytest.approx(max(values), abs=1e-5)


def hooks(model, batches, **options):
    return collect(model, batches, **options)


def scores(model, batches, **options):
    return collect_from_scores(model.embedding.weight, model.convs.values(), batches, **options)


both_ways = pytest.mark.parametrize("way", [hooks, scores])


@both_ways
@pytest.mark.parametrize("k", [1, 3])
@pytest.mark.parametrize("filters", [{1: 4, 2: 3, 3: 2}, {2: 5, 5: 4}])
def test_equals_the_plain_loops(way, k, filters):
    model, texts = make_model(filters), make_texts()
    found, expected = way(model, as_batches(texts, 3), k=k), by_hand(model, texts, k)
    assert_table_equals(found.table(), "feature", expected)
    assert_table_equals(found.word_table(), "word", words_of(expected))
    for label, ngrams in expected.items():
        everything = sorted(value for values in ngrams.values() for value in values)
        np.testing.assert_allclose(np.sort(found.values(label)), everything, atol=1e-5)
        for ngram, values in ngrams.items():
            np.testing.assert_allclose(np.sort(found.values(label, ngram)), sorted(values), atol=1e-5)
        for word, values in words_of(expected)[label].items():
            np.testing.assert_allclose(np.sort(found.values(label, word)), sorted(values), atol=1e-5)


@both_ways
def test_neither_batch_size_nor_padding_matters(way, monkeypatch):
    model, texts = make_model(), make_texts()
    whole = way(model, as_batches(texts, len(texts)), k=2)
    monkeypatch.setattr(Ledger, "BUFFER", 4)  # so that credits are entered in many goes
    split = way(model, as_batches(texts, 1, extra_padding=6), k=2)
    pd.testing.assert_frame_equal(whole.table(), split.table(), rtol=1e-5)
    pd.testing.assert_frame_equal(whole.word_table(), split.word_table(), rtol=1e-5)
    for label in whole.labels:
        np.testing.assert_allclose(whole.values(label), split.values(label), rtol=1e-5)
    assert whole.texts == split.texts == len(texts)


@both_ways
def test_of_equal_activations_the_earliest_position_wins(way):
    model = make_model({2: 1})
    with torch.no_grad():
        model.embedding.weight[[3, 4, 5]] = 1.0  # three words that are the same to every filter
    found = way(model, [torch.tensor([[3, 4, 5, 4, 3]])], k=3)
    assert found.table()["feature"].tolist() == [(3, 4), (4, 5), (5, 4)]


@both_ways
def test_a_text_of_padding_alone_credits_nothing(way):
    found = way(make_model(), [torch.zeros(2, 6, dtype=torch.int64)])
    assert found.table().empty
    assert (found.unique_features == 0).all()
    assert (found.mass()["count"] == 0).all()
    assert found.mass()["mean"].isna().all()
    assert found.values("w1-f0").size == 0
    assert found.overlap(words=True).isna().all(axis=None)
    assert found.texts == 2


@both_ways
def test_padding_on_the_left_is_not_credited_either(way):
    model, text = make_model({2: 3}), make_texts([6])[0]
    plain = way(model, [text[None]], k=2)
    padded = way(model, [nn.functional.pad(text, (3, 1))[None]], k=2)
    pd.testing.assert_frame_equal(plain.table(), padded.table(), rtol=1e-5)


@both_ways
def test_a_word_twice_in_an_ngram_is_credited_once(way):
    found = way(make_model({3: 1}), [torch.tensor([[7, 7, 9]])])
    words = found.word_table().set_index("word")
    assert words["count"].to_dict() == {7: 1, 9: 1}


@both_ways
def test_wide_ngrams_of_a_big_vocabulary_do_not_overflow(way):
    big = 2_000_000  # big ** 5 is far beyond int64
    torch.manual_seed(0)
    model = TextCNN(big, {5: 1}, embedding_size=1)
    texts = torch.randint(big - 50, big, (40, 5))
    found = way(model, [texts, texts])
    assert set(found.table()["feature"]) == {tuple(text) for text in texts.tolist()}
    assert (found.table()["count"] == 2).all()


def test_top_windows_agrees_with_sorting_and_prefers_the_earliest():
    activations = torch.randint(0, 4, (3, 2, 9)).float()
    values, positions = top_windows(activations, 4)
    order = activations.argsort(dim=2, descending=True, stable=True)[:, :, :4]
    assert torch.equal(positions, order)
    assert torch.equal(values, activations.gather(2, order))
    assert top_windows(activations, 20)[0].shape == (3, 2, 9)


def test_k_is_free_of_the_models_own_and_short_batches_are_fine():
    model, texts = make_model(k_max=3), make_texts([2, 1])
    assert_table_equals(collect(model, as_batches(texts, 2)).table(), "feature", by_hand(model, texts, 1))


def test_what_is_credited_is_the_raw_output_even_if_a_layer_writes_into_it():
    conv = nn.Conv1d(1, 1, 1)
    nn.init.constant_(conv.weight, -1.0)
    nn.init.zeros_(conv.bias)

    class WithInPlace(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv = conv

        def forward(self, ids):
            return torch.relu_(self.conv(ids.float().unsqueeze(1)))

    found = collect(WithInPlace(), [torch.tensor([[3, 2, 5]])])
    assert found.table()[["feature", "max"]].values.tolist() == [[(2,), -2.0]]


def test_other_layers_go_with_their_width_said():
    class Sums(nn.Module):  # one "filter": the sum of two neighbouring ids
        def forward(self, ids):
            return (ids[:, 1:] + ids[:, :-1]).float().unsqueeze(1)

    model = nn.Sequential(Sums())
    found = collect(model, [torch.tensor([[3, 8, 5, 1]])], layers={"0": 2})
    assert found.table()[["filter", "feature", "max"]].values.tolist() == [["w2-f0", (8, 5), 13.0]]
    with pytest.raises(ValueError, match="layers={'0': 2}"):
        collect(model, [torch.tensor([[3, 8]])], layers=["0"])
    with pytest.raises(ValueError, match="wanted .*L - width"):
        collect(model, [torch.tensor([[3, 8, 5]])], layers={"0": 1})


def test_labels_and_tables_are_in_the_order_in_which_layers_are_listed():
    found = collect(make_model(), as_batches(make_texts(), 4), layers={"convs.3": 3, "convs.1": 1})
    assert found.labels == ["w3-f0", "w3-f1", "w1-f0", "w1-f1", "w1-f2", "w1-f3"]
    assert found.labels_of(1) == found.labels[2:]
    assert found.table()["filter"].drop_duplicates().tolist() == found.labels
    assert found.mass().index.tolist() == found.labels


class Unruly(nn.Module):
    """Calls its first layer as often as it is told, and its second never."""

    def __init__(self, times):
        super().__init__()
        self.times = times
        self.first, self.second = nn.Conv1d(1, 2, 2), nn.Conv1d(1, 2, 3)

    def forward(self, ids):
        return [self.first(ids.float().unsqueeze(1)) for _ in range(self.times)]


def test_a_layer_that_never_runs_is_named():
    batches = [torch.tensor([[3, 8, 5]])]
    assert collect(Unruly(1), batches, ["first"]).labels == ["w2-f0", "w2-f1"]
    with pytest.raises(ValueError, match="'second', which never ran"):
        collect(Unruly(1), batches)


def test_a_layer_that_runs_twice_in_a_pass_would_credit_each_text_twice_and_is_refused():
    with pytest.raises(ValueError, match="'first', which runs twice"):
        collect(Unruly(2), [torch.tensor([[3, 8, 5]])], ["first"])


def test_the_models_modes_come_back_and_dropout_is_off():
    model = make_model(dropout=0.9).train()
    model.head.eval()
    collect(model, as_batches(make_texts(), 4))
    assert model.training
    assert not model.head.training


def test_pairs_with_labels_max_batches_and_a_generator():
    model, texts = make_model(), make_texts()
    pairs = ((ids, torch.zeros(len(ids))) for ids in as_batches(texts, 3))
    found = collect(model, pairs, max_batches=2)
    assert found.texts == 6
    assert_table_equals(found.table(), "feature", by_hand(model, texts[:6], 1))


def test_a_pruned_filter_is_credited_with_nothing():
    model = make_model({2: 3})

    def prune(activations):
        activations[:, 1] = float("-inf")
        return activations

    with edit(model, {"convs.2": prune}):
        found = collect(model, as_batches(make_texts(), 4))
    assert found.unique_features["w2-f1"] == 0
    assert found.unique_features["w2-f0"] > 0


def test_without_values_all_else_is_the_same():
    model, texts = make_model(), make_texts()
    with_values = collect(model, as_batches(texts, 3))
    without = collect(model, as_batches(texts, 3), keep_values=False)
    pd.testing.assert_frame_equal(with_values.mass(), without.mass())
    with pytest.raises(ValueError, match="keep_values=True"):
        without.values("w1-f0")


def test_memory_is_eight_bytes_a_credit_beyond_the_distinct_ngrams(monkeypatch):
    monkeypatch.setattr(Ledger, "BUFFER", 10)
    ledger = Ledger(width=2)
    for _ in range(50):
        ledger.add(np.zeros(10, np.int64), np.tile([[4, 5]], (10, 1)), np.ones(10, np.float32))
    values, owners = ledger.values()
    assert len(ledger.rows()) == 1
    assert values.nbytes + owners.nbytes == 8 * 500


def test_mass_is_what_numpy_says_of_the_values():
    found = collect(make_model(), as_batches(make_texts(), 3), k=2)
    mass = found.mass()
    assert list(mass.index) == found.labels
    for label, row in mass.iterrows():
        values = found.values(label).astype(float)
        expected = [values.sum(), values.min(), values.max(), values.mean(), values.std(), len(values)]
        np.testing.assert_allclose(row.to_numpy(float), expected, atol=1e-6)


def test_overlap_equals_the_formulas():
    found = collect(make_model(), as_batches(make_texts([12] * 30), 8), k=3)
    for words, name, table in (
        (False, "feature", found.table()),
        (True, "word", found.word_table()),
    ):
        table["mass"] = (table["mean"] * table["count"]).clip(lower=0)
        mass = {label: part.set_index(name)["mass"].to_dict() for label, part in table.groupby("filter")}
        jaccard, ruzicka = found.overlap(words=words), found.overlap(weighted=True, words=words)
        for a in found.labels:
            for b in found.labels:
                if not words and a[:2] != b[:2]:
                    assert np.isnan(jaccard.loc[a, b])
                    assert np.isnan(ruzicka.loc[a, b])
                    continue
                both, either = mass[a].keys() & mass[b].keys(), mass[a].keys() | mass[b].keys()
                pairs = [(mass[a].get(u, 0), mass[b].get(u, 0)) for u in either]
                assert jaccard.loc[a, b] == pytest.approx(len(both) / len(either))
                assert ruzicka.loc[a, b] == pytest.approx(sum(map(min, pairs)) / sum(map(max, pairs)))


def test_top_ranks_and_decodes():
    found = collect(make_model(), as_batches(make_texts([12] * 30), 8), k=3)
    for by in ("max", "mean", "count"):
        top = found.top("w2-f1", n=4, by=by, decode=lambda ids: "-".join(map(str, ids)))
        all_of_it = found.table()[lambda t: t["filter"] == "w2-f1"]
        assert top[by].tolist() == all_of_it[by].nlargest(4).tolist()
        assert top["feature"].str.fullmatch(r"\d+-\d+").all()
    assert found.word_table(lambda ids: f"word {ids[0]}")["word"].str.startswith("word ").all()


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda m, b: collect(m, b, k=0), "k=0; wanted at least 1"),
        (lambda m, b: collect(m, []), "no texts"),
        (lambda m, b: collect(m, b, layers=["convs.9"]), "'convs.9'.*'convs.1'"),
        (lambda m, b: collect(m, b, layers={"convs.2": 3}), "width 3 for 'convs.2'; .* width 2"),
        (lambda m, b: collect(nn.Conv1d(4, 2, 3, padding=1), b), "no padding"),
        (lambda m, b: collect(nn.ModuleList([nn.Conv1d(4, 2, 3)] * 2), b, ["0", "1"]), "no two of the same"),
        (lambda m, b: collect_from_scores(m.embedding.weight, [nn.ReLU()], b), "ReLU; wanted an nn.Conv1d"),
        (lambda m, b: collect(nn.ReLU(), b), "wanted at least one"),
        (lambda m, b: collect(m, b[0]), r"shape \(12,\); wanted .*\[ids\]"),
        (lambda m, b: collect(m, [b[0].float()]), "float32.*whole numbers"),
        (lambda m, b: collect(m, b).top("w9-f0"), "'w9-f0'; wanted one of w1-f0 ... w3-f1"),
        (lambda m, b: collect(m, b).top("w1-f0", by="best"), "'best'; wanted one of max"),
        (lambda m, b: collect(m, b).values("w2-f0", [1, 2, 3]), "3 ids for w2-f0; wanted 2"),
        (lambda m, b: word_scores(torch.rand(5, 4), torch.rand(2, 3, 1)), "same E"),
    ],
)
def test_bad_input_is_refused_in_words(call, words):
    with pytest.raises(ValueError, match=words):
        call(make_model(), list(as_batches(make_texts([12, 12]), 2)))


@both_ways
def test_nan_weights_are_refused(way):
    model = make_model()
    nn.init.constant_(model.convs["2"].weight, float("nan"))
    with pytest.raises(ValueError, match="width 2 that are NaN"):
        way(model, as_batches(make_texts(), 3))


def test_a_filter_is_the_sum_of_its_word_scores():
    model, ids = make_model(), make_texts([6])[0]
    conv = model.convs["3"]
    scores = word_scores(model.embedding.weight, conv.weight)
    assert scores.shape == (3, VOCABULARY, 2)
    activations = conv(model.embedding(ids).T[None])[0]  # (F, 4)
    for i in range(4):
        summed = conv.bias + sum(scores[j, ids[i + j]] for j in range(3))
        torch.testing.assert_close(summed, activations[:, i], atol=1e-5, rtol=1e-5)


def test_a_filter_of_width_one_is_its_ranked_word_list():
    model = make_model({1: 2})
    words, values = ranked_words(model.embedding.weight, model.convs["1"], 1)
    assert sorted(words.tolist()) == list(range(1, VOCABULARY))
    assert (values.diff() <= 0).all()
    found = collect(model, [words.flip(0)[None]], k=5)
    assert [feature[0] for feature in found.top("w1-f1")["feature"]] == words[:5].tolist()
    np.testing.assert_allclose(found.values("w1-f1"), values[:5], atol=1e-5)


@pytest.mark.cuda
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
@both_ways
@pytest.mark.parametrize("k", [1, 3])
def test_equals_the_plain_loops_on_cuda(way, k, monkeypatch):
    monkeypatch.setattr(torch.backends.cudnn, "allow_tf32", False)  # its 10 bits are not 1e-5
    model, texts = make_model(), make_texts()
    expected = by_hand(model, texts, k)
    found = way(model.cuda(), as_batches(texts, 3), k=k)
    assert_table_equals(found.table(), "feature", expected)
    assert_table_equals(found.word_table(), "word", words_of(expected))


@pytest.mark.cuda
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
def test_the_earliest_of_equals_wins_on_cuda_too():
    activations = torch.randint(0, 3, (50, 20, 400)).float()
    for on_cpu, on_cuda in zip(top_windows(activations, 3), top_windows(activations.cuda(), 3), strict=True):
        assert torch.equal(on_cpu, on_cuda.cpu())
