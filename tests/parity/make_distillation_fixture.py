"""Makes distillation.safetensors beside the model fixtures: loss and gradients of on-policy distillation of a fixture's adapter from its
base, on the fixture's completion, by transformers, PEFT and torch's autograd.

    pip install -r tests/parity/requirements.txt
    python tests/parity/make_distillation_fixture.py
"""

import json

import peft
import torch
from make_policy_fixture import OUT, SHAPES, SPECIAL, extended, tokenizer, versions
from safetensors.torch import load_file, save_file
from transformers import Qwen2_5_VLForConditionalGeneration

BEHAVIOUR = -0.4  # what was recorded of each token, less what the policy says of it now
CAP = 1.3  # below exp(0.4), so that the bound acts


def next_tokens(model, inputs: dict, prompt: int) -> torch.Tensor:
    """Log-probabilities over what a completion may hold; placeholders of images and videos have no probability."""
    logits = model(**inputs).logits[0, prompt - 1 : -1, : tokenizer().get_vocab_size()].float()
    logits[:, [SPECIAL.index("<|image_pad|>"), SPECIAL.index("<|video_pad|>")]] = -1e9
    return torch.log_softmax(logits, -1)


def losses(policy: torch.Tensor, teacher: torch.Tensor, targets: torch.Tensor) -> dict:
    log = torch.nn.functional.kl_div(teacher, policy, log_target=True, reduction="none")  # KL(policy || teacher)
    chosen = policy.gather(-1, targets[:, None])[:, 0]
    advantage = (teacher.gather(-1, targets[:, None])[:, 0] - chosen).detach()
    behaviour = chosen.detach() + BEHAVIOUR
    ratio = torch.exp(chosen.detach() - behaviour).clamp(max=CAP)
    return {"full": log.sum(-1).mean(), "sampled": -(ratio * advantage * chosen).mean()}


for shape in SHAPES:
    out = OUT / shape.name
    model = Qwen2_5_VLForConditionalGeneration.from_pretrained(out, dtype=torch.float32).eval()
    tuned = peft.PeftModel.from_pretrained(model, out / "adapter", is_trainable=True).eval()
    fixture = json.loads((out / "fixture.json").read_text())
    prompt = torch.tensor([fixture["prompt"]])
    inputs = {"input_ids": prompt, "attention_mask": torch.ones_like(prompt)}
    if fixture["grids"]:
        pixels = load_file(out / "expected.safetensors")["pixel_values"]
        inputs |= {"pixel_values": pixels, "image_grid_thw": torch.tensor(fixture["grids"])}
        inputs["mm_token_type_ids"] = (prompt == SPECIAL.index("<|image_pad|>")).long()
    whole = extended(inputs, fixture["completion"])
    targets = torch.tensor(fixture["completion"])
    with torch.no_grad(), tuned.disable_adapter():
        teacher = next_tokens(tuned, whole, prompt.shape[1])
    tensors, values = {}, {}
    for kind in ("full", "sampled"):
        tuned.zero_grad()
        policy = next_tokens(tuned, whole, prompt.shape[1])
        loss = losses(policy, teacher, targets)[kind]
        loss.backward()
        leaf = policy.detach().clone().requires_grad_()
        losses(leaf, teacher, targets)[kind].backward()
        tensors[f"{kind}.gradient"] = leaf.grad
        values[kind] = loss.item()
        for name, parameter in tuned.named_parameters():
            if "lora_" in name:
                tensors[f"{kind}.{name.replace('.default', '')}"] = parameter.grad.clone()
    tensors |= {"policy": policy.detach().clone(), "teacher": teacher.clone()}
    tensors["behaviour"] = policy.detach().gather(-1, targets[:, None])[:, 0] + BEHAVIOUR
    values |= {"cap": CAP, "made_by": versions()}
    save_file(tensors, out / "distillation.safetensors")
    (out / "distillation.json").write_text(json.dumps(values) + "\n")
    print(shape.name, values)
