# Sampling with preallocated keys and values. A batch holds the prefixes of its groups, prefix [layers, 2, groups, kv_heads,
# slots, head_dim], each once however many samples it has, and what every sample has of its own, own [layers, 2, rows,
# kv_heads, slots, head_dim]: its instruction in the first slots, its completion in a ring of the rest. Masks [count, 1, 1,
# slots] are added to scores: 0 where a slot holds a token, far below where not. Live groups and rows come first. lora is as
# in decoder.py: empty where w has the adapter's update added.


def choose(self, logits: Tensor, noise: Tensor, temperature: float) -> Tuple[Tensor, Tensor]:
    """Tokens [R] and their log-probabilities [R]: by inverse distribution function at noise [R], or the likeliest."""
    logits = logits.float()
    if temperature > 0.0:
        logp = torch.log_softmax(logits * (1.0 / temperature), -1)
        mass = torch.cumsum(torch.exp(logp), -1)
        # Strictly below the total, whatever is rounded: what is behind the last token with any mass is never reached.
        drawn = torch.clamp(noise, None, 1.0 - 2.0**-23).unsqueeze(1) * mass[:, -1:]
        token = torch.searchsorted(mass, drawn, right=True).squeeze(1)
    else:
        logp = torch.log_softmax(logits, -1)
        token = torch.argmax(logits, -1)
    return (token, logp.gather(-1, token.unsqueeze(1)).squeeze(1))


def allocate(self, w: List[Tensor], groups: int, prefix_slots: int, rows: int, own_slots: int) -> Tuple[Tensor, Tensor, Tensor, Tensor]:
    """A batch's prefix, own, and their masks, of the weights' type."""
    prefix = w[0].new_zeros([self.layers, 2, groups, self.kv_heads, prefix_slots, self.head_dim])
    own = w[0].new_zeros([self.layers, 2, rows, self.kv_heads, own_slots, self.head_dim])
    prefix_mask = w[0].new_full([groups, 1, 1, prefix_slots], -1e9)
    own_mask = w[0].new_full([rows, 1, 1, own_slots], -1e9)
    return (prefix, own, prefix_mask, own_mask)


def attend(self, q: Tensor, keys: Tensor, values: Tensor, mask: Tensor) -> Tuple[Tensor, Tensor]:
    """Attention [N, kv_heads, Q, head_dim] and the logarithm of its normaliser [N, kv_heads, Q]."""
    if q.is_cuda:
        scores = (torch.matmul(q, keys.transpose(2, 3)) * (self.head_dim**-0.5) + mask).float()
        total = torch.logsumexp(scores, -1)
        return (torch.matmul(torch.exp(scores - total.unsqueeze(-1)).type_as(q), values), total)
    y = torch._scaled_dot_product_flash_attention_for_cpu(q, keys, values, 0.0, False, attn_mask=mask)
    return (y[0], y[1])


def grouped(self, grid: Tensor, place: Tensor, groups: int, queries: int) -> Tuple[Tensor, Tensor]:
    """Places of the rows' queries [R * kv_heads * queries] laid out by group and key head, [groups * kv_heads, K * queries], and
    back. grid [groups * K] names the rows of each group, filled up with any, and place [R] is a row's place in it."""
    k = grid.size(0) // groups
    head = torch.arange(self.kv_heads, device=grid.device).view(-1, 1)
    query = torch.arange(queries, device=grid.device)
    to = (grid.view(-1, 1, k, 1) * self.kv_heads + head.view(-1, 1, 1)) * queries + query
    at = place.view(-1, 1, 1)
    back = ((torch.floor_divide(at, k) * self.kv_heads + head) * k + torch.remainder(at, k)) * queries + query
    return (to.flatten(), back.flatten())


def attend_both(self, q: Tensor, keys: Tensor, values: Tensor, mask: Tensor, shared: Tensor, shared_mask: Tensor, to: Tensor, back: Tensor) -> Tensor:
    """Attention [R, kv_heads, Q, head_dim] over a row's own keys and its group's, shared [2, N, kv_heads, P, head_dim]. The rows
    of a group ask together, so that its prefix is read once; to and back are what grouped gave. The two parts are joined by
    their normalisers (2205.14135)."""
    r, h, s, d = q.shape
    n = shared.size(1)
    a = self.attend(q, keys, values, mask)
    together = q.reshape(-1, d).index_select(0, to).view(n, h, -1, d)
    b = self.attend(together, shared[0], shared[1], shared_mask)
    seen = b[0].reshape(-1, d).index_select(0, back).view(r, h, s, d)
    total = b[1].reshape(-1).index_select(0, back).view(r, h, s)
    return torch.lerp(a[0], seen, torch.sigmoid(total - a[1]).unsqueeze(-1).type_as(q))


