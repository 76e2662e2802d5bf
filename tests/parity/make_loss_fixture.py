"""Makes policy/src/test/resources/parity/losses.json: what TRL, verl and AReaL compute from the same log-probabilities, with the
gradients, and 50 steps of torch.optim.AdamW. Python is for making the fixture only; the build never needs it.

    pip install torch==2.13.0 trl==1.16.0 transformers==5.19.0
    pip install --no-deps verl==0.9.1 areal==1.0.4
    python tests/parity/make_loss_fixture.py

TRL's GRPOTrainer._compute_loss runs as it is, on a stand-in for the trainer. verl and AReaL cannot be imported without their
clusters' dependencies: the functions' own source text is taken from the installed packages and run alone.
"""

import ast
import collections
import importlib.metadata
import importlib.util
import json
import math
import pathlib
import types
import typing

import torch

OUT = pathlib.Path(__file__).resolve().parents[2] / "policy/src/test/resources/parity/losses.json"
LENGTHS = [7, 3, 9, 1, 5, 8]
TRUNCATED = [False, False, True, False, False, False]
SHIFTS = [0.0, 0.6, 0.0, -0.6, 0.1, -0.05]
MAX_LENGTH = 12
CAP = 1.4
FLOOR = 0.75
LOW, HIGH = 0.2, 0.28
GSPO_LOW, GSPO_HIGH = 0.03, 0.04
CISPO_HIGH = 1.3
KL = 0.1


def functions(package: str, path: str, names: set[str], scope: dict) -> dict:
    """The functions (and dataclasses) of one file of an installed package, without importing the package."""
    root = pathlib.Path(importlib.util.find_spec(package).submodule_search_locations[0])
    tree = ast.parse((root / path).read_text())
    wanted = [node for node in tree.body if getattr(node, "name", None) in names]
    assert {node.name for node in wanted} == names, f"{package}/{path} lacks some of {names}"
    for node in wanted:
        node.decorator_list = [d for d in node.decorator_list if "dataclass" in ast.unparse(d)]
    exec(compile(ast.Module(wanted, []), path, "exec"), scope)
    return scope


def batch() -> dict:
    torch.manual_seed(4)
    shape = (len(LENGTHS), max(LENGTHS))
    logp = -0.2 - 2.0 * torch.rand(shape)
    old = logp + 0.25 * torch.randn(shape)
    mask = torch.zeros(shape)
    for i, length in enumerate(LENGTHS):
        mask[i, :length] = 0.0 if TRUNCATED[i] else 1.0
    return {
        "logp": logp,
        "old": old,
        # Some completions are off as a whole, so that their geometric means are out of bounds too.
        "behaviour": old + 0.3 * torch.randn(shape) + torch.tensor(SHIFTS).unsqueeze(1),
        "reference": logp + 0.3 * torch.randn(shape),
        "entropy": torch.rand(shape),
        "advantage": torch.tensor([1.2, -0.7, 0.3, 0.9, -1.5, -0.2]),
        "mask": mask,
    }


def kept(of: torch.Tensor) -> list[float]:
    """Of the completions that are not truncated, one after another, without padding."""
    return [x for i, n in enumerate(LENGTHS) if not TRUNCATED[i] for x in of[i, :n].tolist()]


def trl_weights(data: dict, mode: str, floor: float | None) -> torch.Tensor:
    """What TRL's own statements say, which stand in the middle of a long method."""
    package = pathlib.Path(importlib.util.find_spec("trl").submodule_search_locations[0])
    found = [
        node
        for node in ast.walk(ast.parse((package / "trainer/grpo_trainer.py").read_text()))
        if isinstance(node, ast.If) and "vllm_importance_sampling_ratio = torch.exp(logps_diff)" in ast.unparse(node)
    ]
    # The one that holds no other.
    block = min(found, key=lambda node: len(ast.unparse(node)))
    scope = {
        "torch": torch,
        "math": math,
        "tool_mask": None,
        "completion_mask": data["mask"],
        "old_per_token_logps": data["old"],
        "sampling_per_token_logps": data["behaviour"],
        "self": types.SimpleNamespace(
            vllm_importance_sampling_mode=mode,
            vllm_importance_sampling_clip_min=floor,
            vllm_importance_sampling_clip_max=CAP,
        ),
    }
    exec(compile(ast.Module(block.body, []), "grpo_trainer.py", "exec"), scope)
    return scope["vllm_importance_sampling_ratio"]


