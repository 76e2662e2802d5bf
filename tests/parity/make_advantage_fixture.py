"""Makes the advantage fixtures from TRL and verl, in float64: random scored groups and what the references make of them.
Python is for making fixtures only; the build never needs it.

    pip install torch==2.15.0 trl==1.16.0 verl==0.9.1
    python tests/parity/make_advantage_fixture.py

verl's functions are called as they are. TRL computes advantages in the middle of a trainer's method: the lines between two
marks of the installed source are cut out and run, unchanged, on this script's rewards. The script stops when the marks or
the versions are not those that it was written for.
"""

import importlib.metadata
import inspect
import json
import pathlib
import textwrap
import types

import numpy as np
import torch
from trl.trainer import grpo_trainer, rloo_trainer
from trl.trainer.utils import nanstd
from verl.trainer.ppo import core_algos

ROOT = pathlib.Path(__file__).resolve().parents[2]
VERSIONS = {"torch": "2.15.0", "trl": "1.16.0", "verl": "0.9.1"}
WEIGHTS = [[1.0, 0.2, 0.5], [1.0, 0.0, 2.0]]
GROUPS, SIZE = 6, 8
NONE = float("nan")


def trl_block(method, first: str, last: str) -> str:
    """The lines of a method from the one that starts with `first` to the one that starts with `last`, both included."""
    lines = inspect.getsource(method).splitlines()
    start = [i for i, line in enumerate(lines) if line.strip().startswith(first)]
    end = [i for i, line in enumerate(lines) if line.strip().startswith(last)]
    assert len(start) == 1 and len(end) == 1 and start[0] < end[0], (method, first, last, start, end)
    return textwrap.dedent("\n".join(lines[start[0] : end[0] + 1]))


def trl(trainer_module, trainer, rewards: torch.Tensor, weights: list, **settings) -> dict:
    """Runs TRL's block on rewards of shape [groups * SIZE, 3]; returns its local variables."""
    scope = {
        "torch": torch,
        "nanstd": nanstd,
        "device": rewards.device,
        "num_generations": SIZE,
        "rewards_per_func": rewards.clone(),
        "self": types.SimpleNamespace(
            reward_weights=torch.tensor(weights, dtype=torch.float64), reward_funcs=[None] * 3, **settings
        ),
    }
    block = trl_block(
        trainer._generate_and_score_completions,
        "unscorable_mask = ",
        "advantages = torch.nan_to_num(",
    )
    exec(compile(block, trainer_module.__file__, "exec"), scope)
    return scope


def trl_grpo(rewards, weights, aggregation="sum_then_normalize", scale="group"):
    return trl(
        grpo_trainer,
        grpo_trainer.GRPOTrainer,
        rewards,
        weights,
        multi_objective_aggregation=aggregation,
        scale_rewards=scale,
    )


def trl_rloo(rewards, weights):
    return trl(
        rloo_trainer,
        rloo_trainer.RLOOTrainer,
        rewards,
        weights,
        reward_clip_range=None,
        beta=0.0,
        normalize_advantages=False,
    )


def verl(function, rewards, weights, **settings):
    total = (rewards * torch.tensor(weights, dtype=torch.float64)).sum(dim=1, keepdim=True)
    index = np.repeat(np.arange(len(rewards) // SIZE), SIZE)
    advantages, _ = function(total, torch.ones_like(total), index, **settings)
    return advantages[:, 0]


def scored_groups(generator: np.random.Generator) -> np.ndarray:
    """Accuracy, format and guideline of each sample; the last groups have a flat component, or nothing that varies."""
    rewards = np.stack(
        [
            generator.integers(0, 2, (GROUPS, SIZE)).astype(np.float64),
            (generator.random((GROUPS, SIZE)) < 0.8).astype(np.float64),
            generator.random((GROUPS, SIZE)),
        ],
        axis=2,
    )
    rewards[-2, :, 0] = 0.0
    rewards[-1, :, :] = [1.0, 1.0, 0.7]
    return rewards


def nested(flat: torch.Tensor) -> list:
    return flat.reshape(GROUPS, SIZE).tolist()


def scores(rewards: np.ndarray) -> list:
    """Unscored is null."""
    return [[[None if np.isnan(x) else x for x in sample] for sample in group] for group in rewards]


def main():
    installed = {name: importlib.metadata.version(name).split("+")[0] for name in VERSIONS}
    assert installed == VERSIONS, f"written for {VERSIONS}, not {installed}"
    # TRL's nanstd divides integer counts, which gives the default dtype.
    torch.set_default_dtype(torch.float64)
    generator = np.random.default_rng(7)
    advantages, batches = [], []
    for weights in WEIGHTS:
        complete = scored_groups(generator)
        unscorable = complete.copy()  # members of which no scorer gave a value
        unscorable[0, 3], unscorable[1, :7] = NONE, NONE
        partial = unscorable.copy()  # and single scores that are missing
        partial[2, 5, 2], partial[3, 0, 0], partial[4, 2:, 1] = NONE, NONE, NONE

        def add(estimator, reference, rewards, result):
            advantages.append(
                {
                    "estimator": estimator,
                    "reference": reference,
                    "weights": weights,
                    "groups": scores(rewards),
                    "advantages": nested(result),
                }
            )

        def flat(rewards):
            return torch.from_numpy(rewards.reshape(-1, 3))

        for rewards in (complete, unscorable):
            add("grpo", "trl", rewards, trl_grpo(flat(rewards), weights)["advantages"])
            add("dr_grpo", "trl", rewards, trl_grpo(flat(rewards), weights, scale="none")["advantages"])
            add("rloo", "trl", rewards, trl_rloo(flat(rewards), weights)["advantages"])
        grpo = core_algos.compute_grpo_outcome_advantage
        add("grpo", "verl", complete, verl(grpo, flat(complete), weights, epsilon=1e-4))
        add("dr_grpo", "verl", complete, verl(grpo, flat(complete), weights, norm_adv_by_std_in_grpo=False))
        add("rloo", "verl", complete, verl(core_algos.compute_rloo_outcome_advantage, flat(complete), weights))
        for rewards in (complete, partial):
            gdpo = trl_grpo(flat(rewards), weights, aggregation="normalize_then_sum")
            sums = gdpo["rewards"]
            add("gdpo", "trl", rewards, torch.nan_to_num(sums, nan=0.0))
            batches.append(
                {
                    "weights": weights,
                    "sums": [[None if np.isnan(x) else x for x in group] for group in nested(sums)],
                    "mean": torch.nanmean(sums).item(),
                    "std": nanstd(sums).item(),
                    "advantages": nested(gdpo["advantages"]),
                }
            )
    write("estimators/src/test/resources/parity/advantages.json", {"versions": installed, "cases": advantages})
    write("learner/src/test/resources/parity/gdpo-batches.json", {"versions": installed, "batches": batches})


def write(path: str, fixture: dict):
    file = ROOT / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(fixture) + "\n")
    print(path, file.stat().st_size, "bytes")


if __name__ == "__main__":
    main()