def normal(self, x: Tensor, weight: Tensor) -> Tensor:
    """RMSNorm as torch.rms_norm has it, in half as many operations."""
    length = torch.linalg_vector_norm(x, 2, [-1], True, dtype=6)
    scale = length.square_().mul_(1.0 / x.size(-1)).add_(self.epsilon).rsqrt_()
    return (x * scale).mul_(weight).type_as(x)


def turn(self, x: Tensor, cos: Tensor, signed_sin: Tensor) -> Tensor:
    """Rotates x [..., S, head_dim]; signed_sin has the sign of the half that it multiplies."""
    halves = torch.chunk(x, 2, -1)
    return torch.addcmul(x * cos, torch.cat([halves[1], halves[0]], -1), signed_sin)


def turns(self, cos: Tensor, sin: Tensor, like: Tensor) -> Tuple[Tensor, Tensor]:
    """What turn takes, of one type with the states."""
    halves = torch.chunk(sin, 2, -1)
    return (cos.type_as(like), torch.cat([-halves[0], halves[1]], -1).type_as(like))


def mapped(self, x: Tensor, weight: Tensor, bias: Optional[Tensor], lora: List[Tensor], i: int) -> Tensor:
    """A linear map, and what an adapter adds to it."""
    y = self.multiply(x, weight, bias)
    if len(lora) > 0:
        if lora[i].numel() > 0:
            y.add_(torch.linear(torch.linear(x, lora[i]), lora[i + 1]))
    return y


def advance(self, x: Tensor, w: List[Tensor], lora: List[Tensor], prefix: Tensor, own: Tensor, prefix_mask: Tensor, own_mask: Tensor, to: Tensor, back: Tensor, cos: Tensor, signed_sin: Tensor, at: int) -> Tensor:
    """Last hidden states [R, C, hidden] of C more tokens of each row, x [R, C, hidden], whose keys and values go to slots at to
    at + C of own. own_mask [R, 1, 1 or heads / kv_heads * C, seen slots]; cos, signed_sin [R, 1, C, head_dim]."""
    r, c, d = x.shape
    turned = self.heads + self.kv_heads
    seen_slots = own_mask.size(3)
    for l in range(self.layers):
        o = 3 + 7 * l
        qkv = self.mapped(self.normal(x, w[o]), w[o + 1], w[o + 2], lora, 8 * l)
        split = torch.split(qkv.view(r, c, turned + self.kv_heads, self.head_dim).transpose(1, 2), [turned, self.kv_heads], 1)
        qk = torch.split(self.turn(split[0], cos, signed_sin), [self.heads, self.kv_heads], 1)
        mine = own.select(0, l)
        new = mine.narrow(3, at, c)
        new.select(0, 0).copy_(qk[1])
        new.select(0, 1).copy_(split[1])
        mine = mine.narrow(3, 0, seen_slots)
        q = qk[0].reshape(r, self.kv_heads, -1, self.head_dim)
        seen = self.attend_both(q, mine.select(0, 0), mine.select(0, 1), own_mask, prefix.select(0, l), prefix_mask, to, back)
        seen = seen.reshape(r, self.heads, c, self.head_dim).transpose(1, 2).reshape(r, c, self.heads * self.head_dim)
        x = x + self.mapped(seen, w[o + 3], None, lora, 8 * l + 2)
        both = torch.chunk(self.mapped(self.normal(x, w[o + 4]), w[o + 5], None, lora, 8 * l + 4), 2, -1)
        x = x + self.mapped(torch.silu(both[0]).mul_(both[1]), w[o + 6], None, lora, 8 * l + 6)
    return x