def trl(
    data: dict, loss_type: str, level: str, low: float, high: float, beta: float, mode: str | None, floor: float | None = None
) -> dict:
    from trl.trainer.grpo_trainer import GRPOTrainer

    weighed = mode is not None

    # TRL's per-completion means count truncated completions, ours do not: it gets the batch without them.
    rows = [i for i, cut in enumerate(TRUNCATED) if not cut]
    data = {name: values[rows] for name, values in data.items()}
    leaf = data["logp"].clone().requires_grad_()
    self = types.SimpleNamespace(
        _get_per_token_logps_and_entropies=lambda *a, **k: (leaf, data["entropy"], None),
        top_entropy_quantile=1.0,
        off_policy_mask_threshold=None,
        importance_sampling_level=level,
        loss_type=loss_type,
        beta=beta,
        epsilon_low=low,
        epsilon_high=high,
        use_vllm=weighed,
        vllm_importance_sampling_correction=weighed,
        max_completion_length=MAX_LENGTH,
        current_gradient_accumulation_steps=1,
        args=types.SimpleNamespace(use_bias_correction_kl=False, delta=None, steps_per_generation=1),
        model=types.SimpleNamespace(training=True),
        accelerator=types.SimpleNamespace(
            num_processes=1, gather=lambda x: x, reduce=lambda x, reduction: x, gather_for_metrics=lambda x: x
        ),
        aux_loss_enabled=False,
        _entropy_bonus_enabled=False,
        _metrics={"train": collections.defaultdict(list)},
    )
    ids = torch.ones(leaf.shape, dtype=torch.long)
    loss = GRPOTrainer._compute_loss(
        self,
        self.model,
        {
            "prompt_ids": ids[:, :1],
            "prompt_mask": ids[:, :1],
            "completion_ids": ids,
            "completion_mask": data["mask"].long(),
            "advantages": data["advantage"],
            "old_per_token_logps": data["old"],
            "ref_per_token_logps": data["reference"],
            "importance_sampling_ratio": trl_weights(data, mode, floor) if weighed else None,
            "num_items_in_batch": data["mask"].sum(),
        },
    )
    loss.backward()
    gradient = torch.zeros(len(LENGTHS), leaf.size(1))
    gradient[rows] = leaf.grad
    figures = {"entropy": self._metrics["train"]["entropy"][0]}
    if beta:
        figures["kl"] = self._metrics["train"]["kl"][0]
    # With ratios of sequences TRL counts clipped sequences, we and verl clipped tokens.
    if loss_type != "cispo" and level == "token":
        for name in ("clip_ratio/low_mean", "clip_ratio/high_mean"):
            figures[name] = self._metrics["train"][name][0]
    elif loss_type == "cispo":
        figures["clip_ratio/high_mean"] = self._metrics["train"]["cispo_clip_ratio"][0]
    return {"loss": loss.item(), "gradient": kept(gradient), "figures": figures}


def areal(data: dict, level: str, action: str, bounded: str, floor: float | None) -> dict:
    scope = functions(
        "areal",
        "utils/functional/functional.py",
        {
            "RejectionSamplingResult",
            "_check_bounds",
            "_compute_sequence_level_ratio_and_advantages",
            "apply_rejection_sampling",
            "ppo_actor_loss_fn",
        },
        {"torch": torch, "Any": typing.Any, "RejectionSamplingConfig": object, "dataclass": __import__("dataclasses").dataclass},
    )
    leaf = data["logp"].clone().requires_grad_()
    low, high = (GSPO_LOW, GSPO_HIGH) if level == "sequence" else (LOW, HIGH)
    loss, stat = scope["ppo_actor_loss_fn"](
        leaf,
        data["old"],
        data["behaviour"],
        data["advantage"].unsqueeze(1).expand_as(leaf),
        low,
        data["mask"].bool(),
        eps_clip_higher=high,
        rejection_sampling=types.SimpleNamespace(
            level=bounded, action=action, metric="ratio", agg="mean", upper=CAP, lower=floor
        ),
        importance_sampling_level=level,
    )
    loss.backward()
    name = "rollout_corr/rollout_rs_masked_fraction" if action == "mask" else "outside_fraction"
    clipped = stat["clip_mask"].float().sum() / data["mask"].sum()
    figures = {name: stat["filtered_fraction"], "clip_ratio/region_mean": clipped.item()}
    return {"loss": loss.item(), "gradient": kept(leaf.grad), "figures": figures}


