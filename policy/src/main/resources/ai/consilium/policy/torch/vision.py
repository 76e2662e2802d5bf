# Vision tower of Qwen2.5-VL (2502.13923): windowed attention, RMSNorm, SwiGLU with biases, and the 2 x 2 patch merger.
# Weights w: 0 patches, 1 merger norm, 2-3 merger in, 4-5 merger out, then ten a block. Patches see those of their frame, or of
# their window in it: windows of one size lie behind one another, and spans holds pairs of their number and their patches.


def see_within(self, q: Tensor, k: Tensor, v: Tensor, spans: List[int]) -> Tensor:
    """Attention [N, heads, S, head_dim] of every window on itself: as many heads more, without a mask."""
    n, h, s, d = q.shape
    seen = annotate(List[Tensor], [])
    at = 0
    for i in range(len(spans) // 2):
        count = spans[2 * i]
        size = spans[2 * i + 1]
        shape = [n, h * count, size, d]
        a = q.narrow(2, at, count * size).reshape(shape)
        b = k.narrow(2, at, count * size).reshape(shape)
        c = v.narrow(2, at, count * size).reshape(shape)
        seen.append(torch.scaled_dot_product_attention(a, b, c, None, 0.0, False).reshape([n, h, count * size, d]))
        at = at + count * size
    if len(seen) == 1:
        return seen[0]
    return torch.cat(seen, 2)


def vision_block(self, x: Tensor, w: List[Tensor], o: int, cos: Tensor, sin: Tensor, spans: List[int]) -> Tensor:
    n, s, d = x.shape
    heads = self.vision_heads
    qkv = torch.linear(torch.rms_norm(x, [d], w[o], 1e-06), w[o + 1], w[o + 2])
    qkv = qkv.view(n, s, 3 * heads, d // heads).transpose(1, 2)
    qk = self.rotate(qkv[:, : 2 * heads], cos, sin)
    seen = self.see_within(qk[:, :heads], qk[:, heads:], qkv[:, 2 * heads :], spans)
    x = x + torch.linear(seen.transpose(1, 2).reshape(n, s, d), w[o + 3], w[o + 4])
    both = torch.linear(torch.rms_norm(x, [d], w[o + 5], 1e-06), w[o + 6], w[o + 7])
    inner = both.size(-1) // 2
    return x + torch.linear(torch.silu(both[:, :, :inner]) * both[:, :, inner:], w[o + 8], w[o + 9])


def see(self, patches: Tensor, w: List[Tensor], cos: Tensor, sin: Tensor, order: Tensor, back: Tensor, spans: List[int], full: List[int]) -> Tensor:
    """Features [N * S / merge, hidden] of N frames of one grid: patches [N, S, patch values] in merge order. cos, sin [S, head_dim]
    are in the order [S] in which windows lie together, and back [S / merge] puts merged patches where they were; both are
    empty where all lie so already. Blocks in full see the whole frame."""
    x = torch.linear(patches.type_as(w[0]), w[0])
    if order.numel() > 0:
        x = x.index_select(1, order)
    n, s, d = x.shape
    for l in range(self.vision_layers):
        seen = spans
        if l in full:
            seen = [1, s]
        x = self.vision_block(x, w, 6 + 10 * l, cos, sin, seen)
    x = torch.rms_norm(x, [d], w[1], 1e-06).reshape(-1, d * self.vision_merge)
    x = torch.linear(torch.gelu(torch.linear(x, w[2], w[3])), w[4], w[5])
    if back.numel() > 0:
        x = x.view(n, s // self.vision_merge, -1).index_select(1, back).flatten(0, 1)
    return x


def held(self, x: Tensor) -> Tensor:
    """The same tensor once more: it lives until the last of its holders lets go."""
    return x
