# RegMean (Jin et al., 2212.09849) on updates in factors, float64. An expert s has updates B_s A_s, rows of inputs x_s [n_s, in]
# and a weight w_s; the weights' mean is 1. G_s = w_s x_s' x_s / |x_s|^2; e = epsilon * trace(sum G) / in.


def stack(self, x: List[Tensor], weights: Tensor, epsilon: float) -> Tuple[Tensor, Tensor, Tensor]:
    """z [sum n_s, in] with z' z = sum G_s; e; and the Cholesky factor of z z' + e, or of z' z + e where z has far more rows than
    columns."""
    w = weights.to(7)
    counts = [rows.size(0) for rows in x]
    z = torch.empty([sum(counts), x[0].size(1)], dtype=7, device=x[0].device)
    parts = torch.split_with_sizes(z, counts)
    trace = w.new_zeros([])
    for s in range(len(x)):
        own = parts[s].copy_(x[s]).view(-1)
        own.mul_(torch.sqrt(w[s] / torch.clamp(torch.dot(own, own), 1e-300)))
        trace += torch.dot(own, own)
    e = trace * (epsilon / z.size(1))
    rows = z
    if 2 * z.size(0) > 3 * z.size(1):
        rows = z.t()
    m = z.new_zeros([rows.size(0), rows.size(0)])
    elsewhere = fork(self.products, m, rows, 1)
    self.products(m, rows, 0)
    torch.wait(elsewhere)
    m.diagonal(0, 0, 1).add_(e)
    return (z, e, self.cholesky(m))


# Operations of one thread each on blocks of this many rows, every other block on a second core: so the bits do not depend on how
# many cores there are. Of symmetric matrices the blocks above the diagonal are left out.
def block(self) -> int:
    return 512


def products(self, m: Tensor, rows: Tensor, turn: int) -> int:
    """Every other block of rows rows', into m."""
    blocks = torch.split(rows, self.block())
    targets = torch.split(m, self.block())
    place = 0
    for i in range(len(blocks)):
        for j in range(i + 1):
            if place % 2 == turn:
                torch.split(targets[i], self.block(), 1)[j].copy_(blocks[i] @ blocks[j].t())
            place += 1
    return place


def cholesky(self, m: Tensor) -> Tensor:
    """The Cholesky factor of m, of which the lower half is read; in place."""
    first = 0
    while first < m.size(0):
        last = min(m.size(0), first + self.block())
        m[first:last, first:last] = torch.linalg_cholesky(m[first:last, first:last])
        elsewhere = fork(self.divide, m, first, last, 1)
        self.divide(m, first, last, 0)
        torch.wait(elsewhere)
        subtracted = fork(self.subtract, m, first, last, 1)
        self.subtract(m, first, last, 0)
        torch.wait(subtracted)
        first = last
    return m


def divide(self, m: Tensor, first: int, last: int, turn: int) -> int:
    """What is below a block of the factor's diagonal, every other block of it."""
    factor = m[first:last, first:last].t()
    place = 0
    for below in torch.split(m[last:, first:last], self.block()):
        if place % 2 == turn:
            below.copy_(torch.linalg_solve_triangular(factor, below, upper=True, left=False))
        place += 1
    return place


def subtract(self, m: Tensor, first: int, last: int, turn: int) -> int:
    """The products of what is below from what is right of it, every other block of that."""
    below = torch.split(m[last:, first:last], self.block())
    right = torch.split(m[last:, last:], self.block())
    place = 0
    for i in range(len(below)):
        for j in range(i + 1):
            if place % 2 == turn:
                torch.split(right[i], self.block(), 1)[j].sub_(below[i] @ below[j].t())
            place += 1
    return place


def regmean(self, a: List[Tensor], z: Tensor, e: Tensor, factor: Tensor, counts: List[int], weights: Tensor) -> List[Tensor]:
    """A_s (G_s + e w_s / S) (sum G + e)^-1 for each expert: with their B_s side by side the merged update, exactly. Half of the
    experts on another core."""
    half = len(a) // 2
    elsewhere = fork(self.regmean_of, a, z, e, factor, counts, weights, 0, half)
    rest = self.regmean_of(a, z, e, factor, counts, weights, half, len(a))
    return torch.wait(elsewhere) + rest