def verl_scope() -> dict:
    statistics = functions(
        "verl", "utils/torch_functional.py", {"masked_sum", "masked_mean"}, {"torch": torch, "Optional": typing.Optional}
    )
    config = type("ActorConfig", (types.SimpleNamespace,), {"get": lambda self, key, default: getattr(self, key, default)})
    scope = {
        "torch": torch,
        "Any": typing.Any,
        "Optional": typing.Optional,
        "DictConfig": dict,
        "ActorConfig": config,
        "AlgoConfig": type("AlgoConfig", (), {}),
        "SAFETY_BOUND": 20.0,
        "verl_F": types.SimpleNamespace(masked_sum=statistics["masked_sum"], masked_mean=statistics["masked_mean"]),
    }
    losses = {"agg_loss", "kl_penalty_forward", "compute_policy_loss_vanilla", "compute_policy_loss_gspo", "compute_policy_loss_cispo"}
    functions("verl", "trainer/ppo/core_algos.py", losses, scope)
    corrections = {
        "compute_offpolicy_metrics",
        "compute_is_metrics",
        "compute_rollout_correction_weights",
        "_parse_rollout_is_threshold",
    }
    return functions("verl", "trainer/ppo/rollout_corr_helper.py", corrections, scope)


def verl(
    data: dict, name: str, mode: str, low: float, high: float, beta: float = 0.0, level: str = "token", bounds: str = str(CAP)
) -> dict:
    """bounds: a cap that weights are truncated to, or low_cap, outside which they are 0 (IcePop)."""
    scope = verl_scope()
    leaf = data["logp"].clone().requires_grad_()
    # A far bound of the dual clip, which this project does not have.
    config = scope["ActorConfig"](
        clip_ratio=low, clip_ratio_low=low, clip_ratio_high=high, clip_ratio_c=1e9, global_batch_info={"loss_scale_factor": MAX_LENGTH}
    )
    weights, found = scope["compute_rollout_correction_weights"](data["old"] - data["behaviour"], data["mask"], level, bounds)
    loss, metrics = scope["compute_policy_loss_" + name](
        data["old"],
        leaf,
        data["advantage"].unsqueeze(1).expand_as(leaf),
        data["mask"],
        mode,
        config,
        None if name == "gspo" else weights,
    )
    figures = {"pg_loss": loss.item(), "ppo_kl": metrics["actor/ppo_kl"]}
    if name != "gspo":
        figures["rollout_corr/rollout_is_eff_sample_size"] = found["rollout_is_eff_sample_size"]
    if "rollout_is_oob_ratio" in found:
        figures["rollout_corr/rollout_rs_masked_fraction"] = found["rollout_is_oob_ratio"]
    if name != "cispo":
        figures["clip_ratio/region_mean"] = metrics["actor/pg_clipfrac"]
    if beta:
        kl = scope["kl_penalty_forward"](leaf, data["reference"], "low_var_kl")
        loss = loss + beta * scope["agg_loss"](kl, data["mask"], mode, loss_scale_factor=MAX_LENGTH)
        figures["kl"] = ((kl * data["mask"]).sum() / data["mask"].sum()).item()
    loss.backward()
    return {"loss": loss.item(), "gradient": kept(leaf.grad), "figures": figures}


