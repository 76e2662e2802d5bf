"""The peer of `consilium bench learner`: TRL's GRPOTrainer takes the same optimiser steps, LoRA by PEFT.

    python learner_peer.py MODEL_DIR WORKLOAD_DIR fp32|bf16 THREADS

Reads a line for every step and answers with a line of JSON. The trainer's own loop runs; only what it would generate and score is
given to it, and it waits for a line before each step. The gradient of the first step, before clipping, is left in
WORKLOAD_DIR/gradient.safetensors, its log-probabilities in logprobs.safetensors, those of
the ids that may follow each prompt in next.safetensors. The packages are pinned in requirements.txt.
"""

import json
import pathlib
import sys
import threading
import time
import warnings

import peft
import torch
import transformers
import trl
from datasets import Dataset
from safetensors.torch import load_file, save_file
from transformers import PreTrainedTokenizerFast, Qwen2_5_VLForConditionalGeneration, TrainerCallback


def load(model_dir, adapter_dir, dtype, suppressed):
    model = Qwen2_5_VLForConditionalGeneration.from_pretrained(model_dir, dtype=dtype, attn_implementation="sdpa")
    # Probabilities are over what a completion may hold. A bias, because the trainer takes weight and bias past the head's forward.
    bias = torch.zeros(model.lm_head.out_features, dtype=dtype)
    bias[suppressed] = -1e9
    model.lm_head.bias = torch.nn.Parameter(bias, requires_grad=False)
    model = peft.PeftModel.from_pretrained(model, adapter_dir, is_trainable=True)
    for name, parameter in model.named_parameters():
        if "lora_B" in name and not bool(parameter.any()):
            sys.exit(f"adapter weights of {name} were not loaded")
    return model


def next_tokens(model, workload, images, dtype):
    """Log-probabilities of the ids that are compared after each prompt, [groups, ids]."""
    rows = []
    for i, group in enumerate(workload["groups"]):
        ids = torch.tensor([group["prompt"]])
        with torch.no_grad(), torch.autocast("cpu", torch.bfloat16, enabled=dtype == "bf16"):
            logits = model(
                input_ids=ids, attention_mask=torch.ones_like(ids), pixel_values=images[f"pixels.{i}"],
                image_grid_thw=torch.tensor([group["grid"]]), mm_token_type_ids=(ids == workload["image_token"]).long(),
            ).logits[0, -1]
        rows.append(logits.float().log_softmax(-1)[workload["next"]])
    return torch.stack(rows)


