"""Makes the fixtures of the merge: random LoRA adapters of different shape, and what PEFT and a closed form in numpy make of
them, in float64. Python is for making fixtures only; the build never needs it.

    pip install torch==2.13.0 transformers==5.19.0 peft==0.21.2 numpy==2.3.5
    python tests/parity/make_merge_fixture.py

PEFT's add_weighted_adapter is called as it is, on a model of its own, in its `*_svd` forms: `linear`, `ties` and `dare_ties`
merge A and B apart. The functions of merge_utils are called on the dense updates. What DARE drew is taken from PEFT's own
calls of torch.bernoulli.
"""

import importlib.metadata
import itertools
import json
import pathlib
import unittest.mock

import numpy as np
import peft
import torch
from peft.utils import merge_utils

ROOT = pathlib.Path(__file__).resolve().parents[2]
VERSIONS = {"torch": "2.13.0", "transformers": "5.19.0", "peft": "0.21.2", "numpy": "2.3.5"}
PREFIX = "base_model.model."
# out, in
SHAPES = {
    "model.layers.0.self_attn.q_proj": (7, 6),
    "model.layers.0.mlp.up_proj": (10, 6),
    "model.layers.0.mlp.down_proj": (6, 10),
}
ALL = ["q_proj", "up_proj", "down_proj"]
FULL = 6  # the rank of all of these; PEFT's SVD takes no more
AMPLE = 32  # more than any rank here, with that of a shared start


def random(generator, *shape):
    """Of four decimals, as the float32 nearest to them: what a reader of the fixture has."""
    return np.float32(generator.normal(size=shape).round(4)).astype(np.float64)


def decimals(values):
    return [[round(float(value), 4) for value in row] for row in values]


class Adapter:
    """Random factors; projections that are no target carry no update."""

    def __init__(self, generator, rank, alpha, targets=ALL):
        self.rank, self.alpha, self.targets, self.tensors = rank, alpha, list(targets), {}
        for module, (out, width) in SHAPES.items():
            if module.split(".")[-1] in targets:
                self.tensors[module] = [random(generator, rank, width), random(generator, out, rank)]

    def delta(self, module):
        """[out, in]; 0 where it has no update."""
        if module not in self.tensors:
            return np.zeros(SHAPES[module])
        a, b = self.tensors[module]
        return self.alpha / self.rank * b @ a

    def json(self):
        tensors = {}
        for module, (a, b) in self.tensors.items():
            tensors[f"{PREFIX}{module}.lora_A.weight"] = decimals(a)
            tensors[f"{PREFIX}{module}.lora_B.weight"] = decimals(b)
        return {"rank": self.rank, "alpha": self.alpha, "targets": self.targets, "tensors": tensors}


class Base(torch.nn.Module):
    """Nothing but the linear maps, under their names."""

    def __init__(self):
        super().__init__()
        for module, (out, width) in SHAPES.items():
            *path, last = module.split(".")
            parent = self
            for part in path:
                if not hasattr(parent, part):
                    parent.add_module(part, torch.nn.Module())
                parent = getattr(parent, part)
            parent.add_module(last, torch.nn.Linear(width, out, bias=False, dtype=torch.float64))


def in_peft(adapters):
    """A PEFT model that holds the adapters as "0", "1", ..."""
    model = None
    for name, adapter in enumerate(adapters):
        config = peft.LoraConfig(r=adapter.rank, lora_alpha=adapter.alpha, target_modules=adapter.targets)
        if model is None:
            model = peft.get_peft_model(Base(), config, adapter_name=str(name))
        else:
            model.add_adapter(str(name), config)
        for module, (a, b) in adapter.tensors.items():
            layer = model.get_submodule(PREFIX + module)
            layer.lora_A[str(name)].weight.data = torch.from_numpy(a)
            layer.lora_B[str(name)].weight.data = torch.from_numpy(b)
    return model


def recording(masks):
    """torch.bernoulli that keeps what it drew."""
    draw = torch.bernoulli

    def drawn(*arguments, **settings):
        mask = draw(*arguments, **settings)
        masks.append(mask)
        return mask

    return unittest.mock.patch.object(torch, "bernoulli", drawn)


def carriers(adapters, module):
    return [i for i, adapter in enumerate(adapters) if module in adapter.tensors]


def named(masks, adapters):
    """What was drawn, by module and expert; [] for experts without an update there, about which PEFT asks nobody."""
    masks = iter(masks)
    named = {}
    for module in SHAPES:
        named[PREFIX + module] = [[] for _ in adapters]
        for i in carriers(adapters, module):
            named[PREFIX + module][i] = next(masks).reshape(-1).int().tolist()
    assert next(masks, None) is None
    return named


