# Decoder of Qwen2.5 (2412.15115): grouped-query attention with biases on q, k and v, RMSNorm, SwiGLU, and LoRA
# (2106.09685) beside every linear map. Weights w: 0 embedding, 1 norm, 2 head, then seven a layer: norm, q|k|v and its
# bias, o, norm, gate|up, down. lora: empty, or eight a layer: A and scaled B of q|k|v, o, gate|up, down.


def multiply(self, x: Tensor, weight: Tensor, bias: Optional[Tensor]) -> Tensor:
    """A linear map; the weight may be prepacked, and then takes no gradient."""
    if weight.is_mkldnn:
        return ops.mkldnn._linear_pointwise(x, weight, bias, "none", annotate(List[Optional[number]], []), None)
    return torch.linear(x, weight, bias)


def project(self, x: Tensor, weight: Tensor, lora: List[Tensor], i: int) -> Tensor:
    y = self.multiply(x, weight, None)
    if len(lora) > 0:
        if lora[i].numel() > 0:
            y.add_(torch.linear(torch.linear(x, lora[i]), lora[i + 1]))
    return y


def turned(self, h: Tensor, w: List[Tensor], l: int, lora: List[Tensor], cos: Tensor, sin: Tensor) -> Tuple[Tensor, Tensor, Tensor]:
    """Queries [N, heads, S, head_dim] and keys [N, kv_heads, S, head_dim] in their positions, and values, of normed h [N, S, hidden]."""
    n, s, d = h.shape
    o = 3 + 7 * l
    turned = self.heads + self.kv_heads
    qkv = self.project(h, w[o + 1], lora, 8 * l) + w[o + 2]
    qkv = qkv.view(n, s, turned + self.kv_heads, self.head_dim).transpose(1, 2)
    split = torch.split(qkv, [turned, self.kv_heads], 1)
    qk = torch.split(self.rotate(split[0], cos, sin), [self.heads, self.kv_heads], 1)
    return (qk[0], qk[1], split[1])


def attention(self, q: Tensor, keys: Tensor, values: Tensor, mask: Optional[Tensor]) -> Tensor:
    """What queries [N, heads, S, head_dim] see of keys and values [N, kv_heads, T, head_dim]. mask is added to the scores:
    [N, 1, heads / kv_heads * S, T], where query heads of one key head lie behind one another, or [S, T], the same for all. None
    is causal."""
    n, heads, s, d = q.shape
    share = heads // self.kv_heads
    if mask is not None:
        if mask.dim() == 4:
            q = q.reshape(n, self.kv_heads, -1, d)
            return torch.scaled_dot_product_attention(q, keys, values, mask, 0.0, False).view(n, heads, s, d)
    keys = keys.unsqueeze(2).expand(-1, -1, share, -1, -1).flatten(1, 2)
    values = values.unsqueeze(2).expand(-1, -1, share, -1, -1).flatten(1, 2)
    return torch.scaled_dot_product_attention(q, keys, values, mask, 0.0, mask is None)


def layer(self, x: Tensor, w: List[Tensor], l: int, lora: List[Tensor], cos: Tensor, sin: Tensor, mask: Optional[Tensor], past: List[Tensor]) -> Tuple[Tensor, Tensor, Tensor, List[Tensor]]:
    """One layer over x [N, S, hidden]. mask as for attention, over past + S keys; past holds this layer's keys and values of the
    tokens before, [N, kv_heads, past, head_dim], or nothing. Returns x, its own keys and values, and what q|k|v, o, gate|up
    and down were given [N, S, in]."""
    n, s, d = x.shape
    o = 3 + 7 * l
    h = torch.rms_norm(x, [d], w[o], self.epsilon)
    q, k, v = self.turned(h, w, l, lora, cos, sin)
    keys = k
    values = v
    if len(past) > 0:
        keys = torch.cat([past[0], k], 2)
        values = torch.cat([past[1], v], 2)
    seen = self.attention(q, keys, values, mask)
    flat = seen.transpose(1, 2).reshape(n, s, self.heads * self.head_dim)
    x = x + self.project(flat, w[o + 3], lora, 8 * l + 2)
    g = torch.rms_norm(x, [d], w[o + 4], self.epsilon)
    both = torch.chunk(self.project(g, w[o + 5], lora, 8 * l + 4), 2, -1)
    inner = torch.silu(both[0]) * both[1]
    x = x + self.project(inner, w[o + 6], lora, 8 * l + 6)
    return (x, k, v, [h, flat, g, inner])


def head(self, x: Tensor, w: List[Tensor]) -> Tensor:
    """Logits [..., vocabulary] of all rows of the head, whether a token or not."""
    return self.multiply(torch.rms_norm(x, [x.size(-1)], w[1], self.epsilon), w[2], None)