class MemoryWatch(threading.Thread):
    """Most anonymous memory of this process, in gigabytes: looked at again and again, as Linux keeps no such peak."""

    def __init__(self):
        super().__init__(daemon=True)
        self.peak = 0.0

    @staticmethod
    def anonymous():
        lines = pathlib.Path("/proc/self/status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("RssAnon")) * 1024 / 1e9

    def run(self):
        while True:
            self.peak = max(self.peak, self.anonymous())
            time.sleep(0.01)


def prepared(workload, images):
    """What GRPOTrainer makes of generated and scored completions: one row for each."""
    rows = [(i, group, member) for i, group in enumerate(workload["groups"]) for member in group["members"]]
    prompts = torch.tensor([group["prompt"] for _, group, _ in rows])
    completions = torch.tensor([member["completion"] for _, _, member in rows])
    return {
        "prompt_ids": prompts,
        "prompt_mask": torch.ones_like(prompts),
        "completion_ids": completions,
        "completion_mask": torch.ones_like(completions),
        "advantages": torch.tensor([member["advantage"] for _, _, member in rows]),
        "num_items_in_batch": torch.tensor(completions.numel()),
        "mm_token_type_ids": (torch.cat([prompts, completions], 1) == workload["image_token"]).long(),
        "pixel_values": torch.cat([images[f"pixels.{i}"] for i, _, _ in rows]),
        "image_grid_thw": torch.tensor([group["grid"] for _, group, _ in rows]),
        "num_images": [1] * len(rows),
    }


class GivenCompletions(trl.GRPOTrainer):
    """Does not generate, and keeps gradient and log-probabilities of the first step."""

    given = None
    gradient_file = None
    logprob_file = None
    logprobs = {}

    def _get_per_token_logps_and_entropies(self, model, input_ids, *args, **kwargs):
        found = super()._get_per_token_logps_and_entropies(model, input_ids, *args, **kwargs)
        if self.state.global_step == 0:
            # Rows come in an order of the trainer's own.
            length = found[0].shape[1]
            for row, values in zip(input_ids[:, -length:].tolist(), found[0].detach().float()):
                self.logprobs[tuple(row)] = values
        return found

    def _generate_and_score_completions(self, inputs):
        return dict(self.given)

    def training_step(self, *args, **kwargs):
        loss = super().training_step(*args, **kwargs)
        if self.state.global_step == 0 and self.accelerator.sync_gradients:
            named = self.model.named_parameters()
            save_file({n.replace(".default", ""): p.grad.float() for n, p in named if p.requires_grad}, self.gradient_file)
            rows = [self.logprobs[tuple(row)] for row in self.given["completion_ids"].tolist()]
            save_file({"logprobs": torch.stack(rows)}, self.logprob_file)
        return loss


def unasked(**kwargs):
    """GRPOTrainer wants a reward; the advantages are given."""
    raise NotImplementedError


class OnRequest(TrainerCallback):
    """Waits for a line before a step, and says afterwards what the step took."""

    def __init__(self, about):
        self.about = about
        self.memory = MemoryWatch()
        self.before = None

    def on_step_begin(self, args, state, control, **kwargs):
        if not sys.stdin.readline():
            sys.exit(0)
        if self.before is None:
            self.before = MemoryWatch.anonymous()
            self.memory.start()
        self.start, self.cpu_start = time.perf_counter(), time.process_time()

    def on_step_end(self, args, state, control, **kwargs):
        seconds, cpu_seconds = time.perf_counter() - self.start, time.process_time() - self.cpu_start
        memory = {"anonymous_gb": self.before, "peak_anonymous_gb": self.memory.peak}
        print(json.dumps({"seconds": seconds, "cpu_seconds": cpu_seconds, "about": self.about} | memory), flush=True)


def settings(workload, directory, dtype):
    optimiser = workload["optimiser"]
    rows = workload["samples"] * len(workload["groups"])
    return trl.GRPOConfig(
        output_dir=str(directory / "trl"), use_cpu=True, bf16=dtype == "bf16", seed=1,
        gradient_checkpointing=workload["gradient_checkpointing"],
        per_device_train_batch_size=workload["micro_batch"], gradient_accumulation_steps=rows // workload["micro_batch"],
        num_generations=workload["samples"], max_completion_length=workload["completion_tokens"],
        beta=0.0, num_iterations=1, loss_type="dapo", epsilon=workload["clip"][0], epsilon_high=workload["clip"][1],
        temperature=1.0, max_steps=1_000_000, learning_rate=workload["learning_rate"], lr_scheduler_type="constant",
        adam_beta1=optimiser["beta1"], adam_beta2=optimiser["beta2"], adam_epsilon=optimiser["epsilon"],
        weight_decay=optimiser["weight_decay"], max_grad_norm=optimiser["clip_norm"],
        save_strategy="no", logging_strategy="no", report_to="none", disable_tqdm=True, dataloader_pin_memory=False,
    )


def main():
    model_dir, directory, dtype, threads = sys.argv[1], pathlib.Path(sys.argv[2]), sys.argv[3], int(sys.argv[4])
    torch.set_num_threads(threads)
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    warnings.simplefilter("ignore", FutureWarning)
    workload = json.loads((directory / "workload.json").read_text())
    model = load(model_dir, directory / "adapter", {"fp32": torch.float32, "bf16": torch.bfloat16}[dtype], workload["suppressed"])
    images = load_file(directory / "pixels.safetensors")
    save_file({"next": next_tokens(model, workload, images, dtype)}, directory / "next.safetensors")
    versions = f"trl {trl.__version__}, transformers {transformers.__version__}, peft {peft.__version__}, torch {torch.__version__}"
    trainer = GivenCompletions(
        model=model,
        reward_funcs=unasked,
        args=settings(workload, directory, dtype),
        train_dataset=Dataset.from_dict({"prompt": [str(i) for i in range(len(workload["groups"]))]}),
        processing_class=PreTrainedTokenizerFast.from_pretrained(model_dir),
        callbacks=[OnRequest(versions)],
    )
    trainer.given = prepared(workload, images)
    trainer.gradient_file = directory / "gradient.safetensors"
    trainer.logprob_file = directory / "logprobs.safetensors"
    trainer.train()


if __name__ == "__main__":
    main()
