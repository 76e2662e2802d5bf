"""Writes the language model of one of our model directories, and PEFT adapters of it, as GGUF files for llama.cpp: its
architecture qwen2, without a vocabulary, because benchmarks speak in token ids. The vision tower stays behind."""

import json
import pathlib
import re

import gguf
import numpy

TYPES = {"fp32": gguf.GGMLQuantizationType.F32, "bf16": gguf.GGMLQuantizationType.BF16}
PARTS = {
    "input_layernorm": "attn_norm", "self_attn.q_proj": "attn_q", "self_attn.k_proj": "attn_k", "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output", "post_attention_layernorm": "ffn_norm", "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up", "mlp.down_proj": "ffn_down",
}
WHOLE = {"embed_tokens.weight": "token_embd.weight", "norm.weight": "output_norm.weight"}
LAYER = re.compile(r"layers\.(\d+)\.(.+?)\.(lora_A\.weight|lora_B\.weight|weight|bias)$")
ENDS = {"weight": "weight", "bias": "bias", "lora_A.weight": "weight.lora_a", "lora_B.weight": "weight.lora_b"}


def tensors(directory):
    """(name, float32 array) of every tensor; numpy knows no bfloat16, so the files are read by hand."""
    for file in sorted(directory.glob("*.safetensors")):
        data = file.read_bytes()
        start = 8 + int.from_bytes(data[:8], "little")
        for name, entry in json.loads(data[8:start]).items():
            if name == "__metadata__":
                continue
            first, last = entry["data_offsets"]
            raw = data[start + first : start + last]
            if entry["dtype"] == "BF16":
                values = (numpy.frombuffer(raw, numpy.uint16).astype(numpy.uint32) << 16).view(numpy.float32)
            elif entry["dtype"] == "F32":
                values = numpy.frombuffer(raw, numpy.float32)
            else:
                raise ValueError(f"{file}: {name} is {entry['dtype']}, not F32 or BF16")
            yield name, values.reshape(entry["shape"])


def renamed(name):
    """Its name in GGUF, or None for what is not of the language model."""
    if "visual." in name:
        return None
    match = LAYER.search(name)
    if match:
        return f"blk.{match[1]}.{PARTS[match[2]]}.{ENDS[match[3]]}"
    return next((new for old, new in WHOLE.items() if name.endswith(old)), "output.weight" if name.endswith("lm_head.weight") else None)


def finish(writer):
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def model(directory, file, dtype):
    """Matrices are of the type, norms and biases float32, as llama.cpp's own converter has it."""
    directory = pathlib.Path(directory)
    config = json.loads((directory / "config.json").read_text())
    config = config | config.get("text_config", {})
    writer = gguf.GGUFWriter(file, "qwen2")
    writer.add_block_count(config["num_hidden_layers"])
    writer.add_context_length(config["max_position_embeddings"])
    writer.add_embedding_length(config["hidden_size"])
    writer.add_feed_forward_length(config["intermediate_size"])
    writer.add_head_count(config["num_attention_heads"])
    writer.add_head_count_kv(config["num_key_value_heads"])
    writer.add_rope_freq_base(config["rope_theta"])
    writer.add_layer_norm_rms_eps(config["rms_norm_eps"])
    writer.add_vocab_size(config["vocab_size"])
    writer.add_tokenizer_model("no_vocab")
    for name, values in tensors(directory):
        new = renamed(name)
        if new is not None:
            kind = TYPES[dtype] if values.ndim > 1 else TYPES["fp32"]
            writer.add_tensor(new, gguf.quants.quantize(numpy.ascontiguousarray(values), kind), raw_dtype=kind)
    finish(writer)


def adapter(directory, file, dtype):
    directory = pathlib.Path(directory)
    config = json.loads((directory / "adapter_config.json").read_text())
    writer = gguf.GGUFWriter(file, "qwen2")
    writer.add_type("adapter")
    writer.add_string("adapter.type", "lora")
    writer.add_float32("adapter.lora.alpha", float(config["lora_alpha"]))
    for name, values in tensors(directory):
        new = renamed(name)
        if new is None or ".lora_" not in new:
            raise ValueError(f"{directory}: {name} is no LoRA of the language model")
        writer.add_tensor(new, gguf.quants.quantize(numpy.ascontiguousarray(values), TYPES[dtype]), raw_dtype=TYPES[dtype])
    finish(writer)
