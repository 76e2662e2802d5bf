# Sampling with a cache of keys and values [layers, 2, R, kv_heads, capacity, head_dim], written in place.


def choose(self, logits: Tensor, noise: Tensor, temperature: float) -> Tuple[Tensor, Tensor]:
    """Tokens [R] and their log-probabilities [R]: by inverse distribution function at noise [R], or the likeliest."""
    if temperature > 0.0:
        logp = torch.log_softmax(logits * (1.0 / temperature), -1)
        mass = torch.cumsum(torch.exp(logp), -1)
        below = mass <= (noise.unsqueeze(1) * mass[:, -1:])
        token = torch.clamp(below.sum(-1), None, logits.size(-1) - 1)
    else:
        logp = torch.log_softmax(logits, -1)
        token = torch.argmax(logits, -1)
    return (token, logp.gather(-1, token.unsqueeze(1)).squeeze(1))


def prefill(self, x: Tensor, valid: Tensor, cos: Tensor, sin: Tensor, group: Tensor, tokens: Tensor, sample_valid: Tensor, sample_cos: Tensor, sample_sin: Tensor, w: List[Tensor], capacity: int) -> Tuple[Tensor, Tensor]:
    """The cache after prefixes x [N, P, hidden] and the samples' own tokens [R, C] (left-padded), and the logits [R, vocabulary]
    of what follows."""
    none = annotate(List[Tensor], [])
    past = self.spread(self.prefixes(x, valid, w, none, cos, sin), group)
    y = self.samples(torch.embedding(w[0], tokens), sample_valid, valid.index_select(0, group), past, w, none, sample_cos, sample_sin)
    own = y[1]
    p = valid.size(1)
    r, c = tokens.shape
    cache = torch.zeros([self.layers, 2, r, self.kv_heads, capacity, self.head_dim])
    for l in range(self.layers):
        for j in range(2):
            cache[l, j, :, :, :p] = past[2 * l + j]
            cache[l, j, :, :, p : p + c] = own[2 * l + j]
    return (cache, self.head(y[0][:, c - 1], w))


def step(self, tokens: Tensor, w: List[Tensor], cache: Tensor, mask: Tensor, cos: Tensor, sin: Tensor, at: int) -> Tensor:
    """Logits [R, vocabulary] after tokens [R], whose keys and values go to slot at. mask [R, 1, 1, capacity]; cos, sin [R, 1, 1,
    head_dim]."""
    r = tokens.size(0)
    turned = self.heads + self.kv_heads
    x = torch.embedding(w[0], tokens)
    d = x.size(1)
    for l in range(self.layers):
        o = 3 + 7 * l
        qkv = torch.linear(torch.rms_norm(x, [d], w[o], self.epsilon), w[o + 1], w[o + 2])
        qkv = qkv.view(r, turned + self.kv_heads, 1, self.head_dim)
        qk = self.rotate(qkv[:, :turned], cos, sin)
        cache[l, 0, :, :, at : at + 1] = qk[:, self.heads :]
        cache[l, 1, :, :, at : at + 1] = qkv[:, turned:]
        q = qk[:, : self.heads].reshape(r, self.kv_heads, self.heads // self.kv_heads, self.head_dim)
        seen = torch.scaled_dot_product_attention(q, cache[l, 0, :, :, : at + 1], cache[l, 1, :, :, : at + 1], mask[:, :, :, : at + 1], 0.0, False)
        x = x + torch.linear(seen.reshape(r, -1), w[o + 3])
        both = torch.linear(torch.rms_norm(x, [d], w[o + 4], self.epsilon), w[o + 5])
        inner = both.size(-1) // 2
        x = x + torch.linear(torch.silu(both[:, :inner]) * both[:, inner:], w[o + 6])
    return self.head(x, w)


def decode(self, token: Tensor, done: Tensor, w: List[Tensor], cache: Tensor, mask: Tensor, cos: Tensor, sin: Tensor, noise: Tensor, at: int, temperature: float, end: int) -> Tuple[Tensor, Tensor]:
    """Up to K more tokens after token [R], until every row that is not done [R] has ended: tokens and log-probabilities [R, k].
    noise [R, K]; cos and sin [R, 1, K, head_dim]; token goes to slot at."""
    tokens = annotate(List[Tensor], [])
    logps = annotate(List[Tensor], [])
    ended = done > 0
    i = 0
    go = True
    while go:
        logits = self.step(token, w, cache, mask, cos[:, :, i : i + 1], sin[:, :, i : i + 1], at + i)
        y = self.choose(logits, noise[:, i], temperature)
        token = y[0]
        tokens.append(token)
        logps.append(y[1])
        ended = ended | (token == end)
        i = i + 1
        go = i < noise.size(1) and not bool(ended.all())
    return (torch.stack(tokens, 1), torch.stack(logps, 1))


def compact(self, cache: Tensor, rows: Tensor) -> Tensor:
    """The cache of some rows."""
    return cache.index_select(2, rows)