def mismatch(data: dict) -> dict:
    scope = verl_scope()
    found = scope["compute_offpolicy_metrics"](data["old"], data["behaviour"], data["mask"])
    ratio = torch.exp(data["old"] - data["behaviour"])
    weights = scope["compute_is_metrics"](ratio.clamp(max=CAP), ratio, torch.log(ratio), data["mask"], "token", CAP)
    names = ["kl", "k3_kl", "chi2_token"]
    return {
        **{"rollout_corr/" + name: found[name] for name in names},
        "rollout_corr/rollout_is_eff_sample_size": weights["rollout_is_eff_sample_size"],
    }


def adamw() -> dict:
    torch.manual_seed(5)
    shapes = [(3, 4), (5,), (2, 2)]
    start = [torch.randn(shape) for shape in shapes]
    p = [x.clone().requires_grad_() for x in start]
    settings = {"beta1": 0.9, "beta2": 0.99, "epsilon": 1e-8, "weight_decay": 0.05, "clip_norm": 1.0}
    groups = [
        {"params": [x for x in p if x.dim() > 1], "weight_decay": settings["weight_decay"]},
        {"params": [x for x in p if x.dim() <= 1], "weight_decay": 0.0},
    ]
    optimiser = torch.optim.AdamW(groups, betas=(settings["beta1"], settings["beta2"]), eps=settings["epsilon"])
    steps = []
    for t in range(50):
        rate = 1e-2 * (1 - t / 60)
        gradients = [torch.randn(shape) * (0.05 if t % 3 == 0 else 1.0) for shape in shapes]
        for x, g in zip(p, gradients, strict=True):
            x.grad = g.clone()
        for group in optimiser.param_groups:
            group["lr"] = rate
        norm = torch.nn.utils.clip_grad_norm_(p, settings["clip_norm"]).item()
        optimiser.step()
        steps.append({"rate": rate, "norm": norm, "gradients": [g.flatten().tolist() for g in gradients]})
    return {
        "settings": settings,
        "shapes": [list(shape) for shape in shapes],
        "start": [x.flatten().tolist() for x in start],
        "steps": steps,
        "end": [x.detach().flatten().tolist() for x in p],
        "exp_avg": [optimiser.state[x]["exp_avg"].flatten().tolist() for x in p],
        "exp_avg_sq": [optimiser.state[x]["exp_avg_sq"].flatten().tolist() for x in p],
    }


def case(
    source: str,
    surrogate: str,
    bounds: list,
    averaging: str,
    correction: str,
    kl: float,
    result: dict,
    is_level: str = "token",
    floor: float | None = None,
) -> dict:
    name = f"{source}: {surrogate} {averaging} {correction} kl {kl}, {is_level} from {floor}"
    if correction == "mask" and not source.startswith("areal"):
        # TRL and verl count rejected tokens among the clipped ones, AReaL and we do not.
        result["figures"] = {figure: x for figure, x in result["figures"].items() if not figure.startswith("clip_ratio")}
    return {
        "name": name,
        "surrogate": surrogate,
        "bounds": bounds,
        "averaging": averaging,
        "correction": correction,
        "is_level": is_level,
        "is_low": floor or 0.0,
        "kl_coef": kl,
        **result,
    }


def assert_decides(data: dict) -> None:
    """At every level something is kept and something is rejected above and below."""
    d = (data["old"] - data["behaviour"]) * data["mask"]
    rows = data["mask"].sum(-1) > 0
    for ratio in (d[data["mask"] > 0], d.sum(-1)[rows], (d.sum(-1) / data["mask"].sum(-1).clamp(min=1))[rows]):
        ratio = ratio.exp()
        print("ratios", sorted(round(x, 3) for x in ratio.tolist()))
        assert (ratio > CAP).any() and (ratio < FLOOR).any() and ((ratio >= FLOOR) & (ratio <= CAP)).any()