def by_add_weighted_adapter(adapters, combination, weights, density, rank):
    model, masks = in_peft(adapters), []
    assert [m for m, _ in model.named_modules() if m.removeprefix(PREFIX) in SHAPES] == [PREFIX + m for m in SHAPES]
    with recording(masks):
        model.add_weighted_adapter(
            [str(i) for i in range(len(adapters))],
            weights,
            "merged",
            combination_type=combination,
            svd_rank=rank,
            density=density,
        )
    merged = {m: model.get_submodule(PREFIX + m).get_delta_weight("merged").detach().numpy() for m in SHAPES}
    return merged, named(masks, adapters) if masks else None


def by_merge_utils(function, adapters, weights, density, shared, factor):
    """shared + factor * function(what each learnt beyond it): only the function is PEFT's, which knows neither."""
    masks, merged = [], {}
    with recording(masks):
        for module in SHAPES:
            start = shared.delta(module) if shared else np.zeros(SHAPES[module])
            learnt = [torch.from_numpy(adapters[i].delta(module) - start) for i in carriers(adapters, module)]
            own = torch.tensor([weights[i] for i in carriers(adapters, module)], dtype=torch.float64)
            settings = {} if density is None else {"density": density}
            merged[module] = start + factor * getattr(merge_utils, function)(learnt, own, **settings).numpy()
    return merged, named(masks, adapters) if masks else None


def refuse_ties(adapters, shared, density):
    """The reference leaves open which of equal magnitudes stay, and rounding which sign a sum of 0 has: there must be none."""
    for module in SHAPES:
        start = shared.delta(module) if shared else np.zeros(SHAPES[module])
        learnt = [adapters[i].delta(module) - start for i in carriers(adapters, module)]
        for delta in learnt:
            gaps = np.diff(np.sort(np.abs(delta).reshape(-1)))
            assert gaps.min() > 1e-9 or density in (None, 1.0), (module, gaps.min())
        for some in itertools.chain.from_iterable(
            itertools.combinations(learnt, n) for n in range(1, len(learnt) + 1)
        ):
            assert np.abs(sum(some)).min() > 1e-9, module


def peft_cases(generator):
    parents = {
        "alpha is the rank": ([Adapter(generator, r, r) for r in (2, 3, 4)], None),
        "alpha is not the rank": (
            [
                Adapter(generator, 2, 4),
                Adapter(generator, 3, 1.5, ["q_proj", "up_proj"]),
                Adapter(generator, 4, 8, ["q_proj", "down_proj"]),
            ],
            None,
        ),
        "with a shared start": ([Adapter(generator, r, r) for r in (2, 2, 3)], Adapter(generator, 2, 2)),
        "one": ([Adapter(generator, 3, 6)], None),
    }
    cases = []

    def add(name, reference, method, weights, density, result, rank=AMPLE, factor=1.0, our_weights=None):
        merged, masks = result
        refuse_ties(*parents[name], density)
        cases.append(
            {
                "parents": name,
                "reference": reference,
                "method": method,
                "weights": our_weights or weights,
                "density": density or 1.0,
                "rank": rank,
                "lambda": factor,
                "masks": masks or {},
                "merged": {PREFIX + module: merged[module].tolist() for module in SHAPES},
            }
        )

    for name, weights, density in (
        ("alpha is the rank", [1.0, 1.0, 1.0], 0.5),
        ("alpha is the rank", [1.0, 1.0, 1.0], 1.0),
        ("alpha is not the rank", [0.5, 1.25, 2.0], 0.3),
    ):
        adapters, _ = parents[name]
        for combination, method in (("svd", "task_arithmetic"), ("ties_svd", "ties"), ("dare_ties_svd", "dare_ties")):
            for rank in (3, FULL):
                result = by_add_weighted_adapter(adapters, combination, weights, density, rank)
                add(name, f"add_weighted_adapter {combination}", method, weights, density, result, rank)
        for method in ("ties", "dare_ties"):
            add(name, f"merge_utils.{method}", method, weights, density,
                by_merge_utils(method, adapters, weights, density, None, 1.0))
        add(name, "merge_utils.task_arithmetic", "task_arithmetic", weights, None,
            by_merge_utils("task_arithmetic", adapters, weights, None, None, 1.0))
        # The average is a sum with weights that sum to 1, which PEFT leaves to its caller.
        even = [w / sum(weights) for w in weights]
        add(name, "merge_utils.task_arithmetic", "average", even, None,
            by_merge_utils("task_arithmetic", adapters, even, None, None, 1.0), our_weights=weights)
    shared = parents["with a shared start"]
    for method in ("ties", "dare_ties"):
        add("with a shared start", f"merge_utils.{method}", method, [1.0, 0.5, 2.0], 0.4,
            by_merge_utils(method, shared[0], [1.0, 0.5, 2.0], 0.4, shared[1], 0.7), factor=0.7)
    # Pruning alone: with one expert nobody disagrees, and TIES and DARE before it are their first steps.
    one, _ = parents["one"]
    add("one", "merge_utils.magnitude_prune", "ties", [1.5], 0.3,
        by_merge_utils("magnitude_prune", one, [1.5], 0.3, None, 1.0))
    add("one", "merge_utils.dare_linear", "dare_ties", [1.5], 0.3,
        by_merge_utils("dare_linear", one, [1.5], 0.3, None, 1.0))
    return {
        "parents": {
            name: {"experts": [one.json() for one in experts], "shared": shared.json() if shared else None}
            for name, (experts, shared) in parents.items()
        },
        "cases": cases,
    }