def enter(self, x: Tensor, valid: Tensor, cos: Tensor, sin: Tensor, w: List[Tensor], lora: List[Tensor], prefix: Tensor, prefix_mask: Tensor, first: int) -> Tensor:
    """Fills the groups from first on with the prefixes x [N, P, hidden], layer by layer: what a layer computed is not kept."""
    n, p = valid.shape
    mask = annotate(Optional[Tensor], None)
    # One prompt has no padding: where a mask would be large, attention is causal by itself.
    if n > 1 or p <= 1024:
        mask = self.causal(valid).type_as(x).repeat(1, 1, self.heads // self.kv_heads, 1)
    for l in range(self.layers):
        y = self.layer(x, w, l, lora, cos, sin, mask, annotate(List[Tensor], []))
        x = y[0]
        prefix[l, 0, first : first + n, :, :p] = y[1]
        prefix[l, 1, first : first + n, :, :p] = y[2]
    prefix_mask[first : first + n] = -1e9
    prefix_mask[first : first + n, 0, 0, :p] = (valid - 1.0) * 1e9
    return prefix_mask


def begin(self, tokens: Tensor, valid: Tensor, cos: Tensor, sin: Tensor, w: List[Tensor], lora: List[Tensor], prefix: Tensor, own: Tensor, prefix_mask: Tensor, own_mask: Tensor, grid: Tensor, place: Tensor, noise: Tensor, first: int, instruction_slots: int, first_group: int, groups: int, temperature: float, suppressed: Tensor) -> Tuple[Tensor, Tensor]:
    """Fills the rows from first on with their instructions [R, C], padded on the left: the tokens [R] that follow at noise [R, 1],
    and their log-probabilities. Their groups are those from first_group on; grid and place speak of these rows and groups only."""
    r, c = tokens.shape
    prefix = prefix[:, :, first_group : first_group + groups]
    prefix_mask = prefix_mask[first_group : first_group + groups]
    own = own[:, :, first : first + r, :, instruction_slots - c : instruction_slots]
    own_mask[first : first + r] = -1e9
    own_mask[first : first + r, 0, 0, instruction_slots - c : instruction_slots] = (valid - 1.0) * 1e9
    mask = self.causal(valid).type_as(own).repeat(1, 1, self.heads // self.kv_heads, 1)
    laid = self.grouped(grid, place, groups, self.heads // self.kv_heads * c)
    turns = self.turns(cos, sin, own)
    x = self.advance(torch.embedding(w[0], tokens), w, lora, prefix, own, prefix_mask, mask, laid[0], laid[1], turns[0], turns[1], 0)
    return self.choose(self.logits(x[:, c - 1], w, suppressed), noise[:, 0], temperature)


def decode(self, token: Tensor, left: Tensor, w: List[Tensor], lora: List[Tensor], prefix: Tensor, own: Tensor, prefix_mask: Tensor, own_mask: Tensor, grid: Tensor, place: Tensor, cos: Tensor, sin: Tensor, noise: Tensor, groups: int, prefix_slots: int, instruction_slots: int, time: int, temperature: float, ends: Tensor, suppressed: Tensor) -> Tuple[Tensor, Tensor]:
    """Up to K more tokens after token [R], until every row has ended or has none left [R]: tokens and log-probabilities [R, k].
    noise [R, K]; cos, sin [R, 1, K, head_dim]; time counts the tokens decoded since the batch was empty; ends [E] are the
    tokens that end a row."""
    prefix = prefix[:, :, :groups, :, :prefix_slots]
    prefix_mask = prefix_mask[:groups, :, :, :prefix_slots]
    own = own[:, :, : token.size(0)]
    own_mask = own_mask[: token.size(0)]
    tokens = annotate(List[Tensor], [])
    logps = annotate(List[Tensor], [])
    laid = self.grouped(grid, place, groups, self.heads // self.kv_heads)
    turns = self.turns(cos, sin, own)
    ring = own.size(4) - instruction_slots
    ended = left <= 0
    i = 0
    go = True
    while go:
        at = instruction_slots + (time + i) % ring
        seen_slots = min(instruction_slots + time + i + 1, own.size(4))
        own_mask[:, :, :, at : at + 1] = 0.0
        x = torch.embedding(w[0], token).unsqueeze(1)
        x = self.advance(x, w, lora, prefix, own, prefix_mask, own_mask[:, :, :, :seen_slots], laid[0], laid[1], turns[0].narrow(2, i, 1), turns[1].narrow(2, i, 1), at)
        y = self.choose(self.logits(x[:, 0], w, suppressed), noise[:, i], temperature)
        token = y[0]
        tokens.append(token)
        logps.append(y[1])
        i = i + 1
        ended = ended | (token.unsqueeze(1) == ends).any(1) | (left <= i)
        go = i < noise.size(1) and not bool(ended.all())
    return (torch.stack(tokens, 1), torch.stack(logps, 1))


def move(self, cache: Tensor, mask: Tensor, to: Tensor, source: Tensor) -> Tensor:
    """Groups or rows of a cache take other places."""
    mask.index_copy_(0, to, mask.index_select(0, source))
    return cache.index_copy_(2, to, cache.index_select(2, source))


def resettle(self, prefix: Tensor, own: Tensor, prefix_mask: Tensor, own_mask: Tensor, new_prefix: Tensor, new_own: Tensor, new_prefix_mask: Tensor, new_own_mask: Tensor, groups: int, rows: int, source: Tensor, to: Tensor) -> Tensor:
    """The first groups and rows of a cache in a larger one; own slots source take the places to."""
    p = prefix.size(4)
    new_prefix[:, :, :groups, :, :p] = prefix[:, :, :groups]
    new_prefix_mask[:groups, :, :, :p] = prefix_mask[:groups]
    new_own[:, :, :rows].index_copy_(4, to, own[:, :, :rows].index_select(4, source))
    return new_own_mask[:rows].index_copy_(3, to, own_mask[:rows].index_select(3, source))