def main() -> None:
    data = batch()
    assert_decides(data)
    cases = []
    for loss_type, level, surrogate, bounds, averaging in [
        ("dapo", "token", "token_clip", [LOW, HIGH], "tokens"),
        ("grpo", "token", "token_clip", [LOW, HIGH], "sequences"),
        ("dr_grpo", "token", "token_clip", [LOW, HIGH], "fixed_length"),
        ("grpo", "sequence", "sequence_clip", [GSPO_LOW, GSPO_HIGH], "sequences"),
        ("cispo", "token", "weighted_logprob", [CISPO_HIGH], "tokens"),
    ]:
        for kl in (0.0, KL):
            for weighed in (False, True):
                found = trl(data, loss_type, level, bounds[0], bounds[-1], kl, "token_truncate" if weighed else None)
                correction = "truncate" if weighed else "ignore"
                cases.append(case("trl " + loss_type, surrogate, bounds, averaging, correction, kl, found))
        for is_level in ("token", "sequence"):
            for correction in ("truncate", "mask"):
                for floor in (None, FLOOR):
                    if level == "sequence" and (is_level, correction) == ("token", "mask"):
                        continue  # TRL's ratio of a sequence is over all its tokens, ours and AReaL's over those that are kept
                    # A rejected token keeps its KL in TRL: only without.
                    kl = KL if correction == "truncate" else 0.0
                    found = trl(data, loss_type, level, bounds[0], bounds[-1], kl, f"{is_level}_{correction}", floor)
                    cases.append(
                        case("trl " + loss_type, surrogate, bounds, averaging, correction, kl, found, is_level, floor)
                    )
    for level, surrogate, bounds in [
        ("token", "token_clip", [LOW, HIGH]),
        ("sequence", "sequence_clip", [GSPO_LOW, GSPO_HIGH]),
    ]:
        for action, correction in [("clamp", "truncate"), ("mask", "mask")]:
            # AReaL's ratio of a sequence is the geometric mean.
            for bounded, is_level in [("token", "token"), ("sequence", "geometric")]:
                for floor in (None, FLOOR):
                    found = areal(data, level, action, bounded, floor)
                    cases.append(case("areal", surrogate, bounds, "tokens", correction, 0.0, found, is_level, floor))
    for mode, averaging in [
        ("token-mean", "tokens"),
        ("seq-mean-token-mean", "sequences"),
        ("seq-mean-token-sum-norm", "fixed_length"),
    ]:
        found = verl(data, "vanilla", mode, LOW, HIGH, KL)
        cases.append(case("verl vanilla", "token_clip", [LOW, HIGH], averaging, "truncate", KL, found))
        for is_level in ("token", "sequence"):
            found = verl(data, "vanilla", mode, LOW, HIGH, 0.0, is_level)
            cases.append(case("verl vanilla", "token_clip", [LOW, HIGH], averaging, "truncate", 0.0, found, is_level))
            found = verl(data, "vanilla", mode, LOW, HIGH, 0.0, is_level, f"{FLOOR}_{CAP}")
            cases.append(
                case("verl icepop", "token_clip", [LOW, HIGH], averaging, "mask", 0.0, found, is_level, FLOOR)
            )
    found = verl(data, "gspo", "seq-mean-token-mean", GSPO_LOW, GSPO_HIGH)
    cases.append(case("verl gspo", "sequence_clip", [GSPO_LOW, GSPO_HIGH], "sequences", "ignore", 0.0, found))
    # verl's lower bound of CISPO is out of reach here: the paper's, and ours, has none.
    found = verl(data, "cispo", "token-mean", 1.0, CISPO_HIGH - 1.0)
    cases.append(case("verl cispo", "weighted_logprob", [CISPO_HIGH], "tokens", "truncate", 0.0, found))
    packages = ["torch", "trl", "verl", "areal"]
    fixture = {
        "versions": {name: importlib.metadata.version(name) for name in packages},
        "inputs": {
            "lengths": [n for i, n in enumerate(LENGTHS) if not TRUNCATED[i]],
            "advantage": [a for i, a in enumerate(data["advantage"].tolist()) if not TRUNCATED[i]],
            "max_length": MAX_LENGTH,
            "cap": CAP,
            **{name: kept(data[name]) for name in ("logp", "old", "behaviour", "reference", "entropy")},
        },
        "mismatch": mismatch(data),
        "cases": cases,
        "adamw": adamw(),
    }
    OUT.write_text(json.dumps(fixture, indent=1) + "\n")
    print(f"{OUT}: {len(cases)} cases with {fixture['versions']}")


if __name__ == "__main__":
    main()
