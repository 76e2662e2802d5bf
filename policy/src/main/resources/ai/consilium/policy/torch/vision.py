# Vision tower of Qwen2.5-VL (2502.13923): windowed attention, RMSNorm, SwiGLU with biases, and the 2 x 2 patch merger.
# Weights w: 0 patches, 1 merger norm, 2-3 merger in, 4-5 merger out, then ten a block.


def vision_block(self, x: Tensor, w: List[Tensor], o: int, cos: Tensor, sin: Tensor, mask: Tensor) -> Tensor:
    n, s, d = x.shape
    heads = self.vision_heads
    qkv = torch.linear(torch.rms_norm(x, [d], w[o], 1e-06), w[o + 1], w[o + 2])
    qkv = qkv.view(n, s, 3 * heads, d // heads).transpose(1, 2)
    qk = self.rotate(qkv[:, : 2 * heads], cos, sin)
    seen = torch.scaled_dot_product_attention(qk[:, :heads], qk[:, heads:], qkv[:, 2 * heads :], mask, 0.0, False)
    x = x + torch.linear(seen.transpose(1, 2).reshape(n, s, d), w[o + 3], w[o + 4])
    both = torch.linear(torch.rms_norm(x, [d], w[o + 5], 1e-06), w[o + 6], w[o + 7])
    inner = both.size(-1) // 2
    return x + torch.linear(torch.silu(both[:, :, :inner]) * both[:, :, inner:], w[o + 8], w[o + 9])


def see_alike(self, patches: Tensor, w: List[Tensor], cos: Tensor, sin: Tensor, window: Tensor, frame: Tensor, full: List[int]) -> Tensor:
    """Features [N * S / merge, hidden] of N images of one grid: patches [N, S, patch values] in merge order, masks [S, S]
    added to the scores of windowed blocks and of the blocks in full."""
    x = torch.linear(patches.type_as(w[0]), w[0])
    for l in range(self.vision_layers):
        mask = window
        if l in full:
            mask = frame
        x = self.vision_block(x, w, 6 + 10 * l, cos, sin, mask)
    d = x.size(-1)
    x = torch.rms_norm(x, [d], w[1], 1e-06).reshape(-1, d * self.vision_merge)
    return torch.linear(torch.gelu(torch.linear(x, w[2], w[3])), w[4], w[5])


def see(self, patches: List[Tensor], w: List[Tensor], cos: List[Tensor], sin: List[Tensor], window: List[Tensor], frame: List[Tensor], full: List[int]) -> Tensor:
    """Features of all images, those of one grid together."""
    features = annotate(List[Tensor], [])
    for i in range(len(patches)):
        features.append(self.see_alike(patches[i], w, cos[i], sin[i], window[i], frame[i], full))
    return torch.cat(features, 0)