def regmean_of(self, a: List[Tensor], z: Tensor, e: Tensor, factor: Tensor, counts: List[int], weights: Tensor, begin: int,
               end: int) -> List[Tensor]:
    """Of experts from begin to end. By the identity z (z' z + e)^-1 = (z z' + e)^-1 z nothing of size [in, in] is made where inputs are
    wide."""
    if begin == end:
        return annotate(List[Tensor], [])
    ranks = [one.size(0) for one in a[begin:end]]
    own = torch.cat(a[begin:end])
    share = torch.cat([(weights[s].to(7) / len(a)).expand(a[s].size(0)) for s in range(begin, end)]).unsqueeze(1)
    few = factor.size(0) == z.size(0)
    parts = torch.split_with_sizes(z, counts)
    seen = own @ z.t()
    left = -share * seen if few else e * share * own
    first = sum(counts[:begin])
    below = 0
    for s in range(begin, end):
        rows = left[below : below + a[s].size(0)]
        mine = seen[below : below + a[s].size(0), first : first + counts[s]]
        if few:
            rows[:, first : first + counts[s]] += mine
        else:
            rows += mine @ parts[s]
        first += counts[s]
        below += a[s].size(0)
    # Not cholesky_solve, which copies the factor.
    half = torch.linalg_solve_triangular(factor, left.t(), upper=False)
    solved = torch.linalg_solve_triangular(factor.t(), half, upper=True).t()
    merged = share * own + solved @ z if few else solved
    return torch.split_with_sizes(merged, ranks)


def core(self, a: Tensor, z: Tensor, e: Tensor) -> Tensor:
    """a (z' z + e) a' [r, r]: what the inputs make of the rows of a."""
    seen = a @ z.t()
    return seen @ seen.t() + e * (a @ a.t())


def interference(self, z: Tensor, e_b: List[Tensor], e_a: List[Tensor], b: Tensor, a: Tensor, counts: List[int]) -> Tensor:
    """Of each expert with the update e_b e_a: |z_s (b a - e_b e_a)'| / |z_s (e_b e_a)'| in the Frobenius norm, NaN where that is 0."""
    agent = z @ a.t()
    parts = torch.split_with_sizes(z, counts)
    agents = torch.split_with_sizes(agent, counts)
    out = annotate(List[Tensor], [])
    for s in range(len(parts)):
        own = parts[s] @ e_a[s].t()
        both = torch.cat([agents[s], -own], 1)
        energy = self.energy(own, e_b[s])
        out.append(torch.where(energy > 0, torch.sqrt(self.energy(both, torch.cat([b, e_b[s]], 1)) / energy), float("nan")))
    return torch.stack(out)


def energy(self, seen: Tensor, b: Tensor) -> Tensor:
    """|seen b'|^2 in the Frobenius norm."""
    return torch.clamp(((seen @ (b.t() @ b)) * seen).sum(), 0)


def opposition(self, b: List[Tensor], a: List[Tensor]) -> Tensor:
    """Over the entries of the updates b_s a_s [out, in]: how many are moved at all, how many both up and down, the sum of |their
    sum|, and the sum of their magnitudes. Half of the rows on another core."""
    rows = b[0].size(0)
    elsewhere = fork(self.opposition_of, b, a, rows // 2, rows)
    total = self.opposition_of(b, a, 0, rows // 2)
    return total + torch.wait(elsewhere)


def opposition_of(self, b: List[Tensor], a: List[Tensor], first: int, rows: int) -> Tensor:
    """Over rows from first on, some at a time."""
    step = max(1, 262144 // a[0].size(1))
    total = b[0].new_zeros([4])
    while first < rows:
        last = min(rows, first + step)
        sum = torch.zeros([last - first, a[0].size(1)], dtype=b[0].dtype, device=b[0].device)
        mass = torch.zeros_like(sum)
        up = sum > 1.0
        down = sum > 1.0
        for s in range(len(b)):
            delta = b[s][first:last] @ a[s]
            sum += delta
            mass += delta.abs()
            up = up | (delta > 0)
            down = down | (delta < 0)
        total[0] += (up | down).sum()
        total[1] += (up & down).sum()
        total[2] += sum.abs().sum()
        total[3] += mass.sum()
        first = last
    return total