def regmean(deltas, inputs, weights, epsilon):
    """The merged update [out, in], and what its truncation is weighted by: sum of G_s, + e."""
    width, even = inputs[0].shape[1], np.array(weights) / np.mean(weights)
    grams = [w * x.T @ x / (x * x).sum() for w, x in zip(even, inputs)]
    e = epsilon * np.trace(sum(grams)) / width
    seen = sum(grams) + e * np.eye(width)
    parts = [d @ (g + e * w / len(deltas) * np.eye(width)) for d, g, w in zip(deltas, grams, even)]
    return np.linalg.solve(seen, sum(parts).T).T, seen


def truncated(update, seen, rank):
    """The best of that rank in the norm |(update - it) seen^(1/2)|, and its relative error in it."""
    values, vectors = np.linalg.eigh(seen)
    u, s, _ = np.linalg.svd(update @ (vectors * np.sqrt(values)) @ vectors.T, full_matrices=False)
    return u[:, :rank] @ u[:, :rank].T @ update, np.sqrt((s[rank:] ** 2).sum() / (s**2).sum())


def conflict(learnt):
    """What the merger reports of what experts learnt about one weight."""
    stacked = np.stack(learnt)
    moved = (stacked != 0).any(axis=0)
    both = (stacked > 0).any(axis=0) & (stacked < 0).any(axis=0)

    def mean_over_pairs(measure):
        return float(np.mean([measure(one, other) for one, other in itertools.combinations(learnt, 2)]))

    def norm(x):
        return np.linalg.norm(x)

    return {
        "sign_conflict_rate": both.sum() / moved.sum(),
        "cancelled_mass": 1 - np.abs(stacked.sum(axis=0)).sum() / np.abs(stacked).sum(),
        "pairwise_cosine": mean_over_pairs(
            lambda x, y: (x * y).sum() / (norm(x) * norm(y)) if norm(x) * norm(y) else 0.0
        ),
        "subspace_overlap": mean_over_pairs(
            lambda x, y: norm(x.T @ y) ** 2 / (norm(x.T @ x) * norm(y.T @ y)) if norm(x) * norm(y) else 0.0
        ),
    }


def regmean_cases(generator):
    cases = []
    for rows, weights, shared, factor in (
        ((3, 5, 4), [1.0, 1.0, 1.0], None, 1.0),
        ((40, 25, 60), [1.0, 2.0, 0.5], None, 1.0),
        ((4, 3, 5), [0.5, 1.0, 3.0], Adapter(generator, 2, 2), 0.6),
        ((30, 1, 30), [1.0, 1.0, 1.0], Adapter(generator, 1, 2), 1.0),
    ):
        experts = [
            Adapter(generator, 2, 4),
            Adapter(generator, 3, 3),
            Adapter(generator, 1, 2, ["q_proj", "up_proj"]),
        ]
        modules = {}
        for module, (_, width) in SHAPES.items():
            inputs = [random(generator, n, width) for n in rows]
            deltas = [expert.delta(module) for expert in experts]
            start = shared.delta(module) if shared else np.zeros(SHAPES[module])
            merged, seen = regmean(deltas, inputs, weights, 1e-4)
            agent = factor * merged + (1 - factor) * start
            low, error = truncated(agent, seen, 3)
            modules[PREFIX + module] = {
                "inputs": [decimals(x) for x in inputs],
                "merged": agent.tolist(),
                "rank_3": low.tolist(),
                "rank_3_error": error,
                "conflict": conflict([delta - start for delta in deltas]),
                "interference": [
                    np.linalg.norm((merged - d) @ x.T) / np.linalg.norm(d @ x.T) if d.any() else None
                    for d, x in zip(deltas, inputs)
                ],
            }
        cases.append(
            {
                "experts": [expert.json() for expert in experts],
                "shared": shared.json() if shared else None,
                "weights": weights,
                "lambda": factor,
                "epsilon": 1e-4,
                "modules": modules,
            }
        )
    return {"cases": cases}


def write(path, fixture):
    file = ROOT / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(fixture) + "\n")
    print(path, file.stat().st_size, "bytes")


def main():
    installed = {name: importlib.metadata.version(name).split("+")[0] for name in VERSIONS}
    assert installed == VERSIONS, f"written for {VERSIONS}, not {installed}"
    torch.manual_seed(7)
    generator = np.random.default_rng(7)
    write("merger/src/test/resources/parity/peft-merges.json", {"versions": installed, **peft_cases(generator)})
    write("merger/src/test/resources/parity/regmean.json", {"versions": installed, **regmean_cases(generator)})


if __name__ == "__main__":
    main()