def logits(self, x: Tensor, w: List[Tensor], suppressed: Tensor) -> Tensor:
    """Logits [..., ids] of what a completion may hold: rows of the head behind the last token are not computed, and suppressed
    ids [K] lie far below (not at -inf, which times a probability of 0 is not 0)."""
    head = w[2]
    if not head.is_mkldnn:
        head = head[: self.ids]
    y = self.multiply(torch.rms_norm(x, [x.size(-1)], w[1], self.epsilon), head, None)
    return y.index_fill_(-1, suppressed, -1e9)


def prefixes(self, x: Tensor, valid: Tensor, w: List[Tensor], lora: List[Tensor], cos: Tensor, sin: Tensor) -> List[Tensor]:
    """Keys and values, two a layer, of the common prefixes x [N, P, hidden]; valid [N, P] is 1 where a token is."""
    mask = self.causal(valid).type_as(x).repeat(1, 1, self.heads // self.kv_heads, 1)
    kept = annotate(List[Tensor], [])
    for l in range(self.layers):
        y = self.layer(x, w, l, lora, cos, sin, mask, annotate(List[Tensor], []))
        x = y[0]
        kept.append(y[1])
        kept.append(y[2])
    return kept


def causal(self, valid: Tensor) -> Tensor:
    """Mask [N, 1, S, S]: 0 where a token sees, far below 0 where not."""
    s = valid.size(1)
    sees = torch.tril(valid.new_ones([s, s])) * valid.unsqueeze(1)
    return ((sees - 1.0) * 1e9).unsqueeze(1)


def samples(self, x: Tensor, valid: Tensor, prefix_valid: Tensor, past: List[Tensor], w: List[Tensor], lora: List[Tensor], cos: Tensor, sin: Tensor) -> Tuple[Tensor, List[Tensor]]:
    """Last hidden states [R, C, hidden], and keys and values, of the samples x [R, C, hidden], each after its prefix."""
    r, c, d = x.shape
    before = ((prefix_valid - 1.0) * 1e9).unsqueeze(1).unsqueeze(1).expand([r, 1, c, prefix_valid.size(1)])
    mask = torch.cat([before, self.causal(valid)], 3).type_as(x).repeat(1, 1, self.heads // self.kv_heads, 1)
    kept = annotate(List[Tensor], [])
    for l in range(self.layers):
        y = self.layer(x, w, l, lora, cos, sin, mask, past[2 * l : 2 * l + 2])
        x = y[0]
        kept.append(y[1])
        kept.append(y[2])
    return (x, kept)


def watch(self, x: Tensor, valid: Tensor, y: Tensor, y_valid: Tensor, w: List[Tensor], l: int, lora: List[Tensor], cos: Tensor, sin: Tensor, y_cos: Tensor, y_sin: Tensor, rows: Tensor) -> Tuple[Tensor, Tensor, List[Tensor]]:
    """One layer over prompts x [N, P, hidden] and what follows each, y [N, C, hidden]: both after it, and what its four groups of
    linear maps were given at the tokens rows [M], which count each prompt with what follows it, [M, in] each."""
    n, p, d = x.shape
    c = y.size(1)
    share = self.heads // self.kv_heads
    own = self.causal(valid).type_as(x).repeat(1, 1, share, 1)
    a = self.layer(x, w, l, lora, cos, sin, own, annotate(List[Tensor], []))
    before = ((valid - 1.0) * 1e9).unsqueeze(1).unsqueeze(1).expand([n, 1, c, p])
    mask = torch.cat([before, self.causal(y_valid)], 3).type_as(y).repeat(1, 1, share, 1)
    b = self.layer(y, w, l, lora, y_cos, y_sin, mask, [a[1], a[2]])
    inputs = annotate(List[Tensor], [])
    for i in range(4):
        both = torch.cat([a[3][i], b[3][i]], 1)
        inputs.append(both.reshape(n * (p + c), -1).index_select(0, rows))
    return (a[0], b[0], inputs)


def joined(self, parts: List[Tensor]) -> Tensor:
    return torch.cat(parts, 0)


def spread(self, kept: List[Tensor], group: Tensor) -> List[Tensor]:
    """Keys and values of the prefixes, for every sample those of its group [R]. Where all groups are of one size and in order, the
    gradient is a plain sum, much faster than that of a selection."""
    n = kept[0].size(0)
    each = group.size(0) // n
    even = torch.equal(group, torch.arange(n * each, device=group.device) // each)
    out = annotate(List[Tensor], [])
    for i in range(len(kept)):
        if even:
            out.append(kept[i].unsqueeze(1).expand(-1, each, -1, -1, -1).flatten(0, 1))
        else:
            out.append(kept[i].index_select(0, group))
    return out


def embed(self, tokens: Tensor, w: List[Tensor], image_at: Tensor, features: List[Tensor]) -> Tensor:
    """Embeddings [N, P, hidden] of tokens [N, P], with image features at the flat places image_at."""
    n, p = tokens.shape
    x = torch.embedding(w[0], tokens)
    if len(features) > 0:
        x = x.view(n * p, -1).index_copy(0, image_at, features[0]).view(n, p, -1)
    return x
