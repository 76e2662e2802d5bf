# RegMean (Jin et al., 2212.09849) on updates in factors, float64. An expert s has updates B_s A_s, rows of inputs x_s [n_s, in]
# and a weight w_s; the weights' mean is 1. G_s = w_s x_s' x_s / |x_s|^2; e = epsilon * trace(sum G) / in.


def products(self, parts: List[Tensor], turn: int) -> List[Tensor]:
    """z_s z_t' for t <= s, every other pair in the order of the blocks."""
    out = annotate(List[Tensor], [])
    place = 0
    for s in range(len(parts)):
        for t in range(s + 1):
            if place % 2 == turn:
                out.append(parts[s] @ parts[t].t())
            place += 1
    return out


def stack(self, x: List[Tensor], weights: Tensor, epsilon: float) -> Tuple[Tensor, Tensor, Tensor]:
    """z [sum n_s, in] with z' z = sum G_s; e; and the Cholesky factor of z z' + e, or of z' z + e where z has far more rows than
    columns. Of the blocks of z z' those above the diagonal are the others' mirrors."""
    w = weights.to(7)
    counts = [rows.size(0) for rows in x]
    z = torch.empty([sum(counts), x[0].size(1)], dtype=7, device=x[0].device)
    parts = torch.split_with_sizes(z, counts)
    trace = w.new_zeros([])
    for s in range(len(x)):
        rows = x[s].to(7)
        energy = (rows * rows).sum()
        parts[s].copy_(rows * torch.sqrt(w[s] / torch.clamp(energy, 1e-300)))
        trace += (parts[s] * parts[s]).sum()
    e = trace * (epsilon / z.size(1))
    if 2 * z.size(0) > 3 * z.size(1):
        m = z.t() @ z
    else:
        # Half of the products on another core: operations of one thread each, so that the bits do not depend on how many there are.
        elsewhere = fork(self.products, parts, 1)
        here = self.products(parts, 0)
        blocks = [here, torch.wait(elsewhere)]
        m = z.new_empty([z.size(0), z.size(0)])
        below = 0
        place = 0
        for s in range(len(parts)):
            rows = below + parts[s].size(0)
            left = 0
            for t in range(s + 1):
                columns = left + parts[t].size(0)
                block = blocks[place % 2][place // 2]
                m[below:rows, left:columns] = block
                m[left:columns, below:rows] = block.t()
                left = columns
                place += 1
            below = rows
    m.diagonal(0, 0, 1).add_(e)
    return (z, e, torch.linalg_cholesky(m))


def regmean(self, a: List[Tensor], z: Tensor, e: Tensor, factor: Tensor, counts: List[int], weights: Tensor) -> List[Tensor]:
    """A_s (G_s + e w_s / S) (sum G + e)^-1 for each expert: with their B_s side by side the merged update, exactly. By the identity
    z (z' z + e)^-1 = (z z' + e)^-1 z nothing of size [in, in] is made where inputs are wide."""
    share = weights.to(7) / len(a)
    few = factor.size(0) == z.size(0)
    out = annotate(List[Tensor], [])
    first = 0
    for s in range(len(a)):
        last = first + counts[s]
        own = z[first:last]
        if few:
            seen = a[s] @ z.t()
            left = -share[s] * seen
            left[:, first:last] += seen[:, first:last]
            out.append(share[s] * a[s] + torch.cholesky_solve(left.t(), factor).t() @ z)
        else:
            mine = (a[s] @ own.t()) @ own + e * share[s] * a[s]
            out.append(torch.cholesky_solve(mine.t(), factor).t())
        first = last
    return out


def core(self, a: Tensor, z: Tensor, e: Tensor) -> Tensor:
    """a (z' z + e) a' [r, r]: what the inputs make of the rows of a."""
    seen = a @ z.t()
    return seen @ seen.t() + e * (a @ a.t())


def energy(self, x: Tensor, b: Tensor, a: Tensor) -> Tensor:
    """|x (b a)'|^2 in the Frobenius norm."""
    seen = x.to(7) @ a.t()
    return ((seen @ (b.t() @ b)) * seen).sum()


def opposition(self, b: List[Tensor], a: List[Tensor]) -> Tensor:
    """Over the entries of the updates b_s a_s [out, in]: how many are moved at all, how many both up and down, the sum of |their
    sum|, and the sum of their magnitudes. Half of the rows on another core."""
    rows = b[0].size(0)
    elsewhere = fork(self.opposition_of, b, a, rows // 2, rows)
    total = self.opposition_of(b, a, 0, rows // 2)
    return total + torch.wait(elsewhere)


def opposition_of(self, b: List[Tensor], a: List[Tensor], first: int, rows: int) -> Tensor:
    """Over rows from first on, some at a time."""
    step = max(1, 4194304 // a[0].size(1))
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
